package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"github.com/lib/pq"
)

// RestoreOptions say how a restore is followed.
type RestoreOptions struct {
	Progress func(phase string, at, of int64) // nil is allowed
}

// Restore loads an archive into a database that has no ledger yet, as its owner, and returns what it loaded. The archive is
// read twice: whole, before the database is touched, and then into one transaction, which ends with every table read back
// and compared. After an error the database is as empty as before. The schema is brought up to date when all is loaded.
// Errors: those that wrap ErrArchive when the archive is not whole.
func Restore(ctx context.Context, databaseURL string, archive io.ReadSeeker, o RestoreOptions) (a *Archive, err error) {
	if o.Progress == nil {
		o.Progress = func(string, int64, int64) {}
	}
	a, err = readArchive(archive, func(a *Archive, t ArchiveTable) error {
		o.Progress("check", place(a, t), int64(len(a.Tables)))
		return ctx.Err()
	}, func([]*string) error { return nil })
	if err != nil {
		return nil, err
	}
	known, err := latestMigration()
	if err != nil {
		return nil, err
	}
	if a.Schema > known {
		return nil, fmt.Errorf("the archive has schema %d and this program knows %d: use the newer vcledger", a.Schema, known)
	}
	if _, err := archive.Seek(0, io.SeekStart); err != nil {
		return nil, fmt.Errorf("read the archive again: %w", err)
	}
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	defer func() { _ = db.Close() }() // what mattered has been committed by then
	made, err := blank(ctx, db, a.Schema)
	if err != nil {
		return nil, err
	}
	loaded := false
	defer func() {
		if made && !loaded {
			err = errors.Join(err, unmake(context.WithoutCancel(ctx), db))
		}
	}()
	if _, err := migrateTo(ctx, databaseURL, a.Schema); err != nil {
		return nil, err
	}
	if err := load(ctx, db, archive, a, o); err != nil {
		return nil, err
	}
	loaded = true
	o.Progress("analyze", 0, 1)
	if _, err := db.ExecContext(ctx, `VACUUM (ANALYZE)`); err != nil {
		return nil, fmt.Errorf("the archive is loaded, but the database's statistics are not made: %w", err)
	}
	if _, err := Migrate(ctx, databaseURL); err != nil {
		return nil, fmt.Errorf("the archive is loaded, but its schema is not brought up to date: %w", err)
	}
	return a, nil
}

// place returns where a table stands in an archive.
func place(a *Archive, t ArchiveTable) int64 {
	return int64(slices.IndexFunc(a.Tables, func(o ArchiveTable) bool { return o.Name == t.Name }))
}

// blank checks that nothing is lost when the archive is loaded: the database has no table (empty), or has the very schema and
// nothing was ever recorded in it, as a restore leaves it that was killed.
func blank(ctx context.Context, db *sql.DB, schema int64) (empty bool, err error) {
	var ledger bool
	err = db.QueryRowContext(ctx, `
		SELECT NOT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'public'), to_regclass('public.goose_db_version') IS NOT NULL`).Scan(&empty, &ledger)
	if err != nil {
		return false, fmt.Errorf("look at the database: %w", err)
	}
	if empty {
		return true, nil
	}
	if ledger {
		var version int64
		if err := db.QueryRowContext(ctx, `SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied`).Scan(&version); err != nil {
			return false, fmt.Errorf("read the schema's version: %w", err)
		}
		if version == schema {
			var used bool
			err := db.QueryRowContext(ctx, `
				SELECT EXISTS (SELECT FROM fund) OR EXISTS (SELECT FROM contributor) OR EXISTS (SELECT FROM journal_entry)
				    OR EXISTS (SELECT FROM idempotency_key) OR (SELECT count(*) FROM actor) > 1`).Scan(&used)
			if err != nil {
				return false, fmt.Errorf("look at the database: %w", err)
			}
			if !used {
				return false, nil
			}
		}
	}
	return false, errors.New("the database is not empty: restore into a new database or a new --data-dir")
}

// load fills the tables in one transaction. PostgreSQL checks what it checks of every row, but for two things. Foreign keys
// are taken off and put on again when everything is there, so that the order of tables is nobody's concern and each is
// checked at once for all rows. The ledger's triggers are off, since they would give every row a new instant and a place in
// the change stream; that the rows are those that passed the triggers once is what the hashes say, and check looks at the sums.
func load(ctx context.Context, db *sql.DB, archive io.Reader, checked *Archive, o RestoreOptions) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	if err := plainText(ctx, tx); err != nil {
		return err
	}
	tables, err := tablesOf(ctx, tx)
	if err != nil {
		return err
	}
	if err := sameTables(checked.Tables, tables); err != nil {
		return err
	}
	before, err := schemaOf(ctx, tx)
	if err != nil {
		return err
	}
	keys, err := takeOff(ctx, tx, tables)
	if err != nil {
		return err
	}
	var in *copying
	defer func() { in.abandon() }()
	var row []any // used again for every row
	_, err = readArchive(archive, func(a *Archive, t ArchiveTable) (err error) {
		if !reflect.DeepEqual(a.Tables, checked.Tables) {
			return fmt.Errorf("%w: it changed while it was read", ErrArchive)
		}
		o.Progress("load", place(a, t), int64(len(a.Tables)))
		if err := in.end(ctx); err != nil {
			return err
		}
		row = make([]any, len(t.Columns))
		in, err = copyInto(ctx, tx, t.Name, t.Columns)
		return err
	}, func(values []*string) error {
		for i, v := range values {
			if row[i] = nil; v != nil {
				row[i] = *v
			}
		}
		return in.row(ctx, row)
	})
	if err := errors.Join(err, in.end(ctx)); err != nil {
		return err
	}
	for _, s := range checked.Sequences {
		if _, err := tx.ExecContext(ctx, `SELECT setval(quote_ident($1)::regclass, $2, $3)`, s.Name, s.Last, s.Called); err != nil {
			return fmt.Errorf("set sequence %s: %w", s.Name, err)
		}
	}
	o.Progress("constraints", 0, 1)
	if err := putOn(ctx, tx, tables, keys); err != nil {
		return err
	}
	after, err := schemaOf(ctx, tx)
	if err != nil {
		return err
	}
	if !slices.Equal(before, after) {
		return errors.New("the constraints and triggers are not those of the migrations")
	}
	if err := check(ctx, tx, checked, o); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// sameTables compares an archive with the schema that it is loaded into. An export of the journal lacks the tables of access.
func sameTables(archive, schema []ArchiveTable) error {
	missing := slices.Clone(schema)
	for _, t := range archive {
		i := slices.IndexFunc(missing, func(m ArchiveTable) bool { return m.Name == t.Name })
		if i < 0 {
			return fmt.Errorf("%w: it has a table %s, which its schema does not have", ErrArchive, t.Name)
		}
		if !slices.Equal(missing[i].Columns, t.Columns) {
			return fmt.Errorf("%w: its table %s has other columns than its schema says", ErrArchive, t.Name)
		}
		missing = slices.Delete(missing, i, i+1)
	}
	missing = slices.DeleteFunc(missing, func(t ArchiveTable) bool { return slices.Contains(access, t.Name) })
	if len(missing) > 0 {
		return fmt.Errorf("%w: it lacks table %s", ErrArchive, missing[0].Name)
	}
	return nil
}

// takeOff switches the ledger's triggers off, takes off the foreign keys and empties the tables of what the migrations put
// into them. It returns the statements that put the keys on again.
func takeOff(ctx context.Context, tx *sql.Tx, tables []ArchiveTable) ([]string, error) {
	var off, on []string
	err := tx.QueryRowContext(ctx, `
		SELECT coalesce(array_agg(format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname) ORDER BY oid), '{}'),
		       coalesce(array_agg(format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) ORDER BY oid), '{}')
		FROM pg_constraint WHERE contype = 'f' AND connamespace = 'public'::regnamespace`).Scan(pq.Array(&off), pq.Array(&on))
	if err != nil {
		return nil, fmt.Errorf("list the foreign keys: %w", err)
	}
	names := make([]string, len(tables))
	for i, t := range tables {
		names[i] = t.Name
		off = append(off, `ALTER TABLE `+pq.QuoteIdentifier(t.Name)+` DISABLE TRIGGER USER`)
	}
	off = append(off, `TRUNCATE `+quoted(names, ""))
	return on, each(ctx, tx, off)
}

// putOn undoes what takeOff did; PostgreSQL checks every row against the foreign keys.
func putOn(ctx context.Context, tx *sql.Tx, tables []ArchiveTable, keys []string) error {
	for _, t := range tables {
		keys = append(keys, `ALTER TABLE `+pq.QuoteIdentifier(t.Name)+` ENABLE TRIGGER USER`)
	}
	return each(ctx, tx, keys)
}

func each(ctx context.Context, tx *sql.Tx, statements []string) error {
	for _, s := range statements {
		if _, err := tx.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// schemaOf lists what guards the tables: constraints, triggers and whether they are on, indexes and policies.
func schemaOf(ctx context.Context, tx *sql.Tx) ([]string, error) {
	var list []string
	err := tx.QueryRowContext(ctx, `
		SELECT array_agg(line ORDER BY line COLLATE "C") FROM (
		    SELECT format('%s %s %s %s', conrelid::regclass, conname, convalidated, pg_get_constraintdef(oid)) AS line
		    FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0
		    UNION ALL
		    SELECT format('%s %s %s', tgrelid::regclass, tgenabled, pg_get_triggerdef(t.oid))
		    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'public'::regnamespace AND NOT tgisinternal
		    UNION ALL
		    SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
		    UNION ALL
		    SELECT format('%s %s %s', tablename, policyname, qual) FROM pg_policies WHERE schemaname = 'public') s`).Scan(pq.Array(&list))
	if err != nil {
		return nil, fmt.Errorf("list the constraints: %w", err)
	}
	return list, nil
}

// unmake drops what the migrations made in a database that was empty.
func unmake(ctx context.Context, db *sql.DB) error {
	_, err := db.ExecContext(ctx, `
		DO $$
		DECLARE
		    statement text;
		BEGIN
		    FOR statement IN
		        SELECT format('DROP TABLE IF EXISTS public.%I CASCADE', relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
		        UNION ALL
		        SELECT format('DROP VIEW IF EXISTS public.%I CASCADE', relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'v'
		        UNION ALL
		        SELECT format('DROP SEQUENCE IF EXISTS public.%I CASCADE', relname) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'S'
		        UNION ALL
		        SELECT format('DROP ROUTINE IF EXISTS public.%I(%s) CASCADE', proname, pg_get_function_identity_arguments(p.oid)) FROM pg_proc p
		        WHERE pronamespace = 'public'::regnamespace AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
		    LOOP
		        EXECUTE statement;
		    END LOOP;
		END $$`)
	if err != nil {
		return fmt.Errorf("take away what was made: %w", err)
	}
	return nil
}
