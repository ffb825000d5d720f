// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"io"
	"math"
	"strings"
	"unicode"
)

// Limits of what is remembered while a log is read. With them the memory of a
// reader does not depend on the log: at most maxCandidates windows of
// linesAbove+linesBelow lines of maxLine bytes.
const (
	maxCandidates = 128
	maxTemplates  = 1 << 14
	maxTests      = 1 << 12 // names that are counted
	maxEach       = 16      // lines of one template that differ in their place
	linesAbove    = 20
	linesBelow    = 24
)

// ReadOptions say what is known of a log besides.
type ReadOptions struct {
	// Baselines are of logs of the same job that passed: what they say too is
	// hardly the cause.
	Baselines []*Baseline
}

// Read finds what matters in a log. The error is the reader's or the
// context's: every text is a log.
func Read(ctx context.Context, r io.Reader, o ReadOptions) (*Log, error) {
	d := digest{book: book(), seed: maphash.MakeSeed(), templates: map[uint64]*seen{}, tests: map[uint64]bool{}, hardest: -1}
	lines := newLineReader(ctx, r)
	for {
		line, err := lines.next()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		d.line(line)
	}
	return d.log(o), nil
}

// candidate is a line that may be the cause, with the lines around it.
type candidate struct {
	match
	number   int // of the line, from 1
	template uint64
	key      uint64 // of what is shown once: the template, or the line
	again    bool   // the template was seen in an earlier step
	inStep   bool   // of the step that failed
	quiet    int    // points off for what the line says of itself
	window   []string
	first    int // number of window[0]
	score    float64
}

func (c *candidate) focus() int { return c.number - c.first }

func (c *candidate) text() string { return c.window[c.focus()] }

// weight is what is known of the score before the end of the log.
func (c *candidate) weight() int {
	w := c.tier - c.quiet
	if c.inStep {
		w += stepBonus
	}
	return w
}

// seen counts a template.
type seen struct{ count, first, kept int }

// digest is the state of reading.
type digest struct {
	book    *ruleBook
	cleaner cleaner
	number  int
	ring    [linesAbove + 1][]byte // the lines up to this one, by number
	open    []*candidate           // whose windows grow
	best    []*candidate
	// weakest is the least weight in best when that is full.
	weakest   int
	templates map[uint64]*seen
	tests     map[uint64]bool
	scratch   []byte

	start      int   // of the step
	closed     block // the last one of a pipeline that ended behind a line of a tool
	command    int   // the last line that is the trace of a shell's command
	firstFinal int   // the line where the first step failed, by the CI's words; 0 for none
	lastEnd    int   // the last end of a command that failed
	hardest    int   // the strongest tier so far in the step that failed
	words      *candidate
	heading    heading
	key        int // lines of a private key that may follow
	memo       [memoSize]rated
	seed       maphash.Seed // decides over places in memo alone
}

// memoSize is how many lines are remembered with what they are: logs repeat
// themselves.
const memoSize = 1 << 13

// rated is what the rules say of a line.
type rated struct {
	line string
	match
	ok   bool
	mark mark
}

func (d *digest) rated(set *ruleSet, text []byte) *rated {
	text = text[:min(len(text), maxMatch)]
	r := &d.memo[maphash.Bytes(d.seed, text)%memoSize]
	if r.line == string(text) {
		return r
	}
	r.line = string(text)
	r.mark = d.book.step(set, r.line)
	r.match, r.ok = d.book.among(set, r.line)
	return r
}

// line takes the next line.
func (d *digest) line(raw []byte) {
	d.number++
	text, echo := d.cleaner.clean(raw)
	text = d.hideKey(text)
	slot := &d.ring[d.number%len(d.ring)]
	*slot = append((*slot)[:0], text...)
	if len(d.open) > 0 {
		d.grow(text)
	}
	if echo || len(text) == 0 || trace(text) {
		return
	}
	if shellTrace(text) {
		d.command = d.number
	}
	d.heading.see(text, d.number)
	set, any := d.book.words.in(text)
	if !any {
		return
	}
	r := d.rated(&set, text)
	switch r.mark {
	case markStart:
		if d.firstFinal == 0 {
			d.begin()
		}
	case markFinal:
		d.lastEnd = d.number
		if d.firstFinal == 0 {
			d.firstFinal = d.number
			d.lastWords(d.number)
		}
	case markClose:
		if !bytes.HasPrefix(d.ring[(d.number-1)%len(d.ring)], []byte("[Pipeline]")) {
			d.closed = block{start: d.start, end: d.number, hardest: d.hardest}
		}
	case markRunEnd:
		d.endRun()
	case markOver:
		if d.firstFinal == 0 {
			d.over()
		}
	case markEnd:
		d.lastEnd = d.number
	}
	m, ok := r.match, r.ok
	if h, is := d.heading.fails(text, d.number); is {
		m, ok = h, true
	}
	if ok && (r.mark != markFinal || m.tier >= tierCrash-2) {
		d.take(m, text)
	}
}

// maxKeyLines is how many lines a private key can have: those of RSA with
// 16,384 bits.
const maxKeyLines = 220

// hideKey empties the lines of a private key: only the first one says what
// they are, and a window may begin behind it. What does not look like the body
// of one is no part of it: a log may show the first line alone.
func (d *digest) hideKey(text []byte) []byte {
	if d.key > 0 {
		d.key--
		if bytes.Contains(text, []byte("-----END ")) {
			d.key = 0
			return text[:0]
		}
		if keyLine(text) {
			return text[:0]
		}
		d.key = 0
	}
	if i := bytes.Index(text, []byte("-----BEGIN ")); i >= 0 && bytes.Contains(text[i:], []byte("PRIVATE KEY")) && !bytes.Contains(text[i:], []byte("-----END ")) {
		d.key = maxKeyLines
	}
	return text
}

// keyLine reports whether a line can stand in a private key, with something in
// front of it or not (RFC 1421, RFC 7468).
func keyLine(text []byte) bool {
	fields := bytes.Fields(text)
	if len(fields) == 0 {
		return true
	}
	if len(fields) > 1 && (bytes.HasSuffix(fields[0], []byte("Proc-Type:")) || bytes.HasSuffix(fields[0], []byte("DEK-Info:"))) {
		return true
	}
	last := fields[len(fields)-1]
	return (len(fields) == 1 || len(last) >= 40) && len(bytes.Trim(last, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")) == 0
}

// begin begins a step.
func (d *digest) begin() {
	d.start = d.number
	d.hardest = -1
	d.heading.failing = false
	for _, c := range d.best {
		c.inStep = false
	}
	d.weakest = d.least()
}

// take makes a candidate of a line.
func (d *digest) take(m match, text []byte) {
	d.scratch = templateOf(d.scratch[:0], m, text)
	if m.test != "" && m.kind == KindTest && len(d.tests) < maxTests {
		d.tests[hash64([]byte(canonical(m.test)))] = true
	}
	h := hash64(d.scratch)
	key := h
	t := d.templates[h]
	switch {
	case t == nil && len(d.templates) < maxTemplates:
		t = &seen{first: d.number}
		d.templates[h] = t
	case t == nil:
		t = &seen{first: d.number} // not counted: memory has an end
	}
	t.count++
	if m.each && t.kept < maxEach {
		t.kept++
		if key = hash64(text); m.file == "" { // then equal lines are of other places
			key += uint64(d.number)
		}
	}
	c := &candidate{match: m, number: d.number, template: h, key: key, again: t.count > 1 && key == h, inStep: d.firstFinal == 0}
	c.quiet = quiet(text) + d.heading.unlisted(m)
	if m.under && len(d.ring[(d.number-1)%len(d.ring)]) > 0 {
		c.number--
	}
	if m.id == "sphinx-warning" { // an error with -W
		c.quiet = 0
	}
	if c.inStep {
		d.hardest = max(d.hardest, c.tier-c.quiet)
	}
	if c.again {
		if d.firstFinal > 0 {
			return
		}
		// One of a template in the step that fails, and the first one of all.
		for i, b := range d.best {
			if b.template != h || b.key != key {
				continue
			}
			if b.inStep && b.weight() >= c.weight() {
				return
			}
			if b.inStep || b.again {
				d.best = append(d.best[:i], d.best[i+1:]...)
				break
			}
		}
	}
	if len(d.best) < maxCandidates {
		d.add(c)
		return
	}
	if c.weight() <= d.weakest {
		return
	}
	for i := len(d.best) - 1; i >= 0; i-- {
		if d.best[i].weight() == d.weakest {
			d.best = append(d.best[:i], d.best[i+1:]...)
			break
		}
	}
	d.add(c)
}

func (d *digest) add(c *candidate) {
	d.frame(c)
	d.best = append(d.best, c)
	d.weakest = d.least()
}

func (d *digest) least() int {
	w := math.MaxInt
	for _, c := range d.best {
		w = min(w, c.weight())
	}
	return w
}

// frame copies the lines above and lets the window grow.
func (d *digest) frame(c *candidate) {
	c.first = max(1, d.number-linesAbove) // older ones are written over
	c.window = make([]string, 0, c.number-c.first+1+linesBelow)
	for n := c.first; n <= d.number; n++ {
		c.window = append(c.window, d.at(n))
	}
	d.open = append(d.open, c)
}

// at is a line of the last few.
func (d *digest) at(n int) string {
	return strings.ToValidUTF8(string(d.ring[n%len(d.ring)]), "\uFFFD")
}

// grow adds the line to the windows that are not full.
func (d *digest) grow(text []byte) {
	s := strings.ToValidUTF8(string(text), "\uFFFD")
	kept := d.open[:0]
	for _, c := range d.open {
		c.window = append(c.window, s)
		if d.number < c.number+linesBelow {
			kept = append(kept, c)
		}
	}
	clear(d.open[len(kept):])
	d.open = kept
}

// lastWords remembers what stands in front of the end of the first step that
// failed: formatters, scripts and small tools have no word for error.
func (d *digest) lastWords(end int) {
	n := end - 1
	low := max(1, end-linesAbove+4, d.number-linesAbove, d.start+1)
	for n >= low && (!d.says(n) || d.stops(n)) {
		n--
	}
	if n < low {
		return
	}
	top := n
	for k := n - 1; k >= max(low, n-4); k-- {
		if d.says(k) {
			top = k
		}
	}
	words := lastWordsRule()
	words.above = n - top
	if d.hardest >= tierRefused {
		words.tier = tierRefused - 2
	}
	d.words = &candidate{match: match{rule: words}, number: n, inStep: true}
	d.frame(d.words)
}

func lastWordsRule() *rule {
	return &rule{id: "last-words", tier: tierSaid + 2, kind: KindOther, category: categoryUnknown}
}

// says reports whether a line of the last few is more than empty, a frame or
// the end of a command.
func (d *digest) says(n int) bool {
	line := d.ring[n%len(d.ring)]
	if len(bytes.TrimSpace(line)) == 0 || bytes.HasPrefix(line, []byte("##[")) {
		return false
	}
	if zuulEnd(string(line)) || bytes.IndexFunc(line, unicode.IsLetter) < 0 {
		return false
	}
	m, ok := d.book.find(line)
	return ok && m.tier != tierEnd || !ok && !d.book.dull(string(line))
}

// stops reports whether a line says only that something above failed.
func (d *digest) stops(n int) bool {
	m, ok := d.book.find(d.ring[n%len(d.ring)])
	return ok && m.id == "stopped"
}

// quiet is how many points a line loses for what it says of itself.
func quiet(text []byte) int {
	head := text[:min(len(text), 200)]
	n := 0
	if warns(head) {
		n += 40
	}
	if again(head) {
		n += 30
	}
	for _, p := range [...]string{"[INFO]", "INFO", "DEBUG", "[DEBUG]", "+ ", "##[group]", "##[command]", "##[debug]", "[command]", "Run ", "##[notice]", "[info]", "$ "} {
		if bytes.HasPrefix(head, []byte(p)) && !bytes.Contains(head, []byte("*** FAILED ***")) && !bytes.Contains(head, []byte("TEST-UNEXPECTED")) {
			return n + 30
		}
	}
	return n
}

// warns reports whether a line is a warning.
func warns(head []byte) bool {
	low := bytes.ToLower(bytes.TrimLeft(head, " \t[#*>-"))
	return bytes.HasPrefix(low, []byte("warn")) && !bytes.HasPrefix(low, []byte("warning: threadsanitizer")) && !bytes.HasPrefix(low, []byte("warning: data race")) && !bytes.HasPrefix(low, []byte("warn] ")) ||
		bytes.Contains(low, []byte(": warning: ")) || bytes.Contains(low, []byte(" warning ")) && !bytes.Contains(low, []byte("error")) ||
		bytes.Contains(low, []byte(" warn ")) || bytes.Contains(low, []byte("deprecat")) || bytes.HasPrefix(low, []byte("npm warn"))
}
