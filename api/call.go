package api

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"time"

	"github.com/google/uuid"
	"github.com/labstack/echo/v4"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// call is what the server knows of one request while it is being answered.
type call struct {
	id         uuid.UUID
	op         *operation      // nil for what is no operation
	origin     postgres.Origin // of it
	retry      time.Duration   // of a request that is too many: when it may come again
	method     string
	connected  context.Context // ends when the caller hangs up
	log        *slog.Logger
	actor      ledger.Actor
	signedIn   ledger.Actor         // of an operation that a page carries out; nobody otherwise
	posted     func([]ledger.Draft) // of a page's dry run: told which entries it would post
	request    Request              // of a writing operation
	found      ledger.Violations    // the faults that guard found
	after      json.RawMessage      // of a list: where the page before ended
	list       listing              // of a list: what a cursor of it is bound to
	upload     []byte               // of an operation that takes a file
	uploadType string               // its media type
	link       string               // of a document: where a newer one is
	problem    ledger.Rule          // what the request was refused for
	turn       <-chan struct{}      // where the request has a place among few, if it needs one

	accept, ifNoneMatch []string // headers that choose the answer of a document
	acceptLanguage      string
}

type callKey struct{}

// callFrom returns the call of a context. A context without one belongs to no request of ours, and gets an empty call.
func callFrom(ctx context.Context) *call {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		return c
	}
	return &call{log: slog.New(slog.DiscardHandler)}
}

// ServeHTTP answers one request. HEAD is answered as GET (RFC 9110, section 9.3.2): net/http drops the body, and echo would
// not find the route.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := &call{id: uuid.New(), log: s.log, method: r.Method, connected: r.Context()}
	r = r.WithContext(context.WithValue(r.Context(), callKey{}, c)) // a copy: net/http still sees HEAD
	if r.Method == http.MethodHead {
		r.Method = http.MethodGet
	}
	s.echo.ServeHTTP(w, r)
}

// record sets the headers that every answer has, and logs one line when it is answered. The line has
// the route and not the address, so nothing that a caller wrote gets into the log.
func (s *Server) record(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) error {
		started := time.Now()
		cl := callFrom(c.Request().Context())
		ctx, span := s.tracer.Start(c.Request().Context(), "request", trace.WithSpanKind(trace.SpanKindServer))
		if s.config.Timeout > 0 {
			var cancel context.CancelFunc
			ctx, cancel = context.WithTimeout(ctx, s.config.Timeout)
			defer cancel()
		}
		c.SetRequest(c.Request().WithContext(ctx))
		h := c.Response().Header()
		h.Set("X-Request-Id", cl.id.String())
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Cache-Control", "no-store")
		h.Set("Content-Security-Policy", contentSecurityPolicy)
		h.Set("Referrer-Policy", "no-referrer")
		if c.Request().TLS != nil {
			h.Set("Strict-Transport-Security", "max-age=31536000")
		}

		defer func() {
			s.accountRefusal(cl)
			route := c.Path()
			if route == "" {
				route = "-"
			}
			status, took := c.Response().Status, time.Since(started)
			s.metrics.answered(route, cl.method, status, took)
			span.SetName(cl.method + " " + route)
			span.SetAttributes(attribute.String("http.route", route), attribute.String("http.request.method", cl.method), attribute.Int("http.response.status_code", status),
				attribute.String("vcledger.request_id", cl.id.String()))
			if status >= http.StatusInternalServerError {
				span.SetStatus(codes.Error, string(cl.problem))
			}
			span.End()
			level := slog.LevelInfo
			if c.Response().Status >= http.StatusInternalServerError {
				level = slog.LevelError
			}
			s.log.LogAttrs(c.Request().Context(), level, "request", slog.String("method", cl.method), slog.String("route", route),
				slog.Int("status", status), slog.Duration("duration", took),
				slog.String("request_id", cl.id.String()), slog.String("actor", cl.actor.Name), slog.String("key_id", keyID(cl.actor)), slog.String("problem", string(cl.problem)))
		}()
		if err := next(c); err != nil {
			s.fail(c, err)
		}
		return nil
	}
}

// keyID names the key that was shown; it is empty for who showed none.
func keyID(a ledger.Actor) string {
	if a.Key == uuid.Nil {
		return ""
	}
	return a.Key.String()
}

// rescue turns a panic into a problem. When part of the answer is on its way, it breaks the connection instead, so that
// nobody takes the part for the whole.
func (s *Server) rescue(next echo.HandlerFunc) echo.HandlerFunc {
	return func(c echo.Context) (err error) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v != http.ErrAbortHandler {
				s.log.ErrorContext(c.Request().Context(), "panic", "request_id", callFrom(c.Request().Context()).id.String(),
					"panic", fmt.Sprint(v), "stack", string(debug.Stack()))
			}
			if c.Response().Committed || v == http.ErrAbortHandler {
				panic(http.ErrAbortHandler)
			}
			err = ledger.Fail(ledger.RuleInternal, "")
		}()
		return next(c)
	}
}
