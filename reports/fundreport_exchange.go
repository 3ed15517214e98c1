package reports

import (
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// Exchange is what rates of exchange gained and lost in the year, in USD.
type Exchange struct {
	Settled  ExchangeFigures `json:"settled"`  // between a promise, its cash and the use of it
	Revalued ExchangeFigures `json:"revalued"` // of balances at closing rates, less what the last revaluation had counted already
	ExchangeFigures
}

// ExchangeFigures are gains and losses, neither less than nothing.
type ExchangeFigures struct {
	Gains  Money `json:"gains"`
	Losses Money `json:"losses"`
	Net    Money `json:"net"` // gains less losses
}

// exchangeSums add up gains and losses, both positive.
type exchangeSums struct{ gains, losses decimal.Decimal }

// exchanged counts a sum of lines on 4910 or 5910.
func (s *yearSums) exchanged(r fundLineRow) {
	sums := &s.settled
	if r.Kind == ledger.EntryRevaluation {
		sums = &s.revalued
	}
	if r.Account == ledger.ExchangeGains {
		sums.gains = sums.gains.Sub(r.Balance)
	} else {
		sums.losses = sums.losses.Add(r.Balance)
	}
}

// figures returns the gains and losses. A gain that is less than nothing, as when a receipt of an earlier year is reversed,
// is a loss of this year.
func (s exchangeSums) figures() ExchangeFigures {
	gains, losses := s.gains, s.losses
	if gains.IsNegative() {
		gains, losses = decimal.Zero, losses.Sub(gains)
	}
	if losses.IsNegative() {
		gains, losses = gains.Sub(losses), decimal.Zero
	}
	return ExchangeFigures{Gains: dollars(gains), Losses: dollars(losses), Net: dollars(gains.Sub(losses))}
}

// exchange returns the year's gains and losses. A revaluation is reversed on the next day, so the first of January takes back
// on the accounts of gains and losses what the year before had counted: only what the closing rates changed since is this
// year's, and it is a gain or a loss as a whole.
func (s *yearSums) exchange() Exchange {
	net := s.revalued.gains.Sub(s.revalued.losses)
	e := Exchange{Settled: s.settled.figures(), Revalued: exchangeSums{gains: net}.figures()}
	e.ExchangeFigures = ExchangeFigures{Gains: e.Settled.Gains.plus(e.Revalued.Gains), Losses: e.Settled.Losses.plus(e.Revalued.Losses),
		Net: e.Settled.Net.plus(e.Revalued.Net)}
	return e
}
