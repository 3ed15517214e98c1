package reports

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// statementsAtOnce is for how many contributors the statements are added up at a time: PostgreSQL looks a contributor up in
// a list of them from its beginning.
const statementsAtOnce = 500

// What statements tell is added up in PostgreSQL, as nobody reads the lines here.
var (
	movedSums = `
SELECT m.account, m.currency, m.kind, m.before, m.released, m.recognition, sum(m.amount) AS amount, sum(m.amount_usd) AS amount_usd
FROM (` + statementMoved + `) m
GROUP BY m.account, m.currency, m.kind, m.before, m.released, m.recognition`
	receiptSums = `
SELECT l.currency, sum(l.part_amount * turned) AS amount, sum(l.part_usd * turned) AS amount_usd
FROM (` + statementReceipts + `) l` + turned("l.effective_date") + `
GROUP BY l.currency`
	heldSums = `
SELECT l.currency, sum(l.amount) AS amount, sum(l.amount_usd) AS amount_usd
FROM (` + statementHeld + `) l
GROUP BY l.currency`
	refundSums = `
SELECT l.currency, sum(l.amount * turned) AS amount, sum(l.amount_usd * turned) AS amount_usd
FROM (` + statementRefunds + `) l` + turned("l.effective_date") + `
GROUP BY l.currency`
	deliverySums = `
SELECT l.account, sum(l.amount_usd * turned + l.revalued_usd - (l.revalued_before_usd + l.revalued_usd) * undone) AS amount_usd
FROM (` + statementDeliveries + `) l` + turned("l.counts_on") + `
GROUP BY l.account`
)

// turned joins to each line l of a statement how often it counts: once on its day, and once less on that of its reversal, each
// when it is in the period, as turnoverOf has it. undone is 1 for a line that is reversed in it.
func turned(day string) string {
	return `
CROSS JOIN LATERAL (SELECT CASE WHEN l.reversed_on BETWEEN $3 AND $4 THEN 1 ELSE 0 END AS undone) u
CROSS JOIN LATERAL (SELECT CASE WHEN ` + day + ` >= $3 THEN 1 ELSE 0 END - undone AS turned) t`
}

// BuildTiedFundReport is [BuildFundReport] with a tie-out that has what the statements of all contributors tell, by the queries
// of the statements. Where there are two connections, the figures of the report are read at the same time as the statements and
// what is due.
// Errors: as [BuildFundReport].
func BuildTiedFundReport(ctx context.Context, snap *postgres.Snapshot, fund ledger.FundCode, year int) (*FundReport, error) {
	b, err := beginFundReport(ctx, snap, fund, year)
	if err != nil {
		return nil, err
	}
	var sums *summing
	err = snap.Both(ctx, func(ctx context.Context, _ *postgres.Snapshot) error {
		b.ctx = ctx // which ends when the other reading fails
		return b.readFigures()
	}, func(ctx context.Context, snap *postgres.Snapshot) (err error) {
		if sums, err = sumStatements(ctx, snap, fund, year); err != nil {
			return err
		}
		return b.readDue(ctx, snap)
	})
	if err != nil {
		return nil, err
	}
	b.ctx = ctx
	report, err := b.finish()
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
		b.codes = some
		if err := b.sumPledges(); err != nil { // planned for so many contributors, of whose lines it reads many
			return nil, err
		}
		if err := snap.ByKey(ctx, func() error { return inTurn(b.sumReceipts, b.sumHeld, b.sumRefunds, b.sumDeliveries) }); err != nil {
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

// sumCash adds up cash.
func (b *statementBuild) sumCash(name, query string, add func(ledger.FundCode, Value), args ...any) error {
	rows, err := read[struct {
		Currency  ledger.Currency
		Amount    decimal.Decimal
		AmountUSD decimal.Decimal `db:"amount_usd"`
	}](b.ctx, b.snap, name, query, args...)
	for _, r := range rows {
		add(b.request.Fund, value(r.Amount, r.Currency, r.AmountUSD))
	}
	return err
}

func (b *statementBuild) sumReceipts() error {
	return b.sumCash("sums of receipts", receiptSums, b.sums.received, b.turnedOf()...)
}

func (b *statementBuild) sumHeld() error {
	return b.sumCash("sums of advances", heldSums, b.sums.held, b.heldOf()...)
}

func (b *statementBuild) sumRefunds() error {
	return b.sumCash("sums of refunds", refundSums, b.sums.refunded, b.turnedOf()...)
}

func (b *statementBuild) sumDeliveries() error {
	rows, err := read[struct {
		Account   ledger.AccountCode
		AmountUSD decimal.Decimal `db:"amount_usd"`
	}](b.ctx, b.snap, "sums of deliveries", deliverySums, b.turnedOf()...)
	for _, r := range rows {
		b.sums.delivered(b.request.Fund, treatment(r.Account), r.AmountUSD)
	}
	return err
}
