package reports

import (
	"maps"
	"slices"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// cashSums adds up cash in one currency.
type cashSums struct {
	pledges                  totals
	received, refunded, held decimal.Decimal
}

func (s *cashSums) addAll(o cashSums) {
	s.pledges.addAll(o.pledges)
	s.received = s.received.Add(o.received)
	s.refunded = s.refunded.Add(o.refunded)
	s.held = s.held.Add(o.held)
}

func (s cashSums) total(c ledger.Currency) CashTotal {
	return CashTotal{Pledges: s.pledges.cash(c), Received: money(s.received, c), Refunded: money(s.refunded, c), Held: money(s.held, c)}
}

// kindSums adds up what is in kind, in USD.
type kindSums struct {
	pledges               totals
	recognised, disclosed decimal.Decimal
}

func (s *kindSums) addAll(o kindSums) {
	s.pledges.addAll(o.pledges)
	s.recognised = s.recognised.Add(o.recognised)
	s.disclosed = s.disclosed.Add(o.disclosed)
}

func (s kindSums) total() KindTotal {
	return KindTotal{Pledges: s.pledges.kind(ledger.USD), Recognised: dollars(s.recognised), Disclosed: dollars(s.disclosed)}
}

// cashOf is the cash of a fund in one currency, and its worth in USD.
type cashOf struct{ amount, usd cashSums }

// summing adds up a statement while it is read.
type summing struct {
	cash map[ledger.FundCode]map[ledger.Currency]*cashOf
	kind map[ledger.FundCode]*kindSums
}

func newSumming() *summing {
	return &summing{cash: map[ledger.FundCode]map[ledger.Currency]*cashOf{}, kind: map[ledger.FundCode]*kindSums{}}
}

func (s *summing) cashOf(f ledger.FundCode, c ledger.Currency) *cashOf {
	if s.cash[f] == nil {
		s.cash[f] = map[ledger.Currency]*cashOf{}
	}
	if s.cash[f][c] == nil {
		s.cash[f][c] = &cashOf{}
	}
	return s.cash[f][c]
}

func (s *summing) kindOf(f ledger.FundCode) *kindSums {
	if s.kind[f] == nil {
		s.kind[f] = &kindSums{}
	}
	return s.kind[f]
}

func (s *summing) pledge(f ledger.FundCode, p *promisePart) {
	sums := s.cashOf(f, p.currency)
	sums.amount.pledges.addAll(p.amount)
	sums.usd.pledges.addAll(p.usd)
}

func (s *summing) received(f ledger.FundCode, net Value) {
	sums := s.cashOf(f, net.Money.Currency)
	sums.amount.received = sums.amount.received.Add(net.Money.Amount)
	sums.usd.received = sums.usd.received.Add(net.USD.Amount)
}

func (s *summing) refunded(f ledger.FundCode, net Value) {
	sums := s.cashOf(f, net.Money.Currency)
	sums.amount.refunded = sums.amount.refunded.Add(net.Money.Amount)
	sums.usd.refunded = sums.usd.refunded.Add(net.USD.Amount)
}

func (s *summing) held(f ledger.FundCode, v Value) {
	sums := s.cashOf(f, v.Money.Currency)
	sums.amount.held = sums.amount.held.Add(v.Money.Amount)
	sums.usd.held = sums.usd.held.Add(v.USD.Amount)
}

func (s *summing) item(f ledger.FundCode, p *promisePart) { s.kindOf(f).pledges.addAll(p.usd) }

func (s *summing) delivered(f ledger.FundCode, t Treatment, usd decimal.Decimal) {
	sums := s.kindOf(f)
	if t == Disclosed {
		sums.disclosed = sums.disclosed.Add(usd)
	} else {
		sums.recognised = sums.recognised.Add(usd)
	}
}

// addAll adds another statement's sums.
func (s *summing) addAll(o *summing) {
	for f, currencies := range o.cash {
		for c, sums := range currencies {
			own := s.cashOf(f, c)
			own.amount.addAll(sums.amount)
			own.usd.addAll(sums.usd)
		}
	}
	for f, sums := range o.kind {
		s.kindOf(f).addAll(*sums)
	}
}

// funds returns the codes of the funds that were met, in order.
func (s *summing) funds() []string {
	met := map[string]bool{}
	for f := range s.cash {
		met[string(f)] = true
	}
	for f := range s.kind {
		met[string(f)] = true
	}
	return slices.Sorted(maps.Keys(met))
}

func (s *summing) summary() Summary {
	out := Summary{Cash: []FundCash{}, InKind: []FundKind{}}
	var cash cashSums
	for _, f := range slices.Sorted(maps.Keys(s.cash)) {
		fund := FundCash{Fund: f}
		var usd cashSums
		for _, c := range slices.Sorted(maps.Keys(s.cash[f])) {
			sums := s.cash[f][c]
			fund.Currencies = append(fund.Currencies, CurrencyCash{Currency: c, Amounts: sums.amount.total(c), USD: sums.usd.total(ledger.USD)})
			usd.addAll(sums.usd)
		}
		fund.USD = usd.total(ledger.USD)
		out.Cash = append(out.Cash, fund)
		cash.addAll(usd)
	}
	out.CashTotal = cash.total(ledger.USD)
	var kind kindSums
	for _, f := range slices.Sorted(maps.Keys(s.kind)) {
		out.InKind = append(out.InKind, FundKind{Fund: f, USD: s.kind[f].total()})
		kind.addAll(*s.kind[f])
	}
	out.InKindTotal = kind.total()
	return out
}
