package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/google/uuid"

	"vcledger/ledger"
)

// keyPrefix makes a key recognisable, to a person and to a scanner for secrets.
const keyPrefix = "vcl_"

// Key is a bearer key without its secret.
type Key struct {
	ID          uuid.UUID
	Actor       string
	Role        ledger.Role
	Contributor ledger.ContributorCode
	RecordedAt  time.Time
	RevokedAt   time.Time // zero while the key is good
}

// CreateKey makes a key for an actor, who is recorded when new, and returns its secret: 256 random bits that are kept
// only as a hash and cannot be shown again.
// Errors: [ledger.RuleCodeTaken] when an actor of the name has another role, [ledger.RuleContributorUnknown].
func (s *Store) CreateKey(ctx context.Context, name string, role ledger.Role, contributor ledger.ContributorCode) (secret string, k Key, err error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", Key{}, fmt.Errorf("read random bytes: %w", err)
	}
	secret = keyPrefix + base64.RawURLEncoding.EncodeToString(raw)
	if k.ID, err = newID(); err != nil {
		return "", Key{}, err
	}
	if contributor != "" {
		if _, err := s.Contributor(ctx, contributor); err != nil {
			return "", Key{}, ledger.Fail(ledger.RuleContributorUnknown, "No contributor has the code %s.", contributor)
		}
	}
	err = s.get(ctx, &k.RecordedAt, `
		WITH existing AS (SELECT id FROM actor WHERE name = $2 AND role = $3 AND contributor IS NOT DISTINCT FROM nullif($4, '')),
		     added AS (INSERT INTO actor (name, role, contributor)
		               SELECT $2, $3, nullif($4, '') WHERE NOT EXISTS (SELECT FROM existing) RETURNING id)
		INSERT INTO api_key (id, actor_id, hash)
		SELECT $1, id, $5 FROM (SELECT id FROM existing UNION ALL SELECT id FROM added) a RETURNING recorded_at`,
		k.ID, name, role, contributor, hashKey(secret))
	k.Actor, k.Role, k.Contributor = name, role, contributor
	return secret, k, translate(err)
}

func hashKey(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// Authenticate returns the actor who holds a key.
// Errors: [ledger.RuleUnauthenticated] when no key that is good has the secret.
func (s *Store) Authenticate(ctx context.Context, secret string) (ledger.Actor, error) {
	var a ledger.Actor
	err := s.get(ctx, &a, `
		SELECT a.id, a.name, a.role, coalesce(a.contributor, '') AS contributor
		FROM api_key k JOIN actor a ON a.id = k.actor_id WHERE k.hash = $1 AND k.revoked_at IS NULL`, hashKey(secret))
	if noRows(err) {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The key is not valid.")
	}
	return a, translate(err)
}

// System returns the actor that stands for the command itself.
func (s *Store) System(ctx context.Context) (ledger.Actor, error) {
	var a ledger.Actor
	err := s.get(ctx, &a, `SELECT id, name, role, '' AS contributor FROM actor WHERE role = 'system'`)
	return a, err
}

// Keys lists the keys in the order in which they were made.
func (s *Store) Keys(ctx context.Context) ([]Key, error) {
	var rows []struct {
		ID          uuid.UUID
		Actor       string
		Role        string
		Contributor string
		RecordedAt  time.Time  `db:"recorded_at"`
		RevokedAt   *time.Time `db:"revoked_at"`
	}
	err := s.selectRows(ctx, &rows, `
		SELECT k.id, a.name AS actor, a.role, coalesce(a.contributor, '') AS contributor, k.recorded_at, k.revoked_at
		FROM api_key k JOIN actor a ON a.id = k.actor_id ORDER BY k.id`)
	if err != nil {
		return nil, err
	}
	list := make([]Key, len(rows))
	for i, r := range rows {
		list[i] = Key{ID: r.ID, Actor: r.Actor, Role: ledger.Role(r.Role), Contributor: ledger.ContributorCode(r.Contributor), RecordedAt: r.RecordedAt.UTC()}
		if r.RevokedAt != nil {
			list[i].RevokedAt = r.RevokedAt.UTC()
		}
	}
	return list, nil
}

// RevokeKey ends a key; revoking it again changes nothing.
// Errors: [ledger.RuleNotFound].
func (s *Store) RevokeKey(ctx context.Context, id uuid.UUID) error {
	var revoked time.Time
	err := s.get(ctx, &revoked, `UPDATE api_key SET revoked_at = coalesce(revoked_at, now()) WHERE id = $1 RETURNING revoked_at`, id)
	if noRows(err) {
		return ledger.Fail(ledger.RuleNotFound, "There is no such key.")
	}
	return err
}
