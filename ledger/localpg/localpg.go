package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"time"
)

// patience bounds the waits for a server to be ready and to be gone.
const patience = 60 * time.Second

// watchEvery is how often a watch asks whether the server answers.
const watchEvery = time.Second

// errPatience is the cause of a wait that was given up.
var errPatience = fmt.Errorf("gave up after %v", patience)

// Options says where the server lives. The zero value is a test's: the default directory, and not durable.
type Options struct {
	DataDir  string    // "" is DefaultDataDir
	Durable  bool      // false is for tests only: no fsync, so a power cut can destroy the data
	Log      io.Writer // one line for a person on each step that takes time; nil discards them
	Database string    // made if it is missing; "" is vcledger
}

// Server is one user's share in the running server. It is safe for use by many goroutines.
type Server struct {
	home     home
	database string
	durable  bool
	users    *os.File // users.lock, shared
	once     sync.Once
	closed   error // what the first Close returned
}

// DefaultDataDir returns /var/lib/vcledger for root, and for others vcledger in the XDG data directory.
func DefaultDataDir() (string, error) {
	if os.Geteuid() == 0 {
		return "/var/lib/vcledger", nil
	}
	if data := os.Getenv("XDG_DATA_HOME"); filepath.IsAbs(data) { // the XDG specification says to ignore a relative one
		return filepath.Join(data, "vcledger"), nil
	}
	user, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("no default data directory: %w", err)
	}
	return filepath.Join(user, ".local", "share", "vcledger"), nil
}

// Start joins the server of a data directory, or starts it, and makes the data directory if there is none. It waits for
// a command that is starting or stopping the server as long as ctx lets it, and for the server itself one minute.
// The caller must Close the Server. After an error nothing is held, and a server that nobody else uses is stopped.
func Start(ctx context.Context, o Options) (*Server, error) {
	if o.DataDir == "" {
		dir, err := DefaultDataDir()
		if err != nil {
			return nil, err
		}
		o.DataDir = dir
	}
	if o.Log == nil {
		o.Log = io.Discard
	}
	if o.Database == "" {
		o.Database = "vcledger"
	}
	h, err := survey(ctx, o.DataDir, o.Log)
	if err != nil {
		return nil, err
	}
	if err := makeDir(h.dir); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}
	start, err := h.lockStart(ctx, o.Log)
	if err != nil {
		return nil, err
	}
	defer unlock(start)
	users, err := h.open("users.lock", os.O_RDWR)
	if err != nil {
		return nil, err
	}
	if _, err := tryLock(users, syscall.LOCK_SH); err != nil { // it is taken alone only under start.lock, which is ours
		return nil, errors.Join(err, users.Close())
	}
	s := &Server{home: h, database: o.Database, durable: o.Durable, users: users}
	if err := s.start(ctx, o, start); err != nil {
		return nil, errors.Join(err, s.leave())
	}
	return s, nil
}

// start brings the server and the database up. The caller holds the start lock.
func (s *Server) start(ctx context.Context, o Options, lock *os.File) error {
	if !s.home.finished { // or somebody has finished it by now, and perhaps with other binaries
		h, err := survey(ctx, o.DataDir, o.Log)
		if err != nil {
			return err
		}
		s.home = h
	}
	if !s.home.finished {
		if err := s.home.initialize(ctx, o, lock); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errPatience)
	defer cancel()
	if err := s.home.up(ctx, o); err != nil {
		return err
	}
	return s.home.prepare(ctx, o)
}

// URL returns the connection string of the server's superuser in the database that Options named.
func (s *Server) URL() string { return s.home.url(s.database) }

// URLFor returns the connection string of the server's superuser in another database, which may not exist.
func (s *Server) URLFor(database string) string { return s.home.url(database) }

// Backups returns the directory beside the cluster that is for copies of what is in it. The caller makes it.
func (s *Server) Backups() string { return filepath.Join(s.home.dir, "backups") }

// Watch starts the server again whenever it has ended, until ctx does: its processes can be killed one by one, and nobody but
// its users would notice. Each start, and each that fails, is a line of the log.
func (s *Server) Watch(ctx context.Context, log io.Writer) {
	again := time.NewTicker(watchEvery)
	defer again.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-again.C:
		}
		if s.home.ping(ctx) == nil {
			continue
		}
		if err := s.revive(ctx, log); err != nil && ctx.Err() == nil {
			fmt.Fprintln(log, err)
		}
	}
}

// revive waits until the server answers again, and starts it when no process of the former one is left.
func (s *Server) revive(ctx context.Context, log io.Writer) error {
	start, err := s.home.lockStart(ctx, log)
	if err != nil {
		return err
	}
	defer unlock(start)
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errPatience)
	defer cancel()
	return s.home.up(ctx, Options{Durable: s.durable, Log: log})
}

// Close gives the share back, and stops the server if nobody else uses it. It disconnects whoever is still connected
// then. A second Close does nothing and returns what the first did.
func (s *Server) Close() error {
	s.once.Do(func() { s.closed = s.close() })
	return s.closed
}

func (s *Server) close() error {
	ctx, cancel := context.WithTimeoutCause(context.Background(), 2*patience,
		errors.New("another command did not finish starting or stopping PostgreSQL"))
	defer cancel()
	start, err := s.home.lockStart(ctx, io.Discard)
	if err != nil {
		unlock(s.users)
		return err
	}
	defer unlock(start)
	return s.leave()
}

// leave gives the share back and stops the server if it was the last. The caller holds the start lock.
func (s *Server) leave() error {
	defer unlock(s.users)
	alone, err := tryLock(s.users, syscall.LOCK_EX)
	if err != nil || !alone {
		return err
	}
	return s.home.stop()
}
