package postgres

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"slices"

	"vcledger/ledger/proof"
)

// SealedRecords are the records of the leaves of the kinds, in the order of the log.
func (s *Store) SealedRecords(ctx context.Context, kinds ...string) (records []*proof.Record, err error) {
	db, err := s.db.BeginTxx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = db.Rollback() }()
	last, err := lastBatch(ctx, db)
	if err != nil {
		return nil, err
	}
	reader, err := newLeafReader(ctx, db)
	if err != nil {
		return nil, err
	}
	reader.whole = true
	leaves, err := reader.between(ctx, 0, last.Size)
	for _, leaf := range leaves {
		if slices.Contains(kinds, leaf.Kind) {
			records = append(records, leaf.records...)
		}
	}
	return records, err
}

// ReadArchive reads an archive as a restore does before it touches the database, and returns its rows.
func ReadArchive(r io.Reader) (int64, error) {
	a, err := readArchive(r, func(*Archive, ArchiveTable) error { return nil }, func([]*string) error { return nil })
	if err != nil {
		return 0, err
	}
	return a.rows, nil
}

// Reseal writes the lines of an archive with the counts and hashes that they come to.
func Reseal(w io.Writer, archive []byte) error {
	out := newHashed(w)
	var n, all int64
	for line := range bytes.SplitSeq(bytes.TrimSuffix(archive, []byte("\n")), []byte("\n")) {
		var end struct {
			Table string
			End   bool
		}
		err := error(nil)
		switch {
		case bytes.HasPrefix(line, []byte("[")):
			n, all = n+1, all+1
			err = out.row(line)
		case json.Unmarshal(line, &end) == nil && end.Table != "":
			err = out.mark(tableEnd{end.Table, n, sum(out.table)})
			n = 0
		case end.End:
			err = out.mark(archiveEnd{true, all, sum(out.all)})
		default:
			err = out.line(line)
			out.table.Reset()
		}
		if err != nil {
			return err
		}
	}
	return out.w.Flush()
}
