package reports_test

import (
	"context"
	"slices"
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// TestFundReportTiesOut holds each year of each fund to the accounts, in a book that is reversed and learned of late too.
func TestFundReportTiesOut(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.run(t, "late.sql")
	for _, fund := range []ledger.FundCode{"GEN", "SPF"} {
		for year := 2021; year <= 2025; year++ {
			r := fundReport(t, b.Store, fund, year)
			tiesOut(t, r)
			cashAdds(t, string(fund), r.Total.Pledges)
			for _, g := range r.Groups {
				cashAdds(t, string(fund)+" "+string(g.Kind), g.Subtotal.Pledges)
			}
			for _, block := range []reports.YearBlock{r.Books, r.Memorandum} {
				if !block.Opening.Amount.IsZero() || !block.Closing.Amount.IsZero() || !block.Debit.Amount.Equal(block.Credit.Amount) {
					t.Errorf("%s %d does not balance: %+v", fund, year, block)
				}
			}
		}
	}
}

// tiesOut fails the test unless all sources agree in every currency.
func tiesOut(t *testing.T, r *reports.FundReport) {
	t.Helper()
	for _, d := range r.TieOut.Differences() {
		t.Errorf("%s %d: %s", r.Fund.Code, r.Year, d)
	}
	if len(r.TieOut.Lines) < 10 || !slices.ContainsFunc(r.TieOut.Lines, func(l reports.TieOutLine) bool { return l.Statements != nil }) {
		t.Errorf("%s %d: little is held against each other: %+v", r.Fund.Code, r.Year, r.TieOut.Lines)
	}
	c := r.Changes
	if !c.Closing.Year.Amount.Equal(c.Opening.Year.Amount.Add(c.TotalRevenue.Year.Amount).Add(c.TotalExpenses.Year.Amount).Add(sumOf(c.Adjustments))) {
		t.Errorf("%s %d: the statement of changes does not add up: %+v", r.Fund.Code, r.Year, c)
	}
}

func sumOf(lines []reports.Change) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range lines {
		sum = sum.Add(l.Year.Amount)
	}
	return sum
}

// TestTrialBalance holds debits to credits, and the funds to all funds together, on days in between.
func TestTrialBalance(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	for _, day := range []string{"2022-03-31", "2023-12-31", "2024-05-06", "2024-12-31", "2199-12-31"} {
		asOf := days(t, day, day).To
		build := func(fund ledger.FundCode) *reports.TrialBalance {
			return read(t, b.Store, asOf, always, func(ctx context.Context, snap *postgres.Snapshot) (*reports.TrialBalance, error) {
				return reports.BuildTrialBalance(ctx, snap, fund)
			})
		}
		all, gen, spf := build(""), build("GEN"), build("SPF")
		for _, tb := range []*reports.TrialBalance{all, gen, spf} {
			for _, block := range []reports.BalanceBlock{tb.Books, tb.Memorandum} {
				if !block.Debit.Amount.Equal(block.Credit.Amount) {
					t.Errorf("%s %q: debits %s, credits %s", day, tb.Fund, block.Debit, block.Credit)
				}
			}
		}
		if len(all.Funds) != 2 || len(gen.Funds) != 1 || gen.Illustrative || !spf.Illustrative || !all.Illustrative {
			t.Errorf("%s: the funds are not told", day)
		}
		cash := all.Books.Accounts[0]
		if cash.Account != ledger.CashAtBank {
			t.Fatalf("%s: the first account is %s", day, cash.Account)
		}
		sum := gen.Books.Accounts[0].Debit.Amount
		if len(spf.Books.Accounts) > 0 {
			sum = sum.Add(spf.Books.Accounts[0].Debit.Amount)
		}
		if !sum.Equal(cash.Debit.Amount) {
			t.Errorf("%s: cash of the funds %s, of all %s", day, sum, cash.Debit)
		}
	}
}
