package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/render"
)

// issuing is one call of issue.
type issuing struct {
	store   *postgres.Store
	dir     string // where the files go; empty for none
	write   form
	ext     string
	out     io.Writer
	bar     *progress
	issued  int // now
	already int // that stood before
}

func issueCommand(s *settings) *cobra.Command {
	var contributor, from, to, fund, bodies, supersede, reason, dir string
	var d document
	c := &cobra.Command{
		Use: "issue", Short: "Issue the statements of a period, to all contributors or to one", Args: noArguments,
		Long: "Issue the statements of a period: each gets the next number of the year and is frozen. Without --contributor, everybody who has\n" +
			"anything to tell of the period gets one. Whoever has one keeps it, so a run that was interrupted goes on when it is run again.\n" +
			"With --supersede, issue one statement anew, with a reason that the contributor is told.\n" +
			"Prints a line for each statement: its number, its contributor, whether it was issued now, and its file in --output-dir. The files\n" +
			"are made from what was frozen, so they are the same bytes in every run.",
		RunE: func(c *cobra.Command, _ []string) error {
			given := contributor != "" || from != "" || to != "" || fund != "" || c.Flags().Changed("bodies")
			switch {
			case supersede != "" && given:
				return usagef("--supersede issues the same statement anew: it goes without --contributor, --from, --to, --fund and --bodies")
			case (supersede == "") != (reason == ""):
				return usagef("--supersede and --reason go together")
			case supersede == "" && (from == "" || to == ""):
				return usagef("issue needs --from and --to, or --supersede")
			}
			write, err := d.form()
			if err != nil {
				return err
			}
			if err := oneOf("bodies", bodies, string(reports.WithoutBodies), string(reports.BodiesTogether), string(reports.BodiesApart)); err != nil {
				return err
			}
			i := issuing{dir: dir, write: write, ext: render.Formats[slices.Index(formatNames(), d.format)].Extension, out: c.OutOrStdout(), bar: newProgress(c.ErrOrStderr())}
			var do func(context.Context) error
			if supersede != "" {
				number, err := ledger.ParseStatementNumber(supersede)
				if err != nil {
					return usagef("--supersede takes the number of a statement, as 2026/000123, not %q", supersede)
				}
				do = func(ctx context.Context) error { return i.supersede(ctx, number, reason) }
			} else {
				period, err := parsePeriod(from, to)
				if err != nil {
					return err
				}
				do = func(ctx context.Context) error {
					return i.all(ctx, contributor, reports.StatementRequest{Period: period, Fund: ledger.FundCode(fund), Bodies: reports.Bodies(bodies)})
				}
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				i.store = store
				if dir != "" {
					if err := os.MkdirAll(dir, 0o755); err != nil {
						return err
					}
				}
				err := do(ctx)
				i.bar.done()
				if i.issued+i.already > 0 || err == nil {
					fmt.Fprintf(c.ErrOrStderr(), "%d issued, %d stood before\n", i.issued, i.already)
				}
				return err
			})
		},
	}
	c.Flags().StringVar(&from, "from", "", "first day of the period, YYYY-MM-DD")
	c.Flags().StringVar(&to, "to", "", "last day of the period, YYYY-MM-DD")
	c.Flags().StringVar(&contributor, "contributor", "", "code or name of one contributor; all without it")
	c.Flags().StringVar(&fund, "fund", "", "code of one fund; all funds without it")
	c.Flags().StringVar(&bodies, "bodies", string(reports.WithoutBodies), "the bodies under each contributor: without, together or apart")
	c.Flags().StringVar(&supersede, "supersede", "", "number of a statement to issue anew")
	c.Flags().StringVar(&reason, "reason", "", "with --supersede: why, for the contributor to read")
	c.Flags().StringVar(&dir, "output-dir", "", "write each statement's file into this directory, in --format and --lang")
	d.formFlags(c, "pdf")
	return c
}

// all issues the statements of a period. The key of each is derived from what it is about, so that no run issues it twice.
func (i *issuing) all(ctx context.Context, contributor string, r reports.StatementRequest) error {
	if contributor != "" {
		who, err := i.store.FindContributor(ctx, contributor)
		if err != nil {
			return err
		}
		r.Contributor = who.Code
	}
	command := func(code ledger.ContributorCode) (postgres.Command, error) {
		return jobOnce(ctx, i.store, "issue", []string{string(code), r.Period.From.String(), r.Period.To.String(), string(r.Fund), string(r.Bodies)})
	}
	return reports.IssueAll(ctx, i.store, r, command, func(y reports.YearIssue) error {
		i.bar.reach("issuing", int64(y.At), int64(y.Of), false)
		return i.tell(ctx, y.Number, y.Before)
	})
}

// supersede issues one statement anew. For the same reason it is done once, however often it is asked for.
func (i *issuing) supersede(ctx context.Context, number ledger.StatementNumber, reason string) error {
	command, err := jobOnce(ctx, i.store, "supersede", []string{string(number), reason})
	if err != nil {
		return err
	}
	answer, err := reports.SupersedeStatement(ctx, i.store, command, number, reason)
	if err != nil {
		return err
	}
	old, err := i.store.Statement(ctx, number)
	if err != nil {
		return err
	}
	return i.tell(ctx, old.SupersededBy, answer.Replayed)
}

// tell writes the statement's file, and then its line.
func (i *issuing) tell(ctx context.Context, number ledger.StatementNumber, before bool) error {
	record, err := i.store.Statement(ctx, number)
	if err != nil {
		return err
	}
	line := fmt.Sprintf("%s\t%s\t%s", record.Number, record.Contributor, map[bool]string{false: "issued", true: "stood before"}[before])
	if i.dir != "" {
		statement, err := reports.Thaw(record)
		if err != nil {
			return err
		}
		path := filepath.Join(i.dir, fmt.Sprintf("%s-%s.%s", number.Path(), record.Contributor, i.ext))
		if err := writeFile(path, func(w io.Writer) error { return i.write(w, statement) }); err != nil {
			return err
		}
		line += "\t" + path
	}
	if before {
		i.already++
	} else {
		i.issued++
	}
	i.bar.clear()
	_, err = fmt.Fprintln(i.out, line)
	return err
}
