// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"golang.org/x/term"

	"review-assistant/review"
	"review-assistant/scrub"
)

type scrubCmd struct {
	Files []string `arg:"" optional:"" name:"file" help:"Files, each to standard output in turn; without one, or for -, standard input. Diff, message, log or whole file: what it is shows from the text."`

	Check  bool   `help:"Print no text but the report, and exit 3 when there is a finding."`
	Staged bool   `xor:"what" help:"Check the lines that the next commit of this git repository adds, as --check does."`
	Range  string `xor:"what" placeholder:"BASE..HEAD" help:"Check messages and added lines of the commits of HEAD that BASE lacks, as --check does."`

	Report       reportFormat `placeholder:"FORMAT" help:"Report what was found as text, json or sarif; text when no format follows. It goes to standard error; where no text is printed, to standard output."`
	ReportFile   string       `type:"path" placeholder:"FILE" help:"Write the report there instead."`
	MinCertainty string       `enum:"suspected,likely,sure" default:"suspected" placeholder:"CERTAINTY" help:"What checks count and list: suspected (all), likely or sure."`

	Pattern   []string      `sep:"none" placeholder:"RE2" help:"Extra regular expression whose matches are removed."`
	PII       []string      `name:"pii" placeholder:"CLASS" help:"Classes of personal data to remove (${pii_classes}), all or none. Text is cleaned of all; checks leave personal data alone unless classes are named."`
	Sensitive []string      `sep:"none" placeholder:"GLOB" help:"Files whose body is dropped, of a diff or named here, as in secrets/**."`
	Allow     []string      `placeholder:"HASH" help:"Hash of a value that is no secret and stays; reports show it. Needs --key-file."`
	KeyFile   string        `type:"existingfile" placeholder:"FILE" help:"File with the key of the hashes, 16 bytes or more."`
	Timeout   time.Duration `default:"5m" placeholder:"TIME" help:"What --staged and --range may take."`
}

// minKey is in bytes: with a shorter key the hash of a weak password could be
// turned back by trying.
const minKey = 16

// maxKey is in bytes; a key file is one line.
const maxKey = 4096

// Run implements the command.
func (s scrubCmd) Run(p *program) error {
	if err := s.validate(); err != nil {
		return &usageError{err}
	}
	scrubber, err := s.scrubber()
	if err != nil {
		return &usageError{err}
	}
	r := &scrubReport{kinds: map[string]int{}}
	switch {
	case s.Staged:
		err = s.staged(p, scrubber, r)
	case s.Range != "":
		err = s.commits(p, scrubber, r)
	default:
		err = s.files(p, scrubber, r)
	}
	// What was found before an error is worth knowing.
	r.failed = err != nil
	if err := errors.Join(err, s.tell(p, r)); err != nil {
		return err
	}
	switch {
	case s.checks() && r.found():
		return errFindings
	case s.checks() && r.unread():
		return errors.New("scrub: not everything was read, see above; split what is too long, and check what is too hard to read in parts")
	}
	return nil
}

// checks reports whether the exit code is what was asked for, and not the text.
func (s scrubCmd) checks() bool { return s.Check || s.git() }

// git reports whether the input comes from a repository.
func (s scrubCmd) git() bool { return s.Staged || s.Range != "" }

// least is what a finding must be to count.
func (s scrubCmd) least() scrub.Certainty {
	return scrub.Certainty(slices.Index(certainties, s.MinCertainty))
}

func (s scrubCmd) validate() error {
	if s.git() && len(s.Files) > 0 {
		return errors.New("scrub: --staged and --range take what git says; leave the files out")
	}
	if s.least() > scrub.Suspected && !s.checks() {
		return errors.New("scrub: --min-certainty is for checks, text is cleaned of all that is suspected; add --check")
	}
	if s.ReportFile == "-" {
		return errors.New("scrub: --report-file names a file; without it the report of a check goes to standard output")
	}
	if s.ReportFile != "" && slices.ContainsFunc(s.Files, func(name string) bool { return sameFile(name, s.ReportFile) }) {
		return fmt.Errorf("scrub: --report-file would overwrite %s, which is to be read; name another file", visible(s.ReportFile))
	}
	if s.Timeout <= 0 {
		return errors.New("scrub: --timeout has to be above 0")
	}
	// All names are looked at before the first text is written.
	for _, name := range s.Files {
		if name == "-" {
			continue
		}
		info, err := os.Stat(name)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return fmt.Errorf("scrub: there is no file %s; nothing was read", visible(name))
		case err != nil:
			return fmt.Errorf("scrub: %w; nothing was read", err)
		case info.IsDir():
			return fmt.Errorf("scrub: %s is a folder; name files, nothing was read", visible(name))
		}
	}
	return nil
}

// scrubber compiles the rules as the flags say.
func (s scrubCmd) scrubber() (*scrub.Scrubber, error) {
	o := scrub.Options{Patterns: s.Pattern, Sensitive: s.Sensitive, PII: s.PII, Allow: s.Allow}
	if s.PII == nil {
		// What a model must not see is more than what a commit must not hold.
		o.PII = []string{"all"}
		if s.checks() {
			o.PII = []string{"none"}
		}
	}
	switch {
	case s.KeyFile != "":
		body, err := readLimited(s.KeyFile, maxKey)
		if err != nil {
			return nil, fmt.Errorf("read the key: %w", err)
		}
		// A server's key gives the hashes of that server.
		var ok bool
		if o.Key, ok = parseValueKey(body); !ok {
			o.Key = bytes.TrimSpace(body)
		}
		if len(o.Key) < minKey {
			return nil, fmt.Errorf("the key in %s has %d bytes; write %d or more, as openssl rand -hex 32 does", s.KeyFile, len(o.Key), minKey)
		}
	case len(s.Allow) > 0:
		return nil, errors.New("--allow names values by their keyed hash; name the key with --key-file")
	}
	return scrub.New(o)
}

// files cleans the named files, or standard input.
func (s scrubCmd) files(p *program, scrubber *scrub.Scrubber, r *scrubReport) error {
	names := s.Files
	if len(names) == 0 {
		names = []string{"-"}
	}
	for _, name := range names {
		if err := s.file(p, scrubber, r, name); err != nil {
			return err
		}
	}
	return nil
}

// file cleans one file, or standard input for "-".
func (s scrubCmd) file(p *program, scrubber *scrub.Scrubber, r *scrubReport, name string) error {
	in, from := p.in, input{name: "standard input"}
	if name != "-" {
		clean, err := scrubber.Begin().Clean(filepath.ToSlash(filepath.Clean(name)))
		if err != nil {
			return fmt.Errorf("%w; it was the name of a file", err)
		}
		from = input{name: clean.String(), file: true}
		if scrubber.Sensitive(filepath.ToSlash(filepath.Clean(name))) {
			r.withhold(from, "", string(review.SkipSensitive))
			return nil
		}
		f, err := openFile(p.ctx, name)
		if err != nil && s.checks() {
			return fmt.Errorf("scrub: %w; not everything was checked", err)
		}
		if err != nil {
			return fmt.Errorf("scrub: %w; what was written before is clean", err)
		}
		defer f.Close()
		in = f
		if s.checks() && slices.Contains(messageFiles, filepath.Base(name)) {
			if in, err = message(f); err != nil {
				return fmt.Errorf("scrub: %w; not everything was checked", err)
			}
		}
	} else if isTerminal(p.in) {
		fmt.Fprintln(p.ui.err, "review-assistant: reading standard input: paste text, end with ctrl-d; or name files, or pipe a diff here")
	}
	var out io.Writer = p.ui.out
	if s.checks() {
		out = io.Discard
	}
	// On a terminal the text itself shows that something happens.
	if p.ui.live && !isTerminal(out) && !isTerminal(in) {
		defer p.ui.progress("scrubbing " + visible(from.name))()
	}
	got, err := filter(p.ctx, scrubber, out, in, strings.TrimPrefix(name, "-"))
	switch {
	case err != nil && s.checks():
		return fmt.Errorf("scrub %s: %w; it was not checked to its end", visible(from.name), err)
	case err != nil:
		return fmt.Errorf("scrub %s: %w; what was written up to there is clean, the rest is missing", visible(from.name), err)
	}
	r.add(from, got, s.least())
	return nil
}

// filter is [scrub.Scrubber.FilterFile] that can be interrupted. A read from a
// terminal or pipe cannot be: it is left behind, and the program ends.
func filter(ctx context.Context, scrubber *scrub.Scrubber, out io.Writer, in io.Reader, name string) (scrub.Report, error) {
	type result struct {
		report scrub.Report
		err    error
	}
	done := make(chan result, 1)
	// What is held back of a long text is one large piece: memory matters more
	// here than the little that the collector finds to do.
	debug.SetGCPercent(40)
	go func() {
		r, err := scrubber.FilterFile(out, in, name)
		done <- result{r, err}
	}()
	select {
	case r := <-done:
		return r.report, r.err
	case <-ctx.Done():
		return scrub.Report{}, fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
}

// messageFiles are what git lets people edit, with what it shows them below the
// scissors line: with "commit --verbose" the diff of the commit.
var messageFiles = []string{"COMMIT_EDITMSG", "MERGE_MSG", "SQUASH_MSG", "TAG_EDITMSG"}

// scissors starts the line at which git cuts a message (git help commit, --cleanup).
const scissors = "# ------------------------ >8 ------------------------"

// message returns the text of a file up to that line.
func message(f io.Reader) (io.Reader, error) {
	body, err := io.ReadAll(io.LimitReader(f, maxMessages))
	if bytes.HasPrefix(body, []byte(scissors)) {
		return bytes.NewReader(nil), err
	}
	if k := bytes.Index(body, []byte("\n"+scissors)); k >= 0 {
		return bytes.NewReader(body[:k+1]), err
	}
	return io.MultiReader(bytes.NewReader(body), f), err
}

// sameFile reports whether two names are one file that exists.
func sameFile(a, b string) bool {
	one, errOne := os.Stat(a)
	two, errTwo := os.Stat(b)
	return errOne == nil && errTwo == nil && os.SameFile(one, two)
}

// openFile opens a file. A named pipe waits for its other end: that can be
// interrupted.
func openFile(ctx context.Context, name string) (*os.File, error) {
	type opened struct {
		f   *os.File
		err error
	}
	done := make(chan opened, 1)
	go func() {
		f, err := os.Open(name)
		done <- opened{f, err}
	}()
	select {
	case o := <-done:
		return o.f, o.err
	case <-ctx.Done():
		return nil, fmt.Errorf("interrupted: %w", context.Cause(ctx))
	}
}

func isTerminal(stream any) bool {
	if o, is := stream.(*output); is {
		stream = o.Writer
	}
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// visible makes a name safe to print: file names may hold terminal sequences.
func visible(s string) string {
	return strings.Map(func(r rune) rune {
		if scrub.Hidden(r) || r == '\n' || r == '\t' {
			return '?'
		}
		return r
	}, s)
}
