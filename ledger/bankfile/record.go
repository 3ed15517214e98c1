package bankfile

import (
	"strings"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// Sink takes the records of a file in the order in which they stand in it. An error that a method returns ends the reading
// and is returned by the reader. A file that is refused may have given records before: who keeps them does so in one
// transaction.
type Sink interface {
	Begin(Header) error
	Entry(Entry) error
	End(Trailer) error
}

// Header is what a file says of a statement before its entries.
type Header struct {
	Line     int    // in the file, from 1
	Format   string // camt.053.001.08, camt.054.001.08, MT940, CSV
	ID       string // the bank's identification of the statement
	Sequence string // its number among the account's statements; empty when the file has none
	Account  Account
	From, To ledger.Date // the period; zero when the file names none
	Opening  *Balance    // nil when the file has none
}

// Statement reports whether the file is a statement of the account. A camt.054 notification is not: its entries come again in
// the statement, so they are never booked and can only tell more of those that are.
func (h Header) Statement() bool { return !strings.HasPrefix(h.Format, "camt.054") }

// Account is a bank account as its bank names it.
type Account struct {
	IBAN     string // ISO 13616, without spaces
	Number   string // when it has no IBAN
	Bank     string // its bank's BIC (ISO 9362), or the country's code of the bank; may be empty
	Currency ledger.Currency
}

// Balance is what stood on the account at a day, negative when it was overdrawn.
type Balance struct {
	Date   ledger.Date
	Amount ledger.Money
}

// Entry is one booking on the account.
type Entry struct {
	Line        int
	BookingDate ledger.Date
	ValueDate   ledger.Date  // the booking date when the bank gives none
	Amount      ledger.Money // in the account's currency; a credit is positive, also that of a reversal
	Reversal    bool         // it takes back an earlier one
	Reference   string       // the bank's (AcctSvcrRef, the part after // of field 61); may be empty
	Code        string       // what the bank calls such a booking (bank transaction code); may be empty
	Information string       // what the bank says of the whole booking
	Charges     []Charge     // what the bank kept, by its own word
	Payments    []Payment    // one, or several of a batch
	Original    string       // the text of the entry as it stands in the file, cut at 64 KiB
}

// Payment is one payment of a booking. A batch is one booking of several.
type Payment struct {
	Amount       ledger.Money     // in the account's currency, signed as the entry's
	Instructed   *ledger.Money    // what the payer ordered, without sign, when it was another currency or amount
	Rate         *decimal.Decimal // the bank's own rate of that exchange, as the file has it
	Charges      []Charge         // of this payment
	Counterparty Counterparty     // the payer of a credit, the payee of a debit
	Reference    string           // the bank's reference of the payment; may be empty
	EndToEndID   string           // the payer's; empty when NOTPROVIDED
	Remittance   string           // free and structured information, in one line
}

// Counterparty is who stands at the other side of a payment.
type Counterparty struct {
	Name     string
	Ultimate string // on whose behalf, when the file says so
	Account  string // IBAN or number
	Bank     string // BIC or name
}

// Charge is what a bank kept of a payment or a booking.
type Charge struct {
	Amount   ledger.Money
	Included bool // taken off the booked amount already
}

// Trailer is what a file says of a statement after its entries.
type Trailer struct {
	Line     int
	Opening  *Balance // the header's, or what follows from a CSV file's column of balances; nil when the file has none
	Closing  *Balance // nil when the file has none
	Entries  int
	Sum      ledger.Money // of the entries
	Problems []Problem    // why the statement is to be looked at; it is kept, and flagged
}

// Problem is something of a statement that does not add up, though it could be read.
type Problem struct {
	Line   int
	Code   ProblemCode
	Detail string // for a person
}

// ProblemCode names a kind of [Problem].
type ProblemCode string

// The kinds of problems.
const (
	BalanceOff      ProblemCode = "balance_off"      // opening and entries are not the closing balance
	BalanceMissing  ProblemCode = "balance_missing"  // there is no opening or no closing balance
	PaymentsOff     ProblemCode = "payments_off"     // the payments of a batch do not add up to its entry
	SumOff          ProblemCode = "sum_off"          // the file's own totals are others than those of its entries
	CurrencyMixed   ProblemCode = "currency_mixed"   // an entry is in another currency than the account; it is not in the sum
	DateImpossible  ProblemCode = "date_impossible"  // a day that no calendar has, read as the last of its month
	StatusUncertain ProblemCode = "status_uncertain" // an entry that the bank has not booked yet; it is left out
)
