package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestYear spends from a file, sees what is missing before the year can be closed, and closes it.
func TestYear(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	b.Receipt("1000.00 USD", "2025-03-01")
	b.Do(b.RecordSupport(t.Context(), b.Command(nil), ledger.Support{Fund: "CPCJF", From: ledgertest.Day("2025-01-01"), Rate: decimal.NewFromInt(13), To: "OTHER"}))
	file := func(rows ...string) string {
		path := filepath.Join(t.TempDir(), "vouchers.csv")
		if err := os.WriteFile(path, []byte("date,amount,currency,description,reference,project\n"+strings.Join(rows, "\n")+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good, dear := `2025-06-01,300.00,USD,Workshop,V-1,GLO/Z82`, `2025-06-02,900.00,USD,Equipment,V-2,GLO/Z82`
	spend := func(rows ...string) (int, string, string) {
		return vcledger(t, "import", "expenditures", file(rows...), "--fund", "CPCJF", "--database-url", url)
	}
	if code, out, stderr := spend(good, dear, `2025-06-31,1.00,USD,,V-3,`); code != exitFailed || out != "" || !strings.Contains(stderr, "line 4, column date") ||
		!strings.Contains(stderr, "line 4, column description") {
		t.Errorf("a bad row: exit %d, %s%s", code, out, stderr)
	}
	if code, _, stderr := spend(good, dear); code != exitFailed || !strings.Contains(stderr, "line 3, column amount") || !strings.Contains(stderr, "exceeds-available-cash") {
		t.Errorf("more than there is: exit %d, %s", code, stderr)
	}
	if code, out, stderr := spend(good); code != 0 || !strings.Contains(out, "1 rows read, 1 loaded, 0 in the books before; 339.00 USD of the cash of CPCJF") {
		t.Errorf("loaded: exit %d, %s%s", code, out, stderr)
	}
	if _, out, _ := spend(good); !strings.Contains(out, "0 loaded, 1 in the books before") {
		t.Errorf("loaded again: %s", out)
	}

	closing := []string{"close", "--fund", "CPCJF", "--period", "2025", "--database-url", url}
	if code, out, stderr := vcledger(t, append(closing, "--check")...); code != exitFailed || !strings.Contains(out, "no statement of the bank was recorded") ||
		!strings.Contains(stderr, "cannot be closed yet") {
		t.Errorf("the closing list: exit %d, %s%s", code, out, stderr)
	}
	if code, _, stderr := vcledger(t, closing...); code != exitFailed || !strings.Contains(stderr, "bank_reconciled") {
		t.Errorf("closed too early: exit %d, %s", code, stderr)
	}
	b.Do(b.RecordReconciliation(t.Context(), b.Command(nil), postgres.ReconciliationInput{BankAccount: "CPCJF", Date: ledgertest.Day("2025-12-31"),
		Balance: ledgertest.Cash("700.00 USD"), Document: "Statement 12"}))
	works(t, append(closing, "--check")...)
	out, _ := works(t, closing...)
	if !strings.Contains(out, "2025 of CPCJF is closed (entry ") || strings.Count(out, "done") != 4 {
		t.Errorf("closed: %s", out)
	}
	if code, _, _ := vcledger(t, "close", "--fund", "CPCJF", "--period", "25", "--database-url", url); code != exitUsage {
		t.Errorf("a period that is none: exit %d", code)
	}
	report, _ := works(t, "report", "--fund", "CPCJF", "--year", "2025", "--database-url", url)
	for _, says := range []string{"Programme expenditure", "339.00", "1,000.00"} {
		if !strings.Contains(report, says) {
			t.Errorf("the report of the closed year does not say %q:\n%s", says, report)
		}
	}
	ledgertest.CheckBooks(t, b.Store)
}
