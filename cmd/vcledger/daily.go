package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"time"
)

// The private PostgreSQL has nobody who looks after it, so the server itself makes a backup of it each day. It is named by
// its day, so that two servers that share the database make one, and only a whole file has the name.

const (
	backupPrefix = "vcledger-"
	backupSuffix = ".ndjson.gz"
)

// retryBackup is how long the server waits after a backup that failed.
const retryBackup = time.Hour

// daily makes a backup each day.
type daily struct {
	url, dir string
	seal     func(context.Context) error // what was posted before a backup is in its last checkpoint
	keep     int                         // files that stay
	log      *slog.Logger
}

// keep looks after the private database until the returned function is called: it is started again when it was killed, and
// backed up each day unless no backups are to be kept.
func keep(ctx context.Context, d *database, seal func(context.Context) error, backups int, log *slog.Logger, stderr io.Writer) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var jobs sync.WaitGroup
	jobs.Go(func() { d.local.Watch(ctx, stderr) })
	if backups > 0 {
		jobs.Go(func() { daily{url: d.url, dir: d.local.Backups(), seal: seal, keep: backups, log: log}.run(ctx) })
	}
	return func() {
		cancel()
		jobs.Wait()
	}
}

// run makes backups until the context ends. A failed one is told in the log and tried again.
func (d daily) run(ctx context.Context) {
	for {
		wait := retryBackup
		next, err := d.make(ctx, time.Now().UTC())
		if err == nil {
			wait = time.Until(next)
		} else if ctx.Err() == nil {
			d.log.Error("the daily backup failed", "dir", d.dir, "error", err)
		}
		timer := time.NewTimer(wait)
		select {
		case <-ctx.Done():
			timer.Stop()
			return
		case <-timer.C:
		}
	}
}

// make makes the backup of a day unless it is there, removes what is beyond the number to keep, and returns when the next
// day begins.
func (d daily) make(ctx context.Context, now time.Time) (next time.Time, err error) {
	today := now.Truncate(24 * time.Hour)
	if err := os.MkdirAll(d.dir, 0o700); err != nil {
		return time.Time{}, err
	}
	file := filepath.Join(d.dir, backupPrefix+today.Format(time.DateOnly)+backupSuffix)
	if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
		if err := d.seal(ctx); err != nil {
			return time.Time{}, err
		}
		rows := int64(0)
		err := writeWhole(file, func(w io.Writer) error {
			a, err := writeBackup(ctx, d.url, w, nil)
			if err == nil {
				rows = a.Rows()
			}
			return err
		})
		if err != nil {
			return time.Time{}, err
		}
		d.log.Info("backup", "file", file, "rows", rows)
	} else if err != nil {
		return time.Time{}, err
	}
	return today.Add(24 * time.Hour), d.prune()
}

// prune removes the oldest backups; their names are in the order of their days.
func (d daily) prune() error {
	files, err := filepath.Glob(filepath.Join(d.dir, backupPrefix+"????-??-??"+backupSuffix))
	if err != nil {
		return err
	}
	parts, err := filepath.Glob(filepath.Join(d.dir, ".vcledger-*"))
	if err != nil {
		return err
	}
	for _, part := range parts { // what a server left that was killed; a younger one may be another server's that writes it now
		if info, err := os.Stat(part); err == nil && time.Since(info.ModTime()) > 24*time.Hour {
			if err := os.Remove(part); err != nil && !errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("remove a half-made backup: %w", err)
			}
		}
	}
	for i := range len(files) - d.keep {
		if err := os.Remove(files[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove an old backup: %w", err)
		}
	}
	return nil
}
