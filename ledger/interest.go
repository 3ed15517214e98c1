package ledger

import (
	"fmt"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// InterestReceived is what a bank credited for the balances of a period.
type InterestReceived struct {
	ID            uuid.UUID
	BankAccount   BankAccountCode
	BankReference string
	ValueDate     Date
	Period        Period // whose balances earned it
	Amount        Converted
	RecordedAt    time.Time
}

// Earner is a fund, or a pledge of a fund, whose cash earned interest.
type Earner struct {
	Fund        FundCode
	Contributor ContributorCode
	Pledge      uuid.UUID       // zero for the fund's own
	Balance     decimal.Decimal // the sum of its daily balances in the period; what is not above zero earned nothing
}

// EarnedPart is what one earner gets.
type EarnedPart struct {
	Earner
	Converted
}

// EarnInterest returns the draft for interest and the part of each earner, in proportion to the balances. The parts sum
// exactly to the amount, in its currency and in USD; each fund's cash is debited with what its earners get.
// Errors: [RuleNoBalance].
func EarnInterest(in InterestReceived, earners []Earner, account Currency) (Draft, []EarnedPart, error) {
	d := Draft{Kind: EntryInterest, EffectiveDate: in.ValueDate,
		Description: fmt.Sprintf("Interest of %s on %s, %s to %s", in.BankReference, in.BankAccount, in.Period.From, in.Period.To)}
	weights := make([]decimal.Decimal, len(earners))
	for i, e := range earners {
		weights[i] = e.Balance
	}
	shares := in.Amount.apportion(weights)
	if len(shares) == 0 {
		return d, nil, Fail(RuleNoBalance, "No balance on %s was above zero from %s to %s.", in.BankAccount, in.Period.From, in.Period.To)
	}
	var parts []EarnedPart
	cash := map[FundCode]Converted{}
	var funds []FundCode // in the order in which they were met
	for i, share := range shares {
		if share.Amount.IsZero() && share.USD.IsZero() {
			continue
		}
		e := earners[i]
		parts = append(parts, EarnedPart{e, share})
		sum, met := cash[e.Fund]
		if !met {
			funds = append(funds, e.Fund)
		}
		addTo(&sum, share)
		sum.Rate = share.Rate
		cash[e.Fund] = sum
		d.credit(Interest, Dimensions{Fund: e.Fund, Contributor: e.Contributor, Pledge: e.Pledge}, share)
	}
	for _, fund := range funds {
		d.debit(CashAtBank, Dimensions{Fund: fund, BankAccount: in.BankAccount}, inBankCurrency(cash[fund], account))
	}
	return d, parts, nil
}
