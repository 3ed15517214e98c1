package main

import (
	"bufio"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// benchSQL fills the ledger of the bench (fill.sql), closes its years but the last (close.sql) and makes the tables of its floor (floor.sql).
//
//go:embed bench/*.sql
var benchSQL embed.FS

// checkedLines is up to how many lines each constraint is checked while the ledger is filled.
const checkedLines = 100_000

// A donor pays a pledge in one receipt or a few, so many pledges are open for the receipts of the bench: as many on a ledger of ten
// thousand lines as on a larger one, up to maxOpen, each in openLines lines.
const (
	maxOpen   = 500
	openLines = 6
)

// benching are the settings of the bench.
type benching struct {
	lines    []int
	clients  []int
	batch    int
	span     time.Duration
	only     []string
	jsonFile string
	markdown bool
}

func benchCommand(s *settings) *cobra.Command {
	var o benching
	c := &cobra.Command{
		Use: "bench", Short: "Measure the service on a throw-away ledger", Args: noArguments,
		Long: "bench starts a PostgreSQL of its own in a new directory, with fsync on, fills a ledger and measures what the service does a second,\n" +
			"in a process of its own, beside the least that the same PostgreSQL takes for the same rows by hand. With several --lines each ledger is\n" +
			"measured, and what the larger ones cost beside the smallest. It touches no other database, whatever --database-url says.",
		RunE: func(c *cobra.Command, _ []string) error {
			if o.span <= 0 || o.batch < 1 || o.batch > postgres.MaxReceiptBatch || len(o.lines) == 0 || len(o.clients) == 0 {
				return usagef("bench takes --lines, --clients and --span above zero, and --batch up to %d", postgres.MaxReceiptBatch)
			}
			for _, n := range slices.Concat(o.lines, o.clients) {
				if n < 1 {
					return usagef("--lines and --clients take numbers above zero, not %d", n)
				}
			}
			slices.Sort(o.lines)
			return o.run(c, *s)
		},
	}
	f := c.Flags()
	f.IntSliceVar(&o.lines, "lines", []int{10_000}, "journal lines to fill the ledger with, more or less; several for as many ledgers")
	f.IntSliceVar(&o.clients, "clients", []int{1, 8, 32}, "how many clients ask at once, one measurement each")
	f.IntVar(&o.batch, "batch", postgres.MaxReceiptBatch, "receipts in one batch")
	f.DurationVar(&o.span, "span", 5*time.Second, "how long one measurement takes")
	f.StringSliceVar(&o.only, "only", nil, "measure only what has one of these words in its name")
	f.StringVar(&o.jsonFile, "json", "", "file to write the figures to as JSON")
	f.BoolVar(&o.markdown, "markdown", false, "print a page of Markdown")
	return c
}

// run measures on databases that are gone afterwards.
func (o *benching) run(c *cobra.Command, s settings) error {
	f := &benchFigures{Version: version, On: time.Now().UTC().Format(time.RFC3339), Machine: fmt.Sprintf("%s/%s, %s", runtime.GOOS, runtime.GOARCH, processor()),
		Cores: runtime.NumCPU(), Load: load(), Span: o.span.String()}
	var failed error // what was measured before is told nevertheless
	for _, lines := range o.lines {
		if failed = o.measureLedger(c, s, lines, f); failed != nil {
			break
		}
	}
	if failed != nil && len(f.Ledgers) == 0 {
		return failed
	}
	f.compare()
	return errors.Join(failed, o.write(f), f.print(c.OutOrStdout(), o.markdown))
}

// write keeps the figures as JSON where that is asked for.
func (o *benching) write(f *benchFigures) error {
	if o.jsonFile == "" {
		return nil
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	if err := os.WriteFile(o.jsonFile, append(text, '\n'), 0o644); err != nil {
		return fmt.Errorf("write the figures: %w", err)
	}
	return nil
}

// measureLedger adds what is measured on a ledger of one size.
func (o *benching) measureLedger(c *cobra.Command, s settings, lines int, f *benchFigures) (err error) {
	dir, err := os.MkdirTemp("", "vcledger-bench-")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { // as root the server runs under another user
		return fmt.Errorf("open the directory: %w", err)
	}
	s.databaseURL, s.dataDir = "", dir
	return s.withDatabase(c, func(ctx context.Context, d *database, store *postgres.Store) error {
		owner, err := sqlx.ConnectContext(ctx, "postgres", d.url)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		defer owner.Close()
		err = owner.GetContext(ctx, f, `
			SELECT current_setting('server_version') AS postgres, current_setting('fsync') AS fsync,
			    current_setting('synchronous_commit') AS synchronous_commit, current_setting('shared_buffers') AS shared_buffers`)
		if err != nil {
			return fmt.Errorf("read the settings: %w", err)
		}
		b := bench{benching: *o, owner: owner, store: store, url: d.url, dir: dir, progress: c.ErrOrStderr()}
		measured, err := b.measureAll(ctx, lines)
		if err == nil || len(measured.Measured) > 0 {
			f.Ledgers = append(f.Ledgers, measured)
		}
		return err
	})
}

// bench is a run on one ledger.
type bench struct {
	benching
	owner    *sqlx.DB
	store    *postgres.Store
	url      string // of the database
	dir      string // of its data
	server   int    // process of the service
	progress io.Writer
	pledges  []benchPledge
	payers   atomic.Int64 // clients that were given pledges to pay
}

// benchPledge is an agreed pledge of which nothing is paid.
type benchPledge struct {
	ID       string
	Currency string
}

// fill makes the ledger, and the tables of the floor.
func (b *bench) fill(ctx context.Context, lines int) error {
	fmt.Fprintf(b.progress, "filling a ledger of about %d lines\n", lines)
	fill, err := benchSQL.ReadFile("bench/fill.sql")
	if err != nil {
		return err
	}
	closing, err := benchSQL.ReadFile("bench/close.sql")
	if err != nil {
		return err
	}
	floor, err := benchSQL.ReadFile("bench/floor.sql")
	if err != nil {
		return err
	}
	conn, err := b.owner.Connx(ctx)
	if err != nil {
		return fmt.Errorf("connect: %w", err)
	}
	defer conn.Close()
	open := max(50, min(maxOpen, lines/20))
	role := "origin"
	if lines > checkedLines {
		role = "replica"
	}
	for _, statement := range []string{
		fmt.Sprintf(`SET bench.contributors = %d; SET bench.open = %d`, max(12, (lines-openLines*open)/520), open), `SET session_replication_role = ` + role, string(fill), string(closing),
		`SET session_replication_role = origin`, string(floor), `VACUUM (ANALYZE)`,
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("fill the ledger: %w", err)
		}
	}
	err = conn.SelectContext(ctx, &b.pledges, `SELECT id, currency FROM (
		SELECT p.id, e.currency FROM pledge p JOIN pledge_event e ON e.pledge_id = p.id AND e.kind = 'agreed'
		WHERE e.currency IN ('EUR', 'GBP') AND NOT EXISTS (SELECT FROM allocation a WHERE a.pledge_id = p.id)) p ORDER BY random()`)
	if err != nil {
		return fmt.Errorf("read the pledges: %w", err)
	}
	if len(b.pledges) == 0 {
		return errors.New("the ledger has no pledge to pay")
	}
	return b.store.Seal(ctx)
}

// serving matches what the service says once it answers.
var servingOn = regexp.MustCompile(`serving on (http://\S+)`)

// environment returns the variables of a process of the bench: without those that name another database.
func (b *bench) environment() []string {
	return slices.DeleteFunc(os.Environ(), func(v string) bool {
		name, _, _ := strings.Cut(v, "=")
		return strings.HasPrefix(strings.TrimPrefix(name, "VCLEDGER_"), "DATABASE_")
	})
}

// serve starts the service in a process of its own, so that what it takes is told apart from its clients. It answers until stop
// is called.
func (b *bench) serve(ctx context.Context) (url string, stop func() error, err error) {
	program, err := os.Executable()
	if err != nil {
		return "", nil, fmt.Errorf("find the program: %w", err)
	}
	c := exec.CommandContext(ctx, program, "serve", "--data-dir", b.dir, "--addr", "127.0.0.1:0", "--rate-limit", "0", "--keep-backups", "0", "--log-level", "error")
	c.Env = b.environment()
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = 2 * shutdownTimeout
	said, err := c.StderrPipe()
	if err != nil {
		return "", nil, fmt.Errorf("start the service: %w", err)
	}
	if err := c.Start(); err != nil {
		return "", nil, fmt.Errorf("start the service: %w", err)
	}
	lines := bufio.NewScanner(said)
	for lines.Scan() {
		if found := servingOn.FindStringSubmatch(lines.Text()); found != nil {
			url = found[1]
			break
		}
		fmt.Fprintln(b.progress, lines.Text())
	}
	told := make(chan struct{})
	go func() {
		defer close(told)
		for lines.Scan() {
			fmt.Fprintln(b.progress, lines.Text())
		}
	}()
	stop = func() error {
		err := c.Process.Signal(os.Interrupt)
		<-told
		return errors.Join(err, c.Wait())
	}
	if url == "" {
		return "", nil, errors.Join(errors.New("the service did not start"), stop())
	}
	b.server = c.Process.Pid
	return url, stop, nil
}

// measureAll fills the ledger and takes every measurement.
func (b *bench) measureAll(ctx context.Context, lines int) (l benchLedger, err error) {
	if err := b.fill(ctx, lines); err != nil {
		return l, err
	}
	if err := b.owner.GetContext(ctx, &l.Lines, `SELECT count(*) FROM journal_line`); err != nil {
		return l, fmt.Errorf("count the lines: %w", err)
	}
	secret, _, err := createKey(ctx, b.store, postgres.KeyInput{Actor: "Bench", Role: ledger.RoleOfficer})
	if err != nil {
		return l, err
	}
	url, stop, err := b.serve(ctx)
	if err != nil {
		return l, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	tell := func(m benchMeasure, err error) error {
		if err == nil {
			says := m.rate() + " a second"
			if m.Outcome != "" {
				says = m.Outcome
			}
			fmt.Fprintf(b.progress, "%s, %d clients: %s\n", m.Name, m.Clients, says)
			l.Measured = append(l.Measured, m)
		}
		return err
	}
	single, bulk := b.floors()
	post, batch := b.posts(url, secret)
	// What posts comes last, and what posts most at the end: each is measured on the ledger that was asked for, more or less.
	for _, list := range [][]work{b.reads(url, secret), append(single, post), {bulk, batch}} {
		for _, clients := range b.clients {
			for _, w := range list {
				if b.wanted(w.name) {
					if err := tell(b.measure(ctx, w, clients)); err != nil {
						return l, err
					}
				}
			}
		}
	}
	if program := pgbench(); program != "" && b.wanted(pgbenchWork) {
		for _, clients := range b.clients {
			if err := tell(b.measureByPgbench(ctx, program, clients)); err != nil {
				return l, err
			}
		}
	}
	if b.wanted(importWork) {
		if err := tell(b.measureImport(ctx)); err != nil {
			return l, err
		}
	}
	if l.Lines <= plainLines {
		err = b.measurePlain(ctx, l.limits(), tell)
	}
	return l, err
}

// wanted reports whether something is to be measured.
func (b *bench) wanted(name string) bool {
	return len(b.only) == 0 || slices.ContainsFunc(b.only, func(word string) bool { return strings.Contains(name, word) })
}
