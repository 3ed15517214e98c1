package expenditurefile

import (
	"bufio"
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"vcledger/ledger"
)

// The columns of a file, and whether each must be there.
var columns = map[string]bool{"date": true, "amount": true, "currency": true, "description": true, "reference": true,
	"project": false, "pledge": false, "bank_account": false, "usd_amount": false}

// maxText is how many characters each text may have, as in the API.
var maxText = map[string]int{"description": 500, "reference": 100, "project": 100, "pledge": 200, "bank_account": 64}

// maxFaults bounds how many faults of a file are told, maxRows how many rows it may have.
const (
	maxFaults = 100
	maxRows   = 10_000
)

// Row is one expenditure of a file.
type Row struct {
	Line        int // of the file
	Date        ledger.Date
	Amount      ledger.Money
	USD         decimal.Decimal // stated; zero when it is not
	Description string
	Project     string
	Reference   string
	Pledge      string // reference or identifier
	BankAccount ledger.BankAccountCode
}

// Fault is why a file is refused.
type Fault struct {
	Line   int
	Column string // empty when it is not of one column
	Rule   ledger.Rule
	Detail string
}

// File is what a file holds.
type File struct {
	Rows   []Row
	Faults []Fault // one of them refuses the whole file
}

// Read reads a file. An error means that the bytes could not be read; what is wrong with them is in the faults.
func Read(in io.Reader) (File, error) {
	buffered := bufio.NewReader(in)
	if start, err := buffered.Peek(3); err == nil && bytes.Equal(start, []byte("\ufeff")) {
		if _, err := buffered.Discard(3); err != nil {
			return File{}, fmt.Errorf("read the expenditures: %w", err)
		}
	}
	p := &parser{csv: csv.NewReader(buffered), at: map[string]int{}, seen: map[string]int{}}
	p.csv.FieldsPerRecord = -1
	p.csv.ReuseRecord = true
	if err := p.read(); err != nil {
		return File{}, fmt.Errorf("read the expenditures: %w", err)
	}
	return p.file, nil
}

// parser gathers a file.
type parser struct {
	csv    *csv.Reader
	at     map[string]int // place of each column
	seen   map[string]int // line of each reference
	file   File
	line   int
	fields []string
}

func (p *parser) fault(column string, rule ledger.Rule, format string, args ...any) {
	if len(p.file.Faults) < maxFaults {
		p.file.Faults = append(p.file.Faults, Fault{p.line, column, rule, fmt.Sprintf(format, args...)})
	}
}

func (p *parser) read() error {
	header, err := p.csv.Read()
	p.line = 1
	if errors.Is(err, io.EOF) {
		p.fault("", ledger.RuleRegisterHeader, "The file is empty.")
		return nil
	}
	if err != nil {
		return p.notCSV(err)
	}
	if !p.header(header) {
		return nil
	}
	width := len(header)
	for {
		p.fields, err = p.csv.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return p.notCSV(err)
		}
		p.line, _ = p.csv.FieldPos(0)
		switch {
		case len(p.file.Rows) == maxRows:
			p.fault("", ledger.RuleTooMany, "A file may have %d rows.", maxRows)
			return nil
		case len(p.fields) != width:
			p.fault("", ledger.RuleRegisterRow, "The row has %d fields; the header names %d columns.", len(p.fields), width)
		default:
			p.row()
		}
	}
	if len(p.file.Rows) == 0 && len(p.file.Faults) == 0 {
		p.fault("", ledger.RuleRegisterRow, "The file has no expenditure in it.")
	}
	return nil
}

// notCSV makes a fault of what is wrong with the bytes, and leaves a failure to read them as it is.
func (p *parser) notCSV(err error) error {
	var parse *csv.ParseError
	if !errors.As(err, &parse) {
		return err
	}
	p.line = parse.Line
	p.fault("", ledger.RuleRegisterRow, "The row is not CSV: %s.", parse.Err)
	return nil
}

func (p *parser) header(header []string) bool {
	for i, name := range header {
		name = strings.ToLower(strings.TrimSpace(name))
		if _, known := columns[name]; !known {
			p.fault(clip(name), ledger.RuleRegisterHeader, "There is no such column.")
			continue
		}
		if _, twice := p.at[name]; twice {
			p.fault(name, ledger.RuleRegisterHeader, "The column stands twice.")
		}
		p.at[name] = i
	}
	for _, name := range slices.Sorted(func(yield func(string) bool) {
		for name, required := range columns {
			if required && !yield(name) {
				return
			}
		}
	}) {
		if _, found := p.at[name]; !found {
			p.fault(name, ledger.RuleRegisterHeader, "The column is missing.")
		}
	}
	return len(p.file.Faults) == 0
}

// row adds a row, or its faults.
func (p *parser) row() {
	before := len(p.file.Faults)
	row := Row{Line: p.line, Description: p.needed("description"), Project: p.text("project"), Reference: p.needed("reference"),
		Pledge: p.text("pledge"), BankAccount: ledger.BankAccountCode(p.text("bank_account"))}
	if on := p.needed("date"); on != "" {
		var err error
		if row.Date, err = ledger.ParseDate(on); err != nil {
			p.fault("date", ledger.RuleDate, "%s.", err)
		}
	}
	row.Amount.Currency = ledger.Currency(p.needed("currency"))
	if c := row.Amount.Currency; c != "" && !c.Known() {
		p.fault("currency", ledger.RuleCurrencyUnknown, "%q is no currency of ISO 4217 that the ledger knows.", clip(string(c)))
	} else if amount := p.needed("amount"); amount != "" && c != "" {
		row.Amount.Amount = p.amount("amount", amount, c)
	}
	if usd := p.text("usd_amount"); usd != "" {
		row.USD = p.amount("usd_amount", usd, ledger.USD)
	}
	if first, twice := p.seen[row.Reference]; twice && row.Reference != "" {
		p.fault("reference", ledger.RuleExpenditureDuplicate, "%q stands on line %d already.", clip(row.Reference), first)
	}
	p.seen[row.Reference] = p.line
	if len(p.file.Faults) == before && before < maxFaults {
		p.file.Rows = append(p.file.Rows, row)
	}
}

// amount reads an amount that is more than zero.
func (p *parser) amount(column, text string, c ledger.Currency) decimal.Decimal {
	d, err := ledger.ParseAmount(text, c)
	switch {
	case errors.Is(err, ledger.ErrAmountScale):
		p.fault(column, ledger.RuleAmountScale, "%s %s has more than the %d decimals of the currency.", clip(text), c, c.MinorUnits())
	case errors.Is(err, ledger.ErrAmountSize):
		p.fault(column, ledger.RuleAmountTooLarge, "%q has more than 15 digits before the point.", clip(text))
	case err != nil:
		p.fault(column, ledger.RuleAmount, "%q is not an amount: digits with at most one point, without sign or separator.", clip(text))
	case !d.IsPositive():
		p.fault(column, ledger.RuleAmountNotPositive, "The amount must be more than zero.")
	}
	return d
}

// text returns a column's text; a column that the file does not have is empty.
func (p *parser) text(column string) string {
	i, found := p.at[column]
	if !found {
		return ""
	}
	s := strings.TrimSpace(p.fields[i])
	limit, limited := maxText[column]
	switch {
	case !utf8.ValidString(s):
		p.fault(column, ledger.RuleText, "The text is not UTF-8.")
	case strings.ContainsFunc(s, unicode.IsControl):
		p.fault(column, ledger.RuleText, "The text has a control character; line breaks and tabs are such, too.")
	case limited && utf8.RuneCountInString(s) > limit:
		p.fault(column, ledger.RuleTooLong, "The text may have %d characters; it has %d.", limit, utf8.RuneCountInString(s))
	default:
		return norm.NFC.String(s)
	}
	return ""
}

// needed returns a column's text that must not be empty. A text that was refused already is not told to be missing too.
func (p *parser) needed(column string) string {
	before := len(p.file.Faults)
	s := p.text(column)
	if s == "" && len(p.file.Faults) == before {
		p.fault(column, ledger.RuleRequired, "The value is missing.")
	}
	return s
}

func clip(s string) string {
	const limit = 40
	r := []rune(strings.ToValidUTF8(s, "\ufffd"))
	if len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return string(r)
}
