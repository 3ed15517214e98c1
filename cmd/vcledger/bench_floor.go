package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"
	"github.com/shopspring/decimal"
)

// The floors: what the same PostgreSQL does with rows that were put together by hand, without the service and without a rule.
const (
	floorWork     = "floor: the rows of a receipt, one by one"
	statementWork = "floor: the rows of a receipt, one statement"
	bulkWork      = "floor: the rows of a batch, one statement"
	leastWork     = "least: a double entry, one statement"
	pgbenchWork   = "least: the same by pgbench"
)

// floorRows insert the rows of a receipt that pays a pledge at another rate, into tables of the schema floor: $1 id of the
// entry, $2 key, $3 id of the receipt, $4 pledge, $5 id of the allocation, $6 what the answer takes, $7 hash of the request.
var floorRows = []string{
	`INSERT INTO floor.idempotency_key (actor_id, key, request_hash, status, location, body)
	 VALUES (1, $2::text, $7::bytea, 201, '/v1/receipts/' || $3::text, $6::text)`,
	`INSERT INTO floor.audit (request_id, actor_id, address, operation, outcome, record)
	 VALUES ($1::uuid, 1, '127.0.0.1', 'record-receipt', 'done', '/v1/receipts/' || $3::text)`,
	`INSERT INTO floor.receipt (id, bank_account, bank_reference, value_date, fund, fund_year, currency, amount, amount_usd, charges, credited, rate, rate_date, rate_source, actor_id)
	 VALUES ($3::uuid, 'BANK', $2::text, '2025-12-01'::date, 'GEN', 2025, 'EUR', 0.10, 0.14, 0, 0.10, 0.714285714286, '2025-12-01'::date, 'stated', 1)`,
	`INSERT INTO floor.journal_entry (id, kind, effective_date, actor_id, idempotency_key, description, receipt_id)
	 VALUES ($1::uuid, 'receipt', '2025-12-01'::date, 1, $2::text, 'Receipt ' || $2::text, $3::uuid)`,
	`INSERT INTO floor.journal_line (entry_id, number, effective_date, account, fund, contributor, bank_account, pledge_id, currency, amount, amount_usd, rate, rate_date, rate_source)
	 VALUES ($1::uuid, 1, '2025-12-01'::date, '1010', 'GEN', NULL, 'BANK', NULL, 'EUR', 0.10, 0.14, 0.714285714286, '2025-12-01'::date, 'stated'),
	     ($1::uuid, 2, '2025-12-01'::date, '1200', 'GEN', 'C1', NULL, $4::uuid, 'EUR', -0.10, -0.13, 0.769230769231, '2025-12-01'::date, 'carrying'),
	     ($1::uuid, 3, '2025-12-01'::date, '4910', 'GEN', 'C1', NULL, $4::uuid, 'USD', -0.01, -0.01, NULL, NULL, NULL)`,
	`INSERT INTO floor.allocation (id, receipt_id, contributor, fund, fund_year, pledge_id, effective_date, currency, amount, amount_usd, entry_id, actor_id)
	 VALUES ($5::uuid, $3::uuid, 'C1', 'GEN', 2025, $4::uuid, '2025-12-01'::date, 'EUR', 0.10, 0.14, $1::uuid, 1)`,
	`INSERT INTO floor.event_queue (entries) VALUES (ARRAY[$1::uuid])`,
}

// leastRows insert the least: $1 id, $2 key, $3 pledge.
const leastRows = `
	WITH head AS (INSERT INTO least.transaction (id, key, effective_date, reference) VALUES ($1::uuid, $2::text, '2025-12-01', $2::text))
	INSERT INTO least.line (transaction_id, number, account, pledge_id, effective_date, currency, amount, amount_usd)
	VALUES ($1::uuid, 1, '1010', NULL, '2025-12-01', 'EUR', 0.10, 0.14), ($1::uuid, 2, '1200', $3::uuid, '2025-12-01', 'EUR', -0.10, -0.13),
	    ($1::uuid, 3, '4910', $3::uuid, '2025-12-01', 'USD', -0.01, -0.01)`

// answerSize is about how many characters the answer to a receipt has.
const answerSize = 1300

// floorAnswer stands for the answer that is kept.
var floorAnswer = strings.Repeat("a receipt, ", answerSize/11)

// place matches a parameter with its type.
var place = regexp.MustCompile(`\$([1-7])::(\w+)`)

// alone returns a statement whose parameters are numbered from one, with where each is found among those of all.
func alone(query string) (string, []int) {
	var from []int
	return place.ReplaceAllStringFunc(query, func(p string) string {
		parts := place.FindStringSubmatch(p)
		n := int(parts[1][0] - '1')
		at := slices.Index(from, n)
		if at < 0 {
			at, from = len(from), append(from, n)
		}
		return fmt.Sprintf("$%d::%s", at+1, parts[2])
	}), from
}

// together returns one statement that does what several do.
func together(queries []string) string {
	var b strings.Builder
	for i, q := range queries[:len(queries)-1] {
		fmt.Fprintf(&b, "%s r%d AS (%s)", map[bool]string{true: "WITH", false: ","}[i == 0], i, q)
	}
	return b.String() + queries[len(queries)-1]
}

// places are the types of the parameters of floorRows.
var places = []string{"uuid", "text", "uuid", "uuid", "uuid", "text", "bytea"}

// inBulk returns the statement that inserts the rows of many receipts, with a list for each parameter of floorRows.
func inBulk() string {
	var lists, names strings.Builder
	for i, kind := range places {
		comma := map[bool]string{true: "", false: ", "}[i == 0]
		fmt.Fprintf(&lists, "%s$%d::%s[]", comma, i+1, kind)
		fmt.Fprintf(&names, "%sp%d", comma, i+1)
	}
	queries := make([]string, len(floorRows))
	for i, q := range floorRows {
		into, values, _ := strings.Cut(q, "VALUES")
		queries[i] = into + "SELECT v.* FROM r CROSS JOIN LATERAL (VALUES " + place.ReplaceAllString(values, "r.p$1") + ") v"
	}
	return strings.Replace(together(queries), "WITH ", fmt.Sprintf("WITH r (%s) AS MATERIALIZED (SELECT * FROM unnest(%s)), ", names.String(), lists.String()), 1)
}

// bulk returns clients that insert the rows of batches by one statement each.
func (b *bench) bulk(rows func(i, n int) func() ([]any, error)) func(int, int) (func(context.Context) error, func() error) {
	return func(i, n int) (func(context.Context) error, func() error) {
		ctx, values := context.Background(), rows(i, n)
		conn, err := b.owner.Connx(ctx)
		if err != nil {
			return func(context.Context) error { return err }, func() error { return nil }
		}
		statement, err := conn.PreparexContext(ctx, inBulk())
		if err != nil {
			return func(context.Context) error { return err }, conn.Close
		}
		post := func(ctx context.Context) error {
			lists := make([][]string, len(places))
			for range b.batch {
				all, err := values()
				if err != nil {
					return err
				}
				for i, v := range all {
					if hash, ok := v.([]byte); ok {
						v = fmt.Sprintf(`\x%x`, hash)
					}
					lists[i] = append(lists[i], fmt.Sprint(v))
				}
			}
			arguments := make([]any, len(lists))
			for i, list := range lists {
				arguments[i] = pq.Array(list)
			}
			_, err := statement.ExecContext(ctx, arguments...)
			return err
		}
		return post, conn.Close
	}
}

// byHand returns clients that run statements by hand on a connection each: one without a transaction around it, several in one.
func (b *bench) byHand(rows func(i, n int) func() ([]any, error), queries ...string) func(int, int) (func(context.Context) error, func() error) {
	return func(i, n int) (func(context.Context) error, func() error) {
		ctx, values := context.Background(), rows(i, n)
		conn, err := b.owner.Connx(ctx)
		if err != nil {
			return func(context.Context) error { return err }, func() error { return nil }
		}
		statements, from := make([]*sqlx.Stmt, len(queries)), make([][]int, len(queries))
		for i, q := range queries {
			q, from[i] = alone(q)
			if statements[i], err = conn.PreparexContext(ctx, q); err != nil {
				return func(context.Context) error { return err }, conn.Close
			}
		}
		pick := func(all []any, from []int) []any {
			some := make([]any, len(from))
			for i, f := range from {
				some[i] = all[f]
			}
			return some
		}
		post := func(ctx context.Context) error {
			all, err := values()
			if err != nil {
				return err
			}
			if len(statements) == 1 {
				_, err := statements[0].ExecContext(ctx, pick(all, from[0])...)
				return err
			}
			t, err := conn.BeginTxx(ctx, nil)
			if err != nil {
				return err
			}
			for i, s := range statements {
				if _, err := t.StmtxContext(ctx, s).ExecContext(ctx, pick(all, from[i])...); err != nil {
					return errors.Join(err, t.Rollback())
				}
			}
			return t.Commit()
		}
		return post, conn.Close
	}
}

// ids returns new identifiers that sort by time, as those of the service do.
func ids(n int) ([]any, error) {
	list := make([]any, n)
	for i := range list {
		id, err := uuid.NewV7()
		if err != nil {
			return nil, err
		}
		list[i] = id
	}
	return list, nil
}

// floors returns the work that the service is set against, and that of a batch.
func (b *bench) floors() (single []work, bulk work) {
	hash := make([]byte, 32)
	rows := func(next func() benchPledge) func() ([]any, error) {
		return func() ([]any, error) {
			list, err := ids(3)
			if err != nil {
				return nil, err
			}
			return []any{list[0], uuid.NewString(), list[1], next().ID, list[2], floorAnswer, hash}, nil
		}
	}
	one := func(int, int) func() ([]any, error) { return rows(b.payer()) }
	many := func(i, n int) func() ([]any, error) { return rows(b.share(i, n)) }
	least := func(int, int) func() ([]any, error) {
		next := b.payer()
		return func() ([]any, error) {
			list, err := ids(1)
			if err != nil {
				return nil, err
			}
			return []any{list[0], uuid.NewString(), next().ID}, nil
		}
	}
	return []work{
		{name: floorWork, receipts: 1, client: b.byHand(one, floorRows...)},
		{name: statementWork, receipts: 1, client: b.byHand(one, together(floorRows))},
		{name: leastWork, receipts: 1, client: b.byHand(least, leastRows)},
	}, work{name: bulkWork, receipts: b.batch, client: b.bulk(many)}
}

// pgbench returns where the program is, empty when it is not there.
func pgbench() string {
	if path, err := exec.LookPath("pgbench"); err == nil {
		return path
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pgbench") // the pattern is a good one
	if len(found) > 0 {
		return found[len(found)-1]
	}
	return ""
}

// pgbenchSays matches what pgbench prints.
var pgbenchSays = regexp.MustCompile(`number of transactions actually processed: (\d+)|latency average = ([0-9.]+) ms|tps = ([0-9.]+)`)

// measureByPgbench lets pgbench post the least that a double entry is made of: what is possible without a client in Go.
func (b *bench) measureByPgbench(ctx context.Context, program string, clients int) (m benchMeasure, err error) {
	dir, err := os.MkdirTemp("", "vcledger-pgbench-")
	if err != nil {
		return m, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	script := strings.NewReplacer("$1::uuid", "(SELECT id FROM new)", "$2::text", "(SELECT key FROM new)", "$3::uuid", "'"+b.payer()().ID+"'::uuid", "WITH head", ", head").Replace(leastRows)
	script = "WITH new AS MATERIALIZED (SELECT gen_random_uuid() AS id, gen_random_uuid()::text AS key)" + strings.Join(strings.Fields(script), " ") + ";\n"
	file := filepath.Join(dir, "least.sql")
	if err := os.WriteFile(file, []byte(script), 0o600); err != nil {
		return m, err
	}
	seconds := max(1, int((b.span+time.Second-1)/time.Second))
	out, err := exec.CommandContext(ctx, program, "-n", "-M", "prepared", "-f", file, "-c", fmt.Sprint(clients), "-j", fmt.Sprint(min(clients, 2)), "-T", fmt.Sprint(seconds), b.url).CombinedOutput()
	if err != nil {
		return m, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	m = benchMeasure{Name: pgbenchWork, Clients: clients, Each: 1}
	for _, says := range pgbenchSays.FindAllStringSubmatch(string(out), -1) {
		for i, text := range says[1:] {
			if text == "" {
				continue
			}
			d, err := decimal.NewFromString(text)
			if err != nil {
				return m, fmt.Errorf("read what pgbench says: %w", err)
			}
			switch i {
			case 0:
				m.Done = int(d.IntPart())
			case 1:
				m.Mean = d.Shift(3).IntPart()
			case 2:
				m.PerSecond = d.Round(2)
			}
		}
	}
	return m, nil
}
