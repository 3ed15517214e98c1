package ledger_test

import (
	"errors"
	"math"
	"math/big"
	"strings"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
)

func TestParseAmount(t *testing.T) {
	tests := []struct {
		in       string
		currency ledger.Currency
		want     string
		err      error
	}{
		{"1250000.00", "EUR", "1250000.00 EUR", nil},
		{"0", "EUR", "0.00 EUR", nil},
		{"5000.00", "JPY", "5000 JPY", nil},
		{"5000.10", "JPY", "", ledger.ErrAmountScale},
		{"1.125", "KWD", "1.125 KWD", nil},
		{"20790.0016", "EUR", "", ledger.ErrAmountScale},
		{"999999999999999.99", "EUR", "999999999999999.99 EUR", nil},
		{"1000000000000000.00", "EUR", "", ledger.ErrAmountSize},
		{"-1.00", "EUR", "", ledger.ErrAmountSyntax},
		{"+1.00", "EUR", "", ledger.ErrAmountSyntax},
		{"1e3", "EUR", "", ledger.ErrAmountSyntax},
		{"1,000.00", "EUR", "", ledger.ErrAmountSyntax},
		{".5", "EUR", "", ledger.ErrAmountSyntax},
		{"1.", "EUR", "", ledger.ErrAmountSyntax},
		{"", "EUR", "", ledger.ErrAmountSyntax},
		{"٣", "EUR", "", ledger.ErrAmountSyntax},
	}
	for _, tt := range tests {
		got, err := ledger.ParseAmount(tt.in, tt.currency)
		if !errors.Is(err, tt.err) {
			t.Errorf("%q %s: error %v, want %v", tt.in, tt.currency, err, tt.err)
			continue
		}
		if err == nil && (ledger.Money{Amount: got, Currency: tt.currency}).String() != tt.want {
			t.Errorf("%q %s: got %s, want %s", tt.in, tt.currency, got, tt.want)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, s := range []string{"1250000.00", "-0", "1e400", "0.001", strings.Repeat("9", 50), "1.\x00"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		d, err := ledger.ParseAmount(s, "EUR")
		if err != nil {
			return
		}
		m := ledger.Money{Amount: d, Currency: "EUR"}
		again, err := ledger.ParseAmount(m.Fixed(), "EUR")
		if err != nil || !again.Equal(d) || d.IsNegative() {
			t.Errorf("%q is read as %s, which is read as %s, %v", s, m, again, err)
		}
	})
}

// TestFixed holds the text of any amount against the library's: of one word and longer, at the currency's scale and not.
func TestFixed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := ledger.Money{Currency: rapid.SampledFrom([]ledger.Currency{"USD", "JPY", "KWD", "CLF", "XXQ"}).Draw(t, "currency")}
		digits := rapid.StringMatching(`-?(0|[1-9][0-9]{0,30})`).Draw(t, "coefficient")
		coefficient, ok := new(big.Int).SetString(digits, 10)
		if !ok {
			t.Fatalf("not a number: %s", digits)
		}
		exponent := rapid.OneOf(rapid.Just(-m.Currency.MinorUnits()), rapid.Int32Range(-6, 3)).Draw(t, "exponent")
		m.Amount = decimal.NewFromBigInt(coefficient, exponent)
		if got, want := m.Fixed(), m.Amount.StringFixed(m.Currency.MinorUnits()); got != want {
			t.Errorf("%s with the exponent %d in %s is written as %s, want %s", coefficient, exponent, m.Currency, got, want)
		}
	})
	for _, units := range []int64{math.MinInt64, math.MaxInt64, 0} {
		m := ledger.Money{Amount: decimal.New(units, -2), Currency: "USD"}
		if got, want := m.Fixed(), m.Amount.StringFixed(2); got != want {
			t.Errorf("%d cents are written as %s, want %s", units, got, want)
		}
	}
	two64 := ledger.Money{Amount: decimal.NewFromBigInt(new(big.Int).Lsh(big.NewInt(1), 64), -2), Currency: "USD"} // whose last word is 0
	if got := two64.Fixed(); got != "184467440737095516.16" {
		t.Errorf("2^64 cents are written as %s", got)
	}
}

func TestParseDate(t *testing.T) {
	for _, s := range []string{"2024-02-29", "1945-10-24", "2199-12-31"} {
		if d, err := ledger.ParseDate(s); err != nil || d.String() != s {
			t.Errorf("%s: got %s, %v", s, d, err)
		}
	}
	for _, s := range []string{"2023-02-29", "2026-02-30", "0001-01-01", "9999-12-31", "1945-10-23", "2026-1-1", "2026-01-01T00:00:00Z", "", "today"} {
		if d, err := ledger.ParseDate(s); err == nil {
			t.Errorf("%q is read as %s", s, d)
		}
	}
}

func FuzzParseDate(f *testing.F) {
	for _, s := range []string{"2024-02-29", "2023-02-30", "0000-00-00", "99999-01-01"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		if d, err := ledger.ParseDate(s); err == nil && d.String() != s {
			t.Errorf("%q is read as %s", s, d)
		}
	})
}

func TestConvert(t *testing.T) {
	rate := ledger.Rate{Currency: "EUR", Date: day("2026-01-01"), UnitsPerUSD: decimal.RequireFromString("0.86"), Source: ledger.SourceUN}
	tests := []struct {
		money ledger.Money
		want  string
	}{
		{ledger.Money{Amount: decimal.RequireFromString("100.00"), Currency: "EUR"}, "100.00 EUR (116.28 USD)"},
		{ledger.Money{Amount: decimal.RequireFromString("0.01"), Currency: "EUR"}, "0.01 EUR (0.01 USD)"},
		{ledger.Money{Amount: decimal.RequireFromString("100.00"), Currency: "USD"}, "100.00 USD"},
	}
	for _, tt := range tests {
		if got := ledger.Convert(tt.money, rate).String(); got != tt.want {
			t.Errorf("got %s, want %s", got, tt.want)
		}
	}
}

// TestSplitLosesNoCent takes parts off an amount until nothing is left: the parts add up to the whole in both currencies.
func TestSplitLosesNoCent(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := func(name string) decimal.Decimal { return decimal.New(rapid.Int64Range(1, 1e12).Draw(t, name), -2) }
		whole := ledger.StateUSD(ledger.Money{Amount: cents("amount"), Currency: "EUR"}, cents("usd"), day("2026-01-01"), ledger.SourceStated)
		var amount, usd decimal.Decimal
		rest := whole
		for rest.Amount.IsPositive() {
			part := decimal.Min(rest.Amount, cents("part").Add(whole.Amount.Div(decimal.NewFromInt(20)).Round(2)))
			var taken ledger.Converted
			taken, rest = rest.Split(part)
			amount, usd = amount.Add(taken.Amount), usd.Add(taken.USD)
			if taken.USD.IsNegative() || rest.USD.IsNegative() {
				t.Fatalf("a part has %s USD and leaves %s", taken.USD, rest.USD)
			}
		}
		if !amount.Equal(whole.Amount) || !usd.Equal(whole.USD) {
			t.Fatalf("the parts of %s add up to %s EUR and %s USD", whole, amount, usd)
		}
	})
}

func TestRulesAreExplained(t *testing.T) {
	for _, rule := range ledger.Rules() {
		doc := rule.Doc()
		if doc.Title == "" || doc.Means == "" || (doc.Kind == 0) != (rule == ledger.RuleInternal) {
			t.Errorf("rule %s is not explained: %+v", rule, doc)
		}
		if strings.ToLower(string(rule)) != string(rule) || strings.Contains(string(rule), "_") {
			t.Errorf("rule %s is not written in kebab case", rule)
		}
	}
}
