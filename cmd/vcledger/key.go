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
	var name, role, contributor string
	create := &cobra.Command{
		Use: "create", Short: "Make a key; it is shown once", Args: noArguments,
		RunE: func(c *cobra.Command, _ []string) error {
			if err := oneOf("role", role, "officer", "approver", "auditor", "admin", "donor"); err != nil {
				return err
			}
			if name == "" || (role == "donor") != (contributor != "") {
				return usagef("key create needs --name and --role, and --contributor for a donor and no other role")
			}
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error {
				secret, key, err := store.CreateKey(ctx, name, ledger.Role(role), ledger.ContributorCode(contributor))
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
			return s.withStore(c, func(ctx context.Context, store *postgres.Store) error { return store.RevokeKey(ctx, id) })
		},
	}
	c.AddCommand(create, list, revoke)
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
	keys, err := store.Keys(ctx)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "ID\tNAME\tROLE\tCONTRIBUTOR\tMADE\tREVOKED")
	for _, k := range keys {
		revoked := ""
		if !k.RevokedAt.IsZero() {
			revoked = k.RevokedAt.Format(time.RFC3339)
		}
		fmt.Fprintf(out, "%s\t%s\t%s\t%s\t%s\t%s\n", k.ID, k.Actor, k.Role, k.Contributor, k.RecordedAt.Format(time.RFC3339), revoked)
	}
	return out.Flush()
}
