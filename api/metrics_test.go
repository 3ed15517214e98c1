package api_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// TestMetrics scrapes a server whose books have an unidentified receipt and an overdue pledge.
func TestMetrics(t *testing.T) {
	t.Parallel()
	c := serve(t)
	c.pledged("100.00")
	c.post("/v1/receipts", `{"value_date":"2026-03-01","fund":"CPCJF","amount":{"amount":"7654321.09","currency":"USD"},"payer":"Somebody"}`).want(201)
	c.get("/v1/pledges/" + strings.Repeat("0", 8) + "-0000-0000-0000-000000000000").want(404)
	c.get("/metrics").want(403)
	(&client{t: t, server: c.server, keys: map[ledger.Role]string{}}).get("/metrics").want(401)
	got := c.as(ledger.RoleAuditor).get("/metrics").want(200).body
	for _, line := range []string{`vcledger_requests_total{method="POST",route="/v1/receipts",status="201"} 1`, `vcledger_requests_total{method="GET",route="/v1/pledges/:id",status="404"} 1`,
		"vcledger_postings_total 3", "vcledger_unidentified_receipts 1", "vcledger_overdue_pledges 1", "vcledger_books_up 1", "vcledger_events_waiting 3",
		`vcledger_build_info{version="test"} 1`, "vcledger_database_transactions_max 24", `vcledger_request_duration_seconds_count{route="/v1/receipts"} 1`, "go_goroutines "} {
		if !strings.Contains(got, "\n"+line) {
			t.Errorf("no line %q in\n%s", line, got)
		}
	}
	for _, hidden := range []string{"NLD", "Somebody", "7654321"} {
		if strings.Contains(got, hidden) {
			t.Errorf("the figures name %s", hidden)
		}
	}
	_, oldest, _ := strings.Cut(got, "\nvcledger_unidentified_oldest_seconds ")
	if age := strings.SplitN(oldest, "\n", 2)[0]; age == "0" || age == "" {
		t.Errorf("the oldest is %s seconds old", age)
	}
}

// TestBusy holds the only transaction that a store may have: a write is told to come again, and comes again.
func TestBusy(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	store, err := postgres.Open(t.Context(), url, postgres.Options{Transactions: 1, Patience: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() })
	secret, err := ledgertest.Key(b.Store, "Anna", ledger.RoleOfficer, "")
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(api.New(api.Config{Store: store, Authenticate: b.Authenticate, Version: "test"}))
	t.Cleanup(server.Close)
	c := &client{t: t, server: server, role: ledger.RoleOfficer, keys: map[ledger.Role]string{ledger.RoleOfficer: secret}}
	write := func() answer {
		return c.do(http.MethodPost, "/v1/funds", `{"code":"BUSY","name":"Busy fund"}`, "Idempotency-Key", "busy")
	}
	err = store.Read(t.Context(), ledger.Date{}, time.Time{}, func(*postgres.Snapshot) error {
		if got := write().want(503); got.header.Get("Retry-After") == "" || got.field("type") != "/problems/unavailable" {
			t.Errorf("busy: %v %s", got.header, got.body)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	write().want(201)
}

// TestDatabaseGone asks a server whose database does not answer: each answer is a 503 that says when to come again, and
// readiness says so.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	databaseURL := ledgertest.Database(t)
	store := ledgertest.Open(t, databaseURL)
	server := httptest.NewServer(api.New(api.Config{Store: store, Version: "test",
		Authenticate: func(context.Context, string) (ledger.Actor, error) {
			return ledger.Actor{ID: 1, Role: ledger.RoleOfficer}, nil
		},
		Ready: func(ctx context.Context) error { _, err := store.Migrated(ctx); return err }}))
	t.Cleanup(server.Close)
	c := &client{t: t, server: server, role: ledger.RoleOfficer, keys: map[ledger.Role]string{ledger.RoleOfficer: "key"}}
	c.get("/readyz").want(200)
	name, err := databaseOf(databaseURL)
	if err != nil {
		t.Fatal(err)
	}
	admin := ledgertest.Connect(t, strings.Replace(databaseURL, name, "postgres", 1), "")
	// New connections are refused, and those that there are end.
	admin.MustExec(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS false`)
	admin.MustExec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1`, name)
	for range 3 { // those in the pool break one by one
		for _, a := range []answer{c.get("/v1/funds"), c.post("/v1/funds", `{"code":"GONE","name":"Gone"}`), c.get("/readyz"), c.get("/v1/funds/X/reports/2026")} {
			if a.want(503).header.Get("Retry-After") == "" || strings.Contains(a.body, "pq:") {
				t.Errorf("gone: %v %s", a.header, a.body)
			}
		}
	}
	c.get("/healthz").want(200)
	admin.MustExec(`ALTER DATABASE ` + name + ` ALLOW_CONNECTIONS true`)
	c.get("/readyz").want(200)
	c.get("/v1/funds").want(200)
}

func databaseOf(databaseURL string) (string, error) {
	u, err := url.Parse(databaseURL)
	if err != nil {
		return "", err
	}
	return strings.TrimPrefix(u.Path, "/"), nil
}

// TestTimeout lets a request take no time at all.
func TestTimeout(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	c := impatient(t, b, time.Nanosecond)
	c.get("/v1/funds").want(503)
	c.post("/v1/funds", `{"code":"SLOW","name":"Slow"}`).want(503)
	if _, err := b.Fund(t.Context(), "SLOW"); err == nil {
		t.Error("what was refused is there")
	}
}

// TestTimeoutInDatabase lets requests wait in PostgreSQL for longer than they may take: they were too slow, which is not the same
// as a database that does not answer.
func TestTimeoutInDatabase(t *testing.T) {
	t.Parallel()
	databaseURL := ledgertest.Database(t)
	c := impatient(t, ledgertest.NewBooksOn(t, databaseURL), 500*time.Millisecond)
	tx, err := ledgertest.Connect(t, databaseURL, "").BeginTx(t.Context(), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := tx.ExecContext(t.Context(), `LOCK TABLE fund IN ACCESS EXCLUSIVE MODE`); err != nil {
		t.Fatal(err)
	}
	const late = "The request was not finished in time."
	if got := c.get("/v1/funds").want(503).field("detail"); got != late {
		t.Errorf("a read says %q", got)
	}
	if got := c.post("/v1/funds", `{"code":"SLOW","name":"Slow"}`).want(503).field("detail"); got != late {
		t.Errorf("a write says %q", got)
	}
	if err := tx.Rollback(); err != nil {
		t.Fatal(err)
	}
	c.get("/v1/funds").want(200)
}

// impatient serves books and gives each request so much time.
func impatient(t *testing.T, b *ledgertest.Books, timeout time.Duration) *client {
	t.Helper()
	server := httptest.NewServer(api.New(api.Config{Store: b.Store, Version: "test", Timeout: timeout,
		Authenticate: func(context.Context, string) (ledger.Actor, error) {
			return ledger.Actor{ID: 1, Role: ledger.RoleOfficer}, nil
		}}))
	t.Cleanup(server.Close)
	return &client{t: t, server: server, role: ledger.RoleOfficer, keys: map[ledger.Role]string{ledger.RoleOfficer: "key"}}
}
