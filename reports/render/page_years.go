package render

import (
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/layout"
)

// perYear is a figure of each year of a period, in USD.
type perYear struct {
	first  int
	values []decimal.Decimal
}

func newPerYear(p reports.Period) *perYear {
	return &perYear{first: p.From.Year(), values: make([]decimal.Decimal, p.To.Year()-p.From.Year()+1)}
}

// add adds to the year of a date. What is of an earlier day than the period counts in its first year, in whose books it is.
func (y *perYear) add(on reports.Date, m reports.Money) {
	i := min(max(on.Year()-y.first, 0), len(y.values)-1)
	y.values[i] = y.values[i].Add(m.Amount)
}

// addPledge adds what a pledge promised. An entry that promised what had been received before shows only the rest: the
// difference from the pledge's own figures is of the same entry.
func (y *perYear) addPledge(l reports.PledgeLine) {
	var on reports.Date
	rest := pledged(l.USD)
	for _, m := range l.Movements {
		switch m.Kind {
		case ledger.EntryPledgeAnnounced, ledger.EntryPledgeAgreed, ledger.EntryPledgeAdjusted:
			on = m.Date
			y.add(on, m.Amount.USD)
			rest.Amount = rest.Amount.Sub(m.Amount.USD.Amount)
		}
	}
	y.add(on, rest)
}

// statementYears draws what each year of a period of several promised and brought: cash by its value date, what is in kind by the
// date of its delivery.
func (p *page) statementYears(s *reports.Statement) {
	if s.Period.From.Year() == s.Period.To.Year() {
		return
	}
	promised, received, recognised, disclosed := newPerYear(s.Period), newPerYear(s.Period), newPerYear(s.Period), newPerYear(s.Period)
	for _, l := range s.Pledges {
		promised.addPledge(l)
	}
	for _, r := range s.Receipts {
		received.add(r.ValueDate, r.Credited.USD)
		received.add(r.ReversedOn, negative(r.Reversed.USD))
	}
	for _, d := range s.InKind.Deliveries {
		given := recognised
		if d.Treatment == reports.Disclosed {
			given = disclosed
		}
		given.add(d.Date, d.Delivered.USD)
		given.add(d.Date, d.Revalued.USD)
		given.add(d.ReversedOn, negative(d.Reversed.USD))
	}
	var names []string
	for i := range received.values {
		names = append(names, year(received.first+i))
	}
	p.chart("contributions_by_year", "Contributions by year, in USD (cash and in kind are never added)", layout.Chart{Currency: ledger.USD, Categories: names, Series: []layout.Series{
		{Name: p.T("Cash received"), Values: received.values}, {Name: p.T("In kind, recognised"), Values: recognised.values}, {Name: p.T("In kind, disclosed"), Values: disclosed.values}}})
	p.chart("pledged_and_received", "Cash pledged beside cash received, in USD", layout.Chart{Currency: ledger.USD, Categories: names, Series: []layout.Series{
		{Name: p.T("Pledged"), Values: promised.values}, {Name: p.T("Cash received"), Values: received.values}}})
}

func negative(m reports.Money) reports.Money {
	m.Amount = m.Amount.Neg()
	return m
}
