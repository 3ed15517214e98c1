package api_test

import (
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"vcledger/ledger"
)

// browser is somebody who looks at the pages.
type browser struct {
	t    *testing.T
	base string
	http *http.Client
	at   string // the address of the page that is shown
	body string
	code int

	header http.Header
}

// secureJar keeps the cookies of the pages, which are for secure connections, on the test's own plain one.
type secureJar struct{ *cookiejar.Jar }

func secure(u *url.URL) *url.URL { s := *u; s.Scheme = "https"; return &s }

func (j secureJar) SetCookies(u *url.URL, cookies []*http.Cookie) {
	j.Jar.SetCookies(secure(u), cookies)
}
func (j secureJar) Cookies(u *url.URL) []*http.Cookie { return j.Jar.Cookies(secure(u)) }

// signIn opens the pages as a role.
func (c *client) signIn(role ledger.Role) *browser {
	c.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		c.t.Fatal(err)
	}
	b := &browser{t: c.t, base: c.server.URL, http: &http.Client{Jar: secureJar{jar}}}
	b.post("/login", url.Values{"key": {c.keys[role]}}).want(200)
	return b
}

func (b *browser) get(path string) *browser {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodGet, b.base+path, nil)
	if err != nil {
		b.t.Fatal(err)
	}
	return b.send(r)
}

func (b *browser) post(path string, form url.Values) *browser {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), http.MethodPost, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	return b.send(r)
}

func (b *browser) send(r *http.Request) *browser {
	b.t.Helper()
	res, err := b.http.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	b.at, b.body, b.code = res.Request.URL.Path, string(body), res.StatusCode
	b.header = res.Header
	return b
}

func (b *browser) want(code int, texts ...string) *browser {
	b.t.Helper()
	if b.code != code {
		b.t.Fatalf("%s answers %d, want %d: %s", b.at, b.code, code, b.body)
	}
	for _, text := range texts {
		if !strings.Contains(html.UnescapeString(b.body), text) {
			b.t.Errorf("%s does not say %q: %s", b.at, text, b.body)
		}
	}
	return b
}

func (b *browser) lacks(texts ...string) *browser {
	b.t.Helper()
	for _, text := range texts {
		if strings.Contains(b.body, text) {
			b.t.Errorf("%s says %q", b.at, text)
		}
	}
	return b
}

var (
	field    = regexp.MustCompile(`<input[^>]* name="([^"]+)"[^>]*>`)
	theValue = regexp.MustCompile(` value="([^"]*)"`)
	chosen   = regexp.MustCompile(`(?s)<select[^>]* name="([^"]+)"[^>]*>(.*?)</select>`)
	selected = regexp.MustCompile(`<option(?: value="([^"]*)")? selected>([^<]*)`)
	first    = regexp.MustCompile(`<option(?: value="([^"]*)")?>([^<]*)`)
)

// form is what a browser sends of the form on the page as it stands.
func (b *browser) form() url.Values {
	v := url.Values{}
	for _, m := range field.FindAllStringSubmatch(b.body, -1) {
		value := ""
		if f := theValue.FindStringSubmatch(m[0]); f != nil {
			value = html.UnescapeString(f[1])
		}
		v.Set(html.UnescapeString(m[1]), value)
	}
	for _, m := range chosen.FindAllStringSubmatch(b.body, -1) {
		f := selected.FindStringSubmatch(m[2])
		if f == nil {
			f = first.FindStringSubmatch(m[2]) // as a browser does
		}
		switch {
		case f == nil:
		case strings.Contains(f[0], ` value="`):
			v.Set(m[1], html.UnescapeString(f[1]))
		default:
			v.Set(m[1], html.UnescapeString(f[2]))
		}
	}
	return v
}

// fill sends the form of the page with other values and one of its buttons.
func (b *browser) fill(path string, pairs ...string) *browser {
	b.t.Helper()
	v := b.form()
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return b.post(path, v)
}

// agreed records a pledge of a million euros and its agreement, and returns its identifier.
func (c *client) agreed() string {
	c.t.Helper()
	id := c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-10","amount":{"amount":"1000000.00","currency":"EUR"}}`).want(201).field("id")
	c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2026-01-15"}`).want(200)
	return id
}

// receipts counts what was recorded.
func (c *client) receipts() int {
	c.t.Helper()
	return strings.Count(c.get("/v1/receipts").want(200).body, `"bank_account":`)
}

// TestConsoleReceipt records a receipt by the pages: the faults stand beside the fields with all that was typed, the pledge is
// proposed, the preview has the rate and the entry, and what is sent twice is posted once.
func TestConsoleReceipt(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := c.agreed()
	b := c.signIn(ledger.RoleOfficer)
	b.get("/receipts/new").want(200, "Record a receipt", `data-find="/contributors/found"`)
	b.fill("/receipts/new", "contributor", "Netherlands", "amount", "400,000.001", "currency", "eur", "value_date", "2026-02-30", "note", "a <b>note</b>", "step", "preview").
		want(422, `value="400,000.001"`, `value="2026-02-30"`, "a <b>note</b>", "EUR has", "Preview").lacks("<b>note", "Post the receipt")
	b.fill("/receipts/new", "amount", "400,000.00", "value_date", "2026-03-05", "bank_reference", "REF-1", "step", "preview").
		want(200, "What will be posted", "0.8 for 1 USD", "500,000.00 USD", "1010", "1200", `name="apply.`+pledge+`" aria-label`, `value="400000.00"`, "Post the receipt")
	if n := c.receipts(); n != 0 {
		t.Fatalf("a preview recorded %d receipts", n)
	}
	changed := b.form()
	changed.Set("bank_reference", "REF-2")
	changed.Set("step", "post")
	b.post("/receipts/new", changed).want(200, "not as it was in the preview", `value="REF-2"`)
	post := b.form()
	post.Set("step", "post")
	first := b.post("/receipts/new", post).want(200, "Receipt of", "400,000.00 EUR", "REF-2").at
	if again := b.post("/receipts/new", post).want(200).at; again != first || c.receipts() != 1 {
		t.Errorf("sent twice: %s and %s, %d receipts", first, again, c.receipts())
	}
	// Behind the button Back, the preview of what is posted offers nothing to post, whatever is changed in it.
	post.Set("step", "preview")
	b.post("/receipts/new", post).want(200, "was posted already", `href="`+first+`"`).lacks("Post the receipt", `value="preview"`)
	post.Set("bank_reference", "REF-3")
	for _, step := range []string{"preview", "post"} {
		post.Set("step", step)
		b.post("/receipts/new", post).want(200, "was posted already", `href="/receipts"`).lacks("Post the receipt", `value="preview"`)
	}
	forged := b.get("/receipts/new").form()
	forged.Set("form_token", "forged")
	b.post("/receipts/new", forged).want(403, "not of this session")
	if c.receipts() != 1 {
		t.Errorf("%d receipts", c.receipts())
	}
	b.get("/receipts/new?").fill("/receipts/new", "contributor", "Nobody at all", "amount", "5", "currency", "EUR", "value_date", "2026-03-05", "step", "preview").
		want(422, "No contributor has this code or name", `value="Nobody at all"`)
	c.signIn(ledger.RoleAuditor).get("/receipts/new").want(403, "may not record receipts")
}

// TestConsoleApproval lets a second person decide on what an officer asked for.
func TestConsoleApproval(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.as(ledger.RoleAdmin).post("/v1/approval-policies", `{"kind":"receipt_reversal","required":true}`).want(201)
	receipt := c.post("/v1/receipts", `{"contributor":"NLD","fund":"CPCJF","value_date":"2026-03-05","amount":{"amount":"800.00","currency":"EUR"}}`).want(201).field("id")
	waiting := c.post("/v1/receipts/"+receipt+"/reversal", `{"effective_date":"2026-03-06","reason":"Entered twice"}`).want(202)
	at := "/approvals/" + waiting.field("id")
	officer, approver := c.signIn(ledger.RoleOfficer), c.signIn(ledger.RoleApprover)
	officer.get("/").want(200, "approvals waiting", "Entered twice", "Signed in as")
	officer.get(at).want(200, "somebody else decides").lacks("Approve and post")
	officer.post(at+"/decision", url.Values{"form_token": officer.form()["form_token"], "key": {"k"}, "decision": {"approved"}}).want(403)
	approver.get(at).want(200, "Approve and post", "1,000.00 USD", "1010", `<a href="/receipts/`+receipt+`">receipt</a>`)
	approver.fill(at+"/decision", "reason", "Seen", "decision", "approved").want(200, "approved", "Seen")
	if on := c.get("/v1/receipts/" + receipt).want(200).field("reversed_on"); on != "2026-03-06" {
		t.Errorf("reversed on %s", on)
	}
	approver.get("/receipts/"+receipt).want(200, "reversed")
}

// TestConsolePages opens every page as each role that may, and follows every link on it within the site.
func TestConsolePages(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := c.agreed()
	c.post("/v1/receipts", `{"contributor":"NLD","value_date":"2026-03-05","amount":{"amount":"800.00","currency":"EUR"},"allocations":[{"pledge":"`+pledge+`","amount":{"amount":"800.00","currency":"EUR"}}]}`).want(201)
	c.post("/v1/receipts", `{"fund":"CPCJF","payer":"<script>alert(1)</script>","value_date":"2026-03-06","amount":{"amount":"5.00","currency":"EUR"}}`).want(201)
	b := c.signIn(ledger.RoleAuditor)
	link := regexp.MustCompile(`href="(/[^"]*)"`)
	seen, queue := map[string]bool{}, []string{"/"}
	for len(queue) > 0 && len(seen) < 400 {
		path := queue[0]
		queue = queue[1:]
		b.get(path).want(200).lacks("<script>")
		if size := len(b.body); size > 200<<10 {
			t.Errorf("%s has %d bytes", path, size)
		}
		for _, m := range link.FindAllStringSubmatch(b.body, -1) {
			to := html.UnescapeString(m[1])
			if !seen[to] && !strings.HasPrefix(to, "/assets/") && !strings.HasPrefix(to, "/docs") && !strings.HasPrefix(to, "/openapi") {
				seen[to] = true
				queue = append(queue, to)
			}
		}
	}
	for _, path := range []string{"/", "/receipts", "/receipts?unidentified=true", "/pledges", "/due", "/bank", "/contributors", "/journal", "/periods", "/deliveries", "/deliveries/calendar", "/approvals", "/reports", "/settings", "/settings/funds", "/settings/rates", "/settings/keys", "/settings/funds/CPCJF", "/contributors/NLD", "/pledges/" + pledge} {
		if path != "/" && !seen[path] {
			t.Errorf("no page leads to %s", path)
		}
	}
	b.get("/journal?account=1200&from=2026-13-01").want(422, "2026-13-01", `aria-invalid="true"`)
	b.get("/journal?account=1200&fund=CPCJF").want(200, `value="1200"`)
	b.get("/receipts/not-there").want(422)
	b.get("/pledges/00000000-0000-0000-0000-000000000000").want(404, "to quote when you ask for help")
	b.get("/contributors?name=Netherlands").want(200, "Code")
	b.get("/reports/statement?contributor=NLD&from=2026-01-01&to=2026-12-31&format=csv").want(200)
	b.get("/reports/fund?fund=CPCJF&year=2026&format=html&lang=fr").want(200)
	donor := c.signIn(ledger.RoleDonor)
	donor.get("/receipts").want(403, "for the officers of the fund")
	nobody := &browser{t: t, base: c.server.URL, http: http.DefaultClient}
	if nobody.get("/receipts").want(200, "Sign in"); nobody.at != "/login" {
		t.Errorf("nobody is shown %s", nobody.at)
	}
	b.get("/").fill("/logout").want(200, "Sign in")
	if b.get("/journal"); b.at != "/login" {
		t.Errorf("after signing out %s is shown", b.at)
	}
}

// TestPortal shows a donor its own position in its language, and nothing of another contributor's.
func TestPortal(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := c.agreed()
	c.post("/v1/receipts", `{"contributor":"NLD","value_date":"2026-03-05","amount":{"amount":"800.00","currency":"EUR"},"allocations":[{"pledge":"`+pledge+`","amount":{"amount":"800.00","currency":"EUR"}}]}`).want(201)
	c.post("/v1/receipts", `{"contributor":"DEU","fund":"CPCJF","value_date":"2026-03-06","amount":{"amount":"777.00","currency":"EUR"}}`).want(201)
	for _, code := range []string{"NLD", "DEU"} {
		c.post("/v1/contributors/"+code+"/statements", `{"from":"2026-01-01","to":"2026-03-31"}`).want(201)
	}
	b := c.signIn(ledger.RoleDonor)
	if b.want(200, "Netherlands", "1,111,111.11 USD", "1,000.00 USD", "Issued statements", "<svg"); b.at != "/portal" {
		t.Errorf("a donor is shown %s", b.at)
	}
	b.lacks("777.00", "DEU", "Germany", "<script")
	b.get("/portal?lang=fr").want(200, `lang="fr"`, "Annoncé", "Se déconnecter", "Contributions annoncées en espèces")
	b.get("/portal?lang=ar").want(200, `dir="rtl"`, "تسجيل الخروج")
	own, others := c.get("/v1/contributors/NLD/statements").field("items.0.document"), c.get("/v1/contributors/DEU/statements").field("items.0.document")
	for _, format := range []string{"pdf", "html", "xlsx", "csv", "json", "text"} {
		b.get("/portal" + strings.TrimPrefix(own, "/v1") + "?lang=es&format=" + format).want(200)
		b.get("/portal/statement?from=2026-01-01&to=2026-12-31&lang=ru&format=" + format).want(200)
	}
	b.get("/portal" + strings.TrimPrefix(others, "/v1")).want(404)
	b.get("/contributors/DEU").want(403)
	b.get("/portal/statement?from=2026-12-31&to=2026-01-01").want(422, "ends before it begins")
	if officer := c.signIn(ledger.RoleOfficer).get("/portal").want(200, "Today"); officer.at != "/" {
		t.Errorf("an officer is shown %s", officer.at)
	}
}

// TestNothingHere tells a browser in a page, and a program in a problem, that an address is of nothing.
func TestNothingHere(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for path, want := range map[string]string{"/nowhere": "text/html; charset=utf-8", "/v1/nowhere": "application/problem+json"} {
		if a := c.do(http.MethodGet, path, "", "Accept", "text/html,application/xhtml+xml,*/*;q=0.8").want(404); a.header.Get("Content-Type") != want {
			t.Errorf("%s answers a browser with %s", path, a.header.Get("Content-Type"))
		}
	}
	if a := c.get("/nowhere").want(404); a.header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("a program is answered with %s", a.header.Get("Content-Type"))
	}
}
