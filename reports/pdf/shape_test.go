package pdf

import (
	"encoding/csv"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"vcledger/reports/language"
)

// TestArabicAsHarfBuzz shapes every letter of Arabic at the beginning, in the middle and at the end of a word, and some words: they
// are as wide, and their dots and vowels stand where, as hb-shape of HarfBuzz 6.0.0 has them with the same fonts
// (testdata/harfbuzz_ar.csv).
func TestArabicAsHarfBuzz(t *testing.T) {
	t.Parallel()
	file, err := os.Open(filepath.Join("testdata", "harfbuzz_ar.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	rows, err := csv.NewReader(file).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	s := newSetter(language.Arabic)
	for _, row := range rows[1:] {
		p := s.shape(words{text: row[1], bold: row[0] == "Bold"})
		width := 0
		var marks []string
		for _, g := range p.runs[0].glyphs {
			width += g.advance
			if g.dx != 0 || g.dy != 0 {
				marks = append(marks, fmt.Sprintf("%d %d", g.dx, g.dy))
			}
		}
		if strconv.Itoa(width) != row[2] || strings.Join(marks, "; ") != row[3] || len(p.runs) != 1 {
			t.Errorf("%s in %s is %d wide with marks at %q, HarfBuzz says %s and %q", row[1], row[0], width, marks, row[2], row[3])
		}
	}
}
