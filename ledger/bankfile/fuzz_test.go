package bankfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/bankfile"
)

// check holds what is true of all that a reader gives, whatever the bytes were.
func check(t *testing.T, err error, b *book) {
	t.Helper()
	var fault *bankfile.Fault
	if err != nil {
		if !errors.As(err, &fault) {
			t.Fatalf("an error that is no fault: %v", err)
		}
		if fault.Line < 1 || fault.Rule == "" || fault.Detail == "" {
			t.Fatalf("a fault that does not say where or what: %+v", fault)
		}
		return
	}
	if b.open || len(b.statements) == 0 {
		t.Fatal("taken, without a whole statement")
	}
	for _, s := range b.statements {
		if s.Trailer.Entries != len(s.Entries) {
			t.Fatalf("%d entries, but %d were given", s.Trailer.Entries, len(s.Entries))
		}
		sum := s.Trailer.Sum.Amount
		flagged := map[bankfile.ProblemCode]bool{}
		for _, p := range s.Trailer.Problems {
			flagged[p.Code] = true
		}
		for _, e := range s.Entries {
			if !e.Amount.Currency.Known() || e.BookingDate.IsZero() || e.ValueDate.IsZero() || e.Original == "" || len(e.Payments) == 0 {
				t.Fatalf("an entry that is not whole: %+v", e)
			}
			if e.Amount.Amount.Exponent() < -e.Amount.Currency.MinorUnits() {
				t.Fatalf("an amount of more decimals than its currency: %s", e.Amount.Amount)
			}
			if e.Amount.Currency == s.Trailer.Sum.Currency {
				sum = sum.Sub(e.Amount.Amount)
			}
		}
		if !sum.IsZero() {
			t.Fatalf("the sum is off by %s", sum)
		}
		if o, c := s.Trailer.Opening, s.Trailer.Closing; o != nil && c != nil && !flagged[bankfile.BalanceOff] &&
			!o.Amount.Amount.Add(s.Trailer.Sum.Amount).Equal(c.Amount.Amount) {
			t.Fatalf("taken silently, though %s and %s are not %s", o.Amount, s.Trailer.Sum, c.Amount)
		}
	}
}

// seed adds the files of a pattern.
func seed(f *testing.F, pattern string) {
	files, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(files) == 0 {
		f.Fatal(pattern, err)
	}
	for _, path := range files {
		file, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(file))
	}
}

func FuzzCamt(f *testing.F) {
	seed(f, "*.xml")
	f.Add(camtSimple)
	f.Add(strings.NewReplacer("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn", "Stmt>", "Ntfctn>").Replace(camtSimple))
	f.Fuzz(func(t *testing.T, file string) {
		b := &book{t: t}
		check(t, bankfile.ReadCamt(strings.NewReader(file), b), b)
	})
}

func FuzzMT940(f *testing.F) {
	seed(f, "mt940*a")
	seed(f, "*.txt")
	f.Add(mt("C260102EUR150,00", ":61:2602300228RC50,NTRFNONREF//R1", ":86:166?00X?20EREF+E?21SVWZ+B?32N"))
	f.Add("")
	f.Add("{1:F01X}{4:\n" + mt("C260102EUR150,00", ":61:2601020102C50,NTRFNONREF//R1", ":86:/ORDP//NAME/N/CNTP/A/B/C/REMI/R/OCMT/USD1,/EXCH/1,2/") + "-}")
	f.Fuzz(func(t *testing.T, file string) {
		b := &book{t: t}
		check(t, bankfile.ReadMT940(strings.NewReader(file), b), b)
	})
}

func FuzzCSV(f *testing.F) {
	f.Add(germanFile)
	f.Add("a\nb\nBuchungstag;Valuta;Auftraggeber;IBAN;Verwendungszweck;Zusatz;Betrag;Ref;Saldo\n01.01.2026;;;;\"x\ny\";;1,00;;1,00\nTotal\n")
	f.Fuzz(func(t *testing.T, file string) {
		for _, loose := range []bool{false, true} {
			m := german
			m.LooseQuotes = loose
			b := &book{t: t}
			check(t, bankfile.ReadCSV(strings.NewReader(file), m, b), b)
		}
	})
}

func FuzzMapping(f *testing.F) {
	f.Add("UTF-8", ";", 1, "DD.MM.YYYY", "EUR", "1", "Amount", "Date,Amount\n01.01.2026,1\n")
	f.Fuzz(func(t *testing.T, encoding, separator string, header int, layout, currency, date, amount, file string) {
		m := bankfile.Mapping{Encoding: encoding, Separator: separator, HeaderRows: header, DateLayout: layout, Currency: ledger.Currency(currency), ValueDate: date, Amount: amount}
		b := &book{t: t}
		err := bankfile.ReadCSV(strings.NewReader(file), m, b)
		if m.Check() == nil {
			check(t, err, b)
		} else if len(b.statements) > 0 {
			t.Fatal("read by a mapping that is wrong")
		}
	})
}
