package ledger

import (
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// EntryKind says which event an entry records.
type EntryKind string

// The kinds of entry, one for each event of the books.
const (
	EntryPledgeAnnounced  EntryKind = "pledge_announced"
	EntryPledgeAgreed     EntryKind = "pledge_agreed"
	EntryPledgeAdjusted   EntryKind = "pledge_adjusted"
	EntryPledgeCancelled  EntryKind = "pledge_cancelled"
	EntryPledgeWrittenOff EntryKind = "pledge_written_off"
	EntryReceipt          EntryKind = "receipt"
	EntryIdentification   EntryKind = "identification"
	EntryAdvanceApplied   EntryKind = "advance_applied"
	EntryDelivery         EntryKind = "delivery"
	EntryRevaluation      EntryKind = "revaluation"
	EntryConditionMet     EntryKind = "condition_met"
	EntryRefund           EntryKind = "refund"      // decided: the fund owes the contributor
	EntryRefundPaid       EntryKind = "refund_paid" // the cash has left the bank
	EntryAllowance        EntryKind = "allowance"
	EntryExpenditure      EntryKind = "expenditure"
	EntryProgrammeSupport EntryKind = "programme_support"
	EntryLevy             EntryKind = "levy"
	EntryInterest         EntryKind = "interest"
	EntryBankCharge       EntryKind = "bank_charge" // that no receipt bore
	EntryInKindRevalued   EntryKind = "in_kind_revalued"
	EntryManual           EntryKind = "manual"
	EntryYearEnd          EntryKind = "year_end"
	EntryReversal         EntryKind = "reversal"
)

// EntryKinds lists the kinds of entry; the table entry_kind has the same, and a test holds the two equal.
var EntryKinds = []EntryKind{EntryPledgeAnnounced, EntryPledgeAgreed, EntryPledgeAdjusted, EntryPledgeCancelled, EntryPledgeWrittenOff,
	EntryReceipt, EntryIdentification, EntryAdvanceApplied, EntryDelivery, EntryRevaluation, EntryConditionMet, EntryRefund, EntryRefundPaid,
	EntryAllowance, EntryExpenditure, EntryProgrammeSupport, EntryLevy, EntryInterest, EntryBankCharge, EntryInKindRevalued, EntryManual, EntryYearEnd, EntryReversal}

// Dimensions say to whom and to what a line belongs. The zero value of each means that the line has none, except Fund,
// which every line has.
type Dimensions struct {
	Fund        FundCode
	Contributor ContributorCode
	BankAccount BankAccountCode
	Pledge      uuid.UUID
	Item        int       // number of the pledge's item, on 9200
	Receipt     uuid.UUID // on the accounts that are kept per receipt: 2100 and 2200
}

// Line is one debit (positive) or credit (negative).
type Line struct {
	Account AccountCode
	Dimensions
	Converted
}

// Subject names the record that an entry belongs to.
type Subject struct {
	Pledge      uuid.UUID
	Receipt     uuid.UUID
	Delivery    uuid.UUID
	Expenditure uuid.UUID
}

// Draft is a balanced entry that is not posted: what a posting rule returns.
type Draft struct {
	Kind          EntryKind
	EffectiveDate Date
	Description   string
	Reason        string // why, on a reversal, a cancellation and a write-off
	OriginalDate  Date   // of a late item: its own date, in a period that is closed
	Document      string // the voucher or minute that a manual entry rests on
	Reverses      uuid.UUID
	Subject       Subject
	Lines         []Line
}

// Entry is a posted, immutable journal entry.
type Entry struct {
	ID         uuid.UUID
	RecordedAt time.Time // the server's clock when the posting's transaction began
	RecordedBy string    // the actor's name
	ReversedBy uuid.UUID // the entry that reverses this one; zero while it stands
	Approval   uuid.UUID // that posted it; zero when it did not have to wait
	Requester  string    // who asked for what was approved
	Draft
}

// debit adds a line with the amount as it is, a credit adds it negated.
func (d *Draft) debit(a AccountCode, dim Dimensions, c Converted) {
	d.Lines = append(d.Lines, Line{Account: a, Dimensions: dim, Converted: c})
}

func (d *Draft) credit(a AccountCode, dim Dimensions, c Converted) { d.debit(a, dim, c.Neg()) }

// short returns what the lines of a fund, off the memorandum accounts, lack to balance, in USD.
func (d *Draft) short(fund FundCode) decimal.Decimal {
	var sum decimal.Decimal
	for _, l := range d.Lines {
		if l.Fund == fund && !l.Account.Memorandum() {
			sum = sum.Sub(l.USD)
		}
	}
	return sum
}

// exchange posts what is left between two sides of an entry as an exchange gain (negative) or loss (positive), in USD.
func (d *Draft) exchange(dim Dimensions, usd decimal.Decimal) {
	c := Converted{Money: Dollars(usd), USD: usd}
	switch {
	case usd.IsNegative():
		d.debit(ExchangeGains, dim, c)
	case usd.IsPositive():
		d.debit(ExchangeLosses, dim, c)
	}
}

// Arranged returns the lines as a journal is read: debits before credits, and the memorandum accounts last. Within these
// the order is the rule's.
func (d Draft) Arranged() []Line {
	place := func(l Line) int {
		p := 0
		if l.Account.Memorandum() {
			p = 2
		}
		if l.Amount.IsNegative() || l.USD.IsNegative() {
			p++
		}
		return p
	}
	lines := slices.Clone(d.Lines)
	slices.SortStableFunc(lines, func(a, b Line) int { return place(a) - place(b) })
	return lines
}

// Check returns an error unless the draft has two lines or more and balances in USD per fund, with the memorandum
// accounts by themselves, and every amount has its currency's scale. PostgreSQL checks the same after the insert.
// Errors: [RuleEntryUnbalanced], [RuleAmountScale].
func (d Draft) Check() error {
	if len(d.Lines) < 2 {
		return Fail(RuleEntryUnbalanced, "An entry has at least two lines; this one has %d.", len(d.Lines))
	}
	type block struct {
		fund       FundCode
		memorandum bool
	}
	sums := map[block]decimal.Decimal{}
	for _, l := range d.Lines {
		if !l.Amount.Equal(l.Currency.Round(l.Amount)) || !l.USD.Equal(USD.Round(l.USD)) {
			return Fail(RuleAmountScale, "The line on account %s has %s %s, more decimals than the currency has.", l.Account, l.Amount, l.Currency)
		}
		b := block{l.Fund, l.Account.Memorandum()}
		sums[b] = sums[b].Add(l.USD)
	}
	for _, sum := range sums {
		if !sum.IsZero() {
			return Fail(RuleEntryUnbalanced, "The lines of the %s entry differ by %s USD.", d.Kind, sum)
		}
	}
	return nil
}

// Reverse returns the draft that undoes a posted entry on a date, with the reason.
// Errors: [RuleAlreadyReversed], [RuleDateOrder] when the date is before the entry's.
func Reverse(e Entry, on Date, reason string) (Draft, error) {
	if e.Kind == EntryReversal || e.ReversedBy != uuid.Nil {
		return Draft{}, Fail(RuleAlreadyReversed, "Entry %s is a reversal or has been reversed.", e.ID)
	}
	if on.Before(e.EffectiveDate) {
		return Draft{}, Fail(RuleDateOrder, "The reversal's date %s is before the entry's, %s.", on, e.EffectiveDate)
	}
	d := Draft{Kind: EntryReversal, EffectiveDate: on, Reason: reason, Reverses: e.ID, Subject: e.Subject,
		Description: fmt.Sprintf("Reversal of %s of %s", e.Kind, e.EffectiveDate)}
	for _, l := range e.Lines {
		l.Converted = l.Neg()
		d.Lines = append(d.Lines, l)
	}
	return d, nil
}
