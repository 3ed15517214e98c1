package pdf

import (
	"strings"

	"vcledger/reports/layout"
)

const (
	cellPadding = 2.0  // above and below the texts of a row
	detailInset = 12.0 // how far a detail is set in
)

// grid is a table whose texts are broken into the lines of its columns.
type grid struct {
	columns []layout.Column
	starts  []float64 // where each column begins
	widths  []float64
	width   float64
	margins []float64 // for closing parentheses
	header  []block
	rows    []gridRow
}

// gridRow is a row of a grid: a cell for each column, or one across them.
type gridRow struct {
	layout.Role
	cells  []block
	across bool
	inset  float64
	leads  block // below the cells, or beside a text across that leaves the room
	beside bool
}

// grid sets a table.
func (c *composer) grid(t *layout.Table) *grid {
	widths, size := c.widths(t, c.room())
	g := &grid{columns: t.Columns, widths: widths}
	for i, col := range t.Columns {
		g.starts = append(g.starts, g.width)
		g.width += widths[i] + gutter
		g.margins = append(g.margins, c.margin(col, size))
		g.header = append(g.header, c.set(col.Title, style{size: size, bold: true, colour: navy}, widths[i]-g.margins[i]))
	}
	g.width -= gutter
	for _, r := range t.Rows {
		if r.Cells != nil || r.Text != "" || r.Leads != "" {
			g.rows = append(g.rows, c.gridRow(g, r, size))
		}
	}
	return g
}

func (c *composer) gridRow(g *grid, r layout.Row, size float64) gridRow {
	row := gridRow{Role: r.Role, across: r.Cells == nil}
	if r.Role == layout.Detail {
		row.inset = detailInset
	}
	room := max(g.width, c.room()*0.6) - row.inset
	row.leads = c.set(r.Leads, style{size: tiny, colour: grey}, room)
	if row.across {
		b := c.set(r.Text, style{size: size, bold: r.Role == layout.Heading || r.Role == layout.Lead}, room)
		row.cells = []block{b}
		row.beside = len(b.lines) == 1 && len(row.leads.lines) == 1 && b.width(b.lines[0], b.size)+row.leads.width(row.leads.lines[0], tiny)+gutter <= g.width-row.inset
		return row
	}
	for i, cell := range r.Cells {
		told := cell.Form(c.language, g.columns[i])
		width := g.widths[i]
		if !strings.HasSuffix(told, ")") {
			width -= g.margins[i]
		}
		row.cells = append(row.cells, c.set(told, looks(g.columns[i], r.Role, size), width+0.01))
	}
	return row
}

// height is that of a row on one page.
func (r gridRow) height() float64 {
	highest := 0.0
	for _, b := range r.cells {
		highest = max(highest, b.height())
	}
	if !r.beside {
		highest += r.leads.height()
	}
	return highest + 2*cellPadding
}

// headerHeight is that of the header, with the rule below it.
func (g *grid) headerHeight() float64 {
	return gridRow{cells: g.header}.height() + 2
}

// kept is how many rows from one on stay on a page with it: those that begin a group stay with its first line, a line with its
// details and with the total that follows.
func (g *grid) kept(from int) int {
	n := from
	for n < len(g.rows)-1 && (g.rows[n].Role == layout.Heading || g.rows[n].Role == layout.Lead) {
		n++
	}
	for n < len(g.rows)-1 && (g.rows[n+1].Role == layout.Detail || g.rows[n+1].Role == layout.Total) {
		n++
	}
	return n + 1 - from
}

// heightOf is that of some rows.
func (g *grid) heightOf(from, count int) float64 {
	height := 0.0
	for _, r := range g.rows[from : from+count] {
		height += r.height()
	}
	return height
}
