package reports_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/render"
)

// mergeBooks has NLD with a pledge of which a part is paid, DEU with a pledge, a gift in kind and a receipt.
func mergeBooks(t *testing.T) (*ledgertest.Books, *postgres.PledgeRecord) {
	t.Helper()
	b := ledgertest.NewBooks(t)
	ours := b.Agree(b.Pledge("1000.00 EUR", "2026-01-10"), "2026-01-20")
	b.Receipt("400.00 EUR", "2026-02-01", ledgertest.To(ours, "400.00 EUR"))
	var theirs *postgres.PledgeRecord
	b.Do(b.RecordPledge(b.Context(), b.Command(&theirs), postgres.PledgeInput{Contributor: "DEU", Fund: "CPCJF", FundYear: 2026, Form: ledger.Cash,
		Amount: ledgertest.Cash("300.00 USD"), Date: ledgertest.Day("2026-01-15")}))
	theirs = b.Agree(theirs, "2026-01-25")
	b.Do(b.RecordReceipt(b.Context(), b.Command(nil), postgres.ReceiptInput{Contributor: "DEU", Fund: "CPCJF", Amount: ledgertest.Cash("50.00 USD"),
		ValueDate: ledgertest.Day("2026-02-02")}))
	value := ledgertest.Cash("70.00 USD")
	b.Do(b.RecordDelivery(b.Context(), b.Command(nil), postgres.DeliveryInput{Contributor: "DEU", Fund: "CPCJF", DeliveredOn: ledgertest.Day("2026-02-03"),
		Category: ledger.Goods, Description: "Laptops", Quantity: decimal.NewFromInt(7), Unit: "item", Value: &value, Basis: ledger.MarketPrice}))
	return b, theirs
}

// now returns the database's instant.
func now(t *testing.T, b *ledgertest.Books) time.Time {
	t.Helper()
	var at time.Time
	if err := b.Read(t.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error { at = snap.KnownAt; return nil }); err != nil {
		t.Fatal(err)
	}
	return at
}

func merge(t *testing.T, b *ledgertest.Books, absorbed, survivor ledger.ContributorCode) {
	t.Helper()
	b.Do(b.MergeContributor(t.Context(), b.Command(nil), ledger.Merge{Absorbed: absorbed, Survivor: survivor, Date: ledgertest.Day("2026-03-01"), Reason: "one State twice"}))
}

// TestMergeLeavesThePast holds that a merge changes no document of an instant before it, and that afterwards the
// survivor's totals are those of both records.
func TestMergeLeavesThePast(t *testing.T) {
	t.Parallel()
	b, theirs := mergeBooks(t)
	before := now(t, b)
	request := func(c ledger.ContributorCode) reports.StatementRequest {
		return reports.StatementRequest{Contributor: c, Period: days(t, "2026-01-01", "2026-12-31")}
	}
	due := func(ctx context.Context, snap *postgres.Snapshot) (*reports.DueList, error) {
		return reports.BuildDueList(ctx, snap, reports.DueRequest{})
	}
	report := func(ctx context.Context, snap *postgres.Snapshot) (*reports.FundReport, error) {
		return reports.BuildFundReport(ctx, snap, "CPCJF", 2026)
	}
	documents := func() map[string][]byte {
		return map[string][]byte{
			"NLD":  rendered(t, render.JSON, statement(t, b.Store, before, request("NLD"))),
			"DEU":  rendered(t, render.JSON, statement(t, b.Store, before, request("DEU"))),
			"due":  rendered(t, render.JSON, read(t, b.Store, ledgertest.Day("2026-06-01"), before, due)),
			"fund": rendered(t, render.JSON, read(t, b.Store, ledger.Date{}, before, report)),
		}
	}
	past := documents()
	separate := []*reports.Statement{statement(t, b.Store, before, request("NLD")), statement(t, b.Store, before, request("DEU"))}

	b.Do(b.RenameContributor(t.Context(), b.Command(nil), "DEU", "Germany (merged)", ledgertest.Day("2026-02-15")))
	merge(t, b, "DEU", "NLD")
	for name, bytesNow := range documents() {
		if !bytes.Equal(past[name], bytesNow) {
			t.Errorf("%s known before the merge changed:\n%s\n%s", name, past[name], bytesNow)
		}
	}
	after := statement(t, b.Store, now(t, b), request("NLD"))
	sum := func(of func(*reports.Statement) decimal.Decimal) decimal.Decimal {
		return of(separate[0]).Add(of(separate[1]))
	}
	for name, of := range map[string]func(*reports.Statement) decimal.Decimal{
		"received":    func(s *reports.Statement) decimal.Decimal { return s.Summary.CashTotal.Received.Amount },
		"outstanding": func(s *reports.Statement) decimal.Decimal { return s.Summary.CashTotal.Pledges.Closing.Amount },
		"announced":   func(s *reports.Statement) decimal.Decimal { return s.Summary.CashTotal.Pledges.Announced.Amount },
		"recognised":  func(s *reports.Statement) decimal.Decimal { return s.Summary.InKindTotal.Recognised.Amount },
	} {
		if got, want := of(after), sum(of); !got.Equal(want) {
			t.Errorf("%s of the survivor is %s, of the two records %s", name, got, want)
		}
	}
	if len(after.Pledges) != 2 || len(after.Absorbed) != 1 || after.Absorbed[0] != "DEU" {
		t.Errorf("the survivor has %d pledges and absorbed %v", len(after.Pledges), after.Absorbed)
	}
	if s := statement(t, b.Store, now(t, b), request("DEU")); s.MergedInto != "NLD" || s.Contributor.Name != "Germany (merged)" {
		t.Errorf("the absorbed record is merged into %q and called %q", s.MergedInto, s.Contributor.Name)
	}
	fund := read(t, b.Store, ledger.Date{}, now(t, b), report)
	if len(fund.Groups) != 1 || len(fund.Groups[0].Contributors) != 1 || fund.Groups[0].Contributors[0].Code != "NLD" {
		t.Errorf("the fund report groups %+v", fund.Groups)
	}
	for _, item := range read(t, b.Store, ledgertest.Day("2026-06-01"), now(t, b), due).Items {
		if item.Contributor != "NLD" {
			t.Errorf("%s is due from %s", item.Pledge, item.Contributor)
		}
	}

	// The pledge of the absorbed record is paid by the survivor; what is new is not recorded under the absorbed code.
	b.Receipt("100.00 USD", "2026-03-02", ledgertest.To(theirs, "100.00 USD"))
	b.Do(b.EndPledge(t.Context(), b.Command(nil), theirs.ID, ledger.LegCancelled, postgres.EndingInput{Date: ledgertest.Day("2026-03-03"), Reason: "withdrawn"}))
	_, err := b.RecordPledge(t.Context(), b.Command(nil), postgres.PledgeInput{Contributor: "DEU", Fund: "CPCJF", FundYear: 2026, Form: ledger.Cash,
		Amount: ledgertest.Cash("300.00 USD"), Date: ledgertest.Day("2026-03-15")})
	var refused *ledger.Error
	if !errors.As(err, &refused) || refused.Rule != ledger.RuleContributorMerged || !strings.Contains(refused.Detail, "NLD") {
		t.Errorf("a new pledge of the absorbed record: %v", err)
	}
	if got := statement(t, b.Store, now(t, b), request("NLD")).Summary.CashTotal.Pledges.Closing.Amount; !got.Equal(after.Summary.CashTotal.Pledges.Closing.Amount.Sub(decimal.NewFromInt(300))) {
		t.Errorf("outstanding after payment and cancellation: %s", got)
	}
	ledgertest.CheckBooks(t, b.Store)
}
