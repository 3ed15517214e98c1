package postgres

import (
	"context"
	"fmt"
	"time"

	"github.com/lib/pq"

	"vcledger/ledger"
)

// contributorColumns are read into contributorRow.
const contributorColumns = `
    c.code, contributor_name_on(c.code, current_date, now()) AS name, c.kind, coalesce(c.country, '') AS country,
    coalesce(contributor_parent_on(c.code, current_date), '') AS parent, c.contact, c.email, c.recorded_at,
    ARRAY(SELECT a.name FROM contributor_alias a WHERE a.contributor = c.code ORDER BY a.name) AS aliases`

type contributorRow struct {
	Code       string
	Name       string
	Kind       string
	Country    string
	Parent     string
	Contact    string
	Email      string
	RecordedAt time.Time `db:"recorded_at"`
	Aliases    pq.StringArray
}

func (r contributorRow) contributor() ledger.Contributor {
	return ledger.Contributor{Code: ledger.ContributorCode(r.Code), Name: r.Name, Kind: ledger.ContributorKind(r.Kind), Country: r.Country,
		Parent: ledger.ContributorCode(r.Parent), Aliases: r.Aliases, Contact: r.Contact, Email: r.Email, RecordedAt: r.RecordedAt.UTC()}
}

// RecordContributor records a contributor under its code.
// Errors: [ledger.RuleCodeTaken], [ledger.RuleContributorUnknown] for the parent.
func (s *Store) RecordContributor(ctx context.Context, c Command, in ledger.Contributor) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		var v ledger.Violations
		known, err := t.known(ctx, "contributor", string(in.Code), string(in.Parent))
		if err != nil {
			return nil, err
		}
		if known[string(in.Code)] {
			v.Add("/code", ledger.RuleCodeTaken, "Contributor %s is recorded already.", in.Code)
		}
		if in.Parent != "" && !known[string(in.Parent)] {
			v.Add("/parent", ledger.RuleContributorUnknown, "No contributor has the code %s.", in.Parent)
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		in.RecordedAt = t.now
		if err := t.insertContributor(ctx, in); err != nil {
			return nil, err
		}
		for _, code := range in.Codes {
			if err := t.insertPartyCode(ctx, in.Code, code); err != nil {
				return nil, err
			}
		}
		return in, nil
	})
}

func (t *tx) insertContributor(ctx context.Context, in ledger.Contributor) error {
	return t.exec(ctx, `
		WITH c AS (
		    INSERT INTO contributor (code, name, name_key, kind, country) VALUES ($1, $2, $3, $4, nullif($5, ''))),
		p AS (
		    INSERT INTO contributor_parent (contributor, parent, from_date) SELECT $1, $6, '1945-10-24' WHERE $6 <> '')
		INSERT INTO contributor_alias (contributor, name, name_key) SELECT $1, * FROM unnest($7::text[], $8::text[])`,
		in.Code, in.Name, ledger.NameKey(in.Name), in.Kind, in.Country, in.Parent, pq.Array(in.Aliases), pq.Array(transform(in.Aliases, ledger.NameKey)))
}

// Contributor returns a contributor by its code.
// Errors: [ledger.RuleNotFound].
func (s *Store) Contributor(ctx context.Context, code ledger.ContributorCode) (ledger.Contributor, error) {
	var row contributorRow
	err := s.get(ctx, &row, `SELECT `+contributorColumns+` FROM contributor c WHERE c.code = $1`, code)
	if noRows(err) {
		return ledger.Contributor{}, ledger.Fail(ledger.RuleNotFound, "There is no such contributor.")
	}
	if err != nil {
		return ledger.Contributor{}, err
	}
	c := row.contributor()
	return c, s.readLife(ctx, &c)
}

// ContributorFilter narrows a list of contributors; empty fields do not.
type ContributorFilter struct {
	Kind   ledger.ContributorKind
	Parent ledger.ContributorCode
	Name   string // a part of a code, or of a name that the contributor has or had; in any case
}

// Contributors lists contributors by code, after the given one. The family of a parent is all below it, however deep.
func (s *Store) Contributors(ctx context.Context, f ContributorFilter, after string, limit int) ([]ledger.Contributor, error) {
	var rows []contributorRow
	err := s.selectRows(ctx, &rows, `
		WITH RECURSIVE below AS (
		    SELECT $3::text AS code WHERE $3 <> ''
		    UNION
		    SELECT p.contributor FROM below JOIN contributor_parent p ON p.parent = below.code
		    WHERE contributor_parent_on(p.contributor, current_date) = below.code)
		SELECT `+contributorColumns+` FROM contributor c
		WHERE c.code > $1 AND ($2 = '' OR c.kind = $2) AND ($3 = '' OR c.code <> $3 AND c.code IN (SELECT code FROM below))
		  AND ($5 = '' OR strpos(lower(c.code), $5) > 0 OR strpos(c.name_key, $5) > 0
		       OR EXISTS (SELECT FROM contributor_name n WHERE n.contributor = c.code AND strpos(n.name_key, $5) > 0)
		       OR EXISTS (SELECT FROM contributor_alias a WHERE a.contributor = c.code AND strpos(a.name_key, $5) > 0)
		       OR EXISTS (SELECT FROM contributor_code k WHERE k.contributor = c.code AND strpos(lower(k.value), $5) > 0))
		ORDER BY c.code LIMIT $4`, after, f.Kind, f.Parent, limit, ledger.NameKey(f.Name))
	return transform(rows, contributorRow.contributor), err
}

const fundColumns = `
    code, name, kind, coalesce(parent, '') AS parent, recognition, services, charges, rate_source, bank_account,
    illustrative, match_threshold, recorded_at`

type fundRow struct {
	Code         string
	Name         string
	Kind         string
	Parent       string
	Recognition  string
	Services     string
	Charges      string
	RateSource   string `db:"rate_source"`
	BankAccount  string `db:"bank_account"`
	Illustrative bool
	Threshold    int       `db:"match_threshold"`
	RecordedAt   time.Time `db:"recorded_at"`
}

func (r fundRow) fund() ledger.Fund {
	return ledger.Fund{Code: ledger.FundCode(r.Code), Name: r.Name, Kind: ledger.FundKind(r.Kind), Parent: ledger.FundCode(r.Parent),
		Recognition: ledger.Recognition(r.Recognition), Services: ledger.ServicesPolicy(r.Services), Charges: ledger.ChargesPolicy(r.Charges),
		RateSource: ledger.RateSource(r.RateSource), BankAccount: ledger.BankAccountCode(r.BankAccount), Illustrative: r.Illustrative, Threshold: r.Threshold, RecordedAt: r.RecordedAt.UTC()}
}

// RecordFund records a fund. Without a bank account it gets one of its own, with the fund's code, that keeps each
// currency apart.
// Errors: [ledger.RuleCodeTaken], [ledger.RuleFundUnknown] for the parent, [ledger.RuleBankAccountUnknown].
func (s *Store) RecordFund(ctx context.Context, c Command, in ledger.Fund) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		var v ledger.Violations
		known, err := t.known(ctx, "fund", string(in.Code), string(in.Parent))
		if err != nil {
			return nil, err
		}
		if known[string(in.Code)] {
			v.Add("/code", ledger.RuleCodeTaken, "Fund %s is recorded already.", in.Code)
		}
		if in.Parent != "" && !known[string(in.Parent)] {
			v.Add("/parent", ledger.RuleFundUnknown, "No fund has the code %s.", in.Parent)
		}
		own := ledger.BankAccount{Code: ledger.BankAccountCode(in.Code), Name: "Bank account of " + string(in.Code)}
		accounts, err := t.known(ctx, "bank_account", string(in.BankAccount), string(own.Code))
		if err != nil {
			return nil, err
		}
		if in.BankAccount != "" && !accounts[string(in.BankAccount)] {
			v.Add("/bank_account", ledger.RuleBankAccountUnknown, "No bank account has the code %s.", in.BankAccount)
		}
		if err := v.Err(); err != nil {
			return nil, err
		}
		if in.BankAccount == "" {
			in.BankAccount = own.Code
			if !accounts[string(own.Code)] {
				if err := t.insertBankAccount(ctx, own); err != nil {
					return nil, err
				}
			}
		}
		in.RecordedAt = t.now
		if in.Threshold == 0 { // for the answer
			in.Threshold = ledger.Threshold
		}
		return in, t.insertFund(ctx, in)
	})
}

func (t *tx) insertFund(ctx context.Context, in ledger.Fund) error {
	if in.Threshold == 0 {
		in.Threshold = ledger.Threshold
	}
	return t.exec(ctx, `
		INSERT INTO fund (code, name, kind, parent, recognition, services, charges, rate_source, bank_account, illustrative, match_threshold)
		VALUES ($1, $2, $3, nullif($4, ''), $5, $6, $7, $8, $9, $10, $11)`,
		in.Code, in.Name, in.Kind, in.Parent, in.Recognition, in.Services, in.Charges, in.RateSource, in.BankAccount, in.Illustrative, in.Threshold)
}

// Fund returns a fund by its code.
// Errors: [ledger.RuleNotFound].
func (s *Store) Fund(ctx context.Context, code ledger.FundCode) (ledger.Fund, error) {
	var row fundRow
	err := s.get(ctx, &row, `SELECT `+fundColumns+` FROM fund WHERE code = $1`, code)
	if noRows(err) {
		return ledger.Fund{}, ledger.Fail(ledger.RuleNotFound, "There is no such fund.")
	}
	return row.fund(), err
}

// Funds lists funds by code, after the given one.
func (s *Store) Funds(ctx context.Context, after string, limit int) ([]ledger.Fund, error) {
	var rows []fundRow
	err := s.selectRows(ctx, &rows, `SELECT `+fundColumns+` FROM fund WHERE code > $1 ORDER BY code LIMIT $2`, after, limit)
	return transform(rows, fundRow.fund), err
}

// Accounts lists the chart of accounts by code.
func (s *Store) Accounts(ctx context.Context) ([]ledger.Account, error) {
	var list []ledger.Account
	err := s.selectRows(ctx, &list, `SELECT code, name, kind FROM account ORDER BY code`)
	return list, err
}

// knownQueries find which of some codes exist in a table.
var knownQueries = map[string]string{
	"contributor":  `SELECT code FROM contributor WHERE code = ANY ($1)`,
	"fund":         `SELECT code FROM fund WHERE code = ANY ($1)`,
	"bank_account": `SELECT code FROM bank_account WHERE code = ANY ($1)`,
}

func (t *tx) known(ctx context.Context, table string, codes ...string) (map[string]bool, error) {
	var found []string
	if err := t.selectRows(ctx, &found, knownQueries[table], pq.Array(codes)); err != nil {
		return nil, err
	}
	set := make(map[string]bool, len(found))
	for _, code := range found {
		set[code] = true
	}
	return set, nil
}

func (t *tx) exec(ctx context.Context, query string, args ...any) error {
	st, err := t.store.prepare(ctx, query)
	if err != nil {
		return err
	}
	if _, err := t.db.StmtxContext(ctx, st).ExecContext(ctx, args...); err != nil {
		return fmt.Errorf("exec: %w", err)
	}
	return nil
}

// transform applies a function to each element.
func transform[A, B any](list []A, f func(A) B) []B {
	out := make([]B, len(list))
	for i, a := range list {
		out[i] = f(a)
	}
	return out
}
