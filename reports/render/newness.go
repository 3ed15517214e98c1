package render

import (
	"strconv"

	"vcledger/reports"
)

func newnessSection(lines []reports.NewnessLine) section {
	s := section{name: "new_and_additional", columns: []string{"fund", "fund_year", "class", "cash_pledges", "cash_usd", "in_kind_pledges", "in_kind_usd"}}
	for _, l := range lines {
		s.add(join([]string{string(l.Fund), year(l.FundYear), string(l.Class), strconv.Itoa(l.Cash.Pledges)}, plain(l.Cash.USD),
			[]string{strconv.Itoa(l.InKind.Pledges)}, plain(l.InKind.USD))...)
	}
	return s
}

func (p *page) newness(lines []reports.NewnessLine) {
	if len(lines) == 0 {
		return
	}
	p.heading("New and additional: promised by fund year, in USD (cash and in kind are never added)")
	t := table{columns: []column{textColumn("Fund", 0), textColumn("Year", 0), textColumn("Class", 0), totalColumn("Cash"), totalColumn("In kind")}}
	for _, l := range lines {
		t.add(join([]string{string(l.Fund), year(l.FundYear), words(l.Class)}, figures(l.Cash.USD, l.InKind.USD))...)
	}
	p.table(t)
}
