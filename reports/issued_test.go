package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
	"vcledger/reports"
	"vcledger/reports/render"
)

// issuing issues statements for a test.
type issuing struct {
	*ledgertest.Books
	t *testing.T
}

// command returns a command under a key that puts the record of its answer into the variable.
func (i issuing) command(key string, into **postgres.StatementRecord) postgres.Command {
	i.t.Helper()
	c := i.CommandUnder(key, nil)
	c.Answer = func(record any) (postgres.Answer, error) {
		*into = record.(*postgres.StatementRecord)
		return postgres.Answer{Status: 201, Body: []byte((*into).Number)}, nil
	}
	return c
}

// issue issues a statement of NLD for a period, or what r says.
func (i issuing) issue(key string, r reports.StatementRequest) *postgres.StatementRecord {
	i.t.Helper()
	var issued *postgres.StatementRecord
	if _, err := reports.IssueStatement(i.t.Context(), i.Store, i.command(key, &issued), r); err != nil {
		i.t.Fatal(err)
	}
	return issued
}

func (i issuing) supersede(key string, number ledger.StatementNumber, reason string) *postgres.StatementRecord {
	i.t.Helper()
	var issued *postgres.StatementRecord
	if _, err := reports.SupersedeStatement(i.t.Context(), i.Store, i.command(key, &issued), number, reason); err != nil {
		i.t.Fatal(err)
	}
	return issued
}

// unmoved fails the test unless the statement, built again, is the frozen bytes.
func (i issuing) unmoved(issued *postgres.StatementRecord) {
	i.t.Helper()
	again, err := reports.Rebuild(i.t.Context(), i.Store, issued)
	if err != nil {
		i.t.Fatal(err)
	}
	if !bytes.Equal(again, issued.Document) {
		i.t.Errorf("statement %s built again differs (-frozen +built):\n%s", issued.Number, cmp.Diff(string(issued.Document), string(again)))
	}
}

// ruleOf returns the rule that an error breaks, empty when it is no such error.
func ruleOf(err error) ledger.Rule {
	var e *ledger.Error
	if !errors.As(err, &e) {
		return ""
	}
	return e.Rule
}

func wantRule(t *testing.T, err error, rule ledger.Rule) {
	t.Helper()
	var e *ledger.Error
	if !errors.As(err, &e) || e.Rule != rule && !slices.ContainsFunc(e.Violations, func(v ledger.Violation) bool { return v.Rule == rule }) {
		t.Errorf("got %v, want %s", err, rule)
	}
}

// TestIssue issues a statement, posts more, and supersedes it: each stays byte for byte what it was, and leads to the other.
func TestIssue(t *testing.T) {
	t.Parallel()
	i := issuing{ledgertest.NewBooks(t), t}
	p := i.Agree(i.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-01")
	i.Receipt("400.00 EUR", "2026-03-05", ledgertest.To(p, "400.00 EUR"))
	half := reports.StatementRequest{Contributor: "NLD", Period: days(t, "2026-01-01", "2026-06-30")}

	first := i.issue("one", half)
	if replay := i.issue("one", half); replay != nil {
		t.Errorf("the same request wrote %s", replay.Number)
	}
	year := first.IssuedAt.Year()
	if want := ledger.StatementNumberOf(year, 1); first.Number != want {
		t.Errorf("number %s, want %s", first.Number, want)
	}
	var issued *postgres.StatementRecord
	_, err := reports.IssueStatement(t.Context(), i.Store, i.command("again", &issued), half)
	wantRule(t, err, ledger.RuleStatementIssued)

	i.Receipt("100.00 EUR", "2026-06-01", ledgertest.To(p, "100.00 EUR"))
	i.unmoved(first)
	second := i.supersede("two", first.Number, "A receipt of June was recorded late")
	if second.Number != ledger.StatementNumberOf(year, 2) || second.Supersedes != first.Number || second.Previous != first.Number {
		t.Errorf("number %s supersedes %s, since %s", second.Number, second.Supersedes, second.Previous)
	}
	_, err = reports.SupersedeStatement(t.Context(), i.Store, i.command("three", &issued), first.Number, "Once more")
	wantRule(t, err, ledger.RuleStatementSuperseded)
	third := i.supersede("four", second.Number, "The address was wrong")
	i.Receipt("1.00 EUR", "2026-06-02", ledgertest.To(p, "1.00 EUR"))
	for _, s := range []*postgres.StatementRecord{first, second, third} {
		i.unmoved(s)
		kept, err := i.Statement(t.Context(), s.Number)
		if err != nil || !bytes.Equal(kept.Document, s.Document) {
			t.Errorf("statement %s is kept as %s (%v)", s.Number, kept.Document, err)
		}
		thawed, err := reports.Thaw(kept)
		if err != nil {
			t.Fatal(err)
		}
		if canonical := rendered(t, render.JSON, thawed); !bytes.Equal(canonical, s.Document) {
			t.Errorf("JSON of the thawed statement %s differs from what was frozen:\n%s", s.Number, canonical)
		}
	}
	list, err := i.Statements(t.Context(), "NLD", "", 10)
	if err != nil {
		t.Fatal(err)
	}
	var chain []string
	for _, s := range list {
		chain = append(chain, fmt.Sprintf("%s<%s>%s", s.Number[5:], s.Supersedes, s.SupersededBy))
	}
	want := []string{fmt.Sprintf("000003<%d/000002>", year), fmt.Sprintf("000002<%d/000001>%d/000003", year, year), fmt.Sprintf("000001<>%d/000002", year)}
	if diff := cmp.Diff(want, chain); diff != "" {
		t.Errorf("the chain (-want +got):\n%s", diff)
	}
	for name, r := range map[string]reports.StatementRequest{
		"a period that has not ended": {Contributor: "NLD", Period: days(t, "2026-01-01", "2199-12-31")},
		"no such fund":                {Contributor: "NLD", Period: half.Period, Fund: "NONE"},
		"no such contributor":         {Contributor: "XXX", Period: half.Period},
	} {
		_, err := reports.IssueStatement(t.Context(), i.Store, i.command(name, &issued), r)
		wantRule(t, err, map[string]ledger.Rule{"a period that has not ended": ledger.RuleDateInFuture, "no such fund": ledger.RuleFundUnknown, "no such contributor": ledger.RuleNotFound}[name])
	}
}

// TestIssueAtOnce lets 16 clients issue while others post: the numbers have no gap, and each statement built again is the
// frozen bytes, although postings were under way when it was built. A write that fails after its number was given leaves none.
func TestIssueAtOnce(t *testing.T) {
	t.Parallel()
	i := issuing{ledgertest.NewBooks(t), t}
	p := i.Agree(i.Pledge("1000000.00 EUR", "2026-01-10"), "2026-02-01")
	const clients, each = 16, 4
	posts := make([]func() error, clients)
	for n := range posts {
		posts[n] = func() error {
			_, err := i.RecordReceipt(t.Context(), i.CommandUnder(fmt.Sprintf("post %d", n), nil), postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF",
				Amount: ledgertest.Cash("10.00 EUR"), ValueDate: ledgertest.Day("2026-03-05"), BankReference: fmt.Sprintf("R %d", n), Parts: []postgres.PartInput{ledgertest.To(p, "10.00 EUR")}})
			return err
		}
	}
	var mu sync.Mutex
	var all []*postgres.StatementRecord
	var failures []error
	var wait sync.WaitGroup
	for n := range clients {
		wait.Go(func() {
			for k := range each {
				var issued *postgres.StatementRecord
				c := i.command(fmt.Sprintf("client %d, %d", n, k), &issued)
				broken := k == 1
				if broken {
					c.Answer = func(any) (postgres.Answer, error) { return postgres.Answer{}, errors.New("the power is cut") }
				}
				from := ledgertest.Day("2026-01-01").AddDays(n*each + k)
				_, err := reports.IssueStatement(t.Context(), i.Store, c, reports.StatementRequest{Contributor: "NLD", Period: ledger.Period{From: from, To: ledgertest.Day("2026-06-30")},
					Bodies: []reports.Bodies{reports.WithoutBodies, reports.BodiesTogether, reports.BodiesApart}[n%3]})
				mu.Lock()
				switch {
				case ruleOf(err) == ledger.RuleUnavailable: // too many at once for one contributor: told, and nothing written
				case err != nil && !broken, err == nil && broken:
					failures = append(failures, fmt.Errorf("client %d: %v", n, err))
				case !broken:
					all = append(all, issued)
				}
				mu.Unlock()
			}
		})
		wait.Go(func() {
			if err := posts[n](); err != nil {
				mu.Lock()
				failures = append(failures, err)
				mu.Unlock()
			}
		})
	}
	wait.Wait()
	if err := errors.Join(failures...); err != nil {
		t.Fatal(err)
	}
	numbers := make([]ledger.StatementNumber, len(all))
	for n, s := range all {
		numbers[n] = s.Number
		i.unmoved(s)
	}
	slices.Sort(numbers)
	for n, got := range numbers {
		if want := ledger.StatementNumberOf(all[0].IssuedAt.Year(), n+1); got != want {
			t.Errorf("number %d is %s", n+1, got)
		}
	}
	if len(all) < clients {
		t.Errorf("only %d of %d were issued", len(all), clients*(each-1))
	}
}

// TestChanges holds what a statement says of the days of the one before against a golden file: a late item, corrections and
// revaluations, in each format.
func TestChanges(t *testing.T) {
	t.Parallel()
	b := openBook(t)
	i := issuing{ledgertest.OnStore(t, b.Store), t}
	// The scripts post under the greatest key.
	first := i.issue("a 1", reports.StatementRequest{Contributor: "XAA", Period: days(t, "2024-01-01", "2024-12-31")})
	b.run(t, "late.sql")
	b.run(t, "changes.sql")
	second := i.supersede("a 2", first.Number, "Late papers")
	next := i.issue("a 3", reports.StatementRequest{Contributor: "XAA", Period: days(t, "2025-01-01", "2025-12-31")})
	quiet := i.supersede("a 4", next.Number, "The address was wrong")
	for name, s := range map[string]*postgres.StatementRecord{"statement_changes": second, "statement_changes_next": next, "statement_unchanged": quiet} {
		i.unmoved(s)
		thawed, err := reports.Thaw(s)
		if err != nil {
			t.Fatal(err)
		}
		told := &reports.Statement{Issued: thawed.Issued, Changes: thawed.Changes}
		steady(told)
		indented, err := json.MarshalIndent(struct {
			Issued  *reports.Issue   `json:"issued"`
			Changes *reports.Changes `json:"changes"`
		}{told.Issued, told.Changes}, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", indented)
		golden(t, name+".csv", rendered(t, render.CSV, told))
		golden(t, name+".txt", rendered(t, text, told))
	}
}

// steady puts the same year and the same instants into every run.
func steady(s *reports.Statement) {
	number := func(n ledger.StatementNumber) ledger.StatementNumber {
		if n == "" {
			return n
		}
		return "2026/" + n[5:]
	}
	s.Issued.Number, s.Issued.Supersedes = number(s.Issued.Number), number(s.Issued.Supersedes)
	s.Changes.Since.Number, s.Changes.Since.KnownAt = number(s.Changes.Since.Number), always
	for i := range s.Changes.Lines {
		s.Changes.Lines[i].RecordedAt = always
	}
}

// TestIssueAll interrupts a batch and runs it again: it goes on where it stopped, issues nothing twice, and leaves no gap.
func TestIssueAll(t *testing.T) {
	t.Parallel()
	i := issuing{ledgertest.NewBooks(t), t}
	for n := range 12 {
		code := ledger.ContributorCode(fmt.Sprintf("X%02d", n))
		i.Do(i.RecordContributor(i.Context(), i.Command(nil), ledger.Contributor{Code: code, Name: "Contributor " + string(code), Kind: ledger.RDB}))
		i.Do(i.RecordReceipt(i.Context(), i.Command(nil), postgres.ReceiptInput{Contributor: code, Fund: "CPCJF", Amount: ledgertest.Cash("5.00 USD"),
			ValueDate: ledgertest.Day(fmt.Sprintf("20%d-03-01", 25+n%2)), BankReference: string(code)}))
	}
	i.Pledge("100.00 USD", "2025-03-01") // of NLD, and still outstanding
	r := reports.StatementRequest{Period: days(t, "2026-01-01", "2026-06-30")}
	command := func(c ledger.ContributorCode) (postgres.Command, error) { return i.Command(nil), nil }
	run := func(ctx context.Context, stopAfter int) (told []string, err error) {
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		err = reports.IssueAll(ctx, i.Store, r, command, func(y reports.YearIssue) error {
			told = append(told, fmt.Sprintf("%d/%d %s %s %v", y.At, y.Of, y.Contributor, y.Number[5:], y.Before))
			if y.At == stopAfter {
				cancel()
			}
			return nil
		})
		return told, err
	}
	if told, err := run(t.Context(), 3); !errors.Is(err, context.Canceled) || len(told) != 3 {
		t.Fatalf("interrupted: %v, %v", told, err)
	}
	told, err := run(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"1/7 NLD 000001 true", "2/7 X01 000002 true", "3/7 X03 000003 true", "4/7 X05 000004 false", "5/7 X07 000005 false", "6/7 X09 000006 false", "7/7 X11 000007 false"}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Errorf("the second run (-want +got):\n%s", diff)
	}
}
