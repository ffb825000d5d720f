// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
	"review-assistant/scrub"
)

// diffFlags make git's diff what the scrubber reads, whatever the user or the
// repository configured, and start no other program. The lines of context show
// a name whose value alone has changed, such as the kind of a manifest far
// above; only added lines count.
var diffFlags = []string{
	"--patch", "--unified=25", "--no-color", "--no-ext-diff", "--no-textconv", "--find-renames",
	"--src-prefix=a/", "--dst-prefix=b/", "--submodule=short", "--ignore-submodules=dirty",
}

// maxMessages is in bytes: the messages of a range.
const maxMessages = 64 << 20

// repository is the git repository of the working folder.
type repository struct {
	ctx      context.Context
	scrubber *scrub.Scrubber
}

// openRepository finds git and the repository.
func openRepository(ctx context.Context, scrubber *scrub.Scrubber) (*repository, error) {
	g := &repository{ctx, scrubber}
	if _, err := exec.LookPath("git"); err != nil {
		return nil, &usageError{errors.New("scrub: git is not on PATH; install it, or pipe a diff to review-assistant scrub --check")}
	}
	if _, err := g.output("rev-parse", "--git-dir"); err != nil && ctx.Err() == nil {
		return nil, &usageError{fmt.Errorf("scrub: %w; run this in a git repository", err)}
	}
	return g, nil
}

// command is one call of git.
func (g *repository) command(args ...string) *exec.Cmd {
	args = append([]string{"--no-pager", "--no-optional-locks", "-c", "core.quotePath=false", "-c", "core.fsmonitor=false"}, args...)
	cmd := exec.CommandContext(g.ctx, "git", args...)
	cmd.Env = append(cmd.Environ(), "LC_ALL=C", "GIT_TERMINAL_PROMPT=0")
	// A child of git may hold the pipe open when git was ended.
	cmd.WaitDelay = time.Second
	return cmd
}

// output returns what git prints, at most maxMessages bytes.
func (g *repository) output(args ...string) ([]byte, error) {
	var out []byte
	err := g.stream(func(r io.Reader) (err error) {
		out, err = io.ReadAll(io.LimitReader(r, maxMessages+1))
		if err == nil && len(out) > maxMessages {
			err = fmt.Errorf("git %s prints more than %d MB", args[0], maxMessages>>20)
		}
		return err
	}, args...)
	return out, err
}

// stream hands what git prints to read. On any error of git what was read
// tells nothing: it may end early.
func (g *repository) stream(read func(io.Reader) error, args ...string) error {
	cmd := g.command(args...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	var readErr error
	if err = cmd.Start(); err == nil {
		if readErr = read(out); readErr != nil {
			out.Close() // ends git, should it still write
		}
		err = cmd.Wait()
	}
	switch {
	case g.ctx.Err() != nil:
		return context.Cause(g.ctx)
	case readErr != nil:
		return readErr
	case err != nil:
		return fmt.Errorf("git %s: %s", args[0], g.complaint(stderr.String(), err))
	}
	return nil
}

// complaint is the first line of what git said. Git may repeat what stands in
// the repository, so it is cleaned.
func (g *repository) complaint(said string, err error) string {
	line, _, _ := strings.Cut(strings.TrimSpace(said), "\n")
	clean, cleanErr := g.scrubber.Begin().Clean(line)
	if line == "" || cleanErr != nil {
		return err.Error()
	}
	return visible(clean.String())
}

// diff looks at a diff of git: at its lines, at the names of new files, and at
// the files that git takes for binary. Those may be text in UTF-16, or text that
// an attribute hides.
func (g *repository) diff(r *scrubReport, from input, least scrub.Certainty, command ...string) error {
	if err := g.patch(r, from, least, append(command, diffFlags...)); err != nil {
		return err
	}
	names, err := g.output(append(command, "--name-only", "-z", "--diff-filter=ACR")...)
	if err != nil {
		return err
	}
	for name := range strings.SplitSeq(strings.TrimRight(string(names), "\x00"), "\x00") {
		if err := g.name(r, from, least, name); err != nil {
			return err
		}
	}
	stat, err := g.output(append(command, "--numstat", "-z", "--find-renames", "--diff-filter=d")...)
	if err != nil {
		return err
	}
	fields := strings.Split(string(stat), "\x00")
	for i := 0; i < len(fields); i++ {
		name, binary := strings.CutPrefix(fields[i], "-\t-\t")
		names := []string{":(top,literal)" + name}
		if strings.HasSuffix(fields[i], "\t") && strings.Count(fields[i], "\t") == 2 && i+2 < len(fields) { // the old and the new name follow
			name = fields[i+2]
			names = []string{":(top,literal)" + fields[i+1], ":(top,literal)" + name}
			i += 2
		}
		if !binary {
			continue
		}
		hidden := &scrubReport{kinds: map[string]int{}}
		args := slices.Concat(command, diffFlags, []string{"--text", "--"}, names)
		if err := g.patch(hidden, from, least, args); err != nil {
			return err
		}
		if slices.ContainsFunc(hidden.withheld, func(w withheld) bool { return w.Reason == string(review.SkipEncoding) }) {
			clean, err := g.scrubber.Begin().Clean(name)
			if err != nil {
				return err
			}
			r.withhold(from, clean.String(), "binary")
			// What is no text holds much that only seems to be a secret.
			sure := &scrubReport{kinds: map[string]int{}}
			if err := g.patch(sure, from, max(least, scrub.Sure), args); err != nil {
				return err
			}
			sure.withheld = nil
			r.merge(sure)
			continue
		}
		r.merge(hidden)
	}
	return nil
}

// patch looks at a patch that git prints.
func (g *repository) patch(r *scrubReport, from input, least scrub.Certainty, args []string) error {
	var got scrub.Report
	err := g.stream(func(out io.Reader) (err error) {
		got, err = filter(g.ctx, g.scrubber, io.Discard, out, "")
		return err
	}, args...)
	if err == nil {
		r.add(from, got, least)
	}
	return err
}

// name looks at the name of a new file.
func (g *repository) name(r *scrubReport, from input, least scrub.Certainty, name string) error {
	c := g.scrubber.Begin()
	clean, err := c.Clean(name)
	if err != nil {
		return err
	}
	got := c.Report()
	for i := range got.Findings {
		got.Findings[i].Path, got.Findings[i].Line, got.Findings[i].Op = clean, 0, review.OpAdd
	}
	r.add(from, got, least)
	return nil
}

// staged checks what the next commit adds.
func (s scrubCmd) staged(p *program, scrubber *scrub.Scrubber, r *scrubReport) error {
	return s.inRepository(p, scrubber, func(g *repository) error {
		return g.diff(r, input{name: "staged changes", added: true}, s.least(), "diff", "--cached", "--no-relative")
	})
}

// commits checks what the commits of a range add, each on its own: a secret
// that a later commit takes out again stays in the history.
func (s scrubCmd) commits(p *program, scrubber *scrub.Scrubber, r *scrubReport) error {
	base, head, err := parseRange(s.Range)
	if err != nil {
		return &usageError{err}
	}
	return s.inRepository(p, scrubber, func(g *repository) error {
		// Nothing but zeros is what servers say for a branch that was not there.
		if strings.Trim(base, "0") == "" {
			base = ""
		} else if base, err = g.commit(base); err != nil {
			return err
		}
		if head, err = g.commit(head); err != nil {
			return err
		}
		list, err := g.log(base, head)
		if err != nil {
			return err
		}
		for _, c := range list {
			if err := g.check(r, c, s.least()); err != nil {
				return fmt.Errorf("commit %.12s: %w", c.hash, err)
			}
		}
		return nil
	})
}

// inRepository runs a check within its time.
func (s scrubCmd) inRepository(p *program, scrubber *scrub.Scrubber, check func(*repository) error) error {
	ctx, cancel := context.WithTimeoutCause(p.ctx, s.Timeout, fmt.Errorf("not done within %v; give it more with --timeout, or check a shorter range", s.Timeout))
	defer cancel()
	g, err := openRepository(ctx, scrubber)
	if err != nil {
		return err
	}
	if p.ui.live {
		defer p.ui.progress("looking for secrets")()
	}
	err = check(g)
	var usage *usageError
	if err != nil && !errors.As(err, &usage) {
		return fmt.Errorf("scrub: %w; not everything was checked", err)
	}
	return err
}

// parseRange reads BASE..HEAD. Three dots mean the same here: the commits that
// BASE lacks.
func parseRange(text string) (base, head string, err error) {
	base, head, ok := strings.Cut(text, "..")
	head = orElse(strings.TrimPrefix(head, "."), "HEAD")
	if !ok || base == "" || strings.HasPrefix(base, "-") || strings.HasPrefix(head, "-") || strings.Contains(head, "..") {
		return "", "", fmt.Errorf("scrub: --range %q is no range; write BASE..HEAD, as in origin/main..HEAD; 0000000..HEAD stands for all commits", text)
	}
	return base, head, nil
}

// commit returns the hash of a commit that somebody named.
func (g *repository) commit(name string) (string, error) {
	out, err := g.output("rev-parse", "--verify", "--quiet", name+"^{commit}")
	switch {
	case g.ctx.Err() != nil:
		return "", err
	case err != nil:
		return "", &usageError{fmt.Errorf("scrub: this repository has no commit %s; fetch it (git fetch origin; in a shallow clone git fetch --unshallow), or name another range", visible(name))}
	}
	return string(bytes.TrimSpace(out)), nil
}

// loggedCommit is a commit of a range with its raw message.
type loggedCommit struct{ hash, message string }

// log lists the commits of head that base lacks, oldest first; without a base
// all of them.
func (g *repository) log(base, head string) ([]loggedCommit, error) {
	commits := head
	if base != "" {
		commits = base + ".." + head
	}
	out, err := g.output("log", "--reverse", "--no-show-signature", "--no-color", "--no-patch", "--format=%H%x00%B%x00", commits)
	if err != nil {
		return nil, err
	}
	fields := strings.Split(string(out), "\x00")
	var list []loggedCommit
	for i := 0; i+1 < len(fields); i += 2 {
		list = append(list, loggedCommit{strings.TrimSpace(fields[i]), fields[i+1]})
	}
	return list, nil
}

// check looks at one commit: its message, and what it adds to its parents.
func (g *repository) check(r *scrubReport, c loggedCommit, least scrub.Certainty) error {
	got, err := filter(g.ctx, g.scrubber, io.Discard, strings.NewReader(c.message), "")
	if err != nil {
		return err
	}
	r.add(input{name: "commit message", commit: c.hash}, got, least)
	from := input{name: fmt.Sprintf("commit %.12s", c.hash), commit: c.hash, added: true}
	return g.diff(r, from, least, "diff-tree", c.hash, "--cc", "--root", "--no-commit-id", "-r")
}
