package reports

import (
	"maps"
	"slices"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// The accounts of revenue that are no contributor's gift of the year by themselves.
const (
	transfersAccount ledger.AccountCode = "4020"
)

// Schedule is the fund's page of a schedule of individual trust funds, in USD. Here, and only here, money and contributions in
// kind have one total, as the model has it: both are revenue that the books recognise. Services that are disclosed are not in
// it.
// Source: the schedules of individual trust funds beside the financial statements of the United Nations, volume I.
type Schedule struct {
	Receivables   ScheduledReceivables   `json:"receivables"`
	Contributions ScheduledContributions `json:"voluntary_contributions"`
	Allocations   ContributionGroup      `json:"other_transfers_and_allocations"` // of organizations of the United Nations system
	Total         ContributionFigures    `json:"total"`                           // Contributions and Allocations: the year on the accounts of contributions
}

// ScheduledReceivables are the contributions receivable at the end of the year.
type ScheduledReceivables struct {
	Governments ReceivableGroup   `json:"governments"`
	Others      ReceivableGroup   `json:"others"`
	Discount    ReceivableFigures `json:"discount"`  // negative, of what is not current
	Allowance   ReceivableFigures `json:"allowance"` // negative, for doubtful contributions
	Total       ReceivableFigures `json:"total"`     // as Receivables.Net
}

// ReceivableGroup is what some contributors have to pay.
type ReceivableGroup struct {
	Lines []ReceivableLine  `json:"lines"` // by the contributor's code
	Total ReceivableFigures `json:"total"`
}

// ReceivableLine is what one contributor has to pay.
type ReceivableLine struct {
	Contributor Contributor `json:"contributor"`
	ReceivableFigures
}

// ReceivableFigures are due within twelve months, or later.
type ReceivableFigures struct {
	Current    Money `json:"current"`
	NonCurrent Money `json:"non_current"`
	Total      Money `json:"total"`
}

// ScheduledContributions are the voluntary contributions of the year.
type ScheduledContributions struct {
	Governments  ContributionGroup   `json:"governments"`
	Others       ContributionGroup   `json:"others"`
	PresentValue ContributionFigures `json:"present_value_adjustment"` // what discounts changed
	Total        ContributionFigures `json:"total"`
}

// ContributionGroup is what some contributors gave, and what other funds did.
type ContributionGroup struct {
	Lines     []ContributionLine  `json:"lines"`     // by the contributor's code
	Transfers []TransferLine      `json:"transfers"` // by the fund's code
	Total     ContributionFigures `json:"total"`
}

// ContributionLine is what one contributor gave. What no contributor is named for has an empty one.
type ContributionLine struct {
	Contributor Contributor `json:"contributor"`
	ContributionFigures
}

// TransferLine is what came from another fund, or went to it.
type TransferLine struct {
	Fund ledger.FundCode `json:"fund,omitempty"` // empty when entries do not name one
	Name string          `json:"name,omitempty"`
	ContributionFigures
}

// ContributionFigures are revenue of the year. A contributor's can be less than nothing, when more was given back than given.
type ContributionFigures struct {
	Monetary    Money `json:"monetary"`
	InKind      Money `json:"in_kind"`
	Adjustments Money `json:"refunds_transfers_adjustments"`
	Total       Money `json:"total"`
}

func (f *ReceivableFigures) add(o ReceivableFigures) {
	f.Current, f.NonCurrent, f.Total = f.Current.plus(o.Current), f.NonCurrent.plus(o.NonCurrent), f.Total.plus(o.Total)
}

func (f *ContributionFigures) add(o ContributionFigures) {
	f.Monetary, f.InKind, f.Adjustments, f.Total = f.Monetary.plus(o.Monetary), f.InKind.plus(o.InKind), f.Adjustments.plus(o.Adjustments), f.Total.plus(o.Total)
}

func receivableFigures(current, nonCurrent decimal.Decimal) ReceivableFigures {
	f := ReceivableFigures{Current: dollars(current), NonCurrent: dollars(nonCurrent)}
	f.Total = f.Current.plus(f.NonCurrent)
	return f
}

// contributed adds up the revenue of a contributor.
type contributed struct{ monetary, inKind, adjustments decimal.Decimal }

func (c contributed) figures() ContributionFigures {
	f := ContributionFigures{Monetary: dollars(c.monetary), InKind: dollars(c.inKind), Adjustments: dollars(c.adjustments)}
	f.Total = f.Monetary.plus(f.InKind).plus(f.Adjustments)
	return f
}

func (c contributed) isZero() bool {
	return c.monetary.IsZero() && c.inKind.IsZero() && c.adjustments.IsZero()
}

// gives are the entries that recognise money of a contributor. What any other kind of entry does to the revenue is a refund or
// an adjustment of it.
var gives = []ledger.EntryKind{ledger.EntryPledgeAgreed, ledger.EntryConditionMet, ledger.EntryReceipt, ledger.EntryIdentification, ledger.EntryAdvanceApplied}

// addToSchedule counts a sum of lines of the year as a contributor's revenue.
func (b *fundReportBuild) addToSchedule(r fundLineRow) {
	if r.Year != b.Year || r.Kind == ledger.EntryYearEnd {
		return
	}
	of := func() *contributed {
		c := b.merges.Survivor(r.Contributor)
		if b.contributed[c] == nil {
			b.contributed[c] = &contributed{}
		}
		return b.contributed[c]
	}
	switch {
	case r.Account == ledger.RevenueGoods || r.Account == ledger.RevenueServices:
		of().inKind = of().inKind.Sub(r.Balance)
	case r.Account == ledger.RevenueCash && slices.Contains(gives, r.Kind):
		of().monetary = of().monetary.Sub(r.Balance)
	case r.Account == ledger.RevenueCash:
		of().adjustments = of().adjustments.Sub(r.Balance)
	}
}

// isGovernment reports whether a contributor is shown among the governments.
func isGovernment(k ledger.ContributorKind) bool {
	return k == ledger.State || k == ledger.Observer || k == ledger.LocalAuthority
}

// readSchedule sets the schedule.
func (b *fundReportBuild) readSchedule() error {
	codes := map[ledger.ContributorCode]bool{}
	for c := range b.contributed {
		codes[c] = true
	}
	for c := range b.receivable {
		codes[c] = true
	}
	rows, err := b.namesOf(codes)
	if err != nil {
		return err
	}
	if b.contributed[""] != nil {
		rows = append(rows, Contributor{Kind: ledger.OtherKind})
	}
	var s Schedule
	s.Receivables.Governments = b.debtors(rows, isGovernment)
	s.Receivables.Others = b.debtors(rows, func(k ledger.ContributorKind) bool { return !isGovernment(k) })
	b.receivable = nil // from here on the lines have it, and likewise below
	s.Contributions.Governments = b.givers(rows, isGovernment)
	s.Contributions.Others = b.givers(rows, func(k ledger.ContributorKind) bool { return !isGovernment(k) && k != ledger.UN })
	s.Allocations = b.givers(rows, func(k ledger.ContributorKind) bool { return k == ledger.UN })
	b.contributed, b.contributors = nil, nil
	if s.Contributions.Others.Transfers, err = b.transfers(); err != nil {
		return err
	}
	for _, l := range s.Contributions.Others.Transfers {
		s.Contributions.Others.Total.add(l.ContributionFigures)
	}
	b.totalSchedule(&s)
	b.Schedule = s
	return nil
}

// debtors returns what contributors of some kinds have to pay.
func (b *fundReportBuild) debtors(rows []Contributor, of func(ledger.ContributorKind) bool) ReceivableGroup {
	g := ReceivableGroup{Total: receivableFigures(decimal.Zero, decimal.Zero)}
	g.Lines = linesOf(rows, func(c Contributor) bool {
		_, due := b.receivable[c.Code]
		return due && of(c.Kind)
	}, func(c Contributor) ReceivableLine {
		d := b.receivable[c.Code]
		return ReceivableLine{c, receivableFigures(d.current, d.nonCurrent)}
	})
	for _, l := range g.Lines {
		g.Total.add(l.ReceivableFigures)
	}
	return g
}

// givers returns what contributors of some kinds gave.
func (b *fundReportBuild) givers(rows []Contributor, of func(ledger.ContributorKind) bool) ContributionGroup {
	g := ContributionGroup{Transfers: []TransferLine{}, Total: contributed{}.figures()}
	g.Lines = linesOf(rows, func(c Contributor) bool {
		d := b.contributed[c.Code]
		return d != nil && !d.isZero() && of(c.Kind)
	}, func(c Contributor) ContributionLine { return ContributionLine{c, b.contributed[c.Code].figures()} })
	for _, l := range g.Lines {
		g.Total.add(l.ContributionFigures)
	}
	return g
}

// linesOf returns a line for each of some contributors. They are counted first: a slice that grows is held twice meanwhile.
func linesOf[L any](rows []Contributor, has func(Contributor) bool, line func(Contributor) L) []L {
	n := 0
	for _, c := range rows {
		if has(c) {
			n++
		}
	}
	lines := make([]L, 0, n)
	for _, c := range rows {
		if has(c) {
			lines = append(lines, line(c))
		}
	}
	return lines
}

// totalSchedule takes discounts and the allowance off and sets the totals.
func (b *fundReportBuild) totalSchedule(s *Schedule) {
	r, c := &s.Receivables, &s.Contributions
	r.Total, c.Total, s.Total = receivableFigures(decimal.Zero, decimal.Zero), contributed{}.figures(), contributed{}.figures()
	r.Discount = receivableFigures(decimal.Zero, b.account(discountAccount).closing())
	r.Allowance = receivableFigures(b.account(allowanceAccount).closing(), decimal.Zero)
	for _, f := range []ReceivableFigures{r.Governments.Total, r.Others.Total, r.Discount, r.Allowance} {
		r.Total.add(f)
	}
	c.PresentValue = contributed{adjustments: b.account(ledger.PresentValue).inYear().Neg()}.figures()
	for _, f := range []ContributionFigures{c.Governments.Total, c.Others.Total, c.PresentValue} {
		c.Total.add(f)
	}
	s.Total.add(c.Total)
	s.Total.add(s.Allocations.Total)
}

// namesOf returns contributors in the order of their codes. Each is read once for a report.
func (b *fundReportBuild) namesOf(codes map[ledger.ContributorCode]bool) ([]Contributor, error) {
	unread := []string{}
	for c := range codes {
		if _, known := b.contributors[c]; !known {
			unread = append(unread, string(c))
		}
	}
	if len(unread) > 0 {
		err := each(b.ctx, b.snap, "contributors", contributorsOn, func(c Contributor) error {
			b.contributors[c.Code] = c
			return nil
		}, pq.Array(unread), b.end, knownAt(b.snap))
		if err != nil {
			return nil, err
		}
	}
	list := make([]Contributor, 0, len(codes))
	for _, code := range slices.Sorted(maps.Keys(codes)) {
		if c, known := b.contributors[code]; known {
			list = append(list, c)
		}
	}
	return list, nil
}

// transfers returns what came from other funds in the year.
func (b *fundReportBuild) transfers() ([]TransferLine, error) {
	rows, err := read[struct {
		Other     ledger.FundCode
		Name      string
		AmountUSD decimal.Decimal `db:"amount_usd"`
	}](b.ctx, b.snap, "transfers between funds", fundReportTransfers, b.Fund.Code, b.from, b.end, knownAt(b.snap))
	list := make([]TransferLine, len(rows))
	for i, r := range rows {
		list[i] = TransferLine{r.Other, r.Name, contributed{adjustments: r.AmountUSD}.figures()}
	}
	return list, err
}
