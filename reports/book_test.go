package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestMain(m *testing.M) { os.Exit(ledgertest.Main(m)) }

// always is an instant at which everything that a test records is known, and the same in every run.
var always = time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)

// book is a ledger with the events of testdata/book.sql.
type book struct {
	*postgres.Store
	owner *sqlx.DB
}

func openBook(t testing.TB) book {
	t.Helper()
	url := ledgertest.Database(t)
	b := book{Store: ledgertest.Open(t, url), owner: ledgertest.Connect(t, url, "")}
	b.run(t, "book.sql")
	return b
}

// run executes a file of testdata in one transaction, on the one connection that has its functions.
func (b book) run(t testing.TB, file string) {
	t.Helper()
	script, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.owner.Exec(string(script)); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// days returns a period.
func days(t testing.TB, from, to string) ledger.Period {
	t.Helper()
	first, err := ledger.ParseDate(from)
	if err != nil {
		t.Fatal(err)
	}
	last, err := ledger.ParseDate(to)
	if err != nil {
		t.Fatal(err)
	}
	return ledger.Period{From: first, To: last}
}

// read builds a document and fails the test when that fails.
func read[T any](t testing.TB, s *postgres.Store, asOf ledger.Date, knownAt time.Time, build func(context.Context, *postgres.Snapshot) (T, error)) T {
	t.Helper()
	var doc T
	err := s.Read(context.Background(), asOf, knownAt, func(snap *postgres.Snapshot) (err error) {
		doc, err = build(context.Background(), snap)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func statement(t testing.TB, s *postgres.Store, knownAt time.Time, r reports.StatementRequest) *reports.Statement {
	t.Helper()
	return read(t, s, ledger.Date{}, knownAt, func(ctx context.Context, snap *postgres.Snapshot) (*reports.Statement, error) {
		return reports.BuildStatement(ctx, snap, r)
	})
}

// fundReport builds a report with its tie-out, and holds the overview of the same year against it.
func fundReport(t testing.TB, s *postgres.Store, fund ledger.FundCode, year int) *reports.FundReport {
	t.Helper()
	report := read(t, s, ledger.Date{}, always, func(ctx context.Context, snap *postgres.Snapshot) (*reports.FundReport, error) {
		return reports.BuildTiedFundReport(ctx, snap, fund, year)
	})
	overview := read(t, s, ledger.Date{}, always, func(ctx context.Context, snap *postgres.Snapshot) (*reports.FundOverview, error) {
		return reports.BuildFundOverview(ctx, snap, fund, year)
	})
	if diff := cmp.Diff(asJSON(t, &reports.FundOverview{Schema: reports.FundOverviewSchema, Fund: report.Fund, Year: report.Year, Period: report.Period, AsOf: report.AsOf, KnownAt: report.KnownAt,
		Years: report.Years, Largest: report.Largest, Receivables: report.Receivables}), asJSON(t, overview)); diff != "" {
		t.Errorf("the overview differs from the report (-report +overview):\n%s", diff)
	}
	return report
}

func asJSON(t testing.TB, doc any) string {
	t.Helper()
	text, err := json.MarshalIndent(doc, "", "\t")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// golden holds bytes against a file of testdata, or writes it with -update.
func golden(t *testing.T, file string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; run go test with -update and read what changed (-want +got):\n%s", file, cmp.Diff(string(want), string(got)))
	}
}
