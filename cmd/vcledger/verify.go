package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"vcledger/ledger/postgres"
	"vcledger/ledger/proof"
	"vcledger/reports"
	"vcledger/reports/render"
)

// errDiffers says that something is not as it was sealed or signed; what, has been told.
var errDiffers = errors.New("it does not verify")

func verifyCommand(s *settings) *cobra.Command {
	var key string
	c := &cobra.Command{
		Use: "verify [FILE]", Short: "Check a statement, a report or a proof offline, or the whole database against its log",
		Long: "With a FILE (an issued statement or a fund report in JSON, PDF or HTML, or a proof from /v1/proof) and --key: check it with nothing\n" +
			"else, and say what is proven and what is not.\n" +
			"Without one: make every record's place in the log anew from the tables, every balance, every issued statement and every guard of the\n" +
			"database, and name each difference. The exit code is 1 when there is one.",
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 1 {
				return usagef("verify takes one file, or none for the database")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				if key == "" {
					return usagef("verify FILE needs --key: the public key, or a file with it")
				}
				return verifyFile(c.OutOrStdout(), args[0], key)
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				return verifyDatabase(ctx, store, key, s.witness(c.ErrOrStderr()), c.OutOrStdout(), c.ErrOrStderr())
			})
		},
	}
	c.Flags().StringVar(&key, "key", "", "public key of the log, or a file with it")
	return c
}

// publicKey returns the key, or what the file of that name has.
func publicKey(key string) (string, error) {
	b, err := os.ReadFile(key)
	if errors.Is(err, os.ErrNotExist) {
		return key, nil
	}
	if err != nil {
		return "", fmt.Errorf("read the public key: %w", err)
	}
	return string(b), nil
}

// verifyFile checks a statement with nothing but a key.
func verifyFile(w io.Writer, path, key string) error {
	public, err := publicKey(key)
	if err != nil {
		return err
	}
	file, err := os.ReadFile(path)
	if err != nil {
		return fmt.Errorf("read the file: %w", err)
	}
	p, err := render.Check(file, public)
	if err != nil {
		return err
	}
	fmt.Fprintln(w, p.Title)
	if p.Fingerprint != "" {
		fmt.Fprintln(w, "Fingerprint ", p.Fingerprint)
	}
	for _, part := range []struct {
		title string
		lines []reports.Told
	}{{"WRONG", p.Wrong}, {"Proven", p.Proven}, {"Not proven", p.Unproven}} {
		if len(part.lines) > 0 {
			fmt.Fprintf(w, "\n%s\n", part.title)
		}
		for _, line := range part.lines {
			fmt.Fprintf(w, "  - %s\n", line)
		}
	}
	if len(p.Wrong) > 0 {
		return errDiffers
	}
	return nil
}

// unsignedWarning says what a verification without a key could not show.
func unsignedWarning(checkpoints int) string {
	if checkpoints > 0 {
		return "No key was given (--log-key, --key): the signatures of the checkpoints were not checked."
	}
	return "The log is not signed (--log-key): whoever can write the tables could have written the log too."
}

// verifyDatabase checks everything there is.
func verifyDatabase(ctx context.Context, store *postgres.Store, key string, w witness, stdout, stderr io.Writer) error {
	began := time.Now()
	keys, err := store.LogKeys(ctx)
	if err != nil {
		return err
	}
	if key != "" {
		public, err := publicKey(key)
		if err != nil {
			return err
		}
		vouchers, err := store.Vouchers(ctx)
		if err != nil {
			return err
		}
		if keys, err = proof.NewKeys(public, vouchers); err != nil {
			return err
		}
	}
	bar := newProgress(stderr)
	differences := 0
	found := func(d string) {
		bar.clear()
		if differences++; differences == 1 {
			fmt.Fprintln(stdout, "DIFFERENCES, the first one first:")
		}
		fmt.Fprintln(stdout, "  -", d)
	}
	// Before the sealing, which signs the last size again when its checkpoint is gone.
	if err := w.missing(ctx, store, found); err != nil {
		return err
	}
	seen, err := store.Verify(ctx, postgres.Verification{Keys: keys, Found: found, Progress: func(phase string, done, of int64) { bar.reach(phase, done, of, false) }})
	if err != nil {
		return err
	}
	statements, err := reports.VerifyIssued(ctx, store, keys, func(done, of int64) { bar.reach("statements", done, of, false) }, found)
	bar.done()
	if err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%d records of the log (%d journal entries), %d signed checkpoints and %d issued statements in %s\nroot %x\n",
		seen.Leaves, seen.Entries, seen.Checkpoints, statements, time.Since(began).Round(time.Millisecond), seen.Root[:])
	if keys == nil {
		fmt.Fprintln(stdout, unsignedWarning(seen.Checkpoints))
	}
	if differences > 0 {
		return fmt.Errorf("%d differences: %w", differences, errDiffers)
	}
	fmt.Fprintln(stdout, "Everything is as it was sealed.")
	return nil
}
