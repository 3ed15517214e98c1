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

// promiseSums adds up in PostgreSQL what the query of a statement's pledges tells, as nobody reads the pledges here.
var promiseSums = `
SELECT m.form, m.account, m.currency, m.kind, m.before, m.released, m.recognition, sum(m.amount) AS amount, sum(m.amount_usd) AS amount_usd
FROM (` + statementPledges + `) m
WHERE m.account <> '4010'
GROUP BY m.form, m.account, m.currency, m.kind, m.before, m.released, m.recognition`

// TieStatements adds to the tie-out of a report what the statements of all contributors tell, by the queries of the
// statements. The snapshot is that of the report.
func TieStatements(ctx context.Context, snap *postgres.Snapshot, r *FundReport) error {
	sums, err := sumStatements(ctx, snap, r.Fund.Code, r.Year)
	if err != nil {
		return err
	}
	r.tie(sums)
	return nil
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
	period := calendarYear(year)
	all := statementBuild{ctx: ctx, snap: snap, end: lastDay(snap, period.To), sums: newSumming(), request: StatementRequest{Period: period, Fund: fund}}
	var err error
	if all.merges, err = readMerges(ctx, snap); err != nil {
		return nil, err
	}
	if err := all.readClosing(); err != nil {
		return nil, err
	}
	// A contributor whom nothing was carried forward of and who has no line since has nothing in its statement.
	codes, err := read[string](ctx, snap, "contributors", `
		SELECT contributor FROM opening_balance WHERE event_id = $1 AND contributor IS NOT NULL
		UNION
		SELECT contributor FROM journal_line
		WHERE fund = $2 AND effective_date > coalesce($3::date, '-infinity') AND effective_date <= $4 AND recorded_at <= $5 AND contributor IS NOT NULL
		ORDER BY 1`, all.closing.Event, fund, all.closing.LastDay, all.end, knownAt(snap))
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
	rows, err := read[movedRow](b.ctx, b.snap, "sums of pledges", promiseSums, b.pledgesOf()...)
	for _, r := range rows {
		did := moved{r.Kind, r.Before, r.Released, r.Recognition}.movement()
		if r.Form == ledger.InKind {
			b.sums.kindOf(b.request.Fund).pledges.add(did, r.AmountUSD)
			continue
		}
		sums := b.sums.cashOf(b.request.Fund, r.Currency)
		sums.amount.pledges.add(did, r.Amount)
		sums.usd.pledges.add(did, r.AmountUSD)
	}
	return err
}
