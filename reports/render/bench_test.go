package render_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"testing"

	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// BenchmarkFormats writes the statement of the tests, which has pledges, receipts and deliveries in four currencies, in every format.
func BenchmarkFormats(b *testing.B) {
	file, err := os.ReadFile(filepath.Join("..", "testdata", "statement.json"))
	if err != nil {
		b.Fatal(err)
	}
	var s reports.Statement
	if err := json.Unmarshal(file, &s); err != nil {
		b.Fatal(err)
	}
	for _, f := range render.Formats {
		for _, l := range []language.Language{language.English, language.Arabic} {
			if l != language.English && !f.Told {
				continue
			}
			b.Run(f.Name+"/"+string(l), func(b *testing.B) {
				for b.Loop() {
					if err := f.Write(io.Discard, &s, l); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}
