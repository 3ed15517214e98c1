package chart

import (
	"github.com/shopspring/decimal"

	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// intervals is how many steps an axis is divided into at most.
const intervals = 5

// axis is the scale of values: ticks at round values from the lowest to the highest, zero among them.
type axis struct {
	ticks []decimal.Decimal
	unit  int32  // the power of ten that the ticks are written in
	named string // the message that names the unit and has a place for the currency

	decimals, tickDecimals int32 // of the values beside their columns or bars, and of the ticks: as many as the longest of them needs
}

// units are the powers of ten that values are written in.
var units = []axis{{unit: 9, named: "%s, thousand millions"}, {unit: 6, named: "%s, millions"}, {unit: 3, named: "%s, thousands"}}

// value is that of a series in a category; one that is not told is zero.
func value(s layout.Series, category int) decimal.Decimal {
	if category < len(s.Values) {
		return s.Values[category]
	}
	return decimal.Zero
}

func axisOf(c *layout.Chart) axis {
	low, high := decimal.Zero, decimal.Zero
	for _, s := range c.Series {
		for i := range c.Categories {
			low, high = decimal.Min(low, value(s, i)), decimal.Max(high, value(s, i))
		}
	}
	if low.Equal(high) {
		high = decimal.NewFromInt(1)
	}
	step := roundStep(high.Sub(low))
	first, last := low.Div(step).Floor(), high.Div(step).Ceil()
	a := axis{named: "%s"}
	for n := first; n.LessThanOrEqual(last); n = n.Add(decimal.NewFromInt(1)) {
		a.ticks = append(a.ticks, n.Mul(step))
	}
	largest := decimal.Max(a.ticks[0].Abs(), a.ticks[len(a.ticks)-1].Abs())
	for _, u := range units {
		if largest.GreaterThanOrEqual(decimal.New(1, u.unit)) {
			a.unit, a.named = u.unit, u.named
			break
		}
	}
	for _, t := range a.ticks {
		a.tickDecimals = max(a.tickDecimals, decimalsOf(t.Shift(-a.unit)))
	}
	for _, s := range c.Series {
		for i := range c.Categories {
			a.decimals = max(a.decimals, decimalsOf(a.rounded(value(s, i))))
		}
	}
	return a
}

// decimalsOf is how many decimals a value needs.
func decimalsOf(d decimal.Decimal) int32 {
	for n := int32(0); ; n++ {
		if d.Truncate(n).Equal(d) {
			return n
		}
	}
}

// roundStep is the smallest of 1, 2, 2.5 and 5 times a power of ten that divides a span into few enough intervals; with
// the interval that is begun on the other side of zero there may be one more.
func roundStep(span decimal.Decimal) decimal.Decimal {
	atLeast := span.Div(decimal.NewFromInt(intervals))
	power := int32(atLeast.NumDigits()) + atLeast.Exponent() - 1
	for _, mantissa := range []decimal.Decimal{decimal.New(1, 0), decimal.New(2, 0), decimal.New(25, -1), decimal.New(5, 0)} {
		if step := mantissa.Shift(power); step.GreaterThanOrEqual(atLeast) {
			return step
		}
	}
	return decimal.New(1, power+1)
}

// at is where a value lies on the axis: 0 at its lowest tick, 1 at its highest.
func (a axis) at(v decimal.Decimal) float64 {
	low, high := a.ticks[0], a.ticks[len(a.ticks)-1]
	return v.Sub(low).DivRound(high.Sub(low), 9).InexactFloat64()
}

// rounded is a value in the unit of the axis, with two decimals at most.
func (a axis) rounded(v decimal.Decimal) decimal.Decimal { return v.Shift(-a.unit).Round(2) }

// short writes a value in the unit of the axis.
func (a axis) short(v decimal.Decimal, l language.Language) string {
	return fixed(a.rounded(v), a.decimals, l)
}

// tick writes a tick in the unit of the axis.
func (a axis) tick(v decimal.Decimal, l language.Language) string {
	return fixed(v.Shift(-a.unit), a.tickDecimals, l)
}

// fixed writes a value with as many decimals as those that it stands among; nothing is a plain zero.
func fixed(v decimal.Decimal, decimals int32, l language.Language) string {
	if v.IsZero() {
		return l.Number(v)
	}
	return l.Fixed(v, decimals)
}
