package reports

import (
	"context"
	"slices"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// statementsAtOnce is for how many contributors the statements are added up at a time: it bounds the memory.
const statementsAtOnce = 200

// TieStatements adds to the tie-out of a report what the statements of all contributors tell, by the queries of the
// statements. The snapshot is that of the report.
func TieStatements(ctx context.Context, snap *postgres.Snapshot, r *FundReport) error {
	merges, err := readMerges(ctx, snap)
	if err != nil {
		return err
	}
	// A contributor without a line in the fund has nothing in its statement. Index: journal_line_balance.
	codes, err := read[string](ctx, snap, "contributors", `
		SELECT code FROM contributor WHERE code IN (SELECT contributor FROM journal_line WHERE fund = $1) ORDER BY code COLLATE "C"`, r.Fund.Code)
	if err != nil {
		return err
	}
	sums := newSumming()
	for some := range slices.Chunk(codes, statementsAtOnce) {
		b := statementBuild{ctx: ctx, snap: snap, end: lastDay(snap, r.Period.To.Date), sums: sums, codes: some, merges: merges, Statement: &Statement{},
			request: StatementRequest{Period: ledger.Period{From: r.Period.From.Date, To: r.Period.To.Date}, Fund: r.Fund.Code}}
		if err := inTurn(b.readPledges, b.readReceipts, b.readHeld, b.readRefunds, b.readDeliveries); err != nil {
			return err
		}
	}
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
	return nil
}
