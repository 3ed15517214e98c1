package api_test

import (
	"flag"
	"fmt"
	"html"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/emulation"
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
	b.Run(c.t, actions...)
}

var pictures = flag.String("pictures", "", "folder in which a picture of each page is kept, to be looked at")

// keep keeps a picture of what is shown, where they are asked for.
func (c *client) keep(b pagetest.Browser, name string, width int64) {
	c.t.Helper()
	if *pictures == "" {
		return
	}
	file := fmt.Sprintf("%s%s-%d.png", c.t.Name(), strings.NewReplacer("/", "_", "?", "_", "&", "_").Replace(name), width)
	if err := os.WriteFile(filepath.Join(*pictures, file), b.Picture(c.t), 0o600); err != nil {
		c.t.Fatal(err)
	}
}

// narrow looks at a page in a narrow window: no date of it is broken at the end of a line.
func (c *client) narrow(b pagetest.Browser, name string) {
	c.t.Helper()
	var broken []string
	c.run(b, chromedp.Evaluate(`(() => {
  const broken = [], texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT), range = document.createRange();
  while (texts.nextNode()) for (const date of texts.currentNode.data.matchAll(/\d{4}-\d\d-\d\d/g)) {
    range.setStart(texts.currentNode, date.index);
    range.setEnd(texts.currentNode, date.index + 10);
    if (new Set([...range.getClientRects()].map(r => Math.round(r.top))).size > 1) broken.push(texts.currentNode.data);
  }
  return broken;
})()`, &broken))
	for _, text := range broken {
		c.t.Errorf("%s breaks a date: %q", name, text)
	}
}

// fits visits a page at three widths, at none of which it is wider than its window, and prints it.
func (c *client) fits(b pagetest.Browser, path string) {
	c.t.Helper()
	at, err := url.Parse(c.server.URL + path)
	if err != nil {
		c.t.Fatal(err)
	}
	b.Visit(c.t, at, 390, 900)
	for _, width := range []int64{390, 820, 1440} {
		b.Resize(c.t, width, 900)
		c.keep(b, path, width)
		if over := b.Overflow(c.t); over > 0 {
			c.t.Errorf("%s is %d pixels wider than a window of %d", path, over, width)
		}
		if width == 390 {
			c.narrow(b, path)
		}
	}
	c.print(b, path)
	b.Resize(c.t, 1440, 900)
}

// look visits pages, looks at each as [client.seen] does, and prints it.
func (c *client) look(b pagetest.Browser, paths ...string) {
	c.t.Helper()
	for _, path := range paths {
		at, err := url.Parse(c.server.URL + path)
		if err != nil {
			c.t.Fatal(err)
		}
		b.Visit(c.t, at, 390, 900)
		c.seen(b, path)
		c.print(b, path)
		b.Resize(c.t, 1440, 900)
	}
}

// seen looks at what is shown, at three widths: axe-core finds nothing, in light and dark, and it is not wider than its window.
func (c *client) seen(b pagetest.Browser, name string) {
	c.t.Helper()
	for _, colours := range []struct {
		name string
		look func(testing.TB) ([]pagetest.Violation, int)
		kept int // at least
	}{{"dark", b.Contrast, 1}, {"light", b.Violations, 10}} {
		c.run(b, emulation.SetEmulatedMedia().WithFeatures([]*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: colours.name}}))
		for _, width := range []int64{390, 820, 1440} {
			b.Resize(c.t, width, 900)
			c.keep(b, name+"-"+colours.name, width)
			if over := b.Overflow(c.t); over > 0 {
				c.t.Errorf("%s is %d pixels wider than a window of %d", name, over, width)
			}
			if width == 390 && colours.name == "light" {
				c.narrow(b, name)
			}
		}
		broken, kept := colours.look(c.t)
		for _, v := range broken {
			c.t.Errorf("%s, %s: %s", name, colours.name, v)
		}
		if kept < colours.kept {
			c.t.Errorf("%s, %s: only %d rules of axe-core were looked at", name, colours.name, kept)
		}
	}
}

// sheetWidth is that of a sheet of A4 between its margins, in pixels of CSS.
const sheetWidth = 718

// print looks at a page as it is printed: what leads elsewhere or is filled in is left out, and nothing is cut at the sheet's edge.
func (c *client) print(b pagetest.Browser, path string) {
	c.t.Helper()
	b.Resize(c.t, sheetWidth, 1000)
	c.run(b, emulation.SetEmulatedMedia().WithMedia("print"))
	c.keep(b, path+" print", sheetWidth)
	var shown, cut []string
	var told bool
	c.run(b, chromedp.Evaluate(`[...document.querySelectorAll("nav, button, input, select, textarea, .button, .skip, footer a")].filter(e => e.checkVisibility()).map(e => e.outerHTML.slice(0, 200))`, &shown),
		chromedp.Evaluate(`!document.querySelector("form.filters") || document.querySelector(".chosen").checkVisibility()`, &told),
		chromedp.Evaluate(`[...document.querySelectorAll("main, .scroll")].filter(e => e.scrollWidth > Math.min(e.clientWidth, innerWidth)).map(e => e.scrollWidth + " pixels: " + e.outerHTML.slice(0, 200))`, &cut),
		emulation.SetEmulatedMedia())
	if !told {
		c.t.Errorf("%s, printed, does not say by what it was chosen", path)
	}
	for _, e := range shown {
		c.t.Errorf("%s, printed, shows %s", path, e)
	}
	for _, e := range cut {
		c.t.Errorf("%s, printed, is cut at the edge: %s", path, e)
	}
}

// TestFiltersTold says on each page with filters, for paper, by what its records were chosen, in the words of its fields.
func TestFiltersTold(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.agreed()
	b := c.signIn(ledger.RoleOfficer)
	for path, told := range map[string]string{
		"/receipts": "All, without a filter.",
		"/receipts?contributor=Netherlands&from=2026-03-01&to=2026-03-31&unidentified=true": "Contributor: Netherlands; Value date from 1 Mar 2026; to 31 Mar 2026; Identified: unidentified only.",
		"/pledges?fund_year=2026&form=in_kind":                                              "Fund year: 2026; Form: in kind.",
		"/journal?account=1200&fund=%3Cb%3E":                                                "Fund: <b>; Account: 1200.",
		"/journal?from=2026-13-01":                                                          "Effective from: 2026-13-01.",
		"/due?as_of=2026-12-31":                                                             "As of 31 Dec 2026.",
		"/deliveries/calendar?month=2026-03":                                                "Month March 2026.",
		"/periods?fund=CPCJF&period=2025":                                                   "Fund: CPCJF, Fund CPCJF; Period: 2025.",
		"/reports?fund=CPCJF&year=2026":                                                     "; Year: 2026.",
	} {
		if b.get(path); !strings.Contains(html.UnescapeString(b.body), told+"</p>") {
			t.Errorf("%s does not say %q: %s", path, told, chosenBy.FindString(b.body))
		}
	}
	b.get("/periods?fund=CPCJF").want(422, "Say which year or month.")
	b.get("/deliveries/calendar").want(200, ">This month</a>")
	for range 51 {
		c.post("/v1/receipts", `{"contributor":"NLD","fund":"CPCJF","value_date":"2026-03-05","amount":{"amount":"1.00","currency":"EUR"}}`).want(201)
	}
	b.get("/receipts").want(200, "The list goes on: this is a part of it.")
	b.get("/receipts?contributor=DEU").want(200).lacks("The list goes on")
}

var chosenBy = regexp.MustCompile(`<p class="chosen">.*`)

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
		chromedp.SetValue("#value_date", "2026-03-05"), pledgesSaid("400,000.00 EUR for 1 pledge"), chromedp.Click("button[value=preview]"), chromedp.WaitVisible("section.preview"), chromedp.Text("section.preview", &body))
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
	unidentified := "/receipts/" + c.get("/v1/receipts?unidentified=true").want(200).field("items.0.id")
	c.delivered()
	c.look(b, "/", unidentified, "/pledges/new", "/deliveries", "/deliveries/calendar?month=2026-03", "/bank", "/periods?fund=CPCJF&period=2025", "/receipts", "/receipts/new", "/pledges", "/pledges/"+pledge, "/due", "/contributors", "/contributors/NLD", "/journal", "/journal?from=2026-13-01", "/approvals", "/reports",
		"/pledges/00000000-0000-0000-0000-000000000000")
	c.run(b, chromedp.Click("form.who button"), chromedp.WaitVisible("#key"))

}

// TestPortalBrowser goes through the portal in Chromium: a statement is checked and a question put by the page's own buttons, each
// page is looked at in English and in Arabic, light and dark, and after signing out nothing is shown.
func TestPortalBrowser(t *testing.T) {
	t.Parallel()
	c := serve(t)
	own, others := c.issuedTwo()
	donor := c.window(ledger.RoleDonor)
	file := filepath.Join(t.TempDir(), "statement.json")
	if err := os.WriteFile(file, []byte(strings.Replace(c.get("/v1"+own+"?format=json").want(200).body, `"800.00"`, `"900.00"`, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	var verdict, at, heading string
	c.run(donor, chromedp.Navigate(c.server.URL+"/portal/statements?lang=en"), chromedp.Click(`a[href*="/check?"][href*="statements/"]`), chromedp.WaitVisible(".verdict"), chromedp.Text(".verdict", &verdict))
	if verdict != "Nothing in it is wrong." {
		t.Errorf("of the statement as it was issued: %s", verdict)
	}
	c.run(donor, chromedp.SetUploadFiles("#file", []string{file}), chromedp.Click("form.act button"), chromedp.WaitVisible(".verdict.wrong"), chromedp.Text(".verdict", &verdict))
	if verdict != "Do not rely on it: something in it is wrong." {
		t.Errorf("of the changed statement: %s", verdict)
	}
	if broken, _ := donor.Violations(t); len(broken) > 0 {
		t.Errorf("what is wrong: %v", broken)
	}
	c.run(donor, chromedp.Navigate(c.server.URL+"/portal/pledges?lang=en"), chromedp.Click(`a[href*="about=pledge"]`), chromedp.WaitVisible("#text"), chromedp.SendKeys("#text", "What is due?"),
		chromedp.Click("#ask button"), chromedp.WaitVisible(".asked"), chromedp.Location(&at), chromedp.Text(".asked h2", &heading))
	if !strings.Contains(at, "sent=1") || heading != "Pledge P-000001" {
		t.Errorf("asked: %s, %s", at, heading)
	}
	for lang, edge := range map[string]string{"en": "right", "ar": "left"} {
		var newest bool
		donor.Resize(t, 390, 800)
		c.run(donor, chromedp.Navigate(c.server.URL+"/portal?lang="+lang), chromedp.Evaluate(`(() => {
			const figure = document.querySelector(".years"), box = figure.getBoundingClientRect(), sign = "`+edge+`" == "right" ? 1 : -1;
			return figure.scrollWidth > figure.clientWidth && [...figure.querySelectorAll("rect")].every(r => sign * r.getBoundingClientRect().`+edge+` <= sign * box.`+edge+`);
		})()`, &newest))
		if !newest {
			t.Errorf("%s: on a phone the chart does not begin at the newest year", lang)
		}
	}
	for _, lang := range []string{"en", "ar", "zh", "fr", "ru", "es"} {
		for _, path := range []string{"", "/pledges", "/receipts", "/deliveries", "/statements", "/check", "/questions", own + "/check", others} {
			if path = "/portal" + path + "?lang=" + lang; lang == "en" || lang == "ar" {
				c.look(donor, path)
			} else {
				c.fits(donor, path) // its colours and its structure are those of the English page
			}
		}
	}
	officer := c.window(ledger.RoleOfficer)
	c.look(officer, "/questions")
	c.run(officer, chromedp.SendKeys("textarea", "A million."), chromedp.Click(".asked button"), chromedp.WaitVisible(".empty"), chromedp.Click(`a[href="/questions?state=answered"]`), chromedp.WaitVisible("blockquote.answer"))
	c.look(officer, "/questions?state=answered")
	c.run(donor, chromedp.Navigate(c.server.URL+"/portal/questions?lang=en"), chromedp.WaitVisible("blockquote.answer"), chromedp.Text("blockquote.answer", &verdict), chromedp.Click("form.who button"), chromedp.WaitVisible("#key"),
		chromedp.Navigate(c.server.URL+"/portal/receipts"), chromedp.WaitVisible("#key"), chromedp.Location(&at))
	if verdict != "A million." || at != c.server.URL+"/login" {
		t.Errorf("the answer is %q; after signing out %s is shown", verdict, at)
	}
}
