package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
)

func reportCommand(s *settings) *cobra.Command {
	var d document
	var fund string
	var year int
	c := &cobra.Command{
		Use: "report", Short: "Print a fund's year", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if fund == "" || year == 0 {
				return usagef("report needs --fund and --year")
			}
			if year < ledger.FirstDate.Year() || year > ledger.LastDate.Year() {
				return usagef("--year %d is outside the books, %d to %d", year, ledger.FirstDate.Year(), ledger.LastDate.Year())
			}
			form, err := d.form()
			if err != nil {
				return err
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				return d.write(c, func(w io.Writer) error { return printReport(ctx, store, w, form, ledger.FundCode(fund), year) })
			})
		},
	}
	c.Flags().StringVar(&fund, "fund", "", "code of the fund")
	c.Flags().IntVar(&year, "year", 0, "calendar year")
	d.flags(c)
	return c
}

func printReport(ctx context.Context, store *postgres.Store, w io.Writer, form form, fund ledger.FundCode, year int) error {
	return store.Read(ctx, ledger.NewDate(year, time.December, 31), time.Time{}, func(snap *postgres.Snapshot) error {
		report, err := reports.BuildFundReport(ctx, snap, fund, year)
		if err != nil {
			return err
		}
		return form(w, report)
	})
}
