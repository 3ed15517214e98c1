package postgres

import (
	"github.com/google/uuid"

	"vcledger/ledger"
)

// The rows of a posting that tell of the use of the money.

type expenditureRow struct {
	ID              uuid.UUID `json:"id"`
	Fund            string    `json:"fund"`
	EffectiveDate   string    `json:"effective_date"`
	Description     string    `json:"description"`
	Project         string    `json:"project"`
	Reference       string    `json:"reference"`
	BankAccount     string    `json:"bank_account"`
	OverdraftReason string    `json:"overdraft_reason"`
	Replaces        string    `json:"replaces"`
	ActorID         int64     `json:"actor_id"`
	worth
}

type shareRow struct {
	ExpenditureID uuid.UUID `json:"expenditure_id"`
	Number        int       `json:"number"`
	Fund          string    `json:"fund"`
	Contributor   string    `json:"contributor"`
	PledgeID      string    `json:"pledge_id"`
	Weight        string    `json:"weight"`
	worth
}

type interestRow struct {
	ID            uuid.UUID `json:"id"`
	BankAccount   string    `json:"bank_account"`
	BankReference string    `json:"bank_reference"`
	ValueDate     string    `json:"value_date"`
	PeriodFrom    string    `json:"period_from"`
	PeriodTo      string    `json:"period_to"`
	EntryID       uuid.UUID `json:"entry_id"`
	ActorID       int64     `json:"actor_id"`
	worth
}

func (p *posting) addExpenditure(e ledger.Expenditure, actor int64) {
	p.Expenditures = append(p.Expenditures, expenditureRow{ID: e.ID, Fund: string(e.Fund), EffectiveDate: e.Date.String(), Description: e.Description,
		Project: e.Project, Reference: e.Reference, BankAccount: string(e.BankAccount), OverdraftReason: e.Overdraft, Replaces: optional(e.Replaces),
		ActorID: actor, worth: worthOf(e.Amount)})
	for i, s := range e.Shares {
		p.Shares = append(p.Shares, shareRow{ExpenditureID: e.ID, Number: i + 1, Fund: string(e.Fund), Contributor: string(s.Contributor),
			PledgeID: optional(s.Pledge), Weight: s.Weight.String(), worth: worthOf(s.Converted)})
	}
}

func (p *posting) addInterest(in ledger.InterestReceived, entry uuid.UUID, actor int64) {
	p.Interest = append(p.Interest, interestRow{ID: in.ID, BankAccount: string(in.BankAccount), BankReference: in.BankReference, ValueDate: in.ValueDate.String(),
		PeriodFrom: in.Period.From.String(), PeriodTo: in.Period.To.String(), EntryID: entry, ActorID: actor, worth: worthOf(in.Amount)})
}
