package postgres

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// approvalQuery reads approvals with what was decided and posted. The last column is kept for the program alone.
const approvalQuery = `
SELECT a.id, a.kind, a.subject, a.request, a.drafts, a.amount_usd, a.reason, a.actor_id, r.name AS requested_by, a.recorded_at,
       coalesce(d.decision, 'pending') AS decision, coalesce(x.name, '') AS decided_by, d.recorded_at AS decided_at,
       coalesce(d.reason, '') AS decision_reason,
       ARRAY(SELECT e.id::text FROM journal_entry e WHERE e.approval_id = a.id ORDER BY e.id) AS entries
FROM approval a JOIN actor r ON r.id = a.actor_id
LEFT JOIN approval_decision d ON d.approval_id = a.id LEFT JOIN actor x ON x.id = d.actor_id `

type approvalRecordRow struct {
	ID             uuid.UUID
	Kind           ledger.ApprovalKind
	Subject        string
	Request        []byte
	Drafts         []byte
	AmountUSD      decimal.Decimal `db:"amount_usd"`
	Reason         string
	ActorID        int64     `db:"actor_id"`
	RequestedBy    string    `db:"requested_by"`
	RecordedAt     time.Time `db:"recorded_at"`
	Decision       ledger.Decision
	DecidedBy      string       `db:"decided_by"`
	DecidedAt      sql.NullTime `db:"decided_at"`
	DecisionReason string       `db:"decision_reason"`
	Entries        pq.StringArray
}

func (r approvalRecordRow) approval() (ledger.Approval, error) {
	a := ledger.Approval{ID: r.ID, Kind: r.Kind, Subject: r.Subject, AmountUSD: r.AmountUSD, Reason: r.Reason, RequestedBy: r.RequestedBy,
		RequestedAt: r.RecordedAt.UTC(), Decision: r.Decision, DecidedBy: r.DecidedBy, DecisionReason: r.DecisionReason}
	if r.DecidedAt.Valid {
		a.DecidedAt = r.DecidedAt.Time.UTC()
	}
	if err := json.Unmarshal(r.Drafts, &a.Drafts); err != nil {
		return a, fmt.Errorf("read approval %s: %w", r.ID, err)
	}
	for _, e := range r.Entries {
		id, err := uuid.Parse(e)
		if err != nil {
			return a, fmt.Errorf("read approval %s: %w", r.ID, err)
		}
		a.Entries = append(a.Entries, id)
	}
	return a, nil
}

// Approval returns an approval by its id.
// Errors: [ledger.RuleNotFound].
func (s *Store) Approval(ctx context.Context, id uuid.UUID) (ledger.Approval, error) {
	row, err := s.approvalRow(ctx, id)
	if err != nil {
		return ledger.Approval{}, err
	}
	return row.approval()
}

func (s *Store) approvalRow(ctx context.Context, id uuid.UUID) (approvalRecordRow, error) {
	var row approvalRecordRow
	err := s.get(ctx, &row, approvalQuery+`WHERE a.id = $1`, id)
	if noRows(err) {
		return row, ledger.Fail(ledger.RuleNotFound, "There is no such approval.")
	}
	return row, err
}

// ApprovalFilter narrows a list of approvals; empty fields do not.
type ApprovalFilter struct {
	Decision ledger.Decision
	Kind     ledger.ApprovalKind
	Fund     ledger.FundCode // that one of the entries is of
}

// Approvals lists approvals in the order in which they were asked for, after the given id.
func (s *Store) Approvals(ctx context.Context, f ApprovalFilter, after uuid.UUID, limit int) ([]ledger.Approval, error) {
	var rows []approvalRecordRow
	err := s.selectRows(ctx, &rows, approvalQuery+`
		WHERE a.id > $1 AND ($2 = '' OR coalesce(d.decision, 'pending') = $2) AND ($3 = '' OR a.kind = $3) AND ($4 = '' OR $4 = ANY (a.funds))
		ORDER BY a.id LIMIT $5`, after, f.Decision, f.Kind, f.Fund, limit)
	if err != nil {
		return nil, err
	}
	list := make([]ledger.Approval, len(rows))
	for i, r := range rows {
		if list[i], err = r.approval(); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// DecisionInput decides on an approval.
type DecisionInput struct {
	Decision ledger.Decision // approved, rejected or withdrawn
	Reason   string
}

// DecideApproval decides on what waits. Approved, it is performed anew and posted when that posts what was asked for.
// Errors: [ledger.RuleNotFound], [ledger.RuleApprovalDecided], [ledger.RuleFourEyes], [ledger.RuleApprovalStale], and those
// of the write itself.
func (s *Store) DecideApproval(ctx context.Context, c Command, id uuid.UUID, in DecisionInput) (Answer, error) {
	row, err := s.approvalRow(ctx, id)
	if err != nil {
		return Answer{}, err
	}
	g, err := readGuarded(row.Kind, row.Request)
	if err != nil {
		return Answer{}, err
	}
	locks, err := g.locks(ctx, s)
	if err != nil {
		return Answer{}, err
	}
	return s.write(ctx, c, append(locks, approvalLock(g)), func(ctx context.Context, t *tx) (any, error) {
		var row approvalRecordRow
		if err := t.get(ctx, &row, approvalQuery+`WHERE a.id = $1`, id); err != nil {
			return nil, err
		}
		return t.decide(ctx, row, g, in)
	})
}

func (t *tx) decide(ctx context.Context, row approvalRecordRow, g guarded, in DecisionInput) (*ledger.Approval, error) {
	a, err := row.approval()
	if err != nil {
		return nil, err
	}
	switch own := row.ActorID == t.actor.ID; {
	case a.Decision != ledger.Pending:
		return nil, ledger.Fail(ledger.RuleApprovalDecided, "It was %s by %s.", a.Decision, a.DecidedBy)
	case own && in.Decision != ledger.Withdrawn:
		return nil, ledger.Fail(ledger.RuleFourEyes, "You asked for it yourself; another approver decides.")
	case !own && in.Decision == ledger.Withdrawn:
		return nil, ledger.Fail(ledger.RuleFourEyes, "%s asked for it and may withdraw it.", a.RequestedBy)
	}
	if in.Decision == ledger.Approved {
		t.approval = a.ID
		if _, err := g.perform(ctx, t); err != nil {
			return nil, err
		}
		if !ledger.SameDrafts(a.Drafts, t.drafts) {
			return nil, ledger.Fail(ledger.RuleApprovalStale, "The books have moved since it was asked for, so it would post other entries now.")
		}
		for _, e := range t.Entries {
			a.Entries = append(a.Entries, e.ID)
		}
		slices.SortFunc(a.Entries, func(x, y uuid.UUID) int { return slices.Compare(x[:], y[:]) })
	}
	t.Decisions = append(t.Decisions, decisionRow{ApprovalID: a.ID, Decision: string(in.Decision), Reason: in.Reason, ActorID: t.actor.ID})
	a.Decision, a.DecidedBy, a.DecidedAt, a.DecisionReason = in.Decision, t.actor.Name, t.now, in.Reason
	return &a, nil
}

// SetApprovalPolicy records which writes of a kind wait, from now on.
// Errors: [ledger.RuleFundUnknown].
func (s *Store) SetApprovalPolicy(ctx context.Context, c Command, in ledger.ApprovalPolicy) (Answer, error) {
	return s.write(ctx, c, nil, func(ctx context.Context, t *tx) (any, error) {
		if in.Fund != "" {
			var v ledger.Violations
			if _, err := t.resolve(ctx, &v, named{fund: in.Fund}); err != nil {
				return nil, err
			}
			if err := v.Err(); err != nil {
				return nil, err
			}
		}
		in.RecordedBy, in.RecordedAt = t.actor.Name, t.now
		return &in, t.exec(ctx, `INSERT INTO approval_policy (kind, fund, required, above_usd, actor_id) VALUES ($1, nullif($2, ''), $3, $4, $5)`,
			in.Kind, in.Fund, in.Required, ledger.Dollars(in.AboveUSD).Fixed(), t.actor.ID)
	})
}

// ApprovalPolicies returns the policies in force, by kind, the one for every fund first.
func (s *Store) ApprovalPolicies(ctx context.Context) ([]ledger.ApprovalPolicy, error) {
	var rows []struct {
		Kind       ledger.ApprovalKind
		Fund       ledger.FundCode
		Required   bool
		AboveUSD   decimal.Decimal `db:"above_usd"`
		RecordedBy string          `db:"recorded_by"`
		RecordedAt time.Time       `db:"recorded_at"`
	}
	err := s.selectRows(ctx, &rows, `
		SELECT DISTINCT ON (p.kind, p.fund) p.kind, coalesce(p.fund, '') AS fund, p.required, p.above_usd, a.name AS recorded_by, p.recorded_at
		FROM approval_policy p JOIN actor a ON a.id = p.actor_id
		ORDER BY p.kind, p.fund NULLS FIRST, p.id DESC`)
	list := make([]ledger.ApprovalPolicy, len(rows))
	for i, r := range rows {
		list[i] = ledger.ApprovalPolicy{Kind: r.Kind, Fund: r.Fund, Required: r.Required, AboveUSD: r.AboveUSD, RecordedBy: r.RecordedBy, RecordedAt: r.RecordedAt.UTC()}
	}
	return list, err
}
