package export

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// The queries, each a file so that an auditor can run it as it stands.
var (
	//go:embed sql/journal_used.sql
	journalUsed string
	//go:embed sql/journal_funds.sql
	journalFunds string
	//go:embed sql/journal_lines.sql
	journalLines string
)

// Options say which part of the journal is exported, and who publishes it.
type Options struct {
	Fund      ledger.FundCode // of one fund; empty for all
	Year      int             // of [DataCube]: one calendar year; 0 for every year
	Publisher Publisher       // of [IATI] and [DataCube]
}

// Hledger writes the journal as it stands in the snapshot in the format of hledger, which Ledger reads as well. The file is
// written as the entries are read, whatever its length.
// Errors: [ledger.RuleNotFound] when there is no such fund, before anything is written; those of the database and of w.
func Hledger(ctx context.Context, w io.Writer, snap *postgres.Snapshot, o Options) error {
	return export(ctx, w, snap, o, hledger{})
}

// Beancount writes the journal as it stands in the snapshot in the format of Beancount. The file is written as the entries
// are read, whatever its length.
// Errors: [ledger.RuleNotFound] when there is no such fund, before anything is written; those of the database and of w.
func Beancount(ctx context.Context, w io.Writer, snap *postgres.Snapshot, o Options) error {
	return export(ctx, w, snap, o, beancount{})
}

func export(ctx context.Context, w io.Writer, snap *postgres.Snapshot, o Options, f format) error {
	j, err := read(ctx, snap, o)
	if err != nil {
		return err
	}
	return j.write(w, f)
}

// journal is what a file is written from.
type journal struct {
	AsOf    ledger.Date
	KnownAt time.Time
	Funds   []fund
	Used    []used // ordered by account, bank account and currency
	Each    func(fn func(*line) error) error
}

// fund is one of the journal's funds.
type fund struct {
	Code         string
	Name         string
	Illustrative bool
}

// used is an account that the journal uses and a currency that it holds.
type used struct {
	Account     ledger.AccountCode
	Name        string
	Kind        ledger.AccountKind
	BankAccount string `db:"bank_account"` // empty for the accounts that are not kept per bank account
	Currency    ledger.Currency
}

// line is one line with its entry. Everything but the fund may be empty when the line or the entry has none.
type line struct {
	Entry         string
	EffectiveDate ledger.Date `db:"effective_date"`
	RecordedAt    time.Time   `db:"recorded_at"`
	Kind          ledger.EntryKind
	Description   string
	Reason        string
	Reverses      string
	EntryReceipt  string `db:"entry_receipt"`
	Delivery      string
	Account       ledger.AccountCode
	BankAccount   string `db:"bank_account"`
	Fund          string
	Contributor   string
	Pledge        string
	Item          int
	Receipt       string
	Currency      ledger.Currency
	Amount        decimal.Decimal // a debit is positive
	AmountUSD     decimal.Decimal `db:"amount_usd"`
}

// account names one account of a file.
type account struct {
	Code        ledger.AccountCode
	BankAccount string
}

// hasFund reports, as not found, a fund that is named and is not there.
func hasFund(ctx context.Context, snap *postgres.Snapshot, fund ledger.FundCode) error {
	if fund == "" {
		return nil
	}
	var found bool
	if err := snap.Get(ctx, &found, `SELECT EXISTS (SELECT FROM fund WHERE code = $1)`, fund); err != nil {
		return fmt.Errorf("read the fund: %w", err)
	}
	if !found {
		return ledger.Fail(ledger.RuleNotFound, "There is no fund %s.", fund)
	}
	return nil
}

func read(ctx context.Context, snap *postgres.Snapshot, o Options) (*journal, error) {
	args := []any{o.Fund, snap.AsOf, snap.KnownAt.UTC()}
	j := &journal{AsOf: snap.AsOf, KnownAt: snap.KnownAt.UTC()}
	if err := hasFund(ctx, snap, o.Fund); err != nil {
		return nil, err
	}
	if err := snap.Select(ctx, &j.Funds, journalFunds, args...); err != nil {
		return nil, fmt.Errorf("read the journal's funds: %w", err)
	}
	if err := snap.Select(ctx, &j.Used, journalUsed, args...); err != nil {
		return nil, fmt.Errorf("read the journal's accounts: %w", err)
	}
	j.Each = func(fn func(*line) error) error {
		var l line
		return snap.Each(ctx, &l, func() error { return fn(&l) }, journalLines, args...)
	}
	return j, nil
}

// currencies returns the currencies of the file, in the order of their codes: those of the lines, and USD, in which every
// line is valued.
func (j *journal) currencies() []ledger.Currency {
	held := map[ledger.Currency]bool{}
	for _, u := range j.Used {
		held[u.Currency], held[ledger.USD] = true, true
	}
	var list []ledger.Currency
	for _, c := range ledger.Currencies {
		if held[c.Code] {
			list = append(list, c.Code)
		}
	}
	return list
}

// accounts calls fn for each account of the file, in the order of their codes.
func (j *journal) accounts(fn func(account, used)) {
	var last account
	for _, u := range j.Used {
		if a := (account{u.Account, u.BankAccount}); a != last {
			fn(a, u)
			last = a
		}
	}
}
