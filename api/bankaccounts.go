package api

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"

	"vcledger/ledger"
	"vcledger/ledger/bankfile"
	"vcledger/ledger/postgres"
)

// CSVMapping says which column of a bank's CSV file is what: a column is named by its heading, or by its number from 1.
type CSVMapping struct {
	Encoding       string   `json:"encoding,omitempty" maxLength:"40" doc:"A name of the IANA register; left out, UTF-8."`
	Separator      string   `json:"separator,omitempty" maxLength:"1" example:";" doc:"Left out: a comma."`
	LooseQuotes    bool     `json:"loose_quotes,omitempty" doc:"Quotes stand in texts as they are."`
	HeaderRows     int      `json:"header_rows" minimum:"0" maximum:"100" doc:"Lines before the first entry, the last of which names the columns."`
	FooterRows     int      `json:"footer_rows,omitempty" minimum:"0" maximum:"100"`
	DateLayout     string   `json:"date_layout,omitempty" maxLength:"20" example:"DD.MM.YYYY"`
	DecimalComma   bool     `json:"decimal_comma,omitempty"`
	Currency       string   `json:"currency,omitempty" format:"currency" doc:"Of the account, where no column has it."`
	ValueDate      string   `json:"value_date,omitempty" maxLength:"100"`
	BookingDate    string   `json:"booking_date,omitempty" maxLength:"100"`
	Amount         string   `json:"amount,omitempty" maxLength:"100"`
	DebitPositive  bool     `json:"debit_positive,omitempty"`
	Mark           string   `json:"mark,omitempty" maxLength:"100"`
	DebitMarks     []string `json:"debit_marks,omitempty" maxItems:"20" maxLength:"100"`
	CreditMarks    []string `json:"credit_marks,omitempty" maxItems:"20" maxLength:"100"`
	Debit          string   `json:"debit,omitempty" maxLength:"100"`
	Credit         string   `json:"credit,omitempty" maxLength:"100"`
	Balance        string   `json:"balance,omitempty" maxLength:"100"`
	CurrencyColumn string   `json:"currency_column,omitempty" maxLength:"100"`
	Name           string   `json:"name,omitempty" maxLength:"100"`
	Account        string   `json:"account,omitempty" maxLength:"100"`
	Bank           string   `json:"bank,omitempty" maxLength:"100"`
	Reference      string   `json:"reference,omitempty" maxLength:"100"`
	EndToEnd       string   `json:"end_to_end,omitempty" maxLength:"100"`
	Code           string   `json:"code,omitempty" maxLength:"100"`
	Remittance     []string `json:"remittance,omitempty" maxItems:"20" maxLength:"100"`
}

// BankAccount is an account at a bank, or a cash desk.
type BankAccount struct {
	Code       string      `json:"code" example:"MAIN"`
	Name       string      `json:"name" example:"Main account"`
	Currency   string      `json:"currency,omitempty" example:"USD" doc:"Absent for an account that keeps each currency apart."`
	IBAN       string      `json:"iban,omitempty" example:"DE89370400440532013000"`
	Number     string      `json:"number,omitempty" doc:"Of an account without an IBAN, as its bank writes it."`
	Bank       string      `json:"bank,omitempty" example:"COBADEFF" doc:"BIC (ISO 9362)."`
	CSVMapping *CSVMapping `json:"csv_mapping,omitempty" doc:"Of the columns of the bank's CSV files."`
	RecordedAt string      `json:"recorded_at" format:"date-time" example:"2026-03-01T09:30:00.123456Z"`
}

func bankAccountOf(b ledger.BankAccount) BankAccount {
	out := BankAccount{Code: string(b.Code), Name: b.Name, Currency: string(b.Currency), IBAN: b.IBAN, Number: b.Number, Bank: b.Bank, RecordedAt: instantOf(b.RecordedAt)}
	if b.Mapping != nil {
		out.CSVMapping = new(CSVMapping)
		if err := json.Unmarshal(b.Mapping, out.CSVMapping); err != nil {
			out.CSVMapping = nil // a mapping of a later version; the reader refuses it
		}
	}
	return out
}

// BankAccountBody is a bank account as it is recorded.
type BankAccountBody struct {
	Code       string      `json:"code" maxLength:"64" pattern:"^[A-Z0-9][A-Z0-9._-]*$" patternDescription:"capitals, digits, points, hyphens and underscores, beginning with a letter or digit" example:"MAIN"`
	Name       string      `json:"name" maxLength:"300" example:"Main account"`
	Currency   string      `json:"currency,omitempty" format:"currency" example:"USD"`
	IBAN       string      `json:"iban,omitempty" maxLength:"34" pattern:"^[A-Z]{2}[0-9]{2}[A-Z0-9]{11,30}$" patternDescription:"an IBAN without spaces (ISO 13616)" example:"DE89370400440532013000"`
	Number     string      `json:"number,omitempty" maxLength:"64"`
	Bank       string      `json:"bank,omitempty" maxLength:"11" example:"COBADEFF"`
	CSVMapping *CSVMapping `json:"csv_mapping,omitempty"`
}

// BankAccountEdit is what can be changed of a bank account.
type BankAccountEdit struct {
	IBAN       *string     `json:"iban,omitempty" maxLength:"34" pattern:"^([A-Z]{2}[0-9]{2}[A-Z0-9]{11,30})?$" patternDescription:"an IBAN without spaces (ISO 13616), or empty" doc:"Left out: as it is. Empty: the account has none any more."`
	Number     *string     `json:"number,omitempty" maxLength:"64" doc:"Left out: as it is. Empty: the account has none any more."`
	Bank       *string     `json:"bank,omitempty" maxLength:"11" doc:"Left out: as it is. Empty: it is not known any more."`
	CSVMapping *CSVMapping `json:"csv_mapping,omitempty" doc:"Left out: as it is."`
}

// RecordBankAccountInput is the request to record a bank account.
type RecordBankAccountInput struct{ Body BankAccountBody }

// EditBankAccountInput is the request to change a bank account's details.
type EditBankAccountInput struct {
	BankAccountInput
	Body BankAccountEdit
}

// ledger returns a mapping as it is kept, checked by the reader of such files.
func (m *CSVMapping) ledger() ([]byte, error) {
	if m == nil {
		return nil, nil
	}
	data, err := json.Marshal(m)
	if err != nil {
		return nil, fmt.Errorf("encode the mapping: %w", err)
	}
	var mapping bankfile.Mapping
	if err := json.Unmarshal(data, &mapping); err != nil {
		return nil, fmt.Errorf("read the mapping: %w", err)
	}
	return data, under("/csv_mapping", mapping.Check())
}

// under puts the place of a part before the pointers of what is wrong with it.
func under(at string, err error) error {
	e, ok := err.(*ledger.Error)
	if !ok {
		return err
	}
	for i := range e.Violations {
		e.Violations[i].Pointer = at + e.Violations[i].Pointer
	}
	return e
}

func (s *Server) serveBankAccounts(store *postgres.Store) {
	accountCommand := func(r Request, status int) postgres.Command {
		return command(r, status, func(b ledger.BankAccount) (string, any) { return pathTo("bank-accounts", b.Code), bankAccountOf(b) })
	}
	write[RecordBankAccountInput, BankAccount](s, operation{ID: "record-bank-account", Path: "/v1/bank-accounts", Tag: "bank accounts", Description: "With a currency, all cash on it is kept in that one; without one it keeps each currency apart. By its IBAN or number its statements are known. A code that is taken is refused.",
		Summary: "Record a bank account", Problems: []ledger.Rule{ledger.RuleCodeTaken, ledger.RuleInvalidRequest, ledger.RuleRequired}},
		func(ctx context.Context, r Request, in *RecordBankAccountInput) (Answer, error) {
			mapping, err := in.Body.CSVMapping.ledger()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.RecordBankAccount(ctx, accountCommand(r, 201), ledger.BankAccount{Code: ledger.BankAccountCode(in.Body.Code), Name: in.Body.Name,
				Currency: ledger.Currency(in.Body.Currency), IBAN: in.Body.IBAN, Number: in.Body.Number, Bank: in.Body.Bank, Mapping: mapping})
			return Answer(a), err
		})
	read(s, operation{ID: "get-bank-account", Path: "/v1/bank-accounts/{code}", Tag: "bank accounts", Summary: "Show a bank account",
		Description: "With the IBAN or number by which its statements are known, and the mapping of its CSV files.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *BankAccountInput) (BankAccount, error) {
			b, err := store.BankAccount(ctx, ledger.BankAccountCode(in.Code))
			if err != nil {
				return BankAccount{}, err
			}
			return bankAccountOf(b), nil
		})
	write[EditBankAccountInput, BankAccount](s, operation{ID: "edit-bank-account", Method: http.MethodPatch, Path: "/v1/bank-accounts/{code}", Tag: "bank accounts", Status: 200, Edits: true,
		Summary: "Change by what the statements of a bank account are known", Description: "What was imported stays. The currency is not edited.",
		Problems: []ledger.Rule{ledger.RuleNotFound, ledger.RuleCodeTaken, ledger.RuleInvalidRequest, ledger.RuleRequired}},
		func(ctx context.Context, r Request, in *EditBankAccountInput) (Answer, error) {
			mapping, err := in.Body.CSVMapping.ledger()
			if err != nil {
				return Answer{}, err
			}
			a, err := store.EditBankAccount(ctx, accountCommand(r, 200), ledger.BankAccountCode(in.Code),
				postgres.BankAccountEdit{IBAN: in.Body.IBAN, Number: in.Body.Number, Bank: in.Body.Bank, Mapping: mapping},
				func(b ledger.BankAccount) error { return unchanged(r, bankAccountOf(b)) })
			return Answer(a), err
		})
	list(s, operation{ID: "list-bank-accounts", Path: "/v1/bank-accounts", Tag: "bank accounts", Summary: "List bank accounts by code",
		Description: "Every fund has one of its own unless it was recorded with another."},
		func(ctx context.Context, _ *PagingInput, w Window[string]) ([]BankAccount, *string, error) {
			records, err := store.BankAccounts(ctx, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, bankAccountOf, func(b ledger.BankAccount) string { return string(b.Code) })
			return items, next, err
		})
}
