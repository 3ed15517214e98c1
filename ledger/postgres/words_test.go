package postgres_test

import (
	"slices"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestEntryKinds holds the kinds of entry that the program knows against those that the database takes.
func TestEntryKinds(t *testing.T) {
	db := ledgertest.Connect(t, ledgertest.Database(t), "")
	var rows []ledger.EntryKind
	if err := db.Select(&rows, `SELECT code FROM entry_kind ORDER BY code`); err != nil {
		t.Fatal(err)
	}
	want := slices.Sorted(slices.Values(ledger.EntryKinds))
	if !slices.Equal(rows, want) {
		t.Errorf("the database takes %v, the program knows %v", rows, want)
	}
}
