package api

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/danielgtaylor/huma/v2"
	"github.com/google/uuid"

	"vcledger/ledger"
)

// The toys are operations that use every part of the foundation, and a store of answers in memory.

type partToy struct {
	Name   string `json:"name" maxLength:"20"`
	Amount Money  `json:"amount"`
}

type bodyToy struct {
	Reference string          `json:"reference" maxLength:"20" doc:"The donor's own reference."`
	Kind      string          `json:"kind" enum:"cash,in_kind"`
	Amount    Money           `json:"amount"`
	Charges   *Money          `json:"charges,omitempty" format:"money-or-zero"`
	ValueDate Date            `json:"value_date"`
	Due       Date            `json:"due,omitempty"`
	Year      int             `json:"year,omitempty" minimum:"1945" maximum:"2199"`
	Surplus   bool            `json:"surplus,omitempty"`
	Parts     []partToy       `json:"parts,omitempty" maxItems:"3"`
	Pledge    uuid.UUID       `json:"pledge,omitzero" format:"uuid"`
	Flags     map[string]bool `json:"flags,omitempty"`
	Code      string          `json:"code,omitempty" maxLength:"10" pattern:"^[A-Z]+$" patternDescription:"capital letters"`
}

// Resolve checks what no single field shows.
func (b bodyToy) Resolve(_ huma.Context, at *huma.PathBuffer) []error {
	due, value := b.Due, b.ValueDate
	if len(due) == 10 && len(value) == 10 && due < value {
		return []error{violate(at, "due", ledger.RuleDateOrder, "The due date is before %s.", value)}
	}
	return nil
}

func (p partToy) Resolve(_ huma.Context, at *huma.PathBuffer) []error {
	if p.Name == "forbidden" {
		return []error{violate(at, "name", ledger.RuleNotOneOf, "Not this name.")}
	}
	return nil
}

type writeToy struct {
	Toy  string `path:"toy" maxLength:"10" doc:"The toy."`
	Mode string `query:"mode" enum:"plain,fancy"`
	Body bodyToy
}

type listToys struct {
	Paging
	Kind  string   `query:"kind" enum:"cash,in_kind"`
	Since Date     `query:"since"`
	Codes []string `query:"codes" maxItems:"3" maxLength:"5"`
	Deep  bool     `query:"deep"`
}

type shownToy struct {
	ID     string `json:"id" example:"T-1"`
	Amount Money  `json:"amount"`
	Date   Date   `json:"date"`
	By     string `json:"by"`
}

type keyToy struct {
	N int `json:"n"`
}

type keptAnswer struct {
	hash   []byte
	answer Answer
}

// toyServer is a server with the toys. Its calls to the store are counted in writes.
type toyServer struct {
	*httptest.Server
	api    *Server
	log    *bytes.Buffer
	mu     sync.Mutex
	kept   map[string]keptAnswer
	ready  error
	writes int
}

var errSecret = errors.New("pq: password authentication failed for user postgres")

// lockedWriter makes the log's buffer safe for the server's goroutines.
type lockedWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lockedWriter) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(p)
}

func newToys(t *testing.T) *toyServer {
	t.Helper()
	ts := &toyServer{log: &bytes.Buffer{}, kept: map[string]keptAnswer{}}
	actors := map[string]ledger.Actor{
		"officer-key": {ID: 1, Name: "Olga Officer", Role: ledger.RoleOfficer},
		"auditor-key": {ID: 2, Name: "Aud Itor", Role: ledger.RoleAuditor},
	}
	ts.api = New(Config{
		Authenticate: func(_ context.Context, token string) (ledger.Actor, error) {
			if token == "broken-key" {
				return ledger.Actor{}, errSecret
			}
			a, ok := actors[token]
			if !ok {
				return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The key is not valid.")
			}
			return a, nil
		},
		Ready:   func(context.Context) error { return ts.ready },
		Log:     slog.New(slog.NewJSONHandler(&lockedWriter{w: ts.log}, nil)),
		Version: "1.2.3",
	})
	ts.register()
	ts.Server = httptest.NewServer(ts.api.Handler())
	t.Cleanup(ts.Close)
	return ts
}

func (ts *toyServer) register() {
	write[writeToy, shownToy](ts.api, operation{ID: "write-toy", Path: "/v1/toys/{toy}", Tag: "toys", Summary: "Write a toy",
		Description: "Writes it.", Roles: []ledger.Role{ledger.RoleOfficer}, Problems: []ledger.Rule{ledger.RulePeriodClosed}},
		func(ctx context.Context, req Request, in *writeToy) (Answer, error) {
			ts.mu.Lock()
			defer ts.mu.Unlock()
			if kept, ok := ts.kept[req.Key]; ok {
				if !bytes.Equal(kept.hash, req.Hash) {
					return Answer{}, ledger.Fail(ledger.RuleIdempotencyKeyReused, "Reused.")
				}
				kept.answer.Replayed = true
				return kept.answer, nil
			}
			switch in.Toy {
			case "closed":
				return Answer{}, ledger.Fail(ledger.RulePeriodClosed, "2025 is closed.")
			case "broken":
				return Answer{}, errSecret
			case "panic":
				panic("secret panic text")
			}
			ts.writes++
			a, err := answerWith(http.StatusCreated, "/v1/toys/"+in.Toy, shownToy{ID: in.Toy, Amount: moneyOf(in.Body.Amount.Ledger()),
				Date: dateOf(in.Body.ValueDate.Ledger()), By: req.Actor.Name})
			if err == nil {
				ts.kept[req.Key] = keptAnswer{req.Hash, a}
			}
			return a, err
		})
	write[struct{}, shownToy](ts.api, operation{Roles: ledger.Roles, ID: "touch-toys", Path: "/v1/toys/all/touch", Tag: "toys", Summary: "Touch", Status: http.StatusOK},
		func(context.Context, Request, *struct{}) (Answer, error) {
			return answerWith(http.StatusOK, "", shownToy{ID: "all"})
		})
	read(ts.api, operation{Roles: ledger.Roles, ID: "read-toy", Path: "/v1/toys/{toy}", Tag: "toys", Summary: "Read a toy", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *struct {
			Toy string `path:"toy" maxLength:"10"`
		}) (shownToy, error) {
			if in.Toy == "unknown" {
				return shownToy{}, ledger.Fail(ledger.RuleNotFound, "There is no such toy.")
			}
			return shownToy{ID: in.Toy, By: actorFrom(ctx).Name}, nil
		})
	list(ts.api, operation{Roles: ledger.Roles, ID: "list-toys", Path: "/v1/toys", Tag: "toys", Summary: "List toys"},
		func(_ context.Context, in *listToys, w Window[keyToy]) ([]shownToy, *keyToy, error) {
			first := 0
			if w.After != nil {
				first = w.After.N + 1
			}
			var items []shownToy
			for n := first; n < 120; n++ {
				if len(items) == w.Limit {
					return items, &keyToy{n - 1}, nil
				}
				items = append(items, shownToy{ID: "T", Date: in.Since})
			}
			return items, nil, nil
		})
}

const goodBody = `{"reference":"R1","kind":"cash","amount":{"amount":"10.50","currency":"EUR"},"value_date":"2026-03-01"}`

// request is one request to the toys: an officer's, complete and right, but for what is given.
type request struct {
	method, path, body string
	header             map[string]string // an empty value removes the header
}

func (ts *toyServer) do(t *testing.T, r request) (*http.Response, string) {
	t.Helper()
	if r.method == "" {
		r.method = http.MethodPost
	}
	if r.path == "" {
		r.path = "/v1/toys/T-1"
	}
	req, err := http.NewRequest(r.method, ts.URL+r.path, strings.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer officer-key")
	if r.method == http.MethodPost {
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Idempotency-Key", uuid.NewString())
	}
	for name, value := range r.header {
		req.Header.Set(name, value)
		if value == "" {
			req.Header.Del(name)
		}
	}
	res, err := ts.Client().Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(b)
}

// refused sends a request and returns the problem that it gets.
func (ts *toyServer) refused(t *testing.T, r request) (*http.Response, Problem) {
	t.Helper()
	res, body := ts.do(t, r)
	var p Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		t.Fatalf("%d %s: %v", res.StatusCode, body, err)
	}
	if got := res.Header.Get("Content-Type"); got != problemType {
		t.Errorf("content type %q", got)
	}
	if p.Status != res.StatusCode {
		t.Errorf("status %d in the body, %d in the answer", p.Status, res.StatusCode)
	}
	if want := "urn:uuid:" + res.Header.Get("X-Request-Id"); p.Instance != want {
		t.Errorf("instance %q, want %q", p.Instance, want)
	}
	return res, p
}

// faults writes the faults of a problem as "pointer code", one a line.
func faults(p Problem) string {
	var b strings.Builder
	for _, f := range p.Errors {
		b.WriteString(f.Pointer + " " + f.Code + "\n")
	}
	return strings.TrimSuffix(b.String(), "\n")
}
