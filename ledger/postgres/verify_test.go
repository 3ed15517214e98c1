package postgres_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"vcledger/ledger/ledgertest"
)

var update = flag.Bool("update", false, "write guards.txt anew")

// TestGuards holds the list of guards to what the migrations make.
func TestGuards(t *testing.T) {
	db := ledgertest.Connect(t, ledgertest.Database(t), "")
	var rows []string
	if err := db.Select(&rows, `SELECT name || E'\t' || definition FROM guard`); err != nil {
		t.Fatal(err)
	}
	slices.Sort(rows)
	got := strings.Join(rows, "\n") + "\n"
	if *update {
		if err := os.WriteFile("guards.txt", []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile("guards.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Error("the migrations make other guards than guards.txt lists: run this test with -update and read the difference")
	}
}
