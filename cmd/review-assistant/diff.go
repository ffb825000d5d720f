// SPDX-License-Identifier: Apache-2.0

package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// maxDiff is in bytes: a diff from a file or standard input.
const maxDiff = 64 << 20

// readDiff reads a diff from a file, or from standard input for "-".
func readDiff(p *program, name string) (review.Patch, error) {
	var in io.Reader = p.in
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return review.Patch{}, &usageError{err}
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, maxDiff+1))
	if err != nil {
		return review.Patch{}, fmt.Errorf("read the diff: %w", err)
	}
	if len(body) > maxDiff {
		return review.Patch{}, &usageError{fmt.Errorf("the diff is longer than %d MB; cut it", maxDiff>>20)}
	}
	patch, err := review.ParsePatch(body)
	if err != nil {
		return review.Patch{}, &usageError{fmt.Errorf("read the diff: %w; write it with git diff", err)}
	}
	if len(patch.Files) == 0 {
		return review.Patch{}, &usageError{errors.New("that is no diff: it names no file; write it with git diff")}
	}
	return patch, nil
}

// drop marks what nobody reads, as the pipeline does before it fetches.
func drop(patch review.Patch) review.Patch {
	for i, f := range patch.Files {
		skip := summarize.SkipUnfetched(f.Path, f.Added+f.Removed)
		switch {
		case f.Skip != "":
		case f.Binary:
			skip = review.SkipBinary
		case f.Mode == review.ModeSubmodule: // a line says where it moves to
			skip = ""
		}
		if f.Skip == "" && skip != "" {
			f.Skip, f.Hunks = skip, nil
		}
		patch.Files[i] = f
	}
	return patch
}

// maxMessage is in bytes.
const maxMessage = 1 << 20

// material is what a summary is made of outside of a Gerrit: names of files,
// "" for none.
type material struct {
	diff     string // "-" is standard input
	message  string // the commit message
	previous string // the diff of the patch set that reviewers know
}

// input reads and scrubs it. Everything is looked at before anything is
// written, so that a secret that is plain in one place only is removed from all.
func (m material) input(p *program) (summarize.Input, *scrub.Cleaner, error) {
	none := func(err error) (summarize.Input, *scrub.Cleaner, error) { return summarize.Input{}, nil, err }
	raw, err := readDiff(p, m.diff)
	if err != nil {
		return none(err)
	}
	var before review.Patch
	if m.previous != "" {
		if before, err = readDiff(p, m.previous); err != nil {
			return none(err)
		}
	}
	var message []byte
	if m.message != "" {
		if message, err = readLimited(m.message, maxMessage); err != nil {
			return none(&usageError{fmt.Errorf("read the commit message: %w", err)})
		}
	}
	scrubber, err := scrub.New(scrub.Options{})
	if err != nil {
		return none(err)
	}
	c := scrubber.Begin()
	stopped := func(err error) (summarize.Input, *scrub.Cleaner, error) {
		return none(fmt.Errorf("scrub: %w; nothing is shown", err))
	}
	current, err := c.Look(drop(raw))
	if err != nil {
		return stopped(err)
	}
	earlier, err := c.Look(drop(before))
	if err != nil {
		return stopped(err)
	}
	in := summarize.Input{PatchSet: 1, Clean: c.Output}
	if in.Message, err = c.Clean(string(message)); err != nil {
		return stopped(err)
	}
	if m.previous != "" {
		in.PatchSet, in.Since = 2, &summarize.Since{PatchSet: 1}
		if in.Since.Patch, err = earlier.Patch(); err != nil {
			return stopped(err)
		}
	}
	if in.Patch, err = current.Patch(); err != nil {
		return stopped(err)
	}
	return in, c, nil
}
