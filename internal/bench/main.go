// SPDX-License-Identifier: Apache-2.0

// Command bench measures the built bot from outside: it runs the binary as a
// process against a fake Gerrit and a fake model on loopback, and prints each
// figure beside its goal. docs/performance.md says what the figures mean.
//
// The invariant: a figure is only printed when the work behind it was done.
// Every measured change ends in a comment that a model wrote and that names
// reviewers; anything else ends the run with an error.
//
// A new figure is a line in one of the groups, a new group a row in groups.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"
	"time"
)

// maxRun bounds the whole run. A machine that needs longer is too busy to be
// measured.
const maxRun = 6 * time.Minute

// bench is what all groups share.
type bench struct {
	binary  string
	dir     string // on the disk that is measured; removed at the end
	corpora string
	report  report
}

var groups = []struct {
	name string
	run  func(*bench, context.Context) error
}{
	{"binary", (*bench).measureBinary},
	{"start", (*bench).measureStart},
	{"change", (*bench).measureChange},
	{"load", (*bench).measureLoad},
	{"api", (*bench).measureAPI},
	{"scores", (*bench).measureScores},
}

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run() error {
	binary := flag.String("binary", "bin/review-assistant", "the built `program` to measure")
	only := flag.String("only", "", "run the groups that match this `pattern`: binary, start, change, load, api, scores")
	out := flag.String("json", "", "also write the figures to this `file`, as JSON")
	dir := flag.String("dir", "", "`folder` on the disk to measure; the system's temporary one by default")
	corpora := flag.String("corpora", "../shared", "`folder` with labelled data and scorers; figures on it are left out where it is not there")
	floor := flag.String("floor", "", "serve the floor that webhooks are compared with, appending to this `file`; for bench itself")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, maxRun)
	defer cancel()
	if *floor != "" {
		return serveFloor(ctx, *floor, os.Stdout)
	}
	pattern, err := regexp.Compile(*only)
	if err != nil {
		return fmt.Errorf("-only: %w", err)
	}
	b := &bench{corpora: *corpora, report: report{Date: time.Now(), Machine: thisMachine()}}
	if b.binary, err = filepath.Abs(*binary); err != nil {
		return err
	}
	if b.dir, err = os.MkdirTemp(*dir, "review-assistant-bench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	for _, g := range groups {
		if !pattern.MatchString(g.name) {
			continue
		}
		before, err := lookAtProcessor()
		if err != nil {
			return err
		}
		if err := g.run(b, ctx); err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
		after, err := lookAtProcessor()
		if err != nil {
			return err
		}
		b.report.tell("taken by other programs during "+g.name, "% of the processor", after.others(before))
	}
	if err := b.report.print(os.Stdout); err != nil {
		return err
	}
	if *out != "" {
		f, err := os.Create(*out)
		if err != nil {
			return err
		}
		if err := b.report.json(f); err != nil {
			return err
		}
		if err := f.Close(); err != nil {
			return err
		}
	}
	if n := b.report.missed(); n > 0 {
		return fmt.Errorf("%d goals missed", n)
	}
	return nil
}

// say shows progress: a run takes minutes.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "… "+format+"\n", args...) }
