package ledger

import (
	"database/sql/driver"
	"fmt"
	"time"
)

// Date is a calendar date without clock or zone: the effective date of an event. The zero Date is no date.
type Date struct{ t time.Time }

// The dates that the books take. The first is the day the Charter of the United Nations came into force; no
// contribution is older.
var (
	FirstDate = NewDate(1945, time.October, 24)
	LastDate  = NewDate(2199, time.December, 31)
)

// NewDate returns the date of a year, month and day, which may overflow as in [time.Date].
func NewDate(year int, month time.Month, day int) Date {
	return Date{time.Date(year, month, day, 0, 0, 0, 0, time.UTC)}
}

// DateOf returns the calendar date of an instant in UTC.
func DateOf(t time.Time) Date {
	t = t.UTC()
	return NewDate(t.Year(), t.Month(), t.Day())
}

// ParseDate reads an ISO 8601 calendar date, YYYY-MM-DD, that exists and lies between [FirstDate] and [LastDate].
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fmt.Errorf("%q is not a date of the calendar in the form YYYY-MM-DD", clip(s))
	}
	d := Date{t}
	if d.Before(FirstDate) || d.After(LastDate) {
		return Date{}, fmt.Errorf("%s is outside the dates of the books, %s to %s", d, FirstDate, LastDate)
	}
	return d, nil
}

// String returns the date as YYYY-MM-DD, and the zero date as the empty string.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return d.t.Format(time.DateOnly)
}

// IsZero reports whether d is no date.
func (d Date) IsZero() bool { return d.t.IsZero() }

// Year returns the calendar year.
func (d Date) Year() int { return d.t.Year() }

// Start returns the instant at which the day begins in UTC.
func (d Date) Start() time.Time { return d.t }

// Before reports whether d is an earlier day than o.
func (d Date) Before(o Date) bool { return d.t.Before(o.t) }

// After reports whether d is a later day than o.
func (d Date) After(o Date) bool { return d.t.After(o.t) }

// Equal reports whether both are the same day.
func (d Date) Equal(o Date) bool { return d.t.Equal(o.t) }

// AddDays returns the date n days later, or earlier for a negative n.
func (d Date) AddDays(n int) Date { return Date{d.t.AddDate(0, 0, n)} }

// DaysSince returns how many days d is after o; negative when it is before.
func (d Date) DaysSince(o Date) int { return int(d.t.Sub(o.t) / (24 * time.Hour)) }

// Later returns the later of two dates; a zero date is earlier than any.
func Later(a, b Date) Date {
	if b.After(a) {
		return b
	}
	return a
}

// Value stores the date as a PostgreSQL date; the zero date is NULL.
func (d Date) Value() (driver.Value, error) {
	if d.IsZero() {
		return nil, nil
	}
	return d.String(), nil
}

// MarshalText writes the date as YYYY-MM-DD; the zero date is empty.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText wrote.
func (d *Date) UnmarshalText(text []byte) error {
	if len(text) == 0 {
		*d = Date{}
		return nil
	}
	parsed, err := ParseDate(string(text))
	*d = parsed
	return err
}

// Scan reads a PostgreSQL date; NULL gives the zero date.
func (d *Date) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*d = Date{}
	case time.Time:
		*d = NewDate(v.Year(), v.Month(), v.Day())
	default:
		return fmt.Errorf("scan date: unexpected %T", src)
	}
	return nil
}

// Period is a span of days, both ends included.
type Period struct{ From, To Date }

// clip shortens a value from outside so that it can be quoted in a message.
func clip(s string) string {
	const limit = 40
	r := []rune(s)
	if len(r) > limit {
		return string(r[:limit]) + "…"
	}
	return s
}
