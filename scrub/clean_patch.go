// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"

	"review-assistant/review"
)

// Patch cleans every string of p, with the values found in any part removed
// from all parts, and drops the bodies of sensitive files.
func (c *Cleaner) Patch(p review.Patch) (out Patch, err error) {
	defer fail(&err)
	files, parts := slices.Clone(p.Files), make([][]part, len(p.Files))
	// First everything is looked at, then everything is written: a value that
	// the last file gives away is removed from the first one too.
	for i := range files {
		f := &files[i]
		if f.Skip == "" && c.s.sensitive(*f) {
			f.Skip = review.SkipSensitive
			c.withhold(string(review.SkipSensitive))
		}
		if f.Skip != "" {
			f.Hunks = nil
		}
		parts[i] = c.parts(f)
	}
	clean := Patch{Merge: p.Merge, Files: make([]File, len(files))}
	for i, f := range files {
		clean.Files[i] = c.file(f, parts[i])
	}
	return clean, nil
}

// part is a piece of a file: its names first, then one part a hunk.
type part struct {
	document
	hunk review.Hunk
}

// parts looks at a file. A body that is no text is dropped.
func (c *Cleaner) parts(f *review.File) []part {
	plain := func(s string) line {
		text, _ := decode(s)
		return line{op: review.OpContext, text: strings.ReplaceAll(text, "\n", " ")}
	}
	names := part{document: document{lines: []line{plain(f.Path), plain(f.OldPath)}, marks: make([][]mark, 2)}}
	c.scan(&names.document, block{from: 0, end: 1})
	c.scan(&names.document, block{from: 1, end: 2})
	all := []part{names}
	for _, h := range f.Hunks {
		n := part{hunk: h, document: document{lines: make([]line, 1, len(h.Lines)+1), marks: make([][]mark, len(h.Lines)+1)}}
		n.lines[0] = plain(h.Section)
		for _, l := range h.Lines {
			text, ok := decode(l.Text)
			if !ok {
				f.Skip = review.SkipEncoding
				c.withhold(string(review.SkipEncoding))
				return all[:1]
			}
			n.lines = append(n.lines, line{op: l.Op, text: strings.ReplaceAll(text, "\n", " ")})
		}
		c.scan(&n.document, block{from: 0, end: 1})
		c.scan(&n.document, block{from: 1, end: len(n.lines), ext: extOf(f.Path), diff: true})
		all = append(all, n)
	}
	return all
}

// file writes a file from its parts.
func (c *Cleaner) file(f review.File, parts []part) File {
	names := &parts[0].document
	c.again(names)
	out := File{
		Path: Text{c.render(names, 0)}, OldPath: Text{c.render(names, 1)},
		Status: f.Status, Mode: f.Mode, Binary: f.Binary, Added: f.Added, Removed: f.Removed, Skip: f.Skip,
	}
	for _, n := range parts[1:] {
		c.again(&n.document)
		h := Hunk{
			OldStart: n.hunk.OldStart, OldLines: n.hunk.OldLines, NewStart: n.hunk.NewStart, NewLines: n.hunk.NewLines,
			Section: Text{c.render(&n.document, 0)}, Lines: make([]Line, len(n.hunk.Lines)),
		}
		oldLine, newLine := n.hunk.OldStart, n.hunk.NewStart
		for k, l := range n.hunk.Lines {
			first := len(c.findings)
			h.Lines[k] = Line{Op: l.Op, Text: Text{c.render(&n.document, k+1)}, NoEOL: l.NoEOL}
			at := newLine
			if l.Op == review.OpRemove {
				at = oldLine
			}
			for i := range c.findings[first:] {
				c.findings[first+i].Path, c.findings[first+i].Op, c.findings[first+i].Line = out.Path, l.Op, at
			}
			if l.Op != review.OpRemove {
				newLine++
			}
			if l.Op != review.OpAdd {
				oldLine++
			}
		}
		out.Hunks = append(out.Hunks, h)
	}
	return out
}

// sensitive reports whether the body of a file never leaves. The patterns
// were checked when they were read.
func (s *Scrubber) sensitive(f review.File) bool {
	for _, glob := range s.globs {
		for _, name := range []string{f.Path, f.OldPath} {
			if ok, _ := doublestar.Match(glob, name); ok && name != "" {
				return true
			}
		}
	}
	return false
}
