package reports

import (
	"context"
	"slices"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// NewnessLine is what was promised to a fund for a fund year, in USD, that counts in one class. Cash and in kind stay
// apart, each with its own pledges.
type NewnessLine struct {
	Fund     ledger.FundCode     `json:"fund"`
	FundYear int                 `json:"fund_year"`
	Class    ledger.NewnessClass `json:"class"`
	Cash     NewnessFigure       `json:"cash"`
	InKind   NewnessFigure       `json:"in_kind"`
}

// NewnessFigure is how many pledges, and what they promise.
type NewnessFigure struct {
	Pledges int   `json:"pledges"`
	USD     Money `json:"usd"`
}

type newnessRow struct {
	Fund      ledger.FundCode
	FundYear  int `db:"fund_year"`
	Form      ledger.Form
	Class     ledger.NewnessClass
	Pledges   int
	AmountUSD decimal.Decimal `db:"amount_usd"`
}

// readNewness returns the pledges of fund years by class, ordered by fund, fund year and class; no codes are all
// contributors.
func readNewness(ctx context.Context, snap *postgres.Snapshot, codes []string, fund ledger.FundCode, end ledger.Date, first, last int) ([]NewnessLine, error) {
	rows, err := read[newnessRow](ctx, snap, "new and additional pledges", newness, pq.Array(codes), fund, end, knownAt(snap), first, last)
	if err != nil {
		return nil, err
	}
	lines := []NewnessLine{}
	for _, r := range rows {
		i := slices.IndexFunc(lines, func(l NewnessLine) bool { return l.Fund == r.Fund && l.FundYear == r.FundYear && l.Class == r.Class })
		if i < 0 {
			none := NewnessFigure{USD: dollars(decimal.Zero)}
			lines, i = append(lines, NewnessLine{Fund: r.Fund, FundYear: r.FundYear, Class: r.Class, Cash: none, InKind: none}), len(lines)
		}
		figure := NewnessFigure{Pledges: r.Pledges, USD: dollars(r.AmountUSD)}
		if r.Form == ledger.InKind {
			lines[i].InKind = figure
		} else {
			lines[i].Cash = figure
		}
	}
	slices.SortFunc(lines, func(a, b NewnessLine) int {
		switch {
		case a.Fund < b.Fund:
			return -1
		case a.Fund > b.Fund:
			return 1
		case a.FundYear != b.FundYear:
			return a.FundYear - b.FundYear
		}
		return slices.Index(ledger.NewnessClasses, a.Class) - slices.Index(ledger.NewnessClasses, b.Class)
	})
	return lines, nil
}
