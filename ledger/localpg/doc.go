// Package localpg runs the embedded default: a private PostgreSQL of vcledger's own, made from the installed binaries, in
// a data directory that survives restarts. It knows nothing of the ledger, and it is for systems with flock: Linux,
// macOS and the BSDs.
//
// # The data directory
//
//	pgdata/               the cluster; it appears by one rename, complete
//	pgdata.init-*/        an initdb under way, or what a crash left of one; the next start removes it
//	run/                  the server's socket, for its account only
//	postgres.log          the server's log; the one before it, once it is long, is postgres.log.1
//	backups/              the caller's daily backups
//	start.lock            held while a process decides whether to start or stop the server
//	users.lock            held, shared, for as long as a Server is in use
//	server.lock           held by the server's own processes
//
// Nothing in pgdata is ever deleted or made again. A directory with anything else in it is refused, and so is a cluster
// of a PostgreSQL that is not installed, because only its owner can say what should become of it. Both are refused
// before the first file is written.
//
// # Why locks and not process ids
//
// Commands share the server: the first starts it, the last one out stops it. Any of them, and the server too, can be
// killed at any moment, and then a file with a process id lies: the id is gone, or belongs to somebody else by now. The
// kernel lets go of a flock when the last process that holds it ends, however it ends. So:
//
//   - Whoever can take users.lock for itself alone is the last one out. That is decided under start.lock, so that nobody
//     comes in meanwhile. A command that was killed has let go of its share: the server stays, and the next joins it.
//   - The server is started with server.lock open and hands it down to all its children. Whoever can take that lock
//     knows that no process of a former server is left, not even an orphan that still writes, so a start waits for it
//     and a stop is over when it is free. Then a postmaster.pid that names a living process names a stranger. We do not
//     remove the file: PostgreSQL ignores the id that PG_GRANDPARENT_PID names, and its own check of the shared memory
//     that the file points at stays in force.
//   - initdb is handed start.lock likewise, so that one whose parent was killed ends before the next start cleans up.
//
// The server is in a session of its own, so that Ctrl-C reaches the command and not the database under it.
//
// A command that stays, as a service does, watches the server (Server.Watch) and starts it again when it has been killed.
//
// # Why trust is safe here
//
// The server listens on no network address. Its one socket is in a directory that only its account (and root) may enter,
// and whoever is that account can read the data files anyway: a password would have to lie beside them and guard
// nothing. The superuser is vcledger.
//
// # Why the locale is C
//
// Text in C order sorts by its bytes, the same on every system and after every upgrade of the C library, so no index can
// go bad by one. Sorting for people is the reports' work.
//
// # Root
//
// PostgreSQL refuses to run as root. Root runs it as the owner of the data directory, or, where that is root, as
// postgres if the system has such a user and as nobody otherwise. Only pgdata and run belong to that account: root opens
// no file that the account could have replaced, but for reading.
//
// # Durability
//
// Settings that this package relies on go on the server's command line, where postgresql.conf cannot undo them. The rest
// is left at what initdb wrote, which on any usual system is 100 connections and 128 MB of shared buffers, for an
// administrator to change in pgdata/postgresql.conf.
// Tests trade the data's safety for speed (Options.Durable); a caller that wants it durable refuses to join such a
// server.
package localpg
