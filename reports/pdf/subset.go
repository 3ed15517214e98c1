package pdf

import (
	"encoding/binary"
	"slices"
)

// subset is a TrueType font of some glyphs of a source, in a given order. Composite glyphs keep their components, which come
// after the glyphs asked for.
func (o outlines) subset(glyphs []uint16) []byte {
	glyphs = slices.Clone(glyphs)
	place := map[uint16]uint16{}
	for i, g := range glyphs {
		if _, ok := place[g]; !ok {
			place[g] = uint16(i)
		}
	}
	var glyf, loca, hmtx []byte
	loca = binary.BigEndian.AppendUint32(loca, 0)
	for i := 0; i < len(glyphs); i++ {
		outline := slices.Clone(o.glyph(glyphs[i]))
		for _, at := range components(outline) {
			part := binary.BigEndian.Uint16(outline[at:])
			if _, ok := place[part]; !ok {
				place[part] = uint16(len(glyphs))
				glyphs = append(glyphs, part)
			}
			binary.BigEndian.PutUint16(outline[at:], place[part])
		}
		glyf = append(glyf, outline...)
		glyf = append(glyf, make([]byte, -len(glyf)&3)...)
		loca = binary.BigEndian.AppendUint32(loca, uint32(len(glyf)))
		width, bearing := o.metric(glyphs[i])
		hmtx = binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(hmtx, width), bearing)
	}
	head, hhea, maxp := slices.Clone(o.tables["head"]), slices.Clone(o.tables["hhea"]), slices.Clone(o.tables["maxp"])
	binary.BigEndian.PutUint32(head[8:], 0)
	binary.BigEndian.PutUint16(head[50:], 1)
	binary.BigEndian.PutUint16(hhea[34:], uint16(len(glyphs)))
	binary.BigEndian.PutUint16(maxp[4:], uint16(len(glyphs)))
	return fontFile([]fontTable{{"glyf", glyf}, {"head", head}, {"hhea", hhea}, {"hmtx", hmtx}, {"loca", loca}, {"maxp", maxp}})
}

type fontTable struct {
	tag  string
	data []byte
}

// fontFile writes the tables, which are sorted by their tags, with their directory and checksums.
func fontFile(tables []fontTable) []byte {
	power, exponent := 1, 0
	for power*2 <= len(tables) {
		power, exponent = power*2, exponent+1
	}
	out := []byte{0, 1, 0, 0}
	for _, v := range []int{len(tables), power * 16, exponent, (len(tables) - power) * 16} {
		out = binary.BigEndian.AppendUint16(out, uint16(v))
	}
	at, head := 12+16*len(tables), 0
	for _, t := range tables {
		if t.tag == "head" {
			head = at
		}
		out = append(out, t.tag...)
		for _, v := range []uint32{checksum(t.data), uint32(at), uint32(len(t.data))} {
			out = binary.BigEndian.AppendUint32(out, v)
		}
		at += (len(t.data) + 3) &^ 3
	}
	for _, t := range tables {
		out = append(out, t.data...)
		out = append(out, make([]byte, -len(t.data)&3)...)
	}
	binary.BigEndian.PutUint32(out[head+8:], 0xb1b0afba-checksum(out))
	return out
}

// checksum adds up the words of a table.
func checksum(data []byte) uint32 {
	var sum uint32
	for len(data) >= 4 {
		sum += binary.BigEndian.Uint32(data)
		data = data[4:]
	}
	var rest [4]byte
	copy(rest[:], data)
	return sum + binary.BigEndian.Uint32(rest[:])
}
