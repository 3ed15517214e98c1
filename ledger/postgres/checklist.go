package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// Checklist looks at what closing a fund's year would look at, and closes nothing.
// Errors: [ledger.RuleFundUnknown].
func (s *Store) Checklist(ctx context.Context, in CloseInput) ([]ledger.PeriodCheck, error) {
	state, err := s.PeriodState(ctx, in)
	return state.Checks, err
}

// PeriodState tells what can be done with a period now, and does none of it.
// Errors: [ledger.RuleFundUnknown].
func (s *Store) PeriodState(ctx context.Context, in CloseInput) (PeriodState, error) {
	db, end, err := s.begin(ctx, nil)
	if err != nil {
		return PeriodState{}, err
	}
	defer end() // without a commit: it only reads
	t := &tx{store: s, db: db}
	var v ledger.Violations
	if _, err := t.resolve(ctx, &v, named{fund: in.Fund}); err != nil {
		return PeriodState{}, err
	}
	if err := v.Err(); err != nil {
		return PeriodState{}, err
	}
	return t.state(ctx, in, time.Now().UTC())
}

// checklist returns every check, whether it passes or not.
func (t *tx) checklist(ctx context.Context, in CloseInput) ([]ledger.PeriodCheck, error) {
	var list []ledger.PeriodCheck
	for _, check := range []struct {
		name string
		find func(context.Context, CloseInput) ([]string, error)
	}{
		{"unidentified_receipts", t.unidentifiedFor},
		{"bank_reconciled", t.unreconciled},
		{"revaluation_run", t.notRevalued},
		{"trial_balance", t.notTiedOut},
	} {
		found, err := check.find(ctx, in)
		if err != nil {
			return nil, err
		}
		if found == nil {
			found = []string{}
		}
		list = append(list, ledger.PeriodCheck{Name: check.name, Passed: len(found) == 0, Found: found})
	}
	return list, nil
}

// failed returns one error for every check that does not pass.
func failed(list []ledger.PeriodCheck) error {
	e := ledger.Fail(ledger.RulePeriodChecklist, "The closing list is not done; what is missing is listed in errors.")
	for _, check := range list {
		for _, found := range check.Found {
			e.Violations.Add("/checklist/"+check.Name, ledger.RulePeriodChecklist, "%s", found)
		}
	}
	if len(e.Violations) == 0 {
		return nil
	}
	return e
}

// unidentifiedFor finds the receipts that nobody has identified or written a note on.
func (t *tx) unidentifiedFor(ctx context.Context, in CloseInput) ([]string, error) {
	var rows []struct {
		ID        string
		ValueDate ledger.Date `db:"value_date"`
		Currency  ledger.Currency
		Amount    decimal.Decimal
	}
	err := t.selectRows(ctx, &rows, `
		SELECT r.id::text AS id, r.value_date, l.currency, -sum(l.amount) AS amount
		FROM journal_line l JOIN receipt r ON r.id = l.receipt_id
		WHERE l.fund = $1 AND l.account = '2100' AND l.effective_date <= $2 AND r.value_date < $3
		  AND NOT EXISTS (SELECT FROM receipt_note n WHERE n.receipt_id = r.id)
		GROUP BY r.id, l.currency HAVING sum(l.amount) <> 0 ORDER BY r.value_date, r.id`, in.Fund, in.Period.To, in.Period.To.AddDays(-in.UnidentifiedDays))
	var found []string
	for _, r := range rows {
		found = append(found, fmt.Sprintf("Receipt %s of %s has %s unidentified for more than %d days without a note.", r.ID, r.ValueDate,
			ledger.Money{Amount: r.Amount, Currency: r.Currency}, in.UnidentifiedDays))
	}
	return found, err
}

// unreconciled finds the bank accounts of the fund whose balance is not the bank's, unless the month was signed off with the
// difference explained. Funds may share an account, so the balance is that of all of them.
func (t *tx) unreconciled(ctx context.Context, in CloseInput) ([]string, error) {
	var accounts []ledger.BankAccountCode
	err := t.selectRows(ctx, &accounts, `
		SELECT DISTINCT l.bank_account FROM journal_line l
		WHERE l.fund = $1 AND l.account = '1010' AND l.effective_date <= $2 ORDER BY l.bank_account`, in.Fund, in.Period.To)
	if err != nil {
		return nil, err
	}
	return t.notSignedOff(ctx, accounts, in.Period.To)
}

// unsigned finds the bank accounts of the fund that the bank sent statements of in the month, and that were not signed off.
func (t *tx) unsigned(ctx context.Context, in CloseInput) ([]string, error) {
	var accounts []ledger.BankAccountCode
	err := t.selectRows(ctx, &accounts, `
		SELECT b.code FROM bank_account b
		WHERE EXISTS (SELECT FROM bank_line l WHERE l.bank_account = b.code AND l.booking_date BETWEEN $2 AND $3)
		  AND (EXISTS (SELECT FROM journal_line j WHERE j.fund = $1 AND j.bank_account = b.code AND j.effective_date <= $3)
		       OR EXISTS (SELECT FROM fund f WHERE f.code = $1 AND f.bank_account = b.code))
		ORDER BY b.code`, in.Fund, in.Period.From, in.Period.To)
	if err != nil {
		return nil, err
	}
	return t.notSignedOff(ctx, accounts, in.Period.To)
}

func (t *tx) notSignedOff(ctx context.Context, accounts []ledger.BankAccountCode, on ledger.Date) ([]string, error) {
	var found []string
	for _, account := range accounts {
		list, err := reconcile(ctx, t.selectRows, account, on)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			switch {
			case r.Bank == nil && !r.Books.Amount.IsZero():
				found = append(found, fmt.Sprintf("The books have %s on %s; no statement of the bank was recorded for %s.", r.Books, account, on))
			case !r.Difference().IsZero() && r.SignedOff == nil:
				found = append(found, fmt.Sprintf("The bank states %s for %s on %s; the books have %s.", r.Bank, account, on, r.Books))
			}
		}
	}
	return found, nil
}

// notRevalued finds whether foreign balances stand at the closing rates, and which rates are missing for that.
func (t *tx) notRevalued(ctx context.Context, in CloseInput) ([]string, error) {
	draft, err := t.revaluationOf(ctx, RevaluationInput{Fund: in.Fund, Date: in.Period.To})
	var missing *ledger.Error
	if errors.As(err, &missing) {
		return transform(missing.Violations, func(v ledger.Violation) string { return v.Detail }), nil
	}
	if err != nil || len(draft.Lines) == 0 {
		return nil, err
	}
	return []string{fmt.Sprintf("%d foreign balances do not stand at the rates of %s.", len(draft.Lines)/2, in.Period.To)}, nil
}

// notTiedOut finds the blocks of the fund's trial balance that do not sum to nothing.
func (t *tx) notTiedOut(ctx context.Context, in CloseInput) ([]string, error) {
	var found []string
	err := t.selectRows(ctx, &found, `
		SELECT format('The %s differ by %s USD.', CASE WHEN account >= '9000' THEN 'memorandum accounts' ELSE 'accounts' END, sum(amount_usd))
		FROM journal_line WHERE fund = $1 AND effective_date <= $2 GROUP BY account >= '9000' HAVING sum(amount_usd) <> 0`, in.Fund, in.Period.To)
	return found, err
}

// ReconciliationInput is the balance that a bank states for the end of a day.
type ReconciliationInput struct {
	BankAccount ledger.BankAccountCode
	Date        ledger.Date
	Balance     ledger.Money // may be negative: an overdraft
	Document    string       // the bank's statement
	Note        string
}

// RecordReconciliation records the balance that a bank states.
// Errors: [ledger.RuleNotFound] for an account that does not exist, [ledger.RuleDateInFuture].
func (s *Store) RecordReconciliation(ctx context.Context, c Command, in ReconciliationInput) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		known, err := t.known(ctx, "bank_account", string(in.BankAccount))
		if err != nil {
			return nil, err
		}
		if !known[string(in.BankAccount)] {
			return nil, ledger.Fail(ledger.RuleNotFound, "There is no bank account %s.", in.BankAccount)
		}
		var v ledger.Violations
		t.notInFuture(&v, "/date", in.Date)
		if err := v.Err(); err != nil {
			return nil, err
		}
		id, err := newID()
		if err != nil {
			return nil, err
		}
		return &in, t.exec(ctx, `
			INSERT INTO bank_reconciliation (id, bank_account, currency, on_date, amount, document, note, actor_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)`,
			id, in.BankAccount, in.Balance.Currency, in.Date, in.Balance.Fixed(), in.Document, in.Note, t.actor.ID)
	})
}

// NoteReceipt records why a receipt is still unidentified, and what is being done about it.
// Errors: [ledger.RuleNotFound].
func (s *Store) NoteReceipt(ctx context.Context, c Command, receipt uuid.UUID, note string) (Answer, error) {
	return s.write(ctx, c, []lockID{{lockReceipt, receipt.String()}}, func(ctx context.Context, t *tx) (any, error) {
		rec, err := t.receipt(ctx, receipt)
		if err != nil {
			return nil, err
		}
		id, err := newID()
		if err != nil {
			return nil, err
		}
		rec.Notes = append(rec.Notes, ReceiptNote{note, t.actor.Name, t.now})
		return rec, t.exec(ctx, `INSERT INTO receipt_note (id, receipt_id, note, actor_id) VALUES ($1, $2, $3, $4)`, id, receipt, note, t.actor.ID)
	})
}
