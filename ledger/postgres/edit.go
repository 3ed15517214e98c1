package postgres

import (
	"context"
	"encoding/json"
	"fmt"

	"vcledger/ledger"
)

// ContributorEdit changes what no document of the past shows of a contributor; nil leaves a value as it is.
type ContributorEdit struct {
	Contact *string // the office that statements go to
	Email   *string
}

// FundEdit changes what postings to come take of a fund; nil leaves a value as it is.
type FundEdit struct {
	Charges    *ledger.ChargesPolicy
	RateSource *ledger.RateSource
	Threshold  *int
}

// EditContributor changes the details of a contributor. check says whether the record is the one that the caller has read.
// Errors: [ledger.RuleNotFound], [ledger.RuleEditStale], and those of check.
func (s *Store) EditContributor(ctx context.Context, c Command, code ledger.ContributorCode, in ContributorEdit, check func(ledger.Contributor) error) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		before, err := s.Contributor(ctx, code)
		if err == nil {
			err = check(before)
		}
		if err != nil {
			return nil, err
		}
		after := before
		set(&after.Contact, in.Contact)
		set(&after.Email, in.Email)
		type details struct{ Contact, Email string }
		if err := t.edited(details{before.Contact, before.Email}, details{after.Contact, after.Email}); err != nil {
			return nil, err
		}
		return after, t.once(ctx, `UPDATE contributor SET contact = $2, email = $3 WHERE code = $1 AND contact = $4 AND email = $5 RETURNING code`,
			code, after.Contact, after.Email, before.Contact, before.Email)
	})
}

// EditFund changes the details of a fund. check says whether the record is the one that the caller has read.
// Errors: [ledger.RuleNotFound], [ledger.RuleEditStale], and those of check.
func (s *Store) EditFund(ctx context.Context, c Command, code ledger.FundCode, in FundEdit, check func(ledger.Fund, []ledger.Support) error) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		before, err := s.Fund(ctx, code)
		if err != nil {
			return nil, err
		}
		settings, err := s.FundSupport(ctx, code)
		if err == nil {
			err = check(before, settings)
		}
		if err != nil {
			return nil, err
		}
		after := before
		set(&after.Charges, in.Charges)
		set(&after.RateSource, in.RateSource)
		set(&after.Threshold, in.Threshold)
		type details struct {
			Charges    ledger.ChargesPolicy
			RateSource ledger.RateSource
			Threshold  int
		}
		if err := t.edited(details{before.Charges, before.RateSource, before.Threshold}, details{after.Charges, after.RateSource, after.Threshold}); err != nil {
			return nil, err
		}
		return after, t.once(ctx, `
			UPDATE fund SET charges = $2, rate_source = $3, match_threshold = $4
			WHERE code = $1 AND charges = $5 AND rate_source = $6 AND match_threshold = $7 RETURNING code`,
			code, after.Charges, after.RateSource, after.Threshold, before.Charges, before.RateSource, before.Threshold)
	})
}

func set[T any](to, value *T) {
	if value != nil {
		*to = *value
	}
}

// edited keeps for the audit trail what was there before and after.
func (t *tx) edited(before, after any) error {
	var err error
	t.change, err = json.Marshal(map[string]any{"before": before, "after": after})
	if err != nil {
		return fmt.Errorf("encode the change: %w", err)
	}
	return nil
}

// once runs an update that nobody else's came before.
func (t *tx) once(ctx context.Context, query string, args ...any) error {
	var code string
	err := t.get(ctx, &code, query, args...)
	if noRows(err) {
		return ledger.Fail(ledger.RuleEditStale, "The record was changed at this moment.")
	}
	return err
}
