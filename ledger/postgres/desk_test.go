package postgres_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestDesk sends receipts all at once, good ones among those that are refused for one reason or another. Each is answered as it
// would be alone, whoever it shared a transaction with.
func TestDesk(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	books := ledgertest.NewBooksOn(t, url)
	p := books.Agree(books.Pledge("1000000.00 EUR", "2026-01-10"), "2026-02-10")
	books.Do(books.ClosePeriod(books.Context(), books.Command(nil), postgres.CloseInput{Fund: "OTHER", Period: periodOf(t, "2026-01"), UnidentifiedDays: ledger.UnidentifiedDays}))
	const each = 12
	owner := ledgertest.Connect(t, url, "")
	together := func() (n int) {
		t.Helper()
		if err := owner.Get(&n, `SELECT count(*) FROM (SELECT FROM journal_entry WHERE kind = 'receipt' GROUP BY recorded_at HAVING count(*) > 1) s`); err != nil {
			t.Fatal(err)
		}
		return n
	}
	rounds, recorded := 0, 0
	for ; rounds == 0 || together() == 0; rounds++ {
		if t.Context().Err() != nil {
			t.Fatal("no two receipts ever shared a transaction")
		}
		type outcome struct {
			kind string
			n    int
			key  string
			in   postgres.ReceiptInput
			a    postgres.Answer
			err  error
		}
		var sent []*outcome
		for n := range each {
			key := func(kind string) string { return fmt.Sprintf("%s %d %d", kind, rounds, n) }
			gift := postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("1.00 USD"), ValueDate: day("2026-03-07")}
			paying, unknown, closed, taken, twice := gift, gift, gift, gift, gift
			paying.Fund, paying.Amount, paying.Parts = "", cash("10.00 EUR"), []postgres.PartInput{ledgertest.To(p, "10.00 EUR")}
			unknown.Contributor = "XXX"
			closed.Fund, closed.ValueDate = "OTHER", day("2026-01-07")
			taken.BankReference = fmt.Sprint("once ", rounds)
			for kind, in := range map[string]postgres.ReceiptInput{"paying": paying, "unknown": unknown, "closed": closed, "taken": taken, "twice": twice, "again": twice} {
				o := &outcome{kind: kind, n: n, key: key(kind), in: in}
				if kind == "again" {
					o.key = key("twice")
				}
				sent = append(sent, o)
			}
		}
		var all sync.WaitGroup
		for _, o := range sent {
			all.Go(func() { o.a, o.err = books.RecordReceipt(books.Context(), books.CommandUnder(o.key, nil), o.in) })
		}
		all.Wait()
		done, refused := map[string]int{}, map[string]map[ledger.Rule]int{}
		for _, o := range sent {
			if o.err == nil && !o.a.Replayed {
				done[o.kind]++
				continue
			}
			var e *ledger.Error
			rule := ledger.Rule("replayed")
			if o.err != nil {
				if !errors.As(o.err, &e) {
					t.Fatal(o.err)
				}
				rule = e.Rule
			}
			if refused[o.kind] == nil {
				refused[o.kind] = map[ledger.Rule]int{}
			}
			refused[o.kind][rule]++
		}
		if done["paying"] != each || done["taken"] != 1 || done["unknown"]+done["closed"] != 0 || done["twice"]+done["again"] != each {
			t.Errorf("recorded: %v", done)
		}
		if refused["unknown"][ledger.RuleContributorUnknown] != each || refused["closed"][ledger.RulePeriodClosed] != each || refused["taken"][ledger.RuleReceiptDuplicate] != each-1 {
			t.Errorf("refused: %v", refused)
		}
		for _, kind := range []string{"twice", "again"} {
			for rule := range refused[kind] {
				if rule != "replayed" && rule != ledger.RuleIdempotencyKeyInFlight {
					t.Errorf("the same request at the same time: %v", rule)
				}
			}
		}
		recorded += 2*each + 1
	}
	var receipts int
	if err := owner.Get(&receipts, `SELECT count(*) FROM receipt r JOIN idempotency_key k ON k.recorded_at = r.recorded_at AND EXISTS (SELECT FROM journal_entry e WHERE e.receipt_id = r.id AND e.idempotency_key = k.key)`); err != nil || receipts != recorded {
		t.Errorf("%d receipts with their keys, want %d: %v", receipts, recorded, err)
	}
	read, err := books.Store.Pledge(books.Context(), p.ID)
	if want := decimal.NewFromInt(int64(1_000_000 - 10*each*rounds)); err != nil || !read.State.Receivable.Amount.Equal(want) {
		t.Errorf("%s is outstanding, want %s: %v", read.State.Receivable, want, err)
	}
}
