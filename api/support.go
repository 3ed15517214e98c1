package api

import (
	"context"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// Support is what a fund pays on its expenditures from a day on, until the next setting.
type Support struct {
	Fund        string `json:"fund" example:"CPCJF"`
	From        Date   `json:"effective_date" doc:"The day from which it holds."`
	Rate        string `json:"support_rate" example:"13" doc:"Programme support, per cent of expenditure."`
	SupportFund string `json:"support_fund,omitempty" example:"PSC" doc:"The fund that receives it."`
	LevyRate    string `json:"levy_rate" example:"1" doc:"A second charge, per cent of expenditure."`
	LevyFund    string `json:"levy_fund,omitempty" example:"RCS"`
	Document    string `json:"document_reference,omitempty"`
	RecordedAt  string `json:"recorded_at" format:"date-time"`
}

func supportOf(s ledger.Support) Support {
	return Support{Fund: string(s.Fund), From: dateOf(s.From), Rate: s.Rate.String(), SupportFund: string(s.To), LevyRate: s.LevyRate.String(),
		LevyFund: string(s.LevyTo), Document: s.Document, RecordedAt: instantOf(s.RecordedAt)}
}

// SupportBody is what a fund pays from a day on.
type SupportBody struct {
	From        Date   `json:"effective_date" doc:"The day from which it holds. What was charged before stays as it was."`
	Rate        string `json:"support_rate,omitempty" maxLength:"10" pattern:"^[0-9]{1,3}(\\.[0-9]{1,4})?$" patternDescription:"per cent, digits with at most four decimals" default:"13"`
	SupportFund string `json:"support_fund,omitempty" maxLength:"64" example:"PSC" doc:"Needed for a rate above 0."`
	LevyRate    string `json:"levy_rate,omitempty" maxLength:"10" pattern:"^[0-9]{1,3}(\\.[0-9]{1,4})?$" patternDescription:"per cent, digits with at most four decimals" default:"0"`
	LevyFund    string `json:"levy_fund,omitempty" maxLength:"64" doc:"Needed for a rate above 0."`
	Document    string `json:"document_reference,omitempty" maxLength:"300"`
}

// RecordSupportInput is the request to set what a fund pays.
type RecordSupportInput struct {
	FundInput
	Body SupportBody
}

// PledgeSupport are the rates that an agreement fixes for the expenditure of its pledge.
type PledgeSupport struct {
	Pledge     ID     `json:"pledge" format:"uuid"`
	From       Date   `json:"effective_date"`
	Rate       string `json:"support_rate,omitempty" example:"7" doc:"Absent: the fund's."`
	LevyRate   string `json:"levy_rate,omitempty" example:"0" doc:"Absent: the fund's."`
	Document   string `json:"document_reference,omitempty"`
	RecordedAt string `json:"recorded_at" format:"date-time"`
}

func pledgeSupportOf(s ledger.PledgeSupport) PledgeSupport {
	return PledgeSupport{Pledge: idOf(s.Pledge), From: dateOf(s.From), Rate: optionalRate(s.Rate), LevyRate: optionalRate(s.LevyRate), Document: s.Document,
		RecordedAt: instantOf(s.RecordedAt)}
}

func optionalRate(d decimal.NullDecimal) string {
	if !d.Valid {
		return ""
	}
	return d.Decimal.String()
}

// PledgeSupportBody are the rates of an agreement.
type PledgeSupportBody struct {
	From     Date   `json:"effective_date" doc:"The day from which they hold."`
	Rate     string `json:"support_rate,omitempty" maxLength:"10" pattern:"^[0-9]{1,3}(\\.[0-9]{1,4})?$" patternDescription:"per cent, digits with at most four decimals" example:"7" doc:"Left out: the fund's."`
	LevyRate string `json:"levy_rate,omitempty" maxLength:"10" pattern:"^[0-9]{1,3}(\\.[0-9]{1,4})?$" patternDescription:"per cent, digits with at most four decimals" doc:"Left out: the fund's."`
	Document string `json:"document_reference,omitempty" maxLength:"300" example:"Agreement 2026/7"`
}

// RecordPledgeSupportInput is the request to fix the rates of a pledge.
type RecordPledgeSupportInput struct {
	PledgeInput
	Body PledgeSupportBody
}

// percent reads a rate of a request, whose form the schema checked; an empty one was left out.
func percent(s string) decimal.NullDecimal {
	d, err := decimal.NewFromString(s)
	return decimal.NullDecimal{Decimal: d, Valid: err == nil}
}

// AvailableInput asks for what a fund can spend.
type AvailableInput struct {
	FundInput
	Formatted
	Known
	AsOf Date `query:"as_of" doc:"What is effective later does not count. Left out: today."`
}

// UseInput asks for what became of a pledge's cash.
type UseInput struct {
	PledgeInput
	Formatted
	Known
	AsOf Date `query:"as_of" doc:"What is effective later does not count. Left out: today."`
}

func (s *Server) serveSupport(store *postgres.Store) {
	write[RecordSupportInput, Support](s, operation{ID: "record-support", Path: "/v1/funds/{code}/support", Tag: "funds", Summary: "Set a fund's programme support and levy from a day on",
		Description: "Of two settings of one day, the one recorded later holds. A fund that pays none says so with the rate 0.",
		Problems:    []ledger.Rule{ledger.RuleNotFound, ledger.RuleFundUnknown, ledger.RuleSupportFund, ledger.RuleOutOfRange}},
		func(ctx context.Context, r Request, in *RecordSupportInput) (Answer, error) {
			b := in.Body
			set := ledger.Support{Fund: ledger.FundCode(in.Code), From: b.From.Ledger(), Rate: percent(b.Rate).Decimal, To: ledger.FundCode(b.SupportFund),
				LevyRate: percent(b.LevyRate).Decimal, LevyTo: ledger.FundCode(b.LevyFund), Document: b.Document}
			if b.Rate == "" {
				set.Rate = ledger.DefaultSupportRate
			}
			a, err := store.RecordSupport(ctx, command(r, 201, func(s ledger.Support) (string, any) { return pathTo("funds", s.Fund), supportOf(s) }), set)
			return Answer(a), err
		})
	write[RecordPledgeSupportInput, PledgeSupport](s, operation{ID: "record-pledge-support", Path: "/v1/pledges/{id}/support", Tag: "pledges", Summary: "Fix the rates that an agreement has for the expenditure of its pledge",
		Description: "They hold, from the day on, for the shares of expenditures that use the pledge's money.",
		Problems:    []ledger.Rule{ledger.RuleNotFound, ledger.RulePledgeForm, ledger.RuleOutOfRange}},
		func(ctx context.Context, r Request, in *RecordPledgeSupportInput) (Answer, error) {
			b := in.Body
			a, err := store.RecordPledgeSupport(ctx, command(r, 201, func(s ledger.PledgeSupport) (string, any) { return pathTo("pledges", s.Pledge), pledgeSupportOf(s) }),
				ledger.PledgeSupport{Pledge: in.ID.ledger(), From: b.From.Ledger(), Rate: percent(b.Rate), LevyRate: percent(b.LevyRate), Document: b.Document})
			return Answer(a), err
		})
	document(s, operation{ID: "available", Path: "/v1/funds/{code}/available", Tag: "funds", Summary: "Show what a fund can spend, on a cash basis",
		Description: "How the fund's cash moved since 1 January, what of it somebody can claim back, and what is available. The recognised balance stands beside it, on another basis; the two are never added.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *AvailableInput) (*reports.Available, error) {
			var available *reports.Available
			err := store.Read(ctx, asOfOrToday(in.AsOf), in.instant(), func(snap *postgres.Snapshot) (err error) {
				available, err = reports.BuildAvailable(ctx, snap, ledger.FundCode(in.Code))
				return err
			})
			return available, err
		})
	document(s, operation{ID: "pledge-use", Path: "/v1/pledges/{id}/use", Tag: "pledges", Summary: "Show what became of a pledge's cash",
		Description: "What was received, spent, charged, earned and refunded of it and what is left, with each expenditure that is earmarked for it: the use of a donor's own money.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *UseInput) (*reports.PledgeUse, error) {
			var use *reports.PledgeUse
			err := store.Read(ctx, asOfOrToday(in.AsOf), in.instant(), func(snap *postgres.Snapshot) (err error) {
				use, err = reports.BuildPledgeUse(ctx, snap, in.ID.ledger())
				return err
			})
			return use, err
		})
}
