package chart

import (
	"image/color"

	"github.com/boombuler/barcode/qr"
)

// quietZone is how many light modules a QR code has around it (ISO/IEC 18004, section 6.3.8).
const quietZone = 4

// Run is a row of dark modules beside each other.
type Run struct{ X, Y, Length int }

// Code is a QR code (ISO/IEC 18004) as rows of dark modules in a square, its quiet zone included.
type Code struct {
	Side int // in modules
	Runs []Run
}

// Encode makes the QR code of a text, of which up to 15 per cent may be lost. A text that is too long for one has none.
func Encode(text string) (Code, bool) {
	matrix, err := qr.Encode(text, qr.M, qr.Unicode)
	if err != nil {
		return Code{}, false
	}
	side := matrix.Bounds().Dx()
	c := Code{Side: side + 2*quietZone}
	dark := func(x, y int) bool { return x < side && matrix.At(x, y) == color.Black }
	for y := range side {
		for x := 0; x < side; x++ {
			from := x
			for dark(x, y) {
				x++
			}
			if x > from {
				c.Runs = append(c.Runs, Run{from + quietZone, y + quietZone, x - from})
			}
		}
	}
	return c, true
}
