package reports_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"
	"time"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/language"
	"vcledger/reports/layout"
	"vcledger/reports/render"
)

// TestLanguages holds a statement and a fund report in each language against its golden file.
func TestLanguages(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	for name, doc := range map[string]any{
		"statement":      statement(t, b.Store, always, reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")}),
		"fundreport_gen": fundReport(t, b.Store, "GEN", 2024),
	} {
		for _, l := range language.All {
			if l != language.English {
				golden(t, name+"_"+string(l)+".txt", rendered(t, func(w io.Writer, doc any) error { return render.Text(w, doc, l) }, doc))
			}
		}
	}
}

// TestNothingStaysEnglish lays every document out in each language and looks for words that only English has: any of the Latin
// script in Arabic, Chinese and Russian, and in Spanish and French those that the language's catalogue does not have. What the
// records themselves say is told as it is.
func TestNothingStaysEnglish(t *testing.T) {
	t.Parallel()
	for name, doc := range documentsOfAllKinds(t) {
		records := wordsOfRecords(t, doc)
		for _, l := range language.All {
			if l == language.English {
				continue
			}
			own := maps.Clone(records)
			if l == language.Spanish || l == language.French {
				vocabulary(t, l, own)
			}
			for _, s := range shown(t, doc, l) {
				if english := foreign(s, own); len(english) > 0 {
					t.Errorf("%s in %s: %q in %q: what a document says goes through the catalogue, and what a record says has its key in textKeys", name, l, english, s)
				}
			}
		}
	}
}

// vocabulary adds the words that the catalogue and the names of States have in a language, and those of its dates.
func vocabulary(t *testing.T, l language.Language, words map[string]bool) {
	t.Helper()
	var texts []string
	for _, file := range []string{"messages.csv", "states.csv"} {
		b, err := os.ReadFile(filepath.Join("language", file))
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(bytes.NewReader(b)).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		column := slices.Index(rows[0], string(l))
		for _, row := range rows[1:] {
			texts = append(texts, row[column])
		}
	}
	for month := range 12 {
		texts = append(texts, l.LongDate(ledger.NewDate(2024, time.Month(month+1), 1)))
	}
	for _, s := range texts {
		for _, w := range latin.FindAllString(s, -1) {
			words[w] = true
		}
	}
}

// documentsOfAllKinds builds each kind of document of books that have something of everything.
func documentsOfAllKinds(t *testing.T) map[string]any {
	t.Helper()
	b := openBook(t)
	docs := map[string]any{
		"statement": statement(t, b.Store, always, reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")}),
		"nothing":   statement(t, b.Store, always, reports.StatementRequest{Contributor: "XCC", Fund: "SPF", Period: days(t, "2024-01-01", "2024-12-31")}),
		"fund GEN":  fundReport(t, b.Store, "GEN", 2024),
		"fund SPF":  fundReport(t, b.Store, "SPF", 2024),
		"tie-out":   fundReport(t, b.Store, "GEN", 2024).Check(),
		"due": built(t, b.Store, func(ctx context.Context, s *postgres.Snapshot) (*reports.DueList, error) {
			return reports.BuildDueList(ctx, s, reports.DueRequest{})
		}),
		"held": built(t, b.Store, func(ctx context.Context, s *postgres.Snapshot) (*reports.HeldList, error) {
			return reports.BuildHeldList(ctx, s, reports.HeldRequest{})
		}),
		"available": built(t, b.Store, func(ctx context.Context, s *postgres.Snapshot) (*reports.Available, error) {
			return reports.BuildAvailable(ctx, s, "SPF")
		}),
		"trial": built(t, b.Store, func(ctx context.Context, s *postgres.Snapshot) (*reports.TrialBalance, error) {
			return reports.BuildTrialBalance(ctx, s, "")
		}),
	}
	for i, s := range changed(t) {
		docs[fmt.Sprint("changed ", i)] = s
	}
	used := docs["statement"].(*reports.Statement).Pledges[0].ID
	docs["use"] = built(t, b.Store, func(ctx context.Context, s *postgres.Snapshot) (*reports.PledgeUse, error) {
		return reports.BuildPledgeUse(ctx, s, used)
	})

	m, _ := mergeBooks(t)
	m.Do(m.SetContributorParent(t.Context(), m.Command(nil), "DEU", "NLD", ledgertest.Day("2026-01-01")))
	for _, bodies := range []reports.Bodies{reports.BodiesTogether, reports.BodiesApart} {
		docs["bodies "+string(bodies)] = statement(t, m.Store, always, reports.StatementRequest{Contributor: "NLD", Bodies: bodies, Period: days(t, "2026-01-01", "2026-12-31")})
	}
	return docs
}

func built[T any](t *testing.T, s *postgres.Store, build func(context.Context, *postgres.Snapshot) (T, error)) T {
	t.Helper()
	return read(t, s, ledger.Date{}, always, build)
}

// changed are statements of which each supersedes or follows one, with what changed in between.
func changed(t *testing.T) []*reports.Statement {
	t.Helper()
	b := openBook(t)
	i := issuing{ledgertest.OnStore(t, b.Store), t}
	first := i.issue("a 1", reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")})
	b.run(t, "late.sql")
	b.run(t, "changes.sql")
	var list []*reports.Statement
	second := i.supersede("a 2", first.Number, "Late papers")
	for _, r := range []*postgres.StatementRecord{second, i.supersede("a 3", second.Number, "The address was wrong")} {
		s, err := reports.Thaw(r)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, s)
	}
	return list
}

// textKeys are the members of the JSON of a document whose values are the records' own words, and so are told as they are.
var textKeys = []string{"code", "name", "reference", "bank_reference", "payer", "description", "reason", "document", "evidence", "currency", "contributor", "fund",
	"bank_account", "pledge", "valuer", "expert", "accepted_by", "certified_by", "number", "supersedes", "entry", "project", "merged_into"}

var latin = regexp.MustCompile(`\p{Latin}[\p{Latin}\p{Nd}]*`)

// wordsOfRecords returns the Latin words that the records of a document have.
func wordsOfRecords(t *testing.T, doc any) map[string]bool {
	t.Helper()
	var tree any
	if err := json.Unmarshal(rendered(t, render.JSON, doc), &tree); err != nil {
		t.Fatal(err)
	}
	own := map[string]bool{"USD": true, "UTC": true}
	var walk func(key string, node any)
	walk = func(key string, node any) {
		switch node := node.(type) {
		case map[string]any:
			for k, v := range node {
				if _, account := node["account"]; k != "name" || !account {
					walk(k, v)
				}
			}
		case []any:
			for _, v := range node {
				walk(key, v)
			}
		case string:
			if slices.Contains(textKeys, key) {
				for _, w := range latin.FindAllString(node, -1) {
					own[w] = true
				}
			}
		}
	}
	walk("", tree)
	return own
}

// foreign returns the Latin words of a text that the records do not have.
func foreign(s string, own map[string]bool) []string {
	return slices.DeleteFunc(latin.FindAllString(s, -1), func(w string) bool { return own[w] })
}

// shown returns every text that a document shows.
func shown(t *testing.T, doc any, l language.Language) []string {
	t.Helper()
	p, err := render.Page(doc, l)
	if err != nil {
		t.Fatal(err)
	}
	list := []string{p.Title, p.Subject, p.Warning}
	for _, f := range p.Facts {
		list = append(list, f.Label, f.Value)
	}
	for _, s := range p.Sections {
		list = append(append(list, s.Title, s.Text), s.Notes...)
		if s.Chart != nil {
			list = append(append(list, s.Chart.Title), s.Chart.Categories...)
			for _, series := range s.Chart.Series {
				list = append(list, series.Name)
			}
		}
		if s.Table != nil {
			list = append(list, cellsOf(s.Table, l)...)
		}
	}
	return list
}

func cellsOf(table *layout.Table, l language.Language) []string {
	var list []string
	for _, c := range table.Columns {
		list = append(list, c.Title)
	}
	for _, r := range table.Rows {
		list = append(list, r.Text)
		for i, c := range r.Cells {
			list = append(list, c.Form(l, table.Columns[i]))
		}
	}
	return list
}
