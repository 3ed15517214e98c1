package reports_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// changes is how many random changes are tried.
const changes = 240

// sealedColumns are the columns of the sealed tables with their types, as the database has them; what the log leaves out, the
// documentation of the log names.
const sealedColumns = `
	SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
	WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
	  AND c.relname <> ALL ('{audit,api_key,session,idempotency_key,entry_kind,goose_db_version,log_seed,log_queue,event_queue,log_voucher}')
	  AND (c.relname, a.attname) NOT IN (('contributor', 'contact'), ('contributor', 'email'), ('fund', 'charges'), ('fund', 'rate_source'),
	      -- what an officer may edit of a bank account, which no document shows:
	      ('bank_account', 'iban'), ('bank_account', 'number'), ('bank_account', 'bank'), ('bank_account', 'mapping'),
	      ('event', 'recorded_at'), ('log_batch', 'recorded_at'), ('log_checkpoint', 'recorded_at'), ('log_batch', 'events'), ('log_checkpoint', 'key'))
	ORDER BY 1, a.attnum`

// other is an expression for another value of a column's type.
func other(column, typ string) string {
	switch typ {
	case "numeric", "bigint", "smallint", "integer":
		return "coalesce(" + column + ", 0) + 1"
	case "date":
		return "coalesce(" + column + " - 1, '2020-02-02')"
	case "timestamp with time zone":
		return column + " - interval '1 day'"
	case "boolean":
		return "NOT coalesce(" + column + ", false)"
	case "uuid":
		return "gen_random_uuid()"
	case "bytea":
		return "set_byte(" + column + ", 0, 255 - get_byte(" + column + ", 0))"
	case "text[]":
		return column + " || 'X'::text"
	case "jsonb":
		return `'{"x": 1}'::jsonb || jsonb_build_object('y', ` + column + `)`
	}
	return "coalesce(" + column + ", '') || 'X'"
}

// TestTampering changes one thing at a time as a superuser whom no trigger stops: a value, a row less, a row more, two rows
// that change places, a date moved back. Each change is found, and taken back.
func TestTampering(t *testing.T) {
	b, public := signed(t)
	file := b.file(t, "XAA", "2024-01-01", "2024-12-31")
	ctx := context.Background()
	keys, err := b.LogKeys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	look := func() (found []string) {
		t.Helper()
		tell := func(d string) { found = append(found, d) }
		if _, err := b.Verify(ctx, postgres.Verification{Keys: keys, Found: tell}); err != nil {
			return append(found, err.Error()) // it cannot even be read
		}
		if _, err := reports.VerifyIssued(ctx, b.Store, keys, func(int64, int64) {}, tell); err != nil {
			t.Fatal(err)
		}
		return found
	}
	if found := look(); len(found) > 0 {
		t.Fatalf("the books as they were recorded: %s", strings.Join(found, "\n"))
	}
	var columns []struct{ Table, Column, Type string }
	if err := b.owner.Select(&columns, sealedColumns); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, c := range columns {
		if _, ok := counts[c.Table]; !ok {
			var n int
			if err := b.owner.Get(&n, "SELECT count(*) FROM "+c.Table); err != nil {
				t.Fatal(err)
			}
			counts[c.Table] = n
		}
	}
	columns = slices.DeleteFunc(columns, func(c struct{ Table, Column, Type string }) bool { return counts[c.Table] == 0 })
	r := rand.New(rand.NewPCG(7, 7))
	b.owner.MustExec("SET session_replication_role = replica")
	kinds := map[string]int{}
	for i := range changes {
		c := columns[i*5%len(columns)] // spread over all tables
		row := r.IntN(counts[c.Table])
		at := fmt.Sprintf("ctid = (SELECT ctid FROM %[1]s ORDER BY (%[1]s.*)::text OFFSET %[2]d LIMIT 1)", c.Table, row)
		kind, change := "alter", fmt.Sprintf("UPDATE %s SET %s = %s WHERE %s", c.Table, c.Column, other(c.Column, c.Type), at)
		if i%6 == 0 {
			kind, change = "delete", fmt.Sprintf("DELETE FROM %s WHERE %s", c.Table, at)
		}
		// What is changed stands beside, so that it can be put back as it was.
		b.owner.MustExec("DROP TABLE IF EXISTS kept; CREATE TEMP TABLE kept AS TABLE " + c.Table)
		result, err := b.owner.Exec(change)
		if err != nil {
			continue // a key or a type that PostgreSQL holds for a superuser too
		}
		if n, err := result.RowsAffected(); err != nil || n != 1 {
			t.Fatalf("%s: %d rows, %v", change, n, err)
		}
		kinds[kind]++
		if found := look(); len(found) == 0 {
			t.Errorf("not found: %s", change)
		}
		b.owner.MustExec("DELETE FROM " + c.Table + "; INSERT INTO " + c.Table + " OVERRIDING SYSTEM VALUE TABLE kept")
	}
	for _, change := range []struct{ kind, do, undo string }{
		{"insert", `INSERT INTO receipt_note (id, receipt_id, note, actor_id) SELECT gen_random_uuid(), id, 'x', 1 FROM receipt LIMIT 1`, `DELETE FROM receipt_note WHERE note = 'x'`},
		{"insert", `INSERT INTO contributor (code, name, kind) VALUES ('ZZZZ', 'x', 'other')`, `DELETE FROM contributor WHERE code = 'ZZZZ'`},
		{"insert", `INSERT INTO rate (source, currency, effective_date, units_per_usd) VALUES ('un', 'EUR', '1999-01-09', 1)`, `DELETE FROM rate WHERE effective_date = '1999-01-09'`},
		{"insert", `INSERT INTO journal_line (entry_id, number, effective_date, account, fund, currency, amount, amount_usd) SELECT entry_id, 99, effective_date, account, fund, currency, 0, 0 FROM journal_line WHERE account = '4010' LIMIT 1`,
			`DELETE FROM journal_line WHERE number = 99`},
		{"insert", `INSERT INTO allocation SELECT gen_random_uuid(), receipt_id, contributor, fund, fund_year, pledge_id, effective_date, currency, 1, 1, entry_id, actor_id, now() FROM allocation LIMIT 1`,
			`DELETE FROM allocation WHERE recorded_at = (SELECT max(recorded_at) FROM allocation)`},
		{"reorder", `UPDATE event SET position = CASE position WHEN 3 THEN 1000003 ELSE 1000004 END WHERE position IN (3, 4);
			UPDATE event SET position = CASE position WHEN 1000003 THEN 4 ELSE 3 END WHERE position > 1000000`,
			`UPDATE event SET position = CASE position WHEN 3 THEN 1000003 ELSE 1000004 END WHERE position IN (3, 4);
			UPDATE event SET position = CASE position WHEN 1000003 THEN 4 ELSE 3 END WHERE position > 1000000`},
		{"guard", `ALTER TABLE journal_line DISABLE TRIGGER journal_line_append_only`, `ALTER TABLE journal_line ENABLE TRIGGER journal_line_append_only`},
		{"guard", `ALTER TABLE receipt DISABLE TRIGGER ALL`, `ALTER TABLE receipt ENABLE TRIGGER ALL`},
		{"guard", `ALTER TABLE allocation DROP CONSTRAINT allocation_amount_positive`, `ALTER TABLE allocation ADD CONSTRAINT allocation_amount_positive CHECK (amount > 0)`},
	} {
		b.owner.MustExec(change.do)
		kinds[change.kind]++
		if found := look(); len(found) == 0 {
			t.Errorf("not found: %s", change.do)
		}
		b.owner.MustExec(change.undo)
	}
	if found := look(); len(found) > 0 {
		t.Errorf("what was put back: %s", strings.Join(found, "\n"))
	}
	t.Log("changes found:", kinds)
	if kinds["alter"] < 100 || kinds["delete"] < 15 {
		t.Errorf("too few changes were tried: %v", kinds)
	}
	// What was issued before is proven whatever happens to the database.
	b.owner.MustExec(`UPDATE journal_line SET amount = amount + 1, amount_usd = amount_usd + 1 WHERE contributor = 'XAA'`)
	if p, err := reports.Verify(file, public); err != nil || len(p.Wrong) > 0 {
		t.Errorf("a statement from before does not verify: %v %v", p, err)
	}
	if found := strings.Join(look(), "\n"); !strings.Contains(found, "The statement 2026/000001 is contradicted") {
		t.Errorf("the contradicted statement is not named: %s", found)
	}
}
