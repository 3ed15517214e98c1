package api

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Suggestion is what a line may be for.
type Suggestion struct {
	Pledge          ID       `json:"pledge,omitempty" format:"uuid" doc:"Absent: the contributor's gift without a pledge, or no contribution."`
	PledgeReference string   `json:"pledge_reference,omitempty"`
	Contributor     string   `json:"contributor,omitempty"`
	Fund            string   `json:"fund,omitempty"`
	Outstanding     *Balance `json:"outstanding,omitempty" doc:"Of the pledge."`
	Charges         *Money   `json:"charges,omitempty" doc:"That banks kept, by their word or as far as the amount is short."`
	Kind            string   `json:"kind,omitempty" doc:"Of an officers' rule that says it is no contribution."`
	Score           int      `json:"score" doc:"Of 100."`
	Sure            bool     `json:"sure" doc:"No other is near and nothing contradicts it: with the fund's threshold reached, it is applied alone."`
	Reasons         []string `json:"reasons"`
}

// BankDecision is what was decided of a line.
type BankDecision struct {
	ID         ID       `json:"id" format:"uuid"`
	Kind       string   `json:"kind" enum:"receipt,unidentified,linked,interest,charge,transfer,other"`
	Receipt    ID       `json:"receipt,omitempty" format:"uuid"`
	Entry      ID       `json:"entry,omitempty" format:"uuid"`
	Automatic  bool     `json:"automatic"`
	Score      int      `json:"score,omitempty"`
	Reasons    []string `json:"reasons"`
	Note       string   `json:"note,omitempty"`
	RecordedBy string   `json:"recorded_by"`
	RecordedAt string   `json:"recorded_at" format:"date-time"`
}

// BankLine is one payment: a booking of a statement, or one of several that the bank booked together.
type BankLine struct {
	ID           ID            `json:"id" format:"uuid"`
	Statement    ID            `json:"statement" format:"uuid"`
	Number       int           `json:"number"`
	Booking      int           `json:"booking" doc:"Number of the booking in the statement; the lines of a batch share it."`
	BankAccount  string        `json:"bank_account"`
	BookingDate  Date          `json:"booking_date"`
	ValueDate    Date          `json:"value_date"`
	Amount       Balance       `json:"amount" doc:"A credit is positive."`
	Reversal     bool          `json:"reversal,omitempty" doc:"The bank takes an earlier booking back."`
	Charges      *Money        `json:"charges,omitempty" doc:"What banks took off, by the bank's word."`
	Instructed   *Balance      `json:"instructed,omitempty" doc:"What the payer ordered."`
	Reference    string        `json:"reference" doc:"The bank's where it names this line only; else one made of it. It is the bank_reference of the receipt."`
	EndToEnd     string        `json:"end_to_end,omitempty"`
	Code         string        `json:"code,omitempty" doc:"What the bank calls such a booking."`
	Payer        string        `json:"payer,omitempty" doc:"Of a debit, the payee."`
	Ultimate     string        `json:"ultimate,omitempty" doc:"On whose behalf."`
	PayerAccount string        `json:"payer_account,omitempty"`
	PayerBank    string        `json:"payer_bank,omitempty"`
	Remittance   string        `json:"remittance,omitempty"`
	Original     string        `json:"original,omitempty" doc:"The text of the entry as it stands in the file; of a batch, with its first line."`
	FileLine     int           `json:"file_line"`
	Decision     *BankDecision `json:"decision,omitempty" doc:"Absent while the line waits."`
	Suggestions  []Suggestion  `json:"suggestions" doc:"Of a line that waits, the likeliest first, by the books as they are now."`
	Receipts     []ID          `json:"receipts" doc:"In the books already, of the same amount within ten days, that no line has: it may be one of them."`
}

func bankLineOf(l postgres.BankLineRecord) BankLine {
	out := BankLine{ID: idOf(l.ID), Statement: idOf(l.Statement), Number: l.Number, Booking: l.Booking, BankAccount: string(l.BankAccount), BookingDate: dateOf(l.BookingDate),
		ValueDate: dateOf(l.ValueDate), Amount: signedOf(l.Amount), Reversal: l.Reversal, Reference: l.Reference, EndToEnd: l.EndToEnd, Code: l.Code, Payer: l.Payer,
		Ultimate: l.Ultimate, PayerAccount: l.Account, PayerBank: l.Bank, Remittance: l.Remittance, Original: l.Original, FileLine: l.FileLine,
		Suggestions: make([]Suggestion, len(l.Suggestions)), Receipts: idsOf(l.Receipts)}
	if l.Charges.IsPositive() {
		out.Charges = new(moneyOf(ledger.Money{Amount: l.Charges, Currency: l.Amount.Currency}))
	}
	if l.Instructed != nil {
		out.Instructed = new(signedOf(*l.Instructed))
	}
	if d := l.Decision; d != nil {
		out.Decision = &BankDecision{ID: idOf(d.ID), Kind: string(d.Kind), Receipt: idOf(d.Receipt), Entry: idOf(d.Entry), Automatic: d.Automatic, Score: d.Score,
			Reasons: append([]string{}, d.Reasons...), Note: d.Note, RecordedBy: d.RecordedBy, RecordedAt: instantOf(d.RecordedAt)}
	}
	for i, g := range l.Suggestions {
		out.Suggestions[i] = Suggestion{Pledge: idOf(g.Pledge), PledgeReference: g.Reference, Contributor: string(g.Contributor), Fund: string(g.Fund), Kind: g.Kind, Score: g.Score, Sure: g.Sure,
			Reasons: append([]string{}, g.Reasons...)}
		if g.Pledge != uuid.Nil && g.Outstanding.Currency != "" {
			out.Suggestions[i].Outstanding = new(signedOf(g.Outstanding))
		}
		if g.Charges.IsPositive() {
			out.Suggestions[i].Charges = new(moneyOf(ledger.Money{Amount: g.Charges, Currency: l.Amount.Currency}))
		}
	}
	return out
}

// BankLinesInput has the filters of the list of a statement's lines.
type BankLinesInput struct {
	Paging
	BankStatementInput
	State string `query:"state" enum:"waiting,decided" doc:"Left out: all."`
}

// BankLineInput names a line in the path.
type BankLineInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the line."`
}

// BankDecisionBody says what a line was for.
type BankDecisionBody struct {
	Kind        string     `json:"kind" enum:"receipt,unidentified,linked,interest,charge,transfer,other" doc:"receipt: applied to pledges or funds. unidentified: a receipt that waits in 2100. linked: with what is in the books. transfer and other book nothing and need a note."`
	Allocations []PartBody `json:"allocations,omitempty" maxItems:"200" doc:"Of a receipt: several split it over pledges and funds."`
	Contributor string     `json:"contributor,omitempty" maxLength:"64" doc:"Of a receipt without a pledge."`
	Fund        string     `json:"fund,omitempty" maxLength:"64" doc:"That holds the receipt, bears the charge or earns the interest. Left out, a receipt takes that of its first pledge."`
	Charges     *Money     `json:"charges,omitempty" format:"money-or-zero" doc:"What banks deducted on the way. Left out, what the bank says."`
	USDAmount   *Money     `json:"usd_amount,omitempty" doc:"What the bank credited in USD. Left out, by the rate in force."`
	Receipt     ID         `json:"receipt,omitempty" format:"uuid" doc:"That the line is linked with."`
	Entry       ID         `json:"entry,omitempty" format:"uuid" doc:"That the line is linked with, when it is no receipt."`
	From        Date       `json:"from,omitempty" doc:"Of interest: the first day of the period that earned it."`
	To          Date       `json:"to,omitempty"`
	Note        string     `json:"note,omitempty" maxLength:"500"`
}

// LineDecisionBody is a decision of many.
type LineDecisionBody struct {
	Line ID `json:"line" format:"uuid"`
	BankDecisionBody
}

// BankDecisionsBody decides on many lines.
type BankDecisionsBody struct {
	Decisions []LineDecisionBody `json:"decisions" minItems:"1" maxItems:"500"`
	Each      bool               `json:"each,omitempty" doc:"Each by itself: one that a rule refuses is told in refused, and the others stand. Left out, all of them or none."`
}

// DecideBankLineInput is the request to decide on a line.
type DecideBankLineInput struct {
	BankLineInput
	Body BankDecisionBody
}

// DecideBankLinesInput is the request to decide on many lines.
type DecideBankLinesInput struct{ Body BankDecisionsBody }

// UndoBankLineInput is the request to take a decision back.
type UndoBankLineInput struct {
	BankLineInput
	Body ReversalBody
}

// DecidedLines are the lines that were decided on.
type DecidedLines struct {
	Lines   []BankLine        `json:"lines"`
	Refused []RefusedDecision `json:"refused" doc:"Decisions that were not kept; nothing of them is booked. Empty where all go or none."`
}

// RefusedDecision says why a decision of many was not kept.
type RefusedDecision struct {
	Line   ID      `json:"line" format:"uuid"`
	Errors []Fault `json:"errors"`
}

// input turns a decision into the store's; at is its place in the request.
func (b BankDecisionBody) input(v *ledger.Violations, at string, line ID) postgres.BankDecisionInput {
	in := postgres.BankDecisionInput{Line: line.ledger(), Kind: ledger.BankDecisionKind(b.Kind), Fund: ledger.FundCode(b.Fund), Contributor: ledger.ContributorCode(b.Contributor),
		Parts: partsOf(b.Allocations), Receipt: b.Receipt.ledger(), Entry: b.Entry.ledger(), USD: dollarsOf(v, at+"/usd_amount", b.USDAmount), Note: b.Note}
	if b.Charges != nil {
		in.Charges = new(b.Charges.Ledger())
	}
	if in.Kind == ledger.BankInterest {
		if b.From == "" || b.To == "" {
			v.Add(at+"/from", ledger.RuleRequired, "Interest names the period that earned it, from and to.")
			return in
		}
		in.Period = ledger.Period{From: b.From.Ledger(), To: b.To.Ledger()}
		if in.Period.To.Before(in.Period.From) {
			v.Add(at+"/to", ledger.RuleDateOrder, "%s is before %s.", in.Period.To, in.Period.From)
		}
	}
	return in
}

var decisionProblems = []ledger.Rule{ledger.RuleNotFound, ledger.RuleBankLineDecided, ledger.RuleBankLineDirection, ledger.RuleBankDecision, ledger.RuleRequired,
	ledger.RuleContributorUnknown, ledger.RuleFundUnknown, ledger.RulePledgeUnknown, ledger.RuleReceiptDuplicate, ledger.RuleRateMissing, ledger.RuleAllocationExceedsReceipt,
	ledger.RuleInstalmentUnknown, ledger.RulePledgeForm, ledger.RulePledgeStage, ledger.RuleContributorMismatch, ledger.RuleContributorMerged, ledger.RuleFundMismatch, ledger.RuleCurrencyMismatch,
	ledger.RuleUSDMismatch, ledger.RuleInterestDuplicate, ledger.RuleNoBalance, ledger.RuleDateOrder, ledger.RuleDateInFuture, ledger.RuleBankAccountUnknown, ledger.RulePeriodClosed}

func (s *Server) serveBankLines(store *postgres.Store) {
	list(s, operation{ID: "list-bank-lines", Path: "/v1/bank-statements/{id}/lines", Tag: "bank statements", Summary: "List the lines of a bank statement",
		Description: "With what was decided of each or, while it waits, what it may be for, with the reasons.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *BankLinesInput, w Window[int]) ([]BankLine, *int, error) {
			records, err := store.BankLines(ctx, in.ID.ledger(), in.State, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, bankLineOf, func(r postgres.BankLineRecord) int { return r.Number })
			return items, next, err
		})
	read(s, operation{ID: "get-bank-line", Path: "/v1/bank-lines/{id}", Tag: "bank statements", Summary: "Show a line of a bank",
		Description: "With its decision or its suggestions, and the original text.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *BankLineInput) (BankLine, error) {
			rec, err := store.BankLine(ctx, in.ID.ledger())
			if err != nil {
				return BankLine{}, err
			}
			return bankLineOf(rec), nil
		})
	write[DecideBankLineInput, BankLine](s, operation{ID: "decide-bank-line", Path: "/v1/bank-lines/{id}/decision", Tag: "bank statements",
		Summary:     "Decide what a line of a bank was for",
		Description: "A receipt is recorded under all the rules of receipts, with the line's bank reference. Who paid, and from which account, is remembered for lines to come.", Problems: decisionProblems},
		func(ctx context.Context, r Request, in *DecideBankLineInput) (Answer, error) {
			var v ledger.Violations
			input := in.Body.input(&v, "", in.ID)
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.DecideBankLines(ctx, command(r, 201, func(d *postgres.BankDecisions) (string, any) {
				return pathTo("bank-lines", d.Lines[0].ID), bankLineOf(*d.Lines[0])
			}), []postgres.BankDecisionInput{input}, false, func(int) string { return "" })
			return Answer(a), err
		})
	write[DecideBankLinesInput, DecidedLines](s, operation{ID: "decide-bank-lines", Path: "/v1/bank-lines/decisions", Tag: "bank statements",
		Summary:     "Decide on many lines of a bank at once",
		Description: "All of them or none, unless each is asked for by itself. They are carried out in their order, so that two may be for one pledge. Sent again under its key, the request decides nothing anew.", Problems: decisionProblems},
		func(ctx context.Context, r Request, in *DecideBankLinesInput) (Answer, error) {
			var v ledger.Violations
			at := func(i int) string { return fmt.Sprintf("/decisions/%d", i) }
			inputs := make([]postgres.BankDecisionInput, len(in.Body.Decisions))
			for i, d := range in.Body.Decisions {
				inputs[i] = d.input(&v, at(i), d.Line)
			}
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.DecideBankLines(ctx, command(r, 201, func(d *postgres.BankDecisions) (string, any) {
				out := DecidedLines{make([]BankLine, len(d.Lines)), make([]RefusedDecision, len(d.Refused))}
				for i, l := range d.Lines {
					out.Lines[i] = bankLineOf(*l)
				}
				for i, f := range d.Refused {
					out.Refused[i].Line = idOf(f.Line)
					for _, x := range f.Violations {
						out.Refused[i].Errors = append(out.Refused[i].Errors, Fault{x.Pointer, string(x.Rule), x.Detail})
					}
				}
				return "", out
			}), inputs, in.Body.Each, at)
			return Answer(a), err
		})
	write[UndoBankLineInput, BankLine](s, operation{ID: "undo-bank-line", Path: "/v1/bank-lines/{id}/undo", Tag: "bank statements", Status: 200, Guarded: true,
		Summary:     "Take the decision on a line back",
		Description: "What it booked is reversed, under the same control as any reversal of the kind; what it was only linked with stays. The line waits again.",
		Problems:    append([]ledger.Rule{ledger.RuleBankDecision, ledger.RuleReversalOrder, ledger.RuleReverseRecord}, reversalProblems...)},
		func(ctx context.Context, r Request, in *UndoBankLineInput) (Answer, error) {
			a, err := store.UndoBankLine(ctx, command(r, 200, func(l *postgres.BankLineRecord) (string, any) { return pathTo("bank-lines", l.ID), bankLineOf(*l) }), in.ID.ledger(), in.Body.input())
			return Answer(a), err
		})
}
