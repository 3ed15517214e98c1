package postgres_test

import (
	"fmt"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// notebook is what a careful person would keep without a ledger: every debit and credit in one list, and a page for each
// pledge and receipt. It knows no accounts, no SQL and none of the program's rules; what it works out by hand the books
// have to equal.
type notebook struct {
	lines    []noted
	pledges  []*notedPledge
	receipts []*notedReceipt
}

// noted is one debit (positive) or credit. by names the receipt whose reversal takes it back.
type noted struct {
	account, fund, pledge, receipt, currency string
	amount, usd                              decimal.Decimal
	by                                       string
}

type notedPledge struct {
	id, fund, currency string
	onReceipt          bool
	agreed, ended      bool
	agreedIn           int // year
	waiting            []decimal.Decimal
}

type notedReceipt struct {
	id, fund, currency string
	refunded, reversed bool
}

// sum is money with its worth.
type sum struct {
	amount, usd decimal.Decimal
	currency    string
}

func (s sum) neg() sum { return sum{s.amount.Neg(), s.usd.Neg(), s.currency} }

func (s sum) minus(o sum) sum {
	return sum{s.amount.Sub(o.amount), s.usd.Sub(o.usd), s.currency}
}

// part is a share by amount; the whole has the whole worth.
func (s sum) part(amount decimal.Decimal) sum {
	if amount.Equal(s.amount) {
		return s
	}
	return sum{amount, s.usd.Mul(amount).Div(s.amount).Round(2), s.currency}
}

// units are what one USD buys, by the day.
func units(currency string, on ledger.Date) decimal.Decimal {
	spring, summer := !on.Before(day("2026-03-01")), !on.Before(day("2026-06-01"))
	switch {
	case currency == "EUR" && spring:
		return decimal.RequireFromString("0.80")
	case currency == "EUR":
		return decimal.RequireFromString("0.90")
	case currency == "JPY" && summer:
		return decimal.RequireFromString("160")
	case currency == "JPY":
		return decimal.RequireFromString("150")
	}
	return decimal.NewFromInt(1)
}

func worthOn(amount decimal.Decimal, currency string, on ledger.Date) sum {
	return sum{amount, amount.Div(units(currency, on)).Round(2), currency}
}

func (n *notebook) note(by, account, fund, pledge, receipt string, s sum) {
	n.lines = append(n.lines, noted{account, fund, pledge, receipt, s.currency, s.amount, s.usd, by})
}

// balance adds up what stands on an account for a pledge, or for a receipt without a pledge.
func (n *notebook) balance(account, pledge, receipt string) sum {
	var s sum
	for _, l := range n.lines {
		if l.account == account && l.pledge == pledge && l.receipt == receipt {
			s = sum{s.amount.Add(l.amount), s.usd.Add(l.usd), l.currency}
		}
	}
	return s
}

// advances are what receipts hold for a pledge, the oldest first.
func (n *notebook) advances(p *notedPledge) map[string]sum {
	found := map[string]sum{}
	for _, r := range n.receipts {
		if held := n.balance("2200", p.id, r.id).neg(); held.amount.IsPositive() {
			found[r.id] = held
		}
	}
	return found
}

func (n *notebook) announce(p *notedPledge, s sum) {
	n.pledges = append(n.pledges, p)
	n.note("", "9100", p.fund, p.id, "", s)
	n.note("", "9190", p.fund, p.id, "", s.neg())
}

// release takes part of what is announced off.
func (n *notebook) release(by string, p *notedPledge, amount decimal.Decimal) {
	taken := n.balance("9100", p.id, "").part(amount)
	n.note(by, "9100", p.fund, p.id, "", taken.neg())
	n.note(by, "9190", p.fund, p.id, "", taken)
}

func (n *notebook) agree(p *notedPledge, s sum, conditions []decimal.Decimal, year int) {
	p.agreed, p.agreedIn, p.waiting = true, year, conditions
	if p.onReceipt {
		return
	}
	credit := "4010"
	if len(conditions) > 0 {
		credit = "2400"
	}
	n.note("", "1200", p.fund, p.id, "", s)
	n.note("", credit, p.fund, p.id, "", s.neg())
	if announced := n.balance("9100", p.id, "").amount; announced.IsPositive() {
		n.release("", p, decimal.Min(announced, s.amount))
	}
	n.useAdvances(p)
}

// increase raises a pledge: more that is due when it is agreed, otherwise more that is announced.
func (n *notebook) increase(p *notedPledge, s sum) {
	if p.onReceipt || !p.agreed {
		n.note("", "9100", p.fund, p.id, "", s)
		n.note("", "9190", p.fund, p.id, "", s.neg())
		return
	}
	n.note("", "1200", p.fund, p.id, "", s)
	n.note("", "4010", p.fund, p.id, "", s.neg())
	n.useAdvances(p)
}

// useAdvances pays what is due with the cash that waits for the pledge.
func (n *notebook) useAdvances(p *notedPledge) {
	for _, r := range n.receipts {
		held, waits := n.advances(p)[r.id]
		if !waits {
			continue
		}
		used := held.minus(n.settle(r.id, p, held))
		if used.amount.IsPositive() {
			n.note(r.id, "2200", p.fund, p.id, r.id, used)
		}
	}
}

// covers is how much of a balance money pays for: one for one in its currency, by its worth in another.
func covers(balance, money sum) decimal.Decimal {
	switch {
	case balance.currency == money.currency:
		return decimal.Min(balance.amount, money.amount)
	case money.usd.GreaterThanOrEqual(balance.usd):
		return balance.amount
	}
	return balance.amount.Mul(money.usd).Div(balance.usd).Round(ledger.Currency(balance.currency).MinorUnits())
}

// pays is how much of money a balance costs.
func pays(money, balance sum) sum {
	part := balance.amount
	if balance.currency != money.currency {
		part = money.amount
		if money.usd.GreaterThan(balance.usd) {
			part = decimal.Min(part, money.amount.Mul(balance.usd).Div(money.usd).Round(ledger.Currency(money.currency).MinorUnits()))
		}
	}
	return money.part(part)
}

// exchange notes a gain (negative) or a loss.
func (n *notebook) exchange(by string, fund, pledge string, usd decimal.Decimal) {
	switch {
	case usd.IsNegative():
		n.note(by, "4910", fund, pledge, "", sum{usd, usd, "USD"})
	case usd.IsPositive():
		n.note(by, "5910", fund, pledge, "", sum{usd, usd, "USD"})
	}
}

// settle pays a pledge: what is due, then what is only announced. It returns what is left of the cash.
func (n *notebook) settle(by string, p *notedPledge, cash sum) sum {
	if due := n.balance("1200", p.id, ""); due.amount.IsPositive() {
		taken := due.part(covers(due, cash))
		used := pays(cash, taken)
		n.note(by, "1200", p.fund, p.id, "", taken.neg())
		n.exchange(by, p.fund, p.id, taken.usd.Sub(used.usd))
		cash = cash.minus(used)
	}
	if announced := n.balance("9100", p.id, ""); cash.amount.IsPositive() && announced.amount.IsPositive() {
		part := covers(announced, cash)
		used := pays(cash, announced.part(part))
		n.note(by, "4010", p.fund, p.id, "", used.neg())
		n.release(by, p, part)
		cash = cash.minus(used)
	}
	return cash
}

// apply credits a pledge with cash of a receipt; what is too much is held for the contributor.
func (n *notebook) apply(r *notedReceipt, p *notedPledge, cash sum) {
	if !p.onReceipt && !p.agreed {
		n.note(r.id, "2200", p.fund, p.id, r.id, cash.neg())
		return
	}
	if left := n.settle(r.id, p, cash); left.amount.IsPositive() {
		n.note(r.id, "2200", r.fund, "", r.id, left.neg())
	}
}

func (n *notebook) receive(r *notedReceipt, s sum) {
	n.receipts = append(n.receipts, r)
	n.note(r.id, "1010", r.fund, "", "", s)
}

// reduce takes what is given up off what is due and off what was announced.
func (n *notebook) reduce(p *notedPledge, amount decimal.Decimal, expense bool) {
	due := n.balance("1200", p.id, "")
	fromDue := decimal.Min(amount, due.amount)
	if fromDue.IsPositive() {
		taken := due.part(fromDue)
		n.note("", "1200", p.fund, p.id, "", taken.neg())
		waits := n.balance("2400", p.id, "").neg()
		fromWaiting := decimal.Min(fromDue, waits.amount)
		if fromWaiting.IsPositive() {
			released := waits.part(fromWaiting)
			n.note("", "2400", p.fund, p.id, "", released)
			rest := taken.minus(taken.part(fromWaiting))
			if fromWaiting.Equal(fromDue) {
				rest = sum{currency: taken.currency}
			}
			n.cost(p, rest, expense)
			n.exchange("", p.fund, p.id, taken.usd.Sub(released.usd).Sub(rest.usd))
		} else {
			n.cost(p, taken, expense)
		}
	}
	if rest := amount.Sub(fromDue); rest.IsPositive() {
		n.release("", p, rest)
	}
}

func (n *notebook) cost(p *notedPledge, s sum, expense bool) {
	if !s.amount.IsPositive() {
		return
	}
	account := "4010"
	if expense {
		account = "5700"
	}
	n.note("", account, p.fund, p.id, "", s)
}

// meet makes revenue of what waits for the next condition; the last one takes all that is left.
func (n *notebook) meet(p *notedPledge) {
	waits := n.balance("2400", p.id, "").neg()
	part := waits.amount
	if len(p.waiting) > 1 {
		part = decimal.Min(part, p.waiting[0])
	}
	p.waiting = p.waiting[1:]
	if part.IsPositive() {
		released := waits.part(part)
		n.note("", "2400", p.fund, p.id, "", released)
		n.note("", "4010", p.fund, p.id, "", released.neg())
	}
}

// reverse takes back all that a receipt did.
func (n *notebook) reverse(r *notedReceipt) {
	r.reversed = true
	for _, l := range n.lines {
		if l.by == r.id {
			n.note("", l.account, l.fund, l.pledge, l.receipt, sum{l.amount.Neg(), l.usd.Neg(), l.currency})
		}
	}
	for i := range n.lines {
		if n.lines[i].by == r.id {
			n.lines[i].by = ""
		}
	}
}

// totals are the balances that are not nothing, by what they are kept by.
func (n *notebook) totals() map[string]string {
	sums := map[string]sum{}
	for _, l := range n.lines {
		key := fmt.Sprintf("%s %s %s %s %s", l.account, l.fund, l.pledge, l.receipt, l.currency)
		s := sums[key]
		sums[key] = sum{s.amount.Add(l.amount), s.usd.Add(l.usd), l.currency}
	}
	out := map[string]string{}
	for key, s := range sums {
		if !s.amount.IsZero() || !s.usd.IsZero() {
			out[key] = s.amount.StringFixed(2) + " " + s.usd.StringFixed(2)
		}
	}
	return out
}
