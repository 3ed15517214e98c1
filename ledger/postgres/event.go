package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"vcledger/ledger"
)

// lockEvents is the class of the lock under which entries get their positions, one writer at a time.
const lockEvents = 8

// placeEvents gives the entries that wait in the queue their positions, under the lock.
const placeEvents = `
	WITH taken AS (DELETE FROM event_queue RETURNING entries)
	INSERT INTO event (position, entry_id)
	SELECT coalesce((SELECT max(position) FROM event), 0) + row_number() OVER (ORDER BY entry_id), entry_id FROM taken CROSS JOIN unnest(entries) AS entry_id`

// Event is a posted entry with its place in the order in which entries became known: no gap, and no entry comes later at an
// earlier position.
type Event struct {
	Position int64
	ledger.Entry
}

// Events lists the entries after a position, in order. What was posted before the call is in it.
func (s *Store) Events(ctx context.Context, after int64, limit int) ([]Event, error) {
	if err := s.orderEvents(ctx); err != nil {
		return nil, err
	}
	var rows []struct {
		Position int64
		EntryID  uuid.UUID `db:"entry_id"`
	}
	if err := s.selectRows(ctx, &rows, `SELECT position, entry_id FROM event WHERE position > $1 ORDER BY position LIMIT $2`, after, limit); err != nil {
		return nil, err
	}
	ids := make([]uuid.UUID, len(rows))
	for i, r := range rows {
		ids[i] = r.EntryID
	}
	entries, err := s.entries(ctx, ids)
	if err != nil {
		return nil, err
	}
	byID := map[uuid.UUID]ledger.Entry{}
	for _, e := range entries {
		byID[e.ID] = e
	}
	list := make([]Event, len(rows))
	for i, r := range rows {
		list[i] = Event{r.Position, byID[r.EntryID]}
	}
	return list, nil
}

// orderEvents gives the entries that wait for one their positions.
func (s *Store) orderEvents(ctx context.Context) error {
	var waiting bool
	if err := s.get(ctx, &waiting, `SELECT EXISTS (SELECT FROM event_queue)`); err != nil || !waiting {
		return err
	}
	db, end, err := s.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer end()
	t := &tx{store: s, db: db}
	// The lock is a statement of its own: the next one then sees what its last holder committed.
	if err := t.exec(ctx, `SELECT pg_advisory_xact_lock($1, 0)`, lockEvents); err != nil {
		return err
	}
	if err := t.exec(ctx, placeEvents); err != nil {
		return err
	}
	if err := db.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}
