package render

import (
	"vcledger/ledger"
	"vcledger/reports"
)

// adjustmentSection has what belongs to an earlier period.
func adjustmentSection(lines []reports.PriorPeriodLine) section {
	s := section{name: "prior_period_adjustments", columns: []string{"fund", "contributor", "original_date", "date", "entry", "kind", "reversal", "description", "reason",
		"account", "name", "currency", "amount", "amount_usd"}}
	for _, l := range lines {
		s.add(join([]string{string(l.Fund), string(l.Contributor), l.OriginalDate.String(), l.Date.String(), l.Entry.String(), string(l.Kind), yes(l.Reversal),
			l.Description, l.Reason, string(l.Account), l.Name, string(l.Amount.Money.Currency)}, valueCells(l.Amount))...)
	}
	return s
}

func (p *page) adjustments(lines []reports.PriorPeriodLine) {
	if len(lines) == 0 {
		return
	}
	p.heading("Prior-period adjustments (a credit in parentheses)")
	t := table{columns: []column{textColumn("Of", 0), textColumn("Booked", 0), textColumn("What", 34), textColumn("Account", 30), textColumn("Cur", 0),
		totalColumn("Amount"), totalColumn("USD")}}
	for _, l := range lines {
		what := "late: " + words(l.Kind)
		if l.Reversal {
			what = "reversal: " + words(l.Kind)
		}
		t.add(l.OriginalDate.String(), l.Date.String(), what, string(l.Account)+" "+l.Name, string(l.Amount.Money.Currency), figure(l.Amount.Money), figure(l.Amount.USD))
	}
	p.table(t)
}

func refundSection(lines []reports.RefundLine) section {
	s := section{name: "refunds", columns: []string{"fund", "date", "id", "receipt", "value_date", "bank_reference", "source", "pledge", "pledge_id", "reason", "document",
		"currency", "decided", "decided_usd", "reversed", "reversed_usd", "net", "net_usd", "paid_on", "reversed_on"}}
	for _, l := range lines {
		s.add(join([]string{string(l.Fund), l.Date.String(), l.ID.String(), l.ReceiptID.String(), l.ValueDate.String(), l.BankReference, string(l.Source), l.Pledge,
			idOf(l.PledgeID), l.Reason, l.Document, string(l.Net.Money.Currency)}, valueCells(l.Decided), valueCells(l.Reversed), valueCells(l.Net),
			[]string{l.PaidOn.String(), l.ReversedOn.String()})...)
	}
	return s
}

func (p *page) refunds(lines []reports.RefundLine, total reports.Money, names map[ledger.FundCode]string) {
	if len(lines) == 0 {
		return
	}
	p.heading("Refunds")
	g := grouped{names: names, table: table{columns: []column{textColumn("Decided", 0), textColumn("Of receipt", 0), textColumn("Pledge", 20), textColumn("Paid", 0),
		textColumn("Cur", 0), totalColumn("Amount"), totalColumn("USD")}}}
	for _, l := range lines {
		g.in(l.Fund)
		paid := l.PaidOn.String()
		if l.PaidOn.IsZero() {
			paid = "owed"
		}
		if !l.ReversedOn.IsZero() {
			paid = "reversed"
		}
		g.add(l.Date.String(), l.ValueDate.String(), l.Pledge, paid, string(l.Net.Money.Currency), figure(l.Net.Money), figure(l.Net.USD))
		g.lead(inset + clean(l.Reason))
	}
	g.total("Refunded", "", "", "", string(ledger.USD), "", figure(total))
	p.table(g.table)
}
