package main

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestBenchPlain lets programs read that end, that take too long or hold too much, and that fail.
func TestBenchPlain(t *testing.T) {
	const much = 1 << 40
	for _, test := range []struct {
		name, script string
		limits       plainLimits
		outcome      string
		atLeast      bool
	}{
		{"ends", "sleep 0.2", plainLimits{time.Minute, much}, "", false},
		{"too long", "exec sleep 60", plainLimits{300 * time.Millisecond, much}, "did not end in 0.3 s", true},
		{"too much", "x=$(head -c 30000000 /dev/zero | tr '\\0' x); exec sleep 60", plainLimits{time.Minute, 16 << 20}, "was stopped when it held more than 16 MiB", true},
		{"fails", "sleep 0.2; echo 'no  such\nbooks' >&2; exit 3", plainLimits{time.Minute, much}, "failed: exit status 3: no such books", false},
		{"is killed", "sleep 0.2; kill -KILL $$", plainLimits{time.Minute, much}, "failed: signal: killed: ", false},
	} {
		t.Run(test.name, func(t *testing.T) {
			m, err := readPlain(t.Context(), test.limits, "hledger", "/bin/sh", "-c", test.script)
			if err != nil {
				t.Fatal(err)
			}
			failed := test.outcome != "" && !test.atLeast
			if m.Outcome != test.outcome || m.AtLeast != test.atLeast || (m.Mean == 0) != failed || (m.Done == 1) != (test.outcome == "") || m.ServerMemory == 0 {
				t.Errorf("measured: %+v", m)
			}
			f := benchFigures{Ledgers: []benchLedger{{Measured: []benchMeasure{{Name: largestReport, Clients: 1, Each: 1, Done: 1, Mean: 1000, P50: 1000}, m}}}}
			f.compare()
			for _, markdown := range []bool{true, false} {
				var out strings.Builder
				if err := f.print(&out, markdown); err != nil {
					t.Fatal(err)
				}
				bounds := strings.Count(out.String(), "more than ") - strings.Count(test.outcome, "more than ") // of the row and of the ratio
				if !strings.Contains(out.String(), "hledger "+test.outcome) || bounds != map[bool]int{true: 2}[test.atLeast] {
					t.Errorf("printed:\n%s", out.String())
				}
			}
			against := f.Ledgers[0].Measured[1].Against
			if failed && len(against) != 0 || !failed && (len(against) != 1 || against[0].AtLeast != test.atLeast || !against[0].Latency.IsPositive()) {
				t.Errorf("the ratios: %+v", against)
			}
		})
	}
	stopped, stop := context.WithCancel(t.Context())
	stop()
	if _, err := readPlain(stopped, plainLimits{time.Minute, much}, "hledger", "/bin/sh", "-c", "exec sleep 60"); err == nil {
		t.Error("the bench was interrupted and went on")
	}
}

// TestBenchLimits holds a program against our own report.
func TestBenchLimits(t *testing.T) {
	for mean, want := range map[int64]time.Duration{1_000: time.Minute, 3_000_000: 2 * time.Minute} {
		l := benchLedger{Measured: []benchMeasure{{Name: largestReport, Clients: 1, Mean: mean}}}
		if got := l.limits(); got.time != want || got.memory <= 0 {
			t.Errorf("a report of %d µs: %+v, want %v", mean, got, want)
		}
	}
}

// TestBenchFailsLate looks at what is told of a run whose last measurement fails: what came before it, and the failure.
func TestBenchFailsLate(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "pgbench"), []byte("#!/bin/sh\necho broken\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "figures.json")
	c := exec.CommandContext(t.Context(), os.Args[0], "bench", "--lines", "500", "--clients", "1", "--span", "50ms", "--only", "list,pgbench", "--json", file)
	c.Env = append(os.Environ(), commandEnv+"=1", "PATH="+dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	var said output
	c.Stderr = &said
	out, err := c.Output()
	if err == nil || !strings.Contains(said.String(), "pgbench: exit status 1: broken") {
		t.Errorf("%v: %s", err, said.String())
	}
	f := figuresOf(t, file)
	if len(f.Ledgers) != 1 || f.Ledgers[0].find(listWork, 1) == nil || !strings.Contains(string(out), "\n"+listWork+" ") {
		t.Errorf("the figures: %+v in\n%s", f.Ledgers, out)
	}
}
