package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"sync"

	"github.com/jmoiron/sqlx"
)

// verifyReaders is how many connections a verification reads with at once, where the store may have so many.
const verifyReaders = 4

// readers are transactions that all see the database as it stood at one instant, so that its parts can be read side by side.
type readers struct {
	ctx    context.Context
	cancel context.CancelFunc
	free   chan *sqlx.Tx
	all    []*sqlx.Tx
	asked  sync.WaitGroup
}

// leavesPerReader is how many leaves make one connection more worth its while.
const leavesPerReader = 2 * verifyBatch

// openReaders begins the transactions, more of them for a longer log. Whoever opened them calls end.
func (s *Store) openReaders(ctx context.Context) (_ *readers, last batch, err error) {
	ctx, cancel := context.WithCancel(ctx)
	r := &readers{ctx: ctx, cancel: cancel, free: make(chan *sqlx.Tx, verifyReaders)}
	defer func() {
		if err != nil {
			r.end()
		}
	}()
	db, err := s.openReader(r)
	if err != nil {
		return nil, last, err
	}
	if last, err = lastBatch(ctx, db); err != nil {
		return nil, last, err
	}
	var snapshot string
	if err := db.GetContext(ctx, &snapshot, `SELECT pg_export_snapshot()`); err != nil {
		return nil, last, fmt.Errorf("read side by side: %w", err)
	}
	n := min(verifyReaders, s.db.Stats().MaxOpenConnections-2, 1+int(last.Size/leavesPerReader)) // others are for sealing and for requests
	for len(r.all) < n {
		db, err := s.openReader(r)
		if err != nil {
			return nil, last, err
		}
		if _, err := db.ExecContext(ctx, `SET TRANSACTION SNAPSHOT '`+snapshot+`'`); err != nil { // PostgreSQL's own word, digits and dashes
			return nil, last, fmt.Errorf("read side by side: %w", err)
		}
	}
	for _, db := range r.all {
		if _, err := db.ExecContext(ctx, `SELECT set_config('work_mem', '128MB', true), set_config('jit', 'off', true)`); err != nil {
			return nil, last, fmt.Errorf("ask for memory: %w", err)
		}
		r.free <- db
	}
	return r, last, nil
}

func (s *Store) openReader(r *readers) (*sqlx.Tx, error) {
	db, err := s.db.BeginTxx(r.ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	r.all = append(r.all, db)
	return db, nil
}

// end waits for what is being read and gives the connections back.
func (r *readers) end() {
	r.cancel()
	r.asked.Wait()
	for _, db := range r.all {
		_ = db.Rollback() // nothing was written
	}
}

// answer is what was asked, once it is there.
type answer[T any] struct {
	done  chan struct{}
	value T
	err   error
}

func (a *answer[T]) wait() (T, error) {
	<-a.done
	return a.value, a.err
}

// ask reads something as soon as a connection is free, the questions in their order.
func ask[T any](r *readers, read func(ctx context.Context, db *sqlx.Tx) (T, error)) *answer[T] {
	a := &answer[T]{done: make(chan struct{})}
	r.asked.Go(func() {
		defer close(a.done)
		select {
		case db := <-r.free:
			a.value, a.err = read(r.ctx, db)
			r.free <- db
		case <-r.ctx.Done():
			a.err = r.ctx.Err()
		}
	})
	return a
}

// askRows reads the rows of a query.
func askRows[T any](r *readers, query string, args ...any) *answer[[]T] {
	return ask(r, func(ctx context.Context, db *sqlx.Tx) (rows []T, err error) {
		err = db.SelectContext(ctx, &rows, query, args...)
		return rows, err
	})
}
