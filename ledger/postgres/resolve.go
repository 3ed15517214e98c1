package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// named is what a request names by codes; an empty one is not looked for.
type named struct {
	contributor   ledger.ContributorCode
	fund          ledger.FundCode
	bankAccount   ledger.BankAccountCode // empty for the fund's own
	currency      ledger.Currency        // whose rate is needed
	on            ledger.Date
	bankReference string
}

// resolved are the records that a request names.
type resolved struct {
	named
	policies ledger.Fund
	account  ledger.BankAccount
	rate     ledger.Rate // in force for the currency on the date, from the fund's source; zero when there is none
	previous uuid.UUID   // the last receipt with the bank reference
	reversed bool        // it has been reversed
}

// resolveQuery finds what requests name, each in its row: $1 contributors, $2 funds, $3 bank accounts, $4 currencies, $5 dates
// (empty for none), $6 bank references.
const resolveQuery = `
SELECT EXISTS (SELECT FROM contributor WHERE code = n.contributor) AS contributor,
       CASE WHEN EXISTS (SELECT FROM contributor_merge WHERE absorbed = n.contributor) THEN contributor_survivor(n.contributor, now()) ELSE '' END AS survivor,
       f.code IS NOT NULL AS fund_found,
       coalesce(f.recognition, '') AS recognition, coalesce(f.services, '') AS services, coalesce(f.charges, '') AS charges,
       coalesce(f.rate_source, '') AS rate_source, coalesce(b.code, '') AS bank_account, coalesce(b.currency, '') AS bank_currency,
       (SELECT max(ends_on) FROM period WHERE fund = f.code AND closed) AS closed_through,
       x.effective_date AS rate_date, x.units_per_usd, p.id AS previous, coalesce(p.reversed, false) AS reversed
FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) WITH ORDINALITY AS n (contributor, fund, bank_account, currency, day, bank_reference, number)
LEFT JOIN fund f ON f.code = n.fund
LEFT JOIN bank_account b ON b.code = coalesce(nullif(n.bank_account, ''), f.bank_account)
LEFT JOIN LATERAL (
    SELECT effective_date, units_per_usd FROM rate
    WHERE source = f.rate_source AND currency = n.currency AND effective_date <= nullif(n.day, '')::date ORDER BY effective_date DESC LIMIT 1) x ON true
LEFT JOIN LATERAL (
    SELECT q.id, EXISTS (SELECT FROM journal_entry e JOIN journal_entry u ON u.reverses = e.id
                         WHERE e.receipt_id = q.id AND e.kind = 'receipt') AS reversed
    FROM receipt q
    WHERE q.bank_account = b.code AND q.bank_reference = nullif(n.bank_reference, '') AND NOT EXISTS (SELECT FROM receipt n WHERE n.replaces = q.id)
    LIMIT 1) p ON true -- at most one; the limit keeps the planner from looking for all at once
ORDER BY n.number`

type resolvedRow struct {
	Contributor  bool
	Survivor     ledger.ContributorCode // the one that the contributor was merged into; empty while it stands
	FundFound    bool                   `db:"fund_found"`
	Recognition  string                 `db:"recognition"`
	Services     string
	Charges      string
	RateSource   string              `db:"rate_source"`
	BankAccount  string              `db:"bank_account"`
	BankCurrency string              `db:"bank_currency"`
	Through      ledger.Date         `db:"closed_through"` // last closed day of the fund
	RateDate     ledger.Date         `db:"rate_date"`
	UnitsPerUSD  decimal.NullDecimal `db:"units_per_usd"`
	Previous     uuid.NullUUID
	Reversed     bool
}

// resolve finds all that a request names, in one round trip. What is missing is a violation; a missing rate is one only
// for whoever needs it.
func (t *tx) resolve(ctx context.Context, v *ledger.Violations, n named) (resolved, error) {
	found, err := t.resolveAll(ctx, []*ledger.Violations{v}, []named{n})
	if err != nil {
		return resolved{}, err
	}
	return found[0], nil
}

// resolveAll is the same for many requests, each with its own violations.
func (t *tx) resolveAll(ctx context.Context, v []*ledger.Violations, list []named) ([]resolved, error) {
	names := make([][]string, 6)
	for _, n := range list {
		for i, text := range []string{string(n.contributor), string(n.fund), string(n.bankAccount), string(n.currency), n.on.String(), n.bankReference} {
			names[i] = append(names[i], text)
		}
	}
	var rows []resolvedRow
	if err := t.selectRows(ctx, &rows, resolveQuery, pq.Array(names[0]), pq.Array(names[1]), pq.Array(names[2]), pq.Array(names[3]), pq.Array(names[4]), pq.Array(names[5])); err != nil {
		return nil, err
	}
	found := make([]resolved, len(list))
	for i, row := range rows {
		t.closed(string(list[i].fund), row.Through)
		found[i] = row.resolved(v[i], list[i])
	}
	return found, nil
}

// resolved returns the records, and adds what is missing.
func (row resolvedRow) resolved(v *ledger.Violations, n named) resolved {
	if n.contributor != "" && !row.Contributor {
		v.Add("/contributor", ledger.RuleContributorUnknown, "No contributor has the code %s.", n.contributor)
	}
	if row.Survivor != "" {
		addMerged(v, "/contributor", n.contributor, row.Survivor)
	}
	if n.fund != "" && !row.FundFound {
		v.Add("/fund", ledger.RuleFundUnknown, "No fund has the code %s.", n.fund)
	}
	if n.bankAccount != "" && row.BankAccount == "" {
		v.Add("/bank_account", ledger.RuleBankAccountUnknown, "No bank account has the code %s.", n.bankAccount)
	}
	found := resolved{
		named: n,
		policies: ledger.Fund{Code: n.fund, Recognition: ledger.Recognition(row.Recognition), Services: ledger.ServicesPolicy(row.Services),
			Charges: ledger.ChargesPolicy(row.Charges), RateSource: ledger.RateSource(row.RateSource)},
		account:  ledger.BankAccount{Code: ledger.BankAccountCode(row.BankAccount), Currency: ledger.Currency(row.BankCurrency)},
		previous: row.Previous.UUID, reversed: row.Reversed,
	}
	if row.UnitsPerUSD.Valid {
		found.rate = ledger.Rate{Currency: n.currency, Date: row.RateDate, UnitsPerUSD: row.UnitsPerUSD.Decimal, Source: ledger.RateSource(row.RateSource)}
	}
	return found
}

// convert returns money of the named currency with its USD.
func (r resolved) convert(v *ledger.Violations, pointer string, m ledger.Money, stated decimal.Decimal) ledger.Converted {
	return convert(v, pointer, m, stated, r.on, r.policies.RateSource, r.rate)
}

// convert returns money with its USD: by the stated amount when there is one, otherwise by the rate in force on the date.
// A missing rate is a violation at the pointer.
func convert(v *ledger.Violations, pointer string, m ledger.Money, stated decimal.Decimal, on ledger.Date, source ledger.RateSource, rate ledger.Rate) ledger.Converted {
	switch {
	case m.Currency == ledger.USD:
		if !stated.IsZero() && !stated.Equal(m.Amount) {
			v.Add("/usd_amount", ledger.RuleUSDMismatch, "%s is not %s USD.", m, stated)
		}
		return ledger.Converted{Money: m, USD: m.Amount}
	case stated.IsPositive():
		return ledger.StateUSD(m, stated, on, ledger.SourceStated)
	case m.Amount.IsZero():
		return ledger.Converted{Money: m}
	case !rate.UnitsPerUSD.IsPositive():
		v.Add(pointer, ledger.RuleRateMissing, "The source %s has no rate for %s in force on %s.", source, m.Currency, on)
		return ledger.Converted{Money: m}
	default:
		return ledger.Convert(m, rate)
	}
}

// convert is the same for money whose rate was not looked up with the names: an item of several, a row of a register.
func (t *tx) convert(ctx context.Context, v *ledger.Violations, pointer string, m ledger.Money, stated decimal.Decimal, on ledger.Date, source ledger.RateSource) (ledger.Converted, error) {
	var row rateRow
	if m.Currency != ledger.USD && stated.IsZero() && m.Amount.IsPositive() {
		err := t.get(ctx, &row, `
			SELECT source, currency, effective_date, units_per_usd FROM rate
			WHERE source = $1 AND currency = $2 AND effective_date <= $3 ORDER BY effective_date DESC LIMIT 1`, source, m.Currency, on)
		if err != nil && !noRows(err) {
			return ledger.Converted{}, err
		}
	}
	return convert(v, pointer, m, stated, on, source, row.rate()), nil
}
