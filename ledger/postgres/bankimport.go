package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/bankfile"
)

// lockBank is the class of the locks of a file that is imported, of a bank account that takes statements, and of a line that
// is decided on (migration 0070).
const lockBank = 10

// bankSink takes the records of a bank's file into a table of the transaction, by batches, and makes lines of them when the
// statement ends: memory is bounded, and nothing is asked line by line.
type bankSink struct {
	*tx
	ctx     context.Context
	in      BankImport
	account ledger.BankAccount
	header  bankfile.Header
	rows    [][]any
	number  int // of the last line
	total   int // lines of the file
	booking int
	records []BankStatementRecord
}

// incomingColumns are the columns of the table that the lines of a statement wait in.
var incomingColumns = []string{"number", "booking", "booking_date", "value_date", "currency", "amount", "reversal", "identity", "named", "end_to_end", "code", "payer", "ultimate",
	"payer_account", "payer_bank", "remittance", "charges", "instructed", "instructed_currency", "original", "file_line"}

// linesAtOnce is how many lines are sent to PostgreSQL at once.
const linesAtOnce = 2000

func (s *bankSink) prepare() error {
	_, err := s.db.ExecContext(s.ctx, `
		CREATE TEMPORARY TABLE bank_incoming (
		    number integer, booking integer, booking_date date, value_date date, currency text, amount numeric, reversal boolean, identity bytea, named text,
		    end_to_end text, code text, payer text, ultimate text, payer_account text, payer_bank text, remittance text, charges numeric, instructed numeric,
		    instructed_currency text, original text, file_line integer) ON COMMIT DROP`)
	if err != nil {
		return fmt.Errorf("make the table of incoming lines: %w", err)
	}
	return nil
}

// Begin takes the header of a statement.
func (s *bankSink) Begin(h bankfile.Header) error {
	account, err := s.accountOf(s.ctx, s.in.Account, h.Account)
	if err != nil {
		return err
	}
	if h.Account.Currency == "" {
		h.Account.Currency = account.Currency
	}
	s.account, s.header, s.number, s.booking, s.rows = account, h, 0, 0, s.rows[:0]
	// Two files of one account, imported at the same time, would each miss the other's lines.
	return s.exec(s.ctx, `SELECT pg_advisory_xact_lock($1, hashtext($2) & 1023)`, lockBank, "account "+string(account.Code))
}

// Entry takes a booking: a line for each of its payments, and one for what they lack to make it.
func (s *bankSink) Entry(e bankfile.Entry) error {
	s.booking++
	rest := e.Amount
	original := e.Original
	several := len(e.Payments) > 1
	for i, p := range e.Payments {
		if p.Amount.Amount.IsZero() && several || p.Amount.Currency != e.Amount.Currency {
			continue
		}
		rest.Amount = rest.Amount.Sub(p.Amount.Amount)
		named := p.Reference
		if named == "" {
			named = e.Reference
		}
		charges := included(p.Charges, e.Amount.Currency)
		if !several {
			charges = charges.Add(included(e.Charges, e.Amount.Currency))
		}
		if p.Remittance == "" {
			p.Remittance = e.Information
		}
		if err := s.line(e, p, named, i, charges, original); err != nil {
			return err
		}
		original = ""
	}
	if rest.Amount.IsZero() && len(e.Payments) > 0 {
		return nil
	}
	return s.line(e, bankfile.Payment{Amount: rest, Remittance: e.Information}, e.Reference, len(e.Payments), decimal.Zero, original)
}

// included returns the charges that were taken off the amount already.
func included(list []bankfile.Charge, currency ledger.Currency) decimal.Decimal {
	var sum decimal.Decimal
	for _, c := range list {
		if c.Included && c.Amount.Currency == currency && c.Amount.Amount.IsPositive() {
			sum = sum.Add(c.Amount.Amount)
		}
	}
	return sum
}

func (s *bankSink) line(e bankfile.Entry, p bankfile.Payment, named string, part int, charges decimal.Decimal, original string) error {
	s.number++
	s.total++
	var instructed, instructedCurrency any
	if p.Instructed != nil {
		instructed, instructedCurrency = p.Instructed.Fixed(), string(p.Instructed.Currency)
	}
	s.rows = append(s.rows, []any{s.number, s.booking, e.BookingDate.String(), e.ValueDate.String(), string(p.Amount.Currency), p.Amount.Amount.String(), e.Reversal,
		identity(e, p, named, part), clean(named, 200), clean(p.EndToEndID, 200), clean(e.Code, 200), clean(p.Counterparty.Name, 300), clean(p.Counterparty.Ultimate, 300),
		clean(p.Counterparty.Account, 100), clean(p.Counterparty.Bank, 200), clean(p.Remittance, 4000), charges.String(), instructed, instructedCurrency,
		strings.ToValidUTF8(strings.ReplaceAll(original, "\x00", ""), "\uFFFD"), e.Line})
	if len(s.rows) < linesAtOnce {
		return nil
	}
	return s.flush()
}

// clean returns a text as a column takes it: cut, without NUL.
func clean(text string, most int) string {
	text = strings.ToValidUTF8(strings.ReplaceAll(text, "\x00", ""), "\uFFFD")
	if r := []rune(text); len(r) > most {
		text = string(r[:most])
	}
	return strings.TrimSpace(text)
}

// identity is what makes a payment the same one in another statement: the bank's reference with date and amount or, where it
// gives none, what it says of the payment.
func identity(e bankfile.Entry, p bankfile.Payment, named string, part int) []byte {
	h := sha256.New()
	fmt.Fprintf(h, "%q %q %s %s %s %t %q\n", e.BookingDate, e.ValueDate, p.Amount.Amount, p.Amount.Currency, e.Amount.Amount, e.Reversal, named)
	if named == "" {
		fmt.Fprintf(h, "%q %q %q %q\n", p.Counterparty.Name, p.Counterparty.Account, p.EndToEndID, p.Remittance)
	} else if len(e.Payments) > 1 {
		fmt.Fprintf(h, "%d\n", part)
	}
	return h.Sum(nil)
}

func (s *bankSink) flush() error {
	if len(s.rows) == 0 {
		return nil
	}
	in, err := copyInto(s.ctx, s.db, "bank_incoming", incomingColumns)
	if err != nil {
		return err
	}
	defer in.abandon()
	for _, row := range s.rows {
		if err := in.row(s.ctx, row); err != nil {
			return err
		}
	}
	if err := in.end(s.ctx); err != nil {
		return err
	}
	s.rows = s.rows[:0]
	return nil
}

// End takes the trailer of a statement, and makes lines of what came.
func (s *bankSink) End(tr bankfile.Trailer) error {
	if err := s.flush(); err != nil {
		return err
	}
	id, err := newID()
	if err != nil {
		return err
	}
	problems := []StatementProblem{}
	for _, p := range tr.Problems {
		problems = append(problems, StatementProblem{p.Line, string(p.Code), clean(p.Detail, 1000)})
	}
	joined, problem, err := s.joins()
	if err != nil {
		return err
	}
	problems = append(problems, problem...)
	currency := s.header.Account.Currency
	if currency == "" {
		currency = tr.Sum.Currency
	}
	var fresh int
	err = s.db.GetContext(s.ctx, &fresh, newLines+`SELECT count(*) FROM fresh`, s.account.Code, joined)
	if err != nil {
		return fmt.Errorf("count the new lines: %w", err)
	}
	list, err := json.Marshal(problems)
	if err != nil {
		return fmt.Errorf("encode the problems: %w", err)
	}
	openingDate, opening := balanceColumns(s.header.Opening)
	closingDate, closing := balanceColumns(tr.Closing)
	if _, err := s.db.ExecContext(s.ctx, `
		INSERT INTO bank_statement (id, bank_account, currency, sha256, part, file, format, identification, sequence, period_from, period_to, opening_date, opening,
		                            closing_date, closing, total, lines, repeated, problems, actor_id)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20)`,
		id, s.account.Code, currency, s.in.SHA256[:], len(s.records)+1, clean(s.in.File, 300), s.header.Format, clean(s.header.ID, 200), clean(s.header.Sequence, 100),
		s.header.From, s.header.To, openingDate, opening, closingDate, closing, tr.Sum.Amount.String(), fresh, s.number-fresh, string(list), s.actor.ID); err != nil {
		return fmt.Errorf("insert the statement: %w", err)
	}
	if _, err := s.db.ExecContext(s.ctx, newLines+insertLines, s.account.Code, joined, id); err != nil {
		return fmt.Errorf("insert the lines: %w", err)
	}
	if _, err := s.db.ExecContext(s.ctx, `DELETE FROM bank_incoming`); err != nil {
		return fmt.Errorf("clear the incoming lines: %w", err)
	}
	rec, err := bankStatement(s.ctx, s.selectRows, id)
	s.records = append(s.records, rec)
	return err
}

// newLines finds the lines that no earlier statement has: $1 account, $2 the statement that this one joins, or NULL. Equal
// lines of one statement are all real and are counted; so are those of the statement before, which ends where this one
// begins, and cannot have them already.
const newLines = `
WITH counted AS (
    SELECT i.*, row_number() OVER (PARTITION BY i.identity ORDER BY i.number)
                + coalesce((SELECT max(l.ordinal) FROM bank_line l WHERE l.bank_account = $1 AND l.identity = i.identity AND l.statement_id = $2), 0) AS ordinal
    FROM bank_incoming i),
fresh AS (
    SELECT c.* FROM counted c
    WHERE NOT EXISTS (SELECT FROM bank_line l WHERE l.bank_account = $1 AND l.identity = c.identity AND l.ordinal = c.ordinal)),
repeats AS (
    SELECT f.*, count(*) OVER (PARTITION BY f.named) AS same_name FROM fresh f)
`

// insertLines inserts them: $3 the statement. A reference that the bank gave to several lines is told apart by the identity.
const insertLines = `
INSERT INTO bank_line (statement_id, number, booking, bank_account, booking_date, value_date, currency, amount, reversal, identity, ordinal, reference, end_to_end, code,
    payer, ultimate, payer_account, payer_bank, remittance, charges, instructed, instructed_currency, original, file_line)
SELECT $3, r.number, r.booking, $1, r.booking_date, r.value_date, r.currency, r.amount, r.reversal, r.identity, r.ordinal,
    CASE WHEN r.named <> '' AND r.same_name = 1 AND r.ordinal = 1 AND NOT EXISTS (SELECT FROM bank_line l WHERE l.bank_account = $1 AND l.reference = r.named)
         THEN r.named
         ELSE concat_ws('/', nullif(r.named, ''), left(encode(r.identity, 'hex'), 16), nullif(r.ordinal, 1)) END,
    r.end_to_end, r.code, r.payer, r.ultimate, r.payer_account, r.payer_bank, r.remittance, r.charges, r.instructed, r.instructed_currency, r.original, r.file_line
FROM repeats r ORDER BY r.number`

func balanceColumns(b *bankfile.Balance) (date, amount any) {
	if b == nil {
		return nil, nil
	}
	return b.Date, b.Amount.Amount.String()
}

// joins looks for the statement before this one, and says when this one does not begin where that ended, or has its name.
func (s *bankSink) joins() (before uuid.NullUUID, problems []StatementProblem, err error) {
	var same int
	if s.header.ID != "" {
		// What MT940 has is a reference of the transmission, which some banks give to all the statements of a day.
		opening, _ := balanceColumns(s.header.Opening)
		err := s.get(s.ctx, &same, `
			SELECT count(*) FROM bank_statement
			WHERE bank_account = $1 AND identification = $2 AND currency = $3 AND (format <> 'MT940' OR sequence = $4 AND opening_date IS NOT DISTINCT FROM $5::date)`,
			s.account.Code, clean(s.header.ID, 200), s.header.Account.Currency, clean(s.header.Sequence, 100), opening)
		if err != nil {
			return before, nil, err
		}
		if same > 0 {
			problems = append(problems, StatementProblem{s.header.Line, problemRepeated, fmt.Sprintf("An earlier statement of the account has the identification %s.", s.header.ID)})
		}
	}
	if s.header.Opening == nil {
		return before, problems, nil
	}
	opening := *s.header.Opening
	var last struct {
		ID      uuid.UUID
		Closing decimal.Decimal
		On      ledger.Date `db:"closing_date"`
	}
	// A statement of a month and those of its days may both be there: one that ends with the balance, then, is the one before.
	err = s.get(s.ctx, &last, `
		SELECT id, closing, closing_date FROM bank_statement
		WHERE bank_account = $1 AND currency = $2 AND closing_date <= $3
		ORDER BY closing = $4 AND closing_date >= $3::date - 1 DESC, closing_date DESC, id DESC LIMIT 1`, s.account.Code, opening.Amount.Currency, opening.Date, opening.Amount.Amount.String())
	switch {
	case noRows(err):
		return before, problems, nil
	case err != nil:
		return before, nil, err
	case last.Closing.Equal(opening.Amount.Amount):
		return uuid.NullUUID{UUID: last.ID, Valid: true}, problems, nil
	}
	return before, append(problems, StatementProblem{s.header.Line, problemNotJoined, fmt.Sprintf("The statement opens with %s on %s; the one before closed with %s on %s.",
		opening.Amount, opening.Date, ledger.Money{Amount: last.Closing, Currency: opening.Amount.Currency}, last.On)}), nil
}
