package reports

import (
	"context"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// readMerges returns which records had been merged into which at the snapshot's instant, so that a document of an earlier
// instant stays as it was.
func readMerges(ctx context.Context, snap *postgres.Snapshot) (ledger.Merges, error) {
	rows, err := read[struct{ Absorbed, Survivor ledger.ContributorCode }](ctx, snap, "merges",
		`SELECT absorbed, survivor FROM contributor_merge WHERE recorded_at <= $1`, knownAt(snap))
	merges := make(ledger.Merges, len(rows))
	for _, r := range rows {
		merges[r.Absorbed] = r.Survivor
	}
	return merges, err
}

// textCodes returns codes as a query takes them.
func textCodes(codes []ledger.ContributorCode) []string {
	list := make([]string, len(codes))
	for i, c := range codes {
		list[i] = string(c)
	}
	return list
}
