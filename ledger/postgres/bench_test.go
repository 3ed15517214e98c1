package postgres_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// The tests' PostgreSQL does not wait for the disk (fsync off), so these show what the program and the round trips cost and
// not what a commit does.

// BenchmarkRecordReceipt posts receipts against one agreed pledge, with a key, an allocation and an exchange difference.
func BenchmarkRecordReceipt(b *testing.B) {
	books := ledgertest.NewBooks(b)
	p := books.Agree(books.Pledge("1000000000.00 EUR", "2026-01-10"), "2026-02-10")
	in := postgres.ReceiptInput{Contributor: "NLD", Amount: cash("10.00 EUR"), ValueDate: day("2026-03-07"), Parts: []postgres.PartInput{ledgertest.To(p, "10.00 EUR")}}
	for b.Loop() {
		books.Do(books.RecordReceipt(books.Context(), books.Command(nil), in))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "receipts/s")
}

// BenchmarkRecordReceiptClients posts receipts without a pledge from eight clients for each core.
func BenchmarkRecordReceiptClients(b *testing.B) {
	books := ledgertest.NewBooks(b)
	in := postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("10.00 EUR"), ValueDate: day("2026-03-07")}
	b.SetParallelism(8)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := books.RecordReceipt(books.Context(), books.CommandUnder(uuid.NewString(), nil), in); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "receipts/s")
}

// BenchmarkPledge reads a pledge with its legs and balances.
func BenchmarkPledge(b *testing.B) {
	books := ledgertest.NewBooks(b)
	p := books.Agree(books.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	books.Receipt("10.00 EUR", "2026-03-07", ledgertest.To(p, "10.00 EUR"))
	for b.Loop() {
		if _, err := books.Store.Pledge(books.Context(), p.ID); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkRecordDelivery records days of one item, one after the other; each is checked against all that came before.
func BenchmarkRecordDelivery(b *testing.B) {
	books := ledgertest.NewBooks(b)
	p := offer(books)
	in := postgres.DeliveryInput{Pledge: p.ID, DeliveredOn: day("2026-02-10"), Quantity: decimal.RequireFromString("0.001")}
	for b.Loop() {
		books.Do(books.RecordDelivery(books.Context(), books.Command(nil), in))
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "deliveries/s")
}

// sealRound is how many receipts BenchmarkSealing posts to each ledger in turn.
const sealRound = 400

// BenchmarkSealing posts receipts in turn to a ledger whose log is sealed and signed behind the postings, as the service does, and to
// one without the log's triggers and a sealer: cost is how much longer the first one takes, its sealing to the end included.
func BenchmarkSealing(b *testing.B) {
	url := ledgertest.Database(b)
	bare := ledgertest.NewBooksOn(b, url)
	owner := ledgertest.Connect(b, url, "")
	var triggers []string
	if err := owner.Select(&triggers, `SELECT format('ALTER TABLE %s DISABLE TRIGGER %I', tgrelid::regclass, tgname) FROM pg_trigger WHERE NOT tgisinternal AND (tgname LIKE '%\_log' OR tgname = 'clock_goes_forward')`); err != nil {
		b.Fatal(err)
	}
	for _, disable := range triggers {
		owner.MustExec(disable)
	}
	sealed := ledgertest.NewBooks(b)
	ledgertest.Signed(b, sealed.Store)
	ctx, cancel := context.WithCancel(b.Context())
	var sealer sync.WaitGroup
	sealer.Go(func() { sealed.SealEvery(ctx, time.Second, func(err error) { b.Error(err) }) })
	post := func(books *ledgertest.Books, seal bool) time.Duration {
		began := time.Now()
		var clients sync.WaitGroup
		for range 8 {
			clients.Go(func() {
				in := postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("10.00 EUR"), ValueDate: day("2026-03-07")}
				for range sealRound / 8 {
					if _, err := books.RecordReceipt(b.Context(), books.CommandUnder(uuid.NewString(), nil), in); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		clients.Wait()
		if seal {
			if err := books.Seal(b.Context()); err != nil {
				b.Error(err)
			}
		}
		return time.Since(began)
	}
	var with, without time.Duration
	for b.Loop() {
		without += post(bare, false)
		with += post(sealed, true)
	}
	cancel()
	sealer.Wait()
	b.ReportMetric(with.Seconds()/without.Seconds(), "cost")
	b.ReportMetric(float64(b.N*sealRound)/with.Seconds(), "sealed/s")
	b.ReportMetric(float64(b.N*sealRound)/without.Seconds(), "bare/s")
}
