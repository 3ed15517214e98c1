package reports

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/proof"
)

// StatementSchema is the version of the statement's form. A field that changes its meaning makes a new version.
const StatementSchema = "vcledger.statement.v1"

// Statement is one contributor's pledges, receipts, deliveries and balances for a period. Every list is ordered by fund,
// fund year, then reference or date, then id.
type Statement struct {
	Schema       string                   `json:"schema"`
	Issued       *Issue                   `json:"issued,omitempty"` // absent in a preview
	Contributor  Contributor              `json:"contributor"`
	MergedInto   ledger.ContributorCode   `json:"merged_into,omitempty"`      // the contributor that answers for this one, as known
	Absorbed     []ledger.ContributorCode `json:"absorbed_records,omitempty"` // records merged into this one, as known: theirs is in it
	Period       Period                   `json:"period"`
	AsOf         Date                     `json:"as_of"`    // effective date up to which the books were read
	KnownAt      time.Time                `json:"known_at"` // instant, UTC: what was recorded later is not in it
	Illustrative bool                     `json:"illustrative"`
	Together     []Contributor            `json:"together_with,omitempty"` // the bodies under the contributor whose figures are in it
	Funds        []Fund                   `json:"funds"`
	Pledges      []PledgeLine             `json:"pledges"`
	Instalments  []DueItem                `json:"instalments"` // not fully paid at the end of the period, by due date
	Receipts     []Receipt                `json:"receipts"`
	Held         []HeldLine               `json:"held_in_advance"` // at the end of the period
	Refunds      []RefundLine             `json:"refunds"`         // decided, or reversed, in the period
	InKind       InKind                   `json:"in_kind"`
	Use          []UseLine                `json:"use_of_contributions"` // of pledges whose use is accounted for one by one
	Newness      []NewnessLine            `json:"new_and_additional"`   // of the fund years of the period
	Adjustments  []PriorPeriodLine        `json:"prior_period_adjustments"`
	Summary      Summary                  `json:"summary"`
	Changes      *Changes                 `json:"changes,omitempty"` // of an issued statement, since the one before
	Notes        []string                 `json:"notes"`
	Bodies       []*Statement             `json:"bodies,omitempty"`              // of those under the contributor, each apart
	WithBodies   *Summary                 `json:"summary_with_bodies,omitempty"` // of this statement and of Bodies together
	Proof        *proof.File              `json:"proof,omitempty"`               // of an issued statement, beside the document that it proves
}

// PledgeLine is a cash pledge in one currency. A pledge announced in one currency and agreed in another has two.
type PledgeLine struct {
	ID          uuid.UUID              `json:"id"`
	Contributor ledger.ContributorCode `json:"contributor,omitempty"` // a body under the statement's contributor, when it is one's
	Reference   string                 `json:"reference"`
	Fund        ledger.FundCode        `json:"fund"`
	FundYear    int                    `json:"fund_year"`
	Stage       ledger.Stage           `json:"stage"` // at the end of the period
	AnnouncedOn Date                   `json:"announced_on"`
	AgreedOn    Date                   `json:"agreed_on"`
	Currency    ledger.Currency        `json:"currency"`
	Amounts     CashMovements          `json:"amounts"` // in Currency
	USD         CashMovements          `json:"usd"`
	Movements   []PledgeMovement       `json:"movements"` // of the period, by date
}

// PledgeMovement is what one entry did to a promise, with what was outstanding after it: the entries behind the columns of
// a pledge's or an item's line.
type PledgeMovement struct {
	Entry    uuid.UUID        `json:"entry"`
	Date     Date             `json:"date"`
	Kind     ledger.EntryKind `json:"kind"`     // of a reversal, what it reverses
	Reversal bool             `json:"reversal"` // takes back an earlier entry
	Amount   Value            `json:"amount"`   // a promise kept or given up is negative
	Balance  Value            `json:"balance"`  // outstanding after it
}

// Rate is the rate of exchange of a receipt or a delivery; there is none for USD.
type Rate struct {
	UnitsPerUSD decimal.Decimal   `json:"units_per_usd"`
	Date        Date              `json:"date"`
	Source      ledger.RateSource `json:"source"`
}

// Receipt is cash that counts as the contributor's, or ceases to, in the period. Net is Credited less Reversed: it is
// what the totals count.
type Receipt struct {
	ID            uuid.UUID              `json:"id"`
	Contributor   ledger.ContributorCode `json:"contributor,omitempty"` // a body under the statement's contributor, when it is one's
	Fund          ledger.FundCode        `json:"fund"`                  // holds what is not allocated
	FundYear      int                    `json:"fund_year"`
	ValueDate     Date                   `json:"value_date"`
	BankAccount   ledger.BankAccountCode `json:"bank_account"`
	BankReference string                 `json:"bank_reference"`
	Payer         string                 `json:"payer"`
	Shared        bool                   `json:"shared"`            // others have a part of it, or nobody yet, which is not shown
	Arrived       *Money                 `json:"arrived,omitempty"` // what reached the bank account; not for a shared receipt
	Charges       *Money                 `json:"charges,omitempty"` // what banks deducted on the way
	Rate          *Rate                  `json:"rate,omitempty"`
	Credited      Value                  `json:"credited"` // to the contributor, in the period
	Reversed      Value                  `json:"reversed"` // in the period
	Net           Value                  `json:"net"`
	ReversedOn    Date                   `json:"reversed_on"` // null while the receipt stands
	Allocations   []Allocation           `json:"allocations"`

	parts map[ledger.FundCode]Value // of Net
}

// Allocation is the part of a receipt that is applied to a pledge, or straight to a fund when it names no pledge.
type Allocation struct {
	Date       Date            `json:"date"`
	Fund       ledger.FundCode `json:"fund"`
	FundYear   int             `json:"fund_year"`
	PledgeID   *uuid.UUID      `json:"pledge_id,omitempty"`
	Pledge     string          `json:"pledge,omitempty"` // its reference
	Amount     Value           `json:"amount"`
	Settled    *Money          `json:"settled_usd,omitempty"`         // by how much it reduced the pledge, at the value at which that stood in the books
	Exchange   *Money          `json:"exchange_difference,omitempty"` // the cash at the receipt's rate less Settled
	Entry      uuid.UUID       `json:"entry"`
	ReversedOn Date            `json:"reversed_on"`
}

// HeldLine is cash of the contributor that no pledge had a claim on yet.
type HeldLine struct {
	Fund          ledger.FundCode        `json:"fund"`
	Contributor   ledger.ContributorCode `json:"contributor,omitempty"` // a body under the statement's contributor, when it is one's
	ReceiptID     uuid.UUID              `json:"receipt_id"`
	ValueDate     Date                   `json:"value_date"`
	BankReference string                 `json:"bank_reference"`
	PledgeID      *uuid.UUID             `json:"pledge_id,omitempty"` // the pledge whose agreement it waits for
	Pledge        string                 `json:"pledge,omitempty"`
	Amount        Value                  `json:"amount"`
}

// InKind is what the contributor pledged and gave in kind.
type InKind struct {
	Items      []ItemLine     `json:"items"`
	Deliveries []DeliveryLine `json:"deliveries"`
}

// ItemLine is an item of a pledge in kind. Quantities are of its unit, at the end of the period.
type ItemLine struct {
	PledgeID    uuid.UUID              `json:"pledge_id"`
	Contributor ledger.ContributorCode `json:"contributor,omitempty"` // a body under the statement's contributor, when it is one's
	Pledge      string                 `json:"pledge"`
	Fund        ledger.FundCode        `json:"fund"`
	FundYear    int                    `json:"fund_year"`
	Stage       ledger.Stage           `json:"stage"` // of the pledge
	AnnouncedOn Date                   `json:"announced_on"`
	AgreedOn    Date                   `json:"agreed_on"`
	Number      int                    `json:"number"`
	Category    ledger.Category        `json:"category"`
	Description string                 `json:"description"`
	Unit        string                 `json:"unit"`
	Basis       ledger.ValuationBasis  `json:"valuation_basis"`
	Offered     decimal.Decimal        `json:"quantity_offered"`
	Accepted    *decimal.Decimal       `json:"quantity_accepted"` // null until an agreement accepts the offer
	Delivered   decimal.Decimal        `json:"quantity_delivered"`
	UnitValue   Money                  `json:"unit_value"`     // assessed by the latest valuation, rounded where only the whole was valued
	Assessed    Value                  `json:"assessed_value"` // of the offer, by the fund; the books use it
	Declared    *Money                 `json:"declared_value"` // of the offer, by the contributor; null when it declared nothing
	Valuer      string                 `json:"valuer"`
	ValuedOn    Date                   `json:"valued_on"`
	AcceptedBy  string                 `json:"accepted_by"`
	CostToFund  *Money                 `json:"cost_to_fund"` // expected at the acceptance; null when nobody looked
	Promised    Value                  `json:"promised"`     // value offered, less what was declined
	Currency    ledger.Currency        `json:"currency"`
	Amounts     KindMovements          `json:"amounts"` // in Currency
	USD         KindMovements          `json:"usd"`
	Movements   []PledgeMovement       `json:"movements"` // of the period, by date
}

// Treatment says how a delivery in kind stands in the books.
type Treatment string

// The treatments of deliveries in kind.
const (
	Recognised Treatment = "recognised" // as revenue and expense
	Disclosed  Treatment = "disclosed"  // in the memorandum accounts only
)

// DeliveryLine is a delivery that counts, or ceases to, in the period. Net is Delivered and
// Revalued less Reversed.
type DeliveryLine struct {
	ID          uuid.UUID              `json:"id"`
	Contributor ledger.ContributorCode `json:"contributor,omitempty"` // a body under the statement's contributor, when it is one's
	Entry       uuid.UUID              `json:"entry"`
	Fund        ledger.FundCode        `json:"fund"`
	FundYear    int                    `json:"fund_year"`
	Date        Date                   `json:"date"`
	PeriodFrom  Date                   `json:"period_from"` // first day of a service; null for a single date
	Category    ledger.Category        `json:"category"`
	Description string                 `json:"description"`
	Quantity    decimal.Decimal        `json:"quantity"`
	Unit        string                 `json:"unit"`
	Basis       ledger.ValuationBasis  `json:"valuation_basis"`
	PeriodTo    Date                   `json:"period_to"` // last day of a service; null when it is Date
	Expert      string                 `json:"expert"`    // name or number of the person whose service it was
	CertifiedBy string                 `json:"certified_by"`
	Declared    *Money                 `json:"declared_value"` // by the contributor; null when it declared nothing
	Valuer      string                 `json:"valuer"`
	ValuedOn    Date                   `json:"valued_on"`
	Evidence    string                 `json:"evidence"`
	SHA256      string                 `json:"evidence_sha256"`
	PledgeID    *uuid.UUID             `json:"pledge_id,omitempty"`
	Pledge      string                 `json:"pledge,omitempty"`
	Item        int                    `json:"item,omitempty"` // number of the pledge's item
	Treatment   Treatment              `json:"treatment"`
	Account     ledger.AccountCode     `json:"account"` // that shows it: 4110, 4120 or 9300
	Rate        *Rate                  `json:"rate,omitempty"`
	Delivered   Value                  `json:"delivered"` // in the period
	Revalued    Value                  `json:"revalued"`  // what valuations changed in the period
	Reversed    Value                  `json:"reversed"`  // in the period
	Net         Value                  `json:"net"`
	ReversedOn  Date                   `json:"reversed_on"` // null while the delivery stands
}

// Summary adds the statement up: cash by fund and currency, in kind by fund, never the two together.
type Summary struct {
	Cash        []FundCash `json:"cash"`
	CashTotal   CashTotal  `json:"cash_total_usd"`
	InKind      []FundKind `json:"in_kind"`
	InKindTotal KindTotal  `json:"in_kind_total_usd"`
}

// FundCash is the cash of one fund.
type FundCash struct {
	Fund       ledger.FundCode `json:"fund"`
	Currencies []CurrencyCash  `json:"currencies"`
	USD        CashTotal       `json:"usd"`
}

// CurrencyCash is the cash of one fund in one currency.
type CurrencyCash struct {
	Currency ledger.Currency `json:"currency"`
	Amounts  CashTotal       `json:"amounts"` // in Currency
	USD      CashTotal       `json:"usd"`
}

// CashTotal is what was pledged and what arrived, all in one currency. Pledges.Received is what kept the pledges, at the
// value at which they stood; Received is the cash itself. They differ by exchange and by what is held.
type CashTotal struct {
	Pledges  CashMovements `json:"pledges"`
	Received Money         `json:"received"`
	Refunded Money         `json:"refunded"` // decided in the period, less what was reversed
	Held     Money         `json:"held_in_advance"`
}

// FundKind is what one fund was pledged and given in kind, in USD.
type FundKind struct {
	Fund ledger.FundCode `json:"fund"`
	USD  KindTotal       `json:"usd"`
}

// KindTotal is in USD. Pledges.Delivered is what kept the pledges, at the value pledged; Recognised and Disclosed are the
// deliveries at their own value.
type KindTotal struct {
	Pledges    KindMovements `json:"pledges"`
	Recognised Money         `json:"recognised"`
	Disclosed  Money         `json:"disclosed"`
}
