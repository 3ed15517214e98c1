package render

import (
	"fmt"
	"strconv"

	"vcledger/ledger"
	"vcledger/reports"
)

func (p *page) fundReport(r *reports.FundReport) {
	p.title("Fund report " + strconv.Itoa(r.Year))
	p.line(clean(fundLabel(r.Fund)))
	p.line("Year ", strconv.Itoa(r.Year), ", ", asOf(r.AsOf, instant(r.KnownAt)), "; in USD where no currency is named")
	if r.Fund.Illustrative {
		p.line(illustrativeLabel, ": the figures of this fund are made up.")
	}
	p.contributors(r)
	p.contributorsInKind(r)
	p.quantities(r.InKind)
	p.newness(r.Newness)
	p.adjustments(r.Adjustments)
	p.currencies(r.Receipts)
	p.unidentified(r.Unidentified)
	p.heading("Exchange")
	t := table{columns: []column{totalColumn("Gains"), totalColumn("Losses"), totalColumn("Net")}}
	t.add(figures(r.Exchange.Gains, r.Exchange.Losses, r.Exchange.Net)...)
	p.table(t)
	p.year("Trial balance of the year (a credit balance in parentheses)", r.Books)
	p.year("Memorandum accounts", r.Memorandum)
	p.tieOut(r.TieOut)
	p.notes(r.Notes)
}

// kindNames are the headings of the groups.
var kindNames = map[ledger.ContributorKind]string{
	ledger.State: "States", ledger.Observer: "Observers", ledger.LocalAuthority: "Local authorities",
	ledger.MFI: "Multilateral financial institutions", ledger.RDB: "Regional development banks", ledger.IGO: "Intergovernmental organizations",
	ledger.UN: "United Nations", ledger.Private: "Private", ledger.OtherKind: "Others",
}

func (p *page) contributors(r *reports.FundReport) {
	p.heading("Cash by contributor")
	t := table{columns: []column{textColumn("Contributor", 26), totalColumn("Opening"), moneyColumn("Pledged"), moneyColumn("Adjusted"), moneyColumn("Kept by cash"),
		moneyColumn("Written off"), moneyColumn("Cancelled"), moneyColumn("Other"), totalColumn("Closing"), totalColumn("Cash received"), moneyColumn("Refunded")}}
	line := func(name string, f reports.FundFigures) []string {
		m := f.Pledges
		pledged := m.Announced
		pledged.Amount = pledged.Amount.Add(m.Agreed.Amount)
		return join([]string{name}, figures(m.Opening, pledged, m.Adjusted, m.Received, m.WrittenOff, m.Cancelled, m.Other, m.Closing, f.Received, f.Refunded))
	}
	for _, g := range r.Groups {
		t.lead(kindNames[g.Kind])
		for _, c := range g.Contributors {
			t.add(line(fmt.Sprintf("  %s %s", c.Code, c.Name), c.FundFigures)...)
		}
		t.add(line(" Subtotal", g.Subtotal)...)
	}
	t.total(line("Total", r.Total)...)
	p.table(t)
}

func (p *page) contributorsInKind(r *reports.FundReport) {
	t := table{columns: []column{textColumn("Contributor", 40), totalColumn("Outstanding"), totalColumn("Recognised"), totalColumn("Disclosed")}}
	gives := func(f reports.FundFigures) bool {
		return !f.KindOutstanding.Amount.IsZero() || !f.InKindRecognised.Amount.IsZero() || !f.InKindDisclosed.Amount.IsZero()
	}
	line := func(name string, f reports.FundFigures) []string {
		return join([]string{name}, figures(f.KindOutstanding, f.InKindRecognised, f.InKindDisclosed))
	}
	for _, g := range r.Groups {
		first := true
		for _, c := range g.Contributors {
			if !gives(c.FundFigures) {
				continue
			}
			if first {
				t.lead(kindNames[g.Kind])
				first = false
			}
			t.add(line(fmt.Sprintf("  %s %s", c.Code, c.Name), c.FundFigures)...)
		}
		if !first {
			t.add(line(" Subtotal", g.Subtotal)...)
		}
	}
	if len(t.rows) == 0 {
		return
	}
	p.heading("In kind by contributor (never added to cash)")
	t.total(line("Total", r.Total)...)
	p.table(t)
}

func (p *page) quantities(lines []reports.KindLine) {
	if len(lines) == 0 {
		return
	}
	p.heading("In kind by quantity: offered, accepted and delivered in the year (never added to cash)")
	t := table{columns: []column{textColumn("Contributor", 20), textColumn("What", 0), textColumn("Unit", 0), textColumn("Offered", 0), textColumn("Accepted", 0),
		textColumn("Delivered", 0), textColumn("Experts", 0), textColumn("Cur", 0), moneyColumn("Declared"), totalColumn("Assessed USD")}}
	for _, l := range lines {
		currency, declared := "", "none"
		if l.Declared != nil {
			currency, declared = string(l.Declared.Currency), figure(*l.Declared)
		}
		t.add(string(l.Contributor), words(l.Category), words(l.Unit), l.Offered.String(), l.Accepted.String(), l.Delivered.String(),
			strconv.Itoa(l.Experts), currency, declared, figure(l.Assessed))
	}
	p.table(t)
}

func (p *page) currencies(lines []reports.CurrencyReceipts) {
	if len(lines) == 0 {
		return
	}
	p.heading("Cash received by currency")
	t := table{columns: []column{textColumn("Cur", 0), totalColumn("Amount"), totalColumn("USD")}}
	for _, c := range lines {
		t.add(string(c.Currency), figure(c.Amount.Money), figure(c.Amount.USD))
	}
	p.table(t)
}

func (p *page) unidentified(u reports.Unidentified) {
	p.heading("Unidentified receipts at the end of the year")
	if len(u.Receipts) == 0 {
		p.line(indent, "None.")
		return
	}
	t := table{columns: []column{textColumn("Date", 0), textColumn("Bank reference", 20), textColumn("Payer", 24), textColumn("Cur", 0),
		totalColumn("Amount"), totalColumn("USD")}}
	for _, r := range u.Receipts {
		t.add(r.ValueDate.String(), r.BankReference, r.Payer, string(r.Amount.Money.Currency), figure(r.Amount.Money), figure(r.Amount.USD))
	}
	t.total("Total", "", "", string(ledger.USD), "", figure(u.USD))
	p.table(t)
}

func (p *page) year(title string, b reports.YearBlock) {
	if len(b.Accounts) == 0 {
		return
	}
	p.heading(title)
	t := table{columns: []column{textColumn("Account", 42), totalColumn("Opening"), totalColumn("Debit"), totalColumn("Credit"), totalColumn("Closing")}}
	for _, a := range b.Accounts {
		t.add(join([]string{fmt.Sprintf("%s %s", a.Account, a.Name)}, figures(a.Opening, a.Debit, a.Credit, a.Closing))...)
	}
	t.total(join([]string{"Total"}, figures(b.Opening, b.Debit, b.Credit, b.Closing))...)
	p.table(t)
}

func (p *page) tieOut(lines []reports.TieOut) {
	p.heading("Tie-out: records of contributors against the accounts")
	t := table{columns: []column{textColumn("Figure", 0), totalColumn("Report"), totalColumn("Books"), totalColumn("Difference")}}
	for _, l := range lines {
		t.add(join([]string{words(l.Name)}, figures(l.Report, l.Books, l.Difference))...)
	}
	p.table(t)
}

func (p *page) trialBalance(b *reports.TrialBalance) {
	p.title("Trial balance")
	scope := "All funds"
	if b.Fund != "" {
		scope = "One fund"
	}
	p.line(scope, ", ", asOf(b.AsOf, instant(b.KnownAt)), ":")
	for _, f := range b.Funds {
		p.line(indent, clean(fundLabel(f)))
	}
	p.balances("Books", b.Books)
	p.balances("Memorandum accounts", b.Memorandum)
}

func (p *page) balances(title string, b reports.BalanceBlock) {
	p.heading(title)
	t := table{columns: []column{textColumn("Account", 42), textColumn("Cur", 0), totalColumn("Debit"), totalColumn("Credit"),
		totalColumn("Debit USD"), totalColumn("Credit USD")}}
	for _, a := range b.Accounts {
		t.add(join([]string{fmt.Sprintf("%s %s", a.Account, a.Name), "", "", ""}, figures(a.Debit, a.Credit))...)
		for _, c := range a.Currencies {
			holds := !c.Debit.Amount.IsZero() || !c.Credit.Amount.IsZero() || !c.DebitUSD.Amount.IsZero() || !c.CreditUSD.Amount.IsZero()
			if holds && (len(a.Currencies) > 1 || c.Currency != ledger.USD) {
				t.add(join([]string{"", string(c.Currency)}, figures(c.Debit, c.Credit, c.DebitUSD, c.CreditUSD))...)
			}
		}
	}
	t.total(join([]string{"Total", string(ledger.USD), "", ""}, figures(b.Debit, b.Credit))...)
	p.table(t)
}
