package ledger_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// conditions returns conditions of EUR amounts.
func conditions(amounts ...string) []ledger.Condition {
	var list []ledger.Condition
	for i, a := range amounts {
		list = append(list, ledger.Condition{Number: i + 1, Description: "a report", Money: ledger.Money{Amount: decimal.RequireFromString(a), Currency: "EUR"}})
	}
	return list
}

// conditional is the pledge of 1,000 EUR agreed at 1,200 USD with two conditions.
func conditional() *ledger.PledgeState {
	s := announced()
	ledger.Agree(pledge(ledger.OnConditions), s, worth("1000.00 EUR 1200.00"), conditions("333.33", "666.67"), day("2026-02-10"))
	return s
}

func TestAgreeWithConditions(t *testing.T) {
	drafts := ledger.Agree(pledge(ledger.OnConditions), announced(), worth("1000.00 EUR 1200.00"), conditions("400.00", "600.00"), day("2026-02-10"))
	check(t, drafts, "2026-02-10 pledge_agreed", "  Dr 1200 1000.00 EUR (1200.00 USD)", "  Cr 2400 1000.00 EUR (1200.00 USD)",
		"  Cr 9100 1000.00 EUR (1100.00 USD)", "  Dr 9190 1000.00 EUR (1100.00 USD)")
}

func TestMeet(t *testing.T) {
	p, s := pledge(ledger.OnConditions), conditional()
	meet := func(number int, on string) (ledger.Draft, error) {
		return ledger.Meet(p, s, number, ledger.Fulfilment{On: day(on), By: "Programme manager"})
	}
	d, err := meet(1, "2026-04-01")
	if err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2026-04-01 condition_met", "  Dr 2400 333.33 EUR (400.00 USD)", "  Cr 4010 333.33 EUR (400.00 USD)")
	_, err = meet(1, "2026-04-02")
	wantRule(t, err, ledger.RuleConditionMet)
	_, err = meet(3, "2026-04-02")
	wantRule(t, err, ledger.RuleConditionUnknown)
	_, err = meet(2, "2026-02-09")
	wantRule(t, err, ledger.RuleDateOrder)
	if d, err = meet(2, "2026-05-01"); err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2026-05-01 condition_met", "  Dr 2400 666.67 EUR (800.00 USD)", "  Cr 4010 666.67 EUR (800.00 USD)")
	if !s.Deferred.Amount.IsZero() || !s.Deferred.USD.IsZero() {
		t.Errorf("all conditions are met and %s is deferred", s.Deferred)
	}
}

// TestReduceConditional takes what never was revenue off what is deferred first, and what is more off the revenue.
func TestReduceConditional(t *testing.T) {
	p, s := pledge(ledger.OnConditions), conditional()
	if _, err := ledger.Meet(p, s, 1, ledger.Fulfilment{On: day("2026-04-01")}); err != nil {
		t.Fatal(err)
	}
	d, _, err := ledger.End(p, s, ledger.Ending{Leg: ledger.LegReduced, Amount: worth("700.00 EUR 0"), On: day("2026-06-01")})
	if err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2026-06-01 pledge_adjusted", "  Dr 2400 666.67 EUR (800.00 USD)", "  Dr 4010 33.33 EUR (40.00 USD)", "  Cr 1200 700.00 EUR (840.00 USD)")
	if d, err = ledger.Meet(p, s, 2, ledger.Fulfilment{On: day("2026-07-01")}); err != nil || len(d.Lines) > 0 {
		t.Errorf("a condition for which nothing is left posted %v, %v", journal(d), err)
	}
}

func TestIncreaseWithCondition(t *testing.T) {
	s := conditional()
	more := conditions("100.00")
	more[0].Number = 3
	drafts, err := ledger.Increase(pledge(ledger.OnConditions), s, "EUR", worth("100.00 EUR 125.00"), more, day("2026-05-01"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, drafts, "2026-05-01 pledge_adjusted", "  Dr 1200 100.00 EUR (125.00 USD)", "  Cr 2400 100.00 EUR (125.00 USD)")
	if len(s.Conditions) != 3 {
		t.Errorf("%d conditions, want 3", len(s.Conditions))
	}
	_, err = ledger.Increase(pledge(ledger.OnReceipt), announced(), "EUR", worth("100.00 EUR 125.00"), more, day("2026-05-01"))
	wantRule(t, err, ledger.RuleRecognitionMismatch)
}

func TestCheckConditions(t *testing.T) {
	var v ledger.Violations
	ledger.CheckConditions(&v, "/conditions", conditions("400.00", "600.00"), ledger.Money{Amount: decimal.RequireFromString("1000.00"), Currency: "EUR"})
	ledger.CheckConditions(&v, "/conditions", nil, ledger.Money{Amount: decimal.RequireFromString("1000.00"), Currency: "EUR"})
	if v.Err() != nil {
		t.Errorf("good conditions are refused: %v", v.Err())
	}
	ledger.CheckConditions(&v, "/conditions", conditions("400.00", "500.00"), ledger.Money{Amount: decimal.RequireFromString("1000.00"), Currency: "USD"})
	var got []string
	for _, f := range v {
		got = append(got, f.Pointer+" "+string(f.Rule))
	}
	want := []string{"/conditions/0/amount/currency currency-mismatch", "/conditions/1/amount/currency currency-mismatch", "/conditions condition-sum"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
