package reports

import (
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// movement is the column of a document in which a journal line on an account of promises (9100, 1200, 9200) is shown.
type movement int

const (
	opening movement = iota
	announced
	agreed
	adjusted
	fulfilled
	writtenOff
	cancelled
	other
	movements // how many there are
)

// moved says what an entry did to a promise. A reversal comes with the kind that it reverses.
type moved struct {
	Kind        ledger.EntryKind
	Before      bool // the first day of the period
	Released    bool // the part of an announcement that had been kept or agreed already
	Recognition ledger.Recognition
}

func (m moved) movement() movement {
	switch {
	case m.Before:
		return opening
	case m.Released && m.Recognition == ledger.OnReceipt:
		return fulfilled
	case m.Released:
		return agreed
	}
	switch m.Kind {
	case ledger.EntryPledgeAnnounced:
		return announced
	case ledger.EntryPledgeAgreed:
		return agreed
	case ledger.EntryPledgeAdjusted:
		return adjusted
	case ledger.EntryReceipt, ledger.EntryIdentification, ledger.EntryAdvanceApplied, ledger.EntryDelivery:
		return fulfilled
	case ledger.EntryPledgeWrittenOff:
		return writtenOff
	case ledger.EntryPledgeCancelled:
		return cancelled
	}
	return other
}

// totals are the sums of lines by movement, a debit positive.
type totals [movements]decimal.Decimal

func (t *totals) add(m movement, d decimal.Decimal) { t[m] = t[m].Add(d) }

func (t *totals) addAll(o totals) {
	for m := range t {
		t[m] = t[m].Add(o[m])
	}
}

func (t totals) closing() decimal.Decimal {
	var sum decimal.Decimal
	for _, d := range t {
		sum = sum.Add(d)
	}
	return sum
}

// CashMovements is what happened to promises of cash in a period, all in one currency:
// opening + announced + agreed + adjusted - received - written off - cancelled + other = closing.
type CashMovements struct {
	Opening    Money `json:"opening"`     // outstanding before the first day
	Announced  Money `json:"announced"`   // promised in the period
	Agreed     Money `json:"agreed"`      // what agreements changed: the receivable less the announcement they replaced
	Adjusted   Money `json:"adjusted"`    // increases and reductions of what was agreed
	Received   Money `json:"received"`    // promises kept by cash, at the value at which they stood in the books
	WrittenOff Money `json:"written_off"` // given up by the fund
	Cancelled  Money `json:"cancelled"`   // withdrawn
	Other      Money `json:"other"`       // anything else, as a revaluation
	Closing    Money `json:"closing"`     // outstanding at the end of the last day
}

func (t totals) cash(c ledger.Currency) CashMovements {
	return CashMovements{
		Opening: money(t[opening], c), Announced: money(t[announced], c), Agreed: money(t[agreed], c),
		Adjusted: money(t[adjusted], c),
		Received: money(t[fulfilled].Neg(), c), WrittenOff: money(t[writtenOff].Neg(), c),
		Cancelled: money(t[cancelled].Neg(), c), Other: money(t[other], c), Closing: money(t.closing(), c),
	}
}

// KindMovements is what happened to the value of promises in kind in a period, all in one currency:
// opening + offered - declined + adjusted - delivered - written off - cancelled + other = closing.
type KindMovements struct {
	Opening    Money `json:"opening"`
	Offered    Money `json:"offered"`
	Declined   Money `json:"declined"` // offered, and not accepted by the agreement
	Adjusted   Money `json:"adjusted"`
	Delivered  Money `json:"delivered"` // promises kept, at the value at which they were pledged
	WrittenOff Money `json:"written_off"`
	Cancelled  Money `json:"cancelled"`
	Other      Money `json:"other"`
	Closing    Money `json:"closing"`
}

func (t totals) kind(c ledger.Currency) KindMovements {
	return KindMovements{
		Opening: money(t[opening], c), Offered: money(t[announced], c), Declined: money(t[agreed].Neg(), c), Adjusted: money(t[adjusted], c),
		Delivered: money(t[fulfilled].Neg(), c), WrittenOff: money(t[writtenOff].Neg(), c),
		Cancelled: money(t[cancelled].Neg(), c), Other: money(t[other], c), Closing: money(t.closing(), c),
	}
}
