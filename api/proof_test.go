package api_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/reports"
)

// TestProofOfSharedEntry lets one transfer be of two contributors: the donor of one is shown the entry and its own lines, of the
// other's nothing but hashes, and the file verifies with nothing but the key.
func TestProofOfSharedEntry(t *testing.T) {
	t.Parallel()
	c := serve(t)
	ledgertest.Signed(t, c.store)
	donor := c.as(ledger.RoleDonor)
	shared := c.post("/v1/receipts", `{"value_date":"2026-03-05","bank_reference":"S-1","fund":"CPCJF","amount":{"amount":"700.00","currency":"USD"},"payer":"Treasury",
		"allocations":[{"contributor":"NLD","fund":"CPCJF","amount":{"amount":"301.00","currency":"USD"}},{"contributor":"DEU","fund":"CPCJF","amount":{"amount":"399.00","currency":"USD"}}]}`).want(201)
	entry := shared.field("entries.0")
	whole := c.get("/v1/proof/inclusion?entry=" + entry).want(200)
	position := whole.field("leaves.0.position")
	for _, path := range []string{"?entry=" + entry, "?position=" + position} {
		own := donor.get("/v1/proof/inclusion" + path).want(200)
		if !strings.Contains(own.body, `"301"`) || !strings.Contains(own.body, `"hash"`) || strings.Contains(own.body, `"399"`) || strings.Contains(own.body, "DEU") || strings.Contains(own.body, "Treasury") {
			t.Errorf("%s shows the donor %s", path, own.body)
		}
		if !strings.Contains(whole.body, `"399"`) || strings.Contains(whole.body, `"hash"`) {
			t.Errorf("%s hides from the officer: %s", path, whole.body)
		}
		for _, a := range []answer{own, whole} {
			p, err := reports.Verify([]byte(a.body), ledgertest.PublicKey)
			if err != nil || len(p.Wrong) > 0 {
				t.Errorf("%s: %v %+v", path, err, p)
			}
		}
		changed := strings.Replace(own.body, `"301"`, `"310"`, 1)
		if p, err := reports.Verify([]byte(changed), ledgertest.PublicKey); err != nil || len(p.Wrong) != 1 || !strings.Contains(p.Wrong[0].String(), "Record "+position+" of the log: its bytes do not lead to the root") {
			t.Errorf("a changed figure: %v %+v", err, p)
		}
	}

	other := c.post("/v1/receipts", `{"value_date":"2026-03-06","bank_reference":"S-2","contributor":"DEU","fund":"CPCJF","amount":{"amount":"5.00","currency":"USD"}}`).want(201).field("entries.0")
	foreign := c.get("/v1/proof/inclusion?entry=" + other).want(200).field("leaves.0.position")
	for _, path := range []string{"?entry=" + other, "?position=" + foreign, "?position=0", "?position=999999", "?entry=0198c2a4-7f30-7c55-9d3e-000000000000"} {
		donor.get("/v1/proof/inclusion" + path).want(http.StatusNotFound)
	}
	c.get("/v1/proof/inclusion?position=0").want(200)
	c.get("/v1/proof/inclusion?position=999999").want(http.StatusNotFound)
}

// TestProofOfPast proves in sizes of the log that were signed, and says of others what is wrong with them, all at once.
func TestProofOfPast(t *testing.T) {
	t.Parallel()
	c := serve(t)
	ledgertest.Signed(t, c.store)
	donor := c.as(ledger.RoleDonor)
	size := func() string { return donor.get("/v1/proof/checkpoint?format=json").want(200).field("size") }
	record := func(reference string) string {
		return c.post("/v1/receipts", fmt.Sprintf(`{"value_date":"2026-03-05","bank_reference":%q,"contributor":"NLD","fund":"CPCJF","amount":{"amount":"7.00","currency":"USD"}}`, reference)).want(201).field("entries.0")
	}
	first := record("P-1")
	from := size()
	second := record("P-2")
	to := size()
	if from == to {
		t.Fatal("what was recorded is not in the log that is shown")
	}
	for _, path := range []string{"consistency?from=" + from, "consistency?from=" + from + "&to=" + to, "consistency?from=" + to + "&to=" + to, "inclusion?entry=" + first + "&size=" + from, "inclusion?entry=" + first + "&size=" + to} {
		p, err := reports.Verify([]byte(donor.get("/v1/proof/"+path).want(200).body), ledgertest.PublicKey)
		if err != nil || len(p.Wrong) > 0 || len(p.Proven) < 2 {
			t.Errorf("%s: %v %+v", path, err, p)
		}
	}
	for path, pointers := range map[string][]string{
		"consistency?from=1":                                     {"?from"},
		"consistency?from=1&to=2":                                {"?from", "?to"},
		"consistency?from=" + to + "&to=" + from:                 {"?to"},
		"consistency?from=9223372036854775807":                   {"?from"},
		"consistency?from=0&to=x":                                {"?from", "?to"},
		"consistency":                                            {"?from"},
		"inclusion":                                              {"?entry"},
		"inclusion?entry=" + first + "&position=1":               {"?position"},
		"inclusion?entry=" + second + "&size=" + from:            {"?size"},
		"inclusion?entry=" + second + "&size=1":                  {"?size"},
		"inclusion?entry=" + first + "&size=9223372036854775807": {"?size"},
		"inclusion?position=-1":                                  {"?position"},
	} {
		a := donor.get("/v1/proof/" + path).want(http.StatusUnprocessableEntity)
		for i, pointer := range pointers {
			if got := a.field(fmt.Sprintf("errors.%d.pointer", i)); got != pointer {
				t.Errorf("%s: the fault is at %s, not at %s: %s", path, got, pointer, a.body)
			}
		}
	}
}

// TestCheckpointAsAskedFor serves the note that the tools of transparency logs read, and JSON to who asks for it.
func TestCheckpointAsAskedFor(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.get("/v1/proof/checkpoint").want(http.StatusServiceUnavailable)
	ledgertest.Signed(t, c.store) // what is sealed already is signed when somebody asks
	note := c.do(http.MethodGet, "/v1/proof/checkpoint", "", "Accept", "text/plain").want(200)
	if note.header.Get("Content-Type") != "text/plain; charset=utf-8" || note.body != c.get("/v1/proof/checkpoint").want(200).body {
		t.Errorf("%v %s", note.header, note.body)
	}
	asked := c.do(http.MethodGet, "/v1/proof/checkpoint", "", "Accept", "application/json").want(200)
	if asked.header.Get("Content-Type") != "application/json" || asked.field("note") != note.body {
		t.Errorf("%v %s", asked.header, asked.body)
	}
	c.do(http.MethodGet, "/v1/proof/checkpoint", "", "If-None-Match", note.header.Get("ETag")).want(http.StatusNotModified)
	c.do(http.MethodGet, "/v1/proof/checkpoint", "", "Accept", "image/png").want(http.StatusNotAcceptable)
}

// TestKeysOfLog exchanges the key of the log: who has the old one checks what the new one signs, and who has only the new one is
// told that the old one's is not vouched for.
func TestKeysOfLog(t *testing.T) {
	t.Parallel()
	c := serve(t)
	ledgertest.Signed(t, c.store)
	donor := c.as(ledger.RoleDonor)
	from := donor.get("/v1/proof/checkpoint?format=json").want(200).field("size")
	next := ledgertest.Rotated(t, c.store)
	c.post("/v1/receipts", `{"value_date":"2026-03-05","bank_reference":"K-1","contributor":"NLD","fund":"CPCJF","amount":{"amount":"7.00","currency":"USD"}}`).want(201)
	keys := donor.get("/v1/proof/keys").want(200)
	if keys.field("keys.0.key") != ledgertest.PublicKey || keys.field("keys.1.key") != next || keys.field("keys.1.vouched_by") != ledgertest.PublicKey ||
		keys.field("keys.0.signs") != "false" || keys.field("keys.1.signs") != "true" {
		t.Errorf("the keys are %s", keys.body)
	}
	file := []byte(donor.get("/v1/proof/consistency?from=" + from).want(200).body)
	if p, err := reports.Verify(file, ledgertest.PublicKey); err != nil || len(p.Wrong) > 0 {
		t.Errorf("with the old key: %v %+v", err, p)
	}
	if p, err := reports.Verify(file, next); err != nil || len(p.Wrong) != 1 || !strings.Contains(p.Wrong[0].String(), "The earlier log: it was not signed with this key") {
		t.Errorf("with the new key alone: %v %+v", err, p)
	}
}
