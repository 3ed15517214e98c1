package postgres

import (
	"context"
	"encoding/json"
	"time"

	"github.com/google/uuid"

	"vcledger/ledger"
)

// Origin is where a request came from, for the audit trail.
type Origin struct {
	Operation string    // of the API, or the command's own
	Request   uuid.UUID // zero for the command
	Address   string    // of the caller; empty for the command
}

// Outcome says what became of a request.
type Outcome string

// The outcomes.
const (
	OutcomeDone    Outcome = "done"
	OutcomeRefused Outcome = "refused"
)

// AuditRow is one line of the audit trail.
type AuditRow struct {
	ID         int64
	RecordedAt time.Time
	Origin
	Actor   string // empty when nobody could be made out
	Role    ledger.Role
	Key     uuid.UUID
	Outcome Outcome
	Record  string          // path of the record in the API
	Rule    ledger.Rule     // of a refusal
	Change  json.RawMessage // of an edit: what was there before and after
}

// auditRow is a line of the trail as a posting inserts it.
type auditRow struct {
	RequestID string          `json:"request_id"`
	ActorID   int64           `json:"actor_id"`
	KeyID     string          `json:"key_id"`
	Address   string          `json:"address"`
	Operation string          `json:"operation"`
	Record    string          `json:"record"`
	Change    json.RawMessage `json:"change,omitempty"`
}

// account adds to what is inserted who did it. It is in the transaction of the change, so neither is without the other.
func (t *tx) account(c Command, a Answer) {
	t.Audit = append(t.Audit, auditRow{RequestID: optional(c.Origin.Request), ActorID: c.Actor.ID, KeyID: optional(c.Actor.Key), Address: c.Origin.Address,
		Operation: c.Origin.Operation, Record: a.Location, Change: t.change})
}

// RecordRefusal adds a refused request to the audit trail; an actor without an id is nobody.
func (s *Store) RecordRefusal(ctx context.Context, o Origin, actor ledger.Actor, rule ledger.Rule) error {
	var id int64
	return s.get(ctx, &id, `
		INSERT INTO audit (request_id, actor_id, key_id, address, operation, outcome, rule)
		VALUES ($1, nullif($2::bigint, 0), $3, $4, $5, 'refused', $6) RETURNING id`,
		nullUUID(o.Request), actor.ID, nullUUID(actor.Key), o.Address, o.Operation, rule)
}

// AuditFilter narrows the audit trail; empty fields do not.
type AuditFilter struct {
	Actor     string
	Operation string
	Outcome   Outcome
	Record    string
	From, To  ledger.Date // days of UTC, both included
}

// Audit lists the audit trail in order, after the given line.
func (s *Store) Audit(ctx context.Context, f AuditFilter, after int64, limit int) ([]AuditRow, error) {
	var rows []struct {
		ID         int64
		RequestID  uuid.NullUUID `db:"request_id"`
		Actor      string
		Role       string
		KeyID      uuid.NullUUID `db:"key_id"`
		Address    string
		Operation  string
		Outcome    Outcome
		Record     string
		Rule       ledger.Rule
		Change     []byte
		RecordedAt time.Time `db:"recorded_at"`
	}
	err := s.selectRows(ctx, &rows, `
		SELECT u.id, u.request_id, coalesce(a.name, '') AS actor, coalesce(a.role, '') AS role, u.key_id, u.address, u.operation, u.outcome, u.record, u.rule,
		       u.change, u.recorded_at
		FROM audit u LEFT JOIN actor a ON a.id = u.actor_id
		WHERE u.id > $1 AND ($2 = '' OR a.name = $2) AND ($3 = '' OR u.operation = $3) AND ($4 = '' OR u.outcome = $4) AND ($5 = '' OR u.record = $5)
		  AND u.recorded_at >= coalesce($6::date, '-infinity') AND u.recorded_at < coalesce($7::date + 1, 'infinity')
		ORDER BY u.id LIMIT $8`, after, f.Actor, f.Operation, f.Outcome, f.Record, f.From, f.To, limit)
	list := make([]AuditRow, len(rows))
	for i, r := range rows {
		list[i] = AuditRow{ID: r.ID, RecordedAt: r.RecordedAt.UTC(), Origin: Origin{r.Operation, r.RequestID.UUID, r.Address}, Actor: r.Actor,
			Role: ledger.Role(r.Role), Key: r.KeyID.UUID, Outcome: r.Outcome, Record: r.Record, Rule: r.Rule, Change: r.Change}
	}
	return list, err
}
