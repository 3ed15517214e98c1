package api_test

import (
	"bytes"
	"io"
	"mime/multipart"
	"net/http"
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
		b.get("/portal/"+path+"?lang=fr").want(200, words, `aria-current="page"`, "/portal/"+path+"?lang=ar").lacks("777", "DEU", "<script", "%!")
	}
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
