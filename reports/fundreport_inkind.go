package reports

import (
	"cmp"
	"slices"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// KindLine is what one contributor offered, had accepted and delivered in the year, of one category and in one unit.
type KindLine struct {
	Contributor ledger.ContributorCode `json:"contributor"`
	Category    ledger.Category        `json:"category"`
	Unit        string                 `json:"unit"`
	Offered     decimal.Decimal        `json:"quantity_offered"`
	Accepted    decimal.Decimal        `json:"quantity_accepted"`
	Delivered   decimal.Decimal        `json:"quantity_delivered"` // with or without a pledge
	Declared    *Money                 `json:"declared_value"`     // of what was delivered, by the contributor
	Assessed    Money                  `json:"assessed_value"`     // of what was delivered, by the fund, in USD
	Experts     int                    `json:"experts"`            // persons named with the deliveries
}

// UnitGroup is the year in kind in one unit of measure, by contributor: expert-days by State.
type UnitGroup struct {
	Unit  string     `json:"unit"`
	Lines []UnitLine `json:"lines"` // by contributor
	Total UnitLine   `json:"total"`
}

// UnitLine is what one contributor offered, had accepted and delivered in a unit, and what the delivered was worth.
type UnitLine struct {
	Contributor ledger.ContributorCode `json:"contributor,omitempty"` // empty for the total
	Offered     decimal.Decimal        `json:"quantity_offered"`
	Accepted    decimal.Decimal        `json:"quantity_accepted"`
	Delivered   decimal.Decimal        `json:"quantity_delivered"`
	Assessed    Money                  `json:"assessed_value"`
}

func (l *UnitLine) add(k KindLine) {
	l.Offered, l.Accepted, l.Delivered = l.Offered.Add(k.Offered), l.Accepted.Add(k.Accepted), l.Delivered.Add(k.Delivered)
	l.Assessed = l.Assessed.plus(k.Assessed)
}

func (b *fundReportBuild) readInKind() error {
	rows, err := read[struct {
		Contributor      ledger.ContributorCode
		Category         ledger.Category
		Unit             string
		DeclaredCurrency ledger.Currency `db:"declared_currency"`
		Offered          decimal.Decimal
		Accepted         decimal.Decimal
		Delivered        decimal.Decimal
		Declared         decimal.Decimal
		AssessedUSD      decimal.Decimal `db:"assessed_usd"`
		Experts          int
	}](b.ctx, b.snap, "quantities in kind", fundReportInKind, b.Fund.Code, b.from, b.end, knownAt(b.snap))
	for _, r := range rows {
		line := KindLine{Contributor: r.Contributor, Category: r.Category, Unit: r.Unit, Offered: r.Offered, Accepted: r.Accepted,
			Delivered: r.Delivered, Assessed: dollars(r.AssessedUSD), Experts: r.Experts,
			Declared: optionalMoney(decimal.NullDecimal{Decimal: r.Declared, Valid: r.DeclaredCurrency != ""}, r.DeclaredCurrency)}
		b.InKind = append(b.InKind, line)
	}
	return err
}

// byUnit adds the quantities in kind up by unit and contributor. Quantities of different units are never added.
func (b *fundReportBuild) byUnit() []UnitGroup {
	groups := []UnitGroup{}
	for _, k := range b.InKind {
		i := slices.IndexFunc(groups, func(g UnitGroup) bool { return g.Unit == k.Unit })
		if i < 0 {
			groups, i = append(groups, UnitGroup{Unit: k.Unit, Total: UnitLine{Assessed: dollars(decimal.Zero)}}), len(groups)
		}
		groups[i].add(b.merges.Survivor(k.Contributor), k)
	}
	slices.SortFunc(groups, func(a, b UnitGroup) int { return cmp.Compare(a.Unit, b.Unit) })
	return groups
}

func (g *UnitGroup) add(c ledger.ContributorCode, k KindLine) {
	i, met := slices.BinarySearchFunc(g.Lines, c, func(l UnitLine, c ledger.ContributorCode) int { return cmp.Compare(l.Contributor, c) })
	if !met {
		g.Lines = slices.Insert(g.Lines, i, UnitLine{Contributor: c, Assessed: dollars(decimal.Zero)})
	}
	g.Lines[i].add(k)
	g.Total.add(k)
}
