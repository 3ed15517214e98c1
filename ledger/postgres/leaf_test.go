package postgres_test

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestLogOfTheBankOnFullBooks brings a database up to date whose bank's side was in no leaf: the next sealing has all of it, and
// the values stand in the records as they always will.
func TestLogOfTheBankOnFullBooks(t *testing.T) {
	t.Parallel()
	url, _ := migratedFrom(t, 84, "before_bank_log.sql")
	store := ledgertest.Open(t, url)
	seen, err := store.Verify(t.Context(), postgres.Verification{Found: func(d string) { t.Error(d) }})
	if err != nil {
		t.Fatal(err)
	}
	records, err := store.SealedRecords(t.Context(), "bank_statement", "bank_decision", "bank_rule", "bank_rule_end", "bank_explanation", "bank_sign_off")
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	for _, r := range records {
		fmt.Fprintln(&got, r.Kind)
		for _, name := range slices.Sorted(maps.Keys(r.Fields)) {
			if name != "recorded_at" && name != "actor_id" { // the instant of this run; an id that the sequence gave
				fmt.Fprintf(&got, "  %s = %s\n", name, r.Fields[name])
			}
		}
	}
	const path = "testdata/bank_leaves.txt"
	if *update {
		if err := os.WriteFile(path, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) || seen.Leaves == 0 {
		t.Errorf("the records of %d leaves are others than they were:\n%s", seen.Leaves, got.String())
	}
}
