package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/export"
)

func TestMain(m *testing.M) { os.Exit(ledgertest.Main(m)) }

// always is an instant at which everything that a test records is known, and the same in every run.
var always = time.Date(2100, time.January, 1, 0, 0, 0, 0, time.UTC)

type writeFunc func(context.Context, io.Writer, *postgres.Snapshot, export.Options) error

// openBook returns a ledger with the book of package reports, the tricky entries of this one and what more scripts say, and its
// owner's connection.
func openBook(t testing.TB, more ...string) (*postgres.Store, *sqlx.DB) {
	t.Helper()
	url := ledgertest.Database(t)
	owner := ledgertest.Connect(t, url, "")
	tx := owner.MustBegin() // the scripts share their temporary functions and one transaction
	for _, script := range append([]string{"../testdata/book.sql", "testdata/tricky.sql"}, more...) {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(string(text)); err != nil {
			t.Fatalf("%s: %v", script, err)
		}
	}
	if err := tx.Commit(); err != nil {
		t.Fatal(err)
	}
	return ledgertest.Open(t, url), owner
}

func exported(t testing.TB, store *postgres.Store, asOf ledger.Date, o export.Options, write writeFunc) []byte {
	t.Helper()
	var b bytes.Buffer
	err := store.Read(t.Context(), asOf, always, func(snap *postgres.Snapshot) error { return write(t.Context(), &b, snap, o) })
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// run runs one of the programs that read the files and returns what it prints. Only a program that is not there skips the
// test: it is not ours to bring.
func run(t testing.TB, program string, args ...string) string {
	t.Helper()
	if _, err := exec.LookPath(program); err != nil {
		t.Skipf("%s is not installed", program)
	}
	cmd := exec.CommandContext(t.Context(), program, args...)
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8") // hledger reads a file in the locale's encoding
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%.4000s", program, strings.Join(args, " "), err, stderr.String(), out)
	}
	return string(out)
}

// TestPrograms gives the whole journal, a part of it and the golden files to the programs that read them. Every account's
// balance in every currency and in USD is the database's.
func TestPrograms(t *testing.T) {
	t.Parallel()
	store, owner := openBook(t)
	for _, c := range []struct {
		name, asOf string
		fund       ledger.FundCode
	}{
		{"whole", "2199-12-31", ""},
		{"one fund, in the past", "2024-05-31", "SPF"},
	} {
		asOf, err := ledger.ParseDate(c.asOf)
		if err != nil {
			t.Fatal(err)
		}
		dir := t.TempDir()
		journal, beans := filepath.Join(dir, "book.journal"), filepath.Join(dir, "book.beancount")
		for file, write := range map[string]writeFunc{journal: export.Hledger, beans: export.Beancount} {
			if err := os.WriteFile(file, exported(t, store, asOf, export.Options{Fund: c.fund}, write), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		held, usd := wanted(t, owner, c.asOf, string(c.fund), hledgerName)
		t.Run(c.name+"/hledger", func(t *testing.T) {
			checkHledger(t, journal)
			compare(t, "balances", held, hledgerBalances(t, journal))
			compare(t, "balances in USD", usd, hledgerBalances(t, journal, "-B"))
			compareLines(t, owner, journal, c.asOf, string(c.fund))
		})
		t.Run(c.name+"/ledger", func(t *testing.T) {
			compare(t, "balances", held, ledgerBalances(t, journal))
			compare(t, "balances in USD", usd, ledgerBalances(t, journal, "-B"))
		})
		t.Run(c.name+"/beancount", func(t *testing.T) {
			run(t, "bean-check", beans)
			held, usd := wanted(t, owner, c.asOf, string(c.fund), beancountName)
			compare(t, "balances", held, beancountBalances(t, beans, "units(position)"))
			compare(t, "balances in USD", usd, beancountBalances(t, beans, "weight"))
		})
		t.Run(c.name+"/trial balance", func(t *testing.T) {
			compare(t, "balances in USD", trialBalance(t, store, asOf, c.fund), byCode(hledgerBalances(t, journal, "-B")))
		})
	}
}

func checkHledger(t testing.TB, file string) {
	t.Helper()
	run(t, "hledger", "-f", file, "check", "--strict")
	run(t, "hledger", "-f", file, "check", "accounts", "commodities", "ordereddates")
}

// compareLines holds hledger's register against the lines of the database, one by one and in order.
func compareLines(t *testing.T, owner *sqlx.DB, file, asOf, fund string) {
	t.Helper()
	rows, err := csv.NewReader(strings.NewReader(run(t, "hledger", "-f", file, "reg", "-O", "csv"))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, r := range rows[1:] { // txnidx, date, code, description, account, amount, total
		got = append(got, strings.Join([]string{r[1], r[2], strings.Trim(r[4], "[]"), decimal.RequireFromString(strings.Fields(r[5])[0]).String()}, " "))
	}
	var lines []struct {
		Date, Entry, Code, Name, Kind, Bank string
		Amount                              decimal.Decimal
	}
	err = owner.Select(&lines, `
		SELECT l.effective_date::text AS date, l.entry_id AS entry, a.code, a.name, a.kind, coalesce(l.bank_account, '') AS bank,
		    CASE WHEN l.amount = 0 THEN l.amount_usd ELSE l.amount END AS amount
		FROM journal_line l JOIN account a ON a.code = l.account
		WHERE l.effective_date <= $1 AND ($2 = '' OR l.fund = $2)
		ORDER BY l.effective_date, l.recorded_at, l.entry_id, l.number`, asOf, fund)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, l := range lines {
		want = append(want, strings.Join([]string{l.Date, l.Entry, hledgerName(l.Code, l.Name, l.Kind, l.Bank), l.Amount.String()}, " "))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("lines differ (-database +hledger):\n%s", diff)
	}
}

// trialBalance returns the balances in USD of the trial balance, by the accounts' codes.
func trialBalance(t testing.TB, store *postgres.Store, asOf ledger.Date, fund ledger.FundCode) balances {
	t.Helper()
	b := balances{}
	err := store.Read(t.Context(), asOf, always, func(snap *postgres.Snapshot) error {
		tb, err := reports.BuildTrialBalance(t.Context(), snap, fund)
		if err != nil {
			return err
		}
		for _, a := range slices.Concat(tb.Books.Accounts, tb.Memorandum.Accounts) {
			b.add(string(a.Account), "USD", a.Debit.Amount.Sub(a.Credit.Amount))
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// byCode adds up the balances of hledger's accounts by code.
func byCode(b balances) balances {
	sums := balances{}
	for key, amount := range b {
		_, name, _ := strings.Cut(key[0], ":")
		sums.add(name[:4], key[1], decimal.RequireFromString(amount))
	}
	return sums
}

// TestFundsBalance holds that the tag of the fund splits the file into books that balance, and the memorandum accounts too.
func TestFundsBalance(t *testing.T) {
	t.Parallel()
	store, owner := openBook(t)
	journal := filepath.Join(t.TempDir(), "book.journal")
	if err := os.WriteFile(journal, exported(t, store, ledger.Date{}, export.Options{}, export.Hledger), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, fund := range []string{"GEN", "SPF"} {
		_, usd := wanted(t, owner, "2199-12-31", fund, hledgerName)
		got := hledgerBalances(t, journal, "-B", "tag:fund=^"+fund+"$")
		compare(t, fund, usd, got)
		var total decimal.Decimal
		for _, amount := range hledgerBalances(t, journal, "-B", "--real", "tag:fund=^"+fund+"$") {
			total = total.Add(decimal.RequireFromString(amount))
		}
		if !total.IsZero() {
			t.Errorf("the lines of %s on the balance sheet sum to %s USD", fund, total)
		}
	}
}

// TestProgramsReadGoldenFiles gives the golden files to the programs.
func TestProgramsReadGoldenFiles(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"tricky", "empty"} {
		file := filepath.Join("testdata", name)
		t.Run(name+"/hledger", func(t *testing.T) { checkHledger(t, file+".hledger") })
		t.Run(name+"/ledger", func(t *testing.T) {
			run(t, "ledger", "--init-file", "/dev/null", "--strict", "--pedantic", "-f", file+".hledger", "bal")
		})
		t.Run(name+"/beancount", func(t *testing.T) { run(t, "bean-check", file+".beancount") })
	}
}

// TestProgramsFindFaults holds that the files leave the programs their judgement: a cent too much is refused.
func TestProgramsFindFaults(t *testing.T) {
	t.Parallel()
	for extension, check := range map[string][]string{".hledger": {"hledger", "-f"}, ".beancount": {"bean-check"}} {
		text, err := os.ReadFile("testdata/tricky" + extension)
		if err != nil {
			t.Fatal(err)
		}
		for _, fault := range [][2]string{{"@@ 64800.00 USD", "@@ 64800.01 USD"}, {"@@ 5500.00 USD", "@@ 5499.99 USD"}, {"-12.34 USD", "-12.35 USD"}} {
			t.Run(check[0]+" "+fault[1], func(t *testing.T) {
				if _, err := exec.LookPath(check[0]); err != nil {
					t.Skipf("%s is not installed", check[0])
				}
				file := filepath.Join(t.TempDir(), "faulty"+extension)
				if err := os.WriteFile(file, bytes.Replace(text, []byte(fault[0]), []byte(fault[1]), 1), 0o600); err != nil {
					t.Fatal(err)
				}
				args := append(slices.Clone(check[1:]), file)
				if check[0] == "hledger" {
					args = append(args, "check", "--strict")
				}
				cmd := exec.CommandContext(t.Context(), check[0], args...)
				cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8")
				if out, err := cmd.CombinedOutput(); err == nil || !strings.Contains(string(out), "balance") {
					t.Errorf("%s takes it: %v\n%s", check[0], err, out)
				}
			})
		}
	}
}
