package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// BankDecisionRecord is what was decided of a line, and stands.
type BankDecisionRecord struct {
	ID         uuid.UUID
	Kind       ledger.BankDecisionKind
	Receipt    uuid.UUID // zero for none
	Entry      uuid.UUID // zero for none
	Automatic  bool
	Score      int
	Reasons    []string
	Note       string
	RecordedBy string
	RecordedAt time.Time
}

// BankLineRecord is a line of a statement with what was decided of it, or may be.
type BankLineRecord struct {
	ledger.BankLine
	Statement   uuid.UUID
	Number      int
	Booking     int
	Code        string
	Original    string
	FileLine    int
	Decision    *BankDecisionRecord // nil while it waits
	Suggestions []ledger.Suggestion // of one that waits
	Receipts    []uuid.UUID         // in the books already, of the same amount within ten days, that no line has: it may be one of them
}

// waitingColumns are those of a line that waits, without the original text.
const waitingColumns = `
    l.id, l.statement_id, l.number, l.booking, l.bank_account, l.booking_date, l.value_date, l.currency, l.amount, l.reversal, l.reference, l.end_to_end, l.code, l.payer, l.ultimate,
    l.payer_account, l.payer_bank, l.remittance, l.charges, l.instructed, coalesce(l.instructed_currency, '') AS instructed_currency, l.file_line`

const bankLineColumns = waitingColumns + `, l.original,
    (SELECT json_build_object('id', d.id, 'kind', d.kind, 'receipt', d.receipt_id, 'entry', d.entry_id, 'automatic', d.automatic, 'score', coalesce(d.score, 0), 'reasons', d.reasons,
                              'note', d.note, 'by', a.name, 'at', d.recorded_at)
     FROM bank_decision_standing d JOIN actor a ON a.id = d.actor_id WHERE d.line_id = l.id LIMIT 1) AS decision`

type bankLineRow struct {
	ID                 uuid.UUID
	StatementID        uuid.UUID `db:"statement_id"`
	Number             int
	Booking            int
	BankAccount        string      `db:"bank_account"`
	BookingDate        ledger.Date `db:"booking_date"`
	ValueDate          ledger.Date `db:"value_date"`
	Currency           string
	Amount             decimal.Decimal
	Reversal           bool
	Reference          string
	EndToEnd           string `db:"end_to_end"`
	Code               string
	Payer              string
	Ultimate           string
	PayerAccount       string `db:"payer_account"`
	PayerBank          string `db:"payer_bank"`
	Remittance         string
	Charges            decimal.Decimal
	Instructed         decimal.NullDecimal
	InstructedCurrency string `db:"instructed_currency"`
	Original           string
	FileLine           int `db:"file_line"`
	Decision           []byte
}

func (r bankLineRow) record() (BankLineRecord, error) {
	rec := BankLineRecord{BankLine: ledger.BankLine{ID: r.ID, BankAccount: ledger.BankAccountCode(r.BankAccount), BookingDate: r.BookingDate, ValueDate: r.ValueDate,
		Amount: ledger.Money{Amount: r.Amount, Currency: ledger.Currency(r.Currency)}, Reversal: r.Reversal, Charges: r.Charges, Reference: r.Reference, EndToEnd: r.EndToEnd,
		Payer: r.Payer, Ultimate: r.Ultimate, Account: r.PayerAccount, Bank: r.PayerBank, Remittance: r.Remittance},
		Statement: r.StatementID, Number: r.Number, Booking: r.Booking, Code: r.Code, Original: r.Original, FileLine: r.FileLine}
	if r.Instructed.Valid {
		rec.Instructed = &ledger.Money{Amount: r.Instructed.Decimal, Currency: ledger.Currency(r.InstructedCurrency)}
	}
	if r.Decision == nil {
		return rec, nil
	}
	var d struct {
		ID        uuid.UUID
		Kind      ledger.BankDecisionKind
		Receipt   *uuid.UUID
		Entry     *uuid.UUID
		Automatic bool
		Score     int
		Reasons   []string
		Note      string
		By        string
		At        time.Time
	}
	if err := json.Unmarshal(r.Decision, &d); err != nil {
		return rec, fmt.Errorf("read the decision on line %s: %w", r.ID, err)
	}
	rec.Decision = &BankDecisionRecord{ID: d.ID, Kind: d.Kind, Automatic: d.Automatic, Score: d.Score, Reasons: d.Reasons, Note: d.Note, RecordedBy: d.By, RecordedAt: d.At.UTC()}
	if d.Receipt != nil {
		rec.Decision.Receipt = *d.Receipt
	}
	if d.Entry != nil {
		rec.Decision.Entry = *d.Entry
	}
	return rec, nil
}

func bankLineRecords(rows []bankLineRow) ([]BankLineRecord, error) {
	list := make([]BankLineRecord, len(rows))
	for i, r := range rows {
		var err error
		if list[i], err = r.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// BankLines lists the lines of a statement, with suggestions for those that wait, after a number. state is waiting, decided or
// empty for all.
// Errors: [ledger.RuleNotFound] for a statement that does not exist.
func (s *Store) BankLines(ctx context.Context, statement uuid.UUID, state string, after, limit int) ([]BankLineRecord, error) {
	if _, err := s.BankStatement(ctx, statement); err != nil {
		return nil, err
	}
	var rows []bankLineRow
	err := s.selectRows(ctx, &rows, `
		SELECT `+bankLineColumns+` FROM bank_line l
		WHERE l.statement_id = $1 AND l.number > $2
		  AND ($3 = '' OR ($3 = 'decided') = EXISTS (SELECT FROM bank_decision_standing d WHERE d.line_id = l.id))
		ORDER BY l.number LIMIT $4`, statement, after, state, limit)
	if err != nil {
		return nil, err
	}
	list, err := bankLineRecords(rows)
	if err != nil {
		return nil, err
	}
	return list, s.suggest(ctx, list)
}

// BankLine returns a line by its id, with suggestions while it waits.
// Errors: [ledger.RuleNotFound].
func (s *Store) BankLine(ctx context.Context, id uuid.UUID) (BankLineRecord, error) {
	list, err := bankLinesByID(ctx, s.selectRows, id)
	if err != nil {
		return BankLineRecord{}, err
	}
	if len(list) == 0 {
		return BankLineRecord{}, ledger.Fail(ledger.RuleNotFound, "There is no such bank line.")
	}
	return list[0], s.suggest(ctx, list)
}

func bankLinesByID(ctx context.Context, query selecting, ids ...uuid.UUID) ([]BankLineRecord, error) {
	var rows []bankLineRow
	if err := query(ctx, &rows, `SELECT `+bankLineColumns+` FROM bank_line l WHERE l.id = ANY ($1) ORDER BY l.statement_id, l.number`, pq.Array(ids)); err != nil {
		return nil, err
	}
	return bankLineRecords(rows)
}

// suggest adds to the lines that wait what they may be for, by the books as they are now.
func (s *Store) suggest(ctx context.Context, list []BankLineRecord) error {
	var waiting []uuid.UUID
	for _, l := range list {
		if l.Decision == nil {
			waiting = append(waiting, l.ID)
		}
	}
	if len(waiting) == 0 {
		return nil
	}
	m, err := newMatcher(ctx, s.selectRows)
	if err != nil {
		return err
	}
	var receipts []struct {
		Line    uuid.UUID
		Receipt uuid.UUID
	}
	err = s.selectRows(ctx, &receipts, `
		SELECT l.id AS line, r.id AS receipt FROM bank_line l
		JOIN receipt r ON r.bank_account = l.bank_account AND r.currency = l.currency AND r.amount = l.amount AND r.value_date BETWEEN l.value_date - 10 AND l.value_date + 10
		JOIN journal_entry e ON e.receipt_id = r.id AND e.kind = 'receipt'
		WHERE l.id = ANY ($1) AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = e.id)
		  AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.cash_entry_id = e.id)
		ORDER BY r.value_date, r.id`, pq.Array(waiting))
	for i := range list {
		if list[i].Decision != nil {
			continue
		}
		list[i].Suggestions = m.Match(list[i].BankLine)
		for _, r := range receipts {
			if r.Line == list[i].ID {
				list[i].Receipts = append(list[i].Receipts, r.Receipt)
			}
		}
	}
	return err
}
