package postgres_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// full returns the URL of a database with something in most tables, and with values that are easily spoilt on the way.
func full(t *testing.T) string {
	t.Helper()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	p := b.Agree(b.Pledge("1000.00 EUR", "2026-01-10"), "2026-02-10")
	b.Receipt("100.10 EUR", "2026-03-02", ledgertest.To(p, "100.10 EUR"))
	b.Receipt("7.00 EUR", "2026-03-02")
	offer(b)
	if _, err := ledgertest.Key(b.Store, "Anna", "officer", ""); err != nil {
		t.Fatal(err)
	}
	if _, err := b.Events(t.Context(), 0, 1); err != nil {
		t.Fatal(err)
	}
	b.Receipt("8.00 EUR", "2026-03-02") // waits for its place in the change stream
	db := ledgertest.Connect(t, url, "")
	db.MustExec(`UPDATE contributor SET contact = E'tab\t, newline\n, backslash \\N \\. and "quotes", ` + "日本 \u200f العربية" + `' WHERE code = 'DEU'`)
	db.MustExec(`INSERT INTO audit (operation, outcome, change) VALUES ('odd', 'done', 'null'), ('odd', 'done', NULL), ('odd', 'done', '{"a":1.10,"b":"\u2028\\"}')`)
	db.MustExec(`INSERT INTO rate (currency, effective_date, units_per_usd, source) VALUES ('EUR', '2026-04-01', 0.900000000000100, 'un')`)
	return url
}

func archived(t *testing.T, url string, journal bool) []byte {
	t.Helper()
	var out bytes.Buffer
	if _, err := postgres.Backup(t.Context(), url, &out, postgres.BackupOptions{Journal: journal}); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// body is an archive without its first and last line, which have the instant.
func body(archive []byte) []string {
	lines := strings.Split(string(archive), "\n")
	return lines[1 : len(lines)-2]
}

// TestRestore loads backups into empty databases: every row and the schema are the same, the ledger goes on, and nothing that
// is posted can be changed.
func TestRestore(t *testing.T) {
	t.Parallel()
	for _, journal := range []bool{false, true} {
		url := full(t)
		archive := archived(t, url, journal)
		var packed bytes.Buffer
		z := gzip.NewWriter(&packed)
		if _, err := z.Write(archive); err != nil || z.Close() != nil {
			t.Fatal(err)
		}
		for _, form := range [][]byte{archive, packed.Bytes()} {
			into := ledgertest.Empty(t)
			a, err := postgres.Restore(t.Context(), into, bytes.NewReader(form), postgres.RestoreOptions{})
			if err != nil {
				t.Fatal(err)
			}
			if a.Rows() < 100 {
				t.Errorf("%d rows", a.Rows())
			}
			if diff := cmp.Diff(body(archive), body(archived(t, into, journal))); diff != "" {
				t.Errorf("journal %v: what was restored (-archive +database):\n%s", journal, diff)
			}
			b := ledgertest.OnStore(t, ledgertest.Open(t, into))
			ledgertest.CheckBooks(t, b.Store)
			if current, err := b.Migrated(t.Context()); err != nil || !current {
				t.Errorf("the schema is current: %v, %v", current, err)
			}
			replay, err := b.RecordReceipt(t.Context(), b.CommandUnder("key 8", nil), postgres.ReceiptInput{})
			if err != nil || !replay.Replayed {
				t.Errorf("an old key: %+v, %v", replay, err)
			}
			b.Do(b.RecordReceipt(t.Context(), b.CommandUnder("after", nil), postgres.ReceiptInput{Contributor: "NLD", Fund: "CPCJF", Amount: cash("1.00 EUR"), ValueDate: day("2026-03-03")}))
			owner := ledgertest.Connect(t, into, "")
			if _, err := owner.Exec(`UPDATE journal_line SET amount = amount + 1`); err == nil {
				t.Error("a restored line can be changed")
			}
			if _, err := postgres.Restore(t.Context(), into, bytes.NewReader(form), postgres.RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "not empty") {
				t.Errorf("restored over a ledger: %v", err)
			}
		}
	}
}

// objects counts what a database has in its schema.
func objects(t *testing.T, url string) (n int) {
	t.Helper()
	err := ledgertest.Connect(t, url, "").Get(&n, `
		SELECT (SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace) + (SELECT count(*) FROM pg_proc WHERE pronamespace = 'public'::regnamespace)
		     + (SELECT count(*) FROM pg_type WHERE typnamespace = 'public'::regnamespace)`)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestRestoreRefuses gives it what is not a whole archive: each is refused with the reason, and leaves nothing.
func TestRestoreRefuses(t *testing.T) {
	t.Parallel()
	archive := archived(t, full(t), false)
	into := ledgertest.Empty(t)
	refused := func(name string, altered []byte, says string) {
		t.Helper()
		_, err := postgres.Restore(t.Context(), into, bytes.NewReader(altered), postgres.RestoreOptions{})
		if !errors.Is(err, postgres.ErrArchive) || !strings.Contains(err.Error(), says) {
			t.Errorf("%s: %v", name, err)
		}
		if n := objects(t, into); n != 0 {
			t.Fatalf("%s: %d objects are left behind", name, n)
		}
	}
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	if _, err := z.Write(archive); err != nil || z.Close() != nil {
		t.Fatal(err)
	}
	refused("nothing", nil, "line 1 is where it was cut off")
	refused("something else", []byte("{}\n"), "not the beginning")
	refused("another version", bytes.Replace(archive, []byte(`"version":1`), []byte(`"version":2`), 1), "version 2")
	refused("half of it", archive[:len(archive)/2], "cut off")
	refused("without its last line", archive[:bytes.LastIndexByte(archive[:len(archive)-1], '\n')+1], "cut off")
	refused("half of the compressed", packed.Bytes()[:packed.Len()/2], "cut off")
	refused("an amount altered", bytes.Replace(archive, []byte(`"100.10"`), []byte(`"900.10"`), 1), "not those that were written")
	refused("a header altered", bytes.Replace(archive, []byte(`"schema":`), []byte(`"schema" :`), 1), "not end the archive that was written")
	refused("more behind it", append(bytes.Clone(archive), "[]\n"...), "not the last")
	rows := bytes.SplitAfter(archive, []byte("\n"))
	refused("a row less", bytes.Join(append(rows[:3:3], rows[4:]...), nil), "not those that were written")
	// Whoever makes right hashes for wrong rows meets the constraints.
	forged := forge(t, archive, `"100.10"`, `"900.10"`)
	if _, err := postgres.Restore(t.Context(), into, bytes.NewReader(forged), postgres.RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "hold together") {
		t.Errorf("forged: %v", err)
	}
	if n := objects(t, into); n != 0 {
		t.Errorf("forged: %d objects are left behind", n)
	}
	forged = forge(t, archive, `["NLD","Netherlands"`, `["NLX","Netherlands"`)
	if _, err := postgres.Restore(t.Context(), into, bytes.NewReader(forged), postgres.RestoreOptions{}); err == nil || !strings.Contains(err.Error(), "_fkey") {
		t.Errorf("forged: %v", err)
	}
	if n := objects(t, into); n != 0 {
		t.Errorf("forged: %d objects are left behind", n)
	}
	ctx, cancel := context.WithCancel(t.Context())
	_, err := postgres.Restore(ctx, into, bytes.NewReader(archive), postgres.RestoreOptions{Progress: func(phase string, at, _ int64) {
		if phase == "load" && at == 10 {
			cancel()
		}
	}})
	if !errors.Is(err, context.Canceled) || objects(t, into) != 0 {
		t.Errorf("interrupted: %v, %d objects are left behind", err, objects(t, into))
	}
	if _, err := postgres.Restore(t.Context(), into, bytes.NewReader(archive), postgres.RestoreOptions{}); err != nil {
		t.Errorf("after all of them: %v", err)
	}
}

// TestRestoreAfterKill restores into what a restore leaves that was killed between the schema and the rows.
func TestRestoreAfterKill(t *testing.T) {
	t.Parallel()
	archive := archived(t, full(t), false)
	into := ledgertest.Database(t)
	if _, err := postgres.Restore(t.Context(), into, bytes.NewReader(archive), postgres.RestoreOptions{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(body(archive), body(archived(t, into, false))); diff != "" {
		t.Error(diff)
	}
}

// forge replaces the first occurrence in an archive and makes its counts and hashes right again.
func forge(t *testing.T, archive []byte, from, to string) []byte {
	t.Helper()
	if !bytes.Contains(archive, []byte(from)) {
		t.Fatalf("no %s in the archive", from)
	}
	var out bytes.Buffer
	if err := postgres.Reseal(&out, bytes.Replace(archive, []byte(from), []byte(to), 1)); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// FuzzArchive reads bytes of anybody's: what is accepted has the hashes of its rows, and nothing panics.
func FuzzArchive(f *testing.F) {
	f.Add([]byte(`{"archive":"vcledger","version":1,"schema":1,"server":"15","taken_at":"2026-01-01T00:00:00Z","tables":[{"name":"a","columns":["b"]}],"sequences":null}` +
		"\n[\"1\"]\n[null]\n{\"table\":\"a\",\"rows\":2}\n{\"end\":true}\n"))
	f.Add([]byte{0x1f, 0x8b, 8, 0, 0})
	f.Fuzz(func(t *testing.T, data []byte) {
		var sealed bytes.Buffer
		rows, err := postgres.ReadArchive(bytes.NewReader(data))
		if err == nil && rows < 0 {
			t.Error(rows)
		}
		if postgres.Reseal(&sealed, data) != nil {
			return
		}
		if n, err := postgres.ReadArchive(bytes.NewReader(sealed.Bytes())); err != nil && !errors.Is(err, postgres.ErrArchive) {
			t.Errorf("%d, %v", n, err)
		}
	})
}
