package postgres

import (
	"context"
	"fmt"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// RecordRate records a rate of exchange.
// Errors: [ledger.RuleRateExists] when the source has one for the currency and date.
func (s *Store) RecordRate(ctx context.Context, c Command, in ledger.Rate) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		return in, t.exec(ctx, `INSERT INTO rate (source, currency, effective_date, units_per_usd) VALUES ($1, $2, $3, $4)`,
			in.Source, in.Currency, in.Date, in.UnitsPerUSD)
	})
}

// RateConflict is a rate of a file that the books have with another value.
type RateConflict struct {
	ledger.Rate
	Recorded decimal.Decimal // units per USD in the books
}

// ImportRates records rates in one transaction. Rates that the books have already are left as they are; one that they
// have with another value is a conflict, and then nothing is recorded, because postings may have been made by it.
func (s *Store) ImportRates(ctx context.Context, rates []ledger.Rate) (added int, conflicts []RateConflict, err error) {
	db, end, err := s.begin(ctx, nil)
	if err != nil {
		return 0, nil, err
	}
	defer end()
	sources, currencies, dates, units := make([]string, len(rates)), make([]string, len(rates)), make([]string, len(rates)), make([]string, len(rates))
	for i, r := range rates {
		sources[i], currencies[i], dates[i], units[i] = string(r.Source), string(r.Currency), r.Date.String(), r.UnitsPerUSD.String()
	}
	columns := []any{pq.Array(sources), pq.Array(currencies), pq.Array(dates), pq.Array(units)}
	res, err := db.ExecContext(ctx, `
		INSERT INTO rate (source, currency, effective_date, units_per_usd)
		SELECT * FROM unnest($1::text[], $2::text[], $3::date[], $4::numeric[]) ON CONFLICT DO NOTHING`, columns...)
	if err != nil {
		return 0, nil, translate(fmt.Errorf("record the rates: %w", err))
	}
	rows, err := res.RowsAffected()
	if err != nil {
		return 0, nil, fmt.Errorf("count the rates: %w", err)
	}
	var found []struct {
		rateRow
		Recorded decimal.Decimal
	}
	err = db.SelectContext(ctx, &found, `
		SELECT source, currency, effective_date, f.units_per_usd, r.units_per_usd AS recorded
		FROM unnest($1::text[], $2::text[], $3::date[], $4::numeric[]) AS f (source, currency, effective_date, units_per_usd)
		JOIN rate r USING (source, currency, effective_date) WHERE r.units_per_usd <> f.units_per_usd
		ORDER BY currency, effective_date`, columns...)
	if err != nil {
		return 0, nil, fmt.Errorf("compare the rates: %w", err)
	}
	for _, f := range found {
		conflicts = append(conflicts, RateConflict{f.rate(), f.Recorded})
	}
	if len(conflicts) > 0 {
		return 0, conflicts, nil
	}
	if err := db.Commit(); err != nil {
		return 0, nil, translate(fmt.Errorf("commit: %w", err))
	}
	return int(rows), nil, nil
}

// RateFilter narrows a list of rates; empty fields do not.
type RateFilter struct {
	Source   ledger.RateSource
	Currency ledger.Currency
}

// Rates lists rates by currency, date and source, after the given ones.
func (s *Store) Rates(ctx context.Context, f RateFilter, after ledger.Rate, limit int) ([]ledger.Rate, error) {
	var rows []rateRow
	err := s.selectRows(ctx, &rows, `
		SELECT source, currency, effective_date, units_per_usd FROM rate
		WHERE (currency, effective_date, source) > ($1, coalesce($2::date, '-infinity'), $3) AND ($4 = '' OR source = $4) AND ($5 = '' OR currency = $5)
		ORDER BY currency, effective_date, source LIMIT $6`, after.Currency, after.Date, after.Source, f.Source, f.Currency, limit)
	return transform(rows, rateRow.rate), err
}

type rateRow struct {
	Source        string
	Currency      string
	EffectiveDate ledger.Date     `db:"effective_date"`
	UnitsPerUSD   decimal.Decimal `db:"units_per_usd"`
}

func (r rateRow) rate() ledger.Rate {
	return ledger.Rate{Currency: ledger.Currency(r.Currency), Date: r.EffectiveDate, UnitsPerUSD: r.UnitsPerUSD, Source: ledger.RateSource(r.Source)}
}
