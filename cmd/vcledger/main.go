// Command vcledger is a ledger of voluntary contributions to a fund: it serves the API, loads registers, prints statements
// and reports, and keeps the database.
//
// Results go to standard output, everything else to standard error. It exits with 0, with 1 when it failed, and with 2
// when it was called wrongly.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"vcledger/ledger"
)

// version is set by the linker for a release.
var version = "development"

// The exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
)

// usageError is a call that the command does not understand.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

func usagef(format string, args ...any) error { return usageError{fmt.Errorf(format, args...)} }

func main() {
	boundMemory()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// memoryAim is what the program keeps its own memory to as long as what it holds allows.
const memoryAim = 56 << 20

// boundMemory lets garbage grow to three times of what is in use, which halves the collector's work, but not beyond memoryAim.
// Whoever runs the program may say otherwise by the variables of the Go runtime.
func boundMemory() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(300)
	}
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(memoryAim)
	}
}

// run is main without the process: arguments in, exit code out.
func run(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := rootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	for _, line := range explain(err) {
		fmt.Fprintln(stderr, "vcledger: "+line)
	}
	var usage usageError
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// fileError is what went wrong with one file of several.
type fileError struct {
	path string
	err  error
}

// Error names the file.
func (e fileError) Error() string { return e.path + ": " + e.err.Error() }

// Unwrap returns what went wrong.
func (e fileError) Unwrap() error { return e.err }

// explain returns what a person should read of an error: each broken rule of a ledger error, or the error itself, and of which
// file it is.
func explain(err error) []string {
	var file fileError
	if errors.As(err, &file) {
		lines := explain(file.err)
		for i := range lines {
			lines[i] = file.path + ": " + lines[i]
		}
		return lines
	}
	var e *ledger.Error
	if !errors.As(err, &e) {
		return []string{err.Error()}
	}
	if len(e.Violations) == 0 {
		return []string{e.Detail}
	}
	lines := make([]string, len(e.Violations))
	for i, v := range e.Violations {
		lines[i] = fmt.Sprintf("%s: %s (%s)", strings.TrimPrefix(v.Pointer, "/"), v.Detail, v.Rule)
	}
	return lines
}

func rootCommand() *cobra.Command {
	var s settings
	root := &cobra.Command{
		Use:   "vcledger",
		Short: "A ledger of voluntary contributions, over PostgreSQL",
		Long: "vcledger records the pledges and contributions to a fund, in cash and in kind, and makes the statements of its donors.\n" +
			"Without --database-url it keeps a private PostgreSQL of its own in --data-dir.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          noArguments,
		RunE:          func(c *cobra.Command, _ []string) error { return c.Help() },
	}
	root.PersistentFlags().StringVar(&s.databaseURL, "database-url", "", "PostgreSQL to use (DATABASE_URL); without it, a private one")
	root.PersistentFlags().StringVar(&s.dataDir, "data-dir", "", "where the private PostgreSQL keeps its data (VCLEDGER_DATA_DIR)")
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.PersistentPreRunE = func(c *cobra.Command, _ []string) error { return fromEnvironment(c.Flags(), os.Getenv) }
	root.CompletionOptions.DisableDefaultCmd = true
	s.log.flags(root)
	root.AddCommand(verifyCommand(&s), serveCommand(&s), demoCommand(&s), migrateCommand(&s), importCommand(&s), statementCommand(&s), issueCommand(&s), reportCommand(&s),
		exportCommand(&s), backupCommand(&s), restoreCommand(&s), revalueCommand(&s), closeCommand(&s), keyCommand(&s), benchCommand(&s), versionCommand())
	return root
}

// databases are the flags that name a PostgreSQL, and the variables in which one is usually named.
var databases = map[string]string{"database-url": "DATABASE_URL", "database-replica-url": "DATABASE_REPLICA_URL"}

// fromEnvironment sets each flag that was not given from its variable: VCLEDGER_ and the flag's name, or the usual one.
func fromEnvironment(flags *pflag.FlagSet, getenv func(string) string) error {
	var err error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "VCLEDGER_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := getenv(name)
		if usual := databases[f.Name]; value == "" && usual != "" {
			name = usual
			value = getenv(name)
		}
		if f.Changed || value == "" || err != nil {
			return
		}
		if e := f.Value.Set(value); e != nil {
			err = usagef("%s: %w", name, e)
			return
		}
		f.Changed = true
		f.Annotations = map[string][]string{sourceOf: {name}}
	})
	return err
}

func noArguments(c *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usagef("unknown argument %q for %q; see %s --help", args[0], c.CommandPath(), c.CommandPath())
	}
	return nil
}

// oneOf returns an error unless the value is one of a list.
func oneOf(flag, value string, list ...string) error {
	for _, l := range list {
		if value == l {
			return nil
		}
	}
	return usagef("--%s takes %s, not %q", flag, strings.Join(list, ", "), value)
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(c.OutOrStdout(), "vcledger", version)
			return err
		},
	}
}
