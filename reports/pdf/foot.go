package pdf

import "strconv"

// pageNumberRoom is what the number of the page has at the foot, in points.
const pageNumberRoom = 110.0

func ordinal(i int) string { return strconv.Itoa(i+1) + "." }

// footLines is how many lines the foot of a page has at most. A name that takes more is told in full on the first page.
const footLines = 2

// footText sets what the document is, cut to what the foot has room for.
func (c *composer) footText(s string) block {
	look, room := style{size: small, colour: grey}, c.room()-pageNumberRoom
	b := c.set(s, look, room)
	for cut := 1; len(b.lines) > footLines; cut++ {
		kept := b.runes[:max(b.lines[footLines-1].end-cut, 0)]
		b = c.set(string(kept)+"…", look, room)
	}
	return b
}

// feet writes at the foot of each page what the document is, and which page of how many.
func (c *composer) feet() {
	for i, p := range c.pages {
		c.page = p
		p.artifact("Pagination /Subtype /Footer", func() {
			y := p.height - c.foot + margin/2
			p.stroke(margin, y-4, p.width-margin, y-4, 0.5, pale)
			for n := range c.subject.lines {
				c.line(c.subject, n, 0, y+float64(n)*c.subject.line, c.room()-pageNumberRoom, beginning)
			}
			number := c.set(c.language.F("Page %s of %s", strconv.Itoa(i+1), strconv.Itoa(len(c.pages))), c.subject.style, pageNumberRoom)
			for n := range number.lines {
				c.line(number, n, c.room()-pageNumberRoom, y+float64(n)*number.line, pageNumberRoom, ending)
			}
		})
	}
}
