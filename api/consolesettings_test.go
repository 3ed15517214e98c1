package api_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"vcledger/ledger"
)

// theSecret is a key as its page shows it.
var theSecret = regexp.MustCompile(`id="secret">([^<]+)<`)

// TestConsoleFunds records a fund by the pages and changes it; who changes what somebody else has changed is told.
func TestConsoleFunds(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleAdmin)
	b.get("/settings").want(200, "Funds", "Rates of exchange", "Keys")
	b.get("/settings/funds").want(200, "CPCJF", "Record a fund")
	b.get("/settings/funds/new").act("/settings/funds/new", "code", "new fund", "name", "<i>New</i>").want(422, `value="new fund"`, `id="new-code-fault"`).lacks("<i>New")
	b.act("/settings/funds/new", "code", "NEWFUND", "name", "A new fund", "kind", "special_purpose", "rate_source", "ecb").want(200, "A new fund", "special purpose", "European Central Bank", "90 of 100")
	if b.at != "/settings/funds/NEWFUND" {
		t.Errorf("recorded, %s is shown", b.at)
	}
	other := c.signIn(ledger.RoleOfficer).get("/settings/funds/NEWFUND").want(200, "Change the fund")
	b.act("/settings/funds/NEWFUND/edit", "match_threshold", "many").want(422, `id="edit-match_threshold-fault"`, `value="many"`)
	b.act("/settings/funds/NEWFUND/edit", "bank_charges", "net", "match_threshold", "101").want(200, "101 of 100", "net")
	other.act("/settings/funds/NEWFUND/edit", "match_threshold", "50").want(422, "This could not be done", `value="50"`, "101 of 100")
	other.act("/settings/funds/NEWFUND/edit", "match_threshold", "50").want(200, "50 of 100")
	b.get("/settings/funds/NEWFUND").act("/settings/funds/NEWFUND/support", "effective_date", "2026-01-01", "support_rate", "7").want(422, `id="support-support_fund-fault"`)
	b.act("/settings/funds/NEWFUND/support", "support_rate", "7.5", "support_fund", "CPCJF").want(200, "7.5 %", "1 Jan 2026")
	auditor := c.signIn(ledger.RoleAuditor)
	auditor.get("/settings/funds/NEWFUND").want(200, "A new fund").lacks("Change the fund", "Set programme support")
	auditor.get("/settings/funds/new").want(403)
	auditor.post("/settings/funds/NEWFUND/edit", url.Values{"form_token": auditor.get("/").form()["form_token"], "key": {"k"}, "match": {"x"}, "match_threshold": {"1"}}).want(403)
}

// TestConsolePolicies changes what waits by the pages, for one fund and for all, and the writes wait by it.
func TestConsolePolicies(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleAdmin)
	b.get("/settings").want(200, "/settings/policies")
	b.get("/settings/policies").want(200, "write off", "what moves more than 100,000.00 USD", "every fund", "period reopening", "everything").lacks("nothing", "every other fund")
	b.get("/settings/policies/new?kind=write_off&fund=").want(200, `value="write_off" selected`, `value="100000.00"`)
	b.act("/settings/policies/new", "_above", "a lot").want(422, `id="new-_above-fault"`, `value="a lot"`)
	b.act("/settings/policies/new", "fund", "CPCJF", "_above", "1,050.00").want(200, "what moves more than 1,050.00 USD", "what moves more than 100,000.00 USD", "every other fund", "test admin")
	if b.at != "/settings/policies" {
		t.Errorf("set, %s is shown", b.at)
	}
	c.post("/v1/pledges/"+c.pledged("1050.01")+"/write-off", `{"effective_date":"2026-06-01","reason":"Small"}`).want(202)
	c.post("/v1/pledges/"+c.pledged("1050.00")+"/write-off", `{"effective_date":"2026-06-01","reason":"Small"}`).want(200)
	b.get("/settings/policies/new?kind=manual_entry").act("/settings/policies/new", "_required", "false").want(200, "nothing")
	b.get("/settings/policies/new?kind=manual_entry").want(200, `value="false" selected`)
	c.post("/v1/journal", charges("12.50")).want(201)
	officer := c.signIn(ledger.RoleOfficer)
	officer.get("/settings/policies").want(200, "manual entry", "nothing").lacks("Change what waits", "/settings/policies/new")
	officer.get("/settings/policies/new").want(403)
	officer.post("/settings/policies/new", url.Values{"form_token": officer.get("/").form()["form_token"], "key": {"k"}, "kind": {"refund"}, "_required": {"false"}}).want(403)
}

// TestConsoleBankAccounts records a bank account by the pages, changes by what its statements are known, and says how its CSV files are
// read: each fault of the mapping stands beside its field, and a file is then read by it.
func TestConsoleBankAccounts(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleOfficer)
	b.get("/settings").want(200, "/settings/bank-accounts")
	b.get("/settings/bank-accounts").want(200, "CPCJF", "each apart", "cannot be read yet", "Record a bank account")
	const at = "/settings/bank-accounts/NY-USD"
	b.get("/settings/bank-accounts/new").act("/settings/bank-accounts/new", "code", "ny usd", "name", "<b>New York</b>", "iban", "1234").want(422, `id="new-code-fault"`, `id="new-iban-fault"`).lacks("<b>New")
	b.act("/settings/bank-accounts/new", "code", "NY-USD", "name", "New York", "currency", "usd", "iban", "de89 3704 0044 0532 0130 00").want(200, "New York", "USD", "DE89370400440532013000")
	if b.at != at {
		t.Errorf("recorded, %s is shown", b.at)
	}
	other := c.signIn(ledger.RoleAdmin).get(at).want(200, "Change the bank account")
	b.act(at+"/edit", "iban", "1234").want(422, `id="edit-iban-fault"`)
	b.act(at+"/edit", "iban", "").want(200, "New York").lacks("DE89370400440532013000")
	b.act(at+"/edit", "iban", "GB29 NWBK 6016 1331 9268 19", "number", "31926819", "bank", "NWBKGB2L").want(200, "GB29NWBK60161331926819", "31926819", "NWBKGB2L")
	other.act(at+"/edit", "bank", "COBADEFF").want(422, "This could not be done", `value="COBADEFF"`, "NWBKGB2L")
	b.act(at+"/columns", "_csv_mapping/header_rows", "one", "_csv_mapping/separator", ";").want(422, `id="columns-_csv_mapping/header_rows-fault"`, `value="one"`)
	b.act(at+"/columns", "_csv_mapping/header_rows", "1", "_csv_mapping/date_layout", "never", "_csv_mapping/mark", "Sign", "_csv_mapping/debit_marks", "D\r\nd").
		want(422, `id="columns-_csv_mapping/date_layout-fault"`, `id="columns-_csv_mapping/currency-fault"`, `id="columns-_csv_mapping/value_date-fault"`, `id="columns-_csv_mapping/debit_marks-fault"`, `value="never"`)
	b.act(at+"/columns", "_csv_mapping/date_layout", "DD.MM.YYYY", "_csv_mapping/mark", "", "_csv_mapping/debit_marks", "", "_csv_mapping/decimal_comma", "true", "_csv_mapping/currency", "usd",
		"_csv_mapping/value_date", "Valuta", "_csv_mapping/amount", "Betrag", "_csv_mapping/name", "Name", "_csv_mapping/remittance", "Text\r\n\r\nText 2").
		want(200, `value=";" selected`, `value="DD.MM.YYYY"`, `value="Valuta"`, "Text\nText 2")
	b.get("/settings/bank-accounts").want(200, "are read", "GB29NWBK60161331926819")
	const file = "Valuta;Betrag;Name;Text;Text 2\n31.03.2026;1.250,50;Ministry;Gift;2026\n"
	b.get("/bank").uploadFile("march.csv", file, "bank_account", "NY-USD").want(200, "1,250.50 USD", "Ministry", "Gift")
	auditor := c.signIn(ledger.RoleAuditor)
	auditor.get(at).want(200, "New York", "semicolon", "Valuta", "Text, Text 2").lacks("Change the bank account", "Say how")
	auditor.get("/settings/bank-accounts/CPCJF").want(200, "No CSV file of this account")
	auditor.get("/settings/bank-accounts/new").want(403)
	auditor.get("/settings/bank-accounts/NONE").want(404)
	auditor.post(at+"/edit", url.Values{"form_token": auditor.get("/").form()["form_token"], "key": {"k"}, "match": {"x"}, "bank": {"X"}}).want(403)
}

// TestConsoleRates records a rate by the pages; another of the same day is refused beside what was typed.
func TestConsoleRates(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleOfficer)
	b.get("/settings/rates?currency=EUR").want(200, "0.8", "United Nations operational rates", "Record a rate")
	b.get("/settings/rates?currency=euros").want(422, `value="euros"`)
	b.get("/settings/rates/new").act("/settings/rates/new", "currency", "chf", "effective_date", "2026-03-01", "units_per_usd", "0").want(422, `id="new-units_per_usd-fault"`, `value="chf"`)
	b.act("/settings/rates/new", "units_per_usd", "0.88").want(200, "CHF", "0.88", "1 Mar 2026").lacks("EUR")
	b.get("/settings/rates/new").act("/settings/rates/new", "currency", "CHF", "effective_date", "2026-03-01", "units_per_usd", "0.89").want(422, `value="0.89"`)
	c.signIn(ledger.RoleApprover).get("/settings/rates").want(200, "0.8").lacks("Record a rate")
}

// TestConsoleKeys makes, replaces and ends keys by the pages. A key is shown once, whatever is sent again.
func TestConsoleKeys(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.signIn(ledger.RoleAdmin)
	good := func(key string) bool {
		t.Helper()
		holder := *c
		holder.keys = map[ledger.Role]string{ledger.RoleDonor: key}
		return holder.as(ledger.RoleDonor).do(http.MethodGet, "/v1/pledges", "").status == http.StatusOK
	}
	b.get("/settings/keys").want(200, "test officer", "Make a key").lacks("vcl_")
	b.get("/settings/keys/new").act("/settings/keys/new", "name", "Ministry", "role", "donor").want(422, `id="new-contributor-fault"`, `value="Ministry"`)
	once := b.form()
	once.Set("contributor", "Netherlands")
	made := theSecret.FindStringSubmatch(b.post("/settings/keys/new", once).want(200, "shown this once", "Ministry", "NLD").body)
	if made == nil || !good(made[1]) {
		t.Fatalf("the key that was made is not good: %v", made)
	}
	if again := b.post("/settings/keys/new", once).want(200, "This form was sent before"); strings.Contains(again.body, "vcl_") {
		t.Error("a key is shown twice")
	}
	at := regexp.MustCompile(`href="(/settings/keys/[0-9a-f-]{36})"`).FindStringSubmatch(b.body)[1]
	b.get(at).want(200, "Replace the key", "End the key").lacks("vcl_")
	b.act(at+"/rotation", "last_day", "2020-01-01").want(422, `value="2020-01-01"`, "ended already")
	next := theSecret.FindStringSubmatch(b.act(at+"/rotation", "last_day", "", "_old", "keep").want(200, "is still good").body)
	if next == nil || !good(next[1]) || !good(made[1]) {
		t.Fatal("after a replacement that keeps it, one of the two keys is not good")
	}
	last := theSecret.FindStringSubmatch(b.get(at).act(at+"/rotation", "_old", "end").want(200, "is ended").body)
	if last == nil || !good(last[1]) || good(made[1]) {
		t.Error("after a replacement that ends it, the key before is good or the new one is not")
	}
	b.get(at).want(200, "ended").lacks("Replace the key")
	b.get("/settings/keys").want(200)
	for _, m := range regexp.MustCompile(`href="(/settings/keys/[0-9a-f-]{36})"`).FindAllStringSubmatch(b.body, -1) {
		if page := b.get(m[1]).want(200); strings.Contains(page.body, "Key of Ministry") && strings.Contains(page.body, "End the key") {
			page.act(m[1]+"/revocation").want(200, "ended").lacks("End the key")
		}
	}
	if good(next[1]) || good(last[1]) {
		t.Error("an ended key is good")
	}
	auditor := c.signIn(ledger.RoleAuditor)
	auditor.get("/settings/keys").want(200, "Ministry").lacks("Make a key")
	auditor.get(at).want(200, "ended")
	auditor.get("/settings/keys/new").want(403)
	officer := c.signIn(ledger.RoleOfficer)
	officer.get("/settings").want(200, "Funds").lacks("/settings/keys")
	officer.get("/settings/keys").want(403)
}

// TestBrowserSettings looks at the settings in Chromium, and makes a key by the buttons.
func TestBrowserSettings(t *testing.T) {
	t.Parallel()
	c := serve(t)
	b := c.window(ledger.RoleAdmin)
	var secret, lists string
	c.run(b, chromedp.Navigate(c.server.URL+"/settings/keys/new"), chromedp.SendKeys("#new-name", "Anna Officer"), chromedp.Click("form.act button"), chromedp.WaitVisible("#secret"), chromedp.Text("#secret", &secret))
	if !strings.HasPrefix(secret, "vcl_") {
		t.Errorf("the key is %q", secret)
	}
	c.keep(b, "/settings/keys/new/secret", 1440)
	if broken, _ := b.Violations(t); len(broken) > 0 {
		t.Errorf("the key's page: %v", broken)
	}
	c.run(b, chromedp.Click(`main a[href^="/settings/keys/"].button`), chromedp.WaitVisible("form.act"), chromedp.Location(&lists))
	c.look(b, "/settings", "/settings/funds", "/settings/funds/new", "/settings/funds/CPCJF", "/settings/bank-accounts", "/settings/bank-accounts/new", "/settings/bank-accounts/CPCJF", "/settings/policies", "/settings/policies/new?kind=write_off", "/settings/rates?currency=EUR", "/settings/rates/new", "/settings/keys", "/settings/keys/new", strings.TrimPrefix(lists, c.server.URL))
}
