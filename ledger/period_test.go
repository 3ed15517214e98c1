package ledger_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
)

func TestParsePeriod(t *testing.T) {
	for _, tt := range []struct{ in, from, to string }{
		{"2025", "2025-01-01", "2025-12-31"}, {"2024-02", "2024-02-01", "2024-02-29"}, {"2025-02", "2025-02-01", "2025-02-28"},
		{"2025-12", "2025-12-01", "2025-12-31"}, {"1946", "1946-01-01", "1946-12-31"},
	} {
		p, err := ledger.ParsePeriod(tt.in)
		if err != nil || p.From.String() != tt.from || p.To.String() != tt.to || p.String() != tt.in || p.IsYear() != (len(tt.in) == 4) {
			t.Errorf("%s: %s to %s, written %s, %v", tt.in, p.From, p.To, p, err)
		}
	}
	for _, bad := range []string{"", "25", "2025-13", "2025-00", "2025-1", "2025-01-01", "1944", "2200", "0000", " 2025", "2025Q1", "+025"} {
		if p, err := ledger.ParsePeriod(bad); err == nil {
			t.Errorf("%q is read as %s", bad, p)
		}
	}
}

// TestCloseYear closes random balances: afterwards each account and currency stands at nothing, and the fund balance has the
// result in USD.
func TestCloseYear(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		year, err := ledger.ParsePeriod("2025")
		if err != nil {
			t.Fatal(err)
		}
		type key struct {
			account  ledger.AccountCode
			currency ledger.Currency
		}
		left, leftUSD := map[key]decimal.Decimal{}, map[key]decimal.Decimal{}
		var balances []ledger.Line
		var result decimal.Decimal
		for _, account := range []ledger.AccountCode{ledger.RevenueCash, ledger.ProgrammeExpenditure, ledger.ExchangeLosses} {
			for _, currency := range []ledger.Currency{ledger.USD, "EUR", "JPY"} {
				amount := decimal.New(rapid.Int64Range(-1e6, 1e6).Draw(t, fmt.Sprint(account, currency)), -currency.MinorUnits())
				usd := amount
				if currency != ledger.USD {
					usd = decimal.New(rapid.Int64Range(-1e6, 1e6).Draw(t, fmt.Sprint(account, currency, " in USD")), -2)
				}
				k := key{account, currency}
				left[k], leftUSD[k], result = amount, usd, result.Add(usd)
				balances = append(balances, ledger.Line{Account: account, Converted: ledger.Converted{Money: ledger.Money{Amount: amount, Currency: currency}, USD: usd}})
			}
		}
		d := ledger.CloseYear("CPCJF", balances, year)
		var sum, carried decimal.Decimal
		for _, l := range d.Lines {
			sum = sum.Add(l.USD)
			if l.Account == ledger.FundBalance {
				carried = carried.Add(l.USD)
				continue
			}
			k := key{l.Account, l.Currency}
			if _, known := left[k]; !known || l.Amount.IsZero() {
				// What has a worth and no amount any more is closed in USD by itself.
				usd := key{l.Account, ledger.USD}
				left[usd] = left[usd].Add(l.Amount)
				leftUSD[usd] = leftUSD[usd].Add(l.USD)
				continue
			}
			left[k], leftUSD[k] = left[k].Add(l.Amount), leftUSD[k].Add(l.USD)
		}
		if !sum.IsZero() || !carried.Equal(result) {
			t.Fatalf("lines sum to %s, %s USD go to the fund balance, want %s", sum, carried, result)
		}
		perAccount := map[ledger.AccountCode]decimal.Decimal{}
		for k, amount := range left {
			if k.currency != ledger.USD && !amount.IsZero() {
				t.Fatalf("%s %s are left on %s", amount, k.currency, k.account)
			}
			perAccount[k.account] = perAccount[k.account].Add(leftUSD[k])
		}
		for account, usd := range perAccount {
			if !usd.IsZero() {
				t.Fatalf("%s USD are left on %s", usd, account)
			}
		}
	})
}
