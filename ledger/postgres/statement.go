package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/proof"
)

// lockStatement is the class of the lock under which statements get their numbers, one writer at a time (migration 0056).
const lockStatement = 9

// ErrStatementOvertaken says that another statement of the same contributor, fund and bodies was issued while this one was
// built, so that its list of changes begins at the wrong one. It is built anew.
var ErrStatementOvertaken = errors.New("another statement was issued meanwhile")

// StatementScope says what an issued statement is about.
type StatementScope struct {
	Contributor ledger.ContributorCode
	Period      ledger.Period
	Fund        ledger.FundCode // empty for all funds
	Bodies      string          // without, together or apart
}

// StatementInput is a statement that was built and is to be issued.
type StatementInput struct {
	StatementScope
	AsOf       ledger.Date
	KnownAt    time.Time              // settled (SettledInstant)
	Previous   ledger.StatementNumber // since which it lists the changes; empty for the first
	Supersedes ledger.StatementNumber
	Reason     string // why it supersedes
	// Freeze returns the document, in canonical JSON, under the number that it gets.
	Freeze func(ledger.StatementNumber) ([]byte, error)
	Proof  *proof.File // of its lines; nil when the log has no key. The document's own hash is signed with it
}

// StatementRecord is a statement as it was issued.
type StatementRecord struct {
	StatementScope
	Number       ledger.StatementNumber
	AsOf         ledger.Date
	KnownAt      time.Time
	Previous     ledger.StatementNumber
	Supersedes   ledger.StatementNumber
	Reason       string
	SupersededBy ledger.StatementNumber // empty while it stands
	Document     []byte                 // canonical JSON, byte for byte; not in lists
	SHA256       []byte                 // of the document
	Proof        []byte                 // in JSON, beside the document; not in lists; empty when the log had no key
	IssuedBy     string
	IssuedAt     time.Time
}

// SettledInstant returns an instant of the database up to which everything that is recorded has been committed, so that the
// books as known then never change.
func (s *Store) SettledInstant(ctx context.Context) (time.Time, error) {
	var at time.Time
	err := s.get(ctx, &at, `SELECT settled_instant()`)
	return at.UTC(), translate(err)
}

// IssueStatement numbers a statement and freezes it. The record of the answer is a *[StatementRecord].
// Errors: [ledger.RuleDateInFuture], [ledger.RuleStatementIssued], [ledger.RuleStatementSuperseded],
// [ErrStatementOvertaken].
func (s *Store) IssueStatement(ctx context.Context, c Command, in StatementInput) (Answer, error) {
	return s.write(ctx, c, []lockID{{lockStatement, "number"}}, func(ctx context.Context, t *tx) (any, error) { return t.issueStatement(ctx, in) })
}

func (t *tx) issueStatement(ctx context.Context, in StatementInput) (*StatementRecord, error) {
	var v ledger.Violations
	if t.notInFuture(&v, "/to", in.Period.To); len(v) > 0 {
		return nil, v.Err()
	}
	if err := t.mayIssue(ctx, in); err != nil {
		return nil, err
	}
	year := t.now.Year()
	var last int
	if err := t.get(ctx, &last, `
		SELECT coalesce(right(max(number), 6), '0')::int FROM statement
		WHERE number BETWEEN $1 || '/' AND $1 || '/~'`, t.now.Format("2006")); err != nil {
		return nil, err
	}
	number := ledger.StatementNumberOf(year, last+1)
	document, err := in.Freeze(number)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(document)
	proved, err := t.store.signDocument(in.Proof, string(number), sum[:])
	if err != nil {
		return nil, err
	}
	if err := t.exec(ctx, `
		INSERT INTO statement (number, contributor, period_from, period_to, fund, bodies, as_of, known_at, previous, supersedes, reason, document, sha256, proof, actor_id)
		VALUES ($1, $2, $3, $4, nullif($5, ''), $6, $7, $8, nullif($9, ''), nullif($10, ''), $11, $12, $13, $14, $15)`,
		number, in.Contributor, in.Period.From, in.Period.To, in.Fund, in.Bodies, in.AsOf, in.KnownAt, in.Previous, in.Supersedes, in.Reason, document, sum[:], proved, t.actor.ID); err != nil {
		return nil, err
	}
	return &StatementRecord{StatementScope: in.StatementScope, Number: number, AsOf: in.AsOf, KnownAt: in.KnownAt, Previous: in.Previous, Supersedes: in.Supersedes,
		Reason: in.Reason, Document: document, SHA256: sum[:], Proof: proved, IssuedBy: t.actor.Name, IssuedAt: t.now}, nil
}

// signDocument adds the signed hash of a document to its proof.
func (s *Store) signDocument(f *proof.File, name string, sum []byte) ([]byte, error) {
	if f == nil || s.log.Signer == nil {
		return nil, nil
	}
	signed, err := s.log.Signer.SignDocument(name, sum)
	if err != nil {
		return nil, err
	}
	whole := *f
	whole.Document = signed
	b, err := json.Marshal(whole)
	if err != nil {
		return nil, fmt.Errorf("write the proof: %w", err)
	}
	return b, nil
}

// mayIssue looks, under the lock, at the statements that there are.
func (t *tx) mayIssue(ctx context.Context, in StatementInput) error {
	var found struct {
		Standing   ledger.StatementNumber // of the same scope
		Superseded ledger.StatementNumber // by which what this one supersedes is superseded already
		Last       ledger.StatementNumber
	}
	if err := t.get(ctx, &found, `
		SELECT coalesce((SELECT s.number FROM statement s
		                 WHERE s.contributor = $1 AND s.period_from = $2 AND s.period_to = $3 AND coalesce(s.fund, '') = $4 AND s.bodies = $5
		                   AND NOT EXISTS (SELECT FROM statement n WHERE n.supersedes = s.number)), '') AS standing,
		       coalesce((SELECT number FROM statement WHERE supersedes = $6), '') AS superseded,
		       coalesce((`+lastStatement+`), '') AS last`,
		in.Contributor, in.Period.From, in.Period.To, in.Fund, in.Bodies, in.Supersedes); err != nil {
		return err
	}
	switch {
	case found.Superseded != "":
		return ledger.Fail(ledger.RuleStatementSuperseded, "Statement %s is superseded by %s.", in.Supersedes, found.Superseded)
	case in.Supersedes == "" && found.Standing != "":
		return ledger.Fail(ledger.RuleStatementIssued, "Statement %s is of the same contributor, period, fund and bodies.", found.Standing)
	case found.Last != in.Previous:
		return ErrStatementOvertaken
	}
	return nil
}

// lastStatement finds the last statement of a contributor ($1) for the same fund ($4, ” for all) and bodies ($5), whatever
// its period.
const lastStatement = `SELECT max(number) FROM statement WHERE contributor = $1 AND coalesce(fund, '') = $4 AND bodies = $5`

// statementColumns are those of a list; the document is read one at a time.
const statementColumns = `s.number, s.contributor, s.period_from, s.period_to, coalesce(s.fund, '') AS fund, s.bodies, s.as_of, s.known_at, coalesce(s.previous, '') AS previous,
       coalesce(s.supersedes, '') AS supersedes, s.reason, coalesce((SELECT n.number FROM statement n WHERE n.supersedes = s.number), '') AS superseded_by,
       s.sha256, a.name AS issued_by, s.issued_at`

type statementRow struct {
	Number       ledger.StatementNumber
	Contributor  ledger.ContributorCode
	PeriodFrom   ledger.Date `db:"period_from"`
	PeriodTo     ledger.Date `db:"period_to"`
	Fund         ledger.FundCode
	Bodies       string
	AsOf         ledger.Date `db:"as_of"`
	KnownAt      time.Time   `db:"known_at"`
	Previous     ledger.StatementNumber
	Supersedes   ledger.StatementNumber
	Reason       string
	SupersededBy ledger.StatementNumber `db:"superseded_by"`
	Document     []byte
	SHA256       []byte `db:"sha256"`
	Proof        []byte
	IssuedBy     string    `db:"issued_by"`
	IssuedAt     time.Time `db:"issued_at"`
}

func (r statementRow) record() *StatementRecord {
	return &StatementRecord{StatementScope: StatementScope{Contributor: r.Contributor, Period: ledger.Period{From: r.PeriodFrom, To: r.PeriodTo}, Fund: r.Fund, Bodies: r.Bodies},
		Number: r.Number, AsOf: r.AsOf, KnownAt: r.KnownAt.UTC(), Previous: r.Previous, Supersedes: r.Supersedes, Reason: r.Reason, SupersededBy: r.SupersededBy,
		Document: r.Document, SHA256: r.SHA256, Proof: r.Proof, IssuedBy: r.IssuedBy, IssuedAt: r.IssuedAt.UTC()}
}

// Statement returns an issued statement with its document.
// Errors: [ledger.RuleNotFound].
func (s *Store) Statement(ctx context.Context, number ledger.StatementNumber) (*StatementRecord, error) {
	var row statementRow
	err := s.get(ctx, &row, `SELECT `+statementColumns+`, s.document, s.proof FROM statement s JOIN actor a ON a.id = s.actor_id WHERE s.number = $1`, number)
	if noRows(err) {
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no such statement.")
	}
	return row.record(), translate(err)
}

// LastStatement returns the last statement of a contributor for the same fund and bodies, whatever its period, without its
// document; nil when there is none.
func (s *Store) LastStatement(ctx context.Context, scope StatementScope) (*StatementRecord, error) {
	var row statementRow
	err := s.get(ctx, &row, `SELECT `+statementColumns+` FROM statement s JOIN actor a ON a.id = s.actor_id
		WHERE s.number = (SELECT max(number) FROM statement WHERE contributor = $1 AND coalesce(fund, '') = $2 AND bodies = $3)`,
		scope.Contributor, scope.Fund, scope.Bodies)
	if noRows(err) {
		return nil, nil
	}
	return row.record(), translate(err)
}

// Statements lists the statements of a contributor, the newest first, before the given number; empty for the first page.
func (s *Store) Statements(ctx context.Context, c ledger.ContributorCode, before ledger.StatementNumber, limit int) ([]*StatementRecord, error) {
	var rows []statementRow
	err := s.selectRows(ctx, &rows, `SELECT `+statementColumns+` FROM statement s JOIN actor a ON a.id = s.actor_id
		WHERE s.contributor = $1 AND ($2 = '' OR s.number < $2) ORDER BY s.number DESC LIMIT $3`, c, before, limit)
	return transform(rows, statementRow.record), translate(err)
}

// StandingStatements returns the numbers of the statements of a period, fund and bodies that are not superseded, by
// contributor.
func (s *Store) StandingStatements(ctx context.Context, scope StatementScope) (map[ledger.ContributorCode]ledger.StatementNumber, error) {
	var rows []struct {
		Contributor ledger.ContributorCode
		Number      ledger.StatementNumber
	}
	err := s.selectRows(ctx, &rows, `
		SELECT s.contributor, s.number FROM statement s
		WHERE s.period_from = $1 AND s.period_to = $2 AND coalesce(s.fund, '') = $3 AND s.bodies = $4
		  AND NOT EXISTS (SELECT FROM statement n WHERE n.supersedes = s.number)`, scope.Period.From, scope.Period.To, scope.Fund, scope.Bodies)
	standing := make(map[ledger.ContributorCode]ledger.StatementNumber, len(rows))
	for _, r := range rows {
		standing[r.Contributor] = r.Number
	}
	return standing, translate(err)
}

// StatementNumbers are the numbers of all issued statements, in order.
func (s *Store) StatementNumbers(ctx context.Context) ([]ledger.StatementNumber, error) {
	var list []ledger.StatementNumber
	err := s.selectRows(ctx, &list, `SELECT number FROM statement ORDER BY number`)
	return list, translate(err)
}
