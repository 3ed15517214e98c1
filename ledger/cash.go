package ledger

import (
	"slices"

	"github.com/shopspring/decimal"
)

// CashDay is by how much the available cash of a fund moved on a day, in USD.
type CashDay struct {
	On  Date
	USD decimal.Decimal
}

// CashRun is the available cash of a fund, day by day in order. Its first day has what was available before and on it.
type CashRun []CashDay

// Lowest returns the least that is available on a date or on any later day, and that day: what is spent on the date is
// gone on all later ones too.
func (r CashRun) Lowest(from Date) (on Date, usd decimal.Decimal) {
	var sum decimal.Decimal
	on = from
	for i, d := range r {
		if d.On.After(from) {
			if i == 0 || !r[i-1].On.After(from) {
				usd = sum
			}
			if sum = sum.Add(d.USD); sum.LessThan(usd) {
				on, usd = d.On, sum
			}
			continue
		}
		sum = sum.Add(d.USD)
		usd = sum
	}
	return on, usd
}

// Move adds a movement on a date.
func (r *CashRun) Move(on Date, usd decimal.Decimal) {
	i, found := slices.BinarySearchFunc(*r, on, func(d CashDay, on Date) int {
		switch {
		case d.On.Before(on):
			return -1
		case d.On.After(on):
			return 1
		}
		return 0
	})
	if found {
		(*r)[i].USD = (*r)[i].USD.Add(usd)
		return
	}
	*r = slices.Insert(*r, i, CashDay{on, usd})
}
