package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
)

// Both calls two functions that read the same snapshot. When another connection is free at once, the second has a view of the
// snapshot on that connection, and the two read at the same time; otherwise one reads after the other. The first error
// of the two ends both and is returned, and a panic of either is the caller's, who may know what to do about it.
func (s *Snapshot) Both(ctx context.Context, first, second func(context.Context, *Snapshot) error) error {
	other, end := s.beside(ctx)
	if other == nil {
		if err := first(ctx, s); err != nil {
			return err
		}
		return second(ctx, s)
	}
	defer end()
	// After the connection was taken, which is kept when this ends.
	ctx, cancel := context.WithCancelCause(ctx)
	done := make(chan any, 1) // what the second panics with, nil when it does not
	go func() {
		defer func() {
			v := recover()
			if v != nil {
				cancel(errPanic)
				v = fmt.Sprintf("%v\n%s", v, debug.Stack())
			}
			done <- v
		}()
		if err := second(ctx, other); err != nil {
			cancel(err)
		}
	}()
	ended := sync.OnceValue(func() any { return <-done })
	defer func() { // before its connection is given back, also when the first panics
		cancel(errPanic)
		ended()
	}()
	if err := first(ctx, s); err != nil {
		cancel(err) // of whichever failed first: what the other says then is only that it was ended
	}
	if v := ended(); v != nil {
		panic(v)
	}
	return context.Cause(ctx)
}

// errPanic ends one of two functions when the other panics.
var errPanic = errors.New("what is read beside it panicked")

// beside opens a view of the snapshot on another connection to its server, nil when there is none. end gives the connection back.
func (s *Snapshot) beside(ctx context.Context) (other *Snapshot, end func()) {
	select {
	case s.pool.slots <- struct{}{}:
	default:
		return nil, nil
	}
	tx, err := s.share(ctx)
	if err != nil { // as where the address leads to a different server each time
		<-s.pool.slots
		return nil, nil
	}
	return &Snapshot{AsOf: s.AsOf, KnownAt: s.KnownAt, pool: s.pool, tx: tx}, func() {
		_ = tx.Rollback() // it only read
		<-s.pool.slots
	}
}

// share begins a transaction that sees what the snapshot's own sees.
func (s *Snapshot) share(ctx context.Context) (*sqlx.Tx, error) {
	var id string
	if err := s.Get(ctx, &id, `SELECT pg_export_snapshot()`); err != nil {
		return nil, err
	}
	tx, err := s.pool.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	_, err = tx.ExecContext(ctx, `SET TRANSACTION SNAPSHOT `+pq.QuoteLiteral(id)) // takes no parameter
	if err == nil {
		err = askAsDonor(ctx, tx)
	}
	if err == nil {
		_, err = tx.ExecContext(ctx, `SELECT set_config('plan_cache_mode', 'force_custom_plan', true)`)
	}
	if err != nil {
		_ = tx.Rollback()
		return nil, fmt.Errorf("share a snapshot: %w", err)
	}
	return tx, nil
}
