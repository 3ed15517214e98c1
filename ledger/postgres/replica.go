package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
)

// ReplicaOptions name a streaming replica of the primary, which takes the reads of statements and reports, and those of donors.
type ReplicaOptions struct {
	URL  string        // empty for none
	Wait time.Duration // how long a read waits for it to come as far as the primary is; [DefaultReplicaWait] when 0
	// Away is told why the replica was not read, once until it is read again; nil for nobody.
	Away func(error)
}

// DefaultReplicaWait is longer than a replica beside its primary ever takes, and shorter than a person notices.
const DefaultReplicaWait = 250 * time.Millisecond

// replicaRest is how long a replica that could not be read is left alone, so that a dead one costs a wait now and then and not
// at each request.
const replicaRest = 2 * time.Second

// replica is a streaming replica, read only when it is as far as the primary was when the read was asked for. So a client sees
// what it wrote, and also what somebody else wrote and told it of, whichever servers they talk to: the position of the last
// write need not travel with anybody, because the primary is asked for it. That costs the primary one short query for all the
// reads that wait at that moment.
type replica struct {
	*pool
	primary *positions
	wait    time.Duration
	away    func(error)
	rests   atomic.Int64 // until when, in nanoseconds since 1970; 0 when it is read

	answered, missed, failed atomic.Int64 // reads
}

// newReplica opens a replica of a primary. It need not be there yet.
func newReplica(primary *pool, o Options) (*replica, error) {
	dsn, err := withRole(o.Replica.URL)
	if err != nil {
		return nil, fmt.Errorf("the replica: %w", err)
	}
	if dsn, err = withConnectTimeout(dsn); err != nil {
		return nil, fmt.Errorf("the replica: %w", err)
	}
	db, err := sqlx.Open("postgres", dsn)
	if err != nil {
		return nil, fmt.Errorf("the replica: %w", err)
	}
	r := &replica{pool: newPool(db, o, 1), primary: newPositions(primary), wait: o.Replica.Wait, away: o.Replica.Away}
	if r.wait == 0 {
		r.wait = DefaultReplicaWait
	}
	if r.away == nil {
		r.away = func(error) {}
	}
	return r, nil
}

// withConnectTimeout bounds how long a server may take to greet, unless the connection string does. A frozen one would
// otherwise keep whoever tries to connect for ever.
func withConnectTimeout(dsn string) (string, error) {
	if strings.Contains(dsn, "connect_timeout=") {
		return dsn, nil
	}
	return withSettings(dsn, [][2]string{{"connect_timeout", "2"}})
}

// errReplicaRests says that the replica is left alone for a while.
var errReplicaRests = errors.New("the replica is left alone for a while")

// begin opens a snapshot of the replica that has all that the primary has at this moment, and returns that moment by the clock
// of the primary. It fails when the replica is not so far in time, or cannot be read; the primary then has to answer.
func (r *replica) begin(ctx context.Context) (tx *sqlx.Tx, now time.Time, end func(), err error) {
	p, conn, err := r.reach(ctx)
	if err != nil {
		r.missed.Add(1)
		return nil, now, nil, err
	}
	end = sync.OnceFunc(func() {
		if tx != nil {
			_ = tx.Rollback() // after a commit this does nothing
		}
		_ = conn.Close() // gives it back, or drops it when it broke
		<-r.slots
	})
	tx, err = conn.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err == nil {
		err = askAsDonor(ctx, tx)
	}
	if err != nil {
		end()
		r.missed.Add(1)
		return nil, now, nil, fmt.Errorf("begin at the replica: %w", err)
	}
	r.answered.Add(1)
	return tx, p.Now, end, nil
}

// reach returns a connection to the replica, and one of its slots, when it is as far as the primary.
func (r *replica) reach(ctx context.Context) (position, *sqlx.Conn, error) {
	rests, now := r.rests.Load(), time.Now()
	if now.UnixNano() < rests || rests != 0 && !r.rests.CompareAndSwap(rests, now.Add(replicaRest).UnixNano()) {
		return position{}, nil, errReplicaRests // of those who come after the rest, one tries
	}
	bounded, cancel := context.WithTimeout(ctx, r.wait)
	defer cancel()
	p, err := r.primary.ask(bounded)
	if err != nil {
		return p, nil, err // the primary is busy or away: it says so itself
	}
	conn, err := r.reached(bounded, p)
	switch {
	case err == nil:
		r.rests.Store(0)
	case ctx.Err() == nil && r.rests.Swap(time.Now().Add(replicaRest).UnixNano()) == rests && rests == 0:
		r.away(err)
	}
	return p, conn, err
}

// reached waits until the replica is at a position. A server that hangs keeps the connection that waits for it, and not the
// caller: the driver does not give up before the server does.
func (r *replica) reached(ctx context.Context, p position) (*sqlx.Conn, error) {
	type reached struct {
		conn *sqlx.Conn
		err  error
	}
	ch := make(chan reached, 1)
	go func() {
		conn, err := r.follow(ctx, p)
		ch <- reached{conn, err}
	}()
	select {
	case got := <-ch:
		return got.conn, got.err
	case <-ctx.Done():
		go func() {
			if got := <-ch; got.err == nil {
				_ = got.conn.Close()
				<-r.slots
			}
		}()
		return nil, errReplicaBehind
	}
}

var (
	errReplicaBehind = errors.New("the replica did not come as far as the primary in time")
	errNoReplica     = errors.New("the server named as a replica does not follow the primary: it takes writes, belongs to another cluster, or goes on from before a promotion")
)

// follow takes a slot and a connection, and asks until the replica is at the position.
func (r *replica) follow(ctx context.Context, p position) (conn *sqlx.Conn, err error) {
	select {
	case r.slots <- struct{}{}:
	case <-ctx.Done():
		return nil, errReplicaBehind
	}
	defer func() {
		if err != nil {
			if conn != nil {
				_ = conn.Close()
			}
			<-r.slots
		}
	}()
	if conn, err = r.db.Connx(ctx); err != nil {
		return nil, fmt.Errorf("connect to the replica: %w", err)
	}
	for pause := time.Millisecond; ; pause = min(2*pause, 16*time.Millisecond) {
		var at struct{ Follows, Reached bool }
		// It answers before the snapshot is taken, so the snapshot has at least that. Of a promoted server's old branch the
		// positions mean something else; a replica that goes along with a promotion serves again with its next restart point.
		err := conn.GetContext(ctx, &at, `
			SELECT pg_is_in_recovery() AND s.system_identifier = $2 AND greatest(c.timeline_id, v.min_recovery_end_timeline) = $3 AS follows,
			       coalesce(pg_last_wal_replay_lsn() >= $1::pg_lsn, false) AS reached
			FROM pg_control_system() s, pg_control_checkpoint() c, pg_control_recovery() v`, p.At, p.System, p.Timeline)
		switch {
		case err != nil:
			return conn, fmt.Errorf("ask how far the replica is: %w", err)
		case !at.Follows:
			return conn, errNoReplica
		case at.Reached:
			return conn, nil
		}
		select {
		case <-time.After(pause): // PostgreSQL 15 has nothing to wait with
		case <-ctx.Done():
			return conn, errReplicaBehind
		}
	}
}

// position is how far the primary is: everything that was committed before it was asked has been written up to there.
type position struct {
	At       string    // in the write-ahead log of a timeline of a cluster
	Timeline int64     // which a promotion begins anew
	System   int64     // the cluster
	Now      time.Time // by the clock of the primary, before
}

// positions asks the primary how far it is, once for all who ask at the same time.
type positions struct {
	pool  *pool
	asked gathering[struct{}, position]
}

// positionTimeout bounds a query that has no caller of its own.
const positionTimeout = 5 * time.Second

func newPositions(primary *pool) *positions {
	p := &positions{pool: primary}
	p.asked.patience, p.asked.find = positionTimeout, p.query
	return p
}

// ask returns a position that the primary had after the call: who comes while it is asked may have written after the query, and
// waits for the next.
func (p *positions) ask(ctx context.Context) (position, error) {
	at, _, err := p.asked.get(ctx, struct{}{})
	if err != nil {
		return position{}, fmt.Errorf("ask how far the primary is: %w", err)
	}
	return at, nil
}

// query asks how far the log is on disk, which is where a commit that was acknowledged is, and what a replica gets: what is only
// begun would be waited for in vain. Where commits are acknowledged before they are on disk, it asks how far the log is.
func (p *positions) query(ctx context.Context, _ []struct{}) (map[struct{}]position, error) {
	st, err := p.pool.prepare(ctx, `
		SELECT l.at, ('x' || left(pg_walfile_name(l.at), 8))::bit(32)::bigint AS timeline, s.system_identifier AS system, now() AS now
		FROM (SELECT CASE current_setting('synchronous_commit') WHEN 'off' THEN pg_current_wal_insert_lsn() ELSE pg_current_wal_flush_lsn() END AS at) l,
		     pg_control_system() s`)
	if err != nil {
		return nil, err
	}
	var at position
	if err := st.GetContext(ctx, &at); err != nil {
		return nil, err
	}
	return map[struct{}]position{{}: at}, nil
}
