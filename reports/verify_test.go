package reports_test

import (
	"bytes"
	"regexp"
	"slices"
	"strings"
	"testing"

	"vcledger/ledger/ledgertest"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// TestVerifyNamesTheFigure changes one figure of a statement and of a report in JSON, and of the file that their PDF and page
// carry: what was changed is told in words, and that the document is not the signed one, in every form.
func TestVerifyNamesTheFigure(t *testing.T) {
	b, public := signed(t)
	for _, x := range []struct {
		file   []byte
		before string // what stands before the figure
		words  string
	}{
		{b.file(t, "XAA", "2024-01-01", "2024-12-31"), `"cash_total_usd":\{"pledges":\{"opening":\{"amount":"`, "The summary of cash pledges does not add up"},
		{b.file(t, "XAA", "2023-01-01", "2023-12-31"), `"credited":\{"money":\{"amount":"`, "The receipt of 2023-"},
		{b.file(t, "XAA", "2022-01-01", "2024-12-31"), `"allocations":\[\{"date":"2024-[^\]]*?"amount":\{"money":\{"amount":"`, "in the log says: "},
		{b.report(t), `"accounts":\[\{"account":"1010","name":"Cash at bank","opening":\{"amount":"`, "Account 1010 does not add up: the file says "},
	} {
		figure := regexp.MustCompile(x.before)
		at := figure.FindIndex(x.file)
		if at == nil {
			t.Fatalf("the file has no %s: %s", x.before, x.file)
		}
		doc, err := reports.Read(x.file)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range render.Formats {
			if f.Name != "json" && f.Name != "pdf" && f.Name != "html" {
				continue
			}
			var out bytes.Buffer
			if err := f.Write(&out, doc, language.English); err != nil {
				t.Fatal(err)
			}
			document, form, err := render.Attached(out.Bytes())
			if err != nil || form != f.Name {
				t.Fatal(f.Name, err)
			}
			_, _, wrong := proves(t, slices.Insert(bytes.Clone(document), at[1], '7'), public)
			for _, words := range []string{x.words, "at least one of its bytes was changed"} {
				if !strings.Contains(wrong, words) {
					t.Errorf("%s, %s: %q is not told: %s", f.Name, x.before, words, wrong)
				}
			}
		}
	}
}

// TestDrawnInEveryLanguage writes a statement in each form that carries its document, in each language: each is known again as
// what it is, and no other language's is.
func TestDrawnInEveryLanguage(t *testing.T) {
	b, _ := signed(t)
	file := b.file(t, "XAA", "2024-01-01", "2024-12-31")
	doc, err := reports.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range render.Formats {
		if f.Name != "pdf" && f.Name != "html" {
			continue
		}
		for _, l := range language.All {
			var out bytes.Buffer
			if err := f.Write(&out, doc, l); err != nil {
				t.Fatal(err)
			}
			if got, same := render.Drawn(file, out.Bytes(), f.Name); !same || got != l {
				t.Errorf("%s in %s is taken for %q, %v", f.Name, l, got, same)
			}
		}
	}
}

// TestVerifyOfParts cuts a statement in each form at many places: no part verifies, and none is looked at without an error or
// a word of what is wrong.
func TestVerifyOfParts(t *testing.T) {
	b, public := signed(t)
	doc, err := reports.Read(b.file(t, "XAA", "2024-01-01", "2024-12-31"))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range render.Formats {
		if f.Name != "json" && f.Name != "pdf" && f.Name != "html" {
			continue
		}
		var out bytes.Buffer
		if err := f.Write(&out, doc, language.English); err != nil {
			t.Fatal(err)
		}
		whole := out.Bytes()
		for i := 0; i < len(whole)-2; i += 1 + len(whole)/150 {
			document, form, err := render.Attached(whole[:i])
			if err != nil {
				continue
			}
			p, err := reports.Verify(document, public)
			if err != nil || len(p.Wrong) > 0 {
				continue
			}
			if _, same := render.Drawn(document, whole[:i], form); form == "json" || same {
				t.Errorf("%s: the first %d of %d bytes verify", f.Name, i, len(whole))
			}
		}
	}
}

// FuzzVerify lets the verifier look at bytes from anywhere: it may refuse them, and it never fails.
func FuzzVerify(f *testing.F) {
	for _, seed := range []string{"", "{}", "null", "[]", `{"schema":"vcledger.statement.v1"}`, `{"schema":"vcledger.fund-report.v1","proof":{"format":"vcledger.proof.v1"}}`,
		`{"schema":"vcledger.statement.v1","issued":{"number":"2026/000001"},"proof":{"format":"vcledger.proof.v1","key":"k","checkpoint":"x\n1\nAAAA\n\n","leaves":[{"position":-1,"records":[{"hash":"00"}],"path":["A"]}]}}`,
		`{"format":"vcledger.proof.v1","key":"","checkpoint":"","leaves":[{"position":0,"records":[{"kind":"k","nonce":"00","fields":{"a":"b"}}],"path":[]}],"consistency":{"checkpoint":"","path":[""]}}`,
		"%PDF-1.7\n1 0 obj\n<</Type /EmbeddedFile /Filter /FlateDecode>>\nstream\nx\nendstream", `<a href="data:application/json;base64,e30=">`} {
		f.Add([]byte(seed))
	}
	signer := ledgertest.Signer(f)
	checkpoint, err := signer.Sign("fund.example.org/ledger\n1\n3rqfFmx8MCgN8fmNFSGELDj2rM3Q3i9JnVjcmI0kVd0=\n")
	if err != nil {
		f.Fatal(err)
	}
	f.Add([]byte(`{"format":"vcledger.proof.v1","key":"` + ledgertest.PublicKey + `","checkpoint":"` + strings.ReplaceAll(checkpoint, "\n", `\n`) + `","leaves":[]}`))
	f.Fuzz(func(t *testing.T, file []byte) {
		document, form, err := render.Attached(file)
		if err != nil {
			return
		}
		p, err := reports.Verify(document, ledgertest.PublicKey)
		if err != nil {
			return
		}
		if p.Title.String() == "" || len(p.Proven)+len(p.Wrong)+len(p.Unproven) == 0 {
			t.Errorf("nothing is told of %q", file)
		}
		if form != "json" {
			render.Drawn(document, file, form)
		}
	})
}
