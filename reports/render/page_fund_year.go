package render

import (
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// changes lays out the statement of changes in the fund: the year and the one before, a column that adds up each.
func (p *page) changes(r *reports.FundReport) {
	c := r.Changes
	column := func(y int) layout.Column { return layout.Column{Title: year(y), Kind: layout.Amount, Needed: true} }
	t := layout.Table{Columns: []layout.Column{p.long("Item"), column(r.Year), column(r.Year - 1)}}
	line := func(l reports.Change) []layout.Cell {
		return append(words(language.Term(p.Language, l.Item)), cash(l.Year, l.Prior)...)
	}
	t.Add(line(c.Opening)...)
	part := func(heading string, lines []reports.Change) []int {
		from := len(t.Rows)
		if len(lines) > 0 {
			t.Across(layout.Heading, p.T(heading))
		}
		for _, l := range lines {
			t.Add(line(l)...)
		}
		return t.Lines(from)
	}
	revenue := part("Revenue", c.Revenue)
	t.AddTotal(revenue, line(c.TotalRevenue)...)
	expenses := part("Expenses", c.Expenses)
	t.AddTotal(expenses, line(c.TotalExpenses)...)
	part("Adjustments", c.Adjustments)
	t.AddTotal(t.Lines(0), line(c.Closing)...)
	p.section("changes_in_fund", "Statement of changes in the fund (what takes from it in parentheses)", t)
}

// years lays out the comparison of the years, with its charts.
func (p *page) years(years []reports.YearFigures) {
	t := layout.Table{Columns: []layout.Column{p.text("Year"), p.needed("Pledged", layout.Apart), p.needed("Cash received", layout.Apart), p.needed("In kind, recognised", layout.Apart),
		p.needed("In kind, disclosed", layout.Apart), p.needed("Expenditure", layout.Apart), p.needed("Programme support", layout.Apart), p.needed("Outstanding", layout.Apart)}}
	var names []string
	var pledged, received, recognised, disclosed []decimal.Decimal
	for _, y := range years {
		t.Add(append(words(year(y.Year)), cash(y.Pledged, y.Received, y.Recognised, y.Disclosed, y.Expenditure, y.Support, y.Outstanding)...)...)
		names = append(names, year(y.Year))
		pledged, received = append(pledged, y.Pledged.Amount), append(received, y.Received.Amount)
		recognised, disclosed = append(recognised, y.Recognised.Amount), append(disclosed, y.Disclosed.Amount)
	}
	p.section("five_years", "Five years beside each other, in USD", t)
	p.chart("contributions_by_year", "Contributions by year, in USD (cash and in kind are never added)", layout.Chart{Currency: ledger.USD, Categories: names, Series: []layout.Series{
		{Name: p.T("Cash received"), Values: received}, {Name: p.T("In kind, recognised"), Values: recognised}, {Name: p.T("In kind, disclosed"), Values: disclosed}}})
	p.chart("pledged_and_received", "Cash pledged beside cash received, in USD", layout.Chart{Currency: ledger.USD, Categories: names, Series: []layout.Series{
		{Name: p.T("Pledged"), Values: pledged}, {Name: p.T("Cash received"), Values: received}}})
}

// byKindOfContributor lays out a line for each kind, cash beside in kind.
func (p *page) byKindOfContributor(r *reports.FundReport) {
	t := layout.Table{Columns: []layout.Column{p.long("Kind"), p.number("Contributors"), p.needed("Pledged", layout.Apart), p.needed("Cash received", layout.Apart),
		p.amount("Refunded", layout.Apart), p.needed("Outstanding", layout.Apart), p.needed("In kind, recognised", layout.Apart), p.needed("In kind, disclosed", layout.Apart)}}
	figures := func(f reports.FundFigures) []layout.Cell {
		return cash(promised(f), f.Received, f.Refunded, f.Pledges.Closing, f.InKindRecognised, f.InKindDisclosed)
	}
	contributors := 0
	for _, g := range r.Groups {
		contributors += len(g.Contributors)
		t.Add(append([]layout.Cell{layout.Words(p.T(kindNames[g.Kind])), count(len(g.Contributors))}, figures(g.Subtotal)...)...)
	}
	if len(r.Groups) > 0 {
		t.AddTotal(t.Lines(0), append([]layout.Cell{layout.Words(p.T("Total")), count(contributors)}, figures(r.Total)...)...)
	}
	p.section("by_kind_of_contributor", "Contributions by kind of contributor: cash beside in kind, in USD", t)
}

// promised returns what was announced and agreed in the year.
func promised(f reports.FundFigures) reports.Money {
	sum := f.Pledges.Announced
	sum.Amount = sum.Amount.Add(f.Pledges.Agreed.Amount)
	return sum
}

// largest lays out the contributors that gave most, with their chart.
func (p *page) largest(lines []reports.LargestLine) {
	t := layout.Table{Columns: []layout.Column{p.text("Code"), p.long("Contributor"), p.needed("Cash received", layout.Apart), p.fixed("Per cent of the cash", 1), p.needed("In kind", layout.Apart)}}
	var names []string
	var received []decimal.Decimal
	for _, l := range lines {
		name := p.contributor(l.Contributor)
		t.Add(append(words(string(l.Code), name), layout.Cash(l.Received.Money), layout.Quantity(l.Share), layout.Cash(l.InKind.Money))...)
		names, received = append(names, name), append(received, l.Received.Amount)
	}
	p.section("largest_contributors", "The largest contributors of the year, in USD (cash and in kind are never added)", t)
	p.chart("largest_contributors_chart", "The largest contributors of the year by cash received, in USD",
		layout.Chart{Bars: true, Currency: ledger.USD, Categories: names, Series: []layout.Series{{Name: p.T("Cash received"), Values: received}}})
}

// purposes lays out what is earmarked beside what is for the general purpose.
func (p *page) purposes(lines []reports.PurposeLine) {
	t := layout.Table{Columns: []layout.Column{p.long("Purpose"), p.text("Fund"), p.needed("Cash received", layout.Apart), p.needed("In kind, recognised", layout.Apart),
		p.needed("In kind, disclosed", layout.Apart), p.needed("Spent", layout.Apart)}}
	names := map[ledger.FundKind]string{ledger.GeneralPurpose: "General purpose", ledger.SpecialPurpose: "Earmarked"}
	for _, kind := range []ledger.FundKind{ledger.GeneralPurpose, ledger.SpecialPurpose} {
		for _, l := range lines {
			if l.Purpose == kind {
				t.Add(append(words(p.T(names[kind]), string(l.Fund)), cash(l.Received, l.Recognised, l.Disclosed, l.Spent)...)...)
			}
		}
	}
	p.section("purposes", "General purpose and earmarked: the fund and the funds under it, in USD", t)
}

func (p *page) exchange(e reports.Exchange) {
	t := layout.Table{Columns: []layout.Column{p.long("Exchange difference"), p.needed("Gains", layout.In), p.needed("Losses", layout.Out), p.needed("Net", layout.Sum)}}
	line := func(name string, f reports.ExchangeFigures) []layout.Cell {
		return append(words(p.T(name)), cash(f.Gains, f.Losses, f.Net)...)
	}
	t.Add(line("On settlement", e.Settled)...)
	t.Add(line("On revaluation", e.Revalued)...)
	t.AddTotal(t.Lines(0), line("Total", e.ExchangeFigures)...)
	p.section("exchange", "Exchange differences, in USD", t)
}
