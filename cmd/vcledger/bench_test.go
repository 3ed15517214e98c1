package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestBench measures for a moment on a small ledger and looks at what is said, not at how fast it was.
func TestBench(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "figures.json")
	out, stderr := works(t, "bench", "--lines", "500", "--clients", "1,2", "--span", "50ms", "--markdown", "--json", file)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var f benchFigures
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	if f.Fsync != "on" || f.SynchronousCommit != "on" || f.Lines < 500 || f.Cores < 1 {
		t.Errorf("the settings: %+v", f)
	}
	if len(f.Measured) != 16 {
		t.Errorf("%d measurements, want 16", len(f.Measured))
	}
	for _, m := range f.Measured {
		if m.Done == 0 || m.PerSecond == 0 || m.P50 == 0 || m.P50 > m.P95 || m.P95 > m.P99 || m.Memory == 0 || m.PostgresMemory == 0 {
			t.Errorf("measured: %+v", m)
		}
		if (m.Ratio != nil) != (m.Name == receiptWork) {
			t.Errorf("the ratio of %s: %v", m.Name, m.Ratio)
		}
		if !strings.Contains(out, "| "+m.Name+" | ") {
			t.Errorf("no row for %s in\n%s", m.Name, out)
		}
	}
	_, dir, found := strings.Cut(strings.SplitN(stderr, "\n", 2)[0], " in ")
	if !found {
		t.Fatalf("no directory is named: %s", stderr)
	}
	if _, err := os.Stat(dir); !os.IsNotExist(err) {
		t.Errorf("%s is still there: %v", dir, err)
	}
	if code, _, _ := vcledger(t, "bench", "--clients", "0"); code != exitUsage {
		t.Errorf("no client: exit %d", code)
	}
}
