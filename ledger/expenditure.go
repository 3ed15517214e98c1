package ledger

import (
	"slices"
	"time"

	"github.com/google/uuid"
	"github.com/shopspring/decimal"
)

// DefaultSupportRate is what programme support takes of expenditure, in per cent, unless a fund or an agreement says
// otherwise.
// Source: General Assembly resolution 35/217, programme support costs of extrabudgetary activities.
var DefaultSupportRate = decimal.NewFromInt(13)

// Support is what a fund pays on its expenditures from a day on: programme support, and a second charge such as a
// coordination levy. Rates are per cent, exact.
type Support struct {
	Fund       FundCode
	From       Date
	Rate       decimal.Decimal
	To         FundCode // receives programme support; empty when the rate is zero
	LevyRate   decimal.Decimal
	LevyTo     FundCode // receives the levy; empty when its rate is zero
	Document   string   // what it rests on
	RecordedAt time.Time
}

// PledgeSupport are rates that an agreement fixes for the expenditure that is earmarked for its pledge. A rate that is not
// valid is the fund's.
type PledgeSupport struct {
	Pledge         uuid.UUID
	From           Date
	Rate, LevyRate decimal.NullDecimal
	Document       string
	RecordedAt     time.Time
}

// Rates are the per cent of programme support and levy that hold for a share.
type Rates struct{ Support, Levy decimal.Decimal }

// Share is the part of an expenditure that used the money of one pledge, or of nobody in particular.
type Share struct {
	Pledge      uuid.UUID // zero for the part that is not earmarked
	Contributor ContributorCode
	Weight      decimal.Decimal // in proportion to the other shares
	Converted                   // the share itself
}

// Expenditure is what a fund paid for its programme.
type Expenditure struct {
	ID          uuid.UUID
	Fund        FundCode
	Date        Date
	Amount      Converted
	Description string
	Project     string
	Reference   string // the voucher's number, unique in the fund
	BankAccount BankAccountCode
	Shares      []Share   // whose money it used; none when nothing is earmarked
	Overdraft   string    // why it may be more than the fund has in cash; empty when it may not
	Replaces    uuid.UUID // the reversed expenditure that this one records anew
	RecordedAt  time.Time
}

// Apportion divides a total that is not negative, at a scale, in proportion to weights, so that the parts sum exactly to it:
// each gets its quotient cut to the scale, and the units that are left go to the largest remainders, of equal ones to the
// first. A weight that is not positive gets nothing; without a positive weight there are no parts.
func Apportion(total decimal.Decimal, weights []decimal.Decimal, scale int32) []decimal.Decimal {
	var sum decimal.Decimal
	for _, w := range weights {
		if w.IsPositive() {
			sum = sum.Add(w)
		}
	}
	if !sum.IsPositive() {
		return nil
	}
	parts, remainders, order := make([]decimal.Decimal, len(weights)), make([]decimal.Decimal, len(weights)), make([]int, 0, len(weights))
	left := total.Shift(scale) // in units of the scale
	for i, w := range weights {
		if !w.IsPositive() {
			continue
		}
		parts[i], remainders[i] = total.Shift(scale).Mul(w).QuoRem(sum, 0)
		left = left.Sub(parts[i])
		order = append(order, i)
	}
	slices.SortStableFunc(order, func(a, b int) int { return remainders[b].Cmp(remainders[a]) })
	one := decimal.NewFromInt(1)
	for _, i := range order {
		if !left.IsPositive() {
			break
		}
		parts[i], left = parts[i].Add(one), left.Sub(one)
	}
	for i := range parts {
		parts[i] = parts[i].Shift(-scale)
	}
	return parts
}

// apportion divides converted money: the amount at its currency's scale and the USD at the cent, each summing exactly.
func (c Converted) apportion(weights []decimal.Decimal) []Converted {
	amounts, usd := Apportion(c.Amount, weights, c.Currency.MinorUnits()), Apportion(c.USD, weights, USD.MinorUnits())
	parts := make([]Converted, len(amounts))
	for i := range amounts {
		parts[i] = Converted{Money: Money{amounts[i], c.Currency}, USD: usd[i], Rate: c.Rate}
	}
	return parts
}

// Divide sets what each share of an expenditure comes to, by the weights. A share that comes to nothing is a violation.
func (e *Expenditure) Divide(v *Violations, pointer func(i int) string) {
	weights := make([]decimal.Decimal, len(e.Shares))
	for i, s := range e.Shares {
		weights[i] = s.Weight
	}
	for i, part := range e.Amount.apportion(weights) {
		if !part.Amount.IsPositive() {
			v.Add(pointer(i), RuleAmountNotPositive, "This share of %s comes to nothing.", e.Amount.Money)
		}
		e.Shares[i].Converted = part
	}
}

// shares returns the shares, one of the whole amount when nothing is earmarked.
func (e Expenditure) shares() []Share {
	if len(e.Shares) == 0 {
		return []Share{{Converted: e.Amount}}
	}
	return e.Shares
}

// Spend returns the drafts for an expenditure: the expenditure itself, the programme support and the levy on it, as far as
// there are any. rates has those of each share, one when nothing is earmarked. account is the bank account's currency.
//
// A charge is made in the expenditure's currency and from its bank account, into the same account for the fund that
// receives it: no cash leaves the bank, only its owner changes, so the bank account still agrees with the bank. The
// charge on all shares of one rate is rounded once, half up to the cent, and divided among them, so no cent is lost.
func Spend(e Expenditure, s Support, rates []Rates, account Currency) []Draft {
	drafts := []Draft{expend(e, account)}
	support, levy := make([]decimal.Decimal, len(rates)), make([]decimal.Decimal, len(rates))
	for i, r := range rates {
		support[i], levy[i] = r.Support, r.Levy
	}
	for _, d := range []Draft{
		charge(e, EntryProgrammeSupport, "Programme support on "+e.Reference, support, s.To, account),
		charge(e, EntryLevy, "Levy on "+e.Reference, levy, s.LevyTo, account),
	} {
		if len(d.Lines) > 0 {
			drafts = append(drafts, d)
		}
	}
	return drafts
}

// expend debits the programme, each share with its contributor and pledge, and credits the bank account.
func expend(e Expenditure, account Currency) Draft {
	d := e.draft(EntryExpenditure, e.Description)
	d.Reason = e.Overdraft
	for _, s := range e.shares() {
		d.debit(ProgrammeExpenditure, Dimensions{Fund: e.Fund, Contributor: s.Contributor, Pledge: s.Pledge}, s.Converted)
	}
	d.credit(CashAtBank, Dimensions{Fund: e.Fund, BankAccount: e.BankAccount}, inBankCurrency(e.Amount, account))
	return d
}

func (e Expenditure) draft(kind EntryKind, description string) Draft {
	return Draft{Kind: kind, EffectiveDate: e.Date, Description: description, Subject: Subject{Expenditure: e.ID}}
}

// charge moves a per cent of each share, and the cash for it, from the expenditure's fund to another: two funds, each of
// which balances by itself.
func charge(e Expenditure, kind EntryKind, description string, percent []decimal.Decimal, to FundCode, account Currency) Draft {
	d := e.draft(kind, description)
	shares := e.shares()
	parts := chargeShares(e.Amount, shares, percent)
	total := Converted{Money: Money{Currency: e.Amount.Currency}, Rate: e.Amount.Rate}
	for i, part := range parts {
		if part.Amount.IsZero() && part.USD.IsZero() {
			continue
		}
		addTo(&total, part)
		d.debit(SupportCosts, Dimensions{Fund: e.Fund, Contributor: shares[i].Contributor, Pledge: shares[i].Pledge}, part)
	}
	if len(d.Lines) == 0 {
		return d
	}
	cash := inBankCurrency(total, account)
	d.credit(CashAtBank, Dimensions{Fund: e.Fund, BankAccount: e.BankAccount}, cash)
	d.debit(CashAtBank, Dimensions{Fund: to, BankAccount: e.BankAccount}, cash)
	d.credit(SupportIncome, Dimensions{Fund: to}, total)
	return d
}

// chargeShares returns a per cent of each share. The shares of one rate are charged together and the charge is divided
// among them.
func chargeShares(whole Converted, shares []Share, percent []decimal.Decimal) []Converted {
	out := make([]Converted, len(shares))
	for i, p := range percent {
		if slices.ContainsFunc(percent[:i], p.Equal) {
			continue
		}
		sum := Converted{Money: Money{Currency: whole.Currency}, Rate: whole.Rate}
		weights := make([]decimal.Decimal, len(shares))
		for j, s := range shares {
			if percent[j].Equal(p) {
				addTo(&sum, s.Converted)
				weights[j] = s.Amount
			}
		}
		sum.Amount, sum.USD = sum.Currency.Round(sum.Amount.Mul(p).Shift(-2)), USD.Round(sum.USD.Mul(p).Shift(-2))
		for j, part := range sum.apportion(weights) {
			if weights[j].IsPositive() {
				out[j] = part
			}
		}
	}
	return out
}
