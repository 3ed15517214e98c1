package postgres

import (
	"context"
	"fmt"
	"strings"
	"time"

	"vcledger/ledger"
)

// findQuery finds who answers to a name on a date: $1 the name as a code, $2 the key of the name, $3 the date. What was
// merged is answered for by its survivor. Indexes: contributor_pkey, contributor_name_key, contributor_name_renamed_key,
// contributor_alias_name_key, contributor_code_value.
const findQuery = `
SELECT DISTINCT contributor_survivor(m.code, now()) AS code
FROM (SELECT code FROM contributor WHERE code = $1
      UNION
      SELECT k.contributor FROM contributor_code k
      WHERE k.value = $1 AND coalesce(k.valid_from <= $3, true) AND coalesce(k.valid_to >= $3, true)
      UNION
      SELECT c.code FROM contributor c
      WHERE c.name_key = $2 AND NOT EXISTS (SELECT FROM contributor_name n WHERE n.contributor = c.code AND n.from_date <= $3)
      UNION
      SELECT n.contributor FROM contributor_name n
      WHERE n.name_key = $2 AND n.id = (SELECT l.id FROM contributor_name l WHERE l.contributor = n.contributor AND l.from_date <= $3
                                        ORDER BY l.from_date DESC, l.id DESC LIMIT 1)
      UNION
      SELECT a.contributor FROM contributor_alias a
      WHERE a.name_key = $2 AND coalesce(a.valid_from <= $3, true) AND coalesce(a.valid_to >= $3, true)) m`

// FindContributor returns the contributor that a person means today; see [Store.FindContributorOn].
func (s *Store) FindContributor(ctx context.Context, name string) (ledger.Contributor, error) {
	return s.FindContributorOn(ctx, name, ledger.DateOf(time.Now()))
}

// FindContributorOn returns the contributor that a name means on a date: by the ledger's own code first, then by a code of
// a scheme, a name, an alias, an acronym, a translation or a former name that was valid then, in any case and width.
// Errors: [ledger.RuleNotFound], [ledger.RuleContributorAmbiguous] with each candidate as a violation.
func (s *Store) FindContributorOn(ctx context.Context, name string, on ledger.Date) (ledger.Contributor, error) {
	var rows []contributorRow
	code := strings.ToUpper(name)
	err := s.selectRows(ctx, &rows, `
		SELECT `+contributorColumns+` FROM contributor c WHERE c.code IN (`+findQuery+`) ORDER BY c.code = $1 DESC, c.code`,
		code, ledger.NameKey(name), on)
	switch {
	case err != nil:
		return ledger.Contributor{}, err
	case len(rows) == 0:
		return ledger.Contributor{}, ledger.Fail(ledger.RuleNotFound, "No contributor has the code or name %q on %s.", name, on)
	case len(rows) > 1 && rows[0].Code != name:
		return ledger.Contributor{}, ambiguous("?q", name, rows)
	}
	return rows[0].contributor(), nil
}

// ambiguous names each candidate by code and name.
func ambiguous(pointer, name string, rows []contributorRow) error {
	list := make([]string, len(rows))
	e := ledger.Fail(ledger.RuleContributorAmbiguous, "")
	for i, r := range rows {
		list[i] = fmt.Sprintf("%s (%s)", r.Code, r.Name)
		e.Violations = append(e.Violations, ledger.Violation{Pointer: pointer, Rule: ledger.RuleContributorAmbiguous, Detail: list[i]})
	}
	e.Detail = fmt.Sprintf("%q may be %s: give the code.", name, strings.Join(list, " or "))
	return e
}
