package reports

import (
	"context"
	"time"

	"github.com/lib/pq"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// TrialBalanceSchema is the version of the trial balance's form.
const TrialBalanceSchema = "vcledger.trial-balance.v1"

// TrialBalance is the balance of every account that was ever used, as of a date. The memorandum accounts are a block of
// their own: they are off the balance sheet and balance by themselves.
type TrialBalance struct {
	Schema       string       `json:"schema"`
	Fund         string       `json:"fund,omitempty"` // code; empty for all funds together
	Funds        []Fund       `json:"funds"`
	AsOf         Date         `json:"as_of"`
	KnownAt      time.Time    `json:"known_at"`
	Illustrative bool         `json:"illustrative"`
	Books        BalanceBlock `json:"books"`
	Memorandum   BalanceBlock `json:"memorandum"`
}

// BalanceBlock is a set of accounts whose debits equal their credits in USD.
type BalanceBlock struct {
	Accounts []AccountBalance `json:"accounts"`
	Debit    Money            `json:"debit_usd"`
	Credit   Money            `json:"credit_usd"`
}

// AccountBalance is one account. Debit and Credit are the two columns: one of them is zero.
type AccountBalance struct {
	Account    ledger.AccountCode `json:"account"`
	Name       string             `json:"name"`
	Kind       ledger.AccountKind `json:"kind"`
	Debit      Money              `json:"debit_usd"`
	Credit     Money              `json:"credit_usd"`
	Currencies []CurrencyBalance  `json:"currencies"`
}

// CurrencyBalance is what an account holds in one currency, and its worth in USD, each in its own column.
type CurrencyBalance struct {
	Currency  ledger.Currency `json:"currency"`
	Debit     Money           `json:"debit"`
	Credit    Money           `json:"credit"`
	DebitUSD  Money           `json:"debit_usd"`
	CreditUSD Money           `json:"credit_usd"`
}

type balanceRow struct {
	Account   ledger.AccountCode
	Name      string
	Kind      ledger.AccountKind
	Currency  ledger.Currency
	Amount    decimal.Decimal
	AmountUSD decimal.Decimal `db:"amount_usd"`
}

// columns puts a balance in its column, debit or credit.
func columns(balance decimal.Decimal, c ledger.Currency) (debit, credit Money) {
	if balance.IsNegative() {
		return money(decimal.Zero, c), money(balance.Neg(), c)
	}
	return money(balance, c), money(decimal.Zero, c)
}

// BuildTrialBalance returns the balances of one fund, or of all funds together for an empty code, as of the snapshot's
// date.
// Errors: [ledger.RuleNotFound].
func BuildTrialBalance(ctx context.Context, snap *postgres.Snapshot, fund ledger.FundCode) (*TrialBalance, error) {
	rows, err := read[fundRow](ctx, snap, "funds", `
		SELECT code, name, kind, recognition, services, illustrative FROM fund WHERE $1 = '' OR code = $1 ORDER BY code COLLATE "C"`, fund)
	if err != nil {
		return nil, err
	}
	if len(rows) == 0 && fund != "" {
		return nil, ledger.Fail(ledger.RuleNotFound, "There is no fund %s.", fund)
	}
	t := &TrialBalance{Schema: TrialBalanceSchema, Fund: string(fund), Funds: []Fund{}, AsOf: Date{snap.AsOf}, KnownAt: snap.KnownAt.UTC()}
	var codes []string
	for _, r := range rows {
		t.Funds, codes = append(t.Funds, r.fund()), append(codes, r.Code)
		t.Illustrative = t.Illustrative || r.Illustrative
	}
	balances, err := read[balanceRow](ctx, snap, "balances", trialBalance, pq.Array(codes), snap.AsOf, knownAt(snap))
	if err != nil {
		return nil, err
	}
	t.Books, t.Memorandum = blockOf(balances, false), blockOf(balances, true)
	return t, nil
}

// blockOf gathers the rows of one block by account.
func blockOf(rows []balanceRow, memorandum bool) BalanceBlock {
	b := BalanceBlock{Accounts: []AccountBalance{}, Debit: dollars(decimal.Zero), Credit: dollars(decimal.Zero)}
	var usd decimal.Decimal // balance of the account so far
	for i, r := range rows {
		if r.Account.Memorandum() != memorandum {
			continue
		}
		if n := len(b.Accounts); n == 0 || b.Accounts[n-1].Account != r.Account {
			b.Accounts = append(b.Accounts, AccountBalance{Account: r.Account, Name: r.Name, Kind: r.Kind})
			usd = decimal.Zero
		}
		account := &b.Accounts[len(b.Accounts)-1]
		line := CurrencyBalance{Currency: r.Currency}
		line.Debit, line.Credit = columns(r.Amount, r.Currency)
		line.DebitUSD, line.CreditUSD = columns(r.AmountUSD, ledger.USD)
		account.Currencies = append(account.Currencies, line)
		usd = usd.Add(r.AmountUSD)
		account.Debit, account.Credit = columns(usd, ledger.USD)
		if i+1 == len(rows) || rows[i+1].Account != r.Account {
			b.Debit, b.Credit = b.Debit.plus(account.Debit), b.Credit.plus(account.Credit)
		}
	}
	return b
}
