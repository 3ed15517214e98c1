package reports_test

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// lend records a loan of experts as a State and a fund live it: 120 days offered, 100 accepted after a look at the cost,
// 45 delivered in two certified periods by one numbered expert, the unit value raised with a reason, and the second
// delivery reversed and done anew.
func lend(t *testing.T, services ledger.ServicesPolicy) *ledgertest.Books {
	b := ledgertest.NewBooks(t)
	day, usd, days := ledgertest.Day, func(s string) *ledger.Money { return new(ledgertest.Cash(s + " USD")) }, decimal.NewFromInt
	b.Do(b.RecordFund(b.Context(), b.Command(nil), ledger.Fund{Code: "LOAN", Name: "Fund of experts", Kind: ledger.GeneralPurpose, Recognition: ledger.OnAgreement,
		Services: services, Charges: ledger.CreditGross, RateSource: ledger.SourceUN}))
	var p *postgres.PledgeRecord
	b.Do(b.RecordPledge(b.Context(), b.Command(&p), postgres.PledgeInput{Reference: "NV-14", Contributor: "NLD", Fund: "LOAN", FundYear: 2026, Form: ledger.InKind,
		Date: day("2026-01-20"), Instrument: "Note verbale", Items: []ledger.Item{{Category: ledger.Expert, Description: "Forensic experts", Quantity: days(120),
			Unit: "expert_day", UnitValue: *usd("500.00"), Declared: *usd("78000.00"), Basis: ledger.UNConsultantRate, Valuer: "Chief, Finance Section",
			ValuedOn: day("2026-01-18"), Evidence: ledger.Evidence{Reference: "Schedule of rates 2026"}}}}))
	b.Do(b.AgreePledge(b.Context(), b.Command(nil), p.ID, postgres.AgreementInput{Date: day("2026-02-03"), Document: "Letter of acceptance",
		Accepted: map[int]decimal.Decimal{1: days(100)}, Acceptance: ledger.Acceptance{By: "Director, Programme", Cost: usd("4200.00"),
			Description: "Local travel, insurance, office space", LookedOn: day("2026-02-01")}}))
	deliver := func(quantity int64, from, to, on string) *postgres.DeliveryRecord {
		var d *postgres.DeliveryRecord
		b.Do(b.RecordDelivery(b.Context(), b.Command(&d), postgres.DeliveryInput{Pledge: p.ID, PeriodFrom: day(from), PeriodTo: day(to), DeliveredOn: day(on),
			Quantity: days(quantity), Expert: "17", CertifiedBy: "Chief, Laboratory", Evidence: ledger.Evidence{Reference: "Time sheets " + from[:7]}}))
		return d
	}
	first := deliver(20, "2026-04-01", "2026-04-28", "2026-04-30")
	second := deliver(25, "2026-05-01", "2026-05-29", "2026-05-31")
	raised := postgres.ValuationInput{Date: day("2026-06-15"), UnitValue: usd("540.00"), Basis: ledger.UNConsultantRate, Valuer: "Chief, Finance Section",
		ValuedOn: day("2026-06-12"), Reason: "The consultants' rate was raised from 1 April"}
	b.Do(b.RevalueItem(b.Context(), b.Command(nil), p.ID, 1, raised))
	b.Do(b.RevalueDelivery(b.Context(), b.Command(nil), first.ID, raised))
	b.Do(b.RevalueDelivery(b.Context(), b.Command(nil), second.ID, raised))
	b.Do(b.ReverseDelivery(b.Context(), b.Command(nil), second.ID, postgres.ReversalInput{Date: day("2026-07-01"), Reason: "The period was certified wrongly"}))
	deliver(25, "2026-05-04", "2026-06-02", "2026-07-01")
	return b
}

// journal writes the entries of a fund as a person checks them, in the order in which they were recorded, and the balances
// of some accounts after each.
func journal(t *testing.T, b *ledgertest.Books, fund string, watched ...ledger.AccountCode) []byte {
	t.Helper()
	var out bytes.Buffer
	err := b.Read(context.Background(), ledger.Date{}, always, func(snap *postgres.Snapshot) error {
		var rows []struct {
			ID            string
			Number        int
			EffectiveDate ledger.Date `db:"effective_date"`
			Kind          string
			Description   string
			Reason        string
			Account       string
			Name          string
			Currency      ledger.Currency
			Amount        decimal.Decimal
			AmountUSD     decimal.Decimal `db:"amount_usd"`
		}
		err := snap.Select(context.Background(), &rows, `
			SELECT e.id, l.number, e.effective_date, e.kind, e.description, e.reason, l.account, a.name, l.currency, l.amount, l.amount_usd
			FROM journal_entry e JOIN journal_line l ON l.entry_id = e.id JOIN account a ON a.code = l.account
			WHERE l.fund = $1 ORDER BY e.id, l.number`, fund)
		balances := map[string]decimal.Decimal{}
		for i, r := range rows {
			balances[r.Account] = balances[r.Account].Add(r.AmountUSD)
			if r.Number == 1 {
				fmt.Fprintf(&out, "%s %s: %s\n", r.EffectiveDate, r.Kind, r.Description)
				if r.Reason != "" {
					fmt.Fprintf(&out, "    because: %s\n", r.Reason)
				}
			}
			debit, credit := r.AmountUSD.StringFixed(2), ""
			if r.AmountUSD.IsNegative() {
				debit, credit = "", r.AmountUSD.Neg().StringFixed(2)
			}
			own := ""
			if r.Currency != ledger.USD {
				own = fmt.Sprintf("   %s %s", r.Amount.StringFixed(r.Currency.MinorUnits()), r.Currency)
			}
			fmt.Fprintf(&out, "    %s %-36s %12s %12s%s\n", r.Account, r.Name, debit, credit, own)
			if i+1 == len(rows) || rows[i+1].ID != r.ID {
				for _, account := range watched {
					fmt.Fprintf(&out, "    balance of %s: %s\n", account, balances[string(account)].StringFixed(2))
				}
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestLoanOfExperts holds the journal, the statement and the fund report of a loan of experts against golden files, for a
// fund that discloses services and for one that recognises them.
func TestLoanOfExperts(t *testing.T) {
	t.Parallel()
	for _, services := range []ledger.ServicesPolicy{ledger.ServicesAreDisclosed, ledger.ServicesAreRecognised} {
		b := lend(t, services)
		ledgertest.CheckBooks(t, b.Store)
		name := "experts_" + string(services)
		golden(t, name+"_journal.txt", journal(t, b, "LOAN", ledger.InKindOutstanding))
		s := statement(t, b.Store, always, reports.StatementRequest{Contributor: "NLD", Fund: "LOAN", Period: days(t, "2026-01-01", "2026-12-31")})
		golden(t, name+"_statement.txt", rendered(t, text, s))
		r := fundReport(t, b.Store, "LOAN", 2026)
		golden(t, name+"_fundreport.txt", rendered(t, text, r))
		tiesOut(t, r)
		shown := r.Total.InKindRecognised.Amount.Add(r.Total.InKindDisclosed.Amount)
		for _, l := range r.InKind {
			shown = shown.Sub(l.Assessed.Amount)
		}
		if !shown.IsZero() {
			t.Errorf("%s: the quantities are worth %s more or less than the accounts show", services, shown)
		}
		half := statement(t, b.Store, always, reports.StatementRequest{Contributor: "NLD", Fund: "LOAN", Period: days(t, "2026-06-01", "2026-06-30")})
		if len(half.InKind.Deliveries) != 2 || half.InKind.Deliveries[0].Net.USD.Fixed() != "800.00" {
			t.Errorf("%s: the month of the revaluation shows %+v", services, half.InKind.Deliveries)
		}
	}
}
