package export

import (
	"bytes"
	"cmp"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
)

var update = flag.Bool("update", false, "write the golden files anew")

var formats = map[string]format{"hledger": hledger{}, "beancount": beancount{}}

// chart has the accounts of the tests' journals.
var chart = []used{
	{Account: "1010", Name: "Cash at bank", Kind: ledger.KindAsset},
	{Account: "1200", Name: "Contributions receivable", Kind: ledger.KindAsset},
	{Account: "3000", Name: "رصيد الصندوق", Kind: ledger.KindNetAssets},
	{Account: "4010", Name: "Contributions, cash", Kind: ledger.KindRevenue},
	{Account: "4910", Name: "Exchange: gains; [and] more\n  ", Kind: ledger.KindRevenue},
	{Account: "5910", Name: "Exchange losses", Kind: ledger.KindExpense},
	{Account: "9200", Name: "In-kind pledges outstanding", Kind: ledger.KindMemorandum},
	{Account: "9290", Name: "In-kind pledges outstanding, contra", Kind: ledger.KindMemorandum},
}

// testJournal makes the journal of some lines, with the accounts and currencies that they use.
func testJournal(lines ...line) *journal {
	j := &journal{
		AsOf: ledger.NewDate(2026, time.December, 31), KnownAt: time.Date(2027, time.January, 2, 3, 4, 5, 678000, time.UTC),
		Each: func(fn func(*line) error) error {
			for _, l := range lines {
				if err := fn(&l); err != nil {
					return err
				}
			}
			return nil
		},
	}
	for _, a := range chart {
		for _, l := range lines {
			if l.Account == a.Account {
				a.BankAccount, a.Currency = l.BankAccount, l.Currency
				j.Used = append(j.Used, a)
			}
		}
	}
	slices.SortFunc(j.Used, func(a, b used) int {
		return cmp.Or(cmp.Compare(a.Account, b.Account), cmp.Compare(a.BankAccount, b.BankAccount), cmp.Compare(a.Currency, b.Currency))
	})
	j.Used = slices.Compact(j.Used)
	return j
}

// head returns an entry to take lines from.
func head(id string, day int, description string) line {
	return line{Entry: id, EffectiveDate: ledger.NewDate(2026, time.March, day), Description: description, Kind: ledger.EntryReceipt,
		RecordedAt: time.Date(2026, time.April, 1, 12, 0, day, 123456000, time.UTC), Fund: "GEN"}
}

// on returns a line of the entry: an account, a bank account after a colon, an amount and its USD.
func (l line) on(account, amount, currency, usd string) line {
	code, bank, _ := strings.Cut(account, ":")
	l.Account, l.BankAccount, l.Currency = ledger.AccountCode(code), bank, ledger.Currency(currency)
	l.Amount, l.AmountUSD = decimal.RequireFromString(amount), decimal.RequireFromString(usd)
	return l
}

func (l line) of(contributor, pledge string) line {
	l.Contributor, l.Pledge = contributor, pledge
	return l
}

// trickyLines has a case for each rule of the package's documentation.
func trickyLines() []line {
	receipt := head("00000000-0000-7000-8000-000000000001", 1, "Receipt, of two currencies")
	receipt.EntryReceipt = "00000000-0000-7000-8000-0000000000f1"
	text := head("00000000-0000-7000-8000-000000000002", 2, "* ! (no code) \"quoted\\\" | ; [2026-99-99]\n\n2026-01-01 * injected\t\tذ 示例")
	text.Reason = "a, date:2020-01-01, b: c; d\r\n    assets:x  1 USD [=2026-02-30]"
	reversal := head("00000000-0000-7000-8000-000000000003", 2, "")
	reversal.Kind, reversal.Reverses, reversal.Reason = ledger.EntryReversal, text.Entry, strings.Repeat("lång ", 500)
	zeros := head("00000000-0000-7000-8000-000000000004", 3, "Nothing")
	kind := head("00000000-0000-7000-8000-000000000005", 4, "Delivery and its pledge")
	kind.Kind, kind.Delivery, kind.Item = ledger.EntryDelivery, "00000000-0000-7000-8000-0000000000d1", 2
	revaluation := head("00000000-0000-7000-8000-000000000006", 5, "Revaluation")
	withdrawn := head("00000000-0000-7000-8000-000000000007", 6, "Withdrawn currencies, all scales")
	other := withdrawn
	other.Fund = "SPF"
	return []line{
		receipt.on("1010:MAIN", "59975", "EUR", "65372.75"),
		receipt.on("1010:A.B_C", "100", "USD", "100"),
		receipt.on("1200", "-60000", "EUR", "-64800").of("XAA", "P-1"),
		receipt.on("4910", "-672.75", "USD", "-672.75"),
		text.on("1200", "10", "EUR", "11").of("XAA", "P;1, [2026-01-01] |a: b"),
		text.on("4010", "-10", "EUR", "-11").of("XAA", "\"P\\1\""),
		reversal.on("1200", "-10", "EUR", "-11").of("XAA", "P"),
		reversal.on("4010", "10", "EUR", "11").of("XAA", "P"),
		zeros.on("1200", "0.01", "EUR", "0"),
		zeros.on("1200", "-3", "JPY", "0"),
		zeros.on("4010", "0", "EUR", "0"),
		zeros.on("4010", "0", "USD", "0"),
		kind.on("9200", "-5000", "CHF", "-5500").of("XAA", "K-1"),
		kind.on("9290", "5000", "CHF", "5500").of("XAA", "K-1"),
		revaluation.on("1200", "0", "EUR", "-12.34"),
		revaluation.on("5910", "12.34", "USD", "12.34"),
		withdrawn.on("1010:MAIN", "999999999999999", "ITL", "0.02"),
		withdrawn.on("3000", "-0.0001", "CLF", "-0.02"),
		other.on("1010:MAIN", "1.005", "KWD", "3.27"),
		other.on("3000", "-3", "DEM", "-3.27"),
	}
}

// TestGolden holds the files of the tricky entries and of an empty journal against their golden files.
func TestGolden(t *testing.T) {
	t.Parallel()
	tricky := testJournal(trickyLines()...)
	tricky.Funds = []fund{{"GEN", "General; Purpose\nFund", false}, {"SPF", "صندوق", true}}
	for name, j := range map[string]*journal{"tricky": tricky, "empty": testJournal()} {
		for extension, f := range formats {
			got := written(t, j, f)
			file := filepath.Join("testdata", name+"."+extension)
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := gocmp.Diff(string(want), got); diff != "" {
				t.Errorf("%s differs (-want +got); go test -update writes it anew:\n%s", file, diff)
			}
		}
	}
}

func written(t testing.TB, j *journal, f format) string {
	t.Helper()
	var b bytes.Buffer
	if err := j.write(&b, f); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// brokenPipe takes some bytes and no more.
type brokenPipe struct{ room int }

var errBroken = errors.New("the reader has gone")

func (w *brokenPipe) Write(b []byte) (int, error) {
	if len(b) > w.room {
		return w.room, errBroken
	}
	w.room -= len(b)
	return len(b), nil
}

// TestWriteError gives up when the reader goes away, wherever that happens, and does not read the journal to its end.
func TestWriteError(t *testing.T) {
	t.Parallel()
	l := head("1", 1, "Receipt").on("1200", "1", "USD", "1")
	endless := testJournal(l)
	endless.Each = func(fn func(*line) error) error {
		for {
			if err := fn(&l); err != nil {
				return err
			}
		}
	}
	for _, f := range formats {
		for _, room := range []int{0, 5000, 100_000} {
			if err := endless.write(&brokenPipe{room}, f); !errors.Is(err, errBroken) {
				t.Errorf("%T, after %d bytes: %v", f, room, err)
			}
		}
		if err := testJournal(l).write(&brokenPipe{}, f); !errors.Is(err, errBroken) {
			t.Errorf("%T, at the end: %v", f, err)
		}
	}
}
