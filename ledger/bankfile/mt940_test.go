package bankfile_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// mt returns a statement of EUR from 100,00 to a closing balance, with lines between.
func mt(closing string, lines ...string) string {
	return ":20:REF\n:25:NL91ABNA0417164300\n:28C:7/1\n:60F:C260101EUR100,00\n" + strings.Join(lines, "\n") + "\n:62F:" + closing + "\n"
}

func TestMT940(t *testing.T) {
	const line = ":61:2601020102C50,NTRFNONREF//R1"
	whole := []string{"2026-01-02/2026-01-02 50.00 EUR R1", "  50.00 EUR /    | ", "100.00 EUR to 150.00 EUR: 1, 50.00 EUR"}
	simple := mt("C260102EUR150,00", line)
	noted := func(note string) string { return mt("C260102EUR150,00", line, ":86:"+note) }
	with := func(payment string) []string { return []string{whole[0], payment, whole[2]} }
	tests := []struct {
		name, file string
		want       []string
	}{
		{"simple", simple, whole},
		{"ends of lines of two characters", strings.ReplaceAll(simple, "\n", "\r\n"), whole},
		{"a mark before it", "\ufeff" + simple, whole},
		{"lower case", strings.NewReplacer(":60F:C260101EUR", ":60f:c260101eur", "C50,NTRF", "c50,ntrf", ":62F:C260102EUR", ":62f:c260102eur").Replace(simple), whole},
		{"a SWIFT envelope", "{1:F01ABNANL2AXXXX0000000000}{2:I940ABNANL2AXXXXN}{3:{108:X}}{4:\n" + simple + "-}{5:{CHK:0}}\n", whole},
		{"two envelopes on a line", "{1:F01X}{4:\n" + simple + "-}{1:F01X}{4:\n" + simple + "-}", append(whole[:3:3], whole...)},
		{"the bank's own lines before it", "ABNANL2A\n940\n" + simple + "-\n", whole},
		{"a reversal of a credit is a debit", mt("C260102EUR50,00", ":61:2601020102RC50,NTRFNONREF//R1"),
			[]string{"2026-01-02/2026-01-02 -50.00 EUR reversal R1", "  -50.00 EUR /    | ", "100.00 EUR to 50.00 EUR: 1, -50.00 EUR"}},
		{"a reversal of a debit is a credit", mt("C260102EUR150,00", ":61:2601020102RDR50,00NTRFNONREF//R1"), append([]string{"2026-01-02/2026-01-02 50.00 EUR reversal R1"}, whole[1:]...)},
		{"a funds code", mt("C260102EUR150,00", ":61:2601020102CR50,00NTRFNONREF//R1"), whole},
		{"no entry date", mt("C260102EUR150,00", ":61:260102C50,00NTRFNONREF//R1"), whole},
		{"an entry date in the year before", mt("C260102EUR150,00", ":61:2601021231C50,00NTRFNONREF//R1"), append([]string{"2025-12-31/2026-01-02 50.00 EUR R1"}, whole[1:]...)},
		{"30 February", mt("C260102EUR150,00", ":61:2602300227C50,00NTRFNONREF//R1"), []string{"2026-02-27/2026-02-28 50.00 EUR R1", whole[1], "date_impossible 5", whole[2]}},
		{"an amount without a comma", mt("C260102EUR150", ":61:2601020102C50NTRFNONREF//R1"), whole},
		{"a reference of the payer", mt("C260102EUR150,00", ":61:2601020102C50,00NTRFP-2026-1//R1"), with("  50.00 EUR /   P-2026-1 | ")},
		{"supplementary details", mt("C260102EUR150,00", line, "/OCMT/USD60,00//CHGS/EUR2,50/"), with("  50.00 EUR /    | /OCMT/USD60,00//CHGS/EUR2,50/ ordered 60.00 USD less 2.50 EUR (true)")},
		{"two equal entries of a day", mt("C260102EUR200,00", line, line), []string{whole[0], whole[1], whole[0], whole[1], "100.00 EUR to 200.00 EUR: 2, 100.00 EUR"}},
		{"the German form", noted("166?00GUTSCHRIFT?109310?20EREF+E-77?21SVWZ+Beitrag 2026 der Repub?22lik?30ABNANL2A?31NL91ABNA0417164300?32MINISTERIUM DER FINANZEN UN?33D HAUSHALT"),
			with("  50.00 EUR MINISTERIUM DER FINANZEN UND HAUSHALT/ NL91ABNA0417164300 ABNANL2A E-77 | Beitrag 2026 der Republik")},
		{"the German form cut in lines", noted("166?00GUTSCHRIFT?20Beitrag 20\n26?32MINIST\nERIUM"), with("  50.00 EUR MINISTERIUM/    | Beitrag 2026")},
		{"another separator", noted("166>00GUTSCHRIFT>20Beitrag>32MINISTERIUM"), with("  50.00 EUR MINISTERIUM/    | Beitrag")},
		{"words between slashes", noted("/ORDP//NAME/MINISTRY/IBAN/NL91ABNA0417164300/BIC/ABNANL2A/EREF/E1/REMI/Pledge 12/2026/OCMT/USD60,00/EXCH/1,2/"),
			with("  50.00 EUR MINISTRY/ NL91ABNA0417164300 ABNANL2A E1 | Pledge 12/2026 ordered 60.00 USD at 1.2")},
		{"the other side in one word", noted("/CNTP/NL91ABNA0417164300/ABNANL2A/MINISTRY/THE HAGUE/REMI/USTD//Pledge 12/"), with("  50.00 EUR MINISTRY/ NL91ABNA0417164300 ABNANL2A  | Pledge 12")},
		{"free text in lines", noted("FROM THE MINISTRY\nPLEDGE 12"), with("  50.00 EUR /    | FROM THE MINISTRY PLEDGE 12")},
		{"free text in Latin-1", noted("K\xf6nigreich"), with("  50.00 EUR /    | Königreich")},
		{"a text of the statement", simple + ":86:GOOD DAY\n", whole},
		{"no closing balance", simple[:strings.Index(simple, ":62F:")], []string{whole[0], whole[1], "balance_missing 5", "100.00 EUR to -: 1, 50.00 EUR"}},
		{"a closing balance that is off", mt("C260102EUR151,00", line), []string{whole[0], whole[1], "balance_off 6", "100.00 EUR to 151.00 EUR: 1, 50.00 EUR"}},
		{"pages", strings.Replace(simple, ":62F:", ":62M:", 1) + ":20:REF\n:25:NL91ABNA0417164300\n:28C:7/2\n:60M:C260102EUR150,00\n" + line + "\n:62F:C260102EUR200,\n",
			[]string{whole[0], whole[1], whole[0], whole[1], "100.00 EUR to 200.00 EUR: 2, 100.00 EUR"}},
		{"a page that is missing", strings.Replace(simple, ":62F:", ":62M:", 1) + ":20:REF\n:25:NL91ABNA0417164300\n:28C:7/3\n:60M:C260102EUR170,00\n:62F:C260102EUR170,\n",
			[]string{whole[0], whole[1], "balance_missing 6", whole[2], "170.00 EUR to 170.00 EUR: 0, 0.00 EUR"}},
		{"several statements", simple + simple, append(whole[:3:3], whole...)},
		{"nothing happened", mt("C260102EUR100,00"), []string{"100.00 EUR to 100.00 EUR: 0, 0.00 EUR"}},
		{"overdrawn", strings.Replace(mt("D260102EUR50,00", line), ":60F:C", ":60F:D", 1), []string{whole[0], whole[1], "-100.00 EUR to -50.00 EUR: 1, 50.00 EUR"}},
		{"an entry that is expected", mt("C260102EUR100,00", ":61:2601020102EC50,00NTRFNONREF"), []string{"status_uncertain 5", "100.00 EUR to 100.00 EUR: 0, 0.00 EUR"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tell(read(t, tt.file))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestMT940Account(t *testing.T) {
	for text, want := range map[string]string{
		"NL91ABNA0417164300":          "NL91ABNA0417164300|||EUR",
		"NL91ABNA0417164300EUR":       "NL91ABNA0417164300|||EUR",
		"NL91 ABNA 0417 1643 00 EUR":  "NL91ABNA0417164300|||EUR",
		"/NL91ABNA0417164300":         "NL91ABNA0417164300|||EUR",
		"ABNANL2A/NL91ABNA0417164300": "NL91ABNA0417164300||ABNANL2A|EUR",
		"45050050/76198810":           "|76198810|45050050|EUR",
		"45050050/76198810EUR":        "|76198810|45050050|EUR",
		"123456789":                   "|123456789||EUR",
	} {
		a := read(t, strings.Replace(mt("C260102EUR100,00"), "NL91ABNA0417164300", text, 1))[0].Header.Account
		if got := a.IBAN + "|" + a.Number + "|" + a.Bank + "|" + string(a.Currency); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
}

func TestMT940Refused(t *testing.T) {
	simple := mt("C260102EUR150,00", ":61:2601020102C50,NTRFNONREF//R1")
	tests := []struct{ name, file, want string }{
		{"an entry that cannot be read", strings.Replace(simple, "0102C50,", "0102X50,", 1), "line 5: :61:: register-row"},
		{"a month 13", strings.Replace(simple, ":61:2601", ":61:2613", 1), "line 5: :61:: invalid-date"},
		{"an entry date of month 13", strings.Replace(simple, ":61:2601020102", ":61:2601021302", 1), "line 5: :61:: invalid-date"},
		{"a balance that cannot be read", strings.Replace(simple, "EUR100,00", "EUR1OO", 1), "line 4: :60F:: register-row"},
		{"a currency that nobody knows", strings.ReplaceAll(simple, "EUR", "EUX"), "line 4: :60F:: currency-unknown"},
		{"too many decimals", strings.Replace(simple, "C50,", "C50,001", 1), "line 5: :61:: amount-scale"},
		{"no account", strings.Replace(simple, ":25:NL91ABNA0417164300\n", "", 1), "line 1: :25:: required"},
		{"no opening balance", strings.Replace(simple, ":60F:C260101EUR100,00\n", "", 1), "line 4: :60F:: required"},
		{"an entry after the closing balance", simple + ":61:2601020102C50,NTRFNONREF//R1\n", "line 7: :61:: register-row"},
		{"cut off in an envelope", "{1:F01X}{4:\n" + simple, "line 7: register-row: The file ends within the message"},
		{"cut off after the header", simple + ":20:REF\n:25:NL91ABNA0417164300\n", "line 7: :60F:: required"},
		{"a header before the next", ":20:A\n" + simple, "line 1: :60F:: required"},
		{"MT942", strings.Replace(simple, ":60F:C260101EUR100,00", ":34F:EUR0,", 1), "line 4: :34F:: register-row: The file is an MT942 report"},
		{"a block that does not end", "{1:F01X\n" + simple, "line 1: register-row"},
		{"an endless line", simple + strings.Repeat("x", 100_000), "line 7: register-row: The line is longer"},
		{"endless information", strings.Replace(simple, ":62F:", strings.Repeat(":86:x\n", 1100)+":62F:", 1), "line 1007: :86:: register-row: The information"},
		{"an endless field", strings.Replace(simple, ":62F:", ":86:"+strings.Repeat("x\n", 1100)+":62F:", 1), "line 6: :86:: register-row: The field is longer"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := refused(t, tt.file).Error(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}
