package api

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Allocation is the part of a receipt applied to a pledge, or straight to a fund.
type Allocation struct {
	ID              ID     `json:"id" format:"uuid"`
	Pledge          ID     `json:"pledge,omitempty" format:"uuid"`
	PledgeReference string `json:"pledge_reference,omitempty"`
	Contributor     string `json:"contributor"`
	Fund            string `json:"fund"`
	FundYear        int    `json:"fund_year"`
	Instalment      int    `json:"instalment,omitempty" doc:"The instalment that the officer chose; absent when the oldest was settled first."`
	EffectiveDate   Date   `json:"effective_date"`
	Amount          Money  `json:"amount"`
	USDAmount       Money  `json:"usd_amount"`
	Entry           ID     `json:"entry" format:"uuid"`
	ReversedOn      Date   `json:"reversed_on,omitempty" doc:"Absent while the allocation stands."`
	RecordedAt      string `json:"recorded_at" format:"date-time"`
}

// AdvanceBalance is what a receipt holds for a contributor beyond what was due.
type AdvanceBalance struct {
	Contributor string `json:"contributor"`
	Worth
}

// ReceiptNote is one note on a receipt.
type ReceiptNote struct {
	Note       string `json:"note"`
	RecordedBy string `json:"recorded_by"`
	RecordedAt string `json:"recorded_at" format:"date-time"`
}

// Receipt is cash that arrived in a bank account on a value date.
type Receipt struct {
	ID            ID               `json:"id" format:"uuid"`
	BankAccount   string           `json:"bank_account" example:"CPCJF"`
	BankReference string           `json:"bank_reference,omitempty" example:"2026-03-01/0017"`
	ValueDate     Date             `json:"value_date"`
	Contributor   string           `json:"contributor,omitempty" doc:"Absent when it is not known, or when several share the receipt."`
	Fund          string           `json:"fund" doc:"The fund that holds what is not allocated."`
	FundYear      int              `json:"fund_year"`
	Amount        Money            `json:"amount" doc:"What arrived."`
	USDAmount     Money            `json:"usd_amount"`
	Rate          *Rate            `json:"rate,omitempty"`
	Charges       Money            `json:"charges" doc:"What banks deducted on the way."`
	Credited      Money            `json:"credited" doc:"What the contributor is credited with, gross or net of the charges by the fund's policy."`
	Payer         string           `json:"payer,omitempty"`
	Instrument    string           `json:"instrument,omitempty"`
	Note          string           `json:"note,omitempty"`
	Notes         []ReceiptNote    `json:"notes" doc:"Why it is still unidentified, and what is being done about it."`
	Allocations   []Allocation     `json:"allocations"`
	Unidentified  *Worth           `json:"unidentified,omitempty" doc:"What nobody knows the contributor of (account 2100)."`
	InAdvance     []AdvanceBalance `json:"in_advance" doc:"What is held for contributors beyond what was due (account 2200)."`
	Replaces      ID               `json:"replaces,omitempty" format:"uuid" doc:"The reversed receipt that this one records anew."`
	ReversedOn    Date             `json:"reversed_on,omitempty" doc:"Absent while the receipt stands."`
	Entries       []ID             `json:"entries" doc:"Its journal entries, reversals included."`
	RecordedAt    string           `json:"recorded_at" format:"date-time"`
}

func receiptOf(r postgres.ReceiptRecord) Receipt {
	out := Receipt{ID: idOf(r.ID), BankAccount: string(r.BankAccount), BankReference: r.BankReference, ValueDate: dateOf(r.ValueDate),
		Contributor: string(r.Contributor), Fund: string(r.Fund), FundYear: r.FundYear, Amount: moneyOf(r.Amount.Money), USDAmount: moneyOf(ledger.Dollars(r.Amount.USD)),
		Rate: rateOf(r.Amount), Charges: moneyOf(r.Charges.Money), Credited: moneyOf(r.Credited.Money), Payer: r.Payer, Instrument: r.Instrument, Note: r.Note,
		Notes: make([]ReceiptNote, len(r.Notes)), Allocations: make([]Allocation, len(r.Allocations)), InAdvance: []AdvanceBalance{}, Replaces: idOf(r.Replaces), ReversedOn: dateOf(r.ReversedOn),
		Entries: idsOf(r.Entries), RecordedAt: instantOf(r.RecordedAt)}
	for i, n := range r.Notes {
		out.Notes[i] = ReceiptNote{n.Note, n.RecordedBy, instantOf(n.RecordedAt)}
	}
	for i, a := range r.Allocations {
		out.Allocations[i] = Allocation{ID: idOf(a.ID), Pledge: idOf(a.Pledge), PledgeReference: a.PledgeReference, Contributor: string(a.Contributor),
			Fund: string(a.Fund), FundYear: a.FundYear, Instalment: a.Instalment, EffectiveDate: dateOf(a.EffectiveDate), Amount: moneyOf(a.Money),
			USDAmount: moneyOf(ledger.Dollars(a.USD)), Entry: idOf(a.Entry), ReversedOn: dateOf(a.ReversedOn), RecordedAt: instantOf(a.RecordedAt)}
	}
	if r.Held.Unidentified.Amount.IsPositive() {
		out.Unidentified = new(balanceOf(r.Held.Unidentified))
	}
	for _, c := range slices.Sorted(maps.Keys(r.Held.InAdvance)) {
		if held := r.Held.InAdvance[c]; held.Amount.IsPositive() {
			out.InAdvance = append(out.InAdvance, AdvanceBalance{string(c), balanceOf(held)})
		}
	}
	return out
}

// PartBody is a share of a receipt that is applied to a pledge, or straight to a fund.
type PartBody struct {
	Pledge      ID     `json:"pledge,omitempty" format:"uuid" doc:"The pledge that it keeps; it names the contributor and the fund."`
	Contributor string `json:"contributor,omitempty" maxLength:"64" doc:"Without a pledge; left out, the receipt's."`
	Fund        string `json:"fund,omitempty" maxLength:"64" doc:"Without a pledge; left out, the receipt's."`
	FundYear    int    `json:"fund_year,omitempty" minimum:"1945" maximum:"2199" doc:"Without a pledge; left out, the receipt's."`
	Instalment  int    `json:"instalment,omitempty" minimum:"1" maximum:"200" doc:"Of the pledge; left out, the oldest is settled first."`
	Amount      Money  `json:"amount" doc:"In the receipt's currency."`
}

func partsOf(list []PartBody) []postgres.PartInput {
	parts := make([]postgres.PartInput, len(list))
	for i, p := range list {
		parts[i] = postgres.PartInput{Pledge: p.Pledge.ledger(), Contributor: ledger.ContributorCode(p.Contributor), Fund: ledger.FundCode(p.Fund),
			FundYear: p.FundYear, Instalment: p.Instalment, Amount: p.Amount.Ledger()}
	}
	return parts
}

// ReceiptBody is cash that arrived.
type ReceiptBody struct {
	BankAccount   string     `json:"bank_account,omitempty" maxLength:"64" doc:"Left out: the fund's own."`
	BankReference string     `json:"bank_reference,omitempty" maxLength:"140" example:"2026-03-01/0017" doc:"The bank's reference; a receipt is recorded once under it."`
	ValueDate     Date       `json:"value_date"`
	Contributor   string     `json:"contributor,omitempty" maxLength:"64" doc:"Left out when it is not known, or when several share the receipt."`
	Fund          string     `json:"fund,omitempty" maxLength:"64" doc:"The fund that holds what is not allocated. Left out: the fund of the first pledge."`
	FundYear      int        `json:"fund_year,omitempty" minimum:"1945" maximum:"2199" doc:"Left out: the year of the value date."`
	Amount        Money      `json:"amount" doc:"What arrived."`
	USDAmount     *Money     `json:"usd_amount,omitempty" doc:"What the bank credited in USD; left out, the rate in force."`
	Charges       *Money     `json:"charges,omitempty" format:"money-or-zero" doc:"What banks deducted on the way, in the receipt's currency."`
	Allocations   []PartBody `json:"allocations,omitempty" maxItems:"200" doc:"Left out: all of it is the contributor's gift to the fund, or unidentified without a contributor."`
	Payer         string     `json:"payer,omitempty" maxLength:"300" doc:"Who paid, as the bank names it."`
	Instrument    string     `json:"instrument,omitempty" maxLength:"100"`
	Note          string     `json:"note,omitempty" maxLength:"1000"`
}

func (b ReceiptBody) input() (postgres.ReceiptInput, error) {
	var v ledger.Violations
	in := postgres.ReceiptInput{BankAccount: ledger.BankAccountCode(b.BankAccount), BankReference: b.BankReference, ValueDate: b.ValueDate.Ledger(),
		Contributor: ledger.ContributorCode(b.Contributor), Fund: ledger.FundCode(b.Fund), FundYear: b.FundYear, Amount: b.Amount.Ledger(),
		USD: usdOf(&v, b.USDAmount), Parts: partsOf(b.Allocations), Payer: b.Payer, Instrument: b.Instrument, Note: b.Note}
	if b.Charges != nil {
		in.Charges = b.Charges.Ledger().Amount
		if b.Charges.Currency != b.Amount.Currency {
			v.Add("/charges/currency", ledger.RuleCurrencyMismatch, "The receipt is in %s.", b.Amount.Currency)
		}
	}
	return in, v.Err()
}

// RecordReceiptInput is the request to record a receipt.
type RecordReceiptInput struct{ Body ReceiptBody }

// KeyedReceiptBody is a receipt of a batch.
type KeyedReceiptBody struct {
	Key string `json:"key" maxLength:"255" pattern:"^[!-~]+$" patternDescription:"visible ASCII characters" example:"3f0f3a1e-5a3b-4f5e-9c39-0c8a1f5d2b10" doc:"The idempotency key of this receipt: the one that it would have alone."`
	ReceiptBody
}

// ReceiptsBody is cash that arrived in many receipts.
type ReceiptsBody struct {
	Receipts []KeyedReceiptBody `json:"receipts" minItems:"1" maxItems:"1000" doc:"Up to 1000, applied in this order."`
}

// RecordReceiptsInput is the request to record a batch of receipts.
type RecordReceiptsInput struct{ Body ReceiptsBody }

// keyed returns the receipts of the batch. What is wrong with any of them is told at its place.
func (b ReceiptsBody) keyed(r Request) ([]postgres.KeyedReceipt, error) {
	var v ledger.Violations
	list := make([]postgres.KeyedReceipt, len(b.Receipts))
	for i, body := range b.Receipts {
		in, err := body.input()
		var refused *ledger.Error
		if errors.As(err, &refused) {
			for _, f := range refused.Violations {
				f.Pointer = fmt.Sprintf("/receipts/%d%s", i, f.Pointer)
				v = append(v, f)
			}
		}
		list[i] = postgres.KeyedReceipt{Key: body.Key, RequestHash: r.partHash(receiptsPath, "receipts", i, "key"), Receipt: in}
	}
	return list, v.Err()
}

// ReceiptBatch is what a batch of receipts is answered with.
type ReceiptBatch struct {
	Receipts []Receipt `json:"receipts" doc:"In the order of the request, each as it would be answered alone."`
}

// joinReceipts puts the answer of a batch together from those of its receipts, byte for byte.
func joinReceipts(list []postgres.Answer) (postgres.Answer, error) {
	body := []byte(`{"receipts":[`)
	for i, a := range list {
		if i > 0 {
			body = append(body, ',')
		}
		body = append(body, bytes.TrimSpace(a.Body)...)
	}
	return postgres.Answer{Status: http.StatusCreated, Body: append(body, "]}\n"...)}, nil
}

// ReceiptInput names a receipt in the path.
type ReceiptInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the receipt."`
}

// AllocationsBody applies what a receipt holds.
type AllocationsBody struct {
	EffectiveDate Date       `json:"effective_date"`
	Allocations   []PartBody `json:"allocations" minItems:"1" maxItems:"200"`
}

// AllocateReceiptInput is the request to apply what a receipt holds.
type AllocateReceiptInput struct {
	ReceiptInput
	Body AllocationsBody
}

// ReversalBody undoes a record.
type ReversalBody struct {
	EffectiveDate Date   `json:"effective_date"`
	Reason        string `json:"reason" maxLength:"500" example:"Entered twice"`
}

func (b ReversalBody) input() postgres.ReversalInput {
	return postgres.ReversalInput{Date: b.EffectiveDate.Ledger(), Reason: b.Reason}
}

// ReverseReceiptInput is the request to reverse a receipt.
type ReverseReceiptInput struct {
	ReceiptInput
	Body ReversalBody
}

// ReceiptsInput has the filters of the list of receipts.
type ReceiptsInput struct {
	Paging
	Contributor  string `query:"contributor" maxLength:"64" doc:"Code of the contributor."`
	Fund         string `query:"fund" maxLength:"64" doc:"Code of the fund."`
	From         Date   `query:"from" doc:"First value date."`
	To           Date   `query:"to" doc:"Last value date."`
	Unidentified bool   `query:"unidentified" doc:"Only those that hold something nobody knows the contributor of."`
}

// dateKey is the sort key of lists by date.
type dateKey struct {
	Date string    `json:"d"`
	ID   uuid.UUID `json:"i"`
}

func (k dateKey) date() (ledger.Date, error) {
	if k.Date == "" {
		return ledger.Date{}, nil
	}
	d, err := ledger.ParseDate(k.Date)
	if err != nil {
		return d, badCursor().Err()
	}
	return d, nil
}

// receiptsPath is where receipts are.
const receiptsPath = "/v1/receipts"

func receiptCommand(r Request, status int) postgres.Command {
	return command(r, status, func(rec *postgres.ReceiptRecord) (string, any) { return pathTo("receipts", rec.ID), receiptOf(*rec) })
}

func (s *Server) serveReceipts(store *postgres.Store) {
	write[RecordReceiptInput, Receipt](s, operation{ID: "record-receipt", Path: receiptsPath, Tag: "receipts", Summary: "Record cash that arrived",
		Description: "The allocations settle their pledges at the carrying amount; the difference is an exchange gain or loss. What exceeds a pledge is held for the contributor.",
		Problems:    receiptProblems},
		func(ctx context.Context, r Request, in *RecordReceiptInput) (Answer, error) {
			input, err := in.Body.input()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.RecordReceipt(ctx, receiptCommand(r, 201), input)
			return Answer(a), err
		})
	write[RecordReceiptsInput, ReceiptBatch](s, operation{ID: "record-receipts", Path: receiptsPath + "/batch", Tag: "receipts", Summary: "Record up to 1000 receipts at once",
		Description: "All or none, in one transaction: one fault of one receipt keeps all of them out, and every fault of each is named under its place in the batch. " +
			"The receipts are applied in their order, each to what the ones before it left of its pledges.\n\n" +
			"Each receipt has an idempotency key of its own, beside the one of the request, and under it is the same request as alone: " +
			"one that was recorded before under its key, alone or in another batch, is left as it is and answered as then. So a file can be sent again in other batches. " +
			"A thousand receipts take about as long as a few dozen sent one by one; the body may have 1 MiB.",
		Problems: receiptProblems},
		func(ctx context.Context, r Request, in *RecordReceiptsInput) (Answer, error) {
			list, err := in.Body.keyed(r)
			if err != nil {
				return Answer{}, err
			}
			a, err := store.RecordReceipts(ctx, receiptCommand(r, 201), list, joinReceipts)
			return Answer(a), err
		})
	read(s, operation{ID: "get-receipt", Path: "/v1/receipts/{id}", Tag: "receipts", Summary: "Show a receipt with its allocations",
		Description: "What of it settled which pledge, what is held in advance or unidentified, its notes and its entries.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *ReceiptInput) (Receipt, error) {
			r, err := store.Receipt(ctx, in.ID.ledger())
			if err != nil {
				return Receipt{}, err
			}
			return receiptOf(r), nil
		})
	list(s, operation{ID: "list-receipts", Path: "/v1/receipts", Tag: "receipts", Summary: "List receipts by value date",
		Description: "Cash that arrived, by value date, with its allocations; unidentified=true leaves those that still lack a contributor."},
		func(ctx context.Context, in *ReceiptsInput, w Window[dateKey]) ([]Receipt, *dateKey, error) {
			after, err := first(w).date()
			if err != nil {
				return nil, nil, err
			}
			f := postgres.ReceiptFilter{Contributor: ledger.ContributorCode(in.Contributor), Fund: ledger.FundCode(in.Fund), From: in.From.Ledger(), To: in.To.Ledger(),
				Unidentified: in.Unidentified}
			records, err := store.Receipts(ctx, f, postgres.ReceiptKey{ValueDate: after, ID: first(w).ID}, w.Limit+1)
			items, next := nextOf(records, w.Limit, receiptOf, func(r postgres.ReceiptRecord) dateKey { return dateKey{r.ValueDate.String(), r.ID} })
			return items, next, err
		})
	write[AllocateReceiptInput, Receipt](s, operation{ID: "allocate-receipt", Path: "/v1/receipts/{id}/allocations", Tag: "receipts", Status: 200,
		Summary: "Identify an unidentified receipt, or apply an advance", Description: "Whole or in parts. Cash moves with it when the fund is another.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleAlreadyReversed, ledger.RuleAllocationExceedsReceipt, ledger.RulePledgeUnknown, ledger.RulePledgeStage,
			ledger.RuleInstalmentUnknown, ledger.RulePledgeForm, ledger.RuleContributorUnknown, ledger.RuleContributorMismatch, ledger.RuleFundUnknown, ledger.RuleFundMismatch,
			ledger.RuleCurrencyMismatch, ledger.RuleDateOrder, ledger.RuleDateInFuture, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *AllocateReceiptInput) (Answer, error) {
			a, err := store.AllocateReceipt(ctx, receiptCommand(r, 200), in.ID.ledger(),
				postgres.AllocationInput{Date: in.Body.EffectiveDate.Ledger(), Parts: partsOf(in.Body.Allocations)})
			return Answer(a), err
		})
	write[ReverseReceiptInput, Receipt](s, operation{ID: "reverse-receipt", Path: "/v1/receipts/{id}/reversal", Tag: "receipts", Status: 200, Guarded: true,
		Summary: "Reverse a receipt", Description: "Every entry of the receipt that stands is reversed, its identification included. The same bank reference can then be recorded anew.",
		Problems: reversalProblems},
		func(ctx context.Context, r Request, in *ReverseReceiptInput) (Answer, error) {
			a, err := store.ReverseReceipt(ctx, receiptCommand(r, 200), in.ID.ledger(), in.Body.input())
			return Answer(a), err
		})
}

// receiptProblems are those of recording a receipt.
var receiptProblems = []ledger.Rule{ledger.RuleContributorUnknown, ledger.RuleFundUnknown, ledger.RuleBankAccountUnknown, ledger.RulePledgeUnknown, ledger.RuleReceiptDuplicate,
	ledger.RuleRateMissing, ledger.RuleAllocationExceedsReceipt, ledger.RuleInstalmentUnknown, ledger.RulePledgeForm, ledger.RulePledgeStage, ledger.RuleContributorMismatch,
	ledger.RuleFundMismatch, ledger.RuleCurrencyMismatch, ledger.RuleDateInFuture, ledger.RulePeriodClosed}

// reversalProblems are those of every reversal.
var reversalProblems = []ledger.Rule{ledger.RuleNotFound, ledger.RuleAlreadyReversed, ledger.RuleDateOrder, ledger.RuleDateInFuture, ledger.RulePeriodClosed}
