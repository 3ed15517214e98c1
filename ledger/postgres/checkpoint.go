package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"golang.org/x/mod/sumdb/tlog"

	"vcledger/ledger"
	"vcledger/ledger/proof"
)

// Checkpoint is a signed checkpoint of the log, with the public key and the vouchers that lead to it.
type Checkpoint struct {
	Size     int64
	Note     string
	Key      string
	Vouchers []string
}

// file is a proof that has a checkpoint and no leaf yet.
func (c *Checkpoint) file() *proof.File {
	return &proof.File{Format: proof.FileFormat, Key: c.Key, Vouchers: c.Vouchers, Checkpoint: c.Note, Leaves: []proof.ProvedLeaf{}}
}

func errLogUnsigned() error {
	return ledger.Fail(ledger.RuleUnavailable, "The log of this ledger is not signed.")
}

// unsigned says of a size that was asked for that no checkpoint has it.
func unsigned(v *ledger.Violations, pointer string, size int64) {
	v.Add(pointer, ledger.RuleOutOfRange, "The log was never signed with %d records: the size is that of a checkpoint.", size)
}

// LastCheckpoint seals what waits and returns the last checkpoint.
// Errors: [ledger.RuleUnavailable] when the log is not signed.
func (s *Store) LastCheckpoint(ctx context.Context) (*Checkpoint, error) {
	ctx = AsDonor(ctx, "")
	if err := s.signWaiting(ctx); err != nil {
		return nil, translate(err)
	}
	c, err := checkpointAt(ctx, s.db, 0)
	if err == nil && c == nil {
		err = errLogUnsigned()
	}
	return c, translate(err)
}

// signWaiting seals what waits, and signs a log that was sealed already when the key of the store did not sign it yet.
func (s *Store) signWaiting(ctx context.Context) error {
	if err := s.sealWaiting(ctx); err != nil || s.log.Signer == nil {
		return err
	}
	last, err := checkpointAt(ctx, s.db, 0)
	if err == nil && (last == nil || last.Key != s.log.Signer.Public()) {
		err = s.Seal(ctx)
	}
	return err
}

// checkpointAt returns the checkpoint of a size, or the last one for 0, as it was signed last; nil when there is none.
func checkpointAt(ctx context.Context, db sqlx.QueryerContext, size int64) (*Checkpoint, error) {
	return findCheckpoint(ctx, db, `SELECT size, note, key FROM log_checkpoint WHERE $1::bigint = 0 OR size = $1 ORDER BY size DESC, recorded_at DESC LIMIT 1`, size)
}

// findCheckpoint returns the checkpoint that a query finds, with all vouchers; nil when it finds none.
func findCheckpoint(ctx context.Context, db sqlx.QueryerContext, query string, args ...any) (*Checkpoint, error) {
	var c Checkpoint
	err := sqlx.GetContext(ctx, db, &c, query, args...)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a checkpoint: %w", err)
	}
	if err := sqlx.SelectContext(ctx, db, &c.Vouchers, `SELECT note FROM log_voucher ORDER BY recorded_at, key`); err != nil {
		return nil, fmt.Errorf("read the vouchers: %w", err)
	}
	return &c, nil
}

// Consistent returns the proof that the log of one size begins with the whole of the log of another; to is the log as it is
// now when it is 0. Both were signed.
// Errors: [ledger.RuleOutOfRange], [ledger.RuleUnavailable] when the log is not signed.
func (s *Store) Consistent(ctx context.Context, from, to int64) (*proof.File, error) {
	ctx = AsDonor(ctx, "")
	later, err := s.LastCheckpoint(ctx)
	if err != nil {
		return nil, err
	}
	if to > 0 {
		if later, err = checkpointAt(ctx, s.db, to); err != nil {
			return nil, translate(err)
		}
	}
	earlier, err := checkpointAt(ctx, s.db, from)
	if err != nil {
		return nil, translate(err)
	}
	var v ledger.Violations
	if earlier == nil {
		unsigned(&v, "?from", from)
	}
	if later == nil {
		unsigned(&v, "?to", to)
	}
	if earlier != nil && later != nil && later.Size < earlier.Size {
		v.Add("?to", ledger.RuleOutOfRange, "The later log has %d records, fewer than the earlier one.", later.Size)
	}
	if len(v) > 0 {
		return nil, v.Err()
	}
	return s.consistent(ctx, earlier, later)
}

func (s *Store) consistent(ctx context.Context, earlier, later *Checkpoint) (*proof.File, error) {
	path, err := tlog.ProveTree(later.Size, earlier.Size, &hashReader{ctx: ctx, db: s.db, fresh: map[int64]tlog.Hash{}})
	if err != nil {
		return nil, fmt.Errorf("prove that the log grew: %w", err)
	}
	f := later.file()
	f.Consistency = &proof.Consistency{Checkpoint: earlier.Note, Path: proof.Path(path)}
	return f, nil
}

// ProveGrowth returns the proof for what was read of the whole books as they were known at an instant: the first checkpoint
// of a log that has every entry recorded until then, so that what is recorded later changes nothing, and that this log begins
// with the whole of the log as it was last signed before another instant. There is no such earlier one when the log is
// younger. Nil when the log is not signed.
func (s *Store) ProveGrowth(ctx context.Context, knownAt, before time.Time) (*proof.File, error) {
	if s.log.Signer == nil {
		return nil, nil
	}
	ctx = AsDonor(ctx, "")
	if err := s.signWaiting(ctx); err != nil {
		return nil, translate(err)
	}
	later, err := findCheckpoint(ctx, s.db, `
		SELECT size, note, key FROM log_checkpoint
		WHERE size > coalesce((SELECT l.position FROM log_leaf l JOIN journal_entry e ON e.id = l.id
		                       WHERE l.kind = 'journal_entry' AND e.recorded_at <= $1 ORDER BY l.position DESC LIMIT 1), -1)
		ORDER BY size, recorded_at DESC LIMIT 1`, knownAt)
	if err != nil || later == nil {
		return nil, translate(err)
	}
	earlier, err := findCheckpoint(ctx, s.db, `
		SELECT size, note, key FROM log_checkpoint WHERE recorded_at < $1 AND size <= $2 ORDER BY size DESC, recorded_at DESC LIMIT 1`, before, later.Size)
	if err != nil {
		return nil, translate(err)
	}
	if earlier == nil {
		return later.file(), nil
	}
	return s.consistent(ctx, earlier, later)
}

// SignDocument signs the hash of a document under the name by which people know it, and puts it into the document's proof.
func (s *Store) SignDocument(f *proof.File, name string, sha256 []byte) error {
	signed, err := s.log.Signer.SignDocument(name, sha256)
	if err == nil {
		f.Document = signed
	}
	return err
}

// PublicKeys are the public keys of the log, the oldest first, each but that with the note by which an older one vouches for
// it; signs is the one that signs now.
// Errors: [ledger.RuleUnavailable] when the log is not signed.
func (s *Store) PublicKeys(ctx context.Context) (keys []proof.TrustedKey, signs string, err error) {
	trusted, err := s.LogKeys(AsDonor(ctx, ""))
	if err == nil && trusted == nil {
		err = errLogUnsigned()
	}
	if err != nil {
		return nil, "", err
	}
	return trusted.List(), s.log.Signer.Public(), nil
}
