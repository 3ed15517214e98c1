// Package ledgertest gives each test a ledger of its own in a real PostgreSQL, and reads book scripts: an event a line,
// as a person would tell it.
//
// One server serves a whole run of go test, over all packages: the first process that needs it starts it, the last one
// stops it. Each test gets a database cloned from a migrated template, which takes tens of milliseconds, so tests run
// in parallel and never see each other.
package ledgertest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/jmoiron/sqlx"
	_ "github.com/lib/pq" // the driver of the owner's connections

	"vcledger/ledger/localpg"
	"vcledger/ledger/postgres"
	"vcledger/migrations"
)

// server is the run's PostgreSQL, as this process sees it.
var server struct {
	once     sync.Once
	err      error
	pg       *localpg.Server
	admin    *sqlx.DB
	template string
	count    atomic.Int64
}

// Main runs a package's tests and gives the server back when they are done. Call it from TestMain.
func Main(m *testing.M) int {
	code := m.Run()
	if server.pg == nil {
		return code
	}
	if err := errors.Join(server.admin.Close(), server.pg.Close()); err != nil {
		fmt.Fprintln(os.Stderr, "stop the tests' PostgreSQL:", err)
		return 1
	}
	return code
}

// Database returns the URL of a fresh, migrated database for its owner. It is dropped when the test ends.
func Database(t testing.TB) string {
	t.Helper()
	server.once.Do(func() { server.err = start(context.Background()) })
	if server.err != nil {
		t.Fatalf("start PostgreSQL for the tests: %v", server.err)
	}
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), server.count.Add(1))
	// Copied as files, which takes half as long as through the log, as does the dropping of it: none of it is in the buffers.
	if _, err := server.admin.Exec("CREATE DATABASE " + name + " TEMPLATE " + server.template + " STRATEGY FILE_COPY"); err != nil {
		t.Fatalf("clone the template: %v", err)
	}
	t.Cleanup(func() {
		if _, err := server.admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return server.pg.URLFor(name)
}

// Empty returns the URL of a fresh database that has no schema. It is dropped when the test ends.
func Empty(t testing.TB) string {
	t.Helper()
	Database(t) // starts the server
	name := fmt.Sprintf("test_%d_%d", os.Getpid(), server.count.Add(1))
	if _, err := server.admin.Exec("CREATE DATABASE " + name); err != nil {
		t.Fatalf("create a database: %v", err)
	}
	t.Cleanup(func() {
		if _, err := server.admin.Exec("DROP DATABASE " + name + " WITH (FORCE)"); err != nil {
			t.Errorf("drop the test's database: %v", err)
		}
	})
	return server.pg.URLFor(name)
}

// Open returns a store on a database.
func Open(t testing.TB, databaseURL string) *postgres.Store {
	t.Helper()
	patient := postgres.DefaultOptions
	patient.Patience = time.Minute // tests share a machine that may be busy
	store, err := postgres.Open(context.Background(), databaseURL, patient)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Errorf("close the store: %v", err)
		}
	})
	return store
}

// Store returns a store on a fresh, migrated database.
func Store(t testing.TB) *postgres.Store {
	t.Helper()
	return Open(t, Database(t))
}

// Connect returns a plain connection to a database under a role; the empty role is the owner.
func Connect(t testing.TB, databaseURL, role string) *sqlx.DB {
	t.Helper()
	db, err := sqlx.Connect("postgres", databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	db.SetMaxOpenConns(1)
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Errorf("close the connection: %v", err)
		}
	})
	if role != "" {
		db.MustExec("SET ROLE " + role)
	}
	return db
}

func start(ctx context.Context) error {
	dir := filepath.Join(home(), "vcledger-test-"+strconv.Itoa(os.Getuid()))
	pg, err := localpg.Start(ctx, localpg.Options{DataDir: dir, Database: "vcledger"})
	if err != nil {
		return err
	}
	admin, err := sqlx.Connect("postgres", pg.URL())
	if err != nil {
		return errors.Join(err, pg.Close())
	}
	server.pg, server.admin = pg, admin
	if server.template, err = template(ctx, pg, admin); err != nil {
		return err
	}
	return dropOrphans(admin)
}

// memory is where Linux keeps files in memory, and roomy how many bytes it has to have free.
const memory, roomy = "/dev/shm", 2 << 30

// home is the directory of the server: in memory where there is room, unless TMPDIR names another. A database is eight hundred
// files, and a disk's file system is slow to make files where many were just deleted: a clone takes half of the time in memory.
func home() string {
	var fs syscall.Statfs_t
	if os.Getenv("TMPDIR") == "" && syscall.Statfs(memory, &fs) == nil && fs.Bavail*uint64(fs.Bsize) >= roomy {
		return memory
	}
	return os.TempDir()
}

// template makes the migrated database that tests are cloned from, once for each state of the migrations.
func template(ctx context.Context, pg *localpg.Server, admin *sqlx.DB) (string, error) {
	name, err := templateName()
	if err != nil {
		return "", err
	}
	conn, err := admin.Connx(ctx)
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }() // gives the lock back
	if _, err := conn.ExecContext(ctx, `SELECT pg_advisory_lock(hashtext('vcledger test template'))`); err != nil {
		return "", err
	}
	defer func() { _, _ = conn.ExecContext(ctx, `SELECT pg_advisory_unlock_all()`) }()
	var ready bool
	if err := conn.GetContext(ctx, &ready, `SELECT EXISTS (SELECT FROM pg_database WHERE datname = $1 AND datistemplate)`, name); err != nil || ready {
		return name, err
	}
	// One that is no template yet was left half made by a process that died.
	if _, err := conn.ExecContext(ctx, "DROP DATABASE IF EXISTS "+name+" WITH (FORCE)"); err != nil {
		return "", err
	}
	if _, err := conn.ExecContext(ctx, "CREATE DATABASE "+name); err != nil {
		return "", err
	}
	if _, err := postgres.Migrate(ctx, pg.URLFor(name)); err != nil {
		return "", err
	}
	_, err = conn.ExecContext(ctx, "ALTER DATABASE "+name+" WITH IS_TEMPLATE true ALLOW_CONNECTIONS false")
	return name, err
}

func templateName() (string, error) {
	h := sha256.New()
	entries, err := migrations.FS.ReadDir(".")
	if err != nil {
		return "", err
	}
	for _, e := range entries {
		data, err := fs.ReadFile(migrations.FS, e.Name())
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%s %d\n", e.Name(), len(data))
		h.Write(data)
	}
	return "template_" + hex.EncodeToString(h.Sum(nil)[:8]), nil
}

// dropOrphans drops the databases of test processes that were killed.
func dropOrphans(admin *sqlx.DB) error {
	var names []string
	if err := admin.Select(&names, `SELECT datname FROM pg_database WHERE datname ~ '^test_[0-9]+_[0-9]+$'`); err != nil {
		return err
	}
	for _, name := range names {
		pid, err := strconv.Atoi(strings.Split(name, "_")[1])
		if err == nil && pid != os.Getpid() && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
			if _, err := admin.Exec("DROP DATABASE IF EXISTS " + name + " WITH (FORCE)"); err != nil {
				return err
			}
		}
	}
	return nil
}
