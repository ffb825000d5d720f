// SPDX-License-Identifier: Apache-2.0

package review

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"github.com/sourcegraph/go-diff/diff"
)

const (
	// maxPatchBytes is above every limit of the fetching side; it bounds what
	// a pipe can make us hold.
	maxPatchBytes = 64 << 20
	maxPatchFiles = 50_000
)

// ParsePatch reads a unified diff: git's, with all its extended headers, or
// plain "diff -u" output. Text before the first file is skipped, so a caller
// whose raw starts with a commit message cuts that off first: a message may
// hold something that looks like a diff. An error names the line, never what
// stands there.
//
// File boundaries follow from the counts of the hunk headers and not from
// what lines look like, so no content can pose as another file.
func ParsePatch(raw []byte) (Patch, error) {
	if len(raw) > maxPatchBytes {
		return Patch{}, fmt.Errorf("parse patch: %d bytes are more than the limit of %d", len(raw), maxPatchBytes)
	}
	p := patchParser{raw: raw}
	if err := p.run(); err != nil {
		return Patch{}, fmt.Errorf("parse patch: line %d: %w", max(1, p.line), err)
	}
	return Patch{Files: p.files}, nil
}

// patchParser walks over the lines of raw. line is the 1-based number of the
// line that next returned last.
type patchParser struct {
	raw   []byte
	pos   int
	line  int
	files []File
}

// peek returns the next line without its end, and where the line after it starts.
func (p *patchParser) peek() (text string, after int, ok bool) {
	if p.pos >= len(p.raw) {
		return "", p.pos, false
	}
	rest := p.raw[p.pos:]
	after = len(p.raw)
	if i := bytes.IndexByte(rest, '\n'); i >= 0 {
		rest, after = rest[:i], p.pos+i+1
	}
	return string(bytes.TrimSuffix(rest, []byte("\r"))), after, true
}

func (p *patchParser) next() (string, bool) {
	text, after, ok := p.peek()
	if ok {
		p.pos = after
		p.line++
	}
	return text, ok
}

func (p *patchParser) nextIs(prefix string) bool {
	text, _, ok := p.peek()
	return ok && strings.HasPrefix(text, prefix)
}

func (p *patchParser) run() error {
	strict := false // after a file, unknown text means that a hunk was miscounted
	for {
		text, ok := p.next()
		if !ok {
			return nil
		}
		var err error
		switch {
		case strings.HasPrefix(text, "diff --git "):
			err, strict = p.gitFile(strings.TrimPrefix(text, "diff --git ")), true
		case strings.HasPrefix(text, "diff --cc "), strings.HasPrefix(text, "diff --combined "):
			err = errors.New("a combined diff has several parents; make the diff against one of them")
		case strings.HasPrefix(text, "--- ") && p.nextIs("+++ "):
			err, strict = p.plainFile(text), true
		case betweenFiles(text):
			strict = strict && text != "-- " && !strings.HasPrefix(text, "From ") && !strings.HasPrefix(text, "commit ")
		case strict:
			err = errors.New("unexpected text after a file; is a hunk header wrong?")
		}
		if err != nil {
			return err
		}
		if len(p.files) > maxPatchFiles {
			return fmt.Errorf("more than %d files", maxPatchFiles)
		}
	}
}

// betweenFiles reports whether diff tools write such a line between two files.
func betweenFiles(text string) bool {
	if strings.TrimSpace(text) == "" {
		return true
	}
	for _, prefix := range []string{"diff ", "Index: ", "=====", "Only in ", "Binary files ", "Files ", "Common subdirectories: ", "-- ", "From ", "commit "} {
		if strings.HasPrefix(text, prefix) {
			return true
		}
	}
	return false
}

// gitFile reads one file of a git diff, after its first line. names is the
// rest of that line.
func (p *patchParser) gitFile(names string) error {
	f := File{Status: FileModified}
	target, err := p.gitHeaders(&f)
	if err != nil {
		return err
	}
	a, b, certain := gitNames(names)
	strip := certain && prefixed(a, b)
	if p.nextIs("--- ") {
		first, _ := p.next()
		if a, b, err = p.names(first); err != nil {
			return err
		}
		strip = prefixed(a, b) && (strip || !certain)
		certain = true
	}
	switch {
	case target != "":
		f.Path = target
	case !certain || a == devNull && b == devNull:
		return errors.New("the file's name is ambiguous")
	case b == devNull:
		f.Path, f.Status = a, FileDeleted
	default:
		f.Path = b
		if a == devNull {
			f.Status = FileAdded
		}
	}
	if target == "" && strip {
		f.Path = f.Path[2:]
	}
	return p.finish(f)
}

// gitHeaders reads the extended headers of git into f and returns the new
// name of a renamed or copied file.
func (p *patchParser) gitHeaders(f *File) (target string, err error) {
	for {
		text, _, _ := p.peek()
		key, value, ok := gitHeader(text)
		if !ok {
			break
		}
		p.next()
		switch key {
		case "new file mode ":
			f.Status = FileAdded
			f.Mode, err = mode(value)
		case "deleted file mode ":
			f.Status = FileDeleted
			f.Mode, err = mode(value)
		case "new mode ":
			f.Mode, err = mode(value)
		case "index ":
			if _, m, ok := strings.Cut(value, " "); ok {
				f.Mode, err = mode(m)
			}
		case "rename from ", "copy from ":
			f.OldPath, err = unquote(value)
		case "rename to ":
			f.Status = FileRenamed
			target, err = unquote(value)
		case "copy to ":
			f.Status = FileCopied
			target, err = unquote(value)
		case "Binary files ":
			f.Binary = true
		case "GIT binary patch":
			f.Binary = true
			p.skipBinary()
		}
		if err != nil {
			return "", err
		}
	}
	if (target == "") != (f.OldPath == "") {
		return "", errors.New("a rename or copy needs both names")
	}
	return target, nil
}

// plainFile reads one file of a diff without git's headers, after its "---" line.
func (p *patchParser) plainFile(first string) error {
	a, b, err := p.names(first)
	if err != nil {
		return err
	}
	f := File{Path: plainPath(a, b), Status: FileModified}
	if err := p.finish(f); err != nil {
		return err
	}
	// diff -N has no word for a new or deleted file but an empty side.
	last := &p.files[len(p.files)-1]
	if h := last.Hunks; len(h) == 1 {
		switch {
		case a == devNull, h[0].OldStart == 0 && h[0].OldLines == 0:
			last.Status = FileAdded
		case b == devNull, h[0].NewStart == 0 && h[0].NewLines == 0:
			last.Status = FileDeleted
		}
	}
	return nil
}

// names returns the names in a "---" line and in the "+++" line that follows.
func (p *patchParser) names(first string) (a, b string, err error) {
	if !p.nextIs("+++ ") {
		return "", "", errors.New(`a "---" line without a "+++" line`)
	}
	second, _ := p.next()
	if a, err = headerName(first[4:]); err != nil {
		return "", "", err
	}
	b, err = headerName(second[4:])
	if err == nil && (a == "" || b == "" || a == devNull && b == devNull) {
		err = errors.New("a file without a name")
	}
	return a, b, err
}

// finish reads the hunks of f and keeps it.
func (p *patchParser) finish(f File) error {
	if f.Path == "" {
		return errors.New("a file without a name")
	}
	for p.nextIs("@@ ") {
		h, err := p.hunk()
		if err != nil {
			return err
		}
		for _, l := range h.Lines {
			switch l.Op {
			case OpAdd:
				f.Added++
			case OpRemove:
				f.Removed++
			}
		}
		f.Hunks = append(f.Hunks, h)
	}
	if f.Binary {
		f.Skip, f.Hunks = SkipBinary, nil
	}
	p.files = append(p.files, f)
	return nil
}

// hunk finds the end of a hunk by its counts and leaves the rest to go-diff.
func (p *patchParser) hunk() (Hunk, error) {
	start := p.pos
	text, _ := p.next()
	head, err := diff.ParseHunks([]byte(text))
	if err != nil || len(head) != 1 || min(head[0].OrigLines, head[0].NewLines, head[0].OrigStartLine, head[0].NewStartLine) < 0 {
		return Hunk{}, errors.New("a broken hunk header")
	}
	left, right := head[0].OrigLines, head[0].NewLines
	for ended := false; left > 0 || right > 0; {
		text, ok := p.next()
		switch {
		case !ok:
			return Hunk{}, errors.New("the patch ends inside a hunk")
		case strings.HasPrefix(text, "-"):
			left--
		case strings.HasPrefix(text, "+"):
			right--
		case strings.HasPrefix(text, `\`):
			// Only the old side can end before the hunk does.
			if ended || left > 0 {
				return Hunk{}, errors.New("lines after the end of the file")
			}
			ended = true
		case text == "", text[0] == ' ':
			left--
			right--
		default:
			return Hunk{}, errors.New("a hunk is shorter than its header says")
		}
		if left < 0 || right < 0 {
			return Hunk{}, errors.New("a hunk is longer than its header says")
		}
	}
	if p.nextIs(`\`) {
		p.next()
	}
	hunks, err := diff.ParseHunks(p.raw[start:p.pos])
	if err != nil || len(hunks) != 1 {
		return Hunk{}, errors.New("a broken hunk")
	}
	return convertHunk(hunks[0]), nil
}

func convertHunk(d *diff.Hunk) Hunk {
	h := Hunk{
		OldStart: int(d.OrigStartLine), OldLines: int(d.OrigLines),
		NewStart: int(d.NewStartLine), NewLines: int(d.NewLines),
		Section: d.Section,
	}
	pos := 0
	for line := range strings.SplitAfterSeq(string(d.Body), "\n") {
		if line == "" {
			break
		}
		pos += len(line)
		text, ended := strings.CutSuffix(line, "\n")
		switch {
		case text == "":
			h.Lines = append(h.Lines, Line{Op: OpContext})
		case text[0] == '\\': // the mark in another language or at a place go-diff does not know
			if n := len(h.Lines); n > 0 {
				h.Lines[n-1].NoEOL = true
			}
		default:
			noEOL := !ended || d.OrigNoNewlineAt > 0 && pos == int(d.OrigNoNewlineAt)
			h.Lines = append(h.Lines, Line{Op: Op(text[0]), Text: text[1:], NoEOL: noEOL})
		}
	}
	return h
}

// skipBinary passes over the one or two encoded blocks of a binary patch,
// each of which ends with an empty line.
func (p *patchParser) skipBinary() {
	for p.nextIs("literal ") || p.nextIs("delta ") {
		for {
			if text, ok := p.next(); !ok || text == "" {
				break
			}
		}
	}
}

// gitHeader splits an extended header line of git.
func gitHeader(text string) (key, value string, ok bool) {
	for _, key := range []string{
		"old mode ", "new mode ", "new file mode ", "deleted file mode ", "index ", "similarity index ", "dissimilarity index ",
		"rename from ", "rename to ", "copy from ", "copy to ", "Binary files ", "GIT binary patch",
	} {
		if value, ok := strings.CutPrefix(text, key); ok {
			return key, value, true
		}
	}
	return "", "", false
}
