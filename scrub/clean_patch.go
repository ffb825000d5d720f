// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"cmp"
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/review"
)

// Patch cleans every string of p, with the values found in any part removed
// from all parts, and drops the bodies of sensitive files.
func (c *Cleaner) Patch(p review.Patch) (Patch, error) {
	l, err := c.Look(p)
	if err != nil {
		return Patch{}, err
	}
	return l.Patch()
}

// Looked is a patch that was looked at and is not written yet.
type Looked struct {
	c     *Cleaner
	merge bool
	files []review.File // without the bodies that do not leave
	texts []*fileText
}

// Look finds the values of a patch. They are removed from everything that is
// written afterwards: from a message, from another patch, and from this one,
// where a value that the last file gives away goes from the first one too.
func (c *Cleaner) Look(p review.Patch) (_ *Looked, err error) {
	defer fail(&err)
	l := &Looked{c: c, merge: p.Merge, files: slices.Clone(p.Files), texts: make([]*fileText, len(p.Files))}
	for i := range l.files {
		f := &l.files[i]
		if f.Skip == "" && (c.s.Sensitive(f.Path) || c.s.Sensitive(f.OldPath)) {
			f.Skip = review.SkipSensitive
			c.withhold(string(review.SkipSensitive), f.Path)
		}
		if f.Skip == "" && undecodable(f) {
			f.Skip = review.SkipEncoding
			c.withhold(string(review.SkipEncoding), f.Path)
		}
		if f.Skip != "" {
			f.Hunks = nil
		}
		t := newFileText(f)
		for k, b := range t.blocks {
			c.scan(&t.document, b, t.lines[k])
		}
		l.texts[i] = t
	}
	return l, nil
}

// Patch writes the patch.
func (l *Looked) Patch() (out Patch, err error) {
	defer fail(&err)
	clean := Patch{Merge: l.merge, Files: make([]File, len(l.files))}
	for i, f := range l.files {
		clean.Files[i] = l.c.file(f, l.texts[i])
	}
	return clean, nil
}

// fileText is a file of a patch as one text: its names, then each hunk's
// section and lines.
type fileText struct {
	document
	lines [][]line // by block
}

func newFileText(f *review.File) *fileText {
	var b strings.Builder
	t := &fileText{}
	var lines []line
	add := func(op review.Op, text string) {
		if op != 0 {
			b.WriteByte(byte(op))
		}
		start := b.Len()
		b.WriteString(oneLine(text))
		lines = append(lines, line{start: start, end: b.Len(), op: cmp.Or(op, review.OpContext)})
		b.WriteByte('\n')
	}
	cut := func(k block) {
		if n := len(t.blocks); n > 0 {
			k.from = t.blocks[n-1].end
		}
		k.end = b.Len()
		t.blocks, t.lines = append(t.blocks, k), append(t.lines, lines)
		lines = nil
	}
	add(0, f.Path)
	cut(block{})
	add(0, f.OldPath)
	cut(block{})
	for _, h := range f.Hunks {
		add(0, h.Section)
		cut(block{})
		for _, l := range h.Lines {
			add(l.Op, l.Text)
		}
		cut(block{path: oneLine(f.Path), width: 1, old: h.OldStart, new: h.NewStart})
	}
	t.raw = b.String()
	for _, lines := range t.lines {
		for i := range lines {
			t.look(&lines[i])
		}
	}
	return t
}

// oneLine decodes text that stands on one line: the name of a file may hold a
// line end.
func oneLine(text string) string {
	text, _ = decode(text)
	return strings.ReplaceAll(text, "\n", " ")
}

// undecodable reports whether a line of the file is no text.
func undecodable(f *review.File) bool {
	for _, h := range f.Hunks {
		for _, l := range h.Lines {
			if _, ok := decode(l.Text); !ok {
				return true
			}
		}
	}
	return false
}

// file writes a file from its text.
func (c *Cleaner) file(f review.File, t *fileText) File {
	r, lines := c.renderer(&t.document, true), slices.Concat(t.lines...)
	next := func() Text {
		var b strings.Builder
		r.write(lines[0].start, lines[0].end, func(s string) { b.WriteString(s) })
		lines = lines[1:]
		return Text{b.String()}
	}
	out := File{
		Path: next(), OldPath: next(),
		Status: f.Status, Mode: f.Mode, Binary: f.Binary, Added: f.Added, Removed: f.Removed, Skip: f.Skip,
	}
	for _, from := range f.Hunks {
		h := Hunk{OldStart: from.OldStart, OldLines: from.OldLines, NewStart: from.NewStart, NewLines: from.NewLines, Section: next(), Lines: make([]Line, len(from.Lines))}
		for i, l := range from.Lines {
			h.Lines[i] = Line{Op: l.Op, Text: next(), NoEOL: l.NoEOL}
		}
		out.Hunks = append(out.Hunks, h)
	}
	return out
}

// Sensitive reports whether the body of a file never leaves.
func (s *Scrubber) Sensitive(path string) bool {
	for _, glob := range s.globs {
		if ok, _ := doublestar.Match(glob, path); ok && path != "" {
			return true
		}
	}
	return false
}
