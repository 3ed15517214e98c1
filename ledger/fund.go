package ledger

import "time"

// FundCode identifies a fund, for good.
type FundCode string

// BankAccountCode identifies a bank account, for good.
type BankAccountCode string

// FundKind says whether a fund is earmarked.
type FundKind string

// The kinds of fund.
const (
	GeneralPurpose FundKind = "general_purpose"
	SpecialPurpose FundKind = "special_purpose" // earmarked
)

// Recognition says when a cash pledge becomes revenue.
type Recognition string

// The policies of recognition.
const (
	OnAgreement  Recognition = "on_agreement"  // when the agreement is signed, in full
	OnConditions Recognition = "on_conditions" // as each condition of the agreement is met
	OnReceipt    Recognition = "on_receipt"    // when the cash arrives
)

// binds reports whether the agreement makes a receivable, whenever that becomes revenue.
func (r Recognition) binds() bool { return r != OnReceipt }

// ServicesPolicy says what becomes of services in kind.
type ServicesPolicy string

// The policies for services in kind.
const (
	ServicesAreDisclosed  ServicesPolicy = "disclosed"
	ServicesAreRecognised ServicesPolicy = "recognised"
)

// ChargesPolicy says what a contributor is credited with when banks deduct charges on the way.
type ChargesPolicy string

// The policies for bank charges.
const (
	CreditGross ChargesPolicy = "gross" // what was sent; the fund bears the charge
	CreditNet   ChargesPolicy = "net"   // what arrived
)

// Fund is a self-balancing set of books.
type Fund struct {
	Code         FundCode
	Name         string
	Kind         FundKind
	Parent       FundCode // the fund it belongs to
	Recognition  Recognition
	Services     ServicesPolicy
	Charges      ChargesPolicy
	RateSource   RateSource
	BankAccount  BankAccountCode // the account that a receipt takes when it names none
	Illustrative bool            // made up, and labelled so wherever it is shown
	Threshold    int             // the score, of 100, from which a match of a bank line is applied alone; 101 for never
	RecordedAt   time.Time
}

// BankAccount is an account at a bank, or a cash desk.
type BankAccount struct {
	Code       BankAccountCode
	Name       string
	Currency   Currency // empty when the account keeps each currency apart
	IBAN       string   // ISO 13616, without spaces; empty for an account without one
	Number     string   // of an account without an IBAN, as its bank writes it
	Bank       string   // BIC (ISO 9362); may be empty
	Mapping    []byte   // of the columns of the bank's CSV files, as JSON; nil when it has none
	RecordedAt time.Time
}

// Threshold is the score of a match from which it is applied alone, unless a fund says otherwise.
const Threshold = 90
