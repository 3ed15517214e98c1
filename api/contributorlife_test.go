package api_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"vcledger/api"
	"vcledger/ledger"
)

func into[T any](t *testing.T, body string) T {
	t.Helper()
	var out T
	if err := json.Unmarshal([]byte(body), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

var newness = regexp.MustCompile(`"newness":\{.*\},"recorded_at"`)

// withoutNewness returns a pledge as a write answers with it: without what the ledger proposes at each reading.
func (a answer) withoutNewness() string { return newness.ReplaceAllString(a.body, `"recorded_at"`) }

// TestAmbiguousName holds that a name of several contributors is refused with each of them.
func TestAmbiguousName(t *testing.T) {
	t.Parallel()
	c := serve(t).as(ledger.RoleAdmin)
	for _, code := range []string{"IADB", "ISDB"} {
		name := map[string]string{"IADB": "Inter-American Development Bank", "ISDB": "Islamic Development Bank"}[code]
		c.post("/v1/contributors", `{"code":"`+code+`","name":"`+name+`","kind":"rdb","codes":[{"scheme":"dac","value":"`+code+`-1"}]}`).want(201)
		c.post("/v1/contributors/"+code+"/aliases", `{"name":"IDB","kind":"acronym"}`).want(201)
	}
	for _, q := range []string{"IDB", "idb", "%EF%BC%A9%EF%BC%A4%EF%BC%A2"} { // the last in full-width letters
		refused := c.get("/v1/contributors/resolve?q=" + q).want(409).body
		for _, part := range []string{"contributor-ambiguous", "IADB (Inter-American Development Bank)", "ISDB (Islamic Development Bank)"} {
			if !strings.Contains(refused, part) {
				t.Errorf("%s: %s lacks %q", q, refused, part)
			}
		}
	}
	if got := into[api.Contributor](t, c.get("/v1/contributors/resolve?q=isdb-1").want(200).body); got.Code != "ISDB" {
		t.Errorf("the DAC code is of %s", got.Code)
	}
	c.get("/v1/contributors/resolve?q=nobody").want(404)
	c.post("/v1/contributors/ISDB/aliases", `{"name":"IDB"}`).want(409)
	c.post("/v1/contributors/ADB/codes", `{"scheme":"dac","value":"ISDB-1"}`).want(409)
	c.post("/v1/contributors/ADB/codes", `{"scheme":"m49","value":"12"}`).want(422)
}

// TestFormerName holds that a name means its bearer on the days on which it was valid.
func TestFormerName(t *testing.T) {
	t.Parallel()
	c := serve(t).as(ledger.RoleAdmin)
	c.post("/v1/contributors", `{"code":"TUR","name":"Turkey","kind":"state","country":"TUR"}`).want(201)
	got := into[api.Contributor](t, c.post("/v1/contributors/TUR/names", `{"name":"Türkiye","from_date":"2022-05-31"}`).want(201).body)
	if got.Name != "Türkiye" || len(got.Names) != 2 || got.Names[0].Name != "Turkey" || got.Names[0].ValidTo != "2022-05-30" {
		t.Errorf("%+v", got)
	}
	c.get("/v1/contributors/resolve?q=turkey&on=2022-05-30").want(200)
	c.get("/v1/contributors/resolve?q=turkey&on=2022-05-31").want(404)
	c.get("/v1/contributors/resolve?q=T%C3%9CRKIYE").want(200)
}

// TestFamily holds that parents have dates, run in no circle, and that a State's list has its whole family.
func TestFamily(t *testing.T) {
	t.Parallel()
	c := serve(t).as(ledger.RoleAdmin)
	c.post("/v1/contributors", `{"code":"MFA","name":"Ministry","kind":"other","parent":"NLD"}`).want(201)
	c.post("/v1/contributors", `{"code":"AGENCY","name":"Agency","kind":"other"}`).want(201)
	c.post("/v1/contributors/AGENCY/parents", `{"parent":"MFA","from_date":"2020-01-01"}`).want(201)
	if refused := c.post("/v1/contributors/NLD/parents", `{"parent":"AGENCY","from_date":"2019-01-01"}`).want(409).body; !strings.Contains(refused, "contributor-circle") {
		t.Error(refused)
	}
	if list := c.get("/v1/contributors?parent=NLD").want(200).body; !strings.Contains(list, `"MFA"`) || !strings.Contains(list, `"AGENCY"`) {
		t.Error(list)
	}
	c.post("/v1/contributors/MFA/parents", `{"from_date":"2025-01-01"}`).want(201)
	if list := c.get("/v1/contributors?parent=NLD").want(200).body; strings.Contains(list, `"AGENCY"`) {
		t.Error(list)
	}
	if got := into[api.Contributor](t, c.get("/v1/contributors/MFA").want(200).body); len(got.Parents) != 2 || got.Parent != "" || len(got.Children) != 1 {
		t.Errorf("%+v", got)
	}
}

// TestMergeOverHTTP holds who may merge, that a merge is once and for good, and that the donor of the survivor is shown
// the records merged into it.
func TestMergeOverHTTP(t *testing.T) {
	t.Parallel()
	c := serve(t)
	pledge := into[api.Pledge](t, c.post("/v1/pledges",
		`{"contributor":"DEU","fund":"CPCJF","effective_date":"2026-01-10","amount":{"amount":"10.00","currency":"USD"}}`).want(201).body)
	body := `{"survivor":"NLD","effective_date":"2026-02-01","reason":"recorded twice"}`
	c.as(ledger.RoleAuditor).post("/v1/contributors/DEU/merge", body).want(403)
	admin := c.as(ledger.RoleAdmin)
	c.as(ledger.RoleDonor).get("/v1/pledges/" + string(pledge.ID)).want(404)
	if got := into[api.Contributor](t, admin.post("/v1/contributors/DEU/merge", body).want(201).body); got.MergedInto == nil || got.MergedInto.Survivor != "NLD" {
		t.Errorf("%+v", got)
	}
	admin.post("/v1/contributors/DEU/merge", body).want(409)
	admin.post("/v1/contributors/NLD/merge", `{"survivor":"DEU","effective_date":"2026-02-01","reason":"a circle"}`).want(409)
	admin.post("/v1/contributors/NLD/merge", `{"survivor":"NLD","effective_date":"2026-02-01","reason":"itself"}`).want(409)
	refused := c.post("/v1/receipts", `{"contributor":"DEU","fund":"CPCJF","value_date":"2026-02-02","amount":{"amount":"1.00","currency":"USD"}}`).want(409).body
	if !strings.Contains(refused, "contributor-merged") || !strings.Contains(refused, "use NLD") {
		t.Error(refused)
	}
	c.as(ledger.RoleDonor).get("/v1/pledges/" + string(pledge.ID)).want(200)
	if got := into[api.Contributor](t, admin.get("/v1/contributors/resolve?q=germany").want(200).body); got.Code != "NLD" || len(got.Aliases) != 0 {
		t.Errorf("the merged name means %+v", got)
	}
}

// TestNewness holds that proposal, declaration and decision stay apart, and that a report counts the decision.
func TestNewness(t *testing.T) {
	t.Parallel()
	c := serve(t)
	record := func(year, extra string) api.Pledge {
		return into[api.Pledge](t, c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","fund_year":`+year+
			`,"effective_date":"2026-01-10","amount":{"amount":"100.00","currency":"USD"}`+extra+`}`).want(201).body)
	}
	show := func(p api.Pledge) *api.Newness {
		return into[api.Pledge](t, c.get("/v1/pledges/"+string(p.ID)).want(200).body).Newness
	}
	p := record("2026", `,"declaration":{"new":true,"text":"Our first."}`)
	if n := show(p); !n.Proposal.New || n.Decision != nil || len(n.History) != 1 || n.History[0].Declaration != "Our first." {
		t.Errorf("%+v", n)
	}
	record("2024", "")
	if n := show(p); n.Proposal.New || len(n.Proposal.Against) != 1 || n.Proposal.Against[0] != 2024 {
		t.Errorf("%+v", n)
	}
	n := into[api.Newness](t, c.post("/v1/pledges/"+string(p.ID)+"/newness",
		`{"new":false,"additional":true,"note":"above the baseline","baseline":{"amount":{"amount":"60.00","currency":"USD"},"from_year":2023,"to_year":2025}}`).want(201).body)
	if n.Decision == nil || *n.Decision.New || !*n.Decision.ProposedAdditional || *n.Decision.ProposedNew || n.Decision.Baseline.FromYear != 2023 {
		t.Errorf("%+v", n.Decision)
	}
	c.post("/v1/pledges/"+string(p.ID)+"/newness", `{"new":true,"additional":true,"note":"on review","lookback_years":1}`).want(201)
	if n := show(p); !*n.Decision.New || len(n.History) != 3 || !*n.History[2].ProposedNew {
		t.Errorf("%+v", n)
	}
	if report := c.get("/v1/funds/CPCJF/reports/2026").want(200).body; !strings.Contains(report, `"class":"new_and_additional","cash":{"pledges":1`) {
		t.Error(report)
	}
	if shown := c.as(ledger.RoleDonor).get("/v1/pledges/" + string(p.ID)).want(200).body; strings.Contains(shown, "on review") {
		t.Error("the donor is shown the reviewer's note")
	}
	c.as(ledger.RoleAuditor).post("/v1/pledges/"+string(p.ID)+"/newness", `{"new":true,"additional":true,"note":"x"}`).want(403)
}
