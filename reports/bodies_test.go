package reports_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// TestBodies shows a contributor with what stands under it: together, its lines name the body; apart, each has its own
// statement, and both ways lead to the same totals.
func TestBodies(t *testing.T) {
	t.Parallel()
	b, _ := mergeBooks(t)
	b.Do(b.SetContributorParent(t.Context(), b.Command(nil), "DEU", "NLD", ledgertest.Day("2026-01-01")))
	request := reports.StatementRequest{Contributor: "NLD", Period: days(t, "2026-01-01", "2026-12-31")}
	alone := statement(t, b.Store, always, request)
	request.Bodies = reports.BodiesTogether
	together := statement(t, b.Store, always, request)
	request.Bodies = reports.BodiesApart
	apart := statement(t, b.Store, always, request)

	if len(together.Together) != 1 || together.Together[0].Code != "DEU" || len(alone.Together)+len(alone.Bodies) != 0 {
		t.Errorf("together with %v; alone with %v", together.Together, alone.Together)
	}
	for _, l := range together.Receipts {
		if want := map[bool]string{true: "DEU"}[l.Net.Money.Currency == "USD"]; string(l.Contributor) != want {
			t.Errorf("the receipt of %s names %q, want %q", l.Net.Money.Fixed(), l.Contributor, want)
		}
	}
	if diff := cmp.Diff(together.Summary, *apart.WithBodies); diff != "" {
		t.Errorf("the summary of both (-together +apart):\n%s", diff)
	}
	if diff := cmp.Diff(alone.Summary, apart.Summary); diff != "" {
		t.Errorf("the contributor's own summary (-alone +apart):\n%s", diff)
	}
	if len(apart.Bodies) != 1 || apart.Bodies[0].Contributor.Code != "DEU" || len(apart.Bodies[0].InKind.Deliveries) != 1 {
		t.Errorf("the bodies apart are %v", apart.Bodies)
	}
	request.Period = days(t, "2025-01-01", "2025-12-31")
	if early := statement(t, b.Store, always, request); len(early.Bodies) != 0 {
		t.Errorf("a body of 2026 is shown in 2025")
	}
}

// TestUseInStatement follows the cash of an earmarked pledge through two years: what one leaves, the next begins with.
func TestUseInStatement(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	p := b.Agree(b.Pledge("1000.00 USD", "2025-01-10"), "2025-01-20")
	b.Receipt("1000.00 USD", "2025-02-01", ledgertest.To(p, "1000.00 USD"))
	b.Do(b.RecordSupport(t.Context(), b.Command(nil), ledger.Support{Fund: "CPCJF", From: ledgertest.Day("2025-01-01"), Rate: decimal.RequireFromString("13"), To: "OTHER"}))
	spend := func(on, amount, reference string) {
		b.Do(b.RecordExpenditure(t.Context(), b.Command(nil), postgres.ExpenditureInput{Fund: "CPCJF", Date: ledgertest.Day(on), Amount: ledgertest.Cash(amount),
			Description: "Workshop", Reference: reference, Shares: []postgres.ShareInput{{Pledge: p.ID, Weight: decimal.NewFromInt(1)}}}))
	}
	spend("2025-05-01", "100.00 USD", "V1")
	spend("2026-05-01", "200.00 USD", "V2")
	for year, want := range map[string][5]string{"2025": {"0.00", "1000.00", "100.00", "13.00", "887.00"}, "2026": {"887.00", "0.00", "200.00", "26.00", "661.00"}} {
		s := statement(t, b.Store, always, reports.StatementRequest{Contributor: "NLD", Period: days(t, year+"-01-01", year+"-12-31")})
		if len(s.Use) != 1 {
			t.Fatalf("%s: %d lines of use", year, len(s.Use))
		}
		u := s.Use[0]
		if got := [5]string{u.Before.Fixed(), u.Received.Fixed(), u.Spent.Fixed(), u.Support.Fixed(), u.Left.Fixed()}; got != want {
			t.Errorf("%s: before, received, spent, support, left are %v, want %v", year, got, want)
		}
	}
}
