package chart

import "math"

const (
	plotHeight   = 150.0
	widestColumn = 40.0
	filled       = 0.72 // how much of its room a category's columns or bars take
)

// columns draws a column for each value, those of a category side by side.
func (p *plot) columns() {
	bottom := p.Height + lineHeight + plotHeight
	y := func(at float64) float64 { return bottom - at*plotHeight }
	left := 0.0
	for _, t := range p.axis.ticks {
		left = max(left, widthOf(p.axis.tick(t, p.language)))
	}
	left += padding
	for _, t := range p.axis.ticks {
		at := y(p.axis.at(t))
		p.text(left-padding, at+fontSize/3, End, p.axis.tick(t, p.language))
		if !t.IsZero() {
			p.line(left, at, p.Width, at, 0.5, gridGrey)
		}
	}
	room := (p.Width - left) / float64(len(p.chart.Categories))
	each := p.labelled(room)
	width := min(room*filled/float64(len(p.chart.Series)), widestColumn)
	zero := y(p.axis.at(value(p.chart.Series[0], len(p.chart.Categories)))) // beyond the categories there is zero
	for i, category := range p.chart.Categories {
		middle := left + (float64(i)+0.5)*room
		x := middle - width*float64(len(p.chart.Series))/2
		for n, s := range p.chart.Series {
			v := value(s, i)
			end := y(p.axis.at(v))
			p.rect(x, zero, x+width, end, palette[n%len(palette)])
			if short := p.axis.short(v, p.language); len(p.chart.Series) == 1 && widthOf(short) <= room {
				p.valueOfColumn(middle, end, v.IsNegative(), short)
			}
			x += width
		}
		if i%each == 0 {
			p.text(middle, bottom+lineHeight+padding, Middle, shortened(category, room*float64(each)-padding))
		}
	}
	p.line(left, zero, p.Width, zero, 0.8, axisGrey)
	p.Height = bottom + lineHeight + 2*padding
}

// valueOfColumn writes a value where its column ends.
func (p *plot) valueOfColumn(x, y float64, below bool, words string) {
	if below {
		p.text(x, y+fontSize+1, Middle, words)
		return
	}
	p.text(x, y-2, Middle, words)
}

// labelled is of how many categories one is labelled, so that the labels have room beside each other.
func (p *plot) labelled(room float64) int {
	longest := 0.0
	for _, c := range p.chart.Categories {
		longest = max(longest, widthOf(c))
	}
	return max(1, int(math.Ceil((min(longest, widestColumn)+padding)/room)))
}
