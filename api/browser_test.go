package api_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"vcledger/ledger"
	"vcledger/reports/pagetest"
)

// window opens a browser and signs in with the key of a role, as a person does.
func (c *client) window(role ledger.Role) pagetest.Browser {
	c.t.Helper()
	b := pagetest.Open(c.t)
	c.run(b, chromedp.Navigate(c.server.URL+"/login"), chromedp.SendKeys("#key", c.keys[role]), chromedp.Click("button[type=submit]"), chromedp.WaitVisible("form.who"))
	return b
}

func (c *client) run(b pagetest.Browser, actions ...chromedp.Action) {
	c.t.Helper()
	if err := chromedp.Run(b, actions...); err != nil {
		c.t.Fatalf("in the browser: %v", err)
	}
}

// look visits pages at three widths: axe-core finds nothing, and none is wider than its window.
func (c *client) look(b pagetest.Browser, paths ...string) {
	c.t.Helper()
	for _, path := range paths {
		at, err := url.Parse(c.server.URL + path)
		if err != nil {
			c.t.Fatal(err)
		}
		for _, width := range []int64{390, 820, 1440} {
			b.Visit(c.t, at, width, 900)
			if over := b.Overflow(c.t); over > 0 {
				c.t.Errorf("%s is %d pixels wider than a window of %d", path, over, width)
			}
		}
		broken, kept := b.Violations(c.t)
		for _, v := range broken {
			c.t.Errorf("%s: %s", path, v)
		}
		if kept < 10 {
			c.t.Errorf("%s: only %d rules of axe-core were looked at", path, kept)
		}
	}
}

// TestBrowser goes through the pages in Chromium: the receipt's way from the empty form to the record, by its buttons; every page for
// those who cannot see it; and out again.
func TestBrowser(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := c.agreed()
	c.post("/v1/receipts", `{"fund":"CPCJF","payer":"Somebody","value_date":"2026-03-06","amount":{"amount":"5.00","currency":"EUR"}}`).want(201)
	b := c.window(ledger.RoleOfficer)
	var heading, body string
	c.run(b, chromedp.Navigate(c.server.URL+"/receipts/new"), chromedp.SendKeys("#contributor", "NLD"), chromedp.SendKeys("#amount", "400,000.00"), chromedp.SendKeys("#currency", "EUR"),
		chromedp.SetValue("#value_date", "2026-03-05"), chromedp.Click("button[value=preview]"), chromedp.WaitVisible("section.preview"), chromedp.Text("section.preview", &body))
	if !strings.Contains(body, "500,000.00 USD") || !strings.Contains(body, "0.8 for 1 USD") {
		t.Errorf("the preview: %s", body)
	}
	if broken, _ := b.Violations(t); len(broken) > 0 {
		t.Errorf("the preview: %v", broken)
	}
	// The preview has facts too: what is waited for is not on it.
	c.run(b, chromedp.Click("button[value=post]"), chromedp.WaitNotPresent("form.receipt"), chromedp.WaitVisible("dl.facts"), chromedp.Text("h1", &heading))
	if !strings.HasPrefix(heading, "Receipt of") || c.receipts() != 2 {
		t.Errorf("posted: %s, %d receipts", heading, c.receipts())
	}
	c.look(b, "/", "/receipts", "/receipts/new", "/pledges", "/pledges/"+pledge, "/due", "/contributors", "/contributors/NLD", "/journal", "/journal?from=2026-13-01", "/approvals", "/reports",
		"/pledges/00000000-0000-0000-0000-000000000000")
	c.run(b, chromedp.Click("form.who button"), chromedp.WaitVisible("#key"))

	donor := c.window(ledger.RoleDonor)
	c.look(donor, "/portal", "/portal?lang=ar", "/portal?lang=ru")
}
