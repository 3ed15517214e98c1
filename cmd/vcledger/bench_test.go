package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestBench measures for a moment on a small ledger and looks at what is said, not at how fast it was.
func TestBench(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "figures.json")
	// In a process of its own, so that the service that it starts is the command too, and not this test.
	c := exec.CommandContext(t.Context(), os.Args[0], "bench", "--lines", "500", "--clients", "1,2", "--batch", "20", "--span", "50ms", "--markdown", "--json", file)
	c.Env = append(os.Environ(), commandEnv+"=1", "DATABASE_URL=postgres://nobody@127.0.0.1:1/none") // which is nothing to it
	var said output
	c.Stderr = &said
	out, err := c.Output()
	stderr := said.String()
	if err != nil {
		t.Fatalf("%v: %s", err, stderr)
	}
	f := figuresOf(t, file)
	if f.Fsync != "on" || f.SynchronousCommit != "on" || f.Cores < 1 || len(f.Ledgers) != 1 {
		t.Fatalf("the settings: %+v", f)
	}
	for _, l := range f.Ledgers {
		names := map[string]int{}
		for _, m := range l.Measured {
			names[m.Name]++
			plain := isPlain(m.Name)
			byOthers := plain || m.Name == pgbenchWork || m.Name == importWork // whose times are not known one by one
			if m.Done == 0 || m.PerSecond.IsZero() && !plain || m.Mean == 0 || !byOthers && (m.P50 == 0 || m.P50 > m.P95 || m.P95 > m.P99 || m.ServerMemory == 0 || m.PostgresMemory == 0) {
				t.Errorf("measured: %+v", m)
			}
			if len(m.Against) != len(against[m.Name]) {
				t.Errorf("the ratios of %s: %v", m.Name, m.Against)
			}
			for _, r := range m.Against {
				if plain != r.Throughput.IsZero() || !r.Latency.IsPositive() && (plain || m.Name == receiptWork) {
					t.Errorf("%s against %s: %v", m.Name, r.Name, r)
				}
			}
			if !strings.Contains(string(out), "| "+m.Name+" | ") {
				t.Errorf("no row for %s in\n%s", m.Name, out)
			}
			if !slices.ContainsFunc(meanings, func(row []string) bool { return row[0] == m.Name }) {
				t.Errorf("nothing says what %s means", m.Name)
			}
		}
		for _, name := range []string{floorWork, statementWork, leastWork, receiptWork, batchWork, statementJSON, listWork} {
			if names[name] != 2 {
				t.Errorf("%s was measured %d times, want 2", name, names[name])
			}
		}
		for _, p := range plainPrograms {
			if _, err := exec.LookPath(p.program); (err == nil) != (names[p.program] == 1) {
				t.Errorf("%s was measured %d times", p.program, names[p.program])
			}
		}
		if l.Lines < 500 || names[importWork] != 1 {
			t.Errorf("a ledger of %d lines, %d imports", l.Lines, names[importWork])
		}
	}
	_, dir, found := strings.Cut(strings.SplitN(stderr, "\n", 2)[0], " in ")
	if !found {
		t.Fatalf("no directory is named: %s", stderr)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
	for _, args := range [][]string{{"--clients", "0"}, {"--lines", "0"}, {"--batch", "1001"}} {
		if code, _, _ := vcledger(t, append([]string{"bench"}, args...)...); code != exitUsage {
			t.Errorf("%v: exit %d", args, code)
		}
	}
}

// figuresOf returns what a run of the bench kept in a file.
func figuresOf(t *testing.T, file string) (f benchFigures) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	return f
}

// TestBenchGrowth sets two ledgers against each other, the larger of which lacks what was not measured.
func TestBenchGrowth(t *testing.T) {
	t.Parallel()
	f := benchFigures{Ledgers: []benchLedger{
		{Lines: 100, Measured: []benchMeasure{{Name: listWork, Clients: 1, P50: 2000, Mean: 1}, {Name: receiptWork, Clients: 1, P50: 3000, Mean: 1}, {Name: receiptWork, Clients: 8, P50: 1, Mean: 1}}},
		{Lines: 10_000, Measured: []benchMeasure{{Name: receiptWork, Clients: 1, P50: 4500, Mean: 1}, {Name: receiptWork, Clients: 8, P50: 9, Mean: 1}}},
	}}
	f.compare()
	if len(f.Growth) != 1 || f.Growth[0].Name != receiptWork || f.Growth[0].Lines != 10_000 || f.Growth[0].Ratio.String() != "1.5" {
		t.Errorf("the growth: %+v", f.Growth)
	}
	var out bytes.Buffer
	if err := f.print(&out, true); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(out.String(), "| 10000 | 1.50 |") {
		t.Errorf("it is not told:\n%s", out.String())
	}
}
