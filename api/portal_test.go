package api_test

import (
	"bytes"
	"html"
	"io"
	"mime/multipart"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// upload sends a file with the form of the page.
func (b *browser) upload(path string, file []byte) *browser {
	b.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	if err := form.WriteField("form_token", b.form().Get("form_token")); err != nil {
		b.t.Fatal(err)
	}
	if file != nil {
		part, err := form.CreateFormFile("file", "statement")
		if err != nil {
			b.t.Fatal(err)
		}
		if _, err := part.Write(file); err != nil {
			b.t.Fatal(err)
		}
	}
	if err := form.Close(); err != nil {
		b.t.Fatal(err)
	}
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, io.Reader(&body))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", form.FormDataContentType())
	return b.send(r)
}

// issuedTwo records a year of NLD and of DEU in a signed log, and issues a statement to each. It returns the paths of both.
func (c *client) issuedTwo() (own, others string) {
	c.t.Helper()
	ledgertest.Signed(c.t, c.store)
	pledge := c.agreed()
	c.post("/v1/receipts", `{"contributor":"NLD","value_date":"2026-03-05","amount":{"amount":"800.00","currency":"EUR"},"allocations":[{"pledge":"`+pledge+`","amount":{"amount":"800.00","currency":"EUR"}}]}`).want(201)
	c.post("/v1/receipts", `{"contributor":"DEU","fund":"CPCJF","value_date":"2026-03-06","amount":{"amount":"777.00","currency":"EUR"}}`).want(201)
	for _, code := range []string{"NLD", "DEU"} {
		c.post("/v1/contributors/"+code+"/statements", `{"from":"2026-01-01","to":"2026-03-31"}`).want(201)
	}
	path := func(code string) string {
		return strings.TrimPrefix(c.get("/v1/contributors/"+code+"/statements").field("items.0.document"), "/v1")
	}
	return path("NLD"), path("DEU")
}

// TestPortalCheck checks a statement in each form that carries its proof, as it is and with a figure changed, and files that are none,
// in the words of the reader's language.
func TestPortalCheck(t *testing.T) {
	t.Parallel()
	c := serve(t)
	own, others := c.issuedTwo()
	b := c.signIn(ledger.RoleDonor)
	b.get("/portal/check?lang=en").want(200, "The file is not kept", "Issued statements")
	for format, figure := range map[string]string{"json": `"amount":"800.00"`, "pdf": "", "html": "800.00"} {
		file := []byte(b.get("/portal" + own + "?lang=en&format=" + format).want(200).body)
		b.get("/portal/check?lang=en").upload("/portal/check?lang=en", file).want(200, "Nothing in it is wrong.", "Every byte of the statement is as it was given out", "What is not proven",
			"vcledger verify FILE --key "+ledgertest.PublicKey).lacks("Do not rely on it", "%!")
		changed := bytes.Replace(file, []byte(figure), []byte(strings.Replace(figure, "8", "9", 1)), 1)
		if format == "pdf" {
			changed = bytes.Replace(file, []byte("/Title"), []byte("/Titel"), 1)
		}
		if bytes.Equal(changed, file) {
			t.Fatalf("%s: there is no %q to change", format, figure)
		}
		b.get("/portal/check?lang=en").upload("/portal/check?lang=en", changed).want(200, "Do not rely on it", "What is wrong").lacks("Nothing in it is wrong", "%!")
	}
	for lang, words := range map[string]string{"ar": "لا خطأ فيه.", "es": "No hay nada incorrecto", "fr": "Chaque octet du relevé", "ru": "Каждый байт выписки", "zh": "报表的每个字节"} {
		b.get("/portal"+own+"/check?lang="+lang).want(200, words).lacks("Every byte", "%!")
	}
	b.get("/portal" + others + "/check").want(404)
	b.get("/portal/check").upload("/portal/check?lang=es", nil).want(422, "no se eligió ningún archivo")
	b.get("/portal/check").upload("/portal/check?lang=fr", []byte("%PDF-1.7 of another")).want(422, "le PDF ne porte ni relevé")
	b.get("/portal/check").upload("/portal/check?lang=fr", bytes.Repeat([]byte(" "), 9<<20)).want(413, "Ce qui a été envoyé")
	b.body = strings.ReplaceAll(b.get("/portal/check").body, b.form().Get("form_token"), "forged")
	b.upload("/portal/check?lang=en", []byte("{}")).want(403, "not of this session")
}

// TestPortalPages shows a donor what is overdue, and tells in its language what it may not see.
func TestPortalPages(t *testing.T) {
	t.Parallel()
	c := serve(t)
	_, others := c.issuedTwo()
	b := c.signIn(ledger.RoleDonor)
	b.get("/portal?lang=en").want(200, "overdue by", "Instalments overdue, due and to come", "Check this statement").lacks("777.00", "DEU")
	for path, words := range map[string]string{"pledges": "Aucune annonce en nature", "receipts": "800,00", "deliveries": "Rien n’a été livré en nature", "statements": "Relevés émis", "check": "Choisissez un relevé"} {
		b.get("/portal/"+path+"?lang=fr").want(200, words, `aria-current="page"`, "/portal/"+path+"?lang=ar").lacks("777,00", "DEU", "<script", "%!")
	}
	b.get("/portal/pledges?lang=ar").want(200, `<bdi class="whole" dir="ltr">P-000001</bdi>`) // not turned about among Arabic words
	b.get("/portal"+others+"?lang=ar").want(404, "هذه الصفحة غير موجودة", `dir="rtl"`, "العودة إلى النظرة العامة")
	b.get("/portal/statement?lang=es&from=2026-12-31&to=2026-01-01").want(422, "Lo enviado no puede utilizarse", "ends before it begins")
	nobody := &browser{t: t, base: c.server.URL, http: http.DefaultClient}
	for _, path := range []string{"", "/pledges", "/receipts", "/deliveries", "/statements", "/check", others, others + "/check"} {
		if nobody.get("/portal" + path); nobody.at != "/login" {
			t.Errorf("nobody is shown %s", nobody.at)
		}
		c.signIn(ledger.RoleOfficer).get("/portal"+path+"?lang=en").lacks("777.00 EUR", "Check this statement")
	}
}

// TestPortalQuestion puts a question about a line to the fund, twice over the same form, and has it answered; it stands in both places,
// and nobody else's portal has it.
func TestPortalQuestion(t *testing.T) {
	t.Parallel()
	c := serve(t)
	own, others := c.issuedTwo()
	secret, err := ledgertest.Key(c.store, "another donor", ledger.RoleDonor, "DEU")
	if err != nil {
		t.Fatal(err)
	}
	other := *c
	other.keys = map[ledger.Role]string{ledger.RoleDonor: secret}
	b, stranger, officer := c.signIn(ledger.RoleDonor), other.signIn(ledger.RoleDonor), c.signIn(ledger.RoleOfficer)
	link := regexp.MustCompile(`href="(/portal/questions[^"#]*about=receipt[^"#]*)`).FindStringSubmatch(b.get("/portal/receipts?lang=en").want(200, "Ask the fund").body)
	if link == nil {
		t.Fatalf("no line leads to a question: %s", b.body)
	}
	b.get(html.UnescapeString(link[1])).want(200, "No question was put yet", "The receipt of 5 Mar 2026: 800.00 EUR", "Statement 2026/000001").lacks("DEU", "777.00", "<script")
	form := b.form()
	if !strings.HasPrefix(form.Get("about"), "receipt:") {
		t.Errorf("the form is about %q", form.Get("about"))
	}
	form.Set("text", "Which transfer\r\nis <this>?")
	for range 2 {
		b.post("/portal/questions?lang=en", form).want(200, "The question was sent.", "Which transfer is <this>?", "waits for an answer", `<h2 dir="auto">The receipt of 5 Mar 2026</h2>`).lacks("<this>")
	}
	if n := strings.Count(b.body, `class="asked"`); n != 1 {
		t.Errorf("sent twice it is there %d times", n)
	}
	form.Set("form_token", "forged")
	b.post("/portal/questions?lang=en", form).want(403, "not of this session")
	b.get("/portal/questions?lang=fr").fill("/portal/questions?lang=fr", "text", " ").want(422, "Ce qui a été envoyé", "must not be empty")
	b.get("/portal/questions?lang=en").fill("/portal/questions?lang=en", "about", "statement:"+strings.Replace(strings.TrimPrefix(others, "/statements/"), "-", "/", 1), "text", "And theirs?").
		want(422, "There is no such record.", "And theirs?")
	stranger.get("/portal/questions?lang=en").want(200, "No question was put yet").lacks("Which transfer", "NLD")
	stranger.get("/portal" + own).want(404)
	c.get("/v1/questions").want(200)
	id := c.get("/v1/questions").field("items.0.id")
	if a := (&client{t: t, server: c.server, keys: other.keys, role: ledger.RoleDonor}).get("/v1/questions/" + id); a.status != 404 {
		t.Errorf("another donor is answered %d", a.status)
	}
	c.get("/v1/questions/00000000-0000-0000-0000-000000000000").want(404)
	officer.get("/questions").want(200, "Which transfer is <this>?", "test donor", "Send the answer").lacks("<this>")
	answer := officer.form()
	answer.Set("text", "The one of 5 March.")
	for range 2 {
		officer.post("/questions/"+id+"/answers", answer).want(200, "No question waits for an answer").lacks("Which transfer")
	}
	officer.get("/questions?state=answered").want(200, "Which transfer is <this>?", "The one of 5 March.", "Answer of test officer", "One more answer")
	officer.fill("/questions/"+id+"/answers?state=answered", "text", " ").want(422, "must not be empty", "The one of 5 March.")
	if open := c.get("/v1/questions?state=open").want(200); open.field("items") != "" && strings.Contains(open.body, id) {
		t.Errorf("an answered question is open: %s", open.body)
	}
	if got := c.get("/v1/questions?state=answered").want(200).field("items.0.id"); got != id {
		t.Errorf("the question that was answered is %q", got)
	}
	c.get("/v1/questions?state=other").want(422)
	b.get("/portal/questions?lang=ar").want(200, "The one of 5 March.", "الجواب").lacks("بانتظار الجواب")
	if n := strings.Count(b.body, "The one of 5 March."); n != 1 {
		t.Errorf("answered twice it is there %d times", n)
	}
	c.signIn(ledger.RoleAuditor).get("/questions?state=answered").want(200, "The one of 5 March.").lacks("Send the answer")
	b.get("/questions").want(403)
	for _, path := range []string{"/portal/questions", "/portal/check"} {
		if officer.get(path).want(403, "for donors"); officer.at != path {
			t.Errorf("an officer is sent to %s", officer.at)
		}
	}
}
