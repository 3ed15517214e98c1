package api

import (
	"context"
	"errors"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// PeriodCheck is one thing that is looked at before a year is closed.
type PeriodCheck struct {
	Name   string   `json:"name" enum:"unidentified_receipts,bank_reconciled,revaluation_run,trial_balance"`
	Passed bool     `json:"passed"`
	Found  []string `json:"found" doc:"What does not pass, a sentence each."`
}

// PeriodEvent is the closing of a fund's month or year, or its reopening.
type PeriodEvent struct {
	ID         ID            `json:"id" format:"uuid"`
	Fund       string        `json:"fund" example:"CPCJF"`
	Period     string        `json:"period" example:"2025" doc:"A year or a month."`
	From       Date          `json:"from"`
	To         Date          `json:"to"`
	Action     string        `json:"action" enum:"closed,reopened"`
	Reason     string        `json:"reason,omitempty" doc:"Of a reopening."`
	Checklist  []PeriodCheck `json:"checklist" doc:"What was looked at when a year was closed."`
	Entry      ID            `json:"entry,omitempty" format:"uuid" doc:"The closing entry of a year, or its reversal; absent when there was nothing to close."`
	RecordedBy string        `json:"recorded_by"`
	RecordedAt string        `json:"recorded_at" format:"date-time"`
}

func periodEventOf(e ledger.PeriodEvent) PeriodEvent {
	return PeriodEvent{ID: idOf(e.ID), Fund: string(e.Fund), Period: e.Period.String(), From: dateOf(e.Period.From), To: dateOf(e.Period.To), Action: string(e.Action),
		Reason: e.Reason, Checklist: checklistOf(e.Checklist), Entry: idOf(e.Entry), RecordedBy: e.RecordedBy, RecordedAt: instantOf(e.RecordedAt)}
}

func checklistOf(checks []ledger.PeriodCheck) []PeriodCheck {
	list := make([]PeriodCheck, len(checks))
	for i, c := range checks {
		list[i] = PeriodCheck(c)
	}
	return list
}

// PeriodBody names a fund's month or year.
type PeriodBody struct {
	Fund   string `json:"fund" maxLength:"64" example:"CPCJF"`
	Period string `json:"period" maxLength:"7" example:"2025" doc:"A year, 2025, or a month, 2025-12."`
}

func (b PeriodBody) period() (ledger.Period, error) { return periodAt("/period", b.Period) }

// periodAt reads a period that stands at a place of the request.
func periodAt(pointer, text string) (ledger.Period, error) {
	p, err := ledger.ParsePeriod(text)
	var e *ledger.Error
	if errors.As(err, &e) {
		e.Violations.Add(pointer, e.Rule, "%s", e.Detail)
	}
	return p, err
}

// ClosingBody asks for a period to be closed.
type ClosingBody struct {
	PeriodBody
	UnidentifiedDays *int `json:"unidentified_days,omitempty" minimum:"0" maximum:"3660" doc:"For how many days a receipt may be unidentified without a note. Left out: 90."`
}

// ReopeningBody asks for a period to be opened again.
type ReopeningBody struct {
	PeriodBody
	Reason string `json:"reason" maxLength:"500" example:"The auditors found a receipt of December"`
}

// ClosePeriodInput is the request to close a period.
type ClosePeriodInput struct{ Body ClosingBody }

// ReopenPeriodInput is the request to open a period again.
type ReopenPeriodInput struct{ Body ReopeningBody }

// ChecklistInput asks what is missing before a period can be closed.
type ChecklistInput struct {
	Fund             string `query:"fund" required:"true" maxLength:"64" example:"CPCJF" doc:"Code of the fund."`
	Period           string `query:"period" required:"true" maxLength:"7" example:"2025" doc:"A year, 2025, or a month, 2025-12."`
	UnidentifiedDays int    `query:"unidentified_days" minimum:"0" maximum:"3660" default:"90" doc:"For how many days a receipt may be unidentified without a note."`
}

// Checklist is what is looked at before a year is closed.
type Checklist struct {
	Fund   string        `json:"fund"`
	Period string        `json:"period"`
	Passed bool          `json:"passed"`
	Checks []PeriodCheck `json:"checks"`

	MayClose  bool   `json:"may_close" doc:"It can be closed now."`
	WhyOpen   string `json:"why_open,omitempty" doc:"Why it cannot be closed now."`
	MayReopen bool   `json:"may_reopen" doc:"It is the last closed period of the fund, which can be opened again."`
}

// PeriodsInput has the filter of the list of what happened to periods.
type PeriodsInput struct {
	Paging
	Fund string `query:"fund" maxLength:"64" doc:"Code of the fund."`
}

func periodCommand(r Request) postgres.Command {
	return command(r, 200, func(e *ledger.PeriodEvent) (string, any) { return "", periodEventOf(*e) })
}

func (s *Server) servePeriods(store *postgres.Store) {
	write[ClosePeriodInput, PeriodEvent](s, operation{ID: "close-period", Path: "/v1/periods/close", Tag: "periods", Status: 200,
		Summary: "Close a fund's month or year",
		Description: "Nothing is posted into a closed period or before it. A year is closed after its closing list; its revenue and expense go to the fund balance, " +
			"and what it carries forward is kept. Every check that fails is listed at once.",
		Problems: []ledger.Rule{ledger.RuleFundUnknown, ledger.RuleDate, ledger.RulePeriodState, ledger.RulePeriodChecklist}},
		func(ctx context.Context, r Request, in *ClosePeriodInput) (Answer, error) {
			period, err := in.Body.period()
			if err != nil {
				return Answer{}, err
			}
			days := ledger.UnidentifiedDays
			if in.Body.UnidentifiedDays != nil {
				days = *in.Body.UnidentifiedDays
			}
			a, err := store.ClosePeriod(ctx, periodCommand(r), postgres.CloseInput{Fund: ledger.FundCode(in.Body.Fund), Period: period, UnidentifiedDays: days})
			return Answer(a), err
		})
	write[ReopenPeriodInput, PeriodEvent](s, operation{ID: "reopen-period", Path: "/v1/periods/reopen", Tag: "periods", Status: 200, Guarded: true,
		Summary:     "Open a fund's last closed month or year again",
		Description: "The closing entry of a year is reversed. Close it again when it is mended.",
		Problems:    []ledger.Rule{ledger.RuleFundUnknown, ledger.RuleDate, ledger.RulePeriodState}},
		func(ctx context.Context, r Request, in *ReopenPeriodInput) (Answer, error) {
			period, err := in.Body.period()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.ReopenPeriod(ctx, periodCommand(r), ledger.FundCode(in.Body.Fund), period, in.Body.Reason)
			return Answer(a), err
		})
	read(s, operation{ID: "closing-checklist", Path: "/v1/periods/checklist", Tag: "periods", Summary: "Show what is missing before a fund's year can be closed",
		Description: "Each check with what fails it, such as a receipt that nobody identified or a bank account that was not reconciled. It closes nothing.",
		Problems:    []ledger.Rule{ledger.RuleFundUnknown, ledger.RuleDate}},
		func(ctx context.Context, in *ChecklistInput) (Checklist, error) {
			period, err := periodAt("?period", in.Period)
			if err != nil {
				return Checklist{}, err
			}
			state, err := store.PeriodState(ctx, postgres.CloseInput{Fund: ledger.FundCode(in.Fund), Period: period, UnidentifiedDays: in.UnidentifiedDays})
			out := Checklist{Fund: in.Fund, Period: period.String(), Passed: true, Checks: checklistOf(state.Checks),
				MayClose: state.WhyOpen == "", WhyOpen: state.WhyOpen, MayReopen: state.MayReopen}
			for _, c := range state.Checks {
				out.Passed = out.Passed && c.Passed
			}
			return out, err
		})
	list(s, operation{ID: "list-periods", Path: "/v1/periods", Tag: "periods", Summary: "List the closings and reopenings of periods, the first first",
		Description: "Each with its day, its reason and its actor. What is open now is what the last event of a fund leaves open."},
		func(ctx context.Context, in *PeriodsInput, w Window[uuid.UUID]) ([]PeriodEvent, *uuid.UUID, error) {
			events, err := store.PeriodEvents(ctx, ledger.FundCode(in.Fund), first(w), w.Limit+1)
			items, next := nextOf(events, w.Limit, periodEventOf, func(e ledger.PeriodEvent) uuid.UUID { return e.ID })
			return items, next, err
		})
	s.serveReconciliations(store)
}

// Reconciliation is the balance that a bank states for the end of a day.
type Reconciliation struct {
	BankAccount       string  `json:"bank_account"`
	Date              Date    `json:"date"`
	Balance           Balance `json:"balance" doc:"Negative when the account is overdrawn."`
	DocumentReference string  `json:"document_reference"`
	Note              string  `json:"note,omitempty"`
}

// ReconciliationBody is the balance that a bank states.
type ReconciliationBody struct {
	Date              Date   `json:"date" doc:"The day at whose end the balance stood."`
	Balance           Money  `json:"balance" format:"money-or-zero"`
	Overdrawn         bool   `json:"overdrawn,omitempty" doc:"The balance is owed to the bank."`
	DocumentReference string `json:"document_reference" maxLength:"200" example:"Statement 12/2025" doc:"The bank's statement."`
	Note              string `json:"note,omitempty" maxLength:"500"`
}

// RecordReconciliationInput is the request to record what a bank states.
type RecordReconciliationInput struct {
	Code string `path:"code" maxLength:"64" doc:"Code of the bank account."`
	Body ReconciliationBody
}

// ReceiptNoteBody says why a receipt is still unidentified.
type ReceiptNoteBody struct {
	Note string `json:"note" maxLength:"500" example:"The bank was asked for the payer on 12 January"`
}

// NoteReceiptInput is the request to note something on a receipt.
type NoteReceiptInput struct {
	ReceiptInput
	Body ReceiptNoteBody
}

func (s *Server) serveReconciliations(store *postgres.Store) {
	write[RecordReconciliationInput, Reconciliation](s, operation{ID: "record-reconciliation", Path: "/v1/bank-accounts/{code}/reconciliations", Tag: "periods",
		Description: "The closing list of a year compares it with the books. It posts nothing; of two statements of one day the later one counts.",
		Summary:     "Record the balance that a bank states for the end of a day", Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleDateInFuture}},
		func(ctx context.Context, r Request, in *RecordReconciliationInput) (Answer, error) {
			b := in.Body
			balance := b.Balance.Ledger()
			if b.Overdrawn {
				balance.Amount = balance.Amount.Neg()
			}
			a, err := store.RecordReconciliation(ctx, command(r, 201, func(rec *postgres.ReconciliationInput) (string, any) {
				return "/v1/bank-accounts", Reconciliation{BankAccount: string(rec.BankAccount), Date: dateOf(rec.Date),
					Balance: Balance{rec.Balance.Fixed(), string(rec.Balance.Currency)}, DocumentReference: rec.Document, Note: rec.Note}
			}), postgres.ReconciliationInput{BankAccount: ledger.BankAccountCode(in.Code), Date: b.Date.Ledger(), Balance: balance, Document: b.DocumentReference, Note: b.Note})
			return Answer(a), err
		})
	write[NoteReceiptInput, Receipt](s, operation{ID: "note-receipt", Path: "/v1/receipts/{id}/notes", Tag: "receipts", Status: 200,
		Description: "A note posts nothing. The closing list accepts an old unidentified receipt that has one; notes are never changed.",
		Summary:     "Note why a receipt is still unidentified, and what is being done about it", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, r Request, in *NoteReceiptInput) (Answer, error) {
			a, err := store.NoteReceipt(ctx, receiptCommand(r, 200), in.ID.ledger(), in.Body.Note)
			return Answer(a), err
		})
}
