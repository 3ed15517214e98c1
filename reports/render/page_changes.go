package render

import (
	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// issued says under which number a statement was issued, and which one it supersedes.
func (p *page) issued(i *reports.Issue) {
	if i == nil {
		return
	}
	p.fact("Statement number", string(i.Number))
	if i.Supersedes != "" {
		p.fact("Supersedes", p.F("statement %s: %s", i.Supersedes, i.Reason))
	}
}

// changes shows what came to be known since the last statement about the days that it covers.
func (p *page) changes(c *reports.Changes) {
	if c == nil {
		return
	}
	since := p.F("Since statement %s of %s to %s, as known at %s (a credit in parentheses)", c.Since.Number, p.LongDate(c.Since.Period.From.Date),
		p.LongDate(c.Since.Period.To.Date), p.Instant(c.Since.KnownAt))
	const name, title = "changes", "Changes since your last statement"
	if len(c.Lines) == 0 {
		p.Sections = append(p.Sections, layout.Section{Name: name, Title: p.T(title), Text: since + ": " + p.T("nothing of its days has changed.")})
		return
	}
	g := p.grouped(p.day("Of"), p.day("Booked"), p.long("Change"), p.long("Account"), p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("USD", layout.Apart))
	g.Across(layout.Heading, since)
	for i, l := range c.Lines {
		what := p.F("%s: %s", language.Term(p.Language, l.Change), language.Term(p.Language, l.Kind))
		account := string(l.Account) + " " + p.T(l.Name) + fundOf(l.Fund) + body(l.Contributor)
		g.Add(append([]layout.Cell{on(l.OriginalDate), on(l.Date), layout.Words(what), layout.Words(account)}, valueOf(l.Amount)...)...)
		if last := i == len(c.Lines)-1; last || c.Lines[i+1].Entry != l.Entry {
			g.entry(l.Entry, l.Description, l.Reason)
		}
	}
	p.section(name, title, g.Table)
}

// fundOf names the fund of a line that stands under no heading of its own.
func fundOf(f ledger.FundCode) string { return " (" + string(f) + ")" }
