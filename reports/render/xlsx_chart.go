package render

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/shopspring/decimal"
	"github.com/xuri/excelize/v2"

	"vcledger/ledger"
	"vcledger/reports/chart"
	"vcledger/reports/layout"
)

// chart adds the sheet of a chart: its figures, and below them a chart of the spreadsheet's own that reads them.
func (b *workbook) chart(section layout.Section) error {
	s, c := b.sheet(section.Name), section.Chart
	s.title(fmt.Sprintf("%s (%s)", c.Title, c.Currency))
	s.row = headerRow
	s.widths, s.high = []int{30}, 1
	for i, series := range c.Series {
		s.text(i+2, series.Name, cellStyle{bold: true, wraps: true, figure: true, format: headFormat})
		s.widths = append(s.widths, 18)
	}
	for n, category := range c.Categories {
		s.row = firstRow + n
		s.text(1, category, cellStyle{})
		for i, series := range c.Series {
			m := ledger.Money{Amount: series.Values[n], Currency: c.Currency}
			s.number(i+2, m.Fixed(), "", cellStyle{format: amountFormat(m), figure: true})
		}
	}
	if err := s.finish(firstRow); err != nil {
		return err
	}
	return b.AddChart(s.name, at(1, firstRow+len(c.Categories)+1), s.drawn(c))
}

// drawn describes the chart.
func (s *sheet) drawn(c *layout.Chart) *excelize.Chart {
	last := strconv.Itoa(firstRow + len(c.Categories))
	reference := func(column int, from, to string) string {
		name, _, _ := excelize.SplitCellName(at(column, 0))
		if from == to {
			return "'" + s.name + "'!$" + name + "$" + from
		}
		return "'" + s.name + "'!$" + name + "$" + from + ":$" + name + "$" + to
	}
	head, first := strconv.Itoa(headerRow+1), strconv.Itoa(firstRow+1)
	uniform := false // a spreadsheet would give each column of a single series a colour of its own
	out := &excelize.Chart{Type: excelize.Col, VaryColors: &uniform, Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: c.Title}}}, Legend: excelize.ChartLegend{Position: "bottom"},
		Dimension: excelize.ChartDimension{Width: 720, Height: 400}, Format: excelize.GraphicOptions{AltText: chart.Tell(c, s.page.Language)}}
	ink := excelize.Font{Size: 9, Color: "1B2733"}
	out.XAxis.Font, out.YAxis.Font, out.Legend.Font = ink, ink, &ink
	out.YAxis.MajorGridLines, out.YAxis.NumFmt = true, excelize.ChartNumFmt{CustomNumFmt: "#,##0"}
	if !slices.ContainsFunc(c.Series, func(s layout.Series) bool { return slices.ContainsFunc(s.Values, decimal.Decimal.IsNegative) }) {
		out.YAxis.Minimum = new(float64) // a spreadsheet would begin where the lowest value lies
	}
	fromRight := s.page.Language.RightToLeft()
	if c.Bars {
		out.Type, out.XAxis.ReverseOrder, out.YAxis.ReverseOrder = excelize.Bar, true, fromRight
	} else {
		out.XAxis.ReverseOrder = fromRight
	}
	for i := range c.Series {
		out.Series = append(out.Series, excelize.ChartSeries{Name: reference(i+2, head, head), Categories: reference(1, first, last), Values: reference(i+2, first, last),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{chart.SeriesColour(i).Hex()}}})
	}
	return out
}
