package postgres

import (
	"context"
	"database/sql"
	"time"
)

// Use is what a Store asks of PostgreSQL at this moment, and what it has posted since it was opened.
type Use struct {
	Pool         sql.DBStats
	Transactions int   // under way
	Most         int   // of them at once
	Posted       int64 // entries
	Replica      ReplicaUse
}

// ReplicaUse counts the reads that a replica could have taken since the Store was opened.
type ReplicaUse struct {
	Answered int64 // began at the replica
	Missed   int64 // went to the primary: the replica was behind, away, or left alone for a while
	Failed   int64 // of those begun, went to the primary on their way
}

// Use returns the figures.
func (s *Store) Use() Use {
	use := Use{Pool: s.db.Stats(), Transactions: len(s.slots), Most: cap(s.slots), Posted: s.posted.Load()}
	if r := s.replica; r != nil {
		use.Replica = ReplicaUse{Answered: r.answered.Load(), Missed: r.missed.Load(), Failed: r.failed.Load()}
	}
	return use
}

// Backlog is what waits for somebody.
type Backlog struct {
	Events       int64         // entries without a position in the change stream
	Unidentified int64         // receipts that hold something nobody knows the contributor of
	Oldest       time.Duration // since the value date of the oldest of them
	Overdue      int64         // agreed cash pledges with a receivable and an instalment whose day is past
	Approvals    int64         // writes that wait for an approver
}

// Backlog reads what waits, in one query.
func (s *Store) Backlog(ctx context.Context) (Backlog, error) {
	var row struct {
		Events       int64
		Unidentified int64
		OldestDays   int64 `db:"oldest_days"`
		Overdue      int64
		Approvals    int64
	}
	err := s.get(ctx, &row, `
		WITH unknown AS (
		    SELECT r.value_date FROM journal_line l JOIN receipt r ON r.id = l.receipt_id
		    WHERE l.account = '2100' GROUP BY r.id, l.currency HAVING sum(l.amount) <> 0),
		open AS (
		    SELECT l.pledge_id FROM journal_line l WHERE l.account = '1200' AND l.pledge_id IS NOT NULL
		    GROUP BY l.pledge_id, l.currency HAVING sum(l.amount) > 0)
		SELECT (SELECT coalesce(sum(cardinality(entries)), 0) FROM event_queue) AS events,
		       (SELECT count(*) FROM unknown) AS unidentified,
		       (SELECT coalesce(current_date - min(value_date), 0) FROM unknown) AS oldest_days,
		       (SELECT count(DISTINCT o.pledge_id) FROM open o WHERE EXISTS (
		            SELECT FROM pledge_event v LEFT JOIN instalment i ON i.event_id = v.id
		            WHERE v.pledge_id = o.pledge_id AND v.kind = 'agreed' AND coalesce(i.due_on, v.effective_date) < current_date)) AS overdue,
		       (SELECT count(*) FROM approval a WHERE NOT EXISTS (SELECT FROM approval_decision d WHERE d.approval_id = a.id)) AS approvals`)
	return Backlog{Events: row.Events, Unidentified: row.Unidentified, Oldest: time.Duration(row.OldestDays) * 24 * time.Hour, Overdue: row.Overdue,
		Approvals: row.Approvals}, err
}
