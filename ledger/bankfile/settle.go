package bankfile

import (
	"vcledger/ledger"
)

// settle gives an entry its payments. One payment is the whole booking, whatever amounts stand in it: what was ordered, or what
// was there before the bank's charges. Of several each has its own amount, and they must make the booking.
func (c *camt) settle(e *Entry) {
	ordered, rate := exchange(&c.tree, 0)
	switch len(c.payments) {
	case 0:
		e.Payments = []Payment{{Amount: e.Amount, Reference: e.Reference, Remittance: e.Information, Instructed: other(ordered, e.Amount), Rate: rate}}
	case 1:
		d := &c.payments[0]
		d.payment.Amount = e.Amount
		if d.instructed == nil {
			d.instructed = ordered
		}
		if d.rate == nil {
			d.rate = rate
		}
		d.takenOff(e)
		e.Payments = []Payment{c.payment(d, e)}
		e.Reference = first(e.Reference, d.payment.Reference)
	default:
		c.batch(e)
	}
}

// batch gives an entry its several payments, and tells when they do not make the booking. The charges that the bank kept of the
// whole, or took off each payment, may be the difference.
func (c *camt) batch(e *Entry) {
	e.Payments = make([]Payment, 0, len(c.payments))
	total, kept, unknown := ledger.Money{Currency: e.Amount.Currency}, ledger.Money{Currency: e.Amount.Currency}, 0
	keep := func(list []Charge) {
		for _, ch := range list {
			if ch.Amount.Currency == kept.Currency {
				kept.Amount = kept.Amount.Add(ch.Amount.Amount)
			}
		}
	}
	keep(e.Charges)
	for i := range c.payments {
		d := &c.payments[i]
		m, ok := d.amount(e)
		if !ok {
			unknown++
		}
		d.payment.Amount = m
		total.Amount = total.Amount.Add(m.Amount)
		keep(d.payment.Charges)
		e.Payments = append(e.Payments, c.payment(d, e))
	}
	off := e.Amount.Amount.Sub(total.Amount)
	if unknown == 1 { // the one without an amount is the rest
		for i := range c.payments {
			if e.Payments[i].Amount.Amount.IsZero() && off.Sign() == e.Amount.Amount.Sign() {
				e.Payments[i].Amount.Amount = off
				return
			}
		}
	}
	if !off.IsZero() && !off.Add(kept.Amount).IsZero() {
		c.tally.problem(e.Line, PaymentsOff, "The %d payments of the booking make %s; the booking is %s.", len(e.Payments), total, e.Amount)
	}
}

// takenOff marks the charges as taken off when an amount of the file less them is what was booked: before version 4 the file has
// no word for it.
func (d *detail) takenOff(e *Entry) {
	before, debit := e.Amount, e.Amount.Amount.IsNegative()
	before.Amount = before.Amount.Abs()
	for _, ch := range d.payment.Charges {
		if ch.Amount.Currency != before.Currency || debit {
			return
		}
		before.Amount = before.Amount.Add(ch.Amount.Amount)
	}
	found := d.instructed != nil && same(*d.instructed, before)
	for _, a := range d.amounts {
		v, err := plain(a.text)
		found = found || (err == nil && a.currency == string(before.Currency) && v.Equal(before.Amount))
	}
	for i := range d.payment.Charges {
		d.payment.Charges[i].Included = d.payment.Charges[i].Included || found
	}
}

// amount returns the amount of a payment of several, in the currency of the entry; ok is false when the file has none.
func (d *detail) amount(e *Entry) (m ledger.Money, ok bool) {
	m.Currency = e.Amount.Currency
	for _, a := range d.amounts {
		if a.currency != "" && a.currency != string(m.Currency) {
			continue
		}
		read, err := money(a.line, "TxDtls/Amt", a.text, m.Currency)
		if err != nil {
			continue
		}
		debit := e.Amount.Amount.IsNegative()
		switch d.sign {
		case "CRDT":
			debit = false
		case "DBIT":
			debit = true
		}
		return signed(read, debit), true
	}
	return m, false
}

// payment finishes a payment with what its entry decides.
func (c *camt) payment(d *detail, e *Entry) Payment {
	p := d.payment
	p.Instructed, p.Rate = other(d.instructed, p.Amount), d.rate
	p.Counterparty = c.counterparty(d, e)
	if len(c.payments) == 1 {
		p.Reference = first(p.Reference, e.Reference)
		p.Remittance = first(p.Remittance, e.Information)
	}
	return p
}

// other returns what was ordered when that is another amount or currency than what was booked.
func other(ordered *ledger.Money, booked ledger.Money) *ledger.Money {
	booked.Amount = booked.Amount.Abs()
	if ordered == nil || same(*ordered, booked) {
		return nil
	}
	return ordered
}

// counterparty returns the other side: the debtor of a credit and the creditor of a debit. A reversal keeps the sides of what it
// takes back. Where the bank names the owner of the account there, or nobody, it is the other one.
func (c *camt) counterparty(d *detail, e *Entry) Counterparty {
	want, instead := d.debtor, d.creditor
	if e.Amount.Amount.IsNegative() != e.Reversal {
		want, instead = instead, want
	}
	if instead.Name+instead.Account == "" || (instead.Account != "" && instead.Account == c.own) {
		return want
	}
	if want.Name+want.Account == "" || (want.Account != "" && want.Account == c.own) {
		return instead
	}
	return want
}
