package reports

import (
	"slices"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// ChangesInFund is the statement of changes in the fund, with the figures of the year before beside those of the year. Each
// amount is what it adds to the fund, so an expense is negative: Opening with all changes is Closing.
// Source: IPSAS 1, statement of changes in net assets.
type ChangesInFund struct {
	Opening       Change   `json:"opening"` // net assets before the first day
	Revenue       []Change `json:"revenue"`
	TotalRevenue  Change   `json:"total_revenue"`
	Expenses      []Change `json:"expenses"`
	TotalExpenses Change   `json:"total_expenses"`
	Adjustments   []Change `json:"adjustments"` // of what was promised, and of the fund balance itself
	Closing       Change   `json:"closing"`
}

// Change is a line of the statement of changes, in USD.
type Change struct {
	Item  string `json:"item"`
	Year  Money  `json:"year"`
	Prior Money  `json:"prior_year"`
}

// The items of the statement of changes, in its order.
var (
	revenueItems = []string{"contributions_in_cash", "contributions_in_kind", "present_value_adjustment", "transfers_between_funds", "interest", "programme_support_income", "exchange_gains", "other_revenue"}
	expenseItems = []string{"programme_expenditure", "programme_support_costs", "levy", "contributions_in_kind_used", "write_offs", "change_in_allowance",
		"refunds_to_contributors", "bank_charges", "exchange_losses", "other_expenses"}
	adjustmentItems = []string{"reductions_and_cancellations_of_pledges", "other_adjustments"}
)

// changeItems says on which line an account's movements are told. An account of the chart that is not here is told under the
// other revenue, expenses or adjustments.
var changeItems = map[ledger.AccountCode]string{
	ledger.RevenueCash: "contributions_in_cash", ledger.RevenueGoods: "contributions_in_kind", ledger.RevenueServices: "contributions_in_kind",
	ledger.PresentValue: "present_value_adjustment", transfersAccount: "transfers_between_funds",
	ledger.Interest: "interest", ledger.SupportIncome: "programme_support_income", ledger.ProgrammeExpenditure: "programme_expenditure",
	ledger.SupportCosts: "programme_support_costs", ledger.GoodsUsed: "contributions_in_kind_used", ledger.ServicesUsed: "contributions_in_kind_used",
	ledger.WriteOffs: "write_offs", changeInAllowance: "change_in_allowance", ledger.BankCharges: "bank_charges",
}

// changeItem returns the line on which what a kind of entry did to an account is told.
func changeItem(account ledger.AccountCode, of ledger.AccountKind, by ledger.EntryKind) string {
	switch {
	case account == ledger.RevenueCash && by == ledger.EntryRefund:
		return "refunds_to_contributors"
	case account == ledger.RevenueCash && (by == ledger.EntryPledgeAdjusted || by == ledger.EntryPledgeCancelled):
		return "reductions_and_cancellations_of_pledges"
	case account == ledger.SupportCosts && by == ledger.EntryLevy:
		return "levy"
	}
	if item, known := changeItems[account]; known {
		return item
	}
	switch of {
	case ledger.KindRevenue:
		return "other_revenue"
	case ledger.KindExpense:
		return "other_expenses"
	}
	return "other_adjustments"
}

// changes returns the statement of changes of the year and of the one before.
func (b *fundReportBuild) changes() ChangesInFund {
	now, prior := b.yearOf(b.Year), b.yearOf(b.Year-1)
	line := func(item string) Change {
		return Change{Item: item, Year: dollars(now.changes[item]), Prior: dollars(prior.changes[item])}
	}
	lines := func(items []string) []Change {
		list := []Change{}
		for _, item := range items {
			if l := line(item); !l.Year.Amount.IsZero() || !l.Prior.Amount.IsZero() {
				list = append(list, l)
			}
		}
		return list
	}
	c := ChangesInFund{Opening: Change{"opening", dollars(b.netAssets(b.Year)), dollars(b.netAssets(b.Year - 1))},
		Revenue: lines(revenueItems), Expenses: lines(expenseItems), Adjustments: lines(adjustmentItems)}
	c.TotalRevenue, c.TotalExpenses = totalOf("total_revenue", c.Revenue), totalOf("total_expenses", c.Expenses)
	c.Closing = totalOf("closing", slices.Concat([]Change{c.Opening, c.TotalRevenue, c.TotalExpenses}, c.Adjustments))
	return c
}

func totalOf(item string, lines []Change) Change {
	sum := Change{Item: item, Year: dollars(decimal.Zero), Prior: dollars(decimal.Zero)}
	for _, l := range lines {
		sum.Year, sum.Prior = sum.Year.plus(l.Year), sum.Prior.plus(l.Prior)
	}
	return sum
}

// netAssets returns what the fund was worth before the first day of a year: a credit balance is positive.
func (b *fundReportBuild) netAssets(year int) decimal.Decimal {
	worth := b.earlierWorth
	for y, sums := range b.years {
		if y < year {
			worth = worth.Add(sums.worth())
		}
	}
	return worth
}
