package api

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Refund is a part of a receipt that the fund owes back.
type Refund struct {
	ID                ID     `json:"id" format:"uuid"`
	Receipt           ID     `json:"receipt" format:"uuid"`
	Source            string `json:"source" enum:"unidentified,advance,deferred,revenue"`
	Stage             string `json:"stage" enum:"owed,paid,reversed"`
	Contributor       string `json:"contributor,omitempty" doc:"Absent for cash that nobody knows the contributor of."`
	Fund              string `json:"fund"`
	Pledge            ID     `json:"pledge,omitempty" format:"uuid"`
	PledgeReference   string `json:"pledge_reference,omitempty"`
	EffectiveDate     Date   `json:"effective_date"`
	Amount            Money  `json:"amount"`
	USDAmount         Money  `json:"usd_amount" doc:"At the value at which it stood in the books."`
	Reason            string `json:"reason"`
	DocumentReference string `json:"document_reference,omitempty"`
	Entry             ID     `json:"entry" format:"uuid"`
	ReversedOn        Date   `json:"reversed_on,omitempty" doc:"Absent while it stands."`
	PaidOn            Date   `json:"paid_on,omitempty" doc:"Absent until it is paid."`
	BankAccount       string `json:"bank_account,omitempty"`
	BankReference     string `json:"bank_reference,omitempty"`
	PaymentEntry      ID     `json:"payment_entry,omitempty" format:"uuid"`
	RecordedAt        string `json:"recorded_at" format:"date-time"`
}

func refundOf(f postgres.RefundRecord) Refund {
	return Refund{ID: idOf(f.ID), Receipt: idOf(f.Receipt), Source: string(f.Source), Stage: string(f.Stage), Contributor: string(f.Contributor), Fund: string(f.Fund),
		Pledge: idOf(f.Pledge), PledgeReference: f.PledgeReference, EffectiveDate: dateOf(f.Date), Amount: moneyOf(f.Money), USDAmount: moneyOf(ledger.Dollars(f.USD)),
		Reason: f.Reason, DocumentReference: f.Document, Entry: idOf(f.Entry), ReversedOn: dateOf(f.ReversedOn), PaidOn: dateOf(f.PaidOn),
		BankAccount: string(f.BankAccount), BankReference: f.BankReference, PaymentEntry: idOf(f.PaymentEntry), RecordedAt: instantOf(f.RecordedAt)}
}

// RefundBody asks for a part of a receipt to go back.
type RefundBody struct {
	Receipt           ID     `json:"receipt" format:"uuid"`
	Source            string `json:"source" enum:"unidentified,advance,deferred,revenue" doc:"What the cash is in the books: unidentified (2100), held in advance (2200), deferred by a condition (2400), or revenue (4010)."`
	Contributor       string `json:"contributor,omitempty" maxLength:"64" doc:"Of a shared receipt: whose part goes back. Left out: the receipt's, or the pledge's."`
	Fund              string `json:"fund,omitempty" maxLength:"64" doc:"Of a gift straight to a fund. Left out: the receipt's, or the pledge's."`
	Pledge            ID     `json:"pledge,omitempty" format:"uuid" doc:"The pledge that the cash was applied to, or waits for."`
	Amount            Money  `json:"amount" doc:"In the receipt's currency."`
	EffectiveDate     Date   `json:"effective_date" doc:"When the refund was decided."`
	Reason            string `json:"reason" maxLength:"500" example:"The project was cancelled"`
	DocumentReference string `json:"document_reference,omitempty" maxLength:"200" doc:"The contributor's request, or the minute."`
}

// RecordRefundInput is the request to refund.
type RecordRefundInput struct{ Body RefundBody }

// RefundInput names a refund in the path.
type RefundInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the refund."`
}

// RefundPaymentBody says that the cash of a refund left the bank.
type RefundPaymentBody struct {
	ValueDate     Date   `json:"value_date"`
	BankAccount   string `json:"bank_account,omitempty" maxLength:"64" doc:"Left out: the fund's own."`
	BankReference string `json:"bank_reference,omitempty" maxLength:"140"`
	USDAmount     *Money `json:"usd_amount,omitempty" doc:"What the bank debited in USD; left out, the rate in force."`
}

// PayRefundInput is the request to record the payment of a refund.
type PayRefundInput struct {
	RefundInput
	Body RefundPaymentBody
}

// RefundsInput has the filters of the list of refunds.
type RefundsInput struct {
	Paging
	Contributor string `query:"contributor" maxLength:"64" doc:"Code of the contributor."`
	Fund        string `query:"fund" maxLength:"64" doc:"Code of the fund."`
	Receipt     ID     `query:"receipt" format:"uuid" doc:"Identifier of the receipt."`
}

func refundCommand(r Request, status int) postgres.Command {
	return command(r, status, func(f *postgres.RefundRecord) (string, any) { return pathTo("refunds", f.ID), refundOf(*f) })
}

func (s *Server) serveRefunds(store *postgres.Store) {
	write[RecordRefundInput, Refund](s, operation{ID: "record-refund", Path: "/v1/refunds", Tag: "refunds", Guarded: true,
		Summary:     "Decide that a part of a receipt goes back",
		Description: "What the books hold moves to what is payable, at its carrying amount. The payment is recorded when the cash leaves the bank. A refund that was decided wrongly is undone by the reversal of its entry.",
		Problems: []ledger.Rule{ledger.RuleReceiptUnknown, ledger.RulePledgeUnknown, ledger.RuleAlreadyReversed, ledger.RuleContributorMismatch, ledger.RuleFundMismatch,
			ledger.RuleCurrencyMismatch, ledger.RuleExceedsRefundable, ledger.RuleLineDimension, ledger.RuleDateOrder, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *RecordRefundInput) (Answer, error) {
			b := in.Body
			a, err := store.RecordRefund(ctx, refundCommand(r, 201), postgres.RefundInput{Receipt: b.Receipt.ledger(), Source: ledger.RefundSource(b.Source),
				Contributor: ledger.ContributorCode(b.Contributor), Fund: ledger.FundCode(b.Fund), Pledge: b.Pledge.ledger(), Amount: b.Amount.Ledger(),
				Date: b.EffectiveDate.Ledger(), Reason: b.Reason, Document: b.DocumentReference})
			return Answer(a), err
		})
	read(s, operation{ID: "get-refund", Path: "/v1/refunds/{id}", Tag: "refunds", Summary: "Show a refund", Problems: []ledger.Rule{ledger.RuleNotFound},
		Description: "With what it was taken from, its stage, and the day on which it was paid."},
		func(ctx context.Context, in *RefundInput) (Refund, error) {
			f, err := store.Refund(ctx, in.ID.ledger())
			if err != nil {
				return Refund{}, err
			}
			return refundOf(f), nil
		})
	list(s, operation{ID: "list-refunds", Path: "/v1/refunds", Tag: "refunds", Summary: "List refunds in the order in which they were recorded",
		Description: "What was given back or is to be given back, with its stage."},
		func(ctx context.Context, in *RefundsInput, w Window[uuid.UUID]) ([]Refund, *uuid.UUID, error) {
			records, err := store.Refunds(ctx, postgres.RefundFilter{Contributor: ledger.ContributorCode(in.Contributor), Fund: ledger.FundCode(in.Fund),
				Receipt: in.Receipt.ledger()}, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, refundOf, func(f postgres.RefundRecord) uuid.UUID { return f.ID })
			return items, next, err
		})
	write[PayRefundInput, Refund](s, operation{ID: "pay-refund", Path: "/v1/refunds/{id}/payment", Tag: "refunds", Status: 200,
		Description: "It settles what is payable; a difference between the rates of the two days is an exchange gain or loss. A refund is paid once.",
		Summary:     "Record that the cash of a refund left the bank",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleRefundStage, ledger.RuleBankAccountUnknown, ledger.RuleRateMissing, ledger.RuleCurrencyMismatch,
			ledger.RuleDateOrder, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *PayRefundInput) (Answer, error) {
			var v ledger.Violations
			payment := postgres.RefundPaymentInput{ValueDate: in.Body.ValueDate.Ledger(), BankAccount: ledger.BankAccountCode(in.Body.BankAccount),
				BankReference: in.Body.BankReference, USD: usdOf(&v, in.Body.USDAmount)}
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.PayRefund(ctx, refundCommand(r, 200), in.ID.ledger(), payment)
			return Answer(a), err
		})
}
