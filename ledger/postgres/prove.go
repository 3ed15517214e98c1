package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
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
	return s.prove(ctx, codes, `
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

// ProveEntry returns the proof that an entry is in the log. For a donor only the records that name its contributor are shown,
// and an entry that names it nowhere is not there.
// Errors: [ledger.RuleNotFound], [ledger.RuleUnavailable] when the log is not signed.
func (s *Store) ProveEntry(ctx context.Context, id uuid.UUID) (*proof.File, error) {
	missing := ledger.Fail(ledger.RuleNotFound, "There is no such entry.")
	var seen bool
	if err := s.get(ctx, &seen, `SELECT EXISTS (SELECT FROM journal_entry WHERE id = $1)`, id); err != nil || !seen {
		if err == nil {
			err = missing
		}
		return nil, translate(err)
	}
	var codes []string
	if donor := donorOf(ctx); donor != "" {
		var mine pq.StringArray
		if err := s.get(ctx, &mine, `SELECT donor_contributors()`); err != nil {
			return nil, translate(err)
		}
		codes = append(mine, string(donor))
	}
	ctx = AsDonor(ctx, "") // the tree is everybody's; what is shown of the leaf is chosen below
	if err := s.sealWaiting(ctx); err != nil {
		return nil, translate(err)
	}
	f, err := s.prove(ctx, codes, `SELECT position FROM log_leaf WHERE position < $1 AND id = $2`, id)
	if err == nil && f == nil {
		err = ledger.Fail(ledger.RuleUnavailable, "The log of this ledger is not signed.")
	}
	return f, err
}

// Checkpoint is the last signed checkpoint of the log, with the public key and the vouchers that lead to it.
type Checkpoint struct {
	Size     int64
	Note     string
	Key      string
	Vouchers []string
}

// LastCheckpoint seals what waits and returns the last checkpoint.
// Errors: [ledger.RuleUnavailable] when the log is not signed.
func (s *Store) LastCheckpoint(ctx context.Context) (*Checkpoint, error) {
	ctx = AsDonor(ctx, "")
	if err := s.sealWaiting(ctx); err != nil {
		return nil, translate(err)
	}
	c, err := lastCheckpoint(ctx, s.db)
	if err == nil && c == nil {
		err = ledger.Fail(ledger.RuleUnavailable, "The log of this ledger is not signed.")
	}
	return c, translate(err)
}

func lastCheckpoint(ctx context.Context, db sqlx.QueryerContext) (*Checkpoint, error) {
	var c Checkpoint
	err := sqlx.GetContext(ctx, db, &c, `SELECT size, note, key FROM log_checkpoint ORDER BY size DESC, recorded_at DESC LIMIT 1`)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the last checkpoint: %w", err)
	}
	if err := sqlx.SelectContext(ctx, db, &c.Vouchers, `SELECT note FROM log_voucher ORDER BY recorded_at, key`); err != nil {
		return nil, fmt.Errorf("read the vouchers: %w", err)
	}
	return &c, nil
}

// Consistent returns the proof that the log as it is now begins with the whole of the log of a size that was signed.
// Errors: [ledger.RuleNotFound] when no checkpoint has that size, [ledger.RuleUnavailable] when the log is not signed.
func (s *Store) Consistent(ctx context.Context, size int64) (*proof.File, error) {
	last, err := s.LastCheckpoint(ctx)
	if err != nil {
		return nil, err
	}
	ctx = AsDonor(ctx, "")
	var earlier string
	err = s.get(ctx, &earlier, `SELECT note FROM log_checkpoint WHERE size = $1 ORDER BY recorded_at LIMIT 1`, size)
	if noRows(err) {
		return nil, ledger.Fail(ledger.RuleNotFound, "No checkpoint of the log has this size.")
	}
	if err != nil {
		return nil, translate(err)
	}
	path, err := tlog.ProveTree(last.Size, size, &hashReader{ctx: ctx, db: s.db, fresh: map[int64]tlog.Hash{}})
	if err != nil {
		return nil, fmt.Errorf("prove that the log grew: %w", err)
	}
	f := last.file()
	f.Consistency = &proof.Consistency{Checkpoint: earlier, Path: proof.Path(path)}
	return f, nil
}

// file is a proof that has a checkpoint and no leaf yet.
func (c *Checkpoint) file() *proof.File {
	return &proof.File{Format: proof.FileFormat, Key: c.Key, Vouchers: c.Vouchers, Checkpoint: c.Note, Leaves: []proof.ProvedLeaf{}}
}

// prove proves the leaves at the positions of a query, whose first parameter is the size of the log. Codes are the
// contributors whose records are shown; nil shows all.
func (s *Store) prove(ctx context.Context, codes []string, query string, args ...any) (*proof.File, error) {
	db, err := s.db.BeginTxx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, translate(fmt.Errorf("begin: %w", err))
	}
	defer func() { _ = db.Rollback() }() // nothing was written
	last, err := lastCheckpoint(ctx, db)
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
