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
	// Seen is told of every commit that was read, reviewed or not.
	Seen func()
	// Patience is how long git may say nothing, [patience] by default. Without
	// an end a clone could hold us: what it includes may be a pipe.
	Patience time.Duration
}

// patience is for a large clone on a slow disk, which git walks through before
// it prints the first commit.
const patience = 2 * time.Minute

// silentError says that git was ended because it said nothing.
type silentError struct{ after time.Duration }

func (e *silentError) Error() string {
	return fmt.Sprintf("git said nothing for %v and was ended; does the configuration of the clone include a file that cannot be read?", e.after)
}

// safe are the settings with which a clone could start a program or open a
// connection, and those that change what we read.
var safe = []string{
	"core.fsmonitor=false", "core.hooksPath=/dev/null", "core.pager=cat", "core.alternateRefsCommand=", "core.sshCommand=false",
	"core.attributesFile=/dev/null", "gpg.program=false", "protocol.allow=never", "diff.external=", "mailmap.file=", "trailer.separators=:",
	"core.commentChar=#", "log.showRoot=true",
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
func line(ctx context.Context, o Options, args ...string) (string, error) {
	ctx, w := watch(ctx, o)
	defer w.end()
	cmd := command(ctx, o.Dir, args...)
	var said bounded
	cmd.Stderr = &said
	w.arm()
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

// Branch returns the branch that is read. It fails where a clone cannot be
// read, or is not full: the oldest commit of a shallow one holds all files.
func Branch(ctx context.Context, o Options) (string, error) {
	branch, _, err := find(ctx, o)
	return branch, err
}

func find(ctx context.Context, o Options) (branch, sha string, err error) {
	shallow, err := line(ctx, o, "rev-parse", "--is-shallow-repository")
	switch {
	case err != nil:
		return "", "", unreadable(ctx, o, err)
	case shallow == "true":
		return "", "", fmt.Errorf("%s is a shallow clone, whose oldest commit holds all files; run git fetch --unshallow in it", o.Dir)
	}
	if o.Branch == "" {
		o.Branch, err = line(ctx, o, "symbolic-ref", "--short", "--quiet", "HEAD")
		if ctx.Err() != nil {
			return "", "", context.Cause(ctx)
		} else if err != nil {
			return "", "", errors.New("no branch is checked out; name one with --branch")
		}
	}
	// As it was fetched last, else as it is here.
	for _, ref := range []string{"refs/remotes/origin/" + o.Branch, "refs/heads/" + o.Branch} {
		if sha, err = line(ctx, o, "show-ref", "--verify", "--hash", ref); err == nil {
			return o.Branch, sha, nil
		}
	}
	if ctx.Err() != nil {
		return "", "", context.Cause(ctx)
	}
	return "", "", fmt.Errorf("the clone has no branch %q; fetch it, or name another with --branch", o.Branch)
}

// unreadable adds to an error of git what to do about it.
func unreadable(ctx context.Context, o Options, err error) error {
	_, silent := errors.AsType[*silentError](err)
	switch {
	case ctx.Err() != nil, silent:
		return err
	case strings.Contains(err.Error(), "dubious ownership"), strings.Contains(err.Error(), "unsafe repository"):
		return fmt.Errorf("%s belongs to another user, whom git does not trust; run this as the owner, or first: git config --global --add safe.directory %[1]s", o.Dir)
	}
	return fmt.Errorf("%w; name the folder of a clone", err)
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
	sha := ""
	if o.Branch, sha, err = find(ctx, o); err != nil {
		return err
	}
	args := []string{
		"log", "-z", format, "--name-only", "--reverse", "--no-merges", "--no-show-signature", "--use-mailmap", "--no-ext-diff", "--no-textconv",
		"--no-renames", "--no-relative", "--no-color", "--no-notes", "--encoding=UTF-8", "--ignore-submodules=none",
		"-O/dev/null", // for diff.orderFile
	}
	if version, err := line(ctx, o, "version"); err == nil && !o.Since.IsZero() && filters(version) {
		args = append(args, "--since-as-filter="+o.Since.UTC().Format(time.RFC3339))
	}
	outer := ctx
	ctx, w := watch(ctx, o)
	defer w.end()
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
	parseErr := parse(w.reader(out), o, func(p review.Past) bool { more = yield(p); return more })
	_ = out.Close() // ends git, should it still write
	w.arm()
	err = cmd.Wait()
	switch {
	case !more:
		return nil
	case parseErr != nil && ctx.Err() == nil && said.buf.Len() == 0:
		return parseErr
	case err != nil || parseErr != nil:
		err = complaint(ctx, "log", &said, err)
		if ctx.Err() != nil {
			return err
		}
		if promised, _ := line(outer, o, "config", "--get-regexp", `^(extensions\.partialclone|remote\..*\.promisor)$`); promised != "" {
			return fmt.Errorf("%w; the clone is partial and lacks what is read: make a full one, without --filter", err)
		}
		return err
	}
	return nil
}

// filters reports whether git can leave out old commits and go on behind
// them. With --since one commit with a wrong date hides all that are older.
func filters(version string) bool {
	var major, minor int
	_, err := fmt.Sscanf(version, "git version %d.%d", &major, &minor)
	return err == nil && (major > 2 || major == 2 && minor >= 37)
}
