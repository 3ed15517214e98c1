package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/shopspring/decimal"
)

// benchFigures are what a run measured.
type benchFigures struct {
	Version           string         `json:"version" db:"-"`
	On                string         `json:"on" db:"-"`
	Machine           string         `json:"machine" db:"-"`
	Cores             int            `json:"cores" db:"-"`
	Load              string         `json:"load" db:"-"` // processes that ran or waited in the minute before, on average; other people's make every figure worse
	Postgres          string         `json:"postgres" db:"postgres"`
	Fsync             string         `json:"fsync" db:"fsync"`
	SynchronousCommit string         `json:"synchronous_commit" db:"synchronous_commit"`
	SharedBuffers     string         `json:"shared_buffers" db:"shared_buffers"`
	Lines             int64          `json:"lines" db:"lines"`
	Span              string         `json:"span" db:"-"`
	Measured          []benchMeasure `json:"measured" db:"-"`
}

// benchMeasure is one measurement. Ratio is PerSecond to that of the floor with as many clients, of what posts.
type benchMeasure struct {
	Name           string           `json:"name"`
	Clients        int              `json:"clients"`
	Done           int              `json:"done"`
	Refused        int              `json:"refused"` // 409, 429 and 503; they are in no other figure
	PerSecond      int64            `json:"per_second"`
	P50            int64            `json:"p50_us"`
	P95            int64            `json:"p95_us"`
	P99            int64            `json:"p99_us"`
	CPU            int64            `json:"cpu_percent"` // of one core, the service and its clients together
	PostgresCPU    int64            `json:"postgres_cpu_percent"`
	Memory         int64            `json:"memory_bytes"`          // resident, the service and its clients together
	PostgresMemory int64            `json:"postgres_memory_bytes"` // of all its processes, without the shared buffers
	Bytes          int64            `json:"bytes_per_posting,omitempty"`
	Ratio          *decimal.Decimal `json:"ratio_to_floor,omitempty"`
}

// compare sets what posts against the floor.
func (f *benchFigures) compare() {
	floors := map[int]int64{}
	for _, m := range f.Measured {
		if m.Name == floorWork {
			floors[m.Clients] = m.PerSecond
		}
	}
	for i, m := range f.Measured {
		if floor := floors[m.Clients]; m.Name == receiptWork && floor > 0 {
			ratio := decimal.NewFromInt(m.PerSecond).DivRound(decimal.NewFromInt(floor), 2)
			f.Measured[i].Ratio = &ratio
		}
	}
}

// print writes the figures for a person.
func (f *benchFigures) print(w io.Writer, markdown bool) error {
	var out bytes.Buffer
	fmt.Fprintf(&out, "Measured %s with vcledger %s on %s, %d cores, load %s before; PostgreSQL %s, fsync %s, synchronous_commit %s, shared_buffers %s; %d journal lines, %s each.\n"+
		"The service, its clients and PostgreSQL share the machine. Times are in milliseconds, memory in MiB, CPU in per cent of one core.\n\n",
		f.On, f.Version, f.Machine, f.Cores, f.Load, f.Postgres, f.Fsync, f.SynchronousCommit, f.SharedBuffers, f.Lines, f.Span)
	rows := [][]string{{"what", "clients", "a second", "p50", "p95", "p99", "refused", "CPU", "PostgreSQL's CPU", "memory", "PostgreSQL's memory", "bytes a posting", "to the floor"}}
	for _, m := range f.Measured {
		size, ratio := "", ""
		if m.Bytes > 0 {
			size = strconv.FormatInt(m.Bytes, 10)
		}
		if m.Ratio != nil {
			ratio = m.Ratio.StringFixed(2)
		}
		rows = append(rows, []string{m.Name, strconv.Itoa(m.Clients), strconv.FormatInt(m.PerSecond, 10), milliseconds(m.P50), milliseconds(m.P95), milliseconds(m.P99),
			strconv.Itoa(m.Refused), strconv.FormatInt(m.CPU, 10), strconv.FormatInt(m.PostgresCPU, 10), strconv.FormatInt(m.Memory>>20, 10),
			strconv.FormatInt(m.PostgresMemory>>20, 10), size, ratio})
	}
	if markdown {
		for i, row := range rows {
			fmt.Fprintf(&out, "| %s |\n", strings.Join(row, " | "))
			if i == 0 {
				fmt.Fprintln(&out, "|"+strings.Repeat("---|", len(row)))
			}
		}
	} else {
		table := tabwriter.NewWriter(&out, 0, 0, 2, ' ', 0)
		for _, row := range rows {
			fmt.Fprintln(table, strings.Join(row, "\t"))
		}
		if err := table.Flush(); err != nil {
			return err
		}
	}
	_, err := out.WriteTo(w)
	return err
}

func milliseconds(us int64) string { return decimal.New(us, -3).StringFixed(2) }

// consumption is what the processes have used so far, and what they hold.
type consumption struct {
	cpu, postgresCPU             time.Duration
	memory, postgresMemory, disk int64
}

// clockTick is the unit of the times in /proc (proc(5), sysconf(_SC_CLK_TCK), which Linux keeps at a hundredth of a second).
const clockTick = 10 * time.Millisecond

// consumed asks the kernel and PostgreSQL. Where there is no /proc, memory and PostgreSQL's time are zero.
func (b *bench) consumed(ctx context.Context) (c consumption, err error) {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return c, fmt.Errorf("read the times: %w", err)
	}
	c.cpu = time.Duration(use.Utime.Nano() + use.Stime.Nano())
	c.memory = kilobytes("/proc/self/status", "VmRSS:")
	var processes []int
	if err := b.owner.SelectContext(ctx, &processes, `SELECT pid FROM pg_stat_activity`); err != nil {
		return c, fmt.Errorf("read the processes: %w", err)
	}
	for _, pid := range processes {
		c.postgresMemory += kilobytes(fmt.Sprintf("/proc/%d/status", pid), "RssAnon:")
		c.postgresCPU += processTime(pid)
	}
	if err := b.owner.GetContext(ctx, &c.disk, `SELECT pg_database_size(current_database())`); err != nil {
		return c, fmt.Errorf("read the size: %w", err)
	}
	return c, nil
}

// kilobytes returns the bytes in a line of a status file of /proc.
func kilobytes(path, label string) int64 {
	text, _ := os.ReadFile(path) // a process may have ended
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == label {
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// processTime returns the processor time of a process, in its own mode and the kernel's.
func processTime(pid int) time.Duration {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // a process may have ended
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * clockTick
}

// load returns the load average of the last minute.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	average, _, found := strings.Cut(string(text), " ")
	if !found {
		return "unknown"
	}
	return average
}

// processor returns the model of the machine's processor.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "processor unknown"
}
