package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"vcledger/api"
	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
)

// pair writes a self-signed certificate of a name, and its key.
func pair(t *testing.T, certFile, keyFile, name string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	of := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, of, of, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	private, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for file, block := range map[string]*pem.Block{certFile: {Type: "CERTIFICATE", Bytes: der}, keyFile: {Type: "EC PRIVATE KEY", Bytes: private}} {
		if err := os.WriteFile(file, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// touch makes files look changed, whatever the clock of the file system resolves.
func touch(t *testing.T, on time.Time, files ...string) {
	t.Helper()
	for _, file := range files {
		if err := os.Chtimes(file, on, on); err != nil {
			t.Fatal(err)
		}
	}
}

// TestCertificateIsReadAgain exchanges the certificate under a running listener: the next connection gets the new one, and
// a broken one changes nothing.
func TestCertificateIsReadAgain(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	o := serving{addr: "127.0.0.1:0", certFile: filepath.Join(dir, "cert.pem"), keyFile: filepath.Join(dir, "key.pem")}
	if _, err := listen(o, slog.New(slog.DiscardHandler)); err == nil {
		t.Error("served without a certificate")
	}
	pair(t, o.certFile, o.keyFile, "first.example")
	listener, err := listen(o, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: time.Second}
	go func() { _ = server.Serve(listener) }() // ends with the test
	t.Cleanup(func() { _ = server.Close() })
	seen := func(most uint16) (string, error) {
		conn, err := tls.Dial("tcp", listener.Addr().String(), &tls.Config{InsecureSkipVerify: true, MaxVersion: most})
		if err != nil {
			return "", err
		}
		defer conn.Close()
		return conn.ConnectionState().PeerCertificates[0].Subject.CommonName, nil
	}
	want := func(name string) {
		t.Helper()
		if got, err := seen(0); err != nil || got != name {
			t.Errorf("the certificate is of %s (%v), want %s", got, err, name)
		}
	}
	want("first.example")
	pair(t, o.certFile, o.keyFile, "second.example")
	touch(t, time.Now().Add(time.Minute), o.certFile, o.keyFile)
	want("second.example")
	if err := os.WriteFile(o.certFile, []byte("half of a certif"), 0o600); err != nil {
		t.Fatal(err)
	}
	touch(t, time.Now().Add(2*time.Minute), o.certFile)
	want("second.example")
	if _, err := seen(tls.VersionTLS11); err == nil {
		t.Error("TLS 1.1 is spoken")
	}
}

// output collects what a server writes while others read it.
type output struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

// until waits for something that another part of the program does, and fails the test when it never does.
func until(t *testing.T, what string, reached func() bool) {
	t.Helper()
	again, never := time.NewTicker(2*time.Millisecond), time.After(30*time.Second)
	defer again.Stop()
	for !reached() {
		select {
		case <-again.C:
		case <-never:
			t.Fatalf("never: %s", what)
		}
	}
}

// started runs serve until stop, and returns its address once it serves.
func started(t *testing.T, args ...string) (address string, log *output, stop func() int) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	log = &output{}
	done := make(chan int, 1)
	go func() { done <- run(ctx, append([]string{"serve", "--addr", "127.0.0.1:0"}, args...), io.Discard, log) }()
	until(t, "serve serves", func() bool {
		_, rest, ok := strings.Cut(log.String(), "serving on http://")
		address, _, _ = strings.Cut(rest, " ")
		return ok
	})
	return address, log, func() int {
		cancel()
		return <-done
	}
}

// TestShutdownFinishesRequests stops the server while a request is under way: it is answered, and no other is taken.
func TestShutdownFinishesRequests(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	key, err := ledgertest.Key(b.Store, "Anna", ledger.RoleOfficer, "")
	if err != nil {
		t.Fatal(err)
	}
	address, log, stop := started(t, "--database-url", url)
	const body = `{"code":"LATE","name":"Late fund"}`
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	// The server has the header and waits for the rest of the body.
	fmt.Fprintf(conn, "POST /v1/funds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer %s\r\nIdempotency-Key: late\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s",
		key, len(body), body[:5])
	if res, err := http.Get("http://" + address + "/healthz"); err != nil || res.StatusCode != 200 {
		t.Fatal(res, err)
	} else if err := res.Body.Close(); err != nil {
		t.Fatal(err)
	}
	http.DefaultClient.CloseIdleConnections()
	ended := make(chan int, 1)
	go func() { ended <- stop() }()
	until(t, "no connection is taken", func() bool {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return true
		}
		_ = c.Close()
		return false
	})
	if _, err := io.WriteString(conn, body[5:]); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil || res.StatusCode != 201 {
		t.Fatalf("the request that was under way: %v %v\n%s", res, err, log)
	}
	if code := <-ended; code != 0 {
		t.Errorf("serve ended with %d: %s", code, log)
	}
	if _, err := b.Store.Fund(t.Context(), "LATE"); err != nil {
		t.Errorf("what was acknowledged: %v", err)
	}
}

// TestLogHasNoSecrets sends keys where they do not belong, with amounts and names: nothing of it is in the log.
func TestLogHasNoSecrets(t *testing.T) {
	t.Parallel()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	key, err := ledgertest.Key(b.Store, "Anna", ledger.RoleOfficer, "")
	if err != nil {
		t.Fatal(err)
	}
	address, log, stop := started(t, "--database-url", url, "--log-format", "json", "--log-level", "debug")
	send := func(method, path, body string, headers ...string) {
		r, err := http.NewRequestWithContext(t.Context(), method, "http://"+address+path, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(res.Body)
		if err != nil || res.Body.Close() != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(answer), key) {
			t.Errorf("%s %s answers the key: %s", method, path, answer)
		}
	}
	const amount = "98765.43"
	send("GET", "/v1/funds?token="+key, "", "Authorization", "Bearer "+key)
	send("GET", "/v1/funds/"+key, "", "Authorization", "Bearer "+key)
	send("GET", "/"+key, "")
	send("GET", "/v1/funds", "", "Authorization", "Basic "+key)
	send("GET", "/v1/funds", "", "Authorization", "Bearer "+key+"x")
	send("POST", "/v1/pledges", `{"contributor":"NLD","fund":"CPCJF","amount":{"amount":"`+amount+`","currency":"USD"},"effective_date":"2026-01-10"}`,
		"Authorization", "Bearer "+key, "Content-Type", "application/json", "Idempotency-Key", key)
	send("POST", "/login", "key="+key+"x", "Content-Type", "application/x-www-form-urlencoded")
	if code := stop(); code != 0 {
		t.Fatalf("serve ended with %d", code)
	}
	text := log.String()
	for _, secret := range []string{key, amount, "98765"} {
		if strings.Contains(text, secret) {
			t.Errorf("the log has %q:\n%s", secret, text)
		}
	}
	for _, says := range []string{`"route":"/v1/funds"`, `"status":401`, `"key_id":"`, `"request_id":"`, `"problem":"unauthenticated"`, `"actor":"Anna"`} {
		if !strings.Contains(text, says) {
			t.Errorf("the log does not say %s:\n%s", says, text)
		}
	}
}

// TestPrintConfig shows where each setting comes from, and no secret.
func TestPrintConfig(t *testing.T) {
	t.Setenv("VCLEDGER_OIDC_CLIENT_SECRET", "s3cret")
	t.Setenv("VCLEDGER_LOG_FORMAT", "json")
	t.Setenv("DATABASE_URL", "postgres://vcledger:hunter2@db.example.org/vcledger")
	t.Setenv("DATABASE_REPLICA_URL", "postgres://vcledger:hunter3@db2.example.org/vcledger")
	out, _ := works(t, "serve", "--print-config", "--rate-limit", "7")
	for _, line := range []string{"log-format VCLEDGER_LOG_FORMAT json", "rate-limit --rate-limit 7", "oidc-client-secret VCLEDGER_OIDC_CLIENT_SECRET ***", "tls-cert default ",
		"database-url DATABASE_URL postgres://vcledger:xxxxx@db.example.org/vcledger", "database-replica-url DATABASE_REPLICA_URL postgres://vcledger:xxxxx@db2.example.org/vcledger"} {
		name, rest, _ := strings.Cut(line, " ")
		from, value, _ := strings.Cut(rest, " ")
		found := false
		for _, l := range strings.Split(out, "\n") {
			found = found || strings.HasPrefix(l, name+" ") && strings.HasSuffix(strings.TrimSpace(l), from) && strings.Contains(l, value)
		}
		if !found {
			t.Errorf("no line like %q:\n%s", line, out)
		}
	}
	if strings.Contains(out, "s3cret") || strings.Contains(out, "hunter") {
		t.Errorf("a secret is shown:\n%s", out)
	}
	t.Setenv("DATABASE_URL", "host=db password=hunter2")
	if out, _ = works(t, "serve", "--print-config"); strings.Contains(out, "hunter2") {
		t.Errorf("a secret is shown:\n%s", out)
	}
	for _, wrong := range [][]string{{"--tls-cert", "x"}, {"--log-format", "xml"}, {"--log-level", "loud"}} {
		if code, _, _ := vcledger(t, append([]string{"serve", "--print-config"}, wrong...)...); code != exitUsage {
			t.Errorf("%v: exit %d", wrong, code)
		}
	}
}

// TestTraces sends a trace for a request to a collector that runs here.
func TestTraces(t *testing.T) {
	got := make(chan []byte, 10)
	collector := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		got <- body
	}))
	defer collector.Close()
	t.Setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.URL)
	t.Setenv("OTEL_EXPORTER_OTLP_COMPRESSION", "none")
	address, _, stop := started(t, "--database-url", ledgertest.Database(t))
	res, err := http.Get("http://" + address + "/readyz?x=secret")
	if err != nil || res.Body.Close() != nil {
		t.Fatal(err)
	}
	if code := stop(); code != 0 {
		t.Fatalf("serve ended with %d", code)
	}
	select {
	case body := <-got:
		if text := string(body); !strings.Contains(text, "/readyz") || !strings.Contains(text, "http.route") || strings.Contains(text, "secret") {
			t.Errorf("the trace: %q", text)
		}
	default:
		t.Error("no trace was sent")
	}
}

// TestSlowClients connects to a server with short times: who drips the header, who drips the body and who sends too long a
// header is cut off.
func TestSlowClients(t *testing.T) {
	t.Parallel()
	b := ledgertest.NewBooks(t)
	key, err := ledgertest.Key(b.Store, "Anna", ledger.RoleOfficer, "")
	if err != nil {
		t.Fatal(err)
	}
	server := api.New(api.Config{Store: b.Store, Authenticate: b.Store.Authenticate, Version: "test"}).HTTPServer("")
	if server.ReadHeaderTimeout == 0 || server.ReadTimeout == 0 || server.WriteTimeout == 0 || server.IdleTimeout == 0 || server.MaxHeaderBytes == 0 {
		t.Errorf("a stage has no limit: %+v", server)
	}
	server.ReadHeaderTimeout, server.ReadTimeout, server.IdleTimeout = 200*time.Millisecond, 400*time.Millisecond, 200*time.Millisecond
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = server.Serve(listener) }() // ends with the test
	t.Cleanup(func() { _ = server.Close() })
	for _, tt := range []struct{ name, sent, want string }{
		{"nothing", "", ""},
		{"half a header", "GET /v1/funds HTTP/1.1\r\nHost: x\r\nAuthoriz", ""},
		{"half a body", "POST /v1/funds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer " + key + "\r\nIdempotency-Key: k\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{", "400"},
		{"too long a header", "GET /v1/funds HTTP/1.1\r\nHost: x\r\nX: " + strings.Repeat("x", 64<<10) + "\r\n\r\n", "431"},
	} {
		conn, err := net.Dial("tcp", listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(conn, tt.sent); err != nil && tt.want != "431" {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(conn) // until the server closes
		if errors.Is(err, os.ErrDeadlineExceeded) || !strings.HasPrefix(strings.TrimPrefix(string(answer), "HTTP/1.1 "), tt.want) {
			t.Errorf("%s: %v, answered %.60q", tt.name, err, answer)
		}
		_ = conn.Close()
	}
}
