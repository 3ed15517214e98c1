package reports

import (
	"context"
	"errors"
	"slices"
	"strings"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// YearIssue is one statement of a batch.
type YearIssue struct {
	Contributor ledger.ContributorCode
	Number      ledger.StatementNumber
	Before      bool // it stood already: an earlier run of the batch issued it, or an officer did
	At, Of      int  // its place in the batch, from 1
}

// IssueAll issues a statement of a period for every contributor that has anything to tell of it, in the order of their
// codes, or for the one that r names, each in a transaction of its own, and calls done after each. Whoever has one that stands keeps it, so a batch that
// was interrupted goes on where it stopped when it is run again. command returns the command of a contributor's statement.
// Errors: [ledger.RuleFundUnknown], [ledger.RuleDateInFuture], and what done returns.
func IssueAll(ctx context.Context, store *postgres.Store, r StatementRequest, command func(ledger.ContributorCode) (postgres.Command, error), done func(YearIssue) error) error {
	if r.Bodies == "" {
		r.Bodies = WithoutBodies
	}
	if err := fundExists(ctx, store, r.Fund); err != nil {
		return err
	}
	standing, err := store.StandingStatements(ctx, postgres.StatementScope{Period: r.Period, Fund: r.Fund, Bodies: string(r.Bodies)})
	if err != nil {
		return err
	}
	codes := []ledger.ContributorCode{r.Contributor}
	if r.Contributor == "" {
		if codes, err = contributorsOf(ctx, store, r); err != nil {
			return err
		}
	}
	for i, code := range codes {
		issued := YearIssue{Contributor: code, Number: standing[code], Before: standing[code] != "", At: i + 1, Of: len(codes)}
		if !issued.Before {
			own := r
			own.Contributor = code
			if issued.Number, issued.Before, err = issueOne(ctx, store, own, command); err != nil {
				return err
			}
		}
		if err := done(issued); err != nil {
			return err
		}
	}
	return nil
}

// contributorsOf returns those who have anything to tell of a period, the survivors for the records merged into them.
func contributorsOf(ctx context.Context, store *postgres.Store, r StatementRequest) (codes []ledger.ContributorCode, err error) {
	at, err := store.SettledInstant(ctx)
	if err != nil {
		return nil, err
	}
	err = store.Read(ctx, r.Period.To, at, func(snap *postgres.Snapshot) error {
		rows, err := read[struct{ Contributor ledger.ContributorCode }](ctx, snap, "contributors of the period", statementContributors, r.Period.From, r.Period.To, r.Fund, knownAt(snap))
		if err != nil {
			return err
		}
		merges, err := readMerges(ctx, snap)
		codes = nil // of a first try
		for _, row := range rows {
			codes = append(codes, merges.Survivor(row.Contributor))
		}
		return err
	})
	slices.SortFunc(codes, func(a, b ledger.ContributorCode) int { return strings.Compare(string(a), string(b)) })
	return slices.Compact(codes), err
}

// issueOne issues a contributor's statement, or returns the one that somebody else issued meanwhile.
func issueOne(ctx context.Context, store *postgres.Store, r StatementRequest, command func(ledger.ContributorCode) (postgres.Command, error)) (number ledger.StatementNumber, before bool, err error) {
	c, err := command(r.Contributor)
	if err != nil {
		return "", false, err
	}
	answer := c.Answer
	c.Answer = func(record any) (postgres.Answer, error) {
		number = record.(*postgres.StatementRecord).Number
		return answer(record)
	}
	a, err := IssueStatement(ctx, store, c, r)
	var e *ledger.Error
	meanwhile := a.Replayed || errors.As(err, &e) && e.Rule == ledger.RuleStatementIssued
	if !meanwhile {
		return number, false, err
	}
	standing, err := store.StandingStatements(ctx, postgres.StatementScope{Period: r.Period, Fund: r.Fund, Bodies: string(r.Bodies)})
	return standing[r.Contributor], true, err
}
