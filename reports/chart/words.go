package chart

import "github.com/rivo/uniseg"

const (
	fontSize   = 7.5
	lineHeight = 11.0
	padding    = 4.0
	swatch     = 7.0
)

// column is how wide a character of the width of one terminal column is taken to be, in parts of the type size. Whoever draws
// has fonts of their own, so this is a little more than most need.
const column = 0.58

func widthOf(s string) float64 { return float64(uniseg.StringWidth(s)) * column * fontSize }

// shortened cuts a text to a width, at a boundary of what a reader takes for one character, and ends it with an ellipsis.
func shortened(s string, width float64) string {
	if widthOf(s) <= width {
		return s
	}
	kept := ""
	for g := uniseg.NewGraphemes(s); g.Next(); {
		if widthOf(kept+g.Str()+"…") > width {
			break
		}
		kept += g.Str()
	}
	return kept + "…"
}

// caption names the currency and the unit of the values.
func (p *plot) caption() {
	p.text(0, p.Height+fontSize, Start, p.language.F(p.axis.named, string(p.chart.Currency)))
	p.Height += lineHeight + padding
}

// legend names the series beside their colours, in as many lines as that takes.
func (p *plot) legend() {
	x := 0.0
	for i, s := range p.chart.Series {
		name := shortened(s.Name, p.Width-swatch-2*padding)
		width := swatch + padding + widthOf(name)
		if x > 0 && x+width > p.Width {
			x = 0
			p.Height += lineHeight
		}
		p.rect(x, p.Height, x+swatch, p.Height+swatch, SeriesColour(i))
		p.text(x+swatch+padding, p.Height+swatch-0.5, Start, name)
		x += width + 3*padding
	}
	p.Height += lineHeight + padding
}
