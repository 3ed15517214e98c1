package postgres_test

import (
	"flag"
	"os"
	"slices"
	"strings"
	"testing"

	"vcledger/ledger/ledgertest"
)

var update = flag.Bool("update", false, "write guards.txt and testdata/distribution.txt anew")

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

// TestBrokenConstraints breaks conditions and references of one and of several columns while nothing watches: each is named with
// how many rows break it, and no other.
func TestBrokenConstraints(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	p := b.Agree(b.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	b.Receipt("10.00 EUR", "2026-03-07", ledgertest.To(p, "10.00 EUR"))
	b.Receipt("20.00 EUR", "2026-03-08", ledgertest.To(p, "20.00 EUR"))
	owner := ledgertest.Connect(t, url, "")
	broken := func() []string {
		t.Helper()
		var list []string
		if err := owner.Select(&list, `SELECT rows || ' ' || guard FROM broken_constraints((SELECT array_agg(oid::regclass) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')) ORDER BY guard`); err != nil {
			t.Fatal(err)
		}
		return list
	}
	if list := broken(); len(list) > 0 {
		t.Errorf("as they were recorded: %v", list)
	}
	owner.MustExec(`SET session_replication_role = replica`)
	for _, x := range []struct{ change, want string }{
		{`UPDATE allocation SET receipt_id = gen_random_uuid() WHERE amount = 10`, "1 allocation_receipt_id_fkey"},
		{`ALTER TABLE allocation DROP CONSTRAINT allocation_amount_positive; UPDATE allocation SET amount = -amount; ALTER TABLE allocation ADD CONSTRAINT allocation_amount_positive CHECK (amount > 0) NOT VALID`,
			"2 allocation_amount_positive"},
	} {
		owner.MustExec(x.change)
		if list := broken(); !slices.Contains(list, x.want) {
			t.Errorf("%s: %v", x.want, list)
		}
	}
	if list := broken(); len(list) != 2 {
		t.Errorf("more is named than what was broken: %v", list)
	}
}
