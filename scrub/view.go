// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"slices"
	"sort"
	"strings"
	"unicode/utf8"
	"unsafe"

	"review-assistant/review"
)

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
	rankDropped rank = iota // not read at all
	rankRun                 // a run without a name that looks random
	rankPII                 // personal data
	rankName                // the name says secret, the value may be weak
	rankPlace               // the place says secret: a URL, a header, a key block
	rankToken               // a vendor's format
	rankSure                // a vendor's format that nothing else has
	rankOwn                 // the process's own values and the project's patterns
	rankKnown               // found before
)

// view is one side of a block as a person sees it: without diff prefixes,
// carriage returns and characters that show nothing.
type view struct {
	text   string
	out    scratch // of text
	ext    string
	starts []int   // where each line starts in text
	signs  signs   // of all lines
	lines  []line  // the lines, in the same order
	raw    [][]int // of odd lines: the raw offset in the line of each byte
	found  []hit
}

// scratch is memory for texts of which there is one at a time: many short ones
// keep the collector busy.
type scratch struct{ b []byte }

// text returns what was written. It is valid until b is written again; what is
// kept of it has to be cloned.
func (s *scratch) text() string { return unsafe.String(unsafe.SliceData(s.b), len(s.b)) }

// see makes the view of the lines of a block but for those with the op leave.
// It is valid until the next call.
func (v *view) see(d *document, b block, lines []line, leave review.Op) {
	v.ext, v.signs, v.starts, v.lines, v.raw = "", 0, v.starts[:0], v.lines[:0], v.raw[:0]
	if name := b.path + b.plain; name != "" {
		v.ext = extOf(name)
	}
	plain, size := b.width == 0, 0
	for _, l := range lines {
		size += l.end - l.start + 1
		plain = plain && !l.odd && !l.dropped
		v.signs |= l.signs
	}
	if plain { // the text as it stands
		v.text = d.raw[b.from:b.end]
		for _, l := range lines {
			v.starts, v.lines = append(v.starts, l.start-b.from), append(v.lines, l)
		}
		return
	}
	out := slices.Grow(v.out.b[:0], size)
	for _, l := range lines {
		if l.op == leave || l.dropped {
			continue
		}
		v.starts, v.lines = append(v.starts, len(out)), append(v.lines, l)
		s := d.raw[l.start:l.end]
		if l.odd {
			var raw []int
			if s, raw = unfold(s); raw != nil {
				for len(v.raw) < len(v.lines)-1 {
					v.raw = append(v.raw, nil)
				}
				v.raw = append(v.raw, raw)
			}
		}
		out = append(append(out, s...), '\n')
	}
	v.out.b = out
	v.text = v.out.text()
}

// hits carries those of the raw text, in offsets of the document, over to the view; the
// result is nil when the view does not read as the text stands.
func (v *view) hits(raw []hit) []hit {
	if len(v.raw) > 0 {
		return nil
	}
	v.found = v.found[:0]
	if v.found == nil {
		v.found = []hit{}
	}
	k := 0
	for _, h := range raw {
		for k < len(v.lines) && v.lines[k].end < int(h.end) {
			k++
		}
		if k == len(v.lines) {
			break
		}
		l := v.lines[k]
		if at := int(h.end) - l.start; at > 0 {
			v.found = append(v.found, hit{int32(v.starts[k] + at), h.state})
		}
	}
	return v.found
}

// each calls found for the part of every line of the document that the span
// covers.
func (v *view) each(d *document, s span, found func(start, end int)) {
	k := sort.SearchInts(v.starts, s.start+1) - 1
	several := strings.IndexByte(v.text[s.start:s.end], '\n') >= 0
	for ; k < len(v.starts) && v.starts[k] < s.end; k++ {
		low, high := v.starts[k], len(v.text)
		if k+1 < len(v.starts) {
			high = v.starts[k+1]
		}
		if high > low && v.text[high-1] == '\n' {
			high--
		}
		a, z := max(low, s.start), min(high, s.end)
		if several {
			a, z = trimIndent(v.text, a, z)
		}
		if a >= z {
			continue
		}
		l, a, z := v.lines[k], a-low, z-low
		if k < len(v.raw) && v.raw[k] != nil {
			a, z = widen(d.raw[l.start:l.end], v.raw[k], a, z)
		}
		found(l.start+a, l.start+z)
	}
}

// widen carries a to z of an unfolded line over to the line as it stands,
// with all bytes of the last character.
func widen(text string, raw []int, a, z int) (int, int) {
	a, z = raw[a], raw[z-1]+1
	for z < len(text) && !utf8.RuneStart(text[z]) {
		z++
	}
	if strings.IndexByte(text[a:z], 0) >= 0 { // UTF-16: the other half of the character
		if a+1 < len(text) && text[a+1] == 0 {
			z = min(z+1, len(text))
		} else if a > 0 && text[a-1] == 0 {
			a--
		}
	}
	return a, z
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
	if strings.HasSuffix(text[a:z], "& _") { // Basic goes on below
		z -= len("& _")
	}
	for z > a && strings.IndexByte(" \t\"'`,;\\", text[z-1]) >= 0 {
		z--
		if z > a+1 && text[z] != ' ' && strings.HasSuffix(text[a:z], `\n`) {
			z -= 2
		}
	}
	return a, z
}

// signs tell what the characters of a line are, or of several lines together:
// what no character calls for is not looked for.
type signs uint8

const (
	signHidden  signs = 1 << iota // may show nothing
	signForeign                   // beyond ASCII
	signFold                      // a literal may be joined, an escape may start
	signDigit
	signUpper
	signSoft // it ends as a line of encoded mail that goes on below
)

// signOf are the signs of each byte.
var signOf = func() (t [256]signs) {
	for c := range t {
		switch b := byte(c); {
		case c >= utf8.RuneSelf:
			t[c] = signForeign
		case c < 0x20 && c != '\t' || c == 0x7F:
			t[c] = signHidden
		case isDigit(b):
			t[c] = signDigit
		case isUpper(b):
			t[c] = signUpper
		case foldKind[c] != 0:
			t[c] = signFold
		}
	}
	return t
}()

// signsOf returns the signs of a line.
func signsOf(s string) signs {
	var one, two signs
	for ; len(s) >= 8; s = s[8:] {
		one |= signOf[s[0]] | signOf[s[1]] | signOf[s[2]] | signOf[s[3]]
		two |= signOf[s[4]] | signOf[s[5]] | signOf[s[6]] | signOf[s[7]]
	}
	for i := range len(s) {
		one |= signOf[s[i]]
	}
	return one | two
}

// ranges calls found for runs of lines that have all the signs.
func (v *view) ranges(want signs, found func(start, end int)) {
	start := -1
	for k, l := range v.lines {
		switch {
		case l.signs&want == want && start < 0:
			start = v.starts[k]
		case l.signs&want != want && start >= 0:
			found(start, v.starts[k])
			start = -1
		}
	}
	if start >= 0 {
		found(start, len(v.text))
	}
}

// unfold returns a line without characters that show nothing, without
// terminal sequences and carriage returns; raw maps its bytes back and is nil
// when nothing was removed but a carriage return at the end.
func unfold(s string) (text string, raw []int) {
	i := nextHidden(s, 0)
	if i == len(s) || i == len(s)-1 && s[i] == '\r' {
		return s[:i], nil
	}
	b := make([]byte, 0, len(s))
	raw = make([]int, 0, len(s))
	for from := 0; ; {
		b = append(b, s[from:i]...)
		for k := from; k < i; k++ {
			raw = append(raw, k)
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
		case signOf[c]&(signHidden|signForeign) == 0:
			i++
		case c < utf8.RuneSelf:
			return i // a control character
		case c > 0xC2 && c < 0xD8 && c != 0xCD && i+1 < len(s) && s[i+1]&0xC0 == 0x80:
			i += 2 // a letter of a European script
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			// 0xFE and 0xFF are no UTF-8: the mark that UTF-16 starts with.
			if Hidden(r) || c >= 0xFE {
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
			if odd++; odd*3 >= len(s)+16 {
				return "", false
			}
		}
		b.WriteRune(r)
		i += n
	}
	return b.String(), true
}

// readable decodes the lines of a text that are not UTF-8, where they can be.
func readable(raw string) string {
	if strings.IndexByte(raw, 0) < 0 && utf8.ValidString(raw) {
		return raw
	}
	lines := strings.Split(raw, "\n")
	for i, l := range lines {
		if text, ok := decode(l); ok {
			lines[i] = strings.ReplaceAll(text, "\n", " ")
		}
	}
	return strings.Join(lines, "\n")
}
