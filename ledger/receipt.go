package ledger

import (
	"fmt"
	"maps"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// Receipt is cash that arrived in a bank account on a value date.
type Receipt struct {
	ID            uuid.UUID
	BankAccount   BankAccountCode
	BankCurrency  Currency // the bank account's currency; empty when it keeps each currency apart
	BankReference string
	ValueDate     Date
	Contributor   ContributorCode // empty when it is not known, or when several share the receipt
	Fund          FundCode        // holds what is not allocated
	FundYear      int
	Amount        Converted // what arrived
	Charges       Converted // what banks deducted on the way, in the same currency
	Credited      Converted // what the contributor is credited with: the amount, gross or net of the charges
	Payer         string
	Instrument    string
	Note          string
	Replaces      uuid.UUID // the reversed receipt that this one records anew
	RecordedAt    time.Time
}

// Held is what a receipt has that is applied to nothing yet.
type Held struct {
	Unidentified Converted                     // 2100: nobody knows whose it is
	InAdvance    map[ContributorCode]Converted // 2200: each contributor's, beyond what was due
}

// Part is a share of a receipt that is applied to a pledge, or straight to a fund when Pledge is nil.
type Part struct {
	Pledge      *Pledge
	State       *PledgeState // of the pledge; kept current
	Contributor ContributorCode
	Fund        FundCode
	FundYear    int
	Instalment  int             // of the pledge's agreement, that the officer chose; zero settles the oldest first
	Amount      decimal.Decimal // in the receipt's currency
}

// Allocation is a part as it was applied: without what exceeded the pledge.
type Allocation struct {
	ID            uuid.UUID
	Receipt       uuid.UUID
	Contributor   ContributorCode
	Fund          FundCode
	FundYear      int
	Pledge        uuid.UUID
	Instalment    int // that the officer chose; zero for the oldest
	EffectiveDate Date
	Converted
	Entry      uuid.UUID
	RecordedAt time.Time
}

// posting gathers the drafts of one event, one for each effective date; the first is the event's own.
type posting struct {
	kind        EntryKind
	subject     Subject
	description string
	drafts      []Draft
}

func newPosting(k EntryKind, s Subject, description string) *posting {
	return &posting{kind: k, subject: s, description: description}
}

// on returns the draft of a date. The pointer is good until the next call.
func (b *posting) on(date Date) *Draft {
	for i := range b.drafts {
		if b.drafts[i].EffectiveDate.Equal(date) {
			return &b.drafts[i]
		}
	}
	b.drafts = append(b.drafts, Draft{Kind: b.kind, EffectiveDate: date, Subject: b.subject, Description: b.description})
	return &b.drafts[len(b.drafts)-1]
}

// Receive returns the drafts for cash that reached a bank account on r.ValueDate, and the allocations that it made; the
// first draft is the receipt's own, dated the value date. Each part settles its pledge, in the order given. What is
// left is unidentified (2100) without a contributor, revenue of r.Fund (4010) when the receipt names a contributor and
// no parts, and otherwise held for the contributor (2200), as is the surplus over a pledge.
// Errors: [RuleAllocationExceedsReceipt], [RulePledgeStage], [RulePledgeForm], [RuleCurrencyMismatch].
// Source: IPSAS 47 (revenue and receivables); the rate is the one in force on the value date.
func Receive(r Receipt, parts []Part) ([]Draft, []Allocation, error) {
	if r.BankCurrency != "" && r.BankCurrency != r.Amount.Currency && r.BankCurrency != USD {
		return nil, nil, Fail(RuleCurrencyMismatch, "The bank account is in %s; the receipt is in %s.", r.BankCurrency, r.Amount.Currency)
	}
	b := newPosting(EntryReceipt, Subject{Receipt: r.ID}, "Receipt")
	if r.BankReference != "" {
		b.description += " " + r.BankReference
	}
	if len(parts) == 0 && r.Contributor != "" {
		parts = []Part{{Contributor: r.Contributor, Fund: r.Fund, FundYear: r.FundYear, Amount: r.Credited.Amount}}
	}
	a := application{posting: b, receipt: r.ID, holder: r.Fund, on: r.ValueDate, left: r.Credited, cash: map[FundCode]Converted{}}
	for i, part := range parts {
		if _, err := a.apply(i, part); err != nil {
			return nil, nil, err
		}
	}
	if a.left.Amount.IsPositive() {
		account, dim := Unidentified, Dimensions{Fund: r.Fund, Receipt: r.ID}
		if r.Contributor != "" {
			account, dim.Contributor = InAdvance, r.Contributor
		}
		b.on(r.ValueDate).credit(account, dim, a.left)
		a.receive(r.Fund, a.left)
	}
	charges := r.Charges
	for i, fund := range a.funds {
		share := a.cash[fund]
		charge := charges
		if i < len(a.funds)-1 {
			charge, charges = charges.Split(r.Amount.Currency.Round(charges.Amount.Mul(share.Amount).Div(r.Credited.Amount)))
		}
		if r.Credited.Amount.Equal(r.Amount.Amount) {
			charge = Converted{} // the contributor is credited net: the charge is not the fund's
		}
		b.cash(r, fund, share, charge)
	}
	return append(b.drafts, a.after...), a.allocations, nil
}

// cash debits the bank account, and the charges, with a fund's share of what the contributor is credited with.
func (b *posting) cash(r Receipt, fund FundCode, share, charge Converted) {
	d := b.on(r.ValueDate)
	if charge.Amount.IsPositive() {
		d.debit(BankCharges, Dimensions{Fund: fund}, charge)
		share.Amount, share.USD = share.Amount.Sub(charge.Amount), share.USD.Sub(charge.USD)
	}
	d.debit(CashAtBank, Dimensions{Fund: fund, BankAccount: r.BankAccount}, inBankCurrency(share, r.BankCurrency))
}

// inBankCurrency returns cash as the bank account keeps it: an account in USD holds the USD that the bank credited.
func inBankCurrency(c Converted, account Currency) Converted {
	if account == USD {
		return Converted{Money: Dollars(c.USD), USD: c.USD}
	}
	return c
}

// application applies the parts of one receipt, or of what it holds, to pledges and funds.
type application struct {
	*posting
	receipt     uuid.UUID
	holder      FundCode // holds what is not applied
	on          Date
	left        Converted // not applied yet
	cash        map[FundCode]Converted
	funds       []FundCode // in the order in which they were met
	after       []Draft    // what follows on later dates
	allocations []Allocation
}

// receive notes that a fund gets a share of the cash.
func (a *application) receive(fund FundCode, c Converted) {
	if _, met := a.cash[fund]; !met {
		a.funds = append(a.funds, fund)
	}
	sum := a.cash[fund]
	addTo(&sum, c)
	sum.Rate = c.Rate
	a.cash[fund] = sum
}

// apply takes the part off what is left and credits what it settles. A surplus over the pledge stays with the holding
// fund for the contributor, and is no part of the allocation.
func (a *application) apply(i int, part Part) (surplus Converted, err error) {
	if part.Amount.GreaterThan(a.left.Amount) {
		v := Violations{}
		v.Add(fmt.Sprintf("/allocations/%d/amount", i), RuleAllocationExceedsReceipt,
			"The receipt has %s left; %s is more.", a.left.Money, Money{part.Amount, a.left.Currency})
		return surplus, v.Err()
	}
	share, rest := a.left.Split(part.Amount)
	a.left = rest
	surplus.Currency = share.Currency
	dim := Dimensions{Fund: part.Fund, Contributor: part.Contributor}
	if part.Pledge == nil {
		a.posting.on(a.on).credit(RevenueCash, dim, share)
	} else if surplus, err = a.keep(*part.Pledge, part.State, share); err != nil {
		return surplus, err
	}
	if surplus.Amount.IsPositive() {
		dim.Fund, dim.Receipt = a.holder, a.receipt
		a.posting.on(a.on).credit(InAdvance, dim, surplus)
		a.receive(a.holder, surplus)
	}
	share.Amount, share.USD = share.Amount.Sub(surplus.Amount), share.USD.Sub(surplus.USD)
	if share.Amount.IsPositive() {
		a.receive(part.Fund, share)
		al := Allocation{Receipt: a.receipt, Contributor: part.Contributor, Fund: part.Fund, FundYear: part.FundYear, EffectiveDate: a.on, Converted: share}
		if part.Pledge != nil {
			al.Pledge, al.Instalment = part.Pledge.ID, part.Instalment
		}
		a.allocations = append(a.allocations, al)
	}
	return surplus, nil
}

// keep credits a pledge with cash on the application's date and returns the surplus. Before the agreement the cash is an
// advance; when the agreement is already known and dated later, the advance is applied on its date.
func (a *application) keep(p Pledge, s *PledgeState, cash Converted) (surplus Converted, err error) {
	if p.Form != Cash {
		return cash, Fail(RulePledgeForm, "Pledge %s is in kind: it is kept by deliveries.", p.Reference)
	}
	if !s.CancelledOn.IsZero() {
		return cash, Fail(RulePledgeStage, "Pledge %s was cancelled on %s.", p.Reference, s.CancelledOn)
	}
	before := len(a.posting.on(a.on).Lines)
	switch {
	case p.Recognition.binds() && (s.AgreedOn.IsZero() || a.on.Before(s.AgreedOn)):
		dim := p.dimensions()
		dim.Receipt = a.receipt
		a.posting.on(a.on).credit(InAdvance, dim, cash)
		surplus = Converted{Money: Money{Currency: cash.Currency}}
	case p.Recognition == OnReceipt && s.AnnouncedOn.IsZero():
		a.posting.on(a.on).credit(RevenueCash, p.dimensions(), cash)
		surplus = Converted{Money: Money{Currency: cash.Currency}}
	default:
		surplus = settle(a.posting, p, s, cash, a.on)
	}
	own := *a.posting.on(a.on)
	own.Lines = own.Lines[before:]
	s.Apply(p.ID, own)
	for _, d := range a.posting.drafts[1:] { // a promise released on the later date of its announcement
		s.Apply(p.ID, d)
	}
	a.after, a.posting.drafts = append(a.after, a.posting.drafts[1:]...), a.posting.drafts[:1]
	if !s.AgreedOn.IsZero() && a.on.Before(s.AgreedOn) && p.Recognition.binds() {
		for _, adv := range append([]Advance(nil), s.Advances...) {
			if adv.Receipt == a.receipt && adv.Amount.IsPositive() {
				a.after = append(a.after, applyAdvance(p, s, adv, s.AgreedOn)...)
			}
		}
	}
	return surplus, nil
}

// settle credits the receivable at its carrying amount, the difference going to exchange; then recognises as revenue
// what is still only announced; and returns what exceeds both.
func settle(b *posting, p Pledge, s *PledgeState, cash Converted, on Date) (surplus Converted) {
	if s.Receivable.Amount.IsPositive() {
		part := atMost(s.Receivable, cash)
		taken, _ := s.Receivable.Split(part)
		used := cashFor(cash, taken)
		b.on(on).credit(Receivable, p.dimensions(), carried(taken, on))
		b.on(on).exchange(p.dimensions(), taken.USD.Sub(used.USD))
		_, cash = cash.Split(used.Amount)
	}
	if cash.Amount.IsPositive() && s.Announced.Amount.IsPositive() {
		part := atMost(s.Announced, cash)
		taken, _ := s.Announced.Split(part)
		used := cashFor(cash, taken)
		b.on(on).credit(RevenueCash, p.dimensions(), used)
		later := Later(on, s.AnnouncedOn)
		release(b.on(later), p, s.Announced, part, later)
		_, cash = cash.Split(used.Amount)
	}
	return cash
}

// cashFor returns the part of the cash that pays for a balance: one for one in the same currency, by USD in another.
func cashFor(cash, balance Converted) Converted {
	part := balance.Amount
	if cash.Currency != balance.Currency {
		part = cash.Amount
		if cash.USD.GreaterThan(balance.USD) {
			part = decimal.Min(part, cash.Currency.Round(balance.USD.Mul(cash.Amount).Div(cash.USD)))
		}
	}
	used, _ := cash.Split(part)
	return used
}

// applyAdvance returns the drafts that apply cash held for a pledge on a date; what exceeds the pledge stays held.
func applyAdvance(p Pledge, s *PledgeState, a Advance, on Date) []Draft {
	b := newPosting(EntryAdvanceApplied, Subject{Pledge: p.ID, Receipt: a.Receipt}, "Advance applied to pledge "+p.Reference)
	dim := p.dimensions()
	dim.Receipt = a.Receipt
	held := carried(a.Converted, on)
	surplus := settle(b, p, s, held, on)
	used := held
	used.Amount, used.USD = held.Amount.Sub(surplus.Amount), held.USD.Sub(surplus.USD)
	if !used.Amount.IsPositive() {
		return nil
	}
	b.on(on).debit(InAdvance, dim, used)
	for _, d := range b.drafts {
		s.Apply(p.ID, d)
	}
	return b.drafts
}

// Allocate returns the drafts that apply what a receipt holds to pledges and funds on a date: what is unidentified (2100)
// as far as it suffices, otherwise the contributor's advance (2200). Cash moves with it when the fund is another.
// Errors: [RuleAllocationExceedsReceipt], [RuleExceedsOutstanding] for an advance that the pledge has no use for,
// [RuleDateOrder] and those of [Receive].
func Allocate(r Receipt, held Held, parts []Part, on Date) ([]Draft, []Allocation, error) {
	if on.Before(r.ValueDate) {
		return nil, nil, Fail(RuleDateOrder, "%s is before the receipt's value date, %s.", on, r.ValueDate)
	}
	b := newPosting(EntryAdvanceApplied, Subject{Receipt: r.ID}, "Advance applied")
	a := application{posting: b, receipt: r.ID, holder: r.Fund, on: on, cash: map[FundCode]Converted{}}
	advances := maps.Clone(held.InAdvance)
	for i, part := range parts {
		dim := Dimensions{Fund: r.Fund, Receipt: r.ID, Contributor: part.Contributor}
		source, account := advances[part.Contributor], InAdvance
		if !source.Amount.IsPositive() || held.Unidentified.Amount.GreaterThanOrEqual(part.Amount) {
			source, account, dim.Contributor = held.Unidentified, Unidentified, ""
			b.kind, b.description = EntryIdentification, "Receipt identified"
		}
		source.Currency = r.Amount.Currency
		a.left = carried(source, on)
		surplus, err := a.apply(i, part)
		if err != nil {
			return nil, nil, err
		}
		if account == InAdvance && surplus.Amount.IsPositive() {
			return nil, nil, Fail(RuleExceedsOutstanding, "%s is more than pledge %s has outstanding, by %s.",
				Money{part.Amount, source.Currency}, part.Pledge.Reference, surplus.Money)
		}
		used, left := source.Split(source.Amount.Sub(a.left.Amount))
		b.on(on).debit(account, dim, carried(used, on))
		if account == InAdvance {
			advances[part.Contributor] = left
		} else {
			held.Unidentified = left
		}
	}
	for _, fund := range a.funds {
		if fund != r.Fund {
			cash := inBankCurrency(a.cash[fund], r.BankCurrency)
			b.on(on).credit(CashAtBank, Dimensions{Fund: r.Fund, BankAccount: r.BankAccount}, cash)
			b.on(on).debit(CashAtBank, Dimensions{Fund: fund, BankAccount: r.BankAccount}, cash)
		}
	}
	b.drafts[0].Kind, b.drafts[0].Description = b.kind, b.description
	return append(b.drafts, a.after...), a.allocations, nil
}
