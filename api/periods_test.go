package api_test

import (
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestPeriods closes a year over HTTP after its closing list, records a late receipt, and opens the year again with the
// consent of a second person.
func TestPeriods(t *testing.T) {
	t.Parallel()
	c := serve(t)
	const year = `{"fund":"CPCJF","period":"2025"}`
	receipt := func(path, date string) answer {
		return c.post(path, `{"value_date":"`+date+`","contributor":"NLD","fund":"CPCJF","amount":{"amount":"80.00","currency":"USD"}}`)
	}
	unknown := c.post("/v1/receipts", `{"value_date":"2025-06-01","fund":"CPCJF","amount":{"amount":"20.00","currency":"USD"}}`).want(201).field("id")
	receipt("/v1/receipts", "2025-07-01").want(201)
	missing := c.post("/v1/periods/close", year).want(409)
	if got := missing.faults(); got["/checklist/unidentified_receipts"] != "period-checklist" || got["/checklist/bank_reconciled"] != "period-checklist" || len(got) != 2 {
		t.Errorf("what is missing: %v", got)
	}
	if got := c.get("/v1/periods/checklist?fund=CPCJF&period=2025").want(200); got.field("passed") != "false" || got.field("checks.0.name") != "unidentified_receipts" {
		t.Errorf("the closing list: %s", got.body)
	}
	noted := c.post("/v1/receipts/"+unknown+"/notes", `{"note":"The bank was asked for the payer"}`).want(200)
	if noted.field("notes.0.note") != "The bank was asked for the payer" || c.get("/v1/receipts/"+unknown).field("notes.0.recorded_by") != "test officer" {
		t.Errorf("the note: %s", noted.body)
	}
	c.post("/v1/bank-accounts/NONE/reconciliations", `{"date":"2025-12-31","balance":{"amount":"100.00","currency":"USD"},"document_reference":"12"}`).want(404)
	bank := c.post("/v1/bank-accounts/CPCJF/reconciliations", `{"date":"2025-12-31","balance":{"amount":"100.00","currency":"USD"},"overdrawn":true,"document_reference":"12"}`).want(201)
	if bank.field("balance.amount") != "-100.00" {
		t.Errorf("an overdrawn account: %s", bank.body)
	}
	c.post("/v1/periods/close", year).want(409)
	c.post("/v1/bank-accounts/CPCJF/reconciliations", `{"date":"2025-12-31","balance":{"amount":"100.00","currency":"USD"},"document_reference":"12, mended"}`).want(201)
	closed := c.post("/v1/periods/close", year).want(200)
	if closed.field("to") != "2025-12-31" || c.get("/v1/journal/"+closed.field("entry")).field("kind") != "year_end" {
		t.Errorf("closed: %s", closed.body)
	}
	c.post("/v1/periods/close", year).want(409)
	c.post("/v1/periods/close", `{"fund":"CPCJF","period":"2025-13"}`).want(422)
	c.post("/v1/periods/close", `{"fund":"NONE","period":"2024"}`).want(422)

	if got := receipt("/v1/receipts", "2025-12-30").want(409); !strings.Contains(got.body, "2026-01-01") {
		t.Errorf("the refusal does not name the first open day: %s", got.body)
	}
	entry := receipt("/v1/receipts?late=true", "2025-12-30").want(201).field("entries.0")
	if got := c.get("/v1/journal/" + entry); got.field("effective_date") != "2026-01-01" || got.field("original_date") != "2025-12-30" {
		t.Errorf("the late entry: %s", got.body)
	}
	c.post("/v1/deliveries?late=true", `{"contributor":"NLD","fund":"CPCJF","delivered_on":"2025-11-30","category":"goods","description":"Printer","quantity":"1","unit":"item",
		"value":{"amount":"300.00","currency":"USD"},"valuation_basis":"market_price","evidence":{"reference":"Note 7"}}`).want(201)
	statement := c.get("/v1/contributors/NLD/statement?from=2026-01-01&to=2026-12-31").want(200)
	if statement.field("prior_period_adjustments.0.original_date") != "2025-12-30" || statement.field("in_kind.deliveries.0.date") != "2025-11-30" ||
		statement.field("summary.in_kind_total_usd.recognised.amount") != "300.00" {
		t.Errorf("the statement of the next year: %s", statement.body)
	}

	reopen := `{"fund":"CPCJF","period":"2025","reason":"A receipt was missing"}`
	c.as(ledger.RoleAuditor).post("/v1/periods/reopen", reopen).want(403)
	c.approve(c.post("/v1/periods/reopen", reopen))
	receipt("/v1/receipts", "2025-12-29").want(201)
	events := c.get("/v1/periods?fund=CPCJF").want(200)
	if events.field("items.0.action") != "closed" || events.field("items.1.action") != "reopened" || events.field("items.1.recorded_by") != "test approver" {
		t.Errorf("what happened: %s", events.body)
	}
	ledgertest.CheckBooks(t, c.store)
}
