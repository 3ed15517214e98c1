package pdf

import (
	"bytes"
	"embed"
	"sync"

	"github.com/go-text/typesetting/font"
)

//go:embed fonts/NotoSans-Regular.ttf fonts/NotoSans-Bold.ttf fonts/NotoSansArabic-Regular.ttf fonts/NotoSansArabic-Bold.ttf fonts/NotoSansSC-Regular.ttf
var files embed.FS

// typeface is one of the fonts that stand beside this file.
type typeface int

// The typefaces. Chinese has no bold one: its glyphs are stroked.
const (
	latin typeface = iota
	latinBold
	arabic
	arabicBold
	chinese
	typefaces
)

// source is an embedded font: as it is shaped, and as its outlines are taken from it. It is read when it is first asked for,
// once in a process.
type source struct {
	name string
	*font.Font
	outlines
}

var sources = [typefaces]func() *source{
	latin:      sync.OnceValue(func() *source { return open("NotoSans-Regular") }),
	latinBold:  sync.OnceValue(func() *source { return open("NotoSans-Bold") }),
	arabic:     sync.OnceValue(func() *source { return open("NotoSansArabic-Regular") }),
	arabicBold: sync.OnceValue(func() *source { return open("NotoSansArabic-Bold") }),
	chinese:    sync.OnceValue(func() *source { return open("NotoSansSC-Regular") }),
}

// open reads an embedded font; one that cannot be read is a fault of the build.
func open(name string) *source {
	file, err := files.ReadFile("fonts/" + name + ".ttf")
	if err != nil {
		panic("pdf: " + err.Error())
	}
	face, err := font.ParseTTF(bytes.NewReader(file))
	if err != nil {
		panic("pdf: " + name + ": " + err.Error())
	}
	cover(face.Font)
	return &source{name: name, Font: face.Font, outlines: outlinesOf(file)}
}

// has reports whether a font has a glyph for a character.
func (t typeface) has(r rune) bool {
	_, ok := sources[t]().Cmap.Lookup(r)
	return ok
}

// bold is the typeface of the same script for words that stand out.
func (t typeface) bold() typeface {
	switch t {
	case latin:
		return latinBold
	case arabic:
		return arabicBold
	}
	return t
}
