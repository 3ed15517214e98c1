package reports

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// CheckSchema is the version of the form of a check.
const CheckSchema = "vcledger.fund-report-check.v1"

// Check is the tie-out of a fund report by itself.
type Check struct {
	Schema  string    `json:"schema"`
	Fund    Fund      `json:"fund"`
	Year    int       `json:"year"`
	AsOf    Date      `json:"as_of"`
	KnownAt time.Time `json:"known_at"`
	TieOut  TieOut    `json:"tie_out"`
}

// Check returns the tie-out of the report by itself.
func (r *FundReport) Check() *Check {
	return &Check{Schema: CheckSchema, Fund: r.Fund, Year: r.Year, AsOf: r.AsOf, KnownAt: r.KnownAt, TieOut: r.TieOut}
}

// TieOut holds the same figures of a fund's year from several sources against each other: the statements of all contributors,
// the fund report, the accounts, and the bank. Every difference is zero, or something is wrong with the books.
type TieOut struct {
	Lines []TieOutLine `json:"lines"` // by figure, then by currency, what is in USD over all currencies last
	Bank  []BankTieOut `json:"bank"`  // by bank account and currency
}

// TieOutLine is one figure in one currency. A source that does not tell it is null.
type TieOutLine struct {
	Figure               string          `json:"figure"`
	Currency             ledger.Currency `json:"currency"`
	Total                bool            `json:"total"`      // the worth in USD of all currencies
	Statements           *Money          `json:"statements"` // of all contributors, by their own queries
	Report               Money           `json:"report"`     // added up from the records of contributors
	Accounts             *Money          `json:"accounts"`
	StatementsLessReport *Money          `json:"statements_less_report"`
	ReportLessAccounts   *Money          `json:"report_less_accounts"`
}

// BankTieOut is a bank account in one currency at the end of the year. Funds may share an account.
type BankTieOut struct {
	BankAccount ledger.BankAccountCode `json:"bank_account"`
	Own         Money                  `json:"own"`   // of this fund
	Books       Money                  `json:"books"` // of all funds
	Stated      *Money                 `json:"stated"`
	Difference  *Money                 `json:"difference"` // Books less Stated; null when the bank's statement was not recorded
}

// TieOutDifference is a pair of sources that do not agree.
type TieOutDifference struct {
	Figure  string // with its currency, or the bank account
	Of      string
	Against string
	By      Money // Of less Against
}

// String returns the difference as a sentence.
func (d TieOutDifference) String() string {
	return fmt.Sprintf("%s: %s less %s is %s", d.Figure, d.Of, d.Against, d.By)
}

// Differences returns the pairs that do not agree.
func (t TieOut) Differences() []TieOutDifference {
	var found []TieOutDifference
	add := func(figure, of, against string, by *Money) {
		if by != nil && !by.Amount.IsZero() {
			found = append(found, TieOutDifference{figure, of, against, *by})
		}
	}
	for _, l := range t.Lines {
		figure := strings.ReplaceAll(l.Figure, "_", " ") + ", " + string(l.Currency)
		if l.Total {
			figure += " over all currencies"
		}
		add(figure, "statements", "fund report", l.StatementsLessReport)
		add(figure, "fund report", "accounts", l.ReportLessAccounts)
	}
	for _, l := range t.Bank {
		add("cash at bank, "+string(l.BankAccount), "accounts", "bank", l.Difference)
	}
	return found
}

// tieOutFigure is a figure that sources are held against each other by.
type tieOutFigure struct {
	name       string
	statements bool // statements tell it
	accounts   bool // accounts do
}

// tieOutFigures are the figures in the order in which they are told.
var tieOutFigures = []tieOutFigure{
	{"net_assets_opening", false, true}, {"net_assets_closing", false, true},
	{"outstanding_opening", true, true}, {"pledged", true, false}, {"received_on_pledges", true, false}, {"outstanding_closing", true, true},
	{"receivables_by_age", false, true}, {"receivables_net", false, true}, {"contributions_recognised", false, true}, {"received", true, false}, {"received_at_bank", false, true}, {"refunded", true, true}, {"held_in_advance", true, true}, {"unidentified", false, true},
	{"cash_at_bank", false, true},
	{"in_kind_outstanding", true, true}, {"in_kind_recognised", true, true}, {"in_kind_disclosed", true, true},
}

// source is where a figure comes from.
type source int

const (
	fromStatements source = iota
	fromReport
	fromAccounts
)

// line returns the line of a figure, which it adds when it is missing.
func (t *TieOut) line(figure string, c ledger.Currency, total bool) *TieOutLine {
	i := slices.IndexFunc(t.Lines, func(l TieOutLine) bool { return l.Figure == figure && l.Currency == c && l.Total == total })
	if i < 0 {
		t.Lines, i = append(t.Lines, TieOutLine{Figure: figure, Currency: c, Total: total, Report: money(decimal.Zero, c)}), len(t.Lines)
	}
	return &t.Lines[i]
}

// set adds an amount to what a source tells of a figure.
func (t *TieOut) set(from source, figure string, total bool, m Money) {
	l := t.line(figure, m.Currency, total)
	into := &l.Accounts
	switch from {
	case fromReport:
		l.Report = l.Report.plus(m)
		return
	case fromStatements:
		into = &l.Statements
	}
	if *into == nil {
		*into = new(money(decimal.Zero, m.Currency))
	}
	**into = (*into).plus(m)
}

// value sets a figure in its currency and adds its worth to that of all currencies.
func (t *TieOut) value(from source, figure string, v Value) {
	t.set(from, figure, false, v.Money)
	t.set(from, figure, true, v.USD)
}

// usd sets a figure that is told in USD only.
func (t *TieOut) usd(from source, figure string, d decimal.Decimal) {
	t.set(from, figure, true, dollars(d))
}

// finish gives every source that tells a figure its amount, which is nothing where it told none, drops the currencies in which
// there is nothing, and takes the differences.
func (t *TieOut) finish(withStatements bool) {
	place := func(l TieOutLine) int {
		return slices.IndexFunc(tieOutFigures, func(f tieOutFigure) bool { return f.name == l.Figure })
	}
	for _, f := range tieOutFigures {
		t.line(f.name, ledger.USD, true)
	}
	for i := range t.Lines {
		l := &t.Lines[i]
		f := tieOutFigures[place(*l)]
		if l.Statements == nil && f.statements && withStatements {
			l.Statements = new(money(decimal.Zero, l.Currency))
		}
		if l.Accounts == nil && f.accounts {
			l.Accounts = new(money(decimal.Zero, l.Currency))
		}
		l.StatementsLessReport, l.ReportLessAccounts = nil, nil
		if l.Statements != nil {
			l.StatementsLessReport = new(l.Statements.minus(l.Report))
		}
		if l.Accounts != nil {
			l.ReportLessAccounts = new(l.Report.minus(*l.Accounts))
		}
	}
	t.Lines = slices.DeleteFunc(t.Lines, func(l TieOutLine) bool { return !l.Total && l.isZero() })
	slices.SortFunc(t.Lines, func(a, b TieOutLine) int {
		return cmp.Or(place(a)-place(b), cmp.Compare(a.rank(), b.rank()), cmp.Compare(a.Currency, b.Currency))
	})
}

// rank puts what is in USD over all currencies after the currencies.
func (l TieOutLine) rank() int {
	if l.Total {
		return 1
	}
	return 0
}

// isZero reports whether no source tells anything.
func (l TieOutLine) isZero() bool {
	for _, m := range []*Money{l.Statements, &l.Report, l.Accounts} {
		if m != nil && !m.Amount.IsZero() {
			return false
		}
	}
	return true
}
