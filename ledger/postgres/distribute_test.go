package postgres_test

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// citusStub stands for the two functions of Citus that the script calls: it keeps what was placed how, in their order.
const citusStub = `
CREATE SCHEMA citus;
CREATE TABLE citus.placement (number int GENERATED ALWAYS AS IDENTITY, name regclass CONSTRAINT placement_pkey PRIMARY KEY, by text);
CREATE FUNCTION citus.create_reference_table(name regclass) RETURNS void LANGUAGE sql AS 'INSERT INTO citus.placement (name) VALUES ($1)';
CREATE FUNCTION citus.create_distributed_table(name regclass, by text) RETURNS void LANGUAGE sql AS 'INSERT INTO citus.placement (name, by) VALUES ($1, $2)';
SET search_path = public, citus;`

// citusFaults finds what Citus refuses of the tables that were placed: reference tables have no column that they are distributed
// by, and tables that were not placed are on the coordinator alone.
const citusFaults = `
WITH foreign_key AS (
    SELECT c.conname AS name, c.conrelid AS of, c.confrelid AS at, o.number AS of_number, t.number AS at_number, o.by AS of_by, t.by AS at_by,
           t.name IS NULL AS at_local, o.name IS NULL AS of_local, concat(c.confdeltype, c.confupdtype) AS actions,
           EXISTS (SELECT FROM unnest(c.conkey, c.confkey) AS k (mine, theirs)
                   JOIN pg_attribute m ON m.attrelid = c.conrelid AND m.attnum = k.mine JOIN pg_attribute r ON r.attrelid = c.confrelid AND r.attnum = k.theirs
                   WHERE m.attname = o.by AND r.attname = t.by) AS together
    FROM pg_constraint c LEFT JOIN citus.placement o ON o.name = c.conrelid LEFT JOIN citus.placement t ON t.name = c.confrelid
    WHERE c.contype = 'f')
SELECT x.indexrelid::regclass || ' is unique without ' || p.by AS fault
FROM citus.placement p JOIN pg_index x ON x.indrelid = p.name AND (x.indisunique OR x.indisexclusion)
WHERE p.by IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = p.name AND a.attname = p.by AND a.attnum = ANY (x.indkey[0 : x.indnkeyatts - 1]))
UNION ALL SELECT p.name || ' has no ' || p.by || ' in every row' FROM citus.placement p
WHERE p.by IS NOT NULL AND NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = p.name AND a.attname = p.by AND a.attnotnull)
UNION ALL SELECT name || ' refers to a table of the coordinator' FROM foreign_key WHERE of_by IS NOT NULL AND at_local
UNION ALL SELECT name || ' leaves the shard' FROM foreign_key WHERE of_by IS NOT NULL AND at_by IS NOT NULL AND NOT together
UNION ALL SELECT name || ' refers to a distributed table' FROM foreign_key WHERE of_by IS NULL AND at_by IS NOT NULL
UNION ALL SELECT name || ' acts on a table of the coordinator' FROM foreign_key WHERE NOT of_local AND at_local AND actions !~ '^[ar]{2}$'
UNION ALL SELECT name || ' refers to a table that is placed later' FROM foreign_key WHERE of_number < at_number
ORDER BY fault`

func selectStrings(t *testing.T, db *sqlx.DB, query string) (list []string) {
	t.Helper()
	if err := db.Select(&list, query); err != nil {
		t.Fatal(err)
	}
	return list
}

// TestDistribute runs the script that distributes a ledger, on one with books: what Citus asks of keys holds then, what queries of
// documents join is on every machine, nothing is lost, and books go on being written. What Citus does not take over is listed.
func TestDistribute(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	p := b.Agree(b.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	b.Receipt("10.00 EUR", "2026-03-07", ledgertest.To(p, "10.00 EUR"))
	owner := ledgertest.Connect(t, url, "")
	lines := selectStrings(t, owner, `SELECT l::text FROM journal_line l ORDER BY 1`)
	script, err := os.ReadFile("distribute.sql")
	if err != nil {
		t.Fatal(err)
	}
	owner.MustExec(citusStub)
	owner.MustExec(string(script))
	if faults := selectStrings(t, owner, citusFaults); len(faults) > 0 {
		t.Errorf("Citus refuses:\n%s", strings.Join(faults, "\n"))
	}
	if diff := cmp.Diff([]string{"journal_line"}, selectStrings(t, owner, `SELECT name::text FROM citus.placement WHERE by IS NOT NULL`)); diff != "" {
		t.Errorf("distributed:\n%s", diff)
	}
	joined := tablesOf(t, selectStrings(t, owner, `SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`))
	placed := selectStrings(t, owner, `SELECT name::text FROM citus.placement`)
	for _, table := range joined {
		if !slices.Contains(placed, table) {
			t.Errorf("documents read %s, and it is on the coordinator alone", table)
		}
	}
	if diff := cmp.Diff(lines, selectStrings(t, owner, `SELECT l::text FROM journal_line l ORDER BY 1`)); diff != "" {
		t.Errorf("the lines changed:\n%s", diff)
	}
	b.Receipt("20.00 EUR", "2026-03-08", ledgertest.To(p, "20.00 EUR"))
	ledgertest.CheckBooks(t, b.Store)
	var differs []string
	if _, err := b.Verify(t.Context(), postgres.Verification{Found: func(difference string) { differs = append(differs, difference) }}); err != nil {
		t.Fatal(err)
	}
	if len(differs) != 2 || !strings.Contains(differs[0], "journal_line_pkey") || !strings.Contains(differs[1], "journal_line_pkey") {
		t.Errorf("verify finds %q, want the key that gave way, and its index", differs)
	}

	got := strings.Join(selectStrings(t, owner, `
		SELECT 'trigger ' || g.tgname || CASE WHEN g.tgtype & 1 = 0 THEN ', of a statement' WHEN g.tgdeferrable THEN ', deferred' ELSE '' END
		FROM pg_trigger g JOIN citus.placement p ON p.name = g.tgrelid WHERE NOT g.tgisinternal
		UNION ALL SELECT 'foreign key ' || c.conname || ', deferred' FROM pg_constraint c JOIN citus.placement p ON p.name = c.conrelid WHERE c.contype = 'f' AND c.condeferrable
		UNION ALL SELECT 'policy ' || p.name || ' ' || l.polname FROM pg_policy l JOIN citus.placement p ON p.name = l.polrelid
		ORDER BY 1`), "\n") + "\n"
	golden := filepath.Join("testdata", "distribution.txt")
	if *update {
		if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("Citus takes over another part of the schema than distribution.txt says: run this test with -update and read the difference\n%s", diff)
	}
}

// TestCitusFaults breaks each rule of Citus, and only that.
func TestCitusFaults(t *testing.T) {
	t.Parallel()
	for _, x := range []struct{ tables, place, want string }{
		{`CREATE TABLE line (id int CONSTRAINT line_pkey PRIMARY KEY, fund text NOT NULL)`, `create_distributed_table('line', 'fund')`, "line_pkey is unique without fund"},
		{`CREATE TABLE line (id int, fund text NOT NULL); CREATE UNIQUE INDEX line_key ON line (id) INCLUDE (fund)`, `create_distributed_table('line', 'fund')`, "line_key is unique without fund"},
		{`CREATE TABLE line (id int, fund text)`, `create_distributed_table('line', 'fund')`, "line has no fund in every row"},
		{`CREATE TABLE line (fund text NOT NULL CONSTRAINT line_fund_fkey REFERENCES fund)`, `create_distributed_table('line', 'fund')`, "line_fund_fkey refers to a table of the coordinator"},
		{`CREATE TABLE head (fund text NOT NULL, id int, CONSTRAINT head_pkey PRIMARY KEY (fund, id), CONSTRAINT head_key UNIQUE (id, fund));
		  CREATE TABLE line (fund text NOT NULL, of text, head int, CONSTRAINT line_head_fkey FOREIGN KEY (of, head) REFERENCES head)`,
			`create_distributed_table('head', 'fund'), create_distributed_table('line', 'fund')`, "line_head_fkey leaves the shard"},
		{`CREATE TABLE head (fund text CONSTRAINT head_pkey PRIMARY KEY); CREATE TABLE line (fund text NOT NULL CONSTRAINT line_head_fkey REFERENCES head)`,
			`create_distributed_table('head', 'fund'), create_reference_table('line')`, "line_head_fkey refers to a distributed table"},
		{`CREATE TABLE line (fund text CONSTRAINT line_fund_fkey REFERENCES fund ON DELETE CASCADE)`, `create_reference_table('line')`, "line_fund_fkey acts on a table of the coordinator"},
		{`CREATE TABLE line (code text CONSTRAINT line_currency_fkey REFERENCES currency)`, `create_reference_table('line'), create_reference_table('currency')`, "line_currency_fkey refers to a table that is placed later"},
		{`CREATE TABLE head (fund text NOT NULL, id int, CONSTRAINT head_pkey PRIMARY KEY (id, fund));
		  CREATE TABLE line (fund text NOT NULL, head int, code text CONSTRAINT line_currency_fkey REFERENCES currency, CONSTRAINT line_head_fkey FOREIGN KEY (head, fund) REFERENCES head)`,
			`create_reference_table('currency'), create_distributed_table('head', 'fund'), create_distributed_table('line', 'fund')`, ""},
	} {
		db := ledgertest.Connect(t, ledgertest.Database(t), "")
		db.MustExec(citusStub)
		db.MustExec(x.tables)
		db.MustExec(`SELECT ` + x.place)
		if faults := strings.Join(selectStrings(t, db, citusFaults), "; "); faults != x.want {
			t.Errorf("%s: %q, want %q", x.place, faults, x.want)
		}
	}
}

// comment is what a query says and does not ask.
var comment = regexp.MustCompile(`--[^\n]*`)

// tablesOf returns those of some tables that the queries of statements, reports and exports read.
func tablesOf(t *testing.T, tables []string) (read []string) {
	t.Helper()
	for _, dir := range []string{"sql", filepath.Join("export", "sql")} {
		files, err := filepath.Glob(filepath.Join("..", "..", "reports", dir, "*.sql"))
		if err != nil || len(files) == 0 {
			t.Fatal("no queries of documents", err)
		}
		for _, file := range files {
			query, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, table := range tables {
				if regexp.MustCompile(`\b(FROM|JOIN)\s+` + table + `\b`).Match(comment.ReplaceAll(query, nil)) {
					read = append(read, table)
				}
			}
		}
	}
	return read
}
