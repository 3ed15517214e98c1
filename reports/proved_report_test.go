package reports_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/proof"
	"vcledger/reports"
	"vcledger/reports/render"
)

// report is a fund report of 2025 as an auditor gets it.
func (b book) report(t *testing.T) []byte {
	t.Helper()
	r, err := reports.ReadFundReport(context.Background(), b.Store, "GEN", 2025, always)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.JSON(&out, r); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// aged seals the log and lets its checkpoints be from a year that is over.
func (b book) aged(t *testing.T) {
	t.Helper()
	if _, err := b.LastCheckpoint(context.Background()); err != nil {
		t.Fatal(err)
	}
	for _, do := range []string{`SET session_replication_role = replica`, `UPDATE log_checkpoint SET recorded_at = '2024-12-30'`, `SET session_replication_role = DEFAULT`} {
		b.owner.MustExec(do)
	}
}

// proves verifies a file and returns what is proven, what is not and what is wrong.
func proves(t *testing.T, file []byte, public string) (proven, unproven, wrong string) {
	t.Helper()
	p, err := reports.Verify(file, public)
	if err != nil {
		t.Fatal(err)
	}
	return told(p.Proven), told(p.Unproven), told(p.Wrong)
}

// told joins sentences in English.
func told(list []reports.Told) string {
	var b strings.Builder
	for _, s := range list {
		fmt.Fprintln(&b, s)
	}
	return b.String()
}

// TestReportProvesItself verifies a fund report of a log that is younger than the year, and of one that is older; what is
// recorded after it changes no byte of it.
func TestReportProvesItself(t *testing.T) {
	b, public := signed(t)
	b.owner.SetMaxOpenConns(1)
	young := b.report(t)
	proven, unproven, wrong := proves(t, young, public)
	if wrong != "" || !strings.Contains(proven, "Every byte of the report") || strings.Contains(proven, "begins with") || !strings.Contains(unproven, "Nothing ties this log to an earlier one") {
		t.Errorf("a young log: proven %s\nnot proven %s\nwrong %s", proven, unproven, wrong)
	}
	carried(t, young, public)

	b.aged(t)
	b.run(t, "late.sql")
	grown := b.report(t)
	proven, unproven, wrong = proves(t, grown, public)
	if wrong != "" || !strings.Contains(proven, "The log begins with the whole of an earlier one") || strings.Contains(unproven, "Nothing ties") {
		t.Errorf("a log that grew: proven %s\nnot proven %s\nwrong %s", proven, unproven, wrong)
	}
	carried(t, grown, public)

	if _, _, wrong := proves(t, indented(t, grown), public); wrong != "" {
		t.Errorf("a file that another program arranged: %s", wrong)
	}
	changed := bytes.Replace(grown, []byte(`"amount":"`), []byte(`"amount":"9`), 1)
	if _, _, wrong := proves(t, changed, public); !strings.Contains(wrong, "at least one of its bytes was changed") {
		t.Errorf("a changed figure: %q", wrong)
	}
	if _, _, wrong := proves(t, grown, otherKey(t)); !strings.Contains(wrong, "it was not signed with this key") {
		t.Errorf("another key: %q", wrong)
	}
}

// TestReportStays makes a report as known at an instant, records more, and makes it again: the same bytes.
func TestReportStays(t *testing.T) {
	b, _ := signed(t)
	at, err := b.SettledInstant(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	make := func() []byte {
		r, err := reports.ReadFundReport(context.Background(), b.Store, "GEN", 2025, at)
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := render.PDF(&out, r, "en"); err != nil {
			t.Fatal(err)
		}
		return out.Bytes()
	}
	before := make()
	size := func() int64 {
		c, err := b.LastCheckpoint(context.Background())
		if err != nil {
			t.Fatal(err)
		}
		return c.Size
	}
	first := size()
	b.run(t, "late.sql")
	if size() == first {
		t.Fatal("nothing was recorded in between")
	}
	if !bytes.Equal(before, make()) {
		t.Error("what was recorded later changed the report")
	}
}

// TestReportOfChangedPast lets the earlier checkpoint be of a log with another past, signed with the same key.
func TestReportOfChangedPast(t *testing.T) {
	b := openBook(t)
	ledgertest.Signed(t, b.Store)
	b.owner.SetMaxOpenConns(1)
	b.aged(t)
	b.run(t, "late.sql")
	var r reports.FundReport
	if err := json.Unmarshal(b.report(t), &r); err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut(r.Proof.Consistency.Checkpoint, "\n\n")
	c, err := proof.ParseCheckpoint(text + "\n")
	if err != nil {
		t.Fatal(err)
	}
	c.Root[0]++
	if r.Proof.Consistency.Checkpoint, err = ledgertest.Signer(t).Sign(c.Text()); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := render.JSON(&file, &r); err != nil {
		t.Fatal(err)
	}
	if _, _, wrong := proves(t, file.Bytes(), ledgertest.PublicKey); !strings.Contains(wrong, "its past was changed") {
		t.Errorf("another past: %q", wrong)
	}
}

// TestReportRoundTrip reads a report from its own JSON and writes it again.
func TestReportRoundTrip(t *testing.T) {
	b, _ := signed(t)
	file := b.report(t)
	doc, err := reports.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	if err := render.JSON(&out, doc); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(file), out.String()); diff != "" {
		t.Errorf("(-given +read and written):\n%s", diff)
	}
}

func indented(t *testing.T, file []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, file, "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func otherKey(t *testing.T) string {
	t.Helper()
	_, public, err := proof.NewKey("fund.example.org/ledger")
	if err != nil {
		t.Fatal(err)
	}
	return public
}
