package reports_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// TestClosingsChangeNoStatement closes the years of a fund one after the other. What its statements begin with is then read from
// what a closing carries forward, and says what it said when it was added up from all lines; so do the sums of all statements.
func TestClosingsChangeNoStatement(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	books := ledgertest.OnStore(t, b.Store)
	for currency, units := range map[ledger.Currency]string{"EUR": "0.96", "JPY": "157.5"} {
		books.Do(books.RecordRate(books.Context(), books.Command(nil), ledger.Rate{Currency: currency, Date: ledgertest.Day("2024-12-31"), UnitsPerUSD: decimal.RequireFromString(units), Source: ledger.SourceUN}))
	}
	books.Do(books.Revalue(books.Context(), books.Command(nil), postgres.RevaluationInput{Fund: "GEN", Date: ledgertest.Day("2024-12-31")}))
	periods := []ledger.Period{days(t, "2023-01-01", "2023-12-31"), days(t, "2024-01-01", "2024-12-31"), days(t, "2024-05-01", "2025-03-31"), days(t, "2025-01-01", "2025-12-31")}
	shown := func() map[string]string {
		documents := map[string]string{}
		for _, p := range periods {
			for _, contributor := range []ledger.ContributorCode{"XAA", "XBB", "XCC"} {
				documents[fmt.Sprint(contributor, p)] = asJSON(t, statement(t, b.Store, always, reports.StatementRequest{Contributor: contributor, Period: p, Fund: "GEN"}))
			}
			documents[fmt.Sprint("tie-out", p)] = asJSON(t, fundReport(t, b.Store, "GEN", p.From.Year()).TieOut.Lines)
		}
		return documents
	}
	before := shown()
	for _, year := range []string{"2022", "2023", "2024"} {
		var kept []struct {
			Account ledger.BankAccountCode
			Balance string
		}
		if err := b.owner.Select(&kept, `SELECT bank_account AS account, sum(amount) || ' ' || currency AS balance FROM journal_line
			WHERE account = '1010' AND effective_date <= $1 GROUP BY bank_account, currency`, year+"-12-31"); err != nil {
			t.Fatal(err)
		}
		for _, k := range kept {
			books.Do(books.RecordReconciliation(books.Context(), books.Command(nil), postgres.ReconciliationInput{BankAccount: k.Account, Date: ledgertest.Day(year + "-12-31"),
				Balance: ledgertest.Cash(k.Balance), Document: "Statement 12"}))
		}
		books.Do(books.ClosePeriod(books.Context(), books.Command(nil), postgres.CloseInput{Fund: "GEN", Period: days(t, year+"-01-01", year+"-12-31"), UnidentifiedDays: 10000}))
		if diff := cmp.Diff(before, shown()); diff != "" {
			t.Errorf("the closing of %s changes (-before +after):\n%s", year, diff)
		}
	}
	var carried int
	if err := b.owner.Get(&carried, `SELECT count(*) FROM opening_balance WHERE pledge_id IS NOT NULL AND account IN ('1200', '9100', '9200')`); err != nil || carried == 0 {
		t.Errorf("%d balances of pledges are carried forward, %v", carried, err)
	}
}
