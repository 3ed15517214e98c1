package api_test

import (
	"bytes"
	"mime/multipart"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/chromedp/chromedp"

	"vcledger/ledger"
)

// uploadFile sends the bank's file of the page's form.
func (b *browser) uploadFile(name, data string, pairs ...string) *browser {
	b.t.Helper()
	form := b.form()
	for i := 0; i < len(pairs); i += 2 {
		form.Set(pairs[i], pairs[i+1])
	}
	form.Del("file")
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for field, values := range form {
		if err := w.WriteField(field, values[0]); err != nil {
			b.t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("file", name)
	if err != nil {
		b.t.Fatal(err)
	}
	if _, err := part.Write([]byte(data)); err != nil {
		b.t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+"/bank", &body)
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", w.FormDataContentType())
	return b.send(r)
}

// dollarPledge records a pledge in USD and its agreement.
func (c *client) dollarPledge(reference, amount string) string {
	c.t.Helper()
	id := c.post("/v1/pledges", `{"reference":"`+reference+`","contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-10","amount":{"amount":"`+amount+`","currency":"USD"}}`).want(201).field("id")
	c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-01-15"}`).want(200)
	return id
}

// byHand lets nothing of a bank's lines be applied alone.
func (c *client) byHand() {
	c.t.Helper()
	admin := c.as(ledger.RoleAdmin)
	tag := admin.get("/v1/funds/CPCJF").want(200).header.Get("ETag")
	admin.do(http.MethodPatch, "/v1/funds/CPCJF", `{"match_threshold":101}`, "Content-Type", "application/json", "If-Match", tag, "Idempotency-Key", "by-hand").want(200)
}

const dollarAccount = `{"code":"NY-USD","name":"Operating account","currency":"USD","iban":"DE89370400440532013000"}`

// TestConsoleBank uploads a statement by the pages and decides on its lines; what is wrong stands beside the field with all that was typed.
func TestConsoleBank(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.as(ledger.RoleAdmin).post("/v1/bank-accounts", dollarAccount).want(201)
	c.byHand()
	pledge := c.dollarPledge("NV 2026 88", "9000.00")
	c.dollarPledge("NV 2026 89", "570.00")
	b := c.signIn(ledger.RoleOfficer)
	b.get("/bank").want(200, "No statement was imported yet", "Upload a bank's file", "NY-USD")
	b.uploadFile("may.sta", "nothing of a bank").want(422, "This could not be done")
	if policy := b.header.Get("Content-Security-Policy"); !strings.Contains(policy, "script-src 'self'; connect-src 'self'") || strings.Contains(policy, "unsafe") {
		t.Errorf("the policy of the page: %s", policy)
	}
	b.get("/bank").uploadFile("may.sta", mayStatement, "form_token", "forged").want(403, "not of this session")
	statement := b.get("/bank").uploadFile("may.sta", mayStatement).want(200, "Lines that wait", "KINGDOM OF THE NETHERLANDS", "NV 2026 88", "Unidentified for now").at
	b.get("/bank").want(200, "may.sta", "NY-USD").uploadFile("may.sta", mayStatement).want(422, "This could not be done")

	line := func(amount string) string {
		t.Helper()
		for _, part := range strings.Split(b.get(statement).want(200).body, `<form class="act line"`)[1:] {
			if strings.Contains(part, ">"+amount) {
				b.body = part
				return statement + "/lines/" + strings.SplitN(strings.SplitN(part, `id="line-`, 2)[1], `"`, 2)[0]
			}
		}
		t.Fatalf("no line of %s waits: %s", amount, b.body)
		return ""
	}
	at := line("500.00 USD")
	b.fill(at, "choice", "another", "reference", "NOT THERE", "note", "<i>kept</i>").want(422, "No cash pledge has this reference", `value="NOT THERE"`, "<i>kept</i>").lacks("<i>kept")
	at = line("500.00 USD")
	once := b.form()
	once.Set("choice", "another")
	once.Set("reference", "NV 2026 89")
	b.post(at, once).want(200).lacks(">500.00 USD, ")
	b.post(at, once).want(200)
	if c.receipts() != 1 {
		t.Errorf("sent twice, the line is %d receipts", c.receipts())
	}
	at = line("70.00 USD")
	b.fill(at, "choice", "unidentified", "fund", "CPCJF").want(200)
	at = line("(12.50) USD")
	b.fill(at, "choice", "other", "note", "").want(422, "Something else")
	at = line("(12.50) USD")
	b.fill(at, "choice", "charge", "fund", "CPCJF").want(200)
	at = line("9,000.00 USD")
	b.fill(at, "choice", "pledge:"+pledge+":").want(200, "No line of this statement waits").lacks("Confirm")
	if held := c.get("/v1/receipts/held").want(200).body; !strings.Contains(held, "SOMEBODY") {
		t.Errorf("held: %s", held)
	}
	if left := c.get("/v1/pledges/" + pledge).want(200).body; !strings.Contains(left, `"stage":"fulfilled"`) {
		t.Errorf("the pledge: %s", left)
	}
	auditor := c.signIn(ledger.RoleAuditor)
	auditor.get("/bank").want(200, "may.sta").lacks("Upload")
	auditor.get(statement).want(200, "unidentified").lacks("Confirm")
}

// TestBrowserBank drops a file on the page and goes through the queue by its keys.
func TestBrowserBank(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.as(ledger.RoleAdmin).post("/v1/bank-accounts", dollarAccount).want(201)
	c.byHand()
	pledge := c.dollarPledge("NV 2026 88", "9000.00")
	file := filepath.Join(t.TempDir(), "may.sta")
	if err := os.WriteFile(file, []byte(mayStatement), 0o600); err != nil {
		t.Fatal(err)
	}
	b := c.window(ledger.RoleOfficer)
	c.look(b, "/bank")
	// The drop is what a browser makes of it: the files of a transfer.
	drop := func(text string) chromedp.Action {
		return chromedp.Evaluate(`(() => { const d = new DataTransfer(); d.items.add(new File([`+text+`], "may.sta")); `+
			`document.querySelector("form.upload").dispatchEvent(new DragEvent("drop", {dataTransfer: d, bubbles: true, cancelable: true})) })()`, nil)
	}
	var faults string
	c.run(b, drop(`"nothing of a bank"`), chromedp.WaitVisible("div.faults"), chromedp.Text("div.faults", &faults))
	if !strings.Contains(faults, "This could not be done") {
		t.Errorf("a file that is none: %s", faults)
	}
	c.run(b, chromedp.SetUploadFiles("#file", []string{file}), chromedp.Click("form.upload button"), chromedp.WaitVisible("form.line"))
	var at, title string
	focused := chromedp.Evaluate(`document.activeElement.querySelector("h3").textContent`, &title)
	c.run(b, chromedp.Location(&at), focused)
	if !strings.HasPrefix(title, "9,000.00 USD") {
		t.Errorf("the first line has the focus: %s", title)
	}
	c.look(b, strings.TrimPrefix(at, c.server.URL))
	c.run(b, chromedp.KeyEvent("j"), focused)
	if !strings.HasPrefix(title, "500.00 USD") {
		t.Errorf("j leads to %s", title)
	}
	c.run(b, chromedp.KeyEvent("k"), focused)
	if !strings.HasPrefix(title, "9,000.00 USD") {
		t.Errorf("k leads to %s", title)
	}
	var lines int
	c.run(b, chromedp.KeyEvent("\r"), chromedp.WaitVisible(`td a[href^="/receipts/"]`), chromedp.Evaluate(`document.querySelectorAll("form.line").length`, &lines))
	if body := c.get("/v1/pledges/" + pledge).want(200).body; lines != 3 || c.receipts() != 1 || !strings.Contains(body, `"stage":"fulfilled"`) {
		t.Errorf("enter: %d lines wait, %d receipts, %s", lines, c.receipts(), body)
	}
	// A file of two statements leads back to the list, which has both.
	const two = ":20:STMT-2026-06\r\n:25:DE89370400440532013000\r\n:28C:6/1\r\n:60F:C260531USD19557,50\r\n:61:2606110611D12,50NCHGNONREF//A5\r\n:86:808?00CHARGES?20MONTHLY FEE\r\n:62F:C260630USD19545,00\r\n-\r\n" +
		":20:STMT-2026-07\r\n:25:DE89370400440532013000\r\n:28C:7/1\r\n:60F:C260630USD19545,00\r\n:61:2607110711D12,50NCHGNONREF//A6\r\n:86:808?00CHARGES?20MONTHLY FEE\r\n:62F:C260731USD19532,50\r\n-\r\n"
	if err := os.WriteFile(file, []byte(two), 0o600); err != nil {
		t.Fatal(err)
	}
	var faulty bool
	c.run(b, chromedp.Navigate(c.server.URL+"/bank"), chromedp.SetUploadFiles("#file", []string{file}), chromedp.Click("form.upload button"),
		chromedp.WaitVisible("tbody tr:nth-child(3)"), chromedp.Evaluate(`document.querySelector("div.faults") !== null`, &faulty))
	if faulty {
		t.Error("a file of two statements is called wrong")
	}
}
