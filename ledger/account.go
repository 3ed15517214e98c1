package ledger

// AccountCode is the four-digit code of an account of the chart.
type AccountCode string

// The accounts that the posting rules use. The chart itself is data, a seed migration, and a test holds the two equal.
const (
	CashAtBank              AccountCode = "1010" // per bank account
	Receivable              AccountCode = "1200" // contributions receivable, per pledge
	Unidentified            AccountCode = "2100" // receipts without a contributor, per receipt
	InAdvance               AccountCode = "2200" // contributions received in advance, per receipt
	Deferred                AccountCode = "2400" // agreed with conditions that are not met yet, per pledge
	RefundsPayable          AccountCode = "2500" // per receipt
	FundBalance             AccountCode = "3000"
	RevenueCash             AccountCode = "4010"
	PresentValue            AccountCode = "4090" // the discounting of what is due after the year, an adjustment of 4010
	RevenueGoods            AccountCode = "4110"
	RevenueServices         AccountCode = "4120"
	Interest                AccountCode = "4700"
	SupportIncome           AccountCode = "4800" // of the fund that programme support and levies are paid to
	ExchangeGains           AccountCode = "4910"
	ProgrammeExpenditure    AccountCode = "5010"
	SupportCosts            AccountCode = "5020" // programme support and levies that a fund pays
	GoodsUsed               AccountCode = "5110"
	ServicesUsed            AccountCode = "5120"
	WriteOffs               AccountCode = "5700"
	BankCharges             AccountCode = "5800"
	ExchangeLosses          AccountCode = "5910"
	PledgesAnnounced        AccountCode = "9100" // memorandum, per pledge
	PledgesAnnouncedContra  AccountCode = "9190"
	InKindOutstanding       AccountCode = "9200" // memorandum, per pledge
	InKindOutstandingContra AccountCode = "9290"
	ServicesDisclosed       AccountCode = "9300" // memorandum
	ServicesDisclosedContra AccountCode = "9390"
)

// Memorandum reports whether the account is off the balance sheet, in the block that balances by itself.
func (a AccountCode) Memorandum() bool { return len(a) > 0 && a[0] == '9' }

// Account is one account of the chart.
type Account struct {
	Code AccountCode
	Name string
	Kind AccountKind
}

// AccountKind is the class of an account.
type AccountKind string

// The kinds of account.
const (
	KindAsset      AccountKind = "asset"
	KindLiability  AccountKind = "liability"
	KindNetAssets  AccountKind = "net_assets"
	KindRevenue    AccountKind = "revenue"
	KindExpense    AccountKind = "expense"
	KindMemorandum AccountKind = "memorandum"
)
