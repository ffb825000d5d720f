// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// action is what happens at a word of the automaton.
type action struct {
	word string
	read func(f *finder, start, end int)
}

// finder looks at one view.
type finder struct {
	s    *Scrubber
	text string
	ext  string
	emit func(span)
	// memo remembers what names promise: a change repeats its names.
	memo map[string]strength
	// hits are where keywords end.
	hits   hits
	folder folder
	// work is what may still be spent on the text, see [workPerByte].
	work int
	// taken are the spans that were emitted, for runs that only repeat them.
	taken [][2]int
	// quiet are armoured blocks: public ones stay, private ones go as a whole.
	quiet [][2]int
	// inner is set when the text was decoded: nothing is decoded twice.
	inner bool
	reached
}

// reached is how far a finder came in its text.
type reached struct {
	// low and high are the line that was looked at last.
	low, high int
	// names is where the last name ended that was looked at, blocks where the
	// last block of a key or certificate ended.
	names, blocks int
	// The others are up to where nothing more is to be found.
	tokens, cookies, ats, manifests, heads, remained int
}

// A unit of work is about ten nanoseconds. Reading a text takes a fixed time a
// byte; what the recognisers may add to it is bounded over a whole change, so
// that time stays linear. Ordinary source needs a tenth of a unit a byte, text
// that names a secret in every line five to ten (docs/adr/0012). At most
// workAtMost is saved for what follows.
const (
	workPerByte = 3
	workAtFirst = 1 << 22
	workAtMost  = 1 << 23
)

// begin makes f ready for another text.
func (f *finder) begin(text, ext string, emit func(span)) {
	f.text, f.ext, f.emit, f.inner = text, ext, emit, false
	f.reached = reached{high: -1}
	f.taken, f.quiet = f.taken[:0], f.quiet[:0]
}

// spend counts work.
func (f *finder) spend(n int) { f.work -= n }

// find emits what has to go from a view; found are where its keywords end, nil
// when nobody has looked. It reports whether the text was read
// to its end: hostile text can take too much work, and then none of it may
// leave.
func (f *finder) find(v *view, found []hit, diff bool, emit func(span)) bool {
	f.work = min(max(f.work, 0)+workPerByte*len(v.text), workAtMost)
	f.begin(v.text, v.ext, emit)
	f.words(v.signs, found)
	v.ranges(signDigit|signUpper, f.runs)
	if diff {
		f.cutKey()
	}
	for _, re := range f.s.patterns {
		for _, m := range re.FindAllStringSubmatchIndex(v.text, -1) {
			if len(m) > 2 && m[2] >= 0 {
				m = m[2:]
			}
			f.add(m[0], m[1], KindPattern, rankOwn)
		}
	}
	f.pii(v)
	ok := f.folder.read(v, f.work/3)
	if f.spend(3 * len(f.folder.at)); !ok {
		f.work = 0
	}
	if at := f.folder.at; len(at) > 0 && f.work > 0 {
		f.begin(f.folder.out.text(), v.ext, func(sp span) {
			sp.start, sp.end = int(at[sp.start]), f.folder.after(int(at[sp.end-1]))
			emit(sp)
		})
		f.words(v.signs, nil)
		f.runs(0, len(f.text))
		if f.s.pii["email"] {
			f.emails(f.s.pii)
		}
	}
	return f.work > 0
}

// words reads the places at the keywords of the text. found are the hits of
// the keywords in ASCII, if somebody knows them.
func (f *finder) words(s signs, found []hit) {
	if found == nil {
		found = f.s.keywords.automaton.scan(f.text, &f.hits)
	}
	f.look(&f.s.keywords, found)
	if s&signForeign != 0 {
		f.look(&f.s.foreign, f.s.foreign.automaton.scan(f.text, &f.hits))
	}
}

func (f *finder) look(l *lexicon, found []hit) {
	f.names, f.tokens, f.remained = 0, 0, 0
	for _, h := range found {
		for _, w := range l.automaton.words(h) {
			f.act(&l.actions[w], int(h.end))
		}
		if f.work <= 0 {
			return
		}
	}
}

// act does what a keyword asks for.
func (f *finder) act(a *action, end int) {
	start := end - len(a.word)
	if start < 0 || strings.IndexByte(f.text[start:end], '\n') >= 0 {
		return // it begins in the prefix of a diff's line
	}
	a.read(f, start, end)
}

// rule tries a rule at one of its keywords.
func (f *finder) rule(r *compiled, word string, start, end int) {
	if start < f.tokens || !r.starts(f.text, word, start, end) || f.inQuiet(start) {
		return // one secret is not found again inside of itself
	}
	f.spend(100)
	if from, to, ok := r.match(f.text, start, end); ok {
		rk := rankToken
		if r.sure(f.text[from:to]) {
			rk = rankSure
		}
		f.add(from, to, r.ID, rk)
		f.tokens = to
	}
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
	f.spend(20 + len(value)/8)
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

// next returns the line that starts at i, at most up to limit, without the
// sign of a diff that was pasted into another text, where it starts and where
// the line behind it does. whole is false when limit cuts the line.
func (f *finder) next(i, limit int) (line string, at, then int, whole bool) {
	z, then := limit, limit
	if k := strings.IndexByte(f.text[i:limit], '\n'); k >= 0 {
		z, then = i+k, i+k+1
	}
	whole = then > z || z == len(f.text)
	for z > i && f.text[z-1] == '\r' {
		z--
	}
	if i < z && (f.text[i] == '+' || f.text[i] == '-' && !strings.HasPrefix(f.text[i:z], "--")) {
		i++
	}
	return f.text[i:z], i, then, whole
}

func (f *finder) lineStart(i int) int { low, _ := f.line(i); return low }
func (f *finder) lineEnd(i int) int   { _, high := f.line(i); return high }

// front returns what stands in front of i on its line, at most n bytes.
func (f *finder) front(i, n int) string { return f.text[max(f.lineStart(i), i-n):i] }

// back returns what stands behind i on its line, at most n bytes.
func (f *finder) back(i, n int) string { return f.text[i:min(f.lineEnd(i), i+n)] }
