package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/ledger/ratefile"
)

func importRatesCommand(s *settings) *cobra.Command {
	var source string
	c := &cobra.Command{
		Use:   "rates FILE...",
		Short: "Load rates of exchange",
		Long: "Load United Nations operational rates of exchange (XML), European Central Bank reference rates (XML or CSV), or a CSV file with the\n" +
			"columns currency, effective_date and units_per_usd of the --source. Each file is loaded whole or not at all; loading it again changes nothing.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usagef("import rates takes one file or more; see vcledger import rates --help")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if source != "" {
				if err := oneOf("source", source, "un", "ecb"); err != nil {
					return err
				}
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				for _, path := range args {
					if err := importRates(ctx, store, path, ledger.RateSource(source), c.OutOrStdout(), c.ErrOrStderr()); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	c.Flags().StringVar(&source, "source", "", "whose rates a CSV file has: un or ecb; the other files say it themselves")
	return c
}

// importRates loads one file and prints what became of it.
func importRates(ctx context.Context, store *postgres.Store, path string, source ledger.RateSource, stdout, stderr io.Writer) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // only read
	table, err := ratefile.Read(f, source)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, fault := range table.Faults {
		fmt.Fprintf(stderr, "%s, line %d: %s (%s)\n", path, fault.Line, fault.Detail, fault.Rule)
	}
	if len(table.Faults) > 0 {
		return fmt.Errorf("%s: nothing was loaded", path)
	}
	added, conflicts, err := store.ImportRates(ctx, table.Rates)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for _, c := range conflicts {
		fmt.Fprintf(stderr, "%s: %s has the rate %s on %s in the books, and %s here (%s)\n", path, c.Currency, c.Recorded, c.Date, c.UnitsPerUSD, ledger.RuleRateExists)
	}
	if len(conflicts) > 0 {
		return fmt.Errorf("%s: nothing was loaded: rates are not changed, because postings may have been made by them", path)
	}
	if len(table.Unknown) > 0 {
		fmt.Fprintf(stderr, "%s: currencies that the ledger does not know were passed over: %s\n", path, strings.Join(table.Unknown, ", "))
	}
	_, err = fmt.Fprintf(stdout, "%s: %d rates of source %s read, %d loaded, %d in the books before\n", path, len(table.Rates), table.Source, added, len(table.Rates)-added)
	return err
}
