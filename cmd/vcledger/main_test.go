package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// commandEnv makes this test binary the command itself, for a test that kills it.
const commandEnv = "VCLEDGER_TEST_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(commandEnv) != "" {
		main()
	}
	os.Exit(ledgertest.Main(m))
}

// vcledger runs the command and returns its exit code and what it printed.
func vcledger(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, &out, &err)
	return code, out.String(), err.String()
}

// works runs the command and fails the test unless it succeeds.
func works(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	code, out, err := vcledger(t, args...)
	if code != 0 {
		t.Fatalf("vcledger %s: exit %d\n%s%s", strings.Join(args, " "), code, out, err)
	}
	return out, err
}

func TestUsage(t *testing.T) {
	for _, tt := range []struct {
		args []string
		says string
	}{
		{[]string{"statment"}, "unknown"},
		{[]string{"statement"}, "needs --contributor"},
		{[]string{"statement", "--contributor", "X", "--from", "2026-02-30", "--to", "2026-03-01"}, "--from"},
		{[]string{"statement", "--contributor", "X", "--from", "2026-03-02", "--to", "2026-03-01"}, "before"},
		{[]string{"statement", "--contributor", "X", "--from", "2026-03-01", "--to", "2026-03-02", "--format", "doc"}, "--format"},
		{[]string{"issue", "--from", "2025-01-01"}, "needs --from and --to"},
		{[]string{"issue", "--from", "2025-01-01", "--to", "2024-12-31"}, "before"},
		{[]string{"issue", "--from", "2025-01-01", "--to", "2025-12-31", "--bodies", "some"}, "--bodies"},
		{[]string{"issue", "--from", "2025-01-01", "--to", "2025-12-31", "--format", "doc"}, "--format"},
		{[]string{"issue", "--from", "2025-01-01", "--to", "2025-12-31", "--lang", "la"}, "--lang"},
		{[]string{"issue", "--from", "2025-01-01", "--to", "2025-12-31", "--reason", "Late papers"}, "--supersede and --reason"},
		{[]string{"issue", "--supersede", "2025/000001"}, "--supersede and --reason"},
		{[]string{"issue", "--supersede", "one", "--reason", "Late papers"}, "--supersede takes"},
		{[]string{"issue", "--supersede", "2025/000001", "--reason", "Late papers", "--fund", "X"}, "goes without"},
		{[]string{"report", "--fund", "X"}, "--year"},
		{[]string{"report", "--fund", "X", "--year", "12"}, "--year"},
		{[]string{"export", "gnucash"}, "hledger"},
		{[]string{"export", "iati", "--year", "2026"}, "datacube"},
		{[]string{"export", "datacube", "--year", "1000"}, "1945"},
		{[]string{"export", "iati", "--reporting-org", "UNODC"}, "XM-DAC-41128"},
		{[]string{"export", "iati", "--as-of", "2026-02-30"}, "--as-of"},
		{[]string{"serve", "--reporting-sector", "1"}, "15130"},
		{[]string{"import", "register"}, "one file"},
		{[]string{"import", "register", "x.csv", "--rejects", "y"}, "--skip-invalid"},
		{[]string{"key", "create", "--name", "X", "--role", "king"}, "--role"},
		{[]string{"key", "create", "--name", "X", "--role", "donor"}, "--contributor"},
		{[]string{"serve", "--database-replica-url", "postgres://db2/vcledger"}, "goes with --database-url"},
		{[]string{"serve", "--adress", ":1"}, "unknown flag"},
		{[]string{"version", "please"}, "unknown argument"},
	} {
		code, out, stderr := vcledger(t, tt.args...)
		if code != exitUsage || out != "" || !strings.Contains(stderr, tt.says) || strings.Count(stderr, "\n") != 1 {
			t.Errorf("vcledger %v: exit %d, stdout %q, stderr %q", tt.args, code, out, stderr)
		}
	}
	if out, _ := works(t, "version"); !strings.HasPrefix(out, "vcledger ") {
		t.Errorf("version: %q", out)
	}
}

// register writes a register to a file.
func register(t *testing.T, lines ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "register.csv")
	if err := os.WriteFile(path, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const header = "event,contribution,contributor,kind,country,fund,year,date,currency,amount,usd_amount,item,quantity,unit,note"

// TestImportCERF loads the real register: the sums of the file come out of the books, and loading it again changes nothing.
func TestImportCERF(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	file := filepath.Join("demo", "cerf-register.csv")
	code, out, stderr := vcledger(t, "import", "register", file, "--database-url", url)
	if code != exitFailed || !strings.Contains(out, "nothing loaded") || strings.Count(stderr, "amount-scale") != 11 || !strings.Contains(stderr, "line 888, column amount") {
		t.Fatalf("with bad rows: exit %d\n%s%s", code, out, stderr)
	}
	rejects := filepath.Join(t.TempDir(), "rejects.csv")
	out, _ = works(t, "import", "register", file, "--database-url", url, "--skip-invalid", "--rejects", rejects, "--dry-run")
	if !strings.HasPrefix(out, "dry run") {
		t.Errorf("dry run: %s", out)
	}
	out, _ = works(t, "import", "register", file, "--database-url", url, "--skip-invalid", "--rejects", rejects)
	if !strings.HasPrefix(out, "loaded: 4891 rows read, 4879 loaded") {
		t.Errorf("loaded: %s", out)
	}
	t.Log(out)
	out, _ = works(t, "import", "register", file, "--database-url", url, "--skip-invalid")
	if !strings.Contains(out, " 0 loaded as 0 entries, 4879 in the books before, 12 rejected") {
		t.Errorf("loaded again: %s", out)
	}
	store := ledgertest.Open(t, url)
	ledgertest.CheckBooks(t, store)
	want := receiptsOf(t, file, rejects)
	got := map[string]string{}
	for contributor, years := range booksOf(t, store) {
		for year, usd := range years {
			got[contributor+" "+year] = usd.StringFixed(2)
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("receipts in USD by contributor and fund year (-file +books):\n%s", diff)
	}
}

// receiptsOf adds up the receipts of a register, without its rejected rows, by contributor and fund year.
func receiptsOf(t *testing.T, file, rejects string) map[string]string {
	t.Helper()
	rejected := map[string]bool{}
	for _, row := range readCSV(t, rejects)[1:] {
		rejected[strings.Join(row[4:], "\x00")] = true
	}
	sums := map[string]decimal.Decimal{}
	for _, row := range readCSV(t, file)[1:] {
		if row[0] == "receipt" && !rejected[strings.Join(row, "\x00")] {
			key := row[2] + " " + row[6]
			sums[key] = sums[key].Add(decimal.RequireFromString(row[10]))
		}
	}
	if len(rejected) != 12 {
		t.Errorf("%d rows rejected, want 12", len(rejected))
	}
	out := map[string]string{}
	for key, sum := range sums {
		out[key] = sum.StringFixed(2)
	}
	return out
}

func readCSV(t *testing.T, path string) [][]string {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// booksOf adds up the cash of the books, in USD, by contributor and fund year.
func booksOf(t *testing.T, store *postgres.Store) map[string]map[string]decimal.Decimal {
	t.Helper()
	var rows []struct {
		Name string
		Year string
		USD  decimal.Decimal
	}
	err := store.Read(t.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error {
		return snap.Select(t.Context(), &rows, `
			SELECT c.name, r.fund_year::text AS year, sum(l.amount_usd) AS usd
			FROM journal_line l JOIN journal_entry e ON e.id = l.entry_id JOIN receipt r ON r.id = e.receipt_id JOIN contributor c ON c.code = r.contributor
			WHERE l.account = '1010' GROUP BY c.name, r.fund_year`)
	})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]map[string]decimal.Decimal{}
	for _, r := range rows {
		if sums[r.Name] == nil {
			sums[r.Name] = map[string]decimal.Decimal{}
		}
		sums[r.Name][r.Year] = r.USD
	}
	return sums
}

// TestImportOther loads a register that is none like the first: other columns and order, several funds, scripts and gifts
// in kind.
func TestImportOther(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	file := register(t, header,
		`receipt,K-1,Österreich,state,AUT,Fonds Été,2026,2026-02-01,EUR,100.00,110.00,,,,`,
		`pledge_in_kind,K-2,日本,state,JPN,基金,2026,2026-01-05,JPY,1000000,6500.00,専門家,20,expert_day,`,
		`delivery,K-2,日本,state,JPN,基金,2026,2026-03-31,JPY,250000,1600.00,専門家,5,expert_day,`,
		`delivery,K-3,بنك,rdb,,基金,2026,2026-03-31,,,,طابعة,1,item,`,
		`pledge,K-1,Österreich,state,AUT,Fonds Été,2026,2026-01-01,EUR,250.00,280.00,,,,`,
		`receipt,K-4,Österreich,state,AUT,Fonds Été,2026,2026-02-01,EUR,50.00,55.00,,,,`,
		`receipt,K-4,Österreich,state,AUT,Fonds Été,2026,2026-02-01,EUR,50.00,55.00,,,,twice on one day`)
	out, _ := works(t, "import", "register", file, "--database-url", url)
	if !strings.HasPrefix(out, "loaded: 7 rows read, 7 loaded") {
		t.Fatal(out)
	}
	ledgertest.CheckBooks(t, ledgertest.Open(t, url))
	out, _ = works(t, "statement", "--contributor", "日本", "--from", "2026-01-01", "--to", "2026-12-31", "--format", "json", "--database-url", url)
	var s reports.Statement
	if err := json.Unmarshal([]byte(out), &s); err != nil {
		t.Fatal(err)
	}
	if s.Contributor.Code != "JPN" || len(s.InKind.Items) != 1 || s.InKind.Items[0].Delivered.String() != "5" {
		t.Errorf("the statement of Japan: %s", out)
	}
	out, _ = works(t, "statement", "--contributor", "österreich", "--from", "2026-01-01", "--to", "2026-12-31", "--database-url", url)
	if !strings.Contains(out, "220.00") || !strings.Contains(out, "Fonds") {
		t.Errorf("the statement of Austria:\n%s", out)
	}
}

// TestImportBad loads registers that must be refused whole.
func TestImportBad(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	many := []string{header}
	for range 100_000 {
		many = append(many, "receipt,K,X,state,,F,2026,2026-02-30,EUR,-1,,,,,")
	}
	good := `receipt,K-1,Austria,state,AUT,F,2026,2026-02-01,EUR,100.00,110.00,,,,`
	for _, tt := range []struct {
		name, says string
		lines      []string
	}{
		{"an empty file", "register", nil},
		{"a missing column", "amount", []string{"event,contribution,contributor,kind,fund,year,date", "receipt,K,X,state,F,2026,2026-01-01"}},
		{"an unknown column", "colour", []string{header + ",colour", good + ",red"}},
		{"no rate", "rate-missing", []string{header, good, `receipt,K-2,Austria,state,AUT,F,2026,2026-02-01,EUR,100.00,,,,,`}},
		{"a truncated file", "line 3", []string{header, good, `receipt,"K-2,Austria`}},
		{"invalid UTF-8", "line 3", []string{header, good, "receipt,K-2,\xff,state,AUT,F,2026,2026-02-01,EUR,100.00,1.00,,,,"}},
		{"a contribution with two pledges", "register-conflict", []string{header, `pledge,K-1,Austria,state,AUT,F,2026,2026-02-01,USD,100.00,,,,,`, `pledge,K-1,Austria,state,AUT,F,2026,2026-02-01,USD,200.00,,,,,`}},
		{"a write-off of nothing", "nothing-outstanding", []string{header, good, `write_off,K-9,Austria,state,AUT,F,2026,2026-02-01,USD,100.00,,,,,`}},
		{"100,000 bad rows", "100000 rejected", many},
	} {
		code, out, stderr := vcledger(t, "import", "register", register(t, tt.lines...), "--database-url", url)
		if code != exitFailed || !strings.Contains(out+stderr, tt.says) {
			t.Errorf("%s: exit %d, want 1 and %q\n%s%.2000s", tt.name, code, tt.says, out, stderr)
		}
	}
	var left int
	if err := ledgertest.Connect(t, url, "").Get(&left, `SELECT (SELECT count(*) FROM contributor) + (SELECT count(*) FROM journal_entry) + (SELECT count(*) FROM fund)`); err != nil || left != 0 {
		t.Errorf("%d records were left behind (%v)", left, err)
	}
}

// TestDemo loads the demo into an empty database and prints, and does nothing the second time but print the same.
func TestDemo(t *testing.T) {
	t.Parallel()
	url := ledgertest.Empty(t)
	first, _ := works(t, "demo", "--once", "--database-url", url)
	for _, want := range []string{"Sweden (SWE)", "ILLUSTRATIVE", "offered 120, accepted 100, delivered 45", "31 December 2025"} {
		if !strings.Contains(first, want) {
			t.Errorf("the demo does not print %q", want)
		}
	}
	second, _ := works(t, "demo", "--once", "--database-url", url)
	if diff := cmp.Diff(withoutInstants(first), withoutInstants(second)); diff != "" {
		t.Errorf("the second start prints otherwise (-first +second):\n%s", diff)
	}
}

// withoutInstants takes out what says when a document was made.
func withoutInstants(s string) string {
	var lines []string
	for _, line := range strings.Split(s, "\n") {
		before, _, _ := strings.Cut(line, "As known at")
		lines = append(lines, before)
	}
	return strings.Join(lines, "\n")
}

func TestKeyVerbs(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	secret, _ := works(t, "key", "create", "--name", "Anna", "--role", "officer", "--database-url", url)
	out, _ := works(t, "key", "list", "--database-url", url)
	if strings.Contains(out, strings.TrimSpace(secret)) || !strings.Contains(out, "Anna") {
		t.Errorf("key list: %s", out)
	}
	id := strings.Fields(strings.Split(out, "\n")[1])[0]
	works(t, "key", "revoke", id, "--database-url", url)
	if _, err := ledgertest.Open(t, url).Authenticate(context.Background(), strings.TrimSpace(secret)); err == nil {
		t.Error("a revoked key is good")
	}
}

// TestOutput writes a document to a file, and leaves the file as it was when the document cannot be made.
func TestOutput(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	path := filepath.Join(t.TempDir(), "report.txt")
	if err := os.WriteFile(path, []byte("before"), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, _ := vcledger(t, "report", "--fund", "NONE", "--year", "2026", "--output", path, "--database-url", url); code != exitFailed {
		t.Errorf("a report of no fund: exit %d", code)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "before" {
		t.Errorf("the file is %q (%v)", data, err)
	}
	works(t, "export", "hledger", "--output", path, "--database-url", url)
	if data, err := os.ReadFile(path); err != nil || string(data) == "before" {
		t.Errorf("the file was not written: %q (%v)", data, err)
	}
	if out, _ := works(t, "export", "datacube", "--year", "2026", "--reporting-entity", "X", "--database-url", url); !strings.HasPrefix(out, "entity,year,") {
		t.Errorf("export datacube prints %q", out)
	}
	if code, out, stderr := vcledger(t, "export", "iati", "--database-url", url); code != exitFailed || out != "" || !strings.Contains(stderr, "no fund") {
		t.Errorf("export iati of no fund: exit %d, %q, %q", code, out, stderr)
	}
	if left, err := filepath.Glob(filepath.Join(filepath.Dir(path), ".vcledger-*")); err != nil || len(left) > 0 {
		t.Errorf("temporary files are left: %v (%v)", left, err)
	}
}

// TestImportRates loads a file of rates, again, and with another value, and posts by what was loaded.
func TestImportRates(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	un := filepath.Join("..", "..", "ledger", "ratefile", "testdata", "un.xml")
	out, stderr := works(t, "import", "rates", un, "--database-url", url)
	if !strings.Contains(out, "2 rates of source un read, 2 loaded") || !strings.Contains(stderr, "QQQ") {
		t.Errorf("loaded: %s%s", out, stderr)
	}
	if out, _ = works(t, "import", "rates", un, "--database-url", url); !strings.Contains(out, "0 loaded, 2 in the books before") {
		t.Errorf("loaded again: %s", out)
	}
	other := filepath.Join(t.TempDir(), "rates.csv")
	if err := os.WriteFile(other, []byte("currency,effective_date,units_per_usd\nCHF,2026-10-01,0.8\nEUR,2026-10-01,0.9\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, stderr := vcledger(t, "import", "rates", other, "--source", "un", "--database-url", url)
	if code != exitFailed || !strings.Contains(stderr, "EUR has the rate 0.853 on 2026-10-01 in the books, and 0.9 here") {
		t.Errorf("another value: exit %d, %s", code, stderr)
	}
	rates, err := ledgertest.Open(t, url).Rates(t.Context(), postgres.RateFilter{}, ledger.Rate{}, 10)
	if err != nil || len(rates) != 2 {
		t.Errorf("%d rates are in the books, want 2 (%v)", len(rates), err)
	}
	file := register(t, header, `receipt,K-1,Austria,state,AUT,F,2026,2026-10-20,EUR,85.30,,,,,`)
	works(t, "import", "register", file, "--database-url", url)
	if out, _ = works(t, "statement", "--contributor", "AUT", "--from", "2026-01-01", "--to", "2026-12-31", "--database-url", url); !strings.Contains(out, "100.00") {
		t.Errorf("the receipt was not converted at 0.853:\n%s", out)
	}
}
