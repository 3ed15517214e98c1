package main

import (
	"bufio"
	"context"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

// document is what the verbs that print a document have in common.
type document struct {
	format   string
	language string
	output   string
}

func (d *document) flags(c *cobra.Command) {
	d.formFlags(c, "text")
	c.Flags().StringVar(&d.output, "output", "", "write to this file instead of standard output")
}

// formFlags are those that say how the document is written.
func (d *document) formFlags(c *cobra.Command, format string) {
	c.Flags().StringVar(&d.format, "format", format, strings.Join(formatNames(), ", "))
	c.Flags().StringVar(&d.language, "lang", string(language.English), "ar, en, es, fr, ru or zh")
}

func formatNames() []string {
	names := make([]string, len(render.Formats))
	for i, f := range render.Formats {
		names[i] = f.Name
	}
	return names
}

// form writes a document.
type form func(w io.Writer, doc any) error

func textInEnglish(w io.Writer, doc any) error { return render.Text(w, doc, language.English) }

// form returns what the flags ask for.
func (d *document) form() (form, error) {
	l, err := language.Parse(d.language)
	if err != nil {
		return nil, usagef("--lang: %w", err)
	}
	i := slices.Index(formatNames(), d.format)
	if i < 0 {
		return nil, oneOf("format", d.format, formatNames()...)
	}
	return func(w io.Writer, doc any) error { return render.Formats[i].Write(w, doc, l) }, nil
}

// write calls fn with the output, which is kept only when fn succeeds.
func (d *document) write(c *cobra.Command, fn func(io.Writer) error) error {
	if d.output == "" {
		w := bufio.NewWriter(c.OutOrStdout())
		if err := fn(w); err != nil {
			return err
		}
		return w.Flush()
	}
	return writeFile(d.output, fn)
}

// writeFile calls fn with a file, which takes its place, and that of one that was there, only when fn succeeds.
func writeFile(path string, fn func(io.Writer) error) (err error) {
	f, err := os.CreateTemp(dirOf(path), ".vcledger-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(f.Name()))
		}
	}()
	w := bufio.NewWriter(f)
	if err := errors.Join(fn(w), w.Flush(), f.Chmod(0o644), f.Close()); err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

func dirOf(path string) string {
	if i := strings.LastIndexByte(path, os.PathSeparator); i >= 0 {
		return path[:i+1]
	}
	return "."
}

func statementCommand(s *settings) *cobra.Command {
	var d document
	var contributor, from, to, fund, bodies string
	c := &cobra.Command{
		Use: "statement", Short: "Print a contributor's statement", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if contributor == "" || from == "" || to == "" {
				return usagef("statement needs --contributor, --from and --to")
			}
			form, err := d.form()
			if err != nil {
				return err
			}
			if err := oneOf("bodies", bodies, string(reports.WithoutBodies), string(reports.BodiesTogether), string(reports.BodiesApart)); err != nil {
				return err
			}
			period, err := parsePeriod(from, to)
			if err != nil {
				return err
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				who, err := store.FindContributor(ctx, contributor)
				if err != nil {
					return err
				}
				return d.write(c, func(w io.Writer) error {
					return printStatement(ctx, store, w, form, reports.StatementRequest{Contributor: who.Code, Period: period, Fund: ledger.FundCode(fund), Bodies: reports.Bodies(bodies)})
				})
			})
		},
	}
	c.Flags().StringVar(&contributor, "contributor", "", "code or name of the contributor")
	c.Flags().StringVar(&from, "from", "", "first day of the period, YYYY-MM-DD")
	c.Flags().StringVar(&to, "to", "", "last day of the period, YYYY-MM-DD")
	c.Flags().StringVar(&fund, "fund", "", "code of one fund; all funds without it")
	c.Flags().StringVar(&bodies, "bodies", string(reports.WithoutBodies), "the bodies under the contributor: without, together or apart")
	d.flags(c)
	return c
}

func parsePeriod(from, to string) (ledger.Period, error) {
	var p ledger.Period
	var err error
	if p.From, err = ledger.ParseDate(from); err != nil {
		return p, usagef("--from: %w", err)
	}
	if p.To, err = ledger.ParseDate(to); err != nil {
		return p, usagef("--to: %w", err)
	}
	if p.To.Before(p.From) {
		return p, usagef("--to %s is before --from %s", p.To, p.From)
	}
	return p, nil
}

func printStatement(ctx context.Context, store *postgres.Store, w io.Writer, form form, r reports.StatementRequest) error {
	return store.Read(ctx, r.Period.To, time.Time{}, func(snap *postgres.Snapshot) error {
		statement, err := reports.BuildStatement(ctx, snap, r)
		if err != nil {
			return err
		}
		return form(w, statement)
	})
}
