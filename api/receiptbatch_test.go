package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger"
)

const batchPath = "/v1/receipts/batch"

// member is a receipt of a batch; rest is more of its fields.
func member(key, amount, currency, rest string) string {
	return fmt.Sprintf(`{"key":%q,%s}`, key, alone(amount, currency, rest))
}

func alone(amount, currency, rest string) string {
	return fmt.Sprintf(`"value_date":"2026-03-05","amount":{"amount":%q,"currency":%q},%s`, amount, currency, rest)
}

func batchOf(members ...string) string { return `{"receipts":[` + strings.Join(members, ",") + `]}` }

// members returns the receipts of an answer as they were written.
func (a answer) members() []string {
	a.t.Helper()
	var batch struct{ Receipts []json.RawMessage }
	if err := json.Unmarshal([]byte(a.body), &batch); err != nil {
		a.t.Fatal(err)
	}
	list := make([]string, len(batch.Receipts))
	for i, r := range batch.Receipts {
		list[i] = string(r)
	}
	return list
}

// entries returns how many entries the journal has.
func (c *client) entries() int {
	c.t.Helper()
	var page struct{ Items []json.RawMessage }
	if err := json.Unmarshal([]byte(c.get("/v1/journal?limit=500").want(200).body), &page); err != nil {
		c.t.Fatal(err)
	}
	return len(page.Items)
}

// TestReceiptBatch records receipts together: each is as it would be alone, is applied after those before it, and is itself
// whatever batch it is sent in again.
func TestReceiptBatch(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := c.agreed()
	to := func(amount string) string {
		return fmt.Sprintf(`"allocations":[{"pledge":%q,"amount":{"amount":%q,"currency":"EUR"}}]`, pledge, amount)
	}
	gift := `"fund":"CPCJF","contributor":"DEU","bank_reference":"B 3"`
	body := batchOf(member("k1", "700000.00", "EUR", to("700000.00")), member("k2", "400000.00", "EUR", to("400000.00")), member("k3", "5.00", "USD", gift))
	before := c.entries()
	first := c.do(http.MethodPost, batchPath, body, keyHeader, "batch").want(201)
	if n := c.entries() - before; n != 3 {
		t.Errorf("%d entries were posted, want 3", n)
	}
	for path, want := range map[string]string{
		"receipts.0.allocations.0.amount.amount": "700000.00", "receipts.1.allocations.0.amount.amount": "300000.00", "receipts.1.in_advance.0.amount.amount": "100000.00",
		"receipts.2.contributor": "DEU", "receipts.2.bank_reference": "B 3",
	} {
		if got := first.field(path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	if got := c.get("/v1/pledges/" + pledge).want(200).field("stage"); got != "fulfilled" {
		t.Errorf("the pledge is %s", got)
	}
	for i, r := range first.members() {
		id := first.field(fmt.Sprintf("receipts.%d.id", i))
		if shown := strings.TrimSpace(c.get("/v1/receipts/" + id).want(200).body); shown != r {
			t.Errorf("receipt %d is shown otherwise: %s", i, cmp.Diff(r, shown))
		}
		if trail := c.as(ledger.RoleAdmin).get("/v1/audit?record=/v1/receipts/" + id).want(200); trail.field("items.0.operation") != "record-receipts" {
			t.Errorf("the audit trail of receipt %d: %s", i, trail.body)
		}
	}

	again := c.do(http.MethodPost, batchPath, body, keyHeader, "batch").want(201)
	if again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the retry answers %s, %v", again.body, again.header)
	}
	single := c.do(http.MethodPost, "/v1/receipts", "{"+alone("5.00", "USD", gift)+"}", keyHeader, "k3").want(201)
	if strings.TrimSpace(single.body) != first.members()[2] || single.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("sent alone, the third answers %s", single.body)
	}
	// The same receipts in another batch, in another order and with a new one, whose fields stand in another order too.
	regrouped := batchOf(member("k3", "5.00", "USD", `"bank_reference":"B 3","contributor":"DEU","fund":"CPCJF"`), member("k4", "6.00", "USD", `"fund":"OTHER"`), member("k1", "700000.00", "EUR", to("700000.00")))
	other := c.do(http.MethodPost, batchPath, regrouped, keyHeader, "other").want(201)
	if got := other.members(); got[0] != first.members()[2] || got[2] != first.members()[0] {
		t.Errorf("the other batch answers %s", other.body)
	}
	if n := c.entries() - before; n != 4 {
		t.Errorf("%d entries are posted at last, want 4", n)
	}
	if second := c.do(http.MethodPost, batchPath, regrouped, keyHeader, "other").want(201); second.body != other.body {
		t.Errorf("its retry answers %s", second.body)
	}
	c.do(http.MethodPost, batchPath, body, keyHeader, "other").want(422)
	c.do(http.MethodPost, batchPath+"?dry_run=true", batchOf(member("k9", "1.00", "USD", `"fund":"CPCJF"`)), keyHeader, "tried").want(201)
	if n := c.entries() - before; n != 4 {
		t.Errorf("%d entries are posted after a dry run, want 4", n)
	}
}

// TestReceiptBatchFaults breaks a rule in each receipt of a batch. Every fault is named at its place, and nothing is posted.
func TestReceiptBatchFaults(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := c.agreed()
	c.post("/v1/periods/close", `{"fund":"OTHER","period":"2026-01"}`).want(200)
	c.do(http.MethodPost, "/v1/receipts", "{"+alone("5.00", "USD", `"fund":"CPCJF","bank_reference":"B 1"`)+"}", keyHeader, "used").want(201)
	before := c.entries()
	part := func(amount string) string {
		return fmt.Sprintf(`"allocations":[{"pledge":%q,"amount":{"amount":%q,"currency":"EUR"}}]`, pledge, amount)
	}
	a := c.post(batchPath, batchOf(
		member("f0", "1.00", "USD", `"fund":"CPCJF","contributor":"XXX"`),
		member("f1", "1.00", "USD", `"fund":"CPCJF","bank_reference":"B 2"`),
		member("f2", "1.00", "USD", `"fund":"CPCJF","bank_reference":"B 2"`),
		member("f3", "1.00", "USD", `"fund":"CPCJF","bank_reference":"B 1"`),
		member("used", "6.00", "USD", `"fund":"CPCJF"`),
		member("f0", "1.00", "USD", `"fund":"CPCJF"`),
		member("f6", "500.00", "EUR", part("600.00")),
		member("f7", "1000000.00", "EUR", part("1000000.00")), // which the refused one before it has no part in
		member("f8", "1.00", "USD", `"contributor":"NLD"`),
		member("f9", "1.00", "USD", `"fund":"NONE","allocations":[{"contributor":"YYY","fund":"ZZZ","amount":{"amount":"1.00","currency":"EUR"}}]`),
		strings.Replace(member("f10", "1.00", "USD", `"fund":"OTHER"`), "2026-03-05", "2026-01-05", 1),
		member("f11", "1.00", "JPY", `"fund":"CPCJF"`),
	)).want(422)
	want := map[string]string{
		"/receipts/0/contributor":                   "contributor-unknown",
		"/receipts/2/bank_reference":                "receipt-duplicate",
		"/receipts/3/bank_reference":                "receipt-duplicate",
		"/receipts/4/key":                           "idempotency-key-reused",
		"/receipts/5/key":                           "idempotency-key-reused",
		"/receipts/6/allocations/0/amount":          "allocation-exceeds-receipt",
		"/receipts/8/fund":                          "required",
		"/receipts/9/fund":                          "fund-unknown",
		"/receipts/9/allocations/0/contributor":     "contributor-unknown",
		"/receipts/9/allocations/0/fund":            "fund-unknown",
		"/receipts/9/allocations/0/amount/currency": "currency-mismatch",
		"/receipts/10/value_date":                   "period-closed",
		"/receipts/11/amount":                       "rate-missing",
	}
	if diff := cmp.Diff(want, a.faults()); diff != "" {
		t.Errorf("faults: %s", diff)
	}
	// Whatever can be seen in the request itself is told of each receipt too.
	a = c.post(batchPath, batchOf(member("", "1.00", "USD", `"fund":"CPCJF"`), member("g", "1.005", "USD", `"fund":"CPCJF","colour":"red"`),
		member("h", "1.00", "USD", `"fund":"CPCJF","charges":{"amount":"1.00","currency":"EUR"}`))).want(422)
	want = map[string]string{"/receipts/0/key": "required", "/receipts/1/amount/amount": "amount-scale", "/receipts/1/colour": "unknown-field"}
	if diff := cmp.Diff(want, a.faults()); diff != "" {
		t.Errorf("faults of the request: %s", diff)
	}
	if a = c.post(batchPath, batchOf(member("g", "1.00", "USD", `"fund":"CPCJF"`), member("h", "1.00", "USD", `"fund":"CPCJF","charges":{"amount":"1.00","currency":"EUR"}`))).want(422); a.faults()["/receipts/1/charges/currency"] != "currency-mismatch" {
		t.Errorf("charges in another currency: %s", a.body)
	}
	many := make([]string, 1001)
	for i := range many {
		many[i] = member(fmt.Sprint("m", i), "1.00", "USD", `"fund":"CPCJF"`)
	}
	if a = c.post(batchPath, batchOf(many...)).want(422); a.faults()["/receipts"] != "too-many" {
		t.Errorf("1001 receipts: %s", a.body)
	}
	if n := c.entries(); n != before {
		t.Errorf("%d entries were posted by batches that were refused", n-before)
	}
	// Nothing is left of the keys either.
	late := strings.Replace(member("f10", "1.00", "USD", `"fund":"OTHER"`), "2026-03-05", "2026-01-05", 1)
	if a = c.post(batchPath+"?late=true", batchOf(member("f0", "1.00", "USD", `"fund":"CPCJF"`), late)).want(201); c.entries() != before+2 {
		t.Errorf("after all that the keys are not free: %s", a.body)
	}
	if got := c.get("/v1/journal/" + a.field("receipts.1.entries.0")).want(200); got.field("effective_date") != "2026-02-01" || got.field("original_date") != "2026-01-05" {
		t.Errorf("the late one: %s", got.body)
	}
}

// TestReceiptBatchRace sends batches that share their receipts at the same time. Each receipt is recorded once, and all are
// answered alike.
func TestReceiptBatchRace(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := c.agreed()
	before := c.entries()
	const batches, receipts = 6, 20
	bodies := make([]string, batches)
	for b := range bodies {
		var list []string
		for i := range receipts {
			n := (i*7 + b*3) % receipts // each batch in an order of its own
			list = append(list, member(fmt.Sprint("r", n), "10.00", "EUR", fmt.Sprintf(`"bank_reference":"R %d","allocations":[{"pledge":%q,"amount":{"amount":"10.00","currency":"EUR"}}]`, n, pledge)))
		}
		bodies[b] = batchOf(list...)
	}
	answers := make([]answer, batches)
	var all sync.WaitGroup
	for b := range bodies {
		all.Go(func() { answers[b] = c.post(batchPath, bodies[b]) })
	}
	all.Wait()
	byReference := map[string]string{}
	for b, a := range answers {
		for i, r := range a.want(201).members() {
			reference := a.field(fmt.Sprintf("receipts.%d.bank_reference", i))
			if first, known := byReference[reference]; known && first != r {
				t.Errorf("batch %d answers for %s otherwise", b, reference)
			}
			byReference[reference] = r
		}
	}
	if n := c.entries() - before; n != receipts || len(byReference) != receipts {
		t.Errorf("%d entries for %d receipts, want %d", n, len(byReference), receipts)
	}
	if got := c.get("/v1/pledges/" + pledge).want(200).field("balances.receivable.amount.amount"); got != "999800.00" {
		t.Errorf("%s is outstanding, want 999800.00", got)
	}
}
