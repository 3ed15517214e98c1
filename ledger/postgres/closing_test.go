package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// carriedDiffer are the balances of a fund ($1) up to each of some days ($2), as known at each instant at which something of it
// was recorded, in which what is read from the last closed year differs from what all the lines add up to. Revenue and expense
// are closed whoever gave them.
const carriedDiffer = `
	SELECT concat_ws(' ', through, known, d)
	FROM unnest($2::date[]) through
	CROSS JOIN (SELECT recorded_at FROM journal_line WHERE fund = $1 UNION SELECT recorded_at FROM period_event WHERE fund = $1) k (known)
	CROSS JOIN LATERAL (
	    SELECT account, contributor, bank_account, pledge_id, currency, sum(amount), sum(amount_usd)
	    FROM (SELECT account, CASE WHEN of_someone THEN contributor END AS contributor, bank_account, CASE WHEN of_someone THEN pledge_id END AS pledge_id, currency, amount, amount_usd
	          FROM (SELECT l.*, account < '4000' OR account >= '6000' AS of_someone
	                FROM (SELECT account, contributor, bank_account, pledge_id, currency, amount, amount_usd FROM journal_line
	                      WHERE fund = $1 AND effective_date <= through AND recorded_at <= known
	                      UNION ALL
	                      SELECT account, contributor, bank_account, pledge_id, currency, -amount, -amount_usd FROM balance_line($1, through, known)) l) o) n
	    GROUP BY 1, 2, 3, 4, 5 HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0) d`

// TestCarriedForward closes and opens years between postings, and wants the balances of every day, as known at every instant at
// which something was recorded, to be those that all the lines add up to.
func TestCarriedForward(t *testing.T) {
	t.Parallel()
	f := newFiscal(t)
	lives := 0
	rapid.Check(t, func(rt *rapid.T) {
		lives++
		f.fund = ledger.FundCode(fmt.Sprint("LIFE-", lives))
		f.Do(f.RecordFund(f.Context(), f.Command(nil), ledger.Fund{Code: f.fund, Name: string(f.fund), Kind: ledger.GeneralPurpose, Recognition: ledger.OnAgreement,
			Services: ledger.ServicesAreDisclosed, Charges: ledger.CreditGross, RateSource: ledger.SourceUN}))
		next, closings := 2022, 0
		for i := range rapid.IntRange(3, 12).Draw(rt, "events") {
			on := fmt.Sprintf("%d-%02d-15", rapid.IntRange(2021, 2025).Draw(rt, "year"), rapid.IntRange(1, 12).Draw(rt, "month"))
			switch rapid.SampledFrom([]string{"receipt", "pledge", "rates", "close", "close", "reopen"}).Draw(rt, fmt.Sprint("event ", i)) {
			case "receipt":
				f.unlessClosed(f.RecordReceipt(f.Context(), f.Command(nil), postgres.ReceiptInput{Contributor: "NLD", Fund: f.fund, Amount: cash("10.00 USD"), ValueDate: day(on)}))
			case "pledge":
				f.unlessClosed(f.RecordPledge(f.Context(), f.Command(nil), postgres.PledgeInput{Contributor: "NLD", Fund: f.fund, FundYear: 2025, Form: ledger.Cash,
					Amount: cash("1000.00 USD"), Date: day(on)}))
			case "rates":
				f.unlessClosed(f.RecordEntry(f.Context(), f.Command(nil), f.atTwoRates(on)))
			case "close":
				if year := fmt.Sprint(next); next <= 2025 {
					f.reconciled(year + "-12-31")
					if err := f.close(year); err != nil {
						rt.Fatal(err)
					}
					next++
					closings++
				}
			case "reopen":
				if next > 2022 {
					next--
					if err := f.reopen(fmt.Sprint(next), "A receipt was missing"); err != nil {
						rt.Fatal(err)
					}
				}
			}
		}
		var differ []string
		if err := f.db.Select(&differ, carriedDiffer, f.fund, pq.Array([]string{"2021-12-31", "2022-12-30", "2022-12-31", "2023-06-30", "2024-12-31", "2025-12-31", "2026-06-30"})); err != nil {
			rt.Fatal(err)
		}
		if len(differ) > 0 {
			rt.Fatalf("after %d closings: %s", closings, strings.Join(differ, "\n"))
		}
	})
	if _, err := f.Verify(f.Context(), postgres.Verification{Found: func(d string) { t.Error(d) }}); err != nil {
		t.Error(err)
	}
}

// unlessClosed fails the test when a write was refused for anything but its date.
func (f *fiscal) unlessClosed(_ postgres.Answer, err error) {
	f.t.Helper()
	var e *ledger.Error
	if err != nil && (!errors.As(err, &e) || e.Rule != ledger.RulePeriodClosed) {
		f.t.Fatal(err)
	}
}

// atTwoRates is an entry that leaves revenue in EUR with a worth and no amount: what was recognised at one rate and taken back
// at another.
func (f *fiscal) atTwoRates(on string) postgres.ManualInput {
	line := func(account ledger.AccountCode, credit bool, amount, usd string) postgres.ManualLine {
		return postgres.ManualLine{Account: account, Dimensions: ledger.Dimensions{Fund: f.fund}, Credit: credit, Amount: cash(amount), USD: decimal.RequireFromString(usd)}
	}
	return postgres.ManualInput{Date: day(on), Description: "Recognised at one rate and taken back at another", Reason: "Test", Document: "Minute 1", Lines: []postgres.ManualLine{
		line("4910", true, "100.00 EUR", "120.00"), line("4910", false, "100.00 EUR", "110.00"), line("3000", false, "10.00 USD", "10.00")}}
}

// TestVerifyCarriedForward changes what a closed year carries forward and what it moved, before it is sealed, so that only the lines can tell.
func TestVerifyCarriedForward(t *testing.T) {
	t.Parallel()
	f := newFiscal(t)
	for _, year := range []string{"2023", "2024"} {
		f.Receipt("10.00 USD", year+"-05-05")
		f.reconciled(year + "-12-31")
		if err := f.close(year); err != nil {
			t.Fatal(err)
		}
	}
	f.db.MustExec(`SET session_replication_role = replica`)
	f.db.MustExec(`UPDATE opening_balance o SET amount = amount + 1, amount_usd = amount_usd + 1 FROM period_event v
		WHERE v.id = o.event_id AND v.ends_on = '2024-12-31' AND account = '1010'`)
	f.db.MustExec(`DELETE FROM year_movement WHERE account = '1010'`)
	var found []string
	if _, err := f.Verify(f.Context(), postgres.Verification{Found: func(d string) { found = append(found, d) }}); err != nil {
		t.Fatal(err)
	}
	slices.Sort(found)
	equal(t, found, []string{"What the books of CPCJF through 2023-12-31 moved in the year is not what their lines add up to.",
		"What the books of CPCJF through 2024-12-31 carry forward is not what their lines add up to.",
		"What the books of CPCJF through 2024-12-31 moved in the year is not what their lines add up to."})
}
