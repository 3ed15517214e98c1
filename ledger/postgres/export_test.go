package postgres

import (
	"bytes"
	"encoding/json"
	"io"
)

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
