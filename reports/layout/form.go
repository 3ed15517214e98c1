package layout

import "vcledger/reports/language"

// Form returns a cell as text in a language, for a column of a kind.
func (c Cell) Form(l language.Language, k Kind) string {
	switch {
	case c.Empty:
		return ""
	case k == Amount:
		return l.Amount(c.Money)
	case k == Number:
		if !c.Number.Valid {
			return ""
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
