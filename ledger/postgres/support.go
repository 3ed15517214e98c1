package postgres

import (
	"context"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// RecordSupport records what a fund pays on its expenditures from a day on. What was charged before stays as it was.
// Errors: [ledger.RuleFundUnknown], [ledger.RuleSupportFund], [ledger.RuleOutOfRange].
func (s *Store) RecordSupport(ctx context.Context, c Command, in ledger.Support) (Answer, error) {
	return s.write(ctx, c, []lockID{fundCash(in.Fund)}, func(ctx context.Context, t *tx) (any, error) {
		known, err := t.known(ctx, "fund", string(in.Fund), string(in.To), string(in.LevyTo))
		if err != nil {
			return nil, err
		}
		if !known[string(in.Fund)] {
			return nil, ledger.Fail(ledger.RuleNotFound, "There is no such fund.")
		}
		var v ledger.Violations
		checkCharge(&v, in.Fund, "/support_rate", in.Rate, "/support_fund", in.To, known)
		checkCharge(&v, in.Fund, "/levy_rate", in.LevyRate, "/levy_fund", in.LevyTo, known)
		if err := v.Err(); err != nil {
			return nil, err
		}
		in.RecordedAt = t.now
		return in, t.exec(ctx, `
			INSERT INTO fund_support (fund, starts_on, rate, support_fund, levy_rate, levy_fund, document, actor_id)
			VALUES ($1, $2, $3, nullif($4, ''), $5, nullif($6, ''), $7, $8)`,
			in.Fund, in.From, in.Rate, in.To, in.LevyRate, in.LevyTo, in.Document, t.actor.ID)
	})
}

// checkCharge holds that a charge goes to another fund that exists.
func checkCharge(v *ledger.Violations, fund ledger.FundCode, ratePointer string, rate decimal.Decimal, pointer string, to ledger.FundCode, known map[string]bool) {
	checkRate(v, ratePointer, rate)
	switch {
	case to == "" && rate.IsPositive():
		v.Add(pointer, ledger.RuleSupportFund, "The fund that receives %s per cent is missing.", rate)
	case to == fund && to != "":
		v.Add(pointer, ledger.RuleSupportFund, "%s cannot pay itself.", fund)
	case to != "" && !known[string(to)]:
		v.Add(pointer, ledger.RuleFundUnknown, "No fund has the code %s.", to)
	}
}

// checkRate holds a rate to 0 to 100 per cent with at most four decimals.
func checkRate(v *ledger.Violations, pointer string, rate decimal.Decimal) {
	if rate.IsNegative() || rate.GreaterThan(decimal.NewFromInt(100)) || !rate.Equal(rate.Round(4)) {
		v.Add(pointer, ledger.RuleOutOfRange, "A rate is 0 to 100 per cent, with at most four decimals.")
	}
}

type supportRow struct {
	Fund        string
	StartsOn    ledger.Date `db:"starts_on"`
	Rate        decimal.Decimal
	SupportFund string          `db:"support_fund"`
	LevyRate    decimal.Decimal `db:"levy_rate"`
	LevyFund    string          `db:"levy_fund"`
	Document    string
	RecordedAt  time.Time `db:"recorded_at"`
}

func (r supportRow) support() ledger.Support {
	return ledger.Support{Fund: ledger.FundCode(r.Fund), From: r.StartsOn, Rate: r.Rate, To: ledger.FundCode(r.SupportFund), LevyRate: r.LevyRate,
		LevyTo: ledger.FundCode(r.LevyFund), Document: r.Document, RecordedAt: r.RecordedAt.UTC()}
}

// supportQuery reads a fund's settings: $1 its code. Of two of one day the later recorded comes last, and holds.
const supportQuery = `
SELECT fund, starts_on, rate, coalesce(support_fund, '') AS support_fund, levy_rate, coalesce(levy_fund, '') AS levy_fund, document, recorded_at
FROM fund_support WHERE fund = $1 ORDER BY starts_on, recorded_at`

// FundSupport lists what a fund pays on its expenditures, by the day from which it holds.
func (s *Store) FundSupport(ctx context.Context, fund ledger.FundCode) ([]ledger.Support, error) {
	var rows []supportRow
	err := s.selectRows(ctx, &rows, supportQuery, fund)
	return transform(rows, supportRow.support), err
}

// supportOn returns the setting in force on a date.
func supportOn(settings []ledger.Support, on ledger.Date) (ledger.Support, bool) {
	for i := len(settings) - 1; i >= 0; i-- {
		if !settings[i].From.After(on) {
			return settings[i], true
		}
	}
	return ledger.Support{}, false
}

// RecordPledgeSupport records the rates that an agreement fixes for the expenditure that is earmarked for its pledge.
// Errors: [ledger.RuleNotFound], [ledger.RulePledgeForm], [ledger.RuleOutOfRange].
func (s *Store) RecordPledgeSupport(ctx context.Context, c Command, in ledger.PledgeSupport) (Answer, error) {
	return s.write(ctx, c, pledgeLocks(in.Pledge), func(ctx context.Context, t *tx) (any, error) {
		p, err := t.pledge(ctx, in.Pledge)
		if err != nil {
			return nil, err
		}
		if p.Form != ledger.Cash {
			return nil, ledger.Fail(ledger.RulePledgeForm, "Pledge %s is in kind: no cash of it is spent.", p.Reference)
		}
		var v ledger.Violations
		checkRate(&v, "/support_rate", in.Rate.Decimal)
		checkRate(&v, "/levy_rate", in.LevyRate.Decimal)
		if err := v.Err(); err != nil {
			return nil, err
		}
		in.RecordedAt = t.now
		return in, t.exec(ctx, `INSERT INTO pledge_support (pledge_id, starts_on, rate, levy_rate, document, actor_id) VALUES ($1, $2, $3, $4, $5, $6)`,
			in.Pledge, in.From, in.Rate, in.LevyRate, in.Document, t.actor.ID)
	})
}

type pledgeSupportRow struct {
	PledgeID   uuid.UUID   `db:"pledge_id"`
	StartsOn   ledger.Date `db:"starts_on"`
	Rate       decimal.NullDecimal
	LevyRate   decimal.NullDecimal `db:"levy_rate"`
	Document   string
	RecordedAt time.Time `db:"recorded_at"`
}

func (r pledgeSupportRow) support() ledger.PledgeSupport {
	return ledger.PledgeSupport{Pledge: r.PledgeID, From: r.StartsOn, Rate: r.Rate, LevyRate: r.LevyRate, Document: r.Document, RecordedAt: r.RecordedAt.UTC()}
}

// pledgeSupportQuery reads the rates of agreements: $1 ids of pledges.
const pledgeSupportQuery = `
SELECT pledge_id, starts_on, rate, levy_rate, document, recorded_at FROM pledge_support WHERE pledge_id = ANY ($1) ORDER BY starts_on, recorded_at`

// PledgeSupport lists the rates that an agreement fixes, by the day from which they hold.
func (s *Store) PledgeSupport(ctx context.Context, pledge uuid.UUID) ([]ledger.PledgeSupport, error) {
	var rows []pledgeSupportRow
	err := s.selectRows(ctx, &rows, pledgeSupportQuery, pq.Array([]uuid.UUID{pledge}))
	return transform(rows, pledgeSupportRow.support), err
}

// ratesOf returns what a share pays on a date: the agreement's rates, where it fixes any, and otherwise the fund's.
func ratesOf(s ledger.Support, agreed []ledger.PledgeSupport, pledge uuid.UUID, on ledger.Date) ledger.Rates {
	r := ledger.Rates{Support: s.Rate, Levy: s.LevyRate}
	if pledge == uuid.Nil {
		return r
	}
	for i := len(agreed) - 1; i >= 0; i-- {
		if a := agreed[i]; a.Pledge == pledge && !a.From.After(on) {
			if a.Rate.Valid {
				r.Support = a.Rate.Decimal
			}
			if a.LevyRate.Valid {
				r.Levy = a.LevyRate.Decimal
			}
			break
		}
	}
	return r
}
