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
	lines := []LargestLine{}
	total := b.total.received
	for _, g := range b.Groups {
		for _, c := range g.Contributors {
			l := LargestLine{Contributor: c.Contributor, Received: c.Received, InKind: c.InKindRecognised.plus(c.InKindDisclosed)}
			if total.IsPositive() {
				l.Share = c.Received.Amount.Shift(2).DivRound(total, 1)
			}
			if l.Received.Amount.IsPositive() || l.InKind.Amount.IsPositive() {
				lines = append(lines, l)
			}
		}
	}
	slices.SortFunc(lines, func(a, b LargestLine) int {
		return cmp.Or(b.Received.Amount.Cmp(a.Received.Amount), b.InKind.Amount.Cmp(a.InKind.Amount), cmp.Compare(a.Code, b.Code))
	})
	return lines[:min(len(lines), largestShown)]
}
