package ledger

import (
	_ "embed"
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// USD is the reporting currency of the books.
const USD Currency = "USD"

// Currency is an ISO 4217 alphabetic code.
type Currency string

// CurrencyInfo is what the ledger knows of a currency.
type CurrencyInfo struct {
	Code       Currency
	MinorUnits int32 // decimals of an amount, ISO 4217
	Name       string
}

//go:embed currencies.csv
var currenciesCSV string

// Currencies lists ISO 4217 list one (2024-06-25 and its amendments for SLE, XCG and ZWG), without precious metals, and
// the currencies withdrawn since 1999 that contributions were made in, ordered by code. The Common Locale Data
// Repository, which golang.org/x/text reads, gives other scales for some (AFN, IRR), so the standard's are kept here.
var Currencies = parseCurrencies(currenciesCSV)

var currencyByCode = func() map[Currency]CurrencyInfo {
	m := make(map[Currency]CurrencyInfo, len(Currencies))
	for _, c := range Currencies {
		m[c.Code] = c
	}
	return m
}()

func parseCurrencies(csv string) []CurrencyInfo {
	var list []CurrencyInfo
	for _, row := range strings.Split(strings.TrimSpace(csv), "\n")[1:] {
		f := strings.SplitN(row, ",", 3)
		units, err := strconv.ParseInt(f[1], 10, 32)
		if err != nil {
			panic("ledger/currencies.csv: " + err.Error()) // our own file: a broken build, not bytes from outside
		}
		list = append(list, CurrencyInfo{Code: Currency(f[0]), MinorUnits: int32(units), Name: f[2]})
	}
	return list
}

// Known reports whether the ledger has the currency.
func (c Currency) Known() bool { _, ok := currencyByCode[c]; return ok }

// MinorUnits returns how many decimals an amount in the currency has (ISO 4217); 2 for one that is not known.
func (c Currency) MinorUnits() int32 {
	if i, ok := currencyByCode[c]; ok {
		return i.MinorUnits
	}
	return 2
}

// Round rounds half away from zero to the currency's minor unit.
func (c Currency) Round(d decimal.Decimal) decimal.Decimal { return d.Round(c.MinorUnits()) }

// Money is an amount in one currency.
type Money struct {
	Amount   decimal.Decimal
	Currency Currency
}

// String returns the amount at its currency's scale and the code: "1250000.00 EUR".
func (m Money) String() string { return m.Fixed() + " " + string(m.Currency) }

// Fixed returns the amount as a string at exactly the currency's scale.
func (m Money) Fixed() string { return string(m.AppendFixed(nil)) }

// wordDigits is how many digits a coefficient may have to be of one machine word.
const wordDigits = 18

// Compact returns the same amount in half the memory that a sum has, which keeps room to grow, and nothing without any.
func (m Money) Compact() Money {
	switch {
	case m.Amount.IsZero():
		m.Amount = decimal.Decimal{}
	case m.Amount.NumDigits() <= wordDigits:
		m.Amount = decimal.New(m.Amount.CoefficientInt64(), m.Amount.Exponent())
	}
	return m
}

// AppendFixed appends what Fixed returns. Nearly all amounts are of one machine word, with no digit beyond their currency's scale
// but the zeros of a column: these need no memory of their own.
func (m Money) AppendFixed(text []byte) []byte {
	scale := m.Currency.MinorUnits()
	units, ok := m.minorUnits(scale)
	if !ok {
		return append(text, m.Amount.StringFixed(scale)...)
	}
	if units < 0 {
		text, units = append(text, '-'), -units
	}
	one := int64(1)
	for range scale {
		one *= 10
	}
	text = strconv.AppendInt(text, units/one, 10)
	if scale > 0 {
		text = append(text, '.')
	}
	for one /= 10; one > 0; one /= 10 {
		text = append(text, byte('0'+units/one%10))
	}
	return text
}

// minorUnits returns the amount in units of its currency's scale, when it is a whole number of them and of one machine word.
func (m Money) minorUnits(scale int32) (units int64, ok bool) {
	if m.Amount.IsZero() {
		return 0, true
	}
	beyond := int(m.Amount.Exponent()) + int(scale)
	if m.Amount.NumDigits()+max(0, beyond) > wordDigits {
		return 0, false
	}
	units = m.Amount.CoefficientInt64()
	for ; beyond > 0; beyond-- {
		units *= 10
	}
	for ; beyond < 0 && units%10 == 0; beyond++ {
		units /= 10
	}
	return units, beyond == 0
}

// Dollars returns an amount in the reporting currency.
func Dollars(d decimal.Decimal) Money { return Money{d, USD} }

// The faults that [ParseAmount] finds.
var (
	ErrAmountSyntax = errors.New("an amount is written with digits and at most one decimal point, without exponent, separator or sign")
	ErrAmountScale  = errors.New("the amount has more decimals than its currency")
	ErrAmountSize   = errors.New("the amount has more than 15 digits before the point")
)

// amountForm admits no exponent and no sign: an amount is a magnitude and its side follows from the event.
var amountForm = regexp.MustCompile(`^(\d{1,40})(?:\.(\d{1,40}))?$`)

// ParseAmount reads an amount of a currency that is zero or more. Zeros beyond the currency's scale are taken ("100.00"
// yen is 100 yen), any other digit there is refused.
// Errors: [ErrAmountSyntax], [ErrAmountScale], [ErrAmountSize].
func ParseAmount(s string, c Currency) (decimal.Decimal, error) {
	parts := amountForm.FindStringSubmatch(s)
	if parts == nil {
		return decimal.Decimal{}, ErrAmountSyntax
	}
	if len(strings.TrimLeft(parts[1], "0")) > 15 {
		return decimal.Decimal{}, ErrAmountSize
	}
	if len(strings.TrimRight(parts[2], "0")) > int(c.MinorUnits()) {
		return decimal.Decimal{}, ErrAmountScale
	}
	d, err := decimal.NewFromString(s)
	if err != nil {
		return decimal.Decimal{}, ErrAmountSyntax
	}
	return d.Round(c.MinorUnits()), nil
}

// Rate is how many units of a currency one USD bought on a date, and who says so.
type Rate struct {
	Currency    Currency
	Date        Date
	UnitsPerUSD decimal.Decimal
	Source      RateSource
}

// RateSource names where a rate comes from.
type RateSource string

// The sources of rates.
const (
	SourceUN       RateSource = "un"       // United Nations operational rates of exchange
	SourceECB      RateSource = "ecb"      // European Central Bank reference rates, crossed through EUR
	SourceStated   RateSource = "stated"   // from a USD amount that the bank credited or the fund booked
	SourceCarrying RateSource = "carrying" // the rate at which the balance being settled stands in the books
)

// rateDigits is the precision of a rate that the ledger derives from two amounts.
const rateDigits = 12

// Converted is money with its worth in USD and the rate that links them; for USD itself the rate is zero.
type Converted struct {
	Money
	USD  decimal.Decimal
	Rate Rate
}

// Convert returns money with its USD by a rate, rounded half away from zero to the cent.
func Convert(m Money, r Rate) Converted {
	if m.Currency == USD {
		return Converted{Money: m, USD: m.Amount}
	}
	return Converted{Money: m, USD: m.Amount.DivRound(r.UnitsPerUSD, USD.MinorUnits()), Rate: r}
}

// StateUSD returns money with a USD amount that somebody stated, and the rate that follows from the two on that date. In
// USD the two are one figure, and the stated one is kept.
func StateUSD(m Money, usd decimal.Decimal, on Date, source RateSource) Converted {
	if m.Currency == USD {
		return Converted{Money: Dollars(usd), USD: usd}
	}
	c := Converted{Money: m, USD: usd}
	if !usd.IsZero() {
		c.Rate = Rate{Currency: m.Currency, Date: on, UnitsPerUSD: m.Amount.DivRound(usd, rateDigits).Abs(), Source: source}
	}
	return c
}

// Neg returns the same on the other side of the books.
func (c Converted) Neg() Converted {
	c.Amount, c.USD = c.Amount.Neg(), c.USD.Neg()
	return c
}

// Split takes part of the amount off; the part's USD is its share, rounded to the cent, and the whole amount takes the
// whole USD, so that parts taken one after the other lose no cent.
func (c Converted) Split(part decimal.Decimal) (taken, rest Converted) {
	taken, rest = c, c
	taken.Amount = part
	switch {
	case part.Equal(c.Amount):
		taken.USD = c.USD
	default:
		taken.USD = c.USD.Mul(part).DivRound(c.Amount, USD.MinorUnits())
	}
	rest.Amount = c.Amount.Sub(taken.Amount)
	rest.USD = c.USD.Sub(taken.USD)
	return taken, rest
}

// String returns the money, and its USD where that is another currency.
func (c Converted) String() string {
	if c.Currency == USD {
		return c.Money.String()
	}
	return fmt.Sprintf("%s (%s)", c.Money, Dollars(c.USD))
}
