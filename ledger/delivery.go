package ledger

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Delivery is goods or services in kind that were provided.
type Delivery struct {
	ID           uuid.UUID
	Contributor  ContributorCode
	Fund         FundCode
	FundYear     int
	Pledge       uuid.UUID // zero when it keeps no pledge
	Item         int       // number of the pledge's item
	DeliveredOn  Date
	PeriodFrom   Date   // first day of the service; zero when it has only one date
	PeriodTo     Date   // its last day; zero when it is the day of delivery
	Expert       string // name or number of the person whose service it was
	CertifiedBy  string // who confirmed that it was given
	Category     Category
	Description  string
	Quantity     decimal.Decimal
	Pledged      decimal.Decimal // the part of the quantity that keeps the pledge
	Unit         string
	Value        Converted // assessed fair value of the whole quantity when it was recorded; zero is a value
	UnitValue    Money     // of one unit, where it was stated
	Declared     Money     // by the donor; without a currency it declared nothing
	Basis        ValuationBasis
	Valuer       string
	ValuedOn     Date
	Evidence     Evidence
	Revaluations []Valuation // what came later, in order
	Note         string
	RecordedAt   time.Time
}

// OfferInKind returns the draft for a pledge in kind offered on a date: each item's value in the memorandum accounts.
func OfferInKind(p Pledge, on Date) Draft {
	d := Draft{Kind: EntryPledgeAnnounced, EffectiveDate: on, Subject: Subject{Pledge: p.ID},
		Description: "Pledge in kind " + p.Reference + " offered"}
	for _, item := range p.Items {
		dim := p.dimensions()
		dim.Item = item.Number
		d.debit(InKindOutstanding, dim, item.Value)
		d.credit(InKindOutstandingContra, dim, item.Value)
	}
	return d
}

// accounts returns the accounts on which a delivery of the category stands: goods are recognised, services by the policy.
func (c Category) accounts(policy ServicesPolicy) (debit, credit AccountCode) {
	switch {
	case c.IsGoods():
		return GoodsUsed, RevenueGoods
	case policy == ServicesAreRecognised:
		return ServicesUsed, RevenueServices
	default:
		return ServicesDisclosed, ServicesDisclosedContra
	}
}

// AcceptInKind returns the draft for the acceptance of an offer, whole or in part: accepted has the quantity of each
// item. What is declined leaves the memorandum accounts; when nothing is, there is no entry and the draft has no lines.
// Errors: [RuleQuantityExceedsPledge], [RulePledgeStage] when more was delivered than is accepted, [RuleDateOrder].
// Source: United Nations Financial Regulation 3.12, acceptance of contributions in kind.
func AcceptInKind(p Pledge, s *PledgeState, accepted []decimal.Decimal, on Date) (Draft, error) {
	d := Draft{Kind: EntryPledgeAgreed, EffectiveDate: on, Subject: Subject{Pledge: p.ID},
		Description: "Pledge in kind " + p.Reference + " accepted"}
	if last := p.lastValued(); on.Before(last) {
		return Draft{}, Fail(RuleDateOrder, "%s is before the latest valuation, of %s.", on, last)
	}
	for i, quantity := range accepted {
		state := &s.Items[i]
		if quantity.GreaterThan(p.Items[i].Quantity) {
			return Draft{}, Fail(RuleQuantityExceedsPledge, "Item %d was offered as %s %s; %s is more.", i+1, p.Items[i].Quantity, p.Items[i].Unit, quantity)
		}
		if quantity.LessThan(state.Delivered) {
			return Draft{}, Fail(RulePledgeStage, "Item %d: %s %s were delivered already; %s is less.", i+1, state.Delivered, p.Items[i].Unit, quantity)
		}
		declined := state.Accepted.Sub(quantity)
		if declined.IsPositive() {
			dim := p.dimensions()
			dim.Item = i + 1
			taken := fall(p.Items[i], state.Left, quantity.Sub(state.Delivered), on)
			d.credit(InKindOutstanding, dim, taken)
			d.debit(InKindOutstandingContra, dim, taken)
		}
		state.Accepted = quantity
	}
	s.AgreedOn = on
	s.Apply(p.ID, d)
	return d, nil
}

// Deliver returns the drafts for goods or services that were provided, and the part of the quantity that keeps the
// pledge (zero without one). Goods are recognised at fair value; services are disclosed or, by the fund's policy,
// recognised. The promise is released on the latest of the delivery's date, the offer's and the valuation's.
// Errors: [RulePledgeForm], [RulePledgeStage], [RuleQuantityExceedsPledge] unless a surplus is allowed.
// Source: IPSAS 47, goods in-kind and services in-kind.
func Deliver(dv Delivery, policy ServicesPolicy, p *Pledge, s *PledgeState, surplus bool) ([]Draft, decimal.Decimal, error) {
	b := newPosting(EntryDelivery, Subject{Delivery: dv.ID}, "Delivery of "+dv.Description)
	dim := Dimensions{Fund: dv.Fund, Contributor: dv.Contributor}
	if p != nil {
		dim.Pledge, dim.Item = p.ID, dv.Item
	}
	debit, credit := dv.Category.accounts(policy)
	d := b.on(dv.DeliveredOn)
	d.debit(debit, dim, dv.Value)
	d.credit(credit, dim, dv.Value)
	if p == nil {
		return b.drafts, decimal.Zero, nil
	}
	if p.Form != InKind {
		return nil, decimal.Zero, Fail(RulePledgeForm, "Pledge %s is of cash: it is kept by receipts.", p.Reference)
	}
	if !s.CancelledOn.IsZero() || !s.LastWriteOff.IsZero() {
		return nil, decimal.Zero, Fail(RulePledgeStage, "Pledge %s has been ended.", p.Reference)
	}
	item := &s.Items[dv.Item-1]
	left := item.Accepted.Sub(item.Delivered)
	keeps := decimal.Min(dv.Quantity, left)
	if keeps.LessThan(dv.Quantity) && !surplus {
		return nil, decimal.Zero, Fail(RuleQuantityExceedsPledge, "Item %d of pledge %s still promises %s %s; %s is more.", dv.Item, p.Reference, left, dv.Unit, dv.Quantity)
	}
	if keeps.IsPositive() {
		later := Later(Later(dv.DeliveredOn, s.AnnouncedOn), lastOf(p.Items[dv.Item-1].Revaluations))
		taken := fall(p.Items[dv.Item-1], item.Left, left.Sub(keeps), later)
		d = b.on(later)
		d.credit(InKindOutstanding, dim, taken)
		d.debit(InKindOutstandingContra, dim, taken)
		item.Delivered = item.Delivered.Add(keeps)
	}
	for _, d := range b.drafts {
		s.Apply(p.ID, d)
	}
	return b.drafts, keeps, nil
}
