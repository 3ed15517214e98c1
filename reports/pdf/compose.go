package pdf

import (
	"strings"

	"vcledger/reports/chart"
	"vcledger/reports/language"
	"vcledger/reports/layout"
)

// The measures of a page, in points: A4 (ISO 216) and its margins.
const (
	shortSide, longSide = 595.28, 841.89
	margin              = 42.0
	body                = 9.0 // the size of the type of sentences
	small               = 7.5 // that of tables
	tiny                = 5.0 // that of what leads to the books
)

// composer lays out a document on pages.
type composer struct {
	*setter
	document *layout.Document
	tree     *element
	fonts    [typefaces]*embedded // those that the document uses
	pages    []*page
	page     *page
	width    float64 // of a page
	height   float64
	foot     float64 // how much of each page its foot takes
	y        float64 // where the next thing begins on the page
	top      float64 // where pages begin; a thing that begins there cannot be moved to a page with more room
	aside    float64 // how much of the width a QR code takes, at the side where lines end
	beside   float64 // where it ends on the page
	subject  block   // what each page says at its foot
	grids    map[*layout.Table]*grid
}

func newComposer(d *layout.Document) *composer {
	return &composer{setter: newSetter(d.Language), document: d, tree: &element{kind: "Document"}, grids: map[*layout.Table]*grid{}, width: shortSide, height: longSide, top: margin}
}

// compose lays out the whole document.
func (c *composer) compose() {
	d := c.document
	if !c.portrait() {
		c.width, c.height = longSide, shortSide
	}
	c.subject = c.footText(joined(" — ", d.Subject, d.Title))
	c.foot = margin + c.subject.height()
	c.turn()
	heading := c.tree.add("H1", "")
	c.code(d.Code)
	c.paragraph(heading, d.Title, style{size: 18, bold: true, colour: navy}, 0)
	c.y += 6
	c.facts(d.Facts)
	c.past()
	c.warning(d.Warning)
	for i := range d.Sections {
		c.section(&d.Sections[i])
	}
	c.feet()
}

// joined joins the texts that are not empty.
func joined(separator string, parts ...string) string {
	var said []string
	for _, s := range parts {
		if s != "" {
			said = append(said, s)
		}
	}
	return strings.Join(said, separator)
}

// turn begins a page.
func (c *composer) turn() {
	c.page = &page{width: c.width, height: c.height}
	c.pages = append(c.pages, c.page)
	c.y = c.top
}

// room is the width between the margins, less what a QR code takes.
func (c *composer) room() float64 { return c.width - 2*margin - c.aside }

// left is how much of the page's height is left.
func (c *composer) left() float64 { return c.height - c.foot - c.y }

// need turns the page if less than a height is left of it, and reports whether it did.
func (c *composer) need(height float64) bool {
	if height > c.left() && c.y > c.top {
		c.turn()
		return true
	}
	return false
}

// leading is the distance of two lines in parts of the size of their type: what the letters of the language take.
func (c *composer) leading() float64 {
	switch c.language {
	case language.Arabic:
		return 1.6
	case language.Chinese:
		return 1.45
	}
	return 1.32
}

// style is how a text looks.
type style struct {
	size          float64
	bold, figures bool
	colour        chart.Colour
}

// block is a text broken into lines.
type block struct {
	*paragraph
	style
	lines []span
	line  float64 // the height of a line
}

// set breaks a text into lines of a width. An empty text has none.
func (c *composer) set(s string, st style, width float64) block {
	b := block{style: st, line: st.size * c.leading(), paragraph: c.shape(words{s, st.bold, st.figures})}
	if s != "" {
		b.lines = b.paragraph.lines(width, st.size)
	}
	return b
}

func (b block) height() float64 { return float64(len(b.lines)) * b.line }

// side is where in its box a line stands.
type side int

// The sides. The right one is the same in every language: figures stand there.
const (
	beginning side = iota
	middle
	ending
	right
)

// line draws a line of a block at a height, in a box that begins x after the margin where the language begins.
func (c *composer) line(b block, n int, x, y, width float64, at side) {
	s := b.lines[n]
	used := b.width(s, b.size)
	left := c.physical(x, width)
	switch {
	case at == middle:
		left += (width - used) / 2
	case at == right, (at == ending) != c.language.RightToLeft():
		left += width - used
	}
	c.show(b.paragraph, s, left, y+b.line/2+b.size*0.36, b.size, b.bold, b.colour)
}

// physical is where on the paper a box begins at its left.
func (c *composer) physical(x, width float64) float64 {
	if c.language.RightToLeft() {
		return c.width - margin - x - width
	}
	return margin + x
}

// paragraph writes a text over the page's width, set in from where the language begins; it goes on on the next page where it
// must.
func (c *composer) paragraph(e *element, s string, st style, inset float64) {
	b := c.set(s, st, c.room()-inset)
	if b.height() < (c.height-c.foot-c.top)/2 {
		c.need(b.height())
	}
	for n := 0; n < len(b.lines); {
		c.need(b.line)
		c.page.tagged(e, func() {
			for first := n; n < len(b.lines) && (n == first || b.line <= c.left()); n++ {
				c.line(b, n, inset, c.y, c.room()-inset, beginning)
				c.y += b.line
			}
		})
	}
}

// facts is a list of labels, each with its value.
func (c *composer) facts(facts []layout.Fact) {
	if len(facts) == 0 {
		return
	}
	label, value := style{size: body, colour: grey}, style{size: body}
	width := 0.0
	for _, f := range facts {
		p := c.shape(words{text: f.Label})
		width = max(width, p.width(p.whole(), body))
	}
	width = min(width, c.room()/3) + 12
	list := c.tree.add("L", "<</O /List /ListNumbering /None>>")
	for _, f := range facts {
		item := list.add("LI", "")
		c.labelled(item, c.set(f.Label, label, width-12), c.set(f.Value, value, c.room()-width), width)
	}
	c.y += 6
}

// labelled writes a label and beside it the body of an item of a list.
func (c *composer) labelled(item *element, label, text block, width float64) {
	name, told := item.add("Lbl", ""), item.add("LBody", "")
	lines := max(len(label.lines), len(text.lines))
	if height := float64(lines) * text.line; height < (c.height-c.foot-c.top)/2 {
		c.need(height)
	}
	for n := 0; n < lines; {
		c.need(text.line)
		from, start := n, c.y
		for ; n < lines && (n == from || text.line <= c.left()); n++ {
			c.y += text.line
		}
		for _, part := range []struct {
			*element
			block
			x, width float64
		}{{name, label, 0, width}, {told, text, width, c.room() - width}} {
			if from < len(part.lines) {
				c.page.tagged(part.element, func() {
					for i := from; i < min(n, len(part.lines)); i++ {
						c.line(part.block, i, part.x, start+float64(i-from)*text.line, part.width, beginning)
					}
				})
			}
		}
	}
}

// warning stands out in a box of its own.
func (c *composer) warning(s string) {
	if s == "" {
		return
	}
	const inset = 8.0
	b := c.set(s, style{size: body, bold: true, colour: rust}, c.room()-2*inset)
	height := b.height() + inset
	c.need(height)
	c.page.artifact("Layout", func() {
		c.page.fill(margin, c.y, c.room(), height, amber)
		c.page.fill(c.physical(0, 3), c.y, 3, height, rust)
	})
	c.y += inset / 2
	c.paragraph(c.tree.add("P", ""), s, b.style, inset)
	c.y += inset/2 + 6
}

// section writes a part of the document under its heading.
func (c *composer) section(s *layout.Section) {
	heading := style{size: 12, bold: true, colour: navy}
	c.y += 10
	c.need(c.set(s.Title, heading, c.room()).height() + c.set(s.Text, style{size: body}, c.room()).height() + c.beginning(s))
	c.paragraph(c.tree.add("H2", ""), s.Title, heading, 0)
	c.y += 3
	if s.Text != "" {
		c.paragraph(c.tree.add("P", ""), s.Text, style{size: body}, 0)
		c.y += 3
	}
	if s.Chart != nil {
		c.chart(s.Chart)
	}
	if s.Table != nil {
		c.table(s.Table)
	}
	c.notes(s.Notes)
}

// beginning is the height of what must stand on the page of a section's heading.
func (c *composer) beginning(s *layout.Section) float64 {
	switch {
	case s.Chart != nil:
		return c.drawing(s.Chart).Height
	case s.Table != nil:
		return c.tableBeginning(s.Table)
	}
	return 3 * body * c.leading()
}

// notes is a numbered list.
func (c *composer) notes(notes []string) {
	if len(notes) == 0 {
		return
	}
	const inset = 20.0
	list := c.tree.add("L", "<</O /List /ListNumbering /Decimal>>")
	for i, n := range notes {
		c.labelled(list.add("LI", ""), c.set(ordinal(i), style{size: body, figures: true}, inset), c.set(n, style{size: body}, c.room()-inset), inset)
		c.y += 2
	}
}
