package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
)

// errRefused is an answer of a server that has too much to do.
var errRefused = errors.New("refused")

// The measurements that others are set against.
const (
	floorWork   = "floor: four statements by hand"
	receiptWork = "receipt"
)

// work is something to measure.
type work struct {
	name   string
	posts  bool // one entry each time
	client func() (func(ctx context.Context) error, func() error)
}

// work returns everything that is measured, the floor first.
func (b *bench) work(url, secret string) []work {
	var sent atomic.Int64
	post := func() (string, string) {
		p := b.pledges[int(sent.Add(1))%len(b.pledges)]
		return "/v1/receipts", fmt.Sprintf(`{"bank_reference":%q,"value_date":"2025-12-01","amount":{"amount":"0.10","currency":%q},
			"usd_amount":{"amount":"0.14","currency":"USD"},"allocations":[{"pledge":%q,"amount":{"amount":"0.10","currency":%[2]q}}]}`, uuid.NewString(), p.Currency, p.ID)
	}
	get := func(path string) func() (string, string) { return func() (string, string) { return path, "" } }
	return []work{
		{floorWork, true, b.floorClient},
		{receiptWork, true, caller(url, secret, post)},
		{"statement, json", false, caller(url, secret, get("/v1/contributors/C7/statement?from=2025-01-01&to=2025-12-31"))},
		{"statement, pdf", false, caller(url, secret, get("/v1/contributors/C7/statement?from=2025-01-01&to=2025-12-31&format=pdf"))},
		{"fund report", false, caller(url, secret, get("/v1/funds/F3/reports/2025"))},
		{"list of receipts", false, caller(url, secret, get("/v1/receipts?limit=50"))},
		{"journal of a contributor", false, caller(url, secret, get("/v1/journal?contributor=C7&limit=50"))},
		{"trial balance as of 2020", false, caller(url, secret, get("/v1/trial-balance?as_of=2020-12-31"))},
	}
}

// caller returns clients that ask over HTTP, each on a connection of its own. With a body it is a POST under a new key.
func caller(url, secret string, next func() (path, body string)) func() (func(context.Context) error, func() error) {
	return func() (func(context.Context) error, func() error) {
		transport := &http.Transport{MaxIdleConnsPerHost: 1}
		client := &http.Client{Transport: transport}
		ask := func(ctx context.Context) error {
			path, body := next()
			method := http.MethodGet
			if body != "" {
				method = http.MethodPost
			}
			request, err := http.NewRequestWithContext(ctx, method, url+path, strings.NewReader(body))
			if err != nil {
				return err
			}
			request.Header.Set("Authorization", "Bearer "+secret)
			if body != "" {
				request.Header.Set("Content-Type", "application/json")
				request.Header.Set("Idempotency-Key", uuid.NewString())
			}
			answer, err := client.Do(request)
			if err != nil {
				return err
			}
			defer answer.Body.Close()
			text, err := io.ReadAll(answer.Body)
			switch {
			case err != nil:
				return err
			case answer.StatusCode == http.StatusTooManyRequests || answer.StatusCode == http.StatusServiceUnavailable || answer.StatusCode == http.StatusConflict:
				return errRefused
			case answer.StatusCode >= 300:
				return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, text)
			}
			return nil
		}
		return ask, func() error { transport.CloseIdleConnections(); return nil }
	}
}

// floorClient inserts the rows of a receipt by hand: four round trips with prepared statements, and no rule.
func (b *bench) floorClient() (func(context.Context) error, func() error) {
	ctx := context.Background()
	conn, err := b.owner.Connx(ctx)
	if err != nil {
		return func(context.Context) error { return err }, func() error { return nil }
	}
	head, errHead := conn.PrepareContext(ctx, `INSERT INTO floor.transaction (id, key, effective_date, reference) VALUES ($1, $2, '2025-12-01', $3)`)
	lines, errLines := conn.PrepareContext(ctx, `
		INSERT INTO floor.line (transaction_id, number, account, pledge_id, effective_date, currency, amount, amount_usd)
		VALUES ($1, 1, '1010', NULL, '2025-12-01', 'EUR', 0.10, 0.14), ($1, 2, '1200', $2, '2025-12-01', 'EUR', -0.10, -0.13),
		    ($1, 3, '4910', $2, '2025-12-01', 'USD', -0.01, -0.01)`)
	if err := errors.Join(errHead, errLines); err != nil {
		return func(context.Context) error { return err }, conn.Close
	}
	insert := func(ctx context.Context) error {
		id, err := uuid.NewV7()
		if err != nil {
			return err
		}
		t, err := conn.BeginTx(ctx, nil)
		if err != nil {
			return err
		}
		if _, err := t.StmtContext(ctx, head).ExecContext(ctx, id, uuid.NewString(), uuid.NewString()); err != nil {
			return errors.Join(err, t.Rollback())
		}
		if _, err := t.StmtContext(ctx, lines).ExecContext(ctx, id, uuid.New()); err != nil {
			return errors.Join(err, t.Rollback())
		}
		return t.Commit()
	}
	return insert, func() error { return errors.Join(head.Close(), lines.Close(), conn.Close()) }
}

// measure lets the clients work for the span, each beginning anew as soon as it is answered. What began in time counts.
func (b *bench) measure(ctx context.Context, w work, clients int) (m benchMeasure, err error) {
	if len(b.pledges) == 0 {
		return m, errors.New("the ledger has no pledge to pay")
	}
	took, refused, failed := make([][]time.Duration, clients), make([]int, clients), make([]error, clients)
	asks := make([]func(context.Context) error, clients)
	for i := range clients {
		ask, end := w.client()
		defer func() { err = errors.Join(err, end()) }()
		asks[i] = ask
		if err := ask(ctx); err != nil && !errors.Is(err, errRefused) { // prepares the statements
			return m, fmt.Errorf("%s: %w", w.name, err)
		}
	}
	before, err := b.consumed(ctx)
	if err != nil {
		return m, err
	}
	began := time.Now()
	var all sync.WaitGroup
	for i := range clients {
		all.Go(func() {
			for time.Since(began) < b.span && failed[i] == nil {
				start := time.Now()
				switch err := asks[i](ctx); {
				case errors.Is(err, errRefused):
					refused[i]++
				case err != nil:
					failed[i] = fmt.Errorf("%s: %w", w.name, err)
				default:
					took[i] = append(took[i], time.Since(start))
				}
			}
		})
	}
	all.Wait()
	elapsed := time.Since(began)
	after, err := b.consumed(ctx)
	if err := errors.Join(append(failed, err)...); err != nil {
		return m, err
	}
	list := slices.Concat(took...)
	slices.Sort(list)
	m = benchMeasure{Name: w.name, Clients: clients, Done: len(list), P50: percentile(list, 50), P95: percentile(list, 95), P99: percentile(list, 99),
		PerSecond: int64(len(list)) * int64(time.Second) / int64(elapsed),
		CPU:       (after.cpu - before.cpu).Milliseconds() * 100 / max(1, elapsed.Milliseconds()), PostgresCPU: (after.postgresCPU - before.postgresCPU).Milliseconds() * 100 / max(1, elapsed.Milliseconds()),
		Memory: after.memory, PostgresMemory: after.postgresMemory}
	for _, n := range refused {
		m.Refused += n
	}
	if w.posts && len(list) > 0 {
		m.Bytes = (after.disk - before.disk) / int64(len(list))
	}
	return m, nil
}

// percentile returns how many microseconds p in a hundred of a sorted list stay within.
func percentile(sorted []time.Duration, p int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*p+99)/100-1].Microseconds()
}
