package reports

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// statementsAtOnce is for how many contributors the statements are added up at a time: it bounds the memory.
const statementsAtOnce = 500

// movedSums adds up in PostgreSQL what moved the pledges of statements, as nobody reads the pledges here.
var movedSums = `
SELECT m.account, m.currency, m.kind, m.before, m.released, m.recognition, sum(m.amount) AS amount, sum(m.amount_usd) AS amount_usd
FROM (` + statementMoved + `) m
GROUP BY m.account, m.currency, m.kind, m.before, m.released, m.recognition`

// BuildTiedFundReport is [BuildFundReport] with a tie-out that has what the statements of all contributors tell, by the queries
// of the statements. Where there are two connections, the report and the statements are read at the same time.
// Errors: as [BuildFundReport].
func BuildTiedFundReport(ctx context.Context, snap *postgres.Snapshot, fund ledger.FundCode, year int) (*FundReport, error) {
	var report *FundReport
	var sums *summing
	err := snap.Both(ctx, func(ctx context.Context, snap *postgres.Snapshot) (err error) {
		report, err = BuildFundReport(ctx, snap, fund, year)
		return err
	}, func(ctx context.Context, snap *postgres.Snapshot) (err error) {
		sums, err = sumStatements(ctx, snap, fund, year)
		return err
	})
	if err != nil {
		return nil, err
	}
	report.tie(sums)
	return report, nil
}

// tie adds to the tie-out what statements tell.
func (r *FundReport) tie(sums *summing) {
	t := &r.TieOut
	for c, cash := range sums.cash[r.Fund.Code] {
		both := func(figure string, of func(cashSums) decimal.Decimal) {
			t.value(fromStatements, figure, value(of(cash.amount), c, of(cash.usd)))
		}
		both("outstanding_opening", func(s cashSums) decimal.Decimal { return s.pledges[opening] })
		both("pledged", func(s cashSums) decimal.Decimal { return s.pledges[announced].Add(s.pledges[agreed]) })
		both("received_on_pledges", func(s cashSums) decimal.Decimal { return s.pledges[fulfilled].Neg() })
		both("outstanding_closing", func(s cashSums) decimal.Decimal { return s.pledges.closing() })
		both("received", func(s cashSums) decimal.Decimal { return s.received })
		both("held_in_advance", func(s cashSums) decimal.Decimal { return s.held })
		t.usd(fromStatements, "refunded", cash.usd.refunded)
	}
	if kind := sums.kind[r.Fund.Code]; kind != nil {
		t.usd(fromStatements, "in_kind_outstanding", kind.pledges.closing())
		t.usd(fromStatements, "in_kind_recognised", kind.recognised)
		t.usd(fromStatements, "in_kind_disclosed", kind.disclosed)
	}
	t.finish(true)
}

// sumStatements adds up what the statements of all contributors tell of a fund's year.
func sumStatements(ctx context.Context, snap *postgres.Snapshot, fund ledger.FundCode, year int) (*summing, error) {
	period := ledger.CalendarYear(year)
	all := statementBuild{ctx: ctx, snap: snap, end: lastDay(snap, period.To), sums: newSumming(), request: StatementRequest{Period: period, Fund: fund}}
	var err error
	if all.merges, err = readMerges(ctx, snap); err != nil {
		return nil, err
	}
	if err := all.readClosing(); err != nil {
		return nil, err
	}
	// A contributor whom nothing was carried forward of and who has no line since has nothing in its statement.
	// Indexes: opening_balance_event_id, journal_line_fund_year, contributor_pkey.
	codes, err := read[string](ctx, snap, "contributors", `
		SELECT code FROM contributor WHERE code IN (
			SELECT contributor FROM opening_balance WHERE event_id = $1
			UNION
			SELECT contributor FROM journal_line
			WHERE fund = $2 AND effective_date > coalesce($3::date, '-infinity') AND effective_date <= $4 AND recorded_at <= $5)
		ORDER BY code`, all.closing.Event, fund, all.closing.LastDay, all.end, knownAt(snap))
	if err != nil {
		return nil, err
	}
	for some := range slices.Chunk(codes, statementsAtOnce) {
		b := all
		b.codes, b.Statement = some, &Statement{}
		if err := b.sumPledges(); err != nil { // planned for so many contributors, of whose lines it reads many
			return nil, err
		}
		if err := snap.ByKey(ctx, func() error { return inTurn(b.readReceipts, b.readHeld, b.readRefunds, b.readDeliveries) }); err != nil {
			return nil, err
		}
	}
	return all.sums, nil
}

// sumPledges adds up the pledges.
func (b *statementBuild) sumPledges() error {
	rows, err := read[movedRow](b.ctx, b.snap, "sums of pledges", movedSums, b.movedOf()...)
	for _, r := range rows {
		if r.Account == ledger.InKindOutstanding {
			b.sums.kindOf(b.request.Fund).pledges.add(r.movement(), r.AmountUSD)
			continue
		}
		sums := b.sums.cashOf(b.request.Fund, r.Currency)
		sums.amount.pledges.add(r.movement(), r.Amount)
		sums.usd.pledges.add(r.movement(), r.AmountUSD)
	}
	return err
}
