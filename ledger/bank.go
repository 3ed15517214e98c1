package ledger

import "fmt"

// BankDecisionKind says what a line of a bank was for.
type BankDecisionKind string

// The kinds of decisions. A transfer and another are marks: they book nothing, and stand in the reconciliation with their note.
const (
	BankReceipt      BankDecisionKind = "receipt"      // a contribution, applied to pledges or funds
	BankUnidentified BankDecisionKind = "unidentified" // a receipt that nobody knows the contributor of
	BankLinked       BankDecisionKind = "linked"       // what is in the books already
	BankInterest     BankDecisionKind = "interest"
	BankCharge       BankDecisionKind = "charge"
	BankTransfer     BankDecisionKind = "transfer" // between accounts of the organization
	BankOther        BankDecisionKind = "other"    // no contribution
)

// ChargeAccount returns the draft for what a bank took of an account, whose balance it lowers. amount is positive.
// Source: IPSAS 1 (expenses are recognised when they arise).
func ChargeAccount(fund FundCode, account BankAccount, reference string, on Date, amount Converted) Draft {
	d := Draft{Kind: EntryBankCharge, EffectiveDate: on, Description: fmt.Sprintf("Bank charge %s on %s", reference, account.Code)}
	d.debit(BankCharges, Dimensions{Fund: fund}, amount)
	d.credit(CashAtBank, Dimensions{Fund: fund, BankAccount: account.Code}, inBankCurrency(amount, account.Currency))
	return d
}
