package postgres

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// InterestInput is interest that a bank credited. Without a fund, all funds with cash in the bank account share it by their
// balances there. With a fund it is all the fund's; pledges whose donors are owed interest share it with the fund's
// other cash.
type InterestInput struct {
	BankAccount   ledger.BankAccountCode
	BankReference string
	ValueDate     ledger.Date
	Period        ledger.Period
	Amount        ledger.Money
	USD           decimal.Decimal // stated; zero takes the rate in force: the fund's, or the United Nations' without one
	Fund          ledger.FundCode
	Pledges       []uuid.UUID // of the fund
}

// InterestRecord is interest as it was apportioned.
type InterestRecord struct {
	ledger.InterestReceived
	Parts []ledger.EarnedPart
	Entry uuid.UUID
}

// ApportionInterest records interest and gives each fund, or pledge, its part.
// Errors: [ledger.RuleBankAccountUnknown], [ledger.RuleFundUnknown], [ledger.RulePledgeUnknown], [ledger.RuleCurrencyMismatch],
// [ledger.RuleInterestDuplicate], [ledger.RuleNoBalance], [ledger.RuleRateMissing], [ledger.RulePeriodClosed].
func (s *Store) ApportionInterest(ctx context.Context, c Command, in InterestInput) (Answer, error) {
	// The trigger interest_once (migration 0041) takes the same lock.
	return s.write(ctx, c, []lockID{{lockCash, "interest " + string(in.BankAccount)}}, func(ctx context.Context, t *tx) (any, error) {
		return t.apportionInterest(ctx, in)
	})
}

func (t *tx) apportionInterest(ctx context.Context, in InterestInput) (*InterestRecord, error) {
	var v ledger.Violations
	t.notInFuture(&v, "/value_date", in.ValueDate)
	ref, err := t.resolve(ctx, &v, named{fund: in.Fund, bankAccount: in.BankAccount, currency: in.Amount.Currency, on: in.ValueDate})
	if err != nil {
		return nil, err
	}
	if ref.account.Currency != "" && ref.account.Currency != in.Amount.Currency {
		v.Add("/amount/currency", ledger.RuleCurrencyMismatch, "The bank account is in %s.", ref.account.Currency)
	}
	source, rate := ref.policies.RateSource, ref.rate
	if in.Fund == "" {
		source = ledger.SourceUN
		rates, err := t.ratesInForce(ctx, source, []string{string(in.Amount.Currency)}, in.ValueDate)
		if err != nil {
			return nil, err
		}
		rate = rates[in.Amount.Currency]
	}
	amount := convert(&v, "/amount", in.Amount, in.USD, in.ValueDate, source, rate)
	if err := t.interestIsNew(ctx, &v, in); err != nil {
		return nil, err
	}
	earners, err := t.earners(ctx, &v, in)
	if err != nil {
		return nil, err
	}
	if err := v.Err(); err != nil {
		return nil, err
	}
	rec := &InterestRecord{InterestReceived: ledger.InterestReceived{BankAccount: in.BankAccount, BankReference: in.BankReference, ValueDate: in.ValueDate,
		Period: in.Period, Amount: amount, RecordedAt: t.now}}
	if rec.ID, err = newID(); err != nil {
		return nil, err
	}
	draft, parts, err := ledger.EarnInterest(rec.InterestReceived, earners, ref.account.Currency)
	if err != nil {
		return nil, err
	}
	ids, err := t.post(draft)
	if err != nil {
		return nil, err
	}
	rec.Parts, rec.Entry = parts, ids[0]
	t.addInterest(rec.InterestReceived, rec.Entry, t.actor.ID)
	return rec, nil
}

// interestIsNew adds a violation when interest with the bank's reference stands already.
func (t *tx) interestIsNew(ctx context.Context, v *ledger.Violations, in InterestInput) error {
	var entry uuid.UUID
	err := t.get(ctx, &entry, `
		SELECT i.entry_id FROM interest i
		WHERE i.bank_account = $1 AND i.bank_reference = $2 AND NOT EXISTS (SELECT FROM journal_entry x WHERE x.reverses = i.entry_id)`,
		in.BankAccount, in.BankReference)
	if noRows(err) {
		return nil
	}
	if err == nil {
		v.Add("/bank_reference", ledger.RuleInterestDuplicate, "Entry %s has the interest with the reference %s already.", entry, in.BankReference)
	}
	return err
}

// earners returns who shares the interest, in a fixed order, with the sums of their daily balances.
func (t *tx) earners(ctx context.Context, v *ledger.Violations, in InterestInput) ([]ledger.Earner, error) {
	switch {
	case in.Fund == "" && len(in.Pledges) > 0:
		v.Add("/fund", ledger.RuleRequired, "Pledges share the interest of a fund; the fund is missing.")
		return nil, nil
	case in.Fund == "":
		return t.earningFunds(ctx, in)
	case len(in.Pledges) == 0:
		return []ledger.Earner{{Fund: in.Fund, Balance: decimal.NewFromInt(1)}}, nil
	}
	return t.earningPledges(ctx, v, in)
}

// earningFunds reads what each fund had in the bank account: $1 account, $2 currency, $3 first and $4 last day. A movement
// counts for each day on which it stood. Served by journal_line_balance.
func (t *tx) earningFunds(ctx context.Context, in InterestInput) ([]ledger.Earner, error) {
	var rows []struct {
		Fund    ledger.FundCode
		Balance decimal.Decimal
	}
	err := t.selectRows(ctx, &rows, `
		SELECT f.code AS fund, b.balance FROM fund f
		CROSS JOIN LATERAL (SELECT sum(l.amount * ($4::date - greatest(l.effective_date, $3::date) + 1)) AS balance FROM journal_line l
		                    WHERE l.fund = f.code AND l.account = '1010' AND l.bank_account = $1 AND l.currency = $2 AND l.effective_date <= $4) b
		WHERE b.balance <> 0 ORDER BY f.code COLLATE "C"`, in.BankAccount, in.Amount.Currency, in.Period.From, in.Period.To)
	earners := make([]ledger.Earner, len(rows))
	for i, r := range rows {
		earners[i] = ledger.Earner{Fund: r.Fund, Balance: r.Balance}
	}
	return earners, err
}

// earningPledges reads what the fund still had of each pledge's cash, in USD, and after them what was the fund's beside
// them. The cash of a pledge is what its lines on other accounts than cash lack to balance.
func (t *tx) earningPledges(ctx context.Context, v *ledger.Violations, in InterestInput) ([]ledger.Earner, error) {
	var rows []struct {
		ID          uuid.UUID
		Contributor ledger.ContributorCode
		Fund        ledger.FundCode
		Balance     decimal.Decimal
	}
	err := t.selectRows(ctx, &rows, `
		SELECT p.id, p.contributor, p.fund,
		       coalesce(-(SELECT sum(l.amount_usd * ($3::date - greatest(l.effective_date, $2::date) + 1)) FROM journal_line l
		                  WHERE l.pledge_id = p.id AND l.account < '9000' AND l.account <> '1010' AND l.effective_date <= $3), 0) AS balance
		FROM pledge p WHERE p.id = ANY ($1) ORDER BY p.id`, pq.Array(in.Pledges), in.Period.From, in.Period.To)
	if err != nil {
		return nil, err
	}
	found := map[uuid.UUID]ledger.FundCode{}
	var earners []ledger.Earner
	var own decimal.Decimal
	for _, r := range rows {
		found[r.ID] = r.Fund
		earners = append(earners, ledger.Earner{Fund: r.Fund, Contributor: r.Contributor, Pledge: r.ID, Balance: r.Balance})
		if r.Balance.IsPositive() {
			own = own.Sub(r.Balance)
		}
	}
	for i, id := range in.Pledges {
		pointer := fmt.Sprintf("/pledges/%d/pledge", i)
		switch fund, known := found[id]; {
		case !known:
			v.Add(pointer, ledger.RulePledgeUnknown, "There is no pledge %s.", id)
		case fund != in.Fund:
			v.Add(pointer, ledger.RuleFundMismatch, "The pledge is to %s.", fund)
		}
	}
	var whole decimal.Decimal
	err = t.get(ctx, &whole, `
		SELECT coalesce(sum(amount_usd * ($3::date - greatest(effective_date, $2::date) + 1)), 0) FROM journal_line
		WHERE fund = $1 AND account = '1010' AND effective_date <= $3`, in.Fund, in.Period.From, in.Period.To)
	return append(earners, ledger.Earner{Fund: in.Fund, Balance: whole.Add(own)}), err
}
