package chart

import (
	"fmt"
	"strings"

	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// Colour is a colour of sRGB.
type Colour struct{ R, G, B uint8 }

// Hex writes a colour as HTML and SVG take it.
func (c Colour) Hex() string { return fmt.Sprintf("#%02x%02x%02x", c.R, c.G, c.B) }

// Anchor says which point of a text stands at its X. It speaks of sides, not of the direction of the text: Start is the left
// one in every language, as text-anchor of SVG is where the direction is ltr.
type Anchor string

// The anchors.
const (
	Start  Anchor = "start"
	Middle Anchor = "middle"
	End    Anchor = "end"
)

// Rect is a filled rectangle; X and Y are its upper left corner.
type Rect struct {
	X, Y, Width, Height float64
	Fill                Colour
}

// Line is a straight stroke.
type Line struct {
	X1, Y1, X2, Y2, Width float64
	Stroke                Colour
}

// Text is a line of words; Y is its baseline, Size that of the type.
type Text struct {
	X, Y, Size float64
	Anchor     Anchor
	Text       string
	Bold       bool
}

// Drawing is a chart as shapes, in points. Lines lie below the rectangles, texts above them.
type Drawing struct {
	Width, Height float64
	Rects         []Rect
	Lines         []Line
	Texts         []Text
}

// The colours of the series: those of Okabe and Ito, which people who are blind to some colours tell apart (Color Universal
// Design, 2008), darkened until each has a contrast of 3:1 at least to white paper (WCAG 2.2, success criterion 1.4.11).
var palette = []Colour{{0x00, 0x72, 0xb2}, {0xc2, 0x55, 0x00}, {0x00, 0x7d, 0x5b}, {0x9b, 0x4f, 0x7c}, {0x94, 0x66, 0x00}, {0x3a, 0x8a, 0xbf}, {0x33, 0x33, 0x33}}

// SeriesColour is the colour of a series, counted from 0.
func SeriesColour(i int) Colour { return palette[i%len(palette)] }

var (
	gridGrey = Colour{0xd9, 0xd9, 0xd9}
	axisGrey = Colour{0x59, 0x59, 0x59}
)

// Draw lays out a chart in a language on a width in points. It is mirrored where the language is written from right to left.
// A chart without categories or series is an empty drawing.
func Draw(c *layout.Chart, l language.Language, width float64) Drawing {
	p := &plot{chart: c, language: l, Drawing: Drawing{Width: width}}
	if len(c.Categories) == 0 || len(c.Series) == 0 {
		return p.Drawing
	}
	p.axis = axisOf(c)
	p.caption()
	p.legend()
	if c.Bars {
		p.bars()
	} else {
		p.columns()
	}
	if l.RightToLeft() {
		p.mirror()
	}
	return p.Drawing
}

// Tell says in words what a chart shows, for those who cannot see it: each category with the values of its series.
func Tell(c *layout.Chart, l language.Language) string {
	told := []string{c.Title + " (" + string(c.Currency) + ")"}
	for i, category := range c.Categories {
		values := make([]string, len(c.Series))
		for n, s := range c.Series {
			values[n] = strings.TrimPrefix(s.Name+" ", " ") + l.Number(value(s, i))
		}
		told = append(told, l.Labelled(category, l.Series(values...)))
	}
	return l.List(told...)
}

// plot is a drawing under way.
type plot struct {
	Drawing
	chart    *layout.Chart
	language language.Language
	axis     axis
}

func (p *plot) text(x, y float64, a Anchor, words string) {
	p.Texts = append(p.Texts, Text{X: x, Y: y, Size: fontSize, Anchor: a, Text: words})
}

func (p *plot) rect(x1, y1, x2, y2 float64, fill Colour) {
	p.Rects = append(p.Rects, Rect{X: min(x1, x2), Y: min(y1, y2), Width: max(x1, x2) - min(x1, x2), Height: max(y1, y2) - min(y1, y2), Fill: fill})
}

func (p *plot) line(x1, y1, x2, y2, width float64, stroke Colour) {
	p.Lines = append(p.Lines, Line{X1: x1, Y1: y1, X2: x2, Y2: y2, Width: width, Stroke: stroke})
}

// mirror turns the drawing for readers who begin at the right.
func (p *plot) mirror() {
	for i := range p.Rects {
		p.Rects[i].X = p.Width - p.Rects[i].X - p.Rects[i].Width
	}
	for i := range p.Lines {
		p.Lines[i].X1, p.Lines[i].X2 = p.Width-p.Lines[i].X1, p.Width-p.Lines[i].X2
	}
	for i := range p.Texts {
		p.Texts[i].X = p.Width - p.Texts[i].X
		switch p.Texts[i].Anchor {
		case Start:
			p.Texts[i].Anchor = End
		case End:
			p.Texts[i].Anchor = Start
		}
	}
}
