package bankfile_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"vcledger/ledger/bankfile"
)

// long is a camt.053 file of many entries that is made while it is read.
type long struct {
	entries, made int
	brief         bool // without payments
	rest          []byte
	ended         bool
}

func (l *long) Read(p []byte) (int, error) {
	for len(l.rest) == 0 {
		switch {
		case l.made == 0 && l.rest == nil:
			l.rest = []byte(camtHead + camtAcct + strings.Replace(camtOpen, "100.00", "0.00", 1) +
				strings.Replace(camtClose, "150.00", fmt.Sprintf("%d.00", 50*l.entries), 1) + "\n")
		case l.made < l.entries && l.brief:
			l.made++
			l.rest = append(append(l.rest[:0], camtEntry...), '\n')
		case l.made < l.entries:
			l.made++
			l.rest = fmt.Appendf(l.rest[:0], `<Ntry>
  <Amt Ccy="EUR">50.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>
  <BookgDt><Dt>2026-01-02</Dt></BookgDt><ValDt><Dt>2026-01-02</Dt></ValDt><AcctSvcrRef>R%08d</AcctSvcrRef>
  <BkTxCd><Domn><Cd>PMNT</Cd><Fmly><Cd>RCDT</Cd><SubFmlyCd>ESCT</SubFmlyCd></Fmly></Domn></BkTxCd>
  <NtryDtls><TxDtls><Refs><EndToEndId>E%08d</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Ministry of Foreign Affairs</Nm></Pty></Dbtr>
  <DbtrAcct><Id><IBAN>NL91ABNA0417164300</IBAN></Id></DbtrAcct></RltdPties><RltdAgts><DbtrAgt><FinInstnId><BICFI>ABNANL2A</BICFI></FinInstnId></DbtrAgt></RltdAgts>
  <RmtInf><Ustrd>Voluntary contribution 2026, instalment %d</Ustrd></RmtInf></TxDtls></NtryDtls>
</Ntry>
`, l.made, l.made, l.made)
		case !l.ended:
			l.ended = true
			l.rest = []byte(camtFoot)
		default:
			return 0, io.EOF
		}
	}
	n := copy(p, l.rest)
	l.rest = l.rest[n:]
	return n, nil
}

// counter is a sink that keeps nothing.
type counter struct {
	entries int
	trailer bankfile.Trailer
	peak    uint64 // bytes of the heap, looked at now and then
}

func (c *counter) Begin(bankfile.Header) error  { return nil }
func (c *counter) End(t bankfile.Trailer) error { c.trailer = t; return nil }

func (c *counter) Entry(bankfile.Entry) error {
	if c.entries++; c.entries%50_000 == 0 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		c.peak = max(c.peak, m.HeapAlloc)
	}
	return nil
}

// TestMillion reads a million entries, about 150 MB, in memory that does not grow with them.
func TestMillion(t *testing.T) {
	entries, bound := 1_000_000, uint64(64<<20)
	if raceDetector {
		entries = 100_000 // each takes ten times as long, and one goroutine reads them all
	}
	var c counter
	began := time.Now()
	if err := bankfile.Read(&long{entries: entries, brief: true}, &c); err != nil {
		t.Fatal(err)
	}
	if c.entries != entries || len(c.trailer.Problems) > 0 {
		t.Errorf("%d entries, %v", c.entries, c.trailer.Problems)
	}
	if c.peak > bound {
		t.Errorf("the heap grew to %d bytes", c.peak)
	}
	t.Logf("%d entries in %s, heap at most %d KiB", c.entries, time.Since(began).Round(time.Millisecond), c.peak>>10)
}

// BenchmarkCamt reads 100,000 entries, and the same bytes by the tokens of encoding/xml and by its Unmarshal of the few fields
// that one would need at least. The ratios are of
// their processor time to that of this package, so that what else runs on the machine does not change them.
func BenchmarkCamt(b *testing.B) {
	file, err := io.ReadAll(&long{entries: 100_000})
	if err != nil {
		b.Fatal(err)
	}
	run := func(fn func() error) time.Duration {
		began := processor(b)
		if err := fn(); err != nil {
			b.Fatal(err)
		}
		return processor(b) - began
	}
	b.SetBytes(int64(len(file)))
	var own, tokens, unmarshal time.Duration
	for b.Loop() {
		own += run(func() error { return bankfile.Read(bytes.NewReader(file), &counter{}) })
		b.StopTimer()
		tokens += run(func() error { return tokensOf(file) })
		unmarshal += run(func() error { return xml.Unmarshal(file, &document{}) })
		b.StartTimer()
	}
	b.ReportMetric(float64(tokens)/float64(own), "tokens/own")
	b.ReportMetric(float64(unmarshal)/float64(own), "unmarshal/own")
	b.ReportMetric(100_000*float64(b.N)/own.Seconds(), "entries/cpu-s")
}

// processor returns the processor time that the process has used.
func processor(b *testing.B) time.Duration {
	var used syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

// tokensOf reads a file by encoding/xml and does nothing with it.
func tokensOf(file []byte) error {
	d := xml.NewDecoder(bytes.NewReader(file))
	for {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
	}
}

// document is what encoding/xml is asked for.
type document struct {
	Entries []struct {
		Amt       string
		CdtDbtInd string
		BookgDt   struct{ Dt string }
		ValDt     struct{ Dt string }
		Ref       string `xml:"AcctSvcrRef"`
		Payments  []struct {
			EndToEnd string `xml:"Refs>EndToEndId"`
			Name     string `xml:"RltdPties>Dbtr>Pty>Nm"`
			Account  string `xml:"RltdPties>DbtrAcct>Id>IBAN"`
			Text     string `xml:"RmtInf>Ustrd"`
		} `xml:"NtryDtls>TxDtls"`
	} `xml:"BkToCstmrStmt>Stmt>Ntry"`
}
