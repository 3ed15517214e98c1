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
