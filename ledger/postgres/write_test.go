package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

var (
	day  = ledgertest.Day
	cash = ledgertest.Cash
)

// equal compares records as the API shows them: decimals by value, times by instant.
func equal(t *testing.T, got, want any) {
	t.Helper()
	decimals := cmp.Comparer(func(a, b decimal.Decimal) bool { return a.Equal(b) })
	dates := cmp.Comparer(func(a, b ledger.Date) bool { return a.Equal(b) })
	// A balance of nothing may be told with or without its currency, and a list may be empty or absent.
	balances := cmp.FilterValues(func(a, b ledger.Converted) bool {
		return a.Amount.IsZero() && b.Amount.IsZero() && a.USD.IsZero() && b.USD.IsZero()
	},
		cmp.Comparer(func(a, b ledger.Converted) bool { return true }))
	if diff := cmp.Diff(want, got, decimals, dates, balances, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "State.Recognised" }, cmp.Ignore())); diff != "" {
		t.Errorf("read (-recorded +read):\n%s", diff)
	}
}

func wantRule(t *testing.T, err error, rule ledger.Rule) {
	t.Helper()
	var e *ledger.Error
	if !errors.As(err, &e) || e.Rule != rule {
		t.Errorf("got %v, want the rule %s", err, rule)
	}
}

// TestRecordedIsRead holds what a write answers against what is read afterwards.
func TestRecordedIsRead(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	p := b.Agree(b.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	read, err := b.Store.Pledge(b.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, read, *p)

	var r *postgres.ReceiptRecord
	b.Do(b.RecordReceipt(b.Context(), b.Command(&r), postgres.ReceiptInput{BankReference: "R1", ValueDate: day("2026-03-05"), Contributor: "NLD",
		Amount: cash("1200.00 EUR"), Charges: decimal.RequireFromString("7.50"), Payer: "De Nederlandsche Bank", Instrument: "EFT", Note: "first",
		Parts: []postgres.PartInput{ledgertest.To(p, "1100.00 EUR")}}))
	got, err := b.Store.Receipt(b.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, got, *r)
	if held := got.Held.InAdvance["NLD"]; held.Fixed() != "207.50" {
		t.Errorf("held in advance %s, want 207.50: what exceeds the pledge and what was not allocated", held)
	}

	var d *postgres.DeliveryRecord
	b.Do(b.RecordDelivery(b.Context(), b.Command(&d), postgres.DeliveryInput{Contributor: "ADB", Fund: "CPCJF", DeliveredOn: day("2026-04-30"), PeriodFrom: day("2026-04-01"),
		Category: ledger.Expert, Description: "an expert", Quantity: decimal.NewFromInt(20), Unit: "expert_day", Value: new(cash("8000.00 EUR")), Basis: ledger.ProFormaCost, Evidence: ledger.Evidence{Reference: "E1"}}))
	delivered, err := b.Delivery(b.Context(), d.ID)
	if err != nil {
		t.Fatal(err)
	}
	equal(t, delivered, *d)

	var reversed *postgres.ReceiptRecord
	b.Do(b.ReverseReceipt(b.Context(), b.Command(&reversed), r.ID, postgres.ReversalInput{Date: day("2026-03-06"), Reason: "entered twice"}))
	if got, err = b.Store.Receipt(b.Context(), r.ID); err != nil {
		t.Fatal(err)
	}
	equal(t, got, *reversed)
}

func TestIdempotency(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	in := postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("10.00 USD"), ValueDate: day("2026-03-05")}
	first, err := b.RecordReceipt(b.Context(), b.CommandUnder("k", nil), in)
	if err != nil {
		t.Fatal(err)
	}
	again, err := b.RecordReceipt(b.Context(), b.CommandUnder("k", nil), in)
	if err != nil {
		t.Fatal(err)
	}
	if !again.Replayed || string(again.Body) != string(first.Body) || again.Status != first.Status || again.Location != first.Location {
		t.Errorf("the replay answers %+v, the first was %+v", again, first)
	}
	other := b.CommandUnder("k", nil)
	other.RequestHash = []byte("another request")
	_, err = b.RecordReceipt(b.Context(), other, in)
	wantRule(t, err, ledger.RuleIdempotencyKeyReused)
	list, err := b.Receipts(b.Context(), postgres.ReceiptFilter{}, postgres.ReceiptKey{}, 10)
	if err != nil || len(list) != 1 {
		t.Errorf("%d receipts stand in the books, want 1 (%v)", len(list), err)
	}
	// A refused request leaves its key free.
	bad := in
	bad.Fund = "NONE"
	_, err = b.RecordReceipt(b.Context(), b.CommandUnder("k2", nil), bad)
	wantRule(t, err, ledger.RuleFundUnknown)
	b.Do(b.RecordReceipt(b.Context(), b.CommandUnder("k2", nil), in))
}

// TestKeyInFlight sends a second request with a key while the first is being worked on.
func TestKeyInFlight(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	in := postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("10.00 USD"), ValueDate: day("2026-03-05")}
	c := b.CommandUnder("k", nil)
	answer := c.Answer
	c.Answer = func(r any) (postgres.Answer, error) { // called inside the first one's transaction
		_, err := b.RecordReceipt(b.Context(), b.CommandUnder("k", nil), in)
		wantRule(t, err, ledger.RuleIdempotencyKeyInFlight)
		return answer(r)
	}
	b.Do(b.RecordReceipt(b.Context(), c, in))
}

// TestReceiptIsRecordedAnew reverses a receipt and records it again under the same bank reference.
func TestReceiptIsRecordedAnew(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	in := postgres.ReceiptInput{BankReference: "R1", Contributor: "NLD", Fund: "CPCJF", Amount: cash("10.00 USD"), ValueDate: day("2026-03-05")}
	var first, second *postgres.ReceiptRecord
	b.Do(b.RecordReceipt(b.Context(), b.Command(&first), in))
	_, err := b.RecordReceipt(b.Context(), b.Command(nil), in)
	wantRule(t, err, ledger.RuleReceiptDuplicate)
	reversal := postgres.ReversalInput{Date: day("2026-03-06"), Reason: "wrong amount"}
	b.Do(b.ReverseReceipt(b.Context(), b.Command(nil), first.ID, reversal))
	_, err = b.ReverseReceipt(b.Context(), b.Command(nil), first.ID, reversal)
	wantRule(t, err, ledger.RuleAlreadyReversed)
	in.Amount = cash("11.00 USD")
	b.Do(b.RecordReceipt(b.Context(), b.Command(&second), in))
	if second.Replaces != first.ID {
		t.Errorf("the new receipt replaces %s, want %s", second.Replaces, first.ID)
	}
	_, err = b.RecordReceipt(b.Context(), b.Command(nil), in)
	wantRule(t, err, ledger.RuleReceiptDuplicate)
}

// TestAllFaultsAtOnce sends a receipt in which everything is unknown.
func TestAllFaultsAtOnce(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	_, err := b.RecordReceipt(b.Context(), b.Command(nil), postgres.ReceiptInput{BankAccount: "NONE", Contributor: "XXX", Fund: "NONE", Amount: cash("10.00 CHF"), ValueDate: day("2199-01-01"),
		Parts: []postgres.PartInput{{Pledge: uuid.New(), Amount: cash("5.00 EUR")}, {Contributor: "YYY", Amount: cash("5.00 CHF")}}})
	var e *ledger.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	got := map[string]ledger.Rule{}
	for _, v := range e.Violations {
		got[v.Pointer] = v.Rule
	}
	want := map[string]ledger.Rule{"/value_date": ledger.RuleDateInFuture, "/contributor": ledger.RuleContributorUnknown, "/fund": ledger.RuleFundUnknown,
		"/bank_account": ledger.RuleBankAccountUnknown, "/amount": ledger.RuleRateMissing, "/allocations/0/pledge": ledger.RulePledgeUnknown,
		"/allocations/0/amount/currency": ledger.RuleCurrencyMismatch, "/allocations/1/contributor": ledger.RuleContributorUnknown}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("violations (-want +got):\n%s", diff)
	}
}

// TestRace lets 16 clients allocate one receipt, pay one pledge and reverse one receipt at once: nothing is applied twice.
func TestRace(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	p := b.Agree(b.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	var unknown *postgres.ReceiptRecord
	b.Do(b.RecordReceipt(b.Context(), b.Command(&unknown), postgres.ReceiptInput{Fund: "CPCJF", Amount: cash("100.00 EUR"), ValueDate: day("2026-03-05")}))
	again := b.Receipt("10.00 EUR", "2026-03-05")

	const clients = 16
	tries := map[string]func(i int) error{
		"identify": func(i int) error {
			_, err := b.AllocateReceipt(b.Context(), b.CommandUnder(uuid.NewString(), nil), unknown.ID, postgres.AllocationInput{Date: day("2026-03-06"),
				Parts: []postgres.PartInput{ledgertest.To(p, "30.00 EUR")}})
			return err
		},
		"pay": func(i int) error {
			_, err := b.RecordReceipt(b.Context(), b.CommandUnder(uuid.NewString(), nil), postgres.ReceiptInput{Contributor: "NLD", Amount: cash("100.00 EUR"), ValueDate: day("2026-03-07"),
				Parts: []postgres.PartInput{ledgertest.To(p, "100.00 EUR")}})
			return err
		},
		"reverse": func(i int) error {
			_, err := b.ReverseReceipt(b.Context(), b.CommandUnder(uuid.NewString(), nil), again.ID, postgres.ReversalInput{Date: day("2026-03-06"), Reason: "race"})
			return err
		},
	}
	succeeded := map[string]int{}
	var mu sync.Mutex
	var wg sync.WaitGroup
	for name, try := range tries {
		for i := range clients {
			wg.Go(func() {
				err := try(i)
				var e *ledger.Error
				mu.Lock()
				defer mu.Unlock()
				if err == nil {
					succeeded[name]++
				} else if !errors.As(err, &e) {
					t.Errorf("%s: %v", name, err)
				}
			})
		}
	}
	wg.Wait()
	if diff := cmp.Diff(map[string]int{"identify": 3, "pay": clients, "reverse": 1}, succeeded); diff != "" {
		t.Errorf("succeeded (-want +got):\n%s", diff)
	}
	read, err := b.Store.Pledge(b.Context(), p.ID)
	if err != nil {
		t.Fatal(err)
	}
	if read.State.Outstanding() || !read.State.Receivable.Amount.IsZero() {
		t.Errorf("the pledge of 1000 EUR, paid 1690 EUR at once, has %s outstanding", read.State.Receivable)
	}
	ledgertest.CheckBooks(t, b.Store)
}

// TestDecisionRace lets 16 approvers decide on one write-off, and 16 clients reverse one manual entry: one of each succeeds.
func TestDecisionRace(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	p := b.Agree(b.Pledge("200000.00 USD", "2026-01-10"), "2026-02-10")
	b.Do(b.RecordEntry(b.Context(), b.Command(nil), postgres.ManualInput{Date: day("2026-03-31"), Description: "Charges", Reason: "Not deducted", Document: "Advice 12",
		Lines: []postgres.ManualLine{{Account: ledger.BankCharges, Dimensions: ledger.Dimensions{Fund: "CPCJF"}, Amount: cash("10.00 USD")},
			{Account: ledger.CashAtBank, Dimensions: ledger.Dimensions{Fund: "CPCJF", BankAccount: "CPCJF"}, Credit: true, Amount: cash("10.00 USD")}}}))
	entries, err := b.Entries(b.Context(), postgres.EntryFilter{Kind: ledger.EntryManual}, uuid.Nil, 1)
	if err != nil || len(entries) != 1 {
		t.Fatal(entries, err)
	}
	as := func(role ledger.Role, name string) ledger.Actor {
		secret, err := ledgertest.Key(b.Store, name, role, "")
		if err != nil {
			t.Fatal(err)
		}
		actor, err := b.Authenticate(b.Context(), secret)
		if err != nil {
			t.Fatal(err)
		}
		return actor
	}
	command := func(actor ledger.Actor) postgres.Command {
		c := b.CommandUnder(uuid.NewString(), nil)
		c.Actor = actor
		c.Pending = func(ledger.Approval) (postgres.Answer, error) { return postgres.Answer{Status: 202}, nil }
		return c
	}
	const clients = 16
	var approvers []ledger.Actor
	for i := range clients {
		approvers = append(approvers, as(ledger.RoleApprover, fmt.Sprintf("approver %d", i)))
	}
	b.Do(b.WriteOffPledge(b.Context(), command(as(ledger.RoleOfficer, "officer")), p.ID, postgres.EndingInput{Date: day("2026-06-01"), Reason: "Insolvent"}))
	waiting, err := b.Approvals(b.Context(), postgres.ApprovalFilter{}, uuid.Nil, 10)
	if err != nil || len(waiting) != 1 {
		t.Fatal(waiting, err)
	}
	var decided, reversed atomic.Int32
	var wg sync.WaitGroup
	count := func(n *atomic.Int32, err error) {
		var e *ledger.Error
		if err == nil {
			n.Add(1)
		} else if !errors.As(err, &e) {
			t.Error(err)
		}
	}
	for _, approver := range approvers {
		wg.Go(func() {
			_, err := b.DecideApproval(b.Context(), command(approver), waiting[0].ID, postgres.DecisionInput{Decision: ledger.Approved})
			count(&decided, err)
		})
		wg.Go(func() {
			_, err := b.ReverseEntry(b.Context(), b.CommandUnder(uuid.NewString(), nil), entries[0].ID, postgres.ReversalInput{Date: day("2026-04-01"), Reason: "race"})
			count(&reversed, err)
		})
	}
	wg.Wait()
	if decided.Load() != 1 || reversed.Load() != 1 {
		t.Errorf("%d decisions and %d reversals succeeded, want one of each", decided.Load(), reversed.Load())
	}
	read, err := b.Store.Pledge(b.Context(), p.ID)
	if err != nil || read.State.Outstanding() {
		t.Errorf("the pledge has %s outstanding (%v)", read.State.Receivable, err)
	}
	ledgertest.CheckBooks(t, b.Store)
}

// TestPeriodClosed posts into a closed period.
func TestPeriodClosed(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	ledgertest.Connect(t, url, "").MustExec(`INSERT INTO period (fund, starts_on, ends_on, closed) VALUES ('CPCJF', '2026-03-01', '2026-03-31', true)`)
	in := postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("10.00 USD"), ValueDate: day("2026-03-05")}
	_, err := b.RecordReceipt(b.Context(), b.Command(nil), in)
	wantRule(t, err, ledger.RulePeriodClosed)
	in.Fund = "OTHER"
	b.Do(b.RecordReceipt(b.Context(), b.Command(nil), in))
}

func TestKeys(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	ctx := b.Context()
	var key *postgres.Key
	create := func(in postgres.KeyInput) (string, error) {
		c := b.Command(nil)
		c.Answer = func(r any) (postgres.Answer, error) {
			key = r.(*postgres.Key)
			return postgres.Answer{Status: 201}, nil
		}
		secret, _, err := b.CreateKey(ctx, c, in)
		return secret, err
	}
	secret, err := create(postgres.KeyInput{Actor: "Anna", Role: ledger.RoleOfficer})
	if err != nil {
		t.Fatal(err)
	}
	if a, err := b.Authenticate(ctx, secret); err != nil || a.Name != "Anna" || a.Role != ledger.RoleOfficer {
		t.Errorf("authenticated as %+v, %v", a, err)
	}
	_, err = b.Authenticate(ctx, secret+"x")
	wantRule(t, err, ledger.RuleUnauthenticated)
	anna := key.ID
	_, err = create(postgres.KeyInput{Actor: "Anna", Role: ledger.RoleAdmin})
	wantRule(t, err, ledger.RuleCodeTaken)
	for _, in := range []postgres.KeyInput{{Actor: "Donor", Role: ledger.RoleDonor, Contributor: "XXX"}, {Actor: "Donor", Role: ledger.RoleDonor},
		{Actor: "Old", Role: ledger.RoleOfficer, ExpiresAt: time.Now().Add(-time.Minute)}} {
		if _, err = create(in); err == nil {
			t.Errorf("a key was made of %+v", in)
		}
	}
	authenticateTogether(t, b, secret)
	short, err := create(postgres.KeyInput{Actor: "Berta", Role: ledger.RoleOfficer, ExpiresAt: time.Now().Add(time.Hour)})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Authenticate(ctx, short); err != nil {
		t.Errorf("a key that has not ended: %v", err)
	}
	ledgertest.Connect(t, url, "").MustExec(`UPDATE api_key SET expires_at = now() - interval '1 second' WHERE id = $1`, key.ID)
	_, err = b.Authenticate(ctx, short)
	wantRule(t, err, ledger.RuleUnauthenticated)
	b.Do(b.RevokeKey(ctx, b.Command(nil), anna))
	_, err = b.Authenticate(ctx, secret)
	wantRule(t, err, ledger.RuleUnauthenticated)
	_, err = b.RevokeKey(ctx, b.Command(nil), uuid.New())
	wantRule(t, err, ledger.RuleNotFound)
	keys, err := b.Keys(ctx, uuid.Nil, 10)
	if err != nil || len(keys) != 2 || keys[0].LastUsedAt.IsZero() || keys[0].RevokedAt.IsZero() || keys[1].ExpiresAt.IsZero() {
		t.Errorf("keys %+v (%v)", keys, err)
	}
}

// authenticateTogether shows a good key and bad ones at the same time: each is answered for itself, whichever it was looked up with,
// and whoever goes away leaves the others their answers.
func authenticateTogether(t *testing.T, b *ledgertest.Books, secret string) {
	t.Helper()
	var all sync.WaitGroup
	for n := range 60 {
		all.Go(func() {
			switch n % 3 {
			case 0:
				if a, err := b.Authenticate(b.Context(), secret); err != nil || a.Name != "Anna" {
					t.Errorf("authenticated among others as %+v, %v", a, err)
				}
			case 1:
				_, err := b.Authenticate(b.Context(), fmt.Sprint(secret, n))
				wantRule(t, err, ledger.RuleUnauthenticated)
			default:
				gone, leave := context.WithCancel(b.Context())
				leave()
				if a, err := b.Authenticate(gone, secret); err == nil && a.Name != "Anna" {
					t.Errorf("authenticated, going away, as %+v", a)
				}
			}
		})
	}
	all.Wait()
}
