// Package layout is a document as a reader sees it, before it is text, a page or a spreadsheet: titles, tables of typed cells,
// and charts, already in the reader's language. Package reports/render makes it from a built document and writes it in each
// format, so that all formats show the same.
package layout

import (
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports/language"
)

// Document is a statement or a report in one language.
type Document struct {
	Language language.Language
	Title    string
	Subject  string // whom or what it is about: with the title, what every page says at its foot
	Facts    []Fact
	Code     *Code  // what a camera reads of it; nil for none
	Warning  string // stands out at the top; empty for none
	Sections []Section
	Attached *Attachment // what the document was made from, for a machine; nil for nothing
}

// Code is a text for a camera, shown as a QR code.
type Code struct {
	Text  string
	Title string // what it is, for those who cannot see it
}

// Told is what the code says, in one line.
func (c Code) Told() string { return c.Title + ": " + strings.ReplaceAll(c.Text, "\n", ", ") }

// Attachment is a file in JSON that a page carries.
type Attachment struct {
	Name  string // of the file
	Title string // of a link to it
	Data  []byte
}

// Fact is a line of what the document is: the contributor, the period, as of and known at.
type Fact struct{ Label, Value string }

// Section is a part of the document under a heading. It has a table, a chart, notes, or several of them.
type Section struct {
	Name  string // short and in English, for a machine: the name of a sheet
	Title string
	Text  string // a sentence under the heading; empty for none
	Chart *Chart
	Table *Table
	Notes []string // numbered
}

// Kind says what the cells of a column are.
type Kind int

// The kinds of columns.
const (
	Text   Kind = iota
	Amount      // money, in the currency that its own column or the heading names
	Number      // a quantity or a rate
	Day         // a calendar date
)

// Flow says how a column takes part in the sum that its row leads to.
type Flow int

// The flows of amount columns: a row's Sum is its In less its Out.
const (
	Apart Flow = iota
	In
	Out
	Sum
)

// Column is a column of a table.
type Column struct {
	Title  string
	Kind   Kind
	Flow   Flow
	Needed bool // shown even when all its cells say nothing
	Wraps  bool // a text that may be long: it gets the room that is left
	Leads  bool // leads to a record of the books: left out where there is no room

	Decimals int32 // how many decimals the numbers of the column have at least, so that their points stand below each other
}

// Role is what a row is in its table.
type Role int

// The roles of rows.
const (
	Line    Role = iota
	Heading      // begins a group: a fund, a kind of contributor
	Lead         // begins a smaller one: a pledge
	Detail       // tells more of the line above it
	Total        // adds up the rows that it names
)

// Row is a row of a table. Headings, leads and details have a text across the columns, the others have cells.
type Row struct {
	Role  Role
	Text  string
	Leads string // the record of the books that it leads to; left out where there is no room
	Cells []Cell
	Adds  []int // the rows, by index, whose amounts a total adds up, column by column; none when they stand elsewhere
}

// Cell is one value. Its column says which of the fields it is.
type Cell struct {
	Text   string
	Money  ledger.Money
	Number decimal.NullDecimal
	Date   ledger.Date
	Empty  bool
}

// Words is a cell of text.
func Words(s string) Cell { return Cell{Text: s} }

// Cash is a cell of money.
func Cash(m ledger.Money) Cell { return Cell{Money: m} }

// Quantity is a cell of a number.
func Quantity(d decimal.Decimal) Cell {
	return Cell{Number: decimal.NullDecimal{Decimal: d, Valid: true}}
}

// On is a cell of a date; the zero date says nothing.
func On(d ledger.Date) Cell { return Cell{Date: d} }

// Nothing is a cell that is left empty.
var Nothing = Cell{Empty: true}

// Table has columns and rows.
type Table struct {
	Columns []Column
	Rows    []Row
}

// Add adds a line.
func (t *Table) Add(cells ...Cell) { t.Rows = append(t.Rows, Row{Role: Line, Cells: cells}) }

// Across adds a row whose text stands across the columns.
func (t *Table) Across(role Role, text string) { t.Rows = append(t.Rows, Row{Role: role, Text: text}) }

// AddTotal adds a total of rows.
func (t *Table) AddTotal(adds []int, cells ...Cell) {
	t.Rows = append(t.Rows, Row{Role: Total, Cells: cells, Adds: adds})
}

// Lines returns the indexes of the lines from a row on.
func (t *Table) Lines(from int) []int {
	var lines []int
	for i := from; i < len(t.Rows); i++ {
		if t.Rows[i].Role == Line {
			lines = append(lines, i)
		}
	}
	return lines
}

// says reports whether a cell has anything to tell in a column of a kind.
func (c Cell) says(k Kind) bool {
	switch {
	case c.Empty:
		return false
	case k == Amount:
		return !c.Money.Amount.IsZero()
	case k == Number:
		return c.Number.Valid
	case k == Day:
		return !c.Date.IsZero()
	}
	return c.Text != ""
}

// Trimmed returns the table without the columns that are not needed and say nothing.
func (t Table) Trimmed() *Table {
	return t.with(func(i int, c Column) bool {
		said := c.Needed
		for _, r := range t.Rows {
			said = said || r.Cells != nil && r.Cells[i].says(c.Kind)
		}
		return said
	})
}

// Narrow returns the table without the columns that lead to the books.
func (t Table) Narrow() *Table { return t.with(func(_ int, c Column) bool { return !c.Leads }) }

// with returns the table with some of its columns.
func (t Table) with(kept func(i int, c Column) bool) *Table {
	var keep []int
	for i, c := range t.Columns {
		if kept(i, c) {
			keep = append(keep, i)
		}
	}
	out := &Table{Columns: make([]Column, len(keep)), Rows: make([]Row, len(t.Rows))}
	for j, i := range keep {
		out.Columns[j] = t.Columns[i]
	}
	for n, r := range t.Rows {
		if r.Cells != nil {
			cells := make([]Cell, len(keep))
			for j, i := range keep {
				cells[j] = r.Cells[i]
			}
			r.Cells = cells
		}
		out.Rows[n] = r
	}
	return out
}

// Chart is figures that people would rather look at than read. All its values are in one currency.
type Chart struct {
	Title      string
	Bars       bool // horizontal bars, one below the other; otherwise columns
	Currency   ledger.Currency
	Categories []string
	Series     []Series
}

// Series is the values of a chart that share a colour, one for each category.
type Series struct {
	Name   string
	Values []decimal.Decimal
}
