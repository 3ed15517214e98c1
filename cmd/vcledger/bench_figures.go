package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/shopspring/decimal"
)

// benchFigures are what a run measured.
type benchFigures struct {
	Version           string        `json:"version" db:"-"`
	On                string        `json:"on" db:"-"`
	Machine           string        `json:"machine" db:"-"`
	Cores             int           `json:"cores" db:"-"`
	Load              string        `json:"load" db:"-"` // processes that ran or waited in the minute before, on average; other people's make every figure worse
	Postgres          string        `json:"postgres" db:"postgres"`
	Fsync             string        `json:"fsync" db:"fsync"`
	SynchronousCommit string        `json:"synchronous_commit" db:"synchronous_commit"`
	SharedBuffers     string        `json:"shared_buffers" db:"shared_buffers"`
	Span              string        `json:"span" db:"-"`
	Ledgers           []benchLedger `json:"ledgers" db:"-"` // the smallest first
	Growth            []benchGrowth `json:"growth" db:"-"`
}

// benchLedger is what was measured on a ledger of one size.
type benchLedger struct {
	Lines    int64          `json:"lines"`
	Measured []benchMeasure `json:"measured"`
}

// benchMeasure is one measurement. A second and bytes count receipts where something posts, and requests elsewhere; the times are
// of one request.
type benchMeasure struct {
	Name           string          `json:"name"`
	Clients        int             `json:"clients"`
	Done           int             `json:"done"`
	Each           int             `json:"receipts_each"` // that one request posts; 1 where none posts
	Refused        int             `json:"refused"`       // 409, 429 and 503; they are in no other figure
	Refusals       []refusals      `json:"refusals,omitempty"`
	Outcome        string          `json:"outcome,omitempty"`  // of what failed or was stopped
	AtLeast        bool            `json:"at_least,omitempty"` // it was stopped, and the mean is a lower bound
	PerSecond      decimal.Decimal `json:"per_second"`         // zero where it is not known
	Mean           int64           `json:"mean_us"`
	P50            int64           `json:"p50_us,omitempty"`
	P95            int64           `json:"p95_us,omitempty"`
	P99            int64           `json:"p99_us,omitempty"`
	ClientsCPU     int64           `json:"clients_cpu_percent"` // of one core, of all that asked
	ServerCPU      int64           `json:"server_cpu_percent"`
	PostgresCPU    int64           `json:"postgres_cpu_percent"`
	ServerMemory   int64           `json:"server_memory_bytes"`   // resident; of a program that reads a text file, the most that it held
	PostgresMemory int64           `json:"postgres_memory_bytes"` // of all its processes, what they share counted once
	Bytes          int64           `json:"bytes_per_posting,omitempty"`
	Against        []benchRatio    `json:"against,omitempty"`
}

// refusals are how often a reason was given for not doing what was asked.
type refusals struct {
	Reason refusal `json:"reason"`
	Times  int     `json:"times"`
}

// refuse counts a refusal.
func (m *benchMeasure) refuse(reason refusal) {
	m.Refused++
	for i, r := range m.Refusals {
		if r.Reason == reason {
			m.Refusals[i].Times++
			return
		}
	}
	m.Refusals = append(m.Refusals, refusals{reason, 1})
}

// benchRatio sets a measurement against another with as many clients.
type benchRatio struct {
	Name       string          `json:"name"`
	Throughput decimal.Decimal `json:"throughput"`         // a second, divided by the other's
	Latency    decimal.Decimal `json:"latency"`            // mean time of a receipt, divided by the other's
	AtLeast    bool            `json:"at_least,omitempty"` // the latency is a lower bound
}

// benchGrowth is what a larger ledger costs: the median time with the fewest clients, divided by that of the smallest ledger.
type benchGrowth struct {
	Name  string          `json:"name"`
	Lines int64           `json:"lines"`
	Ratio decimal.Decimal `json:"ratio"`
}

// meanings say what each measurement is to who uses the service.
var meanings = [][]string{
	{"what", "means"},
	{receiptWork, "A receipt is recorded with its allocation, its exchange difference and its place in the log: p50 is the wait after pressing Post. With 32 clients, as many officers press at once."},
	{batchWork, "A day's or a month's receipts are sent as one: all are recorded or none is."},
	{importWork, "A register of past years is loaded when the fund begins to use the service."},
	{statementJSON, "A donor opens its position in the portal, or a ministry's system fetches it."},
	{"statement, pdf", "A donor downloads the statement that it files."},
	{"fund report", "The year of a fund of usual size is opened before the Commission meets."},
	{largestReport, "The same of the largest fund that we think of: half of all lines are its own, and its earlier years are closed."},
	{listWork, "An officer looks for a receipt."},
	{"journal of a contributor", "An officer or an auditor follows a figure to its entries."},
	{"trial balance as of 2020", "An auditor asks for the balances of a day in the past."},
	{floorWork, "What the same machine does without our rules, checks, keys and log, in as many statements as a program without care sends."},
	{statementWork, "The same rows in one statement: the most that this PostgreSQL can record with one commit for each receipt."},
	{bulkWork, "The same rows of a whole batch in one statement: the most that a batch can gain."},
	{leastWork, "Two lines and nothing else: what no ledger can be faster than here."},
	{pgbenchWork, "The same by PostgreSQL's own program: our way of measuring adds little."},
	{"hledger", "The balances of the same journal by a program that reads a text file: what a year's report costs without a database."},
	{"ledger", "Likewise."},
	{"bean-report", "Likewise."},
	{"server's memory", "What the service needs of a machine's memory, without PostgreSQL; beside a program that reads a text file, the most that it held itself."},
	{"bytes a posting", "Times a year's postings, it is the disk to buy."},
	{"refused", "How often a client was told to send it again; the reasons stand below the table. Sent again under its key it is recorded once, whatever became of it."},
	{"to the smallest ledger", "How much longer one waits as the books grow."},
}

// against says what each measurement is compared with.
var against = map[string][]string{
	receiptWork: {floorWork, statementWork, leastWork},
	batchWork:   {receiptWork, bulkWork},
	bulkWork:    {floorWork},
	importWork:  {receiptWork, bulkWork},
	"hledger":   {largestReport}, "ledger": {largestReport}, "bean-report": {largestReport},
}

// ratio returns a quotient of four decimals, zero when there is nothing to divide by.
func ratio(a, b decimal.Decimal) decimal.Decimal {
	if b.IsZero() {
		return decimal.Zero
	}
	return a.DivRound(b, 4)
}

// perSecond returns how many were done in a second, to a hundredth: the slowest take several.
func perSecond(done int, in time.Duration) decimal.Decimal {
	return decimal.NewFromInt(int64(done)*int64(time.Second)).DivRound(decimal.NewFromInt(int64(in)), 2)
}

// each returns the mean time of one of those that a request posts.
func (m benchMeasure) each() decimal.Decimal {
	return decimal.NewFromInt(m.Mean).Div(decimal.NewFromInt(int64(m.Each)))
}

// rate writes how many were done in a second: whole ones where there were many.
func (m benchMeasure) rate() string {
	switch {
	case m.PerSecond.IsZero():
		return ""
	case m.PerSecond.LessThan(decimal.NewFromInt(10)):
		return m.PerSecond.StringFixed(2)
	}
	return m.PerSecond.StringFixed(0)
}

// compare sets what posts against its floors, and the larger ledgers against the smallest.
func (f *benchFigures) compare() {
	for n, l := range f.Ledgers {
		for i, m := range l.Measured {
			for _, name := range against[m.Name] {
				if other := l.find(name, m.Clients); other != nil && m.Mean > 0 {
					l.Measured[i].Against = append(l.Measured[i].Against, benchRatio{name, ratio(m.PerSecond, other.PerSecond), ratio(m.each(), other.each()), m.AtLeast})
				}
			}
			if n == 0 || m.Clients != l.Measured[0].Clients || !slices.Contains([]string{statementWork, receiptWork, statementJSON, listWork, "fund report"}, m.Name) {
				continue
			}
			if small := f.Ledgers[0].find(m.Name, m.Clients); small != nil {
				f.Growth = append(f.Growth, benchGrowth{m.Name, l.Lines, ratio(decimal.NewFromInt(m.P50), decimal.NewFromInt(small.P50))})
			}
		}
	}
}

// find returns a measurement, nil for one that was not taken.
func (l *benchLedger) find(name string, clients int) *benchMeasure {
	for i, m := range l.Measured {
		if m.Name == name && m.Clients == clients {
			return &l.Measured[i]
		}
	}
	return nil
}

// print writes the figures for a person.
func (f *benchFigures) print(w io.Writer, markdown bool) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "Measured %s with vcledger %s on %s, %d cores, load %s before; PostgreSQL %s, fsync %s, synchronous_commit %s, shared_buffers %s; %s each.\n"+
		"The service, its clients and PostgreSQL share the machine. Times are in milliseconds, memory in MiB, CPU in per cent of one core.\n"+
		"PostgreSQL's memory is the proportional set of all its processes, so the shared buffers count once; its CPU has that of the processes that ended.\n",
		f.On, f.Version, f.Machine, f.Cores, f.Load, f.Postgres, f.Fsync, f.SynchronousCommit, f.SharedBuffers, f.Span)
	for _, l := range f.Ledgers {
		fmt.Fprintf(&out, "\nA ledger of %d lines:\n\n", l.Lines)
		if err := table(&out, markdown, l.rows()); err != nil {
			return err
		}
		fmt.Fprintln(&out)
		for _, line := range l.notes() {
			fmt.Fprintf(&out, "%s\n\n", line)
		}
		if err := table(&out, markdown, l.ratios()); err != nil {
			return err
		}
	}
	fmt.Fprint(&out, "\nWhat it means to a finance officer:\n\n")
	if err := table(&out, markdown, meanings); err != nil {
		return err
	}
	if len(f.Growth) > 0 {
		fmt.Fprint(&out, "\nWhat a larger ledger costs:\n\n")
		rows := [][]string{{"what", "lines", "to the smallest ledger"}}
		for _, g := range f.Growth {
			rows = append(rows, []string{g.Name, strconv.FormatInt(g.Lines, 10), g.Ratio.StringFixed(2)})
		}
		if err := table(&out, markdown, rows); err != nil {
			return err
		}
	}
	_, err := out.WriteTo(w)
	return err
}

// rows are the measurements as a table.
func (l benchLedger) rows() [][]string {
	rows := [][]string{{"what", "clients", "a second", "mean", "p50", "p95", "p99", "refused", "clients' CPU", "server's CPU", "PostgreSQL's CPU", "server's memory", "PostgreSQL's memory", "bytes a posting"}}
	for _, m := range l.Measured {
		size := ""
		if m.Bytes > 0 {
			size = strconv.FormatInt(m.Bytes, 10)
		}
		mean := milliseconds(m.Mean)
		switch {
		case m.AtLeast:
			mean = "more than " + mean
		case m.Outcome != "":
			mean = "failed"
		}
		rows = append(rows, []string{m.Name, strconv.Itoa(m.Clients), m.rate(), mean, milliseconds(m.P50), milliseconds(m.P95), milliseconds(m.P99),
			strconv.Itoa(m.Refused), strconv.FormatInt(m.ClientsCPU, 10), strconv.FormatInt(m.ServerCPU, 10), strconv.FormatInt(m.PostgresCPU, 10), strconv.FormatInt(m.ServerMemory>>20, 10),
			strconv.FormatInt(m.PostgresMemory>>20, 10), size})
	}
	return rows
}

// notes say what the rows have no column for.
func (l benchLedger) notes() (list []string) {
	for _, m := range l.Measured {
		if m.Outcome != "" {
			list = append(list, m.Name+" "+m.Outcome)
		}
		for _, r := range m.Refusals {
			list = append(list, fmt.Sprintf("%s, %d clients, refused %d times: %s", m.Name, m.Clients, r.Times, r.Reason))
		}
	}
	return list
}

// ratios are the comparisons as a table.
func (l benchLedger) ratios() [][]string {
	rows := [][]string{{"what", "clients", "against", "times as many", "times as long", "p99 to p50"}}
	for _, m := range l.Measured {
		spread := ""
		if m.P99 > 0 {
			spread = ratio(decimal.NewFromInt(m.P99), decimal.NewFromInt(m.P50)).StringFixed(2)
		}
		for _, r := range m.Against {
			latency := r.Latency.StringFixed(2)
			if r.AtLeast {
				latency = "more than " + latency
			}
			rows = append(rows, []string{m.Name, strconv.Itoa(m.Clients), r.Name, r.Throughput.StringFixed(2), latency, spread})
		}
	}
	return rows
}

// table writes rows below their headings.
func table(out io.Writer, markdown bool, rows [][]string) error {
	if markdown {
		for i, row := range rows {
			fmt.Fprintf(out, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				fmt.Fprintln(out, "|"+strings.Repeat("---|", len(row)))
			}
		}
		return nil
	}
	t := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	return t.Flush()
}

// milliseconds is empty for what was not measured.
func milliseconds(us int64) string {
	if us == 0 {
		return ""
	}
	return decimal.New(us, -3).StringFixed(2)
}
