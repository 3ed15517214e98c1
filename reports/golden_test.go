package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"testing"

	"vcledger/ledger"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/render"
)

func rendered(t *testing.T, form func(io.Writer, any) error, doc any) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := form(&b, doc); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func text(w io.Writer, doc any) error { return render.Text(w, doc, language.English) }

func html(w io.Writer, doc any) error { return render.HTML(w, doc, language.English) }

// TestDocuments holds each document in each form against its golden file, and builds it twice: the same inputs give the
// same bytes.
func TestDocuments(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	request := reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")}
	balances := func(ctx context.Context, snap *postgres.Snapshot) (*reports.TrialBalance, error) {
		return reports.BuildTrialBalance(ctx, snap, "")
	}
	for name, build := range map[string]func() any{
		"statement":      func() any { return statement(t, b.Store, always, request) },
		"fundreport_gen": func() any { return fundReport(t, b.Store, "GEN", 2024) },
		"fundreport_spf": func() any { return fundReport(t, b.Store, "SPF", 2024) },
		"trialbalance":   func() any { return read(t, b.Store, ledger.Date{}, always, balances) },
		"statement_nothing": func() any {
			r := request
			r.Contributor, r.Fund = "XCC", "SPF"
			return statement(t, b.Store, always, r)
		},
	} {
		doc := build()
		canonical := rendered(t, render.JSON, doc)
		if plain := plainJSON(t, doc); !bytes.Equal(canonical, plain) {
			t.Errorf("%s: its JSON is not that of the standard library", name)
		}
		var indented bytes.Buffer
		if err := json.Indent(&indented, canonical, "", " "); err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", indented.Bytes())
		golden(t, name+".csv", rendered(t, render.CSV, doc))
		golden(t, name+".txt", rendered(t, text, doc))
		golden(t, name+".html", rendered(t, html, doc))
		if again := rendered(t, render.JSON, build()); !bytes.Equal(canonical, again) {
			t.Errorf("%s: the second build differs from the first", name)
		}
	}
}

// TestFrozen reads an issued statement back and draws it: the bytes are the same without the books.
func TestFrozen(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	issued := statement(t, b.Store, always, reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")})
	frozen := rendered(t, render.JSON, issued)
	var thawed reports.Statement
	if err := json.Unmarshal(frozen, &thawed); err != nil {
		t.Fatal(err)
	}
	for name, form := range map[string]func(io.Writer, any) error{"JSON": render.JSON, "CSV": render.CSV, "text": text} {
		if got, want := rendered(t, form, &thawed), rendered(t, form, issued); !bytes.Equal(got, want) {
			t.Errorf("%s of the thawed statement differs:\n%s\nwant:\n%s", name, got, want)
		}
	}
}
