package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"vcledger/ledger"
	"vcledger/ledger/ledgertest"
	"vcledger/ledger/postgres"
)

// issueBooks are books with a receipt of each of some contributors, NLD's receipt among them.
func issueBooks(t *testing.T, url string, contributors int) *ledgertest.Books {
	t.Helper()
	b := ledgertest.NewBooksOn(t, url)
	b.Receipt("1000.00 USD", "2025-03-01")
	for n := range contributors - 1 {
		code := ledger.ContributorCode(fmt.Sprintf("X%02d", n))
		b.Do(b.RecordContributor(t.Context(), b.Command(nil), ledger.Contributor{Code: code, Name: "Contributor " + string(code), Kind: ledger.RDB}))
		b.Do(b.RecordReceipt(t.Context(), b.Command(nil), postgres.ReceiptInput{Contributor: code, Fund: "CPCJF", Amount: ledgertest.Cash("5.00 USD"),
			ValueDate: ledgertest.Day("2025-03-01"), BankReference: string(code)}))
	}
	return b
}

// filesOf returns the files of a directory by name; names that begin with a dot are of writes that were cut off.
func filesOf(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "[^.]*"))
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{}
	for _, path := range paths {
		if files[filepath.Base(path)], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	return files
}

// TestIssueKilled kills the command in the middle of a batch and runs it again: everybody has one statement and its file,
// what stood before is told, and the numbers have no gap.
func TestIssueKilled(t *testing.T) {
	t.Parallel()
	const contributors, before = 40, 3
	url, dir := ledgertest.Database(t), filepath.Join(t.TempDir(), "statements")
	b := issueBooks(t, url, contributors)
	args := []string{"issue", "--from", "2025-01-01", "--to", "2025-12-31", "--database-url", url, "--output-dir", dir, "--lang", "fr"}

	killed := exec.CommandContext(t.Context(), os.Args[0], args...)
	killed.Env = append(os.Environ(), commandEnv+"=yes")
	out, err := killed.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := killed.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewScanner(out)
	for n := 0; n < before && lines.Scan(); n++ {
		t.Log(lines.Text())
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := killed.Wait(); err == nil || killed.ProcessState.ExitCode() != -1 {
		t.Fatalf("the command ended before it was killed: %v", err)
	}

	again, stderr := works(t, args...)
	told := strings.Split(strings.TrimSuffix(again, "\n"), "\n")
	if len(told) != contributors {
		t.Fatalf("%d statements:\n%s", len(told), again)
	}
	stood, year := 0, told[0][:4]
	for n, line := range told {
		columns := strings.Split(line, "\t")
		if len(columns) != 4 {
			t.Fatalf("the line %q has no four columns", line)
		}
		if want := fmt.Sprintf("%s/%06d", year, n+1); columns[0] != want {
			t.Errorf("statement %s, want %s", columns[0], want)
		}
		if want := filepath.Join(dir, fmt.Sprintf("%s-%06d-%s.pdf", year, n+1, columns[1])); columns[3] != want {
			t.Errorf("the file %s, want %s", columns[3], want)
		}
		if columns[2] == "stood before" {
			stood++
		}
	}
	if stood < before || stood == contributors || !strings.Contains(stderr, fmt.Sprintf("%d issued, %d stood before\n", contributors-stood, stood)) {
		t.Errorf("%d stood before: %s", stood, stderr)
	}
	files := filesOf(t, dir)
	if len(files) != contributors || !bytes.HasPrefix(files[year+"-000001-NLD.pdf"], []byte("%PDF-")) {
		t.Errorf("%d files", len(files))
	}
	third, _ := works(t, args...)
	if strings.Count(third, "stood before") != contributors || !cmp.Equal(files, filesOf(t, dir)) {
		t.Errorf("the third run:\n%s", third)
	}
	standing, err := b.StandingStatements(t.Context(), postgres.StatementScope{Period: ledger.Period{From: ledgertest.Day("2025-01-01"), To: ledgertest.Day("2025-12-31")}, Bodies: "without"})
	if err != nil || len(standing) != contributors {
		t.Errorf("%d statements stand (%v)", len(standing), err)
	}
}

// TestIssueOne issues a statement of one contributor, and anew with a reason; asked again, both stand.
func TestIssueOne(t *testing.T) {
	t.Parallel()
	url, dir := ledgertest.Database(t), t.TempDir()
	b := issueBooks(t, url, 2)
	one := []string{"issue", "--contributor", "NLD", "--from", "2025-01-01", "--to", "2025-12-31", "--fund", "CPCJF", "--database-url", url}
	first, _ := works(t, one...)
	number, rest, _ := strings.Cut(first, "\t")
	if rest != "NLD\tissued\n" {
		t.Fatalf("issued: %q", first)
	}
	b.Receipt("20.00 USD", "2025-04-01")
	anew := func(number, reason string) []string {
		return []string{"issue", "--supersede", number, "--reason", reason, "--database-url", url, "--output-dir", dir, "--format", "json"}
	}
	second, _ := works(t, anew(number, "A receipt of April was late")...)
	successor := number[:5] + "000002"
	path := filepath.Join(dir, number[:4]+"-000002-NLD.json")
	if want := successor + "\tNLD\tissued\t" + path + "\n"; second != want {
		t.Errorf("issued anew: %q, want %q", second, want)
	}
	issued, err := b.Statement(t.Context(), ledger.StatementNumber(successor))
	if err != nil {
		t.Fatal(err)
	}
	if files := filesOf(t, dir); len(files) != 1 || !bytes.Equal(files[filepath.Base(path)], issued.Document) || issued.Reason != "A receipt of April was late" {
		t.Errorf("the reason %q, %d files", issued.Reason, len(files))
	}
	if again, _ := works(t, anew(number, "A receipt of April was late")...); again != successor+"\tNLD\tstood before\t"+path+"\n" {
		t.Errorf("issued anew for the same reason again: %q", again)
	}
	if code, out, stderr := vcledger(t, anew(number, "Another reason")...); code != exitFailed || out != "" || !strings.Contains(stderr, "is superseded by "+successor) {
		t.Errorf("issued anew for another reason: exit %d, %s%s", code, out, stderr)
	}
	if again, _ := works(t, one...); again != successor+"\tNLD\tstood before\n" {
		t.Errorf("asked again: %q", again)
	}
	for _, wrong := range [][]string{append(one, "--fund", "NONE"), append(one, "--contributor", "NOBODY"), append(one, "--to", "2199-12-31"), anew("1999/000001", "None")} {
		if code, out, _ := vcledger(t, wrong...); code != exitFailed || out != "" {
			t.Errorf("%v: exit %d, %s", wrong, code, out)
		}
	}
	if list, err := b.Statements(t.Context(), "NLD", "", 10); err != nil || len(list) != 2 {
		t.Errorf("%d statements (%v)", len(list), err)
	}
}
