package render_test

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

func usd(amount string) reports.Money {
	return reports.Money{Money: ledger.Dollars(decimal.RequireFromString(amount))}
}

// report returns a fund report with one contributor of each name and amount.
func report(amounts map[string]string) *reports.FundReport {
	r := &reports.FundReport{Fund: reports.Fund{Code: "F", Name: "Fund"}}
	g := reports.ContributorGroup{Kind: ledger.State}
	for name, amount := range amounts {
		zero := usd("0")
		g.Contributors = append(g.Contributors, reports.ContributorLine{Contributor: reports.Contributor{Code: "X", Name: name},
			FundFigures: reports.FundFigures{Pledges: reports.CashMovements{Opening: zero, Closing: usd(amount)}, Received: zero}})
	}
	r.Groups = append(r.Groups, g)
	return r
}

func text(t *testing.T, doc any) string {
	t.Helper()
	var b bytes.Buffer
	if err := render.Text(&b, doc, language.English); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestCSVIsHarmless writes texts that a spreadsheet would run: each gets an apostrophe, and numbers none.
func TestCSVIsHarmless(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"=1+1": "'=1+1", "+1": "'+1", "-1+1": "'-1+1", "@x": "'@x", "\tx": "'\tx", "\rx": "'\rx", "\n=x": "'\n=x",
		"-1": "-1", "-12.50": "-12.50", "-": "'-", "-1.": "'-1.", "a=b": "a=b", "": "",
	} {
		var b bytes.Buffer
		if err := render.CSV(&b, &reports.Statement{Notes: []string{in}}); err != nil {
			t.Fatal(err)
		}
		sections := strings.Split(b.String(), "\n\n")
		rows, err := csv.NewReader(strings.NewReader(sections[len(sections)-1])).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		if got := rows[len(rows)-1][1]; got != strings.ReplaceAll(want, "\r\n", "\n") {
			t.Errorf("%q is written as %q, want %q", in, got, want)
		}
	}
}

// TestCSVIsTidy reads every section back: as many cells in each row as in its header, the name in front.
func TestCSVIsTidy(t *testing.T) {
	t.Parallel()
	for _, doc := range []any{&reports.Statement{}, &reports.FundReport{}, &reports.TrialBalance{}} {
		var b bytes.Buffer
		if err := render.CSV(&b, doc); err != nil {
			t.Fatal(err)
		}
		for s := range strings.SplitSeq(b.String(), "\n\n") {
			rows, err := csv.NewReader(strings.NewReader(s)).ReadAll() // refuses a row of another length
			if err != nil {
				t.Errorf("%T: %v in\n%s", doc, err, s)
				continue
			}
			if rows[0][0] != "section" {
				t.Errorf("%T: a section begins with %q", doc, rows[0])
			}
		}
	}
}

// TestTextIsAligned puts names of any script in a table: the last figure of each row ends in the same column.
func TestTextIsAligned(t *testing.T) {
	t.Parallel()
	out := text(t, report(map[string]string{
		"Germany": "1234567.89", "示例市人民政府": "-1.00", "بنك التنمية الإقليمي": "22.00", "Côte d’Ivoire": "333.00",
		"👩‍👩‍👧 家 a very long name that does not fit": "4444.00",
	}))
	columns := map[int]string{}
	for _, amount := range []string{"1,234,567.89", "(1.00", "22.00", "333.00", "4,444.00"} {
		before, _, found := strings.Cut(out, amount)
		if !found {
			t.Fatalf("%s is not in\n%s", amount, out)
		}
		line := before[strings.LastIndexByte(before, '\n')+1:] + amount
		columns[uniseg.StringWidth(line)] = amount
	}
	if len(columns) != 1 {
		t.Errorf("the figures end in the columns %v of\n%s", columns, out)
	}
	if !strings.Contains(out, "…") {
		t.Errorf("the long name is not cut:\n%s", out)
	}
}

// TestTextGivesNoOrders writes a name that would order a terminal about, and one that would turn the line around.
func TestTextGivesNoOrders(t *testing.T) {
	t.Parallel()
	if out := text(t, report(map[string]string{"a\x1b[2Jb\u202ec\nd": "1.00"})); !strings.Contains(out, "a\ufffd[2Jb\ufffdc\ufffdd") {
		t.Errorf("%q", out)
	}
}

type broken struct{}

var errBroken = errors.New("broken")

func (broken) Write([]byte) (int, error) { return 0, errBroken }

func TestErrors(t *testing.T) {
	t.Parallel()
	for _, f := range render.Formats {
		if err := f.Write(broken{}, &reports.Statement{}, language.English); !errors.Is(err, errBroken) {
			t.Errorf("%s to a broken writer: %v", f.Name, err)
		}
		if err := f.Write(io.Discard, make(chan int), language.English); err == nil {
			t.Errorf("%s of a thing that is no document: no error", f.Name)
		}
	}
}
