package main

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress is a bar that a person can watch; where nobody watches it is silent.
type progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar
	phase string
}

// newProgress returns a progress that is drawn when the writer is a terminal.
func newProgress(w io.Writer) *progress {
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &progress{out: w}
	}
	return &progress{}
}

// reach moves the bar of a phase to a place, and begins a new bar with the phase.
func (p *progress) reach(phase string, at, of int64, bytes bool) {
	if p.out == nil {
		return
	}
	if p.phase != phase {
		p.done()
		p.phase = phase
		p.bar = progressbar.NewOptions64(of, progressbar.OptionSetWriter(p.out), progressbar.OptionSetDescription(phase),
			progressbar.OptionShowBytes(bytes), progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100*time.Millisecond))
	}
	_ = p.bar.Set64(at) // a bar that cannot be drawn is no reason to stop
}

// clear makes room for a line; the bar is drawn again at its next move.
func (p *progress) clear() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// done takes the bar away.
func (p *progress) done() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
