package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vcledger/ledger"
)

// lifeQuery reads what happened to a contributor, as JSON: $1 code. Served by the indexes on the contributor of each table.
const lifeQuery = `
SELECT
    (SELECT coalesce(json_agg(x ORDER BY x.scheme, x.valid_from NULLS FIRST, x.value), '[]')
     FROM (SELECT scheme, value, valid_from, valid_to FROM contributor_code WHERE contributor = $1) x) AS codes,
    (SELECT coalesce(json_agg(x ORDER BY x.valid_from NULLS FIRST, x.id), '[]')
     FROM (SELECT 0 AS id, name, NULL::date AS valid_from FROM contributor WHERE code = $1
           UNION ALL
           (SELECT DISTINCT ON (from_date) id, name, from_date FROM contributor_name WHERE contributor = $1
            ORDER BY from_date, id DESC)) x) AS names,
    (SELECT coalesce(json_agg(x ORDER BY x.name), '[]')
     FROM (SELECT name, kind, valid_from, valid_to FROM contributor_alias WHERE contributor = $1) x) AS others,
    (SELECT coalesce(json_agg(x ORDER BY x.from_date, x.id), '[]')
     FROM (SELECT p.id, coalesce(p.parent, '') AS code, p.from_date, coalesce(a.name, '') AS actor, p.recorded_at
           FROM contributor_parent p LEFT JOIN actor a ON a.id = p.actor_id WHERE p.contributor = $1) x) AS parents,
    (SELECT coalesce(json_agg(DISTINCT p.contributor ORDER BY p.contributor), '[]')
     FROM contributor_parent p
     WHERE p.parent = $1 AND contributor_parent_on(p.contributor, current_date) = $1) AS children,
    (SELECT coalesce(json_agg(x ORDER BY x.recorded_at, x.absorbed), '[]')
     FROM (SELECT m.absorbed, m.survivor, m.effective_date, m.reason, a.name AS actor, m.recorded_at
           FROM contributor_merge m JOIN actor a ON a.id = m.actor_id WHERE $1 IN (m.absorbed, m.survivor)) x) AS merges`

// day reads a date of JSON that may be null.
func day(s *string) (ledger.Date, error) {
	if s == nil {
		return ledger.Date{}, nil
	}
	return ledger.ParseDate(*s)
}

// validity reads the two ends of a period.
func validity(from, to *string) (ledger.Period, error) {
	first, err := day(from)
	if err != nil {
		return ledger.Period{}, err
	}
	last, err := day(to)
	return ledger.Period{From: first, To: last}, err
}

type lifeRow struct {
	Codes, Names, Others, Parents, Children, Merges []byte
}

type partyRow struct {
	Scheme    ledger.CodeScheme
	Value     string
	Name      string
	Kind      ledger.NameKind
	ValidFrom *string `json:"valid_from"`
	ValidTo   *string `json:"valid_to"`
}

type parentRow struct {
	Code       ledger.ContributorCode
	FromDate   *string `json:"from_date"`
	Actor      string
	RecordedAt time.Time `json:"recorded_at"`
}

type mergeRow struct {
	Absorbed      ledger.ContributorCode
	Survivor      ledger.ContributorCode
	EffectiveDate *string `json:"effective_date"`
	Reason        string
	Actor         string
	RecordedAt    time.Time `json:"recorded_at"`
}

// reader is what reads one row, in a write under way or outside of one.
type reader interface {
	get(ctx context.Context, dest any, query string, args ...any) error
}

// readLife adds to a contributor what happened to it.
func (s *Store) readLife(ctx context.Context, c *ledger.Contributor) error {
	return readLife(ctx, s, c)
}

func readLife(ctx context.Context, from reader, c *ledger.Contributor) error {
	var row lifeRow
	if err := from.get(ctx, &row, lifeQuery, c.Code); err != nil {
		return err
	}
	for _, read := range []func() error{
		func() error { return row.names(c) },
		func() error { return row.parents(c) },
		func() error { return row.merges(c) },
		func() error { return json.Unmarshal(row.Children, &c.Children) },
	} {
		if err := read(); err != nil {
			return fmt.Errorf("read contributor %s: %w", c.Code, err)
		}
	}
	return nil
}

// names reads codes and names; a name ends on the day before the next begins.
func (r lifeRow) names(c *ledger.Contributor) error {
	var codes, names, others []partyRow
	for data, into := range map[*[]byte]*[]partyRow{&r.Codes: &codes, &r.Names: &names, &r.Others: &others} {
		if err := json.Unmarshal(*data, into); err != nil {
			return err
		}
	}
	for _, x := range codes {
		valid, err := validity(x.ValidFrom, x.ValidTo)
		if err != nil {
			return err
		}
		c.Codes = append(c.Codes, ledger.PartyCode{Scheme: x.Scheme, Value: x.Value, Valid: valid})
	}
	for i, x := range names {
		valid, err := validity(x.ValidFrom, nil)
		if err != nil {
			return err
		}
		if i > 0 {
			c.Names[i-1].Valid.To = valid.From.AddDays(-1)
		}
		c.Names = append(c.Names, ledger.PartyName{Name: x.Name, Kind: ledger.ProperName, Valid: valid})
	}
	for _, x := range others {
		valid, err := validity(x.ValidFrom, x.ValidTo)
		if err != nil {
			return err
		}
		c.OtherNames = append(c.OtherNames, ledger.PartyName{Name: x.Name, Kind: x.Kind, Valid: valid})
	}
	return nil
}

func (r lifeRow) parents(c *ledger.Contributor) error {
	var rows []parentRow
	if err := json.Unmarshal(r.Parents, &rows); err != nil {
		return err
	}
	for _, x := range rows {
		from, err := day(x.FromDate)
		if err != nil {
			return err
		}
		c.Parents = append(c.Parents, ledger.Parent{Code: x.Code, From: from, Actor: x.Actor, RecordedAt: x.RecordedAt.UTC()})
	}
	return nil
}

func (r lifeRow) merges(c *ledger.Contributor) error {
	var rows []mergeRow
	if err := json.Unmarshal(r.Merges, &rows); err != nil {
		return err
	}
	for _, x := range rows {
		on, err := day(x.EffectiveDate)
		if err != nil {
			return err
		}
		m := ledger.Merge{Absorbed: x.Absorbed, Survivor: x.Survivor, Date: on, Reason: x.Reason, Actor: x.Actor, RecordedAt: x.RecordedAt.UTC()}
		if m.Absorbed == c.Code {
			c.MergedInto = &m
		} else {
			c.Absorbed = append(c.Absorbed, m)
		}
	}
	return nil
}

// changeContributor runs one dated addition to a contributor's record and returns the record as it then stands.
func (s *Store) changeContributor(ctx context.Context, c Command, code ledger.ContributorCode, change func(context.Context, *tx) error) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		known, err := t.known(ctx, "contributor", string(code))
		if err != nil {
			return nil, err
		}
		if !known[string(code)] {
			return nil, ledger.Fail(ledger.RuleNotFound, "There is no such contributor.")
		}
		if err := change(ctx, t); err != nil {
			return nil, err
		}
		var row contributorRow
		if err := t.get(ctx, &row, `SELECT `+contributorColumns+` FROM contributor c WHERE c.code = $1`, code); err != nil {
			return nil, err
		}
		record := row.contributor()
		return record, readLife(ctx, t, &record)
	})
}

func (t *tx) insertPartyCode(ctx context.Context, of ledger.ContributorCode, code ledger.PartyCode) error {
	return t.exec(ctx, `
		INSERT INTO contributor_code (contributor, scheme, value, valid_from, valid_to, actor_id) VALUES ($1, $2, $3, $4, $5, $6)`,
		of, code.Scheme, code.Value, code.Valid.From, code.Valid.To, t.actor.ID)
}

// AddContributorCode records a code of a contributor in a published scheme.
// Errors: [ledger.RuleNotFound], [ledger.RuleCodeTaken] when another has it at the time, [ledger.RuleText].
func (s *Store) AddContributorCode(ctx context.Context, c Command, code ledger.ContributorCode, in ledger.PartyCode) (Answer, error) {
	return s.changeContributor(ctx, c, code, func(ctx context.Context, t *tx) error { return t.insertPartyCode(ctx, code, in) })
}

// AddContributorName records another name of a contributor: an alias, an acronym, a translation, a former name.
// Errors: [ledger.RuleNotFound], [ledger.RuleNameTaken].
func (s *Store) AddContributorName(ctx context.Context, c Command, code ledger.ContributorCode, in ledger.PartyName) (Answer, error) {
	return s.changeContributor(ctx, c, code, func(ctx context.Context, t *tx) error {
		return t.exec(ctx, `
			INSERT INTO contributor_alias (contributor, name, name_key, kind, valid_from, valid_to, actor_id) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
			code, in.Name, ledger.NameKey(in.Name), in.Kind, in.Valid.From, in.Valid.To, t.actor.ID)
	})
}

// RenameContributor gives a contributor another name from a date; the former one stays for the days before.
// Errors: [ledger.RuleNotFound].
func (s *Store) RenameContributor(ctx context.Context, c Command, code ledger.ContributorCode, name string, from ledger.Date) (Answer, error) {
	return s.changeContributor(ctx, c, code, func(ctx context.Context, t *tx) error {
		return t.exec(ctx, `INSERT INTO contributor_name (contributor, name, name_key, from_date, actor_id) VALUES ($1, $2, $3, $4, $5)`,
			code, name, ledger.NameKey(name), from, t.actor.ID)
	})
}

// SetContributorParent puts a contributor under another from a date, or under nobody.
// Errors: [ledger.RuleNotFound], [ledger.RuleContributorUnknown], [ledger.RuleContributorCircle].
func (s *Store) SetContributorParent(ctx context.Context, c Command, code, parent ledger.ContributorCode, from ledger.Date) (Answer, error) {
	return s.changeContributor(ctx, c, code, func(ctx context.Context, t *tx) error {
		if parent == code {
			return ledger.Fail(ledger.RuleContributorCircle, "%s cannot belong to itself.", code)
		}
		known, err := t.known(ctx, "contributor", string(parent))
		if err != nil {
			return err
		}
		if parent != "" && !known[string(parent)] {
			var v ledger.Violations
			v.Add("/parent", ledger.RuleContributorUnknown, "No contributor has the code %s.", parent)
			return v.Err()
		}
		return t.exec(ctx, `INSERT INTO contributor_parent (contributor, parent, from_date, actor_id) VALUES ($1, nullif($2, ''), $3, $4)`,
			code, parent, from, t.actor.ID)
	})
}

// MergeContributor merges a record into another, for good. Nothing posted moves; see [ledger.Merge].
// Errors: [ledger.RuleNotFound], [ledger.RuleContributorUnknown], [ledger.RuleContributorMerged], [ledger.RuleContributorCircle].
func (s *Store) MergeContributor(ctx context.Context, c Command, m ledger.Merge) (Answer, error) {
	return s.changeContributor(ctx, c, m.Absorbed, func(ctx context.Context, t *tx) error {
		if m.Absorbed == m.Survivor {
			return ledger.Fail(ledger.RuleContributorCircle, "%s cannot be merged into itself.", m.Absorbed)
		}
		known, err := t.known(ctx, "contributor", string(m.Survivor))
		if err != nil {
			return err
		}
		var v ledger.Violations
		t.notInFuture(&v, "/effective_date", m.Date)
		if !known[string(m.Survivor)] {
			v.Add("/survivor", ledger.RuleContributorUnknown, "No contributor has the code %s.", m.Survivor)
		}
		if err := t.standing(ctx, &v, "/survivor", m.Survivor); err != nil {
			return err
		}
		if err := v.Err(); err != nil {
			return err
		}
		return t.exec(ctx, `
			INSERT INTO contributor_merge (absorbed, survivor, effective_date, reason, actor_id) VALUES ($1, $2, $3, $4, $5)`,
			m.Absorbed, m.Survivor, m.Date, m.Reason, t.actor.ID)
	})
}

// survivor returns the contributor that answers for a code now.
func (t *tx) survivor(ctx context.Context, code ledger.ContributorCode) (found ledger.ContributorCode, err error) {
	if found, sought := t.survivors[code]; sought {
		return found, nil
	}
	err = t.get(ctx, &found, `SELECT contributor_survivor($1, now())`, code)
	return found, err
}

// standing reports a contributor that was merged, with the name of the one that answers for it.
func (t *tx) standing(ctx context.Context, v *ledger.Violations, pointer string, code ledger.ContributorCode) error {
	survivor, err := t.survivor(ctx, code)
	if err == nil && survivor != code {
		addMerged(v, pointer, code, survivor)
	}
	return err
}

func addMerged(v *ledger.Violations, pointer string, code, survivor ledger.ContributorCode) {
	v.Add(pointer, ledger.RuleContributorMerged, "%s was merged into %s: use %s.", code, survivor, survivor)
}

// sameGiver reports whether one contributor answers for both codes now. Equal codes are not asked for.
func (t *tx) sameGiver(ctx context.Context, a, b ledger.ContributorCode) (bool, error) {
	if a == b {
		return true, nil
	}
	if of, sought := t.survivors[a]; sought {
		other, err := t.survivor(ctx, b)
		return of == other, err
	}
	var same bool
	err := t.get(ctx, &same, `SELECT contributor_survivor($1, now()) = contributor_survivor($2, now())`, a, b)
	return same, err
}
