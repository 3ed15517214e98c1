package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"vcledger/ledger"
)

// TestBrowserForged lets an officer who is signed in press the button of a page of somebody else, which sends a receipt with the
// officer's cookie: it is refused and not recorded.
func TestBrowserForged(t *testing.T) {
	t.Parallel()
	c := serve(t)
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html")
		fmt.Fprintf(w, `<form method="post" action="%s/receipts/new"><input name="step" value="post"><input name="key" value="k"><input name="form_token" value="guessed"><input name="contributor" value="NLD">
			<input name="fund" value="CPCJF"><input name="value_date" value="2026-03-05"><input name="amount" value="1.00"><input name="currency" value="USD"><button id="win">Win</button></form>`, c.server.URL)
	}))
	t.Cleanup(other.Close)
	b := c.window(ledger.RoleOfficer)
	before := c.receipts()
	var shown string
	c.run(b, chromedp.Navigate(other.URL), chromedp.Click("#win"), chromedp.WaitNotPresent("#win"), chromedp.WaitReady("body"), chromedp.Text("body", &shown))
	if !strings.Contains(shown, "The form was sent from another site.") || c.receipts() != before {
		t.Errorf("%d receipts, %d before; the page says %s", c.receipts(), before, shown)
	}
}
