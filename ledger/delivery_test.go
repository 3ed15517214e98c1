package ledger_test

import (
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// inKind is a pledge of 3 printers for 100.00 USD and of 10 expert days for 1,000 EUR.
func inKind() (ledger.Pledge, *ledger.PledgeState) {
	p := pledge(ledger.OnAgreement)
	p.Form = ledger.InKind
	p.Items = []ledger.Item{
		{Number: 1, Category: ledger.Goods, Description: "printers", Quantity: decimal.NewFromInt(3), Unit: "item", Value: worth("100.00 USD")},
		{Number: 2, Category: ledger.Expert, Description: "experts", Quantity: decimal.NewFromInt(10), Unit: "expert_day", Value: worth("1000.00 EUR 1100.00")},
	}
	s := &ledger.PledgeState{AnnouncedOn: day("2026-01-10"), Items: []ledger.ItemState{{Accepted: decimal.NewFromInt(3)}, {Accepted: decimal.NewFromInt(10)}}}
	s.Apply(p.ID, ledger.OfferInKind(p, day("2026-01-10")))
	return p, s
}

func delivery(item int, quantity int64, value string) ledger.Delivery {
	category := ledger.Goods
	if item == 2 {
		category = ledger.Expert
	}
	return ledger.Delivery{Contributor: "NLD", Fund: "CPCJF", Item: item, DeliveredOn: day("2026-03-01"), Category: category, Description: "a gift",
		Quantity: decimal.NewFromInt(quantity), Unit: "item", Value: worth(value)}
}

func TestOfferInKind(t *testing.T) {
	p, _ := inKind()
	check(t, []ledger.Draft{ledger.OfferInKind(p, day("2026-01-10"))}, "2026-01-10 pledge_announced",
		"  Dr 9200 100.00 USD", "  Cr 9290 100.00 USD", "  Dr 9200 1000.00 EUR (1100.00 USD)", "  Cr 9290 1000.00 EUR (1100.00 USD)")
}

func TestAcceptInKind(t *testing.T) {
	p, s := inKind()
	d, err := ledger.AcceptInKind(p, s, []decimal.Decimal{decimal.NewFromInt(2), decimal.NewFromInt(10)}, day("2026-02-01"))
	if err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2026-02-01 pledge_agreed", "  Cr 9200 33.33 USD", "  Dr 9290 33.33 USD")
	_, err = ledger.AcceptInKind(p, s, []decimal.Decimal{decimal.NewFromInt(4), decimal.NewFromInt(10)}, day("2026-02-01"))
	wantRule(t, err, ledger.RuleQuantityExceedsPledge)
	s.Items[1].Delivered = decimal.NewFromInt(5)
	_, err = ledger.AcceptInKind(p, s, []decimal.Decimal{decimal.NewFromInt(2), decimal.NewFromInt(4)}, day("2026-02-01"))
	wantRule(t, err, ledger.RulePledgeStage)
}

func TestDeliver(t *testing.T) {
	tests := []struct {
		name     string
		delivery ledger.Delivery
		policy   ledger.ServicesPolicy
		pledged  bool
		want     []string
	}{
		{"goods: recognised at fair value", delivery(1, 1, "40.00 USD"), ledger.ServicesAreDisclosed, true,
			[]string{"2026-03-01 delivery", "  Dr 5110 40.00 USD", "  Cr 4110 40.00 USD", "  Cr 9200 33.33 USD", "  Dr 9290 33.33 USD"}},
		{"services: disclosed", delivery(2, 4, "400.00 EUR 450.00"), ledger.ServicesAreDisclosed, true,
			[]string{"2026-03-01 delivery", "  Dr 9300 400.00 EUR (450.00 USD)", "  Cr 9390 400.00 EUR (450.00 USD)",
				"  Cr 9200 400.00 EUR (440.00 USD)", "  Dr 9290 400.00 EUR (440.00 USD)"}},
		{"services: recognised by the fund's policy", delivery(2, 4, "400.00 EUR 450.00"), ledger.ServicesAreRecognised, false,
			[]string{"2026-03-01 delivery", "  Dr 5120 400.00 EUR (450.00 USD)", "  Cr 4120 400.00 EUR (450.00 USD)"}},
		{"value zero: the gift does not vanish", delivery(1, 1, "0.00 USD"), ledger.ServicesAreDisclosed, false,
			[]string{"2026-03-01 delivery", "  Dr 5110 0.00 USD", "  Dr 4110 0.00 USD"}},
		{"before the offer: the promise is released on its date", func() ledger.Delivery { d := delivery(1, 3, "90.00 USD"); d.DeliveredOn = day("2026-01-01"); return d }(),
			ledger.ServicesAreDisclosed, true, []string{"2026-01-01 delivery", "  Dr 5110 90.00 USD", "  Cr 4110 90.00 USD",
				"2026-01-10 delivery", "  Cr 9200 100.00 USD", "  Dr 9290 100.00 USD"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p, s := inKind()
			pledge := &p
			if !tt.pledged {
				pledge, tt.delivery.Item = nil, 0
			}
			drafts, _, err := ledger.Deliver(tt.delivery, tt.policy, pledge, s, false)
			if err != nil {
				t.Fatal(err)
			}
			check(t, drafts, tt.want...)
		})
	}
}

// TestDeliverLastCent delivers 3 printers pledged for 100.00 USD one by one; the last takes the last cent, and a fourth
// is refused unless it is meant.
func TestDeliverLastCent(t *testing.T) {
	p, s := inKind()
	for range 3 {
		if _, _, err := ledger.Deliver(delivery(1, 1, "40.00 USD"), ledger.ServicesAreDisclosed, &p, s, false); err != nil {
			t.Fatal(err)
		}
	}
	if !s.Items[0].Left.Amount.IsZero() || !s.Items[0].Delivered.Equal(decimal.NewFromInt(3)) {
		t.Errorf("after all were delivered %s is left of %s", s.Items[0].Left, s.Items[0].Delivered)
	}
	_, _, err := ledger.Deliver(delivery(1, 1, "40.00 USD"), ledger.ServicesAreDisclosed, &p, s, false)
	wantRule(t, err, ledger.RuleQuantityExceedsPledge)
	_, kept, err := ledger.Deliver(delivery(1, 1, "40.00 USD"), ledger.ServicesAreDisclosed, &p, s, true)
	if err != nil || !kept.IsZero() {
		t.Errorf("a surplus that is meant: kept %s, %v", kept, err)
	}
	_, _, err = ledger.Deliver(delivery(1, 1, "40.00 USD"), ledger.ServicesAreDisclosed, ptr(pledge(ledger.OnAgreement)), s, false)
	wantRule(t, err, ledger.RulePledgeForm)
}

func ptr[T any](v T) *T { return &v }
