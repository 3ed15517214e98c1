package localpg_test

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	_ "github.com/lib/pq" // the driver of the tests' own connections

	"vcledger/ledger/localpg"
)

// childEnv makes this test binary a command that uses the server of a data directory until its standard input ends.
const childEnv = "LOCALPG_TEST_CHILD"

// nothingEnv makes the child find no PostgreSQL.
const nothingEnv = "LOCALPG_TEST_NOTHING"

func TestMain(m *testing.M) {
	if dir := os.Getenv(childEnv); dir != "" {
		if err := child(dir); err != nil {
			fmt.Println(err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func child(dir string) error {
	if unreachable := os.Getenv(nothingEnv); unreachable != "" {
		localpg.NothingInstalled(os.TempDir(), unreachable)
	}
	s, err := localpg.Start(context.Background(), localpg.Options{DataDir: dir, Log: os.Stdout})
	if err != nil {
		return err
	}
	fmt.Println("ready")
	if _, err := io.Copy(io.Discard, os.Stdin); err != nil {
		return err
	}
	return s.Close()
}

// command is a child that uses the server.
type command struct {
	cmd  *exec.Cmd
	hold io.Closer // its standard input
}

// run starts a child and waits until it says a line that begins so; it is "ready" when it uses the server.
func run(t *testing.T, dir, until string) command {
	t.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childEnv+"="+dir)
	in, err := cmd.StdinPipe()
	must(t, err)
	out, err := cmd.StdoutPipe()
	must(t, err)
	must(t, cmd.Start())
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), until) {
			return command{cmd, in}
		}
	}
	t.Fatalf("the child ends with %q, %v", lines.Text(), cmd.Wait())
	return command{}
}

// end lets a child close its share and finish.
func (c command) end(t *testing.T) {
	t.Helper()
	must(t, c.hold.Close())
	must(t, c.cmd.Wait())
}

// kill ends a child as kill -9 does.
func (c command) kill(t *testing.T) {
	t.Helper()
	must(t, c.cmd.Process.Kill())
	if err := c.cmd.Wait(); err == nil {
		t.Fatal("the killed child ended well")
	}
}

// parent returns a directory that the server's account can enter too, unlike what t.TempDir makes.
func parent(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	must(t, os.Chmod(filepath.Dir(dir), 0o755))
	must(t, os.Chmod(dir, 0o755))
	return dir
}

// start starts or joins a server that the test's end closes, if the test has not.
func start(t *testing.T, dir string) *localpg.Server {
	t.Helper()
	s, err := localpg.Start(t.Context(), localpg.Options{DataDir: dir})
	must(t, err)
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return s
}

// refused starts a server that must not start, and returns the one line that tells why.
func refused(t *testing.T, o localpg.Options) string {
	t.Helper()
	s, err := localpg.Start(t.Context(), o)
	if err == nil {
		t.Fatal("it started", s.Close())
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
	return err.Error()
}

// query returns one value from a database.
func query(t *testing.T, databaseURL, text string) string {
	t.Helper()
	db, err := sql.Open("postgres", databaseURL)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	var value string
	if err := db.QueryRow(text).Scan(&value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return value
}

// execute runs a statement.
func execute(t *testing.T, databaseURL, text string) {
	t.Helper()
	db, err := sql.Open("postgres", databaseURL)
	must(t, err)
	defer func() { must(t, db.Close()) }()
	if _, err := db.Exec(text); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
}

// postmaster returns the server's process id.
func postmaster(t *testing.T, dir string) int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "pgdata", "postmaster.pid"))
	must(t, err)
	pid, err := strconv.Atoi(strings.SplitN(string(data), "\n", 2)[0])
	must(t, err)
	return pid
}

// running reports whether any process of the server is left: they all hold this lock.
func running(t *testing.T, dir string) bool {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, "server.lock"))
	must(t, err)
	defer func() { must(t, f.Close()) }()
	switch err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err {
	case nil:
		return false
	case syscall.EWOULDBLOCK:
		return true
	default:
		t.Fatal(err)
		return false
	}
}

// picture lists a directory's files with their modes, times and contents.
func picture(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	must(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		fmt.Fprintln(&b, path, info.Mode(), info.ModTime())
		if d.Type().IsRegular() {
			data, err := os.ReadFile(path)
			b.Write(data)
			return err
		}
		return nil
	}))
	return b.String()
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
