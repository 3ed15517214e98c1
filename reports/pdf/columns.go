package pdf

import (
	"strings"

	"vcledger/reports/layout"
)

const (
	gutter     = 8.0  // between two columns
	easyText   = 90.0 // what a column of long texts should have, if its texts need it
	widestWord = 90.0 // a longer word may be broken
	smallest   = 5.5  // the size of type below which a table does not go
	spread     = 16.0 // how much wider than it needs a column is made in a table that does not fill the page
)

// need is how wide a column must, should and would like to be.
type need struct{ least, easy, natural, titled float64 }

// looks is the style of the cells of a column in a row of a role.
func looks(col layout.Column, role layout.Role, size float64) style {
	if col.Leads {
		return style{size: tiny, colour: grey, figures: true}
	}
	return style{size: size, bold: role == layout.Total, figures: col.Kind != layout.Text}
}

// needs measures the columns of a table in type of a size.
func (c *composer) needs(t *layout.Table, size float64) []need {
	out := make([]need, len(t.Columns))
	for i, col := range t.Columns {
		n := &out[i]
		title := c.shape(words{text: col.Title, bold: true})
		room := c.margin(col, size)
		n.least, n.titled = title.longest(size)+room, title.width(title.whole(), size)+room
		n.easy, n.natural = n.least, n.least
		for _, r := range t.Rows {
			if r.Cells == nil {
				continue
			}
			st := looks(col, r.Role, size)
			told := r.Cells[i].Form(c.language, col)
			p := c.shape(words{told, st.bold, st.figures})
			whole := p.width(p.whole(), st.size)
			if !strings.HasSuffix(told, ")") {
				whole += room
			}
			n.natural = max(n.natural, whole)
			switch {
			case col.Leads:
				n.least, n.easy = max(n.least, min(whole/3, widestWord)), max(n.easy, min(whole*0.58, easyText))
			case col.Kind != layout.Text:
				n.least, n.easy = max(n.least, whole), max(n.easy, whole)
			default:
				word := min(p.longest(st.size), widestWord)
				n.least, n.easy = max(n.least, word), max(n.easy, word, min(whole, easyText))
				if !col.Wraps {
					n.easy = max(n.easy, min(whole, 2*easyText))
				}
			}
		}
		n.natural, n.titled = max(n.natural, n.easy), max(n.titled, n.natural, n.easy)
	}
	return out
}

// margin is the room that amounts leave for a closing parenthesis.
func (c *composer) margin(col layout.Column, size float64) float64 {
	if col.Kind != layout.Amount {
		return 0
	}
	p := c.shape(words{text: ")", figures: true})
	return p.width(p.whole(), size)
}

// sum adds up what the columns want, with the gutters between them.
func sum(needs []need, of func(need) float64) float64 {
	total := gutter * float64(len(needs)-1)
	for _, n := range needs {
		total += of(n)
	}
	return total
}

func least(n need) float64   { return n.least }
func easy(n need) float64    { return n.easy }
func natural(n need) float64 { return n.natural }
func titled(n need) float64  { return n.titled }

// portrait reports whether all tables read well on pages that stand upright.
func (c *composer) portrait() bool {
	for i := range c.document.Sections {
		if t := c.document.Sections[i].Table; t != nil && sum(c.needs(t, small), easy) > shortSide-2*margin {
			return false
		}
	}
	return true
}

// widths shares a room among the columns of a table: what they should have and then what they would like to have, in
// proportion to what they lack. The size of the type goes down until they have what they must.
func (c *composer) widths(t *layout.Table, room float64) (widths []float64, size float64) {
	size = small
	needs := c.needs(t, size)
	for size > smallest && sum(needs, least) > room {
		size -= 0.5
		needs = c.needs(t, size)
	}
	widths = make([]float64, len(needs))
	if total := sum(needs, least); total > room {
		gutters := gutter * float64(len(needs)-1)
		for i, n := range needs {
			widths[i] = n.least * max(room-gutters, 1) / (total - gutters)
		}
		return widths, size
	}
	from := least
	for _, to := range []func(need) float64{easy, natural, titled} {
		have, want := sum(needs, from), sum(needs, to)
		if want > room {
			for i, n := range needs {
				widths[i] = from(n) + (to(n)-from(n))*(room-have)/(want-have)
			}
			return widths, size
		}
		from = to
	}
	extra := min((room-sum(needs, titled))/float64(len(needs)), spread)
	for i, n := range needs {
		widths[i] = n.titled + extra
	}
	return widths, size
}
