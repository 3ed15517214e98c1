package pdf

import (
	"github.com/go-text/typesetting/font"
	"github.com/go-text/typesetting/font/opentype/tables"
)

// cover makes up for a fault of the shaper (go-text v0.3.5, setDigest.addRange): its filter of the glyphs that a substitution is for
// forgets ranges of glyphs that come after a wide one, so that noon, yeh and qaf kept the form that they have by themselves in the
// middle of a word. It takes lists whole: the ranges are told as lists. The other tables have no such ranges in our fonts:
// TestArabicAsHarfBuzz holds the whole to what HarfBuzz does.
func cover(f *font.Font) {
	for i := range f.GSUB.Lookups {
		subtables := f.GSUB.Lookups[i].Subtables
		for n, t := range subtables {
			subtables[n] = listed(t)
		}
	}
}

// listed is a substitution whose glyphs are told in a list.
func listed(t tables.GSUBLookup) tables.GSUBLookup {
	switch s := t.(type) {
	case tables.SingleSubs:
		switch d := s.Data.(type) {
		case tables.SingleSubstData1:
			d.Coverage = list(d.Coverage)
			s.Data = d
		case tables.SingleSubstData2:
			d.Coverage = list(d.Coverage)
			s.Data = d
		}
		return s
	case tables.MultipleSubs:
		s.Coverage = list(s.Coverage)
		return s
	case tables.AlternateSubs:
		s.Coverage = list(s.Coverage)
		return s
	case tables.LigatureSubs:
		s.Coverage = list(s.Coverage)
		return s
	}
	return t
}

// list is a coverage as a list of its glyphs, in the same order.
func list(c tables.Coverage) tables.Coverage {
	ranges, ok := c.(tables.Coverage2)
	if !ok {
		return c
	}
	var out tables.Coverage1
	for _, r := range ranges.Ranges {
		for g := int(r.StartGlyphID); g <= int(r.EndGlyphID); g++ {
			out.Glyphs = append(out.Glyphs, tables.GlyphID(g))
		}
	}
	return out
}
