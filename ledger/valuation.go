package ledger

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Evidence is a document that shows a value, a delivery or a condition met.
type Evidence struct {
	Reference string // what the correspondence calls it
	SHA256    string // of its bytes, 64 hexadecimal digits in small letters; empty when nobody took it
}

// Valuation is what something in kind is held to be worth. The books use the assessed value; the donor's own is kept
// beside it and never replaces it.
type Valuation struct {
	ID         uuid.UUID
	On         Date            // when it counts in the books
	Quantity   decimal.Decimal // what it is the value of: of an item what was still promised, of a delivery the whole
	Value      Converted       // assessed; zero is a value
	UnitValue  Money           // of one unit, where it was stated; without a currency it was not
	Declared   Money           // by the donor, of the same quantity; without a currency it declared nothing
	Basis      ValuationBasis
	Valuer     string
	ValuedOn   Date // when the valuer looked; zero when nobody said
	Evidence   Evidence
	Reason     string // why it differs from the one before; empty on the first
	Entry      uuid.UUID
	RecordedAt time.Time
}

// Settle fills in what follows from what was said of a value: the whole from the unit value and the quantity, the
// assessed value from the donor's when there is no other. It tells what contradicts itself at the pointer of the record,
// and reports whether anything was said of the value at all.
func (w *Valuation) Settle(v *Violations, at string) bool {
	switch {
	case w.UnitValue.Currency != "" && w.Value.Currency == "":
		w.Value.Money = w.UnitValue.times(w.Quantity)
	case w.UnitValue.Currency != "" && w.UnitValue.Currency != w.Value.Currency:
		v.Add(at+"/unit_value", RuleCurrencyMismatch, "The value is in %s, the unit value in %s.", w.Value.Currency, w.UnitValue.Currency)
	case w.UnitValue.Currency != "" && !w.UnitValue.times(w.Quantity).Amount.Equal(w.Value.Amount):
		v.Add(at+"/unit_value", RuleValuation, "%s units at %s are %s, not %s.", w.Quantity, w.UnitValue, w.UnitValue.times(w.Quantity), w.Value.Money)
	}
	if w.Value.Currency == "" && w.Declared.Currency != "" {
		w.Value.Money = w.Declared
		if w.Basis == "" {
			w.Basis = DonorStated
		}
		if w.Basis != DonorStated {
			v.Add(at+"/valuation_basis", RuleValuation, "Only the donor's value is there, so the basis is %s, not %s.", DonorStated, w.Basis)
		}
	}
	if w.Value.Currency == "" {
		return false
	}
	switch {
	case w.Basis != DonorStated:
	case w.Declared.Currency == "":
		w.Declared = w.Value.Money
	case w.Declared.Currency != w.Value.Currency || !w.Declared.Amount.Equal(w.Value.Amount):
		v.Add(at+"/valuation_basis", RuleValuation, "The donor declares %s, so %s is not %s.", w.Declared, w.Value.Money, DonorStated)
	}
	return true
}

// times returns the value of a quantity at a unit value, rounded to the currency.
func (m Money) times(quantity decimal.Decimal) Money {
	return Money{m.Currency.Round(m.Amount.Mul(quantity)), m.Currency}
}

// PerUnit returns the value of one unit: the one that was stated, or the whole divided and rounded to the currency.
func (w Valuation) PerUnit() Money {
	if w.UnitValue.Currency != "" {
		return w.UnitValue
	}
	if !w.Quantity.IsPositive() {
		return Money{Currency: w.Value.Currency}
	}
	return Money{w.Value.Amount.DivRound(w.Quantity, w.Value.Currency.MinorUnits()), w.Value.Currency}
}

// History returns the valuations of the item, the first one as it was offered included.
func (i Item) History() []Valuation {
	first := Valuation{Quantity: i.Quantity, Value: i.Value, UnitValue: i.UnitValue, Declared: i.Declared, Basis: i.Basis, Valuer: i.Valuer,
		ValuedOn: i.ValuedOn, Evidence: i.Evidence}
	return append([]Valuation{first}, i.Revaluations...)
}

// Current returns the valuation that counts.
func (i Item) Current() Valuation {
	h := i.History()
	return h[len(h)-1]
}

// Worth returns the assessed value of a quantity of the item, by the valuation that counts: the unit value where one was
// stated, otherwise the quantity's share. More than was valued, as after a reversal, is converted by the valuation's rate,
// so that no rounding grows. A value of nothing is worth nothing in USD.
func (i Item) Worth(quantity decimal.Decimal) Converted {
	now := i.Current()
	c := now.Value
	if now.UnitValue.Currency != "" {
		c.Money = now.UnitValue.times(quantity)
	} else {
		c.Amount = c.Amount.Mul(quantity).DivRound(now.Quantity, c.Currency.MinorUnits())
	}
	switch {
	case c.Amount.IsZero():
		c.USD = decimal.Zero
	case c.Currency == USD || quantity.GreaterThan(now.Quantity) && c.Rate.UnitsPerUSD.IsPositive():
		c = Convert(c.Money, c.Rate)
	default:
		c.USD = c.USD.Mul(quantity).DivRound(now.Quantity, USD.MinorUnits())
	}
	return c
}

// History returns the valuations of the delivery, the first one included.
func (d Delivery) History() []Valuation {
	first := Valuation{Quantity: d.Quantity, Value: d.Value, UnitValue: d.UnitValue, Declared: d.Declared, Basis: d.Basis, Valuer: d.Valuer,
		ValuedOn: d.ValuedOn, Evidence: d.Evidence}
	return append([]Valuation{first}, d.Revaluations...)
}

// Current returns the valuation that counts.
func (d Delivery) Current() Valuation {
	h := d.History()
	return h[len(h)-1]
}

// lastValued returns the date of the latest revaluation of any item; zero when there is none.
func (p Pledge) lastValued() Date {
	var last Date
	for _, i := range p.Items {
		for _, w := range i.Revaluations {
			last = Later(last, w.On)
		}
	}
	return last
}

// fall returns what a balance loses when only a quantity stays promised: all but that quantity's worth, so that what is
// left is its assessed value to the cent and the last delivery takes the last one. It never takes less than nothing.
func fall(item Item, left Converted, stays decimal.Decimal, on Date) Converted {
	if stays.IsZero() {
		return carried(left, on)
	}
	worth := item.Worth(stays)
	taken := Converted{Money: Money{between(left.Amount.Sub(worth.Amount), left.Amount), left.Currency}, USD: between(left.USD.Sub(worth.USD), left.USD)}
	switch {
	case left.Currency == USD || taken.Amount.Equal(left.Amount):
		if left.Currency == USD {
			taken.USD = taken.Amount
		} else {
			taken.USD = left.USD
		}
	case taken.Amount.IsZero():
		taken.USD = decimal.Zero
	}
	return carried(taken, on)
}

func between(d, most decimal.Decimal) decimal.Decimal {
	return decimal.Max(decimal.Zero, decimal.Min(d, most))
}

// RevalueItem returns the draft for another assessed value of what an item still promises: the difference in the
// memorandum accounts, at the rate that the item was valued with. w.Quantity is set to what is still promised, which the
// caller has valued; w.Value gets its USD. When the value stays, the draft has no lines.
// Errors: [RulePledgeForm], [RuleNothingOutstanding], [RuleCurrencyMismatch], [RuleDateOrder].
func RevalueItem(p Pledge, s *PledgeState, number int, w *Valuation) (Draft, error) {
	if p.Form != InKind {
		return Draft{}, Fail(RulePledgeForm, "Pledge %s is of cash: it has no items to value.", p.Reference)
	}
	item, state := &p.Items[number-1], &s.Items[number-1]
	begun := Later(Later(s.AnnouncedOn, s.AgreedOn), lastOf(item.Revaluations))
	switch left := state.Accepted.Sub(state.Delivered); {
	case !s.CancelledOn.IsZero() || !s.LastWriteOff.IsZero() || !left.IsPositive():
		return Draft{}, Fail(RuleNothingOutstanding, "Item %d of pledge %s promises nothing any more; value its deliveries.", number, p.Reference)
	case w.Value.Currency != item.Value.Currency:
		return Draft{}, Fail(RuleCurrencyMismatch, "Item %d is valued in %s, not in %s.", number, item.Value.Currency, w.Value.Currency)
	case w.On.Before(begun):
		return Draft{}, Fail(RuleDateOrder, "%s is before %s, from which the item stands as it does.", w.On, begun)
	default:
		w.Quantity = left
	}
	d := Draft{Kind: EntryInKindRevalued, EffectiveDate: w.On, Reason: w.Reason, Subject: Subject{Pledge: p.ID},
		Description: "Revaluation of item " + decimal.NewFromInt(int64(number)).String() + " of pledge " + p.Reference}
	dim := p.dimensions()
	dim.Item = number
	d.revalue(InKindOutstanding, InKindOutstandingContra, dim, state.Left, w)
	item.Revaluations = append(item.Revaluations, *w)
	s.Apply(p.ID, d)
	return d, nil
}

func lastOf(list []Valuation) Date {
	if len(list) == 0 {
		return Date{}
	}
	return list[len(list)-1].On
}

// RevalueDelivery returns the draft for another assessed value of a delivery: the difference on the accounts on which it
// stands, whatever the fund's policy is by now. When the value stays, the draft has no lines.
// Errors: [RuleCurrencyMismatch], [RuleDateOrder].
func RevalueDelivery(dv Delivery, recognised bool, w *Valuation) (Draft, error) {
	now, begun := dv.Current(), Later(dv.DeliveredOn, lastOf(dv.Revaluations))
	switch {
	case w.Value.Currency != now.Value.Currency:
		return Draft{}, Fail(RuleCurrencyMismatch, "The delivery is valued in %s, not in %s.", now.Value.Currency, w.Value.Currency)
	case w.On.Before(begun):
		return Draft{}, Fail(RuleDateOrder, "%s is before %s, from which the delivery stands as it does.", w.On, begun)
	}
	d := Draft{Kind: EntryInKindRevalued, EffectiveDate: w.On, Reason: w.Reason, Subject: Subject{Delivery: dv.ID},
		Description: "Revaluation of the delivery of " + dv.Description}
	policy := ServicesAreDisclosed
	if recognised {
		policy = ServicesAreRecognised
	}
	debit, credit := dv.Category.accounts(policy)
	d.revalue(debit, credit, Dimensions{Fund: dv.Fund, Contributor: dv.Contributor, Pledge: dv.Pledge, Item: dv.Item}, now.Value, w)
	return d, nil
}

// revalue adds the difference between a value and the new one. The difference in USD is at the new value's rate, so that a
// change of the rate alone makes none, and both differences have one sign.
func (d *Draft) revalue(debit, credit AccountCode, dim Dimensions, now Converted, w *Valuation) {
	change := Converted{Money: Money{w.Value.Amount.Sub(now.Amount), w.Value.Currency}}
	switch {
	case w.Value.Amount.IsZero():
		change.USD = now.USD.Neg()
	case change.Currency == USD:
		change.USD = change.Amount
	case now.Amount.IsZero():
		change.USD = w.Value.USD
	case w.Value.Rate.UnitsPerUSD.IsPositive():
		change.USD = Convert(change.Money, w.Value.Rate).USD
	}
	if now.USD.Add(change.USD).IsNegative() {
		change.USD = now.USD.Neg()
	}
	w.Value.USD = now.USD.Add(change.USD)
	if change.Amount.IsZero() && change.USD.IsZero() {
		return
	}
	change = carried(change, d.EffectiveDate)
	d.debit(debit, dim, change)
	d.credit(credit, dim, change)
}

// Restore returns the draft that brings the balance of an item to the assessed value of what it promises again, after a
// delivery was reversed: its reversal gives back what the delivery took, which is another value when the item was revalued
// in between, and nothing when the pledge has ended. The draft has no lines when nothing is to be mended.
func Restore(p Pledge, s *PledgeState, number int, on Date, reason string) Draft {
	d := Draft{Kind: EntryInKindRevalued, EffectiveDate: on, Reason: reason, Subject: Subject{Pledge: p.ID},
		Description: "Value of what pledge " + p.Reference + " promises again"}
	state := &s.Items[number-1]
	worth := Converted{Money: Money{Currency: state.Left.Currency}}
	if s.CancelledOn.IsZero() && s.LastWriteOff.IsZero() {
		worth = p.Items[number-1].Worth(state.Accepted.Sub(state.Delivered))
	}
	change := Converted{Money: Money{worth.Amount.Sub(state.Left.Amount), worth.Currency}, USD: worth.USD.Sub(state.Left.USD)}
	if change.Amount.Sign()*change.USD.Sign() < 0 || change.Amount.IsZero() {
		change.USD = decimal.Zero // a cent of rounding, which the last delivery takes
	}
	if change.Amount.IsZero() {
		return d
	}
	dim := p.dimensions()
	dim.Item = number
	change = carried(change, on)
	d.debit(InKindOutstanding, dim, change)
	d.credit(InKindOutstandingContra, dim, change)
	s.Apply(p.ID, d)
	return d
}
