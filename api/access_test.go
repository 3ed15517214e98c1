package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// routes are the operations of the served document, each with its roles.
type route struct {
	id, method, path string
	roles            []ledger.Role // none: open to everybody
}

func routes(t *testing.T) []route {
	t.Helper()
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string
			Roles       []ledger.Role `json:"x-roles"`
		}
	}
	if err := json.Unmarshal(openAPI(t), &doc); err != nil {
		t.Fatal(err)
	}
	var list []route
	for path, operations := range doc.Paths {
		for method, op := range operations {
			list = append(list, route{op.OperationID, strings.ToUpper(method), path, op.Roles})
		}
	}
	sort.Slice(list, func(i, j int) bool { return list[i].id < list[j].id })
	return list
}

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

// TestAccess walks every route as each role and without a key. What it finds is the table of access, which is held against
// a golden file, so that nobody gains a right without a reader of the diff.
func TestAccess(t *testing.T) {
	t.Parallel()
	c := serve(t)
	var table strings.Builder
	for _, r := range routes(t) {
		path := placeholder.ReplaceAllString(r.path, uuid.NewString())
		var may []string
		for _, role := range ledger.Roles {
			got := c.as(role).do(r.method, path, "{}")
			if allowed := got.status != http.StatusForbidden && got.status != http.StatusUnauthorized; allowed {
				may = append(may, string(role))
			}
			if want := len(r.roles) == 0 || slices.Contains(r.roles, role); want != slices.Contains(may, string(role)) {
				t.Errorf("%s as %s answers %d; the document says %v", r.id, role, got.status, r.roles)
			}
		}
		nobody := (&client{t: t, server: c.server, keys: map[ledger.Role]string{}}).do(r.method, path, "{}")
		if open := nobody.status != http.StatusUnauthorized; open != (len(r.roles) == 0) || open && r.method != http.MethodGet {
			t.Errorf("%s without a key answers %d", r.id, nobody.status)
		}
		fmt.Fprintf(&table, "%-26s %s\n", r.id, strings.Join(may, " "))
	}
	path := filepath.Join("testdata", "access.txt")
	if *update {
		if err := os.WriteFile(path, []byte(table.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), table.String()); diff != "" {
		t.Errorf("who may do what changed; go test ./api -update rewrites it (-golden +served):\n%s", diff)
	}
}

// TestDonorFamily lets a State's donor see its ministry and a ministry's donor not its State: as of today, and no longer
// when the ministry leaves.
func TestDonorFamily(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.post("/v1/contributors", `{"code":"NLD-BZ","name":"Ministry of Foreign Affairs","kind":"state","country":"NLD","parent":"NLD"}`).want(201)
	pledge := func(contributor string) string {
		return c.post("/v1/pledges", fmt.Sprintf(`{"contributor":%q,"fund":"CPCJF","effective_date":"2026-03-01","amount":{"amount":"1.00","currency":"USD"}}`, contributor)).want(201).field("id")
	}
	state, ministry := pledge("NLD"), pledge("NLD-BZ")
	secret, err := ledgertest.Key(c.store, "ministry", ledger.RoleDonor, "NLD-BZ")
	if err != nil {
		t.Fatal(err)
	}
	donor, below := c.as(ledger.RoleDonor), &client{t: t, server: c.server, store: c.store, role: ledger.RoleDonor, keys: map[ledger.Role]string{ledger.RoleDonor: secret}}
	donor.get("/v1/pledges/" + ministry).want(200)
	donor.get("/v1/contributors/NLD-BZ/statement?from=2026-01-01&to=2026-12-31").want(200)
	below.get("/v1/pledges/" + ministry).want(200)
	below.get("/v1/pledges/" + state).want(404)
	below.get("/v1/contributors/NLD").want(404)
	c.post("/v1/contributors/NLD-BZ/parents", `{"parent":"DEU","from_date":"2026-06-01"}`).want(201)
	donor.get("/v1/pledges/" + ministry).want(404)
}

// TestForeignTakesAsLongAsMissing asks in turn for another's pledge and for none: by the median, neither takes twice as long.
func TestForeignTakesAsLongAsMissing(t *testing.T) {
	t.Parallel()
	c := serve(t)
	other := c.post("/v1/pledges", `{"contributor":"DEU","fund":"CPCJF","effective_date":"2026-03-01","amount":{"amount":"1.00","currency":"USD"}}`).want(201).field("id")
	donor := c.as(ledger.RoleDonor)
	took := func(id string) time.Duration {
		started := time.Now()
		donor.get("/v1/pledges/" + id).want(404)
		return time.Since(started)
	}
	var foreign, missing []time.Duration
	for range 301 {
		foreign, missing = append(foreign, took(other)), append(missing, took(uuid.NewString()))
	}
	slices.Sort(foreign)
	slices.Sort(missing)
	a, b := foreign[150], missing[150]
	t.Logf("another's %s, a missing one %s", a, b)
	if a > 2*b || b > 2*a {
		t.Errorf("another's pledge takes %s, a missing one %s", a, b)
	}
}

// TestRowLevelSecurity reads every table by plain SQL as NLD's donor: nothing of DEU is in it, its own records are, and
// nothing can be written.
func TestRowLevelSecurity(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	for _, contributor := range []ledger.ContributorCode{"NLD", "DEU"} {
		live(t, b, contributor)
	}
	owner := ledgertest.Connect(t, url, "")
	var foreign []string
	if err := owner.Select(&foreign, `
		SELECT 'DEU' UNION SELECT 'Germany'
		UNION SELECT id::text FROM pledge WHERE contributor = 'DEU' UNION SELECT id::text FROM delivery WHERE contributor = 'DEU'
		UNION SELECT id::text FROM receipt WHERE contributor = 'DEU' UNION SELECT id::text FROM refund WHERE contributor = 'DEU'
		UNION SELECT number FROM statement WHERE contributor = 'DEU' UNION SELECT encode(sha256, 'hex') FROM statement WHERE contributor = 'DEU'
		UNION SELECT entry_id::text FROM journal_line GROUP BY entry_id HAVING bool_and(contributor IS DISTINCT FROM 'NLD')`); err != nil {
		t.Fatal(err)
	}
	if len(foreign) < 10 {
		t.Fatalf("only %v is foreign", foreign)
	}
	var tables []string
	if err := owner.Select(&tables, `SELECT relname FROM pg_class WHERE relkind IN ('r', 'v', 'm', 'p') AND relnamespace = 'public'::regnamespace ORDER BY relname`); err != nil {
		t.Fatal(err)
	}
	donor := ledgertest.Connect(t, url, "vcledger_donor")
	donor.MustExec(`SELECT set_config('vcledger.contributor', 'NLD', false)`)
	own := map[string]int{}
	for _, table := range tables {
		var columns []string
		if err := donor.Select(&columns, `SELECT quote_ident(attname) FROM pg_attribute
			WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped AND has_column_privilege($1, attname, 'SELECT')`, table); err != nil {
			t.Fatal(err)
		}
		var right struct{ Writes, View bool }
		if err := donor.Get(&right, `SELECT has_table_privilege($1, 'INSERT, UPDATE, DELETE, TRUNCATE') OR has_any_column_privilege($1, 'INSERT, UPDATE') AS writes,
			relkind = 'v' AS view FROM pg_class WHERE oid = $1::regclass`, table); err != nil {
			t.Fatal(err)
		}
		if right.Writes {
			t.Errorf("the donor's role may write to %s", table)
		}
		for _, write := range []string{"INSERT INTO " + table + " DEFAULT VALUES", "DELETE FROM " + table, "TRUNCATE " + table} {
			// A view of several tables takes no write from anybody, and PostgreSQL says so before it looks at rights.
			if _, err := donor.Exec(write); err == nil || !right.View && !strings.Contains(err.Error(), "permission denied") {
				t.Errorf("%s: %v", write, err)
			}
		}
		if len(columns) == 0 {
			continue
		}
		var rows []string
		if err := donor.Select(&rows, `SELECT row(`+strings.Join(columns, ", ")+`)::text FROM `+table); err != nil {
			t.Fatal(err)
		}
		own[table] = len(rows)
		for _, row := range rows {
			if table == "currency" || table == "account" {
				continue // German words in names that everybody knows
			}
			for _, text := range foreign {
				if strings.Contains(row, text) {
					t.Errorf("%s shows the donor %s: %s", table, text, row)
				}
			}
		}
	}
	for _, table := range []string{"contributor", "pledge", "pledge_event", "pledge_item", "instalment", "receipt", "allocation", "delivery", "journal_entry", "journal_line", "refund", "statement"} {
		if own[table] == 0 {
			t.Errorf("the donor sees nothing of its own in %s", table)
		}
	}
	for _, hidden := range []string{"api_key", "idempotency_key", "approval", "bank_reconciliation", "receipt_note", "period_event"} {
		if _, shown := own[hidden]; shown {
			t.Errorf("the donor can read %s", hidden)
		}
	}
	donor.MustExec(`SELECT set_config('vcledger.contributor', '', false)`)
	var n int
	if err := donor.Get(&n, `SELECT (SELECT count(*) FROM pledge) + (SELECT count(*) FROM journal_line) + (SELECT count(*) FROM contributor)`); err != nil || n != 0 {
		t.Errorf("a donor of nobody sees %d rows (%v)", n, err)
	}
}

// TestDonorCarriedForward shows a donor what is due of a year that was closed: its own, as the officers see it, and nobody else's.
func TestDonorCarriedForward(t *testing.T) {
	t.Parallel()
	c := serve(t)
	for _, contributor := range []string{"NLD", "DEU"} {
		id := c.post("/v1/pledges", fmt.Sprintf(`{"contributor":%q,"fund":"OTHER","fund_year":2025,"effective_date":"2025-03-01","amount":{"amount":"70.00","currency":"USD"}}`, contributor)).want(201).field("id")
		c.post("/v1/pledges/"+id+"/agreement", `{"effective_date":"2025-04-01"}`).want(200)
	}
	c.post("/v1/periods/close", `{"fund":"OTHER","period":"2025"}`).want(200)
	items := func(a answer) string { return regexp.MustCompile(`"items":\[[^\]]*\]`).FindString(a.want(200).body) }
	donor := c.as(ledger.RoleDonor)
	own := items(donor.get("/v1/pledges/due?contributor=NLD"))
	if own != items(c.get("/v1/pledges/due?contributor=NLD")) || !strings.Contains(own, `"70.00"`) {
		t.Errorf("the donor is shown %s", own)
	}
	if others := donor.get("/v1/pledges/due").want(200).body; strings.Contains(others, "DEU") || !strings.Contains(others, "NLD") {
		t.Errorf("of everybody, the donor is shown %s", others)
	}
}

// live records a little of everything for a contributor.
func live(t *testing.T, b *ledgertest.Books, contributor ledger.ContributorCode) {
	t.Helper()
	ctx, day, cash := t.Context(), ledgertest.Day, ledgertest.Cash
	var p, offer *postgres.PledgeRecord
	var r *postgres.ReceiptRecord
	b.Do(b.RecordPledge(ctx, b.Command(&p), postgres.PledgeInput{Contributor: contributor, Fund: "CPCJF", FundYear: 2026, Form: ledger.Cash, Amount: cash("100.00 USD"), Date: day("2026-01-10")}))
	b.Do(b.AgreePledge(ctx, b.Command(nil), p.ID, postgres.AgreementInput{Date: day("2026-01-20"),
		Instalments: []ledger.Instalment{{Number: 1, DueOn: day("2026-03-01"), Money: cash("100.00 USD")}}}))
	b.Do(b.RecordReceipt(ctx, b.Command(&r), postgres.ReceiptInput{Contributor: contributor, Fund: "CPCJF", Amount: cash("110.00 USD"), ValueDate: day("2026-03-01"),
		Parts: []postgres.PartInput{ledgertest.To(p, "110.00 USD")}}))
	b.Do(b.RecordRefund(ctx, b.Command(nil), postgres.RefundInput{Receipt: r.ID, Source: ledger.RefundAdvance, Contributor: contributor, Fund: "CPCJF", Amount: cash("5.00 USD"),
		Date: day("2026-03-05"), Reason: "Too much"}))
	b.Do(b.RecordPledge(ctx, b.Command(&offer), postgres.PledgeInput{Contributor: contributor, Fund: "CPCJF", FundYear: 2026, Form: ledger.InKind, Date: day("2026-01-10"),
		Items: []ledger.Item{{Category: ledger.Goods, Description: "Printers", Quantity: cash("2 USD").Amount, Unit: "item", UnitValue: cash("300.00 USD"), Basis: ledger.MarketPrice}}}))
	b.Do(b.RecordDelivery(ctx, b.Command(nil), postgres.DeliveryInput{Pledge: offer.ID, DeliveredOn: day("2026-04-01"), Quantity: cash("1 USD").Amount}))
	b.Do(reports.IssueStatement(ctx, b.Store, b.Command(nil), reports.StatementRequest{Contributor: contributor, Period: ledger.Period{From: day("2026-01-01"), To: day("2026-06-30")}}))
}
