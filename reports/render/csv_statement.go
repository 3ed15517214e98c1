package render

import (
	"strconv"

	"vcledger/ledger"
	"vcledger/reports"
)

func statementSections(s *reports.Statement) []section {
	head := section{name: "statement", columns: []string{"schema", "contributor", "name", "kind", "country", "from", "to",
		"as_of", "known_at", "illustrative"}}
	head.add(s.Schema, string(s.Contributor.Code), s.Contributor.Name, string(s.Contributor.Kind), s.Contributor.Country,
		s.Period.From.String(), s.Period.To.String(), s.AsOf.String(), instant(s.KnownAt), illustrative(s.Illustrative))
	receipts, allocations := receiptSections(s.Receipts)
	sections := append([]section{head}, issuedSections(s)...)
	return append(sections, fundSection(s.Funds), pledgeSection(s.Pledges), receipts, allocations, heldSection(s.Held), refundSection(s.Refunds),
		itemSection(s.InKind.Items), deliverySection(s.InKind.Deliveries), adjustmentSection(s.Adjustments), newnessSection(s.Newness),
		cashSection(s.Summary), kindSection(s.Summary), noteSection(s.Notes))
}

func pledgeSection(lines []reports.PledgeLine) section {
	s := section{name: "pledges", columns: join([]string{"fund", "fund_year", "reference", "id", "stage", "announced_on", "agreed_on", "currency"},
		cashColumns, usd(cashColumns))}
	for _, l := range lines {
		s.add(join([]string{string(l.Fund), year(l.FundYear), l.Reference, l.ID.String(), string(l.Stage), l.AnnouncedOn.String(), l.AgreedOn.String(),
			string(l.Currency)}, plain(cashOf(l.Amounts)...), plain(cashOf(l.USD)...))...)
	}
	return s
}

func receiptSections(receipts []reports.Receipt) (section, section) {
	s := section{name: "receipts", columns: join([]string{"fund", "fund_year", "value_date", "id", "bank_account", "bank_reference", "payer", "shared",
		"currency", "arrived", "charges"}, rateColumns, []string{"credited", "credited_usd", "reversed", "reversed_usd", "net", "net_usd", "reversed_on"})}
	a := section{name: "allocations", columns: []string{"receipt", "date", "fund", "fund_year", "pledge", "pledge_id", "currency",
		"amount", "amount_usd", "reversed_on"}}
	for _, r := range receipts {
		s.add(join([]string{string(r.Fund), year(r.FundYear), r.ValueDate.String(), r.ID.String(), string(r.BankAccount), r.BankReference, r.Payer,
			yes(r.Shared), string(r.Net.Money.Currency), moneyOf(r.Arrived), moneyOf(r.Charges)}, rateCells(r.Rate), valueCells(r.Credited),
			valueCells(r.Reversed), valueCells(r.Net), []string{r.ReversedOn.String()})...)
		for _, l := range r.Allocations {
			a.add(join([]string{r.ID.String(), l.Date.String(), string(l.Fund), year(l.FundYear), l.Pledge, idOf(l.PledgeID),
				string(l.Amount.Money.Currency)}, valueCells(l.Amount), []string{l.ReversedOn.String()})...)
		}
	}
	return s, a
}

func heldSection(lines []reports.HeldLine) section {
	s := section{name: "held_in_advance", columns: []string{"fund", "receipt", "value_date", "bank_reference", "pledge", "pledge_id",
		"currency", "amount", "amount_usd"}}
	for _, l := range lines {
		s.add(join([]string{string(l.Fund), l.ReceiptID.String(), l.ValueDate.String(), l.BankReference, l.Pledge, idOf(l.PledgeID),
			string(l.Amount.Money.Currency)}, valueCells(l.Amount))...)
	}
	return s
}

func itemSection(lines []reports.ItemLine) section {
	s := section{name: "in_kind_items", columns: join([]string{"fund", "fund_year", "pledge", "pledge_id", "stage", "announced_on", "agreed_on", "item",
		"category", "description", "unit", "valuation_basis", "quantity_offered", "quantity_accepted", "quantity_delivered", "declared_currency",
		"declared", "valuer", "valued_on", "accepted_by", "cost_currency", "cost_to_fund", "currency", "unit_value", "assessed", "assessed_usd", "promised",
		"promised_usd"}, kindColumns, usd(kindColumns))}
	for _, l := range lines {
		accepted := ""
		if l.Accepted != nil {
			accepted = l.Accepted.String()
		}
		s.add(join([]string{string(l.Fund), year(l.FundYear), l.Pledge, l.PledgeID.String(), string(l.Stage), l.AnnouncedOn.String(), l.AgreedOn.String(),
			strconv.Itoa(l.Number), string(l.Category), l.Description, l.Unit, string(l.Basis), l.Offered.String(), accepted, l.Delivered.String()},
			optionalCells(l.Declared), []string{l.Valuer, l.ValuedOn.String(), l.AcceptedBy}, optionalCells(l.CostToFund),
			[]string{string(l.Currency), l.UnitValue.Fixed()}, valueCells(l.Assessed), valueCells(l.Promised), plain(kindOf(l.Amounts)...), plain(kindOf(l.USD)...))...)
	}
	return s
}

// optionalCells are the currency and the amount of money that may be absent.
func optionalCells(m *reports.Money) []string {
	if m == nil {
		return []string{"", ""}
	}
	return []string{string(m.Currency), m.Fixed()}
}

func deliverySection(lines []reports.DeliveryLine) section {
	s := section{name: "deliveries", columns: join([]string{"fund", "fund_year", "date", "period_from", "period_to", "id", "category", "description", "quantity", "unit",
		"expert", "certified_by", "declared_currency", "declared", "valuation_basis", "valuer", "valued_on", "evidence", "evidence_sha256", "pledge",
		"pledge_id", "item", "treatment", "account", "currency"}, rateColumns,
		[]string{"delivered", "delivered_usd", "revalued", "revalued_usd", "reversed", "reversed_usd", "net", "net_usd", "reversed_on"})}
	for _, l := range lines {
		item := ""
		if l.Item > 0 {
			item = strconv.Itoa(l.Item)
		}
		s.add(join([]string{string(l.Fund), year(l.FundYear), l.Date.String(), l.PeriodFrom.String(), l.PeriodTo.String(), l.ID.String(), string(l.Category), l.Description,
			l.Quantity.String(), l.Unit, l.Expert, l.CertifiedBy}, optionalCells(l.Declared), []string{string(l.Basis), l.Valuer, l.ValuedOn.String(),
			l.Evidence, l.SHA256, l.Pledge, idOf(l.PledgeID), item, string(l.Treatment), string(l.Account),
			string(l.Net.Money.Currency)}, rateCells(l.Rate), valueCells(l.Delivered), valueCells(l.Revalued), valueCells(l.Reversed), valueCells(l.Net),
			[]string{l.ReversedOn.String()})...)
	}
	return s
}

// cashTotal are the cells of a total of cash.
func cashTotal(t reports.CashTotal) []string {
	return join(plain(cashOf(t.Pledges)...), plain(t.Received, t.Refunded, t.Held))
}

// cashSection has a row for each fund and currency, one in USD for each fund, and one in USD for all funds.
func cashSection(sum reports.Summary) section {
	s := section{name: "summary_cash", columns: []string{"fund", "currency", "total", "outstanding_opening", "announced", "agreed", "adjusted",
		"received_on_pledges", "written_off", "cancelled", "other", "outstanding_closing", "received", "refunded", "held_in_advance"}}
	for _, f := range sum.Cash {
		for _, c := range f.Currencies {
			s.add(join([]string{string(f.Fund), string(c.Currency), ""}, cashTotal(c.Amounts))...)
		}
		s.add(join([]string{string(f.Fund), string(ledger.USD), "fund"}, cashTotal(f.USD))...)
	}
	s.add(join([]string{"", string(ledger.USD), "all"}, cashTotal(sum.CashTotal))...)
	return s
}

func kindSection(sum reports.Summary) section {
	s := section{name: "summary_in_kind", columns: []string{"fund", "currency", "total", "outstanding_opening", "offered", "declined", "adjusted", "delivered_on_pledges",
		"written_off", "cancelled", "other", "outstanding_closing", "recognised", "disclosed"}}
	row := func(fund, total string, t reports.KindTotal) {
		s.add(join([]string{fund, string(ledger.USD), total}, plain(kindOf(t.Pledges)...), plain(t.Recognised, t.Disclosed))...)
	}
	for _, f := range sum.InKind {
		row(string(f.Fund), "fund", f.USD)
	}
	row("", "all", sum.InKindTotal)
	return s
}
