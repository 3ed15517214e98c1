package ledger_test

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
)

func dec(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestApportion(t *testing.T) {
	for _, tt := range []struct {
		name    string
		total   string
		scale   int32
		weights []string
		want    []string
	}{
		{"three equal parts: the cent goes to the first", "100.00", 2, []string{"1", "1", "1"}, []string{"33.34", "33.33", "33.33"}},
		{"the largest remainder gets the cent", "0.10", 2, []string{"2", "3", "3"}, []string{"0.02", "0.04", "0.04"}},
		{"what has nothing or less gets nothing", "10.00", 2, []string{"0", "5", "-7", "5"}, []string{"0", "5", "0", "5"}},
		{"yen have no decimals", "100", 0, []string{"1", "2"}, []string{"33", "67"}},
		{"dinars have three", "1.000", 3, []string{"1", "1", "1"}, []string{"0.334", "0.333", "0.333"}},
		{"weights with decimals", "1.00", 2, []string{"0.5", "0.25", "0.25"}, []string{"0.5", "0.25", "0.25"}},
		{"nobody", "1.00", 2, []string{"0", "-1"}, nil},
		{"nothing", "0", 2, []string{"1", "2"}, []string{"0", "0"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			weights := make([]decimal.Decimal, len(tt.weights))
			for i, w := range tt.weights {
				weights[i] = dec(w)
			}
			var got []string
			for _, p := range ledger.Apportion(dec(tt.total), weights, tt.scale) {
				got = append(got, p.String())
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// expenditure is one of CPCJF on 1 April, with a share of each weight, the first of pledge P1 and the others of nobody.
func expenditure(t *testing.T, amount string, weights ...string) ledger.Expenditure {
	t.Helper()
	e := ledger.Expenditure{ID: uuid.New(), Fund: "CPCJF", Date: day("2026-04-01"), Amount: worth(amount), Description: "Training", Reference: "V1", BankAccount: "MAIN"}
	for i, w := range weights {
		s := ledger.Share{Weight: dec(w)}
		if i == 0 {
			s.Pledge, s.Contributor = pledgeID, "NLD"
		}
		e.Shares = append(e.Shares, s)
	}
	var v ledger.Violations
	e.Divide(&v, func(i int) string { return fmt.Sprint("/shares/", i) })
	if err := v.Err(); err != nil {
		t.Fatal(err)
	}
	return e
}

func rates(pairs ...string) []ledger.Rates {
	var list []ledger.Rates
	for i := 0; i < len(pairs); i += 2 {
		list = append(list, ledger.Rates{Support: dec(pairs[i]), Levy: dec(pairs[i+1])})
	}
	return list
}

// TestSpend goes through an expenditure and what it is charged with.
func TestSpend(t *testing.T) {
	both := ledger.Support{Fund: "CPCJF", To: "PSC", LevyTo: "RCS"}
	for _, tt := range []struct {
		name    string
		e       ledger.Expenditure
		rates   []ledger.Rates
		account ledger.Currency
		want    []string
	}{
		{"no charge", expenditure(t, "1000.00 USD"), rates("0", "0"), "", []string{
			"2026-04-01 expenditure", "  Dr 5010 1000.00 USD", "  Cr 1010 1000.00 USD"}},
		{"thirteen per cent", expenditure(t, "1000.00 USD"), rates("13", "0"), "", []string{
			"2026-04-01 expenditure", "  Dr 5010 1000.00 USD", "  Cr 1010 1000.00 USD",
			"2026-04-01 programme_support", "  Dr 5020 130.00 USD", "  Cr 1010 130.00 USD", "  Dr 1010 130.00 USD in PSC", "  Cr 4800 130.00 USD in PSC"}},
		{"half a cent goes up", expenditure(t, "0.50 USD"), rates("13", "1"), "", []string{
			"2026-04-01 expenditure", "  Dr 5010 0.50 USD", "  Cr 1010 0.50 USD",
			"2026-04-01 programme_support", "  Dr 5020 0.07 USD", "  Cr 1010 0.07 USD", "  Dr 1010 0.07 USD in PSC", "  Cr 4800 0.07 USD in PSC",
			"2026-04-01 levy", "  Dr 5020 0.01 USD", "  Cr 1010 0.01 USD", "  Dr 1010 0.01 USD in RCS", "  Cr 4800 0.01 USD in RCS"}},
		{"a charge of nothing is no entry", expenditure(t, "0.03 USD"), rates("13", "1"), "", []string{
			"2026-04-01 expenditure", "  Dr 5010 0.03 USD", "  Cr 1010 0.03 USD"}},
		{"two shares of one rate are charged together", expenditure(t, "0.10 USD", "1", "1"), rates("13", "0", "13", "0"), "", []string{
			"2026-04-01 expenditure", "  Dr 5010 0.05 USD", "  Dr 5010 0.05 USD", "  Cr 1010 0.10 USD",
			"2026-04-01 programme_support", "  Dr 5020 0.01 USD", "  Cr 1010 0.01 USD", "  Dr 1010 0.01 USD in PSC", "  Cr 4800 0.01 USD in PSC"}},
		{"an agreement has its own rate", expenditure(t, "300.00 USD", "1", "2"), rates("7", "0", "13", "1"), "", []string{
			"2026-04-01 expenditure", "  Dr 5010 100.00 USD", "  Dr 5010 200.00 USD", "  Cr 1010 300.00 USD",
			"2026-04-01 programme_support", "  Dr 5020 7.00 USD", "  Dr 5020 26.00 USD", "  Cr 1010 33.00 USD", "  Dr 1010 33.00 USD in PSC", "  Cr 4800 33.00 USD in PSC",
			"2026-04-01 levy", "  Dr 5020 2.00 USD", "  Cr 1010 2.00 USD", "  Dr 1010 2.00 USD in RCS", "  Cr 4800 2.00 USD in RCS"}},
		{"euros from an account in dollars", expenditure(t, "100.00 EUR 125.00"), rates("13", "0"), "USD", []string{
			"2026-04-01 expenditure", "  Dr 5010 100.00 EUR (125.00 USD)", "  Cr 1010 125.00 USD",
			"2026-04-01 programme_support", "  Dr 5020 13.00 EUR (16.25 USD)", "  Cr 1010 16.25 USD", "  Dr 1010 16.25 USD in PSC", "  Cr 4800 13.00 EUR (16.25 USD) in PSC"}},
	} {
		t.Run(tt.name, func(t *testing.T) { check(t, ledger.Spend(tt.e, both, tt.rates, tt.account), tt.want...) })
	}
}

// TestSpendReverses reverses each entry of an expenditure, by which every balance returns to zero.
func TestSpendReverses(t *testing.T) {
	sums := map[string]decimal.Decimal{}
	e := expenditure(t, "99.99 EUR 123.45", "1", "2")
	for _, d := range ledger.Spend(e, ledger.Support{To: "PSC", LevyTo: "RCS"}, rates("13", "1", "7", "1"), "") {
		r, err := ledger.Reverse(ledger.Entry{ID: uuid.New(), Draft: d}, day("2026-05-01"), "wrong voucher")
		if err != nil {
			t.Fatal(err)
		}
		if r.Subject.Expenditure != e.ID {
			t.Error("the reversal does not name the expenditure")
		}
		for _, l := range append(d.Lines, r.Lines...) {
			key := fmt.Sprint(l.Account, l.Dimensions, l.Currency)
			sums[key] = sums[key].Add(l.USD)
		}
	}
	for key, sum := range sums {
		if !sum.IsZero() {
			t.Errorf("%s is left on %s", sum, key)
		}
	}
}

func TestDivideRefusesAShareOfNothing(t *testing.T) {
	e := ledger.Expenditure{Amount: worth("0.01 USD"), Shares: []ledger.Share{{Weight: dec("9")}, {Weight: dec("1")}}}
	var v ledger.Violations
	e.Divide(&v, func(i int) string { return fmt.Sprint("/shares/", i) })
	if len(v) != 1 || v[0].Pointer != "/shares/1" || v[0].Rule != ledger.RuleAmountNotPositive {
		t.Errorf("violations %v", v)
	}
}

func TestEarnInterest(t *testing.T) {
	in := ledger.InterestReceived{BankAccount: "MAIN", BankReference: "I1", ValueDate: day("2026-04-02"),
		Period: ledger.Period{From: day("2026-01-01"), To: day("2026-03-31")}, Amount: worth("100.00 USD")}
	earners := []ledger.Earner{{Fund: "CPCJF", Contributor: "NLD", Pledge: pledgeID, Balance: dec("1000")}, {Fund: "CPCJF", Balance: dec("1000")},
		{Fund: "OTHER", Balance: dec("1000")}, {Fund: "EMPTY", Balance: dec("-500")}}
	d, parts, err := ledger.EarnInterest(in, earners, "")
	if err != nil || len(parts) != 3 {
		t.Fatal(parts, err)
	}
	check(t, []ledger.Draft{d}, "2026-04-02 interest", "  Cr 4700 33.34 USD", "  Cr 4700 33.33 USD", "  Cr 4700 33.33 USD in OTHER",
		"  Dr 1010 66.67 USD", "  Dr 1010 33.33 USD in OTHER")
	_, _, err = ledger.EarnInterest(in, earners[3:], "")
	wantRule(t, err, ledger.RuleNoBalance)
}

// TestSpendingProperties spends and earns at random: every fund balances by itself in each entry, shares and parts sum to
// the whole in both currencies, a charge is what the rate says of the whole, and no share is off its exact part by a unit.
func TestSpendingProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]ledger.Currency{"USD", "EUR", "JPY", "KWD"}).Draw(t, "currency")
		amount := decimal.New(rapid.Int64Range(1, 1e12).Draw(t, "amount"), -currency.MinorUnits())
		usd := decimal.New(rapid.Int64Range(0, 1e12).Draw(t, "usd"), -2)
		if currency == ledger.USD {
			usd = amount
		}
		whole := ledger.StateUSD(ledger.Money{Amount: amount, Currency: currency}, usd, day("2026-04-01"), ledger.SourceStated)
		e := ledger.Expenditure{Fund: "CPCJF", Date: day("2026-04-01"), Amount: whole, Reference: "V", BankAccount: "MAIN"}
		percent := rapid.SampledFrom([]string{"0", "7", "8.25", "13"})
		var held []ledger.Rates
		one := dec(percent.Draw(t, "rate"))
		same := rapid.Bool().Draw(t, "one rate")
		for i := range rapid.IntRange(0, 6).Draw(t, "shares") {
			e.Shares = append(e.Shares, ledger.Share{Pledge: uuid.New(), Contributor: "NLD", Weight: decimal.New(rapid.Int64Range(1, 1e6).Draw(t, fmt.Sprint("weight ", i)), -3)})
			r := one
			if !same {
				r = dec(percent.Draw(t, fmt.Sprint("rate ", i)))
			}
			held = append(held, ledger.Rates{Support: r, Levy: dec("1")})
		}
		if len(e.Shares) == 0 {
			held = []ledger.Rates{{Support: one, Levy: dec("1")}}
		}
		var v ledger.Violations
		e.Divide(&v, func(int) string { return "" })
		if len(v) > 0 {
			return // a share of nothing, which is refused
		}
		account := rapid.SampledFrom([]ledger.Currency{"", "USD"}).Draw(t, "account")
		for _, d := range ledger.Spend(e, ledger.Support{To: "PSC", LevyTo: "RCS"}, held, account) {
			balances(t, d)
			var amounts, dollars decimal.Decimal
			for _, l := range d.Lines {
				if l.Account == ledger.ProgrammeExpenditure || l.Account == ledger.SupportCosts {
					amounts, dollars = amounts.Add(l.Amount), dollars.Add(l.USD)
				}
			}
			want := whole
			rate := decimal.NewFromInt(100)
			switch d.Kind {
			case ledger.EntryProgrammeSupport:
				if !same && len(e.Shares) > 1 {
					continue // each group is rounded by itself
				}
				rate = held[0].Support
			case ledger.EntryLevy:
				rate = dec("1")
			}
			want.Amount, want.USD = currency.Round(whole.Amount.Mul(rate).Shift(-2)), ledger.USD.Round(whole.USD.Mul(rate).Shift(-2))
			if !amounts.Equal(want.Amount) || !dollars.Equal(want.USD) {
				t.Fatalf("%s of %s: %s and %s USD, want %s", d.Kind, whole, amounts, dollars, want)
			}
		}
		earn(t, whole, account)
	})
}

// earn apportions an amount by random balances.
func earn(t *rapid.T, whole ledger.Converted, account ledger.Currency) {
	var earners []ledger.Earner
	for i := range rapid.IntRange(0, 6).Draw(t, "earners") {
		earners = append(earners, ledger.Earner{Fund: ledger.FundCode(fmt.Sprint("F", i%3)), Balance: decimal.New(rapid.Int64Range(-1e9, 1e12).Draw(t, fmt.Sprint("balance ", i)), -2)})
	}
	in := ledger.InterestReceived{BankAccount: "MAIN", BankReference: "I", ValueDate: day("2026-04-01"), Amount: whole}
	d, parts, err := ledger.EarnInterest(in, earners, account)
	if err != nil {
		return // no balance
	}
	balances(t, d)
	var amount, usd decimal.Decimal
	for _, p := range parts {
		if !p.Balance.IsPositive() || p.Amount.IsNegative() || p.USD.IsNegative() {
			t.Fatalf("%+v earned", p)
		}
		amount, usd = amount.Add(p.Amount), usd.Add(p.USD)
	}
	if !amount.Equal(whole.Amount) || !usd.Equal(whole.USD) {
		t.Fatalf("the parts sum to %s and %s USD, not to %s", amount, usd, whole)
	}
}

// balances fails unless each fund of a draft sums to zero in USD.
func balances(t *rapid.T, d ledger.Draft) {
	if err := d.Check(); err != nil {
		t.Fatal(err)
	}
}
