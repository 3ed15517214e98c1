package pdf_test

import (
	"image"
	"image/color"
	"image/draw"
	"strings"
	"testing"

	"vcledger/reports/language"
	"vcledger/reports/layout"
	"vcledger/reports/pagetest"
)

// TestCode draws a QR code on pages of both directions and reads it again from what the page fills.
func TestCode(t *testing.T) {
	t.Parallel()
	const told = "vcledger statement 2026/000123\n6F1C 22D0 9A41 77E3 0B5D 4E6A 91C8 F2B7\nfund.example.org/ledger\n1284\n3rqfFmx8MCgN8fmNFSGELDj2rM3Q3i9JnVjcmI0kVd0="
	for _, l := range language.All {
		d := table(l, 3)
		d.Code = &layout.Code{Text: told, Title: "QR code"}
		for range 30 {
			d.Facts = append(d.Facts, layout.Fact{Label: "Fingerprint", Value: strings.Repeat("6F1C 22D0 9A41 77E3 ", 9)})
		}
		_, sheets, tree, err := sound(written(t, d))
		if err != nil {
			t.Fatal(l, err)
		}
		var figures []string
		tree.all(func(n *node) {
			if n.kind == "Figure" && strings.HasPrefix(n.alt, "QR code: ") {
				figures = append(figures, n.alt)
			}
		})
		if want := "QR code: " + strings.ReplaceAll(told, "\n", ", "); len(figures) != 1 || figures[0] != want {
			t.Errorf("%s: the figures are %q", l, figures)
		}
		page := sheets[0]
		left, right, low, high := page.width, 0.0, page.height, 0.0
		var modules []filled
		for _, r := range page.filled {
			if page.marks[r.mark] == "Figure" {
				modules = append(modules, r)
				left, right, low, high = min(left, r.x), max(right, r.x+r.width), min(low, r.y), max(high, r.y+r.height)
			}
		}
		const scale, quiet = 4, 8.0
		at := func(length float64) int { return int((length+quiet)*scale + .5) }
		picture := image.NewGray(image.Rect(0, 0, at(right-left+quiet), at(high-low+quiet)))
		draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
		for _, r := range modules {
			draw.Draw(picture, image.Rect(at(r.x-left), at(high-r.y-r.height), at(r.x-left+r.width), at(high-r.y)), image.NewUniform(color.Black), image.Point{}, draw.Src)
		}
		read, err := pagetest.ReadCode(picture)
		if err != nil || read != told {
			t.Errorf("%s: %q, %v", l, read, err)
		}
		for _, line := range page.lines {
			if line.y > low && line.x < right && line.end > left {
				t.Errorf("%s: %q stands on the code", l, line.text)
			}
		}
	}
}
