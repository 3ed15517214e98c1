package language

import (
	"fmt"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// narrow is the narrow no-break space that separates thousands where a space does.
const narrow = "\u202f"

// separators are those of thousands and of decimals. Chinese, English and Arabic follow CLDR (Arabic with European digits,
// as bank references and the banks' own statements have them); French, Russian and Spanish set a space and a comma, as the
// documents of the United Nations in these languages do.
func (l Language) separators() (thousands, point string) {
	switch l {
	case Spanish, French, Russian:
		return narrow, ","
	}
	return ",", "."
}

// Number writes a decimal with the separators of the language and all the digits that it has.
func (l Language) Number(d decimal.Decimal) string { return l.digits(d.String()) }

// Fixed writes a decimal with a number of decimals, also those that are zero.
func (l Language) Fixed(d decimal.Decimal, decimals int32) string {
	return l.digits(d.StringFixed(decimals))
}

// Amount writes an amount at its currency's scale, a negative one in parentheses and zero as a dash.
func (l Language) Amount(m ledger.Money) string {
	if m.Amount.IsZero() {
		return "-"
	}
	if m.Amount.IsNegative() {
		m.Amount = m.Amount.Neg()
		return "(" + l.digits(m.Fixed()) + ")"
	}
	return l.digits(m.Fixed())
}

// digits sets the separators into a plain number.
func (l Language) digits(plain string) string {
	thousands, point := l.separators()
	whole, fraction, broken := strings.Cut(plain, ".")
	whole, negative := strings.CutPrefix(whole, "-")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + thousands + whole[i:]
	}
	if broken {
		whole += point + fraction
	}
	if negative {
		return "-" + whole
	}
	return whole
}

// Date writes a date for a column; the zero date is empty.
func (l Language) Date(d ledger.Date) string {
	if d.IsZero() {
		return ""
	}
	year, month, day := d.Year(), int(d.Start().Month()), d.Start().Day()
	switch l {
	case Arabic, Spanish, French:
		return fmt.Sprintf("%02d/%02d/%d", day, month, year)
	case Russian:
		return fmt.Sprintf("%02d.%02d.%d", day, month, year)
	case Chinese:
		return fmt.Sprintf("%d年%d月%d日", year, month, day)
	}
	return fmt.Sprintf("%d %s %d", day, englishMonths[month-1][:3], year)
}

// LongDate writes a date for a sentence.
func (l Language) LongDate(d ledger.Date) string {
	year, month, day := d.Year(), int(d.Start().Month()), d.Start().Day()
	switch l {
	case Arabic:
		return fmt.Sprintf("%d %s %d", day, arabicMonths[month-1], year)
	case Spanish:
		return fmt.Sprintf("%d de %s de %d", day, spanishMonths[month-1], year)
	case French:
		if day == 1 {
			return fmt.Sprintf("1er %s %d", frenchMonths[month-1], year)
		}
		return fmt.Sprintf("%d %s %d", day, frenchMonths[month-1], year)
	case Russian:
		return fmt.Sprintf("%d %s %d года", day, russianMonths[month-1], year)
	case Chinese:
		return l.Date(d)
	}
	return fmt.Sprintf("%d %s %d", day, englishMonths[month-1], year)
}

// Instant writes an instant in UTC for a sentence, to the fraction of a second that it has: it is what the document can be
// asked for again by.
func (l Language) Instant(t time.Time) string {
	return l.LongDate(ledger.DateOf(t.UTC())) + " " + t.UTC().Format("15:04:05.999999") + " UTC"
}

// The months as the documents of the United Nations name them, in the case that stands after a day.
var (
	englishMonths = [...]string{"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"}
	spanishMonths = [...]string{"enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"}
	frenchMonths  = [...]string{"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"}
	russianMonths = [...]string{"января", "февраля", "марта", "апреля", "мая", "июня", "июля", "августа", "сентября", "октября", "ноября", "декабря"}
	arabicMonths  = [...]string{"كانون الثاني/يناير", "شباط/فبراير", "آذار/مارس", "نيسان/أبريل", "أيار/مايو", "حزيران/يونيه", "تموز/يوليه", "آب/أغسطس",
		"أيلول/سبتمبر", "تشرين الأول/أكتوبر", "تشرين الثاني/نوفمبر", "كانون الأول/ديسمبر"}
)
