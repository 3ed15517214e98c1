package proof

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// FileFormat is the version of the form of a [File].
const FileFormat = "vcledger.proof.v1"

// The bounds of a file from outside.
const (
	maxFile = 64 << 20
	maxPath = 64 // a tree of more than 2^63 leaves is none
)

// File is a proof that needs nothing else but the public key: a signed checkpoint, the leaves that a document rests on, each
// with its way to the root, and the document's own hash, signed.
type File struct {
	Format      string       `json:"format" example:"vcledger.proof.v1"`
	Key         string       `json:"key" doc:"The public key that signed, to compare with the one that was given out by another way; by itself it proves nothing."`
	Vouchers    []string     `json:"vouchers,omitempty" doc:"Signed notes by which older keys of the log vouch for newer ones."`
	Checkpoint  string       `json:"checkpoint" doc:"The log's size and root as a signed note (C2SP tlog-checkpoint)."`
	Document    string       `json:"document,omitempty" doc:"A signed note with the SHA-256 of the document that the proof belongs to."`
	Leaves      []ProvedLeaf `json:"leaves"`
	Consistency *Consistency `json:"consistency,omitempty" doc:"That the log begins with the whole of an earlier one."`
}

// ProvedLeaf is a leaf with its way to the root.
type ProvedLeaf struct {
	Position int64         `json:"position" doc:"Its number in the log, from 0."`
	Records  []ShownRecord `json:"records" doc:"In the order of the leaf; one that concerns others is a hash."`
	Path     []string      `json:"path" doc:"The inclusion proof (RFC 6962, section 2.1.1): hashes in Base64, from the leaf to the root."`
}

// ShownRecord is a record of a leaf, or the commitment to one that is not shown.
type ShownRecord struct {
	Hash   string            `json:"hash,omitempty" doc:"The commitment to a record that is not shown, in hexadecimal."`
	Kind   string            `json:"kind,omitempty" example:"journal_line"`
	Nonce  string            `json:"nonce,omitempty" doc:"In hexadecimal."`
	Fields map[string]string `json:"fields,omitempty"`
}

// Consistency proves that a log begins with the whole of an earlier one.
type Consistency struct {
	Checkpoint string   `json:"checkpoint" doc:"The earlier log's checkpoint, a signed note."`
	Path       []string `json:"path" doc:"The consistency proof (RFC 6962, section 2.1.2): hashes in Base64."`
}

// Show returns a record as it stands in a file.
func Show(r *Record) ShownRecord {
	return ShownRecord{Kind: r.Kind, Nonce: hex.EncodeToString(r.Nonce), Fields: r.Fields}
}

// Hide returns the commitment to a record as it stands in a file.
func Hide(r *Record) ShownRecord {
	c := r.Commitment()
	return ShownRecord{Hash: hex.EncodeToString(c[:])}
}

// Path writes the hashes of a proof.
func Path(hashes []tlog.Hash) []string {
	path := make([]string, len(hashes))
	for i, h := range hashes {
		path[i] = base64.StdEncoding.EncodeToString(h[:])
	}
	return path
}

func parsePath(path []string) ([]tlog.Hash, error) {
	if len(path) > maxPath {
		return nil, errors.New("the path is too long")
	}
	hashes := make([]tlog.Hash, len(path))
	for i, s := range path {
		b, err := base64.StdEncoding.Strict().DecodeString(s)
		if err != nil || len(b) != tlog.HashSize {
			return nil, errors.New("the path holds what is no hash")
		}
		copy(hashes[i][:], b)
	}
	return hashes, nil
}

var errForm = errors.New("the proof is not of a form that this program knows")

// ParseFile reads a proof file.
func ParseFile(b []byte) (*File, error) {
	if len(b) > maxFile {
		return nil, errors.New("the proof is too long")
	}
	var f File
	d := json.NewDecoder(strings.NewReader(string(b)))
	d.DisallowUnknownFields()
	if err := d.Decode(&f); err != nil {
		return nil, errForm
	}
	if f.Format != FileFormat {
		return nil, errForm
	}
	return &f, nil
}

// record reads a shown record.
func (s ShownRecord) record() (*Record, error) {
	nonce, err := hex.DecodeString(s.Nonce)
	r := &Record{Kind: s.Kind, Nonce: nonce, Fields: s.Fields}
	if err != nil || !r.valid() {
		return nil, errors.New("a record cannot be read")
	}
	return r, nil
}

// commitment returns what stands for the record in its leaf, and the record when it is shown.
func (s ShownRecord) commitment() (c [32]byte, shown *Record, err error) {
	if s.Hash == "" {
		if shown, err = s.record(); err == nil {
			c = shown.Commitment()
		}
		return c, shown, err
	}
	b, err := hex.DecodeString(s.Hash)
	if err != nil || len(b) != len(c) || s.Kind != "" || len(s.Fields) > 0 {
		return c, nil, errors.New("a hash cannot be read")
	}
	copy(c[:], b)
	return c, nil, nil
}

// Check returns the records that the leaf shows, when the leaf is in the log of the checkpoint.
func (l ProvedLeaf) Check(c Checkpoint) ([]*Record, error) {
	commitments := make([][32]byte, len(l.Records))
	var shown []*Record
	for i, s := range l.Records {
		hash, r, err := s.commitment()
		if err != nil {
			return nil, err
		}
		if commitments[i] = hash; r != nil {
			shown = append(shown, r)
		}
	}
	path, err := parsePath(l.Path)
	if err != nil {
		return nil, err
	}
	if l.Position < 0 || l.Position >= c.Size || tlog.CheckRecord(path, c.Size, c.Root, l.Position, LeafHash(commitments)) != nil {
		return nil, errors.New("its bytes do not lead to the root of the log: it was changed, or it was never in the log")
	}
	return shown, nil
}

// Check returns the earlier checkpoint, when the log of the later one begins with the whole of its log.
func (p Consistency) Check(k *Keys, later Checkpoint) (Checkpoint, error) {
	earlier, err := k.OpenCheckpoint(p.Checkpoint)
	if err != nil {
		return earlier, err
	}
	path, err := parsePath(p.Path)
	if err != nil {
		return earlier, err
	}
	switch {
	case earlier.Size == later.Size && earlier.Root == later.Root, earlier.Size == 0:
		return earlier, nil
	case earlier.Size > later.Size, tlog.CheckTree(path, later.Size, later.Root, earlier.Size, earlier.Root) != nil:
		return earlier, errors.New("the log does not begin with the earlier one: its past was changed")
	}
	return earlier, nil
}

// documentHeader begins the text by which the log's key signs a document.
const documentHeader = "vcledger document\n"

// SignDocument signs the hash of a document under the name by which people know it.
func (s *Signer) SignDocument(name string, sha256 []byte) (string, error) {
	return s.Sign(documentHeader + s.Origin() + "\n" + name + "\n" + hex.EncodeToString(sha256) + "\n")
}

// CheckDocument returns the name under which a document with the hash was signed.
func (k *Keys) CheckDocument(signed string, sha256 []byte) (string, error) {
	text, err := k.Open(signed)
	if err != nil {
		return "", err
	}
	rest, ok := strings.CutPrefix(text, documentHeader+k.verifiers[0].Name()+"\n")
	name, sum, whole := strings.Cut(strings.TrimSuffix(rest, "\n"), "\n")
	if !ok || !whole {
		return "", errors.New("the note is not one of a document")
	}
	if sum != hex.EncodeToString(sha256) {
		return name, errors.New("the document is not the one that was signed: at least one of its bytes was changed")
	}
	return name, nil
}

// Fingerprint is a short form of a document's hash that can be read out: eight groups of four.
func Fingerprint(sha256 []byte) string {
	s := strings.ToUpper(hex.EncodeToString(sha256[:16]))
	groups := make([]string, 0, 8)
	for i := 0; i < len(s); i += 4 {
		groups = append(groups, s[i:i+4])
	}
	return strings.Join(groups, " ")
}
