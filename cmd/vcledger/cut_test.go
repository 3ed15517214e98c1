package main

import (
	"bytes"
	"context"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// cutter stands between a server and its PostgreSQL and cuts connections in the middle of a commit.
type cutter struct {
	to      string // PostgreSQL's socket
	commits atomic.Int64
	before  atomic.Int64 // cut before PostgreSQL heard of the commit
	after   atomic.Int64 // cut when PostgreSQL had it and the server had no answer
}

// cutEvery is how many commits pass for each that is cut.
const cutEvery = 5

func (c *cutter) serve(l net.Listener) {
	for {
		in, err := l.Accept()
		if err != nil {
			return // the test is over
		}
		out, err := net.Dial("unix", c.to)
		if err != nil {
			_ = in.Close()
			continue
		}
		var deaf atomic.Bool // the server hears nothing any more
		go func() {
			defer in.Close()
			buf := make([]byte, 1<<16)
			for {
				n, err := out.Read(buf)
				if err != nil || deaf.Load() {
					return
				}
				if _, err := in.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
		go func() {
			defer out.Close()
			buf := make([]byte, 1<<16)
			for {
				n, err := in.Read(buf)
				if err != nil {
					return
				}
				if bytes.Contains(buf[:n], []byte("COMMIT\x00")) {
					switch c.commits.Add(1) % (2 * cutEvery) {
					case 0:
						c.before.Add(1)
						_ = in.Close()
						return
					case cutEvery:
						c.after.Add(1)
						deaf.Store(true)
					}
				}
				if _, err := out.Write(buf[:n]); err != nil {
					return
				}
			}
		}()
	}
}

// TestCommitIsCut cuts the connection to PostgreSQL in the middle of every fifth commit, before or after it counts. Clients
// retry with their keys, and each receipt is there once.
func TestCommitIsCut(t *testing.T) {
	t.Parallel()
	database := ledgertest.Database(t)
	key, err := ledgertest.Key(ledgertest.OnStore(t, ledgertest.Open(t, database)).Store, "Anna", ledger.RoleOfficer, "")
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(database)
	if err != nil {
		t.Fatal(err)
	}
	dir, err := os.MkdirTemp("", "cut") // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, ".s.PGSQL.5432"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	cut := &cutter{to: filepath.Join(u.Query().Get("host"), ".s.PGSQL.5432")}
	go cut.serve(l)
	q := u.Query()
	q.Set("host", dir)
	u.RawQuery = q.Encode()
	address, log, stop := started(t, "--database-url", u.String(), "--rate-limit", "0", "--log-level", "error")
	c := &clients{url: "http://" + address, key: key}
	c.fund(t)
	ctx, end := context.WithCancel(t.Context())
	defer end()
	c.start(ctx, t, 6)
	c.reach(t, 120)
	end()
	c.wg.Wait()
	if code := stop(); code != 0 {
		t.Errorf("serve ended with %d: %s", code, log)
	}
	c.check(t, database)
	if cut.before.Load() == 0 || cut.after.Load() == 0 || c.replayed.Load() == 0 {
		t.Errorf("nothing was cut: %d before, %d after, %d replayed", cut.before.Load(), cut.after.Load(), c.replayed.Load())
	}
	t.Logf("%d commits, %d cut before they counted, %d after; %d receipts acknowledged, %d requests retried, %d of them had been posted before",
		cut.commits.Load(), cut.before.Load(), cut.after.Load(), c.acked.Load(), c.retries.Load(), c.replayed.Load())
}
