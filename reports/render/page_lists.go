package render

import (
	"time"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// listed begins a list over some funds.
func listed(l language.Language, title string, funds []reports.Fund, asOf reports.Date, knownAt time.Time, illustrative bool) *page {
	p := newPage(l, title)
	p.Subject = p.T("All funds")
	if len(funds) == 1 {
		p.Subject = p.fund(funds[0])
	}
	for _, f := range funds {
		p.fact("Fund", p.fund(f))
	}
	p.read(asOf, p.Instant(knownAt))
	if illustrative {
		p.Warning = p.T("ILLUSTRATIVE: the figures of funds that are marked so are made up.")
	}
	return p
}

// duePage lays out what contributors have agreed to pay and have not.
func duePage(d *reports.DueList, l language.Language) *layout.Document {
	p := listed(l, "Instalments overdue, due and to come", d.Funds, d.AsOf, d.KnownAt, d.Illustrative)
	totals := layout.Table{Columns: []layout.Column{p.long("Age"), p.text("Currency"), p.needed("Outstanding", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, t := range d.Totals {
		totals.Add(append([]layout.Cell{layout.Words(language.Term(l, t.Bucket))}, valueOf(t.Outstanding)...)...)
	}
	p.section("totals", "By age and currency", totals)
	p.byAge(d.USD)
	items := layout.Table{Columns: []layout.Column{p.day("Due on"), p.text("Fund"), p.text("Contributor"), p.long("Pledge"), p.text("Instalment"), p.long("Status"),
		p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("Outstanding", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, i := range d.Items {
		items.Add(append(append([]layout.Cell{on(i.DueOn)}, words(string(i.Fund), string(i.Contributor), i.Pledge, year(i.Number), p.due(i.Days), string(i.Amount.Currency))...),
			cash(i.Amount, i.Outstanding.Money, i.Outstanding.USD)...)...)
	}
	p.section("instalments", "Instalments", items)
	months := layout.Table{Columns: []layout.Column{p.text("Month"), p.text("Fund"), p.text("Contributor"), p.text("Currency"), p.needed("Outstanding", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, m := range d.Months {
		months.Add(append(words(m.Month, string(m.Fund), string(m.Contributor)), valueOf(m.Outstanding)...)...)
	}
	p.section("months", "By month, fund and contributor", months)
	return &p.Document
}

// byAge draws what is outstanding by its age.
func (p *page) byAge(totals []reports.DueTotal) {
	c := layout.Chart{Currency: ledger.USD, Series: []layout.Series{{Name: p.T("Outstanding")}}}
	for _, t := range totals {
		c.Categories = append(c.Categories, language.Term(p.Language, t.Bucket))
		c.Series[0].Values = append(c.Series[0].Values, t.Outstanding.USD.Amount)
	}
	p.chart("ageing", "Outstanding by age", c)
}

// heldPage lays out the cash that is applied to nothing yet, or owed back.
func heldPage(h *reports.HeldList, l language.Language) *layout.Document {
	p := listed(l, "Cash held for others", h.Funds, h.AsOf, h.KnownAt, h.Illustrative)
	totals := layout.Table{Columns: []layout.Column{p.text("Account"), p.long("Age"), p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, t := range h.Totals {
		totals.Add(append(words(string(t.Account), language.Term(l, t.Bucket)), valueOf(t.Amount)...)...)
	}
	p.section("totals", "By account, age and currency", totals)
	items := layout.Table{Columns: []layout.Column{p.text("Account"), p.day("Since"), p.text("Fund"), p.text("Contributor"), p.long("Bank reference"), p.long("Payer"), p.long("Pledge"),
		p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, i := range h.Items {
		items.Add(append([]layout.Cell{layout.Words(string(i.Account)), on(i.Since), layout.Words(string(i.Fund)), layout.Words(string(i.Contributor)), layout.Words(i.BankReference),
			layout.Words(i.Payer), layout.Words(i.Pledge)}, valueOf(i.Amount)...)...)
	}
	p.section("receipts", "Receipts", items)
	return &p.Document
}

// steps adds a table of one column of amounts in USD that begin with an opening and lead to a last one.
func (p *page) steps(name, title string, labels []string, amounts ...reports.Money) {
	t := layout.Table{Columns: []layout.Column{p.long("Figure"), p.needed("USD", layout.Apart)}}
	for i, label := range labels {
		t.Add(layout.Words(label), layout.Cash(amounts[i].Money))
	}
	p.section(name, title, t)
}

// labels are the lines of [page.steps].
func (p *page) labels(messages ...string) []string {
	labels := make([]string, len(messages))
	for i, m := range messages {
		labels[i] = p.T(m)
	}
	return labels
}

func less(m reports.Money) reports.Money {
	m.Amount = m.Amount.Neg()
	return m
}

// availablePage lays out what a fund can spend.
func availablePage(a *reports.Available, l language.Language) *layout.Document {
	p := listed(l, "Cash available", []reports.Fund{a.Fund}, a.Period.To, a.KnownAt, a.Fund.Illustrative)
	c, h := a.Cash, a.Held
	p.steps("cash", "Cash since 1 January, in USD",
		p.labels("Opening", "Received", "Spent", "Programme support", "Levy", "Charges received from other funds", "Interest", "Refunds paid", "Other", "Closing"),
		c.Opening, c.Received, less(c.Spent), less(c.Support), less(c.Levy), c.ChargesReceived, c.Interest, less(c.Refunds), c.Other, c.Closing)
	p.steps("available", "Available, in USD", p.labels("Closing cash", "Unidentified receipts", "Held in advance", "Refunds payable", "Available"),
		c.Closing, less(h.Unidentified), less(h.InAdvance), less(h.RefundsPayable), a.Available)
	accounts := layout.Table{Columns: []layout.Column{p.long("Bank account"), p.text("Currency"), p.needed("Balance", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, b := range a.Accounts {
		accounts.Add(append(words(string(b.BankAccount)), valueOf(b.Balance)...)...)
	}
	p.section("bank_accounts", "Closing cash by bank account", accounts)
	p.steps("recognised", "Recognised balance, on another basis, in USD", p.labels("Fund balance", "Receivables in it"), a.Recognised.Balance, a.Recognised.Receivables)
	p.notes(a.Notes)
	return &p.Document
}

// usePage lays out what became of a pledge's cash.
func usePage(u *reports.PledgeUse, l language.Language) *layout.Document {
	p := listed(l, "Use of a contribution", []reports.Fund{u.Fund}, u.AsOf, u.KnownAt, u.Fund.Illustrative)
	p.Subject = p.Series(p.contributor(u.Contributor), u.Pledge)
	p.fact("Contributor", p.contributor(u.Contributor))
	p.fact("Pledge", u.Pledge)
	c := u.Use
	p.steps("cash", "Cash of the pledge, in USD", p.labels("Received", "Interest", "Spent", "Programme support", "Levy", "Refunded", "Other", "Left"),
		c.Received, c.Interest, less(c.Spent), less(c.Support), less(c.Levy), less(c.Refunded), c.Other, c.Left)
	list := layout.Table{Columns: []layout.Column{p.day("Date"), p.text("Reference"), p.long("Description"), p.long("Project"), p.text("Currency"), p.needed("Amount", layout.Apart),
		p.needed("USD", layout.Apart), p.needed("Programme support", layout.Apart), p.amount("Levy", layout.Apart)}}
	for _, e := range u.Expenditures {
		description := e.Description
		if e.Reversal {
			description = p.F("reversal: %s", e.Description)
		}
		list.Add(append(append([]layout.Cell{on(e.Date)}, words(e.Reference, description, e.Project)...), append(valueOf(e.Amount), cash(e.Support, e.Levy)...)...)...)
	}
	p.section("expenditures", "Expenditure earmarked for the pledge", list)
	p.notes(u.Notes)
	return &p.Document
}
