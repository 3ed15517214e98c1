package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// attack is one request to an operation that a caller with bad intentions, or a bad program, might send.
type attack struct {
	what    string
	as      ledger.Role
	path    string // with its query
	body    string
	headers map[string]string // an empty value leaves the header out
	rule    string            // that the fault breaks; "" when it is one of several
	fault   string            // where the answer has to find a fault, as a pointer; "" when it is not one of values
	odd     bool              // it may be right: only the way in which it is answered counts
}

// attacker makes attacks from the document and the good calls of the story.
type attacker struct {
	*teller
	good   map[string][]goodCall // of each operation
	routes map[string]struct{}   // the pages of problems that were opened
	mu     sync.Mutex
}

// goodCall is a call that the story made.
type goodCall struct {
	as     ledger.Role
	params map[string]string
	body   any
	media  string // of a file
	file   string
}

// unlike is put where a text stands that JSON, or Go's encoder of it, does not write.
const unlike = "@@unlike@@"

// odd are texts that are right as texts. Nothing may read them as anything else: no SQL, no formula, no page, no number.
var odd = []string{
	"🇳🇱👩‍👩‍👧‍👦 merci", "مساهمة \u202eطوعية", "Ａ́̂̃ ﷽", "'; DROP TABLE journal_line; --", "1' OR '1'='1", `=HYPERLINK("http://x","y")`, "@SUM(1+1)*cmd|' /C calc'!A0",
	"<script>alert(1)</script>", "{{7*7}}${7*7}%s%n", "../../etc/passwd", "1e400", "NaN", "null", "\\u0000", "�",
}

// notText are the JSON texts that are refused as texts wherever they stand.
var notText = map[string]string{"NUL": `"a\u0000b"`, "a line break": `"a\nb"`, "half a surrogate pair": `"a\ud83d"`, "a space at the end": `"a "`, "an override at the end": `"a\u0085"`}

// TestAttack sends, to every operation and for every parameter and every field that the document knows, what is missing,
// null, of another type, out of bounds, too long, no text, no JSON, or not what it says it is. Each answer is a problem that
// the document lists for the operation, names the place of the fault, and is never a failure of the server; the books stay
// as they were. Then texts that are odd and values at a bound go where they are right: they are refused by a rule of the
// books, or taken and kept letter by letter, and debits equal credits.
func TestAttack(t *testing.T) {
	t.Parallel()
	a, db := newAttacker(t)
	before := bookkeeping(t, db)
	refused := a.send(t, underRace(a.attacks(t)))
	if diff := cmp.Diff(before, bookkeeping(t, db)); diff != "" {
		t.Errorf("requests that were refused changed the books (-before +after):\n%s", diff)
	}
	taken := a.send(t, underRace(a.oddities(t)))
	balance := a.get("/v1/trial-balance").want(200)
	for _, block := range []string{"books", "memorandum"} {
		if debit, credit := balance.field(block+".debit_usd.amount"), balance.field(block+".credit_usd.amount"); debit != credit || debit == "0.00" {
			t.Errorf("%s: debit %s, credit %s", block, debit, credit)
		}
	}
	t.Logf("%d requests with a fault, %d with oddities", refused, taken)
}

// underRace returns every fourth attack when the race detector is on, which makes each take several times as long: it asks
// how requests run beside each other, not what they say. Without it all are sent.
func underRace(all []sent) []sent {
	if !raceDetector {
		return all
	}
	var some []sent
	for i := 0; i < len(all); i += 4 {
		some = append(some, all[i])
	}
	return some
}

// newAttacker tells the story, so that every operation has a call that was good.
func newAttacker(t *testing.T) (*attacker, *sqlx.DB) {
	t.Helper()
	databaseURL := ledgertest.Database(t)
	db, err := sqlx.Connect("postgres", databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	a := &attacker{teller: newTeller(t, ledgertest.Open(t, databaseURL)), good: map[string][]goodCall{}, routes: map[string]struct{}{}}
	for _, s := range story {
		_, params, body, _ := a.call(s)
		g := goodCall{as: s.as, params: params, media: s.media}
		if s.media != "" {
			g.file = body
		} else if body != "" {
			if err := json.Unmarshal([]byte(body), &g.body); err != nil {
				t.Fatal(err)
			}
		}
		a.good[s.operation] = append(a.good[s.operation], g)
	}
	return a, db
}

// bookkeeping returns how many rows each table has, and what the journal sums to. The audit trail is left out: that a write
// was refused is what it is for.
func bookkeeping(t *testing.T, db *sqlx.DB) map[string]string {
	t.Helper()
	var tables []string
	if err := db.Select(&tables, `SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'audit'`); err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, table := range tables {
		var rows string
		if err := db.Get(&rows, `SELECT count(*)::text FROM `+table); err != nil {
			t.Fatal(err)
		}
		found[table] = rows
	}
	var sums string
	if err := db.Get(&sums, `SELECT md5(string_agg(l::text, '|' ORDER BY l::text)) FROM journal_line l`); err != nil {
		t.Fatal(err)
	}
	found["the lines of the journal"] = sums
	return found
}

// sent is an operation with an attack on it.
type sent struct {
	op *described
	attack
}

// send carries out attacks and looks at each answer: those on different operations at the same time, those on one in turn,
// so that what one of them leaves is not taken for the answer to another.
func (a *attacker) send(t *testing.T, attacks []sent) int {
	t.Helper()
	var (
		work = make(chan []sent)
		wg   sync.WaitGroup
	)
	total := len(attacks)
	for range 4 {
		wg.Go(func() {
			for turn := range work {
				for _, s := range turn {
					a.judge(t, s)
				}
			}
		})
	}
	for len(attacks) > 0 {
		n := slices.IndexFunc(attacks, func(s sent) bool { return s.op != attacks[0].op })
		if n < 0 {
			n = len(attacks)
		}
		work <- attacks[:n]
		attacks = attacks[n:]
	}
	close(work)
	wg.Wait()
	return total
}

// judge sends an attack and says what is wrong with the answer.
func (a *attacker) judge(t *testing.T, s sent) {
	t.Helper()
	bad := func(format string, args ...any) {
		t.Helper()
		t.Errorf("%s %s, %s: %s\n%.300s", s.op.method, s.path, s.what, fmt.Sprintf(format, args...), s.body)
	}
	r, err := http.NewRequestWithContext(t.Context(), s.op.method, a.server.URL, strings.NewReader(s.body))
	if err != nil {
		bad("%v", err)
		return
	}
	r.URL.Opaque = s.path // as it is: some of them no URL would let through
	role := s.as
	if role == "" {
		role = ledger.RoleOfficer
	}
	r.Header.Set("Authorization", "Bearer "+a.keys[role])
	if s.op.method == http.MethodPost {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	for name, value := range s.headers {
		r.Header.Set(name, value)
		if value == "" {
			r.Header.Del(name)
		}
	}
	res, err := a.server.Client().Do(r)
	if err != nil {
		bad("%v", err)
		return
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		bad("%v", err)
		return
	}
	got := answer{t, res.StatusCode, res.Header, string(text)}
	switch {
	case got.status >= 500:
		bad("%d %s", got.status, text)
	case got.status < 300 && !s.odd:
		bad("taken: %d %s", got.status, text)
	case got.status < 300:
		a.mu.Lock()
		a.doc.checkAnswer(t, s.op, got)
		a.mu.Unlock()
		if s.fault != "" {
			a.keptWhole(s, text, bad)
		}
	default:
		a.refusal(t, s, got, bad)
	}
}

// keptWhole looks whether an answer has a text as it was sent.
func (a *attacker) keptWhole(s sent, text []byte, bad func(string, ...any)) {
	var in any
	if err := json.Unmarshal([]byte(s.body), &in); err != nil {
		bad("%v", err)
		return
	}
	way := strings.Split(strings.TrimPrefix(s.fault, "/"), "/")
	want, _ := at(in, way).(string)
	var out map[string]any
	if err := json.Unmarshal(text, &out); err != nil {
		bad("%v", err)
		return
	}
	if shown, ok := out[way[len(way)-1]].(string); ok && shown != want && !holds(out, want) {
		bad("kept as %q", shown)
	}
}

// holds reports whether a value has a text in it.
func holds(v any, text string) bool {
	switch v := v.(type) {
	case string:
		return v == text
	case []any:
		return slices.ContainsFunc(v, func(item any) bool { return holds(item, text) })
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), func(item any) bool { return holds(item, text) })
	}
	return false
}

// refusal looks whether a problem is one that the document lists for the operation, with a page of its own.
func (a *attacker) refusal(t *testing.T, s sent, got answer, bad func(string, ...any)) {
	t.Helper()
	a.mu.Lock()
	a.doc.checkAnswer(t, s.op, got)
	a.mu.Unlock()
	var p struct {
		Type   string
		Status int
		Errors []struct{ Pointer, Code string }
	}
	if err := json.Unmarshal([]byte(got.body), &p); err != nil || p.Status != got.status {
		bad("%d is no problem: %s", got.status, got.body)
		return
	}
	codes := []string{strings.TrimPrefix(p.Type, "/problems/")}
	found := s.fault == "" || s.odd || got.status != http.StatusUnprocessableEntity
	for _, e := range p.Errors {
		codes = append(codes, e.Code)
		if s.rule != "" && e.Code != s.rule {
			continue
		}
		if e.Pointer == s.fault || strings.HasPrefix(e.Pointer, s.fault+"/") || strings.HasPrefix(s.fault, e.Pointer+"/") && e.Pointer != "" {
			found = true
		}
	}
	if !found {
		bad("no fault is found at %s: %s", s.fault, got.body)
	}
	for _, code := range codes {
		listed := false
		for _, response := range s.op.Responses {
			_, ok := response.Content["application/problem+json"].Examples[code]
			listed = listed || ok
		}
		if !listed {
			bad("the document does not list the problem %s: %s", code, got.body)
		}
		a.page(t, code, bad)
	}
}

// page opens the page of a problem, once.
func (a *attacker) page(t *testing.T, code string, bad func(string, ...any)) {
	t.Helper()
	a.mu.Lock()
	_, known := a.routes[code]
	a.routes[code] = struct{}{}
	a.mu.Unlock()
	if known {
		return
	}
	if got := a.get("/problems/" + code); got.status != http.StatusOK {
		bad("the problem %s has no page: %d", code, got.status)
	}
}

// TestNoOperation asks for what the document does not have: other methods on its paths, and paths that are near.
func TestNoOperation(t *testing.T) {
	t.Parallel()
	tl := newTeller(t, ledgertest.Open(t, ledgertest.Database(t)))
	refused := func(method, path string, statuses ...int) {
		t.Helper()
		a := tl.do(method, path, "{}")
		if !slices.Contains(statuses, a.status) || a.header.Get("Content-Type") != "application/problem+json" {
			t.Errorf("%s %s: %d %s", method, path, a.status, a.body)
			return
		}
		tl.doc.check(t, "/components/schemas/Problem", []byte(a.body))
		if status := tl.get(a.field("type")).status; status != http.StatusOK {
			t.Errorf("%s has no page: %d", a.field("type"), status)
		}
	}
	for _, op := range tl.doc.operations {
		path := strings.NewReplacer("{id}", uuid.NewString(), "{code}", "CPCJF", "{number}", "1", "{year}", "2026").Replace(op.path)
		for _, method := range []string{http.MethodPut, http.MethodDelete, "PROPFIND"} {
			refused(method, path, http.StatusMethodNotAllowed)
		}
		// What can be edited says that it needs an ETag.
		refused(http.MethodPatch, path, http.StatusMethodNotAllowed, http.StatusPreconditionRequired)
		// The last parameter of a path takes what follows it, slashes too: it then is a bad value, and not a path that is not there.
		refused(op.method, path+"/", http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity, http.StatusPreconditionRequired)
		refused(op.method, path+"/%2e%2e/%2e%2e/etc/passwd", http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusUnprocessableEntity, http.StatusPreconditionRequired)
		refused(op.method, "/"+path, http.StatusNotFound, http.StatusMethodNotAllowed)
	}
}

// attacks makes every attack that has a fault.
func (a *attacker) attacks(t *testing.T) []sent {
	t.Helper()
	var all []sent
	for _, op := range a.doc.operations {
		good := a.good[op.id][0]
		add := func(attacks ...attack) {
			for _, x := range attacks {
				if x.as == "" {
					x.as = good.as
				}
				if x.path == "" {
					x.path = addressOf(op, good.params)
				}
				if good.media != "" {
					if x.headers["Content-Type"] == "" {
						x.headers = with(x.headers, "Content-Type", good.media)
					}
					if x.body == "" && !strings.HasPrefix(x.what, "no body") {
						x.body = good.file
					}
				} else if x.body == "" && op.RequestBody != nil && !strings.HasPrefix(x.what, "no body") {
					x.body = written(t, good.body)
				}
				all = append(all, sent{op, x})
			}
		}
		add(attack{what: "an unknown parameter", path: addressOf(op, with(good.params, "colour", "red")), fault: "?colour"},
			attack{what: "a query that is none", path: joined(addressOf(op, good.params), "limit=%zz"), fault: "?"},
			attack{what: "an answer that nobody makes", headers: map[string]string{"Accept": "image/png"}, odd: good.params["format"] != ""})
		if _, ok := op.Responses["401"]; ok {
			add(attack{what: "no key", headers: map[string]string{"Authorization": ""}},
				attack{what: "another's key", headers: map[string]string{"Authorization": "Bearer 'OR 1=1--"}},
				attack{what: "a key that is no text", headers: map[string]string{"Authorization": "Bearer \xff\xfe"}},
				attack{what: "a long key", headers: map[string]string{"Authorization": "Bearer " + strings.Repeat("k", 20_000)}})
		}
		_, who, _ := strings.Cut(op.Description, "For: ")
		for role := range a.keys {
			if who != "" && who != "every role." && !strings.Contains(who, string(role)) {
				add(attack{what: "the key of an " + string(role), as: role})
			}
		}
		for _, p := range op.Parameters {
			add(a.onParameter(op, good, p)...)
		}
		if op.RequestBody == nil {
			continue
		}
		if good.media != "" {
			add(attack{what: "no body"}, attack{what: "no file of a bank", body: "nothing of the kind"}, attack{what: "XML of another kind", body: "<a/>"},
				attack{what: "another media type", headers: map[string]string{"Content-Type": "image/png"}}, attack{what: "compressed", headers: map[string]string{"Content-Encoding": "gzip"}},
				attack{what: "an XML bomb", body: `<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d "&b;&b;">]><Document><BkToCstmrStmt>&d;</BkToCstmrStmt></Document>`},
				attack{what: "a file that is cut", body: `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02"><BkToCstmrStmt><Stmt><Id>1</Id>`}, attack{what: "NUL", body: "\x00\x00\x00"}, attack{what: "the same file again"})
			continue
		}
		add(onBody(t, good)...)
		schema := op.RequestBody.Content["application/json"].Schema
		for _, f := range a.fields(schema, nil, nil) {
			add(a.onField(t, a.holder(op, f), f)...)
		}
	}
	return all
}

// onParameter attacks a parameter.
func (a *attacker) onParameter(op *described, good goodCall, p parameter) []attack {
	where := map[string]string{"query": "?", "path": "path:", "header": "header:"}[p.In] + p.Name
	long := strings.Repeat("é", 5000)
	if p.In == "header" {
		var list []attack
		for what, value := range map[string]string{"no key of the request": "", "a long one": strings.Repeat("k", 256), "one with a space": "a b", "one that is no ASCII": "clé", "one that is no text": "\xff"} {
			list = append(list, attack{what: what, headers: map[string]string{p.Name: value}})
		}
		return list
	}
	values := map[string]string{"too long": long, "NUL": "a\x00b", "not UTF-8": "a\xffb", "a space at the end": "a "}
	kind, format := p.Schema["type"], p.Schema["format"]
	switch {
	case kind == "integer":
		values = map[string]string{"text": "many", "a fraction": "1.5", "an exponent": "1e1", "hexadecimal": "0x10", "too large": "99999999999999999999", "signed": "+1", "Arabic digits": "٢٠٢٦"}
		if low, ok := p.Schema["minimum"].(float64); ok {
			values["too small"] = strconv.Itoa(int(low) - 1)
		}
		if high, ok := p.Schema["maximum"].(float64); ok {
			values["above the most"] = strconv.Itoa(int(high) + 1)
		}
	case kind == "boolean":
		values = map[string]string{"a word": "yes", "a number": "1", "a capital": "True"}
	case p.Schema["enum"] != nil:
		values["another word"] = "'; DROP TABLE fund; --"
	case format != nil:
		values["another form"], values["an injection"], values["an emoji"] = "x", "1' OR '1'='1", "🎉"
		if format == "date" {
			values["a day that is none"], values["an instant"], values["long ago"] = "2026-02-30", "2026-01-01T00:00:00Z", "0001-01-01"
		}
	}
	var list []attack
	for what, value := range values {
		list = append(list, attack{what: p.Name + ": " + what, path: addressOf(op, with(good.params, p.Name, value)), fault: where})
	}
	if p.In == "query" {
		twice := joined(addressOf(op, with(good.params, p.Name, "1")), p.Name+"=1")
		list = append(list, attack{what: p.Name + ": empty", path: addressOf(op, with(good.params, p.Name, "")), fault: where},
			attack{what: p.Name + ": twice", path: twice, fault: where})
		if p.Required {
			list = append(list, attack{what: p.Name + ": missing", path: addressOf(op, without(good.params, p.Name)), fault: where})
		}
	}
	return list
}

// onBody attacks the body as a whole.
func onBody(t *testing.T, good goodCall) []attack {
	t.Helper()
	body := written(t, good.body)
	list := []attack{
		{what: "no body"},
		{what: "null", body: "null", fault: ""}, {what: "a list", body: "[]"}, {what: "a text", body: `"x"`}, {what: "a number", body: "1e5"}, {what: "half a body", body: body[:len(body)/2]},
		{what: "two bodies", body: body + body}, {what: "a byte order mark", body: "\ufeff" + body}, {what: "UTF-16", body: "\xff\xfe{\x00}\x00"},
		{what: "a form", body: "a=1&b=2"}, {what: "XML", body: "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]><x>&e;</x>"},
		{what: "deep", body: strings.Repeat(`{"a":`, 40) + "1" + strings.Repeat("}", 40)}, {what: "far too deep", body: strings.Repeat("[", 100_000)},
		{what: "too large", body: strings.TrimSuffix(body, "}") + strings.Repeat(" ", 1<<20) + "}"},
		{what: "an unknown field", body: strings.TrimSuffix(body, "}") + `,"__proto__":{"admin":true}}`, fault: "/__proto__"},
	}
	for what, media := range map[string]string{"no content type": "", "text": "text/plain", "a form's type": "application/x-www-form-urlencoded", "Latin-1": "application/json; charset=latin1",
		"a type that is none": "application/json;;;=", "kin of JSON": "application/problem+json"} {
		list = append(list, attack{what: what, headers: map[string]string{"Content-Type": media}})
	}
	return append(list, attack{what: "compressed", headers: map[string]string{"Content-Encoding": "gzip"}})
}

// bodyField is a field that a body may have.
type bodyField struct {
	way      []string // names, and numbers of places in lists
	schema   map[string]any
	required bool
	money    bool // it is a part of an amount of money
}

func (f bodyField) pointer() string {
	var b strings.Builder
	for _, name := range f.way {
		b.WriteString("/" + escape(name))
	}
	return b.String()
}

// resolve follows references; what stands beside one goes before it.
func (a *attacker) resolve(schema map[string]any) map[string]any {
	for schema["$ref"] != nil {
		merged := maps.Clone(a.doc.schemas[strings.TrimPrefix(schema["$ref"].(string), "#/components/schemas/")])
		for name, value := range schema {
			if name != "$ref" {
				merged[name] = value
			}
		}
		schema = merged
	}
	return schema
}

// fields lists every field of a body, each list by its first item.
func (a *attacker) fields(schema map[string]any, way []string, all []bodyField) []bodyField {
	schema = a.resolve(schema)
	required, _ := schema["required"].([]any)
	properties, _ := schema["properties"].(map[string]any)
	for name, property := range properties {
		f := bodyField{way: append(slices.Clone(way), name), schema: a.resolve(property.(map[string]any)), required: slices.Contains(required, any(name)),
			money: strings.HasPrefix(fmt.Sprint(schema["format"]), "money")}
		all = append(all, f)
		switch f.schema["type"] {
		case "object":
			all = a.fields(f.schema, f.way, all)
		case "array":
			all = a.fields(f.schema["items"].(map[string]any), append(slices.Clone(f.way), "0"), all)
		}
	}
	return all
}

// holder returns the call of the operation whose body has the field's place, or the first.
func (a *attacker) holder(op *described, f bodyField) goodCall {
	for _, g := range a.good[op.id] {
		if at(g.body, f.way[:len(f.way)-1]) != nil {
			return g
		}
	}
	return a.good[op.id][0]
}

// onField attacks a field of a body.
func (a *attacker) onField(t *testing.T, good goodCall, f bodyField) []attack {
	t.Helper()
	good, here := f.within(t, good), f.pointer()
	var list []attack
	add := func(what, raw string) {
		body := strings.Replace(written(t, set(clone(t, good.body), f.way, unlike)), `"`+unlike+`"`, raw, 1)
		list = append(list, attack{what: here + ": " + what, body: body, fault: here})
	}
	if f.required {
		add("null", "null")
		list = append(list, attack{what: here + ": missing", body: written(t, set(clone(t, good.body), f.way, nil)), fault: here})
	}
	for what, value := range map[string]string{"number": "5", "string": `"x"`, "boolean": "true", "array": "[]", "object": "{}"} {
		if kind := f.schema["type"]; what != kind && !(what == "number" && kind == "integer") {
			add("a "+what, value)
		}
	}
	name := f.way[len(f.way)-1]
	twice := fmt.Sprintf(`1,%q:2`, name)
	add("twice", twice)
	add("deep", strings.Repeat("[", 40)+strings.Repeat("]", 40))
	add("not UTF-8", "\"a\xff\xc0\x80b\"")
	add("a number of many digits", strings.Repeat("9", 400))
	switch f.schema["type"] {
	case "string":
		for what, raw := range notText {
			add(what, raw)
		}
		add("blanks only", `"   "`)
		if most, ok := f.schema["maxLength"].(float64); ok {
			add("too long", `"`+strings.Repeat("é", int(most)+1)+`"`)
		}
		if f.required {
			add("empty", `""`)
		}
		if f.schema["enum"] != nil || f.schema["format"] != nil {
			for i, text := range odd {
				add("odd text "+strconv.Itoa(i), written(t, text))
			}
		}
		switch f.schema["format"] {
		case "date":
			for _, date := range []string{"2026-02-30", "0001-01-01", "9999-12-31", "2026-1-1", "01.02.2026", "2026-01-01T00:00:00Z", "20260101", "-2026-01-01"} {
				add(date, `"`+date+`"`)
			}
		case "amount":
			for _, amount := range []string{"1e9", "1E+9", "-1.00", "1,000.00", "0x10", "+1", ".5", "1.", "1.123456789", "1000000000000000", strings.Repeat("9", 500), "Infinity", "１００", "--1", "1 000"} {
				add(amount, `"`+amount+`"`)
			}
		case "currency":
			for _, currency := range []string{"eur", "XXX", "EU", "EURO", "€", "ＥＵＲ"} {
				add(currency, `"`+currency+`"`)
			}
		case "uuid":
			for _, id := range []string{"{0198c2a4-7f30-7c55-9d3e-000000000001}", "0198c2a47f307c559d3e000000000001", "0198c2a4-7f30-7c55-9d3e-00000000000g"} {
				add(id, `"`+id+`"`)
			}
		}
	case "integer":
		for _, n := range []string{"1e3", "1.0", "1.5", "-1e400", "99999999999999999999", "-99999999999999999999"} {
			add(n, n)
		}
		if low, ok := f.schema["minimum"].(float64); ok {
			add("too small", strconv.Itoa(int(low)-1))
		}
		if high, ok := f.schema["maximum"].(float64); ok {
			add("too large", strconv.Itoa(int(high)+1))
		}
	case "array":
		add("null in it", "[null]")
		if most, ok := f.schema["maxItems"].(float64); ok {
			item := "null"
			if first := at(good.body, append(slices.Clone(f.way), "0")); first != nil {
				item = written(t, first)
			}
			add("too many", "["+strings.Repeat(item+",", int(most))+item+"]")
			list[len(list)-1].rule = "too-many"
		}
	case "object":
		add("an unknown field", `{"constructor":1}`)
	}
	return list
}

// oddities puts texts that are odd, and values that are at a bound, where they are right.
func (a *attacker) oddities(t *testing.T) []sent {
	t.Helper()
	var all []sent
	for _, op := range a.doc.operations {
		for _, p := range op.Parameters {
			if p.In == "header" {
				continue
			}
			good := a.good[op.id][0]
			for _, value := range oddOf(p.Schema) {
				body := good.file
				var headers map[string]string
				if good.media != "" {
					headers = map[string]string{"Content-Type": good.media}
				} else if op.RequestBody != nil {
					body = written(t, good.body)
				}
				all = append(all, sent{op, attack{what: p.Name + ": odd", as: good.as, path: addressOf(op, with(good.params, p.Name, fmt.Sprint(value))), body: body, headers: headers, odd: true}})
			}
		}
		if op.RequestBody == nil || a.good[op.id][0].media != "" {
			continue
		}
		for _, f := range a.fields(op.RequestBody.Content["application/json"].Schema, nil, nil) {
			good := f.within(t, a.holder(op, f))
			for _, value := range oddOf(f.schema) {
				body := a.anew(op, clone(t, good.body), len(all))
				x := attack{what: f.pointer() + ": odd", as: good.as, path: addressOf(op, good.params), body: written(t, set(body, f.way, value)), odd: true}
				if f.isText() {
					x.fault = f.pointer()
				}
				all = append(all, sent{op, x})
			}
		}
	}
	return all
}

// anew gives a record a code and references of its own, so that it is not refused for being there already.
func (a *attacker) anew(op *described, body any, n int) any {
	properties, _ := a.resolve(op.RequestBody.Content["application/json"].Schema)["properties"].(map[string]any)
	for _, name := range []string{"code", "reference", "bank_reference"} {
		if properties[name] != nil {
			body = set(body, []string{name}, "N"+strconv.Itoa(n))
		}
	}
	return body
}

// oddOf returns values that keep to a schema, and that few would send.
func oddOf(schema map[string]any) []any {
	var list []any
	if words, ok := schema["enum"].([]any); ok {
		return words
	}
	switch schema["type"] {
	case "string":
		switch schema["format"] {
		case "date":
			return []any{"1945-10-24", "2199-12-31", "2024-02-29", "2026-12-31"}
		case "date-time":
			return []any{"1945-01-01T00:00:00Z", "2199-12-31T23:59:59.999999999+14:00"}
		case "uuid":
			return []any{"00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "0198C2A4-7F30-7C55-9D3E-6A1F1F0B7C55"}
		case "amount":
			return []any{"0", "0.01", "999999999999999.99", "999999999999999", "00000000000000000001"}
		case "currency":
			return []any{"USD", "JPY", "KWD", "CLF", "XAU"}
		}
		for _, text := range odd {
			list = append(list, text)
		}
		list = append(list, "0", "0.00000000000001", "99999999999999999999", "1/3")
		if most, ok := schema["maxLength"].(float64); ok {
			list = append(list, strings.Repeat("𝔞", int(most)), strings.Repeat("9", int(most)))
		}
	case "integer":
		for _, bound := range []string{"minimum", "maximum"} {
			if n, ok := schema[bound].(float64); ok {
				list = append(list, int(n))
			}
		}
	case "boolean":
		return []any{true, false}
	case "array":
		return []any{[]any{}}
	}
	return list
}

// isText reports whether the field takes any text.
func (f bodyField) isText() bool {
	return f.schema["type"] == "string" && f.schema["format"] == nil && f.schema["enum"] == nil
}

// within returns a call whose body has the amount of money of which the field is a part.
func (f bodyField) within(t *testing.T, good goodCall) goodCall {
	t.Helper()
	if holder := f.way[:len(f.way)-1]; f.money && at(good.body, holder) == nil {
		good.body = set(clone(t, good.body), holder, map[string]any{"amount": "1.00", "currency": "USD"})
	}
	return good
}

// addressOf returns the path and query of a call.
func addressOf(op *described, params map[string]string) string {
	path, query := op.path, url.Values{}
	for name, value := range params {
		if part := "{" + name + "}"; strings.Contains(path, part) {
			path = strings.Replace(path, part, url.PathEscape(value), 1)
		} else {
			query.Set(name, value)
		}
	}
	if len(query) == 0 {
		return path
	}
	return path + "?" + query.Encode()
}

func joined(address, query string) string {
	if strings.Contains(address, "?") {
		return address + "&" + query
	}
	return address + "?" + query
}

func with(params map[string]string, name, value string) map[string]string {
	other := without(params, name)
	other[name] = value
	return other
}

func without(params map[string]string, name string) map[string]string {
	other := map[string]string{}
	for n, v := range params {
		if n != name {
			other[n] = v
		}
	}
	return other
}

// written returns a value as JSON.
func written(t *testing.T, v any) string {
	t.Helper()
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		t.Fatal(err)
	}
	if !utf8.Valid(b.Bytes()) {
		t.Fatalf("not UTF-8: %q", b.Bytes())
	}
	return strings.TrimSpace(b.String())
}

func clone(t *testing.T, v any) any {
	t.Helper()
	var other any
	if err := json.Unmarshal([]byte(written(t, v)), &other); err != nil {
		t.Fatal(err)
	}
	return other
}

// at returns the value at a place; nil when there is none.
func at(v any, way []string) any {
	for _, name := range way {
		switch holder := v.(type) {
		case map[string]any:
			v = holder[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i >= len(holder) {
				return nil
			}
			v = holder[i]
		default:
			return nil
		}
	}
	return v
}

// set puts a value at a place and makes what holds it; nil takes it away.
func set(v any, way []string, value any) any {
	if len(way) == 0 {
		return value
	}
	if way[0] == "0" {
		list, _ := v.([]any)
		if len(list) == 0 {
			list = []any{nil}
		}
		list[0] = set(list[0], way[1:], value)
		return list
	}
	holder, _ := v.(map[string]any)
	if holder == nil {
		holder = map[string]any{}
	}
	if len(way) == 1 && value == nil {
		delete(holder, way[0])
	} else {
		holder[way[0]] = set(holder[way[0]], way[1:], value)
	}
	return holder
}
