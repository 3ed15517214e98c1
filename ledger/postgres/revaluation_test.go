package postgres_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// revalue revalues CPCJF as of a day.
func revalue(t *testing.T, b *ledgertest.Books, date string) *postgres.Revaluation {
	t.Helper()
	var r *postgres.Revaluation
	c := b.Command(nil)
	c.Answer = func(record any) (postgres.Answer, error) {
		r = record.(*postgres.Revaluation)
		return postgres.Answer{Status: 200}, nil
	}
	b.Do(b.Revalue(b.Context(), c, postgres.RevaluationInput{Fund: "CPCJF", Date: day(date)}))
	return r
}

// TestRevalue revalues a receivable and cash in EUR at the year's end: agreed at 0.90, paid in part at 0.80, closing at 0.75.
func TestRevalue(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	b.Do(b.RecordRate(b.Context(), b.Command(nil), ledger.Rate{Currency: "EUR", Date: day("2026-06-01"), UnitsPerUSD: decimal.RequireFromString("0.75"), Source: ledger.SourceUN}))
	p := b.Agree(b.Pledge("900.00 EUR", "2026-01-10"), "2026-02-10") // 1,000.00 USD
	b.Receipt("300.00 EUR", "2026-03-05", ledgertest.To(p, "300.00 EUR"))

	first := revalue(t, b, "2026-06-30")
	// 600 EUR receivable: 800.00 less 666.67. 300 EUR cash: 400.00 less 375.00.
	if got := first.Gains.StringFixed(2); got != "158.33" || !first.Losses.IsZero() {
		t.Errorf("gains %s, losses %s, want 158.33 and 0", first.Gains, first.Losses)
	}
	if again := revalue(t, b, "2026-06-30"); again.Entry != [16]byte{} {
		t.Errorf("the second revaluation of a day posted %s", again.Entry)
	}
	// What is recorded later for the same time is revalued, and nothing else.
	b.Receipt("60.00 EUR", "2026-04-01", ledgertest.To(p, "60.00 EUR"))
	if more := revalue(t, b, "2026-06-30"); !more.Gains.Equal(decimal.RequireFromString("5.00")) || !more.Losses.Equal(decimal.RequireFromString("13.33")) {
		t.Errorf("after a late receipt: gains %s, losses %s, want 5.00 of cash and 13.33 of the receivable", more.Gains, more.Losses)
	}
	// A payment settles the value of the agreement, whatever was revalued.
	b.Receipt("540.00 EUR", "2026-07-05", ledgertest.To(p, "540.00 EUR"))
	read, err := b.Store.Pledge(b.Context(), p.ID)
	if err != nil || read.State.Outstanding() || !read.State.Receivable.USD.IsZero() {
		t.Errorf("after the last payment %s is outstanding (%v)", read.State.Receivable, err)
	}
	ledgertest.CheckBooks(t, b.Store)
}

func TestRevalueRefuses(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	try := func(fund ledger.FundCode, date string) error {
		_, err := b.Revalue(b.Context(), b.Command(nil), postgres.RevaluationInput{Fund: fund, Date: day(date)})
		return err
	}
	wantRule(t, try("NONE", "2026-06-30"), ledger.RuleFundUnknown)
	wantRule(t, try("CPCJF", "2190-06-30"), ledger.RuleDateInFuture)
	var p *postgres.PledgeRecord
	b.Do(b.RecordPledge(b.Context(), b.Command(&p), postgres.PledgeInput{Contributor: "NLD", Fund: "CPCJF", FundYear: 2026, Form: ledger.Cash,
		Amount: cash("10.00 CHF"), USD: decimal.NewFromInt(12), Date: day("2026-01-10")}))
	b.Do(b.AgreePledge(b.Context(), b.Command(nil), p.ID, postgres.AgreementInput{Date: day("2026-02-01"), USD: decimal.NewFromInt(12)}))
	wantRule(t, try("CPCJF", "2026-06-30"), ledger.RuleRateMissing)
}
