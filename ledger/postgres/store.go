package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// serviceRole is the database role that the service works under (migration 0005).
const serviceRole = "vcledger_service"

// donorRole is the database role under which a donor's request is read (migration 0050).
const donorRole = "vcledger_donor"

// Options bound what one Store asks of PostgreSQL.
type Options struct {
	// Transactions is how many are under way at once, so that many requests wait here and not in PostgreSQL. One
	// connection more is kept free for preparing statements, which a transaction under way may be waiting for, and two for
	// sealing the log.
	Transactions int
	// Patience is how long a request waits for its turn before it is told to come again.
	Patience time.Duration
	// Replica may take reads off the primary; its zero value is none.
	Replica ReplicaOptions
}

// DefaultOptions are for a PostgreSQL of its own.
var DefaultOptions = Options{Transactions: 24, Patience: 5 * time.Second}

// batchWriters is how many batches of receipts are under way at once. Two large ones nearly always meet in a lock, so more would
// only wait in PostgreSQL, each in a slot that a short request could have: one is prepared while another is written.
const batchWriters = 2

// Store is the ledger in a PostgreSQL database. It is safe for use by many goroutines.
type Store struct {
	*pool                // of the primary
	replica *replica     // nil for none
	posted  atomic.Int64 // entries
	desk    desk
	holders gathering[keyHash, ledger.Actor] // of keys
	batches chan struct{}                    // holds one token for each batch of receipts under way
	log     Log
	sealing sync.Mutex // one sealer of this process waits for the others at a time
}

// pool is the connections to one server, and the queries that are prepared there.
type pool struct {
	db       *sqlx.DB
	slots    chan struct{} // holds one token for each transaction under way
	patience time.Duration
	mu       sync.Mutex
	prepared map[string]*sqlx.Stmt
}

// newPool returns a pool of o.Transactions connections, and a number of them more that no transaction of a request may take.
func newPool(db *sqlx.DB, o Options, more int) *pool {
	db.SetMaxOpenConns(o.Transactions + more)
	db.SetMaxIdleConns(o.Transactions + more)
	db.SetConnMaxIdleTime(5 * time.Minute)
	return &pool{db: db, slots: make(chan struct{}, o.Transactions), patience: o.Patience, prepared: map[string]*sqlx.Stmt{}}
}

// Open connects to a migrated database as the service's role.
func Open(ctx context.Context, databaseURL string, o Options) (*Store, error) {
	dsn, err := withRole(databaseURL)
	if err != nil {
		return nil, err
	}
	db, err := sqlx.ConnectContext(ctx, "postgres", dsn)
	if err != nil {
		var pe *pq.Error
		if errors.As(err, &pe) && pe.Code == "22023" { // invalid_parameter_value: the role does not exist
			return nil, errors.New("the database has no ledger yet: run vcledger migrate")
		}
		return nil, fmt.Errorf("connect to the database: %w", err)
	}
	s := &Store{pool: newPool(db, o, 3), batches: make(chan struct{}, batchWriters)}
	s.holders.patience, s.holders.find = holderTimeout, s.findHolders
	if o.Replica.URL != "" {
		s.pool = newPool(db, o, 4) // one to ask how far the primary is
		if s.replica, err = newReplica(s.pool, o); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return s, nil
}

// workMemory is what PostgreSQL may take for each sort or hash.
const workMemory = "16MB"

// withRole adds the service's role to a connection string of either form, so that it holds from the first statement. Nothing
// is compiled, and no query starts workers: our longest queries take less time than that, and a request leaves the other processors
// to the others'. A year of a large fund is sorted in memory. What an index leads to is mostly in memory or on a disk without heads:
// a few thousand rows are looked up, in place of reading a table of all years.
func withRole(databaseURL string) (string, error) {
	return withSettings(databaseURL, [][2]string{{"role", serviceRole}, {"TimeZone", "UTC"}, {"jit", "off"}, {"max_parallel_workers_per_gather", "0"},
		{"random_page_cost", "1.1"}, {"DateStyle", "ISO"}, {"work_mem", workMemory}})
}

// withSettings adds settings, names with values that need no quotes, to a connection string of either form.
func withSettings(databaseURL string, settings [][2]string) (string, error) {
	if !strings.Contains(databaseURL, "://") {
		for _, s := range settings {
			databaseURL += " " + s[0] + "=" + s[1]
		}
		return databaseURL, nil
	}
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", errors.New("the database URL cannot be read")
	}
	q := u.Query()
	for _, s := range settings {
		q.Set(s[0], s[1])
	}
	u.RawQuery = q.Encode()
	return u.String(), nil
}

// donorKey keeps in a context for which donor it asks.
type donorKey struct{}

// AsDonor returns a context under which the store asks PostgreSQL as the donor of a contributor: it sees the rows of the
// contributor, of those under it and of the records merged into them, and can write nothing (migration 0050).
func AsDonor(ctx context.Context, c ledger.ContributorCode) context.Context {
	return context.WithValue(ctx, donorKey{}, c)
}

// donorOf returns the donor that a context asks for, empty when it is nobody's in particular.
func donorOf(ctx context.Context) ledger.ContributorCode {
	c, _ := ctx.Value(donorKey{}).(ledger.ContributorCode)
	return c
}

// Close ends all connections.
func (s *Store) Close() error {
	if s.replica != nil {
		_ = s.replica.db.Close() // fails when the replica went away before: nothing of ours is there
	}
	return s.db.Close()
}

// begin opens a transaction when one of the slots is free. The caller calls end when done: it rolls back what was not
// committed.
func (s *Store) begin(ctx context.Context, o *sql.TxOptions) (tx *sqlx.Tx, end func(), err error) {
	if err := s.turn(ctx); err != nil {
		return nil, nil, err
	}
	tx, err = s.db.BeginTxx(ctx, o)
	if err != nil {
		<-s.slots
		return nil, nil, fmt.Errorf("begin: %w", err)
	}
	end = func() {
		_ = tx.Rollback() // after a commit this does nothing; otherwise the connection is given back clean or dropped
		<-s.slots
	}
	if err := askAsDonor(ctx, tx); err != nil {
		end()
		return nil, nil, err
	}
	return tx, end, nil
}

// askAsDonor makes a transaction that of the donor for whom a context asks, if it is anybody's.
func askAsDonor(ctx context.Context, tx *sqlx.Tx) error {
	donor := donorOf(ctx)
	if donor == "" {
		return nil
	}
	// Both hold until the transaction ends: the role as SET LOCAL ROLE would set it.
	if _, err := tx.ExecContext(ctx, `SELECT set_config('vcledger.contributor', $1, true), set_config('role', $2, true)`, donor, donorRole); err != nil {
		return fmt.Errorf("ask as a donor: %w", err)
	}
	return nil
}

// turn waits for a slot, but not for ever: a caller who is told to come again is better off than one who hangs.
func (p *pool) turn(ctx context.Context) error {
	select {
	case p.slots <- struct{}{}:
		return nil
	default:
	}
	patience := time.NewTimer(p.patience)
	defer patience.Stop()
	select {
	case p.slots <- struct{}{}:
		return nil
	case <-patience.C:
		return ledger.Fail(ledger.RuleUnavailable, "Too many requests are being worked on.")
	case <-ctx.Done():
		return fmt.Errorf("wait for a connection: %w", ctx.Err())
	}
}

// prepare returns the query prepared once for the life of the pool. Queries are constants of the program, so there are
// only so many.
func (p *pool) prepare(ctx context.Context, query string) (*sqlx.Stmt, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if st, ok := p.prepared[query]; ok {
		return st, nil
	}
	st, err := p.db.PreparexContext(ctx, query)
	if err != nil {
		return nil, fmt.Errorf("prepare: %w", err)
	}
	p.prepared[query] = st
	return st, nil
}

// Snapshot is a consistent view of the books for reading: what counts up to an effective date, as it was known at an
// instant. Reports get nothing else of the store.
type Snapshot struct {
	AsOf    ledger.Date // effective date, included
	KnownAt time.Time   // recorded instant, included
	pool    *pool       // of the server that shows it
	tx      *sqlx.Tx
}

// Read calls fn with a snapshot, in one read-only transaction. A zero asOf is the last date of the books, a zero knownAt
// is now. The snapshot has whatever was committed before the call: it is a replica's when the store has one that is as far as
// that, and otherwise the primary's. When a replica fails on the way, fn is called again, with a snapshot of the primary.
func (s *Store) Read(ctx context.Context, asOf ledger.Date, knownAt time.Time, fn func(*Snapshot) error) error {
	return s.read(ctx, asOf, knownAt, fn, true)
}

// Stream is Read for an fn that hands on what it reads while it reads, and so can be called only once.
func (s *Store) Stream(ctx context.Context, asOf ledger.Date, knownAt time.Time, fn func(*Snapshot) error) error {
	return s.read(ctx, asOf, knownAt, fn, false)
}

func (s *Store) read(ctx context.Context, asOf ledger.Date, knownAt time.Time, fn func(*Snapshot) error, again bool) error {
	if asOf.IsZero() {
		asOf = ledger.LastDate
	}
	if s.replica != nil {
		tx, now, end, err := s.replica.begin(ctx)
		if err == nil {
			defer end()
			if knownAt.IsZero() {
				knownAt = now // by the clock of the primary, which dates the records
			}
			shown := false
			err = s.show(ctx, &Snapshot{AsOf: asOf, KnownAt: knownAt, pool: s.replica.pool, tx: tx}, func(snap *Snapshot) error {
				shown = true
				return fn(snap)
			})
			if err == nil || isAnswer(ctx, err) || shown && !again {
				return err
			}
			end()
			s.replica.failed.Add(1)
		}
	}
	tx, end, err := s.begin(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return err
	}
	defer end()
	return s.show(ctx, &Snapshot{AsOf: asOf, KnownAt: knownAt, pool: s.pool, tx: tx}, fn)
}

// isAnswer reports whether an error is what the books have to say, so that another server would say it too, or whether
// nobody waits for an answer any more.
func isAnswer(ctx context.Context, err error) bool {
	var e *ledger.Error
	return ctx.Err() != nil || noRows(err) || errors.As(err, &e)
}

// show calls fn with a snapshot that was begun.
func (s *Store) show(ctx context.Context, snap *Snapshot, fn func(*Snapshot) error) error {
	if err := s.openSnapshot(ctx, snap); err != nil {
		return err
	}
	if err := fn(snap); err != nil {
		return err
	}
	if err := snap.tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// openSnapshot seals what the snapshot shows and the log does not have yet: what a reader is shown is sealed first, on the
// primary, also what a replica shows. What is committed later is not in the snapshot. Each query is planned for the values that
// it is given: one contributor has three pledges and another a third of the books, and what suits the one takes minutes for the
// other.
func (s *Store) openSnapshot(ctx context.Context, snap *Snapshot) error {
	var is struct {
		Now   time.Time
		Waits bool
		Plan  string
	}
	if err := snap.Get(ctx, &is, `SELECT now(), log_waits() AS waits, set_config('plan_cache_mode', 'force_custom_plan', true) AS plan`); err != nil {
		return err
	}
	if snap.KnownAt.IsZero() {
		snap.KnownAt = is.Now
	}
	if !is.Waits {
		return nil
	}
	return s.Seal(ctx)
}

// ByKey calls fn, whose queries ask for what one key leads to: they are planned once, whatever the key, as the same indexes
// serve every key and planning takes longer than reading.
func (s *Snapshot) ByKey(ctx context.Context, fn func() error) error {
	plan := func(mode string) error {
		var set string
		return s.Get(ctx, &set, `SELECT set_config('plan_cache_mode', $1, true)`, mode)
	}
	if err := plan("force_generic_plan"); err != nil {
		return err
	}
	if err := fn(); err != nil {
		return err
	}
	return plan("force_custom_plan")
}

// Select reads the rows of a query into a slice of structs.
func (s *Snapshot) Select(ctx context.Context, dest any, query string, args ...any) error {
	st, err := s.pool.prepare(ctx, query)
	if err != nil {
		return err
	}
	if err := s.tx.StmtxContext(ctx, st).SelectContext(ctx, dest, args...); err != nil {
		reflect.ValueOf(dest).Elem().SetZero() // sqlx appends: a second try would find the rows of the first
		return fmt.Errorf("select: %w", err)
	}
	return nil
}

// Get reads one row into a struct or a value; [sql.ErrNoRows] is wrapped when there is none.
func (s *Snapshot) Get(ctx context.Context, dest any, query string, args ...any) error {
	st, err := s.pool.prepare(ctx, query)
	if err != nil {
		return err
	}
	if err := s.tx.StmtxContext(ctx, st).GetContext(ctx, dest, args...); err != nil {
		return fmt.Errorf("get: %w", err)
	}
	return nil
}

// Each reads the rows of a query one at a time into row, a pointer to a struct, and calls fn after each: for exports,
// which are longer than memory.
func (s *Snapshot) Each(ctx context.Context, row any, fn func() error, query string, args ...any) error {
	st, err := s.pool.prepare(ctx, query)
	if err != nil {
		return err
	}
	rows, err := s.tx.StmtxContext(ctx, st).QueryxContext(ctx, args...)
	if err != nil {
		return fmt.Errorf("query: %w", err)
	}
	defer func() { _ = rows.Close() }() // the error of reading is rows.Err below
	for rows.Next() {
		if err := rows.StructScan(row); err != nil {
			return fmt.Errorf("scan: %w", err)
		}
		if err := fn(); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read rows: %w", err)
	}
	return nil
}

// now is an instant later than all that is recorded, for reads that look at what stands.
var now = time.Unix(1<<33, 0)

// get reads one row by one statement; a donor's in a transaction, which holds its role.
func (s *Store) get(ctx context.Context, dest any, query string, args ...any) error {
	if donorOf(ctx) != "" {
		return s.Read(ctx, ledger.Date{}, now, func(snap *Snapshot) error { return snap.Get(ctx, dest, query, args...) })
	}
	st, err := s.prepare(ctx, query)
	if err != nil {
		return err
	}
	if err := st.GetContext(ctx, dest, args...); err != nil {
		return fmt.Errorf("get: %w", err)
	}
	return nil
}

// selectRows reads rows by one statement; a donor's in a transaction, which holds its role.
func (s *Store) selectRows(ctx context.Context, dest any, query string, args ...any) error {
	if donorOf(ctx) != "" {
		return s.Read(ctx, ledger.Date{}, now, func(snap *Snapshot) error { return snap.Select(ctx, dest, query, args...) })
	}
	st, err := s.prepare(ctx, query)
	if err != nil {
		return err
	}
	if err := st.SelectContext(ctx, dest, args...); err != nil {
		return fmt.Errorf("select: %w", err)
	}
	return nil
}
