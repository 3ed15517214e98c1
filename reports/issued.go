package reports

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Issue is what makes a statement an issued one. By what it is superseded later is not in the document, which never
// changes, but told beside it.
type Issue struct {
	Number     ledger.StatementNumber `json:"number"`
	Supersedes ledger.StatementNumber `json:"supersedes,omitempty"`
	Reason     string                 `json:"reason,omitempty"` // why it supersedes
}

// issueAttempts bounds how often a statement is built anew because another one of the contributor was issued meanwhile.
const issueAttempts = 5

// IssueStatement builds a contributor's statement from the books as they are settled now, numbers and freezes it, with what
// changed since the last one. The record of the answer is a *[postgres.StatementRecord].
// Errors: [ledger.RuleNotFound], [ledger.RuleFundUnknown], [ledger.RuleDateOrder], [ledger.RuleDateInFuture],
// [ledger.RuleStatementIssued], [ledger.RuleUnavailable] when others of the contributor are issued all the time.
func IssueStatement(ctx context.Context, store *postgres.Store, c postgres.Command, r StatementRequest) (postgres.Answer, error) {
	if err := fundExists(ctx, store, r.Fund); err != nil {
		return postgres.Answer{}, err
	}
	return issue(ctx, store, c, r, Issue{})
}

// SupersedeStatement issues a statement anew, for the same contributor, period, fund and bodies, from the books as they are
// settled now.
// Errors: [ledger.RuleNotFound], [ledger.RuleStatementSuperseded].
func SupersedeStatement(ctx context.Context, store *postgres.Store, c postgres.Command, number ledger.StatementNumber, reason string) (postgres.Answer, error) {
	old, err := store.Statement(ctx, number)
	if err != nil {
		return postgres.Answer{}, err
	}
	return issue(ctx, store, c, requestOf(old), Issue{Supersedes: number, Reason: reason})
}

func fundExists(ctx context.Context, store *postgres.Store, fund ledger.FundCode) error {
	if fund == "" {
		return nil
	}
	var e *ledger.Error
	_, err := store.Fund(ctx, fund)
	if errors.As(err, &e) && e.Rule == ledger.RuleNotFound {
		var v ledger.Violations
		v.Add("/fund", ledger.RuleFundUnknown, "No fund has the code %s.", fund)
		return v.Err()
	}
	return err
}

// requestOf returns what an issued statement was built for.
func requestOf(s *postgres.StatementRecord) StatementRequest {
	return StatementRequest{Contributor: s.Contributor, Period: s.Period, Fund: s.Fund, Bodies: Bodies(s.Bodies)}
}

// issue builds the statement before the write, so that nobody waits for it, and again when the write finds it overtaken.
func issue(ctx context.Context, store *postgres.Store, c postgres.Command, r StatementRequest, as Issue) (postgres.Answer, error) {
	if r.Bodies == "" {
		r.Bodies = WithoutBodies
	}
	for attempt := 1; ; attempt++ {
		in, err := prepare(ctx, store, r, as)
		if err != nil {
			return postgres.Answer{}, err
		}
		a, err := store.IssueStatement(ctx, c, in)
		if !errors.Is(err, postgres.ErrStatementOvertaken) {
			return a, err
		}
		if attempt == issueAttempts {
			return a, ledger.Fail(ledger.RuleUnavailable, "Too many statements of this contributor are being issued.")
		}
	}
}

// prepare builds a statement that is to be issued.
func prepare(ctx context.Context, store *postgres.Store, r StatementRequest, as Issue) (postgres.StatementInput, error) {
	in := postgres.StatementInput{StatementScope: postgres.StatementScope{Contributor: r.Contributor, Period: r.Period, Fund: r.Fund, Bodies: string(r.Bodies)},
		AsOf: r.Period.To, Supersedes: as.Supersedes, Reason: as.Reason}
	last, err := store.LastStatement(ctx, in.StatementScope)
	if err != nil {
		return in, err
	}
	if last != nil {
		in.Previous = last.Number
	}
	if in.KnownAt, err = store.SettledInstant(ctx); err != nil {
		return in, err
	}
	var built *Statement
	if err := store.Read(ctx, in.AsOf, in.KnownAt, func(snap *postgres.Snapshot) (err error) {
		built, err = buildIssued(ctx, snap, r, last)
		return err
	}); err != nil {
		return in, err
	}
	if in.Proof, err = store.Prove(ctx, postgres.ProofScope{Contributors: built.codes(), Fund: r.Fund, Period: r.Period, KnownAt: in.KnownAt}); err != nil {
		return in, err
	}
	in.Freeze = func(number ledger.StatementNumber) ([]byte, error) {
		as.Number = number
		built.Issued = &as
		return built.Canonical()
	}
	return in, nil
}

// buildIssued builds a statement with the changes since the one before, if there is one.
func buildIssued(ctx context.Context, snap *postgres.Snapshot, r StatementRequest, last *postgres.StatementRecord) (*Statement, error) {
	b, err := buildWhole(ctx, snap, r)
	if err != nil || last == nil {
		return b.statement(), err
	}
	since := Previous{Number: last.Number, Period: Period{Date{last.Period.From}, Date{last.Period.To}}, KnownAt: last.KnownAt}
	b.Changes, err = b.readChanges(since, b.allCodes)
	return b.Statement, err
}

// Canonical returns the statement as it is frozen, by [WriteCanonical].
func (s *Statement) Canonical() ([]byte, error) { return canonical(s) }

// codes are the contributors whose lines are in the statement.
func (s *Statement) codes() []ledger.ContributorCode {
	list := append([]ledger.ContributorCode{s.Contributor.Code}, s.Absorbed...)
	for _, c := range s.Together {
		list = append(list, c.Code)
	}
	for _, b := range s.Bodies {
		list = append(list, b.codes()...)
	}
	return list
}

// Thaw returns the statement that was issued, from its frozen bytes alone: every format is made from it.
func Thaw(issued *postgres.StatementRecord) (*Statement, error) {
	var s Statement
	if err := json.Unmarshal(issued.Document, &s); err != nil {
		return nil, fmt.Errorf("read statement %s: %w", issued.Number, err)
	}
	if len(issued.Proof) > 0 {
		if err := json.Unmarshal(issued.Proof, &s.Proof); err != nil {
			return nil, fmt.Errorf("read the proof of statement %s: %w", issued.Number, err)
		}
	}
	return &s, nil
}

// Rebuild builds an issued statement again from the books, as of its date and as known at its instant, and returns the
// bytes: those of a ledger that keeps its word are the frozen ones.
func Rebuild(ctx context.Context, store *postgres.Store, issued *postgres.StatementRecord) ([]byte, error) {
	var last *postgres.StatementRecord
	if issued.Previous != "" {
		var err error
		if last, err = store.Statement(ctx, issued.Previous); err != nil {
			return nil, err
		}
	}
	var built *Statement
	if err := store.Read(ctx, issued.AsOf, issued.KnownAt, func(snap *postgres.Snapshot) (err error) {
		built, err = buildIssued(ctx, snap, requestOf(issued), last)
		return err
	}); err != nil {
		return nil, err
	}
	built.Issued = &Issue{Number: issued.Number, Supersedes: issued.Supersedes, Reason: issued.Reason}
	return built.Canonical()
}
