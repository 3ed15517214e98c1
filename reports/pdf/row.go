package pdf

import (
	"vcledger/reports/layout"
)

// rule draws what parts a row from the one above it: a line before a total, a tint behind the beginning of a group.
func (c *composer) rule(g *grid, r gridRow) {
	left := c.physical(0, g.width)
	c.page.artifact("Layout", func() {
		switch r.Role {
		case layout.Total:
			c.page.stroke(left, c.y, left+g.width, c.y, 0.7, navy)
		case layout.Heading:
			c.page.fill(left, c.y, g.width, min(r.height(), c.left()), tint)
		case layout.Line, layout.Lead:
			c.page.stroke(left, c.y, left+g.width, c.y, 0.3, pale)
		}
	})
}

// row writes a row. One that is higher than a page goes on on the next.
func (c *composer) row(g *grid, r gridRow, element *element) {
	cells := c.cells(g, r, element)
	written := make([]int, len(r.cells))
	for {
		start, deepest, rest := c.y+cellPadding, 0.0, false
		room := c.left() - 2*cellPadding
		for i, b := range r.cells {
			from := written[i]
			for written[i] < len(b.lines) && (written[i] == from || float64(written[i]-from+1)*b.line <= room+0.01) {
				written[i]++
			}
			if from < written[i] {
				c.page.tagged(cells[i], func() { c.cell(g, r, i, span{from, written[i]}, start) })
			}
			deepest = max(deepest, float64(written[i]-from)*b.line)
			rest = rest || written[i] < len(b.lines)
		}
		c.y = start + deepest
		if !rest {
			break
		}
		c.turn()
		c.repeat(g)
	}
	c.leads(g, r, cells[0])
	c.y += cellPadding
}

// cells adds the elements of a row's cells.
func (c *composer) cells(g *grid, r gridRow, row *element) []*element {
	if r.across {
		if r.Role == layout.Heading || r.Role == layout.Lead {
			return []*element{row.add("TH", spanning(len(g.columns), "Row"))}
		}
		return []*element{row.add("TD", spanning(len(g.columns), ""))}
	}
	var cells []*element
	for range r.cells {
		cells = append(cells, row.add("TD", ""))
	}
	return cells
}

// cell writes some lines of a cell.
func (c *composer) cell(g *grid, r gridRow, i int, lines span, y float64) {
	for n := lines.start; n < lines.end; n++ {
		at := y + float64(n-lines.start)*r.cells[i].line
		if r.across {
			c.line(r.cells[i], n, r.inset, at, c.room()-r.inset, beginning)
		} else {
			c.cellLine(g, i, r.cells[i], n, at)
		}
	}
}

// leads writes what a row leads to, beside its text or below it.
func (c *composer) leads(g *grid, r gridRow, cell *element) {
	if len(r.leads.lines) == 0 {
		return
	}
	if r.beside {
		text := r.cells[0]
		c.page.tagged(cell, func() {
			c.line(r.leads, 0, r.inset, c.y-text.line+(text.line-r.leads.line)/2, g.width-r.inset, ending)
		})
		return
	}
	for n := range r.leads.lines {
		c.page.tagged(cell, func() { c.line(r.leads, n, r.inset, c.y, c.room()-r.inset, beginning) })
		c.y += r.leads.line
	}
}
