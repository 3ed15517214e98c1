package api

import (
	"context"
	"encoding/hex"
	"fmt"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// IssuedStatement is what is told beside an issued statement.
type IssuedStatement struct {
	Number       string `json:"number" example:"2026/000123" doc:"The year of issue and a number that has no gap in the year."`
	Contributor  string `json:"contributor" example:"NLD"`
	From         Date   `json:"from"`
	To           Date   `json:"to"`
	Fund         string `json:"fund,omitempty" example:"CPCJF" doc:"Absent: all funds."`
	Bodies       string `json:"bodies" example:"without" doc:"What it does with the bodies under the contributor."`
	AsOf         Date   `json:"as_of"`
	KnownAt      string `json:"known_at" format:"date-time" doc:"What was recorded later is not in it."`
	Previous     string `json:"previous,omitempty" example:"2025/000119" doc:"The statement since which it lists the changes."`
	Supersedes   string `json:"supersedes,omitempty" example:"2026/000007" doc:"The statement that it takes the place of."`
	Reason       string `json:"reason,omitempty" doc:"Why it supersedes."`
	SupersededBy string `json:"superseded_by,omitempty" example:"2026/000124" doc:"The statement that took its place; absent while it stands."`
	SHA256       string `json:"sha256" example:"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08" doc:"Of the document in JSON, byte for byte."`
	Document     string `json:"document" example:"/v1/statements/2026-000123" doc:"The path of the statement itself."`
	IssuedBy     string `json:"issued_by"`
	IssuedAt     string `json:"issued_at" format:"date-time"`
}

func issuedStatementOf(s *postgres.StatementRecord) IssuedStatement {
	return IssuedStatement{Number: string(s.Number), Contributor: string(s.Contributor), From: dateOf(s.Period.From), To: dateOf(s.Period.To), Fund: string(s.Fund),
		Bodies: s.Bodies, AsOf: dateOf(s.AsOf), KnownAt: instantOf(s.KnownAt), Previous: string(s.Previous), Supersedes: string(s.Supersedes), Reason: s.Reason,
		SupersededBy: string(s.SupersededBy), SHA256: hex.EncodeToString(s.SHA256), Document: statementPath(s.Number), IssuedBy: s.IssuedBy, IssuedAt: instantOf(s.IssuedAt)}
}

func statementPath(n ledger.StatementNumber) string { return pathTo("statements", n.Path()) }

// StatementBody says which statement is to be issued.
type StatementBody struct {
	From   Date   `json:"from" doc:"First day of the period."`
	To     Date   `json:"to" doc:"Last day of the period, which is not later than today."`
	Fund   string `json:"fund,omitempty" maxLength:"64" example:"CPCJF" doc:"Code of one fund; left out, all funds."`
	Bodies string `json:"bodies,omitempty" enum:"without,together,apart" doc:"What to do with the bodies under the contributor, as in the preview; left out, without."`
}

// IssueStatementInput is the request to issue a statement.
type IssueStatementInput struct {
	ContributorInput
	Body StatementBody
}

// IssuedStatementsInput asks for the statements of a contributor.
type IssuedStatementsInput struct {
	ContributorInput
	Paging
}

// StatementNumberInput names an issued statement in the path.
type StatementNumberInput struct {
	Number string `path:"number" maxLength:"64" example:"2026-000123" doc:"Number of the statement, with a hyphen in the place of the slash."`
}

// IssuedStatementInput asks for an issued statement.
type IssuedStatementInput struct {
	StatementNumberInput
	Formatted
}

// SupersessionBody says why a statement is issued anew.
type SupersessionBody struct {
	Reason string `json:"reason" maxLength:"500" example:"A receipt of December was recorded late" doc:"Told to the contributor on the new statement."`
}

// SupersedeStatementInput is the request to issue a statement anew.
type SupersedeStatementInput struct {
	StatementNumberInput
	Body SupersessionBody
}

func statementCommand(r Request) postgres.Command {
	return command(r, 201, func(s *postgres.StatementRecord) (string, any) { return statementPath(s.Number), issuedStatementOf(s) })
}

func (s *Server) serveIssuedStatements(store *postgres.Store) {
	write[IssueStatementInput, IssuedStatement](s, operation{ID: "issue-statement", Path: "/v1/contributors/{code}/statements", Tag: "statements", Summary: "Issue a contributor's statement",
		Description: "The statement gets the next number of the year and is frozen: it is the same bytes for ever, whatever is recorded later. It lists what its predecessor " +
			"of the same fund and bodies did not have of its own days. A period is stated once; what changed is told by superseding the statement.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleFundUnknown, ledger.RuleDateOrder, ledger.RuleDateInFuture, ledger.RuleStatementIssued}},
		func(ctx context.Context, r Request, in *IssueStatementInput) (Answer, error) {
			period := ledger.Period{From: in.Body.From.Ledger(), To: in.Body.To.Ledger()}
			if period.To.Before(period.From) {
				var v ledger.Violations
				v.Add("/to", ledger.RuleDateOrder, "The period ends before it begins, on %s.", period.From)
				return Answer{}, v.Err()
			}
			a, err := reports.IssueStatement(ctx, store, statementCommand(r), reports.StatementRequest{Contributor: ledger.ContributorCode(in.Code), Period: period,
				Fund: ledger.FundCode(in.Body.Fund), Bodies: reports.Bodies(in.Body.Bodies)})
			return Answer(a), err
		})
	write[SupersedeStatementInput, IssuedStatement](s, operation{ID: "supersede-statement", Path: "/v1/statements/{number}/supersession", Tag: "statements", Summary: "Issue a statement anew",
		Description: "A new statement of the same contributor, period, fund and bodies, from the books as they are known now, takes the place of one that stands. It says which, " +
			"why, and what changed. The superseded statement stays as it was, and says by which it was superseded.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleStatementSuperseded}},
		func(ctx context.Context, r Request, in *SupersedeStatementInput) (Answer, error) {
			number, err := ledger.ParseStatementNumber(in.Number)
			if err != nil {
				return Answer{}, err
			}
			a, err := reports.SupersedeStatement(ctx, store, statementCommand(r), number, in.Body.Reason)
			return Answer(a), err
		})
	list(s, operation{ID: "list-statements", Path: "/v1/contributors/{code}/statements", Tag: "statements", Summary: "List a contributor's issued statements, the newest first",
		Description: "What is told beside each: its number, period, hash, and what it supersedes or is superseded by. To a donor, another's are not there (404).",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *IssuedStatementsInput, w Window[string]) ([]IssuedStatement, *string, error) {
			c, err := store.Contributor(ctx, ledger.ContributorCode(in.Code))
			if err != nil {
				return nil, nil, err
			}
			records, err := store.Statements(ctx, c.Code, ledger.StatementNumber(first(w)), w.Limit+1)
			items, next := nextOf(records, w.Limit, issuedStatementOf, func(s *postgres.StatementRecord) string { return string(s.Number) })
			return items, next, err
		})
	document(s, operation{ID: "get-statement", Path: "/v1/statements/{number}", Tag: "statements", Summary: "Show an issued statement",
		Description: "Made from the frozen document and from nothing else; in JSON it is that document byte for byte. Of a superseded statement, the Link header leads to the one " +
			"that took its place (rel=successor-version, RFC 5829).",
		Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *IssuedStatementInput) (*reports.Statement, error) {
			number, err := ledger.ParseStatementNumber(in.Number)
			if err != nil {
				return nil, err
			}
			issued, err := store.Statement(ctx, number)
			if err != nil {
				return nil, err
			}
			if issued.SupersededBy != "" {
				callFrom(ctx).link = fmt.Sprintf("<%s>; rel=%q", statementPath(issued.SupersededBy), "successor-version")
			}
			return reports.Thaw(issued)
		})
}
