package api_test

import (
	"fmt"
	"maps"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"

	"vcledger/ledger"
)

// TestConsoleOffer records a pledge in kind by the pages: every fault stands beside its field, of each item.
func TestConsoleOffer(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleOfficer)
	b.get("/pledges/new").want(200, `href="/pledges/in-kind/new"`)
	b.get("/pledges/in-kind/new").want(200, "Item 1").lacks("Item 2")
	b.act("/pledges/in-kind/new", "_row", "add").want(200, "Item 2").lacks("Item 3", "aria-invalid")
	b.act("/pledges/in-kind/new", "contributor", "Nobody", "fund", "CPCJF", "effective_date", "2026-01-10", "_currency", "usd",
		"_items/0/description", "<i>Experts</i>", "_items/0/quantity", "many", "_items/0/value", "8,000.00", "_items/1/description", "Microscopes", "_items/1/quantity", "2").
		want(422, "No contributor has this code or name", `id="new-_items/0/quantity-fault"`, `value="8,000.00"`, `value="Microscopes"`).lacks("<i>Experts")
	b.act("/pledges/in-kind/new", "_currency", "dollars").want(422, `id="new-_currency-fault"`)
	at := b.act("/pledges/in-kind/new", "_currency", "usd", "contributor", "Netherlands", "_items/0/quantity", "20", "_items/0/unit", "expert_day", "_items/0/valuer", "Chief, Finance", "_items/0/valuation_basis", "pro_forma_cost",
		"_items/1/category", "goods", "_items/1/unit", "item", "_items/1/value", "3000", "_items/1/valuer", "Chief, Finance", "_items/1/valuation_basis", "market_price").
		want(200, "in kind", "<i>Experts</i>", "Microscopes", "8,000.00 USD", "3,000.00 USD", "Accept the offer").at
	if !strings.HasPrefix(at, "/pledges/0") {
		t.Errorf("recorded, %s is shown", at)
	}
	c.signIn(ledger.RoleAuditor).get("/pledges/in-kind/new").want(403)
}

// TestConsoleOfferRows adds and removes items as without a script, up to as many as the API takes: nothing that was typed is lost, and
// the page stays short enough.
func TestConsoleOfferRows(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleOfficer)
	const at = "/pledges/in-kind/new"
	b.get(at).act(at, "contributor", "NLD", "note", "kept", "_items/0/description", "First", "_items/0/unit", "lot", "_row", "add").want(200, "Item 2", `value="First"`, "<option selected>lot", `value="kept"`)
	b.act(at, "_items/1/description", "Second", "_items/1/quantity", "2", "_row", "add").want(200, "Item 3")
	b.act(at, "_items/2/description", "Third", "_items/2/valuer", "Chief", "_row", "remove 1").want(200, `value="First"`, `name="_items/1/description" value="Third"`, `name="_items/1/valuer" value="Chief"`, `name="_items/1/quantity" value=""`).lacks("Second", "Item 3")
	b.act(at, "_row", "remove 0").act(at, "_row", "remove 0").want(200, "Item 1", `value="kept"`).lacks("Third", "Item 2")
	for _, wrong := range []string{"remove 7", "remove -1", "remove x", "more"} {
		b.act(at, "_row", wrong).want(200, "Item 1").lacks("Item 2")
	}

	form := b.get(at).form()
	for name, value := range map[string]string{"contributor": "NLD", "effective_date": "2026-01-10"} {
		form.Set(name, value)
	}
	for i := range 100 {
		for name, value := range map[string]string{"description": fmt.Sprintf("Microscopes of the kind %d", i+1), "category": "goods", "quantity": "12", "unit": "item", "value": "100,000.00", "valuation_basis": "market price", "valuer": "Chief, Finance"} {
			form.Set(fmt.Sprintf("_items/%d/%s", i, name), value)
		}
	}
	full := maps.Clone(form)
	full.Set("_row", "add")
	if b.post(at, full).want(200, "Item 100").lacks("Item 101"); len(b.body) > 200<<10 {
		t.Errorf("a page of a hundred items has %d bytes", len(b.body))
	}
	full.Del("_row")
	full.Set("_items/41/quantity", "many")
	b.post(at, full).want(422, `id="new-_items/41/quantity-fault"`)
	b.post(at, form).want(200, "in kind", "Microscopes of the kind 1", "Microscopes of the kind 100")
}

// TestBrowserOffer adds and removes items in the browser, by keys, and records what is left.
func TestBrowserOffer(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.window(ledger.RoleOfficer)
	var legends []string
	var said, focused, heading string
	typed := func(item int, name, value string) chromedp.Action {
		return chromedp.SendKeys(fmt.Sprintf(`[name="_items/%d/%s"]`, item, name), value)
	}
	c.run(b, chromedp.Navigate(c.server.URL+"/pledges/in-kind/new"), chromedp.SendKeys("#new-contributor", "NLD"), chromedp.SetValue("#new-effective_date", "2026-01-10"))
	for i, name := range []string{"First", "Second", "Third"} {
		if i > 0 {
			// Reached by its key, the button leads to the new item.
			c.run(b, chromedp.Focus("button.add"), chromedp.KeyEvent(kb.Enter))
		}
		c.run(b, typed(i, "description", name), typed(i, "quantity", fmt.Sprint(i+1)), typed(i, "value", "100"), typed(i, "valuer", "Chief"))
	}
	c.run(b, chromedp.Click(`[value="remove 1"]`), chromedp.Poll(`document.querySelector("#items-said").textContent === "Item 2 is removed; 2 left."`, nil), chromedp.Evaluate(`document.activeElement.value`, &focused),
		chromedp.Evaluate(`[...document.querySelectorAll("legend")].map((l) => l.textContent)`, &legends))
	if focused != "Third" || strings.Join(legends, ", ") != "Item 1, Item 2" {
		t.Errorf("in %q; %v", focused, legends)
	}
	c.seen(b, "/pledges/in-kind/new/rows")
	// Enter in a field sends the form, and removes nothing. What is wrong stands beside its field, and not in a new row.
	c.run(b, chromedp.SetValue(`[name="_items/1/quantity"]`, "many"), chromedp.Focus(`[name="_items/0/valuer"]`), chromedp.KeyEvent(kb.Enter), chromedp.WaitVisible(`.item .fault`), chromedp.Evaluate(`document.activeElement.name`, &focused))
	if focused != "_items/1/quantity" {
		t.Errorf("what is wrong is in another field than %q", focused)
	}
	c.seen(b, "/pledges/in-kind/new/faults")
	c.run(b, chromedp.Click("button.add"), chromedp.WaitVisible(`[name="_items/2/description"]`), chromedp.Evaluate(`document.querySelectorAll(".item")[2].querySelectorAll(".fault, .wrong, [aria-invalid]").length + ""`, &said),
		chromedp.SetValue(`[name="_items/1/quantity"]`, "3"), chromedp.Click("button.main"), chromedp.WaitNotPresent("form.offer"), chromedp.WaitVisible("dl.facts"), chromedp.Text("h1", &heading))
	recorded := c.get("/v1/pledges").want(200).body
	if said != "0" || !strings.HasPrefix(heading, "Pledge P-") || !strings.Contains(recorded, `"First"`) || !strings.Contains(recorded, `"Third"`) || strings.Contains(recorded, `"Second"`) {
		t.Errorf("a new row has %s faults; %s: %s", said, heading, recorded)
	}
}

// TestConsoleCertification certifies a delivery that was recorded before: it is counted on the first page until then, and certified once.
func TestConsoleCertification(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.delivered()
	id := c.get("/v1/deliveries?certified=no").want(200).field("items.0.id")
	at := "/deliveries/" + id
	b := c.signIn(ledger.RoleOfficer)
	b.get("/").want(200, `<a href="/deliveries?certified=no"><b>1</b> deliveries to certify</a>`)
	b.get("/deliveries?certified=no").want(200, at)
	b.get(at).act(at+"/certification").want(422, `id="certification-certified_by-fault"`)
	once := b.get(at).form()
	once.Set("certified_by", "Chief, Laboratory")
	b.post(at+"/certification", once).want(200, "Chief, Laboratory").lacks("Certify the delivery")
	c.post("/v1/deliveries/"+id+"/certification", `{"certified_by":"Somebody else"}`).want(409)
	b.get("/").want(200, `<b>0</b> deliveries to certify`)
	b.get("/deliveries?certified=no").want(200, "No delivery is like this")
	b.get("/deliveries").want(200, "certified").lacks("not certified")
	if by := c.as(ledger.RoleDonor).get("/v1/deliveries/" + id).want(200).field("certified_by"); by != "Chief, Laboratory" {
		t.Errorf("the donor is shown %q", by)
	}
	other := c.post("/v1/deliveries", `{"contributor":"NLD","fund":"CPCJF","delivered_on":"2026-03-30","quantity":"1","unit":"item","category":"goods","description":"A microscope","value":{"amount":"10.00","currency":"USD"},"valuation_basis":"market_price","valuer":"Chief, Finance"}`).want(201).field("id")
	c.post("/v1/deliveries/"+other+"/reversal", `{"effective_date":"2026-04-01","reason":"Lent"}`).want(200)
	c.post("/v1/deliveries/"+other+"/certification", `{"certified_by":"Somebody"}`).want(409)
	b.get("/").want(200, `<b>0</b> deliveries to certify`)
}

// TestConsoleCalendar shows whatever was being given in a month, whenever it began and ended, and however much it was.
func TestConsoleCalendar(t *testing.T) {
	t.Parallel()
	c := serve(t)
	give := func(expert, from, to string) {
		t.Helper()
		c.post("/v1/deliveries", fmt.Sprintf(`{"contributor":"NLD","fund":"CPCJF","period_from":%q,"delivered_on":%q,"quantity":"1","unit":"expert_day","category":"expert","description":"x","expert":%q,"value":{"amount":"1.00","currency":"USD"},"valuation_basis":"pro_forma_cost","valuer":"Chief, Finance"}`, from, to, expert)).want(201)
	}
	give("Long", "2025-01-10", "2026-03-02")
	give("Before", "2025-12-01", "2025-12-31")
	give("After", "2026-02-01", "2026-02-02")
	for i := range 101 {
		give(fmt.Sprintf("Short %03d", i), "2026-01-31", "2026-02-01")
	}
	b := c.signIn(ledger.RoleAuditor)
	b.get("/deliveries/calendar?month=2026-01").want(200, "Long, NLD", "Short 000, NLD", "Short 100, NLD", "10 Jan 2025").lacks("Before", "After")
	if days := strings.Count(b.body, ">given<"); days != 31+101 {
		t.Errorf("%d days in January", days)
	}
	b.get("/deliveries/calendar?month=2026-01&contributor=Nobody").want(422, "No contributor has this code or name")
	b.get("/deliveries/calendar?month=2026-01&contributor=Germany").want(200, "Nothing was given in kind")
}

// TestConsoleFigures follows figures to what they are made of: a bank's balance, a condition's amount, and the charts of the report.
func TestConsoleFigures(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.as(ledger.RoleAdmin).post("/v1/bank-accounts", dollarAccount).want(201)
	c.byHand()
	c.agreed()
	c.dollarPledge("NV 2026 88", "9000.00")
	c.post("/v1/receipts", `{"contributor":"NLD","fund":"CPCJF","bank_account":"NY-USD","value_date":"2026-05-04","amount":{"amount":"111.00","currency":"USD"}}`).want(201)
	b := c.signIn(ledger.RoleOfficer)
	statement := b.get("/bank").uploadFile("may.sta", mayStatement).want(200).at
	balance := strings.SplitN(strings.SplitN(b.get(statement).want(200, "Closing balance").body, "Closing balance", 2)[1], `"`, 3)[1]
	b.get(strings.ReplaceAll(balance, "&amp;", "&")).want(200, "The bank, in USD", "The books, in USD", "Difference", "to be explained", `href="/journal?account=1010&bank_account=NY-USD`)
	line := strings.SplitN(strings.SplitN(b.body, `href="/bank/lines/`, 2)[1], `"`, 2)[0]
	if shown := b.get("/bank/lines/"+line).want(200, "Lines that wait"); shown.at != statement {
		t.Errorf("a line leads to %s", shown.at)
	}
	b.get("/bank/accounts/NY-USD?date=May").want(422, `value="May"`, `id="date-fault"`)
	b.get("/bank/accounts/NOBODY?date=2026-05-31").want(422)
	b.get("/bank?bank_account=CPCJF").want(200, "No statement was imported yet")
	id := c.post("/v1/pledges", `{"contributor":"ADB","fund":"CPCJF","effective_date":"2026-01-10","amount":{"amount":"900.00","currency":"USD"}}`).want(201).field("id")
	c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-01-15","conditions":[{"description":"Interim report","amount":{"amount":"900.00","currency":"USD"}}]}`).want(200)
	b.get("/pledges/"+id).want(200, "Interim report", `href="/journal?account=2400&pledge=`+id)
	b.get("/journal?account=2400&pledge="+id).want(200, "pledge agreed")
	b.get("/reports?fund=CPCJF&year=2026").want(200, "<svg", "Documents", `href="/reports/fund?format=html&fund=CPCJF&year=2026"`)
	b.get("/reports?fund=CPCJF&year=19").want(422, `value="19"`, `id="year-fault"`)
	b.get("/reports?fund=OTHER&year=2020").want(200, "Nothing happened in this fund and year").lacks("<svg")
}

// TestConsolePeriodOffers offers the closing and the reopening of a period only while they are allowed.
func TestConsolePeriodOffers(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleOfficer)
	at := func(period string) string { return "/periods?fund=OTHER&period=" + period }
	b.get(at("2030")).want(200, "It cannot be closed now", "has not ended").lacks("Close 2030", "Open 2030")
	b.get(at("2025-11")).want(200, "Close 2025-11 of OTHER").lacks("Open 2025-11", "It cannot be closed now")
	b.act("/periods/close?fund=OTHER&amp;period=2025-11").want(200, "Open 2025-11 of OTHER again", "closed through").lacks("Close 2025-11 of OTHER")
	b.get(at("2025-10")).want(200, "closed through").lacks("Close 2025-10", "Open 2025-10")
	b.get(at("2026-02")).want(200, "is closed first").lacks("Close 2026-02")
	b.post("/periods/close?fund=OTHER&period=2026-02", url.Values{"form_token": b.form()["form_token"], "key": {"late"}}).want(422, "is closed first")
	b.get(at("2025-11")).act("/periods/reopen?fund=OTHER&amp;period=2025-11", "reason", "").want(422, `id="reopen-reason-fault"`)
}

// TestBrowserApproval asks for a reversal in one browser, which has to wait, and approves it in another's.
func TestBrowserApproval(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.as(ledger.RoleAdmin).post("/v1/approval-policies", `{"kind":"receipt_reversal","required":true}`).want(201)
	c.delivered()
	receipt := c.post("/v1/receipts", `{"contributor":"NLD","fund":"CPCJF","value_date":"2026-03-05","amount":{"amount":"800.00","currency":"EUR"}}`).want(201).field("id")
	officer, approver := c.window(ledger.RoleOfficer), c.window(ledger.RoleApprover)
	var at, state, waiting string
	c.run(officer, chromedp.Navigate(c.server.URL+"/receipts/"+receipt), chromedp.SendKeys("#reversal-reason", "Entered twice"), chromedp.Click(`form[action$="/reversal"] button`),
		chromedp.WaitVisible(`form[action$="/withdrawal"]`), chromedp.Location(&at))
	if on := c.get("/v1/receipts/" + receipt).want(200).body; !strings.HasPrefix(at, c.server.URL+"/approvals/") || strings.Contains(on, "reversed_on") {
		t.Errorf("asked for, %s is shown: %s", at, on)
	}
	c.look(officer, strings.TrimPrefix(at, c.server.URL))
	c.run(approver, chromedp.Navigate(c.server.URL+"/"), chromedp.Text(`.counts a[href^="/approvals"] b`, &waiting), chromedp.Click(`td a[href^="/approvals/"], th a[href^="/approvals/"]`), chromedp.WaitVisible(`button[value=approved]`),
		chromedp.Click(`button[value=approved]`), chromedp.WaitNotPresent(`button[value=approved]`), chromedp.WaitVisible("dl.facts"), chromedp.Text("dl.facts", &state))
	if waiting != "1" || !strings.Contains(state, "approved") {
		t.Errorf("%s waited, then %s", waiting, state)
	}
	c.run(officer, chromedp.Navigate(c.server.URL+"/receipts/"+receipt), chromedp.WaitVisible(".mark"))
	if on := c.get("/v1/receipts/" + receipt).want(200).field("reversed_on"); on == "" {
		t.Error("the receipt is not reversed")
	}
	id := c.get("/v1/deliveries?certified=no").want(200).field("items.0.id")
	c.look(officer, "/", "/deliveries?certified=no", "/deliveries/"+id, "/deliveries/calendar?month=2026-03", "/pledges/in-kind/new", "/reports?fund=CPCJF&year=2026", "/bank/accounts/CPCJF?date=2026-03-31", "/periods?fund=CPCJF&period=2030")
	c.run(officer, chromedp.Navigate(c.server.URL+"/deliveries/"+id), chromedp.SendKeys("#certification-certified_by", "Chief, Laboratory"), chromedp.Click(`form[action$="/certification"] button`),
		chromedp.WaitNotPresent(`form[action$="/certification"]`), chromedp.WaitVisible("dl.facts"), chromedp.Text("dl.facts", &state))
	if !strings.Contains(state, "Chief, Laboratory") {
		t.Errorf("certified: %s", state)
	}
}
