package api_test

import (
	"fmt"
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestLoanOfExperts lives a loan of experts over HTTP: what was offered, accepted and delivered stay apart, and so do what
// the donor declares and what the fund assesses.
func TestLoanOfExperts(t *testing.T) {
	t.Parallel()
	c := serve(t)
	digest := strings.Repeat("ab", 32)
	p := c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-20","items":[{"category":"expert","description":"Forensic experts",
		"quantity":"120","unit":"expert_day","unit_value":{"amount":"500.00","currency":"USD"},"declared_value":{"amount":"78000.00","currency":"EUR"},
		"valuation_basis":"un_consultant_rate","valuer":"Chief, Finance Section","valued_on":"2026-01-18",
		"evidence":{"reference":"Schedule of rates","sha256":"`+digest+`"}}]}`).want(201)
	path := "/v1/pledges/" + p.field("id")
	accepted := c.post(path+"/agreement", `{"effective_date":"2026-02-03","accepted":[{"item":1,"quantity":"100"}],"accepted_by":"Director, Programme",
		"cost_to_fund":{"amount":{"amount":"4200.00","currency":"USD"},"description":"Local travel, insurance"}}`).want(200)
	fields(t, accepted, map[string]string{"items.0.offered": "120", "items.0.accepted": "100", "items.0.value.amount.amount": "60000.00",
		"items.0.declared_value.amount": "78000.00", "items.0.declared_value.currency": "EUR", "items.0.outstanding.amount.amount": "50000.00",
		"items.0.evidence.sha256": digest, "legs.1.accepted_by": "Director, Programme", "legs.1.cost_to_fund.amount.amount": "4200.00",
		"legs.1.cost_to_fund.looked_on": "2026-02-03"})
	d := c.post("/v1/deliveries", fmt.Sprintf(`{"pledge":%q,"delivered_on":"2026-04-30","period_from":"2026-04-01","period_to":"2026-04-28","quantity":"20",
		"expert":"17","certified_by":"Chief, Laboratory","evidence":{"reference":"Time sheets April"}}`, p.field("id"))).want(201)
	fields(t, d, map[string]string{"value.amount.amount": "10000.00", "unit_value.amount": "500.00", "declared_value.amount": "13000.00", "expert": "17",
		"period_to": "2026-04-28", "certified_by": "Chief, Laboratory", "evidence.reference": "Time sheets April"})
	valued := c.post(path+"/items/1/valuation", `{"effective_date":"2026-06-15","unit_value":{"amount":"540.00","currency":"USD"},
		"valuation_basis":"un_consultant_rate","reason":"The rate was raised"}`).want(200)
	fields(t, valued, map[string]string{"items.0.unit_value.amount": "540.00", "items.0.outstanding.amount.amount": "43200.00", "items.0.valuations.0.value.amount.amount": "60000.00",
		"items.0.valuations.1.quantity": "80", "items.0.valuations.1.declared_value.amount": "52000.00", "items.0.valuations.1.reason": "The rate was raised"})
	again := c.post("/v1/deliveries/"+d.field("id")+"/valuation", `{"effective_date":"2026-06-15","declared_value":{"amount":"9000.00","currency":"USD"},
		"reason":"The donor's invoice"}`).want(200)
	fields(t, again, map[string]string{"value.amount.amount": "9000.00", "declared_value.amount": "9000.00", "valuation_basis": "donor_stated", "valuations.0.value.amount.amount": "10000.00"})
	if got := c.get("/v1/deliveries/" + d.field("id")).want(200); got.body != again.body {
		t.Errorf("read\n%s\nrecorded\n%s", got.body, again.body)
	}
	if got := c.as(ledger.RoleDonor).get(path).want(200); got.body != c.get(path).want(200).body {
		t.Error("the donor reads another history than the officer")
	}
	c.as(ledger.RoleAuditor).post(path+"/items/1/valuation", `{"effective_date":"2026-06-15","unit_value":{"amount":"1.00","currency":"USD"},"valuation_basis":"market_price","reason":"x"}`).want(403)
	c.post("/v1/deliveries/"+d.field("id")+"/reversal", `{"effective_date":"2026-07-01","reason":"Wrong month"}`).want(200)
	c.post("/v1/deliveries/"+d.field("id")+"/valuation", `{"effective_date":"2026-07-02","value":{"amount":"1.00","currency":"USD"},"valuation_basis":"market_price","reason":"x"}`).want(409)
	if left := c.get(path).want(200).field("items.0.outstanding.amount.amount"); left != "54000.00" { // 100 days at 540.00
		t.Errorf("after the reversal %s is promised", left)
	}
	ledgertest.CheckBooks(t, c.store)
}

func fields(t *testing.T, a answer, want map[string]string) {
	t.Helper()
	for at, value := range want {
		if got := a.field(at); got != value {
			t.Errorf("%s is %q, want %q", at, got, value)
		}
	}
}

// TestInKindViolations sees that everything that is wrong with a value in kind is told at once, at its place.
func TestInKindViolations(t *testing.T) {
	t.Parallel()
	c := serve(t)
	cash := c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-20","amount":{"amount":"1.00","currency":"USD"}}`).want(201)
	p := c.post("/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-20","items":[{"category":"goods","description":"Printers","quantity":"3","unit":"item",
		"declared_value":{"amount":"0.00","currency":"USD"}}]}`).want(201)
	if p.field("items.0.valuation_basis") != "donor_stated" || p.field("items.0.value.amount.amount") != "0.00" {
		t.Errorf("an item that only the donor values: %s", p.body)
	}
	path := "/v1/pledges/" + p.field("id")
	value := `"effective_date":"2026-02-01","reason":"x","valuation_basis":"market_price"`
	tests := []struct {
		name, path, body string
		status           int
		want             []string // pointer and code of each violation, or the rule alone
	}{
		{"two items", "/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-20","items":[
			{"category":"goods","description":"x","quantity":"3","unit":"furlong","value":{"amount":"100.00","currency":"USD"},"unit_value":{"amount":"33.33","currency":"USD"},"valuation_basis":"market_price"},
			{"category":"goods","description":"x","quantity":"3","unit":"item","declared_value":{"amount":"1.00","currency":"USD"},"valuation_basis":"market_price","valued_on":"2190-01-01"}]}`, 422,
			[]string{"/items/0/unit unit-unknown", "/items/0/unit_value valuation-contradicts", "/items/1/valued_on date-in-future", "/items/1/valuation_basis valuation-contradicts"}},
		{"no value, no basis", "/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","effective_date":"2026-01-20","items":[{"category":"goods","description":"x","quantity":"3","unit":"item"},
			{"category":"goods","description":"x","quantity":"3","unit":"item","value":{"amount":"1.00","currency":"USD"}}]}`, 422,
			[]string{"/items/0/value required", "/items/1/valuation_basis required"}},
		{"a digest", "/v1/deliveries", `{"pledge":"` + p.field("id") + `","delivered_on":"2026-02-01","quantity":"1","evidence":{"reference":"x","sha256":"ABC"}}`, 422,
			[]string{"/evidence/sha256 invalid-text"}},
		{"a period", "/v1/deliveries", `{"pledge":"` + p.field("id") + `","delivered_on":"2026-02-01","period_from":"2026-01-20","period_to":"2026-02-02","quantity":"1"}`, 422,
			[]string{"/period_to date-order"}},
		{"a look at the cost by nobody", path + "/agreement", `{"effective_date":"2026-02-01","cost_to_fund":{"amount":{"amount":"0.00","currency":"USD"},"looked_on":"2026-02-02"}}`, 422,
			[]string{"/accepted_by required", "/cost_to_fund/looked_on date-order"}},
		{"an acceptance of cash", "/v1/pledges/" + cash.field("id") + "/agreement", `{"effective_date":"2026-02-01","accepted_by":"x","cost_to_fund":{"amount":{"amount":"0.00","currency":"USD"}}}`, 422,
			[]string{"/accepted_by pledge-form", "/cost_to_fund pledge-form"}},
		{"a valuation of nothing", path + "/items/1/valuation", `{` + value + `}`, 422, []string{"/value required"}},
		{"a valuation without a reason", path + "/items/1/valuation", `{"effective_date":"2026-02-01","value":{"amount":"1.00","currency":"USD"}}`, 422, []string{"/reason required"}},
		{"an item too many", path + "/items/2/valuation", `{` + value + `,"value":{"amount":"1.00","currency":"USD"}}`, 422, []string{"item-unknown"}},
		{"another currency", path + "/items/1/valuation", `{` + value + `,"value":{"amount":"1.00","currency":"EUR"}}`, 422, []string{"currency-mismatch"}},
		{"before the offer", path + "/items/1/valuation", `{` + strings.Replace(value, "2026-02-01", "2026-01-19", 1) + `,"value":{"amount":"1.00","currency":"USD"}}`, 422, []string{"date-order"}},
		{"cash", "/v1/pledges/" + cash.field("id") + "/items/1/valuation", `{` + value + `,"value":{"amount":"1.00","currency":"USD"}}`, 422, []string{"pledge-form"}},
		{"no such delivery", "/v1/deliveries/" + p.field("id") + "/valuation", `{` + value + `,"value":{"amount":"1.00","currency":"USD"}}`, 404, []string{"not-found"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := c.post(tt.path, tt.body).want(tt.status)
			for _, want := range tt.want {
				pointer, code, both := strings.Cut(want, " ")
				if !both && !strings.Contains(a.body, want) || both && !strings.Contains(a.body, `"pointer":"`+pointer+`","code":"`+code+`"`) {
					t.Errorf("%s is missing in %s", want, a.body)
				}
			}
		})
	}
}
