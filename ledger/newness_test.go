package ledger_test

import (
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
)

func TestProposeNew(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		given []int
		want  bool
	}{
		"nothing ever":          {nil, true},
		"the year before":       {[]int{2025}, false},
		"the first year looked": {[]int{2023}, false},
		"a year too early":      {[]int{2022}, true},
		"only its own year":     {[]int{2026}, true},
		"only later":            {[]int{2027}, true},
	} {
		if got, years := ledger.ProposeNew(ledger.GivingHistory{FundYear: 2026, Given: tt.given}, ledger.DefaultLookback); got != tt.want {
			t.Errorf("%s: new is %t, because of %v", name, got, years)
		}
	}
}

func TestProposeAdditional(t *testing.T) {
	t.Parallel()
	h := ledger.GivingHistory{Pledged: map[ledger.Currency]decimal.Decimal{"EUR": decimal.NewFromInt(100)}, PledgedUSD: decimal.NewFromInt(110)}
	for name, tt := range map[string]struct {
		amount      int64
		currency    ledger.Currency
		want, known bool
	}{
		"above":            {99, "EUR", true, true},
		"as much":          {100, "EUR", false, true},
		"in USD":           {105, "USD", true, true},
		"another currency": {1, "CHF", false, false},
	} {
		got, known := ledger.ProposeAdditional(h, ledger.Baseline{Money: ledger.Money{Amount: decimal.NewFromInt(tt.amount), Currency: tt.currency}})
		if got != tt.want || known != tt.known {
			t.Errorf("%s: %t, %t", name, got, known)
		}
	}
}

// TestLookback holds that looking further back never makes a contributor new again.
func TestLookback(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		h := ledger.GivingHistory{FundYear: 2026, Given: rapid.SliceOf(rapid.IntRange(2000, 2030)).Draw(t, "given")}
		n := rapid.IntRange(1, 20).Draw(t, "lookback")
		near, _ := ledger.ProposeNew(h, n)
		if far, years := ledger.ProposeNew(h, n+1); far && !near {
			t.Fatalf("new after %d years, not after %d: %v", n+1, n, years)
		}
	})
}

// TestFamilies holds that every record belongs to the family of its survivor, and to that of no other standing record.
func TestFamilies(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		codes := []ledger.ContributorCode{"A", "B", "C", "D", "E", "F"}
		merges := ledger.Merges{}
		for i, c := range codes[1:] { // into one that comes before it, so never in a circle
			if rapid.Bool().Draw(t, "merged") {
				merges[c] = codes[rapid.IntRange(0, i).Draw(t, "survivor")]
			}
		}
		seen := map[ledger.ContributorCode]ledger.ContributorCode{}
		for _, c := range codes {
			if merges.Survivor(c) != c {
				continue
			}
			for _, member := range merges.Family(c) {
				if seen[member] != "" || merges.Survivor(member) != c {
					t.Fatalf("%s is in the families of %s and %s of %v", member, seen[member], c, merges)
				}
				seen[member] = c
			}
		}
		if len(seen) != len(codes) {
			t.Fatalf("%v has families of %v only", merges, seen)
		}
	})
}
