package export_test

import (
	"encoding/csv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/jmoiron/sqlx"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

// balances are sums of what an account holds in a commodity. One that is zero is left out: the programs do so.
type balances map[[2]string]string

func (b balances) add(account, commodity string, amount decimal.Decimal) {
	key := [2]string{account, commodity}
	if held, ok := b[key]; ok {
		amount = amount.Add(decimal.RequireFromString(held))
	}
	if b[key] = amount.String(); amount.IsZero() {
		delete(b, key)
	}
}

// accountName tells which name an account has in a program's output: by its code and the code of its bank account.
type accountName func(code, name, kind, bankAccount string) string

func hledgerName(code, name, kind, bankAccount string) string {
	root := map[string]string{"asset": "assets", "liability": "liabilities", "net_assets": "equity", "revenue": "revenues", "expense": "expenses"}[kind]
	if kind == "memorandum" {
		root = kind
	}
	return strings.TrimSuffix(root+":"+code+" "+name+":"+bankAccount, ":")
}

// beancountName leaves the words out: the code says enough.
func beancountName(code, _, kind, bankAccount string) string {
	root := map[string]string{"asset": "Assets", "liability": "Liabilities", "net_assets": "Equity", "revenue": "Income", "expense": "Expenses",
		"memorandum": "Equity:Memorandum"}[kind]
	return strings.TrimSuffix(root+":"+code+":"+strings.NewReplacer(".", "-dot-", "_", "-low-").Replace(bankAccount), ":")
}

// wanted returns the balances of the database: in the commodities that the files have, and in USD.
func wanted(t testing.TB, owner *sqlx.DB, asOf, fund string, name accountName) (held, usd balances) {
	t.Helper()
	var rows []struct {
		Code, Name, Kind string
		Bank             string
		Commodity        string
		Amount           decimal.Decimal
		USD              decimal.Decimal
	}
	// What changes the USD worth and no amount is told in USD.
	err := owner.Select(&rows, `
		SELECT a.code, a.name, a.kind, coalesce(l.bank_account, '') AS bank,
		    CASE WHEN l.amount = 0 THEN 'USD' ELSE l.currency END AS commodity,
		    sum(CASE WHEN l.amount = 0 THEN l.amount_usd ELSE l.amount END) AS amount, sum(l.amount_usd) AS usd
		FROM journal_line l JOIN account a ON a.code = l.account
		WHERE l.effective_date <= $1 AND ($2 = '' OR l.fund = $2)
		GROUP BY 1, 2, 3, 4, 5`, asOf, fund)
	if err != nil {
		t.Fatal(err)
	}
	held, usd = balances{}, balances{}
	for _, r := range rows {
		account := name(r.Code, r.Name, r.Kind, r.Bank)
		held.add(account, r.Commodity, r.Amount)
		usd.add(account, "USD", r.USD)
	}
	if len(held) == 0 {
		t.Fatal("the book is empty")
	}
	return held, usd
}

// hledgerBalances reads what hledger bal prints.
func hledgerBalances(t testing.TB, file string, args ...string) balances {
	t.Helper()
	out := run(t, "hledger", append([]string{"-f", file, "bal", "--flat", "-N", "--layout=bare", "-O", "csv"}, args...)...)
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%.1000s", err, out)
	}
	b := balances{}
	for _, r := range rows[1:] {
		b.add(r[0], r[1], decimal.RequireFromString(r[2]))
	}
	return b
}

// ledgerBalances reads what ledger bal prints: an account and its first amount, then an amount a line.
func ledgerBalances(t testing.TB, file string, args ...string) balances {
	t.Helper()
	out := run(t, "ledger", append([]string{"--init-file", "/dev/null", "--strict", "--pedantic", "-f", file, "bal", "--flat", "--no-total",
		"--format", "%(account)\t%(scrub(display_total))\n"}, args...)...)
	b := balances{}
	var account string
	for _, l := range strings.Split(strings.TrimSpace(out), "\n") {
		if name, rest, ok := strings.Cut(l, "\t"); ok {
			account, l = name, rest
		}
		f := strings.Fields(l)
		if len(f) != 2 {
			t.Fatalf("ledger bal says %q", l)
		}
		b.add(account, f[1], decimal.RequireFromString(f[0]))
	}
	return b
}

// beancountBalances reads what bean-query prints of a sum of positions or of weights. Only as text is a sum whole: as a
// number it is cut off, and --numberify stops at a billion. A weight has a tail of its division, so it is rounded.
func beancountBalances(t testing.TB, file, sum string) balances {
	t.Helper()
	out := run(t, "bean-query", "-f", "csv", file, "SELECT account, str(sum("+sum+")) AS held GROUP BY account")
	rows, err := csv.NewReader(strings.NewReader(out)).ReadAll()
	if err != nil {
		t.Fatalf("%v in\n%.1000s", err, out)
	}
	b := balances{}
	for _, r := range rows[1:] {
		for _, amount := range strings.Split(strings.Trim(r[1], "() "), ", ") {
			if number, currency, ok := strings.Cut(amount, " "); ok {
				d := decimal.RequireFromString(number)
				b.add(strings.TrimSpace(r[0]), currency, d.Round(ledger.Currency(currency).MinorUnits()))
			}
		}
	}
	return beancountNames(b)
}

// beancountNames drops the words of the accounts' names.
func beancountNames(b balances) balances {
	short := balances{}
	for key, amount := range b {
		parts := strings.Split(key[0], ":")
		for i, p := range parts {
			if len(p) > 4 && strings.Trim(p[:4], "0123456789") == "" {
				parts[i] = p[:4]
			}
		}
		short.add(strings.Join(parts, ":"), key[1], decimal.RequireFromString(amount))
	}
	return short
}

func compare(t testing.TB, what string, want, got balances) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s differ (-database +program):\n%s", what, diff)
	}
}
