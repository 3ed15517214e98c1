package ledger

import (
	"fmt"

	"github.com/google/uuid"
)

// Condition is what an agreement asks of the fund before a part of its amount is revenue: a measurable obligation, with a
// duty to return the cash when it is not met (IPSAS 47, compliance obligations of a binding arrangement).
type Condition struct {
	Number      int // from 1, in the order in which the agreement lists them
	Description string
	Money       // what becomes revenue when it is met, in the agreement's currency
}

// Fulfilment says that a condition was met: when, who says so, and what shows it.
type Fulfilment struct {
	On       Date
	By       string   // who certified it
	Evidence Evidence // what shows it
	Entry    uuid.UUID
}

// ConditionState is what the books say of a condition; an empty fulfilment is of one that is not met.
type ConditionState struct {
	Condition
	Leg uuid.UUID // that imposed it
	Met Fulfilment
}

// CheckConditions adds a violation, under the pointer, for conditions that do not sum to the agreement.
func CheckConditions(v *Violations, pointer string, conditions []Condition, agreed Money) {
	sum := Money{Currency: agreed.Currency}
	for i, c := range conditions {
		sum.Amount = sum.Amount.Add(c.Amount)
		if c.Currency != agreed.Currency {
			v.Add(fmt.Sprintf("%s/%d/amount/currency", pointer, i), RuleCurrencyMismatch, "The agreement is in %s.", agreed.Currency)
		}
	}
	if len(conditions) > 0 && !sum.Amount.Equal(agreed.Amount) {
		v.Add(pointer, RuleConditionSum, "The conditions sum to %s; the agreement is for %s.", sum, agreed)
	}
}

// Meet returns the draft for a condition met on a date: what is deferred for it becomes revenue, at the value at which it
// stands in the books. The last condition takes the last cent; after a reduction a condition releases no more than is left.
// Errors: [RuleConditionUnknown], [RuleConditionMet], [RuleDateOrder].
func Meet(p Pledge, s *PledgeState, number int, f Fulfilment) (Draft, error) {
	if number < 1 || number > len(s.Conditions) {
		return Draft{}, Fail(RuleConditionUnknown, "The agreement of pledge %s has %d conditions; there is no condition %d.", p.Reference, len(s.Conditions), number)
	}
	c := &s.Conditions[number-1]
	if !c.Met.On.IsZero() {
		return Draft{}, Fail(RuleConditionMet, "Condition %d of pledge %s was met on %s.", number, p.Reference, c.Met.On)
	}
	if f.On.Before(s.AgreedOn) {
		return Draft{}, Fail(RuleDateOrder, "%s is before the agreement, %s.", f.On, s.AgreedOn)
	}
	c.Met = f
	last := true
	for _, other := range s.Conditions {
		last = last && !other.Met.On.IsZero()
	}
	part := s.Deferred.Amount
	if !last && part.GreaterThan(c.Amount) {
		part = c.Amount
	}
	d := Draft{Kind: EntryConditionMet, EffectiveDate: f.On, Subject: Subject{Pledge: p.ID},
		Description: fmt.Sprintf("Condition %d of pledge %s met", number, p.Reference)}
	if part.IsPositive() {
		released, _ := s.Deferred.Split(part)
		d.debit(Deferred, p.dimensions(), carried(released, f.On))
		d.credit(RevenueCash, p.dimensions(), carried(released, f.On))
		s.Apply(p.ID, d)
	}
	return d, nil
}
