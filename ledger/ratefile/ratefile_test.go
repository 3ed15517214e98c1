package ratefile_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger"
	"vcledger/ledger/ratefile"
)

// tell returns a table as a person would check it: the source, each rate, what is unknown and each fault.
func tell(t testing.TB, file string, source ledger.RateSource) []string {
	t.Helper()
	table, err := ratefile.Read(strings.NewReader(file), source)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, r := range table.Rates {
		out = append(out, fmt.Sprintf("%s %s %s %s", r.Source, r.Currency, r.Date, r.UnitsPerUSD))
	}
	for _, code := range table.Unknown {
		out = append(out, "unknown "+code)
	}
	for _, f := range table.Faults {
		out = append(out, fmt.Sprintf("line %d: %s", f.Line, f.Rule))
	}
	return out
}

func TestRead(t *testing.T) {
	un, err := os.ReadFile(filepath.Join("testdata", "un.xml"))
	if err != nil {
		t.Fatal(err)
	}
	const ecb = `<gesmes:Envelope xmlns:gesmes="g" xmlns="e"><Cube><Cube time='2024-02-27'><Cube currency='USD' rate='1.0856'/><Cube currency='JPY' rate='163.04'/></Cube></Cube></gesmes:Envelope>`
	tests := []struct {
		name, file string
		source     ledger.RateSource
		want       []string
	}{
		{"United Nations XML", string(un), "", []string{"un EUR 2026-10-01 0.853", "un JPY 2026-10-15 147.25", "unknown QQQ"}},
		{"United Nations CSV", "f_curr_code,eff_date,rate\nEUR,01 Oct 2026,0.853\nJPY,2026-10-15,N/A\n", ledger.SourceUN, []string{"un EUR 2026-10-01 0.853"}},
		{"our own CSV, with a byte order mark", "\ufeffcurrency,effective_date,units_per_usd\r\nKWD,2026-10-01,0.305\r\n", ledger.SourceECB, []string{"ecb KWD 2026-10-01 0.305"}},
		{"European Central Bank XML", ecb, "", []string{"ecb EUR 2024-02-27 0.9211495947", "ecb JPY 2024-02-27 150.1842299189"}},
		{"European Central Bank CSV", "Date,USD,JPY,CYP,\n2026-04-13,1.1684,186.75,N/A,\n1999-01-04,1.1789,133.73,0.58231,\n", "",
			[]string{"ecb EUR 2026-04-13 0.855871277", "ecb JPY 2026-04-13 159.8339609723", "ecb EUR 1999-01-04 0.8482483671", "ecb JPY 1999-01-04 113.4362541352", "ecb CYP 1999-01-04 0.4939435067"}},
		{"no rate for USD on a day", "Date,USD,JPY\n2026-04-13,N/A,186.75\n", "", []string{"line 2: rate-missing"}},
		{"two rates of a day", "currency,effective_date,units_per_usd\nEUR,2026-10-01,0.9\nEUR,2026-10-01,0.91\n", ledger.SourceUN, []string{"un EUR 2026-10-01 0.9", "line 3: rate-exists"}},
		{"no source", "currency,effective_date,units_per_usd\nEUR,2026-10-01,0.9\n", "", []string{"line 1: required"}},
		{"a missing column", "currency,effective_date\nEUR,2026-10-01\n", ledger.SourceUN, []string{"line 1: register-header"}},
		{"zero, negative, exponent", "currency,effective_date,units_per_usd\nEUR,2026-10-01,0\nEUR,2026-10-02,-1\nEUR,2026-10-03,1e3\n", ledger.SourceUN,
			[]string{"line 2: out-of-range", "line 3: out-of-range", "line 4: out-of-range"}},
		{"a bad date and a bad code", "currency,effective_date,units_per_usd\nEUR,2026-02-30,1\neuro,2026-10-02,1\n", ledger.SourceUN, []string{"line 2: invalid-date", "line 3: currency-unknown"}},
		{"empty", "", "", []string{"line 0: register-row"}},
		{"another XML", "<html></html>", "", []string{"line 1: register-row"}},
		{"truncated XML", ecb[:120], "", []string{"line 1: register-row"}},
		{"a document type declaration", `<!DOCTYPE x [<!ENTITY a "b">]>` + ecb, "", []string{"line 1: register-row"}},
		{"no rate", "Date,USD\n", "", []string{"line 0: register-row"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tell(t, tt.file, tt.source)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func FuzzRead(f *testing.F) {
	f.Add("Date,USD,JPY\n2026-04-13,1.1684,186.75\n")
	f.Add("currency,effective_date,units_per_usd\nEUR,2026-10-01,0.9\n")
	f.Add(`<Envelope><Cube><Cube time='2024-02-27'><Cube currency='USD' rate='1.0856'/></Cube></Cube></Envelope>`)
	f.Add(`<UN_OPERATIONAL_RATES_DATASET><UN_OPERATIONAL_RATES><f_curr_code>EUR</f_curr_code><eff_date>01 Oct 2026</eff_date><rate>1</rate></UN_OPERATIONAL_RATES></UN_OPERATIONAL_RATES_DATASET>`)
	f.Fuzz(func(t *testing.T, file string) {
		table, err := ratefile.Read(strings.NewReader(file), ledger.SourceUN)
		if err != nil {
			t.Fatal(err)
		}
		if len(table.Rates) == 0 && len(table.Faults) == 0 && len(table.Unknown) == 0 {
			t.Fatal("nothing was read and nothing is wrong")
		}
		for _, r := range table.Rates {
			if !r.UnitsPerUSD.IsPositive() || !r.Currency.Known() || r.Date.IsZero() || r.Currency == ledger.USD {
				t.Fatalf("a rate that is none: %+v", r)
			}
		}
	})
}
