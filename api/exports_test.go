package api

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// streaming serves the exports, each written by fn, to whoever asks.
func streaming(t *testing.T, config Config, fn func(context.Context, io.Writer) error) *httptest.Server {
	t.Helper()
	config.Store = ledgertest.Store(t)
	config.Authenticate = func(context.Context, string) (ledger.Actor, error) {
		return ledger.Actor{Name: "Iris Auditor", Role: ledger.RoleAuditor}, nil
	}
	s := New(config)
	stream(s, config.Store, operation{ID: "export-toy", Path: "/v1/exports/toy", Tag: "exports", Roles: []ledger.Role{ledger.RoleAuditor}}, exportOf{"text/plain", "txt",
		func(ctx context.Context, w io.Writer, _ *postgres.Snapshot, _ export.Options) error {
			return fn(ctx, w)
		}},
		func(*ExportInput) export.Options { return export.Options{Fund: "TOY"} })
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return server
}

func getStream(ctx context.Context, t *testing.T, server *httptest.Server) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, server.URL+"/v1/exports/toy", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer key")
	res, err := server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res
}

// TestStreamIsWhole sends a long answer with its headers.
func TestStreamIsWhole(t *testing.T) {
	part := bytes.Repeat([]byte("line\n"), 20_000)
	server := streaming(t, Config{}, func(_ context.Context, w io.Writer) error {
		for range 50 {
			if _, err := w.Write(part); err != nil {
				return err
			}
		}
		return nil
	})
	res := getStream(t.Context(), t, server)
	body, err := io.ReadAll(res.Body)
	if err != nil || len(body) != 50*len(part) || res.StatusCode != http.StatusOK {
		t.Errorf("%d, %d bytes, %v", res.StatusCode, len(body), err)
	}
	if got := res.Header.Get("Content-Type") + " " + res.Header.Get("Content-Disposition"); got != `text/plain; charset=utf-8 attachment; filename=vcledger-TOY.txt` {
		t.Error(got)
	}
}

// TestStreamBreaksOff fails after a part was sent: the caller sees that it is not the whole, and the log says why.
func TestStreamBreaksOff(t *testing.T) {
	var log bytes.Buffer
	server := streaming(t, Config{Log: slog.New(slog.NewTextHandler(&log, nil))}, func(_ context.Context, w io.Writer) error {
		if _, err := w.Write(bytes.Repeat([]byte("line\n"), 20_000)); err != nil {
			return err
		}
		return errors.New("the disk is gone")
	})
	res := getStream(t.Context(), t, server)
	if body, err := io.ReadAll(res.Body); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("%d bytes read as a whole file: %v", len(body), err)
	}
	server.Close() // the handler is done with the log
	if !strings.Contains(log.String(), "the disk is gone") {
		t.Error(log.String())
	}
}

// TestStreamRefuses answers with a problem what fails before the first byte.
func TestStreamRefuses(t *testing.T) {
	server := streaming(t, Config{}, func(context.Context, io.Writer) error {
		return ledger.Fail(ledger.RuleNotFound, "There is no fund TOY.")
	})
	res := getStream(t.Context(), t, server)
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusNotFound || res.Header.Get("Content-Type") != problemType || res.Header.Get("Content-Disposition") != "" {
		t.Errorf("%d %v %s %v", res.StatusCode, res.Header, body, err)
	}
}

// TestStreamOutlastsTheTimeout goes on after the time of a usual request, and ends when the caller hangs up.
func TestStreamOutlastsTheTimeout(t *testing.T) {
	ended := make(chan error, 1)
	server := streaming(t, Config{Timeout: time.Minute}, func(ctx context.Context, w io.Writer) error {
		_, limited := ctx.Deadline()
		if limited {
			ended <- errors.New("the stream has the deadline of a request")
			return nil
		}
		if _, err := w.Write(bytes.Repeat([]byte("line\n"), 20_000)); err != nil {
			ended <- err
			return err
		}
		<-ctx.Done()
		ended <- ctx.Err()
		return ctx.Err()
	})
	ctx, hangUp := context.WithCancel(t.Context())
	res := getStream(ctx, t, server)
	if _, err := io.ReadFull(res.Body, make([]byte, 1000)); err != nil {
		t.Fatal(err)
	}
	hangUp()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
