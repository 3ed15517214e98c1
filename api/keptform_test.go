package api_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/jmoiron/sqlx"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// endSessions ends every session, as time does.
func endSessions(t *testing.T, owner *sqlx.DB) {
	t.Helper()
	if _, err := owner.Exec(`UPDATE session SET ended_at = now() WHERE ended_at IS NULL`); err != nil {
		t.Fatal(err)
	}
}

// TestKeptForm sends forms when the session is over: nothing is recorded and nothing lost, and who signs in then is shown the form again,
// to send it under their own name.
func TestKeptForm(t *testing.T) {
	t.Parallel()
	database := ledgertest.Database(t)
	c, owner := serveOn(t, database), ledgertest.Connect(t, database, "")
	b := c.signIn(ledger.RoleOfficer)
	form := b.get("/pledges/new").form()
	for name, value := range map[string]string{"contributor": "Netherlands", "amount": "1,000.00", "_currency": "EUR", "effective_date": "2026-01-10", "fund": "CPCJF", "note": `<i>"kept"</i>`} {
		form.Set(name, value)
	}
	endSessions(t, owner)
	b.post("/pledges/new", form).want(401, "You are not signed in any more", `name="amount" value="1,000.00"`, `"kept"`).lacks("<i>", form.Get("form_token"), "<script")
	b.fill("/pledges/new").want(401, "You are not signed in yet", `value="1,000.00"`)
	b.fill("/pledges/new", "_sign_in", "vcl_wrong").want(401, `class="fault"`, `value="1,000.00"`).lacks("vcl_wrong")
	b.fill("/pledges/new", "_sign_in", c.keys[ledger.RoleOfficer]).want(200, "as it was typed before", "Signed in as", `value="Netherlands"`, `value="1,000.00"`, `value="CPCJF" selected`, form.Get("key")).
		lacks("<i>", c.keys[ledger.RoleOfficer], "aria-invalid")
	if n := strings.Count(c.get("/v1/pledges").want(200).body, `"reference"`); n != 0 {
		t.Fatalf("%d pledges were recorded without anybody pressing the button", n)
	}
	b.act("/pledges/new").want(200, "Pledge P-", "1,000.00 EUR", `<i>"kept"</i>`)

	// A form of an earlier session is kept, too, and shown again without a key. What asks to be shown again writes nothing.
	fund := b.get("/settings/funds/CPCJF").form()
	endSessions(t, owner)
	admin := c.signIn(ledger.RoleAdmin)
	fund.Set("match_threshold", "77")
	admin.post("/settings/funds/CPCJF/edit", fund).want(403, "not of this session", `name="match_threshold" value="77"`).lacks("_sign_in")
	again := admin.form()
	admin.post("/settings/funds/CPCJF/edit", again).want(200, `value="77"`, again.Get("match"))
	if at := c.get("/v1/funds/CPCJF").want(200).field("match_threshold"); at == "77" {
		t.Error("showing the form again carried it out")
	}
	tag := c.as(ledger.RoleAdmin).get("/v1/funds/CPCJF").want(200).header.Get("ETag")
	c.do(http.MethodPatch, "/v1/funds/CPCJF", `{"match_threshold":55}`, "Content-Type", "application/json", "If-Match", tag, "Idempotency-Key", "meanwhile").want(200)
	admin.act("/settings/funds/CPCJF/edit").want(422)
	if at := c.get("/v1/funds/CPCJF").want(200).field("match_threshold"); at != "55" {
		t.Errorf("a form drawn before the fund was changed overwrote it: %s", at)
	}

	// No other site gets a form to be shown, with or without a session.
	for _, form := range []url.Values{again, {"_again": {"yes"}, "match_threshold": {"1"}, "_sign_in": {c.keys[ledger.RoleAdmin]}}} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, c.server.URL+"/settings/funds/CPCJF/edit", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.Header.Set("Sec-Fetch-Site", "cross-site")
		admin.send(r).want(403).lacks("match_threshold")
	}
}

// TestKeptFormOf keeps the forms that are not of a record's page: an approval's, an answer's, and a bank's file.
func TestKeptFormOf(t *testing.T) {
	t.Parallel()
	database := ledgertest.Database(t)
	c, owner := serveOn(t, database), ledgertest.Connect(t, database, "")
	c.as(ledger.RoleAdmin).post("/v1/approval-policies", `{"kind":"receipt_reversal","required":true}`).want(201)
	receipt := c.post("/v1/receipts", `{"contributor":"NLD","fund":"CPCJF","value_date":"2026-03-05","amount":{"amount":"800.00","currency":"EUR"}}`).want(201).field("id")
	at := "/approvals/" + c.post("/v1/receipts/"+receipt+"/reversal", `{"effective_date":"2026-03-06","reason":"Entered twice"}`).want(202).field("id")
	c.as(ledger.RoleDonor).post("/v1/questions", `{"text":"What is due?"}`).want(201)
	approver, officer := c.signIn(ledger.RoleApprover), c.signIn(ledger.RoleOfficer)
	decision := approver.get(at).form()
	decision.Set("reason", "Seen by me")
	decision.Set("decision", "approved")
	officer.get("/questions")
	to := strings.SplitN(strings.SplitN(officer.body, `method="post" action="/questions/`, 2)[1], `"`, 2)[0]
	answer := officer.form()
	answer.Set("text", "A million.")
	endSessions(t, owner)
	approver.post(at+"/decision", decision).want(401, `value="Seen by me"`)
	approver.fill(at+"/decision", "_sign_in", c.keys[ledger.RoleApprover]).want(200, `value="Seen by me"`, "Approve and post", decision.Get("key"))
	if on := c.get("/v1/receipts/" + receipt).want(200).body; strings.Contains(on, "reversed_on") {
		t.Fatal("the approval was decided on without anybody pressing the button")
	}
	approver.fill(at+"/decision", "decision", "approved").want(200, "Seen by me")
	officer.post("/questions/"+to, answer).want(401, "A million.")
	officer.fill("/questions/"+to, "_sign_in", c.keys[ledger.RoleOfficer]).want(200, ">A million.</textarea>", answer.Get("key"))
	officer.get("/bank")
	endSessions(t, owner)
	officer.uploadFile("may.sta", mayStatement).want(401, "A file cannot be kept")
	officer.fill("/bank", "_sign_in", c.keys[ledger.RoleOfficer]).want(200, "Upload a bank's file", "No statement was imported yet")
}

// TestKeptFormOfDonor keeps a question and a file to check when a donor's session is over, in the language of the page, until the donor
// is signed in again; who is no donor is not shown the form, and does not lose it.
func TestKeptFormOfDonor(t *testing.T) {
	t.Parallel()
	database := ledgertest.Database(t)
	c, owner := serveOn(t, database), ledgertest.Connect(t, database, "")
	c.issuedTwo()
	b := c.signIn(ledger.RoleDonor)
	pledge := "pledge:" + c.as(ledger.RoleDonor).get("/v1/pledges").field("items.0.id")
	question := b.get("/portal/questions?lang=fr&about=" + pledge).form()
	question.Set("text", `<i>"Quand?"</i>`)
	endSessions(t, owner)
	b.post("/portal/questions?lang=fr", question).want(401, `<html lang="fr">`, "Votre session est terminée", `"Quand?"`, pledge).lacks("<i>", question.Get("form_token"), "not signed in", "<script")
	b.fill("/portal/questions?lang=fr").want(401, "La connexion n’est pas encore établie")
	b.fill("/portal/questions?lang=fr", "_sign_in", "vcl_wrong").want(401, "La clé n’est pas valable").lacks("vcl_wrong")
	b.fill("/portal/questions?lang=fr", "_sign_in", c.keys[ledger.RoleOfficer]).want(403, `"Quand?"`, "Vous ne pouvez pas voir cette page").lacks("Pledge P-")
	b.fill("/login", "key", c.keys[ledger.RoleDonor]).want(200)
	b.post("/portal/questions?lang=fr", question).want(403, "n’est pas de cette session", `"Quand?"`).lacks("_sign_in")
	b.fill("/portal/questions?lang=fr").want(200, "Voici le formulaire tel qu’il avait été saisi", `<i>"Quand?"</i></textarea>`, `value="`+pledge+`" selected`, question.Get("key")).lacks("<i>")
	if asked := c.as(ledger.RoleDonor).get("/v1/questions").want(200).body; strings.Contains(asked, "Quand") {
		t.Fatal("the question was put without anybody pressing the button")
	}
	again := b.form()
	again.Set("text", question.Get("text"))
	b.post("/portal/questions?lang=fr", again).want(200, "La question a été envoyée", `"Quand?"`)

	b.get("/portal/check?lang=ar")
	endSessions(t, owner)
	b.upload("/portal/check?lang=ar", []byte("{}")).want(401, `<html lang="ar" dir="rtl">`, "لا يمكن حفظ ملف")
	b.fill("/portal/check?lang=ar", "_sign_in", c.keys[ledger.RoleDonor]).want(200, "هذا هو النموذج كما كُتب من قبل", `type="file"`).lacks(`class="verdict`)
}

// TestBrowserKeptForm posts a receipt when the session is over: signed in again, the officer finds everything that was typed, and posts it
// once. A sign-in in another tab does the same.
func TestBrowserKeptForm(t *testing.T) {
	t.Parallel()
	database := ledgertest.Database(t)
	c, owner := serveOn(t, database), ledgertest.Connect(t, database, "")
	pledge := c.agreed()
	b := c.window(ledger.RoleOfficer)
	apply := `[name="apply.` + pledge + `"]`
	var amount, applied, note, who, heading string
	look := []chromedp.Action{chromedp.WaitVisible("form.receipt"), chromedp.WaitVisible(apply), chromedp.Value("#amount", &amount), chromedp.Value(apply, &applied), chromedp.Value("#note", &note), chromedp.Text("form.who", &who)}
	c.run(b, chromedp.Navigate(c.server.URL+"/receipts/new"), chromedp.SendKeys("#contributor", "NLD"), chromedp.SendKeys("#amount", "400,000.00"), chromedp.SendKeys("#currency", "EUR"),
		chromedp.SendKeys("#note", "First part"), chromedp.SetValue("#value_date", "2026-03-05"), pledgesSaid("400,000.00 EUR for 1 pledge"), chromedp.Click("button[value=preview]"), chromedp.WaitVisible("section.preview"),
		chromedp.Clear(apply), chromedp.SendKeys(apply, "300,000.00"), pledgesSaid("As you typed it: 300,000.00 EUR"))
	endSessions(t, owner)
	c.run(b, chromedp.Click("button[value=post]"), chromedp.WaitVisible("#_sign_in"))
	c.seen(b, "/receipts/new/signed-out")
	c.run(b, append([]chromedp.Action{chromedp.SendKeys("#_sign_in", c.keys[ledger.RoleOfficer]), chromedp.Click("main form button:not([formnovalidate])")}, look...)...)
	if amount != "400,000.00" || applied != "300,000.00" || note != "First part" || c.receipts() != 0 {
		t.Errorf("signed in again, the form has %q, %q and %q; %d receipts", amount, applied, note, c.receipts())
	}
	c.seen(b, "/receipts/new/again")
	// In another tab somebody signs in who may not post it: it is kept until who may does.
	elsewhere := func(role ledger.Role) chromedp.Action {
		return chromedp.Evaluate(`fetch("/login", {method: "POST", body: new URLSearchParams({key: "`+c.keys[role]+`"})}).then(() => true)`, nil, awaited)
	}
	endSessions(t, owner)
	c.run(b, chromedp.Click("button[value=preview]"), chromedp.WaitVisible("#_sign_in"), elsewhere(ledger.RoleApprover), chromedp.Click("button[formnovalidate]"), chromedp.WaitVisible("main .fault"), chromedp.Text("main", &who))
	if !strings.Contains(who, "The role approver may not record receipts") {
		t.Errorf("who may not record receipts is told %q", who)
	}
	c.run(b, append([]chromedp.Action{elsewhere(ledger.RoleOfficer), chromedp.Click("main form button")}, look...)...)
	c.run(b, chromedp.Click("button[value=preview]"), chromedp.WaitVisible("section.preview"), chromedp.Click("button[value=post]"), chromedp.WaitNotPresent("form.receipt"), chromedp.WaitVisible("dl.facts"), chromedp.Text("h1", &heading))
	if applied != "300,000.00" || !strings.Contains(who, "officer") || !strings.HasPrefix(heading, "Receipt of") || c.receipts() != 1 {
		t.Errorf("signed in in another tab, the form has %q for %q; then %q, %d receipts", applied, who, heading, c.receipts())
	}
	c.run(b, chromedp.Click("form.who button"), chromedp.WaitVisible("#key"))
}

// awaited waits for what a script promises.
func awaited(p *runtime.EvaluateParams) *runtime.EvaluateParams { return p.WithAwaitPromise(true) }
