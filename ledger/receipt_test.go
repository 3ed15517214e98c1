package ledger_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// The fixtures of the posting tests: one pledge of 1,000 EUR from NLD to CPCJF, promised at 1,100 USD and agreed at 1,200.
var (
	pledgeID  = uuid.MustParse("00000000-0000-7000-8000-000000000001")
	receiptID = uuid.MustParse("00000000-0000-7000-8000-000000000002")
)

func day(s string) ledger.Date {
	d, err := ledger.ParseDate(s)
	if err != nil {
		panic(err)
	}
	return d
}

// worth reads "1000.00 EUR 1200.00": an amount, its currency and its USD; the USD may be left out for USD itself.
func worth(s string) ledger.Converted {
	f := strings.Fields(s)
	c := ledger.Converted{Money: ledger.Money{Amount: decimal.RequireFromString(f[0]), Currency: ledger.Currency(f[1])}}
	c.USD = c.Amount
	if len(f) == 3 {
		c = ledger.StateUSD(c.Money, decimal.RequireFromString(f[2]), day("2026-01-01"), ledger.SourceStated)
	}
	return c
}

func pledge(r ledger.Recognition) ledger.Pledge {
	return ledger.Pledge{ID: pledgeID, Reference: "P1", Form: ledger.Cash, Contributor: "NLD", Fund: "CPCJF", FundYear: 2026, Recognition: r}
}

// announced and agreed are what the books say of the pledge after these legs.
func announced() *ledger.PledgeState {
	s := &ledger.PledgeState{AnnouncedOn: day("2026-01-10")}
	s.Apply(pledgeID, ledger.Announce(pledge(ledger.OnAgreement), *s, worth("1000.00 EUR 1100.00"), day("2026-01-10")))
	return s
}

func agreed() *ledger.PledgeState {
	s := announced()
	ledger.Agree(pledge(ledger.OnAgreement), s, worth("1000.00 EUR 1200.00"), nil, day("2026-02-10"))
	return s
}

func receipt(amount string) ledger.Receipt {
	r := ledger.Receipt{ID: receiptID, BankAccount: "MAIN", BankReference: "R1", ValueDate: day("2026-03-01"), Contributor: "NLD", Fund: "CPCJF",
		FundYear: 2026, Amount: worth(amount)}
	r.Charges.Currency, r.Credited = r.Amount.Currency, r.Amount
	return r
}

func applied(p ledger.Pledge, s *ledger.PledgeState, amount string) []ledger.Part {
	return []ledger.Part{{Pledge: &p, State: s, Contributor: p.Contributor, Fund: p.Fund, FundYear: p.FundYear, Amount: decimal.RequireFromString(amount)}}
}

// journal writes drafts as a person would check them: a date and kind, then a line for each debit and credit, in its own
// currency and in USD.
func journal(drafts ...ledger.Draft) []string {
	var out []string
	for _, d := range drafts {
		out = append(out, d.EffectiveDate.String()+" "+string(d.Kind))
		for _, l := range d.Lines {
			side := "Dr"
			if l.Amount.IsNegative() || l.USD.IsNegative() {
				side, l.Converted = "Cr", l.Neg()
			}
			line := "  " + side + " " + string(l.Account) + " " + l.Converted.String()
			if l.Fund != "CPCJF" {
				line += " in " + string(l.Fund)
			}
			out = append(out, line)
		}
	}
	return out
}

// check compares a journal with the lines that it should have, and that each entry balances.
func check(t *testing.T, drafts []ledger.Draft, want ...string) {
	t.Helper()
	for _, d := range drafts {
		if err := d.Check(); err != nil {
			t.Error(err)
		}
	}
	if diff := cmp.Diff(want, journal(drafts...)); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}
}

func wantRule(t *testing.T, err error, rule ledger.Rule) {
	t.Helper()
	var e *ledger.Error
	if !errors.As(err, &e) || e.Rule != rule {
		t.Errorf("got %v, want the rule %s", err, rule)
	}
}

// TestReceive goes through the rows of the event table that begin with a receipt.
func TestReceive(t *testing.T) {
	tests := []struct {
		name    string
		receipt func() ledger.Receipt
		parts   func() []ledger.Part
		want    []string
	}{
		{"against an agreed pledge, dollar fallen: a gain", func() ledger.Receipt { return receipt("400.00 EUR 500.00") },
			func() []ledger.Part { return applied(pledge(ledger.OnAgreement), agreed(), "400.00") },
			[]string{"2026-03-01 receipt", "  Cr 1200 400.00 EUR (480.00 USD)", "  Cr 4910 20.00 USD", "  Dr 1010 400.00 EUR (500.00 USD)"}},
		{"against an agreed pledge, dollar risen: a loss", func() ledger.Receipt { return receipt("400.00 EUR 450.00") },
			func() []ledger.Part { return applied(pledge(ledger.OnAgreement), agreed(), "400.00") },
			[]string{"2026-03-01 receipt", "  Cr 1200 400.00 EUR (480.00 USD)", "  Dr 5910 30.00 USD", "  Dr 1010 400.00 EUR (450.00 USD)"}},
		{"more than is due: the surplus is held", func() ledger.Receipt { return receipt("1100.00 EUR 1320.00") },
			func() []ledger.Part { return applied(pledge(ledger.OnAgreement), agreed(), "1100.00") },
			[]string{"2026-03-01 receipt", "  Cr 1200 1000.00 EUR (1200.00 USD)", "  Cr 2200 100.00 EUR (120.00 USD)", "  Dr 1010 1100.00 EUR (1320.00 USD)"}},
		{"before the agreement is signed: an advance", func() ledger.Receipt { return receipt("400.00 EUR 500.00") },
			func() []ledger.Part { return applied(pledge(ledger.OnAgreement), announced(), "400.00") },
			[]string{"2026-03-01 receipt", "  Cr 2200 400.00 EUR (500.00 USD)", "  Dr 1010 400.00 EUR (500.00 USD)"}},
		{"value date before an agreement that is known: applied on its date", func() ledger.Receipt {
			r := receipt("400.00 EUR 500.00")
			r.ValueDate = day("2026-02-01")
			return r
		}, func() []ledger.Part { return applied(pledge(ledger.OnAgreement), agreed(), "400.00") },
			[]string{"2026-02-01 receipt", "  Cr 2200 400.00 EUR (500.00 USD)", "  Dr 1010 400.00 EUR (500.00 USD)",
				"2026-02-10 advance_applied", "  Cr 1200 400.00 EUR (480.00 USD)", "  Cr 4910 20.00 USD", "  Dr 2200 400.00 EUR (500.00 USD)"}},
		{"pledge recognised on receipt", func() ledger.Receipt { return receipt("400.00 EUR 500.00") },
			func() []ledger.Part { return applied(pledge(ledger.OnReceipt), announced(), "400.00") },
			[]string{"2026-03-01 receipt", "  Cr 4010 400.00 EUR (500.00 USD)", "  Cr 9100 400.00 EUR (440.00 USD)", "  Dr 9190 400.00 EUR (440.00 USD)",
				"  Dr 1010 400.00 EUR (500.00 USD)"}},
		{"pledge recognised on receipt, paid before it was announced", func() ledger.Receipt {
			r := receipt("400.00 EUR 500.00")
			r.ValueDate = day("2026-01-05")
			return r
		}, func() []ledger.Part { return applied(pledge(ledger.OnReceipt), announced(), "400.00") },
			[]string{"2026-01-05 receipt", "  Cr 4010 400.00 EUR (500.00 USD)", "  Dr 1010 400.00 EUR (500.00 USD)",
				"2026-01-10 receipt", "  Cr 9100 400.00 EUR (440.00 USD)", "  Dr 9190 400.00 EUR (440.00 USD)"}},
		{"in another currency: what its dollars buy at the carrying rate", func() ledger.Receipt { return receipt("600.00 USD") },
			func() []ledger.Part { return applied(pledge(ledger.OnAgreement), agreed(), "600.00") },
			[]string{"2026-03-01 receipt", "  Cr 1200 500.00 EUR (600.00 USD)", "  Dr 1010 600.00 USD"}},
		{"no pledge", func() ledger.Receipt { return receipt("400.00 EUR 500.00") }, func() []ledger.Part { return nil },
			[]string{"2026-03-01 receipt", "  Cr 4010 400.00 EUR (500.00 USD)", "  Dr 1010 400.00 EUR (500.00 USD)"}},
		{"contributor unknown", func() ledger.Receipt {
			r := receipt("400.00 EUR 500.00")
			r.Contributor = ""
			return r
		}, func() []ledger.Part { return nil },
			[]string{"2026-03-01 receipt", "  Cr 2100 400.00 EUR (500.00 USD)", "  Dr 1010 400.00 EUR (500.00 USD)"}},
		{"bank charges: the donor is credited gross", func() ledger.Receipt {
			r := receipt("400.00 EUR 500.00")
			r.Charges, r.Credited = worth("8.00 EUR 10.00"), worth("408.00 EUR 510.00")
			return r
		}, func() []ledger.Part { return applied(pledge(ledger.OnAgreement), agreed(), "408.00") },
			[]string{"2026-03-01 receipt", "  Cr 1200 408.00 EUR (489.60 USD)", "  Cr 4910 20.40 USD", "  Dr 5800 8.00 EUR (10.00 USD)",
				"  Dr 1010 400.00 EUR (500.00 USD)"}},
		{"into an account in USD: what the bank credited", func() ledger.Receipt {
			r := receipt("400.00 EUR 480.00")
			r.BankCurrency = "USD"
			return r
		}, func() []ledger.Part { return applied(pledge(ledger.OnAgreement), agreed(), "400.00") },
			[]string{"2026-03-01 receipt", "  Cr 1200 400.00 EUR (480.00 USD)", "  Dr 1010 480.00 USD"}},
		{"more than is due to another fund: the holding fund keeps the surplus", func() ledger.Receipt {
			r := receipt("1100.00 EUR 1320.00")
			r.Fund = "OTHER"
			return r
		}, func() []ledger.Part { return applied(pledge(ledger.OnAgreement), agreed(), "1100.00") },
			[]string{"2026-03-01 receipt", "  Cr 1200 1000.00 EUR (1200.00 USD)", "  Cr 2200 100.00 EUR (120.00 USD) in OTHER",
				"  Dr 1010 100.00 EUR (120.00 USD) in OTHER", "  Dr 1010 1000.00 EUR (1200.00 USD)"}},
		{"two funds share a receipt", func() ledger.Receipt { return receipt("400.00 EUR 500.00") }, func() []ledger.Part {
			return append(applied(pledge(ledger.OnAgreement), agreed(), "300.00"), ledger.Part{Contributor: "NLD", Fund: "OTHER", FundYear: 2026, Amount: decimal.NewFromInt(100)})
		}, []string{"2026-03-01 receipt", "  Cr 1200 300.00 EUR (360.00 USD)", "  Cr 4910 15.00 USD", "  Cr 4010 100.00 EUR (125.00 USD) in OTHER",
			"  Dr 1010 300.00 EUR (375.00 USD)", "  Dr 1010 100.00 EUR (125.00 USD) in OTHER"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			drafts, _, err := ledger.Receive(tt.receipt(), tt.parts())
			if err != nil {
				t.Fatal(err)
			}
			check(t, drafts, tt.want...)
		})
	}
}

// TestLastCent pays a pledge whose USD does not divide, in three receipts: the carrying amounts add up to the whole.
func TestLastCent(t *testing.T) {
	s := &ledger.PledgeState{}
	p := pledge(ledger.OnAgreement)
	ledger.Agree(p, s, worth("3.00 EUR 1.00"), nil, day("2026-02-10"))
	var drafts []ledger.Draft
	for range 3 {
		d, _, err := ledger.Receive(receipt("1.00 EUR 0.33"), applied(p, s, "1.00"))
		if err != nil {
			t.Fatal(err)
		}
		drafts = append(drafts, d...)
	}
	check(t, drafts,
		"2026-03-01 receipt", "  Cr 1200 1.00 EUR (0.33 USD)", "  Dr 1010 1.00 EUR (0.33 USD)",
		"2026-03-01 receipt", "  Cr 1200 1.00 EUR (0.34 USD)", "  Dr 5910 0.01 USD", "  Dr 1010 1.00 EUR (0.33 USD)",
		"2026-03-01 receipt", "  Cr 1200 1.00 EUR (0.33 USD)", "  Dr 1010 1.00 EUR (0.33 USD)")
	if s.Outstanding() || !s.Receivable.USD.IsZero() {
		t.Errorf("outstanding after the last receipt: %s", s.Receivable)
	}
}

func TestReceiveRefuses(t *testing.T) {
	inKind := pledge(ledger.OnAgreement)
	inKind.Form = ledger.InKind
	cancelled := agreed()
	cancelled.CancelledOn = day("2026-02-20")
	tests := []struct {
		name    string
		receipt ledger.Receipt
		parts   []ledger.Part
		rule    ledger.Rule
	}{
		{"allocated beyond its amount", receipt("400.00 EUR 500.00"), applied(pledge(ledger.OnAgreement), agreed(), "400.01"), ledger.RuleAllocationExceedsReceipt},
		{"a pledge in kind", receipt("400.00 EUR 500.00"), applied(inKind, agreed(), "400.00"), ledger.RulePledgeForm},
		{"a cancelled pledge", receipt("400.00 EUR 500.00"), applied(pledge(ledger.OnAgreement), cancelled, "400.00"), ledger.RulePledgeStage},
		{"an account in a third currency", func() ledger.Receipt { r := receipt("400.00 EUR 500.00"); r.BankCurrency = "CHF"; return r }(), nil, ledger.RuleCurrencyMismatch},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := ledger.Receive(tt.receipt, tt.parts)
			wantRule(t, err, tt.rule)
		})
	}
}

func TestAllocate(t *testing.T) {
	unknown := receipt("400.00 EUR 500.00")
	unknown.Contributor = ""
	held := ledger.Held{Unidentified: worth("400.00 EUR 500.00")}
	tests := []struct {
		name    string
		receipt ledger.Receipt
		held    ledger.Held
		parts   []ledger.Part
		want    []string
	}{
		{"identified, to a pledge", unknown, held, applied(pledge(ledger.OnAgreement), agreed(), "400.00"),
			[]string{"2026-03-09 identification", "  Cr 1200 400.00 EUR (480.00 USD)", "  Cr 4910 20.00 USD", "  Dr 2100 400.00 EUR (500.00 USD)"}},
		{"identified, without a pledge, in part", unknown, held,
			[]ledger.Part{{Contributor: "NLD", Fund: "CPCJF", FundYear: 2026, Amount: decimal.NewFromInt(100)}},
			[]string{"2026-03-09 identification", "  Cr 4010 100.00 EUR (125.00 USD)", "  Dr 2100 100.00 EUR (125.00 USD)"}},
		{"identified, for another fund: the cash moves", unknown, held,
			[]ledger.Part{{Contributor: "NLD", Fund: "OTHER", FundYear: 2026, Amount: decimal.NewFromInt(400)}},
			[]string{"2026-03-09 identification", "  Cr 4010 400.00 EUR (500.00 USD) in OTHER", "  Dr 2100 400.00 EUR (500.00 USD)",
				"  Cr 1010 400.00 EUR (500.00 USD)", "  Dr 1010 400.00 EUR (500.00 USD) in OTHER"}},
		{"an advance applied", receipt("400.00 EUR 500.00"),
			ledger.Held{InAdvance: map[ledger.ContributorCode]ledger.Converted{"NLD": worth("50.00 EUR 62.50")}},
			applied(pledge(ledger.OnAgreement), agreed(), "50.00"),
			[]string{"2026-03-09 advance_applied", "  Cr 1200 50.00 EUR (60.00 USD)", "  Cr 4910 2.50 USD", "  Dr 2200 50.00 EUR (62.50 USD)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			drafts, _, err := ledger.Allocate(tt.receipt, tt.held, tt.parts, day("2026-03-09"))
			if err != nil {
				t.Fatal(err)
			}
			check(t, drafts, tt.want...)
		})
	}
	_, _, err := ledger.Allocate(unknown, held, applied(pledge(ledger.OnAgreement), agreed(), "400.00"), day("2026-02-28"))
	wantRule(t, err, ledger.RuleDateOrder)
	_, _, err = ledger.Allocate(unknown, held, applied(pledge(ledger.OnAgreement), agreed(), "400.01"), day("2026-03-09"))
	wantRule(t, err, ledger.RuleAllocationExceedsReceipt)
}

func TestArranged(t *testing.T) {
	drafts, _, err := ledger.Receive(receipt("400.00 EUR 500.00"), applied(pledge(ledger.OnReceipt), announced(), "400.00"))
	if err != nil {
		t.Fatal(err)
	}
	d := drafts[0]
	d.Lines = d.Arranged()
	check(t, []ledger.Draft{d}, "2026-03-01 receipt", "  Dr 1010 400.00 EUR (500.00 USD)", "  Cr 4010 400.00 EUR (500.00 USD)",
		"  Dr 9190 400.00 EUR (440.00 USD)", "  Cr 9100 400.00 EUR (440.00 USD)")
}
