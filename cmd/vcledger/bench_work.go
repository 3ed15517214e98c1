package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	"vcledger/api"
)

// refusal is an answer of a server that has too much to do, with what it says of it.
type refusal string

// Error returns what the server says.
func (r refusal) Error() string { return string(r) }

// The measurements that are set against others.
const (
	receiptWork   = "receipt"
	batchWork     = "batch of receipts"
	importWork    = "import of a register"
	statementJSON = "statement, json"
	listWork      = "list of receipts"
	largestReport = "report of a fund with half the lines"
)

// work is something to measure.
type work struct {
	name     string
	receipts int                                                            // that one request posts
	client   func(i, n int) (func(ctx context.Context) error, func() error) // i of n, from zero
}

// payerSlots is how many clients begin at pledges of their own.
const payerSlots = 32

// payer returns the pledges that one client pays, all of them in turn, beginning where no other client does: a donor pays a pledge
// in a receipt or a few.
func (b *bench) payer() func() benchPledge {
	n := int(b.payers.Add(1)) % payerSlots * max(1, len(b.pledges)/payerSlots)
	return func() benchPledge {
		n++
		return b.pledges[n%len(b.pledges)]
	}
}

// share returns the pledges that client i of n pays, each n-th one in turn: the imports of different officers do not pay the same
// pledges.
func (b *bench) share(i, n int) func() benchPledge {
	next := i
	return func() benchPledge {
		p := b.pledges[next%len(b.pledges)]
		if next += n; next >= len(b.pledges) {
			next = i
		}
		return p
	}
}

// receipt returns the fields of a receipt that pays some of a pledge at another rate than it was agreed at.
func receipt(p benchPledge) string {
	return fmt.Sprintf(`"bank_reference":%q,"value_date":"2025-12-01","amount":{"amount":"0.10","currency":%q},
		"usd_amount":{"amount":"0.14","currency":"USD"},"allocations":[{"pledge":%q,"amount":{"amount":"0.10","currency":%[2]q}}]`, uuid.NewString(), p.Currency, p.ID)
}

// posts returns what posts receipts one by one and in batches.
func (b *bench) posts(url, secret string) (post, batch work) {
	one := func(int, int) func() (string, string) {
		next := b.payer()
		return func() (string, string) { return "/v1/receipts", "{" + receipt(next()) + "}" }
	}
	many := func(i, n int) func() (string, string) {
		next := b.share(i, n)
		return func() (string, string) {
			list := make([]string, b.batch)
			for i := range list {
				list[i] = fmt.Sprintf(`{"key":%q,%s}`, uuid.NewString(), receipt(next()))
			}
			return "/v1/receipts/batch", `{"receipts":[` + strings.Join(list, ",") + "]}"
		}
	}
	return work{receiptWork, 1, caller(url, secret, one)}, work{batchWork, b.batch, caller(url, secret, many)}
}

// reads returns what reads the ledger.
func (b *bench) reads(url, secret string) []work {
	get := func(path string) func(int, int) func() (string, string) {
		return func(int, int) func() (string, string) { return func() (string, string) { return path, "" } }
	}
	return []work{
		{statementJSON, 0, caller(url, secret, get("/v1/contributors/C7/statement?from=2025-01-01&to=2025-12-31"))},
		{"statement, pdf", 0, caller(url, secret, get("/v1/contributors/C7/statement?from=2025-01-01&to=2025-12-31&format=pdf"))},
		{"fund report", 0, caller(url, secret, get("/v1/funds/F3/reports/2025"))},
		{largestReport, 0, caller(url, secret, get("/v1/funds/GEN/reports/2025"))},
		{listWork, 0, caller(url, secret, get("/v1/receipts?limit=50"))},
		{"journal of a contributor", 0, caller(url, secret, get("/v1/journal?contributor=C7&limit=50"))},
		{"trial balance as of 2020", 0, caller(url, secret, get("/v1/trial-balance?as_of=2020-12-31"))},
	}
}

// caller returns clients that ask over HTTP, each on a connection of its own. With a body it is a POST under a new key.
func caller(url, secret string, asks func(i, n int) func() (path, body string)) func(int, int) (func(context.Context) error, func() error) {
	return func(i, n int) (func(context.Context) error, func() error) {
		transport := &http.Transport{MaxIdleConnsPerHost: 1}
		client := &http.Client{Transport: transport}
		next := asks(i, n)
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
				var problem api.Problem
				if err := json.Unmarshal(text, &problem); err != nil {
					return fmt.Errorf("%s %s: %s: %w", method, path, answer.Status, err)
				}
				return refusal(answer.Status + ": " + problem.Detail)
			case answer.StatusCode >= 300:
				return fmt.Errorf("%s %s: %s: %s", method, path, answer.Status, text)
			}
			return nil
		}
		return ask, func() error { transport.CloseIdleConnections(); return nil }
	}
}

// measure lets the clients work for the span, each beginning anew as soon as it is answered. What began in time counts.
func (b *bench) measure(ctx context.Context, w work, clients int) (m benchMeasure, err error) {
	if len(b.pledges) == 0 {
		return m, errors.New("the ledger has no pledge to pay")
	}
	took, refused, failed := make([][]time.Duration, clients), make([][]refusal, clients), make([]error, clients)
	asks := make([]func(context.Context) error, clients)
	for i := range clients {
		ask, end := w.client(i, clients)
		defer func() { err = errors.Join(err, end()) }()
		asks[i] = ask
	}
	if err := warm(ctx, asks); err != nil {
		return m, fmt.Errorf("%s: %w", w.name, err)
	}
	if err := b.rest(ctx); err != nil {
		return m, err
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
				var no refusal
				switch err := asks[i](ctx); {
				case errors.As(err, &no):
					refused[i] = append(refused[i], no)
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
	share := func(d time.Duration) int64 { return d.Milliseconds() * 100 / max(1, elapsed.Milliseconds()) }
	m = benchMeasure{Name: w.name, Clients: clients, Done: len(list), Each: max(1, w.receipts), P50: percentile(list, 50), P95: percentile(list, 95), P99: percentile(list, 99),
		PerSecond:  perSecond(len(list)*max(1, w.receipts), elapsed),
		ClientsCPU: share(after.clients - before.clients), ServerCPU: share(after.server - before.server), PostgresCPU: share(after.postgres - before.postgres),
		ServerMemory: after.serverMemory, PostgresMemory: after.postgresMemory}
	for _, d := range list {
		m.Mean += d.Microseconds()
	}
	m.Mean /= int64(max(1, len(list)))
	for _, no := range slices.Concat(refused...) {
		m.refuse(no)
	}
	if w.receipts > 0 && len(list) > 0 {
		m.Bytes = (after.disk - before.disk) / int64(len(list)*w.receipts)
	}
	return m, nil
}

// warm lets all clients ask once and at the same time, so that connections are open and statements prepared.
func warm(ctx context.Context, asks []func(context.Context) error) error {
	failed := make([]error, len(asks))
	var all sync.WaitGroup
	for i, ask := range asks {
		all.Go(func() {
			if err := ask(ctx); !errors.As(err, new(refusal)) {
				failed[i] = err
			}
		})
	}
	all.Wait()
	return errors.Join(failed...)
}

// rest waits until what was posted before is sealed and on disk, so that a measurement does not pay for the one before it.
func (b *bench) rest(ctx context.Context) error {
	if err := b.store.Seal(ctx); err != nil {
		return err
	}
	if _, err := b.owner.ExecContext(ctx, "CHECKPOINT"); err != nil {
		return fmt.Errorf("write to disk: %w", err)
	}
	return nil
}

// percentile returns how many microseconds p in a hundred of a sorted list stay within.
func percentile(sorted []time.Duration, p int) int64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[(len(sorted)*p+99)/100-1].Microseconds()
}

// importSpan is how many receipts a register has for each second that a measurement takes.
const importSpan = 4000

// measureImport imports a register of receipts, by the command in a process of its own.
func (b *bench) measureImport(ctx context.Context) (m benchMeasure, err error) {
	program, err := os.Executable()
	if err != nil {
		return m, fmt.Errorf("find the program: %w", err)
	}
	rows := max(100, int(b.span*importSpan/time.Second))
	text := []byte("event,contribution,contributor,kind,fund,year,date,currency,amount,usd_amount\n")
	for i := range rows {
		text = fmt.Appendf(text, "receipt,B-%d,Contributor %d,private,GEN,2025,2025-12-01,EUR,0.10,0.14\n", i, i%3*4+4)
	}
	file := filepath.Join(b.dir, "register.csv")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return m, fmt.Errorf("write the register: %w", err)
	}
	before, err := b.consumed(ctx)
	if err != nil {
		return m, err
	}
	began := time.Now()
	c := exec.CommandContext(ctx, program, "import", "register", file, "--data-dir", b.dir)
	c.Env = b.environment()
	if out, err := c.CombinedOutput(); err != nil {
		return m, fmt.Errorf("%s: %w: %s", importWork, err, out)
	}
	took := time.Since(began)
	after, err := b.consumed(ctx)
	if err != nil {
		return m, err
	}
	return benchMeasure{Name: importWork, Clients: 1, Done: rows, Each: 1, PerSecond: perSecond(rows, took), Mean: took.Microseconds() / int64(rows),
		Bytes: (after.disk - before.disk) / int64(rows)}, nil
}
