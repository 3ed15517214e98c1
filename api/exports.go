package api

import (
	"context"
	"errors"
	"io"
	"mime"
	"net/http"
	"reflect"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// stalled is how long a caller may take for a part of a stream before the connection is given up.
const stalled = 60 * time.Second

// ExportInput asks for an export.
type ExportInput struct {
	Known
	Fund string `query:"fund" maxLength:"64" doc:"Code of one fund; left out, all funds."`
	AsOf Date   `query:"as_of" doc:"What is effective later does not count. Left out: everything."`
}

// DataCubeInput asks for the revenue by year, contributor and type.
type DataCubeInput struct {
	ExportInput
	Year int `query:"year" minimum:"1945" maximum:"2199" doc:"One calendar year; left out, every year."`
}

func (in ExportInput) exporting() ExportInput { return in }

// exportOf is a format of the exports.
type exportOf struct {
	media, extension string
	write            func(context.Context, io.Writer, *postgres.Snapshot, export.Options) error
}

func (s *Server) serveExports(store *postgres.Store) {
	publisher := s.config.Publisher
	stream(s, store, operation{ID: "export-hledger", Path: "/v1/exports/hledger", Tag: "exports", Summary: "Export the journal for hledger and Ledger",
		Description: "The whole journal in the format of hledger, which Ledger reads as well: an audit with programs that are not ours."},
		exportOf{"text/plain", "journal", export.Hledger}, func(in *ExportInput) export.Options { return export.Options{Fund: ledger.FundCode(in.Fund)} })
	stream(s, store, operation{ID: "export-beancount", Path: "/v1/exports/beancount", Tag: "exports", Summary: "Export the journal for Beancount",
		Description: "The whole journal in the format of Beancount: an audit with programs that are not ours."},
		exportOf{"text/plain", "beancount", export.Beancount}, func(in *ExportInput) export.Options { return export.Options{Fund: ledger.FundCode(in.Fund)} })
	stream(s, store, operation{ID: "export-iati", Path: "/v1/exports/iati", Tag: "exports", Summary: "Export the funds' IATI activities",
		Description: "An activity of each fund in the XML of the IATI standard, version 2.03: incoming pledges, commitments and funds by contributor and pledge, in cash and in kind, " +
			"in their currencies. What was taken back is a negative transaction. Nothing of the future is in it."},
		exportOf{"application/xml", "xml", export.IATI}, func(in *ExportInput) export.Options {
			return export.Options{Fund: ledger.FundCode(in.Fund), Publisher: publisher}
		})
	stream(s, store, operation{ID: "export-datacube", Path: "/v1/exports/datacube", Tag: "exports", Summary: "Export the revenue for the United Nations financial data",
		Description: "The revenue that was recognised, in USD, by year, contributor and revenue type, in the shape of the United Nations system's data standards for financial reporting."},
		exportOf{"text/csv", "csv", export.DataCube}, func(in *DataCubeInput) export.Options {
			return export.Options{Fund: ledger.FundCode(in.Fund), Year: in.Year, Publisher: publisher}
		})
}

// stream registers an operation whose answer is written while it is read from the books, whatever its length. A fault that is
// found before the first byte is a problem; one that comes later breaks the connection, so that nobody takes the part for the
// whole. In embeds [ExportInput].
func stream[In any](s *Server, store *postgres.Store, op operation, format exportOf, options func(*In) export.Options) {
	op.streams = format.media
	op.Problems = append(op.Problems, ledger.RuleNotFound)
	ho := s.describe(op, http.MethodGet, http.StatusOK, reflect.TypeFor[In](), reflect.TypeFor[string]())
	delete(ho.Responses, strconv.Itoa(http.StatusNotModified)) // nobody has the whole before it is sent
	ho.Responses[strconv.Itoa(http.StatusOK)].Content = map[string]*huma.MediaType{format.media: {Schema: &huma.Schema{Type: huma.TypeString}}}
	huma.Register(s.api, ho, func(ctx context.Context, in *In) (*huma.StreamResponse, error) {
		c := callFrom(ctx)
		if err := c.found.Err(); err != nil {
			return nil, newProblem(c, err)
		}
		asked := any(in).(interface{ exporting() ExportInput }).exporting()
		until := ledger.LastDate
		if asked.AsOf != "" {
			until = asked.AsOf.Ledger()
		}
		o := options(in)
		return &huma.StreamResponse{Body: func(hc huma.Context) {
			ec := humaecho.Unwrap(hc)
			ctx, cancel := c.whileConnected(hc.Context())
			defer cancel()
			w := &streamed{response: ec.Response(), control: http.NewResponseController(ec.Response().Writer), media: format.media, name: fileName(o) + "." + format.extension}
			err := store.Stream(ctx, until, asked.instant(), func(snap *postgres.Snapshot) error { return format.write(ctx, w, snap, o) })
			switch {
			case err == nil:
			case !ec.Response().Committed:
				s.fail(ec, err)
			default:
				s.log.WarnContext(ctx, "an export broke off", "request_id", c.id.String(), "operation", op.ID, "error", err.Error())
				panic(http.ErrAbortHandler)
			}
		}}, nil
	})
}

// fileName names an export, without its extension.
func fileName(o export.Options) string {
	name := "vcledger"
	if o.Fund != "" {
		name += "-" + string(o.Fund)
	}
	if o.Year != 0 {
		name += "-" + strconv.Itoa(o.Year)
	}
	return name
}

// whileConnected returns a context for a stream: it ends when the caller hangs up, and not when the time of a usual request is
// over.
func (c *call) whileConnected(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	stop := context.AfterFunc(c.connected, cancel)
	return ctx, func() { stop(); cancel() }
}

// streamed sends what is written to it. The headers go with the first byte, and each part has time of its own.
type streamed struct {
	response    *echo.Response
	control     *http.ResponseController
	media, name string
}

func (w *streamed) Write(b []byte) (int, error) {
	if !w.response.Committed {
		h := w.response.Header()
		h.Set("Content-Type", w.media+"; charset=utf-8")
		h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": w.name}))
		w.response.WriteHeader(http.StatusOK)
	}
	if err := w.control.SetWriteDeadline(time.Now().Add(stalled)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		return 0, err
	}
	return w.response.Write(b)
}
