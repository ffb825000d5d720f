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
	{[]string{"AAAAB3NzaC1", "AAAAC3NzaC1", "AAAAE2VjZHNh", ";base64,"}, (*finder).public},
	{[]string{"basicauth(", "networkcredential(", "getconnection(", "login(", "auth=(", "authenticate(", "credentials(", "passwordtoken("}, (*finder).login},
	{[]string{"--password-stdin", "chpasswd", "sudo -S", "passwd --stdin"}, (*finder).piped},
	{[]string{" -u ", " -u'", ` -u"`, "--user ", "--user=", "--proxy-user ", " -U "}, (*finder).userFlag},
	{[]string{":5432:", ":5433:", ":6432:", ":*:", ":5439:", ":26257:"}, (*finder).pgpass},
}

// finder looks at one view.
type finder struct {
	s    *Scrubber
	text string
	ext  string
	emit func(span)
	// memo remembers what names promise: a change repeats its names.
	memo map[string]strength
	// low and high are the line that was looked at last.
	low, high int
	// taken are the spans that were emitted, for runs that only repeat them.
	taken [][2]int
	// names is where the last name ended that was looked at, blocks where the
	// last block of a key or certificate ended.
	names, blocks int
	// tokens, cookies and ats are up to where nothing more is to be found.
	tokens, cookies, ats int
	// quiet are armoured blocks: public ones stay, private ones go as a whole.
	quiet [][2]int
	// inner is set when the text was decoded: nothing is decoded twice.
	inner bool
}

func newFinder(s *Scrubber, text, ext string, memo map[string]strength, emit func(span)) *finder {
	return &finder{s: s, text: text, ext: ext, memo: memo, emit: emit, high: -1}
}

// find emits what has to go from a view.
func (s *Scrubber) find(v view, diff bool, memo map[string]strength, emit func(span)) {
	f := newFinder(s, v.text, v.ext, memo, emit)
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
	if other := refold(v.text); other.text != "" {
		newFinder(s, other.text, v.ext, memo, func(sp span) {
			sp.start, sp.end = other.at[sp.start], other.at[sp.end-1]+1
			emit(sp)
		}).all()
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
		if f.inQuiet(start) || start < f.tokens {
			return // one secret is not found again inside of itself
		}
		r := f.s.rules[a.rule]
		if from, to, ok := r.match(f.text, start, end); ok {
			f.add(from, to, r.ID, rankToken)
			f.tokens = to
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
	f.taken = append(f.taken, [2]int{start, end})
	f.emit(span{start, end, kind, r, value})
}

// line returns where the line around i starts and ends. It remembers the last
// one: a long line with many words is walked once, not once a word.
func (f *finder) line(i int) (low, high int) {
	if f.low <= i && i <= f.high {
		return f.low, f.high
	}
	from := 0
	if i > f.high && f.high >= 0 {
		from = f.high
	}
	f.low = from + strings.LastIndexByte(f.text[from:i], '\n') + 1
	f.high = len(f.text)
	if k := strings.IndexByte(f.text[i:], '\n'); k >= 0 {
		f.high = i + k
	}
	return f.low, f.high
}

func (f *finder) lineStart(i int) int { low, _ := f.line(i); return low }
func (f *finder) lineEnd(i int) int   { _, high := f.line(i); return high }

// front returns what stands in front of i on its line, at most n bytes.
func (f *finder) front(i, n int) string { return f.text[max(f.lineStart(i), i-n):i] }

// back returns what stands behind i on its line, at most n bytes.
func (f *finder) back(i, n int) string { return f.text[i:min(f.lineEnd(i), i+n)] }
