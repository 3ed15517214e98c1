package reports

import (
	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// readTieOut reads the balances that the report is held against: those of the accounts, and of the bank.
func (b *fundReportBuild) readTieOut() error {
	if err := b.tellAccounts(b.from.AddDays(-1), map[ledger.AccountCode]string{ledger.PledgesAnnounced: "outstanding_opening", ledger.Receivable: "outstanding_opening"},
		"net_assets_opening"); err != nil {
		return err
	}
	if err := b.tellAccounts(b.end, map[ledger.AccountCode]string{ledger.PledgesAnnounced: "outstanding_closing", ledger.Receivable: "outstanding_closing",
		ledger.InAdvance: "held_in_advance", ledger.Unidentified: "unidentified", ledger.CashAtBank: "cash_at_bank"}, "net_assets_closing"); err != nil {
		return err
	}
	return b.tellBank()
}

// tell sets the figures of the report, and those of the accounts that are movements of the year.
func (b *fundReportBuild) tell() {
	t := &b.TieOut
	t.usd(fromReport, "net_assets_opening", b.Changes.Opening.Year.Amount)
	t.usd(fromReport, "net_assets_closing", b.Changes.Closing.Year.Amount)
	for _, c := range b.Currencies {
		t.value(fromReport, "outstanding_opening", c.Opening)
		t.value(fromReport, "pledged", c.Pledged)
		t.value(fromReport, "outstanding_closing", c.Closing)
		t.value(fromReport, "received", c.Received)
	}
	for c, s := range b.currencies {
		t.value(fromReport, "received_on_pledges", value(s.amount[fulfilled].Neg(), c, s.usd[fulfilled].Neg()))
		t.value(fromReport, "held_in_advance", s.held)
		t.value(fromReport, "cash_at_bank", s.cash)
		t.value(fromReport, "received_at_bank", s.banked)
		t.value(fromAccounts, "received_at_bank", s.credited)
	}
	for _, r := range b.Unidentified.Receipts {
		t.value(fromReport, "unidentified", r.Amount)
	}
	t.usd(fromReport, "receivables_by_age", b.Receivables.Total.Outstanding.Amount)
	t.usd(fromAccounts, "receivables_by_age", b.account(ledger.Receivable).closing())
	t.usd(fromReport, "receivables_net", b.Schedule.Receivables.Total.Total.Amount)
	t.usd(fromAccounts, "receivables_net", b.sum(accountSums.closing, ledger.Receivable, allowanceAccount, discountAccount))
	t.usd(fromReport, "contributions_recognised", b.Schedule.Total.Total.Amount)
	t.usd(fromAccounts, "contributions_recognised", b.sum(accountSums.inYear, ledger.RevenueCash, transfersAccount, ledger.PresentValue, ledger.RevenueGoods,
		ledger.RevenueServices).Neg())
	t.usd(fromReport, "refunded", b.total.refunded)
	t.usd(fromAccounts, "refunded", b.owedBack)
	t.usd(fromReport, "in_kind_outstanding", b.total.kind)
	t.usd(fromAccounts, "in_kind_outstanding", b.account(ledger.InKindOutstanding).closing())
	t.usd(fromReport, "in_kind_recognised", b.total.recognised)
	t.usd(fromAccounts, "in_kind_recognised", b.account(ledger.RevenueGoods).inYear().Add(b.account(ledger.RevenueServices).inYear()).Neg())
	t.usd(fromReport, "in_kind_disclosed", b.total.disclosed)
	t.usd(fromAccounts, "in_kind_disclosed", b.account(ledger.ServicesDisclosed).inYear())
}

// tellAccounts sets the figures of the trial balance of a day: of the accounts that figures are held against, and the assets
// less the liabilities.
func (b *fundReportBuild) tellAccounts(on ledger.Date, figures map[ledger.AccountCode]string, netAssets string) error {
	rows, err := read[balanceRow](b.ctx, b.snap, "balances", trialBalance, pq.Array([]string{string(b.Fund.Code)}), on, knownAt(b.snap))
	var worth decimal.Decimal
	for _, r := range rows {
		if r.Kind == ledger.KindAsset || r.Kind == ledger.KindLiability {
			worth = worth.Add(r.AmountUSD)
		}
		if figure, told := figures[r.Account]; told {
			v := value(r.Amount, r.Currency, r.AmountUSD)
			if r.Kind == ledger.KindLiability {
				v = value(decimal.Zero, r.Currency, decimal.Zero).minus(v)
			}
			b.TieOut.value(fromAccounts, figure, v)
		}
	}
	b.TieOut.usd(fromAccounts, netAssets, worth)
	return err
}

// tellBank holds the balances of the bank accounts against what the bank states.
func (b *fundReportBuild) tellBank() error {
	rows, err := read[struct {
		BankAccount ledger.BankAccountCode `db:"bank_account"`
		Currency    ledger.Currency
		Own, Books  decimal.Decimal
		Stated      decimal.NullDecimal
	}](b.ctx, b.snap, "bank accounts", fundReportBank, b.Fund.Code, b.end, knownAt(b.snap))
	for _, r := range rows {
		l := BankTieOut{BankAccount: r.BankAccount, Own: money(r.Own, r.Currency), Books: money(r.Books, r.Currency), Stated: optionalMoney(r.Stated, r.Currency)}
		if l.Stated != nil {
			l.Difference = new(l.Books.minus(*l.Stated))
		}
		b.TieOut.Bank = append(b.TieOut.Bank, l)
	}
	return err
}
