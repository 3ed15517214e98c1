package reports_test

import (
	"os"
	"strconv"
	"testing"
	"time"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// BenchmarkVerify seals a ledger and verifies it, as the night's run does.
func BenchmarkVerify(b *testing.B) {
	lines := 10_000
	if given := os.Getenv(linesEnv); given != "" {
		var err error
		if lines, err = strconv.Atoi(given); err != nil {
			b.Fatal(err)
		}
	}
	r := openLarge(b, lines)
	// What no trigger brought there, in a ledger that was filled without them.
	r.owner.MustExec(`
		DELETE FROM event_queue; INSERT INTO event_queue (entries) SELECT array_agg(id) FROM journal_entry;
		INSERT INTO log_queue (kind, key) SELECT 'contributor', code FROM contributor
		WHERE NOT EXISTS (SELECT FROM log_queue q WHERE q.kind = 'contributor' AND q.key = code);
		INSERT INTO log_queue (kind, key) SELECT 'fund', code FROM fund WHERE NOT EXISTS (SELECT FROM log_queue q WHERE q.kind = 'fund' AND q.key = code);
		INSERT INTO log_queue (kind, key) SELECT 'bank_account', code FROM bank_account
		WHERE NOT EXISTS (SELECT FROM log_queue q WHERE q.kind = 'bank_account' AND q.key = code)`)
	ledgertest.Signed(b, r.Store)
	began := time.Now()
	if err := r.Seal(b.Context()); err != nil {
		b.Fatal(err)
	}
	sealed := time.Since(began)
	keys, err := r.LogKeys(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	r.owner.MustExec(`VACUUM (ANALYZE)`)
	var seen postgres.Verified
	for b.Loop() {
		found := func(d string) { b.Error(d) }
		if seen, err = r.Verify(b.Context(), postgres.Verification{Keys: keys, Found: found}); err != nil {
			b.Fatal(err)
		}
		if _, err := reports.VerifyIssued(b.Context(), r.Store, keys, func(int64, int64) {}, found); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(seen.Leaves)/sealed.Seconds(), "sealed/s")
	b.ReportMetric(float64(seen.Leaves)*float64(b.N)/b.Elapsed().Seconds(), "verified/s")
	b.ReportMetric(float64(seen.Entries), "entries")
}
