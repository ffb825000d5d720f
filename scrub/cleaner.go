// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"review-assistant/review"
)

// Cleaner cleans the texts of one change. It is not safe for concurrent use.
type Cleaner struct {
	s *Scrubber
	// known are the values found so far, by value.
	known    map[string]*finding
	count    int
	personal int // of count
	kinds    map[string]int
	// spread are values that are removed wherever they stand.
	spread   spreader
	withheld []string
	names    map[string]strength
	findings []Finding
}

// finding is one distinct value. It has no placeholder before it was written.
type finding struct {
	kind        string
	rank        rank
	number      int
	placeholder string
}

// learn remembers a value, so that it is removed from everything else.
func (c *Cleaner) learn(s span) {
	if f := c.known[s.value]; f != nil || s.value == "" {
		if f != nil && f.rank < s.rank && f.placeholder == "" {
			f.kind, f.rank = s.kind, s.rank
		}
		return
	}
	c.known[s.value] = &finding{kind: s.kind, rank: s.rank}
	for part := range strings.SplitSeq(s.value, "\n") {
		a, z := trimIndent(part, 0, len(part))
		part = part[a:z]
		if worthSpreading(part, s.rank) {
			c.spread.add(part)
			if part != s.value && c.known[part] == nil {
				c.known[part] = c.known[s.value]
			}
		}
	}
}

// worthSpreading keeps words of the language out: removing them everywhere
// would hurt the text and protect nothing.
func worthSpreading(v string, r rank) bool {
	if r == rankOwn {
		return v != ""
	}
	if len(v) < 8 || len(v) > maxMatch || r < rankName {
		return false
	}
	if r == rankName {
		c := classify(v)
		return len(v) >= 10 && c.digit > 0 && c.upper+c.lower > 0 && !strings.ContainsAny(v, "(){} ")
	}
	return mixed(v)
}

// again marks where values that are known already stand.
func (c *Cleaner) again(d *document) {
	if len(c.spread.values) == 0 {
		return
	}
	for i := range d.lines {
		text, raw := unfold(d.lines[i].text)
		c.spread.each(text, func(start, end int) {
			v := text[start:end]
			m := mark{start, end, c.known[v].kind, rankKnown, v}
			if raw != nil {
				m.start, m.end = raw[start], raw[end-1]+1
			}
			d.marks[i] = append(d.marks[i], m)
		})
	}
}

// render writes line i of d without its prefix.
func (c *Cleaner) render(d *document, i int) string {
	text, marks := d.lines[i].text, d.marks[i]
	if len(marks) == 0 {
		return escape(text)
	}
	slices.SortFunc(marks, func(a, b mark) int { return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(b.end, a.end)) })
	var b strings.Builder
	pos := 0
	for k := 0; k < len(marks); {
		m := marks[k]
		for k++; k < len(marks) && marks[k].start < m.end; k++ {
			// The surest of overlapping findings names what goes.
			if n := marks[k]; n.rank > m.rank && n.rank != rankKnown {
				m.kind, m.rank, m.value = n.kind, n.rank, n.value
			}
			m.end = max(m.end, marks[k].end)
		}
		b.WriteString(escape(text[pos:m.start]))
		b.WriteString(c.placeholder(m))
		c.found(m, c.known[m.value])
		pos = m.end
	}
	b.WriteString(escape(text[pos:]))
	return b.String()
}

// placeholder returns what stands for a value. Numbers count distinct values
// in the order in which they are written.
func (c *Cleaner) placeholder(m mark) string {
	f := c.known[m.value]
	if f == nil {
		f = &finding{kind: m.kind, rank: m.rank}
		c.known[m.value] = f
	}
	if f.placeholder == "" {
		c.count++
		f.number = c.count
		c.kinds[f.kind]++
		if f.rank == rankPII {
			c.personal++
		}
		f.placeholder = fmt.Sprintf("%s%s:%d%s", placeholderOpen, f.kind, c.count, placeholderClose)
		c.known[f.placeholder] = f // so that Output knows it as ours
	}
	return f.placeholder
}

// found lists a finding; the caller of render knows file and line.
func (c *Cleaner) found(m mark, f *finding) {
	if len(c.findings) >= MaxFindings || f.number == 0 {
		return
	}
	n := Finding{Kind: f.kind, Number: f.number, ID: fingerprint(c.s.key, m.value), Column: m.start + 1}
	if f.rank == rankToken {
		n.Certainty = Likely
		if f.kind == "github-token" || f.kind == "private-key" {
			n.Certainty = Sure
		}
	}
	c.findings = append(c.findings, n)
}

// escape keeps foreign text from looking like a placeholder.
func escape(s string) string { return strings.ReplaceAll(s, "«", "<<") }

// Clean returns raw without its secrets; the number of lines stays the same.
// A foreign "«" becomes "<<", so that nobody can forge a placeholder. A value
// that is found in raw is removed from everything that is cleaned later.
func (c *Cleaner) Clean(raw string) (t Text, err error) {
	defer fail(&err)
	return Text{c.clean(raw, true)}, nil
}

// clean cleans a text of any kind. With readable set, bytes that are not UTF-8
// are made so; else they stay.
func (c *Cleaner) clean(raw string, readable bool) string {
	if raw == "" {
		return ""
	}
	d, blocks := parse(raw)
	c.readable(d, readable)
	for _, b := range blocks {
		c.scan(d, b)
	}
	c.again(d)
	return c.join(d)
}

// join writes all of a document.
func (c *Cleaner) join(d *document) string {
	size := 0
	for _, l := range d.lines {
		size += len(l.prefix) + len(l.text) + 1
	}
	var b strings.Builder
	b.Grow(size)
	for i, l := range d.lines {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(l.prefix)
		b.WriteString(c.render(d, i))
	}
	return b.String()
}

// readable decodes the lines of a document. A line that is no text goes.
func (c *Cleaner) readable(d *document, change bool) {
	for i := range d.lines {
		l := &d.lines[i]
		if strings.IndexByte(l.text, 0) < 0 && utf8.ValidString(l.text) {
			continue
		}
		text, ok := decode(l.text)
		switch {
		case !ok:
			c.withhold(string(review.SkipEncoding))
			d.marks[i] = append(d.marks[i], mark{0, len(l.text), "undecodable", rankKnown, "\x00"})
		case change:
			l.text = text
		}
	}
}

func (c *Cleaner) withhold(reason string) {
	if !slices.Contains(c.withheld, reason) {
		c.withheld = append(c.withheld, reason)
	}
}

// fail turns a panic in a rule into an error: nothing may leave then. The
// cause is not shown, it may hold the text.
func fail(err *error) {
	if recover() != nil {
		*err = fmt.Errorf("scrub: a rule failed; nothing was let through")
	}
}

// Output cleans what a model wrote. Placeholders that this Cleaner made stay
// as they are; any other is neutralized like foreign text.
func (c *Cleaner) Output(raw string) (t Text, err error) {
	defer fail(&err)
	d, blocks := parse(raw)
	c.readable(d, true)
	for _, b := range blocks {
		c.scan(d, b)
	}
	c.again(d)
	for i, l := range d.lines {
		for from := 0; ; {
			_, after, ok := strings.Cut(l.text[from:], placeholderOpen)
			if !ok {
				break
			}
			from = len(l.text) - len(after)
			end := strings.Index(after, placeholderClose)
			if end < 0 {
				break
			}
			m := mark{start: from - len(placeholderOpen), end: from + end + len(placeholderClose), rank: rankKnown}
			if m.value = l.text[m.start:m.end]; c.known[m.value] == nil {
				continue
			}
			d.marks[i] = slices.DeleteFunc(d.marks[i], func(o mark) bool { return o.start < m.end && m.start < o.end })
			d.marks[i] = append(d.marks[i], m)
			from = m.end
		}
	}
	return Text{c.join(d)}, nil
}

// Report tells what was removed so far.
func (c *Cleaner) Report() Report {
	return Report{Version: c.s.version, Secrets: c.count - c.personal, Personal: c.personal, ByKind: maps.Clone(c.kinds), Withheld: slices.Clone(c.withheld), Findings: slices.Clone(c.findings)}
}
