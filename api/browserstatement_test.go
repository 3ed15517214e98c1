package api_test

import (
	"bytes"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestBrowserStatement issues a statement on the page of its contributor. It opens there, and the donor downloads it from the portal
// as it was issued.
func TestBrowserStatement(t *testing.T) {
	t.Parallel()
	c := serve(t)
	ledgertest.Signed(t, c.store)
	c.agreed()
	officer, donor := c.window(ledger.RoleOfficer), c.window(ledger.RoleDonor)
	var number, media, shown string
	c.run(officer, chromedp.Navigate(c.server.URL+"/contributors/NLD"), chromedp.SetValue(`form[action$="/statement"] [name=from]`, "2026-01-01"),
		chromedp.SetValue(`form[action$="/statement"] [name=to]`, "2026-03-31"), chromedp.Click(`form[action$="/statement"] button`), chromedp.WaitVisible(`a[href^="/statements/"]`),
		chromedp.Text(`a[href^="/statements/"]`, &number),
		chromedp.Evaluate(`fetch(document.querySelector('a[href^="/statements/"]').href).then(r => r.headers.get("Content-Type"))`, &media, func(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }))
	if want := c.get("/v1/contributors/NLD/statements").want(200).field("items.0.number"); number != want || media != "application/pdf" {
		t.Errorf("issued %q, shown as %s; want %s", number, media, want)
	}
	c.run(donor, chromedp.Navigate(c.server.URL+"/portal/statements?lang=en"), chromedp.Text("main", &shown))
	path := c.get("/v1/contributors/NLD/statements").field("items.0.document")
	if got := donor.Download(t, `a[href*="format=xlsx"]`); !bytes.Equal(got, []byte(c.get(path+"?format=xlsx").want(200).body)) {
		t.Errorf("the donor's workbook of %d bytes is another, on a page that says %s", len(got), shown)
	}
}
