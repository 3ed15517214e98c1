package registerfile_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger"
	"vcledger/ledger/registerfile"
)

const header = "event,contribution,contributor,kind,country,fund,year,date,currency,amount,usd_amount,instrument,item,quantity,unit,note"

var today = ledger.NewDate(2026, 11, 23)

// read reads a whole register and returns its good rows and each fault as "line column rule".
func read(t testing.TB, in io.Reader) (rows []registerfile.Row, faults []string) {
	t.Helper()
	tell := func(list []registerfile.Fault) {
		for _, f := range list {
			faults = append(faults, fmt.Sprintf("%d %s %s", f.Line, f.Column, f.Rule))
		}
	}
	r, found, err := registerfile.NewReader(in, today)
	if err != nil {
		t.Fatal(err)
	}
	if tell(found); len(found) > 0 {
		return nil, faults
	}
	for {
		row, found, err := r.Next()
		if errors.Is(err, io.EOF) {
			return rows, faults
		}
		if err != nil {
			t.Fatal(err)
		}
		if tell(found); len(found) == 0 {
			rows = append(rows, row)
		}
	}
}

func TestRows(t *testing.T) {
	const good = "receipt,K-1,Austria,state,AUT,F,2026,2026-02-01,EUR,100.00,110.00,EFT,,,,a note"
	tests := []struct{ name, row, fault string }{
		{"a good row", good, ""},
		{"yen with zeros", strings.ReplaceAll(good, "EUR,100.00", "JPY,100.00"), ""},
		{"no stated USD", strings.ReplaceAll(good, "110.00", ""), ""},
		{"a fund year ahead", strings.ReplaceAll(good, ",F,2026", ",F,2028"), ""},
		{"a quoted name with a comma", strings.ReplaceAll(good, "Austria", `"Austria, Republic of"`), ""},
		{"a gift", "delivery,K-1,Austria,state,AUT,F,2026,2026-02-01,EUR,100.00,110.00,,printers,2.5,item,", ""},
		{"a gift of no value", "delivery,K-1,Austria,state,AUT,F,2026,2026-02-01,,,,,printers,2,item,", ""},
		{"an unknown event", strings.ReplaceAll(good, "receipt", "gift"), "2 event not-one-of"},
		{"no contribution", strings.ReplaceAll(good, "K-1", ""), "2 contribution required"},
		{"no contributor", strings.ReplaceAll(good, "Austria", "  "), "2 contributor required"},
		{"an unknown kind", strings.ReplaceAll(good, "state", "country"), "2 kind not-one-of"},
		{"no kind", strings.ReplaceAll(good, "state", ""), "2 kind required"},
		{"a country in two letters", strings.ReplaceAll(good, "AUT", "AT"), "2 country invalid-text"},
		{"no fund", strings.ReplaceAll(good, ",F,", ",,"), "2 fund required"},
		{"a year in words", strings.ReplaceAll(good, ",F,2026", ",F,this"), "2 year out-of-range"},
		{"the year 1", strings.ReplaceAll(good, ",F,2026", ",F,1"), "2 year out-of-range"},
		{"30 February", strings.ReplaceAll(good, "2026-02-01", "2026-02-30"), "2 date invalid-date"},
		{"the year 9999", strings.ReplaceAll(good, "2026-02-01", "9999-12-31"), "2 date invalid-date"},
		{"tomorrow", strings.ReplaceAll(good, "2026-02-01", "2026-11-24"), "2 date date-in-future"},
		{"an unknown currency", strings.ReplaceAll(good, "EUR", "EURO"), "2 currency currency-unknown"},
		{"no currency", strings.ReplaceAll(good, "EUR", ""), "2 currency required"},
		{"no amount", strings.ReplaceAll(good, "100.00", ""), "2 amount required"},
		{"a tenth of a cent", strings.ReplaceAll(good, "100.00", "100.001"), "2 amount amount-scale"},
		{"negative", strings.ReplaceAll(good, "100.00", "-100.00"), "2 amount amount-not-positive"},
		{"zero", strings.ReplaceAll(good, "100.00", "0.00"), "2 amount amount-not-positive"},
		{"an exponent", strings.ReplaceAll(good, "100.00", "1e2"), "2 amount invalid-amount"},
		{"a separator", strings.ReplaceAll(good, "100.00", `"1,000.00"`), "2 amount invalid-amount"},
		{"too large", strings.ReplaceAll(good, "100.00", "1000000000000000.00"), "2 amount amount-too-large"},
		{"zero USD", strings.ReplaceAll(good, "110.00", "0.00"), "2 usd_amount amount-not-positive"},
		{"a control character", strings.ReplaceAll(good, "a note", "a\x07note"), "2 note invalid-text"},
		{"a line break in a field", strings.ReplaceAll(good, "a note", "\"a\nnote\""), "2 note invalid-text"},
		{"NUL", strings.ReplaceAll(good, "a note", "a\x00note"), "2 note invalid-text"},
		{"invalid UTF-8", strings.ReplaceAll(good, "Austria", "\xff"), "2 contributor invalid-text"},
		{"a long note", strings.ReplaceAll(good, "a note", strings.Repeat("ä", 501)), "2 note too-long"},
		{"cash with a quantity", strings.ReplaceAll(good, "EFT,,,", "EFT,,5,"), "2 quantity pledge-form"},
		{"a gift without a unit", "delivery,K-1,Austria,state,AUT,F,2026,2026-02-01,EUR,1,1,,printers,2,,", "2 unit required"},
		{"a gift of nothing", "delivery,K-1,Austria,state,AUT,F,2026,2026-02-01,EUR,1,1,,printers,0,item,", "2 quantity out-of-range"},
		{"a field too few", strings.TrimSuffix(good, ",a note"), "2  register-row"},
		{"a stray quote", strings.ReplaceAll(good, "Austria", `Aus"tr"ia`), "2  register-row"},
		{"a quote that is not closed", strings.ReplaceAll(good, "Austria", `"Austria`), "2  register-row"},
		{"a row of 64 KiB", strings.ReplaceAll(good, "a note", strings.Repeat("a", 70000)), "2  register-row"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			// The row stands before a good one, which must be read whatever happened.
			rows, faults := read(t, strings.NewReader(header+"\n"+tt.row+"\n"+good+"\n"))
			var want []string
			count := 2
			if tt.fault != "" {
				want, count = []string{tt.fault}, 1
			}
			if diff := cmp.Diff(want, faults); diff != "" || len(rows) != count {
				t.Errorf("%d rows read, want %d; faults (-want +got):\n%s", len(rows), count, diff)
			}
		})
	}
}

// TestAllFaults reads a row in which everything is wrong.
func TestAllFaults(t *testing.T) {
	_, faults := read(t, strings.NewReader(header+"\n,,,,x,,,,,,-1,,,,,\n"))
	want := []string{"2 event required", "2 contribution required", "2 contributor required", "2 kind required", "2 fund required", "2 country invalid-text",
		"2 year required", "2 date required", "2 currency required", "2 amount required", "2 usd_amount amount-not-positive"}
	if diff := cmp.Diff(want, faults); diff != "" {
		t.Errorf("faults (-want +got):\n%s", diff)
	}
}

func TestFiles(t *testing.T) {
	row := "receipt,K-1,Austria,state,AUT,F,2026,2026-02-01,EUR,100.00,110.00,,,,,"
	tests := []struct {
		name, file string
		rows       int
		faults     []string
	}{
		{"LF", header + "\n" + row + "\n", 1, nil},
		{"CRLF", header + "\r\n" + row + "\r\n", 1, nil},
		{"CR", header + "\r" + row + "\r", 1, nil},
		{"no final line break", header + "\n" + row, 1, nil},
		{"byte order mark", "\ufeff" + header + "\n" + row, 1, nil},
		{"empty lines", header + "\n\n\n" + row + "\n\n", 1, nil},
		{"other order, capitals", "Amount,Currency,date,year,fund,kind,contributor,contribution,event\n1,EUR,2026-01-01,2026,F,state,A,K,pledge", 1, nil},
		{"empty", "", 0, []string{"1  register-header"}},
		{"UTF-16", "\xff\xfee\x00v\x00", 0, []string{"1  register-header"}},
		{"missing, twice and unknown", "event,event,colour,contribution,contributor,kind,fund,year,currency,amount", 0,
			[]string{"1 event register-header", "1 colour register-header", "1 date register-header"}},
		{"truncated", header + "\n" + row + "\n" + `receipt,"K-`, 1, []string{"3  register-row"}},
		{"an open quote swallows nothing", header + "\n" + `receipt,"K-` + "\n" + row + "\n" + row + "\n", 2, []string{"2  register-row"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, faults := read(t, strings.NewReader(tt.file))
			if diff := cmp.Diff(tt.faults, faults); diff != "" || len(rows) != tt.rows {
				t.Errorf("%d rows read, want %d; faults (-want +got):\n%s", len(rows), tt.rows, diff)
			}
		})
	}
}

// TestCERF reads the real register: eleven amounts have too many decimals, one pledge is worth nothing.
func TestCERF(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("..", "..", "cmd", "vcledger", "demo", "cerf-register.csv"))
	if err != nil {
		t.Fatal(err)
	}
	rows, faults := read(t, bytes.NewReader(data))
	scale := 0
	for _, f := range faults {
		if strings.HasSuffix(f, "amount amount-scale") {
			scale++
		}
	}
	if len(rows) != 4879 || scale != 11 || len(faults) != 12 {
		t.Errorf("%d rows, faults %v", len(rows), faults)
	}
}

// TestMemory reads 100,000 bad rows, and an open quote before 20 MiB of text, in little memory.
func TestMemory(t *testing.T) {
	files := map[string]func() io.Reader{
		"bad rows": func() io.Reader {
			return io.MultiReader(strings.NewReader(header+"\n"), &repeat{text: "receipt,K,X,state,,F,2026,2026-02-30,EUR,-1,,,,,,\n", times: 100_000})
		},
		"an open quote": func() io.Reader {
			return io.MultiReader(strings.NewReader(header+"\n\""), &repeat{text: strings.Repeat("a,", 100) + "\n", times: 100_000})
		},
		"one endless line": func() io.Reader {
			return io.MultiReader(strings.NewReader(header+"\n"), &repeat{text: strings.Repeat("a,", 100), times: 100_000})
		},
	}
	for name, file := range files {
		t.Run(name, func(t *testing.T) {
			r, _, err := registerfile.NewReader(file(), today)
			if err != nil {
				t.Fatal(err)
			}
			var before, after runtime.MemStats
			runtime.GC()
			runtime.ReadMemStats(&before)
			for {
				if _, _, err := r.Next(); err != nil {
					break
				}
			}
			runtime.GC()
			runtime.ReadMemStats(&after)
			if after.HeapAlloc > before.HeapAlloc+8<<20 {
				t.Errorf("the heap grew from %d to %d bytes", before.HeapAlloc, after.HeapAlloc)
			}
			runtime.KeepAlive(r)
		})
	}
}

// repeat is a reader of a text many times over.
type repeat struct {
	text  string
	times int
	rest  string
}

func (r *repeat) Read(p []byte) (int, error) {
	if r.rest == "" {
		if r.times == 0 {
			return 0, io.EOF
		}
		r.times--
		r.rest = r.text
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

func FuzzReader(f *testing.F) {
	f.Add([]byte(header + "\nreceipt,K-1,Austria,state,AUT,F,2026,2026-02-01,EUR,100.00,110.00,EFT,,,,a note\n"))
	f.Add([]byte(header + "\n\"\n\"\"\r\r\n\x00,\xff"))
	f.Fuzz(func(t *testing.T, data []byte) {
		r, faults, err := registerfile.NewReader(bytes.NewReader(data), today)
		if err != nil {
			t.Fatal(err)
		}
		if len(faults) > 0 {
			return
		}
		last := 1
		for {
			row, faults, err := r.Next()
			if errors.Is(err, io.EOF) {
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			if row.Line <= last {
				t.Fatalf("line %d follows line %d", row.Line, last)
			}
			last = row.Line
			for _, f := range faults {
				if f.Line != row.Line || f.Detail == "" || f.Rule.Doc().Title == "" {
					t.Fatalf("a fault that says nothing: %+v", f)
				}
			}
			if len(faults) == 0 && (row.Contributor == "" || row.Date.IsZero() || !row.Money.Currency.Known() || row.Money.Amount.IsNegative()) {
				t.Fatalf("a bad row without a fault: %+v", row)
			}
		}
	})
}

func BenchmarkReader(b *testing.B) {
	data, err := os.ReadFile(filepath.Join("..", "..", "cmd", "vcledger", "demo", "cerf-register.csv"))
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		read(b, bytes.NewReader(data))
	}
}

func TestCategory(t *testing.T) {
	for _, tt := range []struct {
		item, unit string
		want       ledger.Category
	}{
		{"Forensic experts", "expert_day", ledger.Expert}, {"AML", "consultant_day", ledger.Consultant}, {"Jurist", "jours", ledger.Expert},
		{"Officer on secondment", "month", ledger.StaffOnLoan}, {"Printers", "item", ledger.Goods}, {"Office in Vienna", "m2", ledger.Premises},
		{"Flight tickets", "item", ledger.Travel}, {"専門家", "日", ledger.Expert}, {"Holidays brochure", "piece", ledger.Goods},
	} {
		if got := registerfile.Category(tt.item, tt.unit); got != tt.want {
			t.Errorf("%s by the %s: %s, want %s", tt.item, tt.unit, got, tt.want)
		}
	}
}

func TestCodeFrom(t *testing.T) {
	form := regexp.MustCompile(`^[A-Z0-9][A-Z0-9._-]{0,63}$`)
	for name, want := range map[string]string{"CERF": "CERF", "Holy See (Vatican City State)": "HOLY-SEE-VATICAN-CITY-STATE", "Côte d'Ivoire": "COTE-DIVOIRE",
		"Österreich": "OSTERREICH", "Łódź": "LODZ", "Straße 1": "STRASSE-1"} {
		if got := registerfile.CodeFrom(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
	seen := map[string]string{}
	for _, name := range []string{"日本", "中国", "مصر", "Россия", "日本 Fund", "中国 Fund", "-", "", "…", strings.Repeat("Very long ", 20), strings.Repeat("Very long ", 20) + "name"} {
		code := registerfile.CodeFrom(name)
		if !form.MatchString(code) || seen[code] != "" {
			t.Errorf("%q gets the code %q, which %q has", name, code, seen[code])
		}
		seen[code] = name
	}
}
