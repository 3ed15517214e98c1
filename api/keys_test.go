package api_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestKeysOverHTTP makes a key, uses it, finds it in the list and the audit trail, and ends it. Its secret is in one answer.
func TestKeysOverHTTP(t *testing.T) {
	t.Parallel()
	c := serve(t)
	admin := c.as(ledger.RoleAdmin)
	const body = `{"name":"Berta","role":"officer","last_day":"2099-12-31"}`
	made := admin.do(http.MethodPost, "/v1/keys", body, "Idempotency-Key", "berta").want(201)
	secret := made.field("secret")
	if !strings.HasPrefix(secret, "vcl_") || made.field("expires_at") != "2100-01-01T00:00:00Z" {
		t.Errorf("made: %s", made.body)
	}
	again := admin.do(http.MethodPost, "/v1/keys", body, "Idempotency-Key", "berta").want(201)
	if strings.Contains(again.body, "secret") || again.field("id") != made.field("id") || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the replay: %s", again.body)
	}
	berta := &client{t: t, server: c.server, role: ledger.RoleOfficer, keys: map[ledger.Role]string{ledger.RoleOfficer: secret}}
	pledge := berta.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","amount":{"amount":"1.00","currency":"USD"},"effective_date":"2026-01-10"}`).want(201)
	berta.post("/v1/pledges", `{"contributor":"XXX","fund":"CPCJF","amount":{"amount":"1.00","currency":"USD"},"effective_date":"2026-01-10"}`).want(422)
	berta.get("/v1/keys").want(403)
	admin.post("/v1/keys", `{"name":"Donor","role":"donor"}`).want(422)
	admin.post("/v1/keys", `{"name":"Old","role":"officer","last_day":"2020-01-01"}`).want(422)
	admin.post("/v1/keys/"+made.field("id")+"/revocation", "").want(200)
	berta.get("/v1/funds").want(401)
	if got := c.as(ledger.RoleAuditor).get("/v1/keys").want(200); strings.Contains(got.body, secret) || !strings.Contains(got.body, "revoked_at") {
		t.Errorf("the list: %s", got.body)
	}

	trail := c.as(ledger.RoleAuditor).get("/v1/audit?actor=Berta").want(200)
	for i, want := range [][3]string{{"record-pledge", "done", "/v1/pledges/" + pledge.field("id")}, {"record-pledge", "refused", "contributor-unknown"}, {"list-keys", "refused", "forbidden"}} {
		at := fmt.Sprintf("items.%d.", i)
		shown := trail.field(at + "record")
		if want[1] == "refused" {
			shown = trail.field(at + "rule")
		}
		if trail.field(at+"operation") != want[0] || trail.field(at+"outcome") != want[1] || shown != want[2] || trail.field(at+"key") != made.field("id") ||
			trail.field(at+"address") != "127.0.0.1" {
			t.Errorf("line %d of the trail, want %v: %s", i, want, trail.body)
		}
	}
	if got := c.as(ledger.RoleAuditor).get("/v1/audit?outcome=refused&operation=list-funds").want(200); got.field("items.0.rule") != "unauthenticated" {
		t.Errorf("the failed login: %s", got.body)
	}
	c.get("/v1/audit").want(403)
}

// TestDryRun tries writes that post, wait and are refused: the answers are those of the real ones, and nothing is kept.
func TestDryRun(t *testing.T) {
	t.Parallel()
	c := serve(t)
	const body = `{"contributor":"NLD","fund":"CPCJF","amount":{"amount":"200000.00","currency":"USD"},"effective_date":"2026-01-10"}`
	tried := c.do(http.MethodPost, "/v1/pledges?dry_run=true", body, "Idempotency-Key", "one").want(201)
	if tried.header.Get("Dry-Run") != "true" || tried.header.Get("Location") != "" || tried.field("stage") != "announced" {
		t.Errorf("tried: %v %s", tried.header, tried.body)
	}
	if got := c.get("/v1/pledges").want(200).body; got != `{"items":[]}`+"\n" {
		t.Errorf("a dry run left %s", got)
	}
	pledge := c.do(http.MethodPost, "/v1/pledges", body, "Idempotency-Key", "one").want(201) // the key is free
	path := "/v1/pledges/" + pledge.field("id")
	c.post(path+"/agreement?dry_run=true", `{"effective_date":"2026-02-10"}`).want(200)
	if got := c.get(path).field("stage"); got != "announced" {
		t.Errorf("after the dry run of its agreement the pledge is %s", got)
	}
	c.post(path+"/agreement", `{"effective_date":"2026-02-10"}`).want(200)
	c.post(path+"/write-off?dry_run=true", `{"effective_date":"2026-06-01","reason":"Insolvent"}`).want(202)
	if got := c.get("/v1/approvals").want(200).body; got != `{"items":[]}`+"\n" {
		t.Errorf("a dry run waits: %s", got)
	}
	c.post(path+"/write-off?dry_run=yes", `{"effective_date":"2026-06-01","reason":"Insolvent"}`).want(422)
	c.post("/v1/receipts?dry_run=true", `{"value_date":"2026-03-01","fund":"NONE","amount":{"amount":"1.00","currency":"USD"}}`).want(422)
	secret := c.as(ledger.RoleAdmin).post("/v1/keys?dry_run=true", `{"name":"Berta","role":"officer"}`).want(201)
	if strings.Contains(secret.body, "secret") {
		t.Errorf("a key that was not made has a secret: %s", secret.body)
	}
	ledgertest.CheckBooks(t, c.store)
}

// TestEvents lets clients post while a follower reads the stream: it gets every entry once, in one order, without a gap.
func TestEvents(t *testing.T) {
	t.Parallel()
	c := serve(t)
	const clients, each = 8, 5
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for range each {
				c.post("/v1/receipts", `{"value_date":"2026-03-01","contributor":"NLD","fund":"CPCJF","amount":{"amount":"1.00","currency":"USD"}}`).want(201)
			}
		})
	}
	done := make(chan struct{})
	go func() { wg.Wait(); close(done) }()
	seen := map[string]bool{}
	last := 0
	follow := func() {
		for {
			page := c.get(fmt.Sprintf("/v1/events?limit=7&after=%d", last)).want(200)
			list := items(t, page)
			for i := range list {
				if at := page.field(fmt.Sprintf("items.%d.position", i)); at != strconv.Itoa(last+1) {
					t.Errorf("position %s comes after %d", at, last)
				}
				last++
				seen[page.field(fmt.Sprintf("items.%d.entry.id", i))] = true
			}
			if len(list) < 7 {
				return
			}
		}
	}
	for running := true; running; {
		select {
		case <-done:
			running = false
		default:
		}
		follow()
	}
	if last != clients*each || len(seen) != last {
		t.Errorf("%d positions of %d entries, want %d", last, len(seen), clients*each)
	}
	first := c.get("/v1/events?limit=2").want(200)
	if link := first.header.Get("Link"); link == "" || c.get(strings.TrimSuffix(strings.TrimPrefix(link, "<"), `>; rel="next"`)).field("items.0.position") != "3" {
		t.Errorf("the next page of %s", link)
	}
}

// TestEdits changes a contact under the ETag that was read: without one, with an old one and twice at once it is refused.
func TestEdits(t *testing.T) {
	t.Parallel()
	c := serve(t)
	const body = `{"contact":"Division II/7","email":"statements@example.org"}`
	read := c.get("/v1/contributors/NLD").want(200)
	etag := read.header.Get("ETag")
	if got := c.do(http.MethodGet, "/v1/contributors/NLD", "", "If-None-Match", etag); got.status != 304 || got.body != "" {
		t.Errorf("the same again: %d %s", got.status, got.body)
	}
	patch := func(path, body string, headers ...string) answer {
		return c.do(http.MethodPatch, path, body, headers...)
	}
	patch("/v1/contributors/NLD", body).want(428)
	patch("/v1/contributors/NLD", body, "If-Match", `"old"`).want(412)
	patch("/v1/contributors/XXX", body, "If-Match", etag).want(404)
	edited := patch("/v1/contributors/NLD", body, "If-Match", etag, "Idempotency-Key", "edit").want(200)
	if edited.field("contact") != "Division II/7" || c.get("/v1/contributors/NLD").body != edited.body {
		t.Errorf("edited: %s", edited.body)
	}
	if again := patch("/v1/contributors/NLD", body, "If-Match", etag, "Idempotency-Key", "edit").want(200); again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the retry of an edit: %s", again.body)
	}
	patch("/v1/contributors/NLD", body, "If-Match", etag).want(412)
	if got := c.as(ledger.RoleAuditor).get("/v1/audit?operation=edit-contributor&outcome=done").want(200); got.field("items.0.change.after.Contact") != "Division II/7" ||
		got.field("items.0.change.before.Contact") != "" {
		t.Errorf("the trail of the edit: %s", got.body)
	}
	fund := c.get("/v1/funds/CPCJF").want(200)
	if got := patch("/v1/funds/CPCJF", `{"bank_charges":"net"}`, "If-Match", fund.header.Get("ETag")).want(200); got.field("bank_charges") != "net" || got.field("rate_source") != "un" {
		t.Errorf("the fund: %s", got.body)
	}
	patch("/v1/funds/CPCJF", `{"bank_charges":"some"}`, "If-Match", "*").want(422)
}

// TestTooMany asks more often than a key may, and tries more keys than an address may: both are told when to come again.
func TestTooMany(t *testing.T) {
	t.Parallel()
	c := serve(t)
	limited := httptest.NewServer(api.New(api.Config{Store: c.store, Authenticate: c.store.Authenticate, Version: "test",
		Limits: api.Limits{PerKey: 0.001, Burst: 3, FailedLogin: 0.001, FailedBurst: 2}}))
	t.Cleanup(limited.Close)
	c.server = limited
	for range 3 {
		c.get("/v1/funds").want(200)
	}
	if got := c.get("/v1/funds").want(429); got.field("type") != "/problems/too-many-requests" || len(got.header.Get("Retry-After")) < 3 {
		t.Errorf("too many: %v %s", got.header, got.body)
	}
	c.as(ledger.RoleAuditor).get("/v1/funds").want(200) // another key
	nobody := &client{t: t, server: limited, keys: map[ledger.Role]string{}}
	nobody.get("/v1/funds").want(401)
	nobody.get("/v1/funds").want(401)
	nobody.get("/v1/funds").want(429)
	c.as(ledger.RoleApprover).get("/v1/funds").want(200) // a good key from the same address
	c.get("/healthz").want(200)
}
