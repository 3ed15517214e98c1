package pdf

import (
	"unicode"

	"github.com/go-text/typesetting/bidi"
	"github.com/go-text/typesetting/di"
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype"
	typelanguage "github.com/go-text/typesetting/language"
	"github.com/go-text/typesetting/segmenter"
	"github.com/go-text/typesetting/shaping"
	"golang.org/x/image/math/fixed"

	"vcledger/reports/language"
)

// setter sets type in the language of a document. It keeps each text that it has shaped.
type setter struct {
	language language.Language
	faces    [typefaces]*font.Face
	bold     bool // of the text that is being shaped
	shaper   shaping.HarfbuzzShaper
	runs     shaping.Segmenter
	breaks   segmenter.Segmenter
	order    bidi.Paragraph
	shaped   map[words]*paragraph
}

// words is a text as it is shaped. Figures go from left to right in every language, and their digits are not kerned, so that
// they stand below each other.
type words struct {
	text          string
	bold, figures bool
}

// paragraph is a shaped text, in units of the font. Its size and its lines are found later.
type paragraph struct {
	runes    []rune
	base     int // the level of its direction: 0 from left to right, 1 from right to left
	runs     []run
	advances []int  // by rune: how far the glyphs go that begin at it
	ends     []bool // by rune: a line may end before it
}

// run is a part of a paragraph in one font and one direction; its glyphs stand from left to right.
type run struct {
	start, end int
	level      int
	face       typeface
	glyphs     []glyph
}

// glyph is a shape of a font at its place, and the runes that it stands for with the others of its cluster.
type glyph struct {
	id         uint16
	advance    int
	dx, dy     int
	start, end int
}

func newSetter(l language.Language) *setter {
	return &setter{language: l, shaped: map[words]*paragraph{}}
}

// shape shapes a text, or returns it as it was shaped before.
func (s *setter) shape(w words) *paragraph {
	p, ok := s.shaped[w]
	if !ok {
		p = s.paragraph(visible(w.text), w)
		if missing := p.missing(); len(missing) > 0 {
			p = s.paragraph(p.spelt(missing), w)
		}
		s.shaped[w] = p
	}
	return p
}

// paragraph shapes runes that have been made visible.
func (s *setter) paragraph(runes []rune, w words) *paragraph {
	p := &paragraph{runes: runes, advances: make([]int, len(runes)), ends: make([]bool, len(runes)+1)}
	if s.language.RightToLeft() && !w.figures {
		p.base = 1
	}
	s.bold = w.bold
	for _, level := range s.levels(runes, p.base) {
		in := shaping.Input{Text: runes, RunStart: level.start, RunEnd: level.end, Size: fixed.I(em), Language: typelanguage.NewLanguage(string(s.language))}
		if level.level%2 == 1 {
			in.Direction = di.DirectionRTL
		}
		if w.figures {
			in.FontFeatures = []shaping.FontFeature{{Tag: opentype.MustNewTag("kern"), Value: 0}}
		}
		for _, part := range s.runs.Split(in, s) {
			p.add(s.shaper.ShapeNoExtents(part), s.typefaceOf(part.Face), level.level)
		}
	}
	s.breaks.Init(runes)
	for lines := s.breaks.LineIterator(); lines.Next(); {
		p.ends[lines.Line().Offset] = true
	}
	return p
}

// add adds a shaped run.
func (p *paragraph) add(out shaping.Output, face typeface, level int) {
	r := run{start: out.Runes.Offset, end: out.Runes.Offset + out.Runes.Count, level: level, face: face, glyphs: make([]glyph, len(out.Glyphs))}
	for i, g := range out.Glyphs {
		r.glyphs[i] = glyph{id: uint16(g.GlyphID), advance: g.Advance.Round(), dx: g.XOffset.Round(), dy: g.YOffset.Round(),
			start: g.TextIndex(), end: g.TextIndex() + g.RunesCount()}
		p.advances[g.TextIndex()] += r.glyphs[i].advance
	}
	p.runs = append(p.runs, r)
}

// missing are the runes that a font turned out not to have beside the others of their cluster.
func (p *paragraph) missing() map[int]bool {
	missing := map[int]bool{}
	for _, r := range p.runs {
		for _, g := range r.glyphs {
			for i := g.start; g.id == 0 && i < g.end; i++ {
				missing[i] = true
			}
		}
	}
	return missing
}

// spelt are the runes of a paragraph, some of them written by their codes.
func (p *paragraph) spelt(missing map[int]bool) []rune {
	var out []rune
	for i, r := range p.runes {
		if missing[i] {
			out = append(out, coded(r)...)
		} else {
			out = append(out, r)
		}
	}
	return out
}

// levels parts runes by the direction that UAX 9 gives them. The library joins neighbours of levels 0 and 2; the second is that
// of a number after words from right to left, and ends with it.
func (s *setter) levels(runes []rune, base int) []run {
	direction := bidi.LeftToRight
	if base == 1 {
		direction = bidi.RightToLeft
	}
	ordered := s.order.Segment(runes, direction)
	var levels []run
	for i := range ordered.NumRuns() {
		r := ordered.Run(i)
		part := run{start: r.Start, end: r.End, level: int(r.Level)}
		if base == 0 && part.level == 2 {
			for n := part.start; n < part.end; n++ {
				if n > part.start && (unicode.IsLetter(runes[n]) || unicode.IsSpace(runes[n])) {
					levels = append(levels, run{start: part.start, end: n, level: 2})
					part.start, part.level = n, 0
					break
				}
			}
		}
		if part.start < part.end {
			levels = append(levels, part)
		}
	}
	return levels
}

// ResolveFace returns the font for a character.
func (s *setter) ResolveFace(r rune) *font.Face {
	t := latin
	switch {
	case s.language == language.Chinese && fullWidth(r) && chinese.has(r), !latin.has(r) && !arabic.has(r) && chinese.has(r):
		t = chinese
	case !latin.has(r) && arabic.has(r):
		t = arabic
	}
	if s.bold {
		t = t.bold()
	}
	return s.face(t)
}

// fullWidth reports whether Chinese sets a mark at full width that other languages have too.
func fullWidth(r rune) bool {
	switch r {
	case '“', '”', '‘', '’', '…', '—', '·':
		return true
	}
	return false
}

func (s *setter) face(t typeface) *font.Face {
	if s.faces[t] == nil {
		s.faces[t] = font.NewFace(sources[t]().Font)
	}
	return s.faces[t]
}

func (s *setter) typefaceOf(f *font.Face) typeface {
	for t, face := range s.faces {
		if face == f {
			return typeface(t)
		}
	}
	panic("pdf: a run in a font that is none of ours")
}
