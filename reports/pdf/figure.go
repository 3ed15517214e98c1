package pdf

import (
	"fmt"
	"math"
	"slices"

	"vcledger/reports/chart"
	"vcledger/reports/layout"
)

// chartWidth is how wide charts are drawn.
func (c *composer) chartWidth() float64 { return min(c.room(), 500) }

// drawing draws a chart of the names as they are shown: one that is written by its codes is longer.
func (c *composer) drawing(ch *layout.Chart) chart.Drawing {
	shown := *ch
	shown.Categories, shown.Series = slices.Clone(ch.Categories), slices.Clone(ch.Series)
	for i, name := range ch.Categories {
		shown.Categories[i] = string(visible(name))
	}
	for i, s := range ch.Series {
		shown.Series[i].Name = string(visible(s.Name))
	}
	return chart.Draw(&shown, c.language, c.chartWidth())
}

// chart draws a chart. Who cannot see it is told its values.
func (c *composer) chart(ch *layout.Chart) {
	d := c.drawing(ch)
	c.need(d.Height)
	x, y := c.physical(0, d.Width), c.y
	figure := c.tree.add("Figure", fmt.Sprintf("<</O /Layout /Placement /Block /BBox [%s %s %s %s]>>",
		number(x), number(c.height-y-d.Height), number(x+d.Width), number(c.height-y)))
	figure.alt = chart.Tell(ch, c.language)
	c.page.tagged(figure, func() {
		for _, l := range d.Lines {
			c.page.stroke(x+l.X1, y+l.Y1, x+l.X2, y+l.Y2, l.Width, l.Stroke)
		}
		for _, r := range d.Rects {
			c.page.fill(x+r.X, y+r.Y, r.Width, r.Height, r.Fill)
		}
		for _, t := range d.Texts {
			c.chartText(t, x, y)
		}
	})
	c.y += d.Height
}

// codeSide is how wide a QR code may be, with its quiet zone: 35 mm.
const codeSide = 100.0

// code draws a QR code at the top of the page, at the side where lines end, and keeps what follows beside it.
func (c *composer) code(text *layout.Code) {
	if text == nil {
		return
	}
	code, ok := chart.Encode(text.Text)
	if !ok {
		return
	}
	size := math.Floor(codeSide/float64(code.Side)*100) / 100 // exact in the two decimals of the file
	side := size * float64(code.Side)
	x, y := c.physical(c.room()-side, side), c.top
	figure := c.tree.add("Figure", fmt.Sprintf("<</O /Layout /Placement /Block /BBox [%s %s %s %s]>>", number(x), number(c.height-y-side), number(x+side), number(c.height-y)))
	figure.alt = text.Told()
	c.page.tagged(figure, func() { c.page.modules(code, x, y, size) })
	c.aside, c.beside = side+12, y+side
}

// past ends what stands beside a QR code.
func (c *composer) past() {
	if c.aside > 0 && len(c.pages) == 1 {
		c.y = max(c.y, c.beside)
	}
	c.aside = 0
}

func (c *composer) chartText(t chart.Text, x, y float64) {
	p := c.shape(words{text: t.Text, bold: t.Bold})
	left := x + t.X
	switch t.Anchor {
	case chart.Middle:
		left -= p.width(p.whole(), t.Size) / 2
	case chart.End:
		left -= p.width(p.whole(), t.Size)
	}
	c.show(p, p.whole(), left, y+t.Y, t.Size, t.Bold, black)
}
