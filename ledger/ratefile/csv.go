package ratefile

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// names are the columns of a CSV file of units per USD, under any of their names.
var names = map[string][]string{
	"currency":       {"currency", "f_curr_code"},
	"effective_date": {"effective_date", "eff_date"},
	"units_per_usd":  {"units_per_usd", "rate"},
}

// readCSV reads either CSV form: the European Central Bank's, a day a line, or a rate a line.
func (b *builder) readCSV(in *bufio.Reader) error {
	if start, err := in.Peek(3); err == nil && string(start) == "\ufeff" {
		if _, err := in.Discard(3); err != nil {
			return err
		}
	}
	r := csv.NewReader(in)
	r.FieldsPerRecord = -1
	r.ReuseRecord = true
	first, err := r.Read()
	if err != nil {
		return b.notCSV(err)
	}
	header := slices.Clone(first)
	for i := range header {
		header[i] = strings.TrimSpace(header[i])
	}
	if strings.EqualFold(header[0], "Date") && slices.Contains(header, string(ledger.USD)) {
		b.table.Source = ledger.SourceECB
		return b.rows(r, func(line int, row []string) { b.ecbRow(line, header, row) })
	}
	at := map[string]int{}
	for column, known := range names {
		at[column] = slices.IndexFunc(header, func(h string) bool { return slices.Contains(known, strings.ToLower(h)) })
		if at[column] < 0 {
			b.fault(1, ledger.RuleRegisterHeader, "The column %s is missing, and it is no file of the European Central Bank.", column)
		}
	}
	if b.table.Source == "" {
		b.fault(1, ledger.RuleRequired, "The file does not say whose rates it has: name the source, un or ecb.")
	}
	if len(b.table.Faults) > 0 {
		return nil
	}
	return b.rows(r, func(line int, row []string) {
		if len(row) != len(header) {
			b.fault(line, ledger.RuleRegisterRow, "The row has %d fields; the header names %d columns.", len(row), len(header))
			return
		}
		units, ok := b.number(line, row[at["units_per_usd"]])
		if !ok {
			return
		}
		if on, ok := b.unDate(line, strings.TrimSpace(row[at["effective_date"]])); ok {
			b.add(line, strings.TrimSpace(row[at["currency"]]), on, units)
		}
	})
}

// rows calls fn with each row until the end of the file or a row that is no CSV.
func (b *builder) rows(r *csv.Reader, fn func(line int, row []string)) error {
	for {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return b.notCSV(err)
		}
		line, _ := r.FieldPos(0)
		fn(line, row)
	}
}

// notCSV makes a fault of what is wrong with the bytes, and leaves a failure to read them as it is.
func (b *builder) notCSV(err error) error {
	var parse *csv.ParseError
	if errors.As(err, &parse) {
		b.fault(parse.Line, ledger.RuleRegisterRow, "The row is not CSV: %s.", parse.Err)
		return nil
	}
	return err
}

// ecbRow crosses a day: the first field is the date, the others are units per EUR.
func (b *builder) ecbRow(line int, header, row []string) {
	on, ok := b.date(line, row[0])
	if !ok {
		return
	}
	d := day{line: line, date: on}
	for i, cell := range row[1:] {
		if i+1 >= len(header) || header[i+1] == "" {
			if strings.TrimSpace(cell) != "" {
				b.fault(line, ledger.RuleRegisterRow, "The row has a rate beyond the last column of the header.")
			}
			continue
		}
		var units decimal.Decimal
		if units, ok = b.number(line, cell); ok {
			d.codes, d.units = append(d.codes, header[i+1]), append(d.units, units)
		}
	}
	b.cross(d)
}
