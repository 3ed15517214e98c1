package main

import (
	"encoding/base64"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/oauth2-proxy/mockoidc"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// signOn is a service that believes a provider, which runs in this process.
type signOn struct {
	t      *testing.T
	books  *ledgertest.Books
	op     *mockoidc.MockOIDC
	server *httptest.Server
}

func newSignOn(t *testing.T) *signOn {
	t.Helper()
	op, err := mockoidc.Run()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := op.Shutdown(); err != nil {
			t.Error(err)
		}
	})
	b := ledgertest.NewBooks(t)
	p, err := newProvider(oidcSettings{issuer: op.Issuer(), clientID: op.ClientID, clientSecret: op.ClientSecret, roleClaim: "groups", nameClaim: "email",
		contributorIn: "contributor", rolePairs: []string{"fin-officers=officer", "fin-heads=approver", "missions=donor"}}, b.Store)
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewTLSServer(api.New(api.Config{Store: b.Store, Authenticate: p.Authenticate, Provider: p, Version: "test"}))
	t.Cleanup(server.Close)
	return &signOn{t, b, op, server}
}

// token is signed by the provider, with claims over the usual ones.
func (s *signOn) token(claims jwt.MapClaims) string {
	s.t.Helper()
	all := jwt.MapClaims{"iss": s.op.Issuer(), "aud": s.op.ClientID, "sub": "42", "email": "anna@example.org", "groups": []string{"staff", "fin-officers"},
		"exp": time.Now().Add(time.Hour).Unix(), "iat": time.Now().Unix()}
	for name, value := range claims {
		all[name] = value
	}
	signed, err := s.op.Keypair.SignJWT(all)
	if err != nil {
		s.t.Fatal(err)
	}
	return signed
}

func (s *signOn) get(path, token string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.server.URL+path, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	return s.answer(s.server.Client().Do(r))
}

func (s *signOn) answer(res *http.Response, err error) (int, string) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// TestTokens takes the tokens of the provider, with the role that their claims come to, and no other.
func TestTokens(t *testing.T) {
	t.Parallel()
	s := newSignOn(t)
	unsigned := func() string {
		parts := strings.Split(s.token(nil), ".")
		return base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"none","typ":"JWT"}`)) + "." + parts[1] + "."
	}
	stranger, err := mockoidc.RandomKeypair(2048)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := stranger.SignJWT(jwt.MapClaims{"iss": s.op.Issuer(), "aud": s.op.ClientID, "sub": "42", "groups": "fin-officers", "exp": time.Now().Add(time.Hour).Unix()})
	if err != nil {
		t.Fatal(err)
	}
	key, err := ledgertest.Key(s.books.Store, "by key", ledger.RoleAuditor, "")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, token, path string
		want              int
	}{
		{"an officer", s.token(nil), "/v1/journal", 200},
		{"the same again", s.token(nil), "/v1/journal", 200},
		{"a role in a text", s.token(jwt.MapClaims{"groups": "fin-heads"}), "/v1/journal", 200},
		{"a key", key, "/v1/journal", 200},
		{"a donor of its own", s.token(jwt.MapClaims{"groups": []string{"missions"}, "contributor": "NLD"}), "/v1/contributors/NLD", 200},
		{"a donor of another", s.token(jwt.MapClaims{"groups": []string{"missions"}, "contributor": "NLD"}), "/v1/contributors/DEU", 404},
		{"a donor in the journal", s.token(jwt.MapClaims{"groups": []string{"missions"}, "contributor": "NLD"}), "/v1/journal", 403},
		{"a donor of nobody", s.token(jwt.MapClaims{"groups": []string{"missions"}}), "/v1/contributors/NLD", 401},
		{"a donor of whom there is not", s.token(jwt.MapClaims{"groups": []string{"missions"}, "contributor": "XXX"}), "/v1/contributors/NLD", 401},
		{"no role", s.token(jwt.MapClaims{"groups": []string{"staff"}}), "/v1/journal", 401},
		{"two roles", s.token(jwt.MapClaims{"groups": []string{"fin-officers", "fin-heads"}}), "/v1/journal", 401},
		{"for somebody else", s.token(jwt.MapClaims{"aud": "another"}), "/v1/journal", 401},
		{"of somebody else", s.token(jwt.MapClaims{"iss": "https://evil.example"}), "/v1/journal", 401},
		{"too old", s.token(jwt.MapClaims{"exp": time.Now().Add(-time.Hour).Unix()}), "/v1/journal", 401},
		{"without a signature", unsigned(), "/v1/journal", 401},
		{"signed by a stranger", forged, "/v1/journal", 401},
		{"no token", "a.b.c", "/v1/journal", 401},
	} {
		if got, body := s.get(tt.path, tt.token); got != tt.want {
			t.Errorf("%s: %d, want %d: %s", tt.name, got, tt.want, body)
		}
	}
}

var formToken = regexp.MustCompile(`name="form_token" value="([^"]+)"`)

// browser keeps cookies as a browser does.
func (s *signOn) browser() *http.Client {
	s.t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		s.t.Fatal(err)
	}
	c := *s.server.Client()
	c.Jar = jar
	return &c
}

// TestBrowserSignsInAtProvider goes the whole way through the provider and back, and out again; what was not begun here is
// refused.
func TestBrowserSignsInAtProvider(t *testing.T) {
	t.Parallel()
	s := newSignOn(t)
	browser := s.browser()
	get := func(path string) (int, string) { return s.answer(browser.Get(s.server.URL + path)) }
	s.op.QueueUser(&mockoidc.MockUser{Subject: "42", Email: "anna@example.org", Groups: []string{"fin-officers"}})
	if status, body := get("/login/provider"); status != 200 || !strings.Contains(body, "You are signed in as anna@example.org (officer), officer") {
		t.Fatalf("signed in: %d %s", status, body)
	}
	if _, body := get("/"); !strings.Contains(body, "Signed in as anna@example.org") {
		t.Errorf("home: %s", body)
	}
	s.op.QueueUser(&mockoidc.MockUser{Subject: "43", Email: "eve@example.org", Groups: []string{"cooks"}})
	stranger := s.browser()
	if status, body := s.answer(stranger.Get(s.server.URL + "/login/provider")); status != 401 || !strings.Contains(body, "no role") {
		t.Errorf("without a role: %d %s", status, body)
	}
	if status, body := s.answer(stranger.Get(s.server.URL + "/login/callback?code=x&state=y")); status != 401 || !strings.Contains(body, "not begun here") {
		t.Errorf("a sign-in that was not begun here: %d %s", status, body)
	}
}

// TestBrowserSignsInWithKey signs in with a key and out: the cookie is for this host and no script, another site's form is
// refused, and the session ends with its key.
func TestBrowserSignsInWithKey(t *testing.T) {
	t.Parallel()
	s := newSignOn(t)
	key, err := ledgertest.Key(s.books.Store, "Anna", ledger.RoleOfficer, "")
	if err != nil {
		t.Fatal(err)
	}
	browser := s.browser()
	post := func(path string, form url.Values, headers ...string) (int, string, http.Header) {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.server.URL+path, strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		once := *browser
		once.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		res, err := once.Do(r)
		status, body := s.answer(res, err)
		return status, body, res.Header
	}
	home := func() string { _, body := s.answer(browser.Get(s.server.URL + "/")); return body }
	if status, body, _ := post("/login", url.Values{"key": {"vcl_wrong"}}); status != 401 || !strings.Contains(body, "The key is not valid.") || strings.Contains(body, "vcl_wrong") {
		t.Errorf("a wrong key: %d %s", status, body)
	}
	if status, _, _ := post("/login", url.Values{"key": {key}}, "Sec-Fetch-Site", "cross-site"); status != 403 {
		t.Errorf("another site's form: %d", status)
	}
	status, _, header := post("/login", url.Values{"key": {key}}, "Sec-Fetch-Site", "same-origin")
	cookie := header.Get("Set-Cookie")
	for _, part := range []string{"__Host-vcledger=", "Path=/", "HttpOnly", "Secure", "SameSite=Strict"} {
		if status != 303 || !strings.Contains(cookie, part) {
			t.Errorf("signed in: %d, the cookie %s has no %s", status, cookie, part)
		}
	}
	if header.Get("Strict-Transport-Security") == "" || !strings.Contains(header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Errorf("the page's headers: %v", header)
	}
	if strings.Contains(cookie, key) || !strings.Contains(home(), "Signed in as Anna, officer") {
		t.Errorf("home: %s", home())
	}
	if status, _, _ := post("/logout", url.Values{"form_token": {"forged"}}); status != 403 || !strings.Contains(home(), "Anna") {
		t.Errorf("a forged form: %d", status)
	}
	token := formToken.FindStringSubmatch(home())[1]
	if status, _, _ := post("/logout", url.Values{"form_token": {token}}); status != 303 || strings.Contains(home(), "Anna") {
		t.Errorf("signed out: %d %s", status, home())
	}
	post("/login", url.Values{"key": {key}})
	keys, err := allKeys(t.Context(), s.books.Store)
	if err != nil {
		t.Fatal(err)
	}
	if err := revokeKey(t.Context(), s.books.Store, keys[0].ID); err != nil {
		t.Fatal(err)
	}
	if strings.Contains(home(), "Anna") {
		t.Error("the session outlives its key")
	}
	if res, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.server.URL+"/v1/funds", nil); err != nil {
		t.Fatal(err)
	} else if status, _ := s.answer(browser.Do(res)); status != 401 {
		t.Errorf("the API takes the cookie: %d", status)
	}
}
