package reports_test

import (
	"bytes"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/google/uuid"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/proof"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// TestVerifyIsWholeInEveryLanguage spoils files in each way that a check names and reads what it says in the six languages:
// each part of each sentence is in the catalogue, and where the script is not Latin the only Latin words are the file's own
// names and codes. A frame in the language of the reader around a reason in English fails.
func TestVerifyIsWholeInEveryLanguage(t *testing.T) {
	b, public := signed(t)
	b.owner.SetMaxOpenConns(1)
	b.aged(t) // the log grows after it, by the statement that is issued
	statement := b.file(t, "XAA", "2022-01-01", "2024-12-31")
	report := b.report(t)
	alone := proofOf(t, report)
	own := map[string]bool{}
	for _, file := range [][]byte{statement, report} {
		ownWords(object(t, file), "", own)
	}
	for _, w := range []string{"JSON", "PDF", "HTML", "NAME", "HASH", "KEY", "vcledger", "verify", "v1", "proof", "inclusion", "USD", "other", "form", "html", "pdf", "fr", latinWord.FindString(strangeRoot)} {
		own[w] = true
	}
	seen := map[string]bool{}
	for name, file := range spoiled(t, statement, report, alone) {
		for i, said := range checked(t, file, public) {
			parts(said, func(message string) {
				seen[message] = true
				if strings.ContainsFunc(place.ReplaceAllString(message, ""), unicode.IsLetter) && !language.Known(message) {
					t.Errorf("%s: %q is not in the catalogue", name, message)
				}
			})
			for _, l := range language.All {
				words := language.Plain(render.Say(l, said))
				if strings.Contains(words, "%!") {
					t.Errorf("%s, %s: %s", name, l, words)
				}
				if l != language.Arabic && l != language.Chinese && l != language.Russian {
					continue
				}
				for _, w := range latinWord.FindAllString(words, -1) {
					if !own[w] {
						t.Errorf("%s, sentence %d in %s: %q is no word of the file: %s", name, i, l, w, words)
					}
				}
			}
		}
	}
	// What the cases are for: a file spoiled so that nothing is told of it would pass.
	for _, message := range []string{"The document: %s.", "The checkpoint of the log: %s.", "Record %d of the log: %s.", "The earlier log: %s.", "%s does not add up: the file says %s %s, and its parts are %s.",
		"%s does not say what %s in the log says: %s.", "%s names %s, which is not among the proved records.", "the allocation by the entry %s", "the entry %s",
		"%s, of contributors of the kind %s", "The debits of the books", "The credits of the memorandum accounts", "The memorandum accounts, whose debits are their credits,",
		"it was not signed with this key", "its signature is wrong, or it is no signed note", "the note is too long", "a checkpoint has three lines: the log's name, its size and its root",
		"the size of the checkpoint is not a number of leaves", "the root of the checkpoint is not a hash", "the checkpoint is of another log than the key", "the path is too long",
		"the path holds what is no hash", "a record cannot be read", "a hash cannot be read", "its bytes do not lead to the root of the log: it was changed, or it was never in the log",
		"the log does not begin with the earlier one: its past was changed", "the note is not one of a document", "the document is not the one that was signed: at least one of its bytes was changed",
		"the proof is not of a form that this program knows", "the proof is of the form %s, which this program does not know", "the file is of the form %s, which this program does not know"} {
		if !seen[message] {
			t.Errorf("no file is spoiled so that a check says %q", message)
		}
	}
}

var (
	place     = regexp.MustCompile(`%[sd]`)
	latinWord = regexp.MustCompile(`[A-Za-z][A-Za-z0-9]+`)
)

// strangeRoot is the root of no log here.
const strangeRoot = "3rqfFmx8MCgN8fmNFSGELDj2rM3Q3i9JnVjcmI0kVd0="

// checked returns the sentences of a check, or the one that says why there is none.
func checked(t *testing.T, file []byte, public string) []reports.Told {
	t.Helper()
	p, err := render.Check(file, public)
	if err != nil {
		return []reports.Told{reports.Why(err)}
	}
	if len(p.Wrong) == 0 {
		t.Errorf("nothing is wrong in %.200s", file)
	}
	return slices.Concat([]reports.Told{p.Title}, p.Wrong, p.Proven, p.Unproven)
}

// parts calls fn with the message of a sentence and of each part of it.
func parts(said reports.Told, fn func(string)) {
	fn(said.Message)
	for _, a := range said.Args {
		if part, ok := a.(reports.Told); ok {
			parts(part, fn)
		}
	}
}

// ownWords collects the Latin words of what a file names: never the codes that the program has words for.
func ownWords(v any, key string, own map[string]bool) {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			ownWords(x, k, own)
		}
	case []any:
		for _, x := range v {
			ownWords(x, key, own)
		}
	case string:
		_, err := uuid.Parse(v)
		if err == nil || slices.Contains([]string{"name", "code", "number", "reference", "pledge", "description", "currency", "fund", "account", "checkpoint", "document", "known_at"}, key) {
			for _, w := range latinWord.FindAllString(v, -1) {
				own[w] = true
			}
		}
	}
}

// object reads a file in JSON; numbers stay as they are written.
func object(t *testing.T, file []byte) map[string]any {
	t.Helper()
	var doc map[string]any
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	if err := d.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	return doc
}

// proofOf returns the proof of a document as a file by itself.
func proofOf(t *testing.T, file []byte) []byte {
	t.Helper()
	return written(t, object(t, file)["proof"])
}

func written(t *testing.T, doc any) []byte {
	t.Helper()
	b, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// spoiled returns files in which something is wrong, by what was done to them.
func spoiled(t *testing.T, statement, report, alone []byte) map[string][]byte {
	t.Helper()
	files := map[string][]byte{"cut": statement[:40], "empty": []byte("{}"), "no file of ours": []byte("<p>"), "no PDF of ours": []byte("%PDF-1.7"),
		"another schema": []byte(`{"schema":"other.form.v1"}`)}
	figure := func(name string, file []byte, before string) {
		at := regexp.MustCompile(before).FindIndex(file)
		if at == nil {
			t.Fatalf("%s: the file has no %s: %s", name, before, file)
		}
		files[name] = slices.Insert(bytes.Clone(file), at[1], '7')
	}
	figure("summary", statement, `"cash_total_usd":\{"pledges":\{"opening":\{"amount":"`)
	figure("receipt", statement, `"credited":\{"money":\{"amount":"`)
	figure("allocation", statement, `"allocations":\[\{"date":"2024-[^\]]*?"amount":\{"money":\{"amount":"`)
	figure("movement", statement, `"movements":\[\{[^\]]*?"amount":\{"money":\{"amount":"`)
	figure("subtotal", report, `"subtotal":\{"pledges":\{[^\]]*?"closing":\{"amount":"`)
	for _, block := range []string{"books", "memorandum"} {
		figure(block+" debit", report, `"`+block+`":\{"accounts":\[.*?\],"opening":\{[^}]*\},"debit":\{"amount":"`)
		figure(block+" credit", report, `"`+block+`":\{"accounts":\[.*?\],"opening":\{[^}]*\},"debit":\{[^}]*\},"credit":\{"amount":"`)
	}
	change := func(name string, file []byte, do func(doc, proof map[string]any)) {
		doc := object(t, file)
		p, ok := doc["proof"].(map[string]any)
		if !ok {
			p = doc
		}
		do(doc, p)
		files[name] = written(t, doc)
	}
	signer := ledgertest.Signer(t)
	sign := func(s *proof.Signer, text string) string {
		note, err := s.Sign(text)
		if err != nil {
			t.Fatal(err)
		}
		return note
	}
	private, public, err := proof.NewKey("other.example.org/ledger")
	if err != nil {
		t.Fatal(err)
	}
	stranger, err := proof.NewSigner(private, public)
	if err != nil {
		t.Fatal(err)
	}
	notes := map[string]string{"no note": "x", "long": strings.Repeat("x", 1<<17), "a stranger's": sign(stranger, "other.example.org/ledger\n1\n"+strangeRoot+"\n"), "no checkpoint": sign(signer, "x\n"),
		"no size": sign(signer, signer.Origin()+"\nx\n"+strangeRoot+"\n"), "no root": sign(signer, signer.Origin()+"\n1\nx\n"), "of another log": sign(signer, "other\n1\n"+strangeRoot+"\n"),
		"of another past": sign(signer, signer.Origin()+"\n1\n"+strangeRoot+"\n")}
	for name, note := range notes {
		change("document: "+name, statement, func(_, p map[string]any) { p["document"] = note })
		change("checkpoint: "+name, statement, func(_, p map[string]any) { p["checkpoint"] = note })
		change("earlier: "+name, report, func(_, p map[string]any) { p["consistency"].(map[string]any)["checkpoint"] = note })
	}
	change("the key", statement, func(_, p map[string]any) { p["key"] = public })
	change("the form of the proof", statement, func(_, p map[string]any) { p["format"] = "other.form.v1" })
	change("no proof", statement, func(doc, _ map[string]any) { delete(doc, "proof") })
	change("no proof of a report", report, func(doc, _ map[string]any) { delete(doc, "proof") })
	change("no leaves", statement, func(_, p map[string]any) { p["leaves"] = []any{} })
	long := slices.Repeat([]any{strangeRoot}, 65)
	for name, do := range map[string]func(leaf map[string]any){
		"position": func(leaf map[string]any) { leaf["position"] = 1 << 40 },
		"no path":  func(leaf map[string]any) { leaf["path"] = []any{"x"} },
		"long":     func(leaf map[string]any) { leaf["path"] = long },
		"a hash":   func(leaf map[string]any) { leaf["records"] = []any{map[string]any{"hash": "x"}} },
		"a record": func(leaf map[string]any) { leaf["records"] = []any{map[string]any{"kind": "x", "nonce": "x"}} },
	} {
		change("leaf: "+name, statement, func(_, p map[string]any) { do(p["leaves"].([]any)[0].(map[string]any)) })
	}
	change("earlier: a path", report, func(_, p map[string]any) { p["consistency"].(map[string]any)["path"] = []any{"x"} })
	change("a field more in a proof", alone, func(_, p map[string]any) { p["more"] = true })
	change("a proof by itself", alone, func(_, p map[string]any) {})
	if slices.ContainsFunc(slices.Collect(maps.Values(files)), func(f []byte) bool { return bytes.Equal(f, statement) || bytes.Equal(f, report) }) {
		t.Error("a file was not spoiled")
	}
	doc, err := reports.Read(statement)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range render.Formats {
		if f.Name == "html" {
			var page bytes.Buffer
			if err := f.Write(&page, doc, language.French); err != nil {
				t.Fatal(err)
			}
			files["the page"] = bytes.Replace(page.Bytes(), []byte("2024"), []byte("2025"), 1)
		}
	}
	return files
}
