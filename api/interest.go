package api

import (
	"context"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// InterestPart is what a fund, or a pledge of it, got of the interest.
type InterestPart struct {
	Fund        string `json:"fund" example:"CPCJF"`
	Contributor string `json:"contributor,omitempty" example:"NLD"`
	Pledge      ID     `json:"pledge,omitempty" format:"uuid" doc:"Absent for the fund's own part."`
	Amount      Money  `json:"amount"`
	USDAmount   Money  `json:"usd_amount"`
}

// Interest is interest that a bank credited, as it was apportioned.
type Interest struct {
	ID            ID             `json:"id" format:"uuid"`
	BankAccount   string         `json:"bank_account"`
	BankReference string         `json:"bank_reference"`
	ValueDate     Date           `json:"value_date"`
	From          Date           `json:"from"`
	To            Date           `json:"to"`
	Amount        Money          `json:"amount"`
	USDAmount     Money          `json:"usd_amount"`
	Rate          *Rate          `json:"rate,omitempty" doc:"Absent for USD."`
	Parts         []InterestPart `json:"parts" doc:"They sum to the amount."`
	Entry         ID             `json:"entry" format:"uuid"`
	RecordedAt    string         `json:"recorded_at" format:"date-time"`
}

func interestOf(r *postgres.InterestRecord) Interest {
	out := Interest{ID: idOf(r.ID), BankAccount: string(r.BankAccount), BankReference: r.BankReference, ValueDate: dateOf(r.ValueDate), From: dateOf(r.Period.From),
		To: dateOf(r.Period.To), Amount: moneyOf(r.Amount.Money), USDAmount: moneyOf(ledger.Dollars(r.Amount.USD)), Rate: rateOf(r.Amount),
		Parts: make([]InterestPart, len(r.Parts)), Entry: idOf(r.Entry), RecordedAt: instantOf(r.RecordedAt)}
	for i, p := range r.Parts {
		out.Parts[i] = InterestPart{Fund: string(p.Fund), Contributor: string(p.Contributor), Pledge: idOf(p.Pledge), Amount: moneyOf(p.Money),
			USDAmount: moneyOf(ledger.Dollars(p.USD))}
	}
	return out
}

// EarningPledge names a pledge whose cash earned interest.
type EarningPledge struct {
	Pledge ID `json:"pledge" format:"uuid"`
}

// InterestBody is interest as a bank credited it.
type InterestBody struct {
	BankAccount   string          `json:"bank_account" maxLength:"64" example:"CPCJF"`
	BankReference string          `json:"bank_reference" maxLength:"200" example:"INT-2026-Q1"`
	ValueDate     Date            `json:"value_date" doc:"The day on which the bank credited it."`
	From          Date            `json:"from" doc:"First day of the period whose balances earned it."`
	To            Date            `json:"to" doc:"Last day of the period."`
	Amount        Money           `json:"amount"`
	USDAmount     *Money          `json:"usd_amount,omitempty" doc:"Stated amount in USD; left out, the rate in force."`
	Fund          string          `json:"fund,omitempty" maxLength:"64" doc:"It is all this fund's. Left out: the funds with cash in the bank account share it by their balances there."`
	Pledges       []EarningPledge `json:"pledges,omitempty" maxItems:"200" doc:"Pledges of the fund whose donors are owed interest: they share it, with the fund's other cash, by what was left of them day by day."`
}

// ApportionInterestInput is the request to record interest.
type ApportionInterestInput struct{ Body InterestBody }

func (s *Server) serveInterest(store *postgres.Store) {
	write[ApportionInterestInput, Interest](s, operation{ID: "record-interest", Path: "/v1/interest", Tag: "expenditures", Summary: "Record interest and apportion it by balance",
		Description: "Each gets its part in proportion to the sum of its daily balances in the period; a sum that is not above zero gets none. " +
			"The parts sum exactly to the amount. What was recorded wrongly is mended by the reversal of its entry.",
		Problems: []ledger.Rule{ledger.RuleBankAccountUnknown, ledger.RuleFundUnknown, ledger.RulePledgeUnknown, ledger.RuleFundMismatch, ledger.RuleCurrencyMismatch,
			ledger.RuleInterestDuplicate, ledger.RuleNoBalance, ledger.RuleRateMissing, ledger.RuleDateOrder, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *ApportionInterestInput) (Answer, error) {
			b := in.Body
			var v ledger.Violations
			input := postgres.InterestInput{BankAccount: ledger.BankAccountCode(b.BankAccount), BankReference: b.BankReference, ValueDate: b.ValueDate.Ledger(),
				Period: ledger.Period{From: b.From.Ledger(), To: b.To.Ledger()}, Amount: b.Amount.Ledger(), USD: usdOf(&v, b.USDAmount), Fund: ledger.FundCode(b.Fund)}
			if input.Period.To.Before(input.Period.From) {
				v.Add("/to", ledger.RuleDateOrder, "The period ends before it begins, on %s.", input.Period.From)
			}
			if input.ValueDate.Before(input.Period.To) {
				v.Add("/value_date", ledger.RuleDateOrder, "The interest is credited before its period ends, on %s.", input.Period.To)
			}
			for _, p := range b.Pledges {
				input.Pledges = append(input.Pledges, p.Pledge.ledger())
			}
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.ApportionInterest(ctx, command(r, 201, func(rec *postgres.InterestRecord) (string, any) {
				return pathTo("journal", rec.Entry), interestOf(rec)
			}), input)
			return Answer(a), err
		})
}
