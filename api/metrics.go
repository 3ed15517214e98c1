package api

import (
	"context"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
)

// How long a scrape may ask the books, and for how long what they said holds.
const (
	backlogTimeout = 2 * time.Second
	backlogHolds   = 15 * time.Second
)

// metrics are the figures of one server. No label of them names a contributor, an amount or an address.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
}

func newMetrics(version string, store *postgres.Store) *metrics {
	m := &metrics{registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "vcledger_requests_total", Help: "Requests that were answered."},
			[]string{"route", "method", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "vcledger_request_duration_seconds", Help: "How long answers took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"route"})}
	build := prometheus.NewGauge(prometheus.GaugeOpts{Name: "vcledger_build_info", Help: "The version that runs.", ConstLabels: prometheus.Labels{"version": version}})
	build.Set(1)
	m.registry.MustRegister(m.requests, m.seconds, build, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	if store != nil {
		m.registry.MustRegister(newBooksCollector(store))
	}
	return m
}

// answered counts an answer. The route is the pattern, so nothing that a caller wrote becomes a label.
func (m *metrics) answered(route, method string, status int, took time.Duration) {
	m.requests.WithLabelValues(route, method, strconv.Itoa(status)).Inc()
	m.seconds.WithLabelValues(route).Observe(took.Seconds())
}

// MetricsHandler serves the figures to whoever asks: for an address of its own that only the monitoring reaches.
func (s *Server) MetricsHandler() http.Handler {
	return promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{})
}

// serveMetrics serves the figures on the server's own address, to auditors and administrators.
func (s *Server) serveMetrics() {
	op := operation{ID: "metrics", Roles: []ledger.Role{ledger.RoleAuditor, ledger.RoleAdmin}}
	handler := s.MetricsHandler()
	s.echo.GET("/metrics", func(c echo.Context) error {
		cl := callFrom(c.Request().Context())
		cl.op, cl.origin = &op, postgres.Origin{Operation: op.ID, Request: cl.id, Address: addressOf(c.Request())}
		if err := s.admit(c.Request().Context(), cl, c.Request().Header, op); err != nil {
			return err
		}
		handler.ServeHTTP(c.Response(), c.Request())
		return nil
	})
}

// booksCollector reads the store when it is scraped. What waits is read from the books, not more often than it changes.
type booksCollector struct {
	store  *postgres.Store
	mu     sync.Mutex
	read   time.Time
	known  postgres.Backlog
	failed bool
}

// The figures of the books.
var (
	poolOpen     = prometheus.NewDesc("vcledger_database_connections", "Connections to the database.", []string{"state"}, nil)
	poolWaited   = prometheus.NewDesc("vcledger_database_waits_total", "Times that a connection was waited for.", nil, nil)
	transactions = prometheus.NewDesc("vcledger_database_transactions", "Transactions under way.", nil, nil)
	slotsMost    = prometheus.NewDesc("vcledger_database_transactions_max", "Transactions that may be under way.", nil, nil)
	replicaReads = prometheus.NewDesc("vcledger_replica_reads_total", "Reads that a replica could take: answered there, missed because it was behind or away, failed on their way and answered by the primary.", []string{"outcome"}, nil)
	postings     = prometheus.NewDesc("vcledger_postings_total", "Journal entries that this process posted.", nil, nil)
	backlogUp    = prometheus.NewDesc("vcledger_books_up", "Whether the books could be read for this scrape.", nil, nil)
	eventsWait   = prometheus.NewDesc("vcledger_events_waiting", "Entries that have no position in the change stream yet.", nil, nil)
	unidentified = prometheus.NewDesc("vcledger_unidentified_receipts", "Receipts that hold something nobody knows the contributor of.", nil, nil)
	oldest       = prometheus.NewDesc("vcledger_unidentified_oldest_seconds", "Age of the oldest of them.", nil, nil)
	overdue      = prometheus.NewDesc("vcledger_overdue_pledges", "Agreed pledges with something outstanding and a due day that is past.", nil, nil)
	approvals    = prometheus.NewDesc("vcledger_pending_approvals", "Writes that wait for an approver.", nil, nil)
)

func newBooksCollector(store *postgres.Store) *booksCollector { return &booksCollector{store: store} }

// Describe lists the figures.
func (b *booksCollector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{poolOpen, poolWaited, transactions, slotsMost, replicaReads, postings, backlogUp, eventsWait, unidentified, oldest, overdue, approvals} {
		out <- d
	}
}

// Collect reads the figures.
func (b *booksCollector) Collect(out chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		out <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	use := b.store.Use()
	gauge(poolOpen, float64(use.Pool.InUse), "in use")
	gauge(poolOpen, float64(use.Pool.Idle), "idle")
	gauge(transactions, float64(use.Transactions))
	gauge(slotsMost, float64(use.Most))
	out <- prometheus.MustNewConstMetric(poolWaited, prometheus.CounterValue, float64(use.Pool.WaitCount))
	for outcome, n := range map[string]int64{"answered": use.Replica.Answered - use.Replica.Failed, "missed": use.Replica.Missed, "failed": use.Replica.Failed} {
		out <- prometheus.MustNewConstMetric(replicaReads, prometheus.CounterValue, float64(n), outcome)
	}
	out <- prometheus.MustNewConstMetric(postings, prometheus.CounterValue, float64(use.Posted))
	backlog, ok := b.backlog()
	if !ok {
		gauge(backlogUp, 0)
		return
	}
	gauge(backlogUp, 1)
	gauge(eventsWait, float64(backlog.Events))
	gauge(unidentified, float64(backlog.Unidentified))
	gauge(oldest, backlog.Oldest.Seconds())
	gauge(overdue, float64(backlog.Overdue))
	gauge(approvals, float64(backlog.Approvals))
}

func (b *booksCollector) backlog() (postgres.Backlog, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if time.Since(b.read) < backlogHolds {
		return b.known, !b.failed
	}
	ctx, cancel := context.WithTimeout(context.Background(), backlogTimeout)
	defer cancel()
	known, err := b.store.Backlog(ctx)
	b.read, b.known, b.failed = time.Now(), known, err != nil
	return b.known, !b.failed
}
