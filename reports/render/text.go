package render

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"

	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// pageWidth is what a terminal is taken to show, in columns.
const pageWidth = 110

// longest is how much of a long text a column shows.
const longest = 34

// Text writes a document for a terminal of about 110 columns.
func Text(w io.Writer, doc any, l language.Language) error {
	page, err := Page(doc, l)
	if err != nil {
		return err
	}
	t := terminal{language: l}
	t.document(page)
	if _, err := w.Write(t.Bytes()); err != nil {
		return fmt.Errorf("write text: %w", err)
	}
	return nil
}

// terminal is a document for a terminal under way.
type terminal struct {
	bytes.Buffer
	language language.Language
}

func (t *terminal) line(parts ...string) {
	t.WriteString(strings.TrimRight(strings.Join(parts, ""), " "))
	t.WriteByte('\n')
}

func (t *terminal) document(d *layout.Document) {
	t.line(clean(d.Title))
	t.line(strings.Repeat("=", min(uniseg.StringWidth(d.Title), pageWidth)))
	width := 0
	for _, f := range d.Facts {
		width = max(width, uniseg.StringWidth(f.Label))
	}
	for _, f := range d.Facts {
		t.paragraph(padded(f.Label, width)+"  ", f.Value)
	}
	if d.Warning != "" {
		t.line(clean(d.Warning))
	}
	for _, s := range d.Sections {
		if s.Chart != nil {
			continue // its figures stand in a table too
		}
		t.line()
		t.line(strings.ToUpper(clean(s.Title)))
		if s.Text != "" {
			t.line(indent, clean(s.Text))
		}
		if s.Table != nil {
			t.table(s.Table.Narrow())
		}
		for i, n := range s.Notes {
			t.paragraph(fmt.Sprintf("%2d. ", i+1), n)
		}
	}
}

// paragraph breaks a text where its script may be broken (UAX 14), after a label.
func (t *terminal) paragraph(label, text string) {
	width := pageWidth - 10 - uniseg.StringWidth(label)
	line := ""
	for rest, state := clean(text), -1; rest != ""; {
		var part string
		part, rest, _, state = uniseg.FirstLineSegmentInString(rest, state)
		if line != "" && uniseg.StringWidth(line)+uniseg.StringWidth(strings.TrimRight(part, " ")) > width {
			t.line(label, line)
			line, label = "", strings.Repeat(" ", uniseg.StringWidth(label))
		}
		line += part
	}
	t.line(label, line)
}

// clean replaces what could move the cursor or give orders to a terminal: a name comes from outside.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r) {
			return unicode.ReplacementChar
		}
		return r
	}, language.Plain(s))
}

const indent, gap = "  ", "  "

// insets are how far a row that stands across the columns is set in.
var insets = map[layout.Role]string{layout.Heading: "", layout.Lead: "", layout.Detail: strings.Repeat(" ", 10)}

// table is aligned when it is written, as wide as its cells need.
func (t *terminal) table(table *layout.Table) {
	cells := make([][]string, len(table.Rows))
	widths := make([]int, len(table.Columns))
	for i, c := range table.Columns {
		widths[i] = uniseg.StringWidth(c.Title) + margin(c)
	}
	for n, r := range table.Rows {
		cells[n] = make([]string, len(r.Cells))
		for i, c := range r.Cells {
			text := clean(c.Form(t.language, table.Columns[i]))
			if table.Columns[i].Kind == layout.Amount && !strings.HasSuffix(text, ")") {
				text += " " // below the closing parenthesis, so that the digits stand below each other
			}
			if table.Columns[i].Wraps {
				text = cut(text, longest)
			}
			cells[n][i] = text
			widths[i] = max(widths[i], uniseg.StringWidth(text))
		}
	}
	titles := make([]string, len(table.Columns))
	for i, c := range table.Columns {
		titles[i] = c.Title + strings.Repeat(" ", margin(c))
	}
	t.cells(table.Columns, widths, titles)
	t.rule(table.Columns, widths)
	for n, r := range table.Rows {
		switch {
		case r.Cells == nil && r.Text == "":
			continue // it leads to the books only
		case r.Cells == nil:
			t.line(indent, insets[r.Role], clean(r.Text))
			continue
		case r.Role == layout.Total && (n == 0 || table.Rows[n-1].Role != layout.Total):
			t.rule(table.Columns, widths)
		}
		t.cells(table.Columns, widths, cells[n])
	}
}

// margin is the room for a closing parenthesis.
func margin(c layout.Column) int {
	if c.Kind == layout.Amount {
		return 1
	}
	return 0
}

func (t *terminal) rule(columns []layout.Column, widths []int) {
	lines := make([]string, len(widths))
	for i, w := range widths {
		lines[i] = strings.Repeat("-", w)
	}
	t.cells(columns, widths, lines)
}

func (t *terminal) cells(columns []layout.Column, widths []int, cells []string) {
	var b strings.Builder
	for i, cell := range cells {
		b.WriteString(gap)
		if columns[i].Kind == layout.Amount || columns[i].Kind == layout.Number {
			cell = strings.Repeat(" ", max(0, widths[i]-uniseg.StringWidth(cell))) + cell
		}
		b.WriteString(padded(cell, widths[i]))
	}
	t.line(b.String())
}

func padded(s string, width int) string {
	return s + strings.Repeat(" ", max(0, width-uniseg.StringWidth(s)))
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
