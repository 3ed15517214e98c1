package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// countReceipts counts the receipts that a snapshot shows.
func countReceipts(ctx context.Context, t *testing.T, s *postgres.Snapshot) (n int) {
	t.Helper()
	if err := s.Get(ctx, &n, `SELECT count(*) FROM receipt`); err != nil {
		t.Error(err)
	}
	return n
}

// TestBoth records a receipt while two functions read a snapshot: neither of them sees it, and they read at the same time.
func TestBoth(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	b.Receipt("70.00 USD", "2026-03-05")
	meet := make(chan struct{})
	err := b.Read(b.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error {
		return snap.Both(b.Context(), func(ctx context.Context, s *postgres.Snapshot) error {
			b.Receipt("80.00 USD", "2026-03-06")
			meet <- struct{}{}
			if n := countReceipts(ctx, t, s); n != 1 || s.KnownAt != snap.KnownAt {
				t.Errorf("the first sees %d receipts at %s", n, s.KnownAt)
			}
			return nil
		}, func(ctx context.Context, s *postgres.Snapshot) error {
			<-meet
			if n := countReceipts(ctx, t, s); n != 1 || s == snap || s.KnownAt != snap.KnownAt {
				t.Errorf("the second sees %d receipts at %s", n, s.KnownAt)
			}
			return nil
		})
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestBothKeepsConnections reads the two halves of twenty reports: the connections of the first serve the others.
func TestBothKeepsConnections(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	servers := map[int]bool{}
	var own, beside int
	pid := func(into *int) func(context.Context, *postgres.Snapshot) error {
		return func(ctx context.Context, s *postgres.Snapshot) error {
			return s.Get(ctx, into, `SELECT pg_backend_pid()`)
		}
	}
	for range 20 {
		err := b.Read(b.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error { return snap.Both(b.Context(), pid(&own), pid(&beside)) })
		if err != nil || own == beside {
			t.Fatalf("read by the servers %d and %d, %v", own, beside, err)
		}
		servers[own], servers[beside] = true, true
	}
	if len(servers) > 6 {
		t.Errorf("%d connections were opened for two at a time", len(servers))
	}
}

// TestBothWithoutAnotherConnection reads one after the other where the store has one transaction.
func TestBothWithoutAnotherConnection(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	store, err := postgres.Open(t.Context(), url, postgres.Options{Transactions: 1, Patience: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = store.Close() }()
	var read []*postgres.Snapshot
	note := func(ctx context.Context, s *postgres.Snapshot) error {
		countReceipts(ctx, t, s)
		read = append(read, s)
		return nil
	}
	var of *postgres.Snapshot
	err = store.Read(t.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error {
		of = snap
		return snap.Both(t.Context(), note, note)
	})
	if err != nil || len(read) != 2 || read[0] != of || read[1] != of {
		t.Errorf("%d read, %v", len(read), err)
	}
}

// TestBothPanics lets either of two functions panic while the other waits: that ends the other, and the caller has the panic.
func TestBothPanics(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	breaks := func(context.Context, *postgres.Snapshot) error { panic("it broke") }
	for name, both := range map[string][2]func(context.Context, *postgres.Snapshot) error{"first": {breaks, sleeps}, "second": {sleeps, breaks}} {
		func() {
			defer func() {
				if v := recover(); !strings.Contains(fmt.Sprint(v), "it broke") {
					t.Errorf("the %s panics: the caller has %v", name, v)
				}
			}()
			_ = b.Read(b.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error { return snap.Both(b.Context(), both[0], both[1]) })
		}()
	}
	b.Receipt("70.00 USD", "2026-03-05") // nothing is held
}

// sleeps reads for a minute.
func sleeps(ctx context.Context, s *postgres.Snapshot) error {
	var n int
	return s.Get(ctx, &n, `SELECT 1 FROM pg_sleep(60)`)
}

// TestBothFails lets either of two functions fail while the other waits: that ends the other, and what failed is told.
func TestBothFails(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	failed := errors.New("it failed")
	fail := func(context.Context, *postgres.Snapshot) error { return failed }
	for name, both := range map[string][2]func(context.Context, *postgres.Snapshot) error{"first": {fail, sleeps}, "second": {sleeps, fail}} {
		err := b.Read(b.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error { return snap.Both(b.Context(), both[0], both[1]) })
		if !errors.Is(err, failed) {
			t.Errorf("the %s failed: %v", name, err)
		}
	}
}
