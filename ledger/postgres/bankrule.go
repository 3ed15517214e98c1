package postgres

import (
	"context"

	"github.com/google/uuid"

	"vcledger/ledger"
)

// BankRuleRecord is a rule of the officers.
type BankRuleRecord struct {
	ledger.BankRule
	RecordedBy string
}

func bankRules(ctx context.Context, query selecting, after uuid.UUID, limit int) ([]BankRuleRecord, error) {
	var rows []struct {
		ID          uuid.UUID
		BankAccount string `db:"bank_account"`
		Payer       string
		Remittance  string
		Kind        string
		Contributor string
		PledgeID    uuid.NullUUID `db:"pledge_id"`
		Fund        string
		Note        string
		RecordedBy  string `db:"recorded_by"`
	}
	err := query(ctx, &rows, `
		SELECT r.id, coalesce(r.bank_account, '') AS bank_account, r.payer, r.remittance, r.kind, coalesce(r.contributor, p.contributor, '') AS contributor, r.pledge_id,
		       coalesce(r.fund, '') AS fund, r.note, a.name AS recorded_by
		FROM bank_rule r JOIN actor a ON a.id = r.actor_id LEFT JOIN pledge p ON p.id = r.pledge_id
		WHERE r.id > $1 AND NOT EXISTS (SELECT FROM bank_rule_end e WHERE e.rule_id = r.id) ORDER BY r.id LIMIT $2`, after, limit)
	list := make([]BankRuleRecord, len(rows))
	for i, r := range rows {
		list[i] = BankRuleRecord{ledger.BankRule{ID: r.ID, BankAccount: ledger.BankAccountCode(r.BankAccount), Payer: r.Payer, Remittance: r.Remittance, Kind: r.Kind,
			Contributor: ledger.ContributorCode(r.Contributor), Pledge: r.PledgeID.UUID, Fund: ledger.FundCode(r.Fund), Note: r.Note}, r.RecordedBy}
	}
	return list, err
}

// BankRules lists the rules in force, in the order in which they were recorded.
func (s *Store) BankRules(ctx context.Context, after uuid.UUID, limit int) ([]BankRuleRecord, error) {
	return bankRules(ctx, s.selectRows, after, limit)
}

// RecordBankRule records a rule for lines to come. The record of the answer is a *[BankRuleRecord].
// Errors: [ledger.RuleBankAccountUnknown], [ledger.RuleContributorUnknown], [ledger.RuleFundUnknown],
// [ledger.RulePledgeUnknown], [ledger.RuleRequired].
func (s *Store) RecordBankRule(ctx context.Context, c Command, in ledger.BankRule) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		var v ledger.Violations
		if ledger.BankText(in.Payer+in.Remittance) == "" {
			v.Add("/payer", ledger.RuleRequired, "A rule has words of the payer, or of the remittance information.")
		}
		switch {
		case in.Kind == "contribution" && in.Contributor == "" && in.Pledge == uuid.Nil:
			v.Add("/contributor", ledger.RuleRequired, "The rule of a contribution names a contributor or a pledge.")
		case in.Kind == string(ledger.BankCharge) && in.Fund == "":
			v.Add("/fund", ledger.RuleRequired, "A charge names the fund that bears it.")
		}
		if _, err := t.resolve(ctx, &v, named{contributor: in.Contributor, fund: in.Fund, bankAccount: in.BankAccount}); err != nil {
			return nil, err
		}
		if in.Pledge != uuid.Nil {
			found, err := t.pledges(ctx, []uuid.UUID{in.Pledge})
			if err != nil {
				return nil, err
			}
			if found[in.Pledge] == nil {
				v.Add("/pledge", ledger.RulePledgeUnknown, "There is no pledge %s.", in.Pledge)
			}
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		var err error
		if in.ID, err = newID(); err != nil {
			return nil, err
		}
		return &BankRuleRecord{in, t.actor.Name}, t.exec(ctx, `
			INSERT INTO bank_rule (id, bank_account, payer, remittance, kind, contributor, pledge_id, fund, note, actor_id)
			VALUES ($1, nullif($2, ''), $3, $4, $5, nullif($6, ''), $7, nullif($8, ''), $9, $10)`,
			in.ID, in.BankAccount, in.Payer, in.Remittance, in.Kind, in.Contributor, nullUUID(in.Pledge), in.Fund, in.Note, t.actor.ID)
	})
}

// EndBankRule takes a rule out of use. The record of the answer is a *[BankRuleRecord].
// Errors: [ledger.RuleNotFound], also for one that is out of use.
func (s *Store) EndBankRule(ctx context.Context, c Command, id uuid.UUID) (Answer, error) {
	return s.write(ctx, c, []lockID{{lockBank, id.String()}}, func(ctx context.Context, t *tx) (any, error) {
		list, err := bankRules(ctx, t.selectRows, uuid.Nil, 1<<20)
		if err != nil {
			return nil, err
		}
		for _, r := range list {
			if r.ID == id {
				return &r, t.exec(ctx, `INSERT INTO bank_rule_end (rule_id, actor_id) VALUES ($1, $2)`, id, t.actor.ID)
			}
		}
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such rule in use.")
	})
}
