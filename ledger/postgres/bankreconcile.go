package postgres

import (
	"context"
	_ "embed"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

//go:embed bankreconcile.sql
var reconcileQuery string

// BankDifference is an item that makes the bank's balance another than the books'.
type BankDifference struct {
	Item        string      `json:"item"` // what an explanation names: a line, an entry, a statement, or the opening
	Kind        string      `json:"kind"`
	Date        ledger.Date `json:"date"`
	Amount      string      `json:"amount"` // what it adds to the bank's balance over the books'
	Description string      `json:"description"`
	Explanation string      `json:"explanation"` // empty: it has to be explained
}

// Reconciliation holds the bank's balance of an account at the end of a day against the books'.
type Reconciliation struct {
	BankAccount ledger.BankAccountCode
	Date        ledger.Date
	Currency    ledger.Currency
	Bank        *ledger.Money // nil when no statement says it
	Books       ledger.Money
	Items       []BankDifference
	SignedOff   *BankSignOff // that holds; nil for none
}

// BankSignOff says that somebody has looked at a month whose difference is explained.
type BankSignOff struct {
	ID         uuid.UUID
	Note       string
	RecordedBy string
	RecordedAt time.Time
}

// Difference is the bank's balance less the books'; zero when the bank says none.
func (r Reconciliation) Difference() decimal.Decimal {
	if r.Bank == nil {
		return decimal.Zero
	}
	return r.Bank.Amount.Sub(r.Books.Amount)
}

// Unexplained returns the items that have no explanation.
func (r Reconciliation) Unexplained() []BankDifference {
	var list []BankDifference
	for _, i := range r.Items {
		if i.Explanation == "" {
			list = append(list, i)
		}
	}
	return list
}

// Reconcile holds a bank account against the books at the end of a day, in each currency that either has.
// Errors: [ledger.RuleNotFound].
func (s *Store) Reconcile(ctx context.Context, account ledger.BankAccountCode, on ledger.Date) ([]Reconciliation, error) {
	if _, err := s.BankAccount(ctx, account); err != nil {
		return nil, err
	}
	return reconcile(ctx, s.selectRows, account, on)
}

// balancesQuery reads, by currency, both balances: $1 account, $2 day. What the bank says is its last closing balance with the
// lines since, or its first opening balance with all lines; failing both, what was recorded by hand for the day.
const balancesQuery = `
WITH used AS (
    SELECT currency FROM bank_statement WHERE bank_account = $1
    UNION SELECT currency FROM journal_line WHERE bank_account = $1 AND effective_date <= $2
    UNION SELECT currency FROM bank_reconciliation WHERE bank_account = $1 AND on_date = $2)
SELECT u.currency,
       coalesce((SELECT sum(amount) FROM journal_line WHERE bank_account = $1 AND currency = u.currency AND effective_date <= $2), 0) AS books,
       coalesce(c.closing + (SELECT coalesce(sum(amount), 0) FROM bank_line WHERE bank_account = $1 AND currency = u.currency AND booking_date > c.closing_date AND booking_date <= $2),
                o.opening + (SELECT coalesce(sum(amount), 0) FROM bank_line WHERE bank_account = $1 AND currency = u.currency AND booking_date <= $2),
                (SELECT amount FROM bank_reconciliation WHERE bank_account = $1 AND currency = u.currency AND on_date = $2 ORDER BY id DESC LIMIT 1)) AS bank,
       o.opening, f.first_day,
       (SELECT coalesce(sum(amount), 0) FROM bank_line WHERE bank_account = $1 AND currency = u.currency AND booking_date <= $2) AS lines,
       coalesce((SELECT sum(amount) FROM journal_line WHERE bank_account = $1 AND currency = u.currency AND effective_date < least(f.first_day, $2::date + 1)), 0) AS books_before
FROM used u
LEFT JOIN LATERAL (SELECT closing, closing_date FROM bank_statement WHERE bank_account = $1 AND currency = u.currency AND closing_date <= $2
                   ORDER BY closing_date DESC, id DESC LIMIT 1) c ON true
LEFT JOIN LATERAL (SELECT opening, opening_date FROM bank_statement WHERE bank_account = $1 AND currency = u.currency AND opening_date <= $2
                   ORDER BY opening_date, id LIMIT 1) o ON true
LEFT JOIN LATERAL (SELECT least(min(l.booking_date), o.opening_date + 1) AS first_day FROM bank_line l WHERE l.bank_account = $1 AND l.currency = u.currency) f ON true
ORDER BY u.currency`

func reconcile(ctx context.Context, query selecting, account ledger.BankAccountCode, on ledger.Date) ([]Reconciliation, error) {
	var rows []struct {
		Currency    ledger.Currency
		Books       decimal.Decimal
		Bank        decimal.NullDecimal
		Opening     decimal.NullDecimal
		FirstDay    ledger.Date `db:"first_day"`
		Lines       decimal.Decimal
		BooksBefore decimal.Decimal `db:"books_before"`
	}
	if err := query(ctx, &rows, balancesQuery, account, on); err != nil {
		return nil, err
	}
	var list []Reconciliation
	for _, r := range rows {
		rec := Reconciliation{BankAccount: account, Date: on, Currency: r.Currency, Books: ledger.Money{Amount: r.Books, Currency: r.Currency}, Items: []BankDifference{}}
		if r.Bank.Valid {
			rec.Bank = &ledger.Money{Amount: r.Bank.Decimal, Currency: r.Currency}
		}
		var err error
		if rec.SignedOff, err = signOff(ctx, query, rec); err != nil {
			return nil, err
		}
		if rec.Bank == nil || r.FirstDay.IsZero() && rec.Difference().IsZero() {
			list = append(list, rec)
			continue
		}
		first := r.FirstDay
		if first.IsZero() {
			first = on.AddDays(1) // nothing but a balance is known: all of the difference is of the opening
		}
		if rec.Items, err = differences(ctx, query, account, r.Currency, on, first); err != nil {
			return nil, err
		}
		opening := r.Bank.Decimal.Sub(r.Lines)
		if r.Opening.Valid {
			opening = r.Opening.Decimal
		}
		if err := rec.close(ctx, query, opening.Sub(r.BooksBefore), first); err != nil {
			return nil, err
		}
		list = append(list, rec)
	}
	return list, nil
}

// close adds what the statements began with over the books, and what no item makes: a statement that is missing or does not
// add up.
func (r *Reconciliation) close(ctx context.Context, query selecting, opening decimal.Decimal, first ledger.Date) error {
	left := r.Difference().Sub(opening)
	for _, i := range r.Items {
		amount, err := decimal.NewFromString(i.Amount)
		if err != nil {
			return fmt.Errorf("read the item %s: %w", i.Item, err)
		}
		left = left.Sub(amount)
	}
	var notes []struct{ Item, Note string }
	if err := query(ctx, &notes, `
		SELECT DISTINCT ON (item) item, note FROM bank_explanation WHERE bank_account = $1 AND item LIKE 'opening %' ORDER BY item, id DESC`, r.BankAccount); err != nil {
		return err
	}
	item := "opening " + string(r.Currency)
	add := func(kind string, amount decimal.Decimal, description string, explainable bool) {
		if amount.IsZero() {
			return
		}
		d := BankDifference{Item: item, Kind: kind, Date: first, Amount: ledger.Money{Amount: amount, Currency: r.Currency}.Fixed(), Description: description}
		for _, n := range notes {
			if n.Item == item && explainable {
				d.Explanation = n.Note
			}
		}
		r.Items = append([]BankDifference{d}, r.Items...)
	}
	add("missing_statement", left, "The statements do not make the bank's balance: one is missing, or does not add up.", false)
	add("opening", opening, "What the bank's first statement began with, over what the books had before.", true)
	return nil
}

func differences(ctx context.Context, query selecting, account ledger.BankAccountCode, currency ledger.Currency, on, first ledger.Date) ([]BankDifference, error) {
	var rows []struct {
		Item        string
		Kind        string
		OnDate      ledger.Date `db:"on_date"`
		Amount      decimal.Decimal
		Description string
		Note        string
	}
	month := ledger.NewDate(on.Year(), on.Start().Month(), 1)
	if err := query(ctx, &rows, reconcileQuery, account, currency, on, first, month); err != nil {
		return nil, err
	}
	list := make([]BankDifference, len(rows))
	for i, r := range rows {
		list[i] = BankDifference{Item: r.Item, Kind: r.Kind, Date: r.OnDate, Amount: ledger.Money{Amount: r.Amount, Currency: currency}.Fixed(), Description: r.Description, Explanation: r.Note}
	}
	return list, nil
}

// signOff returns the last sign-off of the day that was made of the same balances.
func signOff(ctx context.Context, query selecting, r Reconciliation) (*BankSignOff, error) {
	if r.Bank == nil {
		return nil, nil
	}
	var rows []struct {
		ID         uuid.UUID
		Note       string
		RecordedBy string    `db:"recorded_by"`
		RecordedAt time.Time `db:"recorded_at"`
	}
	err := query(ctx, &rows, `
		SELECT s.id, s.note, a.name AS recorded_by, s.recorded_at FROM bank_sign_off s JOIN actor a ON a.id = s.actor_id
		WHERE s.bank_account = $1 AND s.currency = $2 AND s.on_date = $3 AND s.bank = $4 AND s.books = $5 ORDER BY s.id DESC LIMIT 1`,
		r.BankAccount, r.Currency, r.Date, r.Bank.Amount.String(), r.Books.Amount.String())
	if err != nil || len(rows) == 0 {
		return nil, err
	}
	return &BankSignOff{rows[0].ID, rows[0].Note, rows[0].RecordedBy, rows[0].RecordedAt.UTC()}, nil
}

// ExplainBankItem records why an item makes the bank's balance another than the books'. It posts nothing; the last one counts.
// Errors: [ledger.RuleNotFound] for an account, or an item that no reconciliation of it at the day has.
func (s *Store) ExplainBankItem(ctx context.Context, c Command, account ledger.BankAccountCode, on ledger.Date, item, note string) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		if _, err := s.BankAccount(ctx, account); err != nil {
			return nil, err
		}
		list, err := reconcile(ctx, t.selectRows, account, on)
		if err != nil {
			return nil, err
		}
		for i, r := range list {
			for j, d := range r.Items {
				if d.Item != item || d.Kind == "missing_statement" {
					continue
				}
				id, err := newID()
				if err != nil {
					return nil, err
				}
				list[i].Items[j].Explanation = note
				return list[i], t.exec(ctx, `INSERT INTO bank_explanation (id, bank_account, item, note, actor_id) VALUES ($1, $2, $3, $4, $5)`, id, account, item, note, t.actor.ID)
			}
		}
		return nil, ledger.Fail(ledger.RuleNotFound, "The reconciliation of %s on %s has no such item that can be explained.", account, on)
	})
}

// SignOffBank signs a month of a bank account off, in every currency. Each item between the balances has to be explained.
// Errors: [ledger.RuleNotFound], [ledger.RuleBankMonth], [ledger.RuleBankUnexplained] with every item that is not.
func (s *Store) SignOffBank(ctx context.Context, c Command, account ledger.BankAccountCode, month ledger.Period, note string) (Answer, error) {
	return s.write(ctx, c, []lockID{{lockBank, "account " + string(account)}}, func(ctx context.Context, t *tx) (any, error) {
		if _, err := s.BankAccount(ctx, account); err != nil {
			return nil, err
		}
		if !ledger.DateOf(t.now).After(month.To) {
			return nil, ledger.Fail(ledger.RuleBankMonth, "%s has not ended.", month)
		}
		list, err := reconcile(ctx, t.selectRows, account, month.To)
		if err != nil {
			return nil, err
		}
		refusal := ledger.Fail(ledger.RuleBankUnexplained, "Items between the bank's balance and the books' have no explanation; each is listed in errors.")
		signed := 0
		for i, r := range list {
			if r.Bank == nil {
				if !r.Books.Amount.IsZero() {
					return nil, ledger.Fail(ledger.RuleBankMonth, "No statement of the bank says the balance of %s in %s on %s.", account, r.Currency, month.To)
				}
				continue
			}
			for _, d := range r.Unexplained() {
				refusal.Violations.Add("/items/"+d.Item, ledger.RuleBankUnexplained, "%s of %s: %s %s. %s", d.Kind, d.Date, d.Amount, r.Currency, d.Description)
			}
			if len(refusal.Violations) > 0 {
				continue
			}
			if err := t.signOff(ctx, &list[i], note); err != nil {
				return nil, err
			}
			signed++
		}
		switch {
		case len(refusal.Violations) > 0:
			return nil, refusal
		case signed == 0:
			return nil, ledger.Fail(ledger.RuleBankMonth, "No statement of the bank says a balance of %s on %s.", account, month.To)
		}
		return list, nil
	})
}

func (t *tx) signOff(ctx context.Context, r *Reconciliation, note string) error {
	items, err := json.Marshal(r.Items)
	if err != nil {
		return fmt.Errorf("encode the items: %w", err)
	}
	id, err := newID()
	if err != nil {
		return err
	}
	r.SignedOff = &BankSignOff{id, note, t.actor.Name, t.now}
	return t.exec(ctx, `
		INSERT INTO bank_sign_off (id, bank_account, currency, on_date, bank, books, items, note, actor_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
		id, r.BankAccount, r.Currency, r.Date, r.Bank.Amount.String(), r.Books.Amount.String(), string(items), note, t.actor.ID)
}
