package main

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

func revalueCommand(s *settings) *cobra.Command {
	var fund, date string
	c := &cobra.Command{
		Use: "revalue", Short: "Bring a fund's foreign receivables and cash to the closing rates of a day", Args: noArguments,
		Long: "Bring a fund's foreign receivables and cash to the closing rates of a day. The difference is an exchange gain or loss and is\n" +
			"reversed on the next day. Again for the same day, only what has come to be different since is posted.",
		RunE: func(c *cobra.Command, _ []string) error {
			if fund == "" || date == "" {
				return usagef("revalue needs --fund and --date")
			}
			on, err := ledger.ParseDate(date)
			if err != nil {
				return usagef("--date: %w", err)
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				in := postgres.RevaluationInput{Fund: ledger.FundCode(fund), Date: on}
				command, err := job(ctx, store, "revaluation", in)
				if err != nil {
					return err
				}
				var posted *postgres.Revaluation
				answered(&command, &posted)
				if _, err := store.Revalue(ctx, command, in); err != nil {
					return err
				}
				if posted.Entry == uuid.Nil {
					_, err = fmt.Fprintf(c.OutOrStdout(), "%s stands at the rates of %s already; nothing was posted\n", fund, on)
					return err
				}
				_, err = fmt.Fprintf(c.OutOrStdout(), "%s revalued at the rates of %s: gains %s, losses %s (entry %s, reversed on %s)\n", fund, on,
					ledger.Dollars(posted.Gains), ledger.Dollars(posted.Losses), posted.Entry, on.AddDays(1))
				return err
			})
		},
	}
	c.Flags().StringVar(&fund, "fund", "", "code of the fund")
	c.Flags().StringVar(&date, "date", "", "last day of the period, YYYY-MM-DD")
	return c
}
