package render

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"vcledger/ledger"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// sheet is a sheet under way. The first error is kept until it is finished.
type sheet struct {
	*workbook
	name   string
	row    int // the row to write next, counted from 0
	widths []int
	longs  []long
	high   int // on how many pages it is printed; 0 for as many as it takes
	err    error
}

// long is how many characters a cell of several lines has.
type long struct{ column, row, width int }

func (b *workbook) sheet(name string) *sheet {
	s := &sheet{workbook: b, name: b.sheetName(name)}
	_, s.err = b.NewSheet(s.name)
	return s
}

// at returns the name of a cell: columns are counted from 1, rows from 0.
func at(column, row int) string {
	name, err := excelize.CoordinatesToCellName(column, row+1)
	if err != nil {
		panic("render: " + err.Error()) // our own columns and rows
	}
	return name
}

func (s *sheet) set(column int, style cellStyle, value func(cell string) error) {
	if s.err != nil {
		return
	}
	cell := at(column, s.row)
	if s.err = value(cell); s.err != nil {
		return
	}
	var i int
	if i, s.err = s.style(style); s.err == nil {
		s.err = s.SetCellStyle(s.name, cell, cell, i)
	}
}

// longestCell is how many characters a cell holds (ECMA-376 part 1, section 18.3.1.4 as spreadsheets implement it).
const longestCell = 32767

func (s *sheet) text(column int, text string, style cellStyle) {
	if utf8.RuneCountInString(text) > longestCell {
		text = string([]rune(text)[:longestCell-1]) + "…"
	}
	if style.wraps {
		s.longs = append(s.longs, long{column, s.row, uniseg.StringWidth(text)})
	}
	s.set(column, style, func(cell string) error { return s.SetCellStr(s.name, cell, clean(text)) })
}

// number writes a plain decimal as it is: the sheet has its digits, not those of a float.
func (s *sheet) number(column int, plain, formula string, style cellStyle) {
	s.set(column, style, func(cell string) error {
		if err := s.SetCellDefault(s.name, cell, plain); err != nil || formula == "" {
			return err
		}
		return s.SetCellFormula(s.name, cell, formula)
	})
}

// titleHeight is that of the row of a sheet's title, in points.
const titleHeight = 24

func (s *sheet) title(title string) {
	s.text(1, title, cellStyle{bold: true, large: true})
	if s.err == nil {
		s.err = s.SetRowHeight(s.name, s.row+1, titleHeight)
	}
}

// finish sets what a sheet has as a whole: some rows at the top stay while the others scroll, and are printed on each page.
func (s *sheet) finish(frozen int) error {
	for i, width := range s.widths {
		if s.err == nil {
			column, _, _ := excelize.SplitCellName(at(i+1, 0))
			s.err = s.SetColWidth(s.name, column, column, float64(width))
		}
	}
	s.heights()
	if s.err == nil && s.page.Language.RightToLeft() {
		yes := true
		s.err = s.SetSheetView(s.name, 0, &excelize.ViewOptions{RightToLeft: &yes})
	}
	if s.err == nil && frozen > 0 {
		s.err = s.SetPanes(s.name, &excelize.Panes{Freeze: true, YSplit: frozen, TopLeftCell: at(1, frozen), ActivePane: "bottomLeft"})
	}
	if s.err == nil && frozen > 0 {
		s.err = s.SetDefinedName(&excelize.DefinedName{Name: "_xlnm.Print_Titles", RefersTo: "'" + s.name + "'!$1:$" + strconv.Itoa(frozen), Scope: s.name})
	}
	if s.err == nil {
		s.err = s.printed()
	}
	return s.err
}

// lineHeight is that of a line of text, in points, and highest that of a row (ECMA-376 part 1, section 18.3.1.73 as spreadsheets
// implement it).
const (
	lineHeight = 13
	highest    = 409
)

// heights makes room for the lines of long texts: not every spreadsheet does that by itself.
func (s *sheet) heights() {
	lines := map[int]int{}
	for _, l := range s.longs {
		if room := s.widths[l.column-1] - 1; l.width > room {
			lines[l.row] = max(lines[l.row], (l.width+room-1)/room)
		}
	}
	for _, row := range slices.Sorted(maps.Keys(lines)) {
		if s.err == nil {
			s.err = s.SetRowHeight(s.name, row+1, float64(min(lines[row]*lineHeight, highest)))
		}
	}
}

// printed sets the paper: A4, as wide as the sheet, with the pages counted.
func (s *sheet) printed() error {
	landscape, a4, wide, fit := "landscape", 9, 1, true
	if err := s.SetPageLayout(s.name, &excelize.PageLayoutOptions{Size: &a4, Orientation: &landscape, FitToWidth: &wide, FitToHeight: &s.high}); err != nil {
		return err
	}
	if err := s.SetSheetProps(s.name, &excelize.SheetPropsOptions{FitToPage: &fit}); err != nil {
		return err
	}
	return s.SetHeaderFooter(s.name, &excelize.HeaderFooterOptions{OddFooter: "&L" + strings.ReplaceAll(cut(s.page.Subject, 80), "&", "&&") + "&R&P / &N"})
}

// The rows of a table's sheet: the title, the header, and then the table's own.
const (
	headerRow = 1
	firstRow  = 2
)

// table adds the sheet of a section.
func (b *workbook) table(section layout.Section) error {
	s, t := b.sheet(section.Name), section.Table
	s.title(section.Title)
	s.row = headerRow
	s.widths = make([]int, len(t.Columns))
	for i, c := range t.Columns {
		s.text(i+1, c.Title, titleOf(c))
		s.widths[i] = max(9, min(24, uniseg.StringWidth(c.Title)+2))
	}
	for n, r := range t.Rows {
		s.row = firstRow + n
		if r.Cells == nil {
			s.across(r)
			continue
		}
		for i := range r.Cells {
			s.cell(t, n, i)
		}
	}
	return s.finish(firstRow)
}

// titleOf is the style of a column's title.
func titleOf(c layout.Column) cellStyle {
	s := cellStyle{bold: true, wraps: true, figure: isFigure(c)}
	if s.figure {
		s.format = headFormat
	}
	return s
}

func isFigure(c layout.Column) bool { return c.Kind == layout.Amount || c.Kind == layout.Number }

// across writes a row that stands across the columns: a spreadsheet shows it over the empty cells beside it.
func (s *sheet) across(r layout.Row) {
	text := strings.TrimSpace(r.Text + "  " + r.Leads)
	s.text(1, text, cellStyle{bold: r.Role != layout.Detail, quiet: r.Role == layout.Detail})
}

// widest is how many characters a column is wide at most.
const widest = 48

func (s *sheet) cell(t *layout.Table, n, i int) {
	r, column := t.Rows[n], t.Columns[i]
	c, total := r.Cells[i], r.Role == layout.Total
	style := cellStyle{bold: total, ruled: total, wraps: column.Wraps, figure: isFigure(column)}
	shown := c.Form(s.page.Language, column)
	s.widths[i] = max(s.widths[i], min(widest, uniseg.StringWidth(shown)+2))
	switch {
	case c.Empty:
		s.text(i+1, "", style)
	case column.Kind == layout.Amount:
		style.format = amountFormat(c.Money)
		s.number(i+1, c.Money.Fixed(), formula(t, n, i), style)
	case column.Kind == layout.Number && c.Number.Valid:
		style.format = numberFormat(c.Number.Decimal, column.Decimals)
		s.number(i+1, c.Number.Decimal.String(), "", style)
	case column.Kind == layout.Day && !c.Date.IsZero():
		style.format = dateFormats[s.page.Language]
		s.number(i+1, strconv.Itoa(serial(c.Date)), "", style)
	default:
		s.text(i+1, shown, style)
	}
}

// amountFormat shows as many decimals as the currency has, negative amounts in parentheses and zero as a dash.
func amountFormat(m ledger.Money) string {
	digits := "#,##0"
	if _, fraction, broken := strings.Cut(m.Fixed(), "."); broken {
		digits += "." + strings.Repeat("0", len(fraction))
	}
	return digits + "_);(" + digits + `);"-"_)`
}

// numberFormat shows the decimals that a number has, and at least those of its column, and leaves the room of a parenthesis as
// amounts do.
func numberFormat(d decimal.Decimal, decimals int32) string {
	for !d.Truncate(decimals).Equal(d) {
		decimals++
	}
	if decimals == 0 {
		return "#,##0_)"
	}
	return "#,##0." + strings.Repeat("0", int(decimals)) + "_)"
}

// headFormat shows the title of a column of figures above them, with the same room.
const headFormat = "@_)"

// dateFormats are the forms of [language.Language.Date].
var dateFormats = map[language.Language]string{
	language.Arabic: "dd/mm/yyyy", language.Spanish: "dd/mm/yyyy", language.French: "dd/mm/yyyy", language.Russian: "dd.mm.yyyy",
	language.Chinese: `yyyy"年"m"月"d"日"`, language.English: "d mmm yyyy",
}

// serial is a date as spreadsheets count it, from 30 December 1899 (ECMA-376 part 1, section 18.17.4.1).
func serial(d ledger.Date) int {
	return int(d.Start().Sub(ledger.NewDate(1899, 12, 30).Start()).Hours() / 24)
}

// formula returns what computes an amount from others of its sheet; none for an amount of its own.
func formula(t *layout.Table, n, i int) string {
	r := t.Rows[n]
	if r.Role == layout.Total {
		return sumOf(r.Adds, i)
	}
	if t.Columns[i].Flow != layout.Sum {
		return ""
	}
	var b strings.Builder
	for j, c := range t.Columns {
		if sign := map[layout.Flow]string{layout.In: "+", layout.Out: "-"}[c.Flow]; sign != "" && !r.Cells[j].Empty {
			b.WriteString(sign + at(j+1, firstRow+n))
		}
	}
	return strings.TrimPrefix(b.String(), "+")
}

// sumOf adds rows of a column up, neighbours as a range.
func sumOf(rows []int, i int) string {
	var parts []string
	for k := 0; k < len(rows); {
		first := k
		for k++; k < len(rows) && rows[k] == rows[k-1]+1; k++ {
		}
		parts = append(parts, at(i+1, firstRow+rows[first])+":"+at(i+1, firstRow+rows[k-1]))
	}
	if len(parts) == 0 {
		return ""
	}
	return "SUM(" + strings.Join(parts, ",") + ")"
}
