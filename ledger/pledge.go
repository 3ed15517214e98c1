package ledger

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Form says whether a pledge is of cash or in kind.
type Form string

// The forms of a pledge.
const (
	Cash   Form = "cash"
	InKind Form = "in_kind"
)

// Stage is where a pledge stands in its life.
type Stage string

// The stages of a pledge.
const (
	Announced       Stage = "announced"
	Agreed          Stage = "agreed"
	PartlyFulfilled Stage = "partly_fulfilled"
	Fulfilled       Stage = "fulfilled"
	Cancelled       Stage = "cancelled"
	WrittenOff      Stage = "written_off"
)

// LegKind says which leg of a pledge's life a [Leg] is.
type LegKind string

// The legs that a pledge records; its receipts and deliveries are records of their own.
const (
	LegAnnounced  LegKind = "announced"
	LegAgreed     LegKind = "agreed"
	LegIncreased  LegKind = "increased"
	LegReduced    LegKind = "reduced"
	LegCancelled  LegKind = "cancelled"
	LegWrittenOff LegKind = "written_off"
)

// Leg is one step of a pledge with its own date, currency, amount, rate and USD.
type Leg struct {
	ID          uuid.UUID
	Kind        LegKind
	Date        Date
	Converted                     // in kind: the currency is empty, only USD counts
	Document    string            // reference of the letter, note verbale or agreement
	Instrument  string            // pledge letter, agreement, multi-year agreement, ...
	Reason      string            // on a cancellation or write-off
	Accepted    []decimal.Decimal // in kind, on an agreement: quantity accepted of each item
	Acceptance  Acceptance        // in kind, on an agreement: who accepted, after a look at the cost
	Instalments []Instalment      // of a cash agreement; none when it is due at once
	Conditions  []Condition       // of an agreement or an increase; none when it binds without any
	Entry       uuid.UUID         // zero when the leg changes no balance
	ReversedOn  Date              // of its entry; zero while the leg stands
	RecordedAt  time.Time
}

// Acceptance says who accepted an offer in kind, and what he expects it to cost the fund: local travel, insurance, office
// space. Cost is nil when nobody looked, and zero when somebody did and expects none.
// Source: United Nations Financial Regulation 3.12.
type Acceptance struct {
	By          string
	Cost        *Money
	Description string
	LookedOn    Date
}

// Category says what is given in kind.
type Category string

// The categories of contributions in kind.
const (
	Expert      Category = "expert"
	Consultant  Category = "consultant"
	StaffOnLoan Category = "staff_on_loan"
	Goods       Category = "goods"
	Premises    Category = "premises"
	Travel      Category = "travel"
)

// Categories lists the categories in the order in which reports group them.
var Categories = []Category{Expert, Consultant, StaffOnLoan, Goods, Premises, Travel}

// IsGoods reports whether the category is of goods, which are recognised at fair value; all others are services.
func (c Category) IsGoods() bool { return c == Goods }

// ValuationBasis says how a value in kind was found.
type ValuationBasis string

// The bases of valuation.
const (
	DonorStated      ValuationBasis = "donor_stated"
	ProFormaCost     ValuationBasis = "pro_forma_cost"
	UNConsultantRate ValuationBasis = "un_consultant_rate"
	MarketPrice      ValuationBasis = "market_price"
)

// ValuationBases lists the bases of valuation.
var ValuationBases = []ValuationBasis{DonorStated, ProFormaCost, UNConsultantRate, MarketPrice}

// Item is one line of a pledge in kind.
type Item struct {
	Number       int // from 1
	Category     Category
	Description  string
	Quantity     decimal.Decimal // offered
	Unit         string          // expert_day, consultant_day, item, ...
	Value        Converted       // assessed when it was offered, of the whole quantity; zero is a value
	UnitValue    Money           // of one unit, where it was stated
	Declared     Money           // by the donor, of the whole quantity; without a currency it declared nothing
	Basis        ValuationBasis
	Valuer       string
	ValuedOn     Date
	Evidence     Evidence
	Revaluations []Valuation // of what was still promised each time, in order
}

// Pledge is what a contributor promises to a fund for a fund year.
type Pledge struct {
	ID          uuid.UUID
	Reference   string // unique in its fund and form; what the correspondence calls it
	Form        Form
	Contributor ContributorCode
	Fund        FundCode
	FundYear    int
	Recognition Recognition
	Note        string
	Items       []Item
	RecordedAt  time.Time
}

func (p Pledge) dimensions() Dimensions {
	return Dimensions{Fund: p.Fund, Contributor: p.Contributor, Pledge: p.ID}
}

// Advance is cash for a pledge that is held in 2200 until the agreement is signed.
type Advance struct {
	Receipt uuid.UUID
	On      Date // value date of the receipt
	Converted
}

// ItemState is what the books say of one item of a pledge in kind.
type ItemState struct {
	Accepted  decimal.Decimal // quantity; what was offered, until the agreement says otherwise
	Delivered decimal.Decimal // quantity that kept the promise
	Left      Converted       // 9200: value still promised
}

// PledgeState is what the books say of a pledge: its dates and the balances of its accounts, added up from the lines. A
// posting rule reads it, and [PledgeState.Apply] keeps it current while one request makes several entries.
type PledgeState struct {
	AnnouncedOn, AgreedOn, CancelledOn Date
	LastWriteOff                       Date

	Announced  Converted // 9100: promised and not yet binding
	Receivable Converted // 1200: agreed and not yet paid
	Deferred   Converted // 2400: agreed, and not revenue before a condition is met
	Conditions []ConditionState
	Recognised []Converted // 4010: revenue of this pledge, one for each currency
	Advances   []Advance   // 2200: paid before it was due
	Items      []ItemState
	Kept       bool // a receipt or delivery has kept some of the promise
}

// Clone returns a copy that shares nothing with the state, to go back to when what was tried on it is refused.
func (s PledgeState) Clone() PledgeState {
	s.Conditions, s.Recognised = slices.Clone(s.Conditions), slices.Clone(s.Recognised)
	s.Advances, s.Items = slices.Clone(s.Advances), slices.Clone(s.Items)
	return s
}

// Outstanding reports whether the pledge still promises anything.
func (s PledgeState) Outstanding() bool {
	for _, i := range s.Items {
		if i.Accepted.GreaterThan(i.Delivered) && s.CancelledOn.IsZero() && s.LastWriteOff.IsZero() {
			return true
		}
	}
	return s.Announced.Amount.IsPositive() || s.Receivable.Amount.IsPositive()
}

// Stage returns the stage that follows from the dates and the balances.
func (s PledgeState) Stage() Stage {
	switch {
	case !s.CancelledOn.IsZero():
		return Cancelled
	case !s.Outstanding() && !s.LastWriteOff.IsZero():
		return WrittenOff
	case !s.Outstanding():
		return Fulfilled
	case s.Kept:
		return PartlyFulfilled
	case !s.AgreedOn.IsZero():
		return Agreed
	default:
		return Announced
	}
}

// Apply adds the lines of a draft that belong to the pledge to its balances.
func (s *PledgeState) Apply(pledge uuid.UUID, d Draft) {
	for _, l := range d.Lines {
		if l.Pledge != pledge {
			continue
		}
		switch l.Account {
		case PledgesAnnounced:
			addTo(&s.Announced, l.Converted)
			s.Kept = s.Kept || keeps(d.Kind)
		case Receivable:
			addTo(&s.Receivable, l.Converted)
			s.Kept = s.Kept || keeps(d.Kind)
		case InKindOutstanding:
			addTo(&s.Items[l.Item-1].Left, l.Converted)
			s.Kept = s.Kept || keeps(d.Kind)
		case Deferred:
			addTo(&s.Deferred, l.Neg())
		case RevenueCash:
			s.recognise(l.Neg())
			s.Kept = s.Kept || keeps(d.Kind)
		case InAdvance:
			s.advance(l, d.EffectiveDate)
		}
	}
}

// keeps reports whether an entry of the kind is the contributor keeping its promise.
func keeps(k EntryKind) bool {
	return k == EntryReceipt || k == EntryIdentification || k == EntryAdvanceApplied || k == EntryDelivery
}

func addTo(sum *Converted, c Converted) {
	sum.Currency = c.Currency
	sum.Amount = sum.Amount.Add(c.Amount)
	sum.USD = sum.USD.Add(c.USD)
}

func (s *PledgeState) recognise(c Converted) {
	for i := range s.Recognised {
		if s.Recognised[i].Currency == c.Currency {
			addTo(&s.Recognised[i], c)
			return
		}
	}
	s.Recognised = append(s.Recognised, c)
}

func (s *PledgeState) advance(l Line, on Date) {
	for i := range s.Advances {
		if s.Advances[i].Receipt == l.Receipt {
			addTo(&s.Advances[i].Converted, l.Neg())
			return
		}
	}
	s.Advances = append(s.Advances, Advance{Receipt: l.Receipt, On: on, Converted: l.Neg()})
}

// carried gives a converted balance the rate at which it stands in the books, so that its line can say so.
func carried(c Converted, on Date) Converted {
	return StateUSD(c.Money, c.USD, on, SourceCarrying)
}

// atMost returns the part of a balance that money of the same or of another currency covers, in the balance's currency:
// one for one in the same currency, by the balance's own rate in another.
func atMost(balance, money Converted) decimal.Decimal {
	if money.Currency == balance.Currency {
		return decimal.Min(balance.Amount, money.Amount)
	}
	if money.USD.GreaterThanOrEqual(balance.USD) {
		return balance.Amount
	}
	return balance.Currency.Round(money.USD.Mul(balance.Amount).Div(balance.USD))
}

// Announce returns the draft for a pledge announced on a date. What an earlier agreement or receipt has kept of it
// already leaves the memorandum accounts in the same entry.
func Announce(p Pledge, s PledgeState, promise Converted, on Date) Draft {
	d := Draft{Kind: EntryPledgeAnnounced, EffectiveDate: on, Subject: Subject{Pledge: p.ID},
		Description: "Pledge " + p.Reference + " announced"}
	d.debit(PledgesAnnounced, p.dimensions(), promise)
	d.credit(PledgesAnnouncedContra, p.dimensions(), promise)
	left := promise
	for _, r := range s.Recognised {
		kept := atMost(left, r)
		if !s.AgreedOn.IsZero() && r.Currency != left.Currency {
			kept = left.Amount // an agreement in another currency replaces the announcement whole
		}
		if kept.IsPositive() {
			left = release(&d, p, left, kept, on)
		}
	}
	return d
}

// release takes part of what is announced out of the memorandum accounts and returns what is left.
func release(d *Draft, p Pledge, announced Converted, part decimal.Decimal, on Date) Converted {
	taken, rest := announced.Split(part)
	taken = carried(taken, on)
	d.credit(PledgesAnnounced, p.dimensions(), taken)
	d.debit(PledgesAnnouncedContra, p.dimensions(), taken)
	return rest
}

// Agree returns the drafts for an agreement signed on a date: the receivable and its revenue, the announcement released
// (on the later of the two dates), and the advances applied that the contributor paid before. With conditions the
// amount is deferred (2400) until they are met. A pledge that is recognised on receipt gets no entry: its agreement is a
// leg without one.
// Source: IPSAS 47, binding arrangements.
func Agree(p Pledge, s *PledgeState, agreed Converted, conditions []Condition, on Date) []Draft {
	s.AgreedOn = on
	if !p.Recognition.binds() {
		return nil
	}
	b := newPosting(EntryPledgeAgreed, Subject{Pledge: p.ID}, "Agreement for pledge "+p.Reference)
	d := b.on(on)
	d.debit(Receivable, p.dimensions(), agreed)
	d.credit(s.impose(conditions), p.dimensions(), agreed)
	if s.Announced.Amount.IsPositive() {
		part := s.Announced.Amount
		if agreed.Currency == s.Announced.Currency {
			part = decimal.Min(part, agreed.Amount)
		}
		release(b.on(Later(on, s.AnnouncedOn)), p, s.Announced, part, Later(on, s.AnnouncedOn))
	}
	for _, d := range b.drafts {
		s.Apply(p.ID, d)
	}
	return append(b.drafts, applyAdvances(p, s, on)...)
}

// impose adds conditions to the pledge and returns where what they hang on is credited: deferred, or revenue when there
// are none.
func (s *PledgeState) impose(conditions []Condition) AccountCode {
	for _, c := range conditions {
		s.Conditions = append(s.Conditions, ConditionState{Condition: c})
	}
	if len(conditions) > 0 {
		return Deferred
	}
	return RevenueCash
}

// Increase returns the drafts for a pledge that was raised on a date: more of the receivable and its revenue when it is
// agreed, deferred when it comes with conditions, otherwise more that is announced. Advances that wait for it are applied.
// Errors: [RulePledgeForm], [RulePledgeStage], [RuleRecognitionMismatch], [RuleCurrencyMismatch], [RuleDateOrder].
func Increase(p Pledge, s *PledgeState, standing Currency, more Converted, conditions []Condition, on Date) ([]Draft, error) {
	switch begun := Later(s.AnnouncedOn, s.AgreedOn); {
	case p.Form != Cash:
		return nil, Fail(RulePledgeForm, "Pledge %s is in kind: offer what is more as a pledge of its own.", p.Reference)
	case !s.CancelledOn.IsZero() || !s.LastWriteOff.IsZero():
		return nil, Fail(RulePledgeStage, "Pledge %s is %s.", p.Reference, s.Stage())
	case more.Currency != standing:
		return nil, Fail(RuleCurrencyMismatch, "The pledge is in %s, not in %s.", standing, more.Currency)
	case on.Before(begun):
		return nil, Fail(RuleDateOrder, "%s is before the pledge's own date, %s.", on, begun)
	}
	d := Draft{Kind: EntryPledgeAdjusted, EffectiveDate: on, Subject: Subject{Pledge: p.ID}, Description: "Pledge " + p.Reference + " increased"}
	debit, credit := PledgesAnnounced, PledgesAnnouncedContra
	switch binding := p.Recognition.binds() && !s.AgreedOn.IsZero(); {
	case binding:
		debit, credit = Receivable, s.impose(conditions)
	case len(conditions) > 0:
		return nil, Fail(RuleRecognitionMismatch, "Pledge %s has no agreement that binds, so nothing of it hangs on a condition.", p.Reference)
	}
	d.debit(debit, p.dimensions(), more)
	d.credit(credit, p.dimensions(), more)
	s.Apply(p.ID, d)
	if debit == PledgesAnnounced {
		return []Draft{d}, nil
	}
	return append([]Draft{d}, applyAdvances(p, s, on)...), nil
}

// applyAdvances applies the cash that waits for a pledge, on a date or on the later one of its receipt.
func applyAdvances(p Pledge, s *PledgeState, on Date) []Draft {
	var drafts []Draft
	for _, a := range append([]Advance(nil), s.Advances...) {
		if a.Amount.IsPositive() {
			drafts = append(drafts, applyAdvance(p, s, a, Later(on, a.On))...)
		}
	}
	return drafts
}

// Ending says how an outstanding pledge is ended.
type Ending struct {
	Leg    LegKind   // LegCancelled, LegWrittenOff, or LegReduced for a part that is given up while the rest stands
	Amount Converted // a zero amount ends all that is outstanding; a USD amount that is not zero is one that was stated
	On     Date
	Reason string
}

// End returns the draft that cancels, reduces or writes off what a pledge still promises: the receivable first, at its
// carrying amount, then what is only announced. A cancellation or reduction in the year of the agreement reduces the
// revenue, a later one and a write-off are an expense; what is still deferred was no revenue and is taken off first.
// Errors: [RuleNothingOutstanding], [RuleExceedsOutstanding], [RuleCurrencyMismatch], [RuleDateOrder].
func End(p Pledge, s *PledgeState, e Ending) (Draft, Converted, error) {
	if e.Leg == LegReduced && p.Form != Cash {
		return Draft{}, Converted{}, Fail(RulePledgeForm, "Pledge %s is in kind: its offer is accepted in part.", p.Reference)
	}
	if !s.Outstanding() {
		return Draft{}, Converted{}, Fail(RuleNothingOutstanding, "Pledge %s promises nothing any more.", p.Reference)
	}
	if begun := Later(Later(s.AnnouncedOn, s.AgreedOn), p.lastValued()); e.On.Before(begun) {
		return Draft{}, Converted{}, Fail(RuleDateOrder, "%s is before the pledge's own date, %s.", e.On, begun)
	}
	d := Draft{Kind: EntryPledgeCancelled, EffectiveDate: e.On, Reason: e.Reason, Subject: Subject{Pledge: p.ID},
		Description: "Pledge " + p.Reference + " cancelled"}
	account := WriteOffs
	switch e.Leg {
	case LegWrittenOff:
		d.Kind, d.Description = EntryPledgeWrittenOff, "Pledge "+p.Reference+" written off"
	case LegReduced:
		d.Kind, d.Description = EntryPledgeAdjusted, "Pledge "+p.Reference+" reduced"
	}
	if e.Leg != LegWrittenOff && e.On.Year() == s.AgreedOn.Year() {
		account = RevenueCash
	}
	ended, err := endCash(&d, p, s, e, account)
	if err != nil {
		return Draft{}, Converted{}, err
	}
	for i, item := range s.Items {
		dim := p.dimensions()
		dim.Item = i + 1
		left := carried(item.Left, e.On)
		d.credit(InKindOutstanding, dim, left)
		d.debit(InKindOutstandingContra, dim, left)
		ended.USD = ended.USD.Add(left.USD)
	}
	switch e.Leg {
	case LegCancelled:
		s.CancelledOn = e.On
	case LegWrittenOff:
		s.LastWriteOff = e.On
	}
	s.Apply(p.ID, d)
	return d, ended, nil
}

// endDeferred takes what ends off what is deferred, which never was revenue, and returns the rest of it.
func (d *Draft) endDeferred(p Pledge, s *PledgeState, ends Converted, on Date) (rest Converted) {
	part := decimal.Min(ends.Amount, s.Deferred.Amount)
	if !part.IsPositive() {
		return ends
	}
	released, _ := s.Deferred.Split(part)
	d.debit(Deferred, p.dimensions(), carried(released, on))
	_, rest = ends.Split(part)
	return rest
}

// endCash posts the end of the cash that is outstanding and returns how much it was, in the currency of what ended.
func endCash(d *Draft, p Pledge, s *PledgeState, e Ending, account AccountCode) (Converted, error) {
	if p.Form == InKind {
		return Converted{}, nil
	}
	standing := s.Receivable
	if !standing.Amount.IsPositive() {
		standing = s.Announced
	}
	open := standing.Amount
	mixed := s.Announced.Amount.IsPositive() && s.Receivable.Amount.IsPositive()
	if mixed && s.Announced.Currency == s.Receivable.Currency {
		open = s.Announced.Amount.Add(s.Receivable.Amount)
	}
	amount := e.Amount
	if amount.Amount.IsZero() {
		amount.Money = Money{open, standing.Currency}
	}
	if amount.Currency != standing.Currency {
		return Converted{}, Fail(RuleCurrencyMismatch, "The pledge is outstanding in %s, not in %s.", standing.Currency, amount.Currency)
	}
	if amount.Amount.GreaterThan(open) {
		return Converted{}, Fail(RuleExceedsOutstanding, "%s of pledge %s is outstanding; %s is more.", Money{open, standing.Currency}, p.Reference, amount.Money)
	}
	ended := Converted{Money: amount.Money}
	fromReceivable := decimal.Min(amount.Amount, s.Receivable.Amount)
	if fromReceivable.IsPositive() {
		taken, _ := s.Receivable.Split(fromReceivable)
		worth := carried(taken, e.On)
		if amount.USD.IsPositive() {
			worth, _ = StateUSD(amount.Money, amount.USD, e.On, SourceStated).Split(fromReceivable)
		}
		cost := d.endDeferred(p, s, worth, e.On)
		if cost.Amount.IsPositive() {
			d.debit(account, p.dimensions(), cost)
		}
		d.credit(Receivable, p.dimensions(), carried(taken, e.On))
		d.exchange(p.dimensions(), d.short(p.Fund))
		ended.USD = worth.USD
	}
	rest := amount.Amount.Sub(fromReceivable)
	if e.Amount.Amount.IsZero() && mixed && s.Announced.Currency != s.Receivable.Currency {
		rest = s.Announced.Amount
	}
	if rest.IsPositive() {
		taken, _ := s.Announced.Split(rest)
		release(d, p, s.Announced, rest, e.On)
		ended.USD = ended.USD.Add(taken.USD)
	}
	return carried(ended, e.On), nil
}
