package ledger_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

func schedule(amounts ...int64) []ledger.Instalment {
	list := make([]ledger.Instalment, len(amounts))
	for i, a := range amounts {
		list[i] = ledger.Instalment{Number: i + 1, DueOn: day("2026-03-01").AddDays(30 * i), Money: ledger.Money{Amount: decimal.NewFromInt(a), Currency: "EUR"}}
	}
	return list
}

// TestDueOf pays a pledge of three instalments bit by bit: the oldest is settled first and no cent of USD is lost.
func TestDueOf(t *testing.T) {
	for _, tt := range []struct {
		left string
		want []string
	}{
		{"600.00 EUR 700.00", []string{"1: 100.00 EUR (116.67 USD)", "2: 200.00 EUR (233.33 USD)", "3: 300.00 EUR (350.00 USD)"}},
		{"550.00 EUR 650.00", []string{"1: 50.00 EUR (59.09 USD)", "2: 200.00 EUR (236.36 USD)", "3: 300.00 EUR (354.55 USD)"}},
		{"300.01 EUR 310.00", []string{"2: 0.01 EUR (0.01 USD)", "3: 300.00 EUR (309.99 USD)"}},
		{"0.01 EUR 0.01", []string{"3: 0.01 EUR (0.01 USD)"}},
		{"0.00 EUR 0", nil},
		{"700.00 EUR 700.00", []string{"1: 200.00 EUR (200.00 USD)", "2: 200.00 EUR (200.00 USD)", "3: 300.00 EUR (300.00 USD)"}},
	} {
		var got []string
		left := worth(tt.left)
		for _, d := range ledger.DueOf(schedule(100, 200, 300), nil, left) {
			got = append(got, fmt.Sprintf("%d: %s", d.Number, d.Left))
			left.Amount, left.USD = left.Amount.Sub(d.Left.Amount), left.USD.Sub(d.Left.USD)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" || !left.Amount.IsZero() || !left.USD.IsZero() {
			t.Errorf("of %s (-want +got), %s is lost:\n%s", tt.left, left, diff)
		}
	}
}

// TestDueOfChosen applies cash to an instalment by choice; what is left is of the others.
func TestDueOfChosen(t *testing.T) {
	for _, tt := range []struct {
		chosen map[int]decimal.Decimal
		left   string
		want   []string
	}{
		{map[int]decimal.Decimal{3: decimal.NewFromInt(300)}, "300.00 EUR 300.00", []string{"1: 100.00 EUR", "2: 200.00 EUR"}},
		{map[int]decimal.Decimal{3: decimal.NewFromInt(300)}, "150.00 EUR 150.00", []string{"2: 150.00 EUR"}},
		{map[int]decimal.Decimal{2: decimal.NewFromInt(50)}, "550.00 EUR 550.00", []string{"1: 100.00 EUR", "2: 150.00 EUR", "3: 300.00 EUR"}},
		{map[int]decimal.Decimal{1: decimal.NewFromInt(100), 2: decimal.NewFromInt(200), 3: decimal.NewFromInt(300)}, "5.00 EUR 5.00", []string{"3: 5.00 EUR"}},
	} {
		var got []string
		for _, d := range ledger.DueOf(schedule(100, 200, 300), tt.chosen, worth(tt.left)) {
			got = append(got, fmt.Sprintf("%d: %s", d.Number, d.Left.Money))
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("of %s with %v paid by choice (-want +got):\n%s", tt.left, tt.chosen, diff)
		}
	}
}

func TestAge(t *testing.T) {
	for days, want := range map[int]ledger.Bucket{-1: ledger.Coming, 0: ledger.Days30, 30: ledger.Days30, 31: ledger.Days90, 90: ledger.Days90, 91: ledger.Days365,
		365: ledger.Days365, 366: ledger.TwoYears, 730: ledger.TwoYears, 731: ledger.OverTwoYears} {
		if got, bucket := ledger.Age(day("2024-02-29"), day("2024-02-29").AddDays(days)); got != days || bucket != want {
			t.Errorf("after %d days: %d, %s, want %s", days, got, bucket, want)
		}
	}
}

func TestCheckSchedule(t *testing.T) {
	agreed := worth("600.00 EUR 700.00").Money
	backwards := schedule(300, 300)
	backwards[1].DueOn = day("2026-02-01")
	for _, tt := range []struct {
		schedule []ledger.Instalment
		want     ledger.Rule
	}{{nil, ""}, {schedule(100, 200, 300), ""}, {schedule(100, 200, 299), ledger.RuleScheduleSum}, {backwards, ledger.RuleDateOrder}} {
		var v ledger.Violations
		ledger.CheckSchedule(&v, "/instalments", tt.schedule, agreed)
		if tt.want == "" && len(v) > 0 || tt.want != "" && (len(v) != 1 || v[0].Rule != tt.want) {
			t.Errorf("%v: %v, want %q", tt.schedule, v, tt.want)
		}
	}
}
