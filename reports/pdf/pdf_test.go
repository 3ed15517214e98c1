package pdf_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
	"vcledger/reports/pdf"
	"vcledger/reports/render"
)

var update = flag.Bool("update", false, "write the golden files")

// frozen reads a document of the tests of package reports back.
func frozen(t testing.TB, file string, into any) any {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, into); err != nil {
		t.Fatal(err)
	}
	return into
}

func written(t testing.TB, d *layout.Document) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := pdf.Write(&b, d); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sound reads a file and holds it to what every one of ours is: pages of A4 with their numbers, nothing beyond the paper's edge,
// tagged as a whole, in a language, with a title that the window shows, and with the fonts inside.
func sound(b []byte) (*file, []sheet, *node, error) {
	f, err := read(b)
	if err != nil {
		return nil, nil, nil, err
	}
	root := f.dict(f.trailer["Root"])
	if f.dict(root["MarkInfo"])["Marked"] != "true" || utf16Text(root["Lang"]) == "" || f.dict(root["ViewerPreferences"])["DisplayDocTitle"] != "true" || utf16Text(f.dict(f.trailer["Info"])["Title"]) == "" {
		return nil, nil, nil, fmt.Errorf("not tagged, or without a language or a title: %v", root)
	}
	sheets, err := f.pages()
	if err != nil {
		return nil, nil, nil, err
	}
	for i, s := range sheets {
		if size := fmt.Sprint(s.width, s.height); size != "595.28 841.89" && size != "841.89 595.28" {
			return nil, nil, nil, fmt.Errorf("page %d is %s points, not A4", i+1, size)
		}
		for _, l := range s.lines {
			if l.x < 0 || l.end > s.width || l.y < 0 || l.y > s.height {
				return nil, nil, nil, fmt.Errorf("page %d: %q stands from %f to %f at %f, beyond the paper", i+1, l.text, l.x, l.end, l.y)
			}
		}
	}
	tree, err := f.structure(sheets)
	return f, sheets, tree, err
}

// TestTextLayer holds what a reader of the statement and the report takes out, element by element in the order in which it is
// read, against golden files. The words of a line stand as they are seen, from left to right, in every language.
func TestTextLayer(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]any{"statement": frozen(t, "statement.json", &reports.Statement{}), "fundreport": frozen(t, "fundreport_gen.json", &reports.FundReport{})} {
		for _, l := range []language.Language{language.English, language.Arabic} {
			page, err := render.Page(doc, l)
			if err != nil {
				t.Fatal(err)
			}
			_, sheets, tree, err := sound(written(t, page))
			if err != nil {
				t.Errorf("%s in %s: %v", name, l, err)
				continue
			}
			var b strings.Builder
			tree.told(&b, "")
			for _, s := range sheets {
				for _, line := range s.lines {
					if line.artifact && line.y < 60 {
						b.WriteString("foot: " + line.text + "\n")
					}
				}
			}
			golden(t, name+"_"+string(l)+".txt", b.String())
		}
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	path := filepath.Join("testdata", file)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s differs; run go test with -update and read what changed (-want +got):\n%s", file, cmp.Diff(string(want), got))
	}
}

// TestSame writes each document twice in every language and format that is told in one.
func TestSame(t *testing.T) {
	t.Parallel()
	for name, doc := range map[string]any{"statement": frozen(t, "statement.json", &reports.Statement{}), "fundreport": frozen(t, "fundreport_spf.json", &reports.FundReport{})} {
		for _, l := range language.All {
			for _, f := range render.Formats {
				var first, second bytes.Buffer
				for _, w := range []io.Writer{&first, &second} {
					if err := f.Write(w, doc, l); err != nil {
						t.Fatal(err)
					}
				}
				if first.Len() == 0 || !bytes.Equal(first.Bytes(), second.Bytes()) {
					t.Errorf("%s as %s in %s: other bytes the second time", name, f.Name, l)
				}
			}
		}
	}
}

// TestLanguages writes the documents in every language: the file says which, and in which direction its pages are turned.
func TestLanguages(t *testing.T) {
	t.Parallel()
	doc := frozen(t, "statement.json", &reports.Statement{})
	for _, l := range language.All {
		page, err := render.Page(doc, l)
		if err != nil {
			t.Fatal(err)
		}
		f, _, _, err := sound(written(t, page))
		if err != nil {
			t.Errorf("%s: %v", l, err)
			continue
		}
		root := f.dict(f.trailer["Root"])
		direction := map[bool]name{false: "L2R", true: "R2L"}[l.RightToLeft()]
		if got := utf16Text(root["Lang"]); got != string(l) || f.dict(root["ViewerPreferences"])["Direction"] != direction {
			t.Errorf("%s: the file says %s, %v", l, got, root["ViewerPreferences"])
		}
	}
}

// table is a document with one long table: as many lines as asked for, and a total.
func table(l language.Language, lines int) *layout.Document {
	t := layout.Table{Columns: []layout.Column{{Title: "Contributor", Wraps: true, Needed: true}, {Title: "Amount", Kind: layout.Amount, Needed: true}}}
	for i := range lines {
		t.Add(layout.Words(fmt.Sprintf("Contributor with a name that takes more than a line of its column, and so goes on, number %d", i)), layout.Cash(ledger.Dollars(decimal.NewFromInt(int64(i+1)))))
		t.Across(layout.Detail, fmt.Sprintf("detail of %d", i))
	}
	t.AddTotal(t.Lines(0), layout.Words("Total"), layout.Cash(ledger.Dollars(decimal.NewFromInt(int64(lines*(lines+1)/2)))))
	return &layout.Document{Language: l, Title: "Long", Subject: "Table", Sections: []layout.Section{{Name: "t", Title: "Lines", Table: &t}}}
}

// TestPages writes a table over many pages: each has its number, its header is read out once and stands on all, and no row and no
// line with its detail is parted.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, l := range []language.Language{language.English, language.Arabic} {
		_, sheets, tree, err := sound(written(t, table(l, 200)))
		if err != nil {
			t.Fatal(err)
		}
		if len(sheets) < 5 {
			t.Fatalf("%s: only %d pages", l, len(sheets))
		}
		for i, s := range sheets {
			foot, header := l.F("Page %s of %s", fmt.Sprint(i+1), fmt.Sprint(len(sheets))), 0
			numbered := l.RightToLeft() // its words stand in the order in which they are seen
			for _, line := range s.lines {
				numbered = numbered || line.artifact && line.text == foot
				if line.text == "Amount" {
					header++
				}
			}
			if !numbered || header != 1 {
				t.Errorf("%s: page %d has its number: %v, the header %d times", l, i+1, numbered, header)
			}
		}
		var rows []*node
		headers := 0
		tree.all(func(n *node) {
			switch n.kind {
			case "TR":
				rows = append(rows, n)
			case "TH":
				headers++
			}
		})
		if headers != 2 || len(rows) != 402 {
			t.Errorf("%s: %d headers and %d rows are read out", l, headers, len(rows))
		}
		for i, r := range rows {
			on := map[int]bool{}
			r.all(func(n *node) {
				for p := range n.pages {
					on[p] = true
				}
			})
			if i%2 == 0 && i > 0 && i < 401 { // a detail: it stays with the line above it
				rows[i-1].all(func(n *node) {
					for p := range n.pages {
						on[p] = true
					}
				})
			}
			if len(on) != 1 {
				t.Errorf("%s: row %d stands on the pages %v", l, i, on)
			}
		}
	}
}

// TestFonts holds every font of a document in three scripts to being inside of it, as a subset of one whose licence is kept beside it.
func TestFonts(t *testing.T) {
	t.Parallel()
	licence, err := os.ReadFile(filepath.Join("fonts", "LICENSE"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(licence), "SIL OPEN FONT LICENSE Version 1.1") {
		t.Error("fonts/LICENSE is not the licence of the fonts")
	}
	f, _, _, err := sound(written(t, &layout.Document{Language: language.English, Title: "Bold 中文", Subject: "بنك", Facts: []layout.Fact{{Label: "a", Value: "Ж é 中 بنك"}}}))
	if err != nil {
		t.Fatal(err)
	}
	subset := regexp.MustCompile(`^[A-Z]{6}\+(Noto\w+-\w+)$`)
	found := map[string]bool{}
	for _, o := range f.objects {
		d, _ := o.value.(dict)
		if d["Subtype"] != name("Type0") {
			continue
		}
		face, err := f.typeface(d)
		if err != nil {
			t.Fatal(err)
		}
		m := subset.FindStringSubmatch(face.name)
		if m == nil || len(face.file) < 500 || !bytes.HasPrefix(face.file, []byte{0, 1, 0, 0}) {
			t.Fatalf("%s is no subset inside of the file", face.name)
		}
		if whole, err := os.Stat(filepath.Join("fonts", m[1]+".ttf")); err != nil || whole.Size() < 4*int64(len(face.file)) {
			t.Errorf("%s is not a small part of a font that stands beside its licence: %v", face.name, err)
		}
		found[m[1]] = true
	}
	if len(found) != 4 { // Chinese is stroked where it is bold
		t.Errorf("the fonts %v", found)
	}
}

// TestHiddenOrders writes what names from outside may hold to deceive a reader: it is shown by its code.
func TestHiddenOrders(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"a\u202eb": "a[U+202E]b", "a\u2066b": "a[U+2066]b", "a\x00b\x1b": "a[U+0000]b[U+001B]", "👩": "[U+1F469]", "a\nb\tc": "a b c", "\xff": "\ufffd",
	} {
		_, sheets, _, err := sound(written(t, &layout.Document{Language: language.English, Title: "T", Facts: []layout.Fact{{Label: "name", Value: in}}}))
		if err != nil {
			t.Errorf("%q: %v", in, err)
			continue
		}
		var texts []string
		for _, l := range sheets[0].lines {
			texts = append(texts, l.text)
		}
		if got := strings.Join(texts, "|"); !strings.Contains(got, "|"+want+"|") {
			t.Errorf("%q is shown as %q, want %q", in, got, want)
		}
	}
}

// FuzzWrite writes any texts in every place of a document in both directions: the file is sound, and the same twice.
func FuzzWrite(f *testing.F) {
	for _, s := range []string{"", "Germany", "\u202e\u2066\u2069evil\u200b\u200d", "👩‍👩‍👧 家 بنك التنمية 12.50 (3)", strings.Repeat("x", 3000), strings.Repeat("長", 300), strings.Repeat("ب\u064b", 600), "e\u0301\u0301\u0301", "\xff\xfe\x00", "()<>[]\\/%", strings.Repeat("a ", 500), "\n\n"} {
		f.Add(s, s, true)
		f.Add("Notes", s, false)
	}
	f.Fuzz(func(t *testing.T, a, b string, fromRight bool) {
		if len(a)+len(b) > 100000 {
			return // longer than any field of the ledger
		}
		l := language.English
		if fromRight {
			l = language.Arabic
		}
		d := anywhere(l, a, b)
		first := written(t, d)
		if !bytes.Equal(first, written(t, d)) {
			t.Error("other bytes the second time")
		}
		if _, _, _, err := sound(first); err != nil {
			t.Error(err)
		}
	})
}

// anywhere is a document with texts in each place that may have one from outside.
func anywhere(l language.Language, a, b string) *layout.Document {
	t := &layout.Table{Columns: []layout.Column{{Title: "W", Needed: true}, {Title: "N", Wraps: true, Needed: true}, {Title: "A", Kind: layout.Amount, Needed: true}, {Title: "L", Leads: true, Needed: true}}}
	t.Across(layout.Heading, b)
	t.Across(layout.Lead, a)
	t.Add(layout.Words(a), layout.Words(b), layout.Cash(ledger.Dollars(decimal.NewFromInt(-5))), layout.Words(b))
	t.Across(layout.Detail, a)
	t.Rows[len(t.Rows)-1].Leads = b
	t.AddTotal([]int{2}, layout.Words(b), layout.Nothing, layout.Cash(ledger.Dollars(decimal.NewFromInt(-5))), layout.Nothing)
	c := &layout.Chart{Title: a, Bars: len(a)%2 == 0, Currency: ledger.USD, Categories: []string{a, b}, Series: []layout.Series{{Name: b, Values: []decimal.Decimal{decimal.NewFromInt(7), decimal.NewFromInt(-7)}}}}
	return &layout.Document{Language: l, Title: "T" + a, Subject: b, Facts: []layout.Fact{{Label: a, Value: b}}, Warning: a,
		Sections: []layout.Section{{Name: "t", Title: b, Text: a, Table: t}, {Name: "c", Title: a, Chart: c}, {Name: "n", Title: a, Notes: []string{a, b}}}}
}
