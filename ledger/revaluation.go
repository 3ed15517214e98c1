package ledger

import "fmt"

// Revalue returns the draft that brings balances in foreign currencies, as of a date, to the closing rates of that date, the
// differences going to 4910 or 5910. A balance that stands at its rate already gets no line, so a second revaluation of the
// same day has none. A currency without a rate is a violation.
//
// The draft is reversed on the next day. So the balance sheet of the day shows closing rates, the next year is charged only
// with what moved since, and a payment settles the value of its agreement whether it was recorded before the revaluation
// or after.
// Source: IPSAS 4, reporting at subsequent reporting dates (monetary items at the closing rate).
func Revalue(fund FundCode, balances []Line, rates map[Currency]Rate, on Date) (Draft, error) {
	d := Draft{Kind: EntryRevaluation, EffectiveDate: on, Description: fmt.Sprintf("Revaluation of %s at the rates of %s", fund, on)}
	var v Violations
	missing := map[Currency]bool{}
	for _, b := range balances {
		rate, ok := rates[b.Currency]
		if !ok {
			if !missing[b.Currency] {
				v.Add("/effective_date", RuleRateMissing, "There is no rate for %s in force on %s.", b.Currency, on)
			}
			missing[b.Currency] = true
			continue
		}
		difference := Convert(b.Money, rate).USD.Sub(b.USD)
		if difference.IsZero() {
			continue
		}
		d.debit(b.Account, b.Dimensions, Converted{Money: Money{Currency: b.Currency}, USD: difference, Rate: rate})
		d.exchange(Dimensions{Fund: fund, Contributor: b.Contributor, Pledge: b.Pledge}, difference.Neg())
	}
	return d, v.Err()
}
