// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"path"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"review-assistant/review"
)

// document is a text with what was found in it. All offsets are those of raw.
type document struct {
	raw    string
	memory scratch // what raw is made of, if it is used again
	blocks []block
	// odd are lines that a reader sees otherwise than they stand.
	odd   []line
	marks []mark
}

// mark is a part of one line that goes.
type mark struct {
	start, end int
	found      *finding
	rank       rank
}

// block is a run of lines that are read together: a hunk, or text between.
type block struct {
	from, end int
	// path is the file of a hunk, width how many prefix characters its lines have.
	path  string
	width int
	plain string // the file of text outside of hunks, when it is known
	// old and new are the numbers of the first line on each side. Text outside
	// of hunks counts in new; 0 is for names and the like.
	old, new int
}

// line is one line of a block without its prefix and line end.
type line struct {
	start, end int
	op         review.Op
	// odd lines hold characters that show nothing, or a carriage return.
	odd   bool
	signs signs
	// dropped lines are no text.
	dropped bool
}

// reader cuts text into blocks of lines. It remembers where it stands, but keeps
// nothing of the text: it may come in pieces that end with a line, in memory
// that is used again.
type reader struct {
	path, oldPath string
	plain         string // the file that the text outside of hunks is of
	width         int
	old, new      int // numbers of the next line of a hunk
	leftOld       int // lines that the hunk's header still promises
	leftNew       int
	number        int // of the next line of the text
	lines         []line
}

// read calls scan for every block of d.
func (r *reader) read(d *document, scan func(block, []line)) {
	cur := block{}
	begin := func(at int) {
		cur = block{from: at, width: r.width, plain: r.plain, new: r.number + 1}
		if r.width > 0 {
			cur.path, cur.plain, cur.old, cur.new = r.path, "", r.old, r.new
		}
	}
	cut := func(at int) {
		if cur.end = at; len(r.lines) > 0 {
			d.blocks = append(d.blocks, cur)
			scan(cur, r.lines)
			r.lines = r.lines[:0]
		}
		begin(at)
	}
	begin(0)
	for at := 0; at < len(d.raw); {
		end := len(d.raw)
		if k := strings.IndexByte(d.raw[at:], '\n'); k >= 0 {
			end = at + k
		}
		text := d.raw[at:end]
		header := hunkHeader(text)
		over := r.width > 0 && (header > 0 || !r.inHunk(text))
		if over {
			r.width = 0
		}
		if over || at-cur.from > maxBlock {
			cut(at)
		}
		l := line{start: at, end: end, op: review.OpContext}
		switch {
		case r.width > 0:
			l.start += min(r.width, len(text))
			l.op = r.take(text[:l.start-at])
		case header == 0:
			r.name(text)
		}
		r.number++
		r.lines = append(r.lines, l)
		d.look(&r.lines[len(r.lines)-1])
		if at = end + 1; header > 0 {
			r.width = header
			r.old, r.new, r.leftOld, r.leftNew = hunkRange(text)
			cut(min(at, len(d.raw)))
		}
	}
	cut(len(d.raw))
}

// file is the file of the hunk that r reads, empty outside of hunks.
func (r *reader) file() string {
	if r.width == 0 {
		return ""
	}
	return r.path
}

// maxBlock is in bytes; longer runs of lines are cut between two lines.
const maxBlock = 1 << 20

// take counts a line of a hunk and tells its side.
func (r *reader) take(prefix string) review.Op {
	op := opOf(prefix)
	switch {
	case op == review.OpAdd:
		r.new++
		r.leftNew--
		return op
	case op == review.OpRemove:
		r.old++
		r.leftOld--
		return op
	case strings.HasPrefix(prefix, `\`):
		return op
	}
	r.old++
	r.new++
	r.leftOld--
	r.leftNew--
	return review.OpContext
}

// opOf tells the side of a line from what stands in front of it.
func opOf(prefix string) review.Op {
	op := review.OpContext
	for i := range len(prefix) {
		switch prefix[i] {
		case '+':
			return review.OpAdd
		case '-':
			op = review.OpRemove
		}
	}
	return op
}

// inHunk reports whether a line goes on with the hunk. What the header
// promised decides where a line looks like the next file's header.
func (r *reader) inHunk(text string) bool {
	done := r.leftOld <= 0 && r.leftNew <= 0
	switch {
	case text == "" || text == "\r":
		return !done
	case text[0] == '\\' || text[0] == 0:
		return true
	case strings.IndexByte(" +-", text[0]) < 0:
		return false
	}
	return !done || !strings.HasPrefix(text, "--- ") && !strings.HasPrefix(text, "+++ ") && text != "-- "
}

// name reads the names of files that stand in front of hunks.
func (r *reader) name(text string) {
	switch {
	case strings.HasPrefix(text, "diff -"):
		r.path, r.oldPath = trimSide(text[strings.LastIndexByte(text, ' ')+1:], "b/"), ""
	case strings.HasPrefix(text, "--- "):
		r.oldPath = trimSide(text[4:], "a/")
	case strings.HasPrefix(text, "+++ "):
		if r.path = trimSide(text[4:], "b/"); r.path == "/dev/null" {
			r.path = r.oldPath
		}
	}
}

// trimSide returns the name of a file as it is, without what a diff puts in
// front of it and behind: git quotes names with odd characters as Go does.
func trimSide(name, side string) string {
	name, _, _ = strings.Cut(strings.TrimSuffix(name, "\r"), "\t")
	if plain, err := strconv.Unquote(name); err == nil && strings.HasPrefix(name, `"`) {
		name = plain
	}
	return strings.Clone(strings.TrimPrefix(name, side))
}

// hunkHeader returns how many prefix characters the lines of the hunk have, 0
// for a line that starts no hunk.
func hunkHeader(text string) int {
	switch {
	case text == "" || text[0] != '@':
		return 0
	case strings.HasPrefix(text, "@@ -"):
		return 1
	case strings.HasPrefix(text, "@@@ -"):
		return 2
	case strings.HasPrefix(text, "@@@@ -"):
		return 3
	}
	return 0
}

// hunkRange reads "-3,5 +3,6" of a header: the first ranges of both signs.
// Numbers are bounded, a missing length is 1.
func hunkRange(text string) (old, new, leftOld, leftNew int) {
	number := func(s string) (int, string) {
		n := 0
		for s != "" && isDigit(s[0]) {
			n, s = min(n*10+int(s[0]-'0'), 1<<30), s[1:]
		}
		return n, s
	}
	side := func(sign string) (start, length int) {
		_, rest, _ := strings.Cut(text, " "+sign)
		start, rest = number(rest)
		if length = 1; strings.HasPrefix(rest, ",") {
			length, _ = number(rest[1:])
		}
		return start, length
	}
	old, leftOld = side("-")
	new, leftNew = side("+")
	return old, new, leftOld, leftNew
}

// extOf returns the lower-case extension of a path, or its name when it has none.
func extOf(name string) string {
	name = strings.ToLower(strings.TrimSpace(name))
	if ext := path.Ext(name); ext != "" {
		return ext[1:]
	}
	return path.Base(name)
}

// look tells whether a line is what it seems.
func (d *document) look(l *line) {
	text := d.raw[l.start:l.end]
	if n := len(text) - 1; n >= 0 && text[n] == '\r' {
		l.odd = true
		text = text[:n]
	}
	l.signs = signsOf(text)
	if strings.HasSuffix(text, "=") {
		l.signs |= signSoft
	}
	if l.signs&(signHidden|signForeign) == 0 {
		return
	}
	if strings.IndexByte(text, 0) >= 0 || !utf8.ValidString(text) {
		if _, ok := decode(text); !ok {
			l.dropped = true
			return
		}
	}
	if nextHidden(text, 0) < len(text) {
		l.odd, l.signs = true, ^signs(0)
		d.odd = append(d.odd, *l)
	}
}

// place tells where in the change offset i of a document is. It walks forward
// only: offsets have to come in order.
type place struct {
	d        *document
	block    int
	at, end  int // the current line
	old, new int
}

func (p *place) find(i int) (b *block, op review.Op, number, column int) {
	blocks := p.d.blocks
	for p.block < len(blocks) && i >= blocks[p.block].end {
		p.block++
		p.at = -1
	}
	if p.block == len(blocks) {
		return &block{}, review.OpContext, 0, 0
	}
	b = &blocks[p.block]
	if p.at < b.from {
		p.at, p.old, p.new = b.from, b.old, b.new
		p.end = p.lineEnd(b)
	}
	for {
		op = opOf(p.d.raw[p.at:min(p.at+b.width, p.end)])
		if i <= p.end {
			break
		}
		if noLine := b.width > 0 && strings.HasPrefix(p.d.raw[p.at:p.end], `\`); !noLine {
			if op != review.OpRemove {
				p.new++
			}
			if op != review.OpAdd {
				p.old++
			}
		}
		p.at = p.end + 1
		p.end = p.lineEnd(b)
	}
	number = p.new
	if op == review.OpRemove {
		number = p.old
	}
	if b.new == 0 && b.width == 0 {
		number = 0
	}
	return b, op, number, i - p.at - b.width + 1
}

func (p *place) lineEnd(b *block) int {
	if k := strings.IndexByte(p.d.raw[p.at:b.end], '\n'); k >= 0 {
		return p.at + k
	}
	return b.end
}

// sortMarks puts marks in the order in which they are written.
func (d *document) sortMarks() {
	slices.SortFunc(d.marks, func(a, b mark) int {
		if a.start != b.start {
			return a.start - b.start
		}
		return b.end - a.end
	})
}
