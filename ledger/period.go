package ledger

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// ParsePeriod reads a calendar year, "2025", or month, "2025-12".
// Errors: [RuleDate].
func ParsePeriod(s string) (Period, error) {
	for form, next := range map[string]func(time.Time) time.Time{
		"2006":    func(t time.Time) time.Time { return t.AddDate(1, 0, 0) },
		"2006-01": func(t time.Time) time.Time { return t.AddDate(0, 1, 0) },
	} {
		t, err := time.Parse(form, s)
		if err != nil {
			continue
		}
		if p := (Period{Date{t}, Date{next(t).AddDate(0, 0, -1)}}); !p.To.Before(FirstDate) && !p.To.After(LastDate) {
			return p, nil
		}
	}
	return Period{}, Fail(RuleDate, "%q is not a year such as 2025 or a month such as 2025-12.", clip(s))
}

// CalendarYear returns the days of a year.
func CalendarYear(year int) Period {
	return Period{From: NewDate(year, time.January, 1), To: NewDate(year, time.December, 31)}
}

// IsYear reports whether the period is a calendar year.
func (p Period) IsYear() bool { return p.From.AddDays(300).Before(p.To) }

// String returns the year or the month that the period is.
func (p Period) String() string {
	if p.IsYear() {
		return p.From.String()[:len("2006")]
	}
	return p.From.String()[:len("2006-01")]
}

// PeriodAction says what happened to a period.
type PeriodAction string

// What happens to a period.
const (
	PeriodClosed   PeriodAction = "closed"
	PeriodReopened PeriodAction = "reopened"
)

// PeriodEvent is the closing of a fund's period, or its reopening.
type PeriodEvent struct {
	ID         uuid.UUID
	Fund       FundCode
	Period     Period
	Action     PeriodAction
	Reason     string
	Checklist  []PeriodCheck
	Entry      uuid.UUID // the closing entry of a year, or its reversal; zero when there was nothing to close
	RecordedBy string
	RecordedAt time.Time
}

// UnidentifiedDays is for how many days a receipt may be unidentified without a note when a year is closed, unless it is
// said otherwise.
const UnidentifiedDays = 90

// PeriodCheck is one thing that is looked at before a year is closed.
type PeriodCheck struct {
	Name   string   `json:"name"`
	Passed bool     `json:"passed"`
	Found  []string `json:"found"` // what does not pass, one sentence each
}

// CloseYear returns the draft that closes a fund's revenue and expense to its fund balance: balances has the sums of the
// accounts 4xxx and 5xxx by account and currency as of the year's last day. Without a balance it has no lines.
//
// The lines belong to no contributor and no pledge: what each gave stays what its own lines say.
func CloseYear(fund FundCode, balances []Line, year Period) Draft {
	d := Draft{Kind: EntryYearEnd, EffectiveDate: year.To, Description: fmt.Sprintf("Closing of %s for %s", fund, year)}
	dim := Dimensions{Fund: fund}
	for _, b := range balances {
		if b.Amount.IsZero() && b.USD.IsZero() {
			continue
		}
		if b.Currency == USD || b.Amount.Sign() == b.USD.Sign() {
			d.debit(b.Account, dim, carried(b.Converted, year.To).Neg())
			continue
		}
		// Lines of several rates can leave an amount and a worth on different sides; each is closed by itself.
		if !b.Amount.IsZero() {
			d.debit(b.Account, dim, Converted{Money: b.Money}.Neg())
		}
		if !b.USD.IsZero() {
			d.debit(b.Account, dim, Converted{Money: Dollars(b.USD), USD: b.USD}.Neg())
		}
	}
	if result := d.short(fund); !result.IsZero() {
		d.debit(FundBalance, dim, Converted{Money: Dollars(result), USD: result})
	}
	return d
}
