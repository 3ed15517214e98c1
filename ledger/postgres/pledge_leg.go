package postgres

import (
	"context"
	"maps"
	"slices"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// AgreementInput is an agreement signed for a pledge, or an offer in kind accepted.
type AgreementInput struct {
	Date        ledger.Date
	Amount      ledger.Money            // cash; a zero amount takes the announced one
	USD         decimal.Decimal         // stated; zero for the rate in force
	Accepted    map[int]decimal.Decimal // in kind, quantity by the item's number; an item left out is accepted whole
	Acceptance  ledger.Acceptance       // in kind
	Instalments []ledger.Instalment     // cash, in the order of the due dates; none when it is due at once
	Conditions  []ledger.Condition      // cash; none when it binds without any
	Document    string
	Instrument  string
}

// AgreePledge records the agreement for a pledge.
// Errors: [ledger.RuleNotFound], [ledger.RulePledgeStage] when it is agreed or ended already, [ledger.RuleRateMissing],
// [ledger.RuleScheduleSum], [ledger.RuleConditionSum], [ledger.RuleRecognitionMismatch], [ledger.RuleItemUnknown],
// [ledger.RuleQuantityExceedsPledge].
func (s *Store) AgreePledge(ctx context.Context, c Command, id uuid.UUID, in AgreementInput) (Answer, error) {
	return s.write(ctx, c, pledgeLocks(id), func(ctx context.Context, t *tx) (any, error) {
		p, err := t.pledge(ctx, id)
		if err != nil {
			return nil, err
		}
		return p, t.agree(ctx, p, in)
	})
}

func (t *tx) agree(ctx context.Context, p *PledgeRecord, in AgreementInput) error {
	if !p.State.AgreedOn.IsZero() || !p.State.CancelledOn.IsZero() || !p.State.LastWriteOff.IsZero() {
		return ledger.Fail(ledger.RulePledgeStage, "Pledge %s is %s; an agreement is for one that is announced.", p.Reference, p.State.Stage())
	}
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	leg := ledger.Leg{Kind: ledger.LegAgreed, Date: in.Date, Document: in.Document, Instrument: in.Instrument}
	if p.Form == ledger.InKind {
		t.checkAcceptance(&v, &in)
		if err := v.Err(); err != nil {
			return err
		}
		leg.Money, leg.Acceptance = in.Amount, in.Acceptance
		return t.accept(p, leg, in.Accepted)
	}
	in.refuseInKind(&v, p.Reference)
	if in.Amount.Amount.IsZero() {
		in.Amount = p.announced()
	}
	ref, err := t.resolve(ctx, &v, named{fund: p.Fund, currency: in.Amount.Currency, on: in.Date})
	if err != nil {
		return err
	}
	leg.Converted = ref.convert(&v, "/amount", in.Amount, in.USD)
	leg.Instalments, leg.Conditions = in.Instalments, in.Conditions
	ledger.CheckSchedule(&v, "/instalments", in.Instalments, in.Amount)
	ledger.CheckConditions(&v, "/conditions", in.Conditions, in.Amount)
	switch imposed := len(in.Conditions) > 0; {
	case imposed && p.Recognition == ledger.OnReceipt:
		v.Add("/conditions", ledger.RuleRecognitionMismatch, "Pledge %s is recognised on receipt.", p.Reference)
	case !imposed && p.Recognition == ledger.OnConditions:
		v.Add("/conditions", ledger.RuleRecognitionMismatch, "Pledge %s is recognised as conditions are met; its agreement names them.", p.Reference)
	}
	if err := v.Err(); err != nil {
		return err
	}
	return t.postLeg(p, leg, ledger.Agree(p.Pledge, &p.State, leg.Converted, in.Conditions, in.Date)...)
}

func (t *tx) accept(p *PledgeRecord, leg ledger.Leg, quantities map[int]decimal.Decimal) error {
	var v ledger.Violations
	if leg.Amount.IsPositive() {
		v.Add("/amount", ledger.RulePledgeForm, "Pledge %s is in kind: its items are accepted, not an amount.", p.Reference)
	}
	accepted := make([]decimal.Decimal, len(p.Items))
	for i, item := range p.Items {
		accepted[i] = item.Quantity
	}
	for _, number := range slices.Sorted(maps.Keys(quantities)) {
		if number < 1 || number > len(p.Items) {
			v.Add("/accepted", ledger.RuleItemUnknown, "Pledge %s has the items 1 to %d; there is no item %d.", p.Reference, len(p.Items), number)
			continue
		}
		accepted[number-1] = quantities[number]
	}
	if err := v.Err(); err != nil {
		return err
	}
	draft, err := ledger.AcceptInKind(p.Pledge, &p.State, accepted, leg.Date)
	if err != nil {
		return err
	}
	leg.Accepted, leg.Money = accepted, ledger.Money{}
	for i, item := range p.Items {
		leg.USD = leg.USD.Add(item.Worth(accepted[i]).USD)
	}
	return t.postLeg(p, leg, draft)
}

// announced returns what a cash pledge came to before its agreement: the announcement with its increases, less what was
// given up of it.
func (p *PledgeRecord) announced() ledger.Money {
	sum := ledger.Money{Currency: p.standing()}
	for _, l := range p.Legs {
		switch {
		case !l.ReversedOn.IsZero():
		case l.Kind == ledger.LegAnnounced, l.Kind == ledger.LegIncreased:
			sum.Amount = sum.Amount.Add(l.Amount)
		case l.Kind == ledger.LegReduced:
			sum.Amount = sum.Amount.Sub(l.Amount)
		}
	}
	return sum
}

// standing returns the currency in which a cash pledge stands: its agreement's, or its announcement's.
func (p *PledgeRecord) standing() ledger.Currency {
	var c ledger.Currency
	for _, l := range p.Legs {
		if !l.ReversedOn.IsZero() {
			continue
		}
		if l.Kind == ledger.LegAgreed || l.Kind == ledger.LegAnnounced && c == "" {
			c = l.Currency
		}
	}
	return c
}

// IncreasePledge records that a cash pledge was raised.
// Errors: [ledger.RuleNotFound], [ledger.RuleRateMissing] and those of [ledger.Increase].
func (s *Store) IncreasePledge(ctx context.Context, c Command, id uuid.UUID, in EndingInput) (Answer, error) {
	return s.write(ctx, c, pledgeLocks(id), func(ctx context.Context, t *tx) (any, error) {
		p, err := t.pledge(ctx, id)
		if err != nil {
			return nil, err
		}
		var v ledger.Violations
		t.notInFuture(&v, "/effective_date", in.Date)
		ref, err := t.resolve(ctx, &v, named{fund: p.Fund, currency: in.Amount.Currency, on: in.Date})
		if err != nil {
			return nil, err
		}
		more := ref.convert(&v, "/amount", in.Amount, in.USD)
		if err := v.Err(); err != nil {
			return nil, err
		}
		leg := ledger.Leg{Kind: ledger.LegIncreased, Date: in.Date, Converted: more, Document: in.Document, Reason: in.Reason}
		if in.Condition != "" {
			leg.Conditions = []ledger.Condition{{Number: len(p.State.Conditions) + 1, Description: in.Condition, Money: more.Money}}
		}
		drafts, err := ledger.Increase(p.Pledge, &p.State, p.standing(), more, leg.Conditions, in.Date)
		if err != nil {
			return nil, err
		}
		return p, t.postLeg(p, leg, drafts...)
	})
}

// EndingInput is a cancellation, a write-off or an adjustment.
type EndingInput struct {
	Date     ledger.Date
	Amount   ledger.Money    // a zero amount ends all that is outstanding
	USD      decimal.Decimal // stated; zero for the rate in force, or for the carrying amount of what ends
	Reason   string
	Document string

	Condition string // of an increase: what has to be met before it is revenue; empty when it binds without
}

// WriteOffPledge records that a pledge is written off, whole or in part.
// Errors: [ledger.RuleNotFound] and those of [ledger.End].
func (s *Store) WriteOffPledge(ctx context.Context, c Command, id uuid.UUID, in EndingInput) (Answer, error) {
	return s.submit(ctx, c, &writeOff{id, in})
}

// EndPledge records that a pledge is cancelled or reduced by its contributor.
// Errors: [ledger.RuleNotFound] and those of [ledger.End].
func (s *Store) EndPledge(ctx context.Context, c Command, id uuid.UUID, kind ledger.LegKind, in EndingInput) (Answer, error) {
	return s.write(ctx, c, pledgeLocks(id), func(ctx context.Context, t *tx) (any, error) {
		p, err := t.pledge(ctx, id)
		if err != nil {
			return nil, err
		}
		return p, t.end(p, kind, in)
	})
}

func (t *tx) end(p *PledgeRecord, kind ledger.LegKind, in EndingInput) error {
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	if err := v.Err(); err != nil {
		return err
	}
	draft, ended, err := ledger.End(p.Pledge, &p.State, ledger.Ending{Leg: kind, On: in.Date, Reason: in.Reason,
		Amount: ledger.Converted{Money: in.Amount, USD: in.USD}})
	if err != nil {
		return err
	}
	return t.postLeg(p, ledger.Leg{Kind: kind, Date: in.Date, Converted: ended, Document: in.Document, Reason: in.Reason}, draft)
}
