package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"vcledger/ledger/localpg"
	"vcledger/ledger/postgres"
)

// settings are what every verb can be told.
type settings struct {
	databaseURL string
	replica     postgres.ReplicaOptions // that takes reads of serve
	dataDir     string
	log         logSettings
}

// database is the PostgreSQL that a verb works on.
type database struct {
	url   string
	local *localpg.Server // nil when the user named a server
}

// openDatabase returns the named database, or starts the private one.
func (s *settings) openDatabase(ctx context.Context, log io.Writer) (*database, error) {
	if s.databaseURL != "" {
		return &database{url: s.databaseURL}, nil
	}
	local, err := localpg.Start(ctx, localpg.Options{DataDir: s.dataDir, Durable: true, Log: log})
	if err != nil {
		return nil, err
	}
	return &database{url: local.URL(), local: local}, nil
}

// close stops the private PostgreSQL when nobody else uses it.
func (d *database) close() error {
	if d.local == nil {
		return nil
	}
	return d.local.Close()
}

// withStore calls fn with a store whose schema is current. The private database and one that is still empty are brought
// up to date first; another is not touched unless it is asked for by vcledger migrate.
func (s *settings) withStore(c *cobra.Command, fn func(context.Context, *postgres.Store) error) error {
	return s.withDatabase(c, func(ctx context.Context, _ *database, store *postgres.Store) error { return fn(ctx, store) })
}

// withDatabase is withStore for a verb that has to know which database it is.
func (s *settings) withDatabase(c *cobra.Command, fn func(context.Context, *database, *postgres.Store) error) (err error) {
	ctx := c.Context()
	d, err := s.openDatabase(ctx, c.ErrOrStderr())
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.close()) }()
	empty, err := postgres.Empty(ctx, d.url)
	if err != nil {
		return err
	}
	if empty || d.local != nil {
		if _, err := postgres.Migrate(ctx, d.url); err != nil {
			return err
		}
	}
	options := postgres.DefaultOptions
	options.Replica = s.replica
	store, err := postgres.Open(ctx, d.url, options)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	current, err := store.Migrated(ctx)
	if err != nil {
		return err
	}
	if !current {
		return errors.New("the database has an older schema: run vcledger migrate")
	}
	if err := s.useLog(ctx, store, d.local != nil, c.ErrOrStderr()); err != nil {
		return err
	}
	return fn(ctx, d, store)
}

func migrateCommand(s *settings) *cobra.Command {
	return &cobra.Command{
		Use: "migrate", Short: "Bring the database's schema up to date", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) (err error) {
			d, err := s.openDatabase(c.Context(), c.ErrOrStderr())
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, d.close()) }()
			applied, err := postgres.Migrate(c.Context(), d.url)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "%d migrations applied; the schema is current\n", applied)
			return err
		},
	}
}
