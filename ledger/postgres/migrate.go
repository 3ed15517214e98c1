package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"

	"vcledger/migrations"
)

// Migrate brings the schema of a database up to date as its owner, under a lock so that two commands may try at once.
// It returns how many migrations it applied.
func Migrate(ctx context.Context, databaseURL string) (applied int, err error) {
	version, err := latestMigration()
	if err != nil {
		return 0, err
	}
	return migrateTo(ctx, databaseURL, version)
}

// migrateTo does what Migrate does up to a version.
func migrateTo(ctx context.Context, databaseURL string, version int64) (applied int, err error) {
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		return 0, fmt.Errorf("open the database: %w", err)
	}
	defer func() { _ = db.Close() }() // what mattered has been committed by then
	locker, err := lock.NewPostgresSessionLocker()
	if err != nil {
		return 0, fmt.Errorf("migration lock: %w", err)
	}
	provider, err := goose.NewProvider(goose.DialectPostgres, db, migrations.FS, goose.WithSessionLocker(locker))
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	results, err := provider.UpTo(ctx, version)
	if err != nil {
		return 0, fmt.Errorf("migrate the database: %w", err)
	}
	return len(results), nil
}

// Migrated reports whether the database has every migration that this program knows, and fails when it has one that the
// program does not: an older program must not write to a newer schema.
func (s *Store) Migrated(ctx context.Context) (bool, error) {
	var have int64
	if err := s.db.GetContext(ctx, &have, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`); err != nil {
		return false, fmt.Errorf("read the schema's version: %w", err)
	}
	want, err := latestMigration()
	if err != nil {
		return false, err
	}
	if have > want {
		return false, fmt.Errorf("the database has schema %d and this program knows %d: use the newer vcledger", have, want)
	}
	return have == want, nil
}

func latestMigration() (int64, error) {
	entries, err := migrations.FS.ReadDir(".")
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	version, err := goose.NumericComponent(entries[len(entries)-1].Name())
	if err != nil {
		return 0, fmt.Errorf("read the migrations: %w", err)
	}
	return version, nil
}

// Empty reports whether a database has no ledger yet and no table of anybody else's, so that it may be given one.
func Empty(ctx context.Context, databaseURL string) (bool, error) {
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		return false, fmt.Errorf("open the database: %w", err)
	}
	defer func() { _ = db.Close() }() // nothing was written
	var empty bool
	err = db.QueryRowContext(ctx, `SELECT NOT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public')`).Scan(&empty)
	if err != nil {
		return false, fmt.Errorf("look at the database: %w", err)
	}
	return empty, nil
}
