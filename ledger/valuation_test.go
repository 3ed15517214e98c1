package ledger_test

import (
	"fmt"
	"testing"

	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
)

func number(s string) decimal.Decimal { return decimal.RequireFromString(s) }

func TestSettle(t *testing.T) {
	usd := func(s string) ledger.Money { return worth(s + " USD").Money }
	value := func(s string) ledger.Converted { return ledger.Converted{Money: usd(s)} }
	tests := []struct {
		name string
		in   ledger.Valuation
		want string // value, declared, basis and unit value; or the rule
	}{
		{"the whole from the unit value", ledger.Valuation{Quantity: number("3"), UnitValue: usd("33.33"), Basis: ledger.MarketPrice},
			"99.99 USD,  , market_price, 33.33 USD"},
		{"the unit value from the whole", ledger.Valuation{Quantity: number("3"), Value: value("100.00"), Basis: ledger.MarketPrice},
			"100.00 USD,  , market_price, 33.33 USD"},
		{"half a day is rounded", ledger.Valuation{Quantity: number("0.5"), UnitValue: usd("33.33"), Basis: ledger.MarketPrice},
			"16.67 USD,  , market_price, 33.33 USD"},
		{"both and they fit", ledger.Valuation{Quantity: number("3"), Value: value("99.99"), UnitValue: usd("33.33"), Basis: ledger.MarketPrice},
			"99.99 USD,  , market_price, 33.33 USD"},
		{"both and they do not", ledger.Valuation{Quantity: number("3"), Value: value("100.00"), UnitValue: usd("33.33"), Basis: ledger.MarketPrice},
			"/x/unit_value valuation-contradicts"},
		{"two currencies", ledger.Valuation{Quantity: number("3"), Value: value("1.00"), UnitValue: worth("1.00 EUR 1.00").Money}, "/x/unit_value currency-mismatch"},
		{"declared only", ledger.Valuation{Quantity: number("3"), Declared: usd("90.00")}, "90.00 USD, 90.00 USD, donor_stated, 30.00 USD"},
		{"declared only, on another basis", ledger.Valuation{Quantity: number("3"), Declared: usd("90.00"), Basis: ledger.MarketPrice},
			"/x/valuation_basis valuation-contradicts"},
		{"declared and assessed", ledger.Valuation{Quantity: number("3"), Declared: usd("90.00"), Value: value("60.00"), Basis: ledger.MarketPrice},
			"60.00 USD, 90.00 USD, market_price, 20.00 USD"},
		{"the assessed value is the donor's and is not", ledger.Valuation{Quantity: number("3"), Declared: usd("90.00"), Value: value("60.00"), Basis: ledger.DonorStated},
			"/x/valuation_basis valuation-contradicts"},
		{"the donor's value is the declared one", ledger.Valuation{Quantity: number("3"), Value: value("60.00"), Basis: ledger.DonorStated},
			"60.00 USD, 60.00 USD, donor_stated, 20.00 USD"},
		{"zero is a value", ledger.Valuation{Quantity: number("3"), Value: value("0.00"), Basis: ledger.MarketPrice}, "0.00 USD,  , market_price, 0.00 USD"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var v ledger.Violations
			w := tt.in
			w.Settle(&v, "/x")
			declared := " "
			if w.Declared.Currency != "" {
				declared = w.Declared.String()
			}
			got := fmt.Sprintf("%s, %s, %s, %s", w.Value.Money, declared, w.Basis, w.PerUnit())
			if len(v) > 0 {
				got = fmt.Sprintf("%s %s", v[0].Pointer, v[0].Rule)
			}
			if got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	var v ledger.Violations
	if (&ledger.Valuation{Quantity: number("3")}).Settle(&v, "") {
		t.Error("nothing was said of the value, and Settle found something")
	}
}

func TestRevalueItem(t *testing.T) {
	p, s := inKind()
	w := ledger.Valuation{On: day("2026-05-01"), Value: worth("800.00 EUR 880.00"), Reason: "A market survey"}
	d, err := ledger.RevalueItem(p, s, 2, &w)
	if err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2026-05-01 in_kind_revalued", "  Cr 9200 200.00 EUR (220.00 USD)", "  Dr 9290 200.00 EUR (220.00 USD)")
	if !s.Items[1].Left.USD.Equal(number("880")) || !p.Items[1].Current().Quantity.Equal(number("10")) {
		t.Errorf("after the revaluation %s is left of %s", s.Items[1].Left, p.Items[1].Current().Quantity)
	}
	drafts, _, err := ledger.Deliver(delivery(2, 4, "320.00 EUR 352.00"), ledger.ServicesAreDisclosed, &p, s, false)
	if err != nil {
		t.Fatal(err)
	}
	check(t, drafts, "2026-03-01 delivery", "  Dr 9300 320.00 EUR (352.00 USD)", "  Cr 9390 320.00 EUR (352.00 USD)",
		"2026-05-01 delivery", "  Cr 9200 320.00 EUR (352.00 USD)", "  Dr 9290 320.00 EUR (352.00 USD)")
	for name, tt := range map[string]struct {
		item int
		w    ledger.Valuation
		want ledger.Rule
	}{
		"before the last valuation": {2, ledger.Valuation{On: day("2026-04-30"), Value: worth("1.00 EUR 1.00")}, ledger.RuleDateOrder},
		"in another currency":       {2, ledger.Valuation{On: day("2026-06-01"), Value: worth("1.00 USD")}, ledger.RuleCurrencyMismatch},
	} {
		_, err := ledger.RevalueItem(p, s, tt.item, &tt.w)
		t.Run(name, func(t *testing.T) { wantRule(t, err, tt.want) })
	}
	if _, _, err := ledger.Deliver(delivery(2, 6, "1.00 EUR 1.00"), ledger.ServicesAreDisclosed, &p, s, false); err != nil {
		t.Fatal(err)
	}
	_, err = ledger.RevalueItem(p, s, 2, &ledger.Valuation{On: day("2026-06-01"), Value: worth("1.00 EUR 1.00")})
	wantRule(t, err, ledger.RuleNothingOutstanding)
	_, err = ledger.RevalueItem(pledge(ledger.OnAgreement), s, 1, &w)
	wantRule(t, err, ledger.RulePledgeForm)
}

func TestRevalueDelivery(t *testing.T) {
	tests := []struct {
		name       string
		item       int
		recognised bool
		now, value string
		want       []string
	}{
		{"goods are worth less", 1, true, "40.00 USD", "25.00 USD", []string{"2026-05-01 in_kind_revalued", "  Cr 5110 15.00 USD", "  Dr 4110 15.00 USD"}},
		{"services that are disclosed are worth more", 2, false, "400.00 EUR 440.00", "500.00 EUR 550.00",
			[]string{"2026-05-01 in_kind_revalued", "  Dr 9300 100.00 EUR (110.00 USD)", "  Cr 9390 100.00 EUR (110.00 USD)"}},
		{"services that were recognised stay so", 2, true, "400.00 EUR 440.00", "0.00 EUR 0.00",
			[]string{"2026-05-01 in_kind_revalued", "  Cr 5120 400.00 EUR (440.00 USD)", "  Dr 4120 400.00 EUR (440.00 USD)"}},
		{"the value stays", 2, true, "400.00 EUR 440.00", "400.00 EUR 440.00", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := ledger.Valuation{On: day("2026-05-01"), Value: worth(tt.value), Reason: "A second look"}
			d, err := ledger.RevalueDelivery(delivery(tt.item, 4, tt.now), tt.recognised, &w)
			if err != nil {
				t.Fatal(err)
			}
			if tt.want == nil {
				if len(d.Lines) > 0 {
					t.Errorf("an entry of nothing: %v", d.Lines)
				}
				return
			}
			check(t, []ledger.Draft{d}, tt.want...)
		})
	}
	_, err := ledger.RevalueDelivery(delivery(1, 1, "40.00 USD"), true, &ledger.Valuation{On: day("2026-02-28"), Value: worth("1.00 USD")})
	wantRule(t, err, ledger.RuleDateOrder)
	_, err = ledger.RevalueDelivery(delivery(1, 1, "40.00 USD"), true, &ledger.Valuation{On: day("2026-05-01"), Value: worth("1.00 EUR 1.00")})
	wantRule(t, err, ledger.RuleCurrencyMismatch)
}

// TestPromiseKeepsItsValue delivers, accepts, revalues, reverses and at last delivers all or cancels, in any order: the
// balance of the item is its assessed value of what is still promised after each step, never less than nothing, and nothing
// in the end.
func TestPromiseKeepsItsValue(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		offered := rapid.Int64Range(1, 500).Draw(t, "offered")
		rate := ledger.Rate{Currency: "EUR", Date: day("2026-01-10"), UnitsPerUSD: decimal.New(rapid.Int64Range(50, 200).Draw(t, "rate"), -2), Source: ledger.SourceUN}
		eur := func(cents int64) ledger.Converted {
			return ledger.Convert(ledger.Money{Amount: decimal.New(cents, -2), Currency: "EUR"}, rate)
		}
		cents := rapid.OneOf(rapid.Just(int64(0)), rapid.Int64Range(1, 200), rapid.Int64Range(1, 1e9))
		p := pledge(ledger.OnAgreement)
		p.Form = ledger.InKind
		p.Items = []ledger.Item{{Number: 1, Category: ledger.Expert, Quantity: decimal.NewFromInt(offered), Unit: "expert_day", Value: eur(cents.Draw(t, "value"))}}
		s := &ledger.PledgeState{AnnouncedOn: day("2026-01-10"), Items: []ledger.ItemState{{Accepted: decimal.NewFromInt(offered)}}}
		s.Apply(p.ID, ledger.OfferInKind(p, day("2026-01-10")))
		type kept struct {
			drafts   []ledger.Draft
			quantity decimal.Decimal
		}
		var standing []kept
		on := day("2026-03-01")
		events := int64(0)
		holds := func(step string) {
			item := s.Items[0]
			left := item.Accepted.Sub(item.Delivered)
			want := p.Items[0].Worth(left)
			if !item.Left.Amount.Equal(want.Amount) || item.Left.Amount.IsNegative() || item.Left.USD.IsNegative() {
				t.Fatalf("%s: the balance is %s, the %s that are promised are worth %s", step, item.Left, left, want)
			}
			if item.Left.Amount.IsZero() && !item.Left.USD.IsZero() {
				t.Fatalf("%s: of nothing %s is left", step, item.Left)
			}
			// USD follows the amount: each step rounds both.
			if drift := item.Left.USD.Sub(ledger.Convert(item.Left.Money, rate).USD).Abs(); drift.GreaterThan(decimal.New(2*events+4, -2)) {
				t.Fatalf("%s: the balance is %s at %s", step, item.Left, rate.UnitsPerUSD)
			}
			events++
		}
		deliver := func(quantity decimal.Decimal) {
			dv := ledger.Delivery{Contributor: "NLD", Fund: "CPCJF", Item: 1, DeliveredOn: on, Category: ledger.Expert, Quantity: quantity, Unit: "expert_day", Value: eur(100)}
			drafts, keeps, err := ledger.Deliver(dv, ledger.ServicesAreDisclosed, &p, s, true)
			if err != nil {
				t.Fatal(err)
			}
			standing = append(standing, kept{drafts, keeps})
		}
		for n := range rapid.IntRange(0, 12).Draw(t, "events") {
			step := rapid.SampledFrom([]string{"deliver", "deliver", "accept", "revalue", "reverse"}).Draw(t, fmt.Sprint("event ", n))
			left := s.Items[0].Accepted.Sub(s.Items[0].Delivered)
			switch step {
			case "deliver":
				deliver(decimal.NewFromInt(rapid.Int64Range(1, offered).Draw(t, "days")))
			case "accept":
				if s.AgreedOn.IsZero() {
					accepted := decimal.NewFromInt(rapid.Int64Range(s.Items[0].Delivered.IntPart(), offered).Draw(t, "accepted"))
					if _, err := ledger.AcceptInKind(p, s, []decimal.Decimal{accepted}, on); err != nil {
						t.Fatal(err)
					}
				}
			case "revalue":
				if left.IsPositive() {
					w := ledger.Valuation{On: on, Value: eur(cents.Draw(t, "assessed")), Reason: "Another look"}
					d, err := ledger.RevalueItem(p, s, 1, &w)
					if err != nil {
						t.Fatal(err)
					}
					if len(d.Lines) > 0 {
						if err := d.Check(); err != nil {
							t.Fatal(err)
						}
					}
				}
			case "reverse":
				if len(standing) > 0 {
					i := rapid.IntRange(0, len(standing)-1).Draw(t, "which")
					for _, d := range standing[i].drafts {
						r, err := ledger.Reverse(ledger.Entry{Draft: d}, ledger.Later(on, d.EffectiveDate), "Wrong month")
						if err != nil {
							t.Fatal(err)
						}
						s.Apply(p.ID, r)
					}
					s.Items[0].Delivered = s.Items[0].Delivered.Sub(standing[i].quantity)
					standing = append(standing[:i:i], standing[i+1:]...)
					if d := ledger.Restore(p, s, 1, on, "Wrong month"); len(d.Lines) > 0 {
						if err := d.Check(); err != nil {
							t.Fatal(err)
						}
					}
				}
			}
			holds(step)
		}
		if left := s.Items[0].Accepted.Sub(s.Items[0].Delivered); left.IsPositive() {
			deliver(left)
		}
		holds("all delivered")
	})
}
