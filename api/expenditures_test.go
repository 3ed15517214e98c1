package api_test

import (
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestSpending spends a donor's money over HTTP: support and levy are charged, what is not there is refused, and the donor
// sees the use of its own pledge and of no other.
func TestSpending(t *testing.T) {
	t.Parallel()
	c := serve(t)
	admin, donor := c.as(ledger.RoleAdmin), c.as(ledger.RoleDonor)
	pledge := c.pledged("1000.00")
	c.paid(pledge, "1000.00")
	spend := func(reference, amount, more string) answer {
		return c.post("/v1/expenditures", `{"fund":"CPCJF","effective_date":"2026-04-01","amount":{"amount":"`+amount+`","currency":"USD"},"description":"Training of prosecutors",
			"reference":"`+reference+`","project":"GLO/Z82","shares":[{"pledge":"`+pledge+`","share":"1"}]`+more+`}`)
	}
	if got := spend("V-1", "500.00", "").want(422).faults(); got["/effective_date"] != "support-missing" {
		t.Errorf("without a setting: %v", got)
	}
	admin.post("/v1/funds/CPCJF/support", `{"effective_date":"2026-01-01","support_rate":"13","support_fund":"CPCJF"}`).want(422)
	admin.post("/v1/funds/CPCJF/support", `{"effective_date":"2026-01-01","support_fund":"OTHER","levy_rate":"1","levy_fund":"OTHER"}`).want(201)
	if got := c.get("/v1/funds/CPCJF"); got.field("support.0.support_rate") != "13" {
		t.Errorf("the fund: %s", got.body)
	}
	x := spend("V-1", "500.00", "").want(201)
	if x.field("programme_support.amount.amount") != "65.00" || x.field("levy.amount.amount") != "5.00" || x.field("shares.0.contributor") != "NLD" {
		t.Errorf("the expenditure: %s", x.body)
	}
	spend("V-1", "1.00", "").want(409)
	if got := spend("V-2", "400.00", "").want(409).faults(); got["/amount"] != "exceeds-available-cash" {
		t.Errorf("more than there is: %v", got)
	}
	spend("V-2", "400.00", `,"overdraft":true`).want(422)
	spend("V-2", "377.19", "").want(201) // 377.19 + 49.03 + 3.77 leaves a cent
	if got := c.get("/v1/funds/CPCJF/available?as_of=2026-12-31").want(200); got.field("available.amount") != "0.01" {
		t.Errorf("available: %s", got.body)
	}
	c.post("/v1/expenditures/"+x.field("id")+"/reversal", `{"effective_date":"2026-05-01","reason":"Wrong project"}`).want(200)
	c.post("/v1/expenditures/"+x.field("id")+"/reversal", `{"effective_date":"2026-05-01","reason":"Again"}`).want(409)
	use := donor.get("/v1/pledges/" + pledge + "/use?as_of=2026-12-31").want(200)
	if use.field("expenditures.0.reference") != "V-1" {
		t.Errorf("the use of the pledge: %s", use.body)
	}
	donor.get("/v1/expenditures").want(403)
	other := c.post("/v1/pledges", `{"contributor":"DEU","fund":"CPCJF","amount":{"amount":"10.00","currency":"USD"},"effective_date":"2026-01-10"}`).want(201).field("id")
	donor.get("/v1/pledges/" + other + "/use").want(404)
	if got := items(t, c.get("/v1/expenditures?fund=CPCJF&project=GLO/Z82&pledge="+pledge).want(200)); len(got) != 2 {
		t.Errorf("expenditures: %v", got)
	}
	c.get("/v1/pledges/" + pledge + "/use?format=csv").want(200)
	c.get("/v1/funds/CPCJF/available?format=csv").want(200)

	interest := c.post("/v1/interest", `{"bank_account":"CPCJF","bank_reference":"INT-1","value_date":"2026-06-30","from":"2026-04-01","to":"2026-06-30",
		"amount":{"amount":"10.00","currency":"USD"}}`).want(201)
	if interest.field("parts.0.fund") == "" {
		t.Errorf("interest: %s", interest.body)
	}
	c.post("/v1/interest", `{"bank_account":"CPCJF","bank_reference":"INT-1","value_date":"2026-06-30","from":"2026-04-01","to":"2026-06-30",
		"amount":{"amount":"10.00","currency":"USD"}}`).want(409)
	ledgertest.CheckBooks(t, c.store)
}
