package postgres

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/lib/pq"

	"vcledger/ledger"
)

const (
	// deskWriters is how many commits of the desk are under way at once: with two, one is put together while the other waits for
	// the disk.
	deskWriters = 2
	// deskRelief is how many there are at most when receipts have waited for deskDelay: the others then wait for a lock.
	deskRelief = 4
	deskDelay  = 100 * time.Millisecond
	// deskSize is how many receipts share a commit at most.
	deskSize = 64
	// deskPatience is how long a commit of many may take. It belongs to no request, so none can break it off for the others.
	deskPatience = 30 * time.Second
)

// desk is where receipts wait while others are recorded. Whoever finds it free records at once and alone, so that waiting never
// begins without a reason; what has gathered meanwhile is then recorded in one transaction, in as many round trips as one
// receipt takes.
type desk struct {
	mu      sync.Mutex
	writers int
	waiting []*waitingReceipt
}

// waitingReceipt is a request at the desk.
type waitingReceipt struct {
	ctx     context.Context
	since   time.Time
	command Command
	in      ReceiptInput
	done    chan struct{} // closed when there is an answer, or when it is to go alone
	answer  Answer
	err     error
	alone   bool
}

// takesTogether reports whether a request may share its transaction with others.
func takesTogether(c Command) bool { return !c.DryRun && !c.Late && c.Posted == nil }

// record answers a request, alone or together with others.
func (d *desk) record(ctx context.Context, s *Store, c Command, in ReceiptInput) (Answer, error) {
	d.mu.Lock()
	if d.writers < deskWriters {
		d.writers++
		d.mu.Unlock()
		defer func() { go d.serve(s) }()
		return s.recordReceipt(ctx, c, in)
	}
	w := &waitingReceipt{ctx: ctx, since: time.Now(), command: c, in: in, done: make(chan struct{})}
	if d.waiting = append(d.waiting, w); len(d.waiting) == 1 {
		time.AfterFunc(deskDelay, func() { d.relieve(s) })
	}
	d.mu.Unlock()
	select {
	case <-w.done:
	case <-ctx.Done(): // it may be recorded all the same; the key tells
		return Answer{}, ctx.Err()
	}
	if w.alone {
		return s.recordReceipt(ctx, c, in)
	}
	return w.answer, w.err
}

// relieve records what has waited for long, beside whoever keeps it waiting.
func (d *desk) relieve(s *Store) {
	d.mu.Lock()
	late := len(d.waiting) > 0 && time.Since(d.waiting[0].since) >= deskDelay && d.writers < deskRelief
	if late {
		d.writers++
	}
	d.mu.Unlock()
	if late {
		d.serve(s)
	}
}

// serve records what waits until nothing does.
func (d *desk) serve(s *Store) {
	for {
		list := d.take()
		switch {
		case len(list) == 0:
			return
		case len(list) == 1:
			list[0].answer, list[0].err = s.recordReceipt(list[0].ctx, list[0].command, list[0].in)
		default:
			s.recordTogether(list)
		}
		for _, w := range list {
			close(w.done)
		}
	}
}

// take returns what waits, or gives the writer's place back when nothing does. Of two requests that could be one and the same, the
// second goes on waiting.
func (d *desk) take() []*waitingReceipt {
	d.mu.Lock()
	defer d.mu.Unlock()
	var list, left []*waitingReceipt
	keys, references := map[string]bool{}, map[string]bool{}
	for _, w := range d.waiting {
		switch {
		case w.ctx.Err() != nil: // nobody waits for it any more, and it was not begun
		case len(list) == deskSize || keys[w.command.Key] || w.in.BankReference != "" && references[w.in.BankReference]:
			left = append(left, w)
		default:
			keys[w.command.Key], references[w.in.BankReference] = true, true
			list = append(list, w)
		}
	}
	d.waiting = left
	if len(list) == 0 {
		d.writers--
	}
	return list
}

// errClosedAmong says that some of the receipts belong to closed books: they were told to go alone, and the others can try again.
var errClosedAmong = errors.New("some receipts are of closed books")

// recordTogether records receipts in one transaction, each as it would be alone. Whatever goes wrong with the transaction is
// nobody's fault in particular: each then goes alone.
func (s *Store) recordTogether(list []*waitingReceipt) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(list[0].ctx), deskPatience)
	defer cancel()
	for len(list) > 0 {
		err := s.tryTogether(ctx, list)
		if err == nil {
			return
		}
		if !errors.Is(err, errClosedAmong) {
			for _, w := range list {
				w.alone = true
			}
		}
		list = slices.DeleteFunc(slices.Clone(list), func(w *waitingReceipt) bool { return w.alone })
	}
}

func (s *Store) tryTogether(ctx context.Context, list []*waitingReceipt) error {
	db, end, err := s.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer end()
	t := &tx{store: s, db: db}
	b := &receiptBatch{tx: t}
	if b.fresh, err = t.claimAll(ctx, list); err != nil {
		return err
	}
	if len(b.fresh) == 0 {
		return nil
	}
	entries, err := b.receive(ctx)
	if err != nil {
		return err
	}
	if err := b.sendClosedAway(ctx, list, entries); err != nil {
		return err
	}
	recorded := false
	for _, r := range b.fresh {
		w := list[r.place]
		if r.refused != nil {
			w.err = translate(r.refused)
			continue
		}
		if w.answer, err = w.command.Answer(r.record); err != nil {
			return err
		}
		t.keep(w.command, w.answer)
		t.account(w.command, w.answer)
		recorded = true
	}
	if !recorded {
		return nil
	}
	if err := t.insert(ctx); err != nil {
		return err
	}
	if err := db.Commit(); err != nil {
		return err
	}
	s.posted.Add(int64(t.entries))
	return nil
}

// sendClosedAway lets receipts of closed books go alone, where PostgreSQL refuses them and nobody else.
func (b *receiptBatch) sendClosedAway(ctx context.Context, list []*waitingReceipt, entries []int) error {
	through, err := b.tx.closedOfDrafts(ctx)
	if err != nil {
		return err
	}
	entries = append(entries, len(b.tx.drafts))
	for i, r := range b.fresh {
		if !firstOpenDay(b.tx.drafts[entries[i]:entries[i+1]], through).IsZero() {
			list[r.place].alone, err = true, errClosedAmong
		}
	}
	return err
}

// claimAllQuery is claimQuery for many keys: $1 actors and $2 keys, $3 classes and $4 ids of the records to lock, $5 the class of
// keys.
const claimAllQuery = `
SELECT pg_try_advisory_xact_lock($5, hashtext(r.actor_id::text || ' ' || r.key)) AS claimed, now() AS now,
       k.request_hash, coalesce(k.status, 0) AS status, coalesce(k.location, '') AS location, coalesce(k.body, '') AS body,
       (SELECT count(pg_advisory_xact_lock(l.class, l.hash))
        FROM (SELECT DISTINCT class, hashtext(id) & 1023 AS hash FROM unnest($3::int[], $4::text[]) AS u (class, id)
              ORDER BY class, hash) l) AS locked,
       set_config('plan_cache_mode', 'force_generic_plan', true) || set_config('enable_seqscan', 'off', true) AS planned
FROM unnest($1::bigint[], $2::text[]) WITH ORDINALITY AS r (actor_id, key, number) LEFT JOIN idempotency_key k ON k.actor_id = r.actor_id AND k.key = r.key
ORDER BY r.number`

// claimAll takes the locks of many requests, answers those whose keys have an answer or are in flight, and returns the others.
func (t *tx) claimAll(ctx context.Context, list []*waitingReceipt) ([]freshReceipt, error) {
	actors, keys := make([]int64, len(list)), make([]string, len(list))
	var classes []int
	var ids []string
	for i, w := range list {
		actors[i], keys[i] = w.command.Actor.ID, w.command.Key
		for _, id := range pledgesOf(w.in.Parts) {
			classes, ids = append(classes, lockPledge), append(ids, id.String())
		}
	}
	var rows []claimRow
	if err := t.selectRows(ctx, &rows, claimAllQuery, pq.Array(actors), pq.Array(keys), pq.Array(classes), pq.Array(ids), lockIdempotency); err != nil {
		return nil, err
	}
	var fresh []freshReceipt
	for i, row := range rows {
		w := list[i]
		first, err := row.first(w.command)
		w.answer, w.err = Answer{}, err
		switch {
		case err != nil:
		case first != nil:
			w.answer = *first
		default:
			t.now = row.Now.UTC()
			fresh = append(fresh, freshReceipt{KeyedReceipt: KeyedReceipt{Key: w.command.Key, RequestHash: w.command.RequestHash, Receipt: w.in}, place: i, actor: w.command.Actor})
		}
	}
	// Two that meet in an index take it in one order.
	slices.SortFunc(fresh, func(x, y freshReceipt) int { return slices.Compare([]byte(x.Key), []byte(y.Key)) })
	return fresh, nil
}

// claimRow is what is known of a key.
type claimRow struct {
	Claimed     bool
	Now         time.Time
	RequestHash []byte `db:"request_hash"`
	Status      int
	Location    string
	Body        []byte
	Locked      int
	Planned     *string
}

// first returns the first answer to a key when it has one.
// Errors: [ledger.RuleIdempotencyKeyInFlight], [ledger.RuleIdempotencyKeyReused].
func (row claimRow) first(c Command) (*Answer, error) {
	switch {
	case !row.Claimed:
		return nil, ledger.Fail(ledger.RuleIdempotencyKeyInFlight, "A request with this Idempotency-Key is being worked on.")
	case row.RequestHash == nil:
		return nil, nil
	case string(row.RequestHash) != string(c.RequestHash):
		return nil, ledger.Fail(ledger.RuleIdempotencyKeyReused, "This Idempotency-Key was used for another request.")
	default:
		return &Answer{Status: row.Status, Location: row.Location, Body: row.Body, Replayed: true}, nil
	}
}
