package main

import (
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"vcledger/ledger/ledgertest"
)

// books makes a database with a fund, a receipt and a key, and returns its URL.
func books(t *testing.T) string {
	t.Helper()
	url := ledgertest.Database(t)
	b := ledgertest.NewBooksOn(t, url)
	b.Receipt("10.00 EUR", "2026-03-02")
	if _, err := ledgertest.Key(b.Store, "Anna", "officer", ""); err != nil {
		t.Fatal(err)
	}
	return url
}

// TestBackupAndRestore takes a backup to a file and brings it back; another file of the name is replaced only by a whole one.
func TestBackupAndRestore(t *testing.T) {
	t.Parallel()
	url, dir := books(t), t.TempDir()
	file := filepath.Join(dir, "b.gz")
	_, told := works(t, "backup", file, "--database-url", url)
	if !strings.Contains(told, " rows of ") {
		t.Errorf("backup says %q", told)
	}
	if code, _, _ := vcledger(t, "backup", file, "--database-url", ledgertest.Empty(t)); code != exitFailed {
		t.Errorf("backup of nothing: exit %d", code)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 1 {
		t.Errorf("files: %v, %v", left, err)
	}
	if code, _, told := vcledger(t, "restore", file, "--database-url", url); code != exitFailed || !strings.Contains(told, "not empty") {
		t.Errorf("restore over a ledger: exit %d, %s", code, told)
	}
	into := ledgertest.Empty(t)
	if out, _ := works(t, "restore", file, "--database-url", into); !strings.HasPrefix(out, "restored: ") {
		t.Errorf("restore says %q", out)
	}
	if out, _ := works(t, "key", "list", "--database-url", into); !strings.Contains(out, "Anna") {
		t.Errorf("keys: %s", out)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data[:len(data)-20], 0o600); err != nil {
		t.Fatal(err)
	}
	if code, out, told := vcledger(t, "restore", file, "--database-url", ledgertest.Empty(t)); code != exitFailed || out != "" || !strings.Contains(told, "cut off") {
		t.Errorf("a truncated backup: exit %d, %q, %s", code, out, told)
	}
}

// TestSignedLogNeedsKey holds that no process without the key goes on with a log that a key signs, and that a restore checks the
// signatures when it has the key.
func TestSignedLogNeedsKey(t *testing.T) {
	t.Parallel()
	url, dir := ledgertest.Database(t), t.TempDir()
	key, file, forged := filepath.Join(dir, "log.key"), filepath.Join(dir, "b.gz"), filepath.Join(dir, "forged.gz")
	works(t, "key", "log", "create", "--name", "fund.example.org/ledger", "--file", key)
	b := ledgertest.NewBooksOn(t, url)
	b.Receipt("10.00 EUR", "2026-03-02")
	works(t, "backup", file, "--database-url", url, "--log-key", key)
	if out, _ := works(t, "verify", "--database-url", url); !strings.Contains(out, "signatures of the checkpoints were not checked") {
		t.Errorf("verify without the key says:\n%s", out)
	}
	const needs = "--log-key"
	if code, _, told := vcledger(t, "serve", "--database-url", url, "--addr", "127.0.0.1:0"); code != exitUsage || !strings.Contains(told, needs) {
		t.Errorf("serve without the key: exit %d, %s", code, told)
	}
	b.Receipt("11.00 EUR", "2026-03-03")
	for _, command := range []string{"verify", "backup"} {
		args := []string{command, "--database-url", url}
		if command == "backup" {
			args = append(args, filepath.Join(dir, "unsealed.gz"))
		}
		if code, _, told := vcledger(t, args...); code != exitFailed || !strings.Contains(told, needs) {
			t.Errorf("%s without the key: exit %d, %s", command, code, told)
		}
	}
	if out, _ := works(t, "verify", "--database-url", url, "--log-key", key); !strings.Contains(out, "Everything is as it was sealed.") {
		t.Errorf("verify with the key says:\n%s", out)
	}

	into := ledgertest.Empty(t)
	if out, _ := works(t, "restore", file, "--database-url", into, "--log-key", key); strings.Contains(out, "not checked") {
		t.Errorf("restore with the key says:\n%s", out)
	}
	ledgertest.Connect(t, into, "").MustExec(`SET session_replication_role = replica; UPDATE log_checkpoint SET note = replace(note, '— ', '— x')`)
	works(t, "backup", forged, "--database-url", into, "--log-key", key)
	if code, out, _ := vcledger(t, "restore", forged, "--database-url", ledgertest.Empty(t), "--log-key", key); code != exitFailed || !strings.Contains(out, "The checkpoint of") {
		t.Errorf("restore of a forged signature: exit %d\n%s", code, out)
	}
}

// TestJournal exports the journal and imports it: the export of the import is the same but for its instant, and nobody has a key.
func TestJournal(t *testing.T) {
	t.Parallel()
	url := books(t)
	first, _ := works(t, "export", "journal", "--database-url", url)
	file := filepath.Join(t.TempDir(), "journal.ndjson")
	if err := os.WriteFile(file, []byte(first), 0o600); err != nil {
		t.Fatal(err)
	}
	into := ledgertest.Empty(t)
	imported, _ := works(t, "import", "journal", file, "--database-url", into)
	verified, _ := works(t, "verify", "--database-url", url)
	_, root, _ := strings.Cut(verified, "root ")
	root, _, _ = strings.Cut(root, "\n")
	if len(root) != 64 || !strings.Contains(imported, "root "+root) {
		t.Errorf("the root is %q; the import says %s", root, imported)
	}
	second, _ := works(t, "export", "journal", "--database-url", into)
	a, b := strings.Split(first, "\n"), strings.Split(second, "\n")
	for i := 1; i < len(a)-2; i++ {
		if i >= len(b) || a[i] != b[i] {
			t.Fatalf("line %d differs: %.200s", i+1, a[i])
		}
	}
	if out, _ := works(t, "key", "list", "--database-url", into); strings.Contains(out, "Anna") {
		t.Errorf("a key came along: %s", out)
	}
	if code, _, told := vcledger(t, "export", "journal", "--fund", "CPCJF", "--database-url", url); code != exitUsage || !strings.Contains(told, "--fund") {
		t.Errorf("export journal --fund: exit %d, %s", code, told)
	}
}

// TestDaily makes the backups of five days, of which three are kept, and one that cannot be made. What was posted before a backup
// is sealed in it.
func TestDaily(t *testing.T) {
	t.Parallel()
	url := books(t)
	store := ledgertest.Signed(t, ledgertest.Open(t, url))
	d := daily{url: url, dir: filepath.Join(t.TempDir(), "backups"), seal: store.Seal, keep: 3, log: slog.New(slog.DiscardHandler)}
	day := time.Date(2026, 3, 1, 10, 0, 0, 0, time.UTC)
	for i := range 5 {
		for range 2 {
			next, err := d.make(t.Context(), day.AddDate(0, 0, i))
			if err != nil || !next.Equal(time.Date(2026, 3, 2+i, 0, 0, 0, 0, time.UTC)) {
				t.Errorf("day %d: next %v, %v", i, next, err)
			}
		}
	}
	files, err := filepath.Glob(filepath.Join(d.dir, "*"))
	if err != nil {
		t.Fatal(err)
	}
	if got := fmt.Sprint(len(files), " ", filepath.Base(files[0])); got != "3 vcledger-2026-03-03.ndjson.gz" {
		t.Errorf("files: %v", files)
	}
	restored := ledgertest.Empty(t)
	works(t, "restore", files[2], "--database-url", restored)
	var waits int
	if err := ledgertest.Connect(t, url, "").Get(&waits, `SELECT (SELECT count(*) FROM log_queue) + (SELECT count(*) FROM event_queue)`); err != nil || waits > 0 {
		t.Errorf("%d records wait for the log after a backup, %v", waits, err)
	}
	var sizes []int64
	if err := ledgertest.Connect(t, restored, "").Select(&sizes, `SELECT size FROM log_checkpoint UNION ALL SELECT count(*) FROM log_leaf`); err != nil || len(sizes) != 2 || sizes[0] != sizes[1] {
		t.Errorf("the checkpoint and the leaves of the last backup: %v, %v", sizes, err)
	}
	d.url = ledgertest.Empty(t)
	if _, err := d.make(t.Context(), day.AddDate(0, 0, 9)); err == nil {
		t.Error("a backup of nothing")
	}
	if left, err := os.ReadDir(d.dir); err != nil || len(left) != 3 {
		t.Errorf("after a failure: %v, %v", left, err)
	}
}
