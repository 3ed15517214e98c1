package postgres

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"net/url"
	"time"

	"github.com/google/uuid"

	"vcledger/ledger"
)

// SessionLife is how long a browser stays signed in.
const SessionLife = 8 * time.Hour

// Identity is who an identity provider says that somebody is, with the role that its claims come to.
type Identity struct {
	Issuer      string
	Subject     string // unique and for good at the issuer
	Name        string // to be shown
	Role        ledger.Role
	Contributor ledger.ContributorCode // of a donor, and of nobody else
}

// SignedIn returns the actor of an identity, who is recorded when new. An identity with another role, or of another
// contributor, is another actor: what was done in a role stays done in it.
// Errors: [ledger.RuleUnauthenticated] when a donor's contributor is not known.
func (s *Store) SignedIn(ctx context.Context, in Identity) (ledger.Actor, error) {
	identity := fmt.Sprintf("%s|%s|%s|%s", url.QueryEscape(in.Issuer), url.QueryEscape(in.Subject), in.Role, in.Contributor)
	var a ledger.Actor
	read := func() error {
		return s.get(ctx, &a, `SELECT id, name, role, coalesce(contributor, '') AS contributor FROM actor WHERE identity = $1`, identity)
	}
	if err := read(); !noRows(err) {
		return a, err
	}
	if in.Contributor != "" {
		if _, err := s.Contributor(ctx, in.Contributor); err != nil {
			return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The provider names a contributor that there is not.")
		}
	}
	// Two people may have one name; the subject tells them apart.
	var added int
	err := s.get(ctx, &added, `
		WITH added AS (
		    INSERT INTO actor (name, role, contributor, identity)
		    SELECT CASE WHEN EXISTS (SELECT FROM actor WHERE name = $1) THEN $1 || ' [' || $2 || ']' ELSE $1 END, $3, nullif($4, ''), $5
		    ON CONFLICT DO NOTHING RETURNING id)
		SELECT count(*) FROM added`,
		fmt.Sprintf("%s (%s)", in.Name, in.Role), in.Subject, in.Role, in.Contributor, identity)
	if err != nil {
		return ledger.Actor{}, translate(err)
	}
	if err := read(); err != nil {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "Somebody else has the name %s.", in.Name)
	}
	return a, nil
}

// StartSession signs a browser in and returns the cookie's value: 256 random bits that are kept only as a hash.
func (s *Store) StartSession(ctx context.Context, o Origin, actor ledger.Actor) (token string, err error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", fmt.Errorf("read random bytes: %w", err)
	}
	token = base64.RawURLEncoding.EncodeToString(raw)
	var id int64
	err = s.get(ctx, &id, `
		WITH old AS (DELETE FROM session WHERE expires_at < now() - interval '1 day'),
		     added AS (INSERT INTO session (hash, actor_id, key_id, expires_at) VALUES ($1, $2, $3, now() + make_interval(secs => $4)))
		INSERT INTO audit (request_id, actor_id, key_id, address, operation, outcome) VALUES ($5, $2, $3, $6, $7, 'done') RETURNING id`,
		hashKey(token), actor.ID, nullUUID(actor.Key), int(SessionLife.Seconds()), nullUUID(o.Request), o.Address, o.Operation)
	return token, translate(err)
}

// SessionActor returns who is signed in under a cookie.
// Errors: [ledger.RuleUnauthenticated] when nobody is any more.
func (s *Store) SessionActor(ctx context.Context, token string) (ledger.Actor, error) {
	var row struct {
		ledger.Actor
		KeyID uuid.NullUUID `db:"key_id"`
	}
	err := s.get(ctx, &row, `
		SELECT a.id, a.name, a.role, coalesce(a.contributor, '') AS contributor, n.key_id
		FROM session n JOIN actor a ON a.id = n.actor_id LEFT JOIN api_key k ON k.id = n.key_id
		WHERE n.hash = $1 AND n.ended_at IS NULL AND n.expires_at > now()
		  AND (k.id IS NULL OR k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now()))`, hashKey(token))
	if noRows(err) {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "Nobody is signed in.")
	}
	row.Actor.Key = row.KeyID.UUID
	return row.Actor, translate(err)
}

// EndSession signs a browser out; one that is signed out already stays so.
func (s *Store) EndSession(ctx context.Context, o Origin, token string) error {
	var ended int
	return translate(s.get(ctx, &ended, `
		WITH ended AS (UPDATE session SET ended_at = now() WHERE hash = $1 AND ended_at IS NULL RETURNING actor_id, key_id),
		     told AS (INSERT INTO audit (request_id, actor_id, key_id, address, operation, outcome)
		              SELECT $2, actor_id, key_id, $3, $4, 'done' FROM ended)
		SELECT count(*) FROM ended`, hashKey(token), nullUUID(o.Request), o.Address, o.Operation))
}
