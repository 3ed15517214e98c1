package api_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/pagetest"
	"vcledger/reports/render"
)

func TestMain(m *testing.M) {
	os.Exit(pagetest.Main(func() int { return ledgertest.Main(m) }))
}

// client speaks to a server over a fresh ledger, as the holder of a key.
type client struct {
	t      *testing.T
	server *httptest.Server
	store  *postgres.Store
	keys   map[ledger.Role]string
	role   ledger.Role
}

// serve returns a client as an officer. The donor's key is NLD's.
func serve(t *testing.T) *client {
	t.Helper()
	return serveOn(t, ledgertest.Database(t))
}

// serveOn is serve on a fresh database that the test keeps the URL of.
func serveOn(t *testing.T, databaseURL string) *client {
	t.Helper()
	b := ledgertest.NewBooksOn(t, databaseURL)
	c := &client{t: t, store: b.Store, keys: map[ledger.Role]string{}, role: ledger.RoleOfficer}
	for _, role := range ledger.Roles {
		contributor := ledger.ContributorCode("")
		if role == ledger.RoleDonor {
			contributor = "NLD"
		}
		secret, err := ledgertest.Key(b.Store, "test "+string(role), role, contributor)
		if err != nil {
			t.Fatal(err)
		}
		c.keys[role] = secret
	}
	c.server = httptest.NewServer(api.New(api.Config{Store: b.Store, Authenticate: b.Authenticate, Version: "test"}))
	t.Cleanup(c.server.Close)
	return c
}

// as returns the same client with another role's key.
func (c *client) as(role ledger.Role) *client {
	other := *c
	other.role = role
	return &other
}

// answer is what the server said.
type answer struct {
	t      *testing.T
	status int
	header http.Header
	body   string
}

// do sends a request; a POST under a new key unless the headers have one.
func (c *client) do(method, path, body string, headers ...string) answer {
	c.t.Helper()
	r, err := http.NewRequestWithContext(c.t.Context(), method, c.server.URL+path, strings.NewReader(body))
	if err != nil {
		c.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.keys[c.role])
	if method == http.MethodPost || method == http.MethodPatch {
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Idempotency-Key", uuid.NewString())
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.server.Client().Do(r)
	if err != nil {
		c.t.Fatal(err)
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	if err != nil {
		c.t.Fatal(err)
	}
	return answer{c.t, res.StatusCode, res.Header, string(data)}
}

func (c *client) get(path string) answer { c.t.Helper(); return c.do(http.MethodGet, path, "") }
func (c *client) post(path, body string) answer {
	c.t.Helper()
	return c.do(http.MethodPost, path, body)
}

// approve lets an approver agree to what waits.
func (c *client) approve(waiting answer) answer {
	c.t.Helper()
	waiting.want(http.StatusAccepted)
	return c.as(ledger.RoleApprover).post(waiting.header.Get("Location")+"/decision", `{"decision":"approved"}`).want(200)
}

// want fails the test unless the status is the one.
func (a answer) want(status int) answer {
	a.t.Helper()
	if a.status != status {
		a.t.Fatalf("status %d, want %d: %s", a.status, status, a.body)
	}
	return a
}

// field returns a value of the body by its path, "balances.receivable.amount.amount"; a number stands for a place in a list.
func (a answer) field(path string) string {
	a.t.Helper()
	var v any
	if err := json.Unmarshal([]byte(a.body), &v); err != nil {
		a.t.Fatalf("%v: %s", err, a.body)
	}
	for _, name := range strings.Split(path, ".") {
		switch at := v.(type) {
		case map[string]any:
			v = at[name]
		case []any:
			var i int
			if _, err := fmt.Sscan(name, &i); err != nil || i >= len(at) {
				a.t.Fatalf("no %s in %s", path, a.body)
			}
			v = at[i]
		default:
			a.t.Fatalf("no %s in %s", path, a.body)
		}
	}
	return fmt.Sprint(v)
}

// faults returns each fault's pointer and code.
func (a answer) faults() map[string]string {
	a.t.Helper()
	var p api.Problem
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		a.t.Fatal(err)
	}
	m := map[string]string{}
	for _, f := range p.Errors {
		m[f.Pointer] = f.Code
	}
	return m
}

// TestLifeOfAContribution goes the whole way by HTTP: a pledge, its agreement, a receipt, its reversal and a write-off.
func TestLifeOfAContribution(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.post("/v1/contributors", `{"name":"Norway","kind":"state","country":"NOR"}`).want(201)
	if got := c.get("/v1/contributors/NOR").want(200).field("name"); got != "Norway" {
		t.Errorf("the contributor's name is %s", got)
	}
	p := c.post("/v1/pledges", `{"contributor":"NOR","fund":"CPCJF","fund_year":2026,"amount":{"amount":"1000000.00","currency":"EUR"},"effective_date":"2026-01-10"}`).want(201)
	id := p.field("id")
	if p.header.Get("Location") != "/v1/pledges/"+id || p.field("stage") != "announced" {
		t.Errorf("recorded at %s in stage %s", p.header.Get("Location"), p.field("stage"))
	}
	agreed := c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-02-10","document_reference":"Agreement 7"}`).want(200)
	if agreed.field("stage") != "agreed" || agreed.field("balances.receivable.usd_amount.amount") != "1111111.11" {
		t.Errorf("after the agreement: %s", agreed.body)
	}
	receipt := fmt.Sprintf(`{"bank_reference":"R1","value_date":"2026-03-01","contributor":"NOR","amount":{"amount":"400000.00","currency":"EUR"},
		"allocations":[{"pledge":%q,"amount":{"amount":"400000.00","currency":"EUR"}}]}`, id)
	r := c.post("/v1/receipts", receipt).want(201)
	if r.field("usd_amount.amount") != "500000.00" || r.field("rate.units_per_usd") != "0.8" {
		t.Errorf("the receipt: %s", r.body)
	}
	if got := c.get("/v1/pledges/" + id).want(200); got.field("stage") != "partly_fulfilled" || got.field("balances.outstanding.0.amount.amount") != "600000.00" {
		t.Errorf("after the receipt: %s", got.body)
	}
	if got := c.get("/v1/receipts/" + r.field("id")).want(200); got.body != r.body {
		t.Errorf("read\n%s\nrecorded\n%s", got.body, r.body)
	}
	entry := c.get("/v1/journal/" + r.field("entries.0")).want(200)
	if entry.field("kind") != "receipt" || entry.field("recorded_by") != "test officer" {
		t.Errorf("the entry: %s", entry.body)
	}
	c.post("/v1/receipts", receipt).want(409)
	c.approve(c.post("/v1/receipts/"+r.field("id")+"/reversal", `{"effective_date":"2026-03-02","reason":"Entered twice"}`))
	c.post("/v1/receipts/"+r.field("id")+"/reversal", `{"effective_date":"2026-03-02","reason":"Entered twice"}`).want(409)
	c.approve(c.post("/v1/pledges/"+id+"/write-off", `{"effective_date":"2026-06-01","amount":{"amount":"1000000.00","currency":"EUR"},"reason":"Not paid"}`))
	ended := c.get("/v1/pledges/" + id).want(200)
	if ended.field("stage") != "written_off" {
		t.Errorf("after the write-off: %s", ended.body)
	}
	c.post("/v1/pledges/"+id+"/cancellation", `{"effective_date":"2026-06-02","reason":"again"}`).want(409)
	balance := c.get("/v1/trial-balance").want(200)
	if balance.field("books.debit_usd.amount") != balance.field("books.credit_usd.amount") || balance.field("memorandum.debit_usd.amount") != balance.field("memorandum.credit_usd.amount") {
		t.Errorf("the trial balance does not balance: %s", balance.body)
	}
	ledgertest.CheckBooks(t, c.store)
}

// TestInKind offers expert days, accepts some, and delivers them.
func TestInKind(t *testing.T) {
	t.Parallel()
	c := serve(t)
	p := c.post("/v1/pledges", `{"contributor":"ADB","fund":"CPCJF","effective_date":"2026-01-10","items":[{"category":"expert","description":"Forensic experts","quantity":"120",
		"unit":"expert_day","unit_value":{"amount":"500.00","currency":"USD"},"valuation_basis":"donor_stated"}]}`).want(201)
	id := p.field("id")
	accepted := c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-02-01","accepted":[{"item":1,"quantity":"100"}]}`).want(200)
	if accepted.field("items.0.offered") != "120" || accepted.field("items.0.accepted") != "100" || accepted.field("items.0.outstanding.amount.amount") != "50000.00" {
		t.Errorf("after the acceptance: %s", accepted.body)
	}
	d := c.post("/v1/deliveries", fmt.Sprintf(`{"pledge":%q,"delivered_on":"2026-04-30","period_from":"2026-04-01","quantity":"45"}`, id)).want(201)
	if d.field("value.amount.amount") != "22500.00" || d.field("recognised") != "false" || d.field("contributor") != "ADB" {
		t.Errorf("the delivery: %s", d.body)
	}
	if got := c.get("/v1/deliveries/" + d.field("id")).want(200); got.body != d.body {
		t.Errorf("read\n%s\nrecorded\n%s", got.body, d.body)
	}
	c.post("/v1/deliveries", fmt.Sprintf(`{"pledge":%q,"delivered_on":"2026-05-30","quantity":"56"}`, id)).want(409)
	c.post("/v1/deliveries", fmt.Sprintf(`{"pledge":%q,"delivered_on":"2026-05-30","quantity":"56","surplus":true}`, id)).want(201)
	c.post("/v1/deliveries/"+d.field("id")+"/reversal", `{"effective_date":"2026-06-01","reason":"Wrong month"}`).want(200)
	free := c.post("/v1/deliveries", `{"contributor":"NLD","fund":"CPCJF","delivered_on":"2026-05-30","quantity":"1","unit":"item","category":"goods","description":"A used printer",
		"value":{"amount":"0.00","currency":"USD"},"valuation_basis":"market_price"}`).want(201)
	if free.field("value.amount.amount") != "0.00" {
		t.Errorf("a gift of no value: %s", free.body)
	}
	ledgertest.CheckBooks(t, c.store)
}

// TestUnidentified records cash that nobody knows, finds it in its list, and identifies it in two parts.
func TestUnidentified(t *testing.T) {
	t.Parallel()
	c := serve(t)
	r := c.post("/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"100.00","currency":"USD"}}`).want(201)
	if got := c.get("/v1/receipts?unidentified=true").want(200); got.field("items.0.id") != r.field("id") || got.field("items.0.unidentified.amount.amount") != "100.00" {
		t.Errorf("unidentified receipts: %s", got.body)
	}
	path := "/v1/receipts/" + r.field("id") + "/allocations"
	c.post(path, `{"effective_date":"2026-03-02","allocations":[{"contributor":"NLD","amount":{"amount":"60.00","currency":"USD"}}]}`).want(200)
	c.post(path, `{"effective_date":"2026-03-02","allocations":[{"contributor":"DEU","fund":"OTHER","amount":{"amount":"40.01","currency":"USD"}}]}`).want(409)
	c.post(path, `{"effective_date":"2026-03-02","allocations":[{"contributor":"DEU","fund":"OTHER","amount":{"amount":"40.00","currency":"USD"}}]}`).want(200)
	if got := c.get("/v1/receipts?unidentified=true").want(200); got.body != `{"items":[]}`+"\n" {
		t.Errorf("after all was identified: %s", got.body)
	}
	ledgertest.CheckBooks(t, c.store)
}

func TestReplay(t *testing.T) {
	t.Parallel()
	c := serve(t)
	body := `{"value_date":"2026-03-01","fund":"CPCJF","contributor":"NLD","amount":{"amount":"100.00","currency":"USD"}}`
	first := c.do(http.MethodPost, "/v1/receipts", body, "Idempotency-Key", "k1").want(201)
	again := c.do(http.MethodPost, "/v1/receipts", body, "Idempotency-Key", "k1").want(201)
	if again.body != first.body || again.header.Get("Location") != first.header.Get("Location") || again.header.Get("Idempotency-Replayed") != "true" ||
		first.header.Get("Idempotency-Replayed") != "" {
		t.Errorf("replayed %v\n%s\nfirst %v\n%s", again.header, again.body, first.header, first.body)
	}
	other := strings.Replace(body, "100.00", "101.00", 1)
	if got := c.do(http.MethodPost, "/v1/receipts", other, "Idempotency-Key", "k1").want(422); got.field("type") != "/problems/idempotency-key-reused" {
		t.Errorf("a key for another body: %s", got.body)
	}
	if got := c.do(http.MethodPost, "/v1/receipts", body, "Idempotency-Key", "").want(400); got.field("type") != "/problems/idempotency-key-missing" {
		t.Errorf("no key: %s", got.body)
	}
	if got := c.get("/v1/receipts").want(200); strings.Count(got.body, `"bank_account"`) != 1 {
		t.Errorf("more than one receipt: %s", got.body)
	}
}

// TestBadInput sends what must be refused, with every fault named at once and nothing left behind.
func TestBadInput(t *testing.T) {
	t.Parallel()
	c := serve(t)
	tests := []struct {
		name, path, body string
		status           int
		faults           map[string]string
	}{
		{"wrong types", "/v1/receipts", `{"value_date":20260301,"fund":7,"amount":{"amount":100,"currency":"USD"},"allocations":{}}`, 422,
			map[string]string{"/value_date": "wrong-type", "/fund": "wrong-type", "/amount/amount": "wrong-type", "/allocations": "wrong-type"}},
		{"nothing", "/v1/pledges", `{}`, 422, map[string]string{"/contributor": "required", "/fund": "required", "/effective_date": "required"}},
		{"impossible dates", "/v1/receipts", `{"value_date":"2026-02-30","fund":"CPCJF","amount":{"amount":"1.00","currency":"USD"}}`, 422, map[string]string{"/value_date": "invalid-date"}},
		{"the year 1", "/v1/receipts", `{"value_date":"0001-01-01","fund":"CPCJF","amount":{"amount":"1.00","currency":"USD"}}`, 422, map[string]string{"/value_date": "invalid-date"}},
		{"the year 9999", "/v1/receipts", `{"value_date":"9999-12-31","fund":"CPCJF","amount":{"amount":"1.00","currency":"USD"}}`, 422, map[string]string{"/value_date": "invalid-date"}},
		{"far in the future", "/v1/receipts", `{"value_date":"2190-01-01","fund":"CPCJF","amount":{"amount":"1.00","currency":"USD"}}`, 422, map[string]string{"/value_date": "date-in-future"}},
		{"negative", "/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"-1.00","currency":"USD"}}`, 422, map[string]string{"/amount/amount": "amount-not-positive"}},
		{"zero", "/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"0.00","currency":"USD"}}`, 422, map[string]string{"/amount/amount": "amount-not-positive"}},
		{"scale", "/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"1.5","currency":"JPY"}}`, 422, map[string]string{"/amount/amount": "amount-scale"}},
		{"exponent", "/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"1e9","currency":"USD"}}`, 422, map[string]string{"/amount/amount": "invalid-amount"}},
		{"too large", "/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"1000000000000000.00","currency":"USD"}}`, 422, map[string]string{"/amount/amount": "amount-too-large"}},
		{"unknown codes", "/v1/pledges", `{"contributor":"XXX","fund":"NONE","effective_date":"2026-03-01","amount":{"amount":"1.00","currency":"USD"}}`, 422,
			map[string]string{"/contributor": "contributor-unknown", "/fund": "fund-unknown"}},
		{"unknown currency", "/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-03-01","amount":{"amount":"1.00","currency":"XXX"}}`, 422,
			map[string]string{"/amount/currency": "currency-unknown"}},
		{"no rate", "/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-03-01","amount":{"amount":"1.00","currency":"CHF"}}`, 422, map[string]string{"/amount": "rate-missing"}},
		{"unknown fields", "/v1/contributors", `{"name":"X","kind":"state","Kind":"state","colour":"red"}`, 422, map[string]string{"/Kind": "unknown-field", "/colour": "unknown-field"}},
		{"control characters", "/v1/contributors", `{"code":"X","name":"a\u0000b","kind":"state"}`, 422, map[string]string{"/name": "invalid-text"}},
		{"cash with items", "/v1/pledges", `{"form":"cash","contributor":"NLD","fund":"CPCJF","effective_date":"2026-03-01","items":[]}`, 422, map[string]string{"/amount": "required"}},
		{"USD that is not", "/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-03-01","amount":{"amount":"1.00","currency":"USD"},"usd_amount":{"amount":"2.00","currency":"USD"}}`, 422,
			map[string]string{"/usd_amount": "usd-mismatch"}},
		{"more than the receipt", "/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","contributor":"NLD","amount":{"amount":"1.00","currency":"USD"},
			"allocations":[{"amount":{"amount":"1.01","currency":"USD"}}]}`, 409, map[string]string{"/allocations/0/amount": "allocation-exceeds-receipt"}},
		{"truncated", "/v1/receipts", `{"value_date":"2026-03-01"`, 400, map[string]string{}},
		{"duplicate field", "/v1/receipts", `{"fund":"CPCJF","fund":"OTHER"}`, 400, nil},
		{"invalid UTF-8", "/v1/contributors", "{\"name\":\"a\xffb\",\"kind\":\"state\"}", 0, nil},
		{"more than 1 MiB", "/v1/contributors", `{"name":"` + strings.Repeat("a", 1<<20) + `","kind":"state"}`, 413, map[string]string{}},
	}
	before := c.get("/v1/trial-balance?known_at=2026-01-01T00:00:00Z").want(200).body
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := c.post(tt.path, tt.body)
			if tt.status == 0 && a.status != 400 && a.status != 422 || tt.status != 0 && a.status != tt.status {
				t.Fatalf("status %d, want %d: %s", a.status, tt.status, a.body)
			}
			if got := a.header.Get("Content-Type"); got != "application/problem+json" {
				t.Errorf("content type %s", got)
			}
			if diff := cmp.Diff(tt.faults, a.faults()); tt.faults != nil && diff != "" {
				t.Errorf("faults (-want +got):\n%s\n%s", diff, a.body)
			}
		})
	}
	if after := c.get("/v1/trial-balance?known_at=2026-01-01T00:00:00Z").want(200).body; after != before {
		t.Error("something was left behind")
	}
	if got := c.get("/v1/journal").want(200).body; got != `{"items":[]}`+"\n" {
		t.Errorf("refused requests left entries: %s", got)
	}
}

// TestDonorSeesOnlyItself asks as NLD's donor for its own records and for another's.
func TestDonorSeesOnlyItself(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := func(contributor string) string {
		return c.post("/v1/pledges", fmt.Sprintf(`{"contributor":%q,"fund":"CPCJF","effective_date":"2026-03-01","amount":{"amount":"1.00","currency":"USD"}}`, contributor)).want(201).field("id")
	}
	own, other := pledge("NLD"), pledge("DEU")
	donor := c.as(ledger.RoleDonor)
	donor.get("/v1/contributors/NLD").want(200)
	donor.get("/v1/pledges/" + own).want(200)
	donor.get("/v1/contributors/NLD/statement?from=2026-01-01&to=2026-12-31").want(200)
	unknown := func(a answer) string { return strings.Replace(a.want(404).body, a.field("instance"), "", 1) }
	for _, pair := range [][2]string{
		{"/v1/contributors/DEU", "/v1/contributors/XXX"},
		{"/v1/pledges/" + other, "/v1/pledges/" + uuid.NewString()},
		{"/v1/contributors/DEU/statement?from=2026-01-01&to=2026-12-31", "/v1/contributors/XXX/statement?from=2026-01-01&to=2026-12-31"},
	} {
		if another, missing := unknown(donor.get(pair[0])), unknown(donor.get(pair[1])); another != missing {
			t.Errorf("another's record answers\n%s, a missing one\n%s", another, missing)
		}
	}
	if got := donor.get("/v1/pledges").want(200); strings.Contains(got.body, other) || !strings.Contains(got.body, own) {
		t.Errorf("the donor's list of pledges: %s", got.body)
	}
	donor.get("/v1/receipts").want(403)
	donor.get("/v1/journal").want(403)
	donor.post("/v1/pledges", `{}`).want(403)
	c.as(ledger.RoleAuditor).get("/v1/journal").want(200)
	c.as(ledger.RoleAuditor).post("/v1/pledges", `{}`).want(403)
	nobody := &client{t: t, server: c.server, keys: map[ledger.Role]string{}}
	nobody.get("/v1/funds").want(401)
}

// TestPages goes through every list by pages of two and compares with the whole.
func TestListPages(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for i := range 5 {
		c.post("/v1/receipts", fmt.Sprintf(`{"value_date":"2026-03-0%d","fund":"CPCJF","contributor":"NLD","amount":{"amount":"%d.00","currency":"USD"}}`, 1+i%2, i+1)).want(201)
		c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-03-01","amount":{"amount":"1.00","currency":"USD"}}`).want(201)
		c.post("/v1/deliveries", `{"contributor":"NLD","fund":"CPCJF","delivered_on":"2026-05-30","quantity":"1","unit":"item","category":"goods","description":"A gift",
			"value":{"amount":"1.00","currency":"USD"},"valuation_basis":"market_price"}`).want(201)
	}
	for _, path := range []string{"/v1/contributors", "/v1/funds", "/v1/bank-accounts", "/v1/rates", "/v1/pledges", "/v1/receipts", "/v1/deliveries", "/v1/journal"} {
		whole := items(t, c.get(path+"?limit=500").want(200))
		var paged []string
		next := path + "?limit=2"
		for next != "" {
			a := c.get(next).want(200)
			paged = append(paged, items(t, a)...)
			next = ""
			if link := a.header.Get("Link"); link != "" {
				next = strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)
			}
		}
		if diff := cmp.Diff(whole, paged); diff != "" || len(whole) < 2 {
			t.Errorf("%s by pages (-whole +paged):\n%s", path, diff)
		}
	}
}

func items(t *testing.T, a answer) []string {
	t.Helper()
	var page struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(a.body), &page); err != nil {
		t.Fatal(err)
	}
	list := make([]string, len(page.Items))
	for i, item := range page.Items {
		list[i] = string(item)
	}
	return list
}

// TestStatementFormats asks for a statement in each format, and again with its ETag.
func TestStatementFormats(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.post("/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","contributor":"NLD","amount":{"amount":"100.00","currency":"EUR"},"payer":"=1+1"}`).want(201)
	path := "/v1/contributors/NLD/statement?from=2026-01-01&to=2026-12-31"
	if a := c.get(path).want(200); a.header.Get("Content-Type") != "application/json" || a.field("contributor.code") != "NLD" {
		t.Errorf("JSON: %v %s", a.header, a.body)
	}
	a := c.do(http.MethodGet, path, "", "Accept", "text/csv").want(200)
	if a.header.Get("Content-Type") != "text/csv; charset=utf-8" || !strings.Contains(a.body, "'=1+1") {
		t.Errorf("CSV: %v %s", a.header, a.body)
	}
	for _, f := range render.Formats {
		a := c.get(path + "&format=" + f.Name).want(200)
		if a.header.Get("Content-Type") != f.ContentType() || a.header.Get("Content-Disposition") != "inline; filename=statement-NLD-2026-01-01-2026-12-31."+f.Extension {
			t.Errorf("%s: %v", f.Name, a.header)
		}
	}
	a = c.do(http.MethodGet, path, "", "Accept", "text/html", "Accept-Language", "ar-EG, en;q=0.5").want(200)
	if a.header.Get("Content-Language") != "ar" || !strings.Contains(a.body, `lang="ar" dir="rtl"`) || !strings.Contains(a.header.Get("Content-Security-Policy"), "sha256-") {
		t.Errorf("the page in Arabic: %v %s", a.header, a.body)
	}
	if a := c.do(http.MethodGet, path+"&format=text&lang=fr", "", "Accept-Language", "ar").want(200); a.header.Get("Content-Language") != "fr" {
		t.Errorf("the text in French: %v", a.header)
	}
	c.get(path + "&lang=de").want(422)
	c.do(http.MethodGet, path, "", "Accept", "image/png").want(406)
	known := path + "&format=csv&known_at=2126-01-01T00:00:00Z"
	etag := c.get(known).want(200).header.Get("ETag")
	if again := c.do(http.MethodGet, known, "", "If-None-Match", etag).want(304); again.body != "" {
		t.Errorf("not modified, with a body: %s", again.body)
	}
	c.get(path + "&colour=red").want(422)
	c.get("/v1/contributors/NLD/statement?from=2026-12-31&to=2026-01-01").want(422)
	c.get("/v1/contributors/NLD/statement").want(422)
}

// TestInstalments agrees a pledge in three instalments, pays some, and asks what is due on several days.
func TestInstalments(t *testing.T) {
	t.Parallel()
	c := serve(t)
	id := c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-10","amount":{"amount":"900.00","currency":"EUR"}}`).want(201).field("id")
	agreement := func(amounts ...string) string {
		var list []string
		for i, a := range amounts {
			list = append(list, fmt.Sprintf(`{"due_on":"2026-0%d-01","amount":{"amount":%q,"currency":"EUR"}}`, 3+i, a))
		}
		return `{"effective_date":"2026-02-10","instalments":[` + strings.Join(list, ",") + `]}`
	}
	bad := c.post("/v1/pledges/"+id+"/agreement", agreement("300.00", "300.00", "299.99")).want(422)
	if diff := cmp.Diff(map[string]string{"/instalments": "schedule-sum"}, bad.faults()); diff != "" {
		t.Errorf("a schedule that does not sum (-want +got):\n%s", diff)
	}
	agreed := c.post("/v1/pledges/"+id+"/agreement", agreement("300.00", "300.00", "300.00")).want(200)
	if agreed.field("legs.1.instalments.2.due_on") != "2026-05-01" || c.get("/v1/pledges/"+id).withoutNewness() != agreed.body {
		t.Errorf("the agreement: %s", agreed.body)
	}
	c.post("/v1/receipts", fmt.Sprintf(`{"value_date":"2026-03-15","contributor":"NLD","amount":{"amount":"400.00","currency":"EUR"},
		"allocations":[{"pledge":%q,"amount":{"amount":"400.00","currency":"EUR"}}]}`, id)).want(201)
	for _, tt := range []struct{ asOf, want string }{
		{"2026-02-09", ""},
		{"2026-02-15", "1 coming 300.00, 2 coming 300.00, 3 coming 300.00"},
		{"2026-03-10", "1 0-30 300.00, 2 coming 300.00, 3 coming 300.00"},
		{"2026-03-15", "2 coming 200.00, 3 coming 300.00"},
		{"2026-06-15", "2 31-90 200.00, 3 31-90 300.00"},
	} {
		var list reports.DueList
		if err := json.Unmarshal([]byte(c.get("/v1/pledges/due?fund=CPCJF&as_of="+tt.asOf).want(200).body), &list); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, i := range list.Items {
			got = append(got, fmt.Sprintf("%d %s %s", i.Number, i.Bucket, i.Outstanding.Money.Fixed()))
		}
		if len(list.Months) != len(list.Items) { // each instalment is of a month of its own
			t.Errorf("by month: %+v", list.Months)
		}
		if strings.Join(got, ", ") != tt.want {
			t.Errorf("due on %s: %v, want %s", tt.asOf, got, tt.want)
		}
	}
	if csv := c.get("/v1/pledges/due?format=csv&as_of=2026-06-15").want(200).body; !strings.Contains(csv, "2026-04-01,75,31-90,CPCJF,2026,NLD") {
		t.Errorf("as CSV:\n%s", csv)
	}
	c.get("/v1/pledges/due?fund=NONE").want(404)
}

// TestAdjustments raises and reduces a pledge before and after its agreement, and keeps the history.
func TestAdjustments(t *testing.T) {
	t.Parallel()
	c := serve(t)
	id := c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-10","amount":{"amount":"900.00","currency":"EUR"}}`).want(201).field("id")
	adjust := func(kind, date, amount, currency string) answer {
		return c.post("/v1/pledges/"+id+"/adjustments", fmt.Sprintf(`{"kind":%q,"effective_date":%q,"amount":{"amount":%q,"currency":%q},"reason":"Note verbale"}`, kind, date, amount, currency))
	}
	adjust("increase", "2026-01-20", "100.00", "EUR").want(200)
	c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-02-10","amount":{"amount":"1000.00","currency":"EUR"}}`).want(200)
	adjust("increase", "2026-03-20", "80.00", "EUR").want(200)
	got := adjust("reduction", "2026-04-20", "40.00", "EUR").want(200)
	if got.field("balances.outstanding.0.amount.amount") != "1040.00" || got.field("legs.3.kind") != "increased" || got.field("legs.4.kind") != "reduced" || got.field("stage") != "agreed" {
		t.Errorf("after the adjustments: %s", got.body)
	}
	if read := c.get("/v1/pledges/" + id); read.withoutNewness() != got.body {
		t.Errorf("read\n%s\nrecorded\n%s", read.body, got.body)
	}
	adjust("increase", "2026-04-20", "1.00", "USD").want(422)
	adjust("reduction", "2026-04-20", "1040.01", "EUR").want(409)
	adjust("reduction", "2026-01-20", "1.00", "EUR").want(422)
	ledgertest.CheckBooks(t, c.store)
}
