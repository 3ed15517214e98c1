package api

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// body returns the good body with one field replaced or added; field is what stands before the colon.
func body(field, value string) string {
	if old, rest, ok := cutField(goodBody, field); ok {
		return old + `"` + field + `":` + value + rest
	}
	return strings.TrimSuffix(goodBody, "}") + `,"` + field + `":` + value + `}`
}

func cutField(text, field string) (before, after string, ok bool) {
	values := map[string]string{"reference": `"R1"`, "kind": `"cash"`, "amount": `{"amount":"10.50","currency":"EUR"}`, "value_date": `"2026-03-01"`}
	return strings.Cut(text, `"`+field+`":`+values[field])
}

func money(amount, currency string) string {
	return fmt.Sprintf(`{"amount":%q,"currency":%q}`, amount, currency)
}

// TestFaults sends bodies and parameters with faults. Every fault is told, with its place and its rule.
func TestFaults(t *testing.T) {
	ts := newToys(t)
	for _, tt := range []struct {
		name, path, body string
		want             string // faults
	}{
		{"number for text", "", body("reference", "5"), "/reference wrong-type"},
		{"number for an amount", "", body("amount", `{"amount":10.5,"currency":"EUR"}`), "/amount/amount wrong-type"},
		{"text for an object", "", body("amount", `"10.50 EUR"`), "/amount wrong-type"},
		{"text for a number", "", body("year", `"2026"`), "/year wrong-type"},
		{"a fraction", "", body("year", `2026.5`), "/year wrong-type"},
		{"an exponent", "", body("year", `2e3`), "/year wrong-type"},
		{"too small", "", body("year", `1900`), "/year out-of-range"},
		{"too large", "", body("year", `99999999999999999999`), "/year out-of-range"},
		{"text for a truth", "", body("surplus", `"yes"`), "/surplus wrong-type"},
		{"an object for a list", "", body("parts", `{}`), "/parts wrong-type"},
		{"a list for the body", "", `[]`, " wrong-type"},
		{"null for the body", "", `null`, " wrong-type"},
		{"an unknown word", "", body("kind", `"Cash"`), "/kind not-one-of"},
		{"unknown field", "", body("colour", `"red"`), "/colour unknown-field"},
		{"unknown field, other case", "", body("Due", `"2026-03-02"`), "/Due unknown-field"},
		{"unknown field with signs of paths", "", body("a.b[0]/c~d", `1`), "/a.b[0]~1c~0d unknown-field"},
		{"unknown field below", "", body("amount", `{"amount":"1.00","currency":"EUR","scale":2}`), "/amount/scale unknown-field"},
		{"missing field", "", strings.Replace(goodBody, `"reference":"R1",`, "", 1), "/reference required"},
		{"missing object", "", strings.Replace(goodBody, `"amount":{"amount":"10.50","currency":"EUR"},`, "", 1), "/amount required"},
		{"null for a required field", "", body("reference", `null`), "/reference required"},
		{"empty text", "", body("reference", `""`), "/reference required"},
		{"only spaces", "", body("reference", `"  "`), "/reference required"},
		{"space at the end", "", body("reference", `"R1 "`), "/reference invalid-text"},
		{"no-break space at the end", "", body("reference", `"R1\u00a0"`), "/reference invalid-text"},
		{"NUL", "", body("reference", `"R\u00001"`), "/reference invalid-text"},
		{"line break", "", body("reference", `"R\n1"`), "/reference invalid-text"},
		{"next line (C1)", "", body("reference", `"R\u00851"`), "/reference invalid-text"},
		{"half a surrogate pair", "", body("reference", `"R\ud83d1"`), "/reference invalid-text"},
		{"too long", "", body("reference", `"123456789012345678901"`), "/reference too-long"},
		{"a pattern", "", body("code", `"abc"`), "/code invalid-text"},
		{"not a UUID", "", body("pledge", `"urn:uuid:4b6e6d34-0b2f-4b6a-9d3e-6a1f1f0b7c55"`), "/pledge invalid-text"},
		{"too many", "", body("parts", `[1,2,3,4]`), "/parts too-many"},
		{"null in a list", "", body("parts", `[null]`), "/parts/0 wrong-type"},
		{"in a map", "", body("flags", `{"a.b":true,"c":1}`), "/flags/c wrong-type"},
		{"deep in a list", "", body("parts", `[{"name":"a","amount":`+money("1.00", "EUR")+`},{"name":"b","amount":`+money("1.00", "XYZ")+`}]`),
			"/parts/1/amount/currency currency-unknown"},

		{"not a date", "", body("value_date", `"01.03.2026"`), "/value_date invalid-date"},
		{"not in the calendar", "", body("value_date", `"2026-02-30"`), "/value_date invalid-date"},
		{"before the books", "", body("value_date", `"1900-01-01"`), "/value_date invalid-date"},
		{"an empty optional date", "", body("due", `""`), "/due invalid-date"},

		{"unknown currency", "", body("amount", money("1.00", "ABC")), "/amount/currency currency-unknown"},
		{"currency in small letters", "", body("amount", money("1.00", "eur")), "/amount/currency currency-unknown"},
		{"decimals", "", body("amount", money("1.005", "EUR")), "/amount/amount amount-scale"},
		{"decimals of yen", "", body("amount", money("100.5", "JPY")), "/amount/amount amount-scale"},
		{"separator", "", body("amount", money("1,000.00", "EUR")), "/amount/amount invalid-amount"},
		{"exponent in an amount", "", body("amount", money("1e3", "EUR")), "/amount/amount invalid-amount"},
		{"zero", "", body("amount", money("0.00", "EUR")), "/amount/amount amount-not-positive"},
		{"negative", "", body("amount", money("-1.00", "EUR")), "/amount/amount amount-not-positive"},
		{"negative where zero is taken", "", body("charges", money("-1.00", "EUR")), "/charges/amount amount-not-positive"},
		{"too large an amount", "", body("amount", money("1000000000000000", "EUR")), "/amount/amount amount-too-large"},
		{"no amount", "", body("amount", `{"currency":"EUR"}`), "/amount/amount required"},

		{"unknown parameter", "?colour=red", goodBody, "?colour unknown-parameter"},
		{"repeated parameter", "?mode=plain&mode=fancy", goodBody, "?mode too-many"},
		{"parameter not one of", "?mode=loud", goodBody, "?mode not-one-of"},
		{"empty parameter", "?mode=", goodBody, "?mode required"},
		{"query that is none", "?mode=%zz", goodBody, "? invalid-text"},
		{"token in the query", "?access_token=officer-key", goodBody, "?access_token unknown-parameter"},

		{"a resolver", "", body("due", `"2026-02-01"`), "/due date-order"},
		{"a resolver below", "", body("parts", `[{"name":"forbidden","amount":`+money("1.00", "EUR")+`}]`), "/parts/0/name not-one-of"},
		{"everything at once", "?colour=red&mode=loud", strings.Replace(body("due", `"2026-02-01"`), `"R1"`, `5,"colour":1`, 1),
			"?mode not-one-of\n?colour unknown-parameter\n/reference wrong-type\n/colour unknown-field\n/due date-order"},
		{"a fault and what is below it once", "", body("parts", `[{"name":"forbidden"},7]`), "/parts/0/amount required\n/parts/1 wrong-type\n/parts/0/name not-one-of"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, p := ts.refused(t, request{path: "/v1/toys/T-1" + tt.path, body: tt.body})
			if res.StatusCode != http.StatusUnprocessableEntity {
				t.Errorf("status %d", res.StatusCode)
			}
			if got := faults(p); got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
			wantType := "/problems/invalid-request"
			if len(p.Errors) == 1 {
				wantType = "/problems/" + p.Errors[0].Code
			}
			if p.Type != wantType {
				t.Errorf("type %s, want %s", p.Type, wantType)
			}
		})
	}
	if ts.writes != 0 {
		t.Errorf("%d requests with faults were carried out", ts.writes)
	}
}

// TestTaken sends bodies that look odd and are right.
func TestTaken(t *testing.T) {
	ts := newToys(t)
	for name, b := range map[string]string{
		"plain":                   goodBody,
		"null for an optional":    body("due", "null"),
		"zero where it is taken":  body("charges", money("0", "EUR")),
		"trailing zeros of yen":   body("amount", money("100.00", "JPY")),
		"a surrogate pair":        body("reference", `"\ud83d\ude00"`),
		"a backslash before u":    body("reference", `"\\ud83d"`),
		"space around":            " \n" + goodBody + "\r\n",
		"Arabic":                  body("reference", `"مساهمة طوعية"`),
		"a replacement character": body("reference", `"a\ufffdb"`),
		"a UUID":                  body("pledge", `"4b6e6d34-0b2f-4b6a-9d3e-6a1f1f0b7c55"`),
	} {
		t.Run(name, func(t *testing.T) {
			res, got := ts.do(t, request{body: b})
			if res.StatusCode != http.StatusCreated {
				t.Errorf("%d %s", res.StatusCode, got)
			}
		})
	}
}

// TestRefused sends requests that are answered before their values are looked at.
func TestRefused(t *testing.T) {
	ts := newToys(t)
	deep := strings.Repeat(`{"a":`, 33) + "1" + strings.Repeat("}", 33)
	for _, tt := range []struct {
		name string
		request
		status int
		rule   string
		faults string
	}{
		{"no key to get in", request{header: map[string]string{"Authorization": ""}}, 401, "unauthenticated", ""},
		{"another scheme", request{header: map[string]string{"Authorization": "Basic b2ZmaWNlcg=="}}, 401, "unauthenticated", ""},
		{"no token", request{header: map[string]string{"Authorization": "Bearer"}}, 401, "unauthenticated", ""},
		{"two words", request{header: map[string]string{"Authorization": "Bearer officer-key x"}}, 401, "unauthenticated", ""},
		{"unknown token", request{header: map[string]string{"Authorization": "Bearer nobody"}}, 401, "unauthenticated", ""},
		{"token in the query", request{path: "/v1/toys/T-1?access_token=officer-key", header: map[string]string{"Authorization": ""}}, 401, "unauthenticated", ""},
		{"the store of keys fails", request{header: map[string]string{"Authorization": "Bearer broken-key"}}, 500, "internal", ""},
		{"another role", request{header: map[string]string{"Authorization": "Bearer auditor-key"}, body: goodBody}, 403, "forbidden", ""},
		{"no idempotency key", request{header: map[string]string{"Idempotency-Key": ""}, body: goodBody}, 400, "idempotency-key-missing", ""},
		{"a long idempotency key", request{header: map[string]string{"Idempotency-Key": strings.Repeat("k", 256)}, body: goodBody}, 400, "idempotency-key-missing", ""},
		{"space in the idempotency key", request{header: map[string]string{"Idempotency-Key": "a b"}, body: goodBody}, 400, "idempotency-key-missing", ""},
		{"idempotency key not in ASCII", request{header: map[string]string{"Idempotency-Key": "clé"}, body: goodBody}, 400, "idempotency-key-missing", ""},
		{"no content type", request{header: map[string]string{"Content-Type": ""}, body: goodBody}, 415, "unsupported-media-type", ""},
		{"a form", request{header: map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, body: goodBody}, 415, "unsupported-media-type", ""},
		{"kin of JSON", request{header: map[string]string{"Content-Type": "application/vnd.x+json"}, body: goodBody}, 415, "unsupported-media-type", ""},
		{"another charset", request{header: map[string]string{"Content-Type": "application/json; charset=latin1"}, body: goodBody}, 415, "unsupported-media-type", ""},
		{"compressed", request{header: map[string]string{"Content-Encoding": "gzip"}, body: goodBody}, 415, "unsupported-media-type", ""},
		{"wants a page", request{header: map[string]string{"Accept": "text/html"}, body: goodBody}, 406, "not-acceptable", ""},
		{"wants anything but JSON", request{header: map[string]string{"Accept": "*/*, application/json;q=0"}, body: goodBody}, 406, "not-acceptable", ""},
		{"no body", request{}, 400, "malformed-body", ""},
		{"half a body", request{body: `{"reference":`}, 400, "malformed-body", ""},
		{"two bodies", request{body: goodBody + goodBody}, 400, "malformed-body", ""},
		{"comma at the end", request{body: `{"reference":"R1",}`}, 400, "malformed-body", ""},
		{"a comment", request{body: "// hi\n" + goodBody}, 400, "malformed-body", ""},
		{"byte order mark", request{body: "\ufeff" + goodBody}, 400, "malformed-body", ""},
		{"not UTF-8", request{body: strings.Replace(goodBody, "R1", "R\xff", 1)}, 400, "malformed-body", ""},
		{"bare control character", request{body: strings.Replace(goodBody, "R1", "R\x00", 1)}, 400, "malformed-body", ""},
		{"too deep", request{body: deep}, 400, "malformed-body", ""},
		{"far too deep", request{body: strings.Repeat("[", 100_000)}, 400, "malformed-body", ""},
		{"a field twice", request{body: strings.Replace(goodBody, "{", `{"kind":"cash",`, 1)}, 400, "duplicate-field", "/kind duplicate-field"},
		{"fields twice, below", request{body: `{"a":[{"b":1,"b":2},{"c":1,"\u0063":2}]}`}, 400, "duplicate-field", "/a/0/b duplicate-field\n/a/1/c duplicate-field"},
		{"too large", request{body: `"` + strings.Repeat("a", maxBody) + `"`}, 413, "body-too-large", ""},
		{"a body where none is taken", request{path: "/v1/toys/all/touch", body: "{}"}, 400, "malformed-body", ""},
		{"of the ledger", request{path: "/v1/toys/closed", body: goodBody}, 409, "period-closed", ""},
		{"an unforeseen error", request{path: "/v1/toys/broken", body: goodBody}, 500, "internal", ""},
		{"a panic", request{path: "/v1/toys/panic", body: goodBody}, 500, "internal", ""},
		{"no such record", request{method: "GET", path: "/v1/toys/unknown"}, 404, "not-found", ""},
		{"no such path", request{method: "GET", path: "/v1/tois"}, 404, "not-found", ""},
		{"another method", request{method: "DELETE", path: "/v1/toys/T-1"}, 405, "method-not-allowed", ""},
		{"a parameter of a path", request{method: "GET", path: "/v1/toys/12345678901"}, 422, "too-long", "path:toy too-long"},
		{"NUL in a path", request{method: "GET", path: "/v1/toys/a%00b"}, 422, "invalid-text", "path:toy invalid-text"},
		{"a path that is not UTF-8", request{method: "GET", path: "/v1/toys/a%ff"}, 422, "invalid-text", "path:toy invalid-text"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			res, p := ts.refused(t, tt.request)
			if res.StatusCode != tt.status || p.Type != "/problems/"+tt.rule {
				t.Errorf("%d %s %q, want %d %s", res.StatusCode, p.Type, p.Detail, tt.status, tt.rule)
			}
			if got := faults(p); got != tt.faults {
				t.Errorf("faults\n%s\nwant\n%s", got, tt.faults)
			}
			if p.Title == "" || p.Detail == "" {
				t.Errorf("no title or no detail: %+v", p)
			}
			if tt.status == 401 && res.Header.Get("WWW-Authenticate") != "Bearer" {
				t.Error("no WWW-Authenticate")
			}
			if tt.status == 405 && res.Header.Get("Allow") != "OPTIONS, GET, POST, HEAD" {
				t.Errorf("Allow %q", res.Header.Get("Allow"))
			}
			if text := fmt.Sprint(p); strings.Contains(text, "pq:") || strings.Contains(text, "secret") || strings.Contains(text, ".go:") {
				t.Errorf("the problem tells what only the log may: %s", text)
			}
		})
	}
}

// TestMostFaults: an answer stays short however many faults a body has.
func TestMostFaults(t *testing.T) {
	ts := newToys(t)
	var b strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&b, `,"x%d":1`, i)
	}
	long := strings.Repeat("n", 500_000)
	res, text := ts.do(t, request{body: strings.TrimSuffix(goodBody, "}") + `,"` + long + `":1` + b.String() + "}"})
	if res.StatusCode != 422 || strings.Count(text, "unknown-field") != maxFaults || len(text) > 20_000 || !strings.Contains(text, "Only the first 100") {
		t.Errorf("%d, %d bytes: %.200s", res.StatusCode, len(text), text)
	}
}

func TestLargestBody(t *testing.T) {
	ts := newToys(t)
	b := goodBody + strings.Repeat(" ", maxBody-len(goodBody))
	if res, text := ts.do(t, request{body: b}); res.StatusCode != 201 {
		t.Errorf("a body of exactly 1 MiB: %d %s", res.StatusCode, text)
	}
}

func TestContentTypesTaken(t *testing.T) {
	ts := newToys(t)
	for _, ct := range []string{"application/json; charset=utf-8", "Application/JSON;charset=UTF-8", `application/json; charset="utf-8"`} {
		if res, text := ts.do(t, request{body: goodBody, header: map[string]string{"Content-Type": ct}}); res.StatusCode != 201 {
			t.Errorf("%s: %d %s", ct, res.StatusCode, text)
		}
	}
	for _, accept := range []string{"*/*", "application/*;q=0.5", "text/html, application/json;q=0.1"} {
		if res, text := ts.do(t, request{body: goodBody, header: map[string]string{"Accept": accept, "Authorization": "bEARER  officer-key"}}); res.StatusCode != 201 {
			t.Errorf("%s: %d %s", accept, res.StatusCode, text)
		}
	}
}
