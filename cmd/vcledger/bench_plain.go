package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// A program that keeps books in a text file may read the journal for plainTime, or for plainReports times as long as our report of
// the largest fund takes if that is more: the one that is stopped then is as much slower, and how much more nobody needs to wait for.
// plainLines is up to how many lines it is given, as each holds all of it in memory, and plainLook is how often that is looked at.
const (
	plainTime    = time.Minute
	plainReports = 40
	plainLines   = 2_000_000
	plainLook    = 20 * time.Millisecond
)

// plainLimits are what a program may take.
type plainLimits struct {
	time   time.Duration
	memory int64 // bytes
}

// limits returns what a program may take on this machine, beside the measurements of the ledger: of the memory, three quarters of
// what is free.
func (l *benchLedger) limits() plainLimits {
	limits := plainLimits{plainTime, math.MaxInt64}
	if report := l.find(largestReport, 1); report != nil {
		limits.time = max(plainTime, plainReports*time.Duration(report.Mean)*time.Microsecond).Round(time.Second)
	}
	if free := kilobytes("/proc/meminfo", "MemAvailable:"); free > 0 {
		limits.memory = free / 4 * 3
	}
	return limits
}

// plainProgram is a program that keeps books in a text file, with what it is asked: the balance of every account.
type plainProgram struct {
	program, format string
	ask             func(file string) []string
}

var plainPrograms = []plainProgram{
	{"hledger", "hledger", func(file string) []string { return []string{"-f", file, "balance", "-B"} }},
	{"ledger", "hledger", func(file string) []string { return []string{"-f", file, "balance", "-B"} }},
	{"bean-report", "beancount", func(file string) []string { return []string{file, "balances"} }},
}

func isPlain(name string) bool {
	return slices.ContainsFunc(plainPrograms, func(p plainProgram) bool { return p.program == name })
}

// measurePlain measures the programs that are installed on the journal of the ledger, which is written for them and not measured.
func (b *bench) measurePlain(ctx context.Context, limits plainLimits, tell func(benchMeasure, error) error) (err error) {
	dir, err := os.MkdirTemp("", "vcledger-journal-")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	written := map[string]string{}
	for _, p := range plainPrograms {
		path, err := exec.LookPath(p.program)
		if err != nil || !b.wanted(p.program) {
			continue
		}
		if written[p.format] == "" {
			written[p.format] = filepath.Join(dir, "books."+p.format)
			fmt.Fprintf(b.progress, "writing the journal for %s\n", p.program)
			if err := b.writeJournal(ctx, p.format, written[p.format]); err != nil {
				return err
			}
		}
		if err := tell(readPlain(ctx, limits, p.program, path, p.ask(written[p.format])...)); err != nil {
			return err
		}
	}
	return nil
}

// writeJournal exports the journal.
func (b *bench) writeJournal(ctx context.Context, format, path string) (err error) {
	file, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("write the journal: %w", err)
	}
	defer func() { err = errors.Join(err, file.Close()) }()
	w := bufio.NewWriter(file)
	err = b.store.Read(ctx, ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error { return exports[format](ctx, w, snap, export.Options{}) })
	return errors.Join(err, w.Flush())
}

// overrun is why a program was stopped.
type overrun string

// Error returns the reason.
func (o overrun) Error() string { return string(o) }

// readPlain lets a program read the journal once. One that takes too much is stopped, and its time until then is a lower bound; one
// that fails has no time. The error is that of ctx.
func readPlain(ctx context.Context, limits plainLimits, program, path string, ask ...string) (benchMeasure, error) {
	m := benchMeasure{Name: program, Clients: 1, Each: 1}
	timed, end := context.WithTimeoutCause(ctx, limits.time, overrun(fmt.Sprintf("did not end in %s s", decimal.New(limits.time.Milliseconds(), -3))))
	defer end()
	limited, stop := context.WithCancelCause(timed)
	defer stop(nil)
	var said bytes.Buffer
	c := exec.CommandContext(limited, path, ask...)
	c.Stderr, c.WaitDelay = &said, time.Second
	began := time.Now()
	err := c.Start()
	if err == nil {
		ended, held := make(chan struct{}), make(chan int64)
		go func() { held <- watchMemory(c.Process.Pid, limits.memory, ended, stop) }()
		err = c.Wait()
		close(ended)
		m.ServerMemory = <-held
	}
	took := time.Since(began)
	if c.ProcessState != nil {
		m.ClientsCPU = 100 * (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Milliseconds() / max(1, took.Milliseconds())
	}
	var over overrun
	switch {
	case err == nil:
		m.Done, m.Mean, m.P50 = 1, took.Microseconds(), took.Microseconds()
	case ctx.Err() != nil:
		return m, fmt.Errorf("%s reads the journal: %w", program, ctx.Err())
	case errors.As(context.Cause(limited), &over):
		m.Outcome, m.AtLeast, m.Mean = over.Error(), true, took.Microseconds()
	default:
		m.Outcome = fmt.Sprintf("failed: %v: %.200s", err, strings.Join(strings.Fields(said.String()), " "))
	}
	return m, nil
}

// watchMemory stops a process that holds more than it may, and returns the most that it held. That is asked for while it runs: what
// the kernel says once it has ended is never less than what the bench itself held when it started the process.
func watchMemory(pid int, limit int64, ended <-chan struct{}, stop context.CancelCauseFunc) (most int64) {
	look := time.NewTicker(plainLook)
	defer look.Stop()
	for {
		select {
		case <-ended:
			return most
		case <-look.C:
		}
		most = max(most, kilobytes(fmt.Sprintf("/proc/%d/status", pid), "VmHWM:"))
		if most > limit {
			stop(overrun(fmt.Sprintf("was stopped when it held more than %d MiB", limit>>20)))
		}
	}
}
