package main

import (
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestBenchFamilyTime looks at the time of this process and its children while one of them works and after it has ended.
func TestBenchFamilyTime(t *testing.T) {
	before := familyTime(os.Getpid())
	c := exec.CommandContext(t.Context(), "sh", "-c", "while :; do :; done")
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(10 * time.Second); readProcess(c.Process.Pid).own < 100*time.Millisecond; time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the child takes no time")
		}
	}
	during := familyTime(os.Getpid())
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := c.Wait(); err == nil {
		t.Fatal("the child ended well")
	}
	after := familyTime(os.Getpid())
	if during < before+100*time.Millisecond || after < during {
		t.Errorf("%v before, %v while the child worked, %v after it", before, during, after)
	}
}
