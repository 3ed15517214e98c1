package reports_test

import (
	"bytes"
	"io"
	"regexp"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// TestWorkbook reads the spreadsheet of a statement and a report back: every formula gives the value that stands beside it,
// which is ours, and no text is one.
func TestWorkbook(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	for name, doc := range map[string]any{
		"statement":  statement(t, b.Store, always, reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")}),
		"fundreport": fundReport(t, b.Store, "GEN", 2024),
	} {
		for _, l := range []language.Language{language.English, language.Arabic} {
			form := func(w io.Writer, doc any) error { return render.XLSX(w, doc, l) }
			book := rendered(t, form, doc)
			if !bytes.Equal(book, rendered(t, form, doc)) {
				t.Errorf("%s in %s: the second workbook has other bytes", name, l)
			}
			f, err := excelize.OpenReader(bytes.NewReader(book))
			if err != nil {
				t.Fatal(err)
			}
			if formulas := checkFormulas(t, f); formulas < 20 {
				t.Errorf("%s in %s: only %d formulas", name, l, formulas)
			}
			frozen(t, f)
		}
	}
}

// checkFormulas computes every formula of a workbook.
func checkFormulas(t *testing.T, f *excelize.File) (found int) {
	t.Helper()
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet, excelize.Options{RawCellValue: true})
		if err != nil {
			t.Fatal(err)
		}
		for r := range rows {
			for c := range rows[r] {
				cell, err := excelize.CoordinatesToCellName(c+1, r+1)
				if err != nil {
					t.Fatal(err)
				}
				formula, err := f.GetCellFormula(sheet, cell)
				if err != nil {
					t.Fatal(err)
				}
				if formula == "" {
					continue
				}
				found++
				computed, err := f.CalcCellValue(sheet, cell, excelize.Options{RawCellValue: true})
				if err != nil {
					t.Errorf("%s!%s: %s: %v", sheet, cell, formula, err)
					continue
				}
				want := decimal.RequireFromString(rows[r][c])
				if got := decimal.RequireFromString(computed); !got.Round(-want.Exponent()).Equal(want) {
					t.Errorf("%s!%s: %s is %s, the document says %s", sheet, cell, formula, got, want)
				}
				if kind, err := f.GetCellType(sheet, cell); err != nil || kind == excelize.CellTypeFormula {
					t.Errorf("%s!%s: the value beside the formula is a text", sheet, cell)
				}
			}
		}
	}
	return found
}

// frozen looks for the header of each table.
func frozen(t *testing.T, f *excelize.File) {
	t.Helper()
	for _, sheet := range f.GetSheetList()[1:] {
		if panes, err := f.GetPanes(sheet); err != nil || !panes.Freeze || panes.YSplit != 2 {
			t.Errorf("%s: the header is not frozen: %+v %v", sheet, panes, err)
		}
	}
}

// ours are the formulas of totals and of rows.
var ours = regexp.MustCompile(`^(SUM\([A-Z0-9:,]+\)|[A-Z]+\d+([+-][A-Z]+\d+)*)$`)

// TestWorkbookRunsNothing writes texts that a spreadsheet would run, or that XML cannot hold: they are texts.
func TestWorkbookRunsNothing(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"=1+1", "+1", "-1+1", "@x", "\tx", "=HYPERLINK(\"http://x\")", "a\x00b\x1b[2J", "\xff\xfe", "</v>\" t=\"str\"><f>1</f>", strings.Repeat("長", 40000)} {
		book := rendered(t, func(w io.Writer, doc any) error { return render.XLSX(w, doc, language.English) },
			&reports.Statement{Contributor: reports.Contributor{Code: "X", Name: text}, Notes: []string{text}, Receipts: []reports.Receipt{{Payer: text}}})
		f, err := excelize.OpenReader(bytes.NewReader(book))
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		for _, sheet := range f.GetSheetList() {
			rows, err := f.GetRows(sheet)
			if err != nil {
				t.Fatalf("%q: %v", text, err)
			}
			for r := range rows {
				for c := range rows[r] {
					cell, _ := excelize.CoordinatesToCellName(c+1, r+1)
					if formula, err := f.GetCellFormula(sheet, cell); err != nil || formula != "" && !ours.MatchString(formula) {
						t.Errorf("%q is the formula %q of %s!%s", text, formula, sheet, cell)
					}
				}
			}
		}
	}
}
