package reports_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/render"
)

// asked is a document as it was read once, by its two times.
type asked struct {
	name    string
	asOf    ledger.Date
	knownAt time.Time
	build   func(ctx context.Context, snap *postgres.Snapshot) (any, error)
	bytes   []byte
	after   int // how many events were recorded
}

// TestTwoTimes records random events, also late ones, corrections and refunds, and asks for documents in between with random
// effective dates: asked again after everything else was recorded, each is the same bytes.
func TestTwoTimes(t *testing.T) {
	t.Parallel()
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	w := &wanderer{Books: ledgertest.NewBooks(t), t: t, rand: rand.New(rand.NewPCG(seed, 0))}
	var asks []asked
	for i := range 120 {
		w.step()
		if i%6 == 5 {
			known := time.Now()
			for name, build := range documents(t) {
				a := asked{name: name, asOf: w.date(), knownAt: known, build: build, after: i + 1}
				a.bytes = w.ask(a)
				asks = append(asks, a)
			}
		}
	}
	if w.recorded < 40 {
		t.Errorf("only %d of 120 events were recorded", w.recorded)
	}
	for _, a := range asks {
		if again := w.ask(a); !bytes.Equal(again, a.bytes) {
			t.Errorf("%s as of %s, known at %s after %d events, changed:\n%s\n%s", a.name, a.asOf, a.knownAt, a.after, a.bytes, again)
		}
	}
	// The dates wander: a correction can be dated before what it corrects came, so a single day may be out of order. What must
	// hold whatever the order is that debits equal credits.
	balance := read(t, w.Store, ledger.Date{}, always, func(ctx context.Context, snap *postgres.Snapshot) (*reports.TrialBalance, error) {
		return reports.BuildTrialBalance(ctx, snap, "")
	})
	for _, block := range []reports.BalanceBlock{balance.Books, balance.Memorandum} {
		if !block.Debit.Amount.Equal(block.Credit.Amount) || block.Debit.Amount.IsZero() {
			t.Errorf("debits %s, credits %s", block.Debit.Fixed(), block.Credit.Fixed())
		}
	}
}

// documents are the documents that take two times.
func documents(t *testing.T) map[string]func(ctx context.Context, snap *postgres.Snapshot) (any, error) {
	year := days(t, "2026-01-01", "2026-12-31")
	return map[string]func(ctx context.Context, snap *postgres.Snapshot) (any, error){
		"statement": func(ctx context.Context, snap *postgres.Snapshot) (any, error) {
			return reports.BuildStatement(ctx, snap, reports.StatementRequest{Contributor: "NLD", Period: year})
		},
		"fund report": func(ctx context.Context, snap *postgres.Snapshot) (any, error) {
			return reports.BuildFundReport(ctx, snap, "CPCJF", 2026)
		},
		"trial balance": func(ctx context.Context, snap *postgres.Snapshot) (any, error) {
			return reports.BuildTrialBalance(ctx, snap, "")
		},
		"due list": func(ctx context.Context, snap *postgres.Snapshot) (any, error) {
			return reports.BuildDueList(ctx, snap, reports.DueRequest{})
		},
		"available": func(ctx context.Context, snap *postgres.Snapshot) (any, error) {
			return reports.BuildAvailable(ctx, snap, "CPCJF")
		},
		"held list": func(ctx context.Context, snap *postgres.Snapshot) (any, error) {
			return reports.BuildHeldList(ctx, snap, reports.HeldRequest{})
		},
	}
}

// wanderer records events at random; one that the ledger refuses is no event.
type wanderer struct {
	*ledgertest.Books
	t        *testing.T
	rand     *rand.Rand
	pledges  []uuid.UUID
	receipts []*postgres.ReceiptRecord
	recorded int
}

func (w *wanderer) ask(a asked) []byte {
	w.t.Helper()
	return rendered(w.t, render.JSON, read(w.t, w.Store, a.asOf, a.knownAt, a.build))
}

func (w *wanderer) date() ledger.Date {
	return ledgertest.Day("2026-01-10").AddDays(w.rand.IntN(300))
}

func (w *wanderer) money() ledger.Money {
	return ledgertest.Cash(fmt.Sprintf("%d.%02d %s", 1+w.rand.IntN(900), w.rand.IntN(100), []string{"USD", "EUR"}[w.rand.IntN(2)]))
}

func (w *wanderer) pledge() uuid.UUID {
	if len(w.pledges) == 0 {
		return uuid.Nil
	}
	return w.pledges[w.rand.IntN(len(w.pledges))]
}

func (w *wanderer) did(_ postgres.Answer, err error) {
	w.t.Helper()
	var e *ledger.Error
	switch {
	case err == nil:
		w.recorded++
	case !errors.As(err, &e):
		w.t.Fatal(err)
	}
}

func (w *wanderer) step() {
	ctx := w.Context()
	switch w.rand.IntN(9) {
	case 0, 1:
		p := &postgres.PledgeRecord{}
		w.did(w.RecordPledge(ctx, w.Command(&p), postgres.PledgeInput{Contributor: "NLD", Fund: "CPCJF", FundYear: 2026, Form: ledger.Cash, Amount: w.money(), Date: w.date()}))
		w.pledges = append(w.pledges, p.ID)
	case 2:
		w.did(w.AgreePledge(ctx, w.Command(nil), w.pledge(), postgres.AgreementInput{Date: w.date()}))
	case 3, 4:
		r := &postgres.ReceiptRecord{}
		in := postgres.ReceiptInput{Fund: "CPCJF", Amount: w.money(), ValueDate: w.date()}
		if w.rand.IntN(3) > 0 {
			in.Contributor = "NLD"
		}
		if id := w.pledge(); id != uuid.Nil && in.Contributor != "" {
			in.Parts = []postgres.PartInput{{Pledge: id, Amount: in.Amount}}
		}
		if w.did(w.RecordReceipt(ctx, w.Command(&r), in)); r.ID != uuid.Nil {
			w.receipts = append(w.receipts, r)
		}
	case 5:
		w.did(w.EndPledge(ctx, w.Command(nil), w.pledge(), []ledger.LegKind{ledger.LegReduced, ledger.LegCancelled}[w.rand.IntN(2)],
			postgres.EndingInput{Date: w.date(), Amount: w.money(), Reason: "random"}))
	case 6:
		if n := len(w.receipts); n > 0 {
			w.did(w.ReverseReceipt(ctx, w.Command(nil), w.receipts[w.rand.IntN(n)].ID, postgres.ReversalInput{Date: w.date(), Reason: "random"}))
		}
	case 7:
		if n := len(w.receipts); n > 0 {
			r := w.receipts[w.rand.IntN(n)]
			w.did(w.RecordRefund(ctx, w.Command(nil), postgres.RefundInput{Receipt: r.ID, Source: []ledger.RefundSource{ledger.RefundRevenue, ledger.RefundAdvance, ledger.RefundUnidentified}[w.rand.IntN(3)],
				Fund: "CPCJF", Amount: ledger.Money{Amount: r.Amount.Amount, Currency: r.Amount.Currency}, Date: w.date(), Reason: "random"}))
		}
	case 8:
		w.did(w.Revalue(ctx, w.Command(nil), postgres.RevaluationInput{Fund: "CPCJF", Date: w.date()}))
	}
}
