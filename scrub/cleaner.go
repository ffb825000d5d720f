// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"review-assistant/review"
)

// Cleaner cleans the texts of one change. It is not safe for concurrent use.
type Cleaner struct {
	s        *Scrubber
	known    map[string]*finding // found so far, by value
	made     map[string]*finding // by placeholder
	dropped  map[string]*finding // by kind
	count    int                 // of placeholders
	found    int                 // of values
	personal int                 // of found
	kinds    map[string]int
	// spread are values that are removed wherever they stand.
	spread   spreader
	withheld []unread
	findings []Finding
	// lastRaw and lastPath are the file name that was cleaned last.
	lastRaw  string
	lastPath Text

	finder finder
	window window
	view   view      // what is looked at
	d      *document // that the view is of
}

// unread is text that was not read, with the name of its file as it stands.
type unread struct{ reason, path string }

// finding is one distinct value. It has no number before it was written.
type finding struct {
	value       string
	kind        string
	rank        rank
	number      int
	placeholder string
}

// learn remembers a value, so that it is removed from everything else.
func (c *Cleaner) learn(value, kind string, r rank) *finding {
	f := c.known[value]
	switch {
	case f == nil:
		f = &finding{value: strings.Clone(value), kind: kind, rank: r} // not to keep the text that it is a part of
		c.known[f.value] = f
	case r <= f.rank:
		return f
	case f.placeholder == "":
		f.kind, f.rank = kind, r
	}
	for part := range strings.SplitSeq(f.value, "\n") {
		if part = spreadable(part); worthSpreading(part, r) {
			c.spread.add(part, f)
		}
	}
	return f
}

// minSpread is the shortest value in bytes that is looked for elsewhere, but
// for the process's own.
const minSpread = 8

// worthSpreading keeps words of the language out: removing them everywhere
// would hurt the text and protect nothing.
func worthSpreading(v string, r rank) bool {
	if r == rankOwn {
		return v != ""
	}
	if len(v) < minSpread || len(v) > maxMatch || r < rankName {
		return false
	}
	if r == rankName {
		c := classify(v)
		return len(v) >= 10 && c.digit > 0 && c.upper+c.lower > 0 && !strings.ContainsAny(v, "(){} ")
	}
	return mixed(v)
}

// Kinds of lines that nobody read.
const (
	kindSensitive   = "sensitive-path"
	kindUndecodable = "undecodable"
	kindUnread      = "unread"
)

// drop marks whole lines. All lines of a kind have one number.
func (c *Cleaner) drop(d *document, lines []line, kind, reason, path string) {
	c.withhold(reason, path)
	f := c.dropped[kind]
	if f == nil {
		f = &finding{kind: kind, rank: rankDropped}
		c.dropped[kind] = f
	}
	for _, l := range lines {
		if l.start < l.end {
			d.marks = append(d.marks, mark{l.start, l.end, f, rankOwn})
		}
	}
}

func (c *Cleaner) withhold(reason, path string) {
	u, n := unread{reason, path}, len(c.withheld)
	if n == MaxWithheld || n > 0 && c.withheld[n-1] == u || slices.Contains(c.withheld, u) {
		return
	}
	u.path = strings.Clone(path) // not to keep the text that it is a part of
	c.withheld = append(c.withheld, u)
}

// read looks at a whole text, or at its next piece.
func (c *Cleaner) read(r *reader, d *document) {
	if len(d.raw) > math.MaxInt32 {
		panic("a text of more than 2 GiB") // offsets of keywords are 32 bits long
	}
	r.read(d, func(b block, lines []line) {
		if b.width > 0 && c.s.Sensitive(b.path) {
			c.drop(d, lines, kindSensitive, string(review.SkipSensitive), b.path)
			return
		}
		c.scan(d, b, lines)
	})
}

// scan looks at one block, side by side when it is a hunk.
func (c *Cleaner) scan(d *document, b block, lines []line) {
	var added, removed bool
	for i, l := range lines {
		if l.dropped {
			c.drop(d, lines[i:i+1], kindUndecodable, string(review.SkipEncoding), b.path)
		}
		added = added || l.op == review.OpAdd
		removed = removed || l.op == review.OpRemove
	}
	sides := [...]review.Op{review.OpAdd, review.OpRemove}
	leave := sides[:]
	if !added || !removed {
		sides[0], leave = 0, sides[:1]
	}
	c.d = d
	for _, op := range leave {
		c.view.see(d, b, lines, op)
		if !c.finder.find(&c.view, c.view.hits(c.window.hits(&c.s.keywords, d, b)), b.width > 0, c.mark) {
			c.drop(d, lines, kindUnread, TooHard, b.path)
			return
		}
	}
}

// mark marks what was found in the view.
func (c *Cleaner) mark(s span) {
	if len(c.s.allow) > 0 && c.s.allow[fingerprint(c.s.key, s.value)] {
		return
	}
	f := c.learn(s.value, s.kind, s.rank)
	c.view.each(c.d, s, func(start, end int) { c.d.marks = append(c.d.marks, mark{start, end, f, s.rank}) })
}

// Clean returns raw without its secrets; the number of lines stays the same.
// A foreign "«" becomes "<<", so that nobody can forge a placeholder. A value
// that is found in raw is removed from everything that is cleaned later.
func (c *Cleaner) Clean(raw string) (t Text, err error) {
	defer fail(&err)
	return c.text(raw, true), nil
}

// text cleans a whole text.
func (c *Cleaner) text(raw string, list bool) Text {
	return Text{c.renderer(c.document(raw), list).all()}
}

// document reads a whole text.
func (c *Cleaner) document(raw string) *document {
	d := &document{raw: readable(raw)}
	c.read(&reader{}, d)
	return d
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
	d := c.document(raw)
	c.keep(d)
	return Text{c.renderer(d, false).all()}, nil
}

// keep marks the placeholders of this Cleaner as what they stand for, in place
// of anything that was found in them.
func (c *Cleaner) keep(d *document) {
	for from := 0; ; {
		_, after, ok := strings.Cut(d.raw[from:], placeholderOpen)
		if !ok {
			return
		}
		from = len(d.raw) - len(after)
		end := strings.Index(after, placeholderClose)
		if end < 0 {
			return
		}
		start, stop := from-len(placeholderOpen), from+end+len(placeholderClose)
		f := c.made[d.raw[start:stop]]
		if f == nil {
			continue
		}
		d.marks = slices.DeleteFunc(d.marks, func(m mark) bool { return m.start < stop && start < m.end })
		d.marks = append(d.marks, mark{start, stop, f, rankKnown})
		from = stop
	}
}

// Report tells what was removed so far.
func (c *Cleaner) Report() Report {
	r := Report{
		Version: c.s.version, Secrets: c.found - c.personal, Personal: c.personal, ByKind: maps.Clone(c.kinds),
		Findings: slices.Clone(c.findings),
	}
	for _, u := range slices.Clone(c.withheld) {
		r.Withheld = append(r.Withheld, Withheld{u.reason, c.path(u.path)})
	}
	return r
}
