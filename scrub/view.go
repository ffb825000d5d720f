// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"slices"
	"strings"
	"unicode/utf8"

	"review-assistant/review"
)

// line is one line of a document. The prefix, of a diff, is set aside and
// written back as it came.
type line struct {
	prefix string
	op     review.Op
	text   string
}

// span is a part of a view that must go. Of overlapping spans the higher rank
// names the kind and the value.
type span struct {
	start, end int
	kind       string
	rank       rank
	value      string
}

// rank orders findings by how sure they are.
type rank int8

const (
	rankRun   rank = iota + 1 // a run without a name that looks random
	rankPII                   // personal data
	rankName                  // the name says secret, the value may be weak
	rankPlace                 // the place says secret: a URL, a header, a key block
	rankToken                 // a vendor's format
	rankOwn                   // the process's own values and the project's patterns
	rankKnown                 // found before
)

// mark is a span within one line, in offsets of the line as it came.
type mark struct {
	start, end int
	kind       string
	rank       rank
	value      string
}

// document is a text in lines, with what was found in it.
type document struct {
	lines []line
	marks [][]mark
}

// view is one side of a run of lines as a reader sees it: without diff
// prefixes, carriage returns and characters that show nothing.
type view struct {
	text   string
	ext    string
	starts []int         // where each line starts in text
	lines  []int         // which line of the document it is
	raw    map[int][]int // of lines that lost characters: the raw offset of each byte
}

// view joins the lines from to end but for those with the op leave.
func (d *document) view(from, end int, leave review.Op, ext string) view {
	v := view{ext: ext}
	size := 0
	for i := from; i < end; i++ {
		size += len(d.lines[i].text) + 1
	}
	var b strings.Builder
	b.Grow(size)
	v.starts, v.lines = make([]int, 0, end-from), make([]int, 0, end-from)
	for i := from; i < end; i++ {
		l := d.lines[i]
		if l.op == leave {
			continue
		}
		v.starts = append(v.starts, b.Len())
		v.lines = append(v.lines, i)
		text, raw := unfold(l.text)
		if raw != nil {
			if v.raw == nil {
				v.raw = map[int][]int{}
			}
			v.raw[i] = raw
		}
		b.WriteString(text)
		b.WriteByte('\n')
	}
	v.text = b.String()
	return v
}

// mark carries a span of the view over to the lines of the document.
func (d *document) mark(v view, s span) {
	k, found := slices.BinarySearch(v.starts, s.start)
	if !found {
		k--
	}
	several := strings.IndexByte(v.text[s.start:s.end], '\n') >= 0
	for ; k < len(v.starts) && v.starts[k] < s.end; k++ {
		low, high := v.starts[k], len(v.text)-1
		if k+1 < len(v.starts) {
			high = v.starts[k+1] - 1
		}
		a, z := max(low, s.start), min(high, s.end)
		if several {
			a, z = trimIndent(v.text, a, z)
		}
		if a >= z {
			continue
		}
		i := v.lines[k]
		m := mark{a - low, z - low, s.kind, s.rank, s.value}
		if raw := v.raw[i]; raw != nil {
			m.start, m.end = raw[m.start], raw[m.end-1]+1
			for m.end < len(d.lines[i].text) && !utf8.RuneStart(d.lines[i].text[m.end]) {
				m.end++
			}
		}
		d.marks[i] = append(d.marks[i], m)
	}
}

// trimIndent leaves white space at both ends, and the quotes and joints of a
// key that stands in a program as one literal a line.
func trimIndent(text string, a, z int) (int, int) {
	for a < z && strings.IndexByte(" \t\"'`+.#*/>", text[a]) >= 0 {
		if (text[a] == '+' || text[a] == '/') && a+1 < z && isAlnum(text[a+1]) {
			break // part of base64
		}
		a++
	}
	for z > a && strings.IndexByte(" \t\"'`,;\\", text[z-1]) >= 0 {
		z--
		if z > a+1 && text[z] != ' ' && strings.HasSuffix(text[a:z], `\n`) {
			z -= 2
		}
	}
	return a, z
}

// plainByte tells bytes that every reader sees as they are. The others start
// something that unfold has to look at.
var plainByte = func() (t [256]bool) {
	for c := range t {
		t[c] = c >= 0x20 && c != 0x7F && c < 0x80 || c == '\t'
	}
	return t
}()

// unfold returns a line without characters that show nothing, without
// terminal sequences and carriage returns; raw maps its bytes back and is nil
// when nothing was removed.
func unfold(s string) (text string, raw []int) {
	i := nextHidden(s, 0)
	if i == len(s) || i == len(s)-1 && s[i] == '\r' {
		return s[:i], nil
	}
	b := make([]byte, 0, len(s))
	raw = make([]int, 0, len(s))
	for from := 0; ; {
		for k := from; k < i; k++ {
			b, raw = append(b, s[k]), append(raw, k)
		}
		if i == len(s) {
			return string(b), raw
		}
		if s[i] == 0x1B {
			from = afterEscape(s, i)
		} else {
			_, n := utf8.DecodeRuneInString(s[i:])
			from = i + n
		}
		i = nextHidden(s, from)
	}
}

// nextHidden returns where the next character is that shows nothing, from i on.
func nextHidden(s string, i int) int {
	for i < len(s) {
		c := s[i]
		switch {
		case plainByte[c]:
			i++
		case c < utf8.RuneSelf:
			return i // a control character
		case c > 0xC2 && c < 0xD8 && c != 0xCD:
			i += 2 // letters of European scripts
		case c > 0xE3 && c < 0xEE:
			i += 3 // and of East Asia
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			if Hidden(r) {
				return i
			}
			i += n
		}
	}
	return len(s)
}

// afterEscape returns the offset behind the terminal sequence at i.
func afterEscape(s string, i int) int {
	i++
	if i >= len(s) || s[i] != '[' {
		return i
	}
	for i++; i < len(s); i++ {
		if s[i] >= 0x40 && s[i] <= 0x7E {
			return i + 1
		}
	}
	return i
}

// decode makes readable what is not UTF-8: UTF-16 of which a diff shows the
// bytes loses its zero bytes, other bytes are read as Latin-1. ok is false for
// what is no text.
func decode(s string) (text string, ok bool) {
	if strings.IndexByte(s, 0) >= 0 {
		zeros := strings.Count(s, "\x00")
		if zeros*5 < len(s)*2 { // UTF-16 of mostly ASCII text is half zeros
			return "", false
		}
		s = strings.NewReplacer("\x00", "", "\xFF\xFE", "", "\xFE\xFF", "").Replace(s)
	}
	if utf8.ValidString(s) {
		return s, true
	}
	var b strings.Builder
	odd := 0
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			if r = rune(s[i]); r < 0xA0 {
				r = utf8.RuneError
			}
			odd++
		}
		b.WriteRune(r)
		i += n
	}
	return b.String(), odd*3 < len(s)+16
}
