package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/expenditurefile"
	"vcledger/ledger/postgres"
)

func importExpendituresCommand(s *settings) *cobra.Command {
	var fund string
	c := &cobra.Command{
		Use:   "expenditures FILE.csv... --fund CODE",
		Short: "Load what a fund spent, a voucher for each row",
		Long: "Load what a fund spent: CSV files with the columns date, amount, currency, description and reference, and where there is any\n" +
			"project, pledge, bank_account and usd_amount. Programme support and the levy are charged as the fund's settings say.\n" +
			"Each file is loaded in one transaction, all of it or nothing. Loading it again changes nothing.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("import expenditures takes one file or more; see vcledger import expenditures --help")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if fund == "" {
				return usagef("import expenditures needs --fund")
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				for _, path := range args {
					if err := importExpenditures(ctx, store, path, ledger.FundCode(fund), c.OutOrStdout(), c.ErrOrStderr()); err != nil {
						return fileError{path, err}
					}
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&fund, "fund", "", "code of the fund that spent")
	return c
}

// importExpenditures loads one file and prints what became of it.
func importExpenditures(ctx context.Context, store *postgres.Store, path string, fund ledger.FundCode, stdout, stderr io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	file, err := expenditurefile.Read(f)
	if err != nil {
		return err
	}
	faults := make([]postgres.ExpenditureFault, len(file.Faults))
	for i, fault := range file.Faults {
		faults[i] = postgres.ExpenditureFault(fault)
	}
	var result postgres.ExpenditureImport
	if len(faults) == 0 {
		if result, err = recordExpenditures(ctx, store, fund, file.Rows); err != nil {
			return err
		}
		faults = result.Faults
	}
	for _, fault := range faults {
		fmt.Fprintf(stderr, "line %d, column %s: %s (%s)\n", fault.Line, fault.Column, fault.Detail, fault.Rule)
	}
	if len(faults) > 0 {
		return fmt.Errorf("nothing was loaded: %d faults; mend them and load the file again", len(faults))
	}
	_, err = fmt.Fprintf(stdout, "%s: %d rows read, %d loaded, %d in the books before; %s of the cash of %s\n", path, len(file.Rows), result.Recorded, result.Unchanged,
		ledger.Dollars(result.Spent), fund)
	return err
}

func recordExpenditures(ctx context.Context, store *postgres.Store, fund ledger.FundCode, rows []expenditurefile.Row) (postgres.ExpenditureImport, error) {
	list := make([]postgres.ExpenditureRow, len(rows))
	for i, r := range rows {
		list[i] = postgres.ExpenditureRow{Line: r.Line, Pledge: r.Pledge, ExpenditureInput: postgres.ExpenditureInput{Fund: fund, Date: r.Date, Amount: r.Amount,
			USD: r.USD, Description: r.Description, Project: r.Project, Reference: r.Reference, BankAccount: r.BankAccount}}
	}
	command, err := job(ctx, store, "expenditures", rows)
	if err != nil {
		return postgres.ExpenditureImport{}, err
	}
	return store.ImportExpenditures(ctx, command, fund, list)
}
