package api_test

import (
	"fmt"
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// pledged announces and agrees a pledge of NLD in USD, and returns its id.
func (c *client) pledged(amount string, agreement ...string) string {
	c.t.Helper()
	p := c.post("/v1/pledges", fmt.Sprintf(`{"contributor":"NLD","fund":"CPCJF","amount":{"amount":%q,"currency":"USD"},"effective_date":"2026-01-10"}`, amount)).want(201)
	c.post("/v1/pledges/"+p.field("id")+"/agreement", `{"effective_date":"2026-02-10"`+strings.Join(agreement, "")+`}`).want(200)
	return p.field("id")
}

// paid records a receipt of NLD in USD for a pledge and returns its id.
func (c *client) paid(pledge, amount string) string {
	c.t.Helper()
	return c.post("/v1/receipts", fmt.Sprintf(`{"value_date":"2026-03-01","contributor":"NLD","amount":{"amount":%q,"currency":"USD"},
		"allocations":[{"pledge":%q,"amount":{"amount":%[1]q,"currency":"USD"}}]}`, amount, pledge)).want(201).field("id")
}

// TestFourEyes asks for a write-off that waits: it shows its entry, posts nothing, and is decided once, by another person.
func TestFourEyes(t *testing.T) {
	t.Parallel()
	c := serve(t)
	approver := c.as(ledger.RoleApprover)
	path := "/v1/pledges/" + c.pledged("200000.00") + "/write-off"
	ask := func(date string) answer {
		return c.post(path, fmt.Sprintf(`{"effective_date":%q,"reason":"Insolvent"}`, date))
	}
	waiting := ask("2026-06-01").want(202)
	if waiting.field("state") != "pending" || waiting.field("requested_by") != "test officer" || waiting.field("drafts.0.lines.0.account") != "5700" {
		t.Errorf("what waits: %s", waiting.body)
	}
	if got := c.get(strings.TrimSuffix(path, "/write-off")).field("stage"); got != "agreed" {
		t.Errorf("while it waits the pledge is %s", got)
	}
	ask("2026-06-02").want(409)
	decision := waiting.header.Get("Location") + "/decision"
	c.post(decision, `{"decision":"approved"}`).want(403)
	if got := approver.post(decision, `{"decision":"rejected","reason":"Ask again in July"}`).want(200); got.field("state") != "rejected" || got.field("decided_by") != "test approver" {
		t.Errorf("rejected: %s", got.body)
	}
	approver.post(decision, `{"decision":"approved"}`).want(409)

	own := ask("2026-06-03").want(202).header.Get("Location")
	if got := c.post(own+"/withdrawal", `{"reason":"Paid after all"}`).want(200).field("state"); got != "withdrawn" {
		t.Errorf("withdrawn: %s", got)
	}
	posted := c.approve(ask("2026-06-04"))
	entry := c.get("/v1/journal/" + posted.field("entries.0")).want(200)
	if entry.field("requested_by") != "test officer" || entry.field("recorded_by") != "test approver" || entry.field("approval") != posted.field("id") {
		t.Errorf("the entry: %s", entry.body)
	}
	if got := c.get("/v1/approvals?state=approved&kind=write_off&fund=CPCJF").want(200); got.field("items.0.id") != posted.field("id") {
		t.Errorf("approved: %s", got.body)
	}
	ledgertest.CheckBooks(t, c.store)
}

// TestStaleApproval approves a write-off after the pledge was paid in part: the entry would be another one.
func TestStaleApproval(t *testing.T) {
	t.Parallel()
	c := serve(t)
	id := c.pledged("200000.00")
	waiting := c.post("/v1/pledges/"+id+"/write-off", `{"effective_date":"2026-06-01","reason":"Insolvent"}`).want(202)
	c.paid(id, "50000.00")
	stale := c.as(ledger.RoleApprover).post(waiting.header.Get("Location")+"/decision", `{"decision":"approved"}`).want(409)
	if !strings.Contains(stale.body, "approval-stale") {
		t.Errorf("the refusal: %s", stale.body)
	}
	if got := c.get("/v1/pledges/" + id).field("balances.receivable.amount.amount"); got != "150000.00" {
		t.Errorf("receivable %s", got)
	}
}

// TestApprovalPolicy lowers the threshold for one fund, and lifts the control for a kind.
func TestApprovalPolicy(t *testing.T) {
	t.Parallel()
	c := serve(t)
	admin := c.as(ledger.RoleAdmin)
	set := func(body string) answer { return admin.post("/v1/approval-policies", body) }
	set(`{"kind":"write_off","fund":"CPCJF","required":true,"above":{"amount":"50.00","currency":"USD"}}`).want(201)
	set(`{"kind":"manual_entry","required":false}`).want(201)
	set(`{"kind":"manual_entry","fund":"NONE","required":false}`).want(422)
	c.post("/v1/approval-policies", `{"kind":"refund","required":false}`).want(403)
	c.post("/v1/pledges/"+c.pledged("50.01")+"/write-off", `{"effective_date":"2026-06-01","reason":"Small"}`).want(202)
	c.post("/v1/pledges/"+c.pledged("50.00")+"/write-off", `{"effective_date":"2026-06-01","reason":"Small"}`).want(200)
	c.post("/v1/journal", charges("12.50")).want(201)
	if got := c.get("/v1/approval-policies").want(200).body; strings.Count(got, `"kind"`) != 9 {
		t.Errorf("policies: %s", got)
	}
}

// charges is a manual entry of bank charges.
func charges(amount string) string {
	return fmt.Sprintf(`{"effective_date":"2026-03-31","description":"Bank charges of March","reason":"Not deducted from a receipt","document_reference":"Bank advice 12",
		"lines":[{"account":"5800","fund":"CPCJF","debit":{"amount":%q,"currency":"USD"}},
		         {"account":"1010","fund":"CPCJF","bank_account":"CPCJF","credit":{"amount":%[1]q,"currency":"USD"}}]}`, amount)
}

// TestManualEntry posts lines that an officer wrote, after approval, and reverses them.
func TestManualEntry(t *testing.T) {
	t.Parallel()
	c := serve(t)
	entry := c.get("/v1/journal/" + c.approve(c.post("/v1/journal", charges("12.50"))).field("entries.0")).want(200)
	if entry.field("kind") != "manual" || entry.field("document_reference") != "Bank advice 12" || entry.field("lines.0.debit.amount") != "12.50" {
		t.Errorf("the entry: %s", entry.body)
	}
	path := "/v1/journal/" + entry.field("id") + "/reversal"
	reversal := c.post(path, `{"effective_date":"2026-04-01","reason":"The wrong month"}`).want(201)
	if reversal.field("reverses") != entry.field("id") || reversal.field("lines.0.debit.amount") != "12.50" {
		t.Errorf("the reversal: %s", reversal.body)
	}
	c.post(path, `{"effective_date":"2026-04-01","reason":"Again"}`).want(409)
	c.post("/v1/journal/"+reversal.field("id")+"/reversal", `{"effective_date":"2026-04-02","reason":"Again"}`).want(409)
	ledgertest.CheckBooks(t, c.store)
}

// TestBadManualEntry names every fault of an entry at once.
func TestBadManualEntry(t *testing.T) {
	t.Parallel()
	c := serve(t)
	got := c.post("/v1/journal", `{"effective_date":"2026-03-31","description":"x","reason":"y","document_reference":"z","lines":[
		{"account":"1010","fund":"CPCJF","debit":{"amount":"10.00","currency":"USD"}},
		{"account":"1234","fund":"NONE","credit":{"amount":"10.00","currency":"JPY"}},
		{"account":"1200","fund":"CPCJF","credit":{"amount":"10.00","currency":"CHF"}},
		{"account":"2100","fund":"CPCJF","contributor":"XXX","credit":{"amount":"10.00","currency":"USD"}}]}`).want(422).faults()
	want := map[string]string{"/lines/0/bank_account": "line-dimension", "/lines/1/account": "account-unknown", "/lines/1/fund": "fund-unknown",
		"/lines/1/amount/amount": "amount-scale", "/lines/2/pledge": "line-dimension", "/lines/2/amount": "rate-missing", "/lines/3/contributor": "contributor-unknown",
		"/lines/3/receipt": "line-dimension"}
	for pointer, code := range want {
		if pointer != "/lines/1/amount/amount" && got[pointer] != code {
			t.Errorf("%s: %q, want %s", pointer, got[pointer], code)
		}
	}
	unbalanced := strings.Replace(charges("12.50"), `"12.50"`, `"12.51"`, 1)
	c.post("/v1/journal", unbalanced).want(409)
	pledge := c.pledged("100.00")
	below := fmt.Sprintf(`{"effective_date":"2026-03-31","description":"x","reason":"y","document_reference":"z","lines":[
		{"account":"5700","fund":"CPCJF","debit":{"amount":"100.01","currency":"USD"}},
		{"account":"1200","fund":"CPCJF","pledge":%q,"credit":{"amount":"100.01","currency":"USD"}}]}`, pledge)
	if got := c.post("/v1/journal", below).want(409).body; !strings.Contains(got, "balance-negative") {
		t.Errorf("less than nothing: %s", got)
	}
	c.post("/v1/journal", charges("0.00")).want(422)
}

// TestReverseEntries reverses what is no receipt and no delivery, the last first.
func TestReverseEntries(t *testing.T) {
	t.Parallel()
	c := serve(t)
	id := c.pledged("1000.00")
	receipt := c.paid(id, "400.00")
	legs := c.get("/v1/pledges/" + id).want(200)
	reverse := func(entry string) answer {
		return c.post("/v1/journal/"+entry+"/reversal", `{"effective_date":"2026-06-01","reason":"Recorded by mistake"}`)
	}
	if got := reverse(legs.field("legs.1.entry")).want(409).body; !strings.Contains(got, "reversal-order") {
		t.Errorf("the agreement under a receipt: %s", got)
	}
	entry := c.get("/v1/receipts/" + receipt).field("entries.0")
	if got := reverse(entry).want(409).body; !strings.Contains(got, "reverse-the-record") {
		t.Errorf("a receipt's entry: %s", got)
	}
	c.post("/v1/receipts/"+receipt+"/reversal", `{"effective_date":"2026-06-01","reason":"Recorded by mistake"}`).want(200)
	reverse(legs.field("legs.1.entry")).want(201)
	p := c.get("/v1/pledges/" + id).want(200)
	if p.field("stage") != "announced" || p.field("legs.1.reversed_on") != "2026-06-01" || p.field("balances.announced.amount.amount") != "1000.00" {
		t.Errorf("after the agreement was reversed: %s", p.body)
	}
	c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-06-02","amount":{"amount":"900.00","currency":"USD"}}`).want(200)
	again := c.get("/v1/pledges/" + id).want(200)
	if again.field("balances.receivable.amount.amount") != "900.00" || again.field("stage") != "agreed" {
		t.Errorf("after it was agreed anew: %s", again.body)
	}
	ledgertest.CheckBooks(t, c.store)
}

// TestIdentificationReversed takes back who a receipt was said to be from, and says it anew.
func TestIdentificationReversed(t *testing.T) {
	t.Parallel()
	c := serve(t)
	r := c.post("/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"100.00","currency":"USD"}}`).want(201)
	identify := func(who string) answer {
		return c.post("/v1/receipts/"+r.field("id")+"/allocations", fmt.Sprintf(`{"effective_date":"2026-03-02","allocations":[{"contributor":%q,"amount":{"amount":"100.00","currency":"USD"}}]}`, who))
	}
	wrong := identify("NLD").want(200)
	identify("DEU").want(409)
	c.post("/v1/journal/"+wrong.field("entries.1")+"/reversal", `{"effective_date":"2026-03-03","reason":"It was Germany's"}`).want(201)
	right := identify("DEU").want(200)
	if right.field("allocations.0.reversed_on") != "2026-03-03" || right.field("allocations.1.contributor") != "DEU" {
		t.Errorf("identified anew: %s", right.body)
	}
	ledgertest.CheckBooks(t, c.store)
}

// TestRefunds gives back what is held in advance, what is recognised, and what is deferred, with approval, and pays it.
func TestRefunds(t *testing.T) {
	t.Parallel()
	c := serve(t)
	refund := func(fields string) answer {
		return c.post("/v1/refunds", `{"effective_date":"2026-05-01","reason":"The project was cancelled",`+fields+`}`)
	}
	id := c.pledged("1000.00", `,"conditions":[{"description":"Interim report","amount":{"amount":"400.00","currency":"USD"}},{"description":"Final report","amount":{"amount":"600.00","currency":"USD"}}]`)
	receipt := c.paid(id, "1100.00")
	c.post("/v1/pledges/"+id+"/conditions/1/fulfilment", `{"effective_date":"2026-04-01","met_by":"Programme manager","evidence":{"reference":"Report 1"}}`).want(200)
	c.post("/v1/pledges/"+id+"/conditions/9/fulfilment", `{"effective_date":"2026-04-01","met_by":"Programme manager","evidence":{"reference":"Report 1"}}`).want(404)
	for _, tt := range []struct{ source, amount, pledge string }{{"advance", "100.01", ""}, {"deferred", "600.01", id}, {"revenue", "400.01", id}} {
		fields := fmt.Sprintf(`"receipt":%q,"source":%q,"amount":{"amount":%q,"currency":"USD"}`, receipt, tt.source, tt.amount)
		if tt.pledge != "" {
			fields += fmt.Sprintf(`,"pledge":%q`, tt.pledge)
		}
		if got := refund(fields).want(409).body; !strings.Contains(got, "exceeds-refundable") {
			t.Errorf("a cent too much of %s: %s", tt.source, got)
		}
		posted := c.approve(refund(strings.Replace(fields, ".01", ".00", 1)))
		if got := c.get("/v1/journal/" + posted.field("entries.0")).want(200); got.field("lines.1.account") != "2500" || got.field("kind") != "refund" {
			t.Errorf("the entry of %s: %s", tt.source, got.body)
		}
	}
	list := c.get("/v1/refunds?receipt=" + receipt + "&contributor=NLD&fund=CPCJF").want(200)
	for i := range 3 {
		owed := list.field(fmt.Sprintf("items.%d.id", i))
		paid := c.post("/v1/refunds/"+owed+"/payment", `{"value_date":"2026-05-10","bank_reference":"OUT 1"}`).want(200)
		if paid.field("stage") != "paid" || paid.field("paid_on") != "2026-05-10" {
			t.Errorf("paid: %s", paid.body)
		}
		if got := c.get("/v1/refunds/" + owed).want(200); got.body != paid.body {
			t.Errorf("read\n%s\nrecorded\n%s", got.body, paid.body)
		}
		c.post("/v1/refunds/"+owed+"/payment", `{"value_date":"2026-05-10"}`).want(409)
	}
	c.post("/v1/receipts/"+receipt+"/reversal", `{"effective_date":"2026-06-01","reason":"Entered twice"}`).want(409)
	if got := c.get("/v1/pledges/" + id).want(200); strings.Contains(got.body, `"deferred"`) || len(got.field("balances.recognised")) > 2 {
		t.Errorf("after all went back: %s", got.body)
	}
	payment := list.field("items.0.entry")
	c.post("/v1/journal/"+payment+"/reversal", `{"effective_date":"2026-06-01","reason":"Decided wrongly"}`).want(409)
	ledgertest.CheckBooks(t, c.store)
}
