package render

import (
	"bytes"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"vcledger/reports"
)

// pageWidth is what a terminal is taken to show, in columns.
const pageWidth = 110

// page is a document for a terminal under way.
type page struct{ bytes.Buffer }

func (p *page) line(parts ...string) {
	p.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	p.WriteByte('\n')
}

// heading begins a section.
func (p *page) heading(title string) {
	p.line()
	p.line(strings.ToUpper(title))
}

// title begins a document.
func (p *page) title(title string) {
	p.line(title)
	p.line(strings.Repeat("=", min(uniseg.StringWidth(title), pageWidth)))
}

// paragraph breaks a text at spaces.
func (p *page) paragraph(indent, text string) {
	width := pageWidth - 10 - len(indent)
	line := ""
	for word := range strings.FieldsSeq(clean(text)) {
		if line != "" && uniseg.StringWidth(line)+1+uniseg.StringWidth(word) > width {
			p.line(indent, line)
			line, indent = "", strings.Repeat(" ", len(indent))
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	p.line(indent, line)
}

// clean replaces what could move the cursor or give orders to a terminal: a name comes from outside.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, s)
}

// column is a column of a table. One of numbers is aligned on the right.
type column struct {
	title  string
	number bool
	needed bool // shown even when all its cells say nothing
	width  int  // of a text, when it is longer it is cut; zero for any
}

func textColumn(title string, width int) column {
	return column{title: title, needed: true, width: width}
}

// moneyColumn is left out where it says nothing.
func moneyColumn(title string) column { return column{title: title, number: true} }

func totalColumn(title string) column { return column{title: title, number: true, needed: true} }

// row is a line of a table: cells, or a lead that stands across the columns.
type row struct {
	lead  string
	cells []string
	rule  bool // a line above: this is a total
}

// table is aligned when it is written, as wide as its cells need.
type table struct {
	columns []column
	rows    []row
}

func (t *table) lead(text string) { t.rows = append(t.rows, row{lead: clean(text)}) }

func (t *table) add(cells ...string) { t.rows = append(t.rows, row{cells: cells}) }

func (t *table) total(cells ...string) { t.rows = append(t.rows, row{cells: cells, rule: true}) }

const indent, gap = "  ", "  "

// nothing is how an amount of zero is shown, with the place of a closing parenthesis.
const nothing = "- "

func (p *page) table(t table) {
	widths := make([]int, len(t.columns)) // zero: left out
	for i, c := range t.columns {
		says := c.needed
		width := uniseg.StringWidth(c.title)
		if c.number {
			width++
		}
		for _, r := range t.rows {
			if i >= len(r.cells) {
				continue
			}
			if c.width > 0 {
				r.cells[i] = cut(clean(r.cells[i]), c.width)
			}
			width = max(width, uniseg.StringWidth(r.cells[i]))
			says = says || r.cells[i] != "" && r.cells[i] != nothing
		}
		if says {
			widths[i] = width
		}
	}
	titles := make([]string, len(t.columns))
	for i, c := range t.columns {
		if titles[i] = c.title; c.number {
			titles[i] += " "
		}
	}
	p.cells(t.columns, widths, titles)
	p.cells(t.columns, widths, rules(widths))
	for _, r := range t.rows {
		switch {
		case r.cells == nil:
			p.line(indent, r.lead)
			continue
		case r.rule:
			p.cells(t.columns, widths, rules(widths))
		}
		p.cells(t.columns, widths, r.cells)
	}
}

func rules(widths []int) []string {
	out := make([]string, len(widths))
	for i, w := range widths {
		out[i] = strings.Repeat("-", w)
	}
	return out
}

func (p *page) cells(columns []column, widths []int, cells []string) {
	var b strings.Builder
	for i, cell := range cells {
		if widths[i] == 0 {
			continue
		}
		b.WriteString(gap)
		pad := strings.Repeat(" ", max(0, widths[i]-uniseg.StringWidth(cell)))
		if columns[i].number {
			b.WriteString(pad + cell)
		} else {
			b.WriteString(cell + pad)
		}
	}
	p.line(b.String())
}

// cut shortens a text to a number of columns, at a boundary of what a reader takes for one character.
func cut(s string, width int) string {
	if uniseg.StringWidth(s) <= width {
		return s
	}
	var b strings.Builder
	used := 0
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if used+g.Width() > width-1 {
			break
		}
		b.WriteString(g.Str())
		used += g.Width()
	}
	return b.String() + "…"
}

// figure writes an amount with separators of thousands, a negative one in parentheses and zero as a dash. The last
// column is that of the closing parenthesis, so that the digits stand below each other.
func figure(m reports.Money) string {
	if m.Amount.IsZero() {
		return nothing
	}
	digits, fraction, whole := strings.Cut(m.Money.Fixed(), ".")
	digits, negative := strings.CutPrefix(digits, "-")
	for i := len(digits) - 3; i > 0; i -= 3 {
		digits = digits[:i] + "," + digits[i:]
	}
	if whole {
		digits += "." + fraction
	}
	if negative {
		return "(" + digits + ")"
	}
	return digits + " "
}

func figures(amounts ...reports.Money) []string {
	cells := make([]string, len(amounts))
	for i, m := range amounts {
		cells[i] = figure(m)
	}
	return cells
}
