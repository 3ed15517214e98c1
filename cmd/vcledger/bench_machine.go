package main

import (
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// consumption is what the processes have used so far, and what they hold.
type consumption struct {
	clients, server, postgres          time.Duration // processor time
	serverMemory, postgresMemory, disk int64
}

// clockTick is the unit of the times in /proc (proc(5), sysconf(_SC_CLK_TCK), which Linux keeps at a hundredth of a second).
const clockTick = 10 * time.Millisecond

// consumed asks the kernel and PostgreSQL. Where there is no /proc, memory and the times of the others are zero.
func (b *bench) consumed(ctx context.Context) (c consumption, err error) {
	var use syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &use); err != nil {
		return c, fmt.Errorf("read the times: %w", err)
	}
	c.clients = time.Duration(use.Utime.Nano() + use.Stime.Nano())
	c.server = readProcess(b.server).own
	c.serverMemory = kilobytes(fmt.Sprintf("/proc/%d/status", b.server), "VmRSS:")
	var backend int
	if err := b.owner.GetContext(ctx, &backend, `SELECT pg_backend_pid()`); err != nil {
		return c, fmt.Errorf("read the process: %w", err)
	}
	postmaster := readProcess(backend).parent
	c.postgres = familyTime(postmaster)
	for _, pid := range append(childrenOf(postmaster), postmaster) {
		c.postgresMemory += kilobytes(fmt.Sprintf("/proc/%d/smaps_rollup", pid), "Pss:")
	}
	if err := b.owner.GetContext(ctx, &c.disk, `SELECT pg_database_size(current_database())`); err != nil {
		return c, fmt.Errorf("read the size: %w", err)
	}
	return c, nil
}

// kilobytes returns the bytes in a line of a status file of /proc.
func kilobytes(path, label string) int64 {
	text, _ := os.ReadFile(path) // a process may have ended
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 3 && fields[0] == label {
			n, _ := strconv.ParseInt(fields[1], 10, 64)
			return n << 10
		}
	}
	return 0
}

// processStat is what the kernel says of a process (proc(5)).
type processStat struct {
	parent      int
	own, reaped time.Duration // processor time, in its own mode and the kernel's: its own, and of the children that it has waited for
}

// readProcess returns the process of a number, zero when it has ended.
func readProcess(pid int) processStat {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid)) // a process may have ended
	_, after, _ := strings.Cut(string(text), ") ")
	fields := strings.Fields(after)
	if len(fields) < 15 {
		return processStat{}
	}
	number := func(i int) time.Duration {
		n, _ := strconv.ParseInt(fields[i], 10, 64)
		return time.Duration(n)
	}
	return processStat{int(number(1)), (number(11) + number(12)) * clockTick, (number(13) + number(14)) * clockTick}
}

// childrenOf returns the processes that a process has started and not yet waited for.
func childrenOf(parent int) (list []int) {
	entries, _ := os.ReadDir("/proc") // there may be none
	for _, e := range entries {
		if pid, err := strconv.Atoi(e.Name()); err == nil && readProcess(pid).parent == parent {
			list = append(list, pid)
		}
	}
	return list
}

// familyTime returns the processor time of a process and of all its children, those that ended among them, so that it never falls.
func familyTime(parent int) time.Duration {
	for {
		p := readProcess(parent)
		sum := p.own + p.reaped
		for _, pid := range childrenOf(parent) {
			child := readProcess(pid)
			sum += child.own + child.reaped
		}
		if readProcess(parent).reaped == p.reaped { // else a child ended meanwhile, and may count twice or not at all
			return sum
		}
	}
}

// load returns the load average of the last minute.
func load() string {
	text, _ := os.ReadFile("/proc/loadavg")
	average, _, found := strings.Cut(string(text), " ")
	if !found {
		return "unknown"
	}
	return average
}

// processor returns the model of the machine's processor.
func processor() string {
	text, _ := os.ReadFile("/proc/cpuinfo")
	for line := range strings.Lines(string(text)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return "processor unknown"
}
