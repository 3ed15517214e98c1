package localpg

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// oldest is the first PostgreSQL that the ledger's migrations run on.
const oldest = 14

// binEnv names the directory of the binaries to use, whatever else is installed.
const binEnv = "VCLEDGER_PG_BIN"

// installed lists where systems put PostgreSQL outside PATH: Debian and its kin, Red Hat and its kin, Homebrew.
var installed = []string{
	"/usr/lib/postgresql/*/bin",
	"/usr/pgsql-*/bin",
	"/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin",
}

// binaries is one PostgreSQL that the account can run.
type binaries struct {
	dir          string
	major, minor int
}

var versionLine = regexp.MustCompile(`\(PostgreSQL\) (\d+)(?:\.(\d+))?`)

// findBinaries returns the newest PostgreSQL for the account; with a major version, the newest of that. If there is none
// at all it is fetched.
func findBinaries(ctx context.Context, a account, dir, major string, log io.Writer) (binaries, error) {
	found, err := listBinaries(ctx, a)
	if err != nil {
		return binaries{}, err
	}
	if len(found) == 0 {
		return fetch(ctx, a, major, log)
	}
	if major == "" {
		return found[0], nil
	}
	var others []string
	for _, b := range found {
		if strconv.Itoa(b.major) == major {
			return b, nil
		}
		others = append(others, strconv.Itoa(b.major))
	}
	return binaries{}, fmt.Errorf("%s was written by PostgreSQL %s, but PostgreSQL %s is what is found here: install PostgreSQL %s, "+
		"or upgrade the data with pg_upgrade, or dump it with PostgreSQL %s and restore the dump into a new --data-dir",
		dir, major, strings.Join(slices.Compact(others), " and "), major, major)
}

// listBinaries returns what the account can run, newest first. Where binEnv names a directory, that must be good.
func listBinaries(ctx context.Context, a account) ([]binaries, error) {
	if dir := os.Getenv(binEnv); dir != "" {
		b, err := a.inspect(ctx, dir)
		if err != nil {
			return nil, fmt.Errorf("%s=%s: %w", binEnv, dir, err)
		}
		return []binaries{b}, nil
	}
	var dirs []string
	if out, err := exec.CommandContext(ctx, "pg_config", "--bindir").Output(); err == nil {
		dirs = append(dirs, strings.TrimSpace(string(out)))
	}
	for _, name := range []string{"postgres", "initdb"} {
		if path, err := exec.LookPath(name); err == nil {
			if path, err = filepath.EvalSymlinks(path); err == nil {
				dirs = append(dirs, filepath.Dir(path))
			}
		}
	}
	patterns := installed
	if cache, err := cacheDir(); err == nil {
		patterns = append(slices.Clone(patterns), filepath.Join(cache, "postgresql-*", "bin"))
	}
	for _, pattern := range patterns {
		matches, err := filepath.Glob(pattern)
		if err != nil {
			return nil, fmt.Errorf("look for PostgreSQL in %s: %w", pattern, err)
		}
		dirs = append(dirs, matches...)
	}
	slices.Sort(dirs)
	var found []binaries
	for _, dir := range slices.Compact(dirs) {
		if b, err := a.inspect(ctx, dir); err == nil { // clients alone, too old, or not for this account to run
			found = append(found, b)
		}
	}
	if ctx.Err() != nil {
		return nil, context.Cause(ctx)
	}
	slices.SortStableFunc(found, func(x, y binaries) int {
		return cmp.Or(cmp.Compare(y.major, x.major), cmp.Compare(y.minor, x.minor))
	})
	return found, nil
}

// inspect reports on the PostgreSQL in a directory, which must have a server and initdb that the account can run.
func (a account) inspect(ctx context.Context, dir string) (binaries, error) {
	if _, err := os.Stat(filepath.Join(dir, "initdb")); err != nil {
		return binaries{}, err
	}
	out, err := a.command(ctx, filepath.Join(dir, "postgres"), "-V").Output()
	if err != nil {
		return binaries{}, fmt.Errorf("run postgres -V as %v: %w", a, err)
	}
	match := versionLine.FindStringSubmatch(string(out))
	if match == nil {
		return binaries{}, errors.New("postgres -V does not say its version")
	}
	b := binaries{dir: dir}
	b.major, _ = strconv.Atoi(match[1])
	b.minor, _ = strconv.Atoi(match[2]) // a beta has none
	if b.major < oldest {
		return binaries{}, fmt.Errorf("PostgreSQL %d is too old: %d or newer is needed", b.major, oldest)
	}
	return b, nil
}
