package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestDiskFull lets PostgreSQL's processes write no further than 256 KiB into any file, under load, as on a disk that is full:
// the log of changes is the first that cannot go on, and PostgreSQL ends. The server starts it again when there is room; each
// acknowledged receipt is there once.
func TestDiskFull(t *testing.T) {
	dir, addr := openDir(t), freeAddress(t)
	t.Cleanup(func() { stopPostgres(t, dir) })
	secret, _ := works(t, "key", "create", "--name", "Full", "--role", "officer", "--data-dir", dir)
	server := launch(t, addr, "--data-dir", dir)
	c := &clients{url: "http://" + addr, key: strings.TrimSpace(secret)}
	c.fund(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c.start(ctx, t, 4)
	c.reach(t, 10)
	limit(t, postmaster(t, dir), 256<<10)
	until(t, "the disk is full", func() bool {
		log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
		return err == nil && bytes.Contains(log, []byte("File too large"))
	})
	full := c.acked.Load()
	c.reach(t, 20) // by a PostgreSQL that was started anew, without the limit
	stop()
	c.wg.Wait()
	server.end(t)
	c.check(t, private(t, dir).URL())
	t.Logf("%d receipts acknowledged before the disk was full, %d in all; %d requests retried, %d of them had been posted before",
		full, c.acked.Load(), c.retries.Load(), c.replayed.Load())
}

// limit bounds the size of the files that a process and its children write, in bytes; the parent first, so that a child born
// meanwhile has the bound from it.
func limit(t *testing.T, parent, size int) {
	t.Helper()
	set := func(pid int) error {
		return exec.Command("prlimit", "--pid", strconv.Itoa(pid), "--fsize="+strconv.Itoa(size)).Run()
	}
	if err := set(parent); err != nil {
		t.Fatal(err)
	}
	children, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(parent), "task", strconv.Itoa(parent), "children"))
	if err != nil {
		t.Fatal(err)
	}
	for _, child := range strings.Fields(string(children)) {
		pid, err := strconv.Atoi(child)
		if err != nil {
			t.Fatal(err)
		}
		_ = set(pid) // it may have ended
	}
}
