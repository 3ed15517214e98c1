package postgres

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"

	"vcledger/ledger"
)

// KeyPrefix makes a key recognisable, to a person and to a scanner for secrets.
const KeyPrefix = "vcl_"

// Key is a bearer key without its secret.
type Key struct {
	ID          uuid.UUID
	Actor       string
	Role        ledger.Role
	Contributor ledger.ContributorCode
	RecordedAt  time.Time
	ExpiresAt   time.Time // zero when it does not end by itself
	LastUsedAt  time.Time // to the minute; zero when it never was
	RevokedAt   time.Time // zero while the key is good
}

// KeyInput asks for a key.
type KeyInput struct {
	Actor       string // who holds it; recorded when new
	Role        ledger.Role
	Contributor ledger.ContributorCode // of a donor, and of nobody else
	ExpiresAt   time.Time              // zero for a key that does not end by itself
}

// CreateKey makes a key for an actor and returns its secret: 256 random bits that are kept only as a hash and cannot be
// shown again. A replay, and a dry run, has none.
// Errors: [ledger.RuleCodeTaken] when an actor of the name has another role, [ledger.RuleContributorUnknown],
// [ledger.RuleKey].
func (s *Store) CreateKey(ctx context.Context, c Command, in KeyInput) (secret string, a Answer, err error) {
	raw := make([]byte, 32)
	if _, err := rand.Read(raw); err != nil {
		return "", Answer{}, fmt.Errorf("read random bytes: %w", err)
	}
	secret = KeyPrefix + base64.RawURLEncoding.EncodeToString(raw)
	a, err = s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) { return t.createKey(ctx, in, hashKey(secret)) })
	if err != nil || a.Replayed || c.DryRun {
		secret = ""
	}
	return secret, a, err
}

func (t *tx) createKey(ctx context.Context, in KeyInput, hash []byte) (*Key, error) {
	var v ledger.Violations
	if (in.Role == ledger.RoleDonor) != (in.Contributor != "") {
		v.Add("/contributor", ledger.RuleKey, "A donor's key names its contributor; another's names none.")
	}
	if !in.ExpiresAt.IsZero() && !in.ExpiresAt.After(t.now) {
		v.Add("/expires_at", ledger.RuleKey, "The key would have ended already.")
	}
	if in.Contributor != "" {
		known, err := t.known(ctx, "contributor", string(in.Contributor))
		if err != nil {
			return nil, err
		}
		if !known[string(in.Contributor)] {
			v.Add("/contributor", ledger.RuleContributorUnknown, "No contributor has the code %s.", in.Contributor)
		}
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	id, err := newID()
	if err != nil {
		return nil, err
	}
	k := &Key{ID: id, Actor: in.Actor, Role: in.Role, Contributor: in.Contributor, RecordedAt: t.now, ExpiresAt: in.ExpiresAt}
	return k, t.exec(ctx, `
		WITH existing AS (SELECT id FROM actor WHERE name = $2 AND role = $3 AND contributor IS NOT DISTINCT FROM nullif($4, '')),
		     added AS (INSERT INTO actor (name, role, contributor)
		               SELECT $2, $3, nullif($4, '') WHERE NOT EXISTS (SELECT FROM existing) RETURNING id)
		INSERT INTO api_key (id, actor_id, hash, expires_at)
		SELECT $1, id, $5, $6 FROM (SELECT id FROM existing UNION ALL SELECT id FROM added) a`,
		id, in.Actor, in.Role, in.Contributor, hash, nullTime(in.ExpiresAt))
}

func nullTime(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	return &t
}

func timeOf(t *time.Time) time.Time {
	if t == nil {
		return time.Time{}
	}
	return t.UTC()
}

func hashKey(secret string) []byte {
	h := sha256.Sum256([]byte(secret))
	return h[:]
}

// Authenticate returns the actor who holds a key, and remembers that the key was used.
// Errors: [ledger.RuleUnauthenticated] when no key that is good has the secret.
func (s *Store) Authenticate(ctx context.Context, secret string) (ledger.Actor, error) {
	holder, found, err := s.holders.get(ctx, keyHash(sha256.Sum256([]byte(secret))))
	if err == nil && !found {
		return ledger.Actor{}, ledger.Fail(ledger.RuleUnauthenticated, "The key is not valid.")
	}
	return holder, translate(err)
}

// keyHash is what is kept of a key's secret.
type keyHash [sha256.Size]byte

// holderTimeout is how long a look-up of keys may take.
const holderTimeout = 5 * time.Second

// findHolders returns who holds the good ones of some keys, and remembers that these were used.
func (s *Store) findHolders(ctx context.Context, keys []keyHash) (map[keyHash]ledger.Actor, error) {
	hashes := make([][]byte, len(keys))
	for i := range keys {
		hashes[i] = keys[i][:]
	}
	var rows []struct {
		ledger.Actor
		Hash  []byte
		Stale bool
	}
	err := s.selectRows(ctx, &rows, `
		SELECT a.id, a.name, a.role, coalesce(a.contributor, '') AS contributor, k.id AS key, k.hash,
		       coalesce(k.last_used_at, '-infinity') < now() - interval '1 minute' AS stale
		FROM api_key k JOIN actor a ON a.id = k.actor_id
		WHERE k.hash = ANY ($1) AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())`, pq.Array(hashes))
	if err != nil {
		return nil, err
	}
	found := make(map[keyHash]ledger.Actor, len(rows))
	var stale []uuid.UUID
	for _, r := range rows {
		found[keyHash(r.Hash)] = r.Actor
		if r.Stale {
			stale = append(stale, r.Key)
		}
	}
	if len(stale) > 0 { // by itself, once a minute: a statement that may write costs every request more
		_, err = s.db.ExecContext(ctx, `UPDATE api_key SET last_used_at = now() WHERE id = ANY ($1)`, pq.Array(stale))
	}
	return found, err
}

// System returns the actor that stands for the command itself.
func (s *Store) System(ctx context.Context) (ledger.Actor, error) {
	var a ledger.Actor
	err := s.get(ctx, &a, `SELECT id, name, role, '' AS contributor FROM actor WHERE role = 'system'`)
	return a, err
}

type keyRecordRow struct {
	ID          uuid.UUID
	Actor       string
	Role        string
	Contributor string
	RecordedAt  time.Time  `db:"recorded_at"`
	ExpiresAt   *time.Time `db:"expires_at"`
	LastUsedAt  *time.Time `db:"last_used_at"`
	RevokedAt   *time.Time `db:"revoked_at"`
}

func (r keyRecordRow) key() Key {
	return Key{ID: r.ID, Actor: r.Actor, Role: ledger.Role(r.Role), Contributor: ledger.ContributorCode(r.Contributor), RecordedAt: r.RecordedAt.UTC(),
		ExpiresAt: timeOf(r.ExpiresAt), LastUsedAt: timeOf(r.LastUsedAt), RevokedAt: timeOf(r.RevokedAt)}
}

const keyColumns = `k.id, a.name AS actor, a.role, coalesce(a.contributor, '') AS contributor, k.recorded_at, k.expires_at, k.last_used_at, k.revoked_at`

// Keys lists the keys in the order in which they were made, after the given one.
func (s *Store) Keys(ctx context.Context, after uuid.UUID, limit int) ([]Key, error) {
	var rows []keyRecordRow
	err := s.selectRows(ctx, &rows, `
		SELECT `+keyColumns+` FROM api_key k JOIN actor a ON a.id = k.actor_id WHERE k.id > $1 ORDER BY k.id LIMIT $2`, after, limit)
	return transform(rows, keyRecordRow.key), err
}

// RevokeKey ends a key; revoking it again changes nothing.
// Errors: [ledger.RuleNotFound].
func (s *Store) RevokeKey(ctx context.Context, c Command, id uuid.UUID) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		var row keyRecordRow
		err := t.get(ctx, &row, `
			UPDATE api_key k SET revoked_at = coalesce(revoked_at, now()) FROM actor a WHERE k.id = $1 AND a.id = k.actor_id RETURNING `+keyColumns, id)
		if noRows(err) {
			return nil, ledger.Fail(ledger.RuleNotFound, "There is no such key.")
		}
		k := row.key()
		return &k, err
	})
}
