package bankfile_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger"
	"vcledger/ledger/bankfile"
)

// german is the mapping of a file as German banks write it.
var german = bankfile.Mapping{
	Encoding: "ISO-8859-1", Separator: ";", HeaderRows: 3, FooterRows: 1, DateLayout: "DD.MM.YYYY", DecimalComma: true, Currency: "EUR",
	BookingDate: "Buchungstag", ValueDate: "Valuta", Amount: "Betrag", Balance: "Saldo", Name: "Auftraggeber", Account: "IBAN", Reference: "8",
	Remittance: []string{"Verwendungszweck", "Zusatz"},
}

const germanFile = "Konto;123\n\nBuchungstag;Valuta;Auftraggeber;IBAN;Verwendungszweck;Zusatz;Betrag;Ref;Saldo\n" +
	"05.01.2026;06.01.2026;K\xf6nigreich;NL91 ABNA 0417 1643 00;Beitrag \"A\";2026;1.250,50;R2;1.150,50\n" +
	"02.01.2026;02.01.2026;Bank;;\"Geb\xfchr; Quartal\";;-100,00;R1;-100,00\n" +
	"Summe;;;;;;;1.150,50\n"

func TestReadCSV(t *testing.T) {
	english := bankfile.Mapping{HeaderRows: 1, Currency: "USD", BookingDate: "Date", Debit: "Paid out", Credit: "Paid in", Remittance: []string{"Details"}}
	numbers := bankfile.Mapping{DateLayout: "MM/DD/YY", BookingDate: "1", Amount: "2", CurrencyColumn: "3", Mark: "4", DebitMarks: []string{"D"}, CreditMarks: []string{"C"}, Name: "5"}
	payer := numbers
	payer.Mark, payer.DebitMarks, payer.CreditMarks, payer.DebitPositive = "", nil, nil, true
	loose := german
	loose.LooseQuotes = true
	checked := english
	checked.Balance = "Balance"
	tests := []struct {
		name    string
		mapping bankfile.Mapping
		file    string
		want    []string
	}{
		{"German, newest first, with a balance", loose, germanFile, []string{
			"4 2026-01-05 2026-01-06 1250.50 EUR R2 Königreich NL91ABNA0417164300 | Beitrag \"A\" 2026",
			"5 2026-01-02 2026-01-02 -100.00 EUR R1 Bank  | Gebühr; Quartal", "0.00 EUR to 1150.50 EUR: 2, 1150.50 EUR"}},
		{"a bare quote", german, germanFile, []string{"line 4: register-row: The row is not CSV: bare \" in non-quoted-field."}},
		{"two columns", english, "\xef\xbb\xbfDate,Paid out,Paid in,Details\n2026-01-02,\"1,000.00\",,\"two\nlines\"\n2026-01-02,0.00,5,x\n2026-01-03,-7.5,,y\n", []string{
			"2 2026-01-02 2026-01-02 -1000.00 USD    | two lines", "4 2026-01-02 2026-01-02 5.00 USD    | x", "5 2026-01-03 2026-01-03 -7.50 USD    | y",
			"- to -: 3, -1002.50 USD"}},
		{"both columns", english, "Date,Paid out,Paid in,Details\n2026-01-02,1,1,x\n", []string{"line 2: Paid in: duplicate-field: The row has both a debit and a credit."}},
		{"neither column", english, "Date,Paid out,Paid in,Details\n2026-01-02,,,x\n", []string{"line 2: Paid in: required: The row has neither a debit nor a credit."}},
		{"no header, marks", numbers, "01/31/26,10.00,EUR,D,A\n\n02/01/26,5,EUR,c,B\n", []string{
			"1 2026-01-31 2026-01-31 -10.00 EUR  A  | ", "3 2026-02-01 2026-02-01 5.00 EUR  B  | ", "- to -: 2, -5.00 EUR"}},
		{"a mark that is none", numbers, "01/31/26,10.00,EUR,X,A\n", []string{"line 1: 4: not-one-of: \"X\" is the mark of neither a debit nor a credit."}},
		{"two currencies", numbers, "01/31/26,10.00,EUR,C,A\n01/31/26,10,JPY,C,A\n", []string{
			"1 2026-01-31 2026-01-31 10.00 EUR  A  | ", "2 2026-01-31 2026-01-31 10 JPY  A  | ", "currency_mixed 2", "- to -: 2, 10.00 EUR"}},
		{"the payer's sign", payer, "01/31/26,10.00,EUR,,A\n01/31/26,(3.00),EUR,,A\n01/31/26,2.00-,EUR,,A\n", []string{
			"1 2026-01-31 2026-01-31 -10.00 EUR  A  | ", "2 2026-01-31 2026-01-31 3.00 EUR  A  | ", "3 2026-01-31 2026-01-31 2.00 EUR  A  | ", "- to -: 3, -5.00 EUR"}},
		{"a row that is cut off", numbers, "01/31/26,10.00,EUR,C,A\n01/31/26,1", []string{"line 2: register-row: The row has 2 fields of 5: it was cut off, or belongs to the lines before or after the entries."}},
		{"a quote that is not closed", numbers, "01/31/26,10.00,EUR,C,\"A\n01/31/26,10.00,EUR,C,A\n", []string{"line 2: register-row: The row is not CSV: extraneous or missing \" in quoted-field."}},
		{"a balance that does not follow", checked, "Date,Paid out,Paid in,Details,Balance\n2026-01-02,,5,x,5\n2026-01-03,,5,x,10\n2026-01-04,,5,x,16\n", []string{
			"2 2026-01-02 2026-01-02 5.00 USD    | x", "3 2026-01-03 2026-01-03 5.00 USD    | x", "4 2026-01-04 2026-01-04 5.00 USD    | x",
			"balance_off 4", "balance_off 4", "0.00 USD to 16.00 USD: 3, 15.00 USD"}},
		{"endless empty lines", numbers, strings.Repeat("\n", 200_000), []string{"line 1: register-row: A row is longer than 1048576 bytes or 100000 lines: a quote is perhaps not closed."}},
		{"an endless row", numbers, "\"" + strings.Repeat("x\n", 1<<20), []string{"line 1: register-row: A row is longer than 1048576 bytes or 100000 lines: a quote is perhaps not closed."}},
		{"columns that are missing", english, "Date,Amount\n", []string{"line 1: Paid out, Paid in, Details: register-header: The header has no column of the name. It has: Date, Amount."}},
		{"no header at all", english, "", []string{"line 1: register-row: The file ends before its 1 lines of header do."}},
		{"a date of no calendar", english, "Date,Paid out,Paid in,Details\n2026-02-30,,5,x\n", []string{"line 2: Date: invalid-date: \"2026-02-30\" is not a date in the form YYYY-MM-DD."}},
		{"groups of the wrong size", english, "Date,Paid out,Paid in,Details\n2026-02-03,,\"1,00\",x\n", []string{"line 2: Paid in: invalid-amount: \"1,00\" is not an amount."}},
		{"too many decimals", english, "Date,Paid out,Paid in,Details\n2026-02-03,,1.005,x\n", []string{
			"line 2: Paid in: amount-scale: \"1.005\" is not an amount of USD: the amount has more decimals than its currency."}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			b := &book{t: t}
			var got []string
			if err := bankfile.ReadCSV(strings.NewReader(tt.file), tt.mapping, b); err != nil {
				got = []string{err.Error()}
			} else {
				for _, e := range b.statements[0].Entries {
					p := e.Payments[0]
					got = append(got, fmt.Sprintf("%d %s %s %s %s %s %s | %s", e.Line, e.BookingDate, e.ValueDate, e.Amount, e.Reference,
						p.Counterparty.Name, p.Counterparty.Account, p.Remittance))
				}
				got = append(got, summary(b.statements[0])...)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// summary returns the problems and the figures of a statement.
func summary(s statement) (list []string) {
	for _, p := range s.Trailer.Problems {
		list = append(list, fmt.Sprintf("%s %d", p.Code, p.Line))
	}
	at := func(b *bankfile.Balance) string {
		if b == nil {
			return "-"
		}
		return b.Amount.String()
	}
	return append(list, fmt.Sprintf("%s to %s: %d, %s", at(s.Trailer.Opening), at(s.Trailer.Closing), s.Trailer.Entries, s.Trailer.Sum))
}

func TestMappingCheck(t *testing.T) {
	bad := bankfile.Mapping{
		Encoding: "EBCDIC-XX", Separator: ";;", HeaderRows: -1, FooterRows: 1000, DateLayout: "D.M.Y", Currency: "EURO", Debit: "x", Mark: "y", DebitPositive: true,
		CreditMarks: []string{"C"}, Name: "0", Remittance: []string{""},
	}
	var e *ledger.Error
	if !errors.As(bad.Check(), &e) {
		t.Fatal("a mapping that is all wrong was taken")
	}
	var got []string
	for _, v := range e.Violations {
		got = append(got, v.Pointer+" "+string(v.Rule))
	}
	want := []string{"/encoding not-one-of", "/separator invalid-text", "/header_rows out-of-range", "/footer_rows out-of-range", "/date_layout not-one-of",
		"/currency currency-unknown", "/value_date required", "/debit required", "/mark unknown-field", "/debit_positive duplicate-field", "/debit_marks required",
		"/name out-of-range", "/remittance/0 required"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := (bankfile.Mapping{BookingDate: "Date", Amount: "Amount", Currency: "EUR"}).Check(); err == nil || !strings.Contains(err.Error(), "register-header") {
		t.Errorf("names without a header: %v", err)
	}
}

// TestMappingJSON holds that a mapping comes back as it was kept.
func TestMappingJSON(t *testing.T) {
	text, err := json.Marshal(german)
	if err != nil {
		t.Fatal(err)
	}
	var back bankfile.Mapping
	if err := json.Unmarshal(text, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(german, back); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if err := back.Check(); err != nil {
		t.Error(err)
	}
}
