package reports

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// CurrencyYear is a fund's cash in one currency, each figure with its worth in USD in the books.
type CurrencyYear struct {
	Currency ledger.Currency `json:"currency"`
	Opening  Value           `json:"opening"`  // outstanding of pledges before the first day
	Pledged  Value           `json:"pledged"`  // announced and agreed in the year
	Received Value           `json:"received"` // by value date
	Closing  Value           `json:"closing"`  // outstanding of pledges at the end of the year
}

// currencySums add up a year in one currency.
type currencySums struct {
	amount, usd      totals
	received         Value // in the currency in which it was given
	banked, credited Value // received, in the currency in which the bank accounts keep it: from the receipts, and from the accounts
	held, cash       Value // at the end of the year: in advance, and at bank
}

// in returns the sums of a currency.
func (b *fundReportBuild) in(c ledger.Currency) *currencySums {
	if b.currencies[c] == nil {
		none := value(decimal.Zero, c, decimal.Zero)
		b.currencies[c] = &currencySums{received: none, banked: none, credited: none, held: none, cash: none}
	}
	return b.currencies[c]
}

// byCurrency returns the currencies in which something was promised or received, by their codes.
func (b *fundReportBuild) byCurrency() []CurrencyYear {
	list := []CurrencyYear{}
	for _, c := range slices.Sorted(maps.Keys(b.currencies)) {
		s := b.currencies[c]
		of := func(movements ...movement) Value {
			v := value(decimal.Zero, c, decimal.Zero)
			for _, m := range movements {
				v = v.plus(value(s.amount[m], c, s.usd[m]))
			}
			return v
		}
		y := CurrencyYear{Currency: c, Opening: of(opening), Pledged: of(announced, agreed), Received: s.received,
			Closing: value(s.amount.closing(), c, s.usd.closing())}
		if !y.isZero() {
			list = append(list, y)
		}
	}
	return list
}

// isZero reports whether there is nothing to tell.
func (y CurrencyYear) isZero() bool {
	for _, v := range []Value{y.Opening, y.Pledged, y.Received, y.Closing} {
		if !v.Money.Amount.IsZero() || !v.USD.Amount.IsZero() {
			return false
		}
	}
	return true
}
