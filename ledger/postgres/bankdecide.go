package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// BankDecisionInput says what a line was for.
type BankDecisionInput struct {
	Line        uuid.UUID
	Kind        ledger.BankDecisionKind
	Fund        ledger.FundCode // that holds a receipt, pays a charge or earns interest; empty for the first pledge's
	Contributor ledger.ContributorCode
	Charges     *ledger.Money   // what banks kept on the way, in the line's currency; nil for what the bank says
	USD         decimal.Decimal // what the bank credited; zero for the rate in force
	Parts       []PartInput     // of a receipt
	Receipt     uuid.UUID       // that a line is linked with
	Entry       uuid.UUID       // that a line is linked with, when it is no receipt
	Period      ledger.Period   // whose balances earned the interest
	Note        string
	Automatic   bool
	Score       int
	Reasons     []string
}

// BankDecisions are decisions on many lines: the lines that are decided on, and those that a rule refused.
type BankDecisions struct {
	Lines   []*BankLineRecord
	Refused []RefusedDecision
}

// RefusedDecision says why a decision of many was not kept.
type RefusedDecision struct {
	Line       uuid.UUID
	Violations ledger.Violations
}

// DecideBankLines decides on lines: all of them or none, or each by itself, so that one that is refused leaves the others. A
// refused one by itself leaves nothing. The record of the answer is a *[BankDecisions].
// Errors: [ledger.RuleNotFound], [ledger.RuleBankLineDecided], [ledger.RuleBankLineDirection], [ledger.RuleBankDecision], and
// those of [Store.RecordReceipt] and [Store.ApportionInterest].
func (s *Store) DecideBankLines(ctx context.Context, c Command, list []BankDecisionInput, each bool, pointer func(i int) string) (Answer, error) {
	var locks []lockID
	for _, in := range list {
		locks = append(locks, lockID{lockBank, in.Line.String()})
		locks = append(locks, pledgeLocks(pledgesOf(in.Parts)...)...)
		if in.Receipt != uuid.Nil {
			locks = append(locks, lockID{lockReceipt, in.Receipt.String()})
		}
	}
	return s.write(ctx, c, locks, func(ctx context.Context, t *tx) (any, error) {
		out := &BankDecisions{Refused: []RefusedDecision{}}
		var ids []uuid.UUID
		var v ledger.Violations
		for i, in := range list {
			decide := func() error { _, err := t.decideLine(ctx, in, nil); return err }
			var err error
			if each {
				err = t.attempt(ctx, decide)
			} else {
				err = decide()
			}
			var refused *ledger.Error
			switch {
			case asRefusal(err, &refused) && each:
				out.Refused = append(out.Refused, RefusedDecision{in.Line, pointed(refused, pointer(i))})
			case asRefusal(err, &refused):
				v = append(v, pointed(refused, pointer(i))...)
			case err != nil:
				return nil, err
			default:
				ids = append(ids, in.Line)
			}
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		records, err := bankLinesByID(ctx, t.selectRows, ids...)
		if err != nil {
			return nil, err
		}
		byID := map[uuid.UUID]*BankLineRecord{}
		for i := range records {
			byID[records[i].ID] = &records[i]
		}
		out.Lines = transform(ids, func(id uuid.UUID) *BankLineRecord { return byID[id] })
		return out, nil
	})
}

// pointed returns what a refusal violates, under the place of the decision in the request.
func pointed(e *ledger.Error, at string) ledger.Violations {
	if len(e.Violations) == 0 {
		return ledger.Violations{{Pointer: at, Rule: e.Rule, Detail: e.Detail}}
	}
	var v ledger.Violations
	for _, x := range e.Violations {
		v = append(v, ledger.Violation{Pointer: at + x.Pointer, Rule: x.Rule, Detail: x.Detail})
	}
	return v
}

func asRefusal(err error, refused **ledger.Error) bool {
	return errors.As(err, refused) && (*refused).Kind != ledger.KindUnavailable
}

// decideLine books what a line was for, and keeps the decision. The caller holds the line's lock, or that of its statement's run.
func (t *tx) decideLine(ctx context.Context, in BankDecisionInput, line *BankLineRecord) (uuid.UUID, error) {
	if line == nil {
		list, err := bankLinesByID(ctx, t.selectRows, in.Line)
		if err != nil {
			return uuid.Nil, err
		}
		if len(list) == 0 {
			return uuid.Nil, ledger.Fail(ledger.RuleNotFound, "There is no bank line %s.", in.Line)
		}
		line = &list[0]
	}
	if line.Decision != nil {
		return uuid.Nil, ledger.Fail(ledger.RuleBankLineDecided, "The line is decided on: %s.", line.Decision.Kind)
	}
	if err := rightWay(in.Kind, line); err != nil {
		return uuid.Nil, err
	}
	receipt, entry, err := t.book(ctx, in, line)
	if err != nil {
		return uuid.Nil, err
	}
	if err := t.inOpenPeriod(ctx, nil); err != nil {
		return uuid.Nil, err
	}
	if err := t.insert(ctx); err != nil {
		return uuid.Nil, err
	}
	id, err := newID()
	if err != nil {
		return uuid.Nil, err
	}
	var score any
	if in.Automatic {
		score = in.Score
	}
	err = t.exec(ctx, `
		INSERT INTO bank_decision (id, line_id, kind, receipt_id, entry_id, automatic, score, reasons, note, actor_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)`,
		id, line.ID, in.Kind, nullUUID(receipt), nullUUID(entry), in.Automatic, score, pq.Array(append([]string{}, in.Reasons...)), in.Note, t.actor.ID)
	if err == nil && !in.Automatic {
		err = t.learn(ctx, id, receipt, line)
	}
	return id, err
}

// rightWay refuses a debit as what comes in, and a credit as what goes out.
func rightWay(k ledger.BankDecisionKind, line *BankLineRecord) error {
	if credit := line.Amount.Amount.IsPositive(); credit && k == ledger.BankCharge || !credit && (k == ledger.BankReceipt || k == ledger.BankUnidentified || k == ledger.BankInterest) {
		return ledger.Fail(ledger.RuleBankLineDirection, "The line is %s, which is no %s.", line.Amount, k)
	}
	return nil
}

// receiptOf returns a line as the receipt that it is decided to be.
func receiptOf(in BankDecisionInput, line *BankLineRecord) ReceiptInput {
	return ReceiptInput{BankAccount: line.BankAccount, BankReference: line.Reference, ValueDate: line.ValueDate, Fund: in.Fund, Contributor: in.Contributor,
		Amount: line.Amount, USD: in.USD, Charges: line.Charges, Parts: in.Parts, Payer: line.Payer, Note: in.Note}
}

// book records what a line was for.
func (t *tx) book(ctx context.Context, in BankDecisionInput, line *BankLineRecord) (receipt, entry uuid.UUID, err error) {
	switch in.Kind {
	case ledger.BankReceipt, ledger.BankUnidentified:
		r := receiptOf(in, line)
		if in.Charges != nil {
			if r.Charges = in.Charges.Amount; in.Charges.Currency != line.Amount.Currency {
				var v ledger.Violations
				v.Add("/charges/currency", ledger.RuleCurrencyMismatch, "The line is in %s.", line.Amount.Currency)
				return receipt, entry, v.Err()
			}
		}
		if r.Fund == "" && len(r.Parts) > 0 {
			r.Fund = r.Parts[0].Fund // that of a pledge is found with it
		}
		if in.Kind == ledger.BankUnidentified {
			r.Contributor, r.Parts = "", nil
		} else if in.Contributor == "" && len(in.Parts) == 0 {
			var v ledger.Violations
			v.Add("/allocations", ledger.RuleRequired, "A receipt that is no unidentified one has allocations, or a contributor.")
			return receipt, entry, v.Err()
		}
		rec, err := t.recordReceipt(ctx, r)
		if err != nil {
			return receipt, entry, err
		}
		return rec.ID, uuid.Nil, nil
	case ledger.BankInterest:
		rec, err := t.apportionInterest(ctx, InterestInput{BankAccount: line.BankAccount, BankReference: line.Reference, ValueDate: line.ValueDate, Period: in.Period,
			Amount: line.Amount, USD: in.USD, Fund: in.Fund})
		if err != nil {
			return receipt, entry, err
		}
		return uuid.Nil, rec.Entry, nil
	case ledger.BankCharge:
		entry, err = t.chargeAccount(ctx, in, line)
		return uuid.Nil, entry, err
	case ledger.BankLinked:
		return in.Receipt, in.Entry, t.linkable(ctx, in, line)
	case ledger.BankTransfer, ledger.BankOther:
		if in.Note == "" {
			var v ledger.Violations
			v.Add("/note", ledger.RuleRequired, "What books nothing has a note that says why.")
			return receipt, entry, v.Err()
		}
	}
	return receipt, entry, nil
}

// chargeAccount posts what the bank took.
func (t *tx) chargeAccount(ctx context.Context, in BankDecisionInput, line *BankLineRecord) (uuid.UUID, error) {
	var v ledger.Violations
	ref, err := t.resolve(ctx, &v, named{fund: in.Fund, bankAccount: line.BankAccount, currency: line.Amount.Currency, on: line.ValueDate})
	if err != nil {
		return uuid.Nil, err
	}
	return t.charge(&v, in, line, ref)
}

// charge is the same for names that are resolved; v has what of them is missing.
func (t *tx) charge(v *ledger.Violations, in BankDecisionInput, line *BankLineRecord, ref resolved) (uuid.UUID, error) {
	t.notInFuture(v, "", line.ValueDate)
	if in.Fund == "" {
		v.Add("/fund", ledger.RuleRequired, "A charge names the fund that bears it.")
	}
	amount := ref.convert(v, "/usd_amount", ledger.Money{Amount: line.Amount.Amount.Neg(), Currency: line.Amount.Currency}, in.USD)
	if err := v.Err(); err != nil {
		return uuid.Nil, err
	}
	ids, err := t.post(ledger.ChargeAccount(in.Fund, ref.account, line.Reference, line.ValueDate, amount))
	if err != nil {
		return uuid.Nil, err
	}
	return ids[0], nil
}

// linkable refuses to link a line with what does not stand, is no cash of the bank account, or has another amount.
func (t *tx) linkable(ctx context.Context, in BankDecisionInput, line *BankLineRecord) error {
	var v ledger.Violations
	if (in.Receipt == uuid.Nil) == (in.Entry == uuid.Nil) {
		v.Add("", ledger.RuleRequired, "A line is linked with a receipt or an entry.")
		return v.Err()
	}
	var cash struct {
		Entry    uuid.UUID
		Reversed bool
		Taken    bool
		Amount   decimal.Decimal
	}
	err := t.get(ctx, &cash, `
		SELECT e.id AS entry, EXISTS (SELECT FROM journal_entry x WHERE x.reverses = e.id) OR e.reverses IS NOT NULL AS reversed,
		       EXISTS (SELECT FROM bank_decision_standing d WHERE d.cash_entry_id = e.id) AS taken,
		       coalesce((SELECT sum(l.amount) FROM journal_line l WHERE l.entry_id = e.id AND l.bank_account = $3 AND l.currency = $4), 0) AS amount
		FROM journal_entry e WHERE e.id = $2 OR $1::uuid IS NOT NULL AND e.receipt_id = $1 AND e.kind = 'receipt'`,
		nullUUID(in.Receipt), nullUUID(in.Entry), line.BankAccount, line.Amount.Currency)
	pointer := "/entry"
	if in.Receipt != uuid.Nil {
		pointer = "/receipt"
	}
	switch {
	case noRows(err):
		v.Add(pointer, ledger.RuleBankDecision, "There is no such record.")
	case err != nil:
		return err
	case cash.Reversed:
		v.Add(pointer, ledger.RuleBankDecision, "It is reversed.")
	case cash.Taken:
		v.Add(pointer, ledger.RuleBankDecision, "Another line has it.")
	case !cash.Amount.Equal(line.Amount.Amount):
		v.Add(pointer, ledger.RuleBankDecision, "On %s it is %s; the line is %s.", line.BankAccount, ledger.Money{Amount: cash.Amount, Currency: line.Amount.Currency}, line.Amount)
	}
	return v.Err()
}

// learn keeps under which name and from which account the one contributor of a receipt has paid, as an officer says.
func (t *tx) learn(ctx context.Context, decision, receipt uuid.UUID, line *BankLineRecord) error {
	name := ledger.BankText(line.Payer)
	if receipt == uuid.Nil || name == "" && line.Account == "" {
		return nil
	}
	return t.exec(ctx, `
		INSERT INTO payer (decision_id, contributor, name_key, account)
		SELECT $1, min(c.code), $3, $4
		FROM (SELECT contributor AS code FROM allocation WHERE receipt_id = $2 UNION SELECT contributor FROM receipt WHERE id = $2 AND contributor IS NOT NULL) c
		HAVING count(*) = 1`, decision, receipt, name, line.Account)
}

// UndoInput takes a decision back.
type UndoInput = ReversalInput

// bankUndo takes the decision on a line back: what it booked is reversed, under the policy for the reversal of such records.
type bankUndo struct {
	guarded // the reversal
	line    uuid.UUID
}

// MarshalJSON keeps, of one that waits, the reversal: the decision falls with it.
func (u *bankUndo) MarshalJSON() ([]byte, error) { return json.Marshal(u.guarded) }

func (u *bankUndo) perform(ctx context.Context, t *tx) (any, error) {
	if _, err := u.guarded.perform(ctx, t); err != nil {
		return nil, err
	}
	list, err := bankLinesByID(ctx, t.selectRows, u.line)
	if err != nil {
		return nil, err
	}
	list[0].Decision = nil // it falls with what is reversed
	return &list[0], nil
}

// UndoBankLine takes the decision on a line back. What it booked is reversed; what it is only linked with stays. When the
// reversal has to wait for an approver, so does the undoing. The record of the answer is a *[BankLineRecord].
// Errors: [ledger.RuleNotFound], [ledger.RuleBankDecision] for a line that waits, and those of the reversals.
func (s *Store) UndoBankLine(ctx context.Context, c Command, line uuid.UUID, in UndoInput) (Answer, error) {
	rec, err := s.BankLine(ctx, line)
	if err != nil {
		return Answer{}, err
	}
	d := rec.Decision
	switch {
	case d != nil && (d.Kind == ledger.BankReceipt || d.Kind == ledger.BankUnidentified):
		return s.submit(ctx, c, &bankUndo{guarded: &receiptReversal{d.Receipt, in}, line: line})
	case d != nil && (d.Kind == ledger.BankInterest || d.Kind == ledger.BankCharge):
		return s.submit(ctx, c, &bankUndo{guarded: &entryReversal{d.Entry, in}, line: line})
	}
	return s.write(ctx, c, []lockID{{lockBank, line.String()}}, func(ctx context.Context, t *tx) (any, error) {
		list, err := bankLinesByID(ctx, t.selectRows, line)
		if err != nil {
			return nil, err
		}
		d := list[0].Decision
		if d == nil {
			return nil, ledger.Fail(ledger.RuleBankDecision, "The line waits; there is nothing to undo.")
		}
		id, err := newID()
		if err != nil {
			return nil, err
		}
		list[0].Decision = nil
		err = t.exec(ctx, `INSERT INTO bank_decision (id, line_id, kind, undoes, note, actor_id) VALUES ($1, $2, 'undone', $3, $4, $5)`, id, line, d.ID, in.Reason, t.actor.ID)
		if err != nil {
			return nil, fmt.Errorf("undo the decision: %w", err)
		}
		return &list[0], nil
	})
}
