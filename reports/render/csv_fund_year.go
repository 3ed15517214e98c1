package render

import (
	"vcledger/reports"
)

// changeSection has the statement of changes: what takes from the fund is negative, and the total of a part names it.
func changeSection(c reports.ChangesInFund) section {
	s := section{name: "changes_in_fund", columns: []string{"part", "item", "year_usd", "prior_year_usd"}}
	row := func(part string, l reports.Change) { s.add(join([]string{part, l.Item}, plain(l.Year, l.Prior))...) }
	part := func(name string, lines []reports.Change) {
		for _, l := range lines {
			row(name, l)
		}
	}
	row("", c.Opening)
	part("revenue", c.Revenue)
	row("total", c.TotalRevenue)
	part("expenses", c.Expenses)
	row("total", c.TotalExpenses)
	part("adjustments", c.Adjustments)
	row("total", c.Closing)
	return s
}

func fiveYearSection(years []reports.YearFigures) section {
	s := section{name: "five_years", columns: []string{"year", "pledged_usd", "received_usd", "in_kind_recognised_usd", "in_kind_disclosed_usd", "expenditure_usd",
		"programme_support_usd", "outstanding_usd"}}
	for _, y := range years {
		s.add(join([]string{year(y.Year)}, plain(y.Pledged, y.Received, y.Recognised, y.Disclosed, y.Expenditure, y.Support, y.Outstanding))...)
	}
	return s
}

func largestSection(lines []reports.LargestLine) section {
	s := section{name: "largest_contributors", columns: []string{"contributor", "name", "received_usd", "share_per_cent", "in_kind_usd"}}
	for _, l := range lines {
		s.add(string(l.Code), l.Name, l.Received.Fixed(), l.Share.String(), l.InKind.Fixed())
	}
	return s
}

func purposeSection(lines []reports.PurposeLine) section {
	s := section{name: "purposes", columns: []string{"purpose", "fund", "received_usd", "in_kind_recognised_usd", "in_kind_disclosed_usd", "spent_usd"}}
	for _, l := range lines {
		s.add(join([]string{string(l.Purpose), string(l.Fund)}, plain(l.Received, l.Recognised, l.Disclosed, l.Spent))...)
	}
	return s
}

func unitSection(groups []reports.UnitGroup) section {
	s := section{name: "in_kind_by_unit", columns: []string{"unit", "contributor", "total", "quantity_offered", "quantity_accepted", "quantity_delivered", "assessed_usd"}}
	row := func(unit, total string, l reports.UnitLine) {
		s.add(unit, string(l.Contributor), total, l.Offered.String(), l.Accepted.String(), l.Delivered.String(), l.Assessed.Fixed())
	}
	for _, g := range groups {
		for _, l := range g.Lines {
			row(g.Unit, "", l)
		}
		row(g.Unit, "unit", g.Total)
	}
	return s
}

func currencySection(lines []reports.CurrencyYear) section {
	s := section{name: "by_currency", columns: []string{"currency", "opening", "opening_usd", "pledged", "pledged_usd", "received", "received_usd", "closing", "closing_usd"}}
	for _, l := range lines {
		s.add(join([]string{string(l.Currency)}, valueCells(l.Opening), valueCells(l.Pledged), valueCells(l.Received), valueCells(l.Closing))...)
	}
	return s
}

func ageSection(r reports.Receivables) section {
	s := section{name: "receivables", columns: []string{"bucket", "total", "outstanding_usd", "current_usd", "non_current_usd"}}
	for _, l := range r.Ages {
		s.add(join([]string{string(l.Bucket), ""}, plain(l.Outstanding, l.Current, l.NonCurrent))...)
	}
	s.add(join([]string{"", "total"}, plain(r.Total.Outstanding, r.Total.Current, r.Total.NonCurrent))...)
	for _, l := range []struct {
		total string
		of    reports.Money
	}{{"allowance", r.Allowance}, {"discount", r.Discount}, {"net", r.Net}} {
		s.add("", l.total, l.of.Fixed(), "", "")
	}
	return s
}

func exchangeSection(e reports.Exchange) section {
	s := section{name: "exchange", columns: []string{"difference", "gains_usd", "losses_usd", "net_usd"}}
	for _, l := range []struct {
		name string
		of   reports.ExchangeFigures
	}{{"settled", e.Settled}, {"revalued", e.Revalued}, {"total", e.ExchangeFigures}} {
		s.add(join([]string{l.name}, plain(l.of.Gains, l.of.Losses, l.of.Net))...)
	}
	return s
}
