package registerfile

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/shopspring/decimal"
	"golang.org/x/text/unicode/norm"

	"vcledger/ledger"
)

// maxText is how many characters a text may have.
const maxText = 500

// parser turns the fields of a record into a row and gathers its faults.
type parser struct {
	reader *Reader
	fields []string
	row    Row
	faults []Fault
}

func (p *parser) fault(column string, rule ledger.Rule, format string, args ...any) {
	p.faults = append(p.faults, Fault{Line: p.row.Line, Column: column, Rule: rule, Detail: fmt.Sprintf(format, args...)})
}

// text returns a column's text; a column that the file does not have is empty.
func (p *parser) text(column string) string {
	i, ok := p.reader.column[column]
	if !ok {
		return ""
	}
	s := strings.TrimSpace(p.fields[i])
	switch {
	case !utf8.ValidString(s):
		p.fault(column, ledger.RuleText, "The text is not UTF-8.")
	case strings.ContainsFunc(s, unicode.IsControl):
		p.fault(column, ledger.RuleText, "The text has a control character; line breaks and tabs are such, too.")
	case utf8.RuneCountInString(s) > maxText:
		p.fault(column, ledger.RuleTooLong, "The text may have %d characters; it has %d.", maxText, utf8.RuneCountInString(s))
	default:
		return norm.NFC.String(s)
	}
	return "?" // stands for the text, so that it is not told to be missing too
}

// needed returns a column's text that must not be empty.
func (p *parser) needed(column string) string {
	s := p.text(column)
	if s == "" {
		p.fault(column, ledger.RuleRequired, "The value is missing.")
	}
	return s
}

// oneOf returns a column's word of a list.
func oneOf[T ~string](p *parser, column string, list []T) T {
	before := len(p.faults)
	v := T(p.needed(column))
	if len(p.faults) == before && !slices.Contains(list, v) {
		p.fault(column, ledger.RuleNotOneOf, "%q is not one of %s.", clip(string(v)), join(list))
	}
	return v
}

func join[T ~string](list []T) string {
	words := make([]string, len(list))
	for i, w := range list {
		words[i] = string(w)
	}
	return strings.Join(words, ", ")
}

var countryForm = regexp.MustCompile(`^[A-Z]{3}$`)

func (p *parser) parse() {
	r := &p.row
	r.Event = oneOf(p, "event", events)
	r.Contribution = p.needed("contribution")
	r.Contributor = p.needed("contributor")
	r.Kind = oneOf(p, "kind", ledger.ContributorKinds)
	r.FundName = p.needed("fund")
	if r.Country = p.text("country"); r.Country != "" && !countryForm.MatchString(r.Country) {
		p.fault("country", ledger.RuleText, "%q is not an ISO 3166-1 alpha-3 code.", clip(r.Country))
	}
	p.year()
	p.date()
	p.money()
	r.Instrument, r.Note = p.text("instrument"), p.text("note")
	p.item()
}

func (p *parser) year() {
	s := p.needed("year")
	if s == "" {
		return
	}
	year, err := strconv.Atoi(s)
	if err != nil || year < ledger.FirstDate.Year() || year > ledger.LastDate.Year() {
		p.fault("year", ledger.RuleOutOfRange, "%q is not a year from %d to %d.", clip(s), ledger.FirstDate.Year(), ledger.LastDate.Year())
		return
	}
	p.row.Year = year
}

func (p *parser) date() {
	s := p.needed("date")
	if s == "" {
		return
	}
	d, err := ledger.ParseDate(s)
	switch {
	case err != nil:
		p.fault("date", ledger.RuleDate, "%s.", err)
	case d.After(p.reader.today):
		p.fault("date", ledger.RuleDateInFuture, "%s is later than today, %s.", d, p.reader.today)
	default:
		p.row.Date = d
	}
}

// money reads amount, currency and usd_amount. In kind they may be empty: a gift of no value.
func (p *parser) money() {
	inKind := p.row.Event.inKind()
	amount, currency, usd := p.text("amount"), ledger.Currency(p.text("currency")), p.text("usd_amount")
	if inKind && amount == "" {
		amount = "0"
	}
	if inKind && currency == "" && strings.Trim(amount, "0.") == "" {
		currency = ledger.USD
	}
	switch {
	case currency == "":
		p.fault("currency", ledger.RuleRequired, "The value is missing.")
	case !currency.Known():
		p.fault("currency", ledger.RuleCurrencyUnknown, "%q is not an ISO 4217 code that the ledger knows.", clip(string(currency)))
	}
	p.row.Money = ledger.Money{Amount: p.amount("amount", amount, currency, inKind), Currency: currency}
	if usd != "" {
		if d := p.amount("usd_amount", usd, ledger.USD, inKind); !d.IsZero() {
			p.row.USD = &d
		}
	}
}

// amount reads one amount; zero is a fault unless it may be.
func (p *parser) amount(column, s string, c ledger.Currency, zero bool) decimal.Decimal {
	if s == "" {
		p.fault(column, ledger.RuleRequired, "The value is missing.")
		return decimal.Decimal{}
	}
	d, err := ledger.ParseAmount(strings.TrimPrefix(s, "-"), c)
	switch {
	case errors.Is(err, ledger.ErrAmountScale):
		p.fault(column, ledger.RuleAmountScale, "%s %s has more than the %d decimals of the currency.", clip(s), clip(string(c)), c.MinorUnits())
	case errors.Is(err, ledger.ErrAmountSize):
		p.fault(column, ledger.RuleAmountTooLarge, "%s has more than 15 digits before the point.", clip(s))
	case err != nil:
		p.fault(column, ledger.RuleAmount, "%q is not an amount: digits with at most one point, without sign, exponent or separator.", clip(s))
	case strings.HasPrefix(s, "-"):
		p.fault(column, ledger.RuleAmountNotPositive, "%s is negative; a correction is a reversal.", clip(s))
	case d.IsZero() && !zero && column == "usd_amount":
		p.fault(column, ledger.RuleAmountNotPositive, "The amount in USD is zero. Leave it empty, and the rate in force is used.")
	case d.IsZero() && !zero:
		p.fault(column, ledger.RuleAmountNotPositive, "The amount is zero.")
	}
	return d
}

var quantityForm = regexp.MustCompile(`^[0-9]{1,12}(\.[0-9]{1,6})?$`)

// item reads what a gift in kind is. Cash has no quantity; words in its item are a note.
func (p *parser) item() {
	r := &p.row
	if !r.Event.inKind() {
		if p.text("quantity") != "" {
			p.fault("quantity", ledger.RulePledgeForm, "A row of cash has no quantity; pledge_in_kind and delivery have.")
		}
		if r.Note == "" {
			r.Note = p.text("item")
		}
		return
	}
	r.Item, r.Unit = p.needed("item"), p.needed("unit")
	s := p.needed("quantity")
	if s == "" {
		return
	}
	d, err := decimal.NewFromString(s)
	if !quantityForm.MatchString(s) || err != nil || !d.IsPositive() {
		p.fault("quantity", ledger.RuleOutOfRange, "%q is not a quantity: more than zero, with at most six decimals.", clip(s))
		return
	}
	r.Quantity = d
}
