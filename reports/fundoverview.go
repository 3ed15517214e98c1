package reports

import (
	"context"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// FundOverviewSchema is the version of the overview's form.
const FundOverviewSchema = "vcledger.fund-overview.v1"

// FundOverview is what of a fund's year is looked at first. Each figure is the one of the [FundReport]; without the statements of all
// contributors that it is tied to, and its proof, which take most of the time.
type FundOverview struct {
	Schema      string        `json:"schema"`
	Fund        Fund          `json:"fund"`
	Year        int           `json:"year"`
	Period      Period        `json:"period"`
	AsOf        Date          `json:"as_of"`
	KnownAt     time.Time     `json:"known_at"`
	Years       []YearFigures `json:"five_years"`
	Largest     []LargestLine `json:"largest_contributors"` // by cash received, then by what was given in kind
	Receivables Receivables   `json:"receivables"`
}

// BuildFundOverview returns the overview of a fund's calendar year, up to the snapshot's as-of date, in seven queries.
// Errors: [ledger.RuleNotFound], [ledger.RuleOutOfRange] for a year outside of the books.
func BuildFundOverview(ctx context.Context, snap *postgres.Snapshot, fund ledger.FundCode, year int) (*FundOverview, error) {
	b, err := beginFundReport(ctx, snap, fund, year)
	if err != nil {
		return nil, err
	}
	if err := inTurn(b.readLines, b.readReceipts, b.readDeliveries, b.group, func() error { return b.readDue(ctx, snap) }); err != nil {
		return nil, err
	}
	return &FundOverview{Schema: FundOverviewSchema, Fund: b.Fund, Year: year, Period: b.Period, AsOf: b.AsOf, KnownAt: b.KnownAt,
		Years: b.fiveYears(), Largest: b.largest(), Receivables: b.receivables()}, nil
}
