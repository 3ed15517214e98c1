package postgres

import (
	"context"
	"crypto/sha256"
	"database/sql"
	_ "embed"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"sort"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// maxAttempts bounds how often a write is tried when PostgreSQL reports a serialization failure or a deadlock.
const maxAttempts = 5

// The classes of advisory locks. Period and receipt are also taken by triggers (migration 0004). A record's lock is one of
// 1,024 of its class, by a hash of its id: two records seldom share one, and a write that touches very many never runs out
// of PostgreSQL's memory for locks.
const (
	lockReceipt     = 2
	lockPledge      = 3
	lockIdempotency = 4
	lockRevaluation = 5
	lockApproval    = 6
	lockCash        = 7 // of a fund that spends, or of a bank account's interest
)

// Command is who asks for a write, under which key, and how the answer is kept.
type Command struct {
	Actor  ledger.Actor
	Key    string // idempotency key, unique for the actor
	Late   bool   // an item of a closed period goes to the first open day
	DryRun bool   // do everything and keep nothing
	// Posted is told the entries of the write before they are kept, at every attempt; nil for nobody.
	Posted      func([]ledger.Draft)
	Origin      Origin
	RequestHash []byte // of the whole request, so that a key is never reused for another one
	// Answer turns the record that was written into the answer that is kept under the key.
	Answer func(record any) (Answer, error)
	byKey  bool // it asks for what keys lead to, and for nothing else
	// Pending turns a write that has to wait into its answer.
	Pending func(ledger.Approval) (Answer, error)
}

// Answer is what a request is answered with, now and at every replay.
type Answer struct {
	Status   int
	Location string
	Body     []byte
	Replayed bool // the answer is the first one's, and nothing was written now
}

// tx is one write under way: the transaction, its clock, and what it will insert.
type tx struct {
	store *Store
	db    *sqlx.Tx
	actor ledger.Actor
	key   string
	late  bool
	now   time.Time
	posting
	drafts   []ledger.Draft  // that were posted
	change   json.RawMessage // of an edit: what was there before and after
	entries  int             // how many were posted
	approval uuid.UUID       // that lets the write through

	through map[string]ledger.Date // last closed days of funds, zero for a fund without one

	// What a write of very many records looked for once and for all of them.
	sought    map[string]map[string]bool                        // codes by table: whether they exist
	survivors map[ledger.ContributorCode]ledger.ContributorCode // who answers for a code now
}

// lockID names a record to lock for the length of a write.
type lockID struct {
	class int
	id    string
}

// write runs one write as the package documentation describes. fn reads, decides and adds rows to the posting; its record
// becomes the answer.
func (s *Store) write(ctx context.Context, c Command, locks []lockID, fn func(context.Context, *tx) (record any, err error)) (Answer, error) {
	for attempt := 1; ; attempt++ {
		a, err := s.tryWrite(ctx, c, locks, fn)
		if err == nil || attempt == maxAttempts || !retryable(err) {
			return a, translate(err)
		}
	}
}

func (s *Store) tryWrite(ctx context.Context, c Command, locks []lockID, fn func(context.Context, *tx) (any, error)) (Answer, error) {
	db, end, err := s.begin(ctx, nil)
	if err != nil {
		return Answer{}, err
	}
	defer end()
	t := &tx{store: s, db: db, actor: c.Actor, key: c.Key, late: c.Late}
	first, err := t.claim(ctx, c, locks)
	if err != nil || first != nil {
		if first != nil {
			return *first, nil
		}
		return Answer{}, err
	}
	record, err := fn(ctx, t)
	if err != nil {
		return Answer{}, err
	}
	if err := t.inOpenPeriod(ctx, record); err != nil {
		return Answer{}, err
	}
	if c.Posted != nil {
		c.Posted(t.drafts)
	}
	var answer Answer
	if p, waits := record.(pending); waits {
		answer, err = c.Pending(*p.Approval)
	} else {
		answer, err = c.Answer(record)
	}
	if err != nil {
		return Answer{}, fmt.Errorf("make the answer: %w", err)
	}
	t.keep(c, answer)
	t.account(c, answer)
	if err := t.insert(ctx); err != nil {
		return Answer{}, err
	}
	if c.DryRun {
		if err := t.exec(ctx, `SET CONSTRAINTS ALL IMMEDIATE`); err != nil {
			return Answer{}, t.explainClosed(ctx, err)
		}
		return answer, nil // end rolls back
	}
	if err := db.Commit(); err != nil {
		return Answer{}, t.explainClosed(ctx, fmt.Errorf("commit: %w", err))
	}
	s.posted.Add(int64(t.entries))
	return answer, nil
}

// claimQuery takes the locks in one order and says whether the key is free: $1 actor, $2 key, $3 classes and $4 ids of
// the records to lock, $5 the class of keys, $6 whether the write asks for what keys lead to and for nothing else: its
// queries are then planned once and not for each pledge, which takes longer than reading it. An index is right for each,
// also where a plan was made while the tables were nearly empty.
const claimQuery = `
SELECT pg_try_advisory_xact_lock($5, hashtext($1::text || ' ' || $2)) AS claimed, now() AS now,
       k.request_hash, coalesce(k.status, 0) AS status, coalesce(k.location, '') AS location, coalesce(k.body, '') AS body,
       (SELECT count(pg_advisory_xact_lock(l.class, l.hash))
        FROM (SELECT DISTINCT class, hashtext(id) & 1023 AS hash FROM unnest($3::int[], $4::text[]) AS u (class, id)
              ORDER BY class, hash) l) AS locked,
       CASE WHEN $6 THEN set_config('plan_cache_mode', 'force_generic_plan', true) || set_config('enable_seqscan', 'off', true) END AS planned
FROM (SELECT $1::bigint AS actor_id, $2::text AS key) r LEFT JOIN idempotency_key k USING (actor_id, key)`

// claim takes the locks and returns the first answer when the key has one.
func (t *tx) claim(ctx context.Context, c Command, locks []lockID) (*Answer, error) {
	classes, ids := make([]int, len(locks)), make([]string, len(locks))
	for i, l := range locks {
		classes[i], ids[i] = l.class, l.id
	}
	var row claimRow
	if err := t.get(ctx, &row, claimQuery, c.Actor.ID, c.Key, pq.Array(classes), pq.Array(ids), lockIdempotency, c.byKey); err != nil {
		return nil, err
	}
	t.now = row.Now.UTC()
	return row.first(c)
}

// keep adds the key with its answer to what is inserted.
func (t *tx) keep(c Command, a Answer) {
	t.Keys = append(t.Keys, keyRow{ActorID: c.Actor.ID, Key: c.Key, RequestHash: hex.EncodeToString(c.RequestHash),
		Status: a.Status, Location: a.Location, Body: string(a.Body)})
}

// insertQuery inserts a whole posting from one document; see posting.
//
//go:embed insert_posting.sql
var insertQuery string

// insertParts are the parts of insertQuery, one for each list of a posting, in its order.
var insertParts = func() []insertPart {
	var parts []insertPart
	for _, text := range insertPartForm.FindAllStringSubmatch(insertQuery, -1) {
		parts = append(parts, insertPart{list: text[2], text: text[1]})
	}
	return parts
}()

// insertPart is the part of insertQuery that inserts one list.
type insertPart struct{ list, text string }

// insertPartForm matches a part, which ends with a bracket at the start of a line.
var insertPartForm = regexp.MustCompile(`(?s)(insert_\w+ AS \(\n.+?-> '(\w+)'\).+?\n\))`)

// insertOnly returns the query that inserts the lists which a posting has: a part that inserts nothing costs PostgreSQL nearly
// as much as one that inserts a row, and a receipt needs six of them. Of a posting of nothing it is empty.
func insertOnly(p posting) string {
	var b strings.Builder
	has := p.lists()
	for _, part := range insertParts {
		if has[part.list] {
			b.WriteString(map[bool]string{true: "WITH ", false: ",\n"}[b.Len() == 0])
			b.WriteString(part.text)
		}
	}
	if b.Len() == 0 {
		return ""
	}
	return b.String() + "\nSELECT"
}

// insert writes the posting in one round trip.
func (t *tx) insert(ctx context.Context) error {
	query := insertOnly(t.posting)
	if query == "" {
		return nil
	}
	document, err := json.Marshal(t.posting)
	if err != nil {
		return fmt.Errorf("encode the posting: %w", err)
	}
	st, err := t.store.prepare(ctx, query)
	if err != nil {
		return err
	}
	if _, err := t.db.StmtxContext(ctx, st).ExecContext(ctx, string(document)); err != nil {
		return fmt.Errorf("insert the posting: %w", err)
	}
	t.posting = posting{}
	return nil
}

// post checks the drafts and adds them to what is inserted. It is the only way from a draft to an entry.
func (t *tx) post(drafts ...ledger.Draft) ([]uuid.UUID, error) {
	ids := make([]uuid.UUID, len(drafts))
	for i, d := range drafts {
		if err := d.Check(); err != nil {
			return nil, err
		}
		id, err := newID()
		if err != nil {
			return nil, err
		}
		ids[i] = id
		t.entries++
		d.Lines = d.Arranged()
		t.drafts = append(t.drafts, d)
		t.addEntry(id, t.actor.ID, t.key, d)
		t.Entries[len(t.Entries)-1].ApprovalID = optional(t.approval)
	}
	return ids, nil
}

// newID returns a time-ordered identifier (RFC 9562, version 7), so that indexes grow at their end.
func newID() (uuid.UUID, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return uuid.Nil, fmt.Errorf("make an identifier: %w", err)
	}
	return id, nil
}

func (t *tx) get(ctx context.Context, dest any, query string, args ...any) error {
	st, err := t.store.prepare(ctx, query)
	if err != nil {
		return err
	}
	if err := t.db.StmtxContext(ctx, st).GetContext(ctx, dest, args...); err != nil {
		return fmt.Errorf("get: %w", err)
	}
	return nil
}

func (t *tx) selectRows(ctx context.Context, dest any, query string, args ...any) error {
	st, err := t.store.prepare(ctx, query)
	if err != nil {
		return err
	}
	if err := t.db.StmtxContext(ctx, st).SelectContext(ctx, dest, args...); err != nil {
		return fmt.Errorf("select: %w", err)
	}
	return nil
}

// eastmost is how far the most eastern time zone is ahead of UTC: where it is tomorrow already, an event of that day has
// happened.
const eastmost = 14 * time.Hour

// notInFuture adds a violation when a date is later than today anywhere on Earth.
func (t *tx) notInFuture(v *ledger.Violations, pointer string, d ledger.Date) {
	if today := ledger.DateOf(t.now.Add(eastmost)); d.After(today) {
		v.Add(pointer, ledger.RuleDateInFuture, "%s is later than today.", d)
	}
}

// pledgeLocks returns the locks of the pledges that a write reads the balances of.
func pledgeLocks(ids ...uuid.UUID) []lockID {
	locks := make([]lockID, 0, len(ids))
	for _, id := range ids {
		locks = append(locks, lockID{lockPledge, id.String()})
	}
	return locks
}

// SystemCommand is a command of the program itself: an import or a job, with a key that names what it does.
func SystemCommand(actor ledger.Actor, key string, request any) (Command, error) {
	body, err := json.Marshal(request)
	if err != nil {
		return Command{}, fmt.Errorf("encode the request: %w", err)
	}
	hash := sha256.Sum256(body)
	job, _, _ := strings.Cut(key, ":")
	return Command{Actor: actor, Key: key, RequestHash: hash[:], Origin: Origin{Operation: "command " + job}, Answer: func(any) (Answer, error) { return Answer{Status: 201}, nil }}, nil
}

// isRule reports whether an error is the breach of a rule.
func isRule(err error, rule ledger.Rule) bool {
	var e *ledger.Error
	return errors.As(err, &e) && e.Rule == rule
}

// noRows reports whether a query found nothing.
func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// sortedUnique returns the strings once each, in order.
func sortedUnique(list []string) []string {
	sort.Strings(list)
	out := list[:0]
	for i, s := range list {
		if i == 0 || s != list[i-1] {
			out = append(out, s)
		}
	}
	return out
}

// present returns the strings that are not empty once each, in order.
func present(list []string) []string {
	list = sortedUnique(list)
	if len(list) > 0 && list[0] == "" {
		return list[1:]
	}
	return list
}
