package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"io"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/bankfile"
	"vcledger/ledger/postgres"
)

// maxUpload is how many bytes a bank's file may have; a larger one is loaded by the command.
const maxUpload = 32 << 20

// bankTypes are the media types of banks' files: camt.053 and camt.054 are XML, MT940 is text.
var bankTypes = []string{"application/xml", "text/xml", "text/plain", "application/octet-stream", csvType}

// csvType is the media type of columns (RFC 4180).
const csvType = "text/csv"

// StatementProblem is something of a statement that does not add up.
type StatementProblem struct {
	Line   int    `json:"line" doc:"Of the file, from 1; 0 for the whole."`
	Code   string `json:"code" example:"not_joined"`
	Detail string `json:"detail"`
}

// StatementBalance is what stood on the account at a day.
type StatementBalance struct {
	Date   Date    `json:"date"`
	Amount Balance `json:"amount"`
}

// BankStatement is a statement of an account as its bank sent it.
type BankStatement struct {
	ID             ID                 `json:"id" format:"uuid"`
	BankAccount    string             `json:"bank_account"`
	File           string             `json:"file" doc:"The file's name."`
	SHA256         string             `json:"sha256" doc:"Of the file's bytes; a file is imported once."`
	Part           int                `json:"part" doc:"Which statement of the file it is."`
	Format         string             `json:"format" example:"camt.053.001.08"`
	Identification string             `json:"identification,omitempty"`
	Sequence       string             `json:"sequence,omitempty"`
	From           Date               `json:"from,omitempty"`
	To             Date               `json:"to,omitempty"`
	Opening        *StatementBalance  `json:"opening,omitempty" doc:"Absent when the file has none."`
	Closing        *StatementBalance  `json:"closing,omitempty"`
	Total          Balance            `json:"total" doc:"Of its entries."`
	Lines          int                `json:"lines" doc:"That were new."`
	Repeated       int                `json:"repeated" doc:"That an earlier statement had already."`
	Waiting        int                `json:"waiting" doc:"Lines on which nobody has decided."`
	Problems       []StatementProblem `json:"problems" doc:"What does not add up. The statement is kept; the reconciliation asks for an explanation."`
	RecordedBy     string             `json:"recorded_by"`
	RecordedAt     string             `json:"recorded_at" format:"date-time"`
}

func signedOf(m ledger.Money) Balance { return Balance{m.Fixed(), string(m.Currency)} }

func bankStatementOf(s postgres.BankStatementRecord) BankStatement {
	out := BankStatement{ID: idOf(s.ID), BankAccount: string(s.BankAccount), File: s.File, SHA256: s.SHA256, Part: s.Part, Format: s.Format, Identification: s.Identification,
		Sequence: s.Sequence, From: dateOf(s.From), To: dateOf(s.To), Opening: statementBalance(s.Opening), Closing: statementBalance(s.Closing), Total: signedOf(s.Total),
		Lines: s.Lines, Repeated: s.Repeated, Waiting: s.Waiting, Problems: make([]StatementProblem, len(s.Problems)), RecordedBy: s.RecordedBy, RecordedAt: instantOf(s.RecordedAt)}
	for i, p := range s.Problems {
		out.Problems[i] = StatementProblem(p)
	}
	return out
}

func statementBalance(b *bankfile.Balance) *StatementBalance {
	if b == nil {
		return nil
	}
	return &StatementBalance{dateOf(b.Date), signedOf(b.Amount)}
}

// ImportedStatements are the statements of one file.
type ImportedStatements struct {
	Statements []BankStatement `json:"statements"`
}

// ImportBankStatementsInput is the request to import a bank's file.
type ImportBankStatementsInput struct {
	BankAccount string `query:"bank_account" maxLength:"64" doc:"Code of the account; left out, it is found by the IBAN or the number in the file. A CSV file names none, so it is needed."`
	File        string `query:"file" maxLength:"300" example:"stmt-2026-03.xml" doc:"The file's name, for a person."`
}

// BankStatementInput names a statement in the path.
type BankStatementInput struct {
	ID ID `path:"id" format:"uuid" doc:"Identifier of the statement."`
}

// BankStatementsInput has the filter of the list of statements.
type BankStatementsInput struct {
	Paging
	BankAccount string `query:"bank_account" maxLength:"64" doc:"Code of the bank account."`
}

// MatchRefusal is why a sure match could not be applied.
type MatchRefusal struct {
	Line   ID     `json:"line" format:"uuid"`
	Code   string `json:"code" doc:"The rule, as in a problem's type."`
	Detail string `json:"detail"`
}

// MatchResult is what a run over the lines that wait has done.
type MatchResult struct {
	Statement ID             `json:"statement" format:"uuid"`
	Lines     int            `json:"lines" doc:"That waited."`
	Linked    int            `json:"linked" doc:"With what is in the books under the same bank reference and amount."`
	Applied   int            `json:"applied" doc:"Alone, by the threshold of the fund."`
	Suggested int            `json:"suggested" doc:"That wait for an officer with a suggestion."`
	Unknown   int            `json:"unknown" doc:"That wait without one."`
	Refused   []MatchRefusal `json:"refused" doc:"Sure matches that could not be booked, such as in a closed period; they wait."`
}

func (s *Server) serveBankStatements(store *postgres.Store) {
	write[ImportBankStatementsInput, ImportedStatements](s, operation{ID: "import-bank-statements", Path: "/v1/bank-statements", Tag: "bank statements", Upload: bankTypes,
		Summary: "Import a bank's file: camt.053, camt.054, MT940 or CSV",
		Description: "The body is the file as the bank sent it. It is taken whole or not at all, and once; a line that an earlier statement has is not taken again. " +
			"A statement that does not add up or does not join the one before is kept and flagged. Nothing is booked before POST /v1/bank-statements/{id}/match or a decision.",
		Problems: []ledger.Rule{ledger.RuleBankFile, ledger.RuleBankFileKnown, ledger.RuleBankAccountUnknown, ledger.RuleCurrencyMismatch, ledger.RuleAmountScale}},
		func(ctx context.Context, r Request, in *ImportBankStatementsInput) (Answer, error) {
			c := callFrom(ctx)
			a, err := store.ImportBankStatements(ctx, command(r, 201, func(list []postgres.BankStatementRecord) (string, any) {
				out := ImportedStatements{make([]BankStatement, len(list))}
				for i, rec := range list {
					out.Statements[i] = bankStatementOf(rec)
				}
				return pathTo("bank-statements", list[0].ID), out
			}), postgres.BankImport{File: in.File, SHA256: sha256.Sum256(c.upload), Account: ledger.BankAccountCode(in.BankAccount), CSV: c.uploadType == csvType,
				Open: func() (io.Reader, error) { return bytes.NewReader(c.upload), nil }})
			return Answer(a), err
		})
	list(s, operation{ID: "list-bank-statements", Path: "/v1/bank-statements", Tag: "bank statements", Summary: "List bank statements, the first imported first",
		Description: "With their balances, how many lines wait for a decision, and what does not add up."},
		func(ctx context.Context, in *BankStatementsInput, w Window[uuid.UUID]) ([]BankStatement, *uuid.UUID, error) {
			records, err := store.BankStatements(ctx, ledger.BankAccountCode(in.BankAccount), first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, bankStatementOf, func(r postgres.BankStatementRecord) uuid.UUID { return r.ID })
			return items, next, err
		})
	read(s, operation{ID: "get-bank-statement", Path: "/v1/bank-statements/{id}", Tag: "bank statements", Summary: "Show a bank statement",
		Description: "Its balances, its problems, and how many of its lines wait. The lines are a list of their own.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *BankStatementInput) (BankStatement, error) {
			rec, err := store.BankStatement(ctx, in.ID.ledger())
			if err != nil {
				return BankStatement{}, err
			}
			return bankStatementOf(rec), nil
		})
	write[BankStatementInput, MatchResult](s, operation{ID: "match-bank-statement", Path: "/v1/bank-statements/{id}/match", Tag: "bank statements", Status: 200,
		Summary: "Link and apply what is sure of a statement's lines",
		Description: "Lines under whose bank reference the books have the same amount already are linked with it and booked no second time. A line is applied alone when its best suggestion is unambiguous " +
			"and reaches the fund's match_threshold; what an officers' rule says is no contribution is marked so. The others wait. It can be run again at any time.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RulePeriodClosed}},
		func(ctx context.Context, r Request, in *BankStatementInput) (Answer, error) {
			a, err := store.MatchBankStatement(ctx, command(r, 200, func(m *postgres.MatchResult) (string, any) {
				out := MatchResult{Statement: idOf(m.Statement), Lines: m.Lines, Linked: m.Linked, Applied: m.Applied, Suggested: m.Suggested, Unknown: m.Unknown, Refused: make([]MatchRefusal, len(m.Refused))}
				for i, f := range m.Refused {
					out.Refused[i] = MatchRefusal{idOf(f.Line), string(f.Rule), f.Detail}
				}
				return pathTo("bank-statements", m.Statement), out
			}), in.ID.ledger(), nil)
			return Answer(a), err
		})
	s.serveBankLines(store)
	s.serveBankRules(store)
	s.serveBankReconciliation(store)
}
