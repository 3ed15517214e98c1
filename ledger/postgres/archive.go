package postgres

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"time"
)

// An archive is what a backup and an export of the journal are: lines of JSON, which a backup compresses with gzip.
//
//	{"archive":"vcledger","version":1,"schema":56,…}     the header: what the archive was taken of
//	["NLD","Netherlands",null]                           a row of the table that is under way
//	{"table":"contributor","rows":1,"sha256":"…"}        the end of a table: its rows, and the hash of their lines
//	{"end":true,"rows":1,"sha256":"…"}                   the end of the archive, and the hash of all that came before
//
// A value is PostgreSQL's own text for it, as a JSON string, or null. So every numeric keeps its scale, every instant its
// microseconds and every jsonb null its difference from no value, and nothing on the way has to know a type.

const (
	archiveName    = "vcledger"
	archiveVersion = 1
)

// longestRow bounds a line of an archive, in bytes; the longest that the ledger writes is an issued statement.
const longestRow = 256 << 20

// ErrArchive is what every fault of an archive's bytes wraps: it was cut off, or altered, or is something else.
var ErrArchive = errors.New("not a whole archive")

// Archive is what an archive says of itself.
type Archive struct {
	Name      string            `json:"archive"`
	Version   int               `json:"version"`
	Schema    int64             `json:"schema"` // the last migration
	Server    string            `json:"server"` // version of the PostgreSQL that it was read from
	TakenAt   time.Time         `json:"taken_at"`
	Tables    []ArchiveTable    `json:"tables"` // in the order in which they follow
	Sequences []ArchiveSequence `json:"sequences"`
	ends      []tableEnd        // of the tables, once they are read or written
	rows      int64
}

// ArchiveTable is a table of an archive with its columns, in the order of the values.
type ArchiveTable struct {
	Name    string   `json:"name"`
	Columns []string `json:"columns"`
}

// ArchiveSequence is where a sequence stands.
type ArchiveSequence struct {
	Name   string `json:"name"`
	Last   int64  `json:"last"`
	Called bool   `json:"called"`
}

// Rows returns how many rows the archive has in all its tables.
func (a *Archive) Rows() int64 { return a.rows }

type tableEnd struct {
	Table  string `json:"table"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

type archiveEnd struct {
	End    bool   `json:"end"`
	Rows   int64  `json:"rows"`
	SHA256 string `json:"sha256"`
}

// hashed is a writer of lines that keeps the hash of all of them, and of those of a table.
type hashed struct {
	w          *bufio.Writer
	all, table hash.Hash
}

func newHashed(w io.Writer) *hashed {
	return &hashed{bufio.NewWriterSize(w, 1<<16), sha256.New(), sha256.New()}
}

// row writes the line of a row.
func (h *hashed) row(line []byte) error {
	h.table.Write(line) // a hash takes everything
	h.table.Write([]byte{'\n'})
	return h.line(line)
}

func (h *hashed) line(line []byte) error {
	h.all.Write(line)
	h.all.Write([]byte{'\n'})
	if _, err := h.w.Write(line); err != nil {
		return err
	}
	return h.w.WriteByte('\n')
}

// mark writes a line that is no row.
func (h *hashed) mark(v any) error {
	line, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("encode a line of the archive: %w", err)
	}
	h.table.Reset()
	return h.line(line)
}

func sum(h hash.Hash) string { return hex.EncodeToString(h.Sum(nil)) }

// archiveReader reads an archive line by line.
type archiveReader struct {
	r          *bufio.Reader
	buf        []byte
	all, table hash.Hash
	line       int64
}

// uncompressed returns what is in a stream of lines that may be compressed.
func uncompressed(r io.Reader) (io.Reader, error) {
	b := bufio.NewReaderSize(r, 1<<16)
	if magic, err := b.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
		return b, nil // an empty stream is found out by whoever reads it
	}
	z, err := gzip.NewReader(b)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrArchive, err)
	}
	return z, nil
}

// next returns the next line without its end; it is good until the following call.
func (a *archiveReader) next() ([]byte, error) {
	a.line++
	a.buf = a.buf[:0]
	for {
		part, err := a.r.ReadSlice('\n')
		if len(a.buf)+len(part) > longestRow {
			return nil, a.fault("is longer than %d bytes", longestRow)
		}
		a.buf = append(a.buf, part...)
		if err == nil {
			return a.buf[:len(a.buf)-1], nil
		}
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
		case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF):
			return nil, a.fault("is where it was cut off")
		case errors.Is(err, gzip.ErrChecksum), errors.Is(err, gzip.ErrHeader):
			return nil, fmt.Errorf("%w: %w", ErrArchive, err)
		default:
			return nil, fmt.Errorf("read the archive: %w", err)
		}
	}
}

func (a *archiveReader) fault(format string, args ...any) error {
	return fmt.Errorf("%w: line %d %s", ErrArchive, a.line, fmt.Sprintf(format, args...))
}

// readArchive reads a whole archive, calls begin with each table and row with the values of each of its rows, and returns
// an error unless every count and hash is right. The values are good until row returns; nil is no value.
func readArchive(r io.Reader, begin func(*Archive, ArchiveTable) error, row func([]*string) error) (*Archive, error) {
	plain, err := uncompressed(r)
	if err != nil {
		return nil, err
	}
	in := &archiveReader{r: bufio.NewReaderSize(plain, 1<<16), all: sha256.New(), table: sha256.New()}
	a, err := in.header()
	if err != nil {
		return nil, err
	}
	for _, t := range a.Tables {
		if err := begin(a, t); err != nil {
			return nil, err
		}
		if err := in.rows(a, t, row); err != nil {
			return nil, err
		}
	}
	return a, in.end(a)
}

// header reads the first line.
func (a *archiveReader) header() (*Archive, error) {
	line, err := a.next()
	if err != nil {
		return nil, err
	}
	var h Archive
	if err := strict(line, &h); err != nil || h.Name != archiveName {
		return nil, a.fault("is not the beginning of an archive of vcledger's")
	}
	if h.Version != archiveVersion {
		return nil, a.fault("says that the archive is of version %d; this program reads version %d", h.Version, archiveVersion)
	}
	for i, t := range h.Tables {
		if t.Name == "" || len(t.Columns) == 0 || i > 0 && h.Tables[i-1].Name >= t.Name {
			return nil, a.fault("names a table without columns, or out of order")
		}
	}
	a.hash(line, false)
	return &h, nil
}

// rows reads the rows of a table up to its end.
func (a *archiveReader) rows(of *Archive, t ArchiveTable, row func([]*string) error) error {
	a.table.Reset()
	var n int64
	values := make([]*string, 0, len(t.Columns))
	for {
		line, err := a.next()
		if err != nil {
			return err
		}
		if len(line) == 0 || line[0] != '[' {
			var end tableEnd
			if err := strict(line, &end); err != nil || end.Table != t.Name {
				return a.fault("is neither a row nor the end of table %s", t.Name)
			}
			if end.Rows != n || end.SHA256 != sum(a.table) {
				return a.fault("ends table %s, whose rows are not those that were written", t.Name)
			}
			a.hash(line, false)
			of.ends, of.rows = append(of.ends, end), of.rows+n
			return nil
		}
		if values, err = decodeRow(line, values[:0]); err != nil || len(values) != len(t.Columns) {
			return a.fault("is no row of table %s", t.Name)
		}
		a.hash(line, true)
		if err := row(values); err != nil {
			return err
		}
		n++
	}
}

// end reads the last line, after which nothing may follow.
func (a *archiveReader) end(of *Archive) error {
	line, err := a.next()
	if err != nil {
		return err
	}
	var end archiveEnd
	if err := strict(line, &end); err != nil || !end.End || end.Rows != of.rows || end.SHA256 != sum(a.all) {
		return a.fault("does not end the archive that was written")
	}
	if _, err := a.r.ReadByte(); !errors.Is(err, io.EOF) {
		return a.fault("is not the last, as it should be")
	}
	return nil
}

func (a *archiveReader) hash(line []byte, row bool) {
	for _, h := range []hash.Hash{a.all, a.table} {
		if h == a.all || row {
			h.Write(line)
			h.Write([]byte{'\n'})
		}
	}
}

// strict decodes one JSON value that has no field which the destination lacks.
func strict(line []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(line))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more than one value")
	}
	return nil
}

// decodeRow appends the values of a row's line.
func decodeRow(line []byte, values []*string) ([]*string, error) {
	err := json.Unmarshal(line, &values)
	return values, err
}
