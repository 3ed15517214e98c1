package render

import (
	"strconv"

	"vcledger/ledger"
	"vcledger/reports"
)

func fundReportSections(r *reports.FundReport) []section {
	head := section{name: "fund_report", columns: []string{"schema", "fund", "name", "year", "from", "to", "as_of", "known_at", "illustrative"}}
	head.add(r.Schema, string(r.Fund.Code), r.Fund.Name, year(r.Year), r.Period.From.String(), r.Period.To.String(), r.AsOf.String(), instant(r.KnownAt),
		illustrative(r.Fund.Illustrative))
	unidentified := section{name: "unidentified_receipts", columns: []string{"receipt", "value_date", "bank_account", "bank_reference",
		"payer", "currency", "amount", "amount_usd"}}
	for _, u := range r.Unidentified.Receipts {
		unidentified.add(join([]string{u.ID.String(), u.ValueDate.String(), string(u.BankAccount), u.BankReference, u.Payer, string(u.Amount.Money.Currency)},
			valueCells(u.Amount))...)
	}
	return []section{head, fundSection([]reports.Fund{r.Fund}), changeSection(r.Changes), fiveYearSection(r.Years), contributorSection(r), largestSection(r.Largest),
		purposeSection(r.Purposes), quantitySection(r.InKind), unitSection(r.KindUnits), newnessSection(r.Newness), adjustmentSection(r.Adjustments),
		currencySection(r.Currencies), ageSection(r.Receivables), scheduledReceivableSection(r.Schedule.Receivables),
		scheduledContributionSection(r.Schedule), unidentified, exchangeSection(r.Exchange), yearSection("books", r.Books),
		yearSection("memorandum", r.Memorandum), tieOutSection(r.TieOut), bankSection(r.TieOut.Bank), noteSection(r.Notes)}
}

// contributorSection has a row for each contributor, one for each kind and one for the fund, all in USD.
func contributorSection(r *reports.FundReport) section {
	s := section{name: "contributors", columns: []string{"kind", "contributor", "name", "total", "outstanding_opening_usd", "announced_usd", "agreed_usd", "adjusted_usd",
		"received_on_pledges_usd", "written_off_usd", "cancelled_usd", "other_usd", "outstanding_closing_usd", "received_usd", "refunded_usd", "in_kind_outstanding_usd",
		"in_kind_recognised_usd", "in_kind_disclosed_usd"}}
	row := func(kind ledger.ContributorKind, code ledger.ContributorCode, name, total string, f reports.FundFigures) {
		s.add(join([]string{string(kind), string(code), name, total}, plain(cashOf(f.Pledges)...),
			plain(f.Received, f.Refunded, f.KindOutstanding, f.InKindRecognised, f.InKindDisclosed))...)
	}
	for _, g := range r.Groups {
		for _, c := range g.Contributors {
			row(g.Kind, c.Code, c.Name, "", c.FundFigures)
		}
		row(g.Kind, "", "", "kind", g.Subtotal)
	}
	row("", "", "", "fund", r.Total)
	return s
}

// quantitySection has what was offered, accepted and delivered in kind, which is never added to cash.
func quantitySection(lines []reports.KindLine) section {
	s := section{name: "in_kind", columns: []string{"contributor", "category", "unit", "quantity_offered", "quantity_accepted", "quantity_delivered",
		"declared_currency", "declared", "assessed_usd", "experts"}}
	for _, l := range lines {
		s.add(join([]string{string(l.Contributor), string(l.Category), l.Unit, l.Offered.String(), l.Accepted.String(), l.Delivered.String()},
			optionalCells(l.Declared), plain(l.Assessed), []string{strconv.Itoa(l.Experts)})...)
	}
	return s
}

func yearSection(name string, b reports.YearBlock) section {
	s := section{name: name, columns: []string{"account", "name", "opening_usd", "debit_usd", "credit_usd", "closing_usd"}}
	for _, a := range b.Accounts {
		s.add(join([]string{string(a.Account), a.Name}, plain(a.Opening, a.Debit, a.Credit, a.Closing))...)
	}
	s.add(join([]string{"", "total"}, plain(b.Opening, b.Debit, b.Credit, b.Closing))...)
	return s
}

func trialBalanceSections(t *reports.TrialBalance) []section {
	head := section{name: "trial_balance", columns: []string{"schema", "fund", "as_of", "known_at", "illustrative"}}
	head.add(t.Schema, t.Fund, t.AsOf.String(), instant(t.KnownAt), illustrative(t.Illustrative))
	return []section{head, fundSection(t.Funds), balanceSection("books", t.Books), balanceSection("memorandum", t.Memorandum)}
}

// balanceSection has a row for each account and currency, one in USD for each account, and the total of the block.
func balanceSection(name string, b reports.BalanceBlock) section {
	s := section{name: name, columns: []string{"account", "name", "kind", "currency", "total", "debit", "credit", "debit_usd", "credit_usd"}}
	for _, a := range b.Accounts {
		for _, c := range a.Currencies {
			s.add(join([]string{string(a.Account), a.Name, string(a.Kind), string(c.Currency), ""}, plain(c.Debit, c.Credit, c.DebitUSD, c.CreditUSD))...)
		}
		s.add(join([]string{string(a.Account), a.Name, string(a.Kind), string(ledger.USD), "account"}, plain(a.Debit, a.Credit, a.Debit, a.Credit))...)
	}
	s.add(join([]string{"", "", "", string(ledger.USD), "block"}, plain(b.Debit, b.Credit, b.Debit, b.Credit))...)
	return s
}
