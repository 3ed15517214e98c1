package render

import (
	"fmt"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// statementPage lays out a statement.
func statementPage(s *reports.Statement, l language.Language) *layout.Document {
	p := newPage(l, "Statement of contributions")
	p.statementFacts(s)
	p.statementSections(s)
	for _, b := range s.Bodies {
		p.apart(b)
	}
	if s.WithBodies != nil {
		p.summary("with_bodies", "Summary of cash with the bodies under the contributor", "Summary in kind with the bodies under the contributor, in USD (never added to cash)", *s.WithBodies)
	}
	p.sinceLast(s.Changes)
	p.notes(s.Notes)
	p.carryStatement(s)
	return &p.Document
}

func (p *page) statementFacts(s *reports.Statement) {
	p.Subject = p.contributor(s.Contributor)
	p.issued(s.Issued)
	p.fact("Contributor", fmt.Sprintf("%s (%s)", p.Subject, s.Contributor.Code))
	p.fact("Kind", language.Term(p.Language, s.Contributor.Kind))
	if s.MergedInto != "" {
		p.fact("Merged into", string(s.MergedInto))
	}
	p.fact("With the records", p.codes(s.Absorbed))
	var under []string
	for _, c := range s.Together {
		under = append(under, fmt.Sprintf("%s (%s)", p.contributor(c), c.Code))
	}
	p.fact("Together with", p.List(under...))
	p.fact("Period", p.F("%s to %s", p.LongDate(s.Period.From.Date), p.LongDate(s.Period.To.Date)))
	var funds []string
	for _, f := range s.Funds {
		funds = append(funds, p.fund(f))
	}
	p.fact("Funds", p.List(funds...))
	p.read(s.AsOf, p.Instant(s.KnownAt))
	if s.Illustrative {
		p.Warning = p.T("ILLUSTRATIVE: the figures of funds that are marked so are made up.")
	}
}

func (p *page) codes(codes []ledger.ContributorCode) string {
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = string(c)
	}
	return p.Series(list...)
}

// apart adds the sections of a body under the contributor.
func (p *page) apart(s *reports.Statement) {
	for _, f := range s.Funds {
		p.fund(f)
	}
	first := len(p.Sections)
	p.statementSections(s)
	for i := range p.Sections[first:] {
		section := &p.Sections[first+i]
		section.Name = string(s.Contributor.Code) + "_" + section.Name
		section.Title = p.Labelled(p.contributor(s.Contributor), section.Title)
	}
}

func (p *page) statementSections(s *reports.Statement) {
	if len(s.Summary.Cash)+len(s.Summary.InKind) == 0 {
		p.Sections = append(p.Sections, layout.Section{Name: "nothing", Title: p.T("Contributions"), Text: p.T("There is nothing to tell of this period.")})
	}
	p.summary("summary", "Summary of cash", "Summary in kind, in USD (never added to cash)", s.Summary)
	p.promised(s)
	p.statementYears(s)
	p.pledges(s.Pledges)
	p.movements(s.Pledges)
	p.instalments(s.Instalments)
	p.receipts(s.Receipts, s.Summary.CashTotal.Received)
	p.held(s.Held)
	p.refunds(s.Refunds, s.Summary.CashTotal.Refunded)
	p.items(s.InKind.Items)
	p.deliveries(s.InKind.Deliveries, s.Summary.InKindTotal)
	p.use(s.Use)
	p.adjustments(s.Adjustments)
	p.newness(s.Newness)
}

// promised draws what was promised beside what was received, by fund.
func (p *page) promised(s *reports.Statement) {
	c := layout.Chart{Currency: ledger.USD, Series: []layout.Series{{Name: p.T("Pledged")}, {Name: p.T("Received")}, {Name: p.T("Outstanding")}}}
	for _, f := range s.Summary.Cash {
		m := f.USD.Pledges
		c.Categories = append(c.Categories, string(f.Fund))
		for i, v := range []reports.Money{pledged(m), f.USD.Received, m.Closing} {
			c.Series[i].Values = append(c.Series[i].Values, v.Amount)
		}
	}
	p.chart("pledged_received", "Pledged beside received", c)
}

// pledged is what a period promised: announced, agreed and adjusted.
func pledged(m reports.CashMovements) reports.Money {
	sum := m.Announced
	sum.Amount = sum.Amount.Add(m.Agreed.Amount).Add(m.Adjusted.Amount)
	return sum
}

// flow has a column for each movement of promises, between what was outstanding and what is.
func (p *page) flow(movements ...layout.Column) []layout.Column {
	columns := append([]layout.Column{p.text("Currency"), p.needed("Opening", layout.In)}, movements...)
	return append(columns, p.amount("Other", layout.In), p.needed("Closing", layout.Sum))
}

// flows adds the movements in the currency and, where that is another, what they are worth in USD.
func (g *grouped) flows(c ledger.Currency, amounts, usd []reports.Money) {
	g.Add(append(words(string(c)), cash(amounts...)...)...)
	if c != ledger.USD {
		g.Add(append(words(g.T("in USD")), cash(usd...)...)...)
	}
}

// of leads to a pledge.
func (g *grouped) of(id uuid.UUID, reference string, fundYear int, stage ledger.Stage, announced, agreed reports.Date, c ledger.ContributorCode) {
	if g.pledge == id {
		return
	}
	g.pledge = id
	told := []string{g.Labelled(g.Series(reference, year(fundYear))+body(c), language.Term(g.Language, stage))}
	if !announced.IsZero() {
		told = append(told, g.F("announced on %s", g.Date(announced.Date)))
	}
	if !agreed.IsZero() {
		told = append(told, g.F("agreed on %s", g.Date(agreed.Date)))
	}
	g.Across(layout.Lead, g.List(told...))
}

func (p *page) pledges(lines []reports.PledgeLine) {
	g := p.grouped(p.flow(p.amount("Announced", layout.In), p.amount("Agreed", layout.In), p.amount("Adjusted", layout.In), p.amount("Received", layout.Out),
		p.amount("Written off", layout.Out), p.amount("Cancelled", layout.Out))...)
	for _, l := range lines {
		g.in(l.Fund)
		g.of(l.ID, l.Reference, l.FundYear, l.Stage, l.AnnouncedOn, l.AgreedOn, l.Contributor)
		g.flows(l.Currency, cashOf(l.Amounts), cashOf(l.USD))
	}
	p.section("pledges", "Cash pledges: what is outstanding", g.Table)
}

// movements shows the entries behind the columns of the pledges, each with the balance that it leaves.
func (p *page) movements(lines []reports.PledgeLine) {
	g := p.grouped(p.day("Date"), p.long("Event"), p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("Balance", layout.Apart),
		p.needed("USD", layout.Apart), p.needed("Balance in USD", layout.Apart), p.leading("Journal entry"))
	for _, l := range lines {
		if len(l.Movements) == 0 {
			continue
		}
		g.in(l.Fund)
		g.of(l.ID, l.Reference, l.FundYear, l.Stage, reports.Date{}, reports.Date{}, l.Contributor)
		for _, m := range l.Movements {
			g.Add(append(append([]layout.Cell{on(m.Date)}, words(p.event(m.Kind, m.Reversal), string(l.Currency))...),
				append(cash(m.Amount.Money, m.Balance.Money, m.Amount.USD, m.Balance.USD), layout.Words(m.Entry.String()))...)...)
		}
	}
	p.section("movements", "Running balances of the pledges", g.Table)
}

// event names what an entry records.
func (p *page) event(k ledger.EntryKind, reversal bool) string {
	if reversal {
		return p.F("reversal: %s", language.Term(p.Language, k))
	}
	return language.Term(p.Language, k)
}

func (p *page) instalments(lines []reports.DueItem) {
	t := layout.Table{Columns: []layout.Column{p.day("Due on"), p.text("Fund"), p.long("Pledge"), p.text("Instalment"), p.long("Status"), p.text("Currency"),
		p.needed("Amount", layout.Apart), p.needed("Outstanding", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, l := range lines {
		t.Add(append(append([]layout.Cell{on(l.DueOn)}, words(string(l.Fund), l.Pledge, year(l.Number), p.due(l.Days))...),
			layout.Words(string(l.Amount.Currency)), layout.Cash(l.Amount.Money), layout.Cash(l.Outstanding.Money.Money), layout.Cash(l.Outstanding.USD.Money))...)
	}
	p.section("instalments", "Instalments at the end of the period: overdue, due and to come", t)
}

// due says how an instalment stands by the days since it was due.
func (p *page) due(days int) string {
	switch {
	case days == 1:
		return p.T("overdue by 1 day")
	case days > 1:
		return p.F("overdue by %s days", year(days))
	case days == 0:
		return p.T("due")
	case days == -1:
		return p.T("to come in 1 day")
	}
	return p.F("to come in %s days", year(-days))
}

func (p *page) held(lines []reports.HeldLine) {
	g := p.grouped(p.day("Received"), p.long("Bank reference"), p.long("Waits for"), p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("USD", layout.Apart))
	for _, l := range lines {
		g.in(l.Fund)
		waits := p.T("an application")
		if l.Pledge != "" {
			waits = p.F("agreement of %s", l.Pledge)
		}
		g.Add(append(append([]layout.Cell{on(l.ValueDate)}, words(l.BankReference+body(l.Contributor), waits)...), valueOf(l.Amount)...)...)
	}
	p.section("held_in_advance", "Held in advance at the end of the period", g.Table)
}

func (p *page) refunds(lines []reports.RefundLine, total reports.Money) {
	g := p.grouped(p.day("Decided"), p.day("Of the receipt of"), p.long("Pledge"), p.long("Status"), p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("USD", layout.Apart))
	for _, l := range lines {
		g.in(l.Fund)
		status := p.T("owed")
		switch {
		case !l.ReversedOn.IsZero():
			status = p.F("reversed on %s", p.Date(l.ReversedOn.Date))
		case !l.PaidOn.IsZero():
			status = p.F("paid on %s", p.Date(l.PaidOn.Date))
		}
		g.Add(append([]layout.Cell{on(l.Date), on(l.ValueDate), layout.Words(l.Pledge + body(l.Contributor)), layout.Words(status)}, valueOf(l.Net)...)...)
		g.entry(l.Entry, l.Reason, l.Document)
	}
	if len(lines) > 0 {
		g.AddTotal(g.Lines(0), p.totalOf(7, "Refunded", total)...)
	}
	p.section("refunds", "Refunds", g.Table)
}

// totalOf is a total in USD in the last of some columns, with its name in the first.
func (p *page) totalOf(columns int, label string, total reports.Money) []layout.Cell {
	cells := make([]layout.Cell, columns)
	for i := range cells {
		cells[i] = layout.Nothing
	}
	cells[0] = layout.Words(p.T(label))
	cells[columns-3] = layout.Words(string(ledger.USD))
	cells[columns-1] = layout.Cash(total.Money)
	return cells
}

func (p *page) use(lines []reports.UseLine) {
	g := p.grouped(p.long("Pledge"), p.needed("Left before", layout.In), p.needed("Received", layout.In), p.amount("Interest", layout.In), p.needed("Spent", layout.Out),
		p.needed("Programme support", layout.Out), p.amount("Levy", layout.Out), p.amount("Refunded", layout.Out), p.amount("Other", layout.In), p.needed("Left", layout.Sum))
	for _, l := range lines {
		g.in(l.Fund)
		g.Add(append(words(p.Series(l.Pledge, year(l.FundYear))+body(l.Contributor)),
			cash(l.Before, l.Received, l.Interest, l.Spent, l.Support, l.Levy, l.Refunded, l.Other, l.Left)...)...)
	}
	p.section("use", "Use of earmarked contributions, in USD", g.Table)
}

func (p *page) adjustments(lines []reports.PriorPeriodLine) {
	t := layout.Table{Columns: []layout.Column{p.day("Of"), p.day("Booked"), p.long("Event"), p.long("Reason"), p.long("Account"), p.text("Currency"),
		p.needed("Amount", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, l := range lines {
		what := p.F("late: %s", language.Term(p.Language, l.Kind))
		if l.Reversal {
			what = p.event(l.Kind, true)
		}
		t.Add(append([]layout.Cell{on(l.OriginalDate), on(l.Date), layout.Words(what), layout.Words(l.Reason), layout.Words(string(l.Account) + " " + p.T(l.Name))}, valueOf(l.Amount)...)...)
	}
	p.section("prior_period_adjustments", "Prior-period adjustments (a credit in parentheses)", t)
}

func (p *page) newness(lines []reports.NewnessLine) {
	t := layout.Table{Columns: []layout.Column{p.text("Fund"), p.text("Fund year"), p.text("Class"), p.needed("Cash", layout.Apart), p.needed("In kind", layout.Apart)}}
	for _, l := range lines {
		t.Add(append(words(string(l.Fund), year(l.FundYear), language.Term(p.Language, l.Class)), cash(l.Cash.USD, l.InKind.USD)...)...)
	}
	p.section("new_and_additional", "New and additional: promised by fund year, in USD (cash and in kind are never added)", t)
}

// summary adds the statement up, cash and in kind apart.
func (p *page) summary(name, cashTitle, kindTitle string, s reports.Summary) {
	g := p.grouped(p.text("Currency"), p.needed("Outstanding before", layout.Apart), p.needed("Outstanding after", layout.Apart), p.needed("Cash received", layout.Apart),
		p.amount("Refunded", layout.Apart), p.amount("Held in advance", layout.Apart))
	figures := func(t reports.CashTotal) []layout.Cell {
		return cash(t.Pledges.Opening, t.Pledges.Closing, t.Received, t.Refunded, t.Held)
	}
	var funds []int
	for _, f := range s.Cash {
		g.in(f.Fund)
		for _, c := range f.Currencies {
			if c.Currency != ledger.USD || len(f.Currencies) > 1 {
				g.Add(append(words(string(c.Currency)), figures(c.Amounts)...)...)
			}
		}
		funds = append(funds, len(g.Rows))
		g.Add(append(words(p.T("All in USD")), figures(f.USD)...)...)
	}
	if len(s.Cash) > 0 {
		g.AddTotal(funds, append(words(p.T("Total in USD")), figures(s.CashTotal)...)...)
	}
	p.section(name+"_cash", cashTitle, g.Table)

	t := layout.Table{Columns: []layout.Column{p.long("Fund"), p.needed("Promised before", layout.Apart), p.needed("Promised after", layout.Apart),
		p.needed("Recognised", layout.Apart), p.needed("Disclosed", layout.Apart)}}
	kinds := func(k reports.KindTotal) []layout.Cell {
		return cash(k.Pledges.Opening, k.Pledges.Closing, k.Recognised, k.Disclosed)
	}
	for _, f := range s.InKind {
		t.Add(append(words(p.funds[f.Fund]), kinds(f.USD)...)...)
	}
	if len(s.InKind) > 0 {
		t.AddTotal(t.Lines(0), append(words(p.T("Total in USD")), kinds(s.InKindTotal)...)...)
	}
	p.section(name+"_in_kind", kindTitle, t)
}
