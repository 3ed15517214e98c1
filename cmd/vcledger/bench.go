package main

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/spf13/cobra"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// benchSQL fills the ledger of the bench (fill.sql), closes its years but the last (close.sql) and makes the tables of its floor (floor.sql).
//
//go:embed bench/*.sql
var benchSQL embed.FS

// checkedLines is up to how many lines each constraint is checked while the ledger is filled.
const checkedLines = 100_000

// benching are the settings of the bench.
type benching struct {
	lines    int
	clients  []int
	span     time.Duration
	jsonFile string
	markdown bool
}

func benchCommand(s *settings) *cobra.Command {
	var o benching
	c := &cobra.Command{
		Use: "bench", Short: "Measure the service on a throw-away ledger", Args: noArguments,
		Long: "bench starts a PostgreSQL of its own in a new directory, with fsync on, fills a ledger and measures what the service does a second,\n" +
			"beside the least that the same PostgreSQL takes for the same rows by hand. It touches no other database, whatever --database-url says.",
		RunE: func(c *cobra.Command, _ []string) error {
			if o.lines < 1 || o.span <= 0 || len(o.clients) == 0 {
				return usagef("bench takes --lines, --clients and --span above zero")
			}
			for _, n := range o.clients {
				if n < 1 {
					return usagef("--clients takes numbers above zero, not %d", n)
				}
			}
			return o.run(c, *s)
		},
	}
	f := c.Flags()
	f.IntVar(&o.lines, "lines", 10_000, "journal lines to fill the ledger with, more or less")
	f.IntSliceVar(&o.clients, "clients", []int{1, 8, 32}, "how many clients ask at once, one measurement each")
	f.DurationVar(&o.span, "span", 5*time.Second, "how long one measurement takes")
	f.StringVar(&o.jsonFile, "json", "", "file to write the figures to as JSON")
	f.BoolVar(&o.markdown, "markdown", false, "print a page of Markdown")
	return c
}

// run measures on a database that is gone afterwards.
func (o *benching) run(c *cobra.Command, s settings) (err error) {
	dir, err := os.MkdirTemp("", "vcledger-bench-")
	if err != nil {
		return fmt.Errorf("make a directory: %w", err)
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	if err := os.Chmod(dir, 0o755); err != nil { // as root the server runs under another user
		return fmt.Errorf("open the directory: %w", err)
	}
	s.databaseURL, s.dataDir = "", dir
	var figures *benchFigures
	err = s.withDatabase(c, func(ctx context.Context, d *database, store *postgres.Store) error {
		owner, err := sqlx.ConnectContext(ctx, "postgres", d.url)
		if err != nil {
			return fmt.Errorf("connect: %w", err)
		}
		defer owner.Close()
		b := bench{benching: *o, owner: owner, store: store, progress: c.ErrOrStderr()}
		figures, err = b.measureAll(ctx)
		return err
	})
	if err != nil {
		return err
	}
	if o.jsonFile != "" {
		text, err := json.MarshalIndent(figures, "", "  ")
		if err != nil {
			return fmt.Errorf("write the figures: %w", err)
		}
		if err := os.WriteFile(o.jsonFile, append(text, '\n'), 0o644); err != nil {
			return fmt.Errorf("write the figures: %w", err)
		}
	}
	return figures.print(c.OutOrStdout(), o.markdown)
}

// bench is a run.
type bench struct {
	benching
	owner    *sqlx.DB
	store    *postgres.Store
	progress io.Writer
	pledges  []benchPledge
}

// benchPledge is an agreed pledge of which nothing is paid.
type benchPledge struct {
	ID       string
	Currency string
}

// fill makes the ledger, and the tables of the floor.
func (b *bench) fill(ctx context.Context) error {
	fmt.Fprintf(b.progress, "filling a ledger of about %d lines\n", b.lines)
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
	role := "origin"
	if b.lines > checkedLines {
		role = "replica"
	}
	for _, statement := range []string{
		fmt.Sprintf(`SET bench.contributors = %d`, max(12, b.lines/520)), `SET session_replication_role = ` + role, string(fill), string(closing),
		`SET session_replication_role = origin`, string(floor), `VACUUM (ANALYZE)`,
	} {
		if _, err := conn.ExecContext(ctx, statement); err != nil {
			return fmt.Errorf("fill the ledger: %w", err)
		}
	}
	err = conn.SelectContext(ctx, &b.pledges, `
		SELECT p.id, e.currency FROM pledge p JOIN pledge_event e ON e.pledge_id = p.id AND e.kind = 'agreed'
		WHERE e.currency IN ('EUR', 'GBP') AND NOT EXISTS (SELECT FROM allocation a WHERE a.pledge_id = p.id) ORDER BY p.id`)
	if err != nil {
		return fmt.Errorf("read the pledges: %w", err)
	}
	return b.store.Seal(ctx)
}

// serve answers on a port of its own until stop is called.
func (b *bench) serve(ctx context.Context) (url string, stop func() error, err error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, fmt.Errorf("listen: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	server := api.New(api.Config{Store: b.store, Authenticate: b.store.Authenticate, Timeout: 45 * time.Second, Version: version}).HTTPServer("")
	sealed := make(chan struct{})
	var unsealed error // the last reason why the log was not sealed
	go func() {
		defer close(sealed)
		b.store.SealEvery(ctx, sealInterval, func(err error) { unsealed = err })
	}()
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	return "http://" + listener.Addr().String(), func() error {
		end, done := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
		defer done()
		err := server.Shutdown(end)
		if e := <-served; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
		cancel()
		<-sealed
		return errors.Join(err, unsealed)
	}, nil
}

// measureAll fills the ledger and takes every measurement.
func (b *bench) measureAll(ctx context.Context) (f *benchFigures, err error) {
	quiet := load()
	if err := b.fill(ctx); err != nil {
		return nil, err
	}
	f = &benchFigures{Version: version, On: time.Now().UTC().Format(time.RFC3339), Machine: fmt.Sprintf("%s/%s, %s", runtime.GOOS, runtime.GOARCH, processor()),
		Cores: runtime.NumCPU(), Load: quiet, Span: b.span.String()}
	err = b.owner.GetContext(ctx, f, `
		SELECT (SELECT count(*) FROM journal_line) AS lines, current_setting('server_version') AS postgres, current_setting('fsync') AS fsync,
		    current_setting('synchronous_commit') AS synchronous_commit, current_setting('shared_buffers') AS shared_buffers`)
	if err != nil {
		return nil, fmt.Errorf("read the settings: %w", err)
	}
	secret, _, err := createKey(ctx, b.store, postgres.KeyInput{Actor: "Bench", Role: ledger.RoleOfficer})
	if err != nil {
		return nil, err
	}
	url, stop, err := b.serve(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, stop()) }()
	for _, clients := range b.clients {
		for _, w := range b.work(url, secret) {
			m, err := b.measure(ctx, w, clients)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(b.progress, "%s, %d clients: %d a second\n", m.Name, clients, m.PerSecond)
			f.Measured = append(f.Measured, m)
		}
	}
	f.compare()
	return f, nil
}
