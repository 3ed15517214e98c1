package main

import (
	"context"
	"io"
	"time"

	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// exports are the formats of the verb export.
var exports = map[string]func(context.Context, io.Writer, *postgres.Snapshot, export.Options) error{
	"hledger": export.Hledger, "beancount": export.Beancount, "iati": export.IATI, "datacube": export.DataCube,
}

func exportCommand(s *settings) *cobra.Command {
	var d document
	var o export.Options
	var fund, asOf string
	c := &cobra.Command{
		Use: "export {hledger|beancount|iati|datacube|journal}", Short: "Write the books in a format for other programs",
		Long: "Write the books in a format for other programs: the whole journal for hledger or beancount, the activities of the funds for IATI (XML), or the\n" +
			"revenue by year, contributor and type for the financial data of the United Nations system (CSV). journal\n" +
			"writes lines of JSON that lose nothing, which vcledger import journal loads.",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 || exports[args[0]] == nil && args[0] != "journal" {
				return usagef("export takes one of hledger, beancount, iati, datacube, journal")
			}
			if args[0] == "journal" && (fund != "" || asOf != "") {
				return usagef("export journal takes neither --fund nor --as-of: it loses nothing")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if o.Year != 0 && args[0] != "datacube" {
				return usagef("--year goes with datacube")
			}
			if o.Year != 0 && (o.Year < ledger.FirstDate.Year() || o.Year > ledger.LastDate.Year()) {
				return usagef("--year %d is outside the books, %d to %d", o.Year, ledger.FirstDate.Year(), ledger.LastDate.Year())
			}
			if args[0] == "journal" {
				return s.exportJournal(c, &d)
			}
			if err := o.Publisher.Check(); err != nil {
				return usageError{err}
			}
			until := ledger.LastDate
			if asOf != "" {
				var err error
				if until, err = ledger.ParseDate(asOf); err != nil {
					return usagef("--as-of: %w", err)
				}
			}
			o.Fund = ledger.FundCode(fund)
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				return store.Stream(ctx, until, time.Time{}, func(snap *postgres.Snapshot) error {
					return d.write(c, func(w io.Writer) error { return exports[args[0]](ctx, w, snap, o) })
				})
			})
		},
	}
	c.Flags().StringVar(&fund, "fund", "", "code of one fund; all funds without it")
	c.Flags().StringVar(&asOf, "as-of", "", "what is effective after this day does not count, YYYY-MM-DD")
	c.Flags().IntVar(&o.Year, "year", 0, "of datacube: one calendar year; every year without it")
	c.Flags().StringVar(&d.output, "output", "", "write to this file instead of standard output")
	publisherFlags(c, &o.Publisher)
	return c
}

// publisherFlags are the settings of who publishes the funds.
func publisherFlags(c *cobra.Command, p *export.Publisher) {
	f, d := c.Flags(), export.DefaultPublisher
	f.StringVar(&p.Ref, "reporting-org", d.Ref, "of IATI: identifier of the organisation that reports")
	f.StringVar(&p.Name, "reporting-org-name", d.Name, "of IATI: its name")
	f.StringVar(&p.Sector, "reporting-sector", d.Sector, "of IATI: DAC purpose code of what the funds are for")
	f.StringVar(&p.Entity, "reporting-entity", d.Entity, "of datacube: short name of the entity")
}
