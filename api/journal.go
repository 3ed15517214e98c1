package api

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Line is one debit or credit.
type Line struct {
	Account     string `json:"account" example:"1010"`
	Fund        string `json:"fund" example:"CPCJF"`
	Contributor string `json:"contributor,omitempty"`
	BankAccount string `json:"bank_account,omitempty"`
	Pledge      ID     `json:"pledge,omitempty" format:"uuid"`
	Item        int    `json:"item,omitempty"`
	Receipt     ID     `json:"receipt,omitempty" format:"uuid"`
	Debit       *Money `json:"debit,omitempty"`
	Credit      *Money `json:"credit,omitempty"`
	USDDebit    *Money `json:"usd_debit,omitempty"`
	USDCredit   *Money `json:"usd_credit,omitempty"`
	Rate        *Rate  `json:"rate,omitempty"`
}

func lineOf(l ledger.Line) Line {
	out := Line{Account: string(l.Account), Fund: string(l.Fund), Contributor: string(l.Contributor), BankAccount: string(l.BankAccount), Pledge: idOf(l.Pledge),
		Item: l.Item, Receipt: idOf(l.Receipt), Rate: rateOf(l.Converted)}
	if l.Amount.IsNegative() || l.USD.IsNegative() {
		c := l.Neg()
		out.Credit, out.USDCredit = new(moneyOf(c.Money)), new(moneyOf(ledger.Dollars(c.USD)))
	} else {
		out.Debit, out.USDDebit = new(moneyOf(l.Money)), new(moneyOf(ledger.Dollars(l.USD)))
	}
	return out
}

// Entry is a posted journal entry: a balanced set of debits and credits.
type Entry struct {
	ID            ID     `json:"id" format:"uuid"`
	Kind          string `json:"kind" enum:"pledge_announced,pledge_agreed,pledge_adjusted,pledge_cancelled,pledge_written_off,receipt,identification,advance_applied,delivery,revaluation,condition_met,refund,refund_paid,allowance,expenditure,programme_support,levy,interest,bank_charge,in_kind_revalued,manual,year_end,reversal"`
	EffectiveDate Date   `json:"effective_date"`
	OriginalDate  Date   `json:"original_date,omitempty" doc:"Of a late item: its own date, in a period that was closed. It is a prior-period adjustment."`
	RecordedAt    string `json:"recorded_at" format:"date-time"`
	RecordedBy    string `json:"recorded_by" doc:"Who did it, or approved it."`
	RequestedBy   string `json:"requested_by,omitempty" doc:"Who asked for what was approved."`
	Approval      ID     `json:"approval,omitempty" format:"uuid" doc:"The approval that posted it; absent when it did not have to wait."`
	Description   string `json:"description"`
	Reason        string `json:"reason,omitempty"`
	Document      string `json:"document_reference,omitempty" doc:"Of a manual entry: the voucher or minute that it rests on."`
	Pledge        ID     `json:"pledge,omitempty" format:"uuid"`
	Receipt       ID     `json:"receipt,omitempty" format:"uuid"`
	Delivery      ID     `json:"delivery,omitempty" format:"uuid"`
	Expenditure   ID     `json:"expenditure,omitempty" format:"uuid"`
	Reverses      ID     `json:"reverses,omitempty" format:"uuid"`
	ReversedBy    ID     `json:"reversed_by,omitempty" format:"uuid"`
	Lines         []Line `json:"lines"`
}

func entryOf(e ledger.Entry) Entry {
	out := Entry{ID: idOf(e.ID), Kind: string(e.Kind), EffectiveDate: dateOf(e.EffectiveDate), RecordedAt: instantOf(e.RecordedAt), RecordedBy: e.RecordedBy, RequestedBy: e.Requester,
		Approval: idOf(e.Approval), OriginalDate: dateOf(e.OriginalDate), Document: e.Document,
		Description: e.Description, Reason: e.Reason, Pledge: idOf(e.Subject.Pledge), Receipt: idOf(e.Subject.Receipt), Delivery: idOf(e.Subject.Delivery),
		Expenditure: idOf(e.Subject.Expenditure), Reverses: idOf(e.Reverses), ReversedBy: idOf(e.ReversedBy), Lines: make([]Line, len(e.Lines))}
	for i, l := range e.Lines {
		out.Lines[i] = lineOf(l)
	}
	return out
}

// EntryInput names an entry in the path.
type EntryInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the entry."`
}

// JournalInput has the filters of the journal.
type JournalInput struct {
	Paging
	Kind        string `query:"kind" enum:"pledge_announced,pledge_agreed,pledge_adjusted,pledge_cancelled,pledge_written_off,receipt,identification,advance_applied,delivery,revaluation,condition_met,refund,refund_paid,allowance,expenditure,programme_support,levy,interest,bank_charge,in_kind_revalued,manual,year_end,reversal" doc:"What kind of event the entry records."`
	Fund        string `query:"fund" maxLength:"64" doc:"Code of the fund."`
	Account     string `query:"account" maxLength:"4" example:"1200" doc:"Number of the account, as in the chart."`
	Contributor string `query:"contributor" maxLength:"64" doc:"Code of the contributor."`
	BankAccount string `query:"bank_account" maxLength:"64" doc:"Code of the bank account."`
	Pledge      ID     `query:"pledge" format:"uuid" doc:"Identifier of the pledge."`
	Receipt     ID     `query:"receipt" format:"uuid" doc:"Identifier of the receipt."`
	Delivery    ID     `query:"delivery" format:"uuid" doc:"Identifier of the delivery."`
	From        Date   `query:"from" doc:"First effective date."`
	To          Date   `query:"to" doc:"Last effective date."`
}

// Account is one account of the chart.
type Account struct {
	Code string `json:"code" example:"1010"`
	Name string `json:"name" example:"Cash at bank"`
	Kind string `json:"kind" enum:"asset,liability,net_assets,revenue,expense,memorandum" doc:"memorandum: off the balance sheet, a block that balances by itself."`
}

// Accounts is the chart of accounts.
type Accounts struct {
	Items []Account `json:"items"`
}

func (s *Server) serveJournal(store *postgres.Store) {
	read(s, operation{ID: "get-entry", Path: "/v1/journal/{id}", Tag: "journal", Summary: "Show a journal entry", Problems: []ledger.Rule{ledger.RuleNotFound},
		Description: "With its lines in their currency and in USD, who recorded it, who approved it, and what it reverses."},
		func(ctx context.Context, in *EntryInput) (Entry, error) {
			e, err := store.Entry(ctx, in.ID.ledger())
			if err != nil {
				return Entry{}, err
			}
			return entryOf(e), nil
		})
	list(s, operation{ID: "list-entries", Path: "/v1/journal", Tag: "journal", Summary: "List journal entries in the order in which they were recorded",
		Description: "Every entry stays: a correction is a reversal, which is an entry of its own and names the one that it reverses."},
		func(ctx context.Context, in *JournalInput, w Window[uuid.UUID]) ([]Entry, *uuid.UUID, error) {
			records, err := store.Entries(ctx, postgres.EntryFilter{Kind: ledger.EntryKind(in.Kind), Fund: ledger.FundCode(in.Fund), Account: ledger.AccountCode(in.Account),
				Contributor: ledger.ContributorCode(in.Contributor), BankAccount: ledger.BankAccountCode(in.BankAccount), Pledge: in.Pledge.ledger(), Receipt: in.Receipt.ledger(), Delivery: in.Delivery.ledger(),
				From: in.From.Ledger(), To: in.To.Ledger()}, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, entryOf, func(e ledger.Entry) uuid.UUID { return e.ID })
			return items, next, err
		})
	read(s, operation{ID: "list-accounts", Path: "/v1/accounts", Tag: "journal", Summary: "Show the chart of accounts",
		Description: "The accounts that lines are posted to, with their kind and what each line of them has to name. The chart belongs to the program; nobody changes it through the API."},
		func(ctx context.Context, _ *struct{}) (Accounts, error) {
			chart, err := store.Accounts(ctx)
			out := Accounts{Items: make([]Account, len(chart))}
			for i, a := range chart {
				out.Items[i] = Account{Code: string(a.Code), Name: a.Name, Kind: string(a.Kind)}
			}
			return out, err
		})
}
