package render

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// cover is the name of the first sheet, which says what the workbook is.
const cover = "document"

// longestSheet is how many characters the name of a sheet may have (ECMA-376 part 1, section 18.2.19).
const longestSheet = 31

// XLSX writes a document as a workbook (ECMA-376): a sheet that says what it is, and a sheet for each section with the header
// frozen, amounts as numbers at their currency's scale, dates as dates, and totals as formulas with their value beside them.
// Texts are typed as texts, so none is taken for a formula.
func XLSX(w io.Writer, doc any, l language.Language) error {
	p, err := Page(doc, l)
	if err != nil {
		return err
	}
	b := &workbook{File: excelize.NewFile(), page: p, styles: map[cellStyle]int{}, names: map[string]bool{}}
	b.SetZipWriter(func(w io.Writer) excelize.ZipWriter { return newTypedZip(w, p) })
	if err := b.write(w); err != nil {
		return fmt.Errorf("write XLSX: %w", err)
	}
	return nil
}

// workbook is a document under way as a workbook.
type workbook struct {
	*excelize.File
	page   *layout.Document
	styles map[cellStyle]int
	names  map[string]bool // of sheets
}

func (b *workbook) write(w io.Writer) error {
	if err := b.cover(); err != nil {
		return err
	}
	for _, s := range b.page.Sections {
		var err error
		switch {
		case s.Table != nil:
			err = b.table(s)
		case s.Chart != nil:
			err = b.chart(s)
		}
		if err != nil {
			return fmt.Errorf("section %s: %w", s.Name, err)
		}
	}
	_, err := b.WriteTo(w)
	return err
}

// cover fills the first sheet: the facts, the warning, the sections' sentences and the notes.
func (b *workbook) cover() error {
	if err := b.SetSheetName("Sheet1", cover); err != nil {
		return err
	}
	b.names[cover] = true
	s := sheet{workbook: b, name: cover}
	s.title(b.page.Title)
	s.row++
	if b.page.Warning != "" {
		s.text(1, b.page.Warning, cellStyle{bold: true})
		s.row++
	}
	for _, f := range b.page.Facts {
		s.text(1, f.Label, cellStyle{})
		s.text(2, f.Value, cellStyle{wraps: true})
		s.row++
	}
	for _, section := range b.page.Sections {
		s.prose(section)
	}
	s.widths = []int{24, 100}
	return s.finish(0)
}

// prose writes what a section says in sentences.
func (s *sheet) prose(section layout.Section) {
	if section.Text == "" && len(section.Notes) == 0 {
		return
	}
	s.row++
	s.text(1, section.Title, cellStyle{bold: true})
	if section.Text != "" {
		s.row++
		s.text(2, section.Text, cellStyle{wraps: true})
	}
	for i, note := range section.Notes {
		s.row++
		s.text(1, strconv.Itoa(i+1)+".", cellStyle{figure: true})
		s.text(2, note, cellStyle{wraps: true})
	}
	s.row++
}

// sheetName returns a name that no other sheet has.
func (b *workbook) sheetName(name string) string {
	base := name
	for n := 2; len(base) > longestSheet || b.names[strings.ToLower(base)]; n++ {
		tail := fmt.Sprintf("_%d", n)
		base = name[:min(len(name), longestSheet-len(tail))] + tail
	}
	b.names[strings.ToLower(base)] = true
	return base
}

// cellStyle is how a cell looks.
type cellStyle struct {
	format             string // of numbers
	bold, large, ruled bool
	wraps, quiet       bool
	figure             bool // stands at the right in every language
}

// style returns the index of a style, which the workbook has once.
func (b *workbook) style(s cellStyle) (int, error) {
	if i, made := b.styles[s]; made {
		return i, nil
	}
	out := &excelize.Style{Font: &excelize.Font{Bold: s.bold, Size: 10, Family: "Arial"}, Alignment: &excelize.Alignment{Vertical: "top", Horizontal: "left", WrapText: s.wraps}}
	if b.page.Language.RightToLeft() {
		out.Alignment.ReadingOrder = 2
	}
	if s.figure || b.page.Language.RightToLeft() {
		out.Alignment.Horizontal = "right"
	}
	if s.large {
		out.Font.Size = 14
	}
	if s.quiet {
		out.Font.Color = "4A5A6A"
	}
	if s.ruled {
		out.Border = []excelize.Border{{Type: "top", Style: 1, Color: "1B2733"}}
	}
	if s.format != "" {
		out.CustomNumFmt = &s.format
	}
	i, err := b.NewStyle(out)
	b.styles[s] = i
	return i, err
}
