package api_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"

	"vcledger/ledger"
)

// scheduled records an agreed pledge of a contributor, whose only instalment is due on a day, and returns its identifier.
func (c *client) scheduled(contributor, amount, due string) string {
	c.t.Helper()
	id := c.post("/v1/pledges", fmt.Sprintf(`{"contributor":%q,"fund":"CPCJF","effective_date":"2026-01-10","amount":{"amount":%q,"currency":"EUR"}}`, contributor, amount)).want(201).field("id")
	c.post("/v1/pledges/"+id+"/agreement", fmt.Sprintf(`{"effective_date":"2026-01-15","instalments":[{"due_on":%q,"amount":{"amount":%q,"currency":"EUR"}}]}`, due, amount)).want(200)
	return id
}

// TestConsoleOpenPledges asks for the open pledges of a contributor while the form is still being filled, as the button without a script
// and the script do: nothing is refused yet, and nothing that was typed is lost.
func TestConsoleOpenPledges(t *testing.T) {
	t.Parallel()
	c := serve(t)
	late, early := c.scheduled("NLD", "300.00", "2026-12-31"), c.scheduled("NLD", "100.00", "2026-02-28")
	other := c.scheduled("DEU", "50.00", "2026-02-28")
	b := c.signIn(ledger.RoleOfficer)
	b.get("/receipts/new").want(200, "Show the open pledges")
	b.fill("/receipts/new", "contributor", "Netherlands", "note", "a <b>note</b>", "step", "pledges").
		want(200, "Netherlands has 2 open pledges", "28 Feb 2026: 100.00 EUR", "overdue", "300.00 EUR", "the oldest due is proposed first", "a <b>note</b>").lacks("<b>note", "aria-invalid", "What will be posted")
	if strings.Index(b.body, "apply."+early) > strings.Index(b.body, "apply."+late) {
		t.Error("the oldest due does not stand first")
	}
	b.fill("/receipts/new", "amount", "250.00", "currency", "eur", "step", "pledges").
		want(200, "Proposed, the oldest due first: 250.00 EUR for 2 pledges")
	if f := b.form(); f.Get("apply."+early) != "100.00" || f.Get("apply."+late) != "150.00" {
		t.Errorf("proposed: %v", f)
	}
	b.fill("/receipts/new", "apply."+late, "120.00", "step", "pledges").want(200, "As you typed it: 220.00 EUR for 2 pledges")
	b.fill("/receipts/new", "amount", "260.00", "step", "pledges")
	if f := b.form(); f.Get("apply."+late) != "120.00" || f.Get("apply."+late+".proposed") != "160.00" {
		t.Errorf("what the officer typed became %v", f)
	}
	// What was typed for one contributor's pledges is there again when another was looked at meanwhile.
	b.fill("/receipts/new", "contributor", "Nobody at all", "step", "pledges").want(200, "No contributor has this code or name").lacks("Open pledges of")
	b.fill("/receipts/new", "contributor", "DEU", "step", "pledges").want(200, "Open pledges of Germany", `value="50.00"`)
	b.fill("/receipts/new", "contributor", "NLD", "step", "pledges").want(200, "Open pledges of Netherlands").lacks("apply." + other)
	if f := b.form(); f.Get("apply."+late) != "120.00" {
		t.Errorf("with the contributor again: %v", f)
	}
	b.fill("/receipts/new", "currency", "USD", "apply."+late, "160.00", "apply."+early, "100.00", "step", "pledges").want(200, "Nothing is proposed")
	if n := c.receipts(); n != 0 {
		t.Errorf("%d receipts", n)
	}
}

// TestBrowserBackFromPreview goes back from the preview of a receipt to the form: the preview is gone, what was typed is there, also over
// what was proposed, and it is posted once from there.
func TestBrowserBackFromPreview(t *testing.T) {
	t.Parallel()
	c := serve(t)
	own := `[name="apply.` + c.scheduled("NLD", "300.00", "2026-02-28") + `"]`
	b := c.window(ledger.RoleOfficer)
	var amount, applied, note, key, before string
	c.run(b, chromedp.Navigate(c.server.URL+"/receipts/new"), chromedp.SendKeys("#contributor", "NLD"), chromedp.SendKeys("#amount", "200.00"), chromedp.SendKeys("#currency", "EUR"),
		chromedp.SendKeys("#note", "First part"), chromedp.SetValue("#value_date", "2026-03-05"), pledgesSaid("200.00 EUR for 1 pledge"), chromedp.Click("button[value=preview]"), chromedp.WaitVisible("section.preview"),
		chromedp.Value("[name=key]", &before), chromedp.Clear(own), chromedp.SendKeys(own, "150.00"), pledgesSaid("As you typed it: 150.00 EUR"), chromedp.Click("button[value=pledges]"), chromedp.WaitNotPresent("section.preview"),
		chromedp.Value("#amount", &amount), chromedp.Value(own, &applied), chromedp.Value("#note", &note), chromedp.Value("[name=key]", &key))
	if amount != "200.00" || applied != "150.00" || note != "First part" || key != before || c.receipts() != 0 {
		t.Errorf("back on the form are %q, %q and %q under the key %s after %s; %d receipts", amount, applied, note, key, before, c.receipts())
	}
	c.run(b, chromedp.Click("button[value=preview]"), chromedp.WaitVisible("section.preview"))
	c.seen(b, "/receipts/new/preview")
	c.run(b, chromedp.Click("button[value=post]"), chromedp.WaitNotPresent("form.receipt"), chromedp.WaitVisible("dl.facts"))
	if c.receipts() != 1 {
		t.Errorf("%d receipts", c.receipts())
	}
}

// pledgesSaid waits until a receipt's form says something of the open pledges. Their rows push the buttons down: press one only when they
// are there.
func pledgesSaid(text string) chromedp.Action {
	return chromedp.Poll(fmt.Sprintf(`document.querySelector("#pledges-said").textContent.includes(%q)`, text), nil)
}

// TestBrowserReceiptPledges lets the open pledges and the proposal follow what is typed: the caret stays where it is, and what the officer
// changed is posted.
func TestBrowserReceiptPledges(t *testing.T) {
	t.Parallel()
	c := serve(t)
	late, early := c.scheduled("NLD", "300.00", "2026-12-31"), c.scheduled("NLD", "100.00", "2026-02-28")
	b := c.window(ledger.RoleOfficer)
	of := func(id string) string { return fmt.Sprintf(`[name="apply.%s"]`, id) }
	var focused, first, second string
	c.run(b, chromedp.Navigate(c.server.URL+"/receipts/new"), chromedp.SendKeys("#contributor", "ether"), chromedp.WaitReady(`#contributor-list option[value="NLD"]`))
	// Choosing from the list puts the code into the field, as typing it out does.
	c.run(b, chromedp.SetValue("#contributor", "NL"), chromedp.SendKeys("#contributor", "D"), pledgesSaid("Netherlands has 2 open pledges"), chromedp.WaitVisible(of(early)),
		chromedp.SendKeys("#amount", "250.00"), chromedp.SendKeys("#currency", "eur"), pledgesSaid("250.00 EUR for 2 pledges"),
		chromedp.Evaluate(`document.activeElement.id`, &focused), chromedp.Value(of(early), &first), chromedp.Value(of(late), &second))
	if focused != "currency" || first != "100.00" || second != "150.00" {
		t.Errorf("in %s, %s and %s are proposed", focused, first, second)
	}
	c.seen(b, "/receipts/new/pledges")
	c.run(b, chromedp.Clear(of(late)), chromedp.SendKeys(of(late), "120.00"), pledgesSaid("As you typed it: 220.00 EUR"), chromedp.SendKeys("#charges", "5.00"), chromedp.Poll(fmt.Sprintf(`document.querySelector(%q).value === "155.00"`, `[name="apply.`+late+`.proposed"]`), nil), pledgesSaid("As you typed it: 220.00 EUR"), chromedp.Value(of(late), &second),
		chromedp.SetValue("#value_date", "2026-03-05"), chromedp.Click("button[value=preview]"), chromedp.WaitVisible("section.preview"),
		chromedp.Click("button[value=post]"), chromedp.WaitNotPresent("form.receipt"), chromedp.WaitVisible("dl.facts"))
	if posted := c.get("/v1/receipts").want(200).body; second != "120.00" || !strings.Contains(posted, `"amount":"120.00"`) {
		t.Errorf("the officer typed 120.00, the form says %s, and this was posted: %s", second, posted)
	}
	c.run(b, chromedp.Navigate(c.server.URL+"/receipts/new"), chromedp.SendKeys("#contributor", "Nobody at all"), chromedp.Focus("#payer"), pledgesSaid("No contributor has this"))
}

// TestBrowserReceiptMeanwhile has an answer come when another amount was typed and is not asked about yet: what is proposed for
// that is placed all the same.
func TestBrowserReceiptMeanwhile(t *testing.T) {
	t.Parallel()
	c := serve(t)
	own := `[name="apply.` + c.scheduled("NLD", "300.00", "2026-12-31") + `"]`
	b := c.window(ledger.RoleOfficer)
	var proposed string
	c.run(b, chromedp.Navigate(c.server.URL+"/receipts/new"), chromedp.Evaluate(`(() => {
		const ask = window.fetch;
		window.held = [];
		window.hold = true;
		window.fetch = async (address, of) => {
			const answer = await ask(address, of);
			if (window.hold && of.method === "POST") await new Promise((go) => window.held.push(go)); // not that for the contributor's name
			return answer;
		};
	})()`, nil),
		chromedp.SetValue("#contributor", "NLD"), chromedp.SetValue("#currency", "eur"), chromedp.SendKeys("#amount", "250.00"), chromedp.Poll(`window.held.length > 0`, nil),
		chromedp.Evaluate(`(() => {
			const amount = document.querySelector("#amount");
			amount.value = "260.00";
			amount.dispatchEvent(new Event("input", {bubbles: true}));
			window.hold = false;
			window.held.forEach((go) => go());
		})()`, nil),
		pledgesSaid("260.00 EUR for 1 pledge"), chromedp.WaitVisible(own), chromedp.Value(own, &proposed))
	if proposed != "260.00" {
		t.Errorf("the form says that 260.00 is proposed and has %q", proposed)
	}
}

// TestBrowserReceiptAimed has the pointer on a button when the open pledges are found: the button stays under it, and they are placed when
// it leaves.
func TestBrowserReceiptAimed(t *testing.T) {
	t.Parallel()
	c := serve(t)
	own := `[name="apply.` + c.scheduled("NLD", "300.00", "2026-12-31") + `"]`
	b := c.window(ledger.RoleOfficer)
	var at, after struct{ X, Y float64 }
	var placed int
	where := func(to any) chromedp.Action {
		return chromedp.Evaluate(`(() => { const r = document.querySelector("button[value=preview]").getBoundingClientRect(); return {X: r.x + r.width / 2, Y: r.y + r.height / 2} })()`, to)
	}
	// The answers are counted where the page has dealt with them: their bodies are read after they have come.
	c.run(b, chromedp.EmulateViewport(1280, 1600), chromedp.Navigate(c.server.URL+"/receipts/new"), chromedp.Evaluate(`(() => {
		const text = Response.prototype.text;
		window.answered = 0;
		Response.prototype.text = function () { return text.call(this).finally(() => setTimeout(() => window.answered++)) };
	})()`, nil), where(&at))
	c.run(b, chromedp.MouseEvent(input.MouseMoved, at.X, at.Y), chromedp.Poll(`document.querySelector("button[value=preview]:hover") !== null`, nil),
		chromedp.SetValue("#contributor", "NLD"), chromedp.SendKeys("#amount", "250.00"), chromedp.SendKeys("#currency", "eur"), chromedp.Poll(`window.answered > 0`, nil),
		chromedp.Evaluate(`document.querySelectorAll("#open-pledges input").length`, &placed), where(&after))
	if after != at || placed > 0 {
		t.Errorf("the button went from %v to %v under the pointer", at, after)
	}
	c.run(b, chromedp.MouseEvent(input.MouseMoved, 1, 1), pledgesSaid("250.00 EUR for 1 pledge"), chromedp.WaitVisible(own), where(&after))
	if after == at {
		t.Error("the pledges did not move the button at all: the test sees nothing")
	}
}
