package bankfile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger/bankfile"
)

var update = flag.Bool("update", false, "write the golden files anew")

// statement is all that a file says of one statement.
type statement struct {
	Header  bankfile.Header
	Entries []bankfile.Entry
	Trailer bankfile.Trailer
}

// book keeps what a reader gives.
type book struct {
	t          testing.TB
	open       bool
	statements []statement
}

func (b *book) Begin(h bankfile.Header) error {
	if b.open {
		b.t.Error("a statement begins before the one before has ended")
	}
	b.open = true
	b.statements = append(b.statements, statement{Header: h})
	return nil
}

func (b *book) Entry(e bankfile.Entry) error {
	if !b.open {
		b.t.Error("an entry stands outside a statement")
	}
	s := &b.statements[len(b.statements)-1]
	s.Entries = append(s.Entries, e)
	return nil
}

func (b *book) End(tr bankfile.Trailer) error {
	if !b.open {
		b.t.Error("a statement ends that has not begun")
	}
	b.open = false
	b.statements[len(b.statements)-1].Trailer = tr
	return nil
}

// read reads a text that must be readable.
func read(t testing.TB, file string) []statement {
	t.Helper()
	b := &book{t: t}
	if err := bankfile.Read(strings.NewReader(file), b); err != nil {
		t.Fatal(err)
	}
	if b.open {
		t.Error("the last statement has not ended")
	}
	return b.statements
}

// refused reads a text that must be refused.
func refused(t testing.TB, file string) *bankfile.Fault {
	t.Helper()
	var fault *bankfile.Fault
	if err := bankfile.Read(strings.NewReader(file), &book{t: t}); !errors.As(err, &fault) {
		t.Fatalf("got %v, want a fault", err)
	}
	return fault
}

// TestFiles reads every file that a bank or another project made, and holds all that is read.
func TestFiles(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range files {
		if ext := filepath.Ext(path); ext == ".json" || ext == ".md" {
			continue
		}
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			b := &book{t: t}
			var got any
			if err := bankfile.Read(bytes.NewReader(file), b); err != nil {
				got = err.Error()
			} else {
				for _, s := range b.statements {
					for i := range s.Entries {
						if s.Entries[i].Original == "" {
							t.Errorf("line %d: no original text", s.Entries[i].Line)
						}
						s.Entries[i].Original = "" // it is the file's; TestOriginal reads it
					}
				}
				got = b.statements
			}
			text, err := json.MarshalIndent(got, "", "  ")
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, '\n')
			golden := path + ".json"
			if *update {
				if err := os.WriteFile(golden, text, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), string(text)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}
