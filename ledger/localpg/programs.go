package localpg

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"sort"
	"strconv"
	"strings"

	embeddedpostgres "github.com/fergusstrange/embedded-postgres"
)

// minVersion is the oldest PostgreSQL that the schema runs on.
const minVersion = 14

// places is where distributions put PostgreSQL's programs.
var places = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql*/bin",
	"/usr/local/opt/postgresql*/bin", "/usr/libexec/postgresql*", "/usr/bin"}

// errNone says what to do where no PostgreSQL is installed and none can be fetched.
var errNone = errors.New("no PostgreSQL is installed: install it (Debian: apt-get install postgresql; macOS: brew install postgresql@16), or name a server with --database-url")

// findPrograms finds the programs of the cluster's version, or for a new cluster the newest, and fetches them where none are
// installed. log is nil when nothing may be fetched.
func (c *cluster) findPrograms(ctx context.Context, log io.Writer) error {
	installed := installedPrograms(ctx)
	cluster, err := os.ReadFile(filepath.Join(c.data, "PG_VERSION"))
	if err == nil {
		return c.findVersion(installed, strings.TrimSpace(string(cluster)))
	}
	if len(installed) > 0 {
		c.bin = installed[0].dir
		return nil
	}
	if log == nil {
		return errNone
	}
	dir, err := fetch(log)
	if err != nil {
		return errNone
	}
	c.bin = dir
	return nil
}

func (c *cluster) findVersion(installed []programs, version string) error {
	var have []string
	for _, p := range installed {
		if strconv.Itoa(p.version) == version {
			c.bin = p.dir
			return nil
		}
		have = append(have, strconv.Itoa(p.version))
	}
	return fmt.Errorf("the data in %s is of PostgreSQL %s and installed is %s: install version %s, or bring the data over with pg_upgrade, or with pg_dump of version %s and a new --data-dir",
		c.dir, version, strings.Join(append(have, "none")[:max(1, len(have))], " and "), version, version)
}

// programs is a directory with PostgreSQL's programs of a major version.
type programs struct {
	dir     string
	version int
}

// installedPrograms lists what is installed, the newest first. VCLEDGER_PG_BIN names one directory and no other.
func installedPrograms(ctx context.Context) []programs {
	var dirs []string
	if own := os.Getenv("VCLEDGER_PG_BIN"); own != "" {
		dirs = []string{own}
	} else {
		if path, err := exec.LookPath("initdb"); err == nil {
			dirs = append(dirs, filepath.Dir(path))
		}
		for _, place := range append(places, filepath.Join(fetchedDir(), "bin")) {
			if found, err := filepath.Glob(place); err == nil {
				dirs = append(dirs, found...)
			}
		}
	}
	var list []programs
	for _, dir := range dirs {
		if v := versionOf(ctx, dir); v >= minVersion {
			list = append(list, programs{dir, v})
		}
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].version > list[j].version })
	return list
}

// versionForm is what postgres --version prints: "postgres (PostgreSQL) 15.18 (Debian ...)".
var versionForm = regexp.MustCompile(`\(PostgreSQL\) (\d+)`)

// versionOf returns the major version of the programs in a directory, or 0 when a server's programs are not whole.
func versionOf(ctx context.Context, dir string) int {
	for _, name := range []string{"initdb", "pg_ctl"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return 0
		}
	}
	out, err := exec.CommandContext(ctx, filepath.Join(dir, "postgres"), "--version").Output()
	if err != nil {
		return 0
	}
	found := versionForm.FindStringSubmatch(string(out))
	if found == nil {
		return 0
	}
	version, err := strconv.Atoi(found[1])
	if err != nil {
		return 0
	}
	return version
}

// fetchedDir is where fetched programs are kept: where an unprivileged user can run them, also under root.
func fetchedDir() string {
	if os.Geteuid() == 0 {
		return "/var/cache/vcledger/postgresql"
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		dir = os.TempDir()
	}
	return filepath.Join(dir, "vcledger", "postgresql")
}

// fetch downloads the programs. The library also starts a cluster of its own, which as root it cannot; that throw-away
// cluster is in a directory of its own and only the programs are kept.
func fetch(log io.Writer) (string, error) {
	fmt.Fprintln(log, "no PostgreSQL is installed: fetching it")
	dir := fetchedDir()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	scratch, err := os.MkdirTemp("", "vcledger-fetch-")
	if err != nil {
		return "", fmt.Errorf("fetch PostgreSQL: %w", err)
	}
	defer func() { _ = os.RemoveAll(scratch) }() // temporary
	pg := embeddedpostgres.NewDatabase(embeddedpostgres.DefaultConfig().Version(embeddedpostgres.V16).BinariesPath(dir).
		RuntimePath(filepath.Join(scratch, "run")).DataPath(filepath.Join(scratch, "data")).CachePath(scratch).Logger(io.Discard))
	if err := pg.Start(); err == nil {
		if err := pg.Stop(); err != nil {
			return "", fmt.Errorf("stop the throw-away cluster: %w", err)
		}
	}
	bin := filepath.Join(dir, "bin")
	if versionOf(context.Background(), bin) == 0 {
		return "", errNone
	}
	return bin, nil
}
