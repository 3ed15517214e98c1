package api_test

import (
	"fmt"
	"strings"
	"testing"
)

// TestLargeBodies sends more large requests than are worked on at once, of each kind that ends otherwise: every one is answered,
// so each leaves its place to the next.
func TestLargeBodies(t *testing.T) {
	t.Parallel()
	c := serve(t)
	large := strings.Repeat(" ", 80<<10)
	for i := range 8 {
		receipt := member(fmt.Sprintf("large-%d", i), "5.00", "USD", fmt.Sprintf(`"fund":"CPCJF","bank_reference":"L %d"`, i))
		c.post(batchPath, large+batchOf(receipt)).want(201)
		c.post(batchPath, large+batchOf(receipt, receipt)).want(422) // by the store
		c.post(batchPath, large+`{"receipts":1}`).want(422)          // by the guard
		c.post(batchPath, large+`{`).want(400)                       // by the parser
	}
}

// TestAnnualReportsInTurn asks for more annual reports than are made at once, some of them of no fund: each leaves its place.
func TestAnnualReportsInTurn(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for range 6 {
		c.get("/v1/funds/CPCJF/reports/2026").want(200)
		c.get("/v1/funds/NONE/reports/2026").want(404)
		c.get("/v1/funds/CPCJF/reports/2026?format=pdf").want(200)
	}
}
