package localpg_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"

	"vcledger/ledger/localpg"
)

func TestFirstStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "not", "there yet")
	var log strings.Builder
	s, err := localpg.Start(t.Context(), localpg.Options{DataDir: dir, Durable: true, Log: &log, Database: `the "books" & more`})
	must(t, err)
	t.Cleanup(func() { must(t, s.Close()) })
	for text, want := range map[string]string{
		"SELECT current_database()":    `the "books" & more`,
		"SELECT current_user":          "vcledger",
		"SHOW is_superuser":            "on",
		"SHOW listen_addresses":        "",
		"SHOW unix_socket_permissions": "0700",
		"SHOW server_encoding":         "UTF8",
		"SELECT datcollate FROM pg_database WHERE datname = current_database()": "C",
		"SHOW data_checksums":          "on",
		"SHOW timezone":                "UTC",
		"SHOW max_connections":         "100",
		"SHOW shared_buffers":          "128MB",
		"SHOW fsync":                   "on",
		"SHOW synchronous_commit":      "on",
		"SHOW full_page_writes":        "on",
		"SHOW data_directory_mode":     "0700",
		"SHOW unix_socket_directories": fmt.Sprintf("%q", filepath.Join(dir, "run")),
	} {
		if got := query(t, s.URL(), text); got != want {
			t.Errorf("%s: %q, want %q", text, got, want)
		}
	}
	for _, name := range []string{"run", "pgdata"} {
		info, err := os.Stat(filepath.Join(dir, name))
		must(t, err)
		if info.Mode().Perm() != 0o700 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	pid := postmaster(t, dir)
	if group, err := syscall.Getpgid(pid); err != nil || group != pid {
		t.Errorf("Ctrl-C would reach the server: it is in the process group %d, %v", group, err)
	}
	if lines := strings.Count(log.String(), "\n"); lines != 2 || !strings.Contains(log.String(), "starting PostgreSQL") {
		t.Errorf("a person is told %q", log.String())
	}
	if psql, err := exec.Command("psql", "-XAtc", "SELECT 'libpq reads it too'", s.URL()).CombinedOutput(); err != nil {
		t.Errorf("psql: %v: %s", err, psql)
	}
}

func TestSecondStartFindsTheData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	s := start(t, dir)
	execute(t, s.URL(), "CREATE TABLE kept AS SELECT 'here' AS word")
	must(t, s.Close())
	must(t, s.Close()) // a second Close does nothing
	if running(t, dir) {
		t.Fatal("the server runs on")
	}
	if got := query(t, start(t, dir).URL(), "SELECT word FROM kept"); got != "here" {
		t.Errorf("found %q", got)
	}
}

func TestLastCloseStops(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	first, second := start(t, dir), start(t, dir)
	pid := postmaster(t, dir)
	must(t, first.Close())
	if postmaster(t, dir) != pid || query(t, second.URL(), "SELECT 1") != "1" {
		t.Error("the server did not run on")
	}
	must(t, second.Close())
	if running(t, dir) {
		t.Error("the server runs on")
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 3 {
				s, err := localpg.Start(t.Context(), localpg.Options{DataDir: dir, Database: "shared"})
				if err != nil {
					t.Error(err)
					return
				}
				if db, err := sql.Open("postgres", s.URL()); err != nil || errors.Join(db.Ping(), db.Close()) != nil {
					t.Error("cannot connect")
				}
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if running(t, dir) {
		t.Error("the server runs on")
	}
}

func TestProcessesShare(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	starter := run(t, dir, "ready")
	pid := postmaster(t, dir)
	other := run(t, dir, "ready")
	here := start(t, dir)
	starter.end(t)
	other.end(t)
	if postmaster(t, dir) != pid || query(t, here.URL(), "SELECT 1") != "1" {
		t.Error("the server did not run on")
	}
	must(t, here.Close())
	if running(t, dir) {
		t.Error("the server runs on")
	}
}

func TestKilledCommandLeavesTheServerToTheNext(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	starter := run(t, dir, "ready")
	pid := postmaster(t, dir)
	starter.kill(t)
	s := start(t, dir)
	if postmaster(t, dir) != pid {
		t.Error("it did not join the server")
	}
	must(t, s.Close())
	if running(t, dir) {
		t.Error("the server runs on")
	}
}

// A command that is killed leaves an initdb or a server under way behind it.
func TestCommandKilledWhileStarting(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	for _, step := range []string{"creating", "starting"} {
		run(t, dir, step).kill(t)
	}
	s := start(t, dir)
	if left, err := filepath.Glob(filepath.Join(dir, "pgdata.init-*")); err != nil || len(left) > 0 {
		t.Errorf("left are %v, %v", left, err)
	}
	must(t, s.Close())
	if running(t, dir) {
		t.Error("the server runs on")
	}
}

func TestKilledServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	first, err := localpg.Start(t.Context(), localpg.Options{DataDir: dir, Durable: true})
	must(t, err)
	execute(t, first.URL(), "CREATE TABLE kept AS SELECT 'here' AS word")
	must(t, syscall.Kill(postmaster(t, dir), syscall.SIGKILL))
	second := start(t, dir)
	if got := query(t, first.URL(), "SELECT word FROM kept"); got != "here" {
		t.Errorf("found %q", got)
	}
	must(t, first.Close())
	must(t, second.Close())
	if running(t, dir) {
		t.Error("the server runs on")
	}
}

// The process id of a killed server can be somebody else's by the next start. PostgreSQL would take a process of its own
// user's for a server.
func TestProcessIDUsedAgain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	s := start(t, dir)
	pid := postmaster(t, dir)
	must(t, syscall.Kill(pid, syscall.SIGKILL))
	must(t, s.Close())
	stranger := exec.Command("cat")
	hold, err := stranger.StdinPipe()
	must(t, err)
	if info, err := os.Stat(filepath.Join(dir, "pgdata")); err == nil && os.Geteuid() == 0 {
		owner := info.Sys().(*syscall.Stat_t)
		stranger.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: owner.Uid, Gid: owner.Gid}}
	}
	must(t, stranger.Start())
	for _, file := range []string{"pgdata/postmaster.pid", "run/.s.PGSQL.5432.lock"} {
		path := filepath.Join(dir, file)
		data, err := os.ReadFile(path)
		must(t, err)
		now := strings.Replace(string(data), fmt.Sprint(pid), fmt.Sprint(stranger.Process.Pid), 1)
		must(t, os.WriteFile(path, []byte(now), 0))
	}
	must(t, start(t, dir).Close())
	must(t, hold.Close())
	must(t, stranger.Wait()) // it was left alone
}

func TestOtherVersionIsRefused(t *testing.T) {
	t.Parallel()
	here := parent(t)
	dir, copied := filepath.Join(here, "data"), filepath.Join(here, "copy")
	must(t, start(t, dir).Close())
	if out, err := exec.Command("cp", "-a", dir, copied).CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	must(t, os.WriteFile(filepath.Join(copied, "pgdata", "PG_VERSION"), []byte("99\n"), 0))
	before := picture(t, copied)
	line := refused(t, localpg.Options{DataDir: copied})
	installed, err := os.ReadFile(filepath.Join(dir, "pgdata", "PG_VERSION"))
	must(t, err)
	for _, want := range []string{"PostgreSQL 99", "PostgreSQL " + strings.TrimSpace(string(installed)), "pg_upgrade", "dump"} {
		if !strings.Contains(line, want) {
			t.Errorf("%q does not name %s", line, want)
		}
	}
	if picture(t, copied) != before {
		t.Error("the directory was changed")
	}
}

func TestForeignDirectoryIsRefused(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"letters.txt", "PG_VERSION", "pgdata/letters.txt"} {
		dir := filepath.Join(parent(t), "data")
		must(t, os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755))
		must(t, os.WriteFile(filepath.Join(dir, file), []byte("dear"), 0o644))
		before := picture(t, dir)
		if line := refused(t, localpg.Options{DataDir: dir}); !strings.Contains(line, strings.Split(file, "/")[0]) {
			t.Errorf("%q does not name what is in the way", line)
		}
		if picture(t, dir) != before {
			t.Error("the directory was changed")
		}
	}
}

func TestHalfMadeClusterIsCleared(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	left := filepath.Join(dir, "pgdata.init-123")
	must(t, os.MkdirAll(filepath.Join(left, "base"), 0o755))
	must(t, os.WriteFile(filepath.Join(left, "PG_VERSION"), []byte("15\n"), 0o644))
	if query(t, start(t, dir).URL(), "SELECT 1") != "1" {
		t.Error("no answer")
	}
	if _, err := os.Stat(left); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("%s is still there: %v", left, err)
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	here := parent(t)
	dir := filepath.Join(here, strings.Repeat("long", 30), "data")
	s := start(t, dir)
	short := strings.Trim(query(t, s.URL(), "SHOW unix_socket_directories"), `"`)
	t.Cleanup(func() { must(t, os.RemoveAll(short)) })
	if info, err := os.Stat(short); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the socket is in %s, %v, %v", short, info, err)
	}
	other := filepath.Join(here, "link")
	must(t, os.Symlink(dir, other))
	if query(t, start(t, other).URL(), "SELECT 1") != "1" {
		t.Error("another spelling of the path comes to another socket")
	}
	must(t, s.Close())
}

func TestOddPath(t *testing.T) {
	t.Parallel()
	for name, private := range map[string]bool{
		`a "b" 'c' %20 + \ ü?&`: true,
		"a, b":                  false, // to a client a comma begins another host, so the socket is in /tmp
	} {
		dir := filepath.Join(parent(t), name)
		s := start(t, dir)
		socket := query(t, s.URL(), "SHOW unix_socket_directories")
		if private != strings.HasSuffix(socket, `/run"`) {
			t.Errorf("%s: the socket is in %s", name, socket)
		}
		must(t, s.Close())
		if !private {
			must(t, os.RemoveAll(strings.Trim(socket, `"`)))
		}
	}
}

// Root's server runs under another account, which must be told which directory it cannot enter; for anybody else that
// is a directory of somebody else's.
func TestClosedDirectory(t *testing.T) {
	t.Parallel()
	closed := filepath.Join(parent(t), "closed")
	must(t, os.Mkdir(closed, 0o700))
	line := ""
	if os.Geteuid() == 0 {
		line = refused(t, localpg.Options{DataDir: filepath.Join(closed, "a", "data")})
	} else {
		must(t, os.Chmod(closed, 0))
		line = refused(t, localpg.Options{DataDir: filepath.Join(closed, "a", "data")})
		must(t, os.Chmod(closed, 0o700))
	}
	if !strings.Contains(line, closed) {
		t.Errorf("%q does not name %s", line, closed)
	}
	if entries, err := os.ReadDir(closed); err != nil || len(entries) > 0 {
		t.Errorf("it left %v, %v", entries, err)
	}
}

func TestCancelledStartHoldsNothing(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	for _, step := range []string{"creating", "starting"} { // what a person is told before each step that takes time
		ctx, cancel := context.WithCancel(t.Context())
		s, err := localpg.Start(ctx, localpg.Options{DataDir: dir, Log: cancelAt{step, cancel}})
		if !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled while %s: %v, %v", step, s, err)
		}
		if left, err := filepath.Glob(filepath.Join(dir, "pgdata.init-*")); err != nil || len(left) > 0 {
			t.Errorf("cancelled while %s, it left %v, %v", step, left, err)
		}
	}
	if running(t, dir) {
		t.Error("the server runs on")
	}
	must(t, start(t, dir).Close())
}

// cancelAt cancels when a person is told of a step.
type cancelAt struct {
	step   string
	cancel context.CancelFunc
}

func (c cancelAt) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), c.step) {
		c.cancel()
	}
	return len(p), nil
}

func TestFailureNamesTheLogsLine(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	must(t, start(t, dir).Close())
	conf, err := os.OpenFile(filepath.Join(dir, "pgdata", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	must(t, err)
	_, err = conf.WriteString("shared_buffers = 'plenty'\n")
	must(t, errors.Join(err, conf.Close()))
	if line := refused(t, localpg.Options{DataDir: dir}); !strings.Contains(line, "FATAL") || !strings.Contains(line, "postgresql.conf") {
		t.Errorf("%q is not the log's line", line)
	}
}

func TestDurableCallerRefusesTestServer(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(parent(t), "data")
	fast := start(t, dir)
	if line := refused(t, localpg.Options{DataDir: dir, Durable: true}); !strings.Contains(line, "fsync") {
		t.Errorf("%q does not say why", line)
	}
	if query(t, fast.URL(), "SELECT 1") != "1" {
		t.Error("the one who was there lost the server")
	}
}

func TestNothingInstalled(t *testing.T) {
	t.Parallel()
	cmd := exec.Command(os.Args[0])
	cache := t.TempDir()
	cmd.Env = append(os.Environ(), childEnv+"="+filepath.Join(parent(t), "data"), nothingEnv+"=http://127.0.0.1:1", "PATH=", "XDG_CACHE_HOME="+cache, "TMPDIR="+cache, "VCLEDGER_PG_BIN=")
	out, err := cmd.Output()
	if err == nil {
		t.Fatal("it started")
	}
	for _, want := range []string{"no PostgreSQL found", "127.0.0.1:1", "apt-get install postgresql", "brew install", "--database-url"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%q does not say %s", out, want)
		}
	}
	if strings.Count(string(out), "\n") != 2 || !strings.Contains(string(out), "fetching") {
		t.Errorf("not one line, after the one that it fetches: %q", out)
	}
}

func TestDefaultDataDir(t *testing.T) {
	t.Setenv("XDG_DATA_HOME", "/somewhere")
	want := "/somewhere/vcledger"
	if os.Geteuid() == 0 {
		want = "/var/lib/vcledger"
	}
	if dir, err := localpg.DefaultDataDir(); err != nil || dir != want {
		t.Errorf("%q, %v", dir, err)
	}
}
