package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"vcledger/ledger/proof"
)

// leafRef is a leaf by its place and by the record that it is of.
type leafRef struct {
	Position int64
	Kind     string
	Name     string // the record's id, or its key
}

// sealedLeaf is a leaf as it is made from the tables: the commitments, and the records when they are asked for.
type sealedLeaf struct {
	leafRef
	commitments [][32]byte
	records     []*proof.Record
}

// leafReader makes leaves from the rows of a transaction.
type leafReader struct {
	db     *sqlx.Tx
	nonces *proof.Nonces
	whole  bool // keep the records beside their commitments
	buf    []byte

	byIndex bool // how the transaction plans now
}

func newLeafReader(ctx context.Context, db *sqlx.Tx) (*leafReader, error) {
	seed, err := logSeed(ctx, db)
	return &leafReader{db: db, nonces: proof.NewNonces(seed)}, err
}

// logSeed is what the nonces of the log are made from.
func logSeed(ctx context.Context, db *sqlx.Tx) (seed []byte, err error) {
	if err := db.GetContext(ctx, &seed, `SELECT seed FROM log_seed`); err != nil {
		return nil, fmt.Errorf("read the log's seed: %w", err)
	}
	return seed, nil
}

// between makes the leaves from one position, included, to another, in order.
func (r *leafReader) between(ctx context.Context, from, to int64) ([]*sealedLeaf, error) {
	return r.read(ctx, `SELECT position, kind, coalesce(id::text, key) AS name FROM log_leaf WHERE position >= $1 AND position < $2 ORDER BY position`,
		func(p *leafPart) string { return p.byRange }, from, to)
}

// at makes the leaves at some positions.
func (r *leafReader) at(ctx context.Context, positions []int64) ([]*sealedLeaf, error) {
	return r.read(ctx, `SELECT position, kind, coalesce(id::text, key) AS name FROM log_leaf WHERE position = ANY ($1) ORDER BY position`,
		func(p *leafPart) string { return p.bySet }, pq.Array(positions))
}

func (r *leafReader) read(ctx context.Context, refs string, queryOf func(*leafPart) string, args ...any) ([]*sealedLeaf, error) {
	var list []leafRef
	if err := r.db.SelectContext(ctx, &list, refs, args...); err != nil {
		return nil, fmt.Errorf("read the order of the log: %w", err)
	}
	leaves := make([]*sealedLeaf, len(list))
	at := make(map[int64]*sealedLeaf, len(list))
	present := map[string]bool{}
	for i, ref := range list {
		leaves[i] = &sealedLeaf{leafRef: ref}
		at[ref.Position] = leaves[i]
		present[ref.Kind] = true
	}
	for _, kind := range leafKinds {
		if !present[kind] {
			continue
		}
		for i := range leafParts[kind] {
			p := &leafParts[kind][i]
			if err := r.plan(ctx, !p.keyed); err != nil {
				return nil, err
			}
			if err := r.readPart(ctx, at, p, queryOf(p), args...); err != nil {
				return nil, err
			}
		}
	}
	return leaves, r.plan(ctx, false)
}

// plan says whether the next queries take each record from an index. Left to itself PostgreSQL reads a whole table for the
// thousands of records of a few thousand leaves, and so the whole ledger again and again.
func (r *leafReader) plan(ctx context.Context, byIndex bool) error {
	if r.byIndex == byIndex {
		return nil
	}
	other := "on"
	if byIndex {
		other = "off"
	}
	if _, err := r.db.ExecContext(ctx, `
		SELECT set_config('enable_seqscan', $1, true), set_config('enable_hashjoin', $1, true), set_config('enable_mergejoin', $1, true), set_config('jit', 'off', true)`, other); err != nil {
		return fmt.Errorf("plan the reading of the log: %w", err)
	}
	r.byIndex = byIndex
	return nil
}

// readPart adds the rows of one table to their leaves.
func (r *leafReader) readPart(ctx context.Context, at map[int64]*sealedLeaf, p *leafPart, query string, args ...any) error {
	rows, err := r.db.QueryContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("read %s for the log: %w", p.table, err)
	}
	defer func() { _ = rows.Close() }() // the error of reading is rows.Err below
	var position int64
	values := make([]sql.RawBytes, len(p.names))
	into := make([]any, 0, len(values)+1)
	into = append(into, &position)
	for i := range values {
		into = append(into, &values[i])
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return fmt.Errorf("scan %s for the log: %w", p.table, err)
		}
		leaf := at[position]
		nonce := r.nonces.Of(leaf.Kind, leaf.Name, len(leaf.commitments))
		r.buf = proof.AppendRow(r.buf[:0], p.table, nonce, p.names, values)
		leaf.commitments = append(leaf.commitments, proof.Commit(r.buf))
		if r.whole {
			record, err := proof.ParseRecord(r.buf)
			if err != nil {
				return fmt.Errorf("read back a record of %s: %w", p.table, err)
			}
			leaf.records = append(leaf.records, record)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("read %s for the log: %w", p.table, err)
	}
	return nil
}
