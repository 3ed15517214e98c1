package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"vcledger/api/web"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

const (
	jsonType    = "application/json"
	problemType = "application/problem+json"
	problemPath = "/problems/"
)

// maxFaults bounds how many faults one answer lists.
const maxFaults = 100

// statusByKind is the one table from the ledger's failures to HTTP; statusByRule has the rules whose status is their own.
var (
	statusByKind = map[ledger.Kind]int{
		ledger.KindMalformed:       http.StatusBadRequest,
		ledger.KindUnauthenticated: http.StatusUnauthorized,
		ledger.KindForbidden:       http.StatusForbidden,
		ledger.KindNotFound:        http.StatusNotFound,
		ledger.KindConflict:        http.StatusConflict,
		ledger.KindInvalid:         http.StatusUnprocessableEntity,
		ledger.KindTooLarge:        http.StatusRequestEntityTooLarge,
		ledger.KindUnavailable:     http.StatusServiceUnavailable,
	}
	statusByRule = map[ledger.Rule]int{
		ledger.RuleMethodNotAllowed:     http.StatusMethodNotAllowed,
		ledger.RuleNotAcceptable:        http.StatusNotAcceptable,
		ledger.RuleUnsupportedMediaType: http.StatusUnsupportedMediaType,
		ledger.RuleTooManyRequests:      http.StatusTooManyRequests,
		ledger.RuleEditUnconditional:    http.StatusPreconditionRequired,
		ledger.RuleEditStale:            http.StatusPreconditionFailed,
	}
)

// statusOf returns the status that answers a failure of the kind for breaking the rule.
func statusOf(kind ledger.Kind, rule ledger.Rule) int {
	if status, ok := statusByRule[rule]; ok {
		return status
	}
	if status, ok := statusByKind[kind]; ok {
		return status
	}
	return http.StatusInternalServerError
}

// Problem is why a request was refused (RFC 9457).
type Problem struct {
	Type     string  `json:"type" format:"uri-reference" example:"/problems/amount-scale" doc:"The rule that was broken, as a path of this server that explains it."`
	Title    string  `json:"title" example:"More decimals than the currency has" doc:"The rule in a few words, the same at every occurrence."`
	Status   int     `json:"status" example:"422" doc:"The HTTP status."`
	Detail   string  `json:"detail" example:"JPY has no decimals." doc:"What is wrong with this request."`
	Instance string  `json:"instance" format:"uri" example:"urn:uuid:4b6e6d34-0b2f-4b6a-9d3e-6a1f1f0b7c55" doc:"The request's number, as in the header X-Request-Id and in the server's log."`
	Errors   []Fault `json:"errors,omitempty" doc:"Every value that breaks a rule."`

	retry time.Duration // of a request that is too many
}

// Fault is one value of a request that breaks a rule.
type Fault struct {
	Pointer string `json:"pointer" example:"/allocations/0/amount/amount" doc:"Where it is: a JSON pointer (RFC 6901) into the body, or ?name of a query parameter, path:name, header:Name."`
	Code    string `json:"code" example:"amount-scale" doc:"The rule; /problems/{code} explains it."`
	Detail  string `json:"detail" example:"JPY has no decimals." doc:"What is wrong with the value."`
}

// Error returns the detail.
func (p *Problem) Error() string { return p.Detail }

// GetStatus returns the HTTP status.
func (p *Problem) GetStatus() int { return p.Status }

// ContentType returns the content type of problems, whatever the caller accepts.
func (p *Problem) ContentType(string) string { return problemType }

// GetHeaders returns the headers that the status asks for.
func (p *Problem) GetHeaders() http.Header {
	h := http.Header{}
	switch p.Status {
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", "Bearer")
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "1")
	case http.StatusTooManyRequests:
		h.Set("Retry-After", strconv.Itoa(1+int(p.retry/time.Second)))
	}
	return h
}

// newProblem returns the problem of an error. What is no [ledger.Error] is a fault of ours: its text goes to the log.
func newProblem(c *call, err error) *Problem {
	var (
		e       *ledger.Error
		tooLong *http.MaxBytesError
	)
	switch {
	case errors.As(err, &e):
	case errors.As(err, &tooLong):
		e = ledger.Fail(ledger.RuleBodyTooLarge, "The body has more than %d bytes.", tooLong.Limit)
	case postgres.Unreachable(err):
		c.log.Warn("the database does not answer", "request_id", c.id.String(), "error", err.Error())
		e = ledger.Fail(ledger.RuleUnavailable, "The database does not answer now.")
	case postgres.TimedOut(err):
		e = ledger.Fail(ledger.RuleUnavailable, "The request was not finished in time.")
	default:
		c.log.Error("internal", "request_id", c.id.String(), "error", err.Error())
		e = ledger.Fail(ledger.RuleInternal, "")
	}
	c.problem = e.Rule
	p := &Problem{Type: problemPath + string(e.Rule), Title: e.Rule.Doc().Title, Status: statusOf(e.Kind, e.Rule),
		Detail: e.Detail, Instance: c.id.URN(), retry: c.retry}
	if p.Status == http.StatusInternalServerError {
		p.Detail = "The fault is in the log under the number of this request."
	}
	for i, v := range e.Violations {
		if i == maxFaults {
			p.Detail += fmt.Sprintf(" Only the first %d are listed.", maxFaults)
			break
		}
		p.Errors = append(p.Errors, Fault{Pointer: v.Pointer, Code: string(v.Rule), Detail: v.Detail})
	}
	return p
}

// fail answers with the problem of an error, unless an answer is on its way.
func (s *Server) fail(c echo.Context, err error) {
	if c.Response().Committed {
		return
	}
	var he *echo.HTTPError
	if errors.As(err, &he) {
		switch he.Code {
		case http.StatusNotFound:
			if wantsPage(c) {
				if err := s.pageAs(c, http.StatusNotFound, "nothing", web.Nothing{Version: s.config.Version}); err != nil {
					s.log.Warn("a page could not be sent", "error", err.Error()) // most likely the caller hung up
				}
				return
			}
			err = ledger.Fail(ledger.RuleNotFound, "There is nothing at this path; /docs lists the operations.")
		case http.StatusMethodNotAllowed:
			h := c.Response().Header()
			allow := h.Get("Allow")
			if strings.Contains(allow, http.MethodGet) {
				allow += ", " + http.MethodHead
				h.Set("Allow", allow)
			}
			err = ledger.Fail(ledger.RuleMethodNotAllowed, "This path takes %s.", allow)
		}
	}
	p := newProblem(callFrom(c.Request().Context()), err)
	h := c.Response().Header()
	for name, values := range p.GetHeaders() {
		h[name] = values
	}
	h.Set("Content-Type", problemType)
	c.Response().WriteHeader(p.Status)
	body, err := encode(p)
	if err == nil {
		_, err = c.Response().Write(body)
	}
	if err != nil {
		s.log.Warn("a problem could not be sent", "error", err.Error()) // most likely the caller hung up
	}
}

// encode returns a value as JSON, with a line feed at its end and without escapes for HTML.
func encode(v any) ([]byte, error) {
	var b strings.Builder
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, fmt.Errorf("encode the answer: %w", err)
	}
	return []byte(b.String()), nil
}

func init() {
	// huma keeps these in variables of its package, so all servers of a process share them.
	huma.NewError = func(status int, msg string, _ ...error) huma.StatusError {
		return &Problem{Status: status, Detail: msg}
	}
	huma.NewErrorWithContext = problemOfHuma
	huma.ValidateStrictCasing = true
	huma.DefaultArrayNullable = false
}

// problemOfHuma gathers what guard found, what resolvers found and what huma itself found into one problem. huma's own
// findings are faults of binding; they count only where guard found nothing at that place.
func problemOfHuma(ctx huma.Context, status int, msg string, errs ...error) huma.StatusError {
	c := callFrom(ctx.Context())
	found := c.found
	for _, err := range errs {
		var (
			own    *resolved
			detail *huma.ErrorDetail
		)
		switch {
		case errors.As(err, &own):
			if !covered(found, own.Pointer) {
				found = append(found, own.Violation)
			}
		case errors.As(err, &detail):
			at := pointerOf(detail.Location)
			if !covered(found, at) && (at != "" || len(found) == 0) {
				found.Add(at, ledger.RuleType, "The value cannot be taken.")
			}
		default:
			return newProblem(c, err)
		}
	}
	if err := found.Err(); err != nil {
		return newProblem(c, err)
	}
	return newProblem(c, fmt.Errorf("huma answers %d: %s", status, msg))
}

// covered reports whether a fault is known at the place or at one that holds it, so that one mistake is told once.
func covered(found ledger.Violations, pointer string) bool {
	for _, v := range found {
		if v.Pointer == pointer || strings.HasPrefix(pointer, v.Pointer+"/") && strings.HasPrefix(pointer, "/") {
			return true
		}
	}
	return false
}

// resolved is a violation that a resolver found.
type resolved struct{ ledger.Violation }

// Error returns the detail.
func (r *resolved) Error() string { return r.Detail }

// violate is for the resolver of a wire type: it reports that the value at name, under the place where the type stands,
// breaks a rule.
func violate(at *huma.PathBuffer, name string, rule ledger.Rule, format string, args ...any) error {
	return &resolved{ledger.Violation{Pointer: pointerOf(at.With(name)), Rule: rule, Detail: fmt.Sprintf(format, args...)}}
}

// pointerOf turns a path of huma, "body.allocations[0].amount", into a pointer. The names in it are those of our own
// structs, which have neither dots nor brackets.
func pointerOf(path string) string {
	for _, in := range []struct{ huma, ours string }{{"query.", "?"}, {"path.", "path:"}, {"header.", "header:"}} {
		if name, ok := strings.CutPrefix(path, in.huma); ok {
			return in.ours + name
		}
	}
	path = strings.TrimPrefix(path, "body")
	return pathSteps.Replace(path)
}

var pathSteps = strings.NewReplacer(".", "/", "[", "/", "]", "")
