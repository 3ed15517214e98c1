package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

func importBankCommand(s *settings) *cobra.Command {
	var account string
	var columns, dryRun, noMatch bool
	c := &cobra.Command{
		Use:   "bank FILE... [--account CODE] [--mapping]",
		Short: "Load the files that banks send, and match their lines with pledges",
		Long: "Load camt.053, camt.054 and MT940 files or, with --mapping, CSV files by the mapping of columns that the bank account has.\n" +
			"The account is found by its IBAN or number, unless --account names it. Each file is loaded once, whole or not at all, and each line once.\n" +
			"Then lines that are in the books are linked, and what is sure is applied; the others wait for an officer.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("import bank takes one file or more; see vcledger import bank --help")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if columns && account == "" {
				return usagef("a CSV file names no account: --mapping goes with --account")
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				for _, path := range args {
					load := bankLoad{path: path, account: ledger.BankAccountCode(account), csv: columns, dryRun: dryRun, match: !noMatch && !dryRun, stdout: c.OutOrStdout(), bar: newProgress(c.ErrOrStderr())}
					if err := load.run(ctx, store); err != nil {
						return fileError{path, err}
					}
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&account, "account", "", "code of the bank account; left out, by the IBAN or number in the file")
	c.Flags().BoolVar(&columns, "mapping", false, "the files are CSV, read by the mapping of the account")
	c.Flags().BoolVar(&noMatch, "no-match", false, "load the lines only")
	c.Flags().BoolVar(&dryRun, "dry-run", false, "do everything and keep nothing")
	return c
}

// bankLoad is one file on its way into the ledger.
type bankLoad struct {
	path               string
	account            ledger.BankAccountCode
	csv, dryRun, match bool
	stdout             io.Writer
	bar                *progress
}

func (l *bankLoad) run(ctx context.Context, store *postgres.Store) error {
	f, err := os.Open(l.path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	started := time.Now()
	sum := sha256.New()
	size, err := io.Copy(sum, f)
	if err != nil {
		return err
	}
	command, err := job(ctx, store, "bank", l.path)
	if err != nil {
		return err
	}
	command.DryRun = l.dryRun
	var statements []postgres.BankStatementRecord
	answered(&command, &statements)
	in := postgres.BankImport{File: filepath.Base(l.path), SHA256: [32]byte(sum.Sum(nil)), Account: l.account, CSV: l.csv,
		Open: func() (io.Reader, error) {
			if _, err := f.Seek(0, io.SeekStart); err != nil {
				return nil, err
			}
			return &watched{f, l.bar, 0, size}, nil
		}}
	_, err = store.ImportBankStatements(ctx, command, in)
	l.bar.done()
	var known *ledger.Error
	if errors.As(err, &known) && known.Rule == ledger.RuleBankFileKnown {
		_, err = fmt.Fprintf(l.stdout, "%s: in the books before; nothing loaded\n", l.path)
		return err
	}
	if err != nil {
		return err
	}
	for _, s := range statements {
		if err := l.tell(ctx, store, s); err != nil {
			return err
		}
	}
	_, err = fmt.Fprintf(l.stdout, "%s: %d statements in %s\n", l.path, len(statements), time.Since(started).Round(100*time.Millisecond))
	return err
}

// tell prints what became of a statement, and matches its lines.
func (l *bankLoad) tell(ctx context.Context, store *postgres.Store, s postgres.BankStatementRecord) error {
	state := "loaded"
	if l.dryRun {
		state = "would be loaded"
	}
	fmt.Fprintf(l.stdout, "%s %s of %s: %d lines %s, %d in the books before\n", s.Format, s.Identification, s.BankAccount, s.Lines, state, s.Repeated)
	for _, p := range s.Problems {
		fmt.Fprintf(l.stdout, "  to be looked at: line %d: %s (%s)\n", p.Line, p.Detail, p.Code)
	}
	if !l.match {
		return nil
	}
	command, err := job(ctx, store, "match", s.ID)
	if err != nil {
		return err
	}
	var m *postgres.MatchResult
	answered(&command, &m)
	_, err = store.MatchBankStatement(ctx, command, s.ID, func(done, of int) { l.bar.reach("matching", int64(done), int64(of), false) })
	l.bar.done()
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(l.stdout, "  %d linked with the books, %d applied, %d wait with a suggestion, %d without\n", m.Linked, m.Applied, m.Suggested, m.Unknown)
	for _, r := range m.Refused {
		fmt.Fprintf(l.stdout, "  not applied: line %s: %s (%s)\n", r.Line, r.Detail, r.Rule)
	}
	return err
}

// watched moves the bar as a file is read.
type watched struct {
	io.Reader
	bar      *progress
	at, size int64
}

// Read reads on.
func (w *watched) Read(p []byte) (int, error) {
	n, err := w.Reader.Read(p)
	w.at += int64(n)
	w.bar.reach("reading", w.at, w.size, true)
	return n, err
}
