package api

import (
	"context"
	"fmt"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// LineBody is one debit or credit that an officer writes.
type LineBody struct {
	Account     string `json:"account" maxLength:"4" pattern:"^[0-9]{4}$" patternDescription:"four digits" example:"5800"`
	Fund        string `json:"fund" maxLength:"64" example:"CPCJF"`
	Contributor string `json:"contributor,omitempty" maxLength:"64"`
	BankAccount string `json:"bank_account,omitempty" maxLength:"64" doc:"On account 1010, and only there."`
	Pledge      ID     `json:"pledge,omitempty" format:"uuid" doc:"On accounts 1200, 2400, 9100 and 9200."`
	Item        int    `json:"item,omitempty" minimum:"1" maximum:"100" doc:"The pledge's item, on account 9200."`
	Receipt     ID     `json:"receipt,omitempty" format:"uuid" doc:"On accounts 2100, 2200 and 2500."`
	Debit       *Money `json:"debit,omitempty" doc:"This or credit."`
	Credit      *Money `json:"credit,omitempty" doc:"This or debit."`
	USDAmount   *Money `json:"usd_amount,omitempty" doc:"Stated amount in USD; left out, the rate in force."`
}

// EntryBody is an entry that an officer writes line by line.
type EntryBody struct {
	EffectiveDate     Date       `json:"effective_date"`
	Description       string     `json:"description" maxLength:"500" example:"Bank charges of March"`
	Reason            string     `json:"reason" maxLength:"500"`
	DocumentReference string     `json:"document_reference" maxLength:"200" doc:"The voucher or minute that it rests on."`
	Lines             []LineBody `json:"lines" minItems:"2" maxItems:"200"`
}

func (b EntryBody) input() (postgres.ManualInput, error) {
	var v ledger.Violations
	in := postgres.ManualInput{Date: b.EffectiveDate.Ledger(), Description: b.Description, Reason: b.Reason, Document: b.DocumentReference}
	for i, l := range b.Lines {
		at := fmt.Sprintf("/lines/%d", i)
		line := postgres.ManualLine{Account: ledger.AccountCode(l.Account), Credit: l.Credit != nil, USD: dollarsOf(&v, at+"/usd_amount", l.USDAmount),
			Dimensions: ledger.Dimensions{Fund: ledger.FundCode(l.Fund), Contributor: ledger.ContributorCode(l.Contributor),
				BankAccount: ledger.BankAccountCode(l.BankAccount), Pledge: l.Pledge.ledger(), Item: l.Item, Receipt: l.Receipt.ledger()}}
		switch {
		case (l.Debit == nil) == (l.Credit == nil):
			v.Add(at+"/debit", ledger.RuleRequired, "A line has one of debit and credit.")
		case l.Debit != nil:
			line.Amount = l.Debit.Ledger()
		default:
			line.Amount = l.Credit.Ledger()
		}
		in.Lines = append(in.Lines, line)
	}
	return in, v.Err()
}

// RecordEntryInput is the request to post a manual entry.
type RecordEntryInput struct{ Body EntryBody }

// ReverseEntryInput is the request to reverse an entry.
type ReverseEntryInput struct {
	EntryInput
	Body ReversalBody
}

func entryCommand(r Request, status int) postgres.Command {
	return command(r, status, func(e *ledger.Entry) (string, any) { return pathTo("journal", e.ID), entryOf(*e) })
}

func (s *Server) serveEntries(store *postgres.Store) {
	write[RecordEntryInput, Entry](s, operation{ID: "record-entry", Path: "/v1/journal", Tag: "journal", Guarded: true,
		Summary:     "Post an entry line by line, where no event of the books fits",
		Description: "Under the invariants of every other entry: it balances in USD for each fund, and leaves no pledge and no receipt with less than nothing.",
		Problems: []ledger.Rule{ledger.RuleAccountUnknown, ledger.RuleFundUnknown, ledger.RuleFundMismatch, ledger.RuleContributorUnknown, ledger.RuleContributorMismatch,
			ledger.RuleBankAccountUnknown, ledger.RulePledgeUnknown, ledger.RuleItemUnknown, ledger.RuleReceiptUnknown, ledger.RuleLineDimension, ledger.RuleRateMissing,
			ledger.RuleEntryUnbalanced, ledger.RuleBalanceNegative, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *RecordEntryInput) (Answer, error) {
			input, err := in.Body.input()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.RecordEntry(ctx, entryCommand(r, 201), input)
			return Answer(a), err
		})
	write[ReverseEntryInput, Entry](s, operation{ID: "reverse-entry", Path: "/v1/journal/{id}/reversal", Tag: "journal", Guarded: true,
		Summary:     "Reverse a journal entry",
		Description: "Receipts and deliveries are reversed as records. An entry on which later ones build is refused until they are reversed. The answer is the reversal.",
		Problems:    append([]ledger.Rule{ledger.RuleReverseRecord, ledger.RuleReversalOrder}, reversalProblems...)},
		func(ctx context.Context, r Request, in *ReverseEntryInput) (Answer, error) {
			a, err := store.ReverseEntry(ctx, entryCommand(r, 201), in.ID.ledger(), in.Body.input())
			return Answer(a), err
		})
}
