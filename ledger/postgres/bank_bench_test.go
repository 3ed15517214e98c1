package postgres_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/metrics"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// entriesEnv says how many entries the bank's file of the benchmark has.
const entriesEnv = "VCLEDGER_BENCH_ENTRIES"

// BenchmarkBankFile imports a camt.053 file into books whose pledges it pays, and matches it: of ten entries four are sure, three
// have a suggestion, two are unknown, and one is a charge by the officers' rule.
func BenchmarkBankFile(b *testing.B) {
	entries := 2000
	if given := os.Getenv(entriesEnv); given != "" {
		var err error
		if entries, err = strconv.Atoi(given); err != nil {
			b.Fatal(err)
		}
	}
	for b.Loop() {
		b.StopTimer()
		books := benchBooks(b, entries)
		runtime.GC() // what made the books is no part of it
		stop, peak := watchHeap()
		b.StartTimer()
		began := time.Now()
		s := importBenchFile(b, books, entries)
		imported := time.Now()
		var m *postgres.MatchResult
		books.Do(books.MatchBankStatement(books.Context(), books.Command(&m), s.ID, nil))
		b.StopTimer()
		matched := time.Now()
		close(stop)
		if s.Lines != entries || m.Applied != entries/10*5 || m.Suggested != entries/10*3 || m.Unknown != entries/10*2 || len(m.Refused) > 0 {
			b.Fatalf("%d lines; %+v", s.Lines, m)
		}
		b.ReportMetric(float64(entries)/imported.Sub(began).Seconds(), "imported/s")
		b.ReportMetric(float64(entries)/matched.Sub(imported).Seconds(), "matched/s")
		b.ReportMetric(float64(entries)/matched.Sub(began).Seconds(), "entries/s")
		b.ReportMetric(float64(<-peak)/(1<<20), "heap-MiB")
		b.StartTimer()
	}
}

// watchHeap looks at the heap until stop is closed, and then gives the most that it was.
func watchHeap() (stop chan struct{}, peak chan uint64) {
	stop, peak = make(chan struct{}), make(chan uint64, 1)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		tick := time.NewTicker(20 * time.Millisecond)
		defer tick.Stop()
		var most uint64
		for {
			metrics.Read(sample)
			most = max(most, sample[0].Value.Uint64())
			select {
			case <-stop:
				peak <- most
				return
			case <-tick.C:
			}
		}
	}()
	return stop, peak
}

// contributorsOfBench is how many contributors the pledges of the benchmark have.
const contributorsOfBench = 2500

func benchContributor(i int) string {
	syllables := []string{"ba", "cor", "del", "fan", "gim", "hol", "jur", "kep", "lan", "mor", "nev", "pas"}
	name := ""
	for range 4 {
		name, i = name+syllables[i%12], i/12
	}
	return "Foundation " + strings.ToUpper(name[:1]) + name[1:] + " Vienna"
}

func benchAmount(i int) decimal.Decimal { return decimal.New(int64(100_003+7*i), -2) }

// benchBooks returns books with an agreed pledge for each payment that has one.
func benchBooks(b *testing.B, entries int) *ledgertest.Books {
	books := ledgertest.NewBooks(b)
	at, pledges := 0, entries/10*7
	_, err := books.ImportRegister(books.Context(), func() (postgres.RegisterRow, []postgres.RegisterFault, error) {
		if at == 2*pledges {
			return postgres.RegisterRow{}, nil, io.EOF
		}
		i := at / 2
		row := postgres.RegisterRow{Line: at + 2, Event: postgres.RegisterPledge, Contribution: fmt.Sprintf("BX-%06d", i), Contributor: benchContributor(i % contributorsOfBench), Kind: ledger.Private,
			Fund: "BENCH", FundYear: 2026, Date: day("2026-01-10"), Money: ledger.Money{Amount: benchAmount(i), Currency: ledger.USD}, Category: ledger.Goods}
		if at++; at%2 == 0 {
			row.Event, row.Date = postgres.RegisterAgreement, day("2026-02-01")
		}
		return row, nil, nil
	}, postgres.RegisterOptions{CodeFrom: func(s string) string { return fmt.Sprintf("%.20X", s) }, Reject: func(f postgres.RegisterFault) error { return fmt.Errorf("%+v", f) },
		Warn: func(int, string) {}, Posted: func(int, int) {}})
	if err != nil {
		b.Fatal(err)
	}
	books.Do(books.RecordBankAccount(books.Context(), books.Command(nil), ledger.BankAccount{Code: "NY", Name: "New York", Currency: "USD", IBAN: "DE89370400440532013000"}))
	books.Do(books.RecordBankRule(books.Context(), books.Command(nil), ledger.BankRule{Remittance: "account keeping", Kind: string(ledger.BankCharge), Fund: "CPCJF", Note: "The bank's fee"}))
	return books
}

// importBenchFile imports the file, which is made while it is read.
func importBenchFile(b *testing.B, books *ledgertest.Books, entries int) postgres.BankStatementRecord {
	var list []postgres.BankStatementRecord
	c := books.Command(nil)
	c.Answer = func(r any) (postgres.Answer, error) {
		list = r.([]postgres.BankStatementRecord)
		return postgres.Answer{Status: 201}, nil
	}
	books.Do(books.ImportBankStatements(books.Context(), c, postgres.BankImport{File: "bench.xml", Open: func() (io.Reader, error) { return &benchFile{entries: entries}, nil }}))
	return list[0]
}

// benchFile is a camt.053 file of many entries that is made while it is read.
type benchFile struct {
	entries, made, pledge int
	total                 decimal.Decimal
	rest                  bytes.Buffer
}

// Read makes what is read.
func (f *benchFile) Read(p []byte) (int, error) {
	for f.rest.Len() == 0 {
		switch {
		case f.made == 0:
			f.rest.WriteString(`<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>B</MsgId><CreDtTm>2026-04-01T00:00:00Z</CreDtTm></GrpHdr>
<Stmt><Id>BENCH</Id><Acct><Id><IBAN>DE89370400440532013000</IBAN></Id><Ccy>USD</Ccy></Acct>
<Bal><Tp><CdOrPrtry><Cd>OPBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">0.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-01</Dt></Dt></Bal>` + "\n")
		case f.made > f.entries+1:
			return 0, io.EOF
		case f.made == f.entries+1:
			fmt.Fprintf(&f.rest, `<Bal><Tp><CdOrPrtry><Cd>CLBD</Cd></CdOrPrtry></Tp><Amt Ccy="USD">%s</Amt><CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>2026-03-31</Dt></Dt></Bal></Stmt></BkToCstmrStmt></Document>`, f.total)
		default:
			f.entry(f.made - 1)
		}
		f.made++
	}
	return f.rest.Read(p)
}

// entry writes an entry of its kind.
func (f *benchFile) entry(n int) {
	amount, payer, remittance, sign := benchAmount(f.pledge), benchContributor(f.pledge%contributorsOfBench), fmt.Sprintf("VOLUNTARY CONTRIBUTION BX-%06d", f.pledge), "CRDT"
	switch kind := n % 10; {
	case kind < 4: // the reference, the name and the amount
		f.pledge++
	case kind < 7: // a part of it, and no reference
		amount, remittance = amount.Sub(decimal.New(50_001, -2)), "GIFT OF THE BOARD"
		f.pledge++
	case kind < 9:
		amount, payer, remittance = decimal.New(int64(999+n%40_000), -2), fmt.Sprintf("TRAVEL OFFICE %d", n%40), "REFUND OF TICKET"
	default:
		amount, payer, remittance, sign = decimal.New(int64(100+n%900), -2), "BANK", "ACCOUNT KEEPING", "DBIT"
	}
	if f.total = f.total.Add(amount); sign == "DBIT" {
		f.total = f.total.Sub(amount).Sub(amount)
	}
	fmt.Fprintf(&f.rest, `<Ntry><Amt Ccy="USD">%s</Amt><CdtDbtInd>%s</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><BookgDt><Dt>2026-03-%02d</Dt></BookgDt><ValDt><Dt>2026-03-%02d</Dt></ValDt><AcctSvcrRef>R%08d</AcctSvcrRef>
<NtryDtls><TxDtls><Refs><EndToEndId>E%08d</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>%s</Nm></Pty></Dbtr></RltdPties><RmtInf><Ustrd>%s</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>
`, amount.StringFixed(2), sign, n%30+1, n%30+1, n, n, payer, remittance)
}
