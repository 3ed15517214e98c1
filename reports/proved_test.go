package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/ledger/proof"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// signed makes a book whose log is signed, and returns the public key.
func signed(t *testing.T) (book, string) {
	t.Helper()
	signer := testSigner(t)
	b := openBook(t)
	b.UseLog(postgres.Log{Signer: signer})
	return b, signer.Public()
}

// testSigner makes a key for a log.
func testSigner(t testing.TB) *proof.Signer {
	t.Helper()
	private, public, err := proof.NewKey("fund.example.org/ledger")
	if err != nil {
		t.Fatal(err)
	}
	signer, err := proof.NewSigner(private, public)
	if err != nil {
		t.Fatal(err)
	}
	return signer
}

// file is an issued statement as a contributor gets it.
func (b book) file(t *testing.T, c ledger.ContributorCode, from, to string) []byte {
	t.Helper()
	s := issuing{ledgertest.OnStore(t, b.Store), t}.issue("proved "+string(c), reports.StatementRequest{Contributor: c, Period: days(t, from, to)})
	read, err := b.Statement(context.Background(), s.Number)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := reports.Thaw(read)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.JSON(&out, doc); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestStatementProvesItself verifies each contributor's statement of the book with nothing but the key, and again with a byte
// changed at many places.
func TestStatementProvesItself(t *testing.T) {
	b, public := signed(t)
	var codes []ledger.ContributorCode
	if err := b.owner.Select(&codes, `SELECT code FROM contributor ORDER BY code`); err != nil {
		t.Fatal(err)
	}
	told := 0
	for _, c := range codes {
		file := b.file(t, c, "2025-01-01", "2025-12-31")
		given := bytes.Clone(file)
		p, err := reports.VerifyStatement(file, public)
		if err != nil {
			t.Fatal(c, err)
		}
		if !bytes.Equal(file, given) {
			t.Errorf("%s: looking at the file changed it", c)
		}
		carried(t, file, public)
		for _, w := range p.Wrong {
			t.Errorf("%s: %s", c, w)
		}
		told += len(p.Proven)
		for i := 40; i < len(file)-2; i += len(file) / 40 {
			if strings.IndexByte(`{}[]",: `, file[i]) >= 0 {
				continue
			}
			changed := bytes.Clone(file)
			if changed[i]++; bytes.EqualFold(changed[i:i+1], file[i:i+1]) {
				continue
			}
			if p, err := reports.VerifyStatement(changed, public); err == nil && len(p.Wrong) == 0 {
				t.Errorf("%s: a changed byte at %d passes: %s", c, i, changed[max(0, i-30):i+10])
			}
		}
	}
	if told == 0 {
		t.Fatal("nothing was proven of anybody")
	}
}

// carried writes the statement as a PDF and as a page, and verifies and draws again what they carry.
func carried(t *testing.T, file []byte, public string) {
	t.Helper()
	var s reports.Statement
	if err := json.Unmarshal(file, &s); err != nil {
		t.Fatal(err)
	}
	for _, f := range render.Formats {
		if f.Name != "pdf" && f.Name != "html" {
			continue
		}
		var page bytes.Buffer
		if err := f.Write(&page, &s, language.French); err != nil {
			t.Fatal(err)
		}
		document, form, err := render.Attached(page.Bytes())
		if err != nil || form != f.Name || !bytes.Equal(document, file) {
			t.Errorf("%s: what is carried is not the statement: %v", f.Name, err)
			continue
		}
		if l, same := render.Drawn(document, page.Bytes(), form); !same || l != language.French {
			t.Errorf("%s: the pages are not drawn again", f.Name)
		}
		changed := bytes.Replace(page.Bytes(), []byte("2025"), []byte("2026"), 1)
		if _, same := render.Drawn(document, changed, form); same {
			t.Errorf("%s: changed pages pass", f.Name)
		}
	}
}
