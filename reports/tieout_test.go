package reports_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// TestTieOutFindsWhatDiffers changes records behind the back of the books, as only the owner of the database can, and sees
// the tie-out name what does not agree any more.
func TestTieOutFindsWhatDiffers(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ change, finds string }{
		{`UPDATE allocation SET amount_usd = amount_usd + 1 WHERE id = (SELECT id FROM allocation WHERE fund = 'GEN' AND effective_date >= '2024-01-01' ORDER BY id LIMIT 1)`,
			"received at bank, USD over all currencies: fund report less accounts is 1.00 USD"},
		{`UPDATE journal_line SET amount = amount + 5, amount_usd = amount_usd + 5 WHERE fund = 'GEN' AND account = '1010' AND currency = 'USD'
			AND (entry_id, number) = (SELECT entry_id, number FROM journal_line WHERE fund = 'GEN' AND account = '1010' AND currency = 'USD' ORDER BY entry_id LIMIT 1)`,
			"net assets closing, USD over all currencies: fund report less accounts is -5.00 USD"},
		{`UPDATE journal_line SET contributor = 'GONE' WHERE fund = 'GEN' AND contributor = 'XBB' AND account = '1200' AND amount > 0`,
			"outstanding closing, USD: statements less fund report is"},
	} {
		b := openBook(t)
		tiesOut(t, fundReport(t, b.Store, "GEN", 2024))
		b.owner.MustExec(`SET session_replication_role = replica; ` + tt.change)
		var found []string
		for _, d := range fundReport(t, b.Store, "GEN", 2024).TieOut.Differences() {
			found = append(found, d.String())
		}
		if all := strings.Join(found, "\n"); !strings.Contains(all, tt.finds) {
			t.Errorf("after %s\nfound:\n%s\nwant: %s", tt.change, all, tt.finds)
		}
	}
}

// TestTieOutAgainstTheBank holds a bank account that two funds share against what the bank states.
func TestTieOutAgainstTheBank(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	b.Receipt("70.00 USD", "2025-05-05")
	bank := func() reports.BankTieOut {
		lines := fundReport(t, b.Store, "CPCJF", 2025).TieOut.Bank
		if len(lines) != 1 {
			t.Fatalf("%d bank accounts", len(lines))
		}
		return lines[0]
	}
	if l := bank(); l.Stated != nil || l.Difference != nil || l.Own.Fixed() != "70.00" {
		t.Errorf("before the bank's statement: %+v", l)
	}
	for stated, differs := range map[string]string{"70.00 USD": "0.00", "75.00 USD": "-5.00"} {
		b.Do(b.RecordReconciliation(b.Context(), b.Command(nil), postgres.ReconciliationInput{BankAccount: "CPCJF", Date: ledgertest.Day("2025-12-31"),
			Balance: ledgertest.Cash(stated), Document: "Statement 12"}))
		if l := bank(); l.Difference == nil || l.Difference.Fixed() != differs {
			t.Errorf("the bank states %s: %+v", stated, l)
		}
	}
	r := fundReport(t, b.Store, ledger.FundCode("CPCJF"), 2025)
	r.TieOut.Bank = nil
	tiesOut(t, r)
}

// TestTieOutWhereTheBankConverts receives euros into an account in USD: with charges, of nobody that is known until the next
// month, and of two contributors at once; and takes one back. What was given and what the bank keeps are two currencies, and
// each agrees with its source.
func TestTieOutWhereTheBankConverts(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	b.Do(b.RecordBankAccount(b.Context(), b.Command(nil), ledger.BankAccount{Code: "CONVERTS", Name: "An account in USD", Currency: ledger.USD}))
	receive := func(in postgres.ReceiptInput) *postgres.ReceiptRecord {
		var r *postgres.ReceiptRecord
		in.BankAccount, in.Fund, in.ValueDate = "CONVERTS", "CPCJF", ledgertest.Day("2026-03-05")
		b.Do(b.RecordReceipt(b.Context(), b.Command(&r), in))
		return r
	}
	p := b.Agree(b.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	receive(postgres.ReceiptInput{Contributor: "NLD", Amount: ledgertest.Cash("95.00 EUR"), Charges: decimal.RequireFromString("5.00"), Parts: []postgres.PartInput{ledgertest.To(p, "100.00 EUR")}})
	back := receive(postgres.ReceiptInput{Contributor: "NLD", Amount: ledgertest.Cash("33.33 EUR")})
	b.Do(b.ReverseReceipt(b.Context(), b.Command(nil), back.ID, postgres.ReversalInput{Date: ledgertest.Day("2026-04-01"), Reason: "the bank took it back"}))
	unknown := receive(postgres.ReceiptInput{Amount: ledgertest.Cash("70.00 EUR")})
	b.Do(b.AllocateReceipt(b.Context(), b.Command(nil), unknown.ID, postgres.AllocationInput{Date: ledgertest.Day("2026-04-06"), Parts: []postgres.PartInput{ledgertest.To(p, "50.00 EUR")}}))

	r := fundReport(t, b.Store, "CPCJF", 2026)
	tiesOut(t, r)
	told := map[string]string{}
	for _, l := range r.TieOut.Lines {
		if !l.Total {
			told[l.Figure+" "+string(l.Currency)] = l.Report.Fixed()
		}
	}
	if told["received EUR"] != "150.00" || told["received_at_bank EUR"] != "" || told["received_at_bank USD"] == "" {
		t.Errorf("told: %v", told)
	}
}

// TestStatementsAddUp holds the sums that the tie-out takes from the statements' queries to the statements themselves: in USD, and what was
// received in each currency.
func TestStatementsAddUp(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.run(t, "late.sql")
	b.run(t, "sealed.sql")
	figures := map[string]func(reports.Summary) reports.Money{
		"outstanding_opening": func(s reports.Summary) reports.Money { return s.CashTotal.Pledges.Opening },
		"outstanding_closing": func(s reports.Summary) reports.Money { return s.CashTotal.Pledges.Closing },
		"received_on_pledges": func(s reports.Summary) reports.Money { return s.CashTotal.Pledges.Received },
		"received":            func(s reports.Summary) reports.Money { return s.CashTotal.Received },
		"refunded":            func(s reports.Summary) reports.Money { return s.CashTotal.Refunded },
		"held_in_advance":     func(s reports.Summary) reports.Money { return s.CashTotal.Held },
		"in_kind_outstanding": func(s reports.Summary) reports.Money { return s.InKindTotal.Pledges.Closing },
		"in_kind_recognised":  func(s reports.Summary) reports.Money { return s.InKindTotal.Recognised },
		"in_kind_disclosed":   func(s reports.Summary) reports.Money { return s.InKindTotal.Disclosed },
	}
	met := map[string]bool{}
	for _, fund := range []ledger.FundCode{"GEN", "SPF"} {
		for year := 2023; year <= 2026; year++ {
			r := fundReport(t, b.Store, fund, year)
			var statements []reports.Summary
			for _, c := range []ledger.ContributorCode{"XAA", "XBB", "XCC"} {
				statements = append(statements, statement(t, b.Store, always, reports.StatementRequest{Contributor: c, Period: ledger.CalendarYear(year), Fund: fund}).Summary)
			}
			for figure, of := range figures {
				var sum decimal.Decimal
				for _, s := range statements {
					sum = sum.Add(of(s).Amount)
				}
				i := slices.IndexFunc(r.TieOut.Lines, func(l reports.TieOutLine) bool { return l.Figure == figure && l.Total })
				if told := r.TieOut.Lines[i].Statements.Amount; !told.Equal(sum) {
					t.Errorf("%s of %s in %d: %s by the statements, %s in the tie-out", figure, fund, year, sum, told)
				}
				met[figure] = met[figure] || !sum.IsZero()
			}
			receivedAddsUp(t, r, statements)
		}
	}
	for figure := range figures {
		if !met[figure] {
			t.Errorf("%s: the book has none", figure)
		}
	}
}

// receivedAddsUp holds what was received in each currency to the statements.
func receivedAddsUp(t *testing.T, r *reports.FundReport, statements []reports.Summary) {
	t.Helper()
	sums := map[ledger.Currency]decimal.Decimal{}
	for _, s := range statements {
		for _, f := range s.Cash {
			for _, l := range f.Currencies {
				sums[l.Currency] = sums[l.Currency].Add(l.Amounts.Received.Amount)
			}
		}
	}
	told := map[ledger.Currency]decimal.Decimal{}
	for _, l := range r.TieOut.Lines {
		if l.Figure == "received" && !l.Total {
			told[l.Currency] = l.Statements.Amount
		}
	}
	for c, want := range sums {
		if !told[c].Equal(want) {
			t.Errorf("received in %s of %s in %d: %s by the statements, %s in the tie-out", c, r.Fund.Code, r.Year, want, told[c])
		}
	}
}
