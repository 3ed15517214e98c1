package api

import (
	"context"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// ExchangeRate is a rate of exchange, in force from its effective date until the next one.
type ExchangeRate struct {
	Source        string `json:"source" enum:"un,ecb" doc:"un: United Nations operational rates of exchange; ecb: European Central Bank."`
	Currency      string `json:"currency" format:"currency" example:"EUR"`
	EffectiveDate Date   `json:"effective_date"`
	UnitsPerUSD   string `json:"units_per_usd" maxLength:"30" pattern:"^[0-9]{1,15}(\\.[0-9]{1,12})?$" patternDescription:"digits with at most one decimal point" example:"0.92"`
}

func exchangeRateOf(r ledger.Rate) ExchangeRate {
	return ExchangeRate{Source: string(r.Source), Currency: string(r.Currency), EffectiveDate: dateOf(r.Date), UnitsPerUSD: r.UnitsPerUSD.String()}
}

// RecordRateInput is the request to record a rate.
type RecordRateInput struct{ Body ExchangeRate }

// RatesInput has the filters of the list of rates.
type RatesInput struct {
	Paging
	Source   string `query:"source" enum:"un,ecb" doc:"Who publishes the rates."`
	Currency string `query:"currency" format:"currency" doc:"ISO 4217 code."`
}

// rateKey is the sort key of the list of rates.
type rateKey struct {
	Currency string `json:"c"`
	Date     string `json:"d"`
	Source   string `json:"s"`
}

func (k rateKey) rate() (ledger.Rate, error) {
	if k.Currency == "" {
		return ledger.Rate{}, nil
	}
	on, err := ledger.ParseDate(k.Date)
	if err != nil {
		return ledger.Rate{}, badCursor().Err()
	}
	return ledger.Rate{Currency: ledger.Currency(k.Currency), Date: on, Source: ledger.RateSource(k.Source)}, nil
}

func (s *Server) serveRates(store *postgres.Store) {
	write[RecordRateInput, ExchangeRate](s, operation{ID: "record-rate", Path: "/v1/rates", Tag: "rates", Summary: "Record a rate of exchange",
		Description: "A posting takes the rate of its fund's source that is in force on its effective date. There is no guess: without a rate the posting is refused.",
		Problems:    []ledger.Rule{ledger.RuleRateExists, ledger.RuleCurrencyMismatch, ledger.RuleOutOfRange}},
		func(ctx context.Context, r Request, in *RecordRateInput) (Answer, error) {
			var v ledger.Violations
			units, err := decimal.NewFromString(in.Body.UnitsPerUSD)
			if err != nil || !units.IsPositive() {
				v.Add("/units_per_usd", ledger.RuleOutOfRange, "A rate is more than zero.")
			}
			if in.Body.Currency == string(ledger.USD) {
				v.Add("/currency", ledger.RuleCurrencyMismatch, "USD is the reporting currency: it has no rate.")
			}
			if err := v.Err(); err != nil {
				return Answer{}, err
			}
			a, err := store.RecordRate(ctx, command(r, 201, func(r ledger.Rate) (string, any) { return "/v1/rates", exchangeRateOf(r) }),
				ledger.Rate{Currency: ledger.Currency(in.Body.Currency), Date: in.Body.EffectiveDate.Ledger(), UnitsPerUSD: units, Source: ledger.RateSource(in.Body.Source)})
			return Answer(a), err
		})
	list(s, operation{ID: "list-rates", Path: "/v1/rates", Tag: "rates", Summary: "List rates by currency, date and source",
		Description: "As they were recorded. A rate holds from its day until the next one of the same source and currency."},
		func(ctx context.Context, in *RatesInput, w Window[rateKey]) ([]ExchangeRate, *rateKey, error) {
			after, err := first(w).rate()
			if err != nil {
				return nil, nil, err
			}
			records, err := store.Rates(ctx, postgres.RateFilter{Source: ledger.RateSource(in.Source), Currency: ledger.Currency(in.Currency)}, after, w.Limit+1)
			items, next := nextOf(records, w.Limit, exchangeRateOf, func(r ledger.Rate) rateKey {
				return rateKey{string(r.Currency), r.Date.String(), string(r.Source)}
			})
			return items, next, err
		})
}
