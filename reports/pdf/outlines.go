package pdf

import "encoding/binary"

// em is how many units of a font make the size of its type; all ours have the same.
const em = 1000

// outlines are the tables of a TrueType font that a PDF needs to draw its glyphs (OpenType, ISO/IEC 14496-22).
type outlines struct {
	tables map[string][]byte
	long   bool // the offsets of glyphs have four bytes
	widths int  // how many glyphs have a width of their own
}

func outlinesOf(file []byte) outlines {
	o := outlines{tables: map[string][]byte{}}
	for i := range int(binary.BigEndian.Uint16(file[4:])) {
		entry := file[12+16*i:]
		at, length := binary.BigEndian.Uint32(entry[8:]), binary.BigEndian.Uint32(entry[12:])
		o.tables[string(entry[:4])] = file[at : at+length]
	}
	o.long = binary.BigEndian.Uint16(o.tables["head"][50:]) == 1
	o.widths = int(binary.BigEndian.Uint16(o.tables["hhea"][34:]))
	return o
}

// glyph is the outline of a glyph; a space has none.
func (o outlines) glyph(id uint16) []byte {
	loca := o.tables["loca"]
	if o.long {
		return o.tables["glyf"][binary.BigEndian.Uint32(loca[4*int(id):]):binary.BigEndian.Uint32(loca[4*int(id)+4:])]
	}
	return o.tables["glyf"][2*int(binary.BigEndian.Uint16(loca[2*int(id):])) : 2*int(binary.BigEndian.Uint16(loca[2*int(id)+2:]))]
}

// metric is the width of a glyph and its left side bearing.
func (o outlines) metric(id uint16) (width, bearing uint16) {
	hmtx := o.tables["hmtx"]
	if last := o.widths - 1; int(id) > last {
		return binary.BigEndian.Uint16(hmtx[4*last:]), binary.BigEndian.Uint16(hmtx[4*o.widths+2*(int(id)-o.widths):])
	}
	return binary.BigEndian.Uint16(hmtx[4*int(id):]), binary.BigEndian.Uint16(hmtx[4*int(id)+2:])
}

// The flags of a component of a composite glyph.
const (
	wordArguments  = 0x0001
	oneScale       = 0x0008
	moreComponents = 0x0020
	twoScales      = 0x0040
	matrix         = 0x0080
)

// components returns where in a composite glyph the numbers of its components stand; a simple glyph has none.
func components(glyph []byte) []int {
	if len(glyph) < 10 || int16(binary.BigEndian.Uint16(glyph)) >= 0 {
		return nil
	}
	var at []int
	for i := 10; ; {
		flags := binary.BigEndian.Uint16(glyph[i:])
		at = append(at, i+2)
		i += 6
		if flags&wordArguments != 0 {
			i += 2
		}
		switch {
		case flags&oneScale != 0:
			i += 2
		case flags&twoScales != 0:
			i += 4
		case flags&matrix != 0:
			i += 8
		}
		if flags&moreComponents == 0 {
			return at
		}
	}
}
