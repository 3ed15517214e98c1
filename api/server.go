package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"reflect"
	"sync"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humaecho"
	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel"
	"go.opentelemetry.io/otel/trace"
	"golang.org/x/time/rate"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/export"
)

// securityName is the name of the one security scheme in OpenAPI.
const securityName = "key"

// serviceTag is the group of the operations that are about the server and not about the books.
const serviceTag = "service"

// Config is what a server is made of.
type Config struct {
	Store *postgres.Store // without it only the documentation is served
	// Authenticate returns the actor who holds a bearer token, or an [ledger.Error]. Without it every operation that is
	// not open answers 401.
	Authenticate func(ctx context.Context, token string) (ledger.Actor, error)
	Provider     Provider                        // signs people in for the pages; nil for none
	PublicURL    string                          // how browsers reach the server, without a slash at its end; empty for what they ask for
	Timeout      time.Duration                   // of one request, the database included, but not of a stream; zero for none
	Publisher    export.Publisher                // who publishes the funds as open data; its zero value is [export.DefaultPublisher]
	Limits       Limits                          // how often callers may ask; the zero value does not limit
	Ready        func(ctx context.Context) error // nil when the ledger can answer; without it the server always can
	Log          *slog.Logger                    // without it nothing is logged
	Version      string
}

// Server is the API and its pages.
type Server struct {
	config  Config
	log     *slog.Logger
	echo    *echo.Echo
	api     huma.API
	openAPI func() ([]byte, error)

	metrics            *metrics
	tracer             trace.Tracer
	requests, failures *buckets      // of keys, and of addresses
	refusals           *rate.Limiter // how many refusals the audit trail takes
	large, annual      chan struct{} // hold one token for each request with a large body, and each annual report, that is worked on
}

// New returns a server with every operation registered.
func New(config Config) *Server {
	if config.Log == nil {
		config.Log = slog.New(slog.DiscardHandler)
	}
	if config.Authenticate == nil {
		config.Authenticate = func(context.Context, string) (ledger.Actor, error) {
			return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The key is not valid.")
		}
	}
	if config.Ready == nil {
		config.Ready = func(context.Context) error { return nil }
	}
	if config.Publisher == (export.Publisher{}) {
		config.Publisher = export.DefaultPublisher
	}
	s := &Server{config: config, log: config.Log, echo: echo.New(), requests: newBuckets(config.Limits.PerKey, config.Limits.Burst),
		failures: newBuckets(config.Limits.FailedLogin, config.Limits.FailedBurst), refusals: rate.NewLimiter(20, 200),
		large: make(chan struct{}, largeAtOnce), annual: make(chan struct{}, annualAtOnce)}
	s.metrics, s.tracer = newMetrics(config.Version, config.Store), otel.Tracer("vcledger/api")
	s.echo.HTTPErrorHandler = func(err error, c echo.Context) { s.fail(c, err) }
	s.echo.Use(s.record, s.rescue)
	s.api = humaecho.New(s.echo, s.humaConfig())
	s.openAPI = sync.OnceValues(func() ([]byte, error) {
		b, err := json.MarshalIndent(s.api.OpenAPI(), "", "  ")
		if err != nil {
			return nil, fmt.Errorf("encode the OpenAPI document: %w", err)
		}
		// JSON Schema knows no such word, so it is said as an extension, as OpenAPI asks.
		b = bytes.ReplaceAll(b, []byte(`"patternDescription":`), []byte(`"x-pattern-description":`))
		return append(b, '\n'), nil
	})
	s.echo.GET("/openapi.json", s.serveOpenAPI)
	s.servePages()
	if config.Store != nil {
		s.serveLogin(config.Store)
		s.serveConsole(config.Store)
		s.servePortal(config.Store)
	}
	s.serveHealth()
	s.serveMetrics()
	s.serveLedger(config.Store)
	nullable(s.api.OpenAPI().Components.Schemas)
	return s
}

// serveLedger registers the operations of the ledger.
func (s *Server) serveLedger(store *postgres.Store) {
	s.serveContributors(store)
	s.serveStatements(store)
	s.serveIssuedStatements(store)
	s.serveFunds(store)
	s.serveBankAccounts(store)
	s.serveBankStatements(store)
	s.serveRates(store)
	s.servePledges(store)
	s.serveReceipts(store)
	s.serveDeliveries(store)
	s.serveValuations(store)
	s.serveExpenditures(store)
	s.serveInterest(store)
	s.serveSupport(store)
	s.serveJournal(store)
	s.serveRevaluations(store)
	s.serveEntries(store)
	s.servePeriods(store)
	s.serveRefunds(store)
	s.serveApprovals(store)
	s.serveReports(store)
	s.serveExports(store)
	s.serveEvents(store)
	s.serveKeys(store)
	s.serveProof(store)
	s.serveQuestions(store)
}

// humaConfig is huma without what breaks the contract: no $schema, no schema paths, no documentation from elsewhere.
func (s *Server) humaConfig() huma.Config {
	format := huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: bind}
	return huma.Config{
		OpenAPI: &huma.OpenAPI{
			OpenAPI: "3.1.0",
			Info: &huma.Info{Title: "vcledger", Version: s.config.Version,
				Description: "The ledger of voluntary contributions to a fund: pledges, receipts, deliveries and the books that they make.\n\n" +
					"A read shows whatever was acknowledged before it was asked, to any caller, also where a replica of the database answers.\n\n" +
					"Amounts are text at their currency's scale. Every POST that writes carries an Idempotency-Key. Errors are problems (RFC 9457) that list every fault of a request; each type is a path of this server that explains it."},
			Servers: []*huma.Server{{URL: "/", Description: "The server that this document comes from"}},
			Components: &huma.Components{
				Schemas:  schemas(),
				Examples: map[string]*huma.Example{}, // of each problem, once
				SecuritySchemes: map[string]*huma.SecurityScheme{securityName: {Type: "http", Scheme: "bearer",
					Description: "A key of vcledger key create, in the header Authorization: Bearer."}},
			},
			OnAddOperation: []huma.AddOpFunc{s.checkable, exemplify},
		},
		Formats:       map[string]huma.Format{jsonType: format, "json": format},
		DefaultFormat: jsonType,
	}
}

// schemas returns the registry of the documentation's schemas. The types of a document are named after it, since package
// reports and the API both have a Receipt; the leaves of a document look as they do elsewhere.
func schemas() huma.Registry {
	r := huma.NewMapRegistry("#/components/schemas/", func(t reflect.Type, hint string) string {
		name := huma.DefaultSchemaNamer(t, hint)
		for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
			t = t.Elem()
		}
		if t.PkgPath() == reflect.TypeFor[reports.Statement]().PkgPath() {
			return "Report" + name
		}
		return name
	})
	r.RegisterTypeAlias(reflect.TypeFor[reports.Money](), reflect.TypeFor[Balance]())
	r.RegisterTypeAlias(reflect.TypeFor[reports.Date](), reflect.TypeFor[reportDate]())
	return r
}

// reportDate is a date of a document, which is null where there is none.
type reportDate string

// Schema describes the date.
func (reportDate) Schema(r huma.Registry) *huma.Schema {
	s := Date("").Schema(r)
	s.Description, s.Nullable = "A calendar date, YYYY-MM-DD; null for none.", true
	return s
}

// nullable lets the money of a document be null where its field is a pointer, which huma says of plain values only.
func nullable(r huma.Registry) {
	for name, schema := range r.Map() {
		t := r.TypeFromRef("#/components/schemas/" + name)
		if t == nil || t.Kind() != reflect.Struct || t.PkgPath() != reflect.TypeFor[reports.Statement]().PkgPath() {
			continue
		}
		for f := range t.Fields() {
			property := schema.Properties[f.Tag.Get("json")] // absent with omitempty, since the name goes on
			if f.Type == reflect.TypeFor[*reports.Money]() && property != nil {
				property.AnyOf, property.Ref = []*huma.Schema{{Ref: property.Ref}, {Type: "null"}}, ""
			}
		}
	}
}

// Handler returns the server as a handler.
func (s *Server) Handler() http.Handler { return s }

// HTTPServer returns an HTTP server for the address with limits for slow and greedy clients. An answer that streams for
// longer extends its own time with [http.ResponseController].
func (s *Server) HTTPServer(addr string) *http.Server {
	return &http.Server{
		Addr:              addr,
		Handler:           s,
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       30 * time.Second,
		WriteTimeout:      60 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    32 << 10,
		ErrorLog:          slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

func (s *Server) serveOpenAPI(c echo.Context) error {
	b, err := s.openAPI()
	if err != nil {
		return err
	}
	if err := c.Blob(http.StatusOK, jsonType, b); err != nil {
		return fmt.Errorf("send the OpenAPI document: %w", err)
	}
	return nil
}

// Health is the answer of /healthz and /readyz.
type Health struct {
	Status  string `json:"status" example:"ok" doc:"ok."`
	Version string `json:"version" example:"1.0.0" doc:"The version of the server."`
}

func (s *Server) serveHealth() {
	health := Health{Status: "ok", Version: s.config.Version}
	read(s, operation{ID: "health", Path: "/healthz", Tag: serviceTag, Open: true, Summary: "Whether the server runs",
		Description: "Says that the process answers. It asks nothing of the database; /readyz does."},
		func(context.Context, *struct{}) (Health, error) { return health, nil })
	read(s, operation{ID: "readiness", Path: "/readyz", Tag: serviceTag, Open: true, Summary: "Whether the ledger can answer",
		Description: "Asks the database. A load balancer sends requests only where this is so."},
		func(ctx context.Context, _ *struct{}) (Health, error) {
			if err := s.config.Ready(ctx); err != nil {
				s.log.WarnContext(ctx, "not ready", "error", err.Error())
				return Health{}, ledger.Fail(ledger.RuleUnavailable, "The ledger cannot answer now.")
			}
			return health, nil
		})
}

// wasTooLarge reports whether a body was cut at the limit.
func wasTooLarge(err error) bool {
	var e *http.MaxBytesError
	return errors.As(err, &e)
}
