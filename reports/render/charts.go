package render

import (
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// OverviewCharts returns the charts of a fund's year, as the fund report has them.
func OverviewCharts(o *reports.FundOverview, l language.Language) []*layout.Chart {
	p := newPage(l, "Fund report")
	p.years(o.Years)
	p.largest(o.Largest)
	p.receivables(o.Receivables)
	var charts []*layout.Chart
	for _, section := range p.Sections {
		if section.Chart != nil {
			charts = append(charts, section.Chart)
		}
	}
	return charts
}
