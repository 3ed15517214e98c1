package main

import (
	"context"
	"fmt"
	"io"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

func closeCommand(s *settings) *cobra.Command {
	var fund, period string
	var days int
	var check bool
	c := &cobra.Command{
		Use: "close", Short: "Close a fund's month or year", Args: noArguments,
		Long: "Close a fund's month, or its year after the closing list: unidentified receipts, bank balances, revaluation and trial balance.\n" +
			"A year that is closed goes to the fund balance, and what it carries forward is kept. It is opened again through the API.",
		RunE: func(c *cobra.Command, _ []string) error {
			if fund == "" || period == "" {
				return usagef("close needs --fund and --period")
			}
			p, err := ledger.ParsePeriod(period)
			if err != nil {
				return usagef("--period: %w", err)
			}
			in := postgres.CloseInput{Fund: ledger.FundCode(fund), Period: p, UnidentifiedDays: days}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				if check {
					return showChecklist(ctx, store, in, c.OutOrStdout())
				}
				return closePeriod(ctx, store, in, c.OutOrStdout())
			})
		},
	}
	c.Flags().StringVar(&fund, "fund", "", "code of the fund")
	c.Flags().StringVar(&period, "period", "", "year or month: 2025 or 2025-12")
	c.Flags().IntVar(&days, "unidentified-days", ledger.UnidentifiedDays, "for how many days a receipt may be unidentified without a note")
	c.Flags().BoolVar(&check, "check", false, "show the closing list and close nothing; fails when something is missing")
	return c
}

func showChecklist(ctx context.Context, store *postgres.Store, in postgres.CloseInput, stdout io.Writer) error {
	list, err := store.Checklist(ctx, in)
	if err != nil {
		return err
	}
	if printChecklist(stdout, list) {
		return nil
	}
	return fmt.Errorf("%s of %s cannot be closed yet", in.Period, in.Fund)
}

// printChecklist prints every check and reports whether all passed.
func printChecklist(w io.Writer, list []ledger.PeriodCheck) bool {
	passed := true
	for _, check := range list {
		state := "done"
		if !check.Passed {
			state, passed = "missing", false
		}
		fmt.Fprintf(w, "%-22s %s\n", check.Name, state)
		for _, found := range check.Found {
			fmt.Fprintf(w, "  %s\n", found)
		}
	}
	return passed
}

func closePeriod(ctx context.Context, store *postgres.Store, in postgres.CloseInput, stdout io.Writer) error {
	command, err := job(ctx, store, "close", in)
	if err != nil {
		return err
	}
	var closed *ledger.PeriodEvent
	answered(&command, &closed)
	if _, err := store.ClosePeriod(ctx, command, in); err != nil {
		return err
	}
	printChecklist(stdout, closed.Checklist)
	if closed.Entry == uuid.Nil {
		_, err = fmt.Fprintf(stdout, "%s of %s is closed\n", in.Period, in.Fund)
	} else {
		_, err = fmt.Fprintf(stdout, "%s of %s is closed (entry %s)\n", in.Period, in.Fund, closed.Entry)
	}
	return err
}
