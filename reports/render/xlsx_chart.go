package render

import (
	"fmt"
	"strconv"

	"github.com/xuri/excelize/v2"

	"vcledger/ledger"
	"vcledger/reports/chart"
	"vcledger/reports/layout"
)

// chart adds the sheet of a chart: its figures, and a chart of the spreadsheet's own that reads them.
func (b *workbook) chart(section layout.Section) error {
	s, c := b.sheet(section.Name), section.Chart
	s.text(1, fmt.Sprintf("%s (%s)", c.Title, c.Currency), cellStyle{bold: true, large: true})
	s.row = headerRow
	s.widths = []int{30}
	for i, series := range c.Series {
		s.text(i+2, series.Name, cellStyle{bold: true, wraps: true, figure: true})
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
	return b.AddChart(s.name, at(len(c.Series)+3, headerRow), s.drawn(c))
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
	out := &excelize.Chart{Type: excelize.Col, Title: excelize.ChartTitle{Paragraph: []excelize.RichTextRun{{Text: c.Title}}}, Legend: excelize.ChartLegend{Position: "bottom"},
		Dimension: excelize.ChartDimension{Width: 720, Height: 400}, Format: excelize.GraphicOptions{AltText: chart.Tell(c, s.page.Language)}}
	if c.Bars {
		out.Type, out.XAxis.ReverseOrder = excelize.Bar, true
	}
	for i := range c.Series {
		out.Series = append(out.Series, excelize.ChartSeries{Name: reference(i+2, head, head), Categories: reference(1, first, last), Values: reference(i+2, first, last),
			Fill: excelize.Fill{Type: "pattern", Pattern: 1, Color: []string{chart.SeriesColour(i).Hex()}}})
	}
	return out
}
