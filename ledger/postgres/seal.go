package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"golang.org/x/mod/sumdb/tlog"

	"vcledger/ledger"
	"vcledger/ledger/proof"
)

// sealBatch is how many leaves are sealed in one transaction.
const sealBatch = 10_000

// Log is what the store signs its log with, and who is told of each checkpoint outside the database.
type Log struct {
	Signer  *proof.Signer           // nil: a log that no key ever signed is sealed and not signed
	Witness func(checkpoint string) // nil: nobody is told. Readers wait for it, so it must not wait for others
}

// UseLog makes the store sign its log. It is called before the store is used by others.
func (s *Store) UseLog(l Log) { s.log = l }

// LogKeys are the keys that the log may be signed with; nil when it is not signed.
func (s *Store) LogKeys(ctx context.Context) (*proof.Keys, error) {
	if s.log.Signer == nil {
		return nil, nil
	}
	vouchers, err := s.Vouchers(ctx)
	if err != nil {
		return nil, err
	}
	return s.log.Signer.Keys(vouchers)
}

// batch is how far the log was sealed.
type batch struct {
	Size   int64
	Events int64
	Root   []byte
}

// Seal brings into the log what was committed before the call, and signs it. Any number of processes may seal: one at a time
// does. Without anything to seal it needs no key.
// Errors: [ledger.RuleUnavailable] when a key signs the log and the store has none.
func (s *Store) Seal(ctx context.Context) error {
	ctx = AsDonor(ctx, "") // the log is everybody's
	s.sealing.Lock()
	defer s.sealing.Unlock()
	for {
		more, signed, err := s.sealSome(ctx)
		if err != nil {
			return translate(err)
		}
		if signed != "" && s.log.Witness != nil {
			s.log.Witness(signed)
		}
		if !more {
			return nil
		}
	}
}

// SealEvery seals again and again until the context ends, and tells of each failure.
func (s *Store) SealEvery(ctx context.Context, interval time.Duration, failed func(error)) {
	tick := time.NewTicker(interval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			if err := s.sealWaiting(ctx); err != nil && ctx.Err() == nil {
				failed(err)
			}
		}
	}
}

// sealWaiting seals when something waits for it.
func (s *Store) sealWaiting(ctx context.Context) error {
	var waits bool
	if err := s.db.GetContext(ctx, &waits, `SELECT log_waits()`); err != nil {
		return fmt.Errorf("look what waits for the log: %w", err)
	}
	if !waits {
		return nil
	}
	return s.Seal(ctx)
}

// sealSome seals one batch in a transaction of its own. It takes no slot: whoever waits for it may hold one.
func (s *Store) sealSome(ctx context.Context) (more bool, signed string, err error) {
	db, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return false, "", fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = db.Rollback() }() // after a commit this does nothing
	// The lock is a statement of its own: the next one then sees what its last holder committed.
	if _, err := db.ExecContext(ctx, `SELECT pg_advisory_xact_lock($1, 0)`, lockEvents); err != nil {
		return false, "", fmt.Errorf("wait to seal: %w", err)
	}
	if _, err := db.ExecContext(ctx, placeEvents); err != nil {
		return false, "", fmt.Errorf("order the entries: %w", err)
	}
	last, err := lastBatch(ctx, db)
	if err != nil {
		return false, "", err
	}
	if err := s.beginKey(ctx, db, last.Size); err != nil {
		return false, "", err
	}
	next, err := placeLeaves(ctx, db, last)
	if err != nil {
		return false, "", err
	}
	if next.Size > last.Size {
		if err := s.mayExtend(ctx, db); err != nil {
			return false, "", err
		}
		if err := s.hashLeaves(ctx, db, last.Size, &next); err != nil {
			return false, "", err
		}
	}
	if signed, err = s.signBatch(ctx, db, next); err != nil {
		return false, "", err
	}
	if err := db.Commit(); err != nil {
		return false, "", fmt.Errorf("commit: %w", err)
	}
	return next.Size-last.Size >= sealBatch, signed, nil
}

func lastBatch(ctx context.Context, db sqlx.QueryerContext) (batch, error) {
	var last batch
	err := sqlx.GetContext(ctx, db, &last, `SELECT size, events, root FROM log_batch ORDER BY size DESC LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return batch{}, nil
	}
	if err != nil {
		return last, fmt.Errorf("read how far the log goes: %w", err)
	}
	return last, nil
}

// beginKey records that the key of the store signs from here on, the first time that it does. The leaf of one that was taken
// away stays, and vcledger verify tells of it.
func (s *Store) beginKey(ctx context.Context, db *sqlx.Tx, size int64) error {
	if s.log.Signer == nil {
		return nil
	}
	if _, err := db.ExecContext(ctx, `
		INSERT INTO log_key (key, size) SELECT $1, $2
		WHERE NOT EXISTS (SELECT FROM log_leaf WHERE kind = 'log_key' AND key = $1 AND id IS NULL) ON CONFLICT DO NOTHING`, s.log.Signer.Public(), size); err != nil {
		return fmt.Errorf("record who signs the log: %w", err)
	}
	return nil
}

// LacksKey reports whether the log is signed and this store has no key to sign it.
func (s *Store) LacksKey(ctx context.Context) (bool, error) {
	return s.lacksKey(AsDonor(ctx, ""), s.db)
}

func (s *Store) lacksKey(ctx context.Context, db sqlx.QueryerContext) (bool, error) {
	if s.log.Signer != nil {
		return false, nil
	}
	var signed bool
	if err := sqlx.GetContext(ctx, db, &signed, `SELECT EXISTS (SELECT FROM log_key)`); err != nil {
		return false, fmt.Errorf("look whether the log is signed: %w", err)
	}
	return signed, nil
}

// mayExtend refuses to seal without a key what a key signs: its checkpoint would be missed ever after.
func (s *Store) mayExtend(ctx context.Context, db sqlx.QueryerContext) error {
	lacks, err := s.lacksKey(ctx, db)
	if err == nil && lacks {
		err = ledger.Fail(ledger.RuleUnavailable, "The log of this ledger is signed, and what waits to be sealed needs its key (--log-key).")
	}
	return err
}

// placeLeaves gives the next records their positions: those without an entry first, for entries refer to them.
func placeLeaves(ctx context.Context, db *sqlx.Tx, last batch) (batch, error) {
	next := last
	r, err := db.ExecContext(ctx, `
		WITH taken AS (
		    DELETE FROM log_queue WHERE number IN (SELECT number FROM log_queue ORDER BY number LIMIT $2) RETURNING number, kind, id, key)
		INSERT INTO log_leaf (position, kind, id, key)
		SELECT $1 + row_number() OVER (ORDER BY number) - 1, kind, id, key FROM taken`, last.Size, sealBatch)
	if err != nil {
		return next, fmt.Errorf("place the records in the log: %w", err)
	}
	n, err := r.RowsAffected()
	if err != nil {
		return next, fmt.Errorf("count the records: %w", err)
	}
	next.Size += n
	if r, err = db.ExecContext(ctx, `
		INSERT INTO log_leaf (position, kind, id)
		SELECT $1 + position - $2 - 1, 'journal_entry', entry_id FROM event WHERE position > $2 ORDER BY position LIMIT $3`, next.Size, last.Events, sealBatch-n); err != nil {
		return next, fmt.Errorf("place the entries in the log: %w", err)
	}
	if n, err = r.RowsAffected(); err != nil {
		return next, fmt.Errorf("count the entries: %w", err)
	}
	next.Size += n
	next.Events += n
	return next, nil
}

// hashLeaves makes the leaves from a position on and keeps their hashes, and the new root.
func (s *Store) hashLeaves(ctx context.Context, db *sqlx.Tx, from int64, next *batch) error {
	reader, err := newLeafReader(ctx, db)
	if err != nil {
		return err
	}
	leaves, err := reader.between(ctx, from, next.Size)
	if err != nil {
		return err
	}
	h := &hashReader{ctx: ctx, db: db, fresh: map[int64]tlog.Hash{}}
	var indexes []int64
	var hashes [][]byte
	for _, leaf := range leaves {
		stored, err := tlog.StoredHashesForRecordHash(leaf.Position, proof.LeafHash(leaf.commitments), h)
		if err != nil {
			return fmt.Errorf("hash the log: %w", err)
		}
		index := tlog.StoredHashIndex(0, leaf.Position)
		for i, hash := range stored {
			h.fresh[index+int64(i)] = hash
			indexes, hashes = append(indexes, index+int64(i)), append(hashes, append([]byte(nil), hash[:]...))
		}
	}
	root, err := tlog.TreeHash(next.Size, h)
	if err != nil {
		return fmt.Errorf("hash the log: %w", err)
	}
	next.Root = root[:]
	if _, err := db.ExecContext(ctx, `INSERT INTO log_hash (index, hash) SELECT * FROM unnest($1::bigint[], $2::bytea[])`, pq.Array(indexes), pq.ByteaArray(hashes)); err != nil {
		return fmt.Errorf("keep the hashes of the log: %w", err)
	}
	if _, err := db.ExecContext(ctx, `INSERT INTO log_batch (size, events, root) VALUES ($1, $2, $3)`, next.Size, next.Events, next.Root); err != nil {
		return fmt.Errorf("keep the root of the log: %w", err)
	}
	return nil
}

// signBatch signs how far the log goes, when nobody did with this key.
func (s *Store) signBatch(ctx context.Context, db *sqlx.Tx, b batch) (string, error) {
	if s.log.Signer == nil || b.Size == 0 {
		return "", nil
	}
	// What a batch says of itself is not signed unless the tree says the same; vcledger verify tells of it.
	root, err := tlog.TreeHash(b.Size, &hashReader{ctx: ctx, db: db, fresh: map[int64]tlog.Hash{}})
	if err != nil || !bytes.Equal(root[:], b.Root) {
		return "", ctx.Err()
	}
	c := proof.Checkpoint{Origin: s.log.Signer.Origin(), Size: b.Size, Root: root}
	signed, err := s.log.Signer.Sign(c.Text())
	if err != nil {
		return "", err
	}
	r, err := db.ExecContext(ctx, `INSERT INTO log_checkpoint (size, key, note) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING`, b.Size, s.log.Signer.Public(), signed)
	if err != nil {
		return "", fmt.Errorf("keep the checkpoint: %w", err)
	}
	n, err := r.RowsAffected()
	if err != nil || n == 0 {
		return "", err
	}
	return signed, nil
}

// hashReader reads the hashes of the tree, those first that are new.
type hashReader struct {
	ctx   context.Context
	db    sqlx.QueryerContext
	fresh map[int64]tlog.Hash
}

// ReadHashes implements [tlog.HashReader].
func (h *hashReader) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	var missing []int64
	for _, index := range indexes {
		if _, ok := h.fresh[index]; !ok {
			missing = append(missing, index)
		}
	}
	if len(missing) > 0 {
		var rows []struct {
			Index int64
			Hash  []byte
		}
		if err := sqlx.SelectContext(h.ctx, h.db, &rows, `SELECT index, hash FROM log_hash WHERE index = ANY ($1)`, pq.Array(missing)); err != nil {
			return nil, fmt.Errorf("read hashes of the log: %w", err)
		}
		for _, r := range rows {
			h.fresh[r.Index] = tlog.Hash(r.Hash)
		}
	}
	for i, index := range indexes {
		hash, ok := h.fresh[index]
		if !ok {
			return nil, fmt.Errorf("hash %d of the log is missing", index)
		}
		list[i] = hash
	}
	return list, nil
}

// UnsignedSizes are the sizes at which the log was sealed and not signed, though a key signed it by then.
func (s *Store) UnsignedSizes(ctx context.Context) ([]int64, error) {
	var sizes []int64
	err := s.selectRows(ctx, &sizes, `
		SELECT b.size FROM log_batch b
		WHERE b.size > (SELECT min(k.size) FROM log_key k) AND NOT EXISTS (SELECT FROM log_checkpoint c WHERE c.size = b.size)
		ORDER BY b.size`)
	return sizes, translate(err)
}

// HasCheckpoint reports whether the database has a signed note as it is.
func (s *Store) HasCheckpoint(ctx context.Context, size int64, note string) (bool, error) {
	var has bool
	err := s.get(ctx, &has, `SELECT EXISTS (SELECT FROM log_checkpoint WHERE size = $1 AND note = $2)`, size, note)
	return has, translate(err)
}

// RootAt returns the root of the log as it was sealed with a number of records, and false when it never was.
func (s *Store) RootAt(ctx context.Context, size int64) (root tlog.Hash, sealed bool, err error) {
	var b []byte
	err = s.get(ctx, &b, `SELECT root FROM log_batch WHERE size = $1`, size)
	if noRows(err) {
		return root, false, nil
	}
	return root, copy(root[:], b) == len(root), translate(err)
}

// Vouch keeps the note by which the log's key vouches for a new one.
func (s *Store) Vouch(ctx context.Context, public, note string) error {
	db, end, err := s.begin(ctx, nil)
	if err != nil {
		return err
	}
	defer end()
	if _, err := db.ExecContext(ctx, `INSERT INTO log_voucher (key, note) VALUES ($1, $2) ON CONFLICT DO NOTHING`, public, note); err != nil {
		return translate(fmt.Errorf("keep the voucher: %w", err))
	}
	if err := db.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// Vouchers are the notes by which keys of the log vouch for newer ones.
func (s *Store) Vouchers(ctx context.Context) ([]string, error) {
	var list []string
	err := s.selectRows(ctx, &list, `SELECT note FROM log_voucher ORDER BY recorded_at, key`)
	return list, translate(err)
}
