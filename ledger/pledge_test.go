package ledger_test

import (
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

func TestAnnounce(t *testing.T) {
	p := pledge(ledger.OnAgreement)
	check(t, []ledger.Draft{ledger.Announce(p, ledger.PledgeState{}, worth("1000.00 EUR 1100.00"), day("2026-01-10"))},
		"2026-01-10 pledge_announced", "  Dr 9100 1000.00 EUR (1100.00 USD)", "  Cr 9190 1000.00 EUR (1100.00 USD)")

	signed := &ledger.PledgeState{}
	ledger.Agree(p, signed, worth("800.00 EUR 900.00"), nil, day("2026-01-05"))
	check(t, []ledger.Draft{ledger.Announce(p, *signed, worth("1000.00 EUR 1100.00"), day("2026-01-10"))},
		"2026-01-10 pledge_announced", "  Dr 9100 1000.00 EUR (1100.00 USD)", "  Cr 9190 1000.00 EUR (1100.00 USD)",
		"  Cr 9100 800.00 EUR (880.00 USD)", "  Dr 9190 800.00 EUR (880.00 USD)")
}

func TestAgree(t *testing.T) {
	tests := []struct {
		name   string
		agreed string
		on     string
		want   []string
	}{
		{"for the amount announced", "1000.00 EUR 1200.00", "2026-02-10", []string{"2026-02-10 pledge_agreed", "  Dr 1200 1000.00 EUR (1200.00 USD)",
			"  Cr 4010 1000.00 EUR (1200.00 USD)", "  Cr 9100 1000.00 EUR (1100.00 USD)", "  Dr 9190 1000.00 EUR (1100.00 USD)"}},
		{"for less: the rest stays announced", "600.00 EUR 720.00", "2026-02-10", []string{"2026-02-10 pledge_agreed", "  Dr 1200 600.00 EUR (720.00 USD)",
			"  Cr 4010 600.00 EUR (720.00 USD)", "  Cr 9100 600.00 EUR (660.00 USD)", "  Dr 9190 600.00 EUR (660.00 USD)"}},
		{"for more", "1500.00 EUR 1800.00", "2026-02-10", []string{"2026-02-10 pledge_agreed", "  Dr 1200 1500.00 EUR (1800.00 USD)",
			"  Cr 4010 1500.00 EUR (1800.00 USD)", "  Cr 9100 1000.00 EUR (1100.00 USD)", "  Dr 9190 1000.00 EUR (1100.00 USD)"}},
		{"in another currency: it replaces the announcement", "1150.00 USD", "2026-02-10", []string{"2026-02-10 pledge_agreed", "  Dr 1200 1150.00 USD",
			"  Cr 4010 1150.00 USD", "  Cr 9100 1000.00 EUR (1100.00 USD)", "  Dr 9190 1000.00 EUR (1100.00 USD)"}},
		{"dated before the announcement: the promise is released on the later date", "1000.00 EUR 1200.00", "2026-01-02",
			[]string{"2026-01-02 pledge_agreed", "  Dr 1200 1000.00 EUR (1200.00 USD)", "  Cr 4010 1000.00 EUR (1200.00 USD)",
				"2026-01-10 pledge_agreed", "  Cr 9100 1000.00 EUR (1100.00 USD)", "  Dr 9190 1000.00 EUR (1100.00 USD)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := announced()
			check(t, ledger.Agree(pledge(ledger.OnAgreement), s, worth(tt.agreed), nil, day(tt.on)), tt.want...)
			if s.Stage() != ledger.Agreed {
				t.Errorf("stage %s, want agreed", s.Stage())
			}
		})
	}
	if drafts := ledger.Agree(pledge(ledger.OnReceipt), announced(), worth("1000.00 EUR 1200.00"), nil, day("2026-02-10")); drafts != nil {
		t.Errorf("an agreement for a pledge recognised on receipt posted %v", journal(drafts...))
	}
}

// TestAgreeAppliesAdvances signs an agreement for a pledge that was paid before, above its amount.
func TestAgreeAppliesAdvances(t *testing.T) {
	s, p := announced(), pledge(ledger.OnAgreement)
	early := receipt("1100.00 EUR 1210.00")
	early.ValueDate = day("2026-01-20")
	if _, _, err := ledger.Receive(early, applied(p, s, "1100.00")); err != nil {
		t.Fatal(err)
	}
	drafts := ledger.Agree(p, s, worth("1000.00 EUR 1200.00"), nil, day("2026-02-10"))
	check(t, drafts[1:], "2026-02-10 advance_applied", "  Cr 1200 1000.00 EUR (1200.00 USD)", "  Dr 5910 100.00 USD", "  Dr 2200 1000.00 EUR (1100.00 USD)")
	if s.Stage() != ledger.Fulfilled || !s.Advances[0].Amount.Equal(decimal.NewFromInt(100)) {
		t.Errorf("stage %s with %s in advance, want fulfilled with 100.00 EUR", s.Stage(), s.Advances[0].Converted)
	}
}

func TestEnd(t *testing.T) {
	partly := announced()
	ledger.Agree(pledge(ledger.OnAgreement), partly, worth("600.00 EUR 720.00"), nil, day("2026-02-10"))
	tests := []struct {
		name  string
		state *ledger.PledgeState
		end   ledger.Ending
		stage ledger.Stage
		want  []string
	}{
		{"cancelled in the agreement's year: the revenue is reduced", agreed(), ledger.Ending{Leg: ledger.LegCancelled, On: day("2026-06-01")}, ledger.Cancelled,
			[]string{"2026-06-01 pledge_cancelled", "  Dr 4010 1000.00 EUR (1200.00 USD)", "  Cr 1200 1000.00 EUR (1200.00 USD)"}},
		{"cancelled in a later year: an expense", agreed(), ledger.Ending{Leg: ledger.LegCancelled, On: day("2027-06-01")}, ledger.Cancelled,
			[]string{"2027-06-01 pledge_cancelled", "  Dr 5700 1000.00 EUR (1200.00 USD)", "  Cr 1200 1000.00 EUR (1200.00 USD)"}},
		{"written off", agreed(), ledger.Ending{Leg: ledger.LegWrittenOff, On: day("2026-06-01")}, ledger.WrittenOff,
			[]string{"2026-06-01 pledge_written_off", "  Dr 5700 1000.00 EUR (1200.00 USD)", "  Cr 1200 1000.00 EUR (1200.00 USD)"}},
		{"written off in part", agreed(), ledger.Ending{Leg: ledger.LegWrittenOff, Amount: worth("250.00 EUR 0"), On: day("2026-06-01")}, ledger.Agreed,
			[]string{"2026-06-01 pledge_written_off", "  Dr 5700 250.00 EUR (300.00 USD)", "  Cr 1200 250.00 EUR (300.00 USD)"}},
		{"written off at a stated USD: the difference is exchange", agreed(),
			ledger.Ending{Leg: ledger.LegWrittenOff, Amount: worth("1000.00 EUR 1150.00"), On: day("2026-06-01")}, ledger.WrittenOff,
			[]string{"2026-06-01 pledge_written_off", "  Dr 5700 1000.00 EUR (1150.00 USD)", "  Cr 1200 1000.00 EUR (1200.00 USD)", "  Dr 5910 50.00 USD"}},
		{"only announced: the result is not touched", announced(), ledger.Ending{Leg: ledger.LegWrittenOff, On: day("2026-06-01")}, ledger.WrittenOff,
			[]string{"2026-06-01 pledge_written_off", "  Cr 9100 1000.00 EUR (1100.00 USD)", "  Dr 9190 1000.00 EUR (1100.00 USD)"}},
		{"partly agreed: the receivable, then the announcement", partly, ledger.Ending{Leg: ledger.LegWrittenOff, On: day("2026-06-01")}, ledger.WrittenOff,
			[]string{"2026-06-01 pledge_written_off", "  Dr 5700 600.00 EUR (720.00 USD)", "  Cr 1200 600.00 EUR (720.00 USD)",
				"  Cr 9100 400.00 EUR (440.00 USD)", "  Dr 9190 400.00 EUR (440.00 USD)"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			d, _, err := ledger.End(pledge(ledger.OnAgreement), tt.state, tt.end)
			if err != nil {
				t.Fatal(err)
			}
			check(t, []ledger.Draft{d}, tt.want...)
			if tt.state.Stage() != tt.stage {
				t.Errorf("stage %s, want %s", tt.state.Stage(), tt.stage)
			}
		})
	}
}

func TestEndRefuses(t *testing.T) {
	p := pledge(ledger.OnAgreement)
	for _, tt := range []struct {
		name string
		end  ledger.Ending
		rule ledger.Rule
	}{
		{"more than is outstanding", ledger.Ending{Leg: ledger.LegWrittenOff, Amount: worth("1000.01 EUR 0"), On: day("2026-06-01")}, ledger.RuleExceedsOutstanding},
		{"another currency", ledger.Ending{Leg: ledger.LegWrittenOff, Amount: worth("10.00 CHF 0"), On: day("2026-06-01")}, ledger.RuleCurrencyMismatch},
		{"before the agreement", ledger.Ending{Leg: ledger.LegWrittenOff, On: day("2026-02-09")}, ledger.RuleDateOrder},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, _, err := ledger.End(p, agreed(), tt.end)
			wantRule(t, err, tt.rule)
		})
	}
	s := agreed()
	if _, _, err := ledger.End(p, s, ledger.Ending{Leg: ledger.LegCancelled, On: day("2026-06-01")}); err != nil {
		t.Fatal(err)
	}
	_, _, err := ledger.End(p, s, ledger.Ending{Leg: ledger.LegCancelled, On: day("2026-06-01")})
	wantRule(t, err, ledger.RuleNothingOutstanding)
}

func TestReverse(t *testing.T) {
	drafts, _, err := ledger.Receive(receipt("400.00 EUR 500.00"), applied(pledge(ledger.OnAgreement), agreed(), "400.00"))
	if err != nil {
		t.Fatal(err)
	}
	posted := ledger.Entry{ID: uuid.MustParse("00000000-0000-7000-8000-0000000000aa"), Draft: drafts[0]}
	d, err := ledger.Reverse(posted, day("2026-04-01"), "entered twice")
	if err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2026-04-01 reversal", "  Dr 1200 400.00 EUR (480.00 USD)", "  Dr 4910 20.00 USD", "  Cr 1010 400.00 EUR (500.00 USD)")
	if d.Reverses != posted.ID || d.Reason != "entered twice" {
		t.Errorf("the reversal does not say what it reverses and why: %+v", d)
	}
	_, err = ledger.Reverse(posted, day("2026-02-28"), "")
	wantRule(t, err, ledger.RuleDateOrder)
	posted.ReversedBy = uuid.New()
	_, err = ledger.Reverse(posted, day("2026-04-01"), "")
	wantRule(t, err, ledger.RuleAlreadyReversed)
}

func TestIncrease(t *testing.T) {
	p := pledge(ledger.OnAgreement)
	for _, tt := range []struct {
		name  string
		state *ledger.PledgeState
		want  []string
	}{
		{"announced", announced(), []string{"2026-05-01 pledge_adjusted", "  Dr 9100 100.00 EUR (125.00 USD)", "  Cr 9190 100.00 EUR (125.00 USD)"}},
		{"agreed", agreed(), []string{"2026-05-01 pledge_adjusted", "  Dr 1200 100.00 EUR (125.00 USD)", "  Cr 4010 100.00 EUR (125.00 USD)"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			drafts, err := ledger.Increase(p, tt.state, "EUR", worth("100.00 EUR 125.00"), nil, day("2026-05-01"))
			if err != nil {
				t.Fatal(err)
			}
			check(t, drafts, tt.want...)
		})
	}
	_, err := ledger.Increase(p, agreed(), "EUR", worth("100.00 USD"), nil, day("2026-05-01"))
	wantRule(t, err, ledger.RuleCurrencyMismatch)
	_, err = ledger.Increase(p, agreed(), "EUR", worth("100.00 EUR 125.00"), nil, day("2026-02-01"))
	wantRule(t, err, ledger.RuleDateOrder)
}

func TestReduce(t *testing.T) {
	p := pledge(ledger.OnAgreement)
	reduce := ledger.Ending{Leg: ledger.LegReduced, Amount: worth("250.00 EUR 0"), On: day("2026-06-01"), Reason: "budget"}
	s := agreed()
	d, ended, err := ledger.End(p, s, reduce)
	if err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2026-06-01 pledge_adjusted", "  Dr 4010 250.00 EUR (300.00 USD)", "  Cr 1200 250.00 EUR (300.00 USD)")
	if s.Stage() != ledger.Agreed || ended.String() != "250.00 EUR (300.00 USD)" {
		t.Errorf("after a reduction by %s the pledge is %s", ended, s.Stage())
	}
	reduce.On = day("2027-06-01")
	if d, _, err = ledger.End(p, s, reduce); err != nil {
		t.Fatal(err)
	}
	check(t, []ledger.Draft{d}, "2027-06-01 pledge_adjusted", "  Dr 5700 250.00 EUR (300.00 USD)", "  Cr 1200 250.00 EUR (300.00 USD)")
}
