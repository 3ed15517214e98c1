package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/lib/pq"
)

// access are the tables of who may come in and who came. An export of the journal leaves them out: it is read by others.
var access = []string{"api_key", "audit", "session"}

// BackupOptions say what goes into an archive.
type BackupOptions struct {
	Journal  bool                                 // the books alone, without keys, sessions and the audit trail
	Progress func(table string, at, tables int64) // called before each table; nil is allowed
}

// Backup writes everything that a database holds as an archive, as it stood at one instant, and returns what it wrote.
// Postings go on meanwhile. It asks as the database's owner, and needs memory for one row.
func Backup(ctx context.Context, databaseURL string, w io.Writer, o BackupOptions) (*Archive, error) {
	db, err := sql.Open("postgres", databaseURL)
	if err != nil {
		return nil, fmt.Errorf("open the database: %w", err)
	}
	defer func() { _ = db.Close() }() // nothing was written
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // it only read
	if err := plainText(ctx, tx); err != nil {
		return nil, err
	}
	a := &Archive{Name: archiveName, Version: archiveVersion}
	err = tx.QueryRowContext(ctx, `
		SELECT (SELECT coalesce(max(version_id), 0) FROM goose_db_version WHERE is_applied), current_setting('server_version'), now()`).
		Scan(&a.Schema, &a.Server, &a.TakenAt)
	if err != nil {
		return nil, fmt.Errorf("look at the database: %w", err)
	}
	if a.Tables, err = tablesOf(ctx, tx); err != nil {
		return nil, err
	}
	if o.Journal {
		a.Tables = slices.DeleteFunc(a.Tables, func(t ArchiveTable) bool { return slices.Contains(access, t.Name) })
	}
	if a.Sequences, err = sequencesOf(ctx, tx); err != nil {
		return nil, err
	}
	out := newHashed(w)
	if err := out.mark(a); err != nil {
		return nil, err
	}
	for i, t := range a.Tables {
		if o.Progress != nil {
			o.Progress(t.Name, int64(i), int64(len(a.Tables)))
		}
		end, err := readTable(ctx, tx, t, out)
		if err != nil {
			return nil, err
		}
		a.ends, a.rows = append(a.ends, end), a.rows+end.Rows
		if err := out.mark(end); err != nil {
			return nil, err
		}
	}
	if err := out.mark(archiveEnd{End: true, Rows: a.rows, SHA256: sum(out.all)}); err != nil {
		return nil, err
	}
	return a, out.w.Flush()
}

// plainText makes PostgreSQL write every value in the one form that an archive has, and refuse to leave out rows.
func plainText(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, `
		SELECT set_config('TimeZone', 'UTC', true), set_config('DateStyle', 'ISO, YMD', true), set_config('IntervalStyle', 'postgres', true),
		       set_config('bytea_output', 'hex', true), set_config('extra_float_digits', '1', true), set_config('row_security', 'off', true),
		       set_config('search_path', 'public', true)`)
	if err != nil {
		return fmt.Errorf("set the form of values: %w", err)
	}
	return nil
}

// tablesOf lists the ledger's tables by name. The list of migrations is none of them: a restore makes that by migrating.
func tablesOf(ctx context.Context, tx *sql.Tx) ([]ArchiveTable, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
		FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
		WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND c.relname <> 'goose_db_version'
		GROUP BY c.relname ORDER BY c.relname COLLATE "C"`)
	if err != nil {
		return nil, fmt.Errorf("list the tables: %w", err)
	}
	defer func() { _ = rows.Close() }() // the error of reading is rows.Err below
	var list []ArchiveTable
	for rows.Next() {
		var t ArchiveTable
		if err := rows.Scan(&t.Name, pq.Array(&t.Columns)); err != nil {
			return nil, fmt.Errorf("list the tables: %w", err)
		}
		list = append(list, t)
	}
	return list, rows.Err()
}

// sequencesOf reads where the sequences stand. They do not belong to the snapshot and can be ahead of it, which leaves a gap
// and nothing else.
func sequencesOf(ctx context.Context, tx *sql.Tx) ([]ArchiveSequence, error) {
	rows, err := tx.QueryContext(ctx, `
		SELECT sequencename, coalesce(last_value, start_value), last_value IS NOT NULL FROM pg_sequences
		WHERE schemaname = 'public' AND sequencename <> 'goose_db_version_id_seq' ORDER BY sequencename`)
	if err != nil {
		return nil, fmt.Errorf("list the sequences: %w", err)
	}
	defer func() { _ = rows.Close() }() // the error of reading is rows.Err below
	var list []ArchiveSequence
	for rows.Next() {
		var s ArchiveSequence
		if err := rows.Scan(&s.Name, &s.Last, &s.Called); err != nil {
			return nil, fmt.Errorf("list the sequences: %w", err)
		}
		list = append(list, s)
	}
	return list, rows.Err()
}

// readTable writes the rows of a table in the order of its primary key, so that equal tables are equal bytes,
// whatever the database's collation.
func readTable(ctx context.Context, tx *sql.Tx, t ArchiveTable, out *hashed) (tableEnd, error) {
	end := tableEnd{Table: t.Name}
	var order string
	err := tx.QueryRowContext(ctx, `
		SELECT coalesce((SELECT string_agg(quote_ident(a.attname) || CASE WHEN a.attcollation <> 0 THEN ' COLLATE "C"' ELSE '' END, ', ' ORDER BY k.n)
		                 FROM pg_index i CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY k(attnum, n)
		                 JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
		                 WHERE i.indrelid = $1::regclass AND i.indisprimary), $2)`,
		pq.QuoteIdentifier(t.Name), quoted(t.Columns, `::text COLLATE "C"`)).Scan(&order)
	if err != nil {
		return end, fmt.Errorf("look at table %s: %w", t.Name, err)
	}
	// The names come from PostgreSQL's catalogue, or were compared with it.
	rows, err := tx.QueryContext(ctx, `SELECT to_json(ARRAY[`+quoted(t.Columns, "::text")+`])::text FROM `+pq.QuoteIdentifier(t.Name)+` ORDER BY `+order)
	if err != nil {
		return end, fmt.Errorf("read table %s: %w", t.Name, err)
	}
	defer func() { _ = rows.Close() }() // the error of reading is rows.Err below
	out.table.Reset()
	var line sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&line); err != nil {
			return end, fmt.Errorf("read table %s: %w", t.Name, err)
		}
		if err := out.row(line); err != nil {
			return end, fmt.Errorf("write the archive: %w", err)
		}
		end.Rows++
	}
	if err := rows.Err(); err != nil {
		return end, fmt.Errorf("read table %s: %w", t.Name, err)
	}
	end.SHA256 = sum(out.table)
	return end, nil
}

// quoted returns a list of columns for SQL, each with what follows it.
func quoted(columns []string, then string) string {
	list := make([]string, len(columns))
	for i, c := range columns {
		list[i] = pq.QuoteIdentifier(c) + then
	}
	return strings.Join(list, ", ")
}
