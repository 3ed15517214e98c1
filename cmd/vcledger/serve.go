package main

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"golang.org/x/time/rate"

	"vcledger/api"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// shutdownTimeout is how long the server finishes the requests that it accepted before it stops.
const shutdownTimeout = 20 * time.Second

// sealInterval is how long a posting waits for its place in the log, when nobody asks for it before.
const sealInterval = time.Second

// serving are the settings of the service.
type serving struct {
	addr, publicURL, metricsAddr string
	certFile, keyFile            string
	logFormat, logLevel          string
	requestTimeout               time.Duration
	perSecond, burst             int
	backups                      int // daily ones of the private database to keep
	sso                          oidcSettings
	publisher                    export.Publisher
}

func serveCommand(s *settings) *cobra.Command {
	var o serving
	var show bool
	c := &cobra.Command{
		Use: "serve", Short: "Serve the API", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if (o.certFile == "") != (o.keyFile == "") {
				return usagef("--tls-cert and --tls-key go together")
			}
			if o.backups < 0 {
				return usagef("--keep-backups takes a number of files, or 0")
			}
			if s.replica.URL != "" && s.databaseURL == "" {
				return usagef("--database-replica-url goes with --database-url")
			}
			log, err := logTo(c.ErrOrStderr(), o.logFormat, o.logLevel)
			if err != nil {
				return err
			}
			if err := o.publisher.Check(); err != nil {
				return usageError{err}
			}
			if show {
				return printConfig(c, c.OutOrStdout())
			}
			s.replica.Away = func(err error) { log.Warn("reads go to the primary", "error", err) }
			return s.withDatabase(c, func(ctx context.Context, d *database, store *postgres.Store) error {
				if err := hasLogKey(ctx, store); err != nil {
					return err
				}
				keys, err := store.Keys(ctx, uuid.Nil, 1)
				if err != nil {
					return err
				}
				if len(keys) == 0 {
					fmt.Fprintln(c.ErrOrStderr(), "no key has been made yet: vcledger key create --role officer --name NAME")
				}
				config, err := o.config(store, log)
				if err != nil {
					return err
				}
				if d.local != nil {
					defer keep(ctx, d, store.Seal, o.backups, log, c.ErrOrStderr())()
				}
				return serve(ctx, config, o, c.ErrOrStderr())
			})
		},
	}
	f := c.Flags()
	addrFlag(c, &o.addr)
	f.StringVar(&o.publicURL, "public-url", "", "how browsers reach the server, https://ledger.example.org; empty for what they ask for")
	f.StringVar(&o.metricsAddr, "metrics-addr", "", "address of its own for /metrics, open to whoever reaches it; without it an auditor's or admin's key is asked for")
	f.StringVar(&o.certFile, "tls-cert", "", "file with the certificate and its chain (PEM); read again when it changes")
	f.StringVar(&o.keyFile, "tls-key", "", "file with the certificate's key (PEM)")
	f.StringVar(&o.logFormat, "log-format", "text", "text or json")
	f.StringVar(&o.logLevel, "log-level", "info", "debug, info, warn or error")
	f.DurationVar(&o.requestTimeout, "request-timeout", 45*time.Second, "how long one request may take, the database included")
	f.IntVar(&o.perSecond, "rate-limit", int(api.DefaultLimits.PerKey), "requests a second of one key, in the long run; 0 does not limit")
	f.IntVar(&o.burst, "rate-burst", api.DefaultLimits.Burst, "requests of one key at once")
	f.IntVar(&o.backups, "keep-backups", 14, "how many daily backups of the private database to keep in its data directory's backups; 0 makes none")
	f.StringVar(&s.replica.URL, "database-replica-url", "", "streaming replica of --database-url that takes the reads of donors, statements and reports (DATABASE_REPLICA_URL)")
	f.DurationVar(&s.replica.Wait, "replica-wait", postgres.DefaultReplicaWait, "how long a read waits until the replica has what the primary has; then the primary answers")
	f.BoolVar(&show, "print-config", false, "print the settings that are in force, secrets masked, and do nothing")
	o.sso.flags(c)
	publisherFlags(c, &o.publisher)
	return c
}

func addrFlag(c *cobra.Command, addr *string) {
	c.Flags().StringVar(addr, "addr", "127.0.0.1:8080", "address to serve on")
}

// config is what the API's server is made of.
func (o *serving) config(store *postgres.Store, log *slog.Logger) (api.Config, error) {
	config := api.Config{Store: store, Authenticate: store.Authenticate, PublicURL: strings.TrimSuffix(o.publicURL, "/"), Ready: ready(store), Log: log,
		Version: version, Timeout: o.requestTimeout, Publisher: o.publisher, Limits: api.DefaultLimits}
	config.Limits.PerKey, config.Limits.Burst = rate.Limit(o.perSecond), o.burst
	provider, err := newProvider(o.sso, store)
	if err != nil || provider == nil {
		return config, err
	}
	config.Authenticate = provider.Authenticate
	if provider.clientID != "" {
		config.Provider = provider
	}
	return config, nil
}

// serve answers requests until the context ends, and then finishes those that it accepted.
func serve(ctx context.Context, config api.Config, o serving, stderr io.Writer) error {
	stopTraces, err := startTraces(ctx, os.Getenv)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	go config.Store.SealEvery(ctx, sealInterval, func(err error) { config.Log.Error("the log was not sealed", "error", err) })
	app := api.New(config)
	listener, err := listen(o, config.Log)
	if err != nil {
		return err
	}
	servers := []*http.Server{app.HTTPServer(o.addr)}
	listeners := []net.Listener{listener}
	if o.metricsAddr != "" {
		metrics, err := net.Listen("tcp", o.metricsAddr)
		if err != nil {
			return fmt.Errorf("listen on %s: %w", o.metricsAddr, err)
		}
		mux := http.NewServeMux()
		mux.Handle("GET /metrics", app.MetricsHandler())
		servers, listeners = append(servers, &http.Server{Handler: mux, ReadHeaderTimeout: 5 * time.Second}), append(listeners, metrics)
	}
	fmt.Fprintf(stderr, "serving on %s (API documentation at /docs)\n", hostOf(o.certFile != "", listener.Addr().String()))
	stopped := make(chan error, len(servers))
	for i, server := range servers {
		go func() { stopped <- server.Serve(listeners[i]) }()
	}
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(stderr, "stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	for _, server := range servers {
		err = errors.Join(err, server.Shutdown(end))
	}
	for range servers {
		if e := <-stopped; !errors.Is(e, http.ErrServerClosed) {
			err = errors.Join(err, e)
		}
	}
	if err = errors.Join(err, stopTraces(end)); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	return nil
}

// listen opens the address, with TLS when there is a certificate.
func listen(o serving, log *slog.Logger) (net.Listener, error) {
	var secure *tls.Config
	if o.certFile != "" {
		pair, err := readCertificate(o.certFile, o.keyFile, log)
		if err != nil {
			return nil, err
		}
		secure = pair.config()
	}
	listener, err := net.Listen("tcp", o.addr)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", o.addr, err)
	}
	if secure != nil {
		listener = tls.NewListener(listener, secure)
	}
	return listener, nil
}

// ready reports whether the database answers with a schema that this program knows.
func ready(store *postgres.Store) func(context.Context) error {
	return func(ctx context.Context) error {
		current, err := store.Migrated(ctx)
		if err == nil && !current {
			err = errors.New("the schema is not current")
		}
		return err
	}
}
