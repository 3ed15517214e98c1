package localpg

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// account is the operating system's user under which PostgreSQL runs.
type account struct {
	uid, gid uint32
	become   bool // we are root and have to change to it
}

// accountFor returns who runs the server of a data directory that may not exist yet.
func accountFor(dir string) (account, error) {
	self := account{uid: uint32(os.Geteuid()), gid: uint32(os.Getegid())}
	for _, path := range []string{filepath.Join(dir, "pgdata"), dir} {
		info, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return account{}, fmt.Errorf("look at the data directory: %w", err)
		}
		uid, gid := owner(info)
		switch {
		case self.uid != 0 && uid != self.uid:
			return account{}, fmt.Errorf("%s belongs to %v: run vcledger as that user, or name another --data-dir", path, account{uid: uid})
		case self.uid != 0:
			return self, nil
		case uid != 0:
			return account{uid: uid, gid: gid, become: true}, nil
		case path != dir:
			return account{}, fmt.Errorf("%s belongs to root, as whom PostgreSQL refuses to run: chown -R it to the user who is to run it", path)
		}
	}
	if self.uid != 0 {
		return self, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			uid, err1 := strconv.ParseUint(u.Uid, 10, 32)
			gid, err2 := strconv.ParseUint(u.Gid, 10, 32)
			return account{uid: uint32(uid), gid: uint32(gid), become: true}, errors.Join(err1, err2)
		}
	}
	return account{}, errors.New("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody to run it: make one")
}

// String names the account as a person would.
func (a account) String() string {
	id := strconv.FormatUint(uint64(a.uid), 10)
	if u, err := user.LookupId(id); err == nil {
		return "user " + u.Username
	}
	return "user " + id
}

// command returns a command that runs under the account with no other group than its own, in a session of its own, with
// nothing in its environment that would change how PostgreSQL behaves or the language it speaks. When ctx ends, the
// command's children are killed with it.
func (a account) command(ctx context.Context, name string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Dir = "/" // ours may be closed to the account
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if a.become {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: a.uid, Gid: a.gid} // no Groups: the supplementary ones are dropped
	}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = time.Second
	cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "PG") || strings.HasPrefix(v, "LC_") || strings.HasPrefix(v, "LANG") || strings.HasPrefix(v, "TZ=")
	}), "LC_ALL=C", "TZ=UTC")
	return cmd
}

// enter checks that the account can reach a directory. It really goes there, rather than reading modes, because access
// lists and security modules have a say too. bin is where the account's PostgreSQL is.
func (a account) enter(ctx context.Context, bin, dir string) error {
	goes := func(dir string) bool {
		cmd := a.command(ctx, filepath.Join(bin, "postgres"), "-V")
		cmd.Dir = dir
		return cmd.Run() == nil
	}
	if !a.become || goes(dir) {
		return nil
	}
	path := "/"
	for _, part := range strings.Split(dir, "/") {
		if path = filepath.Join(path, part); !goes(path) {
			break
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return fmt.Errorf("%v, who runs PostgreSQL because root may not, cannot enter %s: chmod o+x %s, or name another --data-dir", a, path, path)
}

// owner returns to whom a file belongs.
func owner(info fs.FileInfo) (uid, gid uint32) {
	stat := info.Sys().(*syscall.Stat_t)
	return stat.Uid, stat.Gid
}

// makeDir makes a directory and its parents, whatever the umask: root's must be open to the server's account, and for
// anybody else they are private.
func makeDir(dir string) error {
	mode := fs.FileMode(0o700)
	if os.Geteuid() == 0 {
		mode = 0o755
	}
	err := os.Mkdir(dir, mode)
	if errors.Is(err, fs.ErrNotExist) {
		if err := makeDir(filepath.Dir(dir)); err != nil {
			return err
		}
		err = os.Mkdir(dir, mode)
	}
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return os.Chmod(dir, mode)
}
