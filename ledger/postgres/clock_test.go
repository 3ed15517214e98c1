package postgres_test

import (
	"bytes"
	"testing"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestClockSetBack sets the clock back by an hour, as the books see it: what they sealed then lies an hour ahead. Nothing is recorded,
// what was known at an instant stays the same, the log is sealed and verifies; and when the clock has caught up the same requests are
// carried out, once.
func TestClockSetBack(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	books := ledgertest.NewBooksOn(t, url)
	books.Receipt("10.00 EUR", "2026-03-02")
	if err := books.Seal(t.Context()); err != nil {
		t.Fatal(err)
	}
	known := func() (n int) {
		t.Helper()
		err := books.Read(t.Context(), ledger.Date{}, time.Now().Add(30*time.Minute), func(snap *postgres.Snapshot) error {
			return snap.Get(t.Context(), &n, `SELECT count(*) FROM journal_line WHERE recorded_at <= $1`, snap.KnownAt)
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	owner := ledgertest.Connect(t, url, "")
	owner.MustExec(`SET session_replication_role = replica`)
	// What is recorded lies an hour ahead of the clock. Which instants a record bears is in its leaf, so the sealings alone move.
	owner.MustExec(`UPDATE log_batch SET recorded_at = recorded_at + interval '1 hour' WHERE size = (SELECT max(size) FROM log_batch)`)
	before := known()
	in := postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("10.00 EUR"), ValueDate: day("2026-03-07")}
	for range 3 {
		_, err := books.RecordReceipt(t.Context(), books.CommandUnder("late", nil), in)
		wantRule(t, err, ledger.RuleUnavailable)
	}
	if after := known(); after != before {
		t.Errorf("%d lines were known, and now %d", before, after)
	}
	// A record that came between the last sealing and the change of the clock is sealed all the same, and the log's time stays ahead.
	owner.MustExec(`INSERT INTO unit (code) VALUES ('late'); INSERT INTO log_queue (kind, key) VALUES ('unit', 'late')`)
	seen, err := books.Verify(t.Context(), postgres.Verification{Found: func(d string) { t.Error(d) }})
	if err != nil {
		t.Fatal(err)
	}
	var ahead bool
	if err := owner.Get(&ahead, `SELECT recorded_at > now() + interval '50 minutes' FROM log_batch ORDER BY size DESC LIMIT 1`); err != nil || !ahead {
		t.Errorf("the last sealing is not as late as the one before: %v", err)
	}
	owner.MustExec(`UPDATE log_batch SET recorded_at = now() - size * interval '1 millisecond'`) // the clock has caught up
	for range 2 {
		books.Do(books.RecordReceipt(t.Context(), books.CommandUnder("late", nil), in))
	}
	next, err := books.Verify(t.Context(), postgres.Verification{Found: func(d string) { t.Error(d) }})
	if err != nil || next.Entries != seen.Entries+1 || bytes.Equal(next.Root[:], seen.Root[:]) {
		t.Errorf("%d entries, then %d, %v", seen.Entries, next.Entries, err)
	}
}
