package localpg

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"syscall"

	"github.com/lib/pq"
)

// longLog is the size in bytes at which a start puts the server's log aside.
const longLog = 16 << 20

// up waits until the server answers. It starts one as soon as no process of a former one is left. The caller holds the
// start lock.
func (h home) up(ctx context.Context, o Options) error {
	lock, err := h.open("server.lock", os.O_RDWR)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Close() }() // not unlocked: the server holds it through the same open file
	var exited <-chan string
	var answer error
	err = await(ctx, func() (bool, error) {
		if exited == nil {
			free, err := tryLock(lock, syscall.LOCK_EX)
			if err != nil {
				return false, err
			}
			if free {
				fmt.Fprintf(o.Log, "starting PostgreSQL %d in %s\n", h.binaries.major, h.dir)
				if exited, err = h.launch(lock, o.Durable); err != nil {
					return false, err
				}
			}
		}
		select {
		case line := <-exited:
			return false, errors.New(line)
		default:
		}
		answer = h.ping(ctx)
		if refusal := pq.As(answer); refusal != nil && refusal.Code.Class() != "57" && refusal.Code.Class() != "53" {
			return false, answer // neither starting, stopping nor full: this will not get better
		}
		return answer == nil, nil
	})
	if errors.Is(err, errPatience) {
		return fmt.Errorf("PostgreSQL in %s did not answer: %w: %w", h.dir, err, answer)
	}
	if err != nil {
		return fmt.Errorf("PostgreSQL in %s did not start: %w", h.dir, err)
	}
	return nil
}

// launch starts the server and hands it the lock. What the returned channel gives, if the server ends, is the line of
// its log that tells why.
func (h home) launch(lock *os.File, durable bool) (<-chan string, error) {
	socket := h.socketDir()
	if err := h.makePrivate(socket); err != nil {
		return nil, err
	}
	logFile, from, err := h.openLog()
	if err != nil {
		return nil, err
	}
	settings := []string{
		"listen_addresses=",
		`unix_socket_directories="` + strings.ReplaceAll(socket, `"`, `""`) + `"`,
		"unix_socket_permissions=0700",
		"port=5432",
		"timezone=UTC",
		"log_timezone=UTC",
		"log_destination=stderr",
		"logging_collector=off",
		"cluster_name=vcledger",
	}
	if !durable {
		// A machine with many cores runs many tests at once, each with connections of its own.
		settings = append(settings, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=500")
	}
	args := []string{"-D", h.pgdata()}
	for _, setting := range settings {
		args = append(args, "-c", setting)
	}
	// The server outlives ctx: whoever is the last to use it stops it.
	cmd := h.account.command(context.Background(), filepath.Join(h.binaries.dir, "postgres"), args...)
	cmd.Stdout, cmd.Stderr = logFile, logFile
	cmd.ExtraFiles = []*os.File{lock}
	if pid, err := h.postmaster(); err == nil {
		cmd.Env = append(cmd.Env, "PG_GRANDPARENT_PID="+strconv.Itoa(pid)) // see doc.go: it is not a server's any more
	}
	if err := cmd.Start(); err != nil {
		return nil, errors.Join(err, logFile.Close())
	}
	exited := make(chan string, 1)
	go func() {
		err := cmd.Wait()
		out, _ := io.ReadAll(io.NewSectionReader(logFile, from, longLog))
		_ = logFile.Close()
		exited <- fmt.Sprintf("%v: %s", err, lastLine(string(out)))
	}()
	return exited, nil
}

// openLog opens the server's log and says where it ends now.
func (h home) openLog() (*os.File, int64, error) {
	const name = "postgres.log"
	path := filepath.Join(h.dir, name)
	if info, err := os.Lstat(path); err == nil && info.Size() > longLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, 0, err
		}
	}
	f, err := h.open(name, os.O_RDWR|os.O_APPEND)
	if err != nil {
		return nil, 0, err
	}
	info, err := f.Stat()
	if err != nil {
		return nil, 0, errors.Join(err, f.Close())
	}
	return f, info.Size(), nil
}

// makePrivate makes a directory that only the server's account can enter. One that exists must be such a directory:
// anybody can make one in /tmp.
func (h home) makePrivate(dir string) error {
	if err := os.Mkdir(dir, 0o700); err != nil && !errors.Is(err, fs.ErrExist) {
		return err
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return err
	}
	uid, _ := owner(info)
	if !info.IsDir() || info.Mode().Perm() != 0o700 || uid != h.account.uid && uid != uint32(os.Geteuid()) {
		return fmt.Errorf("%s is in the way: it must be a directory of %v with mode 0700", dir, h.account)
	}
	return os.Lchown(dir, int(h.account.uid), int(h.account.gid))
}

// ping reports whether the server answers.
func (h home) ping(ctx context.Context) error {
	db, err := sql.Open("postgres", h.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	return db.PingContext(ctx)
}

// prepare checks that the server is as safe as the caller wants it, and makes the caller's database.
func (h home) prepare(ctx context.Context, o Options) error {
	db, err := sql.Open("postgres", h.url("postgres"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var durable, exists bool
	err = db.QueryRowContext(ctx, `SELECT current_setting('fsync')::boolean, EXISTS (SELECT FROM pg_database WHERE datname = $1)`,
		o.Database).Scan(&durable, &exists)
	if err != nil {
		return fmt.Errorf("ask PostgreSQL in %s for its settings: %w", h.dir, err)
	}
	if o.Durable && !durable {
		return fmt.Errorf("PostgreSQL in %s runs for tests, without fsync: end those that use it, or name another --data-dir", h.dir)
	}
	if exists {
		return nil
	}
	_, err = db.ExecContext(ctx, "CREATE DATABASE "+pq.QuoteIdentifier(o.Database)+" TEMPLATE template0")
	// Somebody who uses the server without this package may be making it too: 42P04 is duplicate_database, and 23505
	// (unique_violation) is what it is called when both are at it in the same instant.
	if err != nil && pq.As(err, "42P04", "23505") == nil {
		return fmt.Errorf("create the database %s: %w", o.Database, err)
	}
	return nil
}

// stop ends the server, if there is one, and waits for the last of its processes. Sessions are cut off, and what they
// had not committed is rolled back. The caller holds the start lock, and all of users.lock.
func (h home) stop() error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), patience, errPatience)
	defer cancel()
	lock, err := h.open("server.lock", os.O_RDWR)
	if err != nil {
		return err
	}
	defer unlock(lock)
	told := false
	err = await(ctx, func() (bool, error) {
		if gone, err := tryLock(lock, syscall.LOCK_EX); gone || err != nil {
			return gone, err
		}
		// Only when it answers is postmaster.pid certain to name it. It may be too young to answer, or have left
		// orphans that are about to end.
		if err := h.ping(ctx); told || err != nil && pq.As(err) == nil {
			return false, nil
		}
		pid, err := h.postmaster()
		if err != nil {
			return false, err
		}
		told = true
		return false, syscall.Kill(pid, syscall.SIGINT) // a fast shutdown
	})
	if err != nil {
		return fmt.Errorf("PostgreSQL in %s did not stop: %w", h.dir, err)
	}
	return nil
}

// postmaster returns the process id in postmaster.pid.
func (h home) postmaster() (int, error) {
	data, err := os.ReadFile(filepath.Join(h.pgdata(), "postmaster.pid"))
	if err != nil {
		return 0, err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	return strconv.Atoi(line)
}

var failure = regexp.MustCompile(`(?:FATAL|PANIC|ERROR|error): .*`)

// lastLine returns the line of some output that tells best why it ended: the last that names a failure, or else the last.
func lastLine(output string) string {
	lines := strings.Split(strings.TrimSpace(output), "\n")
	for i := len(lines) - 1; i >= 0; i-- {
		if found := failure.FindString(lines[i]); found != "" {
			return found
		}
	}
	return lines[len(lines)-1]
}
