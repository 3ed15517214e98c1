package reports

import "github.com/shopspring/decimal"

// sums makes the sums of a document again, to say in words where a figure was changed.
type sums struct {
	made  int
	wrong []Told
}

// total holds a total against its parts.
func (a *sums) total(what Told, total Money, parts ...decimal.Decimal) {
	sum := decimal.Zero
	for _, p := range parts {
		sum = sum.Add(p)
	}
	if a.made++; !sum.Equal(total.Amount) {
		a.wrong = append(a.wrong, tell("%s does not add up: the file says %s %s, and its parts are %s.", what, total.Amount.String(), string(total.Currency), sum.String()))
	}
}

// told tells of the sums that were made.
func (a *sums) told(p *Proved) {
	if p.Wrong = append(p.Wrong, a.wrong...); a.made > len(a.wrong) {
		p.proven("%d of %d sums, made again, are those of the file.", a.made-len(a.wrong), a.made)
	}
}

func (m CashMovements) parts() []decimal.Decimal {
	return []decimal.Decimal{m.Opening.Amount, m.Announced.Amount, m.Agreed.Amount, m.Adjusted.Amount, m.Received.Amount.Neg(), m.WrittenOff.Amount.Neg(),
		m.Cancelled.Amount.Neg(), m.Other.Amount}
}

func (m KindMovements) parts() []decimal.Decimal {
	return []decimal.Decimal{m.Opening.Amount, m.Offered.Amount, m.Declined.Amount.Neg(), m.Adjusted.Amount, m.Delivered.Amount.Neg(), m.WrittenOff.Amount.Neg(),
		m.Cancelled.Amount.Neg(), m.Other.Amount}
}

// statement makes the sums of a statement and of those of its bodies.
func (a *sums) statement(s *Statement) {
	var closing, received, held, refunded, kind []decimal.Decimal
	for _, l := range s.Pledges {
		a.total(tell("Pledge %s", l.Reference), l.Amounts.Closing, l.Amounts.parts()...)
		a.total(tell("Pledge %s in USD", l.Reference), l.USD.Closing, l.USD.parts()...)
		closing = append(closing, l.USD.Closing.Amount)
	}
	for _, r := range s.Receipts {
		a.total(tell("The receipt of %s", r.ValueDate.String()), r.Net.Money, r.Credited.Money.Amount, r.Reversed.Money.Amount.Neg())
		a.total(tell("The receipt of %s in USD", r.ValueDate.String()), r.Net.USD, r.Credited.USD.Amount, r.Reversed.USD.Amount.Neg())
		received = append(received, r.Net.USD.Amount)
	}
	for _, l := range s.Held {
		held = append(held, l.Amount.USD.Amount)
	}
	for _, l := range s.Refunds {
		refunded = append(refunded, l.Net.USD.Amount)
	}
	for _, l := range s.InKind.Items {
		a.total(tell("The item %s of pledge %s", l.Description, l.Pledge), l.Amounts.Closing, l.Amounts.parts()...)
		kind = append(kind, l.USD.Closing.Amount)
	}
	for _, d := range s.InKind.Deliveries {
		a.total(tell("The delivery of %s", d.Date.String()), d.Net.Money, d.Delivered.Money.Amount, d.Revalued.Money.Amount, d.Reversed.Money.Amount.Neg())
	}
	cash := s.Summary.CashTotal
	a.total(tell("What is outstanding in cash"), cash.Pledges.Closing, closing...)
	a.total(tell("The summary of cash pledges"), cash.Pledges.Closing, cash.Pledges.parts()...)
	a.total(tell("The cash received"), cash.Received, received...)
	a.total(tell("The cash held in advance"), cash.Held, held...)
	a.total(tell("The cash refunded"), cash.Refunded, refunded...)
	a.total(tell("What is outstanding in kind"), s.Summary.InKindTotal.Pledges.Closing, kind...)
	for _, b := range s.Bodies {
		a.statement(b)
	}
}

// report makes the sums of a fund report.
func (a *sums) report(r *FundReport) {
	type figure struct {
		what  Told
		total Money
	}
	each := func(f FundFigures) []figure {
		return []figure{{tell("What is outstanding in cash"), f.Pledges.Closing}, {tell("The cash received"), f.Received}, {tell("The cash refunded"), f.Refunded},
			{tell("What is outstanding in kind"), f.KindOutstanding}, {tell("What was given in kind and is recognised"), f.InKindRecognised},
			{tell("What was given in kind and is disclosed"), f.InKindDisclosed}}
	}
	total := map[int][]decimal.Decimal{} // by the place of the figure
	for _, g := range r.Groups {
		group := map[int][]decimal.Decimal{}
		for _, c := range g.Contributors {
			a.total(tell("What is outstanding of %s", string(c.Code)), c.Pledges.Closing, c.Pledges.parts()...)
			for i, f := range each(c.FundFigures) {
				group[i] = append(group[i], f.total.Amount)
			}
		}
		for i, f := range each(g.Subtotal) {
			a.total(tell("%s, of contributors of the kind %s", f.what, g.Kind), f.total, group[i]...)
			total[i] = append(total[i], f.total.Amount)
		}
	}
	for i, f := range each(r.Total) {
		a.total(f.what, f.total, total[i]...)
	}
	a.block(r.Books, tell("The debits of the books"), tell("The credits of the books"), tell("The books, whose debits are their credits,"))
	a.block(r.Memorandum, tell("The debits of the memorandum accounts"), tell("The credits of the memorandum accounts"), tell("The memorandum accounts, whose debits are their credits,"))
}

// block makes the sums of accounts that balance among themselves.
func (a *sums) block(b YearBlock, debit, credit, balance Told) {
	var debits, credits []decimal.Decimal
	for _, x := range b.Accounts {
		a.total(tell("Account %s", string(x.Account)), x.Closing, x.Opening.Amount, x.Debit.Amount, x.Credit.Amount.Neg())
		debits, credits = append(debits, x.Debit.Amount), append(credits, x.Credit.Amount)
	}
	a.total(debit, b.Debit, debits...)
	a.total(credit, b.Credit, credits...)
	a.total(balance, b.Debit, b.Credit.Amount)
}
