package render

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"io"
	"strings"

	"vcledger/reports/chart"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

//go:embed page.html page.css
var pageFiles embed.FS

var pageTemplate = template.Must(template.New("page.html").ParseFS(pageFiles, "page.html"))

// pageStyle stands in the page, so that a page that was saved or mailed looks as it did.
var pageStyle = func() template.CSS {
	b, err := pageFiles.ReadFile("page.css")
	if err != nil {
		panic("render: " + err.Error()) // a file that was compiled in cannot be missing
	}
	return template.CSS(b)
}()

// StyleSource is the source of a Content-Security-Policy (CSP Level 3, section 6.7.2) that lets the page have its style.
var StyleSource = func() string {
	sum := sha256.Sum256([]byte(pageStyle))
	return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
}()

// HTML writes a document as a page that can be read by a screen reader, saved and printed: it needs no other file and runs no
// script. Texts from outside are escaped and isolated from the direction of the text around them.
func HTML(w io.Writer, doc any, l language.Language) error {
	p, err := Page(doc, l)
	if err != nil {
		return err
	}
	var b bytes.Buffer
	if err := pageTemplate.Execute(&b, webPage{Document: p, Style: pageStyle}); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	if _, err := w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("write HTML: %w", err)
	}
	return nil
}

// webPage is what the template reads.
type webPage struct {
	*layout.Document
	Style template.CSS
}

// Direction is the dir attribute of the page.
func (p webPage) Direction() string {
	if p.Language.RightToLeft() {
		return "rtl"
	}
	return "ltr"
}

// Carried is the address of the file that the page carries: the file itself (RFC 2397).
func (p webPage) Carried() template.URL {
	return template.URL("data:application/json;base64," + base64.StdEncoding.EncodeToString(p.Attached.Data))
}

// webCode is a QR code with what a screen reader says of it.
type webCode struct {
	chart.Code
	Told string
}

// Drawn is the QR code of the page; nil for none.
func (p webPage) Drawn() *webCode {
	if p.Code == nil {
		return nil
	}
	code, ok := chart.Encode(p.Code.Text)
	if !ok {
		return nil
	}
	return &webCode{code, p.Code.Told()}
}

// Parts are the sections, as the template reads them.
func (p webPage) Parts() []webSection {
	parts := make([]webSection, len(p.Sections))
	for i, s := range p.Sections {
		parts[i] = webSection{Section: s, language: p.Language}
	}
	return parts
}

type webSection struct {
	layout.Section
	language language.Language
}

// chartWidth is that of a chart in the page, in points.
const chartWidth = 520

// Drawing is the chart as shapes.
func (s webSection) Drawing() webDrawing {
	return webDrawing{Drawing: chart.Draw(s.Chart, s.language, chartWidth), Told: chart.Tell(s.Chart, s.language)}
}

// webDrawing is a chart with what a screen reader says of it.
type webDrawing struct {
	chart.Drawing
	Told string
}

// At writes a length for SVG, the same on every machine.
func (webDrawing) At(length any) string { return fmt.Sprintf("%.2f", length) }

// Head are the columns of the table.
func (s webSection) Head() []webCell {
	head := make([]webCell, len(s.Table.Columns))
	for i, c := range s.Table.Columns {
		head[i] = webCell{Text: c.Title, Class: className(c)}
	}
	return head
}

// webRow is a row of a table: a text across all columns, or cells.
type webRow struct {
	Class  string
	Across string
	Leads  string
	Span   int
	Cells  []webCell
}

// webCell is a cell with its text; the first text of a row is its header.
type webCell struct {
	Text   string
	Class  string
	Header bool
}

var rowClasses = map[layout.Role]string{layout.Line: "line", layout.Heading: "heading", layout.Lead: "lead", layout.Detail: "detail", layout.Total: "total"}

// Rows are the rows of the table.
func (s webSection) Rows() []webRow {
	rows := make([]webRow, len(s.Table.Rows))
	for i, r := range s.Table.Rows {
		rows[i] = webRow{Class: rowClasses[r.Role], Across: r.Text, Leads: r.Leads, Span: len(s.Table.Columns)}
		headed := false // a total may begin with empty cells: its name is its header
		for n, c := range r.Cells {
			column := s.Table.Columns[n]
			cell := webCell{Text: c.Form(s.language, column), Class: className(column)}
			cell.Header = !headed && cell.Text != "" && column.Kind != layout.Amount
			headed = headed || n == 0 && column.Kind == layout.Amount || cell.Header
			if cell.Class == figureClass && strings.HasSuffix(cell.Text, ")") {
				cell.Class = minusClass
			}
			rows[i].Cells = append(rows[i].Cells, cell)
		}
	}
	return rows
}

// figureClass is that of figures; one in parentheses has minusClass too, and its closing one hangs beside the others' digits.
const (
	figureClass = "figure"
	minusClass  = figureClass + " minus"
)

func className(c layout.Column) string {
	switch {
	case isFigure(c):
		return figureClass
	case c.Kind == layout.Day:
		return "day"
	case c.Leads:
		return "leads"
	}
	return "words"
}
