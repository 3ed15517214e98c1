package render

import (
	"strconv"

	"vcledger/reports"
)

// dueSections has the instalments that are not fully paid, and their sums.
func dueSections(l *reports.DueList) []section {
	head := section{name: "due", columns: []string{"schema", "as_of", "known_at", "illustrative"}}
	head.add(l.Schema, l.AsOf.String(), instant(l.KnownAt), illustrative(l.Illustrative))
	items := section{name: "instalments", columns: []string{"due_on", "days_overdue", "bucket", "fund", "fund_year", "contributor", "pledge", "pledge_id", "number",
		"currency", "amount", "outstanding", "outstanding_usd"}}
	for _, i := range l.Items {
		items.add(join([]string{i.DueOn.String(), strconv.Itoa(i.Days), string(i.Bucket), string(i.Fund), strconv.Itoa(i.FundYear), string(i.Contributor), i.Pledge,
			i.PledgeID.String(), strconv.Itoa(i.Number), string(i.Amount.Currency)}, plain(i.Amount, i.Outstanding.Money, i.Outstanding.USD))...)
	}
	totals := section{name: "totals", columns: []string{"bucket", "currency", "outstanding", "outstanding_usd"}}
	for _, t := range l.Totals {
		totals.add(join([]string{string(t.Bucket), string(t.Outstanding.Money.Currency)}, plain(t.Outstanding.Money, t.Outstanding.USD))...)
	}
	months := section{name: "months", columns: []string{"month", "fund", "contributor", "currency", "outstanding", "outstanding_usd"}}
	for _, m := range l.Months {
		months.add(join([]string{m.Month, string(m.Fund), string(m.Contributor), string(m.Outstanding.Money.Currency)}, plain(m.Outstanding.Money, m.Outstanding.USD))...)
	}
	return []section{head, fundSection(l.Funds), items, months, totals}
}

// heldSections has the cash that is applied to nothing yet, or owed back, and its sums.
func heldSections(l *reports.HeldList) []section {
	head := section{name: "held", columns: []string{"schema", "as_of", "known_at", "illustrative"}}
	head.add(l.Schema, l.AsOf.String(), instant(l.KnownAt), illustrative(l.Illustrative))
	items := section{name: "receipts", columns: []string{"account", "since", "days", "bucket", "fund", "contributor", "receipt_id", "value_date", "bank_reference", "payer",
		"pledge", "pledge_id", "currency", "amount", "amount_usd"}}
	for _, i := range l.Items {
		items.add(join([]string{string(i.Account), i.Since.String(), strconv.Itoa(i.Days), string(i.Bucket), string(i.Fund), string(i.Contributor), i.ReceiptID.String(),
			i.ValueDate.String(), i.BankReference, i.Payer, i.Pledge, idOf(i.PledgeID), string(i.Amount.Money.Currency)}, plain(i.Amount.Money, i.Amount.USD))...)
	}
	totals := section{name: "totals", columns: []string{"account", "bucket", "currency", "amount", "amount_usd"}}
	for _, t := range l.Totals {
		totals.add(join([]string{string(t.Account), string(t.Bucket), string(t.Amount.Money.Currency)}, plain(t.Amount.Money, t.Amount.USD))...)
	}
	return []section{head, fundSection(l.Funds), items, totals}
}
