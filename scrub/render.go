// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"strings"
	"unicode/utf16"
)

// again marks where values that are known already stand.
func (c *Cleaner) again(d *document) {
	d.sortMarks()
	known, next, covered := d.marks, 0, 0
	c.spread.each(d.raw, func(start, end int, f *finding) {
		for ; next < len(known) && known[next].start <= start; next++ {
			covered = max(covered, known[next].end)
		}
		if end > covered && (f.rank > rankName || !inWord(d.raw, end)) { // else it goes already
			d.marks = append(d.marks, mark{start, end, f, rankKnown})
			covered = end
		}
	})
	for _, l := range d.odd {
		raw := d.raw[l.start:l.end]
		text, at := unfold(raw)
		if at == nil {
			continue
		}
		c.spread.each(text, func(start, end int, f *finding) {
			start, end = widen(raw, at, start, end)
			d.marks = append(d.marks, mark{l.start + start, l.start + end, f, rankKnown})
		})
	}
}

// renderer writes a document from its start to its end, in pieces.
type renderer struct {
	c     *Cleaner
	d     *document
	next  int // the mark that is written next
	place place
	// list says that findings are listed.
	list bool
}

// renderer makes the marks of d ready to be written.
func (c *Cleaner) renderer(d *document, list bool) *renderer {
	c.again(d)
	d.sortMarks()
	return &renderer{c: c, d: d, place: place{d: d, at: -1}, list: list}
}

// write hands raw bytes from to end to out, cleaned. A mark never leaves its line.
func (r *renderer) write(from, end int, out func(string)) {
	marks := r.d.marks
	for r.next < len(marks) && marks[r.next].start < end {
		m := marks[r.next]
		for r.next++; r.next < len(marks) && marks[r.next].start < m.end; r.next++ {
			// The surest of overlapping findings names what goes.
			n := marks[r.next]
			if n.rank > m.rank && n.rank != rankKnown {
				m.found, m.rank = n.found, n.rank
			}
			m.end = max(m.end, n.end)
		}
		out(escape(r.d.raw[from:m.start]))
		out(r.placeholder(m))
		from = m.end
	}
	out(escape(r.d.raw[from:end]))
}

// placeholder returns what stands for a mark. Numbers count distinct values
// in the order in which they are written.
func (r *renderer) placeholder(m mark) string {
	c, f := r.c, m.found
	if f.placeholder == "" {
		c.count++
		switch f.rank {
		case rankDropped: // no secret, a line that nobody read
		case rankPII:
			c.personal++
			fallthrough
		default:
			c.kinds[f.kind]++
			c.found++
		}
		f.number = c.count
		f.placeholder = fmt.Sprintf("%s%s:%d%s", placeholderOpen, f.kind, c.count, placeholderClose)
		c.made[f.placeholder] = f // so that Output knows it as ours
	}
	if r.list && len(c.findings) < MaxFindings && f.rank != rankDropped {
		c.findings = append(c.findings, r.finding(m))
	}
	if f.rank == rankDropped {
		return f.placeholder
	}
	return likeText(f.placeholder, r.d.raw[m.start:m.end])
}

// finding describes a mark.
func (r *renderer) finding(m mark) Finding {
	f := m.found
	n := Finding{Kind: f.kind, Number: f.number, ID: fingerprint(r.c.s.key, f.value)}
	switch f.rank {
	case rankToken:
		n.Certainty = Likely
	case rankSure:
		n.Certainty = Sure
	}
	var b *block
	b, n.Op, n.Line, n.Column = r.place.find(m.start)
	n.Path = r.c.path(b.path)
	return n
}

// path cleans the name of a file for findings, which repeat it.
func (c *Cleaner) path(raw string) Text {
	if raw != c.lastRaw {
		raw = strings.Clone(raw) // not to keep the text that it is a part of
		c.lastRaw, c.lastPath = raw, c.text(raw, false)
	}
	return c.lastPath
}

// all returns the whole document, cleaned.
func (r *renderer) all() string {
	if len(r.d.marks) == 0 {
		return escape(r.d.raw)
	}
	var b strings.Builder
	b.Grow(len(r.d.raw))
	r.write(0, len(r.d.raw), func(s string) { b.WriteString(s) })
	return b.String()
}

// likeText returns s in the encoding of the text whose place it takes.
func likeText(s, place string) string {
	k := strings.IndexByte(place, 0)
	if k < 0 {
		return s
	}
	var b strings.Builder
	for _, u := range utf16.Encode([]rune(s)) {
		if k%2 == 1 {
			b.WriteByte(byte(u))
			b.WriteByte(byte(u >> 8))
		} else {
			b.WriteByte(byte(u >> 8))
			b.WriteByte(byte(u))
		}
	}
	return b.String()
}

// escape keeps foreign text from looking like a placeholder: «, of two bytes,
// becomes two smaller ones.
func escape(s string) string {
	if !strings.Contains(s, "«") {
		return s
	}
	b := []byte(s)
	for i := 1; i < len(b); i++ {
		if b[i] == 0xAB && b[i-1] == 0xC2 {
			b[i-1], b[i] = '<', '<'
		}
	}
	return string(b)
}
