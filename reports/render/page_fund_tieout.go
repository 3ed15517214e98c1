package render

import (
	"slices"

	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// tieOut lays out the figures that sources are held against each other by, by currency.
func (p *page) tieOut(t reports.TieOut) {
	statements := p.amount("Statements", layout.Apart)
	statements.Needed = slices.ContainsFunc(t.Lines, func(l reports.TieOutLine) bool { return l.Statements != nil })
	lessReport := p.amount("Statements less report", layout.Apart)
	lessReport.Needed = statements.Needed
	table := layout.Table{Columns: []layout.Column{p.long("Figure"), p.text("Currency"), statements, p.needed("Fund report", layout.Apart),
		p.needed("Accounts", layout.Apart), lessReport, p.needed("Report less accounts", layout.Apart)}}
	for _, l := range t.Lines {
		currency := string(l.Currency)
		if l.Total {
			currency = p.T("all, in USD")
		}
		table.Add(append(words(language.Term(p.Language, l.Figure), currency), optional(l.Statements), layout.Cash(l.Report.Money), optional(l.Accounts),
			optional(l.StatementsLessReport), optional(l.ReportLessAccounts))...)
	}
	p.section("tie_out", "Tie-out: the statements of all contributors, this report and the accounts", table)
	bank := layout.Table{Columns: []layout.Column{p.long("Bank account"), p.text("Currency"), p.needed("This fund", layout.Apart), p.needed("All funds", layout.Apart),
		p.needed("Stated by the bank", layout.Apart), p.needed("Difference", layout.Apart)}}
	for _, l := range t.Bank {
		bank.Add(append(words(string(l.BankAccount), string(l.Books.Currency)), layout.Cash(l.Own.Money), layout.Cash(l.Books.Money), optional(l.Stated), optional(l.Difference))...)
	}
	p.section("tie_out_bank", "Tie-out: the accounts and the bank (empty where no statement of the bank was recorded for the last day)", bank)
}

// optional is a cell of money that may not be there.
func optional(m *reports.Money) layout.Cell {
	if m == nil {
		return layout.Nothing
	}
	return layout.Cash(m.Money)
}

// checkPage lays out the tie-out of a fund's year by itself.
func checkPage(c *reports.Check, l language.Language) *layout.Document {
	p := newPage(l, "Tie-out of a fund report")
	p.Subject = p.Series(p.fund(c.Fund), year(c.Year))
	p.fact("Fund", p.funds[c.Fund.Code])
	p.fact("Year", year(c.Year))
	p.read(c.AsOf, p.Instant(c.KnownAt))
	p.tieOut(c.TieOut)
	return &p.Document
}
