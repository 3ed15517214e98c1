package render

import (
	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// receipts shows each receipt, what it settled and at which rate. A total counts what stands.
func (p *page) receipts(lines []reports.Receipt, total reports.Money) {
	g := p.grouped(p.day("Value date"), p.rare("Bank reference"), p.rare("Payer"), p.text("Currency"), p.needed("Amount", layout.Apart),
		p.fixed("Units per USD", rateDecimals), p.needed("USD", layout.Apart))
	for _, r := range lines {
		g.in(r.Fund)
		if !r.Credited.Money.Amount.IsZero() || r.Reversed.Money.Amount.IsZero() {
			g.Add(on(r.ValueDate), layout.Words(r.BankReference+body(r.Contributor)), layout.Words(r.Payer), layout.Words(string(r.Credited.Money.Currency)),
				layout.Cash(r.Credited.Money.Money), rateCell(r.Rate), layout.Cash(r.Credited.USD.Money))
			g.about(r)
		}
		if !r.Reversed.Money.Amount.IsZero() {
			g.Add(on(r.ReversedOn), layout.Words(p.F("reversal of the receipt of %s", p.Date(r.ValueDate.Date))), layout.Nothing, layout.Words(string(r.Reversed.Money.Currency)),
				minus(r.Reversed.Money), layout.Nothing, minus(r.Reversed.USD))
		} else if !r.ReversedOn.IsZero() {
			g.detail(p.F("reversed later, on %s", p.Date(r.ReversedOn.Date)))
		}
	}
	if len(lines) > 0 {
		cells := []layout.Cell{layout.Words(p.T("Received")), layout.Nothing, layout.Nothing, layout.Words(string(ledger.USD)), layout.Nothing, layout.Nothing, layout.Cash(total.Money)}
		g.AddTotal(g.Lines(0), cells...)
	}
	p.section("receipts", "Receipts", g.Table)
}

// rateDecimals are those that a rate is shown with; the CSV and the JSON have all that it has.
const rateDecimals = 6

func rateCell(r *reports.Rate) layout.Cell {
	if r == nil {
		return layout.Nothing
	}
	return layout.Quantity(r.UnitsPerUSD.Round(rateDecimals))
}

// about tells what the columns of a receipt have no place for.
func (g *grouped) about(r reports.Receipt) {
	var charges, rate string
	if r.Charges != nil && r.Charges.Amount.IsPositive() {
		charges = g.F("bank charges %s", g.money(*r.Charges))
	}
	if r.Rate != nil {
		rate = g.F("rate of %s: %s", g.Date(r.Rate.Date.Date), language.Term(g.Language, r.Rate.Source))
	}
	g.detail(rate, charges)
	for _, a := range r.Allocations {
		g.entry(a.Entry, g.allocation(a)...)
	}
}

// allocation tells what a part of a receipt was applied to, what it settled there, and how the two rates differ.
func (g *grouped) allocation(a reports.Allocation) []string {
	to := g.F("to %s, %s: %s", string(a.Fund), year(a.FundYear), g.money(a.Amount.Money))
	if a.Pledge != "" {
		to = g.F("to pledge %s, %s: %s", a.Pledge, year(a.FundYear), g.money(a.Amount.Money))
	}
	parts := []string{to}
	if a.Settled != nil && a.Exchange != nil && !a.Exchange.Amount.IsZero() {
		parts = append(parts, g.F("settles %s, exchange difference %s", g.money(*a.Settled), g.money(*a.Exchange)))
	}
	return parts
}
