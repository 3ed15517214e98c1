package bankfile

import (
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"slices"
	"strings"
	"time"

	"golang.org/x/text/transform"

	"vcledger/ledger"
)

// The bounds of a CSV file.
const (
	maxRow     = 1 << 20 // bytes of a row, whose texts may have ends of lines in them
	maxColumns = 1000
	maxLines   = 100_000 // of a row, or empty ones before it
)

// ReadCSV reads a file of entries by a mapping. It is one statement, of which the file says no account: the caller knows it.
// Balances come from a column of them, if the mapping names one, and then stand in the trailer.
// Errors: *[ledger.Error] of the mapping, with all that is wrong with it; *[Fault].
func ReadCSV(r io.Reader, m Mapping, s Sink) error {
	if err := m.Check(); err != nil {
		return err
	}
	if from, _ := named(m.Encoding); m.Encoding != "" && from != nil {
		r = transform.NewReader(r, from.NewDecoder())
	}
	in, err := utf8Reader(r)
	if err != nil {
		return err
	}
	source := &rows{lines: lines{in: in}}
	reader := csv.NewReader(source)
	reader.Comma, _ = m.comma()
	reader.FieldsPerRecord = -1
	reader.LazyQuotes = m.LooseQuotes
	source.csv = reader
	c := &csvFile{mapping: m, rows: source, sink: s, at: map[string]int{}}
	c.layout, _ = layout(m.DateLayout)
	return c.read()
}

// rows gives the lines of the file to the CSV reader and keeps those that it has not made a row of yet.
type rows struct {
	lines lines
	csv   *csv.Reader
	rest  []byte
	ahead []string // of the file, read and not yet made a row of
	given int64
}

var errRow = errors.New("row too long")

func (r *rows) Read(p []byte) (int, error) {
	if len(r.rest) == 0 {
		line, err := r.lines.next()
		if err != nil {
			return 0, err
		}
		if r.given-r.csv.InputOffset() > maxRow || len(r.ahead) > maxLines {
			return 0, errRow
		}
		r.ahead = append(r.ahead, line)
		r.rest = append(append(r.rest[:0], line...), '\n')
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	r.given += int64(n)
	return n, nil
}

// original returns the lines from one to another, and forgets them and those before.
func (r *rows) original(from, to int) string {
	base := r.lines.number - len(r.ahead) + 1
	from, to = max(from-base, 0), min(to-base+1, len(r.ahead))
	if from >= to {
		return ""
	}
	text := strings.Join(r.ahead[from:to], "\n")
	r.ahead = slices.Delete(r.ahead, 0, to)
	return strings.ToValidUTF8(text[:min(len(text), maxOriginal)], "")
}

// row is a row of the file.
type row struct {
	line     int
	fields   []string
	original string
}

// csvFile reads one file.
type csvFile struct {
	mapping Mapping
	rows    *rows
	sink    Sink
	layout  string
	at      map[string]int // a column's place in a row
	tally
	chain  chain
	before int // lines that the CSV reader was not given
	last   int
	width  int // fields that a row has at least; a shorter one was cut off
}

func (c *csvFile) read() error {
	if err := c.header(); err != nil {
		return err
	}
	c.tally.currency = c.mapping.Currency
	if err := c.sink.Begin(Header{Line: 1, Format: "CSV", Account: Account{Currency: c.mapping.Currency}}); err != nil {
		return err
	}
	var held []row // perhaps lines of totals
	for {
		next, err := c.row()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return err
		}
		if held = append(held, next); len(held) > c.mapping.FooterRows {
			if err := c.entry(held[0]); err != nil {
				return err
			}
			held = held[1:]
		}
	}
	closing := c.chain.closing(c)
	return c.sink.End(c.tally.end(max(c.last, 1), closing, c.mapping.Balance != ""))
}

// header passes the lines before the one that names the columns as they are, for they need not be CSV, and reads that one.
func (c *csvFile) header() error {
	n := c.mapping.HeaderRows
	if n == 0 {
		return c.place(row{line: 1})
	}
	for c.rows.lines.number < n-1 {
		if _, err := c.rows.lines.next(); err != nil {
			return c.short(err)
		}
	}
	c.before = c.rows.lines.number
	header, err := c.row()
	if err != nil {
		return c.short(err)
	}
	if header.line != n {
		return broken(n, "", "The line should name the columns and is empty.")
	}
	return c.place(header)
}

// short says that a file ends before its entries begin.
func (c *csvFile) short(err error) error {
	if errors.Is(err, io.EOF) {
		return broken(max(c.rows.lines.number, 1), "", "The file ends before its %d lines of header do.", c.mapping.HeaderRows)
	}
	return err
}

// row returns the next row that has something in it.
func (c *csvFile) row() (row, error) {
	for {
		fields, err := c.rows.csv.Read()
		var parse *csv.ParseError
		switch {
		case errors.Is(err, io.EOF):
			return row{}, io.EOF
		case errors.Is(err, errRow):
			return row{}, broken(c.last+1, "", "A row is longer than %d bytes or %d lines: a quote is perhaps not closed.", maxRow, maxLines)
		case errors.As(err, &parse):
			return row{}, broken(c.before+parse.Line, "", "The row is not CSV: %s.", parse.Err)
		case err != nil:
			return row{}, err
		}
		from, _ := c.rows.csv.FieldPos(0)
		to, _ := c.rows.csv.FieldPos(len(fields) - 1)
		to += strings.Count(fields[len(fields)-1], "\n")
		from, to = from+c.before, to+c.before
		r := row{line: from, fields: fields, original: c.rows.original(from, to)}
		c.last = to
		if len(fields) > maxColumns {
			return row{}, broken(from, "", "The row has %d fields, more than %d.", len(fields), maxColumns)
		}
		// A quote that is not closed would take every entry behind it for its text.
		if c.mapping.LooseQuotes && slices.ContainsFunc(fields, func(f string) bool { return strings.Contains(f, "\n") }) {
			return row{}, broken(from, "", "A text goes over the end of its line: a quote is perhaps not closed.")
		}
		if slices.ContainsFunc(fields, func(f string) bool { return strings.TrimSpace(f) != "" }) {
			return r, nil
		}
	}
}

// place finds the columns of the mapping in the header, and names all that are missing at once.
func (c *csvFile) place(header row) error {
	var missing []string
	for _, named := range c.mapping.columns() {
		if named.column == "" {
			continue
		}
		if n, ok := position(named.column); ok {
			c.at[named.column] = n - 1
			continue
		}
		i := slices.IndexFunc(header.fields, func(f string) bool { return strings.EqualFold(oneLine(f), oneLine(named.column)) })
		if i < 0 && !slices.Contains(missing, named.column) {
			missing = append(missing, named.column)
		}
		c.at[named.column] = i
	}
	for i, f := range header.fields {
		if strings.TrimSpace(f) != "" {
			c.width = i + 1
		}
	}
	if len(missing) > 0 {
		return fail(header.line, strings.Join(missing, ", "), ledger.RuleRegisterHeader, "The header has no column of the name. It has: %s.",
			clip(strings.Join(header.fields, ", ")))
	}
	return nil
}

// value returns a row's text in a column, empty when the mapping has none or the row is shorter.
func (c *csvFile) value(r row, column string) string {
	i, ok := c.at[column]
	if column == "" || !ok || i >= len(r.fields) {
		return ""
	}
	return oneLine(r.fields[i])
}

// entry reads a row.
func (c *csvFile) entry(r row) error {
	m := &c.mapping
	if c.width == 0 {
		c.width = len(r.fields)
	}
	if len(r.fields) < c.width {
		return broken(r.line, "", "The row has %d fields of %d: it was cut off, or belongs to the lines before or after the entries.", len(r.fields), c.width)
	}
	e := Entry{Line: r.line, Original: r.original, Reference: c.value(r, m.Reference), Code: c.value(r, m.Code)}
	var err error
	if e.BookingDate, err = c.date(r, m.BookingDate); err != nil {
		return err
	}
	if e.ValueDate, err = c.date(r, m.ValueDate); err != nil {
		return err
	}
	switch {
	case e.BookingDate.IsZero() && e.ValueDate.IsZero():
		return fail(r.line, first(m.BookingDate, m.ValueDate), ledger.RuleRequired, "The row has no date.")
	case e.BookingDate.IsZero():
		e.BookingDate = e.ValueDate
	case e.ValueDate.IsZero():
		e.ValueDate = e.BookingDate
	}
	currency := ledger.Currency(strings.ToUpper(c.value(r, m.CurrencyColumn)))
	if currency == "" {
		currency = m.Currency
	}
	if currency == "" {
		return fail(r.line, m.CurrencyColumn, ledger.RuleRequired, "The row has no currency.")
	}
	if e.Amount, err = c.amount(r, currency); err != nil {
		return err
	}
	var texts []string
	for _, column := range m.Remittance {
		if text := c.value(r, column); text != "" {
			texts = append(texts, text)
		}
	}
	p := Payment{Amount: e.Amount, Reference: e.Reference, EndToEndID: c.value(r, m.EndToEnd), Remittance: strings.Join(texts, " "),
		Counterparty: Counterparty{Name: c.value(r, m.Name), Account: compact(c.value(r, m.Account)), Bank: c.value(r, m.Bank)}}
	if strings.EqualFold(p.EndToEndID, "NOTPROVIDED") {
		p.EndToEndID = ""
	}
	e.Payments = []Payment{p}
	c.tally.add(e)
	if m.Balance != "" {
		if err := c.balance(r, e); err != nil {
			return err
		}
	}
	return c.sink.Entry(e)
}

func (c *csvFile) date(r row, column string) (ledger.Date, error) {
	text := c.value(r, column)
	if text == "" {
		return ledger.Date{}, nil
	}
	t, err := time.Parse(c.layout, text)
	if err != nil {
		return ledger.Date{}, fail(r.line, column, ledger.RuleDate, "%q is not a date in the form %s.", clip(text), first(c.mapping.DateLayout, "YYYY-MM-DD"))
	}
	d := ledger.NewDate(t.Year(), t.Month(), t.Day())
	if d.Before(ledger.FirstDate) || d.After(ledger.LastDate) {
		return d, fail(r.line, column, ledger.RuleDate, "%s is outside the dates of the books.", d)
	}
	return d, nil
}

// amount reads an entry's amount in whichever way the mapping has it.
func (c *csvFile) amount(r row, currency ledger.Currency) (ledger.Money, error) {
	m := &c.mapping
	if m.Amount == "" {
		debit, credit := c.value(r, m.Debit), c.value(r, m.Credit)
		switch {
		case debit == "" && credit == "":
			return ledger.Money{}, fail(r.line, m.Credit, ledger.RuleRequired, "The row has neither a debit nor a credit.")
		case debit != "" && credit != "":
			d, err := c.money(r, m.Debit, currency)
			if err != nil {
				return d, err
			}
			k, err := c.money(r, m.Credit, currency)
			if err != nil {
				return k, err
			}
			if !d.Amount.IsZero() && !k.Amount.IsZero() {
				return k, fail(r.line, m.Credit, ledger.RuleDuplicateField, "The row has both a debit and a credit.")
			}
			d.Amount = k.Amount.Sub(d.Amount.Abs())
			return d, nil
		case credit != "":
			return c.money(r, m.Credit, currency)
		}
		d, err := c.money(r, m.Debit, currency)
		d.Amount = d.Amount.Abs().Neg() // written with a sign by some, without by others
		return d, err
	}
	a, err := c.money(r, m.Amount, currency)
	if err != nil || m.Mark == "" {
		return signed(a, m.DebitPositive), err
	}
	mark := c.value(r, m.Mark)
	is := func(s string) bool { return strings.EqualFold(s, mark) }
	switch {
	case slices.ContainsFunc(m.DebitMarks, is):
		a.Amount = a.Amount.Abs().Neg()
	case slices.ContainsFunc(m.CreditMarks, is):
	default:
		return a, fail(r.line, m.Mark, ledger.RuleNotOneOf, "%q is the mark of neither a debit nor a credit.", clip(mark))
	}
	return a, nil
}

// Numbers as banks write them, in groups of three or not.
var (
	pointForm = regexp.MustCompile(`^(?:\d{1,3}(?:[, '\x{a0}\x{202f}]\d{3})+|\d+)?(?:\.\d*)?$`)
	commaForm = regexp.MustCompile(`^(?:\d{1,3}(?:[. '\x{a0}\x{202f}]\d{3})+|\d+)?(?:,\d*)?$`)
)

// money reads a number of a row, with a sign before or behind it.
func (c *csvFile) money(r row, column string, currency ledger.Currency) (ledger.Money, error) {
	text := c.value(r, column)
	number := strings.ReplaceAll(text, "\u2212", "-")
	minus := false
	switch {
	case strings.HasPrefix(number, "(") && strings.HasSuffix(number, ")"):
		number, minus = number[1:len(number)-1], true
	case strings.HasPrefix(number, "-"), strings.HasSuffix(number, "-"):
		number, minus = strings.TrimSuffix(strings.TrimPrefix(number, "-"), "-"), true
	default:
		number = strings.TrimPrefix(number, "+")
	}
	number = strings.TrimSpace(number)
	form, group := pointForm, ","
	if c.mapping.DecimalComma {
		form, group = commaForm, "."
	}
	if !form.MatchString(number) {
		return ledger.Money{}, fail(r.line, column, ledger.RuleAmount, "%q is not an amount.", clip(text))
	}
	number = strings.NewReplacer(group, "", " ", "", "'", "", "\u00a0", "", "\u202f", "").Replace(number)
	m, err := mtMoney(r.line, column, number, currency)
	return signed(m, minus), err
}

// chain checks a column of balances from row to row. A file has its newest entry at the end or at the top; the second row
// tells which.
type chain struct {
	rows          int
	first, before Balance // after the entry of the first row, and of the row before
	firstAmount   ledger.Money
	beforeAmount  ledger.Money
	backward      bool
	known         bool
}

// balance takes the balance of a row.
func (c *csvFile) balance(r row, e Entry) error {
	m, err := c.money(r, c.mapping.Balance, e.Amount.Currency)
	if err != nil {
		return err
	}
	b, k := Balance{Date: e.BookingDate, Amount: m}, &c.chain
	k.rows++
	if k.rows == 1 {
		k.first, k.firstAmount = b, e.Amount
	} else {
		forward := k.before.Amount.Amount.Add(e.Amount.Amount).Equal(m.Amount)
		backward := m.Amount.Add(k.beforeAmount.Amount).Equal(k.before.Amount.Amount)
		if !k.known && forward != backward {
			k.known, k.backward = true, backward
		}
		if (k.known && k.backward && !backward) || ((!k.known || !k.backward) && !forward) {
			c.problem(r.line, BalanceOff, "The balance %s does not follow from the balance %s beside it.", m, k.before.Amount)
		}
	}
	k.before, k.beforeAmount = b, e.Amount
	return nil
}

// closing returns the closing balance and keeps the opening one.
func (k *chain) closing(c *csvFile) *Balance {
	if k.rows == 0 {
		return nil
	}
	oldest, amount, newest := k.first, k.firstAmount, k.before
	if k.backward {
		oldest, amount, newest = k.before, k.beforeAmount, k.first
	}
	oldest.Amount.Amount = oldest.Amount.Amount.Sub(amount.Amount)
	c.opening = &oldest
	return &newest
}
