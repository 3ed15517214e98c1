package chart

const (
	barHeight = 9.0
	barGap    = 6.0
	namesPart = 0.34 // how much of the width the names of the categories may take
)

// bars draws a bar for each value, those of a category one below the other.
func (p *plot) bars() {
	names, values := 0.0, 0.0
	for i, c := range p.chart.Categories {
		names = max(names, widthOf(c))
		for _, s := range p.chart.Series {
			values = max(values, widthOf(p.axis.short(value(s, i), p.language)))
		}
	}
	left := min(names, p.Width*namesPart) + 2*padding
	right := p.Width - values - padding
	if p.axis.ticks[0].IsNegative() {
		left += values
	}
	x := func(at float64) float64 { return left + at*(right-left) }
	top := p.Height + lineHeight
	high := barHeight*float64(len(p.chart.Series)) + barGap
	bottom := top + high*float64(len(p.chart.Categories))
	for _, t := range p.axis.ticks {
		at := x(p.axis.at(t))
		p.text(at, top-padding, Middle, p.axis.tick(t, p.language))
		if !t.IsZero() {
			p.line(at, top, at, bottom, 0.5, gridGrey)
		}
	}
	zero := x(p.axis.at(value(p.chart.Series[0], len(p.chart.Categories)))) // beyond the categories there is zero
	for i, category := range p.chart.Categories {
		y := top + high*float64(i) + barGap/2
		p.text(0, y+(high-barGap)/2+fontSize/3, Start, shortened(category, p.Width*namesPart))
		for n, s := range p.chart.Series {
			v := value(s, i)
			end := x(p.axis.at(v))
			p.rect(zero, y, end, y+barHeight-1, palette[n%len(palette)])
			if len(p.chart.Series) == 1 {
				p.valueOfBar(end, y+barHeight-2, v.IsNegative(), p.axis.short(v, p.language))
			}
			y += barHeight
		}
	}
	p.line(zero, top, zero, bottom, 0.8, axisGrey)
	p.Height = bottom + padding
}

// valueOfBar writes a value where its bar ends.
func (p *plot) valueOfBar(x, y float64, below bool, words string) {
	if below {
		p.text(x-padding/2, y, End, words)
		return
	}
	p.text(x+padding/2, y, Start, words)
}
