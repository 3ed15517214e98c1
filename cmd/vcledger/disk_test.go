package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestDiskFull fills the disk of the private PostgreSQL under load, and frees it again: what was acknowledged is there once, and
// postings go on by themselves. The disk is one in memory; who may not mount one limits the size of the server's files, which it sees as a write that
// fails in the same places.
func TestDiskFull(t *testing.T) {
	dir := openDir(t)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	means := "a disk of 256 MiB"
	full, free := func() { fill(t, filepath.Join(dir, "filler")) }, func() error { return os.Remove(filepath.Join(dir, "filler")) }
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256m,mode=755"); errors.Is(err, syscall.EPERM) {
		means = "files of 1 KiB at most"
		full, free = func() { limitFiles(t, dir, "1024") }, func() error { limitFiles(t, dir, "unlimited"); return nil }
	} else if err != nil {
		t.Fatal(err)
	} else {
		t.Cleanup(func() {
			if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
				t.Error(err)
			}
		})
	}
	t.Cleanup(func() { stopPostgres(t, dir) })
	addr := freeAddress(t)
	secret, _ := works(t, "key", "create", "--name", "Disk", "--role", "officer", "--data-dir", dir)
	server := launch(t, addr, "--data-dir", dir)
	c := &clients{url: "http://" + addr, key: strings.TrimSpace(secret)}
	c.fund(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c.start(ctx, t, 4)
	c.reach(t, 20)
	before := c.retries.Load()
	until(t, "postings are refused", func() bool { // PostgreSQL lives some time on what it has
		full()
		return t.Failed() || c.retries.Load() > before+8
	})
	if err := free(); err != nil {
		t.Fatal(err)
	}
	c.reach(t, 20)
	stop()
	c.wg.Wait()
	server.end(t)
	c.check(t, private(t, dir).URL(), "--log-key", filepath.Join(dir, "log.key"))
	t.Logf("%s: %d receipts acknowledged, %d requests retried, %d of them had been posted before", means, c.acked.Load(), c.retries.Load(), c.replayed.Load())
}

// limitFiles limits what PostgreSQL and its processes may write to one file, in bytes. PostgreSQL may be starting again.
func limitFiles(t *testing.T, dir, most string) {
	t.Helper()
	pids := strconv.Itoa(postmaster(t, dir))
	if children, err := exec.Command("pgrep", "-P", pids).Output(); err == nil { // else it has none now
		pids += " " + string(children)
	}
	for pid := range strings.FieldsSeq(pids) {
		_ = exec.Command("prlimit", "--pid", pid, "--fsize="+most+":").Run() // it may have ended since
	}
}

// fill writes to a file until the disk is full.
func fill(t *testing.T, path string) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size >= 1; size >>= 1 {
		for err == nil {
			_, err = f.Write(make([]byte, size))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
		err = nil
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSealers posts through several servers on one database, each of which seals: one at a time does, without a gap and without
// a record in two places.
func TestSealers(t *testing.T) {
	const servers = 3
	database := ledgertest.Database(t)
	secret, err := ledgertest.Key(ledgertest.OnStore(t, ledgertest.Open(t, database)).Store, "Anna", ledger.RoleOfficer, "")
	if err != nil {
		t.Fatal(err)
	}
	key, _ := logKey(t, t.TempDir(), "log.key")
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	all := make([]*clients, servers)
	running := make([]process, servers)
	receipts := map[string]string{}
	for i := range all {
		addr := freeAddress(t)
		running[i] = launch(t, addr, "--database-url", database, "--log-key", key)
		all[i] = &clients{url: "http://" + addr, key: secret, name: fmt.Sprintf("client-%d", i)}
	}
	all[0].fund(t)
	for _, c := range all {
		c.start(ctx, t, 3)
	}
	sealed := func() string { return ask(t, database, `SELECT count(*) FROM log_batch`) }
	until(t, "it was sealed a few times", func() bool { return t.Failed() || ask(t, database, `SELECT count(*) >= 4 FROM log_batch`) == "true" })
	for _, c := range all {
		c.reach(t, 20)
	}
	stop()
	for i, c := range all {
		c.wg.Wait()
		running[i].end(t)
		for k, id := range c.receipts {
			receipts[k] = id
		}
	}
	works(t, "verify", "--database-url", database, "--log-key", key) // seals what the servers left
	together := &clients{receipts: receipts}
	together.check(t, database, "--log-key", key) // on a busy machine the servers end before they sealed the last records
	if wrong := ask(t, database, `
		SELECT (SELECT count(*) FROM journal_entry e WHERE (SELECT count(*) FROM log_leaf l WHERE l.id = e.id) <> 1)
		     + (SELECT count(*) FROM (SELECT position, row_number() OVER (ORDER BY position) - 1 AS place FROM log_leaf) l WHERE position <> place)
		     + (SELECT count(*) FROM (SELECT size, lag(size) OVER (ORDER BY recorded_at, size) AS before FROM log_batch) b WHERE size <= before)`); wrong != "0" {
		t.Errorf("%s gaps, records in two places, or sealings out of order", wrong)
	}
	t.Logf("%d servers: %d receipts in %s leaves, sealed %s times", servers, len(receipts), ask(t, database, `SELECT count(*) FROM log_leaf`), sealed())
}
