package expenditurefile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger/expenditurefile"
)

// tell returns a file as a person would check it: each row, and each fault.
func tell(t testing.TB, text string) []string {
	t.Helper()
	file, err := expenditurefile.Read(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range file.Rows {
		out = append(out, fmt.Sprintf("%d: %s %s (%s) %s|%s|%s|%s|%s", r.Line, r.Date, r.Amount, r.USD, r.Description, r.Project, r.Reference, r.Pledge, r.BankAccount))
	}
	for _, f := range file.Faults {
		out = append(out, fmt.Sprintf("line %d, column %s: %s", f.Line, f.Column, f.Rule))
	}
	return out
}

const head = "date,amount,currency,description,project,reference,pledge,bank_account,usd_amount\n"

func TestRead(t *testing.T) {
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"every column", head + "2026-04-01,100.00,EUR,Training,P-1,V1,NV-2026/3,MAIN,125.00\n",
			[]string{"2: 2026-04-01 100.00 EUR (125) Training|P-1|V1|NV-2026/3|MAIN"}},
		{"the required columns, in another order, with a byte order mark", "\ufeffReference,currency,amount,date,description\r\nV1,JPY,100,2026-04-01,Ink\r\n",
			[]string{"2: 2026-04-01 100 JPY (0) Ink||V1||"}},
		{"every fault of a row at once", head + "2026-02-30,1.5,JPY,,,,,,-1\n", []string{"line 2, column description: required", "line 2, column reference: required",
			"line 2, column date: invalid-date", "line 2, column amount: amount-scale", "line 2, column usd_amount: invalid-amount"}},
		{"faults of several rows", head + "2026-04-01,0,USD,a,,V1,,,\n2026-04-01,1e3,USD,a,,V2,,,\n2026-04-01,1,XXQ,a,,V3,,,\n2026-04-01,1,USD,a,,V2,,,\n", []string{
			"line 2, column amount: amount-not-positive", "line 3, column amount: invalid-amount", "line 4, column currency: currency-unknown",
			"line 5, column reference: expenditure-duplicate"}},
		{"columns that are missing, twice and not known", "date,date,amount,colour\n", []string{"line 1, column date: register-header", "line 1, column colour: register-header",
			"line 1, column currency: register-header", "line 1, column description: register-header", "line 1, column reference: register-header"}},
		{"a row that is too short", head + "2026-04-01,1\n", []string{"line 2, column : register-row"}},
		{"an open quote", head + "\"2026\n", []string{"line 2, column : register-row"}},
		{"a control character", head + "2026-04-01,1,USD,a\x00b,,V1,,,\n", []string{"line 2, column description: invalid-text"}},
		{"no row", head, []string{"line 1, column : register-row"}},
		{"empty", "", []string{"line 1, column : register-header"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tell(t, tt.file)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add(head + "2026-04-01,100.00,EUR,Training,P-1,V1,NV-2026/3,MAIN,125.00\n")
	f.Add("reference,currency,amount,date,description\nV1,JPY,100,2026-04-01,Ink\n")
	f.Add(head + "\"2026\n")
	f.Fuzz(func(t *testing.T, text string) {
		file, err := expenditurefile.Read(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if len(file.Rows) == 0 && len(file.Faults) == 0 {
			t.Fatal("nothing was read and nothing is wrong")
		}
		references := map[string]bool{}
		for _, r := range file.Rows {
			if !r.Amount.Amount.IsPositive() || !r.Amount.Currency.Known() || r.Date.IsZero() || r.Description == "" || r.Reference == "" || r.USD.IsNegative() {
				t.Fatalf("an expenditure that is none: %+v", r)
			}
			if references[r.Reference] {
				t.Fatalf("%q stands twice", r.Reference)
			}
			references[r.Reference] = true
		}
	})
}
