package render

import (
	"vcledger/reports"
)

// scheduledReceivableSection has a row for each contributor, and one for each total, which names what it is of.
func scheduledReceivableSection(r reports.ScheduledReceivables) section {
	s := section{name: "schedule_receivables", columns: []string{"group", "contributor", "name", "total", "current_usd", "non_current_usd", "total_usd"}}
	row := func(group, code, name, total string, f reports.ReceivableFigures) {
		s.add(join([]string{group, code, name, total}, plain(f.Current, f.NonCurrent, f.Total))...)
	}
	group := func(name string, g reports.ReceivableGroup) {
		for _, l := range g.Lines {
			row(name, string(l.Contributor.Code), l.Contributor.Name, "", l.ReceivableFigures)
		}
		row(name, "", "", "group", g.Total)
	}
	group("governments", r.Governments)
	group("others", r.Others)
	row("allowance", "", "", "", r.Allowance)
	row("discount", "", "", "", r.Discount)
	row("", "", "", "fund", r.Total)
	return s
}

// scheduledContributionSection has a row for each contributor and for each fund that contributions were transferred from or to,
// and one for each total, which names what it is of.
func scheduledContributionSection(of reports.Schedule) section {
	s := section{name: "schedule_contributions", columns: []string{"group", "contributor", "transfer_fund", "name", "total", "monetary_usd", "in_kind_usd",
		"refunds_transfers_adjustments_usd", "total_usd"}}
	row := func(group, code, fund, name, total string, f reports.ContributionFigures) {
		s.add(join([]string{group, code, fund, name, total}, plain(f.Monetary, f.InKind, f.Adjustments, f.Total))...)
	}
	group := func(name string, g reports.ContributionGroup) {
		for _, l := range g.Lines {
			row(name, string(l.Contributor.Code), "", l.Contributor.Name, "", l.ContributionFigures)
		}
		for _, l := range g.Transfers {
			row(name, "", string(l.Fund), l.Name, "", l.ContributionFigures)
		}
		row(name, "", "", "", "group", g.Total)
	}
	group("governments", of.Contributions.Governments)
	group("others", of.Contributions.Others)
	row("present_value_adjustment", "", "", "", "", of.Contributions.PresentValue)
	row("", "", "", "", "voluntary_contributions", of.Contributions.Total)
	group("other_transfers_and_allocations", of.Allocations)
	row("", "", "", "", "fund", of.Total)
	return s
}
