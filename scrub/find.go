// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// action is what happens at a word of the automaton: a rule is tried, or a
// place is read.
type action struct {
	rule int // -1 for a place
	word string
	read func(f *finder, start, end int)
}

// places are the words at which something is read that no pattern describes.
var places = []struct {
	words []string
	read  func(f *finder, start, end int)
}{
	{[]string{"://"}, (*finder).url},
	{[]string{"@tcp(", "@unix(", "@("}, (*finder).dsn},
	{[]string{"authorization", "bearer ", "basic "}, (*finder).header},
	{[]string{"cookie:"}, (*finder).cookie},
	{[]string{"-----BEGIN", "---- BEGIN"}, (*finder).keyBlock},
	{[]string{"-----END", "---- END"}, (*finder).keyEnd},
	{[]string{" -u ", " -u'", ` -u"`, "--user ", "--user=", "--proxy-user ", " -U "}, (*finder).userFlag},
	{[]string{":5432:", ":5433:", ":6432:", ":*:", ":5439:", ":26257:"}, (*finder).pgpass},
}

// finder looks at one view.
type finder struct {
	s    *Scrubber
	text string
	ext  string
	emit func(span)
	// names is where the last name ended that was looked at, blocks where the
	// last block of a key or certificate ended.
	names  int
	blocks int
	// quiet are armoured blocks: public ones stay, private ones go as a whole.
	quiet [][2]int
	// inner is set when the text was decoded: nothing is decoded twice.
	inner bool
}

// find emits what has to go from a view.
func (s *Scrubber) find(v view, diff bool, emit func(span)) {
	f := &finder{s: s, text: v.text, ext: v.ext, emit: emit}
	f.all()
	if diff {
		f.cutKey()
	}
	for _, re := range s.patterns {
		for _, m := range re.FindAllStringIndex(v.text, -1) {
			f.add(m[0], m[1], "pattern", rankOwn)
		}
	}
	f.pii()
	for _, other := range refold(v.text) {
		g := &finder{s: s, text: other.text, ext: v.ext, emit: func(sp span) {
			sp.start, sp.end = other.at[sp.start], other.at[sp.end-1]+1
			emit(sp)
		}}
		g.all()
	}
}

// all runs the automaton over the text and reads the places at its words.
func (f *finder) all() {
	f.s.automaton.each(f.text, func(word, end int) {
		a := &f.s.actions[word]
		start := end - len(a.word)
		if a.rule < 0 {
			a.read(f, start, end)
			return
		}
		r := f.s.rules[a.rule]
		if from, to, ok := r.match(f.text, start, end); ok {
			f.add(from, to, r.ID, rankToken)
		}
	})
	f.runs()
}

// add emits a span, unless it is a placeholder already.
func (f *finder) add(start, end int, kind string, r rank) {
	for start < end && (f.text[end-1] == '\n' || f.text[end-1] == '\r') {
		end--
	}
	if start >= end {
		return
	}
	value := f.text[start:end]
	if strings.HasPrefix(value, placeholderOpen) || strings.HasPrefix(value, "<<SECRET:") {
		return
	}
	f.emit(span{start, end, kind, r, value})
}

// lineEnd returns where the line around i ends.
func (f *finder) lineEnd(i int) int {
	if k := strings.IndexByte(f.text[i:], '\n'); k >= 0 {
		return i + k
	}
	return len(f.text)
}

// lineStart returns where the line around i starts.
func (f *finder) lineStart(i int) int { return strings.LastIndexByte(f.text[:i], '\n') + 1 }
