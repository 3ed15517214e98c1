package render

import (
	"vcledger/reports"
	"vcledger/reports/layout"
)

// schedule lays out the fund's page of a schedule of individual trust funds.
func (p *page) schedule(s reports.Schedule) {
	p.scheduledReceivables(s.Receivables)
	p.scheduledContributions(s)
}

func (p *page) scheduledReceivables(r reports.ScheduledReceivables) {
	t := layout.Table{Columns: []layout.Column{p.long("Contributor"), p.needed("Current", layout.In), p.needed("Not current", layout.In), p.needed("Total", layout.Sum)}}
	line := func(name string, f reports.ReceivableFigures) []layout.Cell {
		return append(words(name), cash(f.Current, f.NonCurrent, f.Total)...)
	}
	var parts []int
	group := func(heading, total string, g reports.ReceivableGroup) {
		if len(g.Lines) == 0 {
			return
		}
		t.Across(layout.Heading, p.T(heading))
		from := len(t.Rows)
		for _, l := range g.Lines {
			t.Add(line(p.contributor(l.Contributor), l.ReceivableFigures)...)
		}
		parts = append(parts, len(t.Rows))
		t.AddTotal(t.Lines(from), line(p.T(total), g.Total)...)
	}
	group("Governments", "Total, Governments", r.Governments)
	group("Others", "Total, others", r.Others)
	less := func(name string, f reports.ReceivableFigures) {
		if !f.Total.Amount.IsZero() {
			parts = append(parts, len(t.Rows))
			t.Add(line(p.T(name), f)...)
		}
	}
	less("Less: allowance for doubtful contributions", r.Allowance)
	less("Less: discount of contributions that are not current", r.Discount)
	if len(parts) > 0 {
		t.AddTotal(parts, line(p.T("Total"), r.Total)...)
	}
	p.section("schedule_receivables", "Schedule of individual trust funds: voluntary contributions receivable at the end of the year, in USD", t)
}

func (p *page) scheduledContributions(s reports.Schedule) {
	t := layout.Table{Columns: []layout.Column{p.long("Contributor"), p.needed("Monetary", layout.In), p.needed("In kind, recognised", layout.In),
		p.needed("Refunds, transfers and adjustments", layout.In), p.needed("Total", layout.Sum)}}
	line := func(name string, f reports.ContributionFigures) []layout.Cell {
		return append(words(name), cash(f.Monetary, f.InKind, f.Adjustments, f.Total)...)
	}
	group := func(heading, total string, g reports.ContributionGroup) []int {
		if len(g.Lines)+len(g.Transfers) == 0 {
			return nil
		}
		t.Across(layout.Heading, p.T(heading))
		from := len(t.Rows)
		for _, l := range g.Lines {
			name := p.contributor(l.Contributor)
			if l.Contributor.Code == "" {
				name = p.T("No contributor named")
			}
			t.Add(line(name, l.ContributionFigures)...)
		}
		for _, l := range g.Transfers {
			name := p.T("From or to other funds")
			if l.Fund != "" {
				name = p.F("From or to %s", l.Name)
			}
			t.Add(line(name, l.ContributionFigures)...)
		}
		t.AddTotal(t.Lines(from), line(p.T(total), g.Total)...)
		return []int{len(t.Rows) - 1}
	}
	c := s.Contributions
	parts := append(group("Governments", "Total, Governments", c.Governments), group("Others", "Total, others", c.Others)...)
	if !c.PresentValue.Total.Amount.IsZero() {
		parts = append(parts, len(t.Rows))
		t.Add(line(p.T("Present value adjustment"), c.PresentValue)...)
	}
	var totals []int
	if len(parts) > 0 {
		totals = append(totals, len(t.Rows))
		t.AddTotal(parts, line(p.T("Total, voluntary contributions"), c.Total)...)
	}
	totals = append(totals, group("Other transfers and allocations: United Nations system", "Total, other transfers and allocations", s.Allocations)...)
	if len(totals) > 1 {
		t.AddTotal(totals, line(p.T("Total"), s.Total)...)
	}
	p.section("schedule_contributions", "Schedule of individual trust funds: contributions of the year, in USD (revenue recognised; here alone money and kind have one total)", t)
}
