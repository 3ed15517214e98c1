package reports_test

import (
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/reports"
)

func openRegister(b *testing.B) book {
	url := ledgertest.Database(b)
	r := book{Store: ledgertest.Open(b, url), owner: ledgertest.Connect(b, url, "")}
	r.run(b, "register.sql")
	r.owner.MustExec(`ANALYZE`)
	b.ResetTimer()
	return r
}

// BenchmarkStatement builds the statement of a contributor with 42 pledges and receipts in a ledger of 5,000 entries.
func BenchmarkStatement(b *testing.B) {
	r := openRegister(b)
	request := reports.StatementRequest{Contributor: "C7", Period: days(b, "2006-01-01", "2026-12-31")}
	for b.Loop() {
		if s := statement(b, r.Store, always, request); len(s.Pledges) != 42 || len(s.Receipts) != 42 {
			b.Fatalf("%d pledges, %d receipts", len(s.Pledges), len(s.Receipts))
		}
	}
}

// BenchmarkFundReport builds the tenth year of the same ledger.
func BenchmarkFundReport(b *testing.B) {
	r := openRegister(b)
	for b.Loop() {
		if f := fundReport(b, r.Store, ledger.FundCode("GEN"), 2015); len(f.Groups) != 1 {
			b.Fatalf("%d groups", len(f.Groups))
		}
	}
}
