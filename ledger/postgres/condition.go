package postgres

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
)

// FulfilmentInput says that a condition of an agreement was met.
type FulfilmentInput struct {
	Number   int // of the condition
	Date     ledger.Date
	By       string // who certified it
	Evidence ledger.Evidence
}

// MeetCondition records that a condition of a pledge's agreement was met; what hung on it becomes revenue.
// Errors: [ledger.RuleNotFound], [ledger.RuleDateInFuture] and those of [ledger.Meet].
func (s *Store) MeetCondition(ctx context.Context, c Command, id uuid.UUID, in FulfilmentInput) (Answer, error) {
	return s.write(ctx, c, pledgeLocks(id), func(ctx context.Context, t *tx) (any, error) {
		p, err := t.pledge(ctx, id)
		if err != nil {
			return nil, err
		}
		return p, t.meet(p, in)
	})
}

func (t *tx) meet(p *PledgeRecord, in FulfilmentInput) error {
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	if err := v.Err(); err != nil {
		return err
	}
	draft, err := ledger.Meet(p.Pledge, &p.State, in.Number, ledger.Fulfilment{On: in.Date, By: in.By, Evidence: in.Evidence})
	if err != nil {
		return err
	}
	id, err := newID()
	if err != nil {
		return err
	}
	row := fulfilmentRow{ID: id, EventID: p.State.Conditions[in.Number-1].Leg, Number: in.Number, EffectiveDate: in.Date.String(), MetBy: in.By,
		Evidence: in.Evidence.Reference, SHA256: in.Evidence.SHA256, ActorID: t.actor.ID}
	if len(draft.Lines) > 0 {
		ids, err := t.post(draft)
		if err != nil {
			return err
		}
		row.EntryID, p.State.Conditions[in.Number-1].Met.Entry = ids[0].String(), ids[0]
	}
	t.Fulfilments = append(t.Fulfilments, row)
	return nil
}
