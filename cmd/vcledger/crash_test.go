package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/localpg"
)

// crashRounds is the variable with the number of rounds of TestCrash: a few without it, hundreds by hand.
const crashRounds = "VCLEDGER_TEST_CRASH_ROUNDS"

// openDir returns a directory that the private PostgreSQL's account can enter, unlike what t.TempDir makes.
func openDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, d := range []string{filepath.Dir(dir), dir} {
		if err := os.Chmod(d, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return filepath.Join(dir, "data")
}

// freeAddress returns an address that a server can be started on again and again.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// process is a server in a process of its own.
type process struct {
	cmd *exec.Cmd
	log *output
}

// launch starts serve in a process and waits until it serves.
func launch(t *testing.T, addr string, args ...string) process {
	t.Helper()
	p := process{exec.Command(os.Args[0], append([]string{"serve", "--addr", addr, "--rate-limit", "0", "--keep-backups", "0", "--log-level", "error"}, args...)...), &output{}}
	p.cmd.Env = append(os.Environ(), commandEnv+"=1")
	p.cmd.Stderr = p.log
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill() // it may have ended before
		_ = p.cmd.Wait()
	})
	until(t, "serve serves", func() bool { return strings.Contains(p.log.String(), "serving on") })
	return p
}

// kill ends the process as kill -9 does.
func (p process) kill(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = p.cmd.Wait() // says that it was killed
}

// clients post receipts to a server and retry each under its key until it is acknowledged.
type clients struct {
	url, key string
	name     string       // of the first part of their keys; client without one
	acked    atomic.Int64 // receipts acknowledged
	retries  atomic.Int64
	replayed atomic.Int64 // acknowledged at a retry, and posted before
	wg       sync.WaitGroup
	mu       sync.Mutex
	receipts map[string]string // id of the receipt by idempotency key
}

// start sets n clients to work. They end, each with its last receipt acknowledged, once the context does.
func (c *clients) start(ctx context.Context, t *testing.T, n int) {
	c.receipts = map[string]string{}
	if c.name == "" {
		c.name = "client"
	}
	for i := range n {
		c.wg.Go(func() {
			h := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{}}
			defer h.CloseIdleConnections()
			for j := 0; ctx.Err() == nil; j++ {
				if key := fmt.Sprintf("%s-%d-%d", c.name, i, j); !c.post(t, h, key) {
					return
				}
			}
		})
	}
}

// post posts one receipt until it is acknowledged, and reports whether it was: an answer that is neither an acknowledgement nor
// an invitation to come again fails the test.
func (c *clients) post(t *testing.T, h *http.Client, key string) bool {
	again, never := time.NewTicker(20*time.Millisecond), time.After(2*time.Minute)
	defer again.Stop()
	body := fmt.Sprintf(`{"value_date":"2026-03-01","contributor":"NLD","fund":"CPCJF","bank_reference":%q,"amount":{"amount":"1.00","currency":"USD"}}`, key)
	for attempt := 0; ; attempt++ {
		status, answer, replayed := send(h, c.url+"/v1/receipts", c.key, key, body)
		switch {
		case status == http.StatusCreated:
			var r struct{ ID string }
			if err := json.Unmarshal(answer, &r); err != nil || r.ID == "" {
				t.Errorf("%s: %v, %s", key, err, answer)
				return false
			}
			c.mu.Lock()
			c.receipts[key] = r.ID
			c.mu.Unlock()
			if replayed {
				c.replayed.Add(1)
			}
			c.acked.Add(1)
			return true
		case status == 0, status >= 500, status == http.StatusConflict && bytes.Contains(answer, []byte("in-flight")), status == http.StatusTooManyRequests:
			c.retries.Add(1)
		default:
			t.Errorf("%s, attempt %d: %d %s", key, attempt, status, answer)
			return false
		}
		select {
		case <-again.C:
		case <-never:
			t.Errorf("%s was never acknowledged: %d %s", key, status, answer)
			return false
		}
	}
}

// send posts a body under a key. No whole answer is status 0.
func send(h *http.Client, url, secret, key, body string) (status int, answer []byte, replayed bool) {
	r, err := http.NewRequest(http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		return 0, []byte(err.Error()), false
	}
	r.Header.Set("Authorization", "Bearer "+secret)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Idempotency-Key", key)
	res, err := h.Do(r)
	if err != nil {
		return 0, []byte(err.Error()), false
	}
	answer, err = io.ReadAll(res.Body)
	if _ = res.Body.Close(); err != nil {
		return 0, []byte(err.Error()), false
	}
	return res.StatusCode, answer, res.Header.Get("Idempotency-Replayed") == "true"
}

// fund makes the fund and the contributor that receipts name.
func (c *clients) fund(t *testing.T) {
	t.Helper()
	for path, body := range map[string]string{"/v1/funds": `{"code":"CPCJF","name":"Fund"}`, "/v1/contributors": `{"code":"NLD","name":"Netherlands","kind":"state"}`} {
		until(t, "there is what "+path+" makes", func() bool {
			status, answer, _ := send(http.DefaultClient, c.url+path, c.key, "setup-"+path, body)
			if status != http.StatusCreated && status != 0 && status < 500 {
				t.Fatalf("%s: %d %s", path, status, answer)
			}
			return status == http.StatusCreated
		})
	}
}

// reach waits until so many more receipts are acknowledged.
func (c *clients) reach(t *testing.T, more int64) {
	t.Helper()
	from := c.acked.Load()
	until(t, fmt.Sprintf("%d receipts more than %d", more, from), func() bool { return t.Failed() || c.acked.Load() >= from+more })
	if t.Failed() {
		t.FailNow()
	}
}

// check compares what was acknowledged with what is there: each receipt once, under the id that its client was told, with one
// entry; nothing else; the books balance and the log verifies. logKey is the flag that names the key of a log that is signed.
func (c *clients) check(t *testing.T, databaseURL string, logKey ...string) {
	t.Helper()
	db := ledgertest.Connect(t, databaseURL, "")
	var rows []struct{ ID, Reference, Key string }
	err := db.Select(&rows, `
		SELECT r.id, r.bank_reference AS reference, e.idempotency_key AS key FROM receipt r JOIN journal_entry e ON e.receipt_id = r.id ORDER BY r.id`)
	if err != nil {
		t.Fatal(err)
	}
	var keys int
	if err := db.Get(&keys, `SELECT count(*) FROM idempotency_key WHERE key LIKE 'client-%'`); err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if c.receipts[r.Key] != r.ID || r.Key != r.Reference {
			t.Errorf("%s was acknowledged as %q and is there as %s, %s", r.Key, c.receipts[r.Key], r.Reference, r.ID)
		}
	}
	if len(rows) != len(c.receipts) || keys != len(c.receipts) {
		t.Errorf("%d acknowledged, %d posted, %d keys", len(c.receipts), len(rows), keys)
	}
	if out, _ := works(t, append([]string{"verify", "--database-url", databaseURL}, logKey...)...); !strings.Contains(out, "Everything is as it was sealed") {
		t.Error(out)
	}
	ledgertest.CheckBooks(t, ledgertest.Open(t, databaseURL)) // all is sealed: it needs no key
}

// TestCrash kills the server and its PostgreSQL under load, at random moments. Clients retry with their keys. In the end each
// acknowledged receipt is there once, and the private PostgreSQL came up by itself each time.
func TestCrash(t *testing.T) {
	rounds := 3
	if n := os.Getenv(crashRounds); n != "" {
		var err error
		if rounds, err = strconv.Atoi(n); err != nil {
			t.Fatal(err)
		}
	}
	dir, addr := openDir(t), freeAddress(t)
	t.Cleanup(func() { stopPostgres(t, dir) })
	secret, _ := works(t, "key", "create", "--name", "Crash", "--role", "officer", "--data-dir", dir)
	server := launch(t, addr, "--data-dir", dir)
	c := &clients{url: "http://" + addr, key: strings.TrimSpace(secret)}
	c.fund(t)
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c.start(ctx, t, 8)
	killed := map[string]int{}
	began := time.Now()
	for round := range rounds {
		c.reach(t, 1+rand.Int64N(40))
		what := []string{"server", "PostgreSQL", "both"}[round%3]
		killed[what]++
		if what != "server" {
			killPostgres(t, dir)
		}
		if what != "PostgreSQL" { // a server whose PostgreSQL was killed starts it again
			server.kill(t)
			server = launch(t, addr, "--data-dir", dir)
		}
	}
	c.reach(t, 20)
	stop()
	c.wg.Wait()
	server.end(t)
	c.check(t, private(t, dir).URL(), "--log-key", filepath.Join(dir, "log.key"))
	t.Logf("%d rounds in %.1f s: killed %v; %d receipts acknowledged, %d requests retried, %d of them had been posted before", rounds, time.Since(began).Seconds(),
		killed, c.acked.Load(), c.retries.Load(), c.replayed.Load())
}

// end stops the process as an administrator does.
func (p process) end(t *testing.T) {
	t.Helper()
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Wait(); err != nil {
		t.Errorf("the server's end: %v\n%s", err, p.log)
	}
}

// stopPostgres stops what a killed server left running.
func stopPostgres(t *testing.T, dir string) {
	pg, err := localpg.Start(context.Background(), localpg.Options{DataDir: dir})
	if err == nil {
		err = pg.Close()
	}
	if err != nil {
		t.Error(err)
	}
}

// killPostgres ends the postmaster as kill -9 does.
func killPostgres(t *testing.T, dir string) {
	t.Helper()
	if err := syscall.Kill(postmaster(t, dir), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}

// postmaster returns the process id of a data directory's PostgreSQL.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	var pid int
	until(t, "PostgreSQL says its process id", func() bool { // it is just starting again, perhaps
		data, err := os.ReadFile(filepath.Join(dir, "pgdata", "postmaster.pid"))
		line, _, _ := strings.Cut(string(data), "\n")
		if err == nil {
			pid, err = strconv.Atoi(line)
		}
		return err == nil && syscall.Kill(pid, 0) == nil
	})
	return pid
}
