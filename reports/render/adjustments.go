package render

import "vcledger/reports"

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
