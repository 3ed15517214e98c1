package api

import (
	"context"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Condition is what an agreement asks before a part of its amount is revenue, with what met it.
type Condition struct {
	Number      int       `json:"number" example:"1"`
	Description string    `json:"description"`
	Amount      Money     `json:"amount" doc:"What becomes revenue when it is met."`
	MetOn       Date      `json:"met_on,omitempty" doc:"Absent while it is not met."`
	MetBy       string    `json:"met_by,omitempty" doc:"Who certified it."`
	Evidence    *Evidence `json:"evidence,omitempty"`
	Entry       ID        `json:"entry,omitempty" format:"uuid" doc:"The journal entry that made it revenue."`
}

func conditionsOf(list []ledger.ConditionState) []Condition {
	var out []Condition
	for _, c := range list {
		out = append(out, Condition{Number: c.Number, Description: c.Description, Amount: moneyOf(c.Money), MetOn: dateOf(c.Met.On), MetBy: c.Met.By,
			Evidence: evidenceOf(c.Met.Evidence), Entry: idOf(c.Met.Entry)})
	}
	return out
}

// ConditionBody is a condition as the agreement lists it.
type ConditionBody struct {
	Description string `json:"description" maxLength:"1000" example:"The final report is accepted"`
	Amount      Money  `json:"amount" doc:"What becomes revenue when it is met."`
}

// FulfilmentBody says that a condition was met.
type FulfilmentBody struct {
	EffectiveDate Date     `json:"effective_date"`
	MetBy         string   `json:"met_by" maxLength:"200" example:"Chief, Programme Section" doc:"Who certified it."`
	Evidence      Evidence `json:"evidence"`
}

// MeetConditionInput is the request to record a condition as met.
type MeetConditionInput struct {
	PledgeInput
	Number int `path:"number" minimum:"1" maximum:"1000" doc:"Number of the condition."`
	Body   FulfilmentBody
}

func (s *Server) serveConditions(store *postgres.Store) {
	write[MeetConditionInput, Pledge](s, operation{ID: "meet-condition", Path: "/v1/pledges/{id}/conditions/{number}/fulfilment", Tag: "pledges", Status: 200,
		Summary:     "Record that a condition of the agreement was met",
		Description: "What hung on it becomes revenue, at the value at which it stands in the books.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleConditionUnknown, ledger.RuleConditionMet, ledger.RuleDateInFuture, ledger.RuleDateOrder,
			ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *MeetConditionInput) (Answer, error) {
			a, err := store.MeetCondition(ctx, pledgeCommand(r, 200), in.ID.ledger(), postgres.FulfilmentInput{Number: in.Number,
				Date: in.Body.EffectiveDate.Ledger(), By: in.Body.MetBy, Evidence: (&in.Body.Evidence).ledger()})
			return Answer(a), err
		})
}
