package main

import (
	"context"
	"fmt"
	"io"
	"strings"
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
	var check bool
	c := &cobra.Command{
		Use: "report", Short: "Print a fund's year", Args: noArguments,
		Long: "Print a fund's year. With --check, print only how the statements of all contributors, the report, the accounts and the bank agree, and\n" +
			"fail when any two of them do not.",
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
				report, err := reports.ReadFundReport(ctx, store, ledger.FundCode(fund), year, time.Time{})
				if err != nil {
					return err
				}
				if !check {
					return d.write(c, func(w io.Writer) error { return form(w, report) })
				}
				if err := d.write(c, func(w io.Writer) error { return form(w, report.Check()) }); err != nil {
					return err
				}
				return disagreement(report.TieOut)
			})
		},
	}
	c.Flags().StringVar(&fund, "fund", "", "code of the fund")
	c.Flags().IntVar(&year, "year", 0, "calendar year")
	c.Flags().BoolVar(&check, "check", false, "hold the statements, the report, the accounts and the bank against each other")
	d.flags(c)
	return c
}

// disagreement returns an error that names every difference; nil when there is none.
func disagreement(t reports.TieOut) error {
	var found []string
	for _, d := range t.Differences() {
		found = append(found, d.String())
	}
	if len(found) == 0 {
		return nil
	}
	return fmt.Errorf("the sources do not agree:\n%s", strings.Join(found, "\n"))
}
