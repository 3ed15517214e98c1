package render

import (
	"fmt"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

func (p *page) items(lines []reports.ItemLine) {
	g := p.grouped(p.flow(p.amount("Offered", layout.In), p.amount("Declined", layout.Out), p.amount("Adjusted", layout.In), p.amount("Delivered", layout.Out),
		p.amount("Written off", layout.Out), p.amount("Cancelled", layout.Out))...)
	for _, l := range lines {
		g.in(l.Fund)
		g.of(l.PledgeID, l.Pledge, l.FundYear, l.Stage, l.AnnouncedOn, l.AgreedOn, l.Contributor)
		g.Across(layout.Lead, g.item(l))
		g.flows(l.Currency, kindOf(l.Amounts), kindOf(l.USD))
		g.detail(g.aboutItem(l)...)
	}
	p.section("in_kind_items", "Pledges in kind: assessed value outstanding (never added to cash)", g.Table)
}

// item says what was promised, in its unit.
func (g *grouped) item(l reports.ItemLine) string {
	accepted := g.T("not accepted yet")
	if l.Accepted != nil {
		accepted = g.F("accepted %s", g.Number(*l.Accepted))
	}
	outstanding := l.Offered
	if l.Accepted != nil {
		outstanding = *l.Accepted
	}
	name := fmt.Sprintf("%d. %s (%s)", l.Number, g.Labelled(language.Term(g.Language, l.Category), l.Description), language.Term(g.Language, l.Unit))
	return g.Labelled(name, g.Series(g.F("offered %s", g.Number(l.Offered)), accepted, g.F("delivered %s", g.Number(l.Delivered)),
		g.F("outstanding %s", g.Number(outstanding.Sub(l.Delivered)))))
}

// aboutItem says how an item was valued and accepted: what the contributor declares stands beside what the fund assesses.
func (g *grouped) aboutItem(l reports.ItemLine) []string {
	about := []string{g.F("assessed %s", g.money(l.Assessed.Money)), g.F("%s a unit", g.money(l.UnitValue)), g.declared(l.Declared), g.valued(l.Basis, l.Valuer, l.ValuedOn)}
	if l.AcceptedBy != "" {
		about = append(about, g.F("accepted by %s", l.AcceptedBy))
	}
	if l.CostToFund != nil {
		about = append(about, g.F("expected cost to the fund %s", g.money(*l.CostToFund)))
	}
	return about
}

func (p *page) declared(m *reports.Money) string {
	if m == nil {
		return ""
	}
	return p.F("declared %s", p.money(*m))
}

// valued says on what basis, by whom and when something in kind was valued.
func (p *page) valued(basis ledger.ValuationBasis, valuer string, at reports.Date) string {
	told := []string{p.F("valuation: %s", language.Term(p.Language, basis))}
	if valuer != "" {
		told = append(told, p.F("by %s", valuer))
	}
	if !at.IsZero() {
		told = append(told, p.Date(at.Date))
	}
	return p.Series(told...)
}

func (p *page) deliveries(lines []reports.DeliveryLine, total reports.KindTotal) {
	g := p.grouped(p.day("Date"), p.long("Contribution"), p.number("Quantity"), p.text("Unit"), p.text("Treatment"), p.text("Currency"), p.needed("Value", layout.Apart), p.needed("USD", layout.Apart))
	rows := map[reports.Treatment][]int{}
	add := func(l reports.DeliveryLine, cells ...layout.Cell) {
		rows[l.Treatment] = append(rows[l.Treatment], len(g.Rows))
		g.Add(cells...)
	}
	for _, l := range lines {
		g.in(l.Fund)
		treatment := layout.Words(language.Term(p.Language, l.Treatment))
		currency := layout.Words(string(l.Net.Money.Currency))
		if !l.Delivered.Money.Amount.IsZero() || l.Reversed.Money.Amount.IsZero() {
			add(l, on(l.Date), layout.Words(p.Labelled(language.Term(p.Language, l.Category), l.Description+body(l.Contributor))), layout.Quantity(l.Quantity), layout.Words(language.Term(p.Language, l.Unit)),
				treatment, currency, layout.Cash(l.Delivered.Money.Money), layout.Cash(l.Delivered.USD.Money))
			g.entry(l.Entry, g.aboutDelivery(l)...)
		}
		if !l.Revalued.Money.Amount.IsZero() {
			add(l, layout.On(ledger.Date{}), layout.Words(p.F("revaluation of the delivery of %s", p.Date(l.Date.Date))), layout.Nothing, layout.Nothing, treatment, currency,
				layout.Cash(l.Revalued.Money.Money), layout.Cash(l.Revalued.USD.Money))
		}
		if !l.Reversed.Money.Amount.IsZero() {
			add(l, on(l.ReversedOn), layout.Words(p.F("reversal of the delivery of %s", p.Date(l.Date.Date))), layout.Nothing, layout.Nothing, treatment, currency,
				minus(l.Reversed.Money), minus(l.Reversed.USD))
		} else if !l.ReversedOn.IsZero() {
			g.detail(p.F("reversed later, on %s", p.Date(l.ReversedOn.Date)))
		}
	}
	if len(lines) > 0 {
		g.AddTotal(rows[reports.Recognised], p.totalOf(8, "Recognised", total.Recognised)...)
		g.AddTotal(rows[reports.Disclosed], p.totalOf(8, "Disclosed", total.Disclosed)...)
	}
	p.section("deliveries", "Deliveries in kind (never added to cash)", g.Table)
}

// aboutDelivery says what the columns have no place for.
func (g *grouped) aboutDelivery(l reports.DeliveryLine) []string {
	var about []string
	if !l.PeriodFrom.IsZero() {
		to := l.PeriodTo
		if to.IsZero() {
			to = l.Date
		}
		about = append(about, g.F("%s to %s", g.Date(l.PeriodFrom.Date), g.Date(to.Date)))
	}
	if l.Expert != "" {
		about = append(about, g.F("expert %s", l.Expert))
	}
	if l.CertifiedBy != "" {
		about = append(about, g.F("certified by %s", l.CertifiedBy))
	}
	if l.Pledge != "" {
		about = append(about, g.F("pledge %s, item %s", l.Pledge, year(l.Item)))
	}
	about = append(about, g.declared(l.Declared), g.valued(l.Basis, l.Valuer, l.ValuedOn))
	if l.Evidence != "" {
		about = append(about, g.F("evidence %s", l.Evidence))
	}
	return about
}
