package render

import "vcledger/reports"

func availableSections(a *reports.Available) []section {
	head := section{name: "available", columns: []string{"schema", "from", "as_of", "known_at", "illustrative"}}
	head.add(a.Schema, a.Period.From.String(), a.Period.To.String(), instant(a.KnownAt), illustrative(a.Fund.Illustrative))
	cash := section{name: "cash", columns: usd([]string{"opening", "received", "spent", "support", "levy", "charges_received", "interest", "refunds", "other", "closing",
		"held_unidentified", "held_in_advance", "held_refunds_payable", "held", "available"})}
	c := a.Cash
	cash.add(plain(c.Opening, c.Received, c.Spent, c.Support, c.Levy, c.ChargesReceived, c.Interest, c.Refunds, c.Other, c.Closing,
		a.Held.Unidentified, a.Held.InAdvance, a.Held.RefundsPayable, a.Held.Total, a.Available)...)
	accounts := section{name: "bank_accounts", columns: []string{"bank_account", "currency", "balance", "balance_usd"}}
	for _, b := range a.Accounts {
		accounts.add(join([]string{string(b.BankAccount), string(b.Balance.Money.Currency)}, valueCells(b.Balance))...)
	}
	recognised := section{name: "recognised", columns: usd([]string{"balance", "receivables"})}
	recognised.add(plain(a.Recognised.Balance, a.Recognised.Receivables)...)
	return []section{head, fundSection([]reports.Fund{a.Fund}), cash, accounts, recognised, noteSection(a.Notes)}
}

func useSections(u *reports.PledgeUse) []section {
	head := section{name: "use", columns: []string{"schema", "pledge", "pledge_id", "contributor", "name", "as_of", "known_at", "illustrative"}}
	head.add(u.Schema, u.Pledge, u.PledgeID.String(), string(u.Contributor.Code), u.Contributor.Name, u.AsOf.String(), instant(u.KnownAt), illustrative(u.Fund.Illustrative))
	cash := section{name: "cash", columns: usd([]string{"received", "interest", "spent", "support", "levy", "refunded", "other", "left"})}
	c := u.Use
	cash.add(plain(c.Received, c.Interest, c.Spent, c.Support, c.Levy, c.Refunded, c.Other, c.Left)...)
	list := section{name: "expenditures", columns: []string{"date", "reference", "reversal", "project", "description", "currency", "amount", "amount_usd", "support_usd", "levy_usd"}}
	for _, e := range u.Expenditures {
		list.add(join([]string{e.Date.String(), e.Reference, yes(e.Reversal), e.Project, e.Description, string(e.Amount.Money.Currency)},
			valueCells(e.Amount), plain(e.Support, e.Levy))...)
	}
	return []section{head, fundSection([]reports.Fund{u.Fund}), cash, list, noteSection(u.Notes)}
}
