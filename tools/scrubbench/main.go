// SPDX-License-Identifier: Apache-2.0

// Command scrubbench puts the scrubber beside its peers, in one run on one
// machine: what leaks and what is lost on labelled diffs, how fast a long diff
// goes through, and how much memory that takes. docs/scrubbing.md says what
// the figures mean.
//
// It prints figures and never fails because of one. It is a module of its own:
// the peers bring some hundred others. Labelled data and the scorer are not
// part of the project; without them only speed is measured.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

// bench is what all measurements share.
type bench struct {
	root   string // of the project
	binary string
	shared string // folder with corpora/ and bench/
	corpus []string
	peers  []string
	dir    string // for outputs; removed at the end
	python string // of the peers' environment, empty when there is none
	stream string
	piece  int // bytes of the stream for the slow
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "scrubbench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	root := flag.String("root", "../..", "`folder` of the project")
	binary := flag.String("binary", "", "built `program`; bin/review-assistant of the project by default")
	shared := flag.String("shared", "../shared", "`folder` with bench/scrub/score.py and corpora, seen from the project")
	corpus := flag.String("corpus", "", "labelled `files`, separated by commas; corpora/scrub-dev/dev.jsonl of -shared by default")
	peers := flag.String("peers", "gitleaks,detect-secrets,credsweeper", "`peers` to run, separated by commas")
	stream := flag.String("stream", "", "`file` with a long diff; made from modules by default")
	size := flag.Int("stream-mb", 64, "`MB` of the diff that is made")
	piece := flag.Float64("piece-mb", 1, "`MB` of the stream that gitleaks gets: more takes minutes")
	flag.Parse()

	b := &bench{piece: int(*piece * 1e6), stream: *stream}
	if *peers != "" {
		b.peers = strings.Split(*peers, ",")
	}
	var err error
	if b.root, err = filepath.Abs(*root); err != nil {
		return err
	}
	b.binary, b.shared = b.under(*binary, "bin/review-assistant"), b.under(*shared, "")
	b.corpus = []string{filepath.Join(b.shared, "corpora/scrub-dev/dev.jsonl")}
	if *corpus != "" {
		b.corpus = strings.Split(*corpus, ",")
	}
	if b.dir, err = os.MkdirTemp("", "scrubbench-"); err != nil {
		return err
	}
	defer os.RemoveAll(b.dir)
	if b.stream == "" {
		if b.stream, err = makeStream(ctx, filepath.Join(b.root, ".cache"), *size*1e6); err != nil {
			return fmt.Errorf("make the stream: %w", err)
		}
	}
	// Memory first: the kernel charges a new process with ours until it starts.
	if err := b.speed(ctx); err != nil {
		return err
	}
	return b.quality(ctx)
}

// under makes a path absolute, seen from the project.
func (b *bench) under(path, otherwise string) string {
	if path == "" {
		path = otherwise
	}
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(b.root, path)
}

// wants reports whether a peer was asked for.
func (b *bench) wants(peer string) bool {
	for _, p := range b.peers {
		if p == peer {
			return true
		}
	}
	return false
}

// say tells on standard error what is going on.
func say(format string, args ...any) { fmt.Fprintf(os.Stderr, "scrubbench: "+format+"\n", args...) }
