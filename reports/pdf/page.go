package pdf

import (
	"bytes"
	"fmt"

	"vcledger/reports/chart"
)

// page is a page under way. Places are measured from its upper left corner, in points.
type page struct {
	width, height float64
	content       bytes.Buffer
	marked        []*element // by mark
	number        int        // of its object
}

var (
	black = chart.Colour{}
	grey  = chart.Colour{R: 0x59, G: 0x59, B: 0x59}
	pale  = chart.Colour{R: 0xbf, G: 0xc6, B: 0xcd}
	tint  = chart.Colour{R: 0xea, G: 0xf0, B: 0xf5}
	navy  = chart.Colour{R: 0x12, G: 0x3a, B: 0x5e}
	amber = chart.Colour{R: 0xff, G: 0xf3, B: 0xd6}
	rust  = chart.Colour{R: 0x9a, G: 0x3b, B: 0x00}
)

// tagged draws what belongs to an element.
func (p *page) tagged(e *element, draw func()) {
	fmt.Fprintf(&p.content, "/%s <</MCID %d>> BDC\n", e.kind, len(p.marked))
	e.kids = append(e.kids, kid{page: p, mark: len(p.marked)})
	p.marked = append(p.marked, e)
	draw()
	p.content.WriteString("EMC\n")
}

// artifact draws what is not read out: rules, tints, and what each page repeats.
func (p *page) artifact(kind string, draw func()) {
	fmt.Fprintf(&p.content, "/Artifact <</Type /%s>> BDC\n", kind)
	draw()
	p.content.WriteString("EMC\n")
}

// fill draws a rectangle.
func (p *page) fill(x, y, width, height float64, c chart.Colour) {
	fmt.Fprintf(&p.content, "%s rg %s %s %s %s re f\n", rgb(c), number(x), number(p.height-y-height), number(width), number(height))
}

// modules draws the dark modules of a QR code as one shape, so that no gap shows between them.
func (p *page) modules(c chart.Code, x, y, size float64) {
	p.content.WriteString(rgb(black) + " rg")
	for _, r := range c.Runs {
		fmt.Fprintf(&p.content, " %s %s %s %s re", number(x+float64(r.X)*size), number(p.height-y-float64(r.Y+1)*size), number(float64(r.Length)*size), number(size))
	}
	p.content.WriteString(" f\n")
}

// stroke draws a line.
func (p *page) stroke(x1, y1, x2, y2, width float64, c chart.Colour) {
	fmt.Fprintf(&p.content, "%s RG %s w %s %s m %s %s l S\n", rgb(c), number(width), number(x1), number(p.height-y1), number(x2), number(p.height-y2))
}

// rgb writes a colour's red, green and blue between 0 and 1.
func rgb(c chart.Colour) string {
	return fmt.Sprintf("%.3f %.3f %.3f", float64(c.R)/255, float64(c.G)/255, float64(c.B)/255)
}
