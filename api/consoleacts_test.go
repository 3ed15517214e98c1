package api_test

import (
	"html"
	"net/url"
	"strings"
	"testing"

	"vcledger/ledger"
)

// act sends one of several forms of a page, with its own token and key.
func (b *browser) act(path string, pairs ...string) *browser {
	b.t.Helper()
	_, form, found := strings.Cut(b.body, `action="`+path+`"`)
	if !found {
		b.t.Fatalf("%s has no form to %s: %s", b.at, path, b.body)
	}
	b.body, _, _ = strings.Cut(form, "</form>")
	path = html.UnescapeString(path)
	return b.fill(path, pairs...)
}

// TestConsolePledge leads a pledge through its life by the pages.
func TestConsolePledge(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleOfficer)
	b.get("/pledges").want(200, "Record a pledge")
	b.get("/pledges/new").want(200, "Record a pledge of cash")
	b.act("/pledges/new", "contributor", "Nobody at all", "amount", "1,000.001", "_currency", "eur", "effective_date", "2026-01-10", "fund", "CPCJF", "fund_year", "next", "note", "<i>kept</i>").
		want(422, "No contributor has this code or name", "This must be a whole number", "EUR has", `value="1,000.001"`, `value="Nobody at all"`).lacks("<i>kept")
	b.act("/pledges/new", "fund_year", "2026").want(422, "EUR has", `value="1,000.001"`, `value="eur"`)
	b.get("/pledges/new").act("/pledges/new", "contributor", "Nobody at all", "amount", "1", "_currency", "EUR", "effective_date", "2026-01-10", "fund", "CPCJF").want(422, `id="new-contributor-fault"`)
	b.get("/pledges/new")
	once := b.form()
	for name, value := range map[string]string{"contributor": "Netherlands", "amount": "1,000,000.00", "_currency": "eur", "effective_date": "2026-01-10", "fund": "CPCJF", "reference": "NV 7"} {
		once.Set(name, value)
	}
	at := b.post("/pledges/new", once).want(200, "Pledge NV 7", "1,000,000.00 EUR", "Record the agreement").at
	if again := b.post("/pledges/new", once).want(200).at; again != at {
		t.Errorf("sent twice: %s and %s", at, again)
	}
	b.act(at+"/agreement", "effective_date", "2026-01-15", "_instalments", "2026-06-30").want(422, "Line 1 has to be a date and an amount", ">2026-06-30</textarea>")
	b.act(at+"/agreement", "effective_date", "2026-01-15", "_instalments", "2026-06-30 400,000.00\r\n2026-09-30 500000.00").want(422, `id="agreement-_instalments-fault"`, "400,000.00\r\n2026-09-30 500000.00")
	b.get(at).act(at+"/agreement", "effective_date", "2026-01-15", "_instalments", "2026-06-30 400,000.00\r\n2026-09-30 600000.00").want(200, "Instalments agreed on", "400,000.00 EUR", "Raise or reduce")
	b.act(at+"/adjustment", "kind", "reduction", "effective_date", "2026-02-01", "amount", "100,000.00").want(422, `id="adjustment-reason-fault"`, `value="100,000.00"`, `value="reduction" selected`)
	b.get(at).act(at+"/adjustment", "kind", "reduction", "effective_date", "2026-02-01", "amount", "100,000.00", "reason", "Budget cut").want(200, "reduction", "900,000.00 EUR", "Budget cut")
	b.get(at).act(at+"/cancellation", "effective_date", "2026-03-01", "reason", "Withdrawn").want(200, "cancelled", "Withdrawn").lacks("Raise or reduce", "Record the agreement")
	b.post(at+"/cancellation", url.Values{"form_token": once["form_token"], "key": {"late"}}).want(404)
	b.post(at+"/cancellation", url.Values{"key": {"forged"}}).want(403, "not of this session")
	auditor := c.signIn(ledger.RoleAuditor)
	auditor.get("/pledges").want(200).lacks("Record a pledge")
	auditor.get("/pledges/new").want(403, "may not record pledges")
}

// TestConsoleIdentification tells by the pages whose an unidentified receipt is.
func TestConsoleIdentification(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.agreed()
	at := "/receipts/" + c.post("/v1/receipts", `{"fund":"CPCJF","payer":"Somebody","value_date":"2026-03-06","amount":{"amount":"500.00","currency":"EUR"}}`).want(201).field("id")
	b := c.signIn(ledger.RoleOfficer)
	b.get("/").want(200, "receipts to identify", "Somebody", at)
	b.get(at).want(200, "Identify the receipt", `value="500.00"`)
	b.act(at+"/identification", "effective_date", "2026-03-10").want(422, "Name a pledge, or a contributor")
	b.act(at+"/identification", "_pledge", "NOT THERE").want(422, "No cash pledge has this reference", `value="NOT THERE"`)
	b.act(at+"/identification", "_pledge", "", "_contributor", "Nobody at all").want(422, "No contributor has this code or name", `value="Nobody at all"`)
	b.act(at+"/identification", "_contributor", "Netherlands", "_amount", "600.00").want(422, `value="600.00"`)
	b.act(at+"/identification", "_amount", "200.00").want(200, "gift to the fund", "200.00 EUR", `value="300.00"`)
	reference := c.get("/v1/pledges").want(200).field("items.0.reference")
	b.act(at+"/identification", "effective_date", "2026-03-10", "_pledge", reference).want(200, reference).lacks("Identify the receipt")
	b.act(at+"/reversal", "effective_date", "2026-03-11").want(422, `id="reversal-reason-fault"`)
}

// TestConsolePeriods shows the closing list, closes a month, and issues and shows a statement.
func TestConsolePeriods(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.agreed()
	b := c.signIn(ledger.RoleOfficer)
	b.get("/periods").want(200, "No period was closed yet")
	b.get("/periods?fund=CPCJF&period=20-26").want(422, `value="20-26"`, `id="period-fault"`)
	b.get("/periods?fund=CPCJF&period=2025").want(200, "Closing list of CPCJF, 2025", "Receipts are identified", "passed")
	b.get("/contributors/NLD").want(200, "Issue a statement")
	b.act("/contributors/NLD/statement", "from", "2026-03-01", "to", "2026-01-01").want(422, "ends before it begins", `value="2026-03-01"`)
	b.act("/contributors/NLD/statement", "from", "2026-01-01", "to", "2026-03-31").want(200, "31 Mar 2026")
	number := c.get("/v1/contributors/NLD/statements").want(200).field("items.0.number")
	if b.want(200, number).get("/statements/" + number + "?format=pdf").want(200); !strings.HasPrefix(b.body, "%PDF-") {
		t.Errorf("the statement is %.20q", b.body)
	}
	b.get("/contributors?name=ether").want(200, "Netherlands").lacks("Germany")
	b.get("/contributors?name=nobody+at+all").want(200, "Try less of the name").lacks("Germany")
	for _, role := range []ledger.Role{ledger.RoleOfficer, ledger.RoleApprover, ledger.RoleAdmin} {
		if closer := c.signIn(role).get("/periods?fund=CPCJF&period=2025-12").want(200); strings.Contains(closer.body, "Close 2025-12 of CPCJF") {
			closer.act("/periods/close?fund=CPCJF&amp;period=2025-12").want(200, "closed")
			return
		}
	}
	t.Error("nobody may close a month")
}

// TestConsoleDelivery accepts an offer in kind, records an expert's days, shows them on the calendar, and reverses them.
func TestConsoleDelivery(t *testing.T) {
	t.Parallel()
	c := serve(t)
	id := c.offered()
	at := "/pledges/" + id
	b := c.signIn(ledger.RoleOfficer)
	b.get(at).want(200, "Accept the offer").act(at+"/agreement", "effective_date", "2026-01-15", "accepted_by", "Chief, Finance").want(200, "Record a delivery", "Forensic experts")
	b.act(at+"/delivery", "_item", "1", "quantity", "many", "period_from", "2026-03-02", "delivered_on", "2026-03-04", "expert", "Expert 17").want(422, `id="delivery-quantity-fault"`, `value="Expert 17"`)
	delivery := b.act(at+"/delivery", "_item", "1", "quantity", "3").want(200, "Expert 17", "1,200.00 USD", "Reverse the delivery").at
	b.get("/deliveries").want(200, "Forensic experts", "not certified", delivery)
	b.get("/deliveries/calendar?month=2026-03").want(200, "March 2026", "Expert 17, NLD")
	if days := strings.Count(b.body, `<span class="said">given</span>`); days != 3 || strings.Count(b.body, "●") != 3 {
		t.Errorf("the expert has %d days", days)
	}
	b.get("/deliveries/calendar?month=2026-02").want(200, "Nothing was given in kind")
	b.get("/deliveries/calendar?month=March").want(422, "A month is written as", `value="March"`)
	b.get(delivery).act(delivery+"/reversal", "effective_date", "2026-03-20").want(422, `id="reversal-reason-fault"`)
	b.act(delivery+"/reversal", "effective_date", "2026-03-20", "reason", "Entered twice").want(200, "reversed")
}

// offered records a pledge of twenty days of experts, and returns its identifier.
func (c *client) offered() string {
	c.t.Helper()
	return c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-10","items":[{"category":"expert","description":"Forensic experts","quantity":"20","unit":"expert_day","value":{"amount":"8000.00","currency":"USD"},"valuation_basis":"pro_forma_cost","valuer":"Chief, Finance"}]}`).want(201).field("id")
}

// delivered records three days of them, which were accepted.
func (c *client) delivered() {
	c.t.Helper()
	id := c.offered()
	c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-01-15"}`).want(200)
	c.post("/v1/deliveries", `{"pledge":"`+id+`","quantity":"3","period_from":"2026-03-02","delivered_on":"2026-03-04","expert":"Expert 17"}`).want(201)
}
