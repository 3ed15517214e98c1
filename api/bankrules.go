package api

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// BankRuleBody is a rule for lines of a bank.
type BankRuleBody struct {
	BankAccount string `json:"bank_account,omitempty" maxLength:"64" doc:"Left out: of every account."`
	Payer       string `json:"payer,omitempty" maxLength:"200" example:"BUNDESKASSE HALLE" doc:"Words that the payer's name has, in their order; case, accents and punctuation do not count."`
	Remittance  string `json:"remittance,omitempty" maxLength:"200" doc:"Words that the remittance information has."`
	Kind        string `json:"kind" enum:"contribution,charge,transfer,other" doc:"A contribution of the contributor or to the pledge; or what it is instead."`
	Contributor string `json:"contributor,omitempty" maxLength:"64"`
	Pledge      ID     `json:"pledge,omitempty" format:"uuid"`
	Fund        string `json:"fund,omitempty" maxLength:"64" doc:"That bears a charge."`
	Note        string `json:"note" maxLength:"300" example:"The German treasury pays for the Foreign Office" doc:"Why; it is shown as the reason."`
}

// BankRule is a rule of the officers in force.
type BankRule struct {
	ID          ID     `json:"id" format:"uuid"`
	BankAccount string `json:"bank_account,omitempty"`
	Payer       string `json:"payer,omitempty"`
	Remittance  string `json:"remittance,omitempty"`
	Kind        string `json:"kind" enum:"contribution,charge,transfer,other"`
	Contributor string `json:"contributor,omitempty"`
	Pledge      ID     `json:"pledge,omitempty" format:"uuid"`
	Fund        string `json:"fund,omitempty"`
	Note        string `json:"note"`
	RecordedBy  string `json:"recorded_by"`
}

func bankRuleOf(r postgres.BankRuleRecord) BankRule {
	return BankRule{idOf(r.ID), string(r.BankAccount), r.Payer, r.Remittance, r.Kind, string(r.Contributor), idOf(r.Pledge), string(r.Fund), r.Note, r.RecordedBy}
}

// RecordBankRuleInput is the request to record a rule.
type RecordBankRuleInput struct{ Body BankRuleBody }

// BankRuleInput names a rule in the path.
type BankRuleInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the rule."`
}

func (s *Server) serveBankRules(store *postgres.Store) {
	ruleCommand := func(r Request, status int) postgres.Command {
		return command(r, status, func(rec *postgres.BankRuleRecord) (string, any) { return "/v1/bank-rules", bankRuleOf(*rec) })
	}
	write[RecordBankRuleInput, BankRule](s, operation{ID: "record-bank-rule", Path: "/v1/bank-rules", Tag: "bank statements", Summary: "Record a rule for lines of a bank",
		Description: "What officers know of lines with some words: whose they are, or that they are no contribution. It holds for lines that wait and for those to come.",
		Problems:    []ledger.Rule{ledger.RuleBankAccountUnknown, ledger.RuleContributorUnknown, ledger.RuleContributorMerged, ledger.RuleFundUnknown, ledger.RulePledgeUnknown}},
		func(ctx context.Context, r Request, in *RecordBankRuleInput) (Answer, error) {
			b := in.Body
			a, err := store.RecordBankRule(ctx, ruleCommand(r, 201), ledger.BankRule{BankAccount: ledger.BankAccountCode(b.BankAccount), Payer: b.Payer, Remittance: b.Remittance, Kind: b.Kind,
				Contributor: ledger.ContributorCode(b.Contributor), Pledge: b.Pledge.ledger(), Fund: ledger.FundCode(b.Fund), Note: b.Note})
			return Answer(a), err
		})
	list(s, operation{ID: "list-bank-rules", Path: "/v1/bank-rules", Tag: "bank statements", Summary: "List the rules for lines of banks",
		Description: "Those in force, in the order in which they were recorded."},
		func(ctx context.Context, _ *PagingInput, w Window[uuid.UUID]) ([]BankRule, *uuid.UUID, error) {
			records, err := store.BankRules(ctx, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, bankRuleOf, func(r postgres.BankRuleRecord) uuid.UUID { return r.ID })
			return items, next, err
		})
	write[BankRuleInput, BankRule](s, operation{ID: "end-bank-rule", Path: "/v1/bank-rules/{id}/end", Tag: "bank statements", Status: 200, Summary: "Take a rule for lines of a bank out of use",
		Description: "What was decided by it stays.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, r Request, in *BankRuleInput) (Answer, error) {
			a, err := store.EndBankRule(ctx, ruleCommand(r, 200), in.ID.ledger())
			return Answer(a), err
		})
}
