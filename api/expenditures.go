package api

import (
	"context"
	"fmt"
	"strings"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// ExpenditureShare is the part of an expenditure that used the money of one pledge, or of nobody in particular.
type ExpenditureShare struct {
	Pledge      ID     `json:"pledge,omitempty" format:"uuid" doc:"Absent for the part that is not earmarked."`
	Contributor string `json:"contributor,omitempty" example:"NLD"`
	Share       string `json:"share" example:"60" doc:"In proportion to the other shares."`
	Amount      Money  `json:"amount"`
	USDAmount   Money  `json:"usd_amount"`
}

// Expenditure is what a fund paid for its programme, with what was charged on it.
type Expenditure struct {
	ID               ID                 `json:"id" format:"uuid"`
	Fund             string             `json:"fund" example:"CPCJF"`
	EffectiveDate    Date               `json:"effective_date"`
	Amount           Money              `json:"amount"`
	USDAmount        Money              `json:"usd_amount" doc:"The amount in USD, by the rate."`
	Rate             *Rate              `json:"rate,omitempty" doc:"Absent for USD."`
	Description      string             `json:"description"`
	Project          string             `json:"project,omitempty"`
	Reference        string             `json:"reference" example:"V-2026/118" doc:"The voucher's number, unique in the fund."`
	BankAccount      string             `json:"bank_account"`
	Shares           []ExpenditureShare `json:"shares" doc:"Whose money it used; empty when nothing is earmarked. The parts sum to the amount."`
	ProgrammeSupport Worth              `json:"programme_support" doc:"Charged on the expenditure."`
	Levy             Worth              `json:"levy"`
	OverdraftReason  string             `json:"overdraft_reason,omitempty" doc:"Why it may be more than was available."`
	Replaces         ID                 `json:"replaces,omitempty" format:"uuid" doc:"The reversed expenditure that this one records anew."`
	ReversedOn       Date               `json:"reversed_on,omitempty" doc:"Absent while the expenditure stands."`
	Entries          []ID               `json:"entries"`
	RecordedAt       string             `json:"recorded_at" format:"date-time"`
}

func expenditureOf(x *postgres.ExpenditureRecord) Expenditure {
	out := Expenditure{ID: idOf(x.ID), Fund: string(x.Fund), EffectiveDate: dateOf(x.Date), Amount: moneyOf(x.Amount.Money),
		USDAmount: moneyOf(ledger.Dollars(x.Amount.USD)), Rate: rateOf(x.Amount), Description: x.Description, Project: x.Project, Reference: x.Reference,
		BankAccount: string(x.BankAccount), Shares: make([]ExpenditureShare, len(x.Shares)), ProgrammeSupport: worthOf(x.Support), Levy: worthOf(x.Levy),
		OverdraftReason: x.Overdraft, Replaces: idOf(x.Replaces), ReversedOn: dateOf(x.ReversedOn), Entries: idsOf(x.Entries), RecordedAt: instantOf(x.RecordedAt)}
	for i, s := range x.Shares {
		out.Shares[i] = ExpenditureShare{Pledge: idOf(s.Pledge), Contributor: string(s.Contributor), Share: s.Weight.String(), Amount: moneyOf(s.Money),
			USDAmount: moneyOf(ledger.Dollars(s.USD))}
	}
	return out
}

// ShareBody is the part of an expenditure that used the money of a pledge.
type ShareBody struct {
	Pledge ID     `json:"pledge,omitempty" format:"uuid" doc:"Left out: a part that is not earmarked."`
	Share  string `json:"share" maxLength:"20" pattern:"^[0-9]{1,12}(\\.[0-9]{1,6})?$" patternDescription:"digits with at most six decimals" example:"60" doc:"In proportion to the other shares: per cent, days, or an amount."`
}

// ExpenditureBody is an expenditure as it is recorded.
type ExpenditureBody struct {
	Fund            string      `json:"fund" maxLength:"64" example:"CPCJF"`
	EffectiveDate   Date        `json:"effective_date" doc:"The day on which the cash left the bank account."`
	Amount          Money       `json:"amount"`
	USDAmount       *Money      `json:"usd_amount,omitempty" doc:"Stated amount in USD; left out, the rate in force."`
	Description     string      `json:"description" maxLength:"500" example:"Training of prosecutors"`
	Project         string      `json:"project,omitempty" maxLength:"100" example:"GLO/Z82"`
	Reference       string      `json:"reference" maxLength:"100" example:"V-2026/118" doc:"The voucher's number, unique in the fund."`
	BankAccount     string      `json:"bank_account,omitempty" maxLength:"64" doc:"Left out: the fund's own."`
	Shares          []ShareBody `json:"shares,omitempty" maxItems:"100" doc:"The pledges whose money it used. Left out: nothing is earmarked."`
	Overdraft       bool        `json:"overdraft,omitempty" doc:"It may be more than is available in cash."`
	OverdraftReason string      `json:"overdraft_reason,omitempty" maxLength:"500" doc:"Why; needed with overdraft."`
}

func (b ExpenditureBody) input() (postgres.ExpenditureInput, error) {
	var v ledger.Violations
	in := postgres.ExpenditureInput{Fund: ledger.FundCode(b.Fund), Date: b.EffectiveDate.Ledger(), Amount: b.Amount.Ledger(), USD: usdOf(&v, b.USDAmount),
		Description: b.Description, Project: b.Project, Reference: b.Reference, BankAccount: ledger.BankAccountCode(b.BankAccount), Overdraft: b.OverdraftReason}
	switch reason := strings.TrimSpace(b.OverdraftReason); {
	case b.Overdraft && reason == "":
		v.Add("/overdraft_reason", ledger.RuleRequired, "An overdraft says why it may be.")
	case !b.Overdraft && reason != "":
		v.Add("/overdraft", ledger.RuleRequired, "A reason goes with overdraft: true.")
	}
	for i, s := range b.Shares {
		in.Shares = append(in.Shares, postgres.ShareInput{Pledge: s.Pledge.ledger(), Weight: quantityOf(&v, fmt.Sprintf("/shares/%d/share", i), s.Share)})
	}
	return in, v.Err()
}

// RecordExpenditureInput is the request to record an expenditure.
type RecordExpenditureInput struct{ Body ExpenditureBody }

// ExpenditureInput names an expenditure in the path.
type ExpenditureInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the expenditure."`
}

// ReverseExpenditureInput is the request to reverse an expenditure.
type ReverseExpenditureInput struct {
	ExpenditureInput
	Body ReversalBody
}

// ExpendituresInput has the filters of the list of expenditures.
type ExpendituresInput struct {
	Paging
	Fund      string `query:"fund" maxLength:"64" doc:"Code of the fund."`
	Project   string `query:"project" maxLength:"100" doc:"Code of the project, as it was recorded."`
	Reference string `query:"reference" maxLength:"100" doc:"As it was recorded, letter by letter."`
	Pledge    ID     `query:"pledge" format:"uuid" doc:"Whose money it used."`
	From      Date   `query:"from" doc:"First effective date."`
	To        Date   `query:"to" doc:"Last effective date."`
}

func expenditureCommand(r Request, status int) postgres.Command {
	return command(r, status, func(x *postgres.ExpenditureRecord) (string, any) {
		return pathTo("expenditures", x.ID), expenditureOf(x)
	})
}

func (s *Server) serveExpenditures(store *postgres.Store) {
	write[RecordExpenditureInput, Expenditure](s, operation{ID: "record-expenditure", Path: "/v1/expenditures", Tag: "expenditures", Summary: "Record what a fund spent, with the charges on it",
		Description: "Programme support and the levy are charged at the rates in force on the date: an agreement's for the share of its pledge, otherwise the fund's. " +
			"More than the fund has available in cash, on the date or on any later day, is refused unless overdraft says that it may be.",
		Problems: []ledger.Rule{ledger.RuleFundUnknown, ledger.RuleBankAccountUnknown, ledger.RuleCurrencyMismatch, ledger.RulePledgeUnknown, ledger.RulePledgeForm,
			ledger.RuleFundMismatch, ledger.RuleSupportMissing, ledger.RuleSupportFund, ledger.RuleExpenditureDuplicate, ledger.RuleExceedsAvailableCash,
			ledger.RuleRateMissing, ledger.RuleAmountNotPositive, ledger.RuleOutOfRange, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *RecordExpenditureInput) (Answer, error) {
			input, err := in.Body.input()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.RecordExpenditure(ctx, expenditureCommand(r, 201), input)
			return Answer(a), err
		})
	read(s, operation{ID: "get-expenditure", Path: "/v1/expenditures/{id}", Tag: "expenditures", Summary: "Show an expenditure",
		Description: "With its shares, the programme support and the levy that were charged on it, and its entries.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *ExpenditureInput) (Expenditure, error) {
			x, err := store.Expenditure(ctx, in.ID.ledger())
			if err != nil {
				return Expenditure{}, err
			}
			return expenditureOf(x), nil
		})
	list(s, operation{ID: "list-expenditures", Path: "/v1/expenditures", Tag: "expenditures", Summary: "List expenditures by date",
		Description: "What was spent, by date, with what was charged on it; filtered by fund, project, reference or earmarked pledge."},
		func(ctx context.Context, in *ExpendituresInput, w Window[dateKey]) ([]Expenditure, *dateKey, error) {
			after, err := first(w).date()
			if err != nil {
				return nil, nil, err
			}
			records, err := store.Expenditures(ctx, postgres.ExpenditureFilter{Fund: ledger.FundCode(in.Fund), Project: in.Project, Reference: in.Reference,
				Pledge: in.Pledge.ledger(), From: in.From.Ledger(), To: in.To.Ledger()}, postgres.ExpenditureKey{Date: after, ID: first(w).ID}, w.Limit+1)
			items, next := nextOf(records, w.Limit, expenditureOf, func(x *postgres.ExpenditureRecord) dateKey { return dateKey{x.Date.String(), x.ID} })
			return items, next, err
		})
	write[ReverseExpenditureInput, Expenditure](s, operation{ID: "reverse-expenditure", Path: "/v1/expenditures/{id}/reversal", Tag: "expenditures", Status: 200,
		Description: "The expenditure and what was charged on it are reversed together, and the cash is available again. An expenditure is reversed once.",
		Summary:     "Reverse an expenditure and what was charged on it", Problems: reversalProblems},
		func(ctx context.Context, r Request, in *ReverseExpenditureInput) (Answer, error) {
			a, err := store.ReverseExpenditure(ctx, expenditureCommand(r, 200), in.ID.ledger(), in.Body.input())
			return Answer(a), err
		})
}
