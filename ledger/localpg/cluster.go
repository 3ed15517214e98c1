package localpg

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// maxSocketPath is how long the path of a Unix socket may be (sockaddr_un, 108 bytes with the final zero).
const maxSocketPath = 107

// socketName is the file that PostgreSQL makes in the socket's directory for its default port.
const socketName = ".s.PGSQL.5432"

// initPrefix begins the name of a cluster that is being made. What bears it was left half made by a crash.
const initPrefix = "pgdata.init-"

// cluster is a PostgreSQL data directory and who runs it.
type cluster struct {
	dir       string // the whole data directory
	data      string // PostgreSQL's own part of it
	socketDir string
	log       string
	bin       string              // directory of PostgreSQL's programs; found when it must start
	owner     *syscall.Credential // nil for the user itself
}

// newCluster makes the directories around a cluster and gives them to the user that runs it.
func newCluster(dir string) (cluster, error) {
	c := cluster{dir: dir, data: filepath.Join(dir, "pgdata"), socketDir: filepath.Join(dir, "run"), log: filepath.Join(dir, "postgres.log")}
	if err := checkForeign(dir); err != nil {
		return c, err
	}
	if os.Geteuid() == 0 {
		owner, err := unprivileged()
		if err != nil {
			return c, err
		}
		c.owner = owner
	}
	if len(filepath.Join(c.socketDir, socketName)) > maxSocketPath {
		sum := sha256.Sum256([]byte(dir))
		c.socketDir = filepath.Join(os.TempDir(), "vcledger-"+hex.EncodeToString(sum[:8]))
	}
	for _, d := range []string{dir, c.socketDir} {
		if err := c.makeDir(d); err != nil {
			return c, err
		}
	}
	return c, c.checkReach()
}

// checkForeign refuses a directory that has files in it and is none of ours.
func checkForeign(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	for _, e := range entries {
		name := e.Name()
		if name == "pgdata" || name == "run" || name == "start.lock" || name == "users.lock" || name == "postgres.log" || strings.HasPrefix(name, initPrefix) {
			continue
		}
		if _, err := os.Stat(filepath.Join(dir, "pgdata", "PG_VERSION")); err == nil {
			return nil // a user's own file beside a cluster of ours
		}
		return fmt.Errorf("%s has other files in it (%s): name an empty directory with --data-dir", dir, name)
	}
	return nil
}

func (c cluster) makeDir(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	info, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	owner := int(info.Sys().(*syscall.Stat_t).Uid)
	if !info.IsDir() || owner != os.Geteuid() && (c.owner == nil || owner != int(c.owner.Uid)) {
		return fmt.Errorf("%s belongs to another user", dir)
	}
	if c.owner != nil {
		if err := os.Chown(dir, int(c.owner.Uid), int(c.owner.Gid)); err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
	}
	if err := os.Chmod(dir, 0o700); err != nil {
		return fmt.Errorf("data directory: %w", err)
	}
	return nil
}

// unprivileged returns the user that runs PostgreSQL when the command runs as root.
func unprivileged() (*syscall.Credential, error) {
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, errUID := strconv.ParseUint(u.Uid, 10, 32)
		gid, errGID := strconv.ParseUint(u.Gid, 10, 32)
		if errUID == nil && errGID == nil {
			return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
		}
	}
	return nil, errors.New("PostgreSQL does not run as root, and there is neither a user postgres nor a user nobody: run vcledger as another user")
}

// checkReach refuses a data directory that the unprivileged user cannot get to, naming the directory that blocks.
func (c cluster) checkReach() error {
	if c.owner == nil {
		return nil
	}
	for dir := filepath.Dir(c.dir); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return fmt.Errorf("data directory: %w", err)
		}
		st := info.Sys().(*syscall.Stat_t)
		mode := info.Mode().Perm()
		switch {
		case st.Uid == c.owner.Uid && mode&0o100 != 0, st.Uid != c.owner.Uid && st.Gid == c.owner.Gid && mode&0o010 != 0,
			st.Uid != c.owner.Uid && st.Gid != c.owner.Gid && mode&0o001 != 0:
		default:
			return fmt.Errorf("as root, PostgreSQL runs as an unprivileged user, who cannot enter %s: name another place with --data-dir", dir)
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}

// dress makes a program run as the cluster's user, in a directory that it can be in, in the C locale.
func (c cluster) dress(cmd *exec.Cmd) {
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + c.bin + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.owner}
}

// start makes the cluster when there is none, starts the server and waits until it answers.
func (c *cluster) start(ctx context.Context, o Options, answers func() error) error {
	if err := c.findPrograms(ctx, o.Log); err != nil {
		return err
	}
	if err := c.create(ctx, o); err != nil {
		return err
	}
	log, err := os.OpenFile(c.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return fmt.Errorf("open PostgreSQL's log: %w", err)
	}
	defer func() { _ = log.Close() }() // the server has its own handle
	before, err := log.Seek(0, 2)
	if err != nil {
		return fmt.Errorf("open PostgreSQL's log: %w", err)
	}
	cmd := exec.Command(filepath.Join(c.bin, "postgres"), c.settings(o)...)
	c.dress(cmd)
	cmd.Stdout, cmd.Stderr = log, log
	fmt.Fprintf(o.Log, "starting PostgreSQL in %s\n", c.dir)
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("start PostgreSQL: %w", err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	limit := time.NewTimer(startLimit)
	defer limit.Stop()
	again := time.NewTicker(25 * time.Millisecond)
	defer again.Stop()
	for {
		select {
		case err := <-ended:
			return fmt.Errorf("PostgreSQL did not start (%w): %s", err, c.logSince(before))
		case <-ctx.Done():
			return errors.Join(ctx.Err(), c.stop())
		case <-limit.C:
			return fmt.Errorf("PostgreSQL does not answer after %s: %s", startLimit, c.logSince(before))
		case <-again.C:
			if answers() == nil {
				return nil
			}
		}
	}
}

// settings are the server's: reachable through the socket only, modest in memory, and durable unless it is for tests.
func (c cluster) settings(o Options) []string {
	set := []string{"listen_addresses=", "unix_socket_directories=" + c.socketDir, "unix_socket_permissions=0700", "port=5432", "max_connections=100",
		"shared_buffers=128MB", "timezone=UTC", "log_timezone=UTC", "log_min_messages=warning", "logging_collector=off"}
	if !o.Durable {
		set = append(set, "fsync=off", "synchronous_commit=off", "full_page_writes=off")
	}
	args := []string{"-D", c.data}
	for _, s := range set {
		args = append(args, "-c", s)
	}
	return args
}

// logSince returns the last line that says why, of what the server wrote since an offset.
func (c cluster) logSince(offset int64) string {
	data, err := os.ReadFile(c.log)
	if err != nil || int64(len(data)) <= offset {
		return "see " + c.log
	}
	last := ""
	for _, line := range strings.Split(string(data[offset:]), "\n") {
		if strings.Contains(line, "FATAL") || strings.Contains(line, "ERROR") || strings.Contains(line, "PANIC") {
			last = line
		}
	}
	if last == "" {
		last = lastLine(string(data[offset:]))
	}
	return last
}

// create makes a new cluster beside its place and renames it into it, so that a crash leaves none or a whole one. What
// a crash left half made is cleared away.
func (c cluster) create(ctx context.Context, o Options) error {
	if _, err := os.Stat(filepath.Join(c.data, "PG_VERSION")); err == nil {
		return nil
	}
	if entries, err := os.ReadDir(c.data); err == nil && len(entries) > 0 {
		return fmt.Errorf("%s has files in it and is no PostgreSQL cluster: name another place with --data-dir", c.data)
	}
	left, err := filepath.Glob(filepath.Join(c.dir, initPrefix+"*"))
	if err != nil {
		return fmt.Errorf("look for what a crash left: %w", err)
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("clear away what a crash left: %w", err)
		}
	}
	fmt.Fprintf(o.Log, "making a PostgreSQL cluster in %s\n", c.dir)
	fresh, err := os.MkdirTemp(c.dir, initPrefix)
	if err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	if err := c.makeDir(fresh); err != nil {
		return err
	}
	args := []string{"-D", fresh, "-U", superuser, "-A", "trust", "-E", "UTF8", "--locale=C", "--data-checksums"}
	if !o.Durable {
		args = append(args, "--no-sync")
	}
	if err := c.run1(ctx, "initdb", args...); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	if err := os.Rename(fresh, c.data); err != nil {
		return fmt.Errorf("make the cluster: %w", err)
	}
	return nil
}

// stop ends the server and waits until it is gone: nobody else uses it, so sessions that are left are broken off.
func (c *cluster) stop() error {
	if c.bin == "" {
		if err := c.findPrograms(context.Background(), nil); err != nil {
			return err
		}
	}
	err := c.run1(context.Background(), "pg_ctl", "stop", "-D", c.data, "-m", "fast", "-w", "-t", "60")
	if err != nil {
		if _, gone := os.Stat(filepath.Join(c.data, "postmaster.pid")); errors.Is(gone, os.ErrNotExist) {
			return nil // it was stopped, or killed, by somebody else
		}
		return fmt.Errorf("stop PostgreSQL: %w", err)
	}
	return nil
}
