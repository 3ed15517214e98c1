package localpg

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"strings"
)

// initPrefix begins the names of directories in which an initdb is under way.
const initPrefix = "pgdata.init-"

// ownNames are the other names that this package gives in a data directory, and lost+found, which mkfs gives in a volume.
var ownNames = map[string]bool{
	"run": true, "postgres.log": true, "postgres.log.1": true,
	"start.lock": true, "users.lock": true, "server.lock": true, "lost+found": true,
	"backups": true,
}

// home is a data directory and what it takes to run its server.
type home struct {
	dir      string // absolute, without symbolic links: two spellings of one directory must come to the same socket
	finished bool   // it has a cluster
	account  account
	binaries binaries
}

// survey finds out all that can stand against running a server in a directory. It changes nothing there.
func survey(ctx context.Context, dir string, log io.Writer) (home, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return home{}, fmt.Errorf("find the data directory: %w", err)
	}
	ancestor := dir // the nearest that exists
	for {
		if _, err := os.Lstat(ancestor); !errors.Is(err, fs.ErrNotExist) {
			break
		}
		ancestor = filepath.Dir(ancestor)
	}
	rest := strings.TrimPrefix(dir, ancestor)
	if ancestor, err = filepath.EvalSymlinks(ancestor); err != nil {
		return home{}, fmt.Errorf("find the data directory: %w", err)
	}
	h := home{dir: filepath.Join(ancestor, rest)}
	if h.account, err = accountFor(h.dir); err != nil {
		return home{}, err
	}
	major, err := h.major()
	if err != nil {
		return home{}, err
	}
	h.finished = major != ""
	if h.binaries, err = findBinaries(ctx, h.account, h.dir, major, log); err != nil {
		return home{}, err
	}
	return h, h.account.enter(ctx, h.binaries.dir, ancestor)
}

// major returns the major version of the cluster, or nothing if a cluster can be made in the directory.
func (h home) major() (string, error) {
	version, err := os.ReadFile(filepath.Join(h.pgdata(), "PG_VERSION"))
	if err == nil {
		return strings.TrimSpace(string(version)), nil
	}
	if !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the version of the data directory: %w", err)
	}
	entries, err := os.ReadDir(h.dir)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("read the data directory: %w", err)
	}
	for _, e := range entries {
		if !ownNames[e.Name()] && !strings.HasPrefix(e.Name(), initPrefix) {
			return "", fmt.Errorf("%s holds %s and no PostgreSQL of vcledger's: name an empty or a new directory with --data-dir", h.dir, e.Name())
		}
	}
	return "", nil
}

func (h home) pgdata() string { return filepath.Join(h.dir, "pgdata") }

// socketDir returns where the server's socket is. The path of a socket is limited, on macOS to 103 bytes, and a comma in
// it would make it two hosts to a client; where the data directory's will not do, a short one is derived from it. That
// one is under /tmp and not under TMPDIR, in which two commands can differ, or which can be closed to the server's
// account.
func (h home) socketDir() string {
	dir := filepath.Join(h.dir, "run")
	if len(dir)+len("/.s.PGSQL.5432") > 103 || strings.Contains(dir, ",") {
		dir = fmt.Sprintf("/tmp/vcledger-%x", sha256.Sum256([]byte(h.dir)))[:len("/tmp/vcledger-")+16]
	}
	return dir
}

// url returns the superuser's connection string for a database.
func (h home) url(database string) string {
	u := url.URL{Scheme: "postgres", User: url.User("vcledger"), Path: "/" + database}
	q := url.Values{"host": {h.socketDir()}, "port": {"5432"}, "sslmode": {"disable"}}
	u.RawQuery = strings.ReplaceAll(q.Encode(), "+", "%20") // PostgreSQL's own tools do not read + as a space
	return u.String()
}

// initialize makes the cluster, in a directory beside it that then takes its name. The caller holds the start lock.
func (h home) initialize(ctx context.Context, o Options, lock *os.File) error {
	fmt.Fprintf(o.Log, "creating a PostgreSQL %d database in %s\n", h.binaries.major, h.dir)
	left, err := filepath.Glob(filepath.Join(h.dir, initPrefix+"*"))
	if err != nil {
		return fmt.Errorf("look for half-made data directories: %w", err)
	}
	for _, dir := range left {
		if err := os.RemoveAll(dir); err != nil {
			return fmt.Errorf("remove a half-made data directory: %w", err)
		}
	}
	dir, err := os.MkdirTemp(h.dir, initPrefix)
	if err != nil {
		return fmt.Errorf("make the data directory: %w", err)
	}
	err = h.initdb(ctx, dir, o.Durable, lock)
	if err == nil {
		err = os.Rename(dir, h.pgdata())
	}
	if err != nil {
		return errors.Join(fmt.Errorf("create the database in %s: %w", h.dir, err), os.RemoveAll(dir))
	}
	return syncDir(h.dir)
}

func (h home) initdb(ctx context.Context, dir string, durable bool, lock *os.File) error {
	if err := os.Lchown(dir, int(h.account.uid), int(h.account.gid)); err != nil {
		return err
	}
	args := []string{"-D", dir, "-U", "vcledger", "-k", "--encoding=UTF8", "--locale=C", "--auth-local=trust", "--auth-host=reject"}
	if !durable {
		args = append(args, "--no-sync")
	}
	cmd := h.account.command(ctx, filepath.Join(h.binaries.dir, "initdb"), args...)
	cmd.ExtraFiles = []*os.File{lock}
	out, err := cmd.CombinedOutput()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("initdb: %w: %s", err, lastLine(string(out)))
	}
	return nil
}

// syncDir makes a rename in a directory outlive a power cut.
func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return fmt.Errorf("sync the data directory: %w", err)
	}
	defer func() { _ = d.Close() }()
	if err := d.Sync(); err != nil {
		return fmt.Errorf("sync the data directory: %w", err)
	}
	return nil
}
