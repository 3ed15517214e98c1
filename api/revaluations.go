package api

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Revaluation is what a revaluation posted.
type Revaluation struct {
	Fund          string `json:"fund" example:"CPCJF"`
	EffectiveDate Date   `json:"effective_date"`
	Entry         ID     `json:"entry,omitempty" format:"uuid" doc:"Absent when every balance stood at the closing rate already."`
	Reversal      ID     `json:"reversal,omitempty" format:"uuid" doc:"The reversal, dated the next day."`
	Gains         Money  `json:"gains" doc:"In USD."`
	Losses        Money  `json:"losses" doc:"In USD."`
}

func revaluationOf(r *postgres.Revaluation) Revaluation {
	return Revaluation{Fund: string(r.Fund), EffectiveDate: dateOf(r.Date), Entry: idOf(r.Entry), Reversal: idOf(r.Reversal),
		Gains: moneyOf(ledger.Dollars(r.Gains)), Losses: moneyOf(ledger.Dollars(r.Losses))}
}

// RevaluationBody asks for a fund's foreign balances at the closing rates of a day.
type RevaluationBody struct {
	Fund          string `json:"fund" maxLength:"64" example:"CPCJF"`
	EffectiveDate Date   `json:"effective_date" doc:"The last day of the period."`
}

// RevalueInput is the request to revalue.
type RevalueInput struct{ Body RevaluationBody }

func (s *Server) serveRevaluations(store *postgres.Store) {
	write[RevalueInput, Revaluation](s, operation{ID: "revalue", Path: "/v1/revaluations", Tag: "journal", Status: 200,
		Summary: "Bring a fund's foreign receivables and cash to the closing rates of a day",
		Description: "The differences go to exchange gains and losses, and are reversed on the next day, so that the next period is charged only with what moved since. " +
			"Again for the same day, only what has come to be different is posted.",
		Problems: []ledger.Rule{ledger.RuleFundUnknown, ledger.RuleRateMissing, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *RevalueInput) (Answer, error) {
			a, err := store.Revalue(ctx, command(r, 200, func(rec *postgres.Revaluation) (string, any) {
				if rec.Entry == uuid.Nil {
					return "", revaluationOf(rec)
				}
				return pathTo("journal", rec.Entry), revaluationOf(rec)
			}), postgres.RevaluationInput{Fund: ledger.FundCode(in.Body.Fund), Date: in.Body.EffectiveDate.Ledger()})
			return Answer(a), err
		})
}
