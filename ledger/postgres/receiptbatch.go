package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// MaxReceiptBatch is how many receipts a batch may have. A thousand share the cost of their commit among them to nothing, and
// hold what they lock for well under a second.
const MaxReceiptBatch = 1000

// KeyedReceipt is a receipt of a batch, under an idempotency key of its own.
type KeyedReceipt struct {
	Key         string
	RequestHash []byte // of the request that records it alone
	Receipt     ReceiptInput
}

func keyOf(r KeyedReceipt) string { return r.Key }

// receiptBatch is a batch under way: the receipts that were recorded before and those that are recorded now.
type receiptBatch struct {
	tx      *tx
	answers []Answer // of each receipt, in the order of the request
	fresh   []freshReceipt
}

// freshReceipt is one that is recorded now.
type freshReceipt struct {
	KeyedReceipt
	place   int // in the request
	actor   ledger.Actor
	record  *ReceiptRecord
	refused *ledger.Error // nil when it was not
}

// RecordReceipts records up to [MaxReceiptBatch] receipts in one transaction, all or none, in as many round trips as one takes.
// They are applied in their order, each to what the ones before it left of its pledges. c.Answer answers for each receipt
// by itself, and that is kept under the receipt's key; join makes the batch's answer of these. A receipt whose key was used
// for it before, alone or in a batch, is left as it is and answered as then.
//
// Whatever is wrong with any of them is a violation under /receipts/ and the place of the receipt, all in one error.
// Errors: those of [Store.RecordReceipt], [ledger.RuleIdempotencyKeyReused], [ledger.RulePeriodClosed].
func (s *Store) RecordReceipts(ctx context.Context, c Command, list []KeyedReceipt, join func([]Answer) (Answer, error)) (Answer, error) {
	var pledges []uuid.UUID
	for _, r := range list {
		pledges = append(pledges, pledgesOf(r.Receipt.Parts)...)
	}
	var answers []Answer
	c.byKey = true
	one := c.Answer
	c.Answer = func(record any) (Answer, error) {
		b := record.(*receiptBatch)
		answers = b.answers
		// The answer of the batch is put together anew from those of its receipts at every replay, and not kept twice.
		return Answer{Status: 201}, b.answer(c, one)
	}
	select {
	case s.batches <- struct{}{}:
		defer func() { <-s.batches }()
	case <-ctx.Done():
		return Answer{}, fmt.Errorf("wait for other batches: %w", ctx.Err())
	}
	a, err := s.write(ctx, c, pledgeLocks(pledges...), func(ctx context.Context, t *tx) (any, error) { return t.recordReceipts(ctx, c, list) })
	if err != nil {
		return Answer{}, err
	}
	if a.Replayed {
		before, err := keptAnswers(ctx, s.selectRows, c.Actor, transform(list, keyOf))
		if err != nil {
			return Answer{}, err
		}
		answers = answers[:0]
		for _, r := range list {
			answers = append(answers, before[r.Key].Answer)
		}
	}
	whole, err := join(answers)
	whole.Replayed = a.Replayed
	return whole, err
}

// answer answers for each receipt that is recorded now, and keeps that under its key with a line of the audit trail.
func (b *receiptBatch) answer(c Command, one func(any) (Answer, error)) error {
	for _, r := range b.fresh {
		a, err := one(r.record)
		if err != nil {
			return err
		}
		b.answers[r.place] = a
		b.tx.Keys = append(b.tx.Keys, keyRow{ActorID: c.Actor.ID, Key: r.Key, RequestHash: hex.EncodeToString(r.RequestHash), Status: a.Status, Location: a.Location, Body: string(a.Body)})
		b.tx.account(c, a)
	}
	// Two batches that meet in some keys wait for each other and do not block each other for good.
	slices.SortFunc(b.tx.Keys, func(x, y keyRow) int { return strings.Compare(x.Key, y.Key) })
	return nil
}

// keptAnswer is the first answer to a key, with the hash of its request.
type keptAnswer struct {
	Answer
	hash string
}

// keptAnswers reads the first answers to those of the keys that the actor used before.
//
// They are looked up one by one: a plan for all at once may read every key that the actor ever used, and compare each of them
// with each of these. Index: idempotency_key_pkey.
func keptAnswers(ctx context.Context, selectRows func(ctx context.Context, dest any, query string, args ...any) error, actor ledger.Actor, keys []string) (map[string]keptAnswer, error) {
	var rows []struct {
		Key         string
		RequestHash []byte `db:"request_hash"`
		Status      int
		Location    string
		Body        []byte
	}
	err := selectRows(ctx, &rows, `
		SELECT k.key, k.request_hash, k.status, k.location, k.body
		FROM unnest($2::text[]) AS asked (key)
		CROSS JOIN LATERAL (SELECT * FROM idempotency_key WHERE actor_id = $1 AND key = asked.key LIMIT 1) k`, actor.ID, pq.Array(keys))
	found := make(map[string]keptAnswer, len(rows))
	for _, r := range rows {
		found[r.Key] = keptAnswer{Answer{Status: r.Status, Location: r.Location, Body: r.Body}, string(r.RequestHash)}
	}
	return found, err
}

func (t *tx) recordReceipts(ctx context.Context, c Command, list []KeyedReceipt) (*receiptBatch, error) {
	b := &receiptBatch{tx: t, answers: make([]Answer, len(list))}
	var v ledger.Violations
	before, err := keptAnswers(ctx, t.selectRows, c.Actor, transform(list, keyOf))
	if err != nil {
		return nil, err
	}
	seen := map[string]bool{c.Key: true}
	for i, r := range list {
		kept, used := before[r.Key]
		switch {
		case seen[r.Key]:
			v.Add(atReceipt(i)+"/key", ledger.RuleIdempotencyKeyReused, "Another part of this request has the key already.")
		case used && kept.hash != string(r.RequestHash):
			v.Add(atReceipt(i)+"/key", ledger.RuleIdempotencyKeyReused, "This key was used for another request.")
		case used:
			b.answers[i] = kept.Answer
		default:
			b.fresh = append(b.fresh, freshReceipt{KeyedReceipt: r, place: i, actor: c.Actor})
		}
		seen[r.Key] = true
	}
	entries, err := b.receive(ctx)
	if err != nil {
		return nil, err
	}
	if err := b.report(ctx, &v, entries); err != nil {
		return nil, err
	}
	return b, v.Err()
}

func atReceipt(i int) string { return fmt.Sprintf("/receipts/%d", i) }

// receive applies the receipts one after the other, and returns where in the drafts the entries of each begin. What one that is
// refused did to its pledges is taken back, so that it is not held against the ones after it.
func (b *receiptBatch) receive(ctx context.Context) (entries []int, err error) {
	t := b.tx
	faults := make([]*ledger.Violations, len(b.fresh))
	for i := range faults {
		faults[i] = new(ledger.Violations)
	}
	pledges, found, err := b.lookUp(ctx, faults)
	if err != nil {
		return nil, err
	}
	references := map[[2]string]int{}
	entries = make([]int, len(b.fresh))
	for i := range b.fresh {
		r := &b.fresh[i]
		entries[i] = len(t.drafts)
		if r.Receipt.BankReference != "" && found[i].account.Code != "" {
			reference := [2]string{string(found[i].account.Code), r.Receipt.BankReference}
			if first, twice := references[reference]; twice {
				faults[i].Add("/bank_reference", ledger.RuleReceiptDuplicate, "Receipt %d of the batch has the bank reference %s already.", first, r.Receipt.BankReference)
			} else {
				references[reference] = r.place
			}
		}
		states := map[uuid.UUID]ledger.PledgeState{}
		for _, id := range pledgesOf(r.Receipt.Parts) {
			if p := pledges[id]; p != nil {
				states[id] = p.State.Clone()
			}
		}
		t.key, t.actor = r.Key, r.actor
		before := len(t.Receipts)
		if r.record, err = t.receive(ctx, faults[i], r.Receipt, found[i], pledges); err == nil {
			continue
		}
		if !errors.As(err, &r.refused) || len(t.Receipts) > before {
			return nil, err
		}
		for id, state := range states {
			pledges[id].State = state
		}
	}
	return entries, nil
}

// lookUp reads all that the receipts name: the pledges, and for each receipt its fund, bank account and rate.
func (b *receiptBatch) lookUp(ctx context.Context, faults []*ledger.Violations) (map[uuid.UUID]*PledgeRecord, []resolved, error) {
	var ids []uuid.UUID
	for _, r := range b.fresh {
		ids = append(ids, pledgesOf(r.Receipt.Parts)...)
	}
	pledges, err := b.tx.pledges(ctx, ids)
	if err != nil {
		return nil, nil, err
	}
	if err := b.seek(ctx, pledges); err != nil {
		return nil, nil, err
	}
	names := make([]named, len(b.fresh))
	for i := range b.fresh {
		in := &b.fresh[i].Receipt
		in.settleFund(faults[i], pledges)
		names[i] = in.names()
	}
	found, err := b.tx.resolveAll(ctx, faults, names)
	return pledges, found, err
}

// seek looks once which of the contributors and funds that the parts name exist, and who answers for each contributor who pays
// another's pledge. Most receipts name nothing of the kind.
func (b *receiptBatch) seek(ctx context.Context, pledges map[uuid.UUID]*PledgeRecord) error {
	var contributors, funds []string
	for _, r := range b.fresh {
		for _, p := range r.Receipt.Parts {
			contributors, funds = append(contributors, string(p.Contributor)), append(funds, string(p.Fund))
			if pledge := pledges[p.Pledge]; pledge != nil && pledge.Contributor != r.Receipt.Contributor {
				contributors = append(contributors, string(pledge.Contributor), string(r.Receipt.Contributor))
			}
		}
	}
	t := b.tx
	t.sought, t.survivors = map[string]map[string]bool{"contributor": {}, "fund": {}}, map[ledger.ContributorCode]ledger.ContributorCode{}
	if contributors = present(contributors); len(contributors) > 0 {
		var rows []struct{ Code, Survivor string }
		if err := t.selectRows(ctx, &rows, `SELECT code, contributor_survivor(code, now()) AS survivor FROM contributor WHERE code = ANY ($1)`, pq.Array(contributors)); err != nil {
			return err
		}
		for _, r := range rows {
			t.sought["contributor"][r.Code] = true
			t.survivors[ledger.ContributorCode(r.Code)] = ledger.ContributorCode(r.Survivor)
		}
	}
	var err error
	if funds = present(funds); len(funds) > 0 {
		t.sought["fund"], err = t.known(ctx, "fund", funds...)
	}
	return err
}

// report names every fault of every receipt at its place, those of closed books included. The entries of receipt i begin at
// entries[i] of the drafts.
func (b *receiptBatch) report(ctx context.Context, v *ledger.Violations, entries []int) error {
	through, err := b.tx.closedOfDrafts(ctx)
	if err != nil {
		return err
	}
	entries = append(entries, len(b.tx.drafts))
	for i, r := range b.fresh {
		var faults ledger.Violations
		if r.refused != nil {
			if faults = r.refused.Violations; len(faults) == 0 {
				faults.Add("", r.refused.Rule, "%s", r.refused.Detail)
			}
		}
		if !b.tx.late {
			if first := firstOpenDay(b.tx.drafts[entries[i]:entries[i+1]], through); !first.IsZero() {
				faults.Add("/value_date", ledger.RulePeriodClosed, closedBefore, first)
			}
		}
		for _, f := range faults {
			f.Pointer = atReceipt(r.place) + f.Pointer
			*v = append(*v, f)
		}
	}
	return nil
}

// firstOpenDay returns the first day on which all of some drafts could stand, when one of them is of closed books.
func firstOpenDay(drafts []ledger.Draft, through map[string]ledger.Date) ledger.Date {
	var first ledger.Date
	for _, d := range drafts {
		for _, l := range d.Lines {
			if last := through[string(l.Fund)]; !last.IsZero() && !d.EffectiveDate.After(last) {
				first = ledger.Later(first, last.AddDays(1))
			}
		}
	}
	return first
}
