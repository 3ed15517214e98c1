package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"vcledger/api"
	"vcledger/ledger/postgres"
)

// shutdownTimeout is how long the server finishes the requests that it accepted before it stops.
const shutdownTimeout = 20 * time.Second

func serveCommand(s *settings) *cobra.Command {
	var addr, publicURL string
	var sso oidcSettings
	c := &cobra.Command{
		Use: "serve", Short: "Serve the API", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				keys, err := store.Keys(ctx, uuid.Nil, 1)
				if err != nil {
					return err
				}
				if len(keys) == 0 {
					fmt.Fprintln(c.ErrOrStderr(), "no key has been made yet: vcledger key create --role officer --name NAME")
				}
				config := api.Config{Store: store, Authenticate: store.Authenticate, PublicURL: strings.TrimSuffix(publicURL, "/")}
				provider, err := newProvider(sso, store)
				if err != nil {
					return err
				}
				if provider != nil {
					config.Authenticate = provider.Authenticate
					if provider.clientID != "" {
						config.Provider = provider
					}
				}
				return serve(ctx, config, addr, c.ErrOrStderr())
			})
		},
	}
	addrFlag(c, &addr)
	c.Flags().StringVar(&publicURL, "public-url", "", "how browsers reach the server, https://ledger.example.org; empty for what they ask for")
	sso.flags(c)
	return c
}

func addrFlag(c *cobra.Command, addr *string) {
	c.Flags().StringVar(addr, "addr", "127.0.0.1:8080", "address to serve on")
}

// serve answers requests until the context ends, and then finishes those that it accepted.
func serve(ctx context.Context, config api.Config, addr string, stderr io.Writer) error {
	config.Limits, config.Ready, config.Version = api.DefaultLimits, ready(config.Store), version
	config.Log = slog.New(slog.NewTextHandler(stderr, nil))
	server := api.New(config).HTTPServer(addr)
	listener, err := net.Listen("tcp", addr)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", addr, err)
	}
	fmt.Fprintf(stderr, "serving on http://%s (API documentation at /docs)\n", listener.Addr())
	stopped := make(chan error, 1)
	go func() { stopped <- server.Serve(listener) }()
	select {
	case err := <-stopped:
		return err
	case <-ctx.Done():
	}
	fmt.Fprintln(stderr, "stopping")
	end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTimeout)
	defer cancel()
	if err := server.Shutdown(end); err != nil {
		return fmt.Errorf("stop: %w", err)
	}
	if err := <-stopped; !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
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
