package ledger

import (
	"fmt"

	"github.com/shopspring/decimal"
)

// Instalment is a due date and an amount of an agreed cash pledge, in the agreement's currency.
type Instalment struct {
	Number int // from 1, in the order of the due dates
	DueOn  Date
	Money
}

// CheckSchedule adds a violation, under the pointer, for a schedule that does not sum to the agreement or whose due dates
// are out of order. No schedule is good: the pledge is then due on the day of its agreement.
func CheckSchedule(v *Violations, pointer string, schedule []Instalment, agreed Money) {
	var sum decimal.Decimal
	for i, s := range schedule {
		sum = sum.Add(s.Amount)
		if s.Currency != agreed.Currency {
			v.Add(fmt.Sprintf("%s/%d/amount/currency", pointer, i), RuleCurrencyMismatch, "The agreement is in %s.", agreed.Currency)
		}
		if i > 0 && s.DueOn.Before(schedule[i-1].DueOn) {
			v.Add(fmt.Sprintf("%s/%d/due_on", pointer, i), RuleDateOrder, "%s is before the instalment that stands before it, %s.", s.DueOn, schedule[i-1].DueOn)
		}
	}
	if len(schedule) > 0 && !sum.Equal(agreed.Amount) {
		v.Add(pointer, RuleScheduleSum, "The instalments sum to %s; the agreement is for %s.", Money{sum, agreed.Currency}, agreed)
	}
}

// Due is what is left of an instalment.
type Due struct {
	Instalment
	Left Converted // a share of the receivable, at its carrying amount
}

// DueOf returns the instalments that are not fully paid, with what is left of each. Cash that an officer applied to an
// instalment, by its number, settles that one; all other cash settles the oldest first, so what is outstanding is of the
// last ones. What the schedule does not cover is due with the first that is not paid by choice.
func DueOf(schedule []Instalment, chosen map[int]decimal.Decimal, receivable Converted) []Due {
	first := 0
	for first < len(schedule)-1 && !schedule[first].Amount.GreaterThan(chosen[schedule[first].Number]) {
		first++
	}
	var due []Due
	left := receivable
	for i := len(schedule) - 1; i >= first && left.Amount.IsPositive(); i-- {
		part := schedule[i].Amount.Sub(chosen[schedule[i].Number])
		if i == first || part.GreaterThan(left.Amount) {
			part = left.Amount
		}
		if !part.IsPositive() {
			continue
		}
		var share Converted
		share, left = left.Split(part)
		due = append([]Due{{schedule[i], share}}, due...)
	}
	return due
}

// Bucket is how long an instalment has been due.
type Bucket string

// The buckets.
const (
	Coming        Bucket = "coming"
	Days30        Bucket = "0-30"
	Days90        Bucket = "31-90"
	Days365       Bucket = "91-365"
	TwoYears      Bucket = "1-2 years"
	OverTwoYears  Bucket = "over 2 years"
	daysInAYear          = 365
	daysInTwoYear        = 2 * 365
)

// Buckets lists the buckets from the youngest to the oldest.
var Buckets = []Bucket{Coming, Days30, Days90, Days365, TwoYears, OverTwoYears}

// Age returns the days for which something has been due as of a date, negative before it is due, and its bucket.
func Age(dueOn, asOf Date) (days int, b Bucket) {
	days = asOf.DaysSince(dueOn)
	switch {
	case days < 0:
		return days, Coming
	case days <= 30:
		return days, Days30
	case days <= 90:
		return days, Days90
	case days <= daysInAYear:
		return days, Days365
	case days <= daysInTwoYear:
		return days, TwoYears
	default:
		return days, OverTwoYears
	}
}
