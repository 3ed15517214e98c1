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
	*readers
	seed   []byte
	hashes []tlog.Hash // of the tree, made anew from the leaves as they were sealed
	last   batch
	bare   []int64 // sizes whose checkpoint was gone before anything was sealed again
	roots  map[int64]tlog.Hash
}

// Verify seals what waits, makes every leaf anew from the tables, and holds it, the tree, the roots, the signed checkpoints,
// the derived state and the guards of the database against what was sealed.
func (s *Store) Verify(ctx context.Context, v Verification) (Verified, error) {
	// Before the sealing, which signs the last size again when its checkpoint is gone.
	bare, err := s.UnsignedSizes(AsDonor(ctx, ""))
	if err != nil {
		return Verified{}, err
	}
	if err := s.Seal(ctx); err != nil {
		return Verified{}, err
	}
	r, last, err := s.openReaders(ctx)
	if err != nil {
		return Verified{}, err
	}
	defer r.end()
	if v.Progress == nil {
		v.Progress = func(string, int64, int64) {}
	}
	run := &verifier{Verification: v, readers: r, last: last, bare: bare, roots: map[int64]tlog.Hash{}}
	if run.seed, err = ask(r, logSeed).wait(); err != nil {
		return Verified{}, err
	}
	// The leaves and the questions to the books are read side by side. What is found is told in the order of the steps.
	books, err := run.askBooks()
	if err != nil {
		return Verified{}, err
	}
	chunks, order, unsealed := run.makeLeaves(), ask(r, readOrder), run.askUnsealed()
	var seen Verified
	for _, step := range []func() error{
		func() error { return run.order(&seen, order) },
		func() error { return run.leaves(chunks) },
		func() error { return run.sealings(&seen) },
		func() error { return run.checkpoints(&seen) },
		func() error { return run.unsealed(unsealed) },
		func() error { return run.books(books) },
		run.guards,
	} {
		if err := step(); err != nil {
			return seen, err
		}
	}
	return seen, nil
}

func (v *verifier) found(format string, args ...any) { v.Found(fmt.Sprintf(format, args...)) }

// logOrder is what the order of the log and that of the stream of changes say of each other.
type logOrder struct {
	Leaves, Entries, Highest, Events int64
	LastEvent                        int64 `db:"last_event"`
	Disordered                       int64
}

func readOrder(ctx context.Context, db *sqlx.Tx) (o logOrder, err error) {
	if err := db.GetContext(ctx, &o, `
		SELECT (SELECT count(*) FROM log_leaf) AS leaves, (SELECT count(*) FROM log_leaf WHERE kind = 'journal_entry') AS entries,
		       (SELECT coalesce(max(position), -1) FROM log_leaf) AS highest,
		       (SELECT count(*) FROM event) AS events, (SELECT coalesce(max(position), 0) FROM event) AS last_event,
		       (SELECT count(*) FROM (
		            SELECT e.position AS stream, row_number() OVER (ORDER BY l.position) AS log
		            FROM log_leaf l LEFT JOIN event e ON e.entry_id = l.id WHERE l.kind = 'journal_entry') x
		        WHERE x.stream IS DISTINCT FROM x.log) AS disordered`); err != nil {
		return o, fmt.Errorf("read the order of the log: %w", err)
	}
	return o, nil
}

// order looks for gaps in the order of the log and for entries that changed places.
func (v *verifier) order(seen *Verified, asked *answer[logOrder]) error {
	o, err := asked.wait()
	if err != nil {
		return err
	}
	seen.Leaves, seen.Entries = o.Leaves, o.Entries
	if o.Leaves != v.last.Size || o.Highest != v.last.Size-1 {
		v.found("The log was sealed with %d records; its order has %d, the last at position %d.", v.last.Size, o.Leaves, o.Highest)
	}
	if o.Events != o.LastEvent || o.Events != o.Entries || v.last.Events != o.Events {
		v.found("The stream of changes has %d entries up to position %d; the log has %d, sealed up to %d.", o.Events, o.LastEvent, o.Entries, v.last.Events)
	}
	if o.Disordered > 0 {
		v.found("%d entries stand at another place in the stream of changes than in the log.", o.Disordered)
	}
	return nil
}

// madeLeaf is a leaf that was made anew: no record is left of one without parts.
type madeLeaf struct {
	leafRef
	parts int
	hash  tlog.Hash
}

// chunk is some leaves in a row, and what was sealed of the tree up to the last of them.
type chunk struct {
	from, to int64
	made     map[int64]madeLeaf
	stored   map[int64]tlog.Hash
}

// makeLeaves makes each leaf anew, a few chunks ahead of who takes them.
func (v *verifier) makeLeaves() <-chan *answer[chunk] {
	chunks := make(chan *answer[chunk], len(v.all))
	v.asked.Go(func() {
		defer close(chunks)
		for from := int64(0); from < v.last.Size; from += verifyBatch {
			to := min(from+verifyBatch, v.last.Size)
			select {
			case chunks <- ask(v.readers, func(ctx context.Context, db *sqlx.Tx) (chunk, error) { return makeChunk(ctx, db, v.seed, from, to) }):
			case <-v.ctx.Done():
				return
			}
		}
	})
	return chunks
}

func makeChunk(ctx context.Context, db *sqlx.Tx, seed []byte, from, to int64) (chunk, error) {
	c := chunk{from: from, to: to, made: make(map[int64]madeLeaf, to-from)}
	leaves, err := (&leafReader{db: db, nonces: proof.NewNonces(seed)}).between(ctx, from, to)
	if err != nil {
		return c, err
	}
	for _, leaf := range leaves {
		c.made[leaf.Position] = madeLeaf{leaf.leafRef, len(leaf.commitments), proof.LeafHash(leaf.commitments)}
	}
	c.stored, err = storedHashes(ctx, db, tlog.StoredHashIndex(0, from), tlog.StoredHashIndex(0, to))
	return c, err
}

// leaves compares each leaf with what was sealed, and the tree above it with itself.
func (v *verifier) leaves(chunks <-chan *answer[chunk]) error {
	v.hashes = make([]tlog.Hash, 0, 2*v.last.Size)
	for asked := range chunks {
		c, err := asked.wait()
		if err != nil {
			return err
		}
		for position := c.from; position < c.to; position++ {
			if err := v.leaf(position, c); err != nil {
				return err
			}
		}
		v.Progress("records", c.to, v.last.Size)
	}
	return v.ctx.Err()
}

func storedHashes(ctx context.Context, db *sqlx.Tx, from, to int64) (map[int64]tlog.Hash, error) {
	rows, err := db.QueryContext(ctx, `SELECT index, hash FROM log_hash WHERE index >= $1 AND index < $2`, from, to)
	if err != nil {
		return nil, fmt.Errorf("read the hashes of the log: %w", err)
	}
	defer func() { _ = rows.Close() }() // the error of reading is rows.Err below
	stored := make(map[int64]tlog.Hash, to-from)
	var index int64
	var hash sql.RawBytes
	for rows.Next() {
		if err := rows.Scan(&index, &hash); err != nil {
			return nil, fmt.Errorf("read the hashes of the log: %w", err)
		}
		if len(hash) == tlog.HashSize {
			stored[index] = tlog.Hash(hash)
		}
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read the hashes of the log: %w", err)
	}
	return stored, nil
}

// leaf compares one leaf. The tree is made of the hashes that were sealed, so that one change is told once.
func (v *verifier) leaf(position int64, c chunk) error {
	index := tlog.StoredHashIndex(0, position)
	sealed, kept := c.stored[index]
	made := sealed
	leaf, there := c.made[position]
	if !there {
		v.found("Position %d of the log is empty.", position)
	} else {
		made = leaf.hash
		switch {
		case leaf.parts == 0:
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
		if c.stored[index+1+int64(i)] != hash {
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
	rows, err := askRows[batch](v.readers, `SELECT size, events, root FROM log_batch ORDER BY size`).wait()
	if err != nil {
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
	rows, err := askRows[struct {
		Size      int64
		Key, Note string
		Begun     bool
	}](v.readers, `SELECT size, key, note, EXISTS (SELECT FROM log_key k WHERE k.key = c.key AND k.size < c.size) AS begun FROM log_checkpoint c ORDER BY size`).wait()
	if err != nil {
		return fmt.Errorf("read the checkpoints: %w", err)
	}
	seen.Checkpoints = len(rows)
	for _, size := range v.bare {
		v.found("The log with %d records has no signed checkpoint, though a key signed the log before.", size)
	}
	for _, r := range rows {
		if !r.Begun {
			v.found("The checkpoint of %d records is kept under a key that did not sign the log then.", r.Size)
		}
		if v.Keys == nil {
			continue
		}
		c, err := v.Keys.OpenCheckpoint(r.Note)
		switch {
		case err != nil:
			v.found("The checkpoint of %d records: %v.", r.Size, err)
		case c.Size != r.Size || c.Root != v.roots[r.Size]:
			v.found("The log with %d records is not the one whose checkpoint was signed.", r.Size)
		}
	}
	return nil
}

// guards compares what keeps the books with what the migrations left.
func (v *verifier) guards() error {
	v.Progress("guards", 0, 1)
	rows, err := askRows[struct{ Name, Definition string }](v.readers, `SELECT name, definition FROM guard`).wait()
	if err != nil {
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
