package pdf

import (
	"crypto/sha256"
	"fmt"
	"strings"
	"unicode/utf16"
)

// invisible stands for a glyph that has no character of its own, such as a mark that was split from its letter.
const invisible = "\u200b"

// embedded is a font as the document uses it. Its codes are the glyphs of the subset that is embedded: a glyph that stands for
// different characters has a code for each, so that every code leads back to its characters.
type embedded struct {
	*source
	codes  map[meaning]uint16
	glyphs []uint16 // by code
	means  []string // by code
}

// meaning is a glyph and the characters that it stands for.
type meaning struct {
	glyph uint16
	text  string
}

func newEmbedded(t typeface) *embedded {
	return &embedded{source: sources[t](), codes: map[meaning]uint16{}, glyphs: []uint16{0}, means: []string{""}}
}

// code is the code of a glyph that stands for a text.
func (e *embedded) code(glyph uint16, text string) uint16 {
	m := meaning{glyph, text}
	code, ok := e.codes[m]
	if !ok {
		code = uint16(len(e.glyphs))
		e.codes[m] = code
		e.glyphs, e.means = append(e.glyphs, glyph), append(e.means, text)
	}
	return code
}

// write writes the font and returns the number of its object.
func (e *embedded) write(o *objects) int {
	data := e.subset(e.glyphs)
	name := tag(data) + "+" + e.name
	file := o.reserve()
	o.stream(file, fmt.Sprintf("/Length1 %d", len(data)), data)
	extents := e.extents()
	descriptor := o.add("<</Type /FontDescriptor /FontName /%s /Flags 4 /FontBBox [%d %d %d %d] /ItalicAngle 0 /Ascent %d /Descent %d /CapHeight 714 /StemV 80 /FontFile2 %d 0 R>>",
		name, extents[0], extents[1], extents[2], extents[3], extents[3], extents[1], file)
	descendant := o.add("<</Type /Font /Subtype /CIDFontType2 /BaseFont /%s /CIDSystemInfo <</Registry (Adobe) /Ordering (Identity) /Supplement 0>> /FontDescriptor %d 0 R /CIDToGIDMap /Identity /DW 0 /W [0 [%s]]>>",
		name, descriptor, e.widthsOfCodes())
	unicode := o.reserve()
	o.stream(unicode, "", []byte(e.toUnicode()))
	return o.add("<</Type /Font /Subtype /Type0 /BaseFont /%s /Encoding /Identity-H /DescendantFonts [%d 0 R] /ToUnicode %d 0 R>>", name, descendant, unicode)
}

// tag is the mark of a subset: six letters that its bytes decide.
func tag(data []byte) string {
	sum := sha256.Sum256(data)
	letters := make([]byte, 6)
	for i := range letters {
		letters[i] = 'A' + sum[i]%26
	}
	return string(letters)
}

// extents is the box that all glyphs of the font fit into: xMin, yMin, xMax and yMax of its header.
func (e *embedded) extents() [4]int16 {
	var box [4]int16
	for i := range box {
		at := e.tables["head"][36+2*i:]
		box[i] = int16(uint16(at[0])<<8 | uint16(at[1]))
	}
	return box
}

func (e *embedded) widthsOfCodes() string {
	var b strings.Builder
	for _, g := range e.glyphs {
		width, _ := e.metric(g)
		fmt.Fprintf(&b, "%d ", width)
	}
	return strings.TrimSpace(b.String())
}

// toUnicode maps the codes to their characters, a hundred at a time as the format wants it.
func (e *embedded) toUnicode() string {
	var b strings.Builder
	b.WriteString("/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n" +
		"/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n" +
		"1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n")
	for first := 1; first < len(e.means); first += 100 {
		last := min(first+100, len(e.means))
		fmt.Fprintf(&b, "%d beginbfchar\n", last-first)
		for code := first; code < last; code++ {
			fmt.Fprintf(&b, "<%04X> <", code)
			for _, u := range utf16.Encode([]rune(e.means[code])) {
				fmt.Fprintf(&b, "%04X", u)
			}
			b.WriteString(">\n")
		}
		b.WriteString("endbfchar\n")
	}
	b.WriteString("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n")
	return b.String()
}
