package render

import (
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

// sinceLast shows what came to be known since the last statement about the days that it covers.
func (p *page) sinceLast(c *reports.Changes) {
	if c == nil {
		return
	}
	since := p.F("Since statement %s of %s to %s, as known at %s (a credit in parentheses)", c.Since.Number, p.LongDate(c.Since.Period.From.Date),
		p.LongDate(c.Since.Period.To.Date), p.Instant(c.Since.KnownAt))
	const name, title = "changes", "Changes since your last statement"
	if len(c.Lines) == 0 {
		p.Sections = append(p.Sections, layout.Section{Name: name, Title: p.T(title), Text: p.Labelled(since, p.T("nothing of its days has changed."))})
		return
	}
	g := p.grouped(p.day("Of"), p.day("Booked"), p.text("Fund"), p.long("Change"), p.long("Account"), p.text("Currency"), p.needed("Amount", layout.Apart), p.needed("USD", layout.Apart))
	g.Across(layout.Heading, since)
	for i, l := range c.Lines {
		account := string(l.Account) + " " + p.T(l.Name) + body(l.Contributor)
		g.Add(append(append([]layout.Cell{on(l.OriginalDate), on(l.Date)}, words(string(l.Fund), p.change(l), account)...), valueOf(l.Amount)...)...)
		if last := i == len(c.Lines)-1; last || c.Lines[i+1].Entry != l.Entry {
			g.entry(l.Entry, l.Description, l.Reason)
		}
	}
	p.section(name, title, g.Table)
}

// change names a change and the event that it is of.
func (p *page) change(l reports.ChangeLine) string {
	event := language.Term(p.Language, l.Kind)
	switch l.Change {
	case reports.LateItem:
		return p.F("late: %s", event)
	case reports.Correction:
		return p.F("reversal: %s", event)
	}
	return event
}
