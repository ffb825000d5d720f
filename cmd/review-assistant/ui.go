// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/term"
)

// ui writes for people: colour and a progress line on a terminal, a plain
// stream everywhere else. NO_COLOR is honoured.
type ui struct {
	out   *output
	err   io.Writer
	color bool
	live  bool // the error stream is a terminal
	width int
}

func newUI(out, err io.Writer) *ui {
	u := &ui{out: &output{Writer: out}, err: err, width: 100}
	if f, ok := out.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		u.color = os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
		if w, _, e := term.GetSize(int(f.Fd())); e == nil && w > 20 {
			u.width = w
		}
	}
	if f, ok := err.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		u.live = os.Getenv("TERM") != "dumb"
	}
	return u
}

// output remembers why it could not be written, so that a full disk does not
// look like success. A reader that left has what it wanted.
type output struct {
	io.Writer
	mu  sync.Mutex
	err error
}

func (o *output) Write(p []byte) (int, error) {
	n, err := o.Writer.Write(p)
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.err == nil && !errors.Is(err, syscall.EPIPE) && !errors.Is(err, io.ErrClosedPipe) {
		o.err = err
	}
	return n, err
}

func (o *output) failed() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

type style string

const (
	bold   style = "1"
	dim    style = "2"
	red    style = "31"
	green  style = "32"
	yellow style = "33"
	cyan   style = "36"
)

func (u *ui) paint(s style, text string) string {
	if !u.color {
		return text
	}
	return "\x1b[" + string(s) + "m" + text + "\x1b[0m"
}

func (u *ui) printf(format string, args ...any) { fmt.Fprintf(u.out, format, args...) }

// count counts things.
func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + many
}

// plural counts things with a regular name.
func plural(n int, thing string) string {
	return count(n, thing, thing+"s")
}

// json prints a value for programs.
func (u *ui) json(v any) error {
	enc := json.NewEncoder(u.out)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// title prints a heading.
func (u *ui) title(text string) {
	u.printf("\n%s\n", u.paint(bold, text))
}

// mark prints a line of a check list: ok, warn or fail, in words too.
func (u *ui) mark(status, text string) {
	s := map[string]style{"ok": green, "warn": yellow, "fail": red}[status]
	u.printf("  %s %s\n", u.paint(s, fmt.Sprintf("%-4s", status)), text)
}

// indent prints text with a margin.
func (u *ui) indent(text string) {
	for line := range strings.SplitSeq(strings.TrimRight(text, "\n"), "\n") {
		u.printf("  %s\n", line)
	}
}

// counter shows how far something has come: in a line that is written over on
// a terminal, in a line for each so many steps everywhere else.
type counter struct {
	ui    *ui
	each  int
	steps int       // that were shown
	last  time.Time // on a terminal
}

func (u *ui) counter(each int) *counter { return &counter{ui: u, each: each} }

func (c *counter) show(n int, text string) {
	switch {
	case c.ui.live && time.Since(c.last) > 100*time.Millisecond:
		c.last = time.Now()
		fmt.Fprintf(c.ui.err, "\r\x1b[K%s", text)
	case !c.ui.live && n/c.each > c.steps:
		c.steps = n / c.each
		fmt.Fprintln(c.ui.err, text)
	}
}

func (c *counter) end() {
	if !c.last.IsZero() {
		fmt.Fprint(c.ui.err, "\r\x1b[K")
	}
}

// progress shows what takes longer than a second. Its result ends the line.
func (u *ui) progress(what string) (done func()) {
	if !u.live {
		timer := time.AfterFunc(time.Second, func() { fmt.Fprintln(u.err, what+" …") })
		return func() { timer.Stop() }
	}
	stop, ended := make(chan struct{}), make(chan struct{})
	start := time.Now()
	go func() {
		defer close(ended)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		shown := false
		for {
			select {
			case <-stop:
				if shown {
					fmt.Fprint(u.err, "\r\x1b[K")
				}
				return
			case <-tick.C:
				if time.Since(start) > time.Second {
					shown = true
					fmt.Fprintf(u.err, "\r\x1b[K%s … %ds", what, int(time.Since(start).Seconds()))
				}
			}
		}
	}()
	var once sync.Once
	return func() { once.Do(func() { close(stop); <-ended }) }
}
