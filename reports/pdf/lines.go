package pdf

import (
	"slices"
	"unicode"
)

// span is a part of a paragraph: runes from start, before end.
type span struct{ start, end int }

// width is how wide a part of a paragraph is in type of a size. Spaces at its end do not count.
func (p *paragraph) width(s span, size float64) float64 {
	units := 0
	for _, a := range p.advances[s.start:p.trimmed(s)] {
		units += a
	}
	return float64(units) * size / em
}

// whole is a paragraph on one line.
func (p *paragraph) whole() span { return span{0, len(p.runes)} }

// trimmed is where a part ends without the spaces at its end.
func (p *paragraph) trimmed(s span) int {
	end := s.end
	for end > s.start && unicode.IsSpace(p.runes[end-1]) && p.runes[end-1] != '\u00a0' {
		end--
	}
	return end
}

// longest is the width of the widest part that no line may end in.
func (p *paragraph) longest(size float64) float64 {
	widest, start := 0.0, 0
	for i := 1; i <= len(p.runes); i++ {
		if i == len(p.runes) || p.ends[i] {
			widest = max(widest, p.width(span{start, i}, size))
			start = i
		}
	}
	return widest
}

// lines breaks a paragraph to a width. A part that is wider than a line is broken between characters. An empty paragraph has
// one line.
func (p *paragraph) lines(width, size float64) []span {
	room := int(width*em/size + 0.5)
	var lines []span
	for start := 0; start < len(p.runes); {
		end := p.lineEnd(start, room)
		lines = append(lines, span{start, end})
		start = end
	}
	if lines == nil {
		return []span{{}}
	}
	return lines
}

// lineEnd is where a line ends that begins at a rune.
func (p *paragraph) lineEnd(start, room int) int {
	used, last := 0, start
	for i := start; i < len(p.runes); i++ {
		if p.ends[i] {
			last = i
		}
		used += p.advances[i]
		if used > room && i > start && p.advances[i] > 0 && !unicode.IsSpace(p.runes[i]) {
			if last > start {
				return last
			}
			return i
		}
	}
	return len(p.runes)
}

// piece is a part of a run on a line.
type piece struct {
	*run
	span
	level int
}

// visual returns the pieces of a line from left to right (UAX 9, rules L1 and L2), and how much of it is the spaces that stand
// before the others because they end a line from right to left, in units of the font.
func (p *paragraph) visual(s span) (pieces []piece, before int) {
	end := p.trimmed(s)
	for i := range p.runs {
		r := &p.runs[i]
		for _, part := range []piece{{r, span{max(r.start, s.start), min(r.end, end)}, r.level}, {r, span{max(r.start, end), min(r.end, s.end)}, p.base}} {
			if part.span.start < part.span.end {
				pieces = append(pieces, part)
			}
		}
	}
	if p.base == 1 {
		for _, a := range p.advances[end:s.end] {
			before += a
		}
	}
	highest := 0
	for _, part := range pieces {
		highest = max(highest, part.level)
	}
	for level := highest; level > 0; level-- {
		for from := 0; from < len(pieces); from++ {
			to := from
			for to < len(pieces) && pieces[to].level >= level {
				to++
			}
			slices.Reverse(pieces[from:to])
			from = max(from, to)
		}
	}
	return pieces, before
}

// inside are the glyphs of a piece, from left to right.
func (q piece) inside() []glyph {
	var out []glyph
	for _, g := range q.glyphs {
		if g.start >= q.span.start && g.start < q.span.end {
			out = append(out, g)
		}
	}
	return out
}
