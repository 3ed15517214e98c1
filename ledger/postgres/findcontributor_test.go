package postgres_test

import (
	"io"
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestRegisterNames holds that a register's row under a name of several contributors is rejected with each of them, and
// that one under the name of a merged record goes to its survivor.
func TestRegisterNames(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	for _, code := range []ledger.ContributorCode{"IADB", "ISDB"} {
		b.Do(b.RecordContributor(t.Context(), b.Command(nil), ledger.Contributor{Code: code, Name: "Bank " + string(code), Kind: ledger.RDB, Aliases: []string{"IDB"}}))
	}
	b.Do(b.RecordContributor(t.Context(), b.Command(nil), ledger.Contributor{Code: "ADB-2", Name: "Asian Bank", Kind: ledger.RDB}))
	b.Do(b.MergeContributor(t.Context(), b.Command(nil), ledger.Merge{Absorbed: "ADB-2", Survivor: "ADB", Date: ledgertest.Day("2026-01-01"), Reason: "one bank twice"}))
	rows := []postgres.RegisterRow{{Line: 2, Contribution: "C1", Contributor: "IDB"}, {Line: 3, Contribution: "C2", Contributor: "ASIAN BANK"}}
	var faults []postgres.RegisterFault
	_, err := b.ImportRegister(t.Context(), func() (postgres.RegisterRow, []postgres.RegisterFault, error) {
		if len(rows) == 0 {
			return postgres.RegisterRow{}, nil, io.EOF
		}
		row := rows[0]
		rows = rows[1:]
		row.Event, row.Kind, row.Fund, row.FundYear = postgres.RegisterPledge, ledger.RDB, "CPCJF", 2026
		row.Date, row.Money = ledgertest.Day("2026-02-01"), ledgertest.Cash("10.00 USD")
		return row, nil, nil
	}, postgres.RegisterOptions{SkipInvalid: true, CodeFrom: strings.ToUpper, Warn: func(int, string) {}, Posted: func(int, int) {},
		Reject: func(f postgres.RegisterFault) error { faults = append(faults, f); return nil }})
	if err != nil {
		t.Fatal(err)
	}
	if len(faults) != 1 || faults[0].Line != 2 || faults[0].Rule != ledger.RuleContributorAmbiguous || faults[0].Column != "contributor" ||
		!strings.Contains(faults[0].Detail, "IADB (Bank IADB) or ISDB (Bank ISDB)") {
		t.Errorf("rejected %+v", faults)
	}
	pledges, err := b.Pledges(t.Context(), postgres.PledgeFilter{Contributor: "ADB"}, [16]byte{}, 10)
	if err != nil || len(pledges) != 1 || pledges[0].Reference != "C2" {
		t.Errorf("ADB has %+v, %v", pledges, err)
	}
}
