package pagetest_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/pagetest"
	"vcledger/reports/render"
)

func TestMain(m *testing.M) { os.Exit(pagetest.Main(m.Run)) }

// windows are those of a desk and of a telephone.
var windows = map[string][2]int64{"desk": {1280, 900}, "telephone": {375, 667}}

// TestDocuments looks at the statement and the report as people of all kinds meet them: on a desk and on a telephone, from both
// directions. No rule of accessibility is broken, and the page itself never scrolls sideways.
func TestDocuments(t *testing.T) {
	browser := pagetest.Open(t)
	for file, doc := range map[string]any{"statement.json": &reports.Statement{}, "fundreport_spf.json": &reports.FundReport{}} {
		b, err := os.ReadFile(filepath.Join("..", "testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(b, doc); err != nil {
			t.Fatal(err)
		}
		for _, l := range []language.Language{language.English, language.Arabic} {
			var html bytes.Buffer
			if err := render.HTML(&html, doc, l); err != nil {
				t.Fatal(err)
			}
			for name, size := range windows {
				browser.Show(t, html.Bytes(), size[0], size[1])
				broken, kept := browser.Violations(t)
				for _, v := range broken {
					t.Errorf("%s in %s on a %s: %v", file, l, name, v)
				}
				if kept < 15 {
					t.Errorf("%s in %s on a %s: only %d rules found anything to look at", file, l, name, kept)
				}
				if over := browser.Overflow(t); over > 0 {
					t.Errorf("%s in %s on a %s: the page is %d pixels wider than the window", file, l, name, over)
				}
			}
		}
	}
}

// TestViolations shows a page that breaks rules: they are found.
func TestViolations(t *testing.T) {
	browser := pagetest.Open(t)
	browser.Show(t, []byte(`<!doctype html><html><body><img src="data:,"><p style="color:#ccc;background:#fff">pale</p></body></html>`), 800, 600)
	broken, _ := browser.Violations(t)
	var ids []string
	for _, v := range broken {
		ids = append(ids, v.ID)
	}
	for _, want := range []string{"color-contrast", "document-title", "html-has-lang", "image-alt"} {
		if !strings.Contains(strings.Join(ids, " "), want) {
			t.Errorf("%s is not found: %v", want, ids)
		}
	}
}
