package main

import (
	"context"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

func keyCommand(s *settings) *cobra.Command {
	c := &cobra.Command{Use: "key", Short: "Make, list and revoke the keys of the API", Args: noArguments, RunE: func(c *cobra.Command, _ []string) error { return c.Help() }}
	var name, role, contributor, expires string
	create := &cobra.Command{
		Use: "create", Short: "Make a key; it is shown once", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneOf("role", role, "officer", "approver", "auditor", "admin", "donor"); err != nil {
				return err
			}
			if name == "" || (role == "donor") != (contributor != "") {
				return usagef("key create needs --name and --role, and --contributor for a donor and no other role")
			}
			var ends time.Time
			if expires != "" {
				last, err := ledger.ParseDate(expires)
				if err != nil {
					return usagef("--expires: %w", err)
				}
				ends = last.AddDays(1).Start()
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				secret, key, err := createKey(ctx, store, postgres.KeyInput{Actor: name, Role: ledger.Role(role), Contributor: ledger.ContributorCode(contributor), ExpiresAt: ends})
				if err != nil {
					return err
				}
				fmt.Fprintf(c.ErrOrStderr(), "key %s for %s (%s); it cannot be shown again:\n", key.ID, key.Actor, key.Role)
				_, err = fmt.Fprintln(c.OutOrStdout(), secret)
				return err
			})
		},
	}
	create.Flags().StringVar(&name, "name", "", "who holds the key")
	create.Flags().StringVar(&role, "role", "", "officer, approver, auditor, admin or donor")
	create.Flags().StringVar(&contributor, "contributor", "", "code of the donor's contributor")
	create.Flags().StringVar(&expires, "expires", "", "last day on which the key is good, YYYY-MM-DD; without it, until it is revoked")
	list := &cobra.Command{
		Use: "list", Short: "List the keys, without their secrets", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error { return listKeys(ctx, store, c.OutOrStdout()) })
		},
	}
	revoke := &cobra.Command{
		Use: "revoke ID", Short: "End a key",
		Args: func(c *cobra.Command, args []string) error {
			if len(args) != 1 {
				return usagef("key revoke takes the id of one key")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			id, err := parseID(args[0])
			if err != nil {
				return err
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error { return revokeKey(ctx, store, id) })
		},
	}
	c.AddCommand(create, list, revoke, logKeyCommand(s))
	return c
}

func parseID(s string) (uuid.UUID, error) {
	id, err := uuid.Parse(s)
	if err != nil {
		return uuid.Nil, usagef("%q is not the id of a key", s)
	}
	return id, nil
}

func listKeys(ctx context.Context, store *postgres.Store, w io.Writer) error {
	keys, err := allKeys(ctx, store)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "ID\tNAME\tROLE\tCONTRIBUTOR\tMADE\tENDS\tLAST USED\tREVOKED")
	for _, k := range keys {
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Actor, k.Role, k.Contributor, instant(k.RecordedAt), instant(k.ExpiresAt),
			instant(k.LastUsedAt), instant(k.RevokedAt))
	}
	return out.Flush()
}

func instant(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.Format(time.RFC3339)
}

// allKeys reads every key.
func allKeys(ctx context.Context, store *postgres.Store) ([]postgres.Key, error) {
	const page = 500
	var list []postgres.Key
	for {
		var after uuid.UUID
		if len(list) > 0 {
			after = list[len(list)-1].ID
		}
		keys, err := store.Keys(ctx, after, page)
		if list = append(list, keys...); err != nil || len(keys) < page {
			return list, err
		}
	}
}

func createKey(ctx context.Context, store *postgres.Store, in postgres.KeyInput) (string, *postgres.Key, error) {
	command, err := job(ctx, store, "key create", in)
	if err != nil {
		return "", nil, err
	}
	var key *postgres.Key
	answered(&command, &key)
	secret, _, err := store.CreateKey(ctx, command, in)
	return secret, key, err
}

func revokeKey(ctx context.Context, store *postgres.Store, id uuid.UUID) error {
	command, err := job(ctx, store, "key revoke", id)
	if err != nil {
		return err
	}
	_, err = store.RevokeKey(ctx, command, id)
	return err
}
