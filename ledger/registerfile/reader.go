package registerfile

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// Event is what a row tells of.
type Event string

// The events.
const (
	Pledge       Event = "pledge"
	Agreement    Event = "agreement"
	Receipt      Event = "receipt"
	WriteOff     Event = "write_off"
	PledgeInKind Event = "pledge_in_kind"
	Delivery     Event = "delivery"
)

var events = []Event{Pledge, Agreement, Receipt, WriteOff, PledgeInKind, Delivery}

// inKind reports whether the event is of a gift in kind.
func (e Event) inKind() bool { return e == PledgeInKind || e == Delivery }

// The columns.
var (
	required = []string{"event", "contribution", "contributor", "kind", "fund", "year", "date", "currency", "amount"}
	allowed  = append(slices.Clone(required), "country", "usd_amount", "instrument", "item", "quantity", "unit", "note")
)

// Row is one event of a register.
type Row struct {
	Line         int // of the file, where the row begins
	Event        Event
	Contribution string
	Contributor  string
	Kind         ledger.ContributorKind
	Country      string // ISO 3166-1 alpha-3, or empty
	FundName     string // the column fund
	Year         int    // fund year
	Date         ledger.Date
	Money        ledger.Money
	USD          *decimal.Decimal // stated; nil when the column is empty
	Instrument   string
	Item         string
	Quantity     decimal.Decimal // in kind
	Unit         string
	Note         string
	Raw          []string // the fields as they stand in the file, also of a bad row
}

// Fault is a value of a row that breaks a rule.
type Fault struct {
	Line   int
	Column string
	Rule   ledger.Rule
	Detail string
}

// Reader reads a register row by row, in memory that does not grow with it.
type Reader struct {
	split  splitter
	header []string
	column map[string]int
	today  ledger.Date
}

// NewReader reads the header. Its faults, all at once, mean that the file cannot be read on; an error means that the bytes
// could not be read at all.
func NewReader(r io.Reader, today ledger.Date) (*Reader, []Fault, error) {
	in := bufio.NewReaderSize(r, maxRecord)
	start, err := in.Peek(512)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, fmt.Errorf("read the register: %w", err)
	}
	reader := &Reader{split: splitter{in: in}, today: today, column: map[string]int{}}
	if utf16(start) {
		return reader, []Fault{headerFault("", "The file is UTF-16 or no text: save it as CSV in UTF-8.")}, nil
	}
	if strings.HasPrefix(string(start), "\ufeff") {
		if _, err := in.Discard(len("\ufeff")); err != nil {
			return nil, nil, fmt.Errorf("read the register: %w", err)
		}
	}
	rec, err := reader.split.record()
	if errors.Is(err, io.EOF) {
		return reader, []Fault{headerFault("", "The file is empty: a register begins with the names of its columns.")}, nil
	}
	if err != nil {
		return nil, nil, fmt.Errorf("read the register: %w", err)
	}
	if rec.fields == nil {
		return reader, []Fault{headerFault("", "%s", rec.fault)}, nil
	}
	return reader, reader.readHeader(rec.fields), nil
}

func headerFault(column, format string, args ...any) Fault {
	return Fault{Line: 1, Column: column, Rule: ledger.RuleRegisterHeader, Detail: fmt.Sprintf(format, args...)}
}

func (r *Reader) readHeader(fields []string) []Fault {
	var faults []Fault
	for i, name := range fields {
		name = strings.ToLower(strings.TrimSpace(name))
		r.header = append(r.header, name)
		switch _, twice := r.column[name]; {
		case !slices.Contains(allowed, name):
			faults = append(faults, headerFault(clip(name), "There is no column %q in a register.", clip(name)))
		case twice:
			faults = append(faults, headerFault(name, "The column %s stands twice.", name))
		default:
			r.column[name] = i
		}
	}
	for _, name := range required {
		if _, ok := r.column[name]; !ok {
			faults = append(faults, headerFault(name, "The column %s is missing.", name))
		}
	}
	return faults
}

// Header returns the names of the columns in the file's order.
func (r *Reader) Header() []string { return r.header }

// Bytes returns how many bytes were read so far.
func (r *Reader) Bytes() int64 { return r.split.read }

// Next returns the next row, or every fault of a bad one, and [io.EOF] after the last. Another error means that the bytes
// could not be read on.
func (r *Reader) Next() (Row, []Fault, error) {
	rec, err := r.split.record()
	if errors.Is(err, io.EOF) {
		return Row{}, nil, io.EOF
	}
	if err != nil {
		return Row{}, nil, fmt.Errorf("read the register: %w", err)
	}
	if rec.fields == nil {
		return Row{Line: rec.line, Raw: []string{strings.ToValidUTF8(rec.text, "\ufffd")}},
			[]Fault{{Line: rec.line, Rule: ledger.RuleRegisterRow, Detail: rec.fault}}, nil
	}
	if len(rec.fields) != len(r.header) {
		return Row{Line: rec.line, Raw: rec.fields}, []Fault{{Line: rec.line, Rule: ledger.RuleRegisterRow,
			Detail: fmt.Sprintf("The row has %d fields; the header names %d columns.", len(rec.fields), len(r.header))}}, nil
	}
	p := parser{reader: r, fields: rec.fields, row: Row{Line: rec.line, Raw: rec.fields}}
	p.parse()
	return p.row, p.faults, nil
}

// clip shortens a value from the file so that it can be quoted in a message.
func clip(s string) string {
	const limit = 40
	if r := []rune(strings.ToValidUTF8(s, "\ufffd")); len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return strings.ToValidUTF8(s, "\ufffd")
}
