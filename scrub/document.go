// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"path"
	"strings"

	"review-assistant/review"
)

// block is a run of lines that are read together: a hunk, or text between.
type block struct {
	from, end int
	ext       string
	diff      bool
}

// parse splits raw text into lines and blocks. In a unified diff the prefixes
// are set aside; anything else is one block.
func parse(raw string) (*document, []block) {
	d := &document{}
	if !isDiff(raw) {
		for text := range strings.SplitSeq(raw, "\n") {
			d.lines = append(d.lines, line{op: review.OpContext, text: text})
		}
		d.marks = make([][]mark, len(d.lines))
		return d, []block{{from: 0, end: len(d.lines)}}
	}
	d.lines = make([]line, 0, strings.Count(raw, "\n")+1)
	var blocks []block
	cur := block{}
	width := 0 // of the prefix; 0 outside of hunks
	name := ""
	cut := func(diff bool) {
		if n := len(d.lines); n > cur.from {
			cur.end = n
			blocks = append(blocks, cur)
		}
		cur = block{from: len(d.lines), diff: diff}
		if diff {
			cur.ext = extOf(name)
		}
	}
	for text := range strings.SplitSeq(raw, "\n") {
		if w := hunkHeader(text); w > 0 {
			if width > 0 || len(d.lines) > 0 && cur.diff {
				cut(false)
			}
			d.lines = append(d.lines, line{op: review.OpContext, text: text})
			cut(true)
			width = w
			continue
		}
		if width > 0 && !inHunk(text) {
			width = 0
			cut(false)
		}
		if width == 0 {
			if rest, ok := strings.CutPrefix(text, "+++ "); ok {
				name, _, _ = strings.Cut(rest, "\t")
			} else if strings.HasPrefix(text, "diff -") {
				name = text[strings.LastIndexByte(text, ' ')+1:]
			}
			d.lines = append(d.lines, line{op: review.OpContext, text: text})
			continue
		}
		n := min(width, len(text))
		op := review.OpContext
		switch prefix := text[:n]; {
		case strings.Contains(prefix, "+"):
			op = review.OpAdd
		case strings.Contains(prefix, "-"):
			op = review.OpRemove
		}
		d.lines = append(d.lines, line{text[:n], op, text[n:]})
	}
	cut(false)
	d.marks = make([][]mark, len(d.lines))
	return d, blocks
}

func isDiff(raw string) bool {
	return strings.HasPrefix(raw, "@@ -") || strings.Contains(raw, "\n@@ -") || strings.HasPrefix(raw, "@@@ -") || strings.Contains(raw, "\n@@@ -")
}

// hunkHeader returns how many prefix characters the lines of the hunk have, 0
// for a line that starts no hunk.
func hunkHeader(text string) int {
	switch {
	case strings.HasPrefix(text, "@@ -"):
		return 1
	case strings.HasPrefix(text, "@@@ -"):
		return 2
	case strings.HasPrefix(text, "@@@@ -"):
		return 3
	}
	return 0
}

func inHunk(text string) bool {
	if text == "" || text == "\r" {
		return true
	}
	return strings.IndexByte(" +-\\\x00", text[0]) >= 0 && text != "-- "
}

// extOf returns the lower-case extension of a path, or its name when it has none.
func extOf(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if ext := path.Ext(name); ext != "" {
		return ext[1:]
	}
	return path.Base(name)
}

// scan looks at one block, side by side when it is a hunk.
func (c *Cleaner) scan(d *document, b block) {
	var added, removed bool
	for _, l := range d.lines[b.from:b.end] {
		added = added || l.op == review.OpAdd
		removed = removed || l.op == review.OpRemove
	}
	sides := []review.Op{0}
	if added && removed {
		sides = []review.Op{review.OpAdd, review.OpRemove}
	}
	for _, leave := range sides {
		v := d.view(b.from, b.end, leave, b.ext)
		c.s.find(v, b.diff, c.names, func(s span) {
			d.mark(v, s)
			c.learn(s)
		})
	}
}
