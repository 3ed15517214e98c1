package api

import (
	"context"
	"time"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Key is a bearer key without its secret.
type Key struct {
	ID          ID     `json:"id" format:"uuid"`
	Name        string `json:"name" doc:"Who holds it."`
	Role        string `json:"role" enum:"officer,approver,auditor,admin,donor"`
	Contributor string `json:"contributor,omitempty" doc:"Of a donor."`
	RecordedAt  string `json:"recorded_at" format:"date-time"`
	ExpiresAt   string `json:"expires_at,omitempty" format:"date-time" doc:"Absent when it does not end by itself."`
	LastUsedAt  string `json:"last_used_at,omitempty" format:"date-time" doc:"To the minute."`
	RevokedAt   string `json:"revoked_at,omitempty" format:"date-time" doc:"Absent while it is good."`
	Secret      string `json:"secret,omitempty" doc:"The key itself, in the answer that made it and never again: a replay does not have it."`
}

func keyOf(k postgres.Key) Key {
	optional := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return instantOf(t)
	}
	return Key{ID: idOf(k.ID), Name: k.Actor, Role: string(k.Role), Contributor: string(k.Contributor), RecordedAt: instantOf(k.RecordedAt),
		ExpiresAt: optional(k.ExpiresAt), LastUsedAt: optional(k.LastUsedAt), RevokedAt: optional(k.RevokedAt)}
}

// KeyBody asks for a key.
type KeyBody struct {
	Name        string `json:"name" maxLength:"200" example:"Anna Officer" doc:"Who will hold it."`
	Role        string `json:"role" enum:"officer,approver,auditor,admin,donor"`
	Contributor string `json:"contributor,omitempty" maxLength:"64" doc:"Of a donor, and of nobody else."`
	LastDay     Date   `json:"last_day,omitempty" doc:"The last day on which it is good, in UTC. Left out: until it is revoked."`
}

// CreateKeyInput is the request to make a key.
type CreateKeyInput struct{ Body KeyBody }

// RevokeKeyInput is the request to end a key.
type RevokeKeyInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the key."`
}

func keyCommand(r Request, status int) postgres.Command {
	return command(r, status, func(k *postgres.Key) (string, any) { return pathTo("keys", k.ID), keyOf(*k) })
}

func (s *Server) serveKeys(store *postgres.Store) {
	write[CreateKeyInput, Key](s, operation{ID: "create-key", Path: "/v1/keys", Tag: "access", Summary: "Make a key",
		Description: "The secret is in this answer and never again; the ledger keeps a hash of it.",
		Problems:    []ledger.Rule{ledger.RuleKey, ledger.RuleCodeTaken, ledger.RuleContributorUnknown}},
		func(ctx context.Context, r Request, in *CreateKeyInput) (Answer, error) {
			b := in.Body
			input := postgres.KeyInput{Actor: b.Name, Role: ledger.Role(b.Role), Contributor: ledger.ContributorCode(b.Contributor)}
			if b.LastDay != "" {
				input.ExpiresAt = b.LastDay.Ledger().AddDays(1).Start()
			}
			var made Key
			c := keyCommand(r, 201)
			kept := c.Answer
			c.Answer = func(record any) (postgres.Answer, error) {
				made = keyOf(*record.(*postgres.Key))
				return kept(record)
			}
			secret, a, err := store.CreateKey(ctx, c, input)
			if err != nil || secret == "" {
				return Answer(a), err
			}
			// What is kept under the idempotency key has no secret in it; what is sent now has.
			made.Secret = secret
			return answerWith(a.Status, a.Location, made)
		})
	list(s, operation{ID: "list-keys", Path: "/v1/keys", Tag: "access", Summary: "List the keys in the order in which they were made", Description: "Without their secrets, which nobody has."},
		func(ctx context.Context, _ *PagingInput, w Window[uuid.UUID]) ([]Key, *uuid.UUID, error) {
			keys, err := store.Keys(ctx, first(w), w.Limit+1)
			items, next := nextOf(keys, w.Limit, keyOf, func(k postgres.Key) uuid.UUID { return k.ID })
			return items, next, err
		})
	write[RevokeKeyInput, Key](s, operation{ID: "revoke-key", Path: "/v1/keys/{id}/revocation", Tag: "access", Status: 200, Summary: "End a key",
		Description: "It is refused from now on. Ending it again changes nothing.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, r Request, in *RevokeKeyInput) (Answer, error) {
			a, err := store.RevokeKey(ctx, keyCommand(r, 200), in.ID.ledger())
			return Answer(a), err
		})
	s.serveAudit(store)
}

// AuditLine is one line of the audit trail.
type AuditLine struct {
	ID         int64  `json:"id"`
	RecordedAt string `json:"recorded_at" format:"date-time"`
	Actor      string `json:"actor,omitempty" doc:"Absent when nobody could be made out."`
	Role       string `json:"role,omitempty"`
	Key        ID     `json:"key,omitempty" format:"uuid" doc:"The key that was shown."`
	Address    string `json:"address,omitempty" doc:"Where the request came from; absent for the command."`
	Request    ID     `json:"request_id,omitempty" format:"uuid" doc:"As in X-Request-Id."`
	Operation  string `json:"operation" example:"record-receipt"`
	Outcome    string `json:"outcome" enum:"done,refused"`
	Record     string `json:"record,omitempty" doc:"Path of the record."`
	Rule       string `json:"rule,omitempty" doc:"Why it was refused."`
	Change     any    `json:"change,omitempty" doc:"Of an edit: what was there before and after."`
}

func auditLineOf(r postgres.AuditRow) AuditLine {
	out := AuditLine{ID: r.ID, RecordedAt: instantOf(r.RecordedAt), Actor: r.Actor, Role: string(r.Role), Key: idOf(r.Key), Address: r.Address, Request: idOf(r.Request),
		Operation: r.Operation, Outcome: string(r.Outcome), Record: r.Record, Rule: string(r.Rule)}
	if len(r.Change) > 0 {
		out.Change = r.Change
	}
	return out
}

// AuditInput has the filters of the audit trail.
type AuditInput struct {
	Paging
	Actor     string `query:"actor" maxLength:"200" doc:"Name of who asked."`
	Operation string `query:"operation" maxLength:"100" example:"record-receipt" doc:"Identifier of the operation, as in this document."`
	Outcome   string `query:"outcome" enum:"done,refused" doc:"What became of it."`
	Record    string `query:"record" maxLength:"200" doc:"Path of a record."`
	From      Date   `query:"from" doc:"First day, in UTC."`
	To        Date   `query:"to" doc:"Last day, in UTC."`
}

func (s *Server) serveAudit(store *postgres.Store) {
	list(s, operation{ID: "list-audit", Path: "/v1/audit", Tag: "access", Summary: "List who did what, the first first",
		Description: "Each change, written in its own transaction, and each refusal: of a caller who was not let in, or of a write that was not carried out."},
		func(ctx context.Context, in *AuditInput, w Window[int64]) ([]AuditLine, *int64, error) {
			rows, err := store.Audit(ctx, postgres.AuditFilter{Actor: in.Actor, Operation: in.Operation, Outcome: postgres.Outcome(in.Outcome), Record: in.Record,
				From: in.From.Ledger(), To: in.To.Ledger()}, first(w), w.Limit+1)
			items, next := nextOf(rows, w.Limit, auditLineOf, func(r postgres.AuditRow) int64 { return r.ID })
			return items, next, err
		})
}

// Event is a posted entry with its place in the order in which entries became known.
type Event struct {
	Position int64 `json:"position" example:"42"`
	Entry    Entry `json:"entry"`
}

// EventsInput says from where the change stream goes on.
type EventsInput struct {
	Paging
	After int64 `query:"after" minimum:"0" doc:"The last position that the caller has; 0 for the beginning."`
}

func (s *Server) serveEvents(store *postgres.Store) {
	list(s, operation{ID: "list-events", Path: "/v1/events", Tag: "journal", Summary: "Follow the ledger: the entries after a position",
		Description: "In the order in which they became known, without a gap: nothing comes later at an earlier position, so a follower asks again with the last position that it has. A correction is an entry of its own."},
		func(ctx context.Context, in *EventsInput, w Window[int64]) ([]Event, *int64, error) {
			events, err := store.Events(ctx, max(in.After, first(w)), w.Limit+1)
			items, next := nextOf(events, w.Limit, func(e postgres.Event) Event { return Event{e.Position, entryOf(e.Entry)} }, func(e postgres.Event) int64 { return e.Position })
			return items, next, err
		})
}
