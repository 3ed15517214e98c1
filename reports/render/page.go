package render

import (
	"fmt"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// page is a document under way, in one language.
type page struct {
	layout.Document
	language.Language
	funds map[ledger.FundCode]string // how each is named
}

func newPage(l language.Language, title string) *page {
	return &page{Document: layout.Document{Language: l, Title: l.T(title)}, Language: l, funds: map[ledger.FundCode]string{}}
}

// fact adds a line of what the document is.
func (p *page) fact(label, value string) {
	if value != "" {
		p.Facts = append(p.Facts, layout.Fact{Label: p.T(label), Value: value})
	}
}

// section adds a table under a heading, unless it has no rows.
func (p *page) section(name, title string, t layout.Table) {
	if len(t.Rows) > 0 {
		p.Sections = append(p.Sections, layout.Section{Name: name, Title: p.T(title), Table: t.Trimmed()})
	}
}

// chart adds a chart under a heading of its own, unless it has nothing to show. A series of nothing but zeros is left out: it
// would take the room of the others.
func (p *page) chart(name, title string, c layout.Chart) {
	c.Series = slices.DeleteFunc(c.Series, func(s layout.Series) bool {
		return !slices.ContainsFunc(s.Values, func(v decimal.Decimal) bool { return !v.IsZero() })
	})
	if len(c.Series) > 0 {
		c.Title = p.T(title)
		p.Sections = append(p.Sections, layout.Section{Name: name, Title: c.Title, Chart: &c})
	}
}

// notes adds the policies.
func (p *page) notes(notes []string) {
	told := make([]string, len(notes))
	for i, n := range notes {
		told[i] = p.Note(n)
	}
	p.Sections = append(p.Sections, layout.Section{Name: "notes", Title: p.T("Notes"), Notes: told})
}

// read says when the books were read.
func (p *page) read(asOf reports.Date, knownAt string) {
	if asOf.Equal(ledger.LastDate) {
		p.fact("As of", p.T("all effective dates"))
	} else {
		p.fact("As of", p.LongDate(asOf.Date))
	}
	p.fact("As known at", knownAt)
}

// fund names a fund, and says of one that is made up that it is.
func (p *page) fund(f reports.Fund) string {
	label := string(f.Code)
	if f.Illustrative {
		label += " [" + p.T("ILLUSTRATIVE") + "]"
	}
	if f.Name != string(f.Code) {
		label += " " + f.Name
	}
	p.funds[f.Code] = label
	return label
}

// contributor names a contributor: a State by its official short name in the language.
func (p *page) contributor(c reports.Contributor) string {
	own := string(c.Code) == c.Country || language.IsState(c.Country, c.Name)
	if own && (c.Kind == ledger.State || c.Kind == ledger.Observer) {
		return p.State(c.Country, c.Name)
	}
	return c.Name
}

// The columns of every table.

// text is a column of words that are short.
func (p *page) text(title string) layout.Column {
	return layout.Column{Title: p.T(title), Needed: true}
}

// rare is a column of words that is left out where it says nothing.
func (p *page) rare(title string) layout.Column { return layout.Column{Title: p.T(title), Wraps: true} }

// long is a column of words that may be many.
func (p *page) long(title string) layout.Column {
	return layout.Column{Title: p.T(title), Needed: true, Wraps: true}
}

// leading is a column of what leads to a record of the books.
func (p *page) leading(title string) layout.Column {
	return layout.Column{Title: p.T(title), Needed: true, Leads: true}
}

// day is a column of dates.
func (p *page) day(title string) layout.Column {
	return layout.Column{Title: p.T(title), Kind: layout.Day, Needed: true}
}

// amount is a column of money that is left out where it says nothing.
func (p *page) amount(title string, flow layout.Flow) layout.Column {
	return layout.Column{Title: p.T(title), Kind: layout.Amount, Flow: flow}
}

// needed is a column of money that is always shown.
func (p *page) needed(title string, flow layout.Flow) layout.Column {
	return layout.Column{Title: p.T(title), Kind: layout.Amount, Flow: flow, Needed: true}
}

// number is a column of quantities or rates that is left out where it says nothing.
func (p *page) number(title string) layout.Column {
	return layout.Column{Title: p.T(title), Kind: layout.Number}
}

// fixed is a column of numbers that all have the same decimals.
func (p *page) fixed(title string, decimals int32) layout.Column {
	return layout.Column{Title: p.T(title), Kind: layout.Number, Decimals: decimals}
}

func cash(amounts ...reports.Money) []layout.Cell {
	cells := make([]layout.Cell, len(amounts))
	for i, m := range amounts {
		cells[i] = layout.Cash(m.Money)
	}
	return cells
}

// minus is a cell of an amount that is taken back.
func minus(m reports.Money) layout.Cell {
	return layout.Cash(negative(m).Money)
}

func words(texts ...string) []layout.Cell {
	cells := make([]layout.Cell, len(texts))
	for i, s := range texts {
		cells[i] = layout.Words(s)
	}
	return cells
}

func on(d reports.Date) layout.Cell { return layout.On(d.Date) }

// valueOf is an amount with its currency before it and its worth in USD after it.
func valueOf(v reports.Value) []layout.Cell {
	return []layout.Cell{layout.Words(string(v.Money.Currency)), layout.Cash(v.Money.Money), layout.Cash(v.USD.Money)}
}

// money writes an amount with its currency, for a sentence.
func (p *page) money(m reports.Money) string {
	return p.Amount(m.Money) + "\u00a0" + string(m.Currency)
}

// grouped adds a heading for a fund, and a lead for a pledge, whenever it changes.
type grouped struct {
	*page
	layout.Table
	fund   ledger.FundCode
	pledge uuid.UUID
}

func (p *page) grouped(columns ...layout.Column) *grouped {
	return &grouped{page: p, Table: layout.Table{Columns: columns}}
}

func (g *grouped) in(f ledger.FundCode) {
	if g.fund != f {
		g.fund = f
		name, told := g.funds[f]
		if !told {
			name = string(f) // a receipt's own fund, when all of it is applied to another
		}
		g.Across(layout.Heading, name)
	}
}

// detail tells more of the line above, if there is more to tell.
func (g *grouped) detail(parts ...string) {
	var said []string
	for _, s := range parts {
		if s != "" {
			said = append(said, s)
		}
	}
	if len(said) > 0 {
		g.Across(layout.Detail, g.List(said...))
	}
}

// entry is detail of what an entry of the journal did, which it leads to.
func (g *grouped) entry(id uuid.UUID, parts ...string) {
	at := len(g.Rows)
	g.detail(parts...)
	if len(g.Rows) == at {
		g.Across(layout.Detail, "")
	}
	g.Rows[at].Leads = g.F("entry %s", id)
}

// body names the body whose line it is, when it is not the statement's own contributor.
func body(c ledger.ContributorCode) string {
	if c == "" {
		return ""
	}
	return " [" + string(c) + "]"
}

// Page lays out a document in a language.
func Page(doc any, l language.Language) (*layout.Document, error) {
	switch d := doc.(type) {
	case *reports.Statement:
		return statementPage(d, l), nil
	case *reports.FundReport:
		return fundReportPage(d, l), nil
	case *reports.Check:
		return checkPage(d, l), nil
	case *reports.TrialBalance:
		return trialBalancePage(d, l), nil
	case *reports.DueList:
		return duePage(d, l), nil
	case *reports.HeldList:
		return heldPage(d, l), nil
	case *reports.Available:
		return availablePage(d, l), nil
	case *reports.PledgeUse:
		return usePage(d, l), nil
	}
	return nil, fmt.Errorf("lay out a page: no form for a %T", doc)
}
