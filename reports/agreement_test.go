package reports_test

import (
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/render"
)

// agreement records an agreement of three years in euro as a development bank keeps it: a tranche a year, each on the
// condition of a report; receipts in parts at moving rates; a revaluation at each year's end; a reduction of the last
// tranche, more cash than was due, and the refund of it.
func agreement(t *testing.T) *ledgertest.Books {
	b := ledgertest.NewBooks(t)
	day, cash := ledgertest.Day, ledgertest.Cash
	for date, units := range map[string]string{"2024-01-01": "0.92", "2024-06-01": "0.93", "2024-12-31": "0.96", "2025-03-01": "0.95", "2025-07-01": "0.86", "2025-12-31": "0.85"} {
		b.Do(b.RecordRate(b.Context(), b.Command(nil), ledger.Rate{Currency: "EUR", Date: day(date), UnitsPerUSD: decimal.RequireFromString(units), Source: ledger.SourceUN}))
	}
	var p *postgres.PledgeRecord
	b.Do(b.RecordPledge(b.Context(), b.Command(&p), postgres.PledgeInput{Reference: "ADB-2024/3", Contributor: "ADB", Fund: "CPCJF", FundYear: 2024, Form: ledger.Cash,
		Amount: cash("3000000.00 EUR"), Date: day("2024-01-15")}))
	tranche := func(number int, report, due string) (ledger.Condition, ledger.Instalment) {
		return ledger.Condition{Number: number, Description: report, Money: cash("1000000.00 EUR")}, ledger.Instalment{Number: number, DueOn: day(due), Money: cash("1000000.00 EUR")}
	}
	in := postgres.AgreementInput{Date: day("2024-02-01"), Document: "Agreement of 1 February 2024"}
	for i, year := range []string{"2024", "2025", "2026"} {
		c, s := tranche(i+1, "Report of "+year, year+"-06-30")
		in.Conditions, in.Instalments = append(in.Conditions, c), append(in.Instalments, s)
	}
	b.Do(b.AgreePledge(b.Context(), b.Command(&p), p.ID, in))
	pay := func(amount, on string, parts ...postgres.PartInput) *postgres.ReceiptRecord {
		var r *postgres.ReceiptRecord
		b.Do(b.RecordReceipt(b.Context(), b.Command(&r), postgres.ReceiptInput{Contributor: "ADB", Fund: "CPCJF", Amount: cash(amount), ValueDate: day(on), BankReference: "IN " + on, Parts: parts}))
		return r
	}
	report := func(number int, on string) {
		b.Do(b.MeetCondition(b.Context(), b.Command(nil), p.ID, postgres.FulfilmentInput{Number: number, Date: day(on), By: "Programme manager",
			Evidence: ledger.Evidence{Reference: "Report received " + on}}))
	}
	revalue := func(on string) {
		b.Do(b.Revalue(b.Context(), b.Command(nil), postgres.RevaluationInput{Fund: "CPCJF", Date: day(on)}))
	}
	pay("600000.00 EUR", "2024-03-10", ledgertest.To(p, "600000.00 EUR"))
	pay("400000.00 EUR", "2024-06-20", ledgertest.To(p, "400000.00 EUR"))
	report(1, "2024-12-15")
	revalue("2024-12-31")
	pay("333333.33 EUR", "2025-03-15", ledgertest.To(p, "333333.33 EUR"))
	pay("666666.67 EUR", "2025-07-20", ledgertest.To(p, "666666.67 EUR"))
	report(2, "2025-12-10")
	revalue("2025-12-31")
	b.Do(b.EndPledge(b.Context(), b.Command(nil), p.ID, ledger.LegReduced, postgres.EndingInput{Date: day("2026-02-10"), Amount: cash("250000.00 EUR"),
		Reason: "The third year was made smaller", Document: "Amendment 1"}))
	last := pay("760000.00 EUR", "2026-03-15", ledgertest.To(p, "760000.00 EUR"))
	report(3, "2026-05-01")
	var f *postgres.RefundRecord
	b.Do(b.RecordRefund(b.Context(), b.Command(&f), postgres.RefundInput{Receipt: last.ID, Source: ledger.RefundAdvance, Contributor: "ADB", Fund: "CPCJF",
		Amount: cash("10000.00 EUR"), Date: day("2026-06-01"), Reason: "Paid beyond the amended agreement", Document: "Letter of 20 May 2026"}))
	b.Do(b.PayRefund(b.Context(), b.Command(nil), f.ID, postgres.RefundPaymentInput{ValueDate: day("2026-06-10"), BankReference: "OUT 1"}))
	return b
}

// TestAgreementOfThreeYears holds the journal of the agreement, checked by hand, and each year's statement and fund report
// against golden files.
func TestAgreementOfThreeYears(t *testing.T) {
	t.Parallel()
	b := agreement(t)
	ledgertest.CheckBooks(t, b.Store)
	golden(t, "agreement_journal.txt", journal(t, b, "CPCJF", ledger.Receivable, ledger.Deferred))
	s := statement(t, b.Store, always, reports.StatementRequest{Contributor: "ADB", Period: days(t, "2024-01-01", "2026-12-31")})
	golden(t, "agreement_statement.txt", rendered(t, text, s))
	for year := 2024; year <= 2026; year++ {
		r := fundReport(t, b.Store, "CPCJF", year)
		if year == 2026 {
			golden(t, "agreement_fundreport.txt", rendered(t, text, r))
		}
		tiesOut(t, r)
	}
}

// TestPriorPeriod closes a year and records a receipt of it, and its reversal in the year after: the next year's statement and fund report name
// both as prior-period adjustments, and the closed year's documents, by known_at, stay as they were.
func TestPriorPeriod(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	day := ledgertest.Day
	early := b.Receipt("70.00 USD", "2025-05-05")
	b.Do(b.RecordReconciliation(b.Context(), b.Command(nil), postgres.ReconciliationInput{BankAccount: "CPCJF", Date: day("2025-12-31"), Balance: ledgertest.Cash("70.00 USD"), Document: "Statement 12"}))
	b.Do(b.ClosePeriod(b.Context(), b.Command(nil), postgres.CloseInput{Fund: "CPCJF", Period: ledger.Period{From: day("2025-01-01"), To: day("2025-12-31")}}))
	request := reports.StatementRequest{Contributor: "NLD", Period: days(t, "2025-01-01", "2025-12-31")}
	known := time.Now()
	before := rendered(t, render.JSON, statement(t, b.Store, known, request))

	late := b.Command(nil)
	late.Late = true
	b.Do(b.RecordReceipt(b.Context(), late, postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: ledgertest.Cash("30.00 USD"), ValueDate: day("2025-12-30")}))
	b.Do(b.ReverseReceipt(b.Context(), b.Command(nil), early.ID, postgres.ReversalInput{Date: day("2026-02-01"), Reason: "Bounced"}))
	var shown [][4]string
	for _, l := range statement(t, b.Store, always, reports.StatementRequest{Contributor: "NLD", Period: days(t, "2026-01-01", "2026-12-31")}).Adjustments {
		shown = append(shown, [4]string{l.OriginalDate.String(), l.Date.String(), string(l.Account), l.Amount.USD.Fixed()})
	}
	want := [][4]string{{"2025-12-30", "2026-01-01", "4010", "-30.00"}, {"2025-05-05", "2026-02-01", "4010", "70.00"}}
	if len(shown) != 2 || shown[0] != want[0] || shown[1] != want[1] {
		t.Errorf("prior-period adjustments %v, want %v", shown, want)
	}
	r := fundReport(t, b.Store, "CPCJF", 2026)
	if len(r.Adjustments) != 4 || r.Total.Received.Fixed() != "-40.00" {
		t.Errorf("the report of 2026 has %d lines of adjustments, and %s received", len(r.Adjustments), r.Total.Received.Fixed())
	}
	tiesOut(t, r)
	tiesOut(t, fundReport(t, b.Store, "CPCJF", 2025))
	if after := rendered(t, render.JSON, statement(t, b.Store, known, request)); string(after) != string(before) {
		t.Errorf("the statement of the closed year changed:\n%s\n%s", before, after)
	}
}
