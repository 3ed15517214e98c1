package api

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"vcledger/ledger"
)

// Limits are how often callers may ask. A rate of zero does not limit.
type Limits struct {
	PerKey      rate.Limit // requests a second of one key, in the long run
	Burst       int        // requests of one key at once
	FailedLogin rate.Limit // failed attempts a second from one address, in the long run
	FailedBurst int
}

// DefaultLimits let a program work and a person not notice.
var DefaultLimits = Limits{PerKey: 100, Burst: 200, FailedLogin: 0.2, FailedBurst: 20}

// maxBuckets bounds how many callers are remembered; idle ones go first.
const (
	maxBuckets = 10_000
	idleBucket = 10 * time.Minute
)

// buckets are the limiters of callers by a name: a key, or an address.
type buckets struct {
	rate  rate.Limit
	burst int
	mu    sync.Mutex
	known map[string]*bucket
}

type bucket struct {
	*rate.Limiter
	used time.Time
}

func newBuckets(r rate.Limit, burst int) *buckets {
	return &buckets{rate: r, burst: burst, known: map[string]*bucket{}}
}

func (b *buckets) of(name string, now time.Time) *bucket {
	b.mu.Lock()
	defer b.mu.Unlock()
	found, ok := b.known[name]
	if !ok {
		if len(b.known) >= maxBuckets {
			b.forget(now)
		}
		found = &bucket{Limiter: rate.NewLimiter(b.rate, b.burst)}
		b.known[name] = found
	}
	found.used = now
	return found
}

// forget drops the idle callers, and everybody when nobody is idle: a flood of names is no reason to run out of memory.
func (b *buckets) forget(now time.Time) {
	for name, k := range b.known {
		if now.Sub(k.used) > idleBucket {
			delete(b.known, name)
		}
	}
	if len(b.known) >= maxBuckets {
		clear(b.known)
	}
}

// take reports when a caller may come again: zero for now.
func (b *buckets) take(name string) time.Duration {
	if b.rate == 0 {
		return 0
	}
	now := time.Now()
	r := b.of(name, now).ReserveN(now, 1)
	if wait := r.DelayFrom(now); wait > 0 {
		r.CancelAt(now)
		return wait
	}
	return 0
}

// tooMany refuses a request that may come again later.
func tooMany(c *call, wait time.Duration) error {
	c.retry = wait
	return ledger.Fail(ledger.RuleTooManyRequests, "Ask again after the time that Retry-After names.")
}

// accountRefusal adds to the audit trail that a request was refused: that somebody was not let in, or a write that was not
// carried out. So many a second are told; a flood of them is one fact.
func (s *Server) accountRefusal(c *call) {
	if c.op == nil || c.problem == "" || s.config.Store == nil {
		return
	}
	denied := c.problem == ledger.RuleUnauthenticated || c.problem == ledger.RuleForbidden || c.problem == ledger.RuleTooManyRequests
	if !denied && !c.op.writes || !s.refusals.Allow() {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := s.config.Store.RecordRefusal(ctx, c.origin, c.actor, c.problem); err != nil {
		s.log.Warn("a refusal is not in the audit trail", "request_id", c.id.String(), "error", err.Error())
	}
}
