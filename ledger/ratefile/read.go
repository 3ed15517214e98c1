package ratefile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// crossDigits are the decimals of a rate crossed through EUR.
const crossDigits = 10

// maxCell bounds a text of a file: a number, a date or a code.
const maxCell = 200

// Fault is why a file is refused.
type Fault struct {
	Line   int // of the file; 0 when it is not of one line
	Rule   ledger.Rule
	Detail string
}

// Table is what a file holds.
type Table struct {
	Source  ledger.RateSource
	Rates   []ledger.Rate // in the order of the file, each currency and date once
	Unknown []string      // codes that the ledger does not know, in alphabetical order
	Faults  []Fault       // one of them refuses the whole file
}

// maxFaults bounds how many faults of a file are told.
const maxFaults = 100

// Read reads a file of any of the forms. source is that of a CSV file that does not say its own. An error means that the
// bytes could not be read; what is wrong with them is in the table's faults.
func Read(r io.Reader, source ledger.RateSource) (Table, error) {
	in := bufio.NewReaderSize(r, 64<<10)
	start, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return Table{}, fmt.Errorf("read the rates: %w", err)
	}
	b := &builder{table: Table{Source: source}, seen: map[key]decimal.Decimal{}, unknown: map[string]bool{}}
	err = nil // a short file is none of Peek's business
	start = bytes.TrimPrefix(start, []byte("\ufeff"))
	switch trimmed := bytes.TrimLeft(start, " \t\r\n"); {
	case len(trimmed) == 0:
		b.fault(0, ledger.RuleRegisterRow, "The file is empty.")
	case trimmed[0] == '<':
		err = b.readXML(in)
	default:
		err = b.readCSV(in)
	}
	if err != nil {
		return Table{}, fmt.Errorf("read the rates: %w", err)
	}
	if len(b.table.Rates) == 0 && len(b.table.Faults) == 0 {
		b.fault(0, ledger.RuleRegisterRow, "The file has no rate in it.")
	}
	for code := range b.unknown {
		b.table.Unknown = append(b.table.Unknown, code)
	}
	slices.Sort(b.table.Unknown)
	return b.table, nil
}

type key struct {
	currency ledger.Currency
	date     string
}

// builder gathers a table.
type builder struct {
	table   Table
	seen    map[key]decimal.Decimal
	unknown map[string]bool
}

func (b *builder) fault(line int, rule ledger.Rule, format string, args ...any) {
	if len(b.table.Faults) < maxFaults {
		b.table.Faults = append(b.table.Faults, Fault{line, rule, fmt.Sprintf(format, args...)})
	}
}

// codeForm is what an ISO 4217 code looks like.
var codeForm = regexp.MustCompile(`^[A-Z]{3}$`)

// numberForm is a rate as both sources write it.
var numberForm = regexp.MustCompile(`^[0-9]{1,15}(\.[0-9]{1,12})?$`)

// number reads a rate; ok is false, without a fault, where there is none.
func (b *builder) number(line int, text string) (d decimal.Decimal, ok bool) {
	text = strings.TrimSpace(text)
	if text == "" || strings.EqualFold(text, "N/A") {
		return d, false
	}
	d, err := decimal.NewFromString(text)
	if !numberForm.MatchString(text) || err != nil || !d.IsPositive() {
		b.fault(line, ledger.RuleOutOfRange, "%q is not a rate: digits with at most one point, more than zero.", clip(text))
		return d, false
	}
	return d, true
}

// add adds a rate of units per USD.
func (b *builder) add(line int, code string, on ledger.Date, units decimal.Decimal) {
	switch {
	case !codeForm.MatchString(code):
		b.fault(line, ledger.RuleCurrencyUnknown, "%q is not an ISO 4217 code.", clip(code))
		return
	case code == string(ledger.USD):
		return // one by definition
	case !ledger.Currency(code).Known():
		b.unknown[code] = true
		return
	}
	k := key{ledger.Currency(code), on.String()}
	if before, twice := b.seen[k]; twice {
		if !before.Equal(units) {
			b.fault(line, ledger.RuleRateExists, "%s has two rates on %s: %s and %s.", code, on, before, units)
		}
		return
	}
	b.seen[k] = units
	b.table.Rates = append(b.table.Rates, ledger.Rate{Currency: k.currency, Date: on, UnitsPerUSD: units, Source: b.table.Source})
}

// day crosses a day's rates, in units per EUR, into units per USD.
type day struct {
	line  int
	date  ledger.Date
	codes []string
	units []decimal.Decimal
}

func (b *builder) cross(d day) {
	var usd decimal.Decimal
	for i, code := range d.codes {
		if code == string(ledger.USD) {
			usd = d.units[i]
		}
	}
	if usd.IsZero() {
		if len(d.codes) > 0 {
			b.fault(d.line, ledger.RuleRateMissing, "%s has no rate for USD, so the others cannot be crossed.", d.date)
		}
		return
	}
	b.add(d.line, "EUR", d.date, decimal.NewFromInt(1).DivRound(usd, crossDigits))
	for i, code := range d.codes {
		crossed := d.units[i].DivRound(usd, crossDigits)
		if crossed.IsZero() {
			b.fault(d.line, ledger.RuleOutOfRange, "The rate of %s on %s is too small to be crossed.", clip(code), d.date)
			continue
		}
		b.add(d.line, code, d.date, crossed)
	}
}

// date reads an ISO date.
func (b *builder) date(line int, text string) (ledger.Date, bool) {
	d, err := ledger.ParseDate(strings.TrimSpace(text))
	if err != nil {
		b.fault(line, ledger.RuleDate, "%s.", err)
		return d, false
	}
	return d, true
}

func clip(s string) string {
	const limit = 40
	r := []rune(strings.ToValidUTF8(s, "\ufffd"))
	if len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return string(r)
}
