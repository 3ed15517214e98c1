package postgres

import (
	"context"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// RevaluationInput asks for a fund's foreign receivables and cash at the closing rates of a day.
type RevaluationInput struct {
	Fund ledger.FundCode
	Date ledger.Date
}

// Revaluation is what a revaluation posted. Without a difference it posted nothing and has no entries.
type Revaluation struct {
	RevaluationInput
	Entry    uuid.UUID
	Reversal uuid.UUID       // dated the next day
	Gains    decimal.Decimal // USD
	Losses   decimal.Decimal // USD
}

type revaluedRow struct {
	Account     ledger.AccountCode
	Contributor ledger.ContributorCode
	BankAccount ledger.BankAccountCode `db:"bank_account"`
	PledgeID    uuid.NullUUID          `db:"pledge_id"`
	Currency    ledger.Currency
	Amount      decimal.Decimal
	AmountUSD   decimal.Decimal `db:"amount_usd"`
}

// Revalue brings a fund's foreign receivables and cash to the closing rates of a day, and reverses that on the next. Again
// for the same day, it posts only what has come to be different since.
// Errors: [ledger.RuleFundUnknown], [ledger.RuleRateMissing], [ledger.RuleDateInFuture], [ledger.RulePeriodClosed].
func (s *Store) Revalue(ctx context.Context, c Command, in RevaluationInput) (Answer, error) {
	return s.write(ctx, c, []lockID{{lockRevaluation, string(in.Fund)}}, func(ctx context.Context, t *tx) (any, error) {
		return t.revalue(ctx, in)
	})
}

func (t *tx) revalue(ctx context.Context, in RevaluationInput) (*Revaluation, error) {
	var v ledger.Violations
	t.notInFuture(&v, "/effective_date", in.Date)
	if err := v.Err(); err != nil {
		return nil, err
	}
	draft, err := t.revaluationOf(ctx, in)
	if err != nil {
		return nil, err
	}
	return t.postRevaluation(in, draft)
}

// revaluationOf returns what a revaluation would post.
// Errors: [ledger.RuleFundUnknown], [ledger.RuleRateMissing].
func (t *tx) revaluationOf(ctx context.Context, in RevaluationInput) (ledger.Draft, error) {
	var v ledger.Violations
	ref, err := t.resolve(ctx, &v, named{fund: in.Fund, on: in.Date})
	if err != nil {
		return ledger.Draft{}, err
	}
	if err := v.Err(); err != nil {
		return ledger.Draft{}, err
	}
	var rows []revaluedRow
	err = t.selectRows(ctx, &rows, `
		SELECT account, coalesce(contributor, '') AS contributor, coalesce(bank_account, '') AS bank_account, pledge_id, currency,
		       sum(amount) AS amount, sum(amount_usd) AS amount_usd
		FROM journal_line
		WHERE fund = $1 AND account IN ('1010', '1200') AND currency <> 'USD' AND effective_date <= $2
		GROUP BY account, contributor, bank_account, pledge_id, currency
		HAVING sum(amount) <> 0 OR sum(amount_usd) <> 0
		ORDER BY account, contributor, bank_account, pledge_id, currency`, in.Fund, in.Date)
	if err != nil {
		return ledger.Draft{}, err
	}
	balances := make([]ledger.Line, len(rows))
	var currencies []string
	for i, r := range rows {
		balances[i] = ledger.Line{Account: r.Account, Converted: ledger.Converted{Money: ledger.Money{Amount: r.Amount, Currency: r.Currency}, USD: r.AmountUSD},
			Dimensions: ledger.Dimensions{Fund: in.Fund, Contributor: r.Contributor, BankAccount: r.BankAccount, Pledge: r.PledgeID.UUID}}
		currencies = append(currencies, string(r.Currency))
	}
	rates, err := t.ratesInForce(ctx, ref.policies.RateSource, currencies, in.Date)
	if err != nil {
		return ledger.Draft{}, err
	}
	return ledger.Revalue(in.Fund, balances, rates, in.Date)
}

// postRevaluation posts the draft, when it has lines, and its reversal of the next day.
func (t *tx) postRevaluation(in RevaluationInput, draft ledger.Draft) (*Revaluation, error) {
	out := &Revaluation{RevaluationInput: in}
	if len(draft.Lines) == 0 {
		return out, nil
	}
	ids, err := t.post(draft)
	if err != nil {
		return nil, err
	}
	out.Entry = ids[0]
	reversal, err := ledger.Reverse(ledger.Entry{ID: out.Entry, Draft: draft}, in.Date.AddDays(1), "A revaluation is of one day")
	if err != nil {
		return nil, err
	}
	if ids, err = t.post(reversal); err != nil {
		return nil, err
	}
	out.Reversal = ids[0]
	for _, l := range draft.Lines {
		switch l.Account {
		case ledger.ExchangeGains:
			out.Gains = out.Gains.Sub(l.USD)
		case ledger.ExchangeLosses:
			out.Losses = out.Losses.Add(l.USD)
		}
	}
	return out, nil
}

// ratesInForce returns the rates of a source that are in force on a date; a currency without one is left out.
func (t *tx) ratesInForce(ctx context.Context, source ledger.RateSource, currencies []string, on ledger.Date) (map[ledger.Currency]ledger.Rate, error) {
	var rows []rateRow
	err := t.selectRows(ctx, &rows, `
		SELECT r.source, r.currency, r.effective_date, r.units_per_usd
		FROM (SELECT DISTINCT unnest($2::text[]) AS code) c
		CROSS JOIN LATERAL (SELECT source, currency, effective_date, units_per_usd FROM rate
		                    WHERE source = $1 AND currency = c.code AND effective_date <= $3 ORDER BY effective_date DESC LIMIT 1) r`,
		source, pq.Array(currencies), on)
	rates := make(map[ledger.Currency]ledger.Rate, len(rows))
	for _, r := range rows {
		rates[ledger.Currency(r.Currency)] = r.rate()
	}
	return rates, err
}
