package pdf

import (
	"fmt"
	"slices"

	"vcledger/reports/chart"
)

// typing is the state of a line of type on a page. Lengths are in units of the font.
type typing struct {
	*composer
	size    float64
	face    typeface
	open    bool // glyphs are being written
	at, pen int  // where the line is, and where the page's own reckoning stands
	rise    int
}

// show writes a line of a paragraph; x is where its words begin at the left, y its baseline.
func (c *composer) show(p *paragraph, s span, x, y, size float64, bold bool, colour chart.Colour) {
	pieces, before := p.visual(s)
	if len(pieces) == 0 {
		return
	}
	out := &c.page.content
	x -= float64(before) * size / em
	fmt.Fprintf(out, "BT %s rg 1 0 0 1 %s %s Tm\n", rgb(colour), number(x), number(c.page.height-y))
	t := &typing{composer: c, size: size, face: typefaces}
	for _, q := range pieces {
		t.font(q.face, bold, colour)
		for cluster := range clusters(q.inside()) {
			t.cluster(p, cluster, q.level)
		}
	}
	t.stop()
	if t.rise != 0 {
		out.WriteString("0 Ts ")
	}
	if t.stroked(t.face, bold) {
		out.WriteString("0 Tr ")
	}
	out.WriteString("ET\n")
}

// stroked reports whether a typeface has no bold one of its own.
func (t *typing) stroked(face typeface, bold bool) bool { return bold && face == chinese }

// font changes the font.
func (t *typing) font(face typeface, bold bool, colour chart.Colour) {
	if face == t.face {
		return
	}
	t.stop()
	if t.stroked(t.face, bold) {
		t.page.content.WriteString("0 Tr ")
	}
	if t.stroked(face, bold) {
		fmt.Fprintf(&t.page.content, "%s RG %s w 2 Tr ", rgb(colour), number(t.size*0.035))
	}
	t.face = face
	t.embed(face)
	fmt.Fprintf(&t.page.content, "/F%d %s Tf\n", face, number(t.size))
}

// clusters yields the glyphs that stand for characters together.
func clusters(glyphs []glyph) func(yield func([]glyph) bool) {
	return func(yield func([]glyph) bool) {
		for from := 0; from < len(glyphs); {
			to := from
			for to < len(glyphs) && glyphs[to].start == glyphs[from].start {
				to++
			}
			if !yield(glyphs[from:to]) {
				return
			}
			from = to
		}
	}
}

// cluster writes the glyphs of a cluster. When they cannot be told apart by the characters that they stand for, the cluster as
// a whole says which.
func (t *typing) cluster(p *paragraph, glyphs []glyph, level int) {
	runes := p.runes[glyphs[0].start:glyphs[0].end]
	switch {
	case len(glyphs) == 1:
		t.glyph(glyphs[0], string(runes))
	case len(glyphs) == len(runes):
		if level%2 == 1 {
			runes = slices.Clone(runes)
			slices.Reverse(runes)
		}
		for i, g := range glyphs {
			t.glyph(g, string(runes[i]))
		}
	default:
		t.stop()
		fmt.Fprintf(&t.page.content, "/Span <</ActualText %s>> BDC\n", text(string(runes)))
		for _, g := range glyphs {
			t.glyph(g, invisible)
		}
		t.stop()
		t.page.content.WriteString("EMC\n")
	}
}

// glyph writes a glyph at its place.
func (t *typing) glyph(g glyph, meaning string) {
	font := t.embed(t.face)
	if g.dy != t.rise {
		t.stop()
		t.rise = g.dy
		fmt.Fprintf(&t.page.content, "%s Ts\n", number(float64(g.dy)*t.size/em))
	}
	if place := t.at + g.dx; place != t.pen {
		t.start()
		fmt.Fprintf(&t.page.content, ">%d<", t.pen-place)
		t.pen = place
	}
	t.start()
	fmt.Fprintf(&t.page.content, "%04X", font.code(g.id, meaning))
	width, _ := font.metric(g.id)
	t.pen += int(width)
	t.at += g.advance
}

func (t *typing) start() {
	if !t.open {
		t.page.content.WriteString("[<")
		t.open = true
	}
}

func (t *typing) stop() {
	if t.open {
		t.page.content.WriteString(">] TJ\n")
		t.open = false
	}
}
