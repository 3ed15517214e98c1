package proof

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"slices"
	"sort"
	"strconv"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// The first byte of what is hashed: of a leaf, its format; of a record, so that neither can be taken for the other.
const (
	leafFormat   = 0x01
	recordPrefix = 0x02
)

// nonceSize is the length of a nonce in bytes.
const nonceSize = 16

// maxParts bounds the records of a leaf and the fields of a record that are read from outside.
const maxParts = 1 << 20

// errTruncated says that the bytes end before what they announce.
var errTruncated = errors.New("the bytes end early")

// Record is a row of the books: its kind is the name of its table. Fields that are empty are not there.
type Record struct {
	Kind   string
	Nonce  []byte
	Fields map[string]string
}

// Append appends the bytes of the record, as the package's documentation fixes them.
func (r *Record) Append(b []byte) []byte {
	b = appendText(appendText(b, r.Kind), string(r.Nonce))
	names := make([]string, 0, len(r.Fields))
	for name, value := range r.Fields {
		if value != "" {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	b = binary.BigEndian.AppendUint32(b, uint32(len(names)))
	for _, name := range names {
		b = appendText(appendText(b, name), r.Fields[name])
	}
	return b
}

// Commitment is the hash that stands for the record in its leaf.
func (r *Record) Commitment() [32]byte { return Commit(r.Append(make([]byte, 0, 512))) }

// Commit is the commitment to the bytes of a record.
func Commit(record []byte) [32]byte {
	h := sha256.New()
	h.Write([]byte{recordPrefix})
	h.Write(record)
	var sum [32]byte
	h.Sum(sum[:0])
	return sum
}

// ParseRecord reads the bytes of a record. Only the bytes that [Record.Append] writes are read.
func ParseRecord(b []byte) (*Record, error) {
	d := decoder{b: b}
	r := &Record{Kind: d.text(), Nonce: []byte(d.text()), Fields: map[string]string{}}
	last := ""
	for i, n := 0, d.count(); i < n && d.err == nil; i++ {
		name, value := d.text(), d.text()
		if d.err == nil && (i > 0 && name <= last || value == "") {
			return nil, errors.New("the fields of the record are not in order")
		}
		r.Fields[name], last = value, name
	}
	return r, d.end()
}

// Leaf is the bytes of a leaf, from the commitments to its records.
func Leaf(commitments [][32]byte) []byte {
	b := make([]byte, 0, 5+36*len(commitments))
	b = binary.BigEndian.AppendUint32(append(b, leafFormat), uint32(len(commitments)))
	for _, c := range commitments {
		b = append(binary.BigEndian.AppendUint32(b, uint32(len(c))), c[:]...)
	}
	return b
}

// ParseLeaf reads the commitments of a leaf.
func ParseLeaf(b []byte) ([][32]byte, error) {
	if len(b) == 0 || b[0] != leafFormat {
		return nil, errors.New("the leaf is of a format that this program does not know")
	}
	d := decoder{b: b[1:]}
	var list [][32]byte
	for i, n := 0, d.count(); i < n && d.err == nil; i++ {
		var c [32]byte
		if s := d.text(); d.err == nil && copy(c[:], s) != len(c) || len(s) > len(c) {
			return nil, errors.New("a commitment of the leaf is not of 32 bytes")
		}
		list = append(list, c)
	}
	return list, d.end()
}

// LeafHash is the hash of a leaf in the tree.
func LeafHash(commitments [][32]byte) tlog.Hash { return tlog.RecordHash(Leaf(commitments)) }

// Nonces makes the nonces of records under the secret seed of a log. It is for one goroutine.
type Nonces struct {
	mac       hash.Hash
	named, to []byte
}

// NewNonces returns the nonces under a seed.
func NewNonces(seed []byte) *Nonces { return &Nonces{mac: hmac.New(sha256.New, seed)} }

// Of is the nonce of a record: of its leaf's kind and key in the log, and its own number in the leaf. It is good until the next
// one is made.
func (n *Nonces) Of(kind, key string, number int) []byte {
	n.named = appendText(appendText(n.named[:0], kind), key)
	n.named = binary.BigEndian.AppendUint32(n.named, 0)
	at := len(n.named)
	n.named = strconv.AppendInt(n.named, int64(number), 10)
	binary.BigEndian.PutUint32(n.named[at-4:], uint32(len(n.named)-at))
	n.mac.Reset()
	n.mac.Write(n.named)
	n.to = n.mac.Sum(n.to[:0])
	return n.to[:nonceSize]
}

// appendText appends a text with its length before it.
func appendText[T string | []byte](b []byte, s T) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
}

// decoder reads what appendText wrote.
type decoder struct {
	b   []byte
	err error
}

func (d *decoder) count() int {
	if d.err != nil || len(d.b) < 4 {
		d.err = errTruncated
		return 0
	}
	n := binary.BigEndian.Uint32(d.b)
	d.b = d.b[4:]
	if n > maxParts || int(n) > len(d.b) {
		d.err = errTruncated
		return 0
	}
	return int(n)
}

func (d *decoder) text() string {
	n := d.count()
	if d.err != nil {
		return ""
	}
	s := string(d.b[:n])
	d.b = d.b[n:]
	return s
}

// end reports what went wrong, bytes that are left over among it.
func (d *decoder) end() error {
	if d.err == nil && len(d.b) > 0 {
		return fmt.Errorf("%d bytes are left over", len(d.b))
	}
	return d.err
}

// valid reports whether a record from outside can be one: its texts are UTF-8 and its nonce has its length.
func (r *Record) valid() bool {
	if len(r.Nonce) != nonceSize || r.Kind == "" {
		return false
	}
	for name, value := range r.Fields {
		if name == "" || !utf8.ValidString(name) || !utf8.ValidString(value) {
			return false
		}
	}
	return true
}

// Same reports whether two records have the same kind and fields, whatever their nonces.
func (r *Record) Same(o *Record) bool {
	a, b := Record{Kind: r.Kind, Fields: r.Fields}, Record{Kind: o.Kind, Fields: o.Fields}
	return slices.Equal(a.Append(nil), b.Append(nil))
}

// AppendRow appends the bytes of a record whose fields are columns: names are in the order of their bytes, and a value is
// empty when the column is.
func AppendRow[T ~[]byte](b []byte, kind string, nonce []byte, names []string, values []T) []byte {
	b = appendText(appendText(b, kind), nonce)
	at, n := len(b), uint32(0)
	b = append(b, 0, 0, 0, 0)
	for i, name := range names {
		if len(values[i]) > 0 {
			b = appendText(appendText(b, name), []byte(values[i]))
			n++
		}
	}
	binary.BigEndian.PutUint32(b[at:], n)
	return b
}
