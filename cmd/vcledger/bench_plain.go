package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// plainLimit is for how long a program may read the journal, and plainLines is up to how many lines it is given: each holds all of
// it in memory.
const (
	plainLimit = 15 * time.Minute
	plainLines = 2_000_000
)

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
func (b *bench) measurePlain(ctx context.Context, tell func(benchMeasure, error) error) (err error) {
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
		if err := tell(readPlain(ctx, p.program, path, p.ask(written[p.format]))); err != nil {
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

// readPlain lets a program read the journal once. One that has not answered in time is stopped, and measured as if it had.
func readPlain(ctx context.Context, program, path string, ask []string) (benchMeasure, error) {
	limited, cancel := context.WithTimeout(ctx, plainLimit)
	defer cancel()
	var said bytes.Buffer
	c := exec.CommandContext(limited, path, ask...)
	c.Stderr = &said
	began := time.Now()
	err := c.Run()
	took := time.Since(began)
	if err != nil && (limited.Err() == nil || ctx.Err() != nil) {
		return benchMeasure{}, fmt.Errorf("%s reads the journal: %w: %s", program, err, said.String())
	}
	m := benchMeasure{Name: program, Clients: 1, Done: 1, Each: 1, Mean: took.Microseconds(), P50: took.Microseconds()}
	if c.ProcessState != nil {
		m.ClientsCPU = 100 * (c.ProcessState.UserTime() + c.ProcessState.SystemTime()).Milliseconds() / max(1, took.Milliseconds())
	}
	return m, nil
}
