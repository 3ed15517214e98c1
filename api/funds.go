package api

import (
	"context"
	"net/http"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// Fund is a self-balancing set of books.
type Fund struct {
	Code           string `json:"code" example:"CPCJF"`
	Name           string `json:"name" example:"United Nations Crime Prevention and Criminal Justice Fund"`
	Kind           string `json:"kind" enum:"general_purpose,special_purpose" doc:"special_purpose: earmarked."`
	Parent         string `json:"parent,omitempty" doc:"Code of the fund it belongs to."`
	Recognition    string `json:"recognition" enum:"on_agreement,on_conditions,on_receipt" doc:"When a cash pledge becomes revenue, unless the pledge says otherwise."`
	ServicesInKind string `json:"services_in_kind" enum:"disclosed,recognised" doc:"What becomes of services in kind."`
	BankCharges    string `json:"bank_charges" enum:"gross,net" doc:"What a contributor is credited with when banks deduct charges: what was sent, or what arrived."`
	RateSource     string `json:"rate_source" enum:"un,ecb" doc:"Whose rates of exchange the fund takes."`
	BankAccount    string `json:"bank_account" doc:"The bank account that a receipt takes when it names none."`
	MatchThreshold int    `json:"match_threshold" example:"90" doc:"The score, of 100, from which an unambiguous match of a bank's line is applied alone; 101: never."`
	Illustrative   bool   `json:"illustrative,omitempty" doc:"The fund is made up, to show the program."`
	RecordedAt     string `json:"recorded_at" format:"date-time" example:"2026-03-01T09:30:00.123456Z"`

	Support []Support `json:"support,omitempty" doc:"What the fund pays on its expenditures, by the day from which it holds. Shown with one fund."`
}

func fundOf(f ledger.Fund) Fund {
	return Fund{Code: string(f.Code), Name: f.Name, Kind: string(f.Kind), Parent: string(f.Parent), Recognition: string(f.Recognition),
		ServicesInKind: string(f.Services), BankCharges: string(f.Charges), RateSource: string(f.RateSource), BankAccount: string(f.BankAccount),
		MatchThreshold: f.Threshold, Illustrative: f.Illustrative, RecordedAt: instantOf(f.RecordedAt)}
}

// wholeFund is a fund as it is shown by itself.
func wholeFund(f ledger.Fund, settings []ledger.Support) Fund {
	out := fundOf(f)
	for _, s := range settings {
		out.Support = append(out.Support, supportOf(s))
	}
	return out
}

// FundEdit is what can be changed of a fund.
type FundEdit struct {
	BankCharges *string `json:"bank_charges,omitempty" enum:"gross,net" doc:"Left out: as it is."`
	RateSource  *string `json:"rate_source,omitempty" enum:"un,ecb" doc:"Left out: as it is."`

	MatchThreshold *int `json:"match_threshold,omitempty" minimum:"1" maximum:"101" doc:"Left out: as it is. 101: nothing is applied alone."`
}

// EditFundInput is the request to change a fund's details.
type EditFundInput struct {
	FundInput
	Body FundEdit
}

// FundBody is a fund as it is recorded.
type FundBody struct {
	Code           string `json:"code" maxLength:"64" pattern:"^[A-Z0-9][A-Z0-9._-]*$" patternDescription:"capitals, digits, points, hyphens and underscores, beginning with a letter or digit" example:"CPCJF"`
	Name           string `json:"name" maxLength:"300" example:"United Nations Crime Prevention and Criminal Justice Fund"`
	Kind           string `json:"kind,omitempty" enum:"general_purpose,special_purpose" default:"general_purpose"`
	Parent         string `json:"parent,omitempty" maxLength:"64"`
	Recognition    string `json:"recognition,omitempty" enum:"on_agreement,on_conditions,on_receipt" default:"on_agreement"`
	ServicesInKind string `json:"services_in_kind,omitempty" enum:"disclosed,recognised" default:"disclosed"`
	BankCharges    string `json:"bank_charges,omitempty" enum:"gross,net" default:"gross"`
	RateSource     string `json:"rate_source,omitempty" enum:"un,ecb" default:"un"`
	BankAccount    string `json:"bank_account,omitempty" maxLength:"64" doc:"Left out: an account of the fund's own code, which keeps each currency apart."`
}

// RecordFundInput is the request to record a fund.
type RecordFundInput struct{ Body FundBody }

// FundInput names a fund in the path.
type FundInput struct {
	Code string `path:"code" maxLength:"64" example:"CPCJF" doc:"Code of the fund."`
}

// PagingInput has the parameters of a list without filters.
type PagingInput struct{ Paging }

func (s *Server) serveFunds(store *postgres.Store) {
	write[RecordFundInput, Fund](s, operation{ID: "record-fund", Path: "/v1/funds", Tag: "funds", Summary: "Record a fund",
		Description: "Without a bank account the fund gets one of its own, under its code, that keeps each currency apart. A code that is taken is refused.",
		Problems:    []ledger.Rule{ledger.RuleCodeTaken, ledger.RuleFundUnknown, ledger.RuleBankAccountUnknown}},
		func(ctx context.Context, r Request, in *RecordFundInput) (Answer, error) {
			b := in.Body
			a, err := store.RecordFund(ctx, command(r, 201, func(f ledger.Fund) (string, any) { return pathTo("funds", f.Code), fundOf(f) }),
				ledger.Fund{Code: ledger.FundCode(b.Code), Name: b.Name, Kind: ledger.FundKind(b.Kind), Parent: ledger.FundCode(b.Parent),
					Recognition: ledger.Recognition(b.Recognition), Services: ledger.ServicesPolicy(b.ServicesInKind),
					Charges: ledger.ChargesPolicy(b.BankCharges), RateSource: ledger.RateSource(b.RateSource), BankAccount: ledger.BankAccountCode(b.BankAccount)})
			return Answer(a), err
		})
	read(s, operation{ID: "get-fund", Path: "/v1/funds/{code}", Tag: "funds", Summary: "Show a fund", Problems: []ledger.Rule{ledger.RuleNotFound},
		Description: "With its policies and with the programme support and levy that it pays, from each day on."},
		func(ctx context.Context, in *FundInput) (Fund, error) {
			f, err := store.Fund(ctx, ledger.FundCode(in.Code))
			if err != nil {
				return Fund{}, err
			}
			settings, err := store.FundSupport(ctx, f.Code)
			return wholeFund(f, settings), err
		})
	write[EditFundInput, Fund](s, operation{ID: "edit-fund", Method: http.MethodPatch, Path: "/v1/funds/{code}", Tag: "funds", Status: 200, Edits: true,
		Summary:     "Change what postings to come take of a fund",
		Description: "What is posted stays as it is. What documents show of a fund is not edited.", Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, r Request, in *EditFundInput) (Answer, error) {
			a, err := store.EditFund(ctx, command(r, 200, func(f ledger.Fund) (string, any) { return pathTo("funds", f.Code), fundOf(f) }), ledger.FundCode(in.Code),
				postgres.FundEdit{Charges: (*ledger.ChargesPolicy)(in.Body.BankCharges), RateSource: (*ledger.RateSource)(in.Body.RateSource), Threshold: in.Body.MatchThreshold},
				func(f ledger.Fund, settings []ledger.Support) error { return unchanged(r, wholeFund(f, settings)) })
			return Answer(a), err
		})
	list(s, operation{ID: "list-funds", Path: "/v1/funds", Tag: "funds", Summary: "List funds by code",
		Description: "With their policies: when a contribution is revenue, whether services are recognised, and whose rates of exchange hold."},
		func(ctx context.Context, _ *PagingInput, w Window[string]) ([]Fund, *string, error) {
			records, err := store.Funds(ctx, first(w), w.Limit+1)
			items, next := nextOf(records, w.Limit, fundOf, func(f ledger.Fund) string { return string(f.Code) })
			return items, next, err
		})
}
