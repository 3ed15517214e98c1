package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/localpg"
	"vcledger/ledger/postgres"
)

// pairOf is a primary and its streaming replica, each in a PostgreSQL of its own.
type pairOf struct {
	dir, replicaDir  string
	primary, replica *localpg.Server
}

// newPair starts the two. The primary has a ledger with a fund, a contributor and their books.
func newPair(t *testing.T) (*pairOf, *ledgertest.Books) {
	t.Helper()
	p := &pairOf{dir: openDir(t), replicaDir: openDir(t)}
	p.primary = hasty(t, p.dir)
	if _, err := postgres.Migrate(t.Context(), p.primary.URL()); err != nil {
		t.Fatal(err)
	}
	b := ledgertest.NewBooksOn(t, p.primary.URL())
	copyCluster(t, p.primary, p.dir, p.replicaDir)
	p.replica = hasty(t, p.replicaDir)
	return p, b
}

// hasty starts a PostgreSQL that need not survive the machine.
func hasty(t *testing.T, dir string) *localpg.Server {
	t.Helper()
	return startPostgres(t, localpg.Options{DataDir: dir})
}

// store opens a store that reads from the replica, and patiently: the machine may be busy.
func (p *pairOf) store(t *testing.T, o postgres.ReplicaOptions) *postgres.Store {
	t.Helper()
	if o.URL == "" {
		o.URL = p.replica.URL()
	}
	if o.Wait == 0 {
		o.Wait = 20 * time.Second
	}
	s, err := postgres.Open(t.Context(), p.primary.URL(), postgres.Options{Transactions: 8, Patience: time.Minute, Replica: o})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// pause stops what the replica takes in; the returned function goes on with it.
func (p *pairOf) pause(t *testing.T) (resume func()) {
	t.Helper()
	ask(t, p.replica.URL(), `SELECT pg_wal_replay_pause()`)
	until(t, "the replica stands still", func() bool {
		return ask(t, p.replica.URL(), `SELECT pg_get_wal_replay_pause_state()`) == "paused"
	})
	return func() { ask(t, p.replica.URL(), `SELECT pg_wal_replay_resume()`) }
}

// shown says what a read of a store shows: how many receipts, and on which server.
type shown struct {
	Receipts int
	Replica  bool
}

const showsQuery = `SELECT count(*) AS receipts, pg_is_in_recovery() AS replica FROM receipt`

// look reads twice at the same time, as reports do: both reads show one thing, of one server.
func look(t *testing.T, s *postgres.Store) shown {
	t.Helper()
	var is, beside shown
	err := s.Read(t.Context(), ledger.Date{}, time.Time{}, func(snap *postgres.Snapshot) error {
		return snap.Both(t.Context(), func(ctx context.Context, own *postgres.Snapshot) error { return own.Get(ctx, &is, showsQuery) },
			func(ctx context.Context, other *postgres.Snapshot) error {
				if other == snap {
					t.Error("there was no other connection")
				}
				return other.Get(ctx, &beside, showsQuery)
			})
	})
	if err != nil {
		t.Fatal(err)
	}
	if beside != is {
		t.Fatalf("read %+v, and %+v beside it", is, beside)
	}
	return is
}

// TestReplica reads from a streaming replica while books are written, in parts that leave it fit, and then in those that do not.
func TestReplica(t *testing.T) {
	t.Parallel()
	p, b := newPair(t)
	for _, part := range []struct {
		name string
		test func(*testing.T, *pairOf, *ledgertest.Books)
	}{{"serves", replicaServes}, {"has what was written", replicaHasWhatWasWritten}, {"fails on its way", replicaFailsOnItsWay}, {"is read only when it may", replicaIsReadOnlyWhenItMay},
		{"is of another branch", replicaOfAnotherBranch}, {"is of another cluster", replicaOfAnotherCluster}} {
		if !t.Run(part.name, func(t *testing.T) { part.test(t, p, b) }) {
			return // each goes on where the one before ended
		}
	}
}

// replicaHasWhatWasWritten writes and reads in turn: each read is the replica's and shows the write before it, also where
// commits are acknowledged before they are on disk.
func replicaHasWhatWasWritten(t *testing.T, p *pairOf, b *ledgertest.Books) {
	written := look(t, p.store(t, postgres.ReplicaOptions{})).Receipts
	for _, commits := range []string{"on", "off"} {
		ask(t, p.primary.URL(), `ALTER DATABASE vcledger SET synchronous_commit = `+commits)
		s := p.store(t, postgres.ReplicaOptions{})
		b.Store = s
		for range 25 {
			b.Receipt("1.00 USD", "2026-03-05")
			written++
			if got, want := look(t, s), (shown{Receipts: written, Replica: true}); got != want {
				t.Fatalf("synchronous_commit %s: read %+v after a write, want %+v", commits, got, want)
			}
		}
		if use := s.Use().Replica; use != (postgres.ReplicaUse{Answered: use.Answered}) || use.Answered < 25 {
			t.Errorf("synchronous_commit %s: %+v", commits, use)
		}
	}
	// What one server wrote, the reader of another has.
	other := p.store(t, postgres.ReplicaOptions{})
	b.Receipt("1.00 USD", "2026-03-06")
	if got, want := look(t, other), (shown{Receipts: written + 1, Replica: true}); got != want {
		t.Errorf("read %+v after a write of another server, want %+v", got, want)
	}
}

// replicaIsReadOnlyWhenItMay makes the replica unfit in each way that there is: the primary answers, with everything, and
// the replica again when it is fit again.
func replicaIsReadOnlyWhenItMay(t *testing.T, p *pairOf, b *ledgertest.Books) {
	var away []string
	tell := func(err error) { away = append(away, err.Error()) }
	s := p.store(t, postgres.ReplicaOptions{Wait: 300 * time.Millisecond, Away: tell})
	b.Store = s
	receipts := look(t, s).Receipts
	fit := func(what string) {
		t.Helper()
		until(t, "the replica is read again after "+what, func() bool {
			is := look(t, s)
			if is.Receipts != receipts {
				t.Fatalf("after %s: read %+v, want %d receipts", what, is, receipts)
			}
			return is.Replica
		})
	}
	unfit := func(what, says string) {
		t.Helper()
		told := len(away)
		for range 3 { // which wait once: then the replica is left alone
			receipts++
			b.Receipt("1.00 USD", "2026-03-05")
			if got, want := look(t, s), (shown{Receipts: receipts}); got != want {
				t.Fatalf("%s: read %+v, want %+v", what, got, want)
			}
		}
		if len(away) != told+1 || !strings.Contains(away[told], says) {
			t.Errorf("%s: told %q, want once %q", what, away[told:], says)
		}
	}
	fit("the start")

	resume := p.pause(t)
	unfit("it stands still", "did not come as far")
	if n := ask(t, p.replica.URL(), `SELECT count(*) FROM receipt`); n != strconv.Itoa(receipts-3) {
		t.Errorf("the replica has %s receipts of %d: it did not stand still", n, receipts)
	}
	resume()
	fit("it stood still")

	family := append(children(t, postmaster(t, p.replicaDir)), postmaster(t, p.replicaDir))
	sendAll(t, family, syscall.SIGSTOP)
	unfit("it hangs", "did not come as far")
	sendAll(t, family, syscall.SIGCONT)
	fit("it hung")

	// From here on the replica itself says what is wrong with it, at once or as soon as a busy machine lets it.
	s = p.store(t, postgres.ReplicaOptions{Away: tell})
	b.Store = s
	fit("a patient start")

	killPostgres(t, p.replicaDir)
	until(t, "the replica is gone", func() bool {
		_, err := os.Stat(filepath.Join(p.replicaDir, "pgdata", "postmaster.pid"))
		return err != nil || !reachable(p.replica.URL())
	})
	unfit("it is dead", "connect")
	p.replica = hasty(t, p.replicaDir)
	fit("it was dead")

	ask(t, p.replica.URL(), `SELECT pg_promote()`)
	unfit("it was promoted", "does not follow the primary")
}

// replicaOfAnotherBranch reads with a replica of the one that was promoted: it is of the same cluster, and its positions
// are beyond the primary's, but of another history.
func replicaOfAnotherBranch(t *testing.T, p *pairOf, b *ledgertest.Books) {
	until(t, "the replica has its new branch", func() bool { return ask(t, p.replica.URL(), `SELECT pg_is_in_recovery()`) == "false" })
	ask(t, p.replica.URL(), `CHECKPOINT`)
	branch := openDir(t)
	copyCluster(t, p.replica, p.replicaDir, branch)
	other := hasty(t, branch)
	ask(t, p.replica.URL(), `SELECT pg_switch_wal()`)
	b.Store = p.store(t, postgres.ReplicaOptions{URL: other.URL()})
	before := look(t, b.Store).Receipts
	b.Receipt("1.00 USD", "2026-03-05")
	until(t, "the branch is further than the primary", func() bool {
		return ask(t, other.URL(), `SELECT pg_last_wal_replay_lsn() > '`+ask(t, p.primary.URL(), `SELECT pg_current_wal_lsn()`)+`'`) == "true"
	})
	var why error
	s := p.store(t, postgres.ReplicaOptions{URL: other.URL(), Away: func(err error) { why = err }})
	if got, want := look(t, s), (shown{Receipts: before + 1}); got != want {
		t.Errorf("read %+v, want %+v", got, want)
	}
	if why == nil || !strings.Contains(why.Error(), "before a promotion") {
		t.Errorf("told %v", why)
	}
}

// replicaOfAnotherCluster reads with a standby that is as far as the primary, and of another one.
func replicaOfAnotherCluster(t *testing.T, p *pairOf, b *ledgertest.Books) {
	dir := openDir(t)
	stranger, err := localpg.Start(t.Context(), localpg.Options{DataDir: dir})
	if err != nil {
		t.Fatal(err)
	}
	_, err = postgres.Migrate(t.Context(), stranger.URL())
	reached := `SELECT pg_switch_wal() > '` + ask(t, p.primary.URL(), `SELECT pg_current_wal_lsn()`) + `'`
	until(t, "the stranger is as far as the primary", func() bool {
		ask(t, stranger.URL(), `SELECT pg_logical_emit_message(false, 'far', 'ther')`)
		return ask(t, stranger.URL(), reached) == "true"
	})
	if err := errors.Join(err, stranger.Close(), os.WriteFile(filepath.Join(dir, "pgdata", "standby.signal"), nil, 0o644)); err != nil {
		t.Fatal(err)
	}
	var why error
	s := p.store(t, postgres.ReplicaOptions{URL: hasty(t, dir).URL(), Away: func(err error) { why = err }})
	b.Store = s
	b.Receipt("1.00 USD", "2026-03-05")
	if is := look(t, s); is.Replica || is.Receipts == 0 {
		t.Errorf("read %+v", is)
	}
	if why == nil || !strings.Contains(why.Error(), "another cluster") {
		t.Errorf("told %v", why)
	}
}

// replicaFailsOnItsWay breaks the connection to the replica in the middle of a read: it is read again from the primary,
// whole, unless part of it was handed on.
func replicaFailsOnItsWay(t *testing.T, p *pairOf, b *ledgertest.Books) {
	s := p.store(t, postgres.ReplicaOptions{})
	var at []bool
	breaks := func(snap *postgres.Snapshot) error {
		var is shown
		if err := snap.Get(t.Context(), &is, showsQuery); err != nil {
			return err
		}
		if at = append(at, is.Replica); is.Replica {
			var ended bool
			return snap.Get(t.Context(), &ended, `SELECT pg_terminate_backend(pg_backend_pid())`)
		}
		return nil
	}
	if err := s.Read(t.Context(), ledger.Date{}, time.Time{}, breaks); err != nil || fmt.Sprint(at) != "[true false]" {
		t.Errorf("read at the replica: %v: %v", at, err)
	}
	at = nil
	if err := s.Stream(t.Context(), ledger.Date{}, time.Time{}, breaks); err == nil || fmt.Sprint(at) != "[true]" {
		t.Errorf("streamed at the replica: %v: %v", at, err)
	}
	// What the books say is not asked twice, and what nobody waits for is not either.
	for _, answer := range []error{ledger.Fail(ledger.RuleNotFound, "It is not there."), context.Canceled} {
		ctx, cancel := context.WithCancel(t.Context())
		calls := 0
		err := s.Read(ctx, ledger.Date{}, time.Time{}, func(*postgres.Snapshot) error {
			if calls++; errors.Is(answer, context.Canceled) {
				cancel()
			}
			return answer
		})
		cancel()
		if calls != 1 || !errors.Is(err, answer) {
			t.Errorf("%v: called %d times, %v", answer, calls, err)
		}
	}
	if use := s.Use().Replica; use.Failed != 1 || use.Missed != 0 {
		t.Errorf("%+v", use)
	}
}

// replicaServes serves a donor and an officer with a replica that stands still and goes on: the donor's statement has
// what the officer was told is booked, at once, in the same bytes from either server, and no write went to the replica.
func replicaServes(t *testing.T, p *pairOf, b *ledgertest.Books) {
	officer, err := ledgertest.Key(b.Store, "Anna", ledger.RoleOfficer, "")
	if err != nil {
		t.Fatal(err)
	}
	donor, err := ledgertest.Key(b.Store, "Mission", ledger.RoleDonor, "NLD")
	if err != nil {
		t.Fatal(err)
	}
	metrics := freeAddress(t)
	address, log, stop := started(t, "--database-url", p.primary.URL(), "--database-replica-url", p.replica.URL(), "--replica-wait", "1s", "--metrics-addr", metrics)
	alone, _, stopAlone := started(t, "--database-url", p.primary.URL())
	get := func(url, key string) (body string, etag string) {
		t.Helper()
		r, err := http.NewRequest(http.MethodGet, url, http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+key)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		read, err := io.ReadAll(res.Body)
		if err != nil || res.StatusCode != http.StatusOK {
			t.Fatalf("%s: %d %s %v", url, res.StatusCode, read, err)
		}
		return string(read), res.Header.Get("ETag")
	}
	outcome := func(name string) int {
		t.Helper()
		body, _ := get("http://"+metrics+"/metrics", "")
		_, rest, _ := strings.Cut(body, `vcledger_replica_reads_total{outcome="`+name+`"} `)
		line, _, _ := strings.Cut(rest, "\n")
		n, err := strconv.Atoi(line)
		if err != nil {
			t.Fatalf("no figure of what was %s:\n%s", name, body)
		}
		return n
	}
	const path = "/v1/contributors/NLD/statement?from=2026-01-01&to=2026-12-31"
	book := func(n int) {
		t.Helper()
		status, answer, _ := send(http.DefaultClient, "http://"+address+"/v1/receipts", officer, fmt.Sprint("r", n),
			fmt.Sprintf(`{"value_date":"2026-03-05","bank_reference":"R-%d","contributor":"NLD","fund":"CPCJF","amount":{"amount":"1.00","currency":"USD"}}`, n))
		if status != http.StatusCreated {
			t.Fatalf("%d %s", status, answer)
		}
		var receipt struct {
			RecordedAt time.Time `json:"recorded_at"`
		}
		var statement struct {
			KnownAt  time.Time `json:"known_at"`
			Receipts []any     `json:"receipts"`
		}
		body, _ := get("http://"+address+path, donor)
		if err := errors.Join(json.Unmarshal(answer, &receipt), json.Unmarshal([]byte(body), &statement)); err != nil {
			t.Fatal(err)
		}
		if len(statement.Receipts) != n || statement.KnownAt.Before(receipt.RecordedAt) || receipt.RecordedAt.IsZero() {
			t.Errorf("%d receipts of %d, as known at %s; the last was recorded at %s", len(statement.Receipts), n, statement.KnownAt, receipt.RecordedAt)
		}
	}
	for n := range 10 {
		book(n + 1)
	}
	if n := outcome("answered"); n < 10 || outcome("missed") != 0 {
		t.Errorf("the replica answered %d reads and %d went by it", n, outcome("missed"))
	}
	at := "&known_at=" + time.Now().UTC().Format(time.RFC3339Nano)
	for _, format := range []string{"json", "csv", "pdf"} {
		here, etag := get("http://"+address+path+at+"&format="+format, donor)
		there, other := get("http://"+alone+path+at+"&format="+format, donor)
		if here != there || etag != other || etag == "" {
			t.Errorf("%s: the replica and the primary give other bytes (%s, %s)", format, etag, other)
		}
	}
	if n := outcome("answered"); n < 13 {
		t.Errorf("the replica answered %d reads", n)
	}
	resume := p.pause(t)
	book(11)
	if outcome("missed") == 0 {
		t.Error("a replica that stands still was read")
	}
	resume()
	if status, answer, _ := send(http.DefaultClient, "http://"+address+"/v1/questions", donor, "q1", `{"text":"Which one is the last?"}`); status != http.StatusCreated {
		t.Errorf("a donor's question: %d %s", status, answer)
	}
	if n := ask(t, p.primary.URL(), `SELECT count(*) FROM question`); n != "1" {
		t.Errorf("the primary has %s questions", n)
	}
	if code := stop(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	if code := stopAlone(); code != 0 {
		t.Errorf("serve ended with %d", code)
	}
	if n := strings.Count(log.String(), "reads go to the primary"); n != 1 {
		t.Errorf("told %d times that the replica was not read:\n%s", n, log)
	}
	said, err := os.ReadFile(filepath.Join(p.replicaDir, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(said), "ERROR") {
		t.Errorf("the replica was asked for what it cannot do:\n%s", said)
	}
}

// reachable reports whether a server takes connections.
func reachable(url string) bool {
	s, err := postgres.Open(context.Background(), url, postgres.DefaultOptions)
	if err == nil {
		_ = s.Close()
	}
	return err == nil
}

// children returns the processes that a process started.
func children(t *testing.T, parent int) (list []int) {
	t.Helper()
	entries, err := filepath.Glob("/proc/[0-9]*/stat")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(e)
		if err != nil {
			continue // it has ended
		}
		_, rest, _ := strings.Cut(string(data), ") ")
		fields := strings.Fields(rest)
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(e)))
		if err != nil {
			t.Fatal(err)
		}
		if len(fields) > 1 && fields[1] == strconv.Itoa(parent) {
			list = append(list, pid)
		}
	}
	return list
}

// sendAll sends processes a signal, those that are there.
func sendAll(t *testing.T, list []int, s syscall.Signal) {
	t.Helper()
	for _, pid := range list {
		if err := syscall.Kill(pid, s); err != nil && !errors.Is(err, syscall.ESRCH) {
			t.Fatal(err)
		}
	}
}
