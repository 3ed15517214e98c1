package postgres_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestConditions agrees with two conditions, is paid, meets them, and reads back what the books say.
func TestConditions(t *testing.T) {
	b := ledgertest.NewBooks(t)
	p := b.Pledge("1000.00 EUR", "2026-01-10")
	list := []ledger.Condition{{Number: 1, Description: "Interim report", Money: ledgertest.Cash("400.00 EUR")},
		{Number: 2, Description: "Final report", Money: ledgertest.Cash("600.00 EUR")}}
	b.Do(b.AgreePledge(b.Context(), b.Command(&p), p.ID, postgres.AgreementInput{Date: ledgertest.Day("2026-02-10"), Conditions: list}))
	if p.State.Deferred.String() != "1000.00 EUR (1111.11 USD)" || len(p.State.Recognised) > 0 {
		t.Errorf("deferred %s, recognised %v", p.State.Deferred, p.State.Recognised)
	}
	b.Receipt("500.00 EUR", "2026-03-10", ledgertest.To(p, "500.00 EUR"))
	met := postgres.FulfilmentInput{Number: 1, Date: ledgertest.Day("2026-04-01"), By: "Programme manager", Evidence: ledger.Evidence{Reference: "Report 1"}}
	b.Do(b.MeetCondition(b.Context(), b.Command(nil), p.ID, met))
	_, err := b.MeetCondition(b.Context(), b.Command(nil), p.ID, met)
	wantRule(t, err, ledger.RuleConditionMet)
	read, err := b.Store.Pledge(b.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if got := read.State.Conditions[0].Met; got.On != met.Date || got.By != met.By || got.Evidence != met.Evidence {
		t.Errorf("met %+v, want %+v", got, met)
	}
	if read.State.Deferred.String() != "600.00 EUR (666.67 USD)" || read.State.Recognised[0].String() != "400.00 EUR (444.44 USD)" {
		t.Errorf("deferred %s, recognised %s", read.State.Deferred, read.State.Recognised[0])
	}
	ledgertest.CheckBooks(t, b.Store)
}

// TestAgreeToWhatIsAnnounced agrees without an amount after the announcement was raised and reduced.
func TestAgreeToWhatIsAnnounced(t *testing.T) {
	b := ledgertest.NewBooks(t)
	p := b.Pledge("1000.00 USD", "2026-01-10")
	b.Do(b.IncreasePledge(b.Context(), b.Command(nil), p.ID, postgres.EndingInput{Date: ledgertest.Day("2026-01-11"), Amount: ledgertest.Cash("200.00 USD"), Reason: "more"}))
	b.Do(b.EndPledge(b.Context(), b.Command(nil), p.ID, ledger.LegReduced, postgres.EndingInput{Date: ledgertest.Day("2026-01-12"), Amount: ledgertest.Cash("50.00 USD"), Reason: "less"}))
	p = b.Agree(p, "2026-02-10")
	if got := p.State.Receivable.String(); got != "1150.00 USD (1150.00 USD)" && got != "1150.00 USD" || p.State.Announced.Amount.IsPositive() {
		t.Errorf("receivable %s, announced %s", got, p.State.Announced)
	}
	ledgertest.CheckBooks(t, b.Store)
}

// TestRecognitionAndConditions refuses conditions that contradict the pledge's recognition.
func TestRecognitionAndConditions(t *testing.T) {
	b := ledgertest.NewBooks(t)
	announce := func(r ledger.Recognition) *postgres.PledgeRecord {
		var p *postgres.PledgeRecord
		b.Do(b.RecordPledge(b.Context(), b.Command(&p), postgres.PledgeInput{Contributor: "NLD", Fund: "CPCJF", FundYear: 2026, Form: ledger.Cash,
			Amount: ledgertest.Cash("10.00 USD"), Date: ledgertest.Day("2026-01-10"), Recognition: r}))
		return p
	}
	one := []ledger.Condition{{Number: 1, Description: "Report", Money: ledgertest.Cash("10.00 USD")}}
	for _, tt := range []struct {
		recognition ledger.Recognition
		conditions  []ledger.Condition
		want        ledger.Rule
	}{{ledger.OnReceipt, one, ledger.RuleRecognitionMismatch}, {ledger.OnConditions, nil, ledger.RuleRecognitionMismatch}, {ledger.OnConditions, one, ""}, {ledger.OnAgreement, one, ""}} {
		_, err := b.AgreePledge(b.Context(), b.Command(nil), announce(tt.recognition).ID, postgres.AgreementInput{Date: ledgertest.Day("2026-02-10"), Conditions: tt.conditions})
		if tt.want == "" && err != nil {
			t.Errorf("%s with %d conditions: %v", tt.recognition, len(tt.conditions), err)
		} else if tt.want != "" {
			wantRule(t, err, tt.want)
		}
	}
}

// TestInstalmentByChoice applies cash to the second instalment and refuses one that is not there.
func TestInstalmentByChoice(t *testing.T) {
	b := ledgertest.NewBooks(t)
	p := b.Pledge("300.00 USD", "2026-01-10")
	schedule := []ledger.Instalment{{Number: 1, DueOn: ledgertest.Day("2026-03-01"), Money: ledgertest.Cash("100.00 USD")},
		{Number: 2, DueOn: ledgertest.Day("2026-06-01"), Money: ledgertest.Cash("200.00 USD")}}
	b.Do(b.AgreePledge(b.Context(), b.Command(&p), p.ID, postgres.AgreementInput{Date: ledgertest.Day("2026-02-10"), Instalments: schedule}))
	second := ledgertest.To(p, "200.00 USD")
	second.Instalment = 2
	r := b.Receipt("200.00 USD", "2026-03-10", second)
	if got := r.Allocations[0]; got.Instalment != 2 || !got.Amount.Equal(decimal.NewFromInt(200)) {
		t.Errorf("the allocation is %+v", got)
	}
	second.Instalment = 3
	_, err := b.RecordReceipt(b.Context(), b.Command(nil), postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: ledgertest.Cash("200.00 USD"),
		ValueDate: ledgertest.Day("2026-03-11"), Parts: []postgres.PartInput{second}})
	wantRule(t, err, ledger.RuleInstalmentUnknown)
}
