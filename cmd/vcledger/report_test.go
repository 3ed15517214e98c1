package main

import (
	"strings"
	"testing"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestReportCheck holds a year's sources against each other, and sees the command fail with the name of what differs.
func TestReportCheck(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	b.Receipt("1000.00 USD", "2025-03-01")
	check := []string{"report", "--check", "--fund", "CPCJF", "--year", "2025", "--database-url", url}
	out, _ := works(t, check...)
	for _, says := range []string{"Statements less report", "1,000.00", "cash at bank"} {
		if !strings.Contains(out, says) {
			t.Errorf("the check does not say %q:\n%s", says, out)
		}
	}
	b.Do(b.RecordReconciliation(t.Context(), b.Command(nil), postgres.ReconciliationInput{BankAccount: "CPCJF", Date: ledgertest.Day("2025-12-31"),
		Balance: ledgertest.Cash("990.00 USD"), Document: "Statement 12"}))
	ledgertest.Connect(t, url, "").MustExec(`SET session_replication_role = replica; UPDATE allocation SET amount = 999, amount_usd = 999`)
	code, out, stderr := vcledger(t, check...)
	for _, names := range []string{"cash at bank, CPCJF: accounts less bank is 10.00 USD", "received at bank, USD: fund report less accounts is -1.00 USD"} {
		if code != exitFailed || !strings.Contains(stderr, names) {
			t.Errorf("exit %d, does not name %q: %s", code, names, stderr)
		}
	}
	if !strings.Contains(out, "10.00") {
		t.Errorf("the tie-out is not printed when it fails:\n%s", out)
	}
}
