package reports_test

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/jmoiron/sqlx"

	"vcledger/ledger/ledgertest"
	"vcledger/reports"
)

// parameters are how many parameters each query takes.
var parameters = map[string]int{
	"statement_moved": 7, "statement_pledges": 3, "statement_items": 3, "statement_receipts": 6, "statement_held": 4, "statement_deliveries": 6,
	"fundreport_lines": 5, "fundreport_openings": 4, "fundreport_bank": 3, "fundreport_purposes": 4, "fundreport_receipts": 4, "fundreport_deliveries": 4, "fundreport_unidentified": 3, "trialbalance": 3, "due": 4, "held": 4,
	"fundreport_in_kind": 4, "fundreport_transfers": 4, "newness": 6, "statement_refunds": 6, "fundreport_refunds": 4, "adjustments": 5,
	"available_cash": 4, "available_balances": 3, "use_lines": 3, "use_expenditures": 3, "statement_use": 5, "bodies": 3, "statement_changes": 6, "statement_contributors": 4,
}

// prepared prepares every query file against the migrated schema and calls fn with its name.
func prepared(t *testing.T, db *sqlx.DB, fn func(name string, parameters int)) {
	t.Helper()
	files, err := reports.Queries.ReadDir("sql")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) != len(parameters) {
		t.Errorf("%d query files, %d are tested", len(files), len(parameters))
	}
	for _, f := range files {
		query, err := reports.Queries.ReadFile("sql/" + f.Name())
		if err != nil {
			t.Fatal(err)
		}
		name := strings.TrimSuffix(f.Name(), ".sql")
		if _, err := db.Exec("PREPARE " + name + " AS " + string(query)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var n int
		if err := db.Get(&n, `SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = $1`, name); err != nil {
			t.Fatal(err)
		}
		if n != parameters[name] {
			t.Errorf("%s takes %d parameters, want %d", name, n, parameters[name])
		}
		fn(name, n)
	}
}

var scanned = regexp.MustCompile(`Seq Scan on (\w+)`)

// TestQueries prepares every query, sees that its header tells each parameter, and that an index can serve every table of
// it: with scans made expensive, none is left but those that a header owns up to.
func TestQueries(t *testing.T) {
	t.Parallel()
	db := ledgertest.Connect(t, ledgertest.Database(t), "")
	db.MustExec(`SET enable_seqscan = off; SET plan_cache_mode = force_generic_plan`)
	prepared(t, db, func(name string, n int) {
		query, err := reports.Queries.ReadFile("sql/" + name + ".sql")
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(string(query), "\nWITH ")
		header, _, _ = strings.Cut(header, "\nSELECT ")
		for i := 1; i <= n; i++ {
			if !strings.Contains(header, fmt.Sprintf("$%d", i)) {
				t.Errorf("%s: the header does not tell $%d", name, i)
			}
		}
		if !strings.Contains(header, "Indexes: ") {
			t.Errorf("%s: the header does not tell the indexes", name)
		}
		var plan []string
		if err := db.Select(&plan, fmt.Sprintf("EXPLAIN EXECUTE %s (%s)", name, strings.TrimSuffix(strings.Repeat("NULL,", n), ","))); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, m := range scanned.FindAllStringSubmatch(strings.Join(plan, "\n"), -1) {
			if m[1] != "allocation" || name != "fundreport_receipts" {
				t.Errorf("%s reads %s through", name, m[1])
			}
		}
	})
}
