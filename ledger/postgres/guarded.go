package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// guarded is a write that may have to wait for a second pair of eyes. While it waits it is kept as JSON; when an approver
// agrees it is performed anew, and has to post what was asked for.
type guarded interface {
	kind() ledger.ApprovalKind
	subject() string // what it is about; one request of a kind waits for it
	why() string     // the reason that was given
	// locks returns the locks of the records that it reads, which may have to be looked up first.
	locks(ctx context.Context, s *Store) ([]lockID, error)
	perform(ctx context.Context, t *tx) (record any, err error)
}

// guardedKinds makes an empty write of each kind, to be read from JSON.
var guardedKinds = map[ledger.ApprovalKind]func() guarded{
	ledger.ApproveReceiptReversal:  func() guarded { return &receiptReversal{} },
	ledger.ApproveDeliveryReversal: func() guarded { return &deliveryReversal{} },
	ledger.ApproveEntryReversal:    func() guarded { return &entryReversal{} },
	ledger.ApproveWriteOff:         func() guarded { return &writeOff{} },
	ledger.ApproveRefund:           func() guarded { return &refundRequest{} },
	ledger.ApproveManualEntry:      func() guarded { return &manualEntry{} },
	ledger.ApproveReopening:        func() guarded { return &reopening{} },

	ledger.ApproveInKindRevaluation: func() guarded { return &inKindRevaluation{} },
}

// pending is the record of a write that waits.
type pending struct{ *ledger.Approval }

// submit performs a write at once, or keeps it until an approver decides when the policy of its kind and funds says so. The
// command itself does not wait: nobody else is there to ask. Nor does anybody before the ledger has had its first approver.
func (s *Store) submit(ctx context.Context, c Command, g guarded) (Answer, error) {
	locks, err := g.locks(ctx, s)
	if err != nil {
		return Answer{}, err
	}
	if c.Actor.Role == ledger.RoleSystem {
		return s.write(ctx, c, locks, g.perform)
	}
	return s.write(ctx, c, append(locks, approvalLock(g)), func(ctx context.Context, t *tx) (any, error) {
		// What a write that has to wait has done already is undone; its locks, taken before, stay.
		if _, err := t.db.ExecContext(ctx, "SAVEPOINT request"); err != nil {
			return nil, fmt.Errorf("set the savepoint: %w", err)
		}
		record, err := g.perform(ctx, t)
		if err != nil {
			return nil, err
		}
		waits, err := t.waits(ctx, g)
		if err != nil || !waits {
			return record, err
		}
		if _, err := t.db.ExecContext(ctx, "ROLLBACK TO SAVEPOINT request"); err != nil {
			return nil, fmt.Errorf("undo what has to wait: %w", err)
		}
		return t.hold(g)
	})
}

func approvalLock(g guarded) lockID {
	return lockID{lockApproval, string(g.kind()) + " " + g.subject()}
}

// waits reports whether the drafts of a write have to wait, by the policy of any fund that they touch. An approver whose key
// was revoked still counts, so that nobody ends the control by revoking a key.
func (t *tx) waits(ctx context.Context, g guarded) (bool, error) {
	var rows []struct {
		Required bool
		AboveUSD decimal.Decimal `db:"above_usd"`
	}
	err := t.selectRows(ctx, &rows, `
		SELECT p.required, p.above_usd
		FROM unnest($2::text[]) AS f (code)
		CROSS JOIN LATERAL (SELECT required, above_usd FROM approval_policy
		                    WHERE kind = $1 AND (fund = f.code OR fund IS NULL) ORDER BY fund NULLS LAST, id DESC LIMIT 1) p
		WHERE EXISTS (SELECT FROM actor WHERE role = 'approver')`,
		g.kind(), pq.Array(t.funds(g)))
	for _, r := range rows {
		if (ledger.ApprovalPolicy{Kind: g.kind(), Required: r.Required, AboveUSD: r.AboveUSD}).Waits(t.drafts) {
			return true, err
		}
	}
	return false, err
}

// funds returns the funds that a write touches: those of its drafts or, when it posts nothing, the one that it names.
func (t *tx) funds(g guarded) []string {
	codes := t.fundsOfDrafts()
	if named, ok := g.(interface{ inFund() ledger.FundCode }); ok {
		codes = append(codes, string(named.inFund()))
	}
	return sortedUnique(codes)
}

// hold keeps a write with the drafts that it would post, in place of them.
func (t *tx) hold(g guarded) (any, error) {
	request, err := json.Marshal(g)
	if err != nil {
		return nil, fmt.Errorf("encode the request: %w", err)
	}
	drafts, err := json.Marshal(append([]ledger.Draft{}, t.drafts...)) // not null: to reopen a year without a closing entry posts nothing
	if err != nil {
		return nil, fmt.Errorf("encode the drafts: %w", err)
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	a := &ledger.Approval{ID: id, Kind: g.kind(), Subject: g.subject(), Drafts: t.drafts, AmountUSD: ledger.Weight(t.drafts), Reason: g.why(),
		RequestedBy: t.actor.Name, RequestedAt: t.now, Decision: ledger.Pending}
	funds := t.funds(g)
	t.posting = posting{Approvals: []approvalRow{{ID: id, Kind: string(a.Kind), Subject: a.Subject, Funds: funds, Request: request, Drafts: drafts,
		AmountUSD: ledger.Dollars(a.AmountUSD).Fixed(), Reason: a.Reason, ActorID: t.actor.ID}}}
	return pending{a}, nil
}

// readGuarded brings a write back from the JSON in which it was kept.
func readGuarded(kind ledger.ApprovalKind, request []byte) (guarded, error) {
	empty := guardedKinds[kind]
	if empty == nil {
		return nil, fmt.Errorf("no write is of the kind %s", kind)
	}
	g := empty()
	if err := json.Unmarshal(request, g); err != nil {
		return nil, fmt.Errorf("read the kept request: %w", err)
	}
	return g, nil
}

// receiptReversal, deliveryReversal and writeOff are the guarded writes of records that have files of their own.
type receiptReversal struct {
	Receipt uuid.UUID
	ReversalInput
}

func (r *receiptReversal) kind() ledger.ApprovalKind { return ledger.ApproveReceiptReversal }
func (r *receiptReversal) subject() string           { return "receipt " + r.Receipt.String() }
func (r *receiptReversal) why() string               { return r.Reason }

func (r *receiptReversal) locks(ctx context.Context, s *Store) ([]lockID, error) {
	pledges, err := s.pledgesOfReceipt(ctx, r.Receipt)
	return append(pledgeLocks(pledges...), lockID{lockReceipt, r.Receipt.String()}), err
}

func (r *receiptReversal) perform(ctx context.Context, t *tx) (any, error) {
	return t.reverseReceipt(ctx, r.Receipt, r.ReversalInput)
}

type deliveryReversal struct {
	Delivery uuid.UUID
	ReversalInput
}

func (r *deliveryReversal) kind() ledger.ApprovalKind { return ledger.ApproveDeliveryReversal }
func (r *deliveryReversal) subject() string           { return "delivery " + r.Delivery.String() }
func (r *deliveryReversal) why() string               { return r.Reason }

func (r *deliveryReversal) locks(ctx context.Context, s *Store) ([]lockID, error) {
	return s.deliveryLocks(ctx, r.Delivery)
}

func (r *deliveryReversal) perform(ctx context.Context, t *tx) (any, error) {
	return t.reverseDelivery(ctx, r.Delivery, r.ReversalInput)
}

type writeOff struct {
	Pledge uuid.UUID
	EndingInput
}

func (w *writeOff) kind() ledger.ApprovalKind { return ledger.ApproveWriteOff }
func (w *writeOff) subject() string           { return "pledge " + w.Pledge.String() }
func (w *writeOff) why() string               { return w.Reason }

func (w *writeOff) locks(context.Context, *Store) ([]lockID, error) {
	return pledgeLocks(w.Pledge), nil
}

func (w *writeOff) perform(ctx context.Context, t *tx) (any, error) {
	p, err := t.pledge(ctx, w.Pledge)
	if err != nil {
		return nil, err
	}
	return p, t.end(p, ledger.LegWrittenOff, w.EndingInput)
}

// inKindRevaluation values an item of a pledge anew or, where it names one, a delivery.
type inKindRevaluation struct {
	Pledge   uuid.UUID
	Item     int
	Delivery uuid.UUID
	ValuationInput
}

func (r *inKindRevaluation) kind() ledger.ApprovalKind { return ledger.ApproveInKindRevaluation }
func (r *inKindRevaluation) why() string               { return r.Reason }

func (r *inKindRevaluation) subject() string {
	if r.Delivery != uuid.Nil {
		return "delivery " + r.Delivery.String()
	}
	return fmt.Sprintf("item %d of pledge %s", r.Item, r.Pledge)
}

func (r *inKindRevaluation) locks(ctx context.Context, s *Store) ([]lockID, error) {
	if r.Delivery != uuid.Nil {
		return s.deliveryLocks(ctx, r.Delivery)
	}
	return pledgeLocks(r.Pledge), nil
}

func (r *inKindRevaluation) perform(ctx context.Context, t *tx) (any, error) {
	if r.Delivery != uuid.Nil {
		return t.revalueDelivery(ctx, r.Delivery, r.ValuationInput)
	}
	return t.revalueItem(ctx, r.Pledge, r.Item, r.ValuationInput)
}
