package main

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"vcledger/ledger/ledgertest"
)

// keeper is a witness at a URL: what it is sent it keeps, and tells again.
type keeper struct {
	mu    sync.Mutex
	lines bytes.Buffer
}

func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if r.Method == http.MethodPost {
		_, _ = io.Copy(&k.lines, r.Body) // a part of a line fails the test later
		return
	}
	_, _ = w.Write(k.lines.Bytes())
}

func (k *keeper) kept() int {
	k.mu.Lock()
	defer k.mu.Unlock()
	return bytes.Count(k.lines.Bytes(), []byte("\n"))
}

// logKey makes a key for a log and returns its file and its public half.
func logKey(t *testing.T, dir, file string) (path, public string) {
	t.Helper()
	path = filepath.Join(dir, file)
	out, _ := works(t, "key", "log", "create", "--name", "fund.example.org/ledger", "--file", path)
	return path, strings.TrimSpace(out)
}

// TestWitness sets a database back to an older backup: the service refuses to start, and says why, whether the witness is a file
// or a URL. Nor does it start on another ledger, or without its witness.
func TestWitness(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	key, _ := logKey(t, dir, "log.key")
	witnesses := &keeper{}
	server := httptest.NewServer(witnesses)
	t.Cleanup(server.Close)
	file := filepath.Join(dir, "witness")
	url, backup := ledgertest.Database(t), filepath.Join(dir, "b.gz")
	both := []string{"--log-key", key, "--witness-file", file, "--witness-url", server.URL, "--database-url"}
	b := ledgertest.NewBooksOn(t, url)
	b.Receipt("10.00 EUR", "2026-03-02")
	works(t, append([]string{"backup", backup}, append(both, url)...)...)
	b.Receipt("20.00 EUR", "2026-03-03")
	works(t, append([]string{"verify"}, append(both, url)...)...) // seals, and tells the witnesses
	until(t, "the witness at the URL was told", func() bool { return witnesses.kept() >= 2 })
	older := ledgertest.Empty(t)
	if out, _ := works(t, "restore", backup, "--database-url", older); !strings.Contains(out, "Everything is as it was sealed") {
		t.Error(out)
	}
	another := ledgertest.Database(t)
	ledgertest.NewBooksOn(t, another).Receipt("10.00 EUR", "2026-03-02")
	works(t, "verify", "--database-url", another)
	for _, w := range [][]string{{"--witness-file", file}, {"--witness-url", server.URL}} {
		args := append([]string{"serve", "--addr", "127.0.0.1:0", "--log-key", key}, w...)
		code, _, told := vcledger(t, append(args, "--database-url", older)...)
		if code != exitFailed || !strings.Contains(told, "the database has been set back: the witness saw its log with") {
			t.Errorf("%v, set back: exit %d, %s", w, code, told)
		}
		if code, _, told = vcledger(t, append(args, "--database-url", another)...); code != exitFailed || !strings.Contains(told, "witness saw") {
			t.Errorf("%v, another ledger: exit %d, %s", w, code, told)
		}
		_, _, stop := started(t, append(args[3:], "--database-url", url)...)
		if code := stop(); code != 0 {
			t.Errorf("%v, as it was: exit %d", w, code)
		}
	}
	owner := ledgertest.Connect(t, url, "")
	for _, gone := range []string{"min", "max"} { // the first checkpoint, and the last, which the next sealing signs again
		owner.MustExec(`SET session_replication_role = replica;
			CREATE TEMP TABLE taken AS SELECT * FROM log_checkpoint WHERE size = (SELECT ` + gone + `(size) FROM log_checkpoint);
			DELETE FROM log_checkpoint WHERE size = (SELECT size FROM taken)`)
		code, out, _ := vcledger(t, append([]string{"verify"}, append(both, url)...)...)
		if code != exitFailed || !strings.Contains(out, "The witness has a checkpoint of the log with") || !strings.Contains(out, "has no signed checkpoint, though a key signed the log before") {
			t.Errorf("without the %s checkpoint: exit %d, %s", gone, code, out)
		}
		owner.MustExec(`INSERT INTO log_checkpoint TABLE taken ON CONFLICT DO NOTHING; DROP TABLE taken; RESET session_replication_role`)
	}
	if out, _ := works(t, append([]string{"verify"}, append(both, url)...)...); !strings.Contains(out, "Everything is as it was sealed") {
		t.Error(out)
	}
	lines, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, append(lines, "{}\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	if code, _, told := vcledger(t, "verify", "--log-key", key, "--witness-file", file, "--database-url", url); code != exitFailed || !strings.Contains(told, "no checkpoint") {
		t.Errorf("a witness that was spoiled: exit %d, %s", code, told)
	}
	server.Close()
	if code, _, told := vcledger(t, "serve", "--addr", "127.0.0.1:0", "--log-key", key, "--witness-url", server.URL, "--database-url", url); code != exitFailed || !strings.Contains(told, "ask the witness") {
		t.Errorf("a witness that does not answer: exit %d, %s", code, told)
	}
	t.Logf("%d checkpoints in the file, %d at the URL; two databases refused by each", bytes.Count(lines, []byte("\n")), witnesses.kept())
}

// TestKeyRotation exchanges the key of the log: statements of before and after verify with the old public key, for it vouched for
// the new one, and with a stranger's key none does.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	dir, url := t.TempDir(), ledgertest.Database(t)
	old, oldPublic := logKey(t, dir, "old.key")
	next, nextPublic := logKey(t, dir, "new.key")
	_, stranger := logKey(t, dir, "stranger.key")
	b := ledgertest.NewBooksOn(t, url)
	b.Receipt("10.00 EUR", "2026-03-02")
	issue := func(key, from, to, out string) string {
		t.Helper()
		into := filepath.Join(dir, out)
		works(t, "issue", "--from", from, "--to", to, "--format", "json", "--output-dir", into, "--log-key", key, "--database-url", url)
		for _, file := range filesOf(t, into) {
			path := filepath.Join(dir, out+".json")
			if err := os.WriteFile(path, file, 0o600); err != nil {
				t.Fatal(err)
			}
			return path
		}
		t.Fatal("nothing was issued")
		return ""
	}
	before := issue(old, "2026-01-01", "2026-06-30", "before")
	works(t, "key", "log", "rotate", "--log-key", old, "--next", next, "--database-url", url)
	b.Receipt("20.00 EUR", "2026-07-03")
	after := issue(next, "2026-07-01", "2026-10-31", "after")
	for _, tt := range []struct {
		file, key string
		code      int
	}{{before, oldPublic, 0}, {after, oldPublic, 0}, {after, nextPublic, 0}, {before, stranger, exitFailed}, {after, stranger, exitFailed}} {
		if code, out, told := vcledger(t, "verify", tt.file, "--key", tt.key); code != tt.code {
			t.Errorf("verify %s with %.40s: exit %d, want %d\n%s%s", filepath.Base(tt.file), tt.key, code, tt.code, out, told)
		}
	}
	if out, _ := works(t, "verify", "--key", oldPublic, "--log-key", next, "--database-url", url); !strings.Contains(out, "Everything is as it was sealed") {
		t.Errorf("the database with the old key:\n%s", out)
	}
	if out, _ := works(t, "verify", "--log-key", next, "--database-url", url); !strings.Contains(out, "Everything is as it was sealed") {
		t.Errorf("the database with the new key file:\n%s", out)
	}
	if code, _, _ := vcledger(t, "verify", "--key", stranger, "--database-url", url); code != exitFailed {
		t.Errorf("the database with a stranger's key: exit %d", code)
	}
}
