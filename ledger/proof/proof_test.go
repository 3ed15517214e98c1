package proof_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"flag"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"vcledger/ledger/proof"
)

var update = flag.Bool("update", false, "write the vectors anew: only for a new format, never for an old one")

// vector is an example of the encoding, which no later release may change.
type vector struct {
	Kind       string            `json:"kind"`
	Nonce      string            `json:"nonce"`
	Fields     map[string]string `json:"fields"`
	Bytes      string            `json:"bytes"`
	Commitment string            `json:"commitment"`
	LeafHash   string            `json:"leaf_hash"` // of a leaf that has this record twice
}

func (v vector) record() *proof.Record {
	nonce, _ := hex.DecodeString(v.Nonce)
	return &proof.Record{Kind: v.Kind, Nonce: nonce, Fields: v.Fields}
}

func (v vector) made() vector {
	r := v.record()
	c := r.Commitment()
	h := proof.LeafHash([][32]byte{c, c})
	v.Bytes, v.Commitment, v.LeafHash = hex.EncodeToString(r.Append(nil)), hex.EncodeToString(c[:]), hex.EncodeToString(h[:])
	return v
}

func TestVectors(t *testing.T) {
	const path = "testdata/vectors.json"
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var vectors []vector
	if err := json.Unmarshal(file, &vectors); err != nil || len(vectors) == 0 {
		t.Fatal("no vectors:", err)
	}
	for i, v := range vectors {
		made := v.made()
		if *update {
			vectors[i] = made
			continue
		}
		if made.Bytes != v.Bytes || made.Commitment != v.Commitment || made.LeafHash != v.LeafHash {
			t.Errorf("vector %d is encoded otherwise than it was: proofs that were issued would break\n%+v", i, made)
		}
		b, _ := hex.DecodeString(v.Bytes)
		r, err := proof.ParseRecord(b)
		if err != nil || !r.Same(v.record()) {
			t.Errorf("vector %d is not read back: %v", i, err)
		}
		names, values := append(slices.Collect(maps.Keys(v.Fields)), "empty"), [][]byte{}
		slices.Sort(names)
		for _, name := range names {
			values = append(values, []byte(v.Fields[name]))
		}
		if row := proof.AppendRow(nil, v.Kind, v.record().Nonce, names, values); !bytes.Equal(row, b) {
			t.Errorf("vector %d is encoded otherwise from columns: %x", i, row)
		}
	}
	if *update {
		b, err := json.MarshalIndent(vectors, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, append(b, '\n'), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// signer makes a key for a test.
func signer(t testing.TB) *proof.Signer {
	t.Helper()
	private, public, err := proof.NewKey("fund.example.org/ledger")
	if err != nil {
		t.Fatal(err)
	}
	s, err := proof.NewSigner(private, public)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// log is a tree in memory.
type log struct{ hashes []tlog.Hash }

func (l *log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	list := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		list[i] = l.hashes[index]
	}
	return list, nil
}

func (l *log) add(t testing.TB, n int64, h tlog.Hash) {
	t.Helper()
	stored, err := tlog.StoredHashesForRecordHash(n, h, l)
	if err != nil {
		t.Fatal(err)
	}
	l.hashes = append(l.hashes, stored...)
}

func (l *log) checkpoint(t testing.TB, s *proof.Signer, size int64) (proof.Checkpoint, string) {
	t.Helper()
	root, err := tlog.TreeHash(size, l)
	if err != nil {
		t.Fatal(err)
	}
	c := proof.Checkpoint{Origin: s.Origin(), Size: size, Root: root}
	note, err := s.Sign(c.Text())
	if err != nil {
		t.Fatal(err)
	}
	return c, note
}

// TestNonces holds the nonces to what they were: another one would break every leaf.
func TestNonces(t *testing.T) {
	nonces := proof.NewNonces([]byte("seed"))
	nonces.Of("unit", "day", 0) // what came before does not matter
	if got, want := hex.EncodeToString(nonces.Of("journal_entry", "x", 12)), "f97011580cda21865e57d30a8107aac7"; got != want {
		t.Errorf("the nonce is %s, want %s", got, want)
	}
}

// TestProofs proves each leaf of logs of many sizes, and that each log begins with each earlier one, and that nothing else passes.
func TestProofs(t *testing.T) {
	const most = 20
	s := signer(t)
	l := &log{}
	records, nonces := make([]*proof.Record, most), proof.NewNonces([]byte("seed"))
	for i := range records {
		records[i] = &proof.Record{Kind: "journal_entry", Nonce: slices.Clone(nonces.Of("journal_entry", "x", i)), Fields: map[string]string{"id": strings.Repeat("x", i+1)}}
		l.add(t, int64(i), proof.LeafHash([][32]byte{records[i].Commitment()}))
	}
	keys, err := s.Keys(nil)
	if err != nil {
		t.Fatal(err)
	}
	for size := int64(1); size <= most; size++ {
		c, note := l.checkpoint(t, s, size)
		if opened, err := keys.OpenCheckpoint(note); err != nil || opened != c {
			t.Fatal("a checkpoint is not opened:", err)
		}
		for n := range size {
			path, err := tlog.ProveRecord(size, n, l)
			if err != nil {
				t.Fatal(err)
			}
			leaf := proof.ProvedLeaf{Position: n, Records: []proof.ShownRecord{proof.Show(records[n])}, Path: proof.Path(path)}
			if shown, err := leaf.Check(c); err != nil || len(shown) != 1 {
				t.Errorf("leaf %d of %d: %v", n, size, err)
			}
			hidden := leaf
			hidden.Records = []proof.ShownRecord{proof.Hide(records[n])}
			if shown, err := hidden.Check(c); err != nil || len(shown) != 0 {
				t.Errorf("leaf %d of %d, not shown: %v", n, size, err)
			}
			other := leaf
			other.Records = []proof.ShownRecord{proof.Show(records[(n+1)%most])}
			if _, err := other.Check(c); err == nil {
				t.Errorf("another record passes as leaf %d of %d", n, size)
			}
			earlier, earlierNote := l.checkpoint(t, s, n+1)
			tree, err := tlog.ProveTree(size, n+1, l)
			if err != nil {
				t.Fatal(err)
			}
			p := proof.Consistency{Checkpoint: earlierNote, Path: proof.Path(tree)}
			if got, err := p.Check(keys, c); err != nil || got != earlier {
				t.Errorf("a log of %d does not grow to %d: %v", n+1, size, err)
			}
			if changed := (proof.Checkpoint{Origin: c.Origin, Size: size, Root: tlog.RecordHash([]byte("x"))}); n+1 < size {
				if _, err := p.Check(keys, changed); err == nil {
					t.Errorf("a log of %d grows to another of %d", n+1, size)
				}
			}
		}
	}
}

// TestRotation trusts a new key by the old one's word, along a chain and in any order, and nobody else's.
func TestRotation(t *testing.T) {
	first, second, third, stranger := signer(t), signer(t), signer(t), signer(t)
	vouch := func(by, of *proof.Signer) string {
		v, err := by.Vouch(of.Public())
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	vouchers := []string{vouch(second, third), vouch(first, second), vouch(stranger, stranger)}
	keys, err := proof.NewKeys(first.Public(), vouchers)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range []*proof.Signer{first, second, third} {
		note, err := s.Sign("x\n")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := keys.Open(note); err != nil {
			t.Errorf("a key of the chain is not trusted: %v", err)
		}
	}
	note, err := stranger.Sign("x\n")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := keys.Open(note); err == nil {
		t.Error("a stranger's key is trusted")
	}
	private, public, err := proof.NewKey("elsewhere.example.org")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := first.Vouch(public); err == nil {
		t.Error("the key of another log is vouched for")
	}
	if _, err := proof.NewSigner(private, first.Public()); err == nil {
		t.Error("halves of two pairs make a signer")
	}
}

func TestDocument(t *testing.T) {
	s := signer(t)
	keys, err := s.Keys(nil)
	if err != nil {
		t.Fatal(err)
	}
	note, err := s.SignDocument("2026/000001", []byte{1, 2})
	if err != nil {
		t.Fatal(err)
	}
	if name, err := keys.CheckDocument(note, []byte{1, 2}); err != nil || name != "2026/000001" {
		t.Errorf("a signed document does not pass: %q, %v", name, err)
	}
	if _, err := keys.CheckDocument(note, []byte{1, 3}); err == nil {
		t.Error("another document passes")
	}
	_, checkpoint := (&log{hashes: []tlog.Hash{{}}}).checkpoint(t, s, 1)
	if _, err := keys.CheckDocument(checkpoint, []byte{1, 2}); err == nil {
		t.Error("a checkpoint passes as a signed document")
	}
}

func FuzzParseRecord(f *testing.F) {
	f.Add((&proof.Record{Kind: "rate", Nonce: []byte("0123456789abcdef"), Fields: map[string]string{"currency": "EUR"}}).Append(nil))
	f.Fuzz(func(t *testing.T, b []byte) {
		if r, err := proof.ParseRecord(b); err == nil && !bytes.Equal(r.Append(nil), b) {
			t.Error("a record is read from bytes that it does not write")
		}
	})
}

func FuzzParseLeaf(f *testing.F) {
	f.Add(proof.Leaf([][32]byte{{1}, {2}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := proof.ParseLeaf(b); err == nil && !bytes.Equal(proof.Leaf(c), b) {
			t.Error("a leaf is read from bytes that it does not write")
		}
	})
}

func FuzzParseCheckpoint(f *testing.F) {
	f.Add(proof.Checkpoint{Origin: "fund.example.org", Size: 7}.Text())
	f.Fuzz(func(t *testing.T, text string) {
		if c, err := proof.ParseCheckpoint(text); err == nil && !strings.HasPrefix(text, c.Text()) {
			t.Error("a checkpoint is read from a text that it does not write")
		}
	})
}

func FuzzParseFile(f *testing.F) {
	f.Add([]byte(`{"format":"vcledger.proof.v1","key":"","checkpoint":"","leaves":[{"position":0,"records":[{"hash":"00"}],"path":["AA=="]}]}`), "k")
	s := signer(f)
	keys, err := s.Keys(nil)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, b []byte, note string) {
		file, err := proof.ParseFile(b)
		if err != nil {
			return
		}
		for _, leaf := range file.Leaves {
			if _, err := leaf.Check(proof.Checkpoint{Size: 3}); err == nil {
				t.Error("a leaf leads to the root of nothing")
			}
		}
		if _, err := keys.CheckDocument(note, nil); err == nil {
			t.Error("a note that nobody signed passes")
		}
		if file.Consistency != nil {
			if _, err := file.Consistency.Check(keys, proof.Checkpoint{Size: 3}); err == nil {
				t.Error("a log grew that nobody signed")
			}
		}
	})
}
