package render

import (
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// fundReportPage lays out a fund's year.
func fundReportPage(r *reports.FundReport, l language.Language) *layout.Document {
	p := newPage(l, "Fund report")
	p.Subject = p.Series(p.fund(r.Fund), year(r.Year))
	p.fact("Fund", p.funds[r.Fund.Code])
	p.fact("Year", year(r.Year))
	p.fact("Currency", p.T("United States dollars where no currency is named"))
	p.read(r.AsOf, p.Instant(r.KnownAt))
	if r.Fund.Illustrative {
		p.Warning = p.T("ILLUSTRATIVE: the figures of this fund are made up.")
	}
	p.changes(r)
	p.years(r.Years)
	p.byKindOfContributor(r)
	p.contributors(r)
	p.contributorsInKind(r)
	p.largest(r.Largest)
	p.purposes(r.Purposes)
	p.quantities(r.InKind)
	p.units(r)
	p.newness(r.Newness)
	p.adjustments(r.Adjustments)
	p.currencies(r.Currencies)
	p.receivables(r.Receivables)
	p.schedule(r.Schedule)
	p.unidentified(r.Unidentified)
	p.exchange(r.Exchange)
	p.trialOfYear("books", "Trial balance of the year (a credit balance in parentheses)", r.Books)
	p.trialOfYear("memorandum", "Memorandum accounts", r.Memorandum)
	p.tieOut(r.TieOut)
	p.notes(r.Notes)
	p.carryReport(r)
	return &p.Document
}

// kindNames are the headings of the groups of contributors.
var kindNames = map[ledger.ContributorKind]string{
	ledger.State: "States", ledger.Observer: "Observers", ledger.LocalAuthority: "Local authorities",
	ledger.MFI: "Multilateral financial institutions", ledger.RDB: "Regional development banks", ledger.IGO: "Intergovernmental organizations",
	ledger.UN: "United Nations", ledger.Private: "Private contributors", ledger.OtherKind: "Other contributors",
}

// byKind adds a line for each contributor under the heading of its kind, each kind's subtotal, and the total.
func (p *page) byKind(t *layout.Table, r *reports.FundReport, shown func(reports.FundFigures) bool, figures func(reports.FundFigures) []layout.Cell) {
	var subtotals []int
	for _, g := range r.Groups {
		from := len(t.Rows)
		for _, c := range g.Contributors {
			if !shown(c.FundFigures) {
				continue
			}
			if len(t.Rows) == from {
				t.Across(layout.Heading, p.T(kindNames[g.Kind]))
			}
			t.Add(append(words(string(c.Code), p.contributor(c.Contributor)), figures(c.FundFigures)...)...)
		}
		if len(t.Rows) > from {
			lines := t.Lines(from)
			subtotals = append(subtotals, len(t.Rows))
			t.AddTotal(lines, append(words("", p.T("Subtotal")), figures(g.Subtotal)...)...)
		}
	}
	if len(subtotals) > 0 {
		t.AddTotal(subtotals, append(words("", p.T("Total")), figures(r.Total)...)...)
	}
}

func (p *page) contributors(r *reports.FundReport) {
	t := layout.Table{Columns: []layout.Column{p.text("Code"), p.long("Contributor"), p.needed("Opening", layout.In), p.amount("Pledged", layout.In), p.amount("Adjusted", layout.In),
		p.amount("Kept by cash", layout.Out), p.amount("Written off", layout.Out), p.amount("Cancelled", layout.Out), p.amount("Other", layout.In), p.needed("Closing", layout.Sum),
		p.needed("Cash received", layout.Apart), p.amount("Refunded", layout.Apart)}}
	p.byKind(&t, r, func(reports.FundFigures) bool { return true }, func(f reports.FundFigures) []layout.Cell {
		m := f.Pledges
		promised := m.Announced
		promised.Amount = promised.Amount.Add(m.Agreed.Amount)
		return cash(m.Opening, promised, m.Adjusted, m.Received, m.WrittenOff, m.Cancelled, m.Other, m.Closing, f.Received, f.Refunded)
	})
	p.section("contributors", "Cash by contributor", t)
}

func (p *page) contributorsInKind(r *reports.FundReport) {
	t := layout.Table{Columns: []layout.Column{p.text("Code"), p.long("Contributor"), p.needed("Outstanding", layout.Apart), p.needed("Recognised", layout.Apart), p.needed("Disclosed", layout.Apart)}}
	gives := func(f reports.FundFigures) bool {
		return !f.KindOutstanding.Amount.IsZero() || !f.InKindRecognised.Amount.IsZero() || !f.InKindDisclosed.Amount.IsZero()
	}
	p.byKind(&t, r, gives, func(f reports.FundFigures) []layout.Cell {
		return cash(f.KindOutstanding, f.InKindRecognised, f.InKindDisclosed)
	})
	p.section("contributors_in_kind", "In kind by contributor (never added to cash)", t)
}

func (p *page) quantities(lines []reports.KindLine) {
	t := layout.Table{Columns: []layout.Column{p.text("Contributor"), p.text("Contribution"), p.text("Unit"), p.number("Offered"), p.number("Accepted"), p.number("Delivered"), p.number("Experts"),
		p.rare("Currency"), p.amount("Declared", layout.Apart), p.needed("Assessed, in USD", layout.Apart)}}
	for _, l := range lines {
		currency, declared := layout.Nothing, layout.Nothing
		if l.Declared != nil {
			currency, declared = layout.Words(string(l.Declared.Currency)), layout.Cash(l.Declared.Money)
		}
		t.Add(append(words(string(l.Contributor), language.Term(p.Language, l.Category), language.Term(p.Language, l.Unit)), layout.Quantity(l.Offered), layout.Quantity(l.Accepted),
			layout.Quantity(l.Delivered), count(l.Experts), currency, declared, layout.Cash(l.Assessed.Money))...)
	}
	p.section("in_kind", "In kind by quantity: offered, accepted and delivered in the year (never added to cash)", t)
}

func (p *page) unidentified(u reports.Unidentified) {
	t := layout.Table{Columns: []layout.Column{p.day("Value date"), p.long("Bank reference"), p.long("Payer"), p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("USD", layout.Apart)}}
	for _, r := range u.Receipts {
		t.Add(append([]layout.Cell{on(r.ValueDate), layout.Words(r.BankReference), layout.Words(r.Payer)}, valueOf(r.Amount)...)...)
	}
	if len(u.Receipts) > 0 {
		t.AddTotal(t.Lines(0), p.totalOf(6, "Total", u.USD)...)
	}
	p.section("unidentified_receipts", "Unidentified receipts at the end of the year", t)
}

func (p *page) trialOfYear(name, title string, b reports.YearBlock) {
	t := layout.Table{Columns: []layout.Column{p.text("Account"), p.long("Name"), p.needed("Opening", layout.In), p.needed("Debit", layout.In), p.needed("Credit", layout.Out), p.needed("Closing", layout.Sum)}}
	for _, a := range b.Accounts {
		t.Add(append(words(string(a.Account), p.T(a.Name)), cash(a.Opening, a.Debit, a.Credit, a.Closing)...)...)
	}
	if len(b.Accounts) > 0 {
		t.AddTotal(t.Lines(0), append(words("", p.T("Total")), cash(b.Opening, b.Debit, b.Credit, b.Closing)...)...)
	}
	p.section(name, title, t)
}

// trialBalancePage lays out a trial balance.
func trialBalancePage(b *reports.TrialBalance, l language.Language) *layout.Document {
	p := newPage(l, "Trial balance")
	p.Subject = p.T("All funds")
	if b.Fund != "" {
		p.Subject = p.fund(b.Funds[0])
	}
	for _, f := range b.Funds {
		p.fact("Fund", p.fund(f))
	}
	p.read(b.AsOf, p.Instant(b.KnownAt))
	if b.Illustrative {
		p.Warning = p.T("ILLUSTRATIVE: the figures of funds that are marked so are made up.")
	}
	p.balances("books", "Books", b.Books)
	p.balances("memorandum", "Memorandum accounts", b.Memorandum)
	return &p.Document
}

func (p *page) balances(name, title string, b reports.BalanceBlock) {
	t := layout.Table{Columns: []layout.Column{p.text("Account"), p.long("Name"), p.text("Currency"), p.needed("Debit", layout.Apart), p.needed("Credit", layout.Apart),
		p.needed("Debit in USD", layout.Apart), p.needed("Credit in USD", layout.Apart)}}
	var accounts []int
	for _, a := range b.Accounts {
		accounts = append(accounts, len(t.Rows))
		t.Add(append([]layout.Cell{layout.Words(string(a.Account)), layout.Words(p.T(a.Name)), layout.Words(""), layout.Nothing, layout.Nothing}, cash(a.Debit, a.Credit)...)...)
		for _, c := range a.Currencies {
			holds := !c.Debit.Amount.IsZero() || !c.Credit.Amount.IsZero() || !c.DebitUSD.Amount.IsZero() || !c.CreditUSD.Amount.IsZero()
			if holds && (len(a.Currencies) > 1 || c.Currency != ledger.USD) {
				t.Add(append(words("", "", string(c.Currency)), cash(c.Debit, c.Credit, c.DebitUSD, c.CreditUSD)...)...)
			}
		}
	}
	if len(b.Accounts) > 0 {
		t.AddTotal(accounts, append([]layout.Cell{layout.Words(""), layout.Words(p.T("Total")), layout.Words(string(ledger.USD)), layout.Nothing, layout.Nothing}, cash(b.Debit, b.Credit)...)...)
	}
	p.section(name, title, t)
}

// count is a cell of a whole number.
func count(n int) layout.Cell { return layout.Quantity(decimal.NewFromInt(int64(n))) }
