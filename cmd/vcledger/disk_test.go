package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// TestDiskFull fills the disk of the private PostgreSQL under load, and frees it again: what was acknowledged is there once, and
// postings go on by themselves. The disk is one in memory; to mount it takes an administrator's rights.
func TestDiskFull(t *testing.T) {
	dir := openDir(t)
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=256m,mode=755"); err != nil {
		t.Fatalf("mount a disk in memory, which this test needs the right for: %v", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
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
	filler := filepath.Join(dir, "filler")
	filled, before := fill(t, filler), c.retries.Load()
	until(t, "postings are refused", func() bool { // PostgreSQL lives some time on what it has
		filled += fill(t, filler)
		return t.Failed() || c.retries.Load() > before+8
	})
	if err := os.Remove(filler); err != nil {
		t.Fatal(err)
	}
	c.reach(t, 20)
	stop()
	c.wg.Wait()
	server.end(t)
	c.check(t, private(t, dir).URL())
	t.Logf("%d MiB filled the disk; %d receipts acknowledged, %d requests retried, %d of them had been posted before",
		filled>>20, c.acked.Load(), c.retries.Load(), c.replayed.Load())
}

// fill writes to a file until the disk is full, and returns how much.
func fill(t *testing.T, path string) (n int64) {
	t.Helper()
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for size := 1 << 20; size >= 1; size >>= 1 {
		for block := make([]byte, size); ; {
			wrote, err := f.Write(block)
			n += int64(wrote)
			if errors.Is(err, syscall.ENOSPC) {
				break
			}
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return n
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
	together := &clients{receipts: receipts}
	together.check(t, database)
	if wrong := ask(t, database, `
		SELECT (SELECT count(*) FROM journal_entry e WHERE (SELECT count(*) FROM log_leaf l WHERE l.id = e.id) <> 1)
		     + (SELECT count(*) FROM (SELECT position, row_number() OVER (ORDER BY position) - 1 AS place FROM log_leaf) l WHERE position <> place)
		     + (SELECT count(*) FROM (SELECT size, lag(size) OVER (ORDER BY recorded_at, size) AS before FROM log_batch) b WHERE size <= before)`); wrong != "0" {
		t.Errorf("%s gaps, records in two places, or sealings out of order", wrong)
	}
	t.Logf("%d servers: %d receipts in %s leaves, sealed %s times", servers, len(receipts), ask(t, database, `SELECT count(*) FROM log_leaf`), sealed())
}
