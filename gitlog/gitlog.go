// SPDX-License-Identifier: Apache-2.0

// Package gitlog reads past reviews from the log of a git clone: commits that
// say in their footers who reviewed them.
//
// The invariant: a clone is somebody else's data. What it configures runs no
// program and opens no connection, and no commit takes more memory than a
// fixed amount. A footer that tells more is a field of the format and a line
// in parse.
package gitlog

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
	"unicode"

	"review-assistant/review"
)

// Options name what is read.
type Options struct {
	Dir     string // a clone, or a folder inside its working tree
	Project string // its name in Gerrit
	Branch  string // as Gerrit shows it, such as main; what is checked out when empty
	// Since leaves out what was committed before; zero means nothing.
	Since time.Time
}

// safe are the settings with which a clone could start a program or open a
// connection, and those that change what we read.
var safe = []string{
	"core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "core.alternateRefsCommand=", "core.sshCommand=false",
	"core.attributesFile=/dev/null", "gpg.program=false", "protocol.allow=never", "diff.external=", "mailmap.file=", "trailer.separators=:",
}

// environment is ours without what steers git, and with what locks it in.
func environment() []string {
	env := slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "GIT_") })
	return append(env, "GIT_CONFIG_NOSYSTEM=1", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=none", "GIT_TERMINAL_PROMPT=0", "GIT_PAGER=cat", "LC_ALL=C")
}

func command(ctx context.Context, dir string, args ...string) *exec.Cmd {
	all := []string{"-C", dir, "--no-pager", "--no-optional-locks", "--no-replace-objects", "--literal-pathspecs"}
	for _, s := range safe {
		all = append(all, "-c", s)
	}
	cmd := exec.CommandContext(ctx, "git", append(all, args...)...)
	cmd.Env = environment()
	// A child of git may hold the pipe open when git was ended.
	cmd.WaitDelay = time.Second
	return cmd
}

// line returns what git prints, if that is one line.
func line(ctx context.Context, dir string, args ...string) (string, error) {
	cmd := command(ctx, dir, args...)
	var said bounded
	cmd.Stderr = &said
	out, err := cmd.Output()
	if err != nil {
		return "", complaint(ctx, args[0], &said, err)
	}
	return strings.TrimSpace(string(out)), nil
}

// bounded keeps the beginning of what git complains about.
type bounded struct{ buf bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	b.buf.Write(p[:min(len(p), max(0, 400-b.buf.Len()))])
	return len(p), nil
}

// complaint tells why git failed, in its own words without what a terminal
// would take for a command.
func complaint(ctx context.Context, verb string, said *bounded, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	err = cmp.Or(err, errStrange)
	first, _, _ := strings.Cut(strings.TrimSpace(said.buf.String()), "\n")
	first = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return -1
		}
		return r
	}, first)
	return fmt.Errorf("git %s: %s", verb, cmp.Or(first, err.Error()))
}

// Head returns the branch that is checked out.
func Head(ctx context.Context, dir string) (string, error) {
	branch, err := line(ctx, dir, "symbolic-ref", "--short", "--quiet", "HEAD")
	if err != nil && ctx.Err() == nil {
		if _, rerr := line(ctx, dir, "rev-parse", "--git-dir"); rerr != nil {
			return "", fmt.Errorf("%w; name the folder of a clone", rerr)
		}
		return "", errors.New("no branch is checked out; name one with --branch")
	}
	return branch, err
}

// revision finds the branch: as it was fetched last, else as it is here.
func revision(ctx context.Context, o Options) (string, error) {
	for _, ref := range []string{"refs/remotes/origin/" + o.Branch, "refs/heads/" + o.Branch} {
		if sha, err := line(ctx, o.Dir, "show-ref", "--verify", "--hash", ref); err == nil {
			return sha, nil
		}
	}
	if _, err := line(ctx, o.Dir, "rev-parse", "--git-dir"); err != nil {
		return "", fmt.Errorf("%w; name the folder of a clone", err)
	}
	return "", fmt.Errorf("the clone has no branch %q; fetch it, or name another with --branch", o.Branch)
}

// fields of a commit, in the order of the format.
const (
	fieldCommit = iota
	fieldCreated
	fieldClosed
	fieldAuthor
	fieldSubject
	fieldChangeKey
	fieldReviewers
	fieldCount
)

// format ends no field but begins the commit with a zero byte: an empty field
// in front of the first.
const format = "--format=%x00%H%x00%at%x00%ct%x00%aE%x00%s" +
	"%x00%(trailers:key=Change-Id,valueonly=true,unfold=true,separator=%x1f)" +
	"%x00%(trailers:key=Reviewed-by,valueonly=true,unfold=true,separator=%x1f)"

// Read yields the reviewed commits of a branch, the oldest first. People are
// known by their address alone. After an error nothing follows.
func Read(ctx context.Context, o Options) iter.Seq2[review.Past, error] {
	return func(yield func(review.Past, error) bool) {
		if err := read(ctx, o, func(p review.Past) bool { return yield(p, nil) }); err != nil {
			yield(review.Past{}, fmt.Errorf("read the log of %s: %w", o.Dir, err))
		}
	}
}

func read(ctx context.Context, o Options, yield func(review.Past) bool) (err error) {
	if o.Branch == "" {
		if o.Branch, err = Head(ctx, o.Dir); err != nil {
			return err
		}
	}
	sha, err := revision(ctx, o)
	if err != nil {
		return err
	}
	args := []string{
		"log", "-z", format, "--name-only", "--reverse", "--no-merges", "--no-show-signature", "--use-mailmap", "--no-ext-diff", "--no-textconv",
		"--no-renames", "--no-relative", "--no-color", "--no-notes", "--encoding=UTF-8", "--ignore-submodules=none",
	}
	if !o.Since.IsZero() {
		args = append(args, "--since="+o.Since.UTC().Format(time.RFC3339))
	}
	cmd := command(ctx, o.Dir, append(args, sha, "--")...)
	var said bounded
	cmd.Stderr = &said
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	more := true
	parseErr := parse(out, o, func(p review.Past) bool { more = yield(p); return more })
	_ = out.Close() // ends git, should it still write
	err = cmd.Wait()
	switch {
	case !more:
		return nil
	case parseErr != nil && ctx.Err() == nil && said.buf.Len() == 0:
		return parseErr
	case err != nil || parseErr != nil:
		return complaint(ctx, "log", &said, err)
	}
	return nil
}
