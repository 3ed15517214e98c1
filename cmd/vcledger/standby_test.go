package main

import (
	"context"
	"database/sql"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vcledger/ledger/localpg"
)

// TestStandby runs a primary and a synchronous standby, kills the primary under load and promotes the standby: the running
// server goes on there by itself, and nothing that was acknowledged is lost.
func TestStandby(t *testing.T) {
	first, second := openDir(t), openDir(t)
	primary := private(t, first)
	secret, _ := works(t, "key", "create", "--name", "Standby", "--role", "officer", "--database-url", primary.URL())
	copyCluster(t, primary, first, second)
	standby := private(t, second)
	ask(t, primary.URL(), `ALTER SYSTEM SET synchronous_standby_names = '*'`)
	ask(t, primary.URL(), `SELECT pg_reload_conf()`)
	until(t, "the standby is synchronous", func() bool {
		return ask(t, primary.URL(), `SELECT count(*) FROM pg_stat_replication WHERE sync_state = 'sync'`) == "1"
	})
	addr := freeAddress(t)
	launch(t, addr, "--database-url", either(t, primary, standby))
	c := &clients{url: "http://" + addr, key: strings.TrimSpace(secret)}
	c.fund(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c.start(ctx, t, 8)
	c.reach(t, 50)
	killPostgres(t, first)
	before := c.acked.Load()
	ask(t, standby.URL(), `SELECT pg_promote()`)
	c.reach(t, 50)
	stop()
	c.wg.Wait()
	c.check(t, standby.URL())
	t.Logf("%d receipts acknowledged before the primary was killed, %d in all; %d requests retried, %d of them had been posted before",
		before, c.acked.Load(), c.retries.Load(), c.replayed.Load())
}

// ask runs a statement on a connection of its own, which a server that is killed later does not miss, and returns the last value.
func ask(t *testing.T, url, query string) (value string) {
	t.Helper()
	db, err := sql.Open("postgres", url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	rows, err := db.Query(query)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		if err := rows.Scan(&value); err != nil {
			t.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return value
}

// private starts the private PostgreSQL of a directory for the length of the test.
func private(t *testing.T, dir string) *localpg.Server {
	t.Helper()
	return startPostgres(t, localpg.Options{DataDir: dir, Durable: true})
}

func startPostgres(t *testing.T, o localpg.Options) *localpg.Server {
	t.Helper()
	pg, err := localpg.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pg.Close(); err != nil {
			t.Error(err)
		}
	})
	return pg
}

// copyCluster makes a standby's cluster of a running one, as an administrator would.
func copyCluster(t *testing.T, primary *localpg.Server, from, to string) {
	t.Helper()
	if err := os.Mkdir(to, 0o755); err != nil {
		t.Fatal(err)
	}
	bin := ask(t, primary.URL(), `SELECT setting FROM pg_config WHERE name = 'BINDIR'`)
	out, err := exec.Command(filepath.Join(bin, "pg_basebackup"), "-d", primary.URLFor("postgres"), "-D", filepath.Join(to, "pgdata"), "-R", "-c", "fast", "--no-sync").CombinedOutput()
	if err != nil {
		t.Fatalf("pg_basebackup: %v\n%s", err, out)
	}
	info, err := os.Stat(filepath.Join(from, "pgdata"))
	if err != nil {
		t.Fatal(err)
	}
	owner := info.Sys().(*syscall.Stat_t)
	err = filepath.WalkDir(filepath.Join(to, "pgdata"), func(path string, _ fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, int(owner.Uid), int(owner.Gid))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// either returns the URL of whichever of two servers takes writes.
func either(t *testing.T, a, b *localpg.Server) string {
	t.Helper()
	u, err := url.Parse(a.URL())
	if err != nil {
		t.Fatal(err)
	}
	other, err := url.Parse(b.URL())
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	q.Set("host", q.Get("host")+","+other.Query().Get("host"))
	q.Set("port", "5432,5432")
	q.Set("target_session_attrs", "read-write")
	u.RawQuery = q.Encode()
	return u.String()
}
