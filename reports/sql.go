package reports

import (
	"context"
	"embed"
	"fmt"

	"vcledger/ledger/postgres"
)

// The queries, each a file so that an auditor can run it as it stands.
var (
	//go:embed sql/statement_moved.sql
	statementMoved string
	//go:embed sql/statement_pledges.sql
	statementPledges string
	//go:embed sql/statement_items.sql
	statementItems string
	//go:embed sql/statement_receipts.sql
	statementReceipts string
	//go:embed sql/statement_held.sql
	statementHeld string
	//go:embed sql/statement_deliveries.sql
	statementDeliveries string
	//go:embed sql/fundreport_lines.sql
	fundReportLines string
	//go:embed sql/fundreport_openings.sql
	fundReportOpenings string
	//go:embed sql/fundreport_purposes.sql
	fundReportPurposes string
	//go:embed sql/fundreport_bank.sql
	fundReportBank string
	//go:embed sql/fundreport_receipts.sql
	fundReportReceipts string
	//go:embed sql/fundreport_deliveries.sql
	fundReportDeliveries string
	//go:embed sql/fundreport_in_kind.sql
	fundReportInKind string
	//go:embed sql/fundreport_transfers.sql
	fundReportTransfers string
	//go:embed sql/fundreport_unidentified.sql
	fundReportUnidentified string
	//go:embed sql/statement_use.sql
	statementUse string
	//go:embed sql/bodies.sql
	bodies string
	//go:embed sql/statement_refunds.sql
	statementRefunds string
	//go:embed sql/fundreport_refunds.sql
	fundReportRefunds string
	//go:embed sql/statement_changes.sql
	changes string
	//go:embed sql/statement_contributors.sql
	statementContributors string
	//go:embed sql/adjustments.sql
	adjustments string
	//go:embed sql/newness.sql
	newness string
	//go:embed sql/due.sql
	due string
	//go:embed sql/held.sql
	held string
	//go:embed sql/trialbalance.sql
	trialBalance string
	//go:embed sql/available_cash.sql
	availableCash string
	//go:embed sql/available_balances.sql
	availableBalances string
	//go:embed sql/use_lines.sql
	useLines string
	//go:embed sql/use_expenditures.sql
	useExpenditures string
)

// Queries has every query file of the package, for the checks that prepare them against the schema.
//
//go:embed sql/*.sql
var Queries embed.FS

// each calls fn with each row of a query, as it arrives: for queries that have several rows for a contributor. It names the query in
// an error.
func each[T any](ctx context.Context, snap *postgres.Snapshot, name, query string, fn func(T) error, args ...any) error {
	var row T
	if err := snap.Each(ctx, &row, func() error { return fn(row) }, query, args...); err != nil {
		return fmt.Errorf("read the %s: %w", name, err)
	}
	return nil
}

// read selects the rows of a query and names the query in an error.
func read[T any](ctx context.Context, snap *postgres.Snapshot, name, query string, args ...any) ([]T, error) {
	var rows []T
	if err := snap.Select(ctx, &rows, query, args...); err != nil {
		return nil, fmt.Errorf("read the %s: %w", name, err)
	}
	return rows, nil
}
