// Package migrations holds the schema of the ledger as numbered SQL files, applied in order and never backwards. They
// are run by the owner of the database; the service itself works under roles that the last of them grants rights to.
package migrations

import "embed"

// FS has every migration, named NNNN_what.sql.
//
//go:embed *.sql
var FS embed.FS
