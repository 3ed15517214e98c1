package bankfile_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"
)

// The parts of a small statement, for a test to put its oddity in.
const (
	camtHead   = `<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M</MsgId></GrpHdr><Stmt><Id>S1</Id>`
	camtAcct   = `<Acct><Id><IBAN>NL91ABNA0417164300</IBAN></Id><Ccy>EUR</Ccy></Acct>`
	camtOpen   = `<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">100.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-01</Dt></Dt></Bal>`
	camtClose  = `<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="EUR">150.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-01-02</Dt></Dt></Bal>`
	camtEntry  = `<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-01-02</Dt></BookgDt></Ntry>`
	camtFoot   = `</Stmt></BkToCstmrStmt></Document>`
	camtSimple = camtHead + camtAcct + camtOpen + camtClose + camtEntry + camtFoot
)

// camtWith returns a statement with entries of its own.
func camtWith(entries ...string) string {
	return camtHead + camtAcct + camtOpen + camtClose + strings.Join(entries, "") + camtFoot
}

// credit returns an entry of a credit of 50 EUR with more in it.
func credit(more string) string {
	return `<Ntry><Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><BookgDt><Dt>2026-01-02</Dt></BookgDt>` + more + `</Ntry>`
}

// tell returns what a test of an oddity looks at, a line an entry, a line a payment of several, and the summary.
func tell(list []statement) (out []string) {
	for _, s := range list {
		for _, e := range s.Entries {
			mark := ""
			if e.Reversal {
				mark = " reversal"
			}
			out = append(out, strings.TrimRight(fmt.Sprintf("%s/%s %s%s %s", e.BookingDate, e.ValueDate, e.Amount, mark, e.Reference), " "))
			for _, p := range e.Payments {
				line := fmt.Sprintf("  %s %s/%s %s %s %s | %s", p.Amount, p.Counterparty.Name, p.Counterparty.Ultimate, p.Counterparty.Account, p.Counterparty.Bank, p.EndToEndID, p.Remittance)
				if p.Instructed != nil {
					line += " ordered " + p.Instructed.String()
				}
				if p.Rate != nil {
					line += " at " + p.Rate.String()
				}
				for _, c := range p.Charges {
					line += fmt.Sprintf(" less %s (%t)", c.Amount, c.Included)
				}
				out = append(out, line)
			}
		}
		out = append(out, summary(s)...)
	}
	return out
}

func TestCamt(t *testing.T) {
	const plain = "  50.00 EUR /    | "
	whole := []string{"2026-01-02/2026-01-02 50.00 EUR", plain, "100.00 EUR to 150.00 EUR: 1, 50.00 EUR"}
	with := func(payment string) []string { return []string{"2026-01-02/2026-01-02 50.00 EUR", payment, whole[2]} }
	details := func(more string) string {
		return camtWith(credit("<NtryDtls><TxDtls>" + more + "</TxDtls></NtryDtls>"))
	}
	tests := []struct {
		name, file string
		want       []string
	}{
		{"simple", camtSimple, whole},
		{"no namespace", strings.Replace(camtSimple, ` xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"`, "", 1), whole},
		{"any prefix", strings.NewReplacer("</", "</ns2:", "<", "<ns2:", "xmlns=", "xmlns:ns2=").Replace(camtSimple), whole},
		{"an envelope around", "<?xml version='1.0'?>\n<Env><AppHdr><Fr/></AppHdr>" + camtSimple + "</Env>\n", whole},
		{"comments, instructions and CDATA", strings.NewReplacer("50.00", "<!-- x -->5<?y?>0<![CDATA[.00]]>").Replace(camtSimple), whole},
		{"no status", strings.Replace(camtSimple, "<Sts><Cd>BOOK</Cd></Sts>", "", 1), whole},
		{"a status of version 2", strings.Replace(camtSimple, "<Sts><Cd>BOOK</Cd></Sts>", "<Sts>BOOK</Sts>", 1), whole},
		{"a pending entry", camtWith(camtEntry, strings.ReplaceAll(camtEntry, "BOOK", "PDNG")), append(whole[:2:2], "status_uncertain 1", whole[2])},
		{"two equal entries of a day", strings.Replace(camtWith(camtEntry, camtEntry), "150.00", "200.00", 1),
			[]string{whole[0], plain, whole[0], plain, "100.00 EUR to 200.00 EUR: 2, 100.00 EUR"}},
		{"a reversal of a credit is a debit", strings.Replace(camtWith(strings.NewReplacer("CRDT", "DBIT", "<BookgDt>", "<RvslInd>true</RvslInd><BookgDt>").Replace(credit(
			"<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Payer</Nm></Dbtr><Cdtr><Nm>Fund</Nm></Cdtr></RltdPties></TxDtls></NtryDtls>"))), "150.00", "50.00", 1),
			[]string{"2026-01-02/2026-01-02 -50.00 EUR reversal", "  -50.00 EUR Payer/    | ", "100.00 EUR to 50.00 EUR: 1, -50.00 EUR"}},
		{"no CdtDbtInd on balances", strings.ReplaceAll(camtWith(credit("")), "</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt>", "</Amt><Dt>"), whole},
		{"a minus instead of CdtDbtInd on a balance", strings.Replace(strings.ReplaceAll(camtWith(credit("")), "</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt>", "</Amt><Dt>"), ">100.00", ">-100.00", 1),
			append(whole[:2:2], "balance_off 1", "-100.00 EUR to 150.00 EUR: 1, 50.00 EUR")},
		{"overdrawn", strings.Replace(strings.Replace(camtSimple, `100.00</Amt><CdtDbtInd>CRDT`, `200.00</Amt><CdtDbtInd>DBIT`, 1), `150.00</Amt><CdtDbtInd>CRDT`, `150.00</Amt><CdtDbtInd>DBIT`, 1),
			append(whole[:2:2], "-200.00 EUR to -150.00 EUR: 1, 50.00 EUR")},
		{"a date with a time and a zone", strings.Replace(camtSimple, "<BookgDt><Dt>2026-01-02</Dt></BookgDt>",
			"<BookgDt><DtTm>2026-01-02T23:59:59.9+02:00</DtTm></BookgDt><ValDt><Dt>2026-01-05Z</Dt></ValDt>", 1), append([]string{"2026-01-02/2026-01-05 50.00 EUR"}, whole[1:]...)},
		{"a value date only", strings.ReplaceAll(camtSimple, "BookgDt", "ValDt"), whole},
		{"a closing balance in another currency", strings.Replace(camtSimple, `Ccy="EUR">150`, `Ccy="SEK">150`, 1), append(whole[:2:2], "balance_off 1", "100.00 EUR to 150.00 SEK: 1, 50.00 EUR")},
		{"no balances", strings.NewReplacer(camtOpen, "", camtClose, "").Replace(camtSimple), append(whole[:2:2], "balance_missing 1", "- to -: 1, 50.00 EUR")},
		{"no closing balance", strings.Replace(camtSimple, camtClose, "", 1), append(whole[:2:2], "balance_missing 1", "100.00 EUR to -: 1, 50.00 EUR")},
		{"the closing balance of the day before as the opening", strings.Replace(camtSimple, "OPBD", "PRCD", 1), whole},
		{"an entry in another currency", camtWith(camtEntry, strings.Replace(camtEntry, `"EUR">50`, `"USD">7`, 1)),
			[]string{whole[0], plain, "2026-01-02/2026-01-02 7.00 USD", "  7.00 USD /    | ", "currency_mixed 1", "100.00 EUR to 150.00 EUR: 2, 50.00 EUR"}},
		{"nothing happened", strings.Replace(camtWith(), "150.00", "100.00", 1), []string{"100.00 EUR to 100.00 EUR: 0, 0.00 EUR"}},
		{"a summary that is right", strings.Replace(camtSimple, camtEntry, "<TxsSummry><TtlNtries><NbOfNtries>1</NbOfNtries><Sum>50</Sum></TtlNtries></TxsSummry>"+camtEntry, 1), whole},
		{"a summary that is wrong", strings.Replace(camtSimple, camtEntry, "<TxsSummry><TtlCdtNtries><NbOfNtries>2</NbOfNtries><Sum>51.00</Sum></TtlCdtNtries></TxsSummry>"+camtEntry, 1),
			append(whole[:2:2], "sum_off 1", "sum_off 1", whole[2])},
		{"several statements", strings.Replace(camtSimple, "</Stmt>", "</Stmt><Stmt><Id>S2</Id>"+camtAcct+camtOpen+camtClose+camtEntry+"</Stmt>", 1), append(whole[:3:3], whole...)},
		{"a batch", camtWith(credit("<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch><TxDtls><Amt Ccy='EUR'>20.00</Amt></TxDtls><TxDtls><AmtDtls><TxAmt><Amt Ccy='EUR'>30.00</Amt></TxAmt></AmtDtls></TxDtls></NtryDtls>")),
			[]string{whole[0], "  20.00 EUR /    | ", "  30.00 EUR /    | ", whole[2]}},
		{"a batch in two blocks", camtWith(credit("<NtryDtls><TxDtls><Amt Ccy='EUR'>20.00</Amt></TxDtls></NtryDtls><NtryDtls><TxDtls><Amt Ccy='EUR'>30.00</Amt></TxDtls></NtryDtls>")),
			[]string{whole[0], "  20.00 EUR /    | ", "  30.00 EUR /    | ", whole[2]}},
		{"a batch of which one payment has no amount", camtWith(credit("<NtryDtls><TxDtls><Amt Ccy='EUR'>20.00</Amt></TxDtls><TxDtls></TxDtls></NtryDtls>")),
			[]string{whole[0], "  20.00 EUR /    | ", "  30.00 EUR /    | ", whole[2]}},
		{"a batch with a debit in it", camtWith(credit("<NtryDtls><TxDtls><Amt Ccy='EUR'>60.00</Amt></TxDtls><TxDtls><Amt Ccy='EUR'>10.00</Amt><CdtDbtInd>DBIT</CdtDbtInd></TxDtls></NtryDtls>")),
			[]string{whole[0], "  60.00 EUR /    | ", "  -10.00 EUR /    | ", whole[2]}},
		{"a batch that does not add up", camtWith(credit("<NtryDtls><TxDtls><Amt Ccy='EUR'>20.00</Amt></TxDtls><TxDtls><Amt Ccy='EUR'>29.00</Amt></TxDtls></NtryDtls>")),
			[]string{whole[0], "  20.00 EUR /    | ", "  29.00 EUR /    | ", "payments_off 1", whole[2]}},
		{"a batch less charges", camtWith(credit("<Chrgs><Rcrd><Amt Ccy='EUR'>1.00</Amt><CdtDbtInd>DBIT</CdtDbtInd><ChrgInclInd>true</ChrgInclInd></Rcrd></Chrgs><NtryDtls><TxDtls><Amt Ccy='EUR'>21.00</Amt></TxDtls><TxDtls><Amt Ccy='EUR'>30.00</Amt></TxDtls></NtryDtls>")),
			[]string{whole[0], "  21.00 EUR /    | ", "  30.00 EUR /    | ", whole[2]}},
		{"an exchange", details("<AmtDtls><InstdAmt><Amt Ccy='USD'>60.00</Amt></InstdAmt><TxAmt><Amt Ccy='EUR'>50.00</Amt><CcyXchg><SrcCcy>USD</SrcCcy><XchgRate>1.2</XchgRate></CcyXchg></TxAmt></AmtDtls>"),
			with("  50.00 EUR /    |  ordered 60.00 USD at 1.2")},
		{"an exchange at the entry", camtWith(credit("<AmtDtls><InstdAmt><Amt Ccy='USD'>60.00</Amt><CcyXchg><XchgRate>1.2</XchgRate></CcyXchg></InstdAmt></AmtDtls><NtryDtls><TxDtls/></NtryDtls>")),
			with("  50.00 EUR /    |  ordered 60.00 USD at 1.2")},
		{"charges of version 2, taken off", details("<AmtDtls><InstdAmt><Amt Ccy='EUR'>57.00</Amt></InstdAmt></AmtDtls><Chrgs><Amt Ccy='EUR'>5.00</Amt></Chrgs><Chrgs><Amt Ccy='EUR'>2.00</Amt></Chrgs>"),
			with("  50.00 EUR /    |  ordered 57.00 EUR less 5.00 EUR (true) less 2.00 EUR (true)")},
		{"charges that were not taken off", details("<AmtDtls><InstdAmt><Amt Ccy='EUR'>50.00</Amt></InstdAmt></AmtDtls><Chrgs><TtlChrgsAndTaxAmt Ccy='EUR'>5.00</TtlChrgsAndTaxAmt></Chrgs>"),
			with("  50.00 EUR /    |  less 5.00 EUR (false)")},
		{"persons of version 8", details("<Refs><EndToEndId>E1</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Ministry</Nm></Pty></Dbtr><DbtrAcct><Id><Othr><Id>12 34</Id></Othr></Id></DbtrAcct><UltmtDbtr><Pty><Nm>State</Nm></Pty></UltmtDbtr></RltdPties><RltdAgts><DbtrAgt><FinInstnId><BICFI>ABNANL2A</BICFI></FinInstnId></DbtrAgt></RltdAgts>"),
			with("  50.00 EUR Ministry/State 12 34 ABNANL2A E1 | ")},
		{"the owner named as the debtor", details("<RltdPties><Dbtr><Nm>Fund</Nm></Dbtr><DbtrAcct><Id><IBAN>NL91 ABNA 0417 1643 00</IBAN></Id></DbtrAcct><Cdtr><Nm>Other</Nm></Cdtr></RltdPties>"),
			with("  50.00 EUR Other/    | ")},
		{"NOTPROVIDED", details("<Refs><EndToEndId>NOTPROVIDED</EndToEndId></Refs>"), with(plain)},
		{"a long text in parts", details("<RmtInf><Ustrd>" + strings.Repeat("x", 140) + "</Ustrd><Ustrd>yz</Ustrd><Ustrd>last\n  part</Ustrd><Strd><CdtrRefInf><Ref>RF18</Ref></CdtrRefInf></Strd></RmtInf>"),
			with("  50.00 EUR /    | " + strings.Repeat("x", 140) + "yz last part RF18")},
		{"the bank's own words when there are no others", camtWith(credit("<AcctSvcrRef>R7</AcctSvcrRef><NtryDtls><TxDtls/></NtryDtls><AddtlNtryInf>interest</AddtlNtryInf>")),
			[]string{"2026-01-02/2026-01-02 50.00 EUR R7", "  50.00 EUR /    | interest", whole[2]}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if diff := cmp.Diff(tt.want, tell(read(t, tt.file))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestCamtRefused(t *testing.T) {
	tests := []struct{ name, file, want string }{
		{"camt.052", strings.ReplaceAll(strings.ReplaceAll(camtSimple, "BkToCstmrStmt", "BkToCstmrAcctRpt"), "Stmt>", "Rpt>"), "line 1: BkToCstmrAcctRpt: register-row: The file is a camt.052 report of the day"},
		{"no account", strings.Replace(camtSimple, camtAcct, "", 1), "line 1: Acct/Id: required"},
		{"no amount", strings.Replace(camtSimple, `<Amt Ccy="EUR">50.00</Amt>`, "", 1), "line 1: Ntry/Amt: required"},
		{"a negative amount", strings.Replace(camtSimple, `>50.00<`, ">-50.00<", 1), "line 1: Ntry/Amt: invalid-amount"},
		{"an exponent", strings.Replace(camtSimple, `>50.00<`, ">5e1<", 1), "line 1: Ntry/Amt: invalid-amount"},
		{"too many decimals", strings.Replace(camtSimple, `>50.00<`, ">50.005<", 1), "line 1: Ntry/Amt: amount-scale"},
		{"no sign", strings.Replace(camtSimple, "</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>", "</Amt><Sts>", 1), "line 1: Ntry/CdtDbtInd: not-one-of"},
		{"no date", strings.Replace(camtSimple, "<BookgDt><Dt>2026-01-02</Dt></BookgDt>", "", 1), "line 1: Ntry/BookgDt: required"},
		{"a date of no calendar", strings.Replace(camtSimple, "<BookgDt><Dt>2026-01-02", "<BookgDt><Dt>2026-02-30", 1), "line 1: Dt: invalid-date"},
		{"no currency that is known", strings.ReplaceAll(camtSimple, "EUR", "EUX"), "line 1: Acct/Ccy: currency-unknown"},
		{"cut off between entries", camtSimple[:strings.Index(camtSimple, "</Stmt>")], "line 1: register-row: The file ends before the document does"},
		{"cut off within a tag", camtSimple[:len(camtSimple)-5], "line 1: register-row: "},
		{"an opening balance after the entries", strings.Replace(camtWith(camtEntry), camtEntry, camtEntry+camtOpen, 1), "line 1: Bal: register-row"},
		{"tags that cross", strings.Replace(camtSimple, "</Cd></CdOrPrtry>", "</CdOrPrtry></Cd>", 1), "line 1: CdOrPrtry: register-row: The end tag"},
		{"two documents", camtSimple + camtSimple, "line 1: Document: register-row: A second element"},
		{"text behind the document", camtSimple + "x", "line 1: register-row: There is text outside"},
		{"no statement", "<Document><BkToCstmrStmt></BkToCstmrStmt></Document>", "line 1: register-row: The file has no statement"},
		{"another document", "<html></html>", "line 1: register-row: The file has no statement"},
		{"a statement in a notification", strings.ReplaceAll(camtSimple, "BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn"), "line 1: Stmt: register-row"},
		{"empty", " \r\n", "line 1: register-row: The file is empty"},
		{"neither", "hello", "line 1: register-row: The file is neither"},
		{"an XML bomb", `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;">]>` + camtSimple, "line 1: register-row: The file has a document type declaration"},
		{"an external entity", `<!DOCTYPE Document SYSTEM "file:///etc/passwd">` + camtSimple, "line 1: register-row: The file has a document type declaration"},
		{"an entity that nobody declared", strings.Replace(camtSimple, ">S1<", ">&xxe;<", 1), "line 1: register-row: The file is not XML"},
		{"deep nesting", strings.Replace(camtSimple, "<Id>S1</Id>", strings.Repeat("<a>", 100)+strings.Repeat("</a>", 100), 1), "line 1: a: register-row: The elements nest deeper"},
		{"an endless text", strings.Replace(camtSimple, ">S1<", ">"+strings.Repeat("x", 2<<20)+"<", 1), "line 1: register-row: A tag or text is longer"},
		{"an endless entry", camtWith(credit(strings.Repeat("<x>y</x>", 200_000))), "line 1: Ntry: register-row: The element is longer"},
		{"an encoding that nobody has", `<?xml version="1.0" encoding="klingon"?>` + camtSimple, "line 1: encoding: register-row"},
		{"bytes that are no UTF-8", strings.Replace(camtSimple, ">S1<", ">\xe9<", 1), "line 1: register-row: The file is not XML: invalid UTF-8"},
		{"a batch of more payments than are taken", camtWith(credit("<NtryDtls>" + strings.Repeat("<TxDtls/>", 100_001) + "</NtryDtls>")), "line 1: TxDtls: too-many"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := refused(t, tt.file).Error(); !strings.HasPrefix(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

// TestCamtLines holds that a fault and an entry are told by their own line.
func TestCamtLines(t *testing.T) {
	file := strings.ReplaceAll(camtSimple, "><", ">\n<")
	line := func(text string) int { return 1 + strings.Count(file[:strings.Index(file, text)], "\n") }
	if got := read(t, file)[0].Entries[0].Line; got != line("<Ntry>") {
		t.Errorf("the entry is in line %d, want %d", got, line("<Ntry>"))
	}
	bad := strings.Replace(file, ">50.00<", ">50.005<", 1)
	if got := refused(t, bad).Line; got != line(">50.00<") {
		t.Errorf("the fault is in line %d, want %d", got, line(">50.00<"))
	}
}

// TestCamtOriginal holds that the text of an entry is kept as it stands.
func TestCamtOriginal(t *testing.T) {
	entry := strings.Replace(camtEntry, "</Ntry>", "<!-- as it is --><AddtlNtryInf>a &amp; b\n</AddtlNtryInf></Ntry>", 1)
	long := credit("<NtryDtls>" + strings.Repeat("<TxDtls></TxDtls>", 10_000) + "</NtryDtls>")
	got := read(t, camtWith(entry, long))[0].Entries
	if diff := cmp.Diff(entry, got[0].Original); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if !strings.HasPrefix(long, got[1].Original) || len(got[1].Original) != 64<<10 {
		t.Errorf("the long entry is kept with %d bytes", len(got[1].Original))
	}
}

// TestCamtNotification holds that a notification is told from a statement, and needs no balances.
func TestCamtNotification(t *testing.T) {
	file := strings.NewReplacer("BkToCstmrStmt", "BkToCstmrDbtCdtNtfctn", "<Stmt>", "<Ntfctn>", "</Stmt>", "</Ntfctn>", "camt.053", "camt.054", camtOpen, "", camtClose, "").Replace(camtSimple)
	s := read(t, file)[0]
	if s.Header.Format != "camt.054.001.08" || s.Header.Statement() || len(s.Trailer.Problems) > 0 || len(s.Entries) != 1 {
		t.Errorf("got %+v", s)
	}
	if s := read(t, camtSimple)[0]; s.Header.Format != "camt.053.001.08" || !s.Header.Statement() {
		t.Errorf("got %+v", s.Header)
	}
	// The element decides what the message is, whatever the namespace says.
	if s := read(t, strings.Replace(file, "camt.054", "camt.053", 1))[0]; s.Header.Statement() {
		t.Errorf("got %+v", s.Header)
	}
}

func TestEncodings(t *testing.T) {
	const text = "Königreich Łódź"
	file := strings.Replace(camtSimple, "</Ntry>", "<AddtlNtryInf>"+text+"</AddtlNtryInf></Ntry>", 1)
	latin := strings.Replace(file, text, "Königreich", 1)
	tests := []struct {
		name, declared string
		with           encoding.Encoding
		file           string
	}{
		{"UTF-8", "UTF-8", encoding.Nop, file},
		{"UTF-8 with a mark", "utf-8", unicode.UTF8BOM, file},
		{"ISO-8859-1", "ISO-8859-1", charmap.ISO8859_1, latin},
		{"ISO-8859-2", "iso-8859-2", charmap.ISO8859_2, file},
		{"Windows-1252 declared as Latin-1", "iso-8859-1", charmap.Windows1252, strings.Replace(latin, "Königreich", "Königreich €", 1)},
		{"UTF-16, little end first, with a mark", "UTF-16", unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), file},
		{"UTF-16, big end first, with a mark", "UTF-16", unicode.UTF16(unicode.BigEndian, unicode.UseBOM), file},
		{"UTF-16 without a mark", "UTF-16LE", unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM), file},
		{"UTF-16 in single bytes", "UTF-16", encoding.Nop, file},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			encoded, err := tt.with.NewEncoder().String(`<?xml version="1.0" encoding="` + tt.declared + `"?>` + tt.file)
			if err != nil {
				t.Fatal(err)
			}
			want := tt.file[strings.Index(tt.file, "<AddtlNtryInf>")+14 : strings.Index(tt.file, "</AddtlNtryInf>")]
			if got := read(t, encoded)[0].Entries[0].Information; got != want {
				t.Errorf("got %q, want %q", got, want)
			}
		})
	}
}
