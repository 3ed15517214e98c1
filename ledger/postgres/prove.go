package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"golang.org/x/mod/sumdb/tlog"

	"vcledger/ledger"
	"vcledger/ledger/proof"
)

// ProofScope says which records a document rests on: those of the period that name one of the contributors, as known at an
// instant.
type ProofScope struct {
	Contributors []ledger.ContributorCode
	Fund         ledger.FundCode // empty for all
	Period       ledger.Period
	KnownAt      time.Time
}

// Prove returns the proof that what a document rests on is in the log as it is now; nil when the log is not signed. Of an
// entry that names others too, nothing is shown of them.
func (s *Store) Prove(ctx context.Context, scope ProofScope) (*proof.File, error) {
	if s.log.Signer == nil {
		return nil, nil
	}
	codes := transform(scope.Contributors, func(c ledger.ContributorCode) string { return string(c) })
	return s.prove(ctx, 0, codes, `
		SELECT l.position FROM log_leaf l
		WHERE l.kind = 'journal_entry' AND l.position < $1 AND l.id IN (
		    SELECT x.entry_id FROM journal_line x
		    WHERE x.contributor = ANY ($2) AND x.effective_date BETWEEN $3 AND $4 AND x.recorded_at <= $5 AND ($6 = '' OR x.fund = $6))
		UNION
		SELECT l.position FROM log_leaf l JOIN pledge_event v ON v.id = l.id JOIN pledge p ON p.id = v.pledge_id
		WHERE l.kind = 'pledge_event' AND l.position < $1 AND p.contributor = ANY ($2) AND v.effective_date BETWEEN $3 AND $4
		  AND v.recorded_at <= $5 AND ($6 = '' OR p.fund = $6)
		ORDER BY 1`, pq.Array(codes), scope.Period.From, scope.Period.To, scope.KnownAt, string(scope.Fund))
}

// ProveEntry returns the proof that an entry is in the log of a size that was signed; 0 is the log as it is now. For a donor
// only the records that name its contributor are shown, and an entry that names it nowhere is not there.
// Errors: [ledger.RuleNotFound], [ledger.RuleOutOfRange], [ledger.RuleUnavailable] when the log is not signed.
func (s *Store) ProveEntry(ctx context.Context, id uuid.UUID, size int64) (*proof.File, error) {
	seen, err := s.sees(ctx, "journal_entry", id)
	if err == nil && !seen {
		err = ledger.Fail(ledger.RuleNotFound, "There is no such entry.")
	}
	if err != nil {
		return nil, translate(err)
	}
	whole := AsDonor(ctx, "") // the tree is everybody's; what is shown of the leaf is chosen by proveLeaf
	if err := s.signWaiting(whole); err != nil {
		return nil, translate(err)
	}
	var position int64
	if err := s.get(whole, &position, `SELECT position FROM log_leaf WHERE id = $1`, id); err != nil {
		return nil, translate(err)
	}
	return s.proveLeaf(ctx, position, size)
}

// ProvePosition returns the proof of the leaf with a number, from 0, as [Store.ProveEntry] does. A donor is shown the leaves of
// its own entries and pledges; the others are not there.
// Errors: as of [Store.ProveEntry].
func (s *Store) ProvePosition(ctx context.Context, position, size int64) (*proof.File, error) {
	whole := AsDonor(ctx, "")
	if err := s.signWaiting(whole); err != nil {
		return nil, translate(err)
	}
	var leaf struct {
		Kind string
		ID   uuid.NullUUID
	}
	err := s.get(whole, &leaf, `SELECT kind, id FROM log_leaf WHERE position = $1`, position)
	seen := err == nil
	if seen && donorOf(ctx) != "" {
		seen, err = s.sees(ctx, leaf.Kind, leaf.ID.UUID)
	}
	if noRows(err) || err == nil && !seen {
		err = ledger.Fail(ledger.RuleNotFound, "There is no such record in the log.")
	}
	if err != nil {
		return nil, translate(err)
	}
	return s.proveLeaf(ctx, position, size)
}

// sees reports whether the caller may read an entry or an event of a pledge; to a donor no other record is told by itself.
func (s *Store) sees(ctx context.Context, kind string, id uuid.UUID) (seen bool, err error) {
	err = s.get(ctx, &seen, `
		SELECT $1 = 'journal_entry' AND EXISTS (SELECT FROM journal_entry WHERE id = $2)
		    OR $1 = 'pledge_event' AND EXISTS (SELECT FROM pledge_event WHERE id = $2)`, kind, id)
	return seen, err
}

// proveLeaf proves one leaf and shows of it what the caller may see.
func (s *Store) proveLeaf(ctx context.Context, position, size int64) (*proof.File, error) {
	var codes []string
	if donor := donorOf(ctx); donor != "" {
		var mine pq.StringArray
		if err := s.get(ctx, &mine, `SELECT donor_contributors()`); err != nil {
			return nil, translate(err)
		}
		codes = append(mine, string(donor))
	}
	f, err := s.prove(AsDonor(ctx, ""), size, codes, `SELECT position FROM log_leaf WHERE position < $1 AND position = $2`, position)
	var v ledger.Violations
	switch {
	case err != nil:
		return nil, err
	case f == nil && size == 0:
		return nil, errLogUnsigned()
	case f == nil:
		unsigned(&v, "?size", size)
	case len(f.Leaves) == 0:
		v.Add("?size", ledger.RuleOutOfRange, "The record has the number %d: a log of %d records does not have it yet.", position, size)
	}
	return f, v.Err()
}

// prove proves the leaves at the positions of a query, whose first parameter is the size of the log: the one that is given,
// or that of the log as it is now when it is 0. Codes are the contributors whose records are shown; nil shows all. Nil is
// returned when no such log is signed.
func (s *Store) prove(ctx context.Context, size int64, codes []string, query string, args ...any) (*proof.File, error) {
	db, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, translate(fmt.Errorf("begin: %w", err))
	}
	defer func() { _ = db.Rollback() }() // nothing was written
	last, err := checkpointAt(ctx, db, size)
	if err != nil || last == nil {
		return nil, translate(err)
	}
	var positions []int64
	if err := db.SelectContext(ctx, &positions, query, append([]any{last.Size}, args...)...); err != nil {
		return nil, translate(fmt.Errorf("find what a document rests on: %w", err))
	}
	reader, err := newLeafReader(ctx, db)
	if err != nil {
		return nil, err
	}
	reader.whole = true
	leaves, err := reader.at(ctx, positions)
	if err != nil {
		return nil, err
	}
	f := last.file()
	h := &hashReader{ctx: ctx, db: db, fresh: map[int64]tlog.Hash{}}
	for _, leaf := range leaves {
		path, err := tlog.ProveRecord(last.Size, leaf.Position, h)
		if err != nil {
			return nil, fmt.Errorf("prove a leaf of the log: %w", err)
		}
		f.Leaves = append(f.Leaves, proof.ProvedLeaf{Position: leaf.Position, Records: leaf.shown(codes), Path: proof.Path(path)})
	}
	return f, nil
}

// shown are the records of a leaf as contributors may see them: all when it names nobody else; otherwise the head of the
// entry and what names them.
func (l *sealedLeaf) shown(codes []string) []proof.ShownRecord {
	mine := func(r *proof.Record) bool { return slices.Contains(codes, r.Fields["contributor"]) }
	others := codes != nil && slices.ContainsFunc(l.records, func(r *proof.Record) bool { return r.Fields["contributor"] != "" && !mine(r) })
	list := make([]proof.ShownRecord, len(l.records))
	for i, r := range l.records {
		if others && r.Kind != "journal_entry" && !mine(r) {
			list[i] = proof.Hide(r)
		} else {
			list[i] = proof.Show(r)
		}
	}
	return list
}
