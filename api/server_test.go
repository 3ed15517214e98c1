package api

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/labstack/echo/v4"

	"vcledger/ledger"
)

func TestIdempotency(t *testing.T) {
	ts := newToys(t)
	key := map[string]string{"Idempotency-Key": "k1"}
	first, body1 := ts.do(t, request{body: goodBody, header: key})
	if first.StatusCode != 201 || first.Header.Get("Location") != "/v1/toys/T-1" || first.Header.Get("Idempotency-Replayed") != "" ||
		first.Header.Get("Content-Type") != "application/json" {
		t.Fatalf("%d %v %s", first.StatusCode, first.Header, body1)
	}
	if want := `{"id":"T-1","amount":{"amount":"10.50","currency":"EUR"},"date":"2026-03-01","by":"Olga Officer"}` + "\n"; body1 != want {
		t.Errorf("got %s want %s", body1, want)
	}
	same := ` { "value_date":"2026-03-01", "amount":{"currency":"EUR","amount":"10.50"}, "kind":"c\u0061sh", "reference":"R1"}`
	again, body2 := ts.do(t, request{body: same, header: key})
	if again.StatusCode != 201 || again.Header.Get("Idempotency-Replayed") != "true" || body2 != body1 || again.Header.Get("Location") != "/v1/toys/T-1" {
		t.Errorf("replay: %d %v %s", again.StatusCode, again.Header, body2)
	}
	if ts.writes != 1 {
		t.Errorf("written %d times", ts.writes)
	}
	for name, r := range map[string]request{
		"other body":  {body: strings.Replace(goodBody, "10.50", "10.51", 1), header: key},
		"other path":  {path: "/v1/toys/T-2", body: goodBody, header: key},
		"other query": {path: "/v1/toys/T-1?mode=plain", body: goodBody, header: key},
	} {
		if _, p := ts.refused(t, r); p.Type != "/problems/idempotency-key-reused" || p.Status != 422 {
			t.Errorf("%s: %+v", name, p)
		}
	}
}

func TestPaging(t *testing.T) {
	ts := newToys(t)
	get := func(path string) (page Page[shownToy], link string) {
		t.Helper()
		res, body := ts.do(t, request{method: "GET", path: path})
		if res.StatusCode != 200 {
			t.Fatalf("%s: %d %s", path, res.StatusCode, body)
		}
		if err := json.Unmarshal([]byte(body), &page); err != nil {
			t.Fatal(err)
		}
		return page, res.Header.Get("Link")
	}
	var sizes []int
	cursor := ""
	for path := "/v1/toys?kind=cash&since=2026-01-01"; path != ""; {
		page, link := get(path)
		sizes = append(sizes, len(page.Items))
		next, ok := strings.CutSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
		if ok != (page.NextCursor != "") {
			t.Fatalf("link %q, cursor %q", link, page.NextCursor)
		}
		if ok {
			cursor = page.NextCursor
			if u, err := url.Parse(next); err != nil || u.Query().Get("cursor") != cursor || u.Query().Get("kind") != "cash" {
				t.Fatalf("link %q", link)
			}
		}
		path = next
	}
	if fmt.Sprint(sizes) != "[50 50 20]" {
		t.Errorf("pages of %v", sizes)
	}
	if page, _ := get("/v1/toys?limit=500"); len(page.Items) != 120 {
		t.Errorf("limit 500: %d", len(page.Items))
	}
	if page, _ := get("/v1/toys?limit=7&kind=cash&since=2026-01-01&cursor=" + cursor); len(page.Items) != 7 {
		t.Errorf("another limit with the same cursor: %d", len(page.Items))
	}
	if _, body := ts.do(t, request{method: "GET", path: "/v1/toys?limit=500"}); strings.Contains(body, "next_cursor") {
		t.Error("the last page has a cursor")
	}

	tampered := []byte(cursor)
	tampered[len(tampered)/2] ^= 1
	for query, want := range map[string]string{
		"limit=0":              "?limit out-of-range",
		"limit=501":            "?limit out-of-range",
		"limit=ten":            "?limit wrong-type",
		"limit=5&limit=6":      "?limit too-many",
		"limit=1e2":            "?limit wrong-type",
		"cursor=x":             "?cursor invalid-cursor",
		"cursor=" + cursor:     "?cursor invalid-cursor", // without the filters
		"since=2026-13-01":     "?since invalid-date",
		"codes=A,B,C,D":        "?codes too-many",
		"codes=A,,C":           "?codes required",
		"codes=A&codes=B":      "?codes too-many",
		"deep=1":               "?deep wrong-type",
		"kind=cash&cursor=bad": "?cursor invalid-cursor",
		"kind=cash&since=2026-01-01&cursor=" + url.QueryEscape(string(tampered)): "?cursor invalid-cursor",
		"limit=0&cursor=x&colour=red":                                            "?limit out-of-range\n?colour unknown-parameter\n?cursor invalid-cursor",
	} {
		if _, p := ts.refused(t, request{method: "GET", path: "/v1/toys?" + query}); faults(p) != want || p.Status != 422 {
			t.Errorf("%s: %d %q want %q", query, p.Status, faults(p), want)
		}
	}
}

func TestHeaders(t *testing.T) {
	ts := newToys(t)
	res, _ := ts.do(t, request{method: "GET", header: map[string]string{"X-Request-Id": "mine"}})
	for name, want := range map[string]string{"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff", "Content-Security-Policy": contentSecurityPolicy,
		"Referrer-Policy": "no-referrer", "Content-Type": "application/json"} {
		if got := res.Header.Get(name); got != want {
			t.Errorf("%s: %q want %q", name, got, want)
		}
	}
	if id := res.Header.Get("X-Request-Id"); len(id) != 36 {
		t.Errorf("request id %q", id)
	}
	head, body := ts.do(t, request{method: "HEAD"})
	if head.StatusCode != 200 || body != "" {
		t.Errorf("HEAD: %d %q", head.StatusCode, body)
	}
	if _, body := ts.do(t, request{method: "GET", path: "/v1/toys/A%2FB"}); !strings.Contains(body, `"id":"A/B"`) {
		t.Errorf("escaped path: %s", body)
	}
}

// TestLog: one line a request, with what helps and nothing that a caller wrote.
func TestLog(t *testing.T) {
	ts := newToys(t)
	res, _ := ts.do(t, request{path: "/v1/toys/broken?mode=plain", body: goodBody})
	ts.Close() // waits for the requests under way
	lines := strings.Split(strings.TrimSpace(ts.log.String()), "\n")
	var access, fault map[string]any
	if len(lines) != 2 || json.Unmarshal([]byte(lines[0]), &fault) != nil || json.Unmarshal([]byte(lines[1]), &access) != nil {
		t.Fatalf("log:\n%s", ts.log)
	}
	for name, want := range map[string]any{"msg": "request", "method": "POST", "route": "/v1/toys/:toy", "status": 500.0, "actor": "Olga Officer",
		"problem": "internal", "request_id": res.Header.Get("X-Request-Id")} {
		if access[name] != want {
			t.Errorf("%s: %v want %v", name, access[name], want)
		}
	}
	if fault["error"] != errSecret.Error() || fault["request_id"] != access["request_id"] {
		t.Errorf("fault: %v", fault)
	}
	for _, secret := range []string{"officer-key", "R1", "mode=plain"} {
		if strings.Contains(ts.log.String(), secret) {
			t.Errorf("the log has %q", secret)
		}
	}
}

func TestHealth(t *testing.T) {
	ts := newToys(t)
	open := map[string]string{"Authorization": ""}
	for _, path := range []string{"/healthz", "/readyz"} {
		if res, body := ts.do(t, request{method: "GET", path: path, header: open}); res.StatusCode != 200 || !strings.Contains(body, `"status":"ok"`) {
			t.Errorf("%s: %d %s", path, res.StatusCode, body)
		}
	}
	ts.ready = errSecret
	res, p := ts.refused(t, request{method: "GET", path: "/readyz", header: open})
	if p.Status != 503 || res.Header.Get("Retry-After") != "1" || strings.Contains(p.Detail, "pq") {
		t.Errorf("%+v %v", p, res.Header)
	}
}

func TestPages(t *testing.T) {
	ts := newToys(t)
	open := map[string]string{"Authorization": "", "Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
	get := func(path string) string {
		t.Helper()
		res, body := ts.do(t, request{method: "GET", path: path, header: open})
		if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/html") {
			t.Fatalf("%s: %d %s", path, res.StatusCode, res.Header.Get("Content-Type"))
		}
		if strings.Contains(body, "<script") || strings.Contains(body, "style=") || strings.Contains(body, "http://") && path != "/docs" || strings.Contains(body, "https://") {
			t.Errorf("%s needs more than the server", path)
		}
		return body
	}
	docs := get("/docs")
	for _, want := range []string{"Write a toy", "/v1/toys/{toy}", "amount.currency", `href="/problems/period-closed"`, "Idempotency-Key", "The donor&#39;s own reference.", "For: officer.", "next_cursor", "readiness"} {
		if !strings.Contains(docs, want) {
			t.Errorf("/docs lacks %s", want)
		}
	}
	index := get("/problems")
	for _, rule := range ledger.Rules() {
		path := "/problems/" + string(rule)
		if !strings.Contains(index, `href="`+path+`"`) || !strings.Contains(get(path), "RFC 9457") {
			t.Errorf("%s has no page", rule)
		}
	}
	res, body := ts.do(t, request{method: "GET", path: "/problems/amount-scale", header: map[string]string{"Accept": "application/json"}})
	if want := `"status":422`; res.Header.Get("Content-Type") != "application/json" || !strings.Contains(body, want) {
		t.Errorf("problem as JSON: %s %s", res.Header.Get("Content-Type"), body)
	}
	if _, p := ts.refused(t, request{method: "GET", path: "/problems/nonsense"}); p.Status != 404 {
		t.Errorf("unknown problem: %+v", p)
	}
	res, body = ts.do(t, request{method: "GET", path: "/assets/style.css"})
	if res.StatusCode != 200 || !strings.HasPrefix(res.Header.Get("Content-Type"), "text/css") || body == "" {
		t.Errorf("style sheet: %d %s", res.StatusCode, res.Header.Get("Content-Type"))
	}
	if res, _ := ts.do(t, request{method: "GET", path: "/assets/style.css", header: map[string]string{"If-None-Match": res.Header.Get("ETag")}}); res.StatusCode != 304 {
		t.Errorf("style sheet again: %d", res.StatusCode)
	}
}

// TestOpenAPI holds the document against the router and against the contract.
func TestOpenAPI(t *testing.T) {
	ts := newToys(t)
	res, body := ts.do(t, request{method: "GET", path: "/openapi.json", header: map[string]string{"Authorization": ""}})
	var doc struct {
		OpenAPI    string
		Paths      map[string]map[string]map[string]any
		Components struct {
			Schemas         map[string]map[string]any
			SecuritySchemes map[string]map[string]any
		}
	}
	if err := json.Unmarshal([]byte(body), &doc); err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 200 || !strings.HasPrefix(doc.OpenAPI, "3.1") || doc.Components.SecuritySchemes["key"]["scheme"] != "bearer" {
		t.Errorf("%d %s %v", res.StatusCode, doc.OpenAPI, doc.Components.SecuritySchemes)
	}
	if strings.Contains(body, "$schema") {
		t.Error("the document has $schema")
	}
	documented := map[string]bool{}
	for path, methods := range doc.Paths {
		for method := range methods {
			documented[strings.ToUpper(method)+" "+strings.NewReplacer("{", ":", "}", "").Replace(path)] = true
		}
	}
	routed := map[string]bool{}
	for _, r := range ts.api.echo.Routes() {
		if strings.HasPrefix(r.Path, "/v1/") || strings.HasSuffix(r.Path, "z") {
			routed[r.Method+" "+r.Path] = true
		}
	}
	if fmt.Sprint(documented) != fmt.Sprint(routed) {
		t.Errorf("documented %v\nrouted     %v", documented, routed)
	}
	post := doc.Paths["/v1/toys/{toy}"]["post"]
	b, err := json.Marshal(post)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"201":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/ShownToy"}}}`, `"Idempotency-Replayed"`, `"Location"`,
		`"security":[{"key":[]}]`, `"name":"Idempotency-Key"`, `"409":{"content":{"application/problem+json"`, `"period-closed"`, `"$ref":"#/components/schemas/Problem"`} {
		if !bytes.Contains(b, []byte(want)) {
			t.Errorf("the write lacks %s in\n%s", want, b)
		}
	}
	if bytes.Contains(b, []byte(`"Content-Type"`)) {
		t.Error("Content-Type is documented as a header")
	}
}

// TestRegistration: an operation that could not be bound, checked or documented whole stops the program at its start.
func TestRegistration(t *testing.T) {
	type hidden struct {
		Mode string `query:"mode" maxLength:"5"`
	}
	for name, register := range map[string]func(*Server){
		"embeds an unexported struct": func(s *Server) {
			read(s, operation{ID: "x", Path: "/v1/x", Tag: "x"}, func(context.Context, *struct{ hidden }) (Health, error) { return Health{}, nil })
		},
		"text without a limit": func(s *Server) {
			read(s, operation{ID: "x", Path: "/v1/x", Tag: "x"}, func(context.Context, *struct {
				Mode string `query:"mode"`
			}) (Health, error) {
				return Health{}, nil
			})
		},
		"a float": func(s *Server) {
			write[struct{ Body struct{ Amount float64 } }, Health](s, operation{ID: "x", Path: "/v1/x", Tag: "x"}, nil)
		},
		"a list without paging": func(s *Server) {
			list(s, operation{ID: "x", Path: "/v1/x", Tag: "x"}, func(context.Context, *struct{}, Window[int]) ([]Health, *int, error) { return nil, nil, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("it was registered")
				}
			}()
			register(New(Config{}))
		})
	}
}

// TestHumaProblems: what only huma would find is told, too, and its other failures are ours.
func TestHumaProblems(t *testing.T) {
	s := New(Config{})
	ctx := context.WithValue(t.Context(), callKey{}, &call{log: s.log, found: ledger.Violations{{Pointer: "/a", Rule: ledger.RuleType}}})
	hc := huma.WithContext(nil, ctx)
	p, ok := problemOfHuma(hc, 422, "validation failed", &huma.ErrorDetail{Location: "body.a.b", Message: "m"}, &huma.ErrorDetail{Location: "query.q", Message: "m"},
		&huma.ErrorDetail{Location: "body", Value: "the whole body"}).(*Problem)
	if !ok || faults(*p) != "/a wrong-type\n?q wrong-type" {
		t.Errorf("%+v", p)
	}
	if p := problemOfHuma(hc, 422, "", errSecret); p.GetStatus() != 500 {
		t.Errorf("%+v", p)
	}
	if p := problemOfHuma(huma.WithContext(nil, context.Background()), 418, "teapot"); p.GetStatus() != 500 || strings.Contains(p.Error(), "teapot") {
		t.Errorf("%+v", p)
	}
}

func TestStatuses(t *testing.T) {
	for _, rule := range ledger.Rules() {
		if status := statusOf(rule.Doc().Kind, rule); (status == 500) != (rule == ledger.RuleInternal) {
			t.Errorf("%s: %d", rule, status)
		}
	}
	c := &call{log: New(Config{}).log}
	for err, want := range map[error]int{context.Canceled: 503, context.DeadlineExceeded: 503, errors.New("x"): 500,
		&ledger.Error{Kind: ledger.KindTooLarge, Rule: ledger.RuleBodyTooLarge}: 413} {
		if p := newProblem(c, fmt.Errorf("wrapped: %w", err)); p.Status != want {
			t.Errorf("%v: %d", err, p.Status)
		}
	}
}

// TestHTTPServer: the server as it is really run, with a header that is too large and a panic in the middle of an answer.
func TestHTTPServer(t *testing.T) {
	s := New(Config{})
	s.echo.GET("/half", func(c echo.Context) error {
		c.Response().WriteHeader(200)
		_, _ = c.Response().Write(bytes.Repeat([]byte("x"), 10_000))
		c.Response().Flush()
		panic("half way")
	})
	srv := s.HTTPServer("127.0.0.1:0")
	if srv.ReadHeaderTimeout == 0 || srv.ReadTimeout == 0 || srv.WriteTimeout == 0 || srv.IdleTimeout == 0 || srv.MaxHeaderBytes == 0 {
		t.Errorf("a limit is missing: %+v", srv)
	}
	l, err := net.Listen("tcp", srv.Addr)
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	exchange := func(request string) string {
		t.Helper()
		conn, err := net.DialTimeout("tcp", l.Addr().String(), 5*time.Second)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = conn.Close() }()
		_, _ = conn.Write([]byte(request)) // the server may hang up before it has read all
		var b strings.Builder
		_, _ = bufio.NewReader(conn).WriteTo(&b)
		return b.String()
	}
	if got := exchange("GET /healthz HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("a", 64<<10) + "\r\n\r\n"); got != "" && !strings.HasPrefix(got, "HTTP/1.1 431") {
		t.Errorf("large header: %.100s", got)
	}
	if got := exchange("GET /half HTTP/1.1\r\nHost: x\r\n\r\n"); !strings.Contains(got, "xxx") || strings.HasSuffix(got, "0\r\n\r\n") {
		t.Error("half an answer looks whole")
	}
	if err := srv.Shutdown(t.Context()); err != nil {
		t.Error(err)
	}
	if err := <-done; !errors.Is(err, http.ErrServerClosed) {
		t.Error(err)
	}
}
