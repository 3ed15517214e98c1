package postgres

import (
	"bytes"
	"context"
	"database/sql"
	_ "embed"
	"fmt"
	"strings"

	"github.com/jmoiron/sqlx"
	"golang.org/x/mod/sumdb/tlog"

	"vcledger/ledger/proof"
)

// verifyBatch is how many leaves are made at a time.
const verifyBatch = 20_000

// guards is what keeps the books as the migrations leave it: a name and a hash of the definition, one a line.
//
//go:embed guards.txt
var guards string

// Verification is a look at the whole database.
type Verification struct {
	Keys     *proof.Keys                        // that the log may be signed with; nil: signatures are not looked at
	Progress func(phase string, done, of int64) // may be nil
	Found    func(difference string)            // is told of each difference, the first one first
}

// Verified is what was looked at.
type Verified struct {
	Leaves      int64
	Entries     int64
	Checkpoints int
	Root        tlog.Hash
}

// verifier is a verification under way.
type verifier struct {
	Verification
	ctx    context.Context
	db     *sqlx.Tx
	hashes []tlog.Hash // of the tree, made anew from the leaves as they were sealed
	size   int64
	roots  map[int64]tlog.Hash
}

// Verify seals what waits, makes every leaf anew from the tables, and holds it, the tree, the roots, the signed checkpoints,
// the derived state and the guards of the database against what was sealed.
func (s *Store) Verify(ctx context.Context, v Verification) (Verified, error) {
	if err := s.Seal(ctx); err != nil {
		return Verified{}, err
	}
	db, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return Verified{}, fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = db.Rollback() }() // nothing was written
	if _, err := db.ExecContext(ctx, `SELECT set_config('work_mem', '128MB', true)`); err != nil {
		return Verified{}, fmt.Errorf("ask for memory: %w", err)
	}
	if v.Progress == nil {
		v.Progress = func(string, int64, int64) {}
	}
	run := &verifier{Verification: v, ctx: ctx, db: db, roots: map[int64]tlog.Hash{}}
	var seen Verified
	for _, step := range []func(*Verified) error{run.order, run.leaves, run.sealings, run.checkpoints, run.unsealed, run.books, run.guards} {
		if err := step(&seen); err != nil {
			return seen, err
		}
	}
	return seen, nil
}

func (v *verifier) found(format string, args ...any) { v.Found(fmt.Sprintf(format, args...)) }

// order looks for gaps in the order of the log and for entries that changed places.
func (v *verifier) order(seen *Verified) error {
	last, err := lastBatch(v.ctx, v.db)
	if err != nil {
		return err
	}
	v.size = last.Size
	var o struct {
		Leaves, Entries, Highest, Events int64
		LastEvent                        int64 `db:"last_event"`
		Disordered                       int64
	}
	if err := v.db.GetContext(v.ctx, &o, `
		SELECT (SELECT count(*) FROM log_leaf) AS leaves, (SELECT count(*) FROM log_leaf WHERE kind = 'journal_entry') AS entries,
		       (SELECT coalesce(max(position), -1) FROM log_leaf) AS highest,
		       (SELECT count(*) FROM event) AS events, (SELECT coalesce(max(position), 0) FROM event) AS last_event,
		       (SELECT count(*) FROM (
		            SELECT e.position AS stream, row_number() OVER (ORDER BY l.position) AS log
		            FROM log_leaf l LEFT JOIN event e ON e.entry_id = l.id WHERE l.kind = 'journal_entry') x
		        WHERE x.stream IS DISTINCT FROM x.log) AS disordered`); err != nil {
		return fmt.Errorf("read the order of the log: %w", err)
	}
	seen.Leaves, seen.Entries = o.Leaves, o.Entries
	if o.Leaves != v.size || o.Highest != v.size-1 {
		v.found("The log was sealed with %d records; its order has %d, the last at position %d.", v.size, o.Leaves, o.Highest)
	}
	if o.Events != o.LastEvent || o.Events != o.Entries || last.Events != o.Events {
		v.found("The stream of changes has %d entries up to position %d; the log has %d, sealed up to %d.", o.Events, o.LastEvent, o.Entries, last.Events)
	}
	if o.Disordered > 0 {
		v.found("%d entries stand at another place in the stream of changes than in the log.", o.Disordered)
	}
	return nil
}

// leaves makes each leaf anew and compares it with what was sealed, and the tree above it with itself.
func (v *verifier) leaves(*Verified) error {
	reader, err := newLeafReader(v.ctx, v.db)
	if err != nil {
		return err
	}
	v.hashes = make([]tlog.Hash, 0, 2*v.size)
	for from := int64(0); from < v.size; from += verifyBatch {
		to := min(from+verifyBatch, v.size)
		leaves, err := reader.between(v.ctx, from, to)
		if err != nil {
			return err
		}
		at := make(map[int64]*sealedLeaf, len(leaves))
		for _, leaf := range leaves {
			at[leaf.Position] = leaf
		}
		stored, err := v.storedHashes(tlog.StoredHashIndex(0, from), tlog.StoredHashIndex(0, to))
		if err != nil {
			return err
		}
		for position := from; position < to; position++ {
			if err := v.leaf(position, at[position], stored); err != nil {
				return err
			}
		}
		v.Progress("records", to, v.size)
	}
	return nil
}

func (v *verifier) storedHashes(from, to int64) (map[int64]tlog.Hash, error) {
	var rows []struct {
		Index int64
		Hash  []byte
	}
	if err := v.db.SelectContext(v.ctx, &rows, `SELECT index, hash FROM log_hash WHERE index >= $1 AND index < $2`, from, to); err != nil {
		return nil, fmt.Errorf("read the hashes of the log: %w", err)
	}
	stored := make(map[int64]tlog.Hash, len(rows))
	for _, r := range rows {
		if len(r.Hash) == tlog.HashSize {
			stored[r.Index] = tlog.Hash(r.Hash)
		}
	}
	return stored, nil
}

// leaf compares one leaf. The tree is made of the hashes that were sealed, so that one change is told once.
func (v *verifier) leaf(position int64, leaf *sealedLeaf, stored map[int64]tlog.Hash) error {
	index := tlog.StoredHashIndex(0, position)
	sealed, kept := stored[index]
	made := sealed
	if leaf == nil {
		v.found("Position %d of the log is empty.", position)
	} else {
		made = proof.LeafHash(leaf.commitments)
		switch {
		case len(leaf.commitments) == 0:
			v.found("%s, at position %d of the log, is not there any more.", leaf.title(), position)
		case kept && made != sealed:
			v.found("%s, at position %d of the log, or a record that belongs to it, is not as it was sealed.", leaf.title(), position)
		}
	}
	if !kept {
		v.found("The hash of position %d of the log is missing.", position)
		sealed = made
	}
	above, err := tlog.StoredHashesForRecordHash(position, sealed, tlog.HashReaderFunc(v.read))
	if err != nil {
		return fmt.Errorf("hash the log: %w", err)
	}
	v.hashes = append(v.hashes, above...)
	for i, hash := range above[1:] {
		if stored[index+1+int64(i)] != hash {
			v.found("Hash %d of the log, above position %d, is not the hash of what is below it.", index+1+int64(i), position)
		}
	}
	return nil
}

func (v *verifier) read(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		if index < 0 || index >= int64(len(v.hashes)) {
			return nil, fmt.Errorf("the log has no hash %d", index)
		}
		list[i] = v.hashes[index]
	}
	return list, nil
}

// title names a leaf for people.
func (l leafRef) title() string { return "The " + strings.ReplaceAll(l.Kind, "_", " ") + " " + l.Name }

// sealings compares the root of each sealing.
func (v *verifier) sealings(seen *Verified) error {
	var rows []batch
	if err := v.db.SelectContext(v.ctx, &rows, `SELECT size, events, root FROM log_batch ORDER BY size`); err != nil {
		return fmt.Errorf("read the roots of the log: %w", err)
	}
	for _, b := range rows {
		root, err := tlog.TreeHash(b.Size, tlog.HashReaderFunc(v.read))
		if err != nil {
			return fmt.Errorf("hash the log: %w", err)
		}
		v.roots[b.Size], seen.Root = root, root
		if !bytes.Equal(root[:], b.Root) {
			v.found("The root of the log with %d records is not the one that was kept.", b.Size)
		}
	}
	return nil
}

// checkpoints compares what was signed.
func (v *verifier) checkpoints(seen *Verified) error {
	var rows []struct {
		Size int64
		Note string
	}
	if err := v.db.SelectContext(v.ctx, &rows, `SELECT size, note FROM log_checkpoint ORDER BY size`); err != nil {
		return fmt.Errorf("read the checkpoints: %w", err)
	}
	seen.Checkpoints = len(rows)
	if v.Keys == nil {
		return nil
	}
	signed := map[int64]bool{}
	first := int64(-1)
	for _, r := range rows {
		c, err := v.Keys.OpenCheckpoint(r.Note)
		switch {
		case err != nil:
			v.found("The checkpoint of %d records: %v.", r.Size, err)
		case c.Size != r.Size || c.Root != v.roots[r.Size]:
			v.found("The log with %d records is not the one whose checkpoint was signed.", r.Size)
		}
		if signed[r.Size] = true; first < 0 {
			first = r.Size
		}
	}
	for size := range v.roots {
		if !signed[size] && (first < 0 || size > first) {
			v.found("The log with %d records has no signed checkpoint.", size)
		}
	}
	return nil
}

// guards compares what keeps the books with what the migrations left.
func (v *verifier) guards(*Verified) error {
	v.Progress("guards", 0, 1)
	var rows []struct{ Name, Definition string }
	if err := v.db.SelectContext(v.ctx, &rows, `SELECT name, definition FROM guard`); err != nil {
		return fmt.Errorf("read the guards of the database: %w", err)
	}
	there := make(map[string]string, len(rows))
	for _, r := range rows {
		there[r.Name] = r.Definition
	}
	for line := range strings.Lines(guards) {
		line = strings.TrimSuffix(line, "\n")
		cut := strings.LastIndexByte(line, '\t')
		name, definition := line[:cut], line[cut+1:]
		found, ok := there[name]
		switch {
		case !ok:
			v.found("The %s is missing or does not work.", name)
		case found != definition:
			v.found("The %s is not as the migrations made it.", name)
		}
		delete(there, name)
	}
	for name := range there {
		v.found("The %s is not from the migrations.", name)
	}
	v.Progress("guards", 1, 1)
	return nil
}
