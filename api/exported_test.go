package api_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/url"
	"testing"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports/export"
)

// TestExports asks for each export: the bytes are those of the export itself, and a fund that is not there is a problem.
func TestExports(t *testing.T) {
	t.Parallel()
	c := serve(t).as(ledger.RoleAuditor)
	instant := time.Now().UTC().Format(time.RFC3339Nano)
	known, err := time.Parse(time.RFC3339Nano, instant)
	if err != nil {
		t.Fatal(err)
	}
	for name, write := range map[string]func(context.Context, io.Writer, *postgres.Snapshot, export.Options) error{
		"hledger": export.Hledger, "beancount": export.Beancount, "iati": export.IATI, "datacube": export.DataCube,
	} {
		o := export.Options{Fund: "CPCJF", Publisher: export.DefaultPublisher}
		var want bytes.Buffer
		err := c.store.Read(t.Context(), ledgertest.Day("2026-12-31"), known, func(snap *postgres.Snapshot) error { return write(t.Context(), &want, snap, o) })
		if err != nil {
			t.Fatal(err)
		}
		path := "/v1/exports/" + name + "?fund=CPCJF&as_of=2026-12-31&known_at=" + url.QueryEscape(instant)
		a := c.get(path).want(200)
		if a.body != want.String() || want.Len() == 0 {
			t.Errorf("%s over HTTP has %d bytes, by itself %d", name, len(a.body), want.Len())
		}
		if a.header.Get("ETag") != "" {
			t.Errorf("%s has an ETag", name)
		}
		c.get("/v1/exports/" + name + "?fund=NONE").want(404)
		c.get("/v1/exports/" + name + "?fund=CPCJF&as_of=2026-02-30").want(422)
		c.do(http.MethodGet, path, "", "Accept", "image/png").want(406)
	}
	c.get("/v1/exports/iati?year=2026").want(422)
	c.get("/v1/exports/datacube?year=1000").want(422)
}
