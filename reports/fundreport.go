package reports

import (
	"time"

	"github.com/google/uuid"

	"vcledger/ledger"
	"vcledger/ledger/proof"
)

// FundReportSchema is the version of the fund report's form.
const FundReportSchema = "vcledger.fund-report.v1"

// FundReport is one fund's calendar year. Figures are in USD unless they say another currency.
type FundReport struct {
	Schema       string             `json:"schema"`
	Fund         Fund               `json:"fund"`
	Year         int                `json:"year"`
	Period       Period             `json:"period"`
	AsOf         Date               `json:"as_of"`
	KnownAt      time.Time          `json:"known_at"`
	Changes      ChangesInFund      `json:"changes_in_fund"`
	Years        []YearFigures      `json:"five_years"`
	Groups       []ContributorGroup `json:"groups"` // by kind, in the order of ledger.ContributorKinds
	Total        FundFigures        `json:"total"`
	Largest      []LargestLine      `json:"largest_contributors"` // by cash received, then by what was given in kind
	Purposes     []PurposeLine      `json:"purposes"`             // of the fund and the funds under it
	Currencies   []CurrencyYear     `json:"by_currency"`
	InKind       []KindLine         `json:"in_kind"` // apart from cash and never added to it
	KindUnits    []UnitGroup        `json:"in_kind_by_unit"`
	Newness      []NewnessLine      `json:"new_and_additional"` // of the fund year
	Adjustments  []PriorPeriodLine  `json:"prior_period_adjustments"`
	Receivables  Receivables        `json:"receivables"`
	Schedule     Schedule           `json:"schedule"` // in the layout of the United Nations
	Unidentified Unidentified       `json:"unidentified_receipts"`
	Exchange     Exchange           `json:"exchange"`
	Books        YearBlock          `json:"books"`
	Memorandum   YearBlock          `json:"memorandum"`
	TieOut       TieOut             `json:"tie_out"`
	Notes        []string           `json:"notes"`
	Proof        *proof.File        `json:"proof,omitempty"` // absent when the log is not signed
}

// ContributorGroup is the contributors of one kind.
type ContributorGroup struct {
	Kind         ledger.ContributorKind `json:"kind"`
	Contributors []ContributorLine      `json:"contributors"` // by code
	Subtotal     FundFigures            `json:"subtotal"`
}

// ContributorLine is one contributor's year.
type ContributorLine struct {
	Contributor
	FundFigures
}

// FundFigures are the figures of a contributor, of a kind, or of the fund, in USD. Cash and in kind stay apart.
type FundFigures struct {
	Pledges          CashMovements `json:"pledges"`
	Received         Money         `json:"received"` // cash, by value date
	Refunded         Money         `json:"refunded"` // cash that the year decided to give back
	KindOutstanding  Money         `json:"in_kind_outstanding"`
	InKindRecognised Money         `json:"in_kind_recognised"`
	InKindDisclosed  Money         `json:"in_kind_disclosed"`
}

// Unidentified is what nobody has been credited with yet, at the end of the year.
type Unidentified struct {
	Receipts []UnidentifiedReceipt `json:"receipts"`
	USD      Money                 `json:"usd"`
}

// UnidentifiedReceipt is a receipt whose contributor is not known.
type UnidentifiedReceipt struct {
	ID            uuid.UUID              `json:"id"`
	ValueDate     Date                   `json:"value_date"`
	BankAccount   ledger.BankAccountCode `json:"bank_account"`
	BankReference string                 `json:"bank_reference"`
	Payer         string                 `json:"payer"`
	Amount        Value                  `json:"amount"`
}

// YearBlock is the trial balance of a year for a set of accounts that balance by themselves: their debits equal their
// credits, and their openings and closings sum to zero.
type YearBlock struct {
	Accounts []AccountYear `json:"accounts"`
	Opening  Money         `json:"opening"`
	Debit    Money         `json:"debit"`
	Credit   Money         `json:"credit"`
	Closing  Money         `json:"closing"`
}

// AccountYear is one account's year. Opening and Closing are positive for a debit balance; Debit and Credit are the
// postings of the year.
type AccountYear struct {
	Account ledger.AccountCode `json:"account"`
	Name    string             `json:"name"`
	Opening Money              `json:"opening"`
	Debit   Money              `json:"debit"`
	Credit  Money              `json:"credit"`
	Closing Money              `json:"closing"`
}
