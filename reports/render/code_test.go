package render_test

import (
	"bytes"
	"fmt"
	"html"
	"image"
	"image/color"
	"image/draw"
	"regexp"
	"strings"
	"testing"

	"vcledger/ledger/proof"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/pagetest"
	"vcledger/reports/render"
)

var (
	codeForm = regexp.MustCompile(`<figure class="code">\s*<svg [^>]*aria-label="([^"]*)" viewBox="0 0 (\d+) \d+"[^>]*><rect[^>]*/><path d="([^"]*)"/></svg>`)
	runForm  = regexp.MustCompile(`M(\d+) (\d+)h(\d+)v1h-(\d+)z`)
)

// TestCode reads the QR code of a page again: it is of the document whose fingerprint the page tells.
func TestCode(t *testing.T) {
	t.Parallel()
	checkpoint := "fund.example.org/ledger\n1284\n3rqfFmx8MCgN8fmNFSGELDj2rM3Q3i9JnVjcmI0kVd0=\n\n— fund.example.org/ledger 7D2O\n"
	s := &reports.Statement{Schema: reports.StatementSchema, Issued: &reports.Issue{Number: "2026/000123"}, Proof: &proof.File{Format: proof.FileFormat, Checkpoint: checkpoint}}
	r := &reports.FundReport{Schema: reports.FundReportSchema, Year: 2026, Proof: &proof.File{Format: proof.FileFormat, Checkpoint: checkpoint}}
	r.Fund.Code = "CPCJF"
	for name, doc := range map[string]any{"statement 2026/000123": s, "fund report CPCJF 2026": r} {
		for _, l := range language.All {
			var page bytes.Buffer
			if err := render.HTML(&page, doc, l); err != nil {
				t.Fatal(err)
			}
			m := codeForm.FindStringSubmatch(page.String())
			if m == nil {
				t.Fatalf("%s, %s: the page has no code", name, l)
			}
			var side int
			if _, err := fmt.Sscan(m[2], &side); err != nil {
				t.Fatal(err)
			}
			const scale = 4
			picture := image.NewGray(image.Rect(0, 0, side*scale, side*scale))
			draw.Draw(picture, picture.Bounds(), image.White, image.Point{}, draw.Src)
			for _, run := range runForm.FindAllStringSubmatch(m[3], -1) {
				var x, y, length int
				if _, err := fmt.Sscan(run[1], &x); err != nil || run[3] != run[4] {
					t.Fatal(run, err)
				}
				if _, err := fmt.Sscan(run[2]+" "+run[3], &y, &length); err != nil {
					t.Fatal(err)
				}
				draw.Draw(picture, image.Rect(x*scale, y*scale, (x+length)*scale, (y+1)*scale), image.NewUniform(color.Black), image.Point{}, draw.Src)
			}
			read, err := pagetest.ReadCode(picture)
			lines := strings.Split(read, "\n")
			if err != nil || len(lines) != 5 || lines[0] != "vcledger "+name || strings.Join(lines[2:], "\n") != strings.SplitN(checkpoint, "\n\n", 2)[0] {
				t.Fatalf("%s, %s: %q, %v", name, l, read, err)
			}
			if !strings.Contains(page.String(), "<dd>"+lines[1]+"</dd>") {
				t.Errorf("%s, %s: the page does not tell the fingerprint %s", name, l, lines[1])
			}
			if told := html.UnescapeString(m[1]); !strings.HasSuffix(told, strings.Join(lines, ", ")) {
				t.Errorf("%s, %s: a screen reader is told %q", name, l, told)
			}
		}
	}
}

// TestLongCode gives a page a checkpoint that is too long for a QR code: it then has none.
func TestLongCode(t *testing.T) {
	t.Parallel()
	s := &reports.Statement{Schema: reports.StatementSchema, Proof: &proof.File{Checkpoint: strings.Repeat("long", 2000)}}
	for _, f := range render.Formats {
		var page bytes.Buffer
		if err := f.Write(&page, s, language.English); err != nil || strings.Contains(page.String(), `class="code"`) {
			t.Errorf("%s: %v", f.Name, err)
		}
	}
}
