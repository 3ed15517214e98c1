package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestFindContributor finds contributors by a part of what they are called, and tells nobody, more than one, and a search that failed apart.
func TestFindContributor(t *testing.T) {
	t.Parallel()
	database := ledgertest.Database(t)
	c := serveOn(t, database)
	c.post("/v1/contributors/NLD/aliases", `{"name":"Pays-Bas","kind":"translation"}`).want(201)
	c.post("/v1/contributors/DEU/codes", `{"scheme":"m49","value":"276"}`).want(201)
	for query, want := range map[string]string{"nether": "NLD", "PAYS": "NLD", "bank": "ADB", "nl": "NLD", "276": "DEU", "zzz": "", "%25": ""} {
		found := c.get("/v1/contributors?name=" + query).want(200).body
		for _, code := range []string{"NLD", "DEU", "ADB"} {
			if strings.Contains(found, `"code":"`+code+`"`) != (code == want) {
				t.Errorf("%q finds %s", query, found)
			}
		}
	}
	b := c.signIn(ledger.RoleOfficer)
	b.get("/contributors/found?name=pays").want(200, `{"code":"NLD","name":"Netherlands, also Pays-Bas"}`)
	b.get("/contributors/found?name=zzz").want(200, `"items":[]`)
	b.get("/pledges?contributor=Netherlands").want(200, `value="Netherlands"`)
	b.get("/receipts?contributor=Nobody").want(422, "No contributor has this code or name", `id="contributor-fault"`)
	b.get("/due?contributor=Nobody").want(422, "No contributor has this code or name")
	c.signIn(ledger.RoleDonor).get("/contributors/found?name=pays").want(403)

	c.post("/v1/contributors", `{"code":"IADB","name":"Inter-American Development Bank","kind":"rdb","aliases":["IDB"]}`).want(201)
	c.post("/v1/contributors", `{"code":"ISDB","name":"Islamic Development Bank","kind":"rdb","aliases":["IDB"]}`).want(201)
	b.get("/pledges/new").act("/pledges/new", "contributor", "IDB", "amount", "1.00", "_currency", "USD", "effective_date", "2026-01-10", "fund", "CPCJF", "note", "kept").
		want(422, "IADB (Inter-American Development Bank) or ISDB (Islamic Development Bank)", `value="kept"`)
	b.get("/pledges/new")
	form := b.form()
	for name, value := range map[string]string{"contributor": "Netherlands", "amount": "1.00", "_currency": "USD", "effective_date": "2026-01-10", "fund": "CPCJF", "note": "kept"} {
		form.Set(name, value)
	}
	owner := ledgertest.Connect(t, database, "")
	if _, err := owner.Exec(`ALTER TABLE contributor_alias RENAME TO out_of_reach`); err != nil {
		t.Fatal(err)
	}
	b.post("/pledges/new", form).want(422, "could not be looked up just now", `value="kept"`, `value="Netherlands"`).lacks("No contributor has this")
	if _, err := owner.Exec(`ALTER TABLE out_of_reach RENAME TO contributor_alias`); err != nil {
		t.Fatal(err)
	}
	b.post("/pledges/new", form).want(200, "Pledge P-")
}

// TestDuePages reads more instalments than a page has room for.
func TestDuePages(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for _, reference := range []string{"P1", "P2"} {
		id := c.post("/v1/pledges", fmt.Sprintf(`{"reference":%q,"contributor":"NLD","fund":"CPCJF","form":"cash","effective_date":"2026-01-10","amount":{"amount":"150.00","currency":"USD"}}`, reference)).want(201).field("id")
		list := make([]string, 150)
		for i := range list {
			list[i] = fmt.Sprintf(`{"due_on":%q,"amount":{"amount":"1.00","currency":"USD"}}`, ledger.DateOf(time.Date(2026, 2, 1+i, 0, 0, 0, 0, time.UTC)))
		}
		c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-01-15","instalments":[`+strings.Join(list, ",")+`]}`).want(200)
	}
	b := c.signIn(ledger.RoleOfficer)
	b.get("/due?fund=CPCJF").want(200, "1 to 200 of 300", `href="/due?fund=CPCJF&skip=200"`)
	b.get("/due?fund=CPCJF&skip=200").want(200, "201 to 300 of 300").lacks("Next page")
	b.get("/due?skip=1000").want(200, "300 to 300 of 300")
	b.get("/due?contributor=DEU&skip=200").want(200, "Nothing is due")
}

// TestBrowserSlow records a receipt over a slow and broken network: a button shows that it works, nothing that was typed is lost, what is
// sent twice is posted once, and the button Back offers nothing that was posted.
func TestBrowserSlow(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.agreed()
	b := c.window(ledger.RoleOfficer)
	var said, amount string
	var n int
	found := func(expression string) chromedp.Action {
		return chromedp.Poll(`document.querySelector("#contributor-found").textContent.startsWith("`+expression+`")`, nil)
	}
	c.run(b, network.Enable(), chromedp.Navigate(c.server.URL+"/receipts/new"), chromedp.SendKeys("#contributor", "ether"),
		found("1 found"), chromedp.WaitReady(`#contributor-list option[value="NLD"]`), chromedp.Text("#contributor-found", &said))
	if said != "1 found" {
		t.Errorf("what was typed: %s", said)
	}
	c.run(b, chromedp.Clear("#contributor"), chromedp.SendKeys("#contributor", "zzz"), found("No contributor has this"),
		network.EmulateNetworkConditions(true, 0, -1, -1), chromedp.Clear("#contributor"), chromedp.SendKeys("#contributor", "yyy"), found("Contributors could not be looked up"))
	c.run(b, network.EmulateNetworkConditions(false, 700, -1, -1), chromedp.SetValue("#contributor", "NLD"), chromedp.SendKeys("#amount", "400,000.00"), chromedp.SendKeys("#currency", "EUR"),
		chromedp.SetValue("#value_date", "2026-03-05"), pledgesSaid("400,000.00 EUR for 1 pledge"), chromedp.Click("button[value=preview]"), chromedp.WaitVisible("button[aria-busy=true]"), chromedp.Text("button[aria-busy=true]", &said))
	if said != "Working…" {
		t.Errorf("a button that works says %q", said)
	}
	c.keep(b, "/receipts/new/working", 1440)
	c.run(b, chromedp.WaitVisible("section.preview"), chromedp.Value("#amount", &amount))
	if amount != "400,000.00" {
		t.Errorf("after the preview, the amount is %q", amount)
	}
	c.run(b, network.EmulateNetworkConditions(true, 0, -1, -1), chromedp.Click("button[value=post]"), chromedp.WaitVisible("p.sent"), chromedp.Poll(`document.querySelector("p.sent").textContent.startsWith("The connection broke")`, nil),
		chromedp.Value("#amount", &amount))
	if amount != "400,000.00" || c.receipts() != 0 {
		t.Errorf("without a connection, the amount is %q and there are %d receipts", amount, c.receipts())
	}
	c.keep(b, "/receipts/new/broken", 1440)
	c.run(b, network.EmulateNetworkConditions(false, 700, -1, -1), chromedp.Evaluate(`(() => { const b = document.querySelector("button[value=post]"); b.click(); b.click() })()`, nil),
		chromedp.WaitNotPresent("form.receipt"), chromedp.WaitVisible("dl.facts"))
	if c.receipts() != 1 {
		t.Errorf("pressed twice, there are %d receipts", c.receipts())
	}
	c.run(b, network.EmulateNetworkConditions(false, 0, -1, -1), chromedp.NavigateBack(), chromedp.WaitVisible("form.receipt"), chromedp.Poll(`document.querySelector("form.receipt:not([data-done])") !== null`, nil),
		chromedp.Evaluate(`document.querySelectorAll("button[value=post]").length`, &n))
	if n != 0 || c.receipts() != 1 {
		t.Errorf("behind the button Back are %d buttons that post; %d receipts", n, c.receipts())
	}
}
