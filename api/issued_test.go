package api_test

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
	"testing"

	"vcledger/ledger"
)

// TestIssuedStatements issues statements as an officer, shows them to their donor and to nobody else's, and supersedes one: the
// first stays byte for byte what it was, and leads to the second.
func TestIssuedStatements(t *testing.T) {
	t.Parallel()
	c := serve(t)
	const path, body = "/v1/contributors/NLD/statements", `{"from":"2026-01-01","to":"2026-06-30"}`
	pledge := `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-03-01","amount":{"amount":"10.00","currency":"USD"}}`
	c.post("/v1/pledges", pledge).want(201)

	tried := c.post(path+"?dry_run=true", body).want(201)
	if tried.header.Get("Location") != "" {
		t.Errorf("a dry run is at %s", tried.header.Get("Location"))
	}
	first := c.do("POST", path, body, "Idempotency-Key", "s1").want(201)
	if !strings.HasSuffix(first.field("number"), "/000001") || first.header.Get("Location") != first.field("document") {
		t.Errorf("issued: %s at %s", first.body, first.header.Get("Location"))
	}
	if again := c.do("POST", path, body, "Idempotency-Key", "s1").want(201); again.body != first.body || again.header.Get("Idempotency-Replayed") != "true" {
		t.Errorf("the same request again: %s", again.body)
	}
	if second := c.post(path, body).want(409); second.field("type") != "/problems/statement-issued" {
		t.Errorf("the same period again: %s", second.body)
	}
	c.post("/v1/contributors/XXX/statements", body).want(404)
	for _, bad := range []struct{ body, pointer, code string }{
		{`{"from":"2026-06-30","to":"2026-01-01"}`, "/to", "date-order"},
		{`{"from":"2026-01-01","to":"2199-12-31"}`, "/to", "date-in-future"},
		{`{"from":"2026-01-01","to":"2026-06-30","fund":"NONE"}`, "/fund", "fund-unknown"},
		{`{"from":"2026-01-01","to":"2026-06-30","bodies":"all"}`, "/bodies", "not-one-of"},
	} {
		if got := c.post(path, bad.body).want(422); got.faults()[bad.pointer] != bad.code {
			t.Errorf("%s: %s", bad.body, got.body)
		}
	}

	document := first.field("document")
	donor := c.as(ledger.RoleDonor)
	frozen := donor.get(document).want(200)
	if sum := sha256.Sum256([]byte(frozen.body)); hex.EncodeToString(sum[:]) != first.field("sha256") {
		t.Errorf("the document is not the one that was hashed: %s", frozen.body)
	}
	if csv := donor.get(document + "?format=csv").want(200); !strings.Contains(csv.body, "issued,"+first.field("number")) {
		t.Errorf("in CSV: %s", csv.body)
	}
	donor.post(path, body).want(403)

	c.post("/v1/pledges", pledge).want(201)
	c.post(document+"/supersession", `{}`).want(422)
	second := c.post(document+"/supersession", `{"reason":"A pledge was recorded late"}`).want(201)
	if second.field("supersedes") != first.field("number") || second.field("previous") != first.field("number") {
		t.Errorf("superseding: %s", second.body)
	}
	if again := c.post(document+"/supersession", `{"reason":"Once more"}`).want(409); again.field("type") != "/problems/statement-superseded" {
		t.Errorf("superseding twice: %s", again.body)
	}
	after := donor.get(document).want(200)
	if after.body != frozen.body || after.header.Get("ETag") != frozen.header.Get("ETag") {
		t.Errorf("the superseded statement changed:\n%s\n%s", frozen.body, after.body)
	}
	if link := after.header.Get("Link"); link != "<"+second.field("document")+`>; rel="successor-version"` {
		t.Errorf("the superseded statement leads to %q", link)
	}
	if now := donor.get(second.field("document")).want(200); now.field("changes.lines.0.change") != "late_item" || now.field("issued.reason") != "A pledge was recorded late" {
		t.Errorf("the second statement: %s", now.body)
	}

	list := donor.get(path + "?limit=1").want(200)
	if list.field("items.0.number") != second.field("number") {
		t.Errorf("the newest: %s", list.body)
	}
	rest := donor.get(path + "?limit=1&cursor=" + list.field("next_cursor")).want(200)
	if rest.field("items.0.superseded_by") != second.field("number") {
		t.Errorf("the other: %s", rest.body)
	}
	foreign := c.post("/v1/contributors/DEU/statements", body).want(201)
	donor.get(foreign.field("document")).want(404)
	donor.get("/v1/contributors/DEU/statements").want(404)
	c.as(ledger.RoleAuditor).get(foreign.field("document")).want(200)
	c.get("/v1/statements/2026-1").want(404)
}
