package layout

import "vcledger/reports/language"

// Form returns a cell as text in a language, for a column.
func (c Cell) Form(l language.Language, column Column) string {
	k := column.Kind
	switch {
	case c.Empty:
		return ""
	case k == Amount:
		return l.Amount(c.Money)
	case k == Number:
		if !c.Number.Valid {
			return ""
		}
		if n := c.Number.Decimal; n.Truncate(column.Decimals).Equal(n) {
			return l.Fixed(n, column.Decimals)
		}
		return l.Number(c.Number.Decimal)
	case k == Day:
		if c.Text != "" {
			return c.Text
		}
		return l.Date(c.Date)
	}
	return c.Text
}
