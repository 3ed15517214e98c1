package main

import (
	"io"
	"os"
	"strconv"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar that a person can watch; where nobody watches it is silent.
type progress struct {
	bar  *progressbar.ProgressBar
	rows int // posted so far
}

// newProgress returns a bar of size bytes (negative when that is not known) on a terminal, and a silent one elsewhere.
func newProgress(w io.Writer, what string, size int64) *progress {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return &progress{}
	}
	return &progress{bar: progressbar.NewOptions64(size, progressbar.OptionSetWriter(w), progressbar.OptionSetDescription(what),
		progressbar.OptionShowBytes(true), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))}
}

// reach moves the bar to a number of bytes read.
func (p *progress) reach(bytes int64) {
	if p.bar != nil {
		_ = p.bar.Set64(bytes) // a bar that cannot be drawn is no reason to stop
	}
}

// posted says how many rows are in the books, once all are read.
func (p *progress) posted(rows int) {
	if p.bar != nil {
		p.rows += rows
		p.bar.Describe("posting, row " + strconv.Itoa(p.rows))
	}
}

func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
