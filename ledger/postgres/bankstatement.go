package postgres

import (
	"context"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/bankfile"
)

// BankStatementRecord is a statement of an account as its bank sent it.
type BankStatementRecord struct {
	ID             uuid.UUID
	BankAccount    ledger.BankAccountCode
	Currency       ledger.Currency
	File           string
	SHA256         string // of the file, hexadecimal
	Part           int    // of the file, from 1
	Format         string
	Identification string
	Sequence       string
	From, To       ledger.Date // zero when the file does not say
	Opening        *bankfile.Balance
	Closing        *bankfile.Balance
	Total          ledger.Money // of its entries, those that an earlier statement had included
	Lines          int          // that were new
	Repeated       int          // that an earlier statement had
	Waiting        int          // lines without a decision that stands
	Problems       []StatementProblem
	RecordedBy     string
	RecordedAt     time.Time
}

// StatementProblem is something of a statement that does not add up.
type StatementProblem struct {
	Line   int    `json:"line"` // of the file; 0 for the whole
	Code   string `json:"code"`
	Detail string `json:"detail"`
}

// The problems that the ledger finds itself; those of a file are bankfile's.
const (
	problemNotJoined = "not_joined" // its opening balance is not the closing balance of the statement before
	problemRepeated  = "identification_repeated"
)

// bankStatementQuery reads statements: $1 one id or NULL, $2 account or ”, $3 and $4 the last date and id before, $5 how many.
const bankStatementQuery = `
SELECT s.id, s.bank_account, s.currency, s.file, encode(s.sha256, 'hex') AS sha256, s.part, s.format, s.identification, s.sequence, s.period_from, s.period_to,
       s.opening_date, s.opening, s.closing_date, s.closing, s.total, s.lines, s.repeated, s.problems, a.name AS recorded_by, s.recorded_at,
       (SELECT count(*) FROM bank_line l WHERE l.statement_id = s.id
        AND NOT EXISTS (SELECT FROM bank_decision_standing d WHERE d.line_id = l.id)) AS waiting
FROM bank_statement s JOIN actor a ON a.id = s.actor_id
WHERE ($1::uuid IS NULL OR s.id = $1) AND ($2 = '' OR s.bank_account = $2) AND s.id > $3
ORDER BY s.id LIMIT $4`

type bankStatementRow struct {
	ID             uuid.UUID
	BankAccount    string `db:"bank_account"`
	Currency       string
	File           string
	SHA256         string
	Part           int
	Format         string
	Identification string
	Sequence       string
	PeriodFrom     ledger.Date `db:"period_from"`
	PeriodTo       ledger.Date `db:"period_to"`
	OpeningDate    ledger.Date `db:"opening_date"`
	Opening        decimal.NullDecimal
	ClosingDate    ledger.Date `db:"closing_date"`
	Closing        decimal.NullDecimal
	Total          decimal.Decimal
	Lines          int
	Repeated       int
	Waiting        int
	Problems       []byte
	RecordedBy     string    `db:"recorded_by"`
	RecordedAt     time.Time `db:"recorded_at"`
}

func (r bankStatementRow) record() (BankStatementRecord, error) {
	currency := ledger.Currency(r.Currency)
	rec := BankStatementRecord{ID: r.ID, BankAccount: ledger.BankAccountCode(r.BankAccount), Currency: currency, File: r.File, SHA256: r.SHA256, Part: r.Part, Format: r.Format,
		Identification: r.Identification, Sequence: r.Sequence, From: r.PeriodFrom, To: r.PeriodTo, Total: ledger.Money{Amount: r.Total, Currency: currency},
		Lines: r.Lines, Repeated: r.Repeated, Waiting: r.Waiting, RecordedBy: r.RecordedBy, RecordedAt: r.RecordedAt.UTC()}
	if r.Opening.Valid {
		rec.Opening = &bankfile.Balance{Date: r.OpeningDate, Amount: ledger.Money{Amount: r.Opening.Decimal, Currency: currency}}
	}
	if r.Closing.Valid {
		rec.Closing = &bankfile.Balance{Date: r.ClosingDate, Amount: ledger.Money{Amount: r.Closing.Decimal, Currency: currency}}
	}
	if err := json.Unmarshal(r.Problems, &rec.Problems); err != nil {
		return rec, fmt.Errorf("read the problems of statement %s: %w", r.ID, err)
	}
	return rec, nil
}

// BankStatements lists statements in the order in which they were recorded, after the given one.
func (s *Store) BankStatements(ctx context.Context, account ledger.BankAccountCode, after uuid.UUID, limit int) ([]BankStatementRecord, error) {
	return bankStatements(ctx, s.selectRows, uuid.Nil, account, after, limit)
}

// BankStatement returns a statement by its id.
// Errors: [ledger.RuleNotFound].
func (s *Store) BankStatement(ctx context.Context, id uuid.UUID) (BankStatementRecord, error) {
	return bankStatement(ctx, s.selectRows, id)
}

type selecting func(ctx context.Context, dest any, query string, args ...any) error

func bankStatement(ctx context.Context, rows selecting, id uuid.UUID) (BankStatementRecord, error) {
	if id == uuid.Nil {
		return BankStatementRecord{}, ledger.Fail(ledger.RuleNotFound, "There is no such bank statement.")
	}
	list, err := bankStatements(ctx, rows, id, "", uuid.Nil, 1)
	if err == nil && len(list) == 0 {
		err = ledger.Fail(ledger.RuleNotFound, "There is no such bank statement.")
	}
	if err != nil {
		return BankStatementRecord{}, err
	}
	return list[0], nil
}

func bankStatements(ctx context.Context, query selecting, id uuid.UUID, account ledger.BankAccountCode, after uuid.UUID, limit int) ([]BankStatementRecord, error) {
	var rows []bankStatementRow
	if err := query(ctx, &rows, bankStatementQuery, nullUUID(id), account, after, limit); err != nil {
		return nil, err
	}
	list := make([]BankStatementRecord, len(rows))
	for i, r := range rows {
		var err error
		if list[i], err = r.record(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// BankImport is a file of a bank on its way into the books.
type BankImport struct {
	File    string                 // its name, for a person
	SHA256  [32]byte               // of its bytes
	Account ledger.BankAccountCode // empty: by the IBAN or the number that the file names
	CSV     bool                   // it has columns, which the mapping of the account names
	Open    func() (io.Reader, error)
}

// read gives the records of the file to a sink.
func (in BankImport) read(mapping []byte, sink bankfile.Sink) error {
	r, err := in.Open()
	if err != nil {
		return err
	}
	if !in.CSV {
		err = bankfile.Read(r, sink)
	} else {
		var m bankfile.Mapping
		if mapping == nil {
			return ledger.Fail(ledger.RuleBankFile, "The bank account has no mapping of the columns of CSV files.")
		}
		if err := json.Unmarshal(mapping, &m); err != nil {
			return fmt.Errorf("read the mapping: %w", err)
		}
		err = bankfile.ReadCSV(r, m, sink)
	}
	var f *bankfile.Fault
	if errors.As(err, &f) {
		at := ""
		if f.Field != "" {
			at = ", " + f.Field
		}
		return ledger.Fail(ledger.RuleBankFile, "Line %d%s: %s", f.Line, at, f.Detail)
	}
	return err
}

// ImportBankStatements takes the statements of a file with their lines, all or none. A line that an earlier statement has is
// not taken again.
// Errors: [ledger.RuleBankFile] for one that cannot be read, [ledger.RuleBankFileKnown] for one that was imported before,
// [ledger.RuleBankAccountUnknown], [ledger.RuleCurrencyMismatch].
func (s *Store) ImportBankStatements(ctx context.Context, c Command, in BankImport) (Answer, error) {
	return s.write(ctx, c, []lockID{{lockBank, hex.EncodeToString(in.SHA256[:])}}, func(ctx context.Context, t *tx) (any, error) {
		var known uuid.UUID
		err := t.get(ctx, &known, `SELECT id FROM bank_statement WHERE sha256 = $1 ORDER BY part LIMIT 1`, in.SHA256[:])
		if err == nil {
			return nil, ledger.Fail(ledger.RuleBankFileKnown, "The file is in the books as statement %s.", known)
		}
		if !noRows(err) {
			return nil, err
		}
		sink := &bankSink{tx: t, ctx: ctx, in: in}
		if err := sink.prepare(); err != nil {
			return nil, err
		}
		var mapping []byte
		if in.CSV {
			account, err := t.accountOf(ctx, in.Account, bankfile.Account{})
			if err != nil {
				return nil, err
			}
			mapping = account.Mapping
		}
		if err := in.read(mapping, sink); err != nil {
			return nil, err
		}
		if len(sink.records) == 0 {
			return nil, ledger.Fail(ledger.RuleBankFile, "The file has no statement.")
		}
		if sink.total >= linesAtOnce {
			if _, err := t.db.ExecContext(ctx, refreshBank); err != nil {
				return nil, fmt.Errorf("refresh the statistics: %w", err)
			}
		}
		return sink.records, nil
	})
}
