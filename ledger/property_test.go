package ledger_test

import (
	"fmt"
	"testing"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
	"pgregory.net/rapid"

	"vcledger/ledger"
)

// naive is what a person with a list of figures would say of a pledge in one currency: no accounts, no rates.
type naive struct {
	announced, agreed decimal.Decimal // legs
	isAgreed          bool
	paid              decimal.Decimal // cash allocated to the pledge
	raised            decimal.Decimal // after the agreement
	ended             decimal.Decimal // reduced and written off
}

// outstanding is what is still promised: what was agreed and what of the announcement exceeds it, less what was paid and
// ended. Cash before the agreement keeps nothing yet.
func (n naive) outstanding() decimal.Decimal {
	promised := decimal.Max(n.announced, n.agreed).Add(n.raised)
	kept := n.paid
	if !n.isAgreed {
		kept = decimal.Zero
	}
	return decimal.Max(promised.Sub(kept).Sub(n.ended), decimal.Zero)
}

// TestPledgeAgainstNaive books random sequences of a pledge's events and compares the balances with the list of figures:
// every entry balances, what is outstanding agrees and is never negative, and the accounts hold what the cash was.
func TestPledgeAgainstNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cents := func(name string, most int64) decimal.Decimal {
			return decimal.New(rapid.Int64Range(1, most).Draw(t, name), -2)
		}
		money := func(name string) ledger.Converted {
			return ledger.StateUSD(ledger.Money{Amount: cents(name, 1e8), Currency: "EUR"}, cents(name+" usd", 1e8), day("2026-01-01"), ledger.SourceStated)
		}
		p, s, n := pledge(ledger.OnAgreement), &ledger.PledgeState{AnnouncedOn: day("2026-01-10")}, naive{}
		balances := map[ledger.AccountCode]decimal.Decimal{}
		post := func(drafts ...ledger.Draft) {
			for _, d := range drafts {
				if err := d.Check(); err != nil {
					t.Fatal(err)
				}
				for _, l := range d.Lines {
					balances[l.Account] = balances[l.Account].Add(l.USD)
				}
			}
		}
		promise := money("promise")
		d := ledger.Announce(p, *s, promise, day("2026-01-10"))
		s.Apply(p.ID, d)
		post(d)
		n.announced = promise.Amount
		cash, written := decimal.Zero, false
		for i := range rapid.IntRange(1, 12).Draw(t, "events") {
			date := day("2026-02-01").AddDays(i)
			switch rapid.SampledFrom([]string{"receive", "receive", "agree", "increase", "reduce", "write off"}).Draw(t, fmt.Sprint("event ", i)) {
			case "agree":
				if n.isAgreed || written {
					continue
				}
				agreed := money("agreed")
				post(ledger.Agree(p, s, agreed, nil, date)...)
				n.agreed, n.isAgreed = agreed.Amount, true
			case "receive":
				r := receipt("1.00 EUR 1.00")
				r.ID, r.ValueDate, r.Amount = uuid.New(), date, money("received")
				r.Credited = r.Amount
				drafts, allocations, err := ledger.Receive(r, applied(p, s, r.Amount.Amount.String()))
				if err != nil {
					t.Fatal(err)
				}
				post(drafts...)
				cash = cash.Add(r.Amount.USD)
				for _, a := range allocations {
					n.paid = n.paid.Add(a.Amount)
				}
			case "increase":
				if written {
					continue
				}
				standing := ledger.Currency("EUR")
				more := money("more")
				drafts, err := ledger.Increase(p, s, standing, more, nil, date)
				if err != nil {
					t.Fatal(err)
				}
				post(drafts...)
				if n.isAgreed {
					n.raised = n.raised.Add(more.Amount)
				} else {
					n.announced = n.announced.Add(more.Amount)
				}
			case "reduce":
				open := s.Announced.Amount.Add(s.Receivable.Amount)
				if !open.IsPositive() {
					continue
				}
				less := ledger.Converted{Money: ledger.Money{Amount: decimal.Min(open, cents("less", 1e8)), Currency: "EUR"}}
				d, ended, err := ledger.End(p, s, ledger.Ending{Leg: ledger.LegReduced, On: date, Amount: less})
				if err != nil {
					t.Fatal(err)
				}
				post(d)
				if n.isAgreed {
					n.ended = n.ended.Add(ended.Amount)
				} else {
					n.announced = n.announced.Sub(ended.Amount)
				}
			case "write off":
				if !s.Outstanding() {
					continue
				}
				d, ended, err := ledger.End(p, s, ledger.Ending{Leg: ledger.LegWrittenOff, On: date})
				if err != nil {
					t.Fatal(err)
				}
				post(d)
				n.ended, written = n.ended.Add(ended.Amount), true
			}
			if s.Announced.Amount.IsNegative() || s.Receivable.Amount.IsNegative() || s.Announced.USD.IsNegative() || s.Receivable.USD.IsNegative() {
				t.Fatalf("less than nothing is outstanding: announced %s, receivable %s", s.Announced, s.Receivable)
			}
			if got := s.Announced.Amount.Add(s.Receivable.Amount); !got.Equal(n.outstanding()) {
				t.Fatalf("outstanding %s, by the list of figures %s (%+v)", got, n.outstanding(), n)
			}
			if !balances[ledger.CashAtBank].Equal(cash) || !balances[ledger.Receivable].Equal(s.Receivable.USD) || !balances[ledger.PledgesAnnounced].Equal(s.Announced.USD) {
				t.Fatalf("accounts %v, cash %s, state %+v", balances, cash, s)
			}
		}
	})
}
