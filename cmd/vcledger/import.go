package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/ledger/registerfile"
)

func importCommand(s *settings) *cobra.Command {
	c := &cobra.Command{Use: "import", Short: "Load files into the ledger", Args: noArguments, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	c.AddCommand(importRegisterCommand(s), importRatesCommand(s), importExpendituresCommand(s), importBankCommand(s), importJournalCommand(s))
	return c
}

func importRegisterCommand(s *settings) *cobra.Command {
	var skipInvalid, dryRun bool
	var rejects string
	c := &cobra.Command{
		Use:   "register FILE.csv",
		Short: "Load a register of contributions, a row for each event",
		Long: "Load a register of contributions: a CSV file with a row for each pledge, agreement, receipt, write_off, pledge_in_kind and delivery.\n" +
			"It is loaded in one transaction: one bad row keeps all of it out, unless --skip-invalid. Loading it again changes nothing.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("import register takes one file; see vcledger import register --help")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if rejects != "" && !skipInvalid {
				return usagef("--rejects goes with --skip-invalid")
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) (err error) {
				f, err := os.Open(args[0])
				if err != nil {
					return err
				}
				defer func() { _ = f.Close() }() // only read
				load := registerLoad{file: f, skipInvalid: skipInvalid, dryRun: dryRun, stderr: c.ErrOrStderr()}
				if rejects != "" {
					out, createErr := os.Create(rejects)
					if createErr != nil {
						return createErr
					}
					defer func() { err = errors.Join(err, out.Close()) }() // the named result, so that a full disk is told
					load.rejects = out
				}
				result, err := load.run(ctx, store)
				if err != nil {
					return err
				}
				_, err = fmt.Fprintln(c.OutOrStdout(), result)
				if err == nil && result.Rejected > 0 && !skipInvalid {
					err = fmt.Errorf("nothing was loaded: %d rows are bad; mend them, or load the others with --skip-invalid --rejects FILE", result.Rejected)
				}
				return err
			})
		},
	}
	c.Flags().BoolVar(&skipInvalid, "skip-invalid", false, "load the good rows although others are bad")
	c.Flags().StringVar(&rejects, "rejects", "", "with --skip-invalid: write the bad rows, with the reasons, to this file")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "do everything and keep nothing")
	return c
}

// registerLoad is one register on its way from a file into the ledger.
type registerLoad struct {
	file                *os.File
	skipInvalid, dryRun bool
	rejects             io.Writer // bad rows as CSV; nil for none
	stderr              io.Writer
	quiet               bool // says nothing of single rows
}

// loadSummary is the import's own account of itself.
type loadSummary struct {
	postgres.RegisterResult
	took time.Duration
}

// String is the summary line.
func (l loadSummary) String() string {
	state := "loaded"
	switch {
	case l.Rejected > 0 && !l.Kept && l.Loaded == 0:
		state = "nothing loaded"
	case !l.Kept:
		state = "dry run, nothing kept"
	}
	return fmt.Sprintf("%s: %d rows read, %d loaded as %d entries, %d in the books before, %d rejected; %.1f s, %.0f rows a second",
		state, l.Rows, l.Loaded, l.Entries, l.Unchanged, l.Rejected, l.took.Seconds(), float64(l.Rows)/l.took.Seconds())
}

func (l *registerLoad) run(ctx context.Context, store *postgres.Store) (loadSummary, error) {
	size := int64(-1)
	if info, err := l.file.Stat(); err == nil {
		size = info.Size()
	}
	bar := newProgress(l.stderr)
	started := time.Now()
	reader, faults, err := registerfile.NewReader(l.file, ledger.DateOf(started))
	if err != nil {
		return loadSummary{}, err
	}
	if len(faults) > 0 {
		for _, f := range faults {
			fmt.Fprintf(l.stderr, "line %d, column %s: %s (%s)\n", f.Line, f.Column, f.Detail, f.Rule)
		}
		return loadSummary{}, ledger.Fail(ledger.RuleRegisterHeader, "The register's columns are wrong; nothing was loaded.")
	}
	reject, flush, err := l.rejecter(reader.Header())
	if err != nil {
		return loadSummary{}, err
	}
	next := func() (postgres.RegisterRow, []postgres.RegisterFault, error) {
		row, faults, err := reader.Next()
		bar.reach("reading", reader.Bytes(), size, true)
		if err != nil {
			return postgres.RegisterRow{}, nil, err
		}
		return registerRow(row), registerFaults(row, faults), nil
	}
	result, err := store.ImportRegister(ctx, next, postgres.RegisterOptions{
		SkipInvalid: l.skipInvalid, DryRun: l.dryRun, CodeFrom: registerfile.CodeFrom, Reject: reject,
		Warn: func(line int, text string) {
			if !l.quiet {
				bar.clear()
				fmt.Fprintf(l.stderr, "line %d: note: %s\n", line, text)
			}
		},
		Posted: func(rows, of int) { bar.reach("posting", int64(rows), int64(of), false) },
	})
	bar.done()
	if err != nil {
		return loadSummary{}, err
	}
	return loadSummary{result, time.Since(started)}, flush()
}

// rejecter returns what is done with a bad row, and what finishes it.
func (l *registerLoad) rejecter(header []string) (reject func(postgres.RegisterFault) error, flush func() error, err error) {
	if l.rejects == nil {
		return func(f postgres.RegisterFault) error {
			if l.quiet {
				return nil
			}
			_, err := fmt.Fprintf(l.stderr, "line %d, column %s: %s (%s)\n", f.Line, f.Column, f.Detail, f.Rule)
			return err
		}, func() error { return nil }, nil
	}
	out := csv.NewWriter(l.rejects)
	if err := out.Write(append([]string{"line", "column", "rule", "detail"}, header...)); err != nil {
		return nil, nil, err
	}
	reject = func(f postgres.RegisterFault) error {
		return out.Write(append([]string{strconv.Itoa(f.Line), f.Column, string(f.Rule), f.Detail}, f.Raw...))
	}
	return reject, func() error { out.Flush(); return out.Error() }, nil
}

// registerRow brings a row from the file's words to the store's.
func registerRow(r registerfile.Row) postgres.RegisterRow {
	row := postgres.RegisterRow{Line: r.Line, Event: postgres.RegisterEvent(r.Event), Contribution: r.Contribution, Contributor: r.Contributor, Kind: r.Kind,
		Country: r.Country, Fund: r.FundName, FundYear: r.Year, Date: r.Date, Money: r.Money, Instrument: r.Instrument, Item: r.Item,
		Category: registerfile.Category(r.Item, r.Unit), Quantity: r.Quantity, Unit: r.Unit, Note: r.Note, Raw: r.Raw}
	if r.USD != nil {
		row.USD = *r.USD
	}
	return row
}

func registerFaults(row registerfile.Row, faults []registerfile.Fault) []postgres.RegisterFault {
	list := make([]postgres.RegisterFault, len(faults))
	for i, f := range faults {
		list[i] = postgres.RegisterFault{Line: f.Line, Column: f.Column, Rule: f.Rule, Detail: f.Detail, Raw: row.Raw}
	}
	return list
}
