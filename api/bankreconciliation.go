package api

import (
	"context"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// BankDifference is an item that makes the bank's balance another than the books'.
type BankDifference struct {
	Item        string `json:"item" example:"line 0198c2a4-7f30-7c55-9d3e-000000000001" doc:"What an explanation names."`
	Kind        string `json:"kind" enum:"opening,missing_statement,not_booked,amount_differs,not_on_statement,flagged"`
	Date        Date   `json:"date"`
	Amount      string `json:"amount" example:"-25.00" doc:"What it adds to the bank's balance over the books', in the currency."`
	Description string `json:"description"`
	Explanation string `json:"explanation,omitempty" doc:"Absent: it has to be explained, or decided on."`
}

// BankSignOff says that somebody has looked at the month.
type BankSignOff struct {
	ID         ID     `json:"id" format:"uuid"`
	Note       string `json:"note,omitempty"`
	RecordedBy string `json:"recorded_by"`
	RecordedAt string `json:"recorded_at" format:"date-time"`
}

// CurrencyReconciliation holds the bank against the books in one currency.
type CurrencyReconciliation struct {
	Bank       *Balance         `json:"bank,omitempty" doc:"Absent when no statement says it."`
	Books      Balance          `json:"books"`
	Difference *Balance         `json:"difference,omitempty" doc:"The bank's less the books'."`
	Items      []BankDifference `json:"items" doc:"They add up to the difference."`
	Explained  bool             `json:"explained" doc:"Every item is."`
	SignedOff  *BankSignOff     `json:"signed_off,omitempty" doc:"It holds while both balances stay."`
}

// BankReconciliation holds a bank account against the books at the end of a day.
type BankReconciliation struct {
	BankAccount string                   `json:"bank_account"`
	Date        Date                     `json:"date"`
	Currencies  []CurrencyReconciliation `json:"currencies"`
}

func currencyReconciliationOf(r postgres.Reconciliation) CurrencyReconciliation {
	out := CurrencyReconciliation{Books: signedOf(r.Books), Items: make([]BankDifference, len(r.Items)), Explained: r.Bank != nil && len(r.Unexplained()) == 0}
	if r.Bank != nil {
		out.Bank = new(signedOf(*r.Bank))
		out.Difference = new(signedOf(ledger.Money{Amount: r.Difference(), Currency: r.Currency}))
	}
	for i, d := range r.Items {
		out.Items[i] = BankDifference{d.Item, d.Kind, dateOf(d.Date), d.Amount, d.Description, d.Explanation}
	}
	if r.SignedOff != nil {
		out.SignedOff = &BankSignOff{idOf(r.SignedOff.ID), r.SignedOff.Note, r.SignedOff.RecordedBy, instantOf(r.SignedOff.RecordedAt)}
	}
	return out
}

func bankReconciliationOf(account string, on Date, list []postgres.Reconciliation) BankReconciliation {
	out := BankReconciliation{BankAccount: account, Date: on, Currencies: make([]CurrencyReconciliation, len(list))}
	for i, r := range list {
		out.Currencies[i] = currencyReconciliationOf(r)
	}
	return out
}

// BankAccountInput names a bank account in the path.
type BankAccountInput struct {
	Code string `path:"code" maxLength:"64" doc:"Code of the bank account."`
}

// ReconcileInput asks for a reconciliation.
type ReconcileInput struct {
	BankAccountInput
	Date Date `query:"date" required:"true" example:"2026-03-31" doc:"The day at whose end both are held against each other."`
}

// ExplanationBody says why an item makes a difference.
type ExplanationBody struct {
	Date Date   `json:"date" doc:"Of the reconciliation that has the item."`
	Item string `json:"item" maxLength:"60" example:"opening USD"`
	Note string `json:"note" maxLength:"500"`
}

// ExplainBankItemInput is the request to explain an item.
type ExplainBankItemInput struct {
	BankAccountInput
	Body ExplanationBody
}

// SignOffBody signs a month off.
type SignOffBody struct {
	Month string `json:"month" maxLength:"7" example:"2026-03"`
	Note  string `json:"note,omitempty" maxLength:"500"`
}

// SignOffBankInput is the request to sign a month off.
type SignOffBankInput struct {
	BankAccountInput
	Body SignOffBody
}

func (s *Server) serveBankReconciliation(store *postgres.Store) {
	read(s, operation{ID: "reconcile-bank", Path: "/v1/bank-accounts/{code}/reconciliation", Tag: "bank statements", Summary: "Hold a bank account against the books",
		Description: "The bank's balance, the books', and every item that makes the difference: lines that are not booked, cash of the books that is on no statement, and what the first statement began with.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *ReconcileInput) (BankReconciliation, error) {
			list, err := store.Reconcile(ctx, ledger.BankAccountCode(in.Code), in.Date.Ledger())
			return bankReconciliationOf(in.Code, in.Date, list), err
		})
	write[ExplainBankItemInput, CurrencyReconciliation](s, operation{ID: "explain-bank-item", Path: "/v1/bank-accounts/{code}/explanations", Tag: "bank statements",
		Summary: "Explain an item between the bank's balance and the books'", Description: "It posts nothing; of several for one item the last one counts.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, r Request, in *ExplainBankItemInput) (Answer, error) {
			a, err := store.ExplainBankItem(ctx, command(r, 201, func(rec postgres.Reconciliation) (string, any) {
				return pathTo("bank-accounts", rec.BankAccount), currencyReconciliationOf(rec)
			}), ledger.BankAccountCode(in.Code), in.Body.Date.Ledger(), in.Body.Item, in.Body.Note)
			return Answer(a), err
		})
	write[SignOffBankInput, BankReconciliation](s, operation{ID: "sign-off-bank", Path: "/v1/bank-accounts/{code}/sign-offs", Tag: "bank statements", Summary: "Sign a month of a bank account off",
		Description: "When every item of the difference is explained. The closing of the month or the year asks for it where the balances differ; it holds while they stay.",
		Problems:    []ledger.Rule{ledger.RuleNotFound, ledger.RuleDate, ledger.RuleBankMonth, ledger.RuleBankUnexplained}},
		func(ctx context.Context, r Request, in *SignOffBankInput) (Answer, error) {
			month, err := periodAt("/month", in.Body.Month)
			if err == nil && month.IsYear() {
				var v ledger.Violations
				v.Add("/month", ledger.RuleDate, "A month is written 2026-03.")
				err = v.Err()
			}
			if err != nil {
				return Answer{}, err
			}
			a, err := store.SignOffBank(ctx, command(r, 201, func(list []postgres.Reconciliation) (string, any) {
				return pathTo("bank-accounts", in.Code), bankReconciliationOf(in.Code, dateOf(month.To), list)
			}), ledger.BankAccountCode(in.Code), month, in.Body.Note)
			return Answer(a), err
		})
}
