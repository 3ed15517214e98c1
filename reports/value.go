package reports

import (
	"bytes"
	"encoding/json"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// Money is an amount in one currency. In JSON it is {"amount":"1250000.00","currency":"EUR"}, the amount a string at
// exactly the currency's scale.
type Money struct{ ledger.Money }

// MarshalJSON writes the amount as a string at the currency's scale.
func (m Money) MarshalJSON() ([]byte, error) { return m.appendJSON(nil) }

// MarshalJSONTo is the same for [WriteCanonical]: a year has tens of thousands of amounts.
func (m Money) MarshalJSONTo(e *jsontext.Encoder) error {
	text, err := m.appendJSON(e.AvailableBuffer())
	if err != nil {
		return err
	}
	return e.WriteValue(text)
}

func (m Money) appendJSON(text []byte) ([]byte, error) {
	text = m.AppendFixed(append(text, `{"amount":"`...))
	text, err := jsontext.AppendQuote(append(text, `","currency":`...), string(m.Currency))
	if err != nil {
		return nil, fmt.Errorf("write money: %w", err)
	}
	return append(text, '}'), nil
}

// UnmarshalJSON reads what MarshalJSON wrote, so that an issued document can be drawn again.
func (m *Money) UnmarshalJSON(data []byte) error {
	var j struct {
		Amount   string
		Currency ledger.Currency
	}
	if err := json.Unmarshal(data, &j); err != nil {
		return fmt.Errorf("read money: %w", err)
	}
	amount, err := decimal.NewFromString(j.Amount)
	if err != nil {
		return fmt.Errorf("read money: %w", err)
	}
	m.Money = ledger.Money{Amount: amount, Currency: j.Currency}
	return nil
}

// money returns an amount. A large fund's year has hundreds of thousands, so none takes more memory than it needs.
func money(d decimal.Decimal, c ledger.Currency) Money {
	return Money{ledger.Money{Amount: d, Currency: c}.Compact()}
}

func dollars(d decimal.Decimal) Money { return money(d, ledger.USD) }

// plus returns the sum. Where one of the two is nothing it shares the memory of the other.
func (m Money) plus(o Money) Money {
	switch {
	case o.Amount.IsZero():
		return m
	case m.Amount.IsZero():
		return Money{ledger.Money{Amount: o.Amount, Currency: m.Currency}}
	}
	return money(m.Amount.Add(o.Amount), m.Currency)
}

func (m Money) minus(o Money) Money { return money(m.Amount.Sub(o.Amount), m.Currency) }

// optionalMoney returns money that may be absent: nil for none.
func optionalMoney(d decimal.NullDecimal, c ledger.Currency) *Money {
	if !d.Valid {
		return nil
	}
	return new(money(d.Decimal, c))
}

// Value is an amount and its worth in USD in the books.
type Value struct {
	Money Money `json:"money"`
	USD   Money `json:"usd"`
}

func value(amount decimal.Decimal, c ledger.Currency, usd decimal.Decimal) Value {
	return Value{Money: money(amount, c), USD: dollars(usd)}
}

func (v Value) plus(o Value) Value { return Value{v.Money.plus(o.Money), v.USD.plus(o.USD)} }

func (v Value) minus(o Value) Value { return Value{v.Money.minus(o.Money), v.USD.minus(o.USD)} }

// Date is a calendar date. In JSON it is "YYYY-MM-DD", and null for no date.
type Date struct{ ledger.Date }

// MarshalJSON writes the date as YYYY-MM-DD, or null.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return json.Marshal(d.String())
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (d *Date) UnmarshalJSON(data []byte) error {
	if bytes.Equal(data, []byte("null")) {
		*d = Date{}
		return nil
	}
	var s string
	if err := json.Unmarshal(data, &s); err != nil {
		return fmt.Errorf("read date: %w", err)
	}
	parsed, err := ledger.ParseDate(s)
	if err != nil {
		return fmt.Errorf("read date: %w", err)
	}
	d.Date = parsed
	return nil
}

// Period is the span of days that a document is about, both ends included.
type Period struct {
	From Date `json:"from"`
	To   Date `json:"to"`
}

// Contributor is the contributor as a document names it.
type Contributor struct {
	Code    ledger.ContributorCode `json:"code"`
	Name    string                 `json:"name"`
	Kind    ledger.ContributorKind `json:"kind"`
	Country string                 `json:"country,omitempty"` // ISO 3166-1 alpha-3
}

// contributorsOn reads contributors: $1 codes, $2 the date of their names, $3 the instant at which these were known.
const contributorsOn = `SELECT code, name, kind, country FROM contributor_on($2, $3) WHERE code = ANY ($1)`

// Fund is a fund as a document names it, with the policies that its figures follow.
type Fund struct {
	Code         ledger.FundCode       `json:"code"`
	Name         string                `json:"name"`
	Kind         ledger.FundKind       `json:"kind"`
	Recognition  ledger.Recognition    `json:"recognition"`
	Services     ledger.ServicesPolicy `json:"services"`
	Illustrative bool                  `json:"illustrative"` // made up, and labelled so wherever it is shown
}
