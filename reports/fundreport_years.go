package reports

import (
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// comparedYears is for how many years the report compares its figures, its own the last.
const comparedYears = 5

// changeInAllowance is the account of what the allowance for doubtful contributions costs.
const changeInAllowance ledger.AccountCode = "5750"

// YearFigures are a fund's figures of one year, in USD, for the comparison with others. Cash and in kind stay apart.
type YearFigures struct {
	Year        int   `json:"year"`
	Pledged     Money `json:"pledged"`  // cash, announced and agreed
	Received    Money `json:"received"` // cash that contributors were credited with
	Recognised  Money `json:"in_kind_recognised"`
	Disclosed   Money `json:"in_kind_disclosed"`
	Expenditure Money `json:"expenditure"` // without programme support
	Support     Money `json:"programme_support"`
	Outstanding Money `json:"outstanding"` // of cash pledges, at the end of the year
}

// yearSums are a year's sums of the journal, in USD.
type yearSums struct {
	pledges               totals
	received              decimal.Decimal
	recognised, disclosed decimal.Decimal
	expenditure, support  decimal.Decimal
	changes               map[string]decimal.Decimal // by item of the statement of changes: what adds to the fund is positive
	settled, revalued     exchangeSums
}

// yearOf returns the sums of a year, which are empty until lines are added.
func (b *fundReportBuild) yearOf(year int) *yearSums {
	if b.years[year] == nil {
		b.years[year] = &yearSums{changes: map[string]decimal.Decimal{}}
	}
	return b.years[year]
}

// add counts a sum of lines of the year. What closes a year only moves what it was worth.
func (s *yearSums) add(r fundLineRow) {
	if r.Kind == ledger.EntryYearEnd {
		return
	}
	switch r.Account {
	case ledger.PledgesAnnounced, ledger.Receivable:
		s.pledges.add(moved{r.Kind, false, r.Released, r.Recognition}.movement(), r.Balance)
	case ledger.CashAtBank, ledger.Unidentified, ledger.BankCharges:
		if isReceipt(r.Kind) {
			s.received = s.received.Add(r.Balance)
		}
	case ledger.RevenueGoods, ledger.RevenueServices:
		s.recognised = s.recognised.Sub(r.Balance)
	case ledger.ServicesDisclosed:
		s.disclosed = s.disclosed.Add(r.Balance)
	case ledger.ProgrammeExpenditure:
		s.expenditure = s.expenditure.Add(r.Balance)
	case ledger.SupportCosts:
		s.support = s.support.Add(r.Balance)
	case ledger.ExchangeGains, ledger.ExchangeLosses:
		s.exchanged(r)
		return
	}
	if r.ofNetAssets() {
		item := changeItem(r.Account, r.AccountKind, r.Kind)
		s.changes[item] = s.changes[item].Sub(r.Balance)
	}
}

// finish puts the exchange differences into the statement of changes, once all lines are added.
func (s *yearSums) finish() {
	e := s.exchange()
	s.changes["exchange_gains"], s.changes["exchange_losses"] = e.Gains.Amount, e.Losses.Amount.Neg()
}

// worth returns what the year added to the fund.
func (s *yearSums) worth() decimal.Decimal {
	var sum decimal.Decimal
	for _, d := range s.changes {
		sum = sum.Add(d)
	}
	return sum
}

// fiveYears returns the figures of the years that are compared, the oldest first.
func (b *fundReportBuild) fiveYears() []YearFigures {
	list := make([]YearFigures, 0, comparedYears)
	outstanding := b.earlierOutstanding
	for year := b.firstCompared(); year <= b.Year; year++ {
		s := b.yearOf(year)
		outstanding = outstanding.Add(s.pledges.closing())
		list = append(list, YearFigures{Year: year, Pledged: dollars(s.pledges[announced].Add(s.pledges[agreed])), Received: dollars(s.received),
			Recognised: dollars(s.recognised), Disclosed: dollars(s.disclosed), Expenditure: dollars(s.expenditure), Support: dollars(s.support),
			Outstanding: dollars(outstanding)})
	}
	return list
}

// firstCompared returns the first year of the comparison; the books begin with [ledger.FirstDate].
func (b *fundReportBuild) firstCompared() int {
	return max(b.Year-comparedYears+1, ledger.FirstDate.Year())
}
