package reports_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// tamperEnv makes TestTampering change every column; without it, every third.
const tamperEnv = "VCLEDGER_TEST_TAMPER"

// unsealedTables and unsealedColumns are what may be changed without that vcledger verify tells of it, each with the reason. A table
// or column of the schema that is neither here nor found when it is changed fails the test.
var unsealedTables = map[string]string{
	"api_key":          "who may come in today; a sealed record names its actor itself",
	"session":          "likewise",
	"audit":            "a trail beside the books of who asked for what; who recorded what is in the sealed records",
	"idempotency_key":  "answers a retry; the key itself stands in the sealed entries, and references hold it there",
	"entry_kind":       "a list of words, held by the references of the sealed entries",
	"goose_db_version": "which migrations ran; what they left is held by the list of guards",
	"log_queue":        "waits for the log, and is empty behind a sealing: a record that was taken out of it is found as one without a leaf",
	"event_queue":      "likewise",
	"log_voucher":      "is a signature itself, and not accepted when it is another",
}

var unsealedColumns = map[string]string{
	"contributor.contact":        "an office, which an officer may edit; the audit trail has each version",
	"contributor.email":          "likewise",
	"fund.charges":               "a policy of postings to come, which an officer may edit; each posting has what came of it",
	"fund.rate_source":           "likewise",
	"fund.match_threshold":       "likewise; each decision on a bank line says whether it was automatic, and its score",
	"bank_account.iban":          "how a bank's file finds the account, which an officer may edit; each sealed statement names its account",
	"bank_account.number":        "likewise",
	"bank_account.bank":          "likewise",
	"bank_account.mapping":       "how a bank's CSV is read; what was read is sealed",
	"event.recorded_at":          "when an entry was given its place, which its position says",
	"year_movement.recorded_at":  "when it was added up; what it says is held against the lines",
	"log_batch.recorded_at":      "when it was sealed; no document says so",
	"log_batch.events":           "how far the queue was read, held for the last one",
	"log_checkpoint.recorded_at": "when it was signed; no document says so",
}

// columnsOfAll are the columns of every table with their types, as the database has them.
const columnsOfAll = `
	SELECT c.relname AS table, a.attname AS column, format_type(a.atttypid, NULL) AS type
	FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
	WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped
	ORDER BY 1, a.attnum`

// column is a column of a table with its type.
type column struct{ Table, Column, Type string }

// sealedColumns returns the columns whose change has to be found, and how many rows each of their tables has: none is a fault of
// the test's book.
func (b book) sealedColumns(t *testing.T) ([]column, map[string]int) {
	t.Helper()
	var columns []column
	if err := b.owner.Select(&columns, columnsOfAll); err != nil {
		t.Fatal(err)
	}
	tables, known := map[string]int{}, map[string]bool{}
	columns = slices.DeleteFunc(columns, func(c column) bool {
		known[c.Table], known[c.Table+"."+c.Column] = true, true
		return unsealedTables[c.Table] != "" || unsealedColumns[c.Table+"."+c.Column] != ""
	})
	for _, c := range columns {
		if _, counted := tables[c.Table]; counted {
			continue
		}
		var n int
		if err := b.owner.Get(&n, "SELECT count(*) FROM "+c.Table); err != nil {
			t.Fatal(err)
		}
		if tables[c.Table] = n; n == 0 {
			t.Errorf("the table %s has no row to tamper with: add one to testdata/sealed.sql, seal the table (ledger/postgres/leaf.go), or say here why it is not", c.Table)
		}
	}
	for _, list := range []map[string]string{unsealedTables, unsealedColumns} {
		for name := range list {
			if !known[name] {
				t.Errorf("%s is named as not sealed and is not there", name)
			}
		}
	}
	return columns, tables
}

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

// tampering is a change that has to be found: of one random row of a table when there is one, and what undoes it when there is none.
type tampering struct{ kind, table, do, undo string }

// tamperings are changes of no row or of several.
var tamperings = []tampering{
	{"insert", "", `INSERT INTO receipt_note (id, receipt_id, note, actor_id) SELECT gen_random_uuid(), id, 'x', 1 FROM receipt LIMIT 1`, `DELETE FROM receipt_note WHERE note = 'x'`},
	{"insert", "", `INSERT INTO contributor (code, name, kind) VALUES ('ZZZZ', 'x', 'other')`, `DELETE FROM contributor WHERE code = 'ZZZZ'`},
	{"insert", "", `INSERT INTO rate (source, currency, effective_date, units_per_usd) VALUES ('un', 'EUR', '1999-01-09', 1)`, `DELETE FROM rate WHERE effective_date = '1999-01-09'`},
	{"insert", "", `INSERT INTO journal_line (entry_id, number, effective_date, account, fund, currency, amount, amount_usd) SELECT entry_id, 99, effective_date, account, fund, currency, 0, 0 FROM journal_line WHERE account = '4010' LIMIT 1`,
		`DELETE FROM journal_line WHERE number = 99`},
	{"insert", "", `INSERT INTO allocation SELECT gen_random_uuid(), receipt_id, contributor, fund, fund_year, pledge_id, effective_date, currency, 1, 1, entry_id, actor_id, now() FROM allocation LIMIT 1`,
		`DELETE FROM allocation WHERE recorded_at = (SELECT max(recorded_at) FROM allocation)`},
	{"delete", "", `CREATE TEMP TABLE taken AS SELECT * FROM log_checkpoint ORDER BY size LIMIT 1; DELETE FROM log_checkpoint WHERE size = (SELECT size FROM taken)`,
		`INSERT INTO log_checkpoint TABLE taken`},
	{"insert", "", `INSERT INTO bank_line (id, statement_id, number, booking, bank_account, booking_date, value_date, currency, amount, reversal, identity, ordinal, reference, end_to_end, code,
		payer, ultimate, payer_account, payer_bank, remittance, charges, original, file_line) SELECT gen_random_uuid(), statement_id, 99, 99, bank_account, booking_date, value_date, currency, amount, reversal,
		identity, 99, 'MORE', end_to_end, code, payer, ultimate, payer_account, payer_bank, remittance, charges, original, file_line FROM bank_line LIMIT 1`, `DELETE FROM bank_line WHERE number = 99`},
	{"insert", "", `INSERT INTO bank_decision (id, line_id, kind, note, actor_id) SELECT gen_random_uuid(), line_id, 'other', 'inserted', 1 FROM bank_decision WHERE kind = 'undone'`,
		`DELETE FROM bank_decision WHERE note = 'inserted'`},
	{"reorder", "", `UPDATE event SET position = CASE position WHEN 3 THEN 1000003 ELSE 1000004 END WHERE position IN (3, 4);
		UPDATE event SET position = CASE position WHEN 1000003 THEN 4 ELSE 3 END WHERE position > 1000000`,
		`UPDATE event SET position = CASE position WHEN 3 THEN 1000003 ELSE 1000004 END WHERE position IN (3, 4);
		UPDATE event SET position = CASE position WHEN 1000003 THEN 4 ELSE 3 END WHERE position > 1000000`},
	{"guard", "", `ALTER TABLE journal_line DISABLE TRIGGER journal_line_append_only`, `ALTER TABLE journal_line ENABLE TRIGGER journal_line_append_only`},
	{"guard", "", `ALTER TABLE receipt DISABLE TRIGGER ALL`, `ALTER TABLE receipt ENABLE TRIGGER ALL`},
	{"guard", "", `ALTER TABLE allocation DROP CONSTRAINT allocation_amount_positive`, `ALTER TABLE allocation ADD CONSTRAINT allocation_amount_positive CHECK (amount > 0)`},
}

// tamperBooks is how many books are changed side by side, each by a part of the changes.
const tamperBooks = 4

// tampered counts what was changed.
type tampered struct {
	mu      sync.Mutex
	kinds   map[string]int
	tried   map[string]bool
	refused int
	tables  map[string]int // that have to be tried
}

// TestTampering changes one thing at a time as a superuser whom no trigger stops: a value of a column, a row less of each table, a
// row more, two rows that change places, a date moved back. Each change is found, and taken back.
func TestTampering(t *testing.T) {
	every := 3
	if os.Getenv(tamperEnv) != "" {
		every = 1
	}
	all := tampered{kinds: map[string]int{}, tried: map[string]bool{}}
	t.Run("books", func(t *testing.T) {
		for part := range tamperBooks {
			t.Run(strconv.Itoa(part), func(t *testing.T) {
				t.Parallel()
				all.tamper(t, part, every)
			})
		}
	})
	t.Logf("changes found: %v in %d tables; %d that PostgreSQL refused", all.kinds, len(all.tried), all.refused)
	for table := range all.tables {
		if !all.tried[table] {
			t.Errorf("nothing was changed in %s", table)
		}
	}
	if all.kinds["alter"] < 400/every || all.kinds["delete"] < 50 {
		t.Errorf("too few changes were tried: %v", all.kinds)
	}
}

// tamper makes a part of the changes, of every so many columns, in a book of its own.
func (all *tampered) tamper(t *testing.T, part, every int) {
	b, public := signed(t)
	b.run(t, "sealed.sql")
	file := b.file(t, "XAA", "2024-01-01", "2024-12-31")
	b.file(t, "XBB", "2024-01-01", "2024-12-31")
	ctx := context.Background()
	keys, err := b.LogKeys(ctx)
	if err != nil {
		t.Fatal(err)
	}
	whole := false // go on to the issued statements when something is found before
	look := func() (found []string) {
		t.Helper()
		tell := func(d string) { found = append(found, d) }
		if _, err := b.Verify(ctx, postgres.Verification{Keys: keys, Found: tell}); err != nil {
			return append(found, err.Error()) // it cannot even be read
		}
		if len(found) > 0 && !whole {
			return found
		}
		if _, err := reports.VerifyIssued(ctx, b.Store, keys, func(int64, int64) {}, tell); err != nil {
			t.Fatal(err)
		}
		return found
	}
	if found := look(); len(found) > 0 {
		t.Fatalf("the books as they were recorded: %s", strings.Join(found, "\n"))
	}
	columns, counts := b.sealedColumns(t)
	var changes []tampering
	for i, c := range columns {
		if i%every == 0 {
			changes = append(changes, tampering{kind: "alter", table: c.Table, do: "UPDATE " + c.Table + " SET " + c.Column + " = " + other(c.Column, c.Type)})
		}
	}
	all.need(counts)
	for _, table := range slices.Sorted(maps.Keys(counts)) {
		changes = append(changes, tampering{kind: "delete", table: table, do: "DELETE FROM " + table})
	}
	r := rand.New(rand.NewPCG(7, uint64(part)))
	b.owner.MustExec("SET session_replication_role = replica")
	for i, c := range append(changes, tamperings...) {
		if i%tamperBooks == part {
			all.attempt(t, b, c, r.IntN(max(1, counts[c.table])), look)
		}
	}
	if found := look(); len(found) > 0 {
		t.Errorf("what was put back: %s", strings.Join(found, "\n"))
	}
	// What was issued before is proven whatever happens to the database.
	b.owner.MustExec(`UPDATE journal_line SET amount = amount + 1, amount_usd = amount_usd + 1 WHERE contributor = 'XAA'`)
	if p, err := reports.Verify(file, public); err != nil || len(p.Wrong) > 0 {
		t.Errorf("a statement from before does not verify: %v %v", p, err)
	}
	whole = true
	if found := strings.Join(look(), "\n"); !strings.Contains(found, "The statement 2026/000001 is contradicted") {
		t.Errorf("the contradicted statement is not named: %s", found)
	}
}

// attempt makes one change, of the row at a place when it is of one row, looks, and puts everything back as it was.
func (all *tampered) attempt(t *testing.T, b book, c tampering, row int, look func() []string) {
	t.Helper()
	if c.table != "" {
		c.do += fmt.Sprintf(" WHERE ctid = (SELECT ctid FROM %[1]s ORDER BY (%[1]s.*)::text OFFSET %[2]d LIMIT 1)", c.table, row)
		c.undo = "DELETE FROM " + c.table + "; INSERT INTO " + c.table + " OVERRIDING SYSTEM VALUE TABLE kept"
		b.owner.MustExec("DROP TABLE IF EXISTS kept; CREATE TEMP TABLE kept AS TABLE " + c.table)
	}
	result, err := b.owner.Exec(c.do)
	if err != nil && c.table == "" {
		t.Fatalf("%s: %v", c.do, err)
	}
	all.count(c, err != nil)
	if err != nil {
		return // refused by a key or a type that PostgreSQL holds for a superuser too
	}
	if n, err := result.RowsAffected(); c.table != "" && (err != nil || n != 1) {
		t.Fatalf("%s: %d rows, %v", c.do, n, err)
	}
	if found := look(); len(found) == 0 {
		t.Errorf("not found: %s", c.do)
	}
	b.owner.MustExec(c.undo)
}

func (all *tampered) count(c tampering, refused bool) {
	all.mu.Lock()
	defer all.mu.Unlock()
	if refused {
		all.refused++
		return
	}
	all.kinds[c.kind]++
	if c.table != "" {
		all.tried[c.table] = true
	}
}

// need keeps which tables have to be tried; every book has the same ones.
func (all *tampered) need(tables map[string]int) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.tables = tables
}
