package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// open opens one of the data directory's own files, and makes it if it is missing. Root gives the file to the
// directory's owner, so that a command once run by root does not lock that owner out.
func (h home) open(name string, flag int) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(h.dir, name), flag|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil || os.Geteuid() != 0 {
		return f, err
	}
	dir, err := os.Stat(h.dir)
	if err == nil {
		uid, gid := owner(dir)
		err = f.Chown(int(uid), int(gid))
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// lockStart takes start.lock, waiting for it until ctx ends.
func (h home) lockStart(ctx context.Context, log io.Writer) (*os.File, error) {
	f, err := h.open("start.lock", os.O_RDWR)
	if err != nil {
		return nil, err
	}
	waiting := false
	err = await(ctx, func() (bool, error) {
		ok, err := tryLock(f, syscall.LOCK_EX)
		if !ok && err == nil && !waiting {
			waiting = true
			fmt.Fprintln(log, "waiting for another command that is starting or stopping PostgreSQL in", h.dir)
		}
		return ok, err
	})
	if err != nil {
		return nil, errors.Join(fmt.Errorf("wait for %s: %w", f.Name(), err), f.Close())
	}
	return f, nil
}

// tryLock takes a lock, or changes the one that is held, unless that would mean waiting. A change that fails has lost
// the lock that was held.
func tryLock(f *os.File, how int) (bool, error) {
	err := syscall.Flock(int(f.Fd()), how|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("lock %s: %w", f.Name(), err)
	}
	return true, nil
}

// unlock gives a lock back at once, for everybody who holds it through this open file. Closing alone would leave it with
// a child that some other goroutine has forked and that has not reached its exec.
func unlock(f *os.File) {
	_ = syscall.Flock(int(f.Fd()), syscall.LOCK_UN)
	_ = f.Close()
}

// await asks again and again, ever more slowly, until done says so or fails or ctx ends.
func await(ctx context.Context, done func() (bool, error)) error {
	for pause := time.Millisecond; ; pause = min(2*pause, 50*time.Millisecond) {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(pause):
		}
	}
}
