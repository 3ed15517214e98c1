package api

import (
	"context"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

// Known is embedded in the input of what can be asked as it was known at an instant.
type Known struct {
	KnownAt string `query:"known_at" format:"date-time" maxLength:"40" example:"2026-03-01T09:30:00Z" doc:"What was recorded later does not count (RFC 3339). Left out: now."`
}

func (k Known) instant() time.Time {
	if k.KnownAt == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339Nano, k.KnownAt)
	if err != nil {
		panic("api: an instant that was not checked: " + err.Error()) // the schema of the operation lacks the format
	}
	return t
}

// StatementInput asks for a contributor's statement.
type StatementInput struct {
	ContributorInput
	Formatted
	Known
	From   Date   `query:"from" required:"true" doc:"First day of the period."`
	To     Date   `query:"to" required:"true" doc:"Last day of the period; what is effective later does not count."`
	Fund   string `query:"fund" maxLength:"64" doc:"Code of one fund; left out, all funds."`
	Bodies string `query:"bodies" enum:"without,together,apart" default:"without" doc:"What to do with the bodies under the contributor (a State's ministries, agencies and regions): leave them out, take their lines into the statement, or add a statement of each with a summary of all."`
}

func (s *Server) serveStatements(store *postgres.Store) {
	document(s, operation{ID: "preview-statement", Path: "/v1/contributors/{code}/statement", Tag: "contributors", Summary: "Show a contributor's statement for a period",
		Description: "A preview, made from the books at each request: pledges, receipts and deliveries line by line, and a summary by fund and currency.",
		Problems:    []ledger.Rule{ledger.RuleNotFound, ledger.RuleDateOrder}},
		func(ctx context.Context, in *StatementInput) (*reports.Statement, error) {
			period := ledger.Period{From: in.From.Ledger(), To: in.To.Ledger()}
			if period.To.Before(period.From) {
				var v ledger.Violations
				v.Add("?to", ledger.RuleDateOrder, "The period ends before it begins, on %s.", period.From)
				return nil, v.Err()
			}
			var statement *reports.Statement
			err := store.Read(ctx, period.To, in.instant(), func(snap *postgres.Snapshot) (err error) {
				statement, err = reports.BuildStatement(ctx, snap, reports.StatementRequest{Contributor: ledger.ContributorCode(in.Code), Period: period, Fund: ledger.FundCode(in.Fund), Bodies: reports.Bodies(in.Bodies)})
				return err
			})
			return statement, err
		})
}

// TrialBalanceInput asks for the trial balance.
type TrialBalanceInput struct {
	Formatted
	Known
	Fund string `query:"fund" maxLength:"64" doc:"Code of one fund; left out, all funds together."`
	AsOf Date   `query:"as_of" doc:"What is effective later does not count. Left out: today."`
}

// DueInput asks for what is due.
type DueInput struct {
	Formatted
	Known
	Contributor string `query:"contributor" maxLength:"64" doc:"Code of the contributor."`
	Fund        string `query:"fund" maxLength:"64" doc:"Code of one fund; left out, all funds."`
	AsOf        Date   `query:"as_of" doc:"The day on which it is asked what is due. Left out: today."`
}

// asOfOrToday returns the date of a request, today when it names none.
func asOfOrToday(d Date) ledger.Date {
	if d == "" {
		return ledger.DateOf(time.Now())
	}
	return d.Ledger()
}

// FundReportInput asks for a fund's year.
type FundReportInput struct {
	FundInput
	Formatted
	Known
	Year int `path:"year" minimum:"1945" maximum:"2199" example:"2026" doc:"Calendar year."`
}

// FundOverviewInput asks for the first figures of a fund's year.
type FundOverviewInput struct {
	FundInput
	Known
	Year int `path:"year" minimum:"1945" maximum:"2199" example:"2026" doc:"Calendar year."`
}

func (s *Server) serveReports(store *postgres.Store) {
	document(s, operation{ID: "trial-balance", Path: "/v1/trial-balance", Tag: "journal", Summary: "Show the trial balance",
		Description: "The balance of every account in each currency and in USD. Debits equal credits in USD; the memorandum accounts are a block of their own.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *TrialBalanceInput) (*reports.TrialBalance, error) {
			var balance *reports.TrialBalance
			err := store.Read(ctx, asOfOrToday(in.AsOf), in.instant(), func(snap *postgres.Snapshot) (err error) {
				balance, err = reports.BuildTrialBalance(ctx, snap, ledger.FundCode(in.Fund))
				return err
			})
			return balance, err
		})
	document(s, operation{ID: "due-pledges", Path: "/v1/pledges/due", Tag: "pledges", Summary: "Show what is overdue, due and coming",
		Description: "The instalments of agreed cash pledges that are not fully paid, with their age. Cash settles the oldest instalment of its pledge first; a pledge without instalments is due on the day of its agreement.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *DueInput) (*reports.DueList, error) {
			r := reports.DueRequest{Contributor: ledger.ContributorCode(in.Contributor), Fund: ledger.FundCode(in.Fund)}
			var list *reports.DueList
			err := store.Read(ctx, asOfOrToday(in.AsOf), in.instant(), func(snap *postgres.Snapshot) (err error) {
				list, err = reports.BuildDueList(ctx, snap, r)
				return err
			})
			return list, err
		})
	document(s, operation{ID: "held-receipts", Path: "/v1/receipts/held", Tag: "receipts", Summary: "Show the cash that is applied to nothing yet, or owed back",
		Description: "Unidentified receipts (2100), advances (2200) and refunds payable (2500), each with its age.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *DueInput) (*reports.HeldList, error) {
			var list *reports.HeldList
			err := store.Read(ctx, asOfOrToday(in.AsOf), in.instant(), func(snap *postgres.Snapshot) (err error) {
				list, err = reports.BuildHeldList(ctx, snap, reports.HeldRequest{Contributor: ledger.ContributorCode(in.Contributor), Fund: ledger.FundCode(in.Fund)})
				return err
			})
			return list, err
		})
	document(s, operation{ID: "fund-report", Path: "/v1/funds/{code}/reports/{year}", Tag: "funds", Summary: "Show a fund's year",
		Description: "The changes in the fund beside those of the year before, five years beside each other, pledges, cash and contributions in kind contributor by contributor, what is receivable by age, the schedule in the layout of the United Nations, and the tie-out: " +
			"the statements of all contributors, this report, the accounts and the bank, each pair with its difference. Made from the books at each request, and signed: it carries a checkpoint of the log, and the proof that this log begins with that of the end of the year before.",
		Problems: []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *FundReportInput) (*reports.FundReport, error) {
			if err := callFrom(ctx).takeTurn(ctx, s.annual); err != nil {
				return nil, err
			}
			return reports.ReadFundReport(ctx, store, ledger.FundCode(in.Code), in.Year, in.instant())
		})
	read(s, operation{ID: "fund-overview", Path: "/v1/funds/{code}/reports/{year}/overview", Tag: "funds", Summary: "Show the first figures of a fund's year",
		Description: "Of the fund report the five years beside each other, the largest contributors and what is receivable by age: the same figures, without the tie-out and the proof, which take seconds on a large fund.",
		Problems:    []ledger.Rule{ledger.RuleNotFound}},
		func(ctx context.Context, in *FundOverviewInput) (*reports.FundOverview, error) {
			var overview *reports.FundOverview
			err := store.Read(ctx, ledger.CalendarYear(in.Year).To, in.instant(), func(snap *postgres.Snapshot) (err error) {
				overview, err = reports.BuildFundOverview(ctx, snap, ledger.FundCode(in.Code), in.Year)
				return err
			})
			return overview, err
		})
}
