package reports

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"
)

// largestShown is how many contributors the list of the largest has.
const largestShown = 10

// LargestLine is one of the largest contributors of the year, in USD.
type LargestLine struct {
	Contributor
	Received Money           `json:"received"` // cash
	Share    decimal.Decimal `json:"share"`    // of the cash of all contributors, per cent, to one decimal
	InKind   Money           `json:"in_kind"`  // recognised and disclosed; never added to cash
}

// largest returns the contributors that gave most.
func (b *fundReportBuild) largest() []LargestLine {
	type giver struct {
		*ContributorLine
		inKind Money
	}
	var givers []giver
	for _, g := range b.Groups {
		for i := range g.Contributors {
			c := &g.Contributors[i]
			if inKind := c.InKindRecognised.plus(c.InKindDisclosed); c.Received.Amount.IsPositive() || inKind.Amount.IsPositive() {
				givers = append(givers, giver{c, inKind})
			}
		}
	}
	slices.SortFunc(givers, func(a, b giver) int {
		return cmp.Or(b.Received.Amount.Cmp(a.Received.Amount), b.inKind.Amount.Cmp(a.inKind.Amount), cmp.Compare(a.Code, b.Code))
	})
	lines := []LargestLine{}
	for _, g := range givers[:min(len(givers), largestShown)] {
		l := LargestLine{Contributor: g.Contributor, Received: g.Received, InKind: g.inKind}
		if total := b.total.received; total.IsPositive() {
			l.Share = g.Received.Amount.Shift(2).DivRound(total, 1)
		}
		lines = append(lines, l)
	}
	return lines
}
