package postgres_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// fiscal is a fund of dollars with a year behind it.
type fiscal struct {
	*ledgertest.Books
	t    *testing.T
	db   *sqlx.DB
	fund ledger.FundCode // and its bank account's code
}

func newFiscal(t *testing.T) *fiscal {
	t.Helper()
	url := ledgertest.Database(t)
	return &fiscal{ledgertest.NewBooksOn(t, url), t, ledgertest.Connect(t, url, ""), "CPCJF"}
}

func periodOf(t *testing.T, s string) ledger.Period {
	t.Helper()
	p, err := ledger.ParsePeriod(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func (f *fiscal) close(period string) error {
	f.t.Helper()
	_, err := f.ClosePeriod(f.Context(), f.Command(nil), postgres.CloseInput{Fund: f.fund, Period: periodOf(f.t, period), UnidentifiedDays: ledger.UnidentifiedDays})
	return err
}

func (f *fiscal) reopen(period, reason string) error {
	f.t.Helper()
	_, err := f.ReopenPeriod(f.Context(), f.Command(nil), f.fund, periodOf(f.t, period), reason)
	return err
}

// reconciled records that the bank has what the books have at the end of a year.
func (f *fiscal) reconciled(on string) {
	f.t.Helper()
	var balance string
	if err := f.db.Get(&balance, `SELECT coalesce(sum(amount), 0) || ' USD' FROM journal_line WHERE account = '1010' AND bank_account = $1 AND effective_date <= $2`, f.fund, on); err != nil {
		f.t.Fatal(err)
	}
	f.Do(f.RecordReconciliation(f.Context(), f.Command(nil), postgres.ReconciliationInput{BankAccount: ledger.BankAccountCode(f.fund), Date: day(on), Balance: cash(balance), Document: "Statement 12"}))
}

func (f *fiscal) balance(account string) string {
	f.t.Helper()
	var sum string
	if err := f.db.Get(&sum, `SELECT coalesce(sum(amount_usd), 0)::text FROM journal_line WHERE fund = 'CPCJF' AND account = $1`, account); err != nil {
		f.t.Fatal(err)
	}
	return sum
}

// TestYear closes a year, posts late items into the next, opens it again, mends it and closes it anew.
func TestYear(t *testing.T) {
	t.Parallel()
	f := newFiscal(t)
	p := f.Agree(f.Pledge("1000.00 USD", "2025-02-01"), "2025-03-01")
	f.Receipt("400.00 USD", "2025-06-01", ledgertest.To(p, "400.00 USD"))
	f.reconciled("2025-12-31")
	if err := f.close("2025"); err != nil {
		t.Fatal(err)
	}
	wantRule(t, f.close("2025"), ledger.RulePeriodState)
	if got := [2]string{f.balance("4010"), f.balance("3000")}; got != [2]string{"0.00", "-1000.00"} {
		t.Errorf("revenue and fund balance are %v", got)
	}
	f.openingBalances(map[string]string{"1010": "400.00", "1200": "600.00", "3000": "-1000.00"})

	late := postgres.ReceiptInput{Contributor: "NLD", Amount: cash("100.00 USD"), ValueDate: day("2025-12-30"), Parts: []postgres.PartInput{ledgertest.To(p, "100.00 USD")}}
	_, err := f.RecordReceipt(f.Context(), f.Command(nil), late)
	wantRule(t, err, ledger.RulePeriodClosed)
	if !strings.Contains(err.Error(), "2026-01-01") {
		t.Errorf("the refusal does not name the first open day: %v", err)
	}
	var r *postgres.ReceiptRecord
	c := f.Command(&r)
	c.Late = true
	f.Do(f.RecordReceipt(f.Context(), c, late))
	entries, err := f.Entries(f.Context(), postgres.EntryFilter{Receipt: r.ID}, uuid.Nil, 10)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	if e := entries[0]; e.EffectiveDate.String() != "2026-01-01" || e.OriginalDate.String() != "2025-12-30" || !r.Allocations[0].EffectiveDate.Equal(e.EffectiveDate) {
		t.Errorf("the late entry is of %s, originally %s; its allocation of %s", e.EffectiveDate, e.OriginalDate, r.Allocations[0].EffectiveDate)
	}

	wantRule(t, f.reopen("2024", "no"), ledger.RulePeriodState)
	if err := f.reopen("2025", "A receipt was missing"); err != nil {
		t.Fatal(err)
	}
	wantRule(t, f.reopen("2025", "again"), ledger.RulePeriodState)
	f.Receipt("50.00 USD", "2025-12-29")
	f.reconciled("2025-12-31")
	if err := f.close("2025"); err != nil {
		t.Fatal(err)
	}
	if got := [2]string{f.balance("4010"), f.balance("3000")}; got != [2]string{"0.00", "-1050.00"} {
		t.Errorf("after the second closing, revenue and fund balance are %v", got)
	}
	f.openingBalances(map[string]string{"1010": "450.00", "1200": "600.00", "3000": "-1050.00"})
	events, err := f.PeriodEvents(f.Context(), "CPCJF", uuid.Nil, 10)
	if err != nil {
		t.Fatal(err)
	}
	var actions []string
	for _, e := range events {
		actions = append(actions, fmt.Sprintf("%s %s %s %d", e.Period, e.Action, e.Reason, len(e.Checklist)))
	}
	equal(t, actions, []string{"2025 closed  4", "2025 reopened A receipt was missing 0", "2025 closed  4"})
	ledgertest.CheckBooks(t, f.Store)
}

// openingBalances holds what the last closing carried forward against what is wanted and against the lines.
func (f *fiscal) openingBalances(want map[string]string) {
	f.t.Helper()
	var rows []struct{ Account, USD string }
	if err := f.db.Select(&rows, `
		SELECT account, sum(amount_usd)::text AS usd FROM opening_balance WHERE event_id = (SELECT max(id::text)::uuid FROM period_event) AND account < '9000'
		GROUP BY account`); err != nil {
		f.t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range rows {
		got[r.Account] = r.USD
	}
	if diff := cmp.Diff(want, got); diff != "" {
		f.t.Errorf("opening balances (-want +got):\n%s", diff)
	}
	var differ int
	if err := f.db.Get(&differ, `
		SELECT count(*) FROM (
		    SELECT account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, sum(amount), sum(amount_usd) FROM journal_line
		    WHERE fund = 'CPCJF' AND effective_date <= '2025-12-31' GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0
		    EXCEPT
		    SELECT account, contributor, bank_account, pledge_id, item_number, receipt_id, currency, amount, amount_usd FROM opening_balance
		    WHERE event_id = (SELECT max(id::text)::uuid FROM period_event)) d
		WHERE account < '4000' OR account >= '9000'`); err != nil {
		f.t.Fatal(err)
	}
	if differ != 0 {
		f.t.Errorf("%d balances of the lines are not carried forward", differ)
	}
}

// TestMonths closes months in order and the year over them.
func TestMonths(t *testing.T) {
	t.Parallel()
	f := newFiscal(t)
	f.Receipt("10.00 USD", "2025-03-05")
	for _, step := range []struct {
		period string
		want   ledger.Rule
	}{{"2025-01", ""}, {"2025-03", ledger.RulePeriodState}, {"2025-02", ""}, {"2025-02", ledger.RulePeriodState}, {"2025-01", ledger.RulePeriodState}, {"2199-01", ledger.RulePeriodState}} {
		if err := f.close(step.period); step.want != "" {
			wantRule(t, err, step.want)
		} else if err != nil {
			t.Fatal(err)
		}
	}
	in := postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("10.00 USD"), ValueDate: day("2024-12-31")}
	_, err := f.RecordReceipt(f.Context(), f.Command(nil), in)
	wantRule(t, err, ledger.RulePeriodClosed) // a closed period closes all before it
	in.ValueDate = day("2025-03-01")
	f.Do(f.RecordReceipt(f.Context(), f.Command(nil), in))
	for month := 3; month <= 12; month++ {
		if err := f.close(fmt.Sprintf("2025-%02d", month)); err != nil {
			t.Fatal(err)
		}
	}
	f.reconciled("2025-12-31")
	if err := f.close("2025"); err != nil { // its months are closed; the year is not
		t.Fatal(err)
	}
	if got := f.balance("3000"); got != "-20.00" {
		t.Errorf("fund balance %s", got)
	}
	if err := f.reopen("2025", "one"); err != nil {
		t.Fatal(err)
	}
	wantRule(t, f.reopen("2025-11", "two"), ledger.RulePeriodState)
	if err := f.reopen("2025-12", "two"); err != nil {
		t.Fatal(err)
	}
	in.ValueDate = day("2025-12-31")
	f.Do(f.RecordReceipt(f.Context(), f.Command(nil), in))
}

// TestChecklist wants everything that is missing named at once, and closes when it is done.
func TestChecklist(t *testing.T) {
	t.Parallel()
	f := newFiscal(t)
	in := postgres.ReceiptInput{Contributor: "NLD", Fund: "OTHER", Amount: cash("5.00 CHF"), USD: cash("6.00 USD").Amount, ValueDate: day("2025-04-01")}
	f.Do(f.RecordReceipt(f.Context(), f.Command(nil), in))
	list, err := f.Checklist(f.Context(), postgres.CloseInput{Fund: "OTHER", Period: periodOf(t, "2025")})
	if err != nil || len(list) != 4 || !strings.Contains(strings.Join(list[2].Found, ""), "no rate for CHF") {
		t.Errorf("a rate that is missing: %+v (%v)", list, err)
	}
	f.Do(f.RecordRate(f.Context(), f.Command(nil), ledger.Rate{Currency: "EUR", Date: day("2025-01-01"), UnitsPerUSD: cash("0.95 USD").Amount, Source: ledger.SourceUN}))
	f.Do(f.RecordRate(f.Context(), f.Command(nil), ledger.Rate{Currency: "EUR", Date: day("2025-12-01"), UnitsPerUSD: cash("0.85 USD").Amount, Source: ledger.SourceUN}))
	f.Agree(f.Pledge("1000.00 EUR", "2025-02-01"), "2025-03-01")
	var unknown *postgres.ReceiptRecord
	f.Do(f.RecordReceipt(f.Context(), f.Command(&unknown), postgres.ReceiptInput{Fund: "CPCJF", Amount: cash("75.00 USD"), ValueDate: day("2025-04-01")}))
	err = f.close("2025")
	wantRule(t, err, ledger.RulePeriodChecklist)
	var e *ledger.Error
	errors.As(err, &e)
	var missing []string
	for _, v := range e.Violations {
		missing = append(missing, v.Pointer)
	}
	equal(t, missing, []string{"/checklist/unidentified_receipts", "/checklist/bank_reconciled", "/checklist/revaluation_run"})

	f.Do(f.NoteReceipt(f.Context(), f.Command(&unknown), unknown.ID, "The bank was asked"))
	f.Do(f.Revalue(f.Context(), f.Command(nil), postgres.RevaluationInput{Fund: "CPCJF", Date: day("2025-12-31")}))
	f.Do(f.RecordReconciliation(f.Context(), f.Command(nil), postgres.ReconciliationInput{BankAccount: "CPCJF", Date: day("2025-12-31"), Balance: cash("74.00 USD"), Document: "Statement 12"}))
	err = f.close("2025")
	wantRule(t, err, ledger.RulePeriodChecklist)
	if errors.As(err, &e); len(e.Violations) != 1 || !strings.Contains(e.Violations[0].Detail, "74.00 USD") {
		t.Errorf("the bank's balance differs: %+v", e.Violations)
	}
	f.reconciled("2025-12-31")
	list, err = f.Checklist(f.Context(), postgres.CloseInput{Fund: "CPCJF", Period: periodOf(t, "2025"), UnidentifiedDays: 90})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range list {
		if !c.Passed {
			t.Errorf("%s: %v", c.Name, c.Found)
		}
	}
	if err := f.close("2025"); err != nil {
		t.Fatal(err)
	}
	ledgertest.CheckBooks(t, f.Store)
}

// TestCloseWhilePosting lets 16 clients post into the last month while it is closed: what was acknowledged is in it, and
// nothing comes after.
func TestCloseWhilePosting(t *testing.T) {
	t.Parallel()
	f := newFiscal(t)
	var wg sync.WaitGroup
	var mu sync.Mutex
	posted, refused := 0, 0
	start := make(chan struct{})
	for range 16 {
		wg.Go(func() {
			<-start
			for range 5 {
				_, err := f.RecordReceipt(f.Context(), f.CommandUnder(uuid.NewString(), nil), postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF",
					Amount: cash("1.00 USD"), ValueDate: day("2025-12-31")})
				var e *ledger.Error
				mu.Lock()
				switch {
				case err == nil:
					posted++
				case errors.As(err, &e) && e.Rule == ledger.RulePeriodClosed:
					refused++
				default:
					t.Error(err)
				}
				mu.Unlock()
			}
		})
	}
	closing := f.CommandUnder("close", nil)
	wg.Go(func() {
		<-start
		if _, err := f.ClosePeriod(f.Context(), closing, postgres.CloseInput{Fund: "CPCJF", Period: periodOf(t, "2025-12")}); err != nil {
			t.Error(err)
		}
	})
	close(start)
	wg.Wait()
	var inBooks int
	if err := f.db.Get(&inBooks, `SELECT count(*) FROM journal_entry WHERE kind = 'receipt'`); err != nil {
		t.Fatal(err)
	}
	t.Logf("%d posted, %d refused", posted, refused)
	if inBooks != posted || posted+refused != 80 {
		t.Errorf("%d posted and %d refused of 80, %d in the books", posted, refused, inBooks)
	}
	_, err := f.RecordReceipt(f.Context(), f.Command(nil), postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("1.00 USD"), ValueDate: day("2025-12-31")})
	wantRule(t, err, ledger.RulePeriodClosed)
}
