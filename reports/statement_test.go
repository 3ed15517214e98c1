package reports_test

import (
	"bytes"
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/render"
)

// adds fails unless opening + in - out = closing.
func adds(t *testing.T, what string, opening, closing reports.Money, in, out []reports.Money) {
	t.Helper()
	sum := opening.Amount
	for _, m := range in {
		sum = sum.Add(m.Amount)
	}
	for _, m := range out {
		sum = sum.Sub(m.Amount)
	}
	if !sum.Equal(closing.Amount) {
		t.Errorf("%s: the movements lead to %s, the closing is %s", what, sum, closing)
	}
}

func cashAdds(t *testing.T, what string, m reports.CashMovements) {
	t.Helper()
	adds(t, what, m.Opening, m.Closing, []reports.Money{m.Announced, m.Agreed, m.Other}, []reports.Money{m.Received, m.WrittenOff, m.Cancelled})
}

func kindAdds(t *testing.T, what string, m reports.KindMovements) {
	t.Helper()
	adds(t, what, m.Opening, m.Closing, []reports.Money{m.Offered, m.Other}, []reports.Money{m.Declined, m.Delivered, m.WrittenOff, m.Cancelled})
}

// runs fails unless the movements lead from the opening to the closing, each with the balance that it leaves.
func runs(t *testing.T, what string, movements []reports.PledgeMovement, opening, closing reports.Value) {
	t.Helper()
	balance := [2]decimal.Decimal{opening.Money.Amount, opening.USD.Amount}
	for _, m := range movements {
		balance = [2]decimal.Decimal{balance[0].Add(m.Amount.Money.Amount), balance[1].Add(m.Amount.USD.Amount)}
		if !balance[0].Equal(m.Balance.Money.Amount) || !balance[1].Equal(m.Balance.USD.Amount) {
			t.Errorf("%s on %s: the balance is %s, want %s", what, m.Date, m.Balance.Money.Fixed(), balance[0])
		}
	}
	if !balance[0].Equal(closing.Money.Amount) || !balance[1].Equal(closing.USD.Amount) {
		t.Errorf("%s: the movements lead to %s, the closing is %s", what, balance[0], closing.Money.Fixed())
	}
}

// TestStatementAddsUp holds every line and sum to its identity, the closing to the accounts, and the years to the whole.
func TestStatementAddsUp(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	b.run(t, "late.sql")
	for _, contributor := range []ledger.ContributorCode{"XAA", "XBB", "XCC"} {
		var received, before decimal.Decimal
		for _, year := range []string{"2022", "2023", "2024", "2025"} {
			s := statement(t, b.Store, always, reports.StatementRequest{Contributor: contributor, Period: days(t, year+"-01-01", year+"-12-31")})
			for _, l := range s.Pledges {
				cashAdds(t, year+" "+l.Reference+" "+string(l.Currency), l.Amounts)
				cashAdds(t, year+" "+l.Reference+" in USD", l.USD)
				runs(t, year+" "+l.Reference, l.Movements, reports.Value{Money: l.Amounts.Opening, USD: l.USD.Opening}, reports.Value{Money: l.Amounts.Closing, USD: l.USD.Closing})
			}
			for _, l := range s.InKind.Items {
				kindAdds(t, year+" "+l.Pledge+" "+string(l.Currency), l.Amounts)
				kindAdds(t, year+" "+l.Pledge+" in USD", l.USD)
				runs(t, year+" "+l.Pledge, l.Movements, reports.Value{Money: l.Amounts.Opening, USD: l.USD.Opening}, reports.Value{Money: l.Amounts.Closing, USD: l.USD.Closing})
			}
			total := s.Summary.CashTotal
			cashAdds(t, year+" summary", total.Pledges)
			kindAdds(t, year+" summary in kind", s.Summary.InKindTotal.Pledges)
			if !total.Pledges.Opening.Amount.Equal(before) {
				t.Errorf("%s %s opens with %s; the year before closed with %s", contributor, year, total.Pledges.Opening, before)
			}
			before = total.Pledges.Closing.Amount
			received = received.Add(total.Received.Amount)

			var net decimal.Decimal
			for _, r := range s.Receipts {
				net = net.Add(r.Net.USD.Amount)
			}
			if !net.Equal(total.Received.Amount) {
				t.Errorf("%s %s: the receipts add up to %s, the total is %s", contributor, year, net, total.Received)
			}
			checkBalance(t, b, contributor, s, "'1200','9100'", 1, total.Pledges.Closing.Amount)
			checkBalance(t, b, contributor, s, "'2200'", -1, total.Held.Amount)
			checkBalance(t, b, contributor, s, "'9200'", 1, s.Summary.InKindTotal.Pledges.Closing.Amount)
		}
		whole := statement(t, b.Store, always, reports.StatementRequest{Contributor: contributor, Period: days(t, "2022-01-01", "2025-12-31")})
		if got := whole.Summary.CashTotal.Received.Amount; !got.Equal(received) {
			t.Errorf("%s: received %s in all, the years add up to %s", contributor, got, received)
		}
	}
}

// checkBalance holds a figure of a statement's last day against the accounts.
func checkBalance(t *testing.T, b book, c ledger.ContributorCode, s *reports.Statement, accounts string, side int64, got decimal.Decimal) {
	t.Helper()
	var want decimal.Decimal
	if err := b.owner.Get(&want, `SELECT coalesce(sum(amount_usd), 0) FROM journal_line
		WHERE contributor = $1 AND effective_date <= $2 AND account IN (`+accounts+`)`, c, s.Period.To.Date); err != nil {
		t.Fatal(err)
	}
	if want = want.Mul(decimal.NewFromInt(side)); !got.Equal(want) {
		t.Errorf("%s %s: the statement has %s, the accounts %s have %s", c, s.Period.To, got, accounts, want)
	}
}

// TestStatementByFund asks for one fund: its figures are those that it has in the statement of all funds.
func TestStatementByFund(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	period := days(t, "2024-01-01", "2024-12-31")
	all := statement(t, b.Store, always, reports.StatementRequest{Contributor: "XAA", Period: period})
	for i, fund := range []ledger.FundCode{"GEN", "SPF"} {
		one := statement(t, b.Store, always, reports.StatementRequest{Contributor: "XAA", Period: period, Fund: fund})
		if diff := cmp.Diff(all.Summary.Cash[i:i+1], one.Summary.Cash); diff != "" {
			t.Errorf("%s cash (-all +one):\n%s", fund, diff)
		}
		if diff := cmp.Diff(all.Summary.InKind[i:i+1], one.Summary.InKind); diff != "" {
			t.Errorf("%s in kind (-all +one):\n%s", fund, diff)
		}
		if len(one.Funds) != 1 || one.Illustrative != (fund == "SPF") {
			t.Errorf("%s: funds %v, illustrative %v", fund, one.Funds, one.Illustrative)
		}
	}
}

// TestKnownAt reads the books as they were known before the ledger learned more: not a byte may change.
func TestKnownAt(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	var then time.Time
	if err := b.owner.Get(&then, `SELECT max(recorded_at) FROM journal_entry`); err != nil {
		t.Fatal(err)
	}
	r := reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")}
	documents := func() []byte {
		var all bytes.Buffer
		for _, build := range []func(context.Context, *postgres.Snapshot) (any, error){
			func(ctx context.Context, s *postgres.Snapshot) (any, error) { return reports.BuildStatement(ctx, s, r) },
			func(ctx context.Context, s *postgres.Snapshot) (any, error) {
				return reports.BuildFundReport(ctx, s, "GEN", 2024)
			},
			func(ctx context.Context, s *postgres.Snapshot) (any, error) {
				return reports.BuildTrialBalance(ctx, s, "")
			},
		} {
			all.Write(rendered(t, render.JSON, read(t, b.Store, ledger.Date{}, then, build)))
		}
		return all.Bytes()
	}
	before := documents()
	b.run(t, "late.sql")
	if after := documents(); !bytes.Equal(before, after) {
		t.Errorf("what was recorded later shows (-before +after):\n%s", cmp.Diff(string(before), string(after)))
	}
	now := statement(t, b.Store, always, r)
	if got, want := now.Summary.CashTotal.Received.Fixed(), "97521.00"; got != want { // 145410 + 111 - 48000
		t.Errorf("received, as known now: %s, want %s", got, want)
	}
	if got, want := now.Summary.InKindTotal.Disclosed.Fixed(), "1600.00"; got != want {
		t.Errorf("disclosed, as known now: %s, want %s", got, want)
	}
}

// TestAsOf ends a period early: what is effective later is not told, not even a reversal.
func TestAsOf(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	asOf := days(t, "2024-07-02", "2024-07-02").To
	build := func(ctx context.Context, snap *postgres.Snapshot) (*reports.Statement, error) {
		return reports.BuildStatement(ctx, snap, reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")})
	}
	s := read(t, b.Store, asOf, always, build)
	stages := map[string]ledger.Stage{}
	for _, l := range s.Pledges {
		stages[l.Reference] = l.Stage
	}
	want := map[string]ledger.Stage{"XAA-P1": ledger.PartlyFulfilled, "XAA-P2": ledger.PartlyFulfilled,
		"XAA-P3": ledger.Agreed, "XAA-P4": ledger.PartlyFulfilled}
	if diff := cmp.Diff(want, stages); diff != "" {
		t.Errorf("stages (-want +got):\n%s", diff)
	}
	for _, r := range s.Receipts {
		if r.ValueDate.After(asOf) {
			t.Errorf("a receipt of %s is told", r.ValueDate)
		}
		if r.BankReference == "WIRE-7" && !r.ReversedOn.IsZero() {
			t.Errorf("a reversal of %s is told", r.ReversedOn)
		}
	}
}

func TestRefused(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	year := days(t, "2024-01-01", "2024-12-31")
	for name, test := range map[string]struct {
		build func(context.Context, *postgres.Snapshot) error
		rule  ledger.Rule
	}{
		"no such contributor": {rule: ledger.RuleNotFound, build: func(ctx context.Context, s *postgres.Snapshot) error {
			_, err := reports.BuildStatement(ctx, s, reports.StatementRequest{Contributor: "XZZ", Period: year})
			return err
		}},
		"no such fund in a statement": {rule: ledger.RuleNotFound, build: func(ctx context.Context, s *postgres.Snapshot) error {
			_, err := reports.BuildStatement(ctx, s, reports.StatementRequest{Contributor: "XAA", Fund: "NONE", Period: year})
			return err
		}},
		"period backwards": {rule: ledger.RuleDateOrder, build: func(ctx context.Context, s *postgres.Snapshot) error {
			_, err := reports.BuildStatement(ctx, s, reports.StatementRequest{Contributor: "XAA", Period: ledger.Period{From: year.To, To: year.From}})
			return err
		}},
		"no such fund in a report": {rule: ledger.RuleNotFound, build: func(ctx context.Context, s *postgres.Snapshot) error {
			_, err := reports.BuildFundReport(ctx, s, "NONE", 2024)
			return err
		}},
		"year outside of the books": {rule: ledger.RuleOutOfRange, build: func(ctx context.Context, s *postgres.Snapshot) error {
			_, err := reports.BuildFundReport(ctx, s, "GEN", 0)
			return err
		}},
		"no such fund in a trial balance": {rule: ledger.RuleNotFound, build: func(ctx context.Context, s *postgres.Snapshot) error {
			_, err := reports.BuildTrialBalance(ctx, s, "NONE")
			return err
		}},
	} {
		err := b.Read(context.Background(), ledger.Date{}, always, func(s *postgres.Snapshot) error { return test.build(context.Background(), s) })
		if e := new(ledger.Error); !errors.As(err, &e) || e.Rule != test.rule {
			t.Errorf("%s: %v, want %s", name, err, test.rule)
		}
	}
}
