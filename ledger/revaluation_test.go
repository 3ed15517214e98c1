package ledger_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

func TestRevalue(t *testing.T) {
	rates := map[ledger.Currency]ledger.Rate{"EUR": {Currency: "EUR", Date: day("2026-12-01"), UnitsPerUSD: decimal.RequireFromString("0.8"), Source: ledger.SourceUN},
		"JPY": {Currency: "JPY", Date: day("2026-12-01"), UnitsPerUSD: decimal.NewFromInt(150), Source: ledger.SourceUN}}
	receivable := ledger.Line{Account: ledger.Receivable, Dimensions: ledger.Dimensions{Fund: "CPCJF", Contributor: "NLD", Pledge: pledgeID}, Converted: worth("1000.00 EUR 1200.00")}
	cash := ledger.Line{Account: ledger.CashAtBank, Dimensions: ledger.Dimensions{Fund: "CPCJF", BankAccount: "MAIN"}, Converted: worth("15000 JPY 120.00")}
	d, err := ledger.Revalue("CPCJF", []ledger.Line{receivable, cash}, rates, day("2026-12-31"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2026-12-31 revaluation", "  Dr 1200 0.00 EUR (50.00 USD)", "  Cr 4910 50.00 USD", "  Cr 1010 0 JPY (20.00 USD)", "  Dr 5910 20.00 USD")

	receivable.USD, cash.USD = decimal.NewFromInt(1250), decimal.NewFromInt(100)
	d, err = ledger.Revalue("CPCJF", []ledger.Line{receivable, cash}, rates, day("2026-12-31"))
	if err != nil || len(d.Lines) > 0 {
		t.Errorf("balances at the closing rate are revalued: %v, %v", journal(d), err)
	}
	_, err = ledger.Revalue("CPCJF", []ledger.Line{receivable, receivable}, nil, day("2026-12-31"))
	wantRule(t, err, ledger.RuleRateMissing)
}
