package pdf

import (
	"strings"

	"vcledger/reports/layout"
)

// shortTable is how much of a page a table takes at most that is not parted.
const shortTable = 0.25

// tableBeginning is the height of a table's header and the rows that stay with it: all of them in a short table.
func (c *composer) tableBeginning(t *layout.Table) float64 {
	g := c.gridOf(t)
	if len(g.rows) == 0 {
		return g.headerHeight()
	}
	if whole := g.headerHeight() + g.heightOf(0, len(g.rows)); whole <= (c.height-c.foot-c.top)*shortTable {
		return whole
	}
	height := g.headerHeight() + g.heightOf(0, g.kept(0))
	if height > (c.height-c.foot-c.top)*0.8 {
		return g.headerHeight() + g.rows[0].height()
	}
	return height
}

// gridOf sets a table, once.
func (c *composer) gridOf(t *layout.Table) *grid {
	if c.grids[t] == nil {
		c.grids[t] = c.grid(t)
	}
	return c.grids[t]
}

// table writes a table. Its header stands again on each page that it goes on to; rows stay whole.
func (c *composer) table(t *layout.Table) {
	g := c.gridOf(t)
	element := c.tree.add("Table", "")
	header := element.add("THead", "").add("TR", "")
	c.need(g.headerHeight())
	c.header(g, func(i int, draw func()) {
		c.page.tagged(header.add("TH", spanning(1, "Column")), draw)
	})
	if len(g.rows) == 0 {
		return
	}
	rows := element.add("TBody", "")
	for from := 0; from < len(g.rows); {
		count := g.kept(from)
		if height := g.heightOf(from, count); height <= (c.height-c.foot-c.top-g.headerHeight())*0.8 {
			c.goOn(g, height)
		}
		for _, r := range g.rows[from : from+count] {
			c.goOn(g, r.height())
			c.rule(g, r)
			c.row(g, r, rows.add("TR", ""))
		}
		from += count
	}
	c.page.artifact("Layout", func() { c.page.stroke(c.physical(0, g.width), c.y, c.physical(0, g.width)+g.width, c.y, 0.7, navy) })
	c.y += 4
}

// goOn goes on on the next page, below the header, when a height is not left on this one.
func (c *composer) goOn(g *grid, height float64) {
	if c.need(height) {
		c.repeat(g)
	}
}

// repeat writes the header again; who has the table read out has heard it.
func (c *composer) repeat(g *grid) {
	c.page.artifact("Pagination", func() { c.header(g, func(_ int, draw func()) { draw() }) })
}

func (c *composer) header(g *grid, write func(column int, draw func())) {
	height := gridRow{cells: g.header}.height()
	for i, b := range g.header {
		write(i, func() {
			top := c.y + height - cellPadding - b.height()
			for n := range b.lines {
				c.cellLine(g, i, b, n, top+float64(n)*b.line)
			}
		})
	}
	c.y += g.headerHeight()
}

// cellLine writes a line of a cell: figures stand at the right, and leave room for a closing parenthesis.
func (c *composer) cellLine(g *grid, column int, b block, n int, y float64) {
	kind := g.columns[column].Kind
	if kind != layout.Amount && kind != layout.Number {
		c.line(b, n, g.starts[column], y, g.widths[column], beginning)
		return
	}
	x, width := g.starts[column], g.widths[column]
	if !strings.HasSuffix(string(b.runes), ")") || !b.figures {
		width -= g.margins[column]
		if c.language.RightToLeft() {
			x += g.margins[column]
		}
	}
	c.line(b, n, x, y, width, right)
}
