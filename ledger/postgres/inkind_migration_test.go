package postgres_test

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	"github.com/pressly/goose/v3"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/migrations"
)

// TestInKindOnFullBooks brings a database of the schema before up to date that has gifts in kind in units of its own: what
// is recorded stays as it is, and its units are known.
func TestInKindOnFullBooks(t *testing.T) {
	t.Parallel()
	url, db := migratedFrom(t, 39, "before_in_kind.sql")
	store := ledgertest.Open(t, url)
	p, err := store.Pledges(t.Context(), postgres.PledgeFilter{}, [16]byte{}, 10)
	if err != nil || len(p) != 1 {
		t.Fatalf("%d pledges, %v", len(p), err)
	}
	if i := p[0].Items[0]; i.Unit != "shipload" || i.Declared.Currency != "" || i.Current().PerUnit().String() != "33.33 USD" || !i.ValuedOn.IsZero() {
		t.Errorf("the item is %+v", i)
	}
	d, err := store.Deliveries(t.Context(), postgres.DeliveryFilter{}, postgres.DeliveryKey{}, 10)
	if err != nil || len(d) != 1 || d[0].Evidence.Reference != "Bill of lading" || d[0].Expert != "" {
		t.Errorf("the deliveries are %+v, %v", d, err)
	}
	var units int
	if err := db.QueryRowContext(t.Context(), `SELECT count(*) FROM unit WHERE code IN ('shipload', 'crate', 'expert_day')`).Scan(&units); err != nil || units != 3 {
		t.Errorf("%d of three units are known: %v", units, err)
	}
}

// migratedFrom makes a database of an old version of the schema, runs a script of testdata there, and brings it up to date.
func migratedFrom(t *testing.T, version int64, script string) (url string, db *sql.DB) {
	t.Helper()
	url = ledgertest.Empty(t)
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() }) // the database itself is dropped
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := provider.UpTo(t.Context(), version); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(filepath.Join("testdata", script))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), string(b)); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Migrate(t.Context(), url); err != nil {
		t.Fatal(err)
	}
	return url, db
}
