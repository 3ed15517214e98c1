package bankfile

import (
	"errors"
	"regexp"
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// first returns the first text that is not empty.
func first(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// compact takes the spaces out of an account, which people write in groups.
func compact(s string) string { return strings.ToUpper(strings.ReplaceAll(s, " ", "")) }

var ibanForm = regexp.MustCompile(`^[A-Z]{2}[0-9]{2}[A-Z0-9]{10,30}$`)

// isIBAN reports whether a text is an IBAN whose check digits are right.
// Source: ISO 13616 and ISO 7064 (MOD 97-10).
func isIBAN(s string) bool {
	if !ibanForm.MatchString(s) {
		return false
	}
	rest := 0
	for _, c := range s[4:] + s[:4] {
		if c >= 'A' {
			rest = (rest*100 + int(c-'A') + 10) % 97
		} else {
			rest = (rest*10 + int(c-'0')) % 97
		}
	}
	return rest == 1
}

var (
	dayForm    = regexp.MustCompile(`^(\d{4}-\d{2}-\d{2})(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,9})?)?)?(?:Z|[+-]\d{2}:?\d{2})?$`)
	numberForm = regexp.MustCompile(`^\d{1,18}(?:\.\d{1,12})?$`)
)

// day reads a date, or a time of which it takes the day as the bank writes it: the bank's day is the one of its books,
// whatever the hour is elsewhere.
func day(s string) (ledger.Date, error) {
	m := dayForm.FindStringSubmatch(s)
	if m == nil {
		return ledger.ParseDate(s)
	}
	return ledger.ParseDate(m[1])
}

// plain reads a number without sign or exponent that is no amount to be booked: a sum, a rate, what was ordered.
func plain(s string) (decimal.Decimal, error) {
	if !numberForm.MatchString(s) {
		return decimal.Decimal{}, errors.New("not a number")
	}
	return decimal.NewFromString(s)
}
