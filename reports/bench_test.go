package reports_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// linesEnv says how many journal lines the ledger of the benchmarks has.
const linesEnv = "VCLEDGER_BENCH_LINES"

// openLarge returns a ledger of that many lines, more or less. Up to 100,000 each constraint is checked as it is filled; the
// same rows in greater number are not checked again.
func openLarge(b *testing.B, lines int) book {
	url := ledgertest.Database(b)
	r := book{Store: ledgertest.Open(b, url), owner: ledgertest.Connect(b, url, "")}
	r.owner.MustExec(fmt.Sprintf(`SET bench.contributors = %d`, max(12, lines/520)))
	if lines > 100_000 {
		r.owner.MustExec(`SET session_replication_role = replica`)
	}
	for _, file := range []string{"fill.sql", "close.sql"} { // the ledger of vcledger bench
		r.run(b, "../../cmd/vcledger/bench/"+file)
	}
	r.owner.MustExec(`SET session_replication_role = origin`)
	r.owner.MustExec(`VACUUM (ANALYZE)`)
	var count int
	if err := r.owner.Get(&count, `SELECT count(*) FROM journal_line`); err != nil {
		b.Fatal(err)
	}
	b.Logf("%d lines", count)
	return r
}

// BenchmarkLarge measures what people wait for, on one ledger.
func BenchmarkLarge(b *testing.B) {
	lines := 10_000
	if given := os.Getenv(linesEnv); given != "" {
		var err error
		if lines, err = strconv.Atoi(given); err != nil {
			b.Fatal(err)
		}
	}
	r := openLarge(b, lines)
	one := reports.StatementRequest{Contributor: "C7", Period: days(b, "2025-01-01", "2025-12-31")}
	biggest := one
	biggest.Contributor = "C1"
	life := biggest
	life.Period = days(b, "2000-01-01", "2025-12-31")
	for _, tt := range []struct {
		name     string
		request  reports.StatementRequest
		receipts int
		write    func(io.Writer, any) error
	}{
		{"statement/json", one, 2, render.JSON},
		{"statement/pdf", one, 2, inEnglish(render.PDF)},
		{"statement of the biggest/json", biggest, 18, render.JSON},
		{"statement of the biggest/pdf", biggest, 18, inEnglish(render.PDF)},
		{"statement of the biggest, 26 years/json", life, 468, render.JSON},
		{"statement of the biggest, 26 years/pdf", life, 468, inEnglish(render.PDF)},
	} {
		b.Run(tt.name, func(b *testing.B) {
			measured(b, func() {
				s := statement(b, r.Store, always, tt.request)
				if len(s.Receipts) != tt.receipts {
					b.Fatalf("%d receipts, want %d", len(s.Receipts), tt.receipts)
				}
				if err := tt.write(io.Discard, s); err != nil {
					b.Fatal(err)
				}
			})
		})
	}
	for _, fund := range []ledger.FundCode{"F3", "GEN"} {
		b.Run("report of "+string(fund), func(b *testing.B) { measured(b, func() { buildYear(b, r, fund, false) }) })
		b.Run("report of "+string(fund)+" with all statements", func(b *testing.B) { measured(b, func() { buildYear(b, r, fund, true) }) })
	}
	b.Run("batch of 200 in pdf", func(b *testing.B) {
		books := ledgertest.OnStore(b, r.Store)
		first := ledgertest.Day("2024-12-01")
		measured(b, func() {
			first = first.AddDays(1) // a period is stated once
			issueBatch(b, r, books, reports.StatementRequest{Period: ledger.Period{From: first, To: ledgertest.Day("2025-12-31")}})
		})
	})
}

func inEnglish(write func(io.Writer, any, language.Language) error) func(io.Writer, any) error {
	return func(w io.Writer, doc any) error { return write(w, doc, language.English) }
}

// buildYear builds the last year of a fund, with what the statements of all contributors tell when tied.
func buildYear(b *testing.B, r book, fund ledger.FundCode, tied bool) {
	f := read(b, r.Store, ledger.Date{}, always, func(ctx context.Context, snap *postgres.Snapshot) (*reports.FundReport, error) {
		if tied {
			return reports.BuildTiedFundReport(ctx, snap, fund, 2025)
		}
		return reports.BuildFundReport(ctx, snap, fund, 2025)
	})
	if len(f.Groups) == 0 || len(f.TieOut.Differences()) > 0 {
		b.Fatalf("%d groups, differences %v", len(f.Groups), f.TieOut.Differences())
	}
}

// issueBatch issues up to 200 statements and draws each.
func issueBatch(b *testing.B, r book, books *ledgertest.Books, request reports.StatementRequest) {
	const size = 200
	enough := errors.New("enough")
	err := reports.IssueAll(b.Context(), r.Store, request, func(ledger.ContributorCode) (postgres.Command, error) { return books.Command(nil), nil },
		func(y reports.YearIssue) error {
			issued, err := r.Statement(b.Context(), y.Number)
			if err != nil {
				return err
			}
			s, err := reports.Thaw(issued)
			if err != nil {
				return err
			}
			if y.At == size {
				return enough
			}
			return render.PDF(io.Discard, s, language.English)
		})
	if err != nil && !errors.Is(err, enough) {
		b.Fatal(err)
	}
}

// measured runs a benchmark and reports the most memory that its heap had live beyond what it began with.
func measured(b *testing.B, run func()) {
	run() // prepares the statements
	b.ReportAllocs()
	heap := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	runtime.GC()
	metrics.Read(heap)
	before, most := heap[0].Value.Uint64(), uint64(0)
	for b.Loop() {
		run()
		metrics.Read(heap)
		most = max(most, heap[0].Value.Uint64())
	}
	b.ReportMetric(float64(max(most, before)-before)/(1<<20), "live-MiB")
}
