package render

import (
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// currencies lays out cash by currency; two currencies are never added.
func (p *page) currencies(lines []reports.CurrencyYear) {
	t := layout.Table{Columns: []layout.Column{p.text("Currency"), p.needed("Opening", layout.Apart), p.needed("Pledged", layout.Apart), p.needed("Cash received", layout.Apart),
		p.needed("Closing", layout.Apart), p.needed("Pledged in USD", layout.Apart), p.needed("Cash received in USD", layout.Apart), p.needed("Closing in USD", layout.Apart)}}
	for _, c := range lines {
		t.Add(append(words(string(c.Currency)), cash(c.Opening.Money, c.Pledged.Money, c.Received.Money, c.Closing.Money, c.Pledged.USD, c.Received.USD, c.Closing.USD)...)...)
	}
	p.section("by_currency", "Cash by currency: outstanding, pledged and received", t)
}

// receivables lays out what is receivable by age, with its chart.
func (p *page) receivables(r reports.Receivables) {
	if r.Total.Outstanding.Amount.IsZero() && r.Net.Amount.IsZero() {
		return
	}
	t := layout.Table{Columns: []layout.Column{p.long("Days overdue"), p.needed("Outstanding", layout.Apart), p.needed("Current", layout.Apart), p.needed("Not current", layout.Apart)}}
	var names []string
	var outstanding []decimal.Decimal
	for _, l := range r.Ages {
		name := language.Term(p.Language, l.Bucket)
		t.Add(append(words(name), cash(l.Outstanding, l.Current, l.NonCurrent)...)...)
		names, outstanding = append(names, name), append(outstanding, l.Outstanding.Amount)
	}
	t.AddTotal(t.Lines(0), append(words(p.T("Total")), cash(r.Total.Outstanding, r.Total.Current, r.Total.NonCurrent)...)...)
	total := len(t.Rows) - 1
	less := func(name string, m reports.Money) {
		if !m.Amount.IsZero() {
			t.Add(layout.Words(p.T(name)), minus(m), layout.Nothing, layout.Nothing)
		}
	}
	from := len(t.Rows)
	less("Less: allowance for doubtful contributions", r.Allowance)
	less("Less: discount of contributions that are not current", r.Discount)
	if len(t.Rows) > from {
		t.AddTotal(append([]int{total}, t.Lines(from)...), layout.Words(p.T("Net")), layout.Cash(r.Net.Money), layout.Nothing, layout.Nothing)
	}
	p.section("receivables", "Contributions receivable by age at the end of the year, in USD", t)
	p.chart("receivables_chart", "Contributions receivable by days overdue, in USD",
		layout.Chart{Currency: ledger.USD, Categories: names, Series: []layout.Series{{Name: p.T("Outstanding"), Values: outstanding}}})
}

// units lays out the quantities in kind of each unit by contributor: expert-days by State.
func (p *page) units(r *reports.FundReport) {
	t := layout.Table{Columns: []layout.Column{p.text("Contributor"), p.text("Unit"), p.number("Offered"), p.number("Accepted"), p.number("Delivered"), p.needed("Assessed, in USD", layout.Apart)}}
	figures := func(l reports.UnitLine) []layout.Cell {
		return []layout.Cell{layout.Quantity(l.Offered), layout.Quantity(l.Accepted), layout.Quantity(l.Delivered), layout.Cash(l.Assessed.Money)}
	}
	for _, g := range r.KindUnits {
		from, unit := len(t.Rows), language.Term(p.Language, g.Unit)
		for _, l := range g.Lines {
			t.Add(append(words(string(l.Contributor), unit), figures(l)...)...)
		}
		t.AddTotal(t.Lines(from), append(words(p.T("Subtotal"), unit), figures(g.Total)...)...)
	}
	p.section("in_kind_by_unit", "In kind by unit and contributor (never added to cash)", t)
}
