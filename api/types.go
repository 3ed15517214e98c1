package api

import (
	"fmt"

	"github.com/danielgtaylor/huma/v2"

	"vcledger/ledger"
)

// The formats of a money object. A field that takes zero has the tag format:"money-or-zero".
const (
	moneyFormat       = "money"
	moneyOrZeroFormat = "money-or-zero"
)

// Money is an amount on the wire: text at its currency's scale, never a JSON number.
type Money struct {
	Amount   string `json:"amount" format:"amount" example:"1250000.00" doc:"Digits with at most one decimal point; no more decimals than the currency has (ISO 4217), at most 15 digits before the point."`
	Currency string `json:"currency" format:"currency" example:"EUR" doc:"ISO 4217 code in capitals."`
}

// TransformSchema marks the schema, so that the amount is checked in its currency and must be more than zero.
func (Money) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Format = moneyFormat
	s.Description = "An amount of money. Zero is refused unless the field has the format " + moneyOrZeroFormat + "."
	return s
}

// Ledger returns the money of a request that was checked.
func (m Money) Ledger() ledger.Money {
	d, err := ledger.ParseAmount(m.Amount, ledger.Currency(m.Currency))
	if err != nil {
		panic(fmt.Sprintf("api: money that was not checked: %v", err)) // the schema of the operation lacks the type Money
	}
	return ledger.Money{Amount: d, Currency: ledger.Currency(m.Currency)}
}

// moneyOf returns money as it is written on the wire.
func moneyOf(m ledger.Money) Money { return Money{Amount: m.Fixed(), Currency: string(m.Currency)} }

// Balance is an amount of money in an answer, which may be negative.
type Balance struct {
	Amount   string `json:"amount" example:"-1250000.00" doc:"Text at the currency's scale."`
	Currency string `json:"currency" example:"EUR" doc:"ISO 4217 code."`
}

// Date is a calendar date on the wire; an empty one was left out.
type Date string

// Schema describes the date, so that it is checked wherever it stands: in a body, a path or a query.
func (Date) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Format: formatDate, Examples: []any{"2026-03-01"},
		Description: fmt.Sprintf("A calendar date, YYYY-MM-DD, from %s to %s.", ledger.FirstDate, ledger.LastDate)}
}

// Ledger returns the date of a request that was checked; the zero date when it was left out.
func (d Date) Ledger() ledger.Date {
	if d == "" {
		return ledger.Date{}
	}
	date, err := ledger.ParseDate(string(d))
	if err != nil {
		panic(fmt.Sprintf("api: a date that was not checked: %v", err))
	}
	return date
}

// dateOf returns a date as it is written on the wire.
func dateOf(d ledger.Date) Date { return Date(d.String()) }
