package ledger

import (
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// RefundSource says what cash that goes back was in the books.
type RefundSource string

// The sources of a refund.
const (
	RefundUnidentified RefundSource = "unidentified" // 2100: nobody knows whose it is, so it goes back to its sender
	RefundAdvance      RefundSource = "advance"      // 2200: beyond what was due
	RefundDeferred     RefundSource = "deferred"     // 2400: its condition will not be met
	RefundRevenue      RefundSource = "revenue"      // 4010: recognised, and not used
)

// accounts where a refund is taken from.
var refundAccounts = map[RefundSource]AccountCode{RefundUnidentified: Unidentified, RefundAdvance: InAdvance, RefundDeferred: Deferred, RefundRevenue: RevenueCash}

// Refund is a part of a receipt that the fund owes back.
type Refund struct {
	ID          uuid.UUID
	Receipt     uuid.UUID
	Source      RefundSource
	Contributor ContributorCode // empty for cash that is unidentified
	Fund        FundCode
	Pledge      uuid.UUID // whose cash it was; always of a deferred amount
	Date        Date
	Converted   // at the value at which it stood in the books
	Reason      string
	Document    string // the contributor's request, or the minute
	Entry       uuid.UUID
	RecordedAt  time.Time
}

// Owe returns the draft for a refund decided: what the books hold moves to what is payable, at its carrying amount. r has
// the amount without its USD, which Owe sets.
// Errors: [RuleExceedsRefundable].
func Owe(r *Refund, held Converted) (Draft, error) {
	if r.Amount.GreaterThan(held.Amount) {
		v := Violations{}
		v.Add("/amount", RuleExceedsRefundable, "%s can be refunded of it; %s is more.", Money{decimal.Max(held.Amount, decimal.Zero), r.Currency}, r.Money)
		return Draft{}, v.Err()
	}
	taken, _ := held.Split(r.Amount)
	r.Converted = carried(taken, r.Date)
	d := Draft{Kind: EntryRefund, EffectiveDate: r.Date, Reason: r.Reason, Subject: Subject{Receipt: r.Receipt}, Description: "Refund of " + r.Money.String()}
	dim := Dimensions{Fund: r.Fund, Contributor: r.Contributor, Pledge: r.Pledge}
	if r.Source == RefundUnidentified || r.Source == RefundAdvance {
		dim.Receipt = r.Receipt
	}
	d.debit(refundAccounts[r.Source], dim, r.Converted)
	d.credit(RefundsPayable, r.payable(), r.Converted)
	return d, nil
}

// payable returns where the refund stands while it is owed.
func (r Refund) payable() Dimensions {
	return Dimensions{Fund: r.Fund, Contributor: r.Contributor, Receipt: r.Receipt}
}

// PayRefund returns the draft for the cash of a refund leaving a bank account on a date, whole; what it costs more or less
// in USD than was owed is exchange.
// Errors: [RuleDateOrder], [RuleCurrencyMismatch].
func PayRefund(r Refund, account BankAccount, cash Converted, on Date) (Draft, error) {
	if on.Before(r.Date) {
		return Draft{}, Fail(RuleDateOrder, "%s is before the refund was decided, %s.", on, r.Date)
	}
	if account.Currency != "" && account.Currency != r.Currency && account.Currency != USD {
		return Draft{}, Fail(RuleCurrencyMismatch, "The bank account is in %s; the refund is in %s.", account.Currency, r.Currency)
	}
	d := Draft{Kind: EntryRefundPaid, EffectiveDate: on, Subject: Subject{Receipt: r.Receipt}, Description: "Refund of " + r.Money.String() + " paid"}
	d.debit(RefundsPayable, r.payable(), carried(r.Converted, on))
	d.credit(CashAtBank, Dimensions{Fund: r.Fund, BankAccount: account.Code}, inBankCurrency(cash, account.Currency))
	d.exchange(Dimensions{Fund: r.Fund, Contributor: r.Contributor}, d.short(r.Fund))
	return d, nil
}
