// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"bytes"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"
)

// xmlText makes any bytes readable as XML in little memory, since tools write
// the output of tests as it is. Control characters, references to them and bytes
// that are no UTF-8 become spaces or question marks. In a long text, of which
// only the begin is kept anyway, words are cut to a letter: what remains still
// ends where it did.
type xmlText struct {
	r     io.Reader
	buf   []byte
	ready int // of buf, looked at
	err   error
	run   int // bytes since the last tag began
	ref   int // bytes that a reference may still have
	word  bool
	// tag is the begin of the last tag. In a section, CDATA or a comment, nothing
	// is one: it ends with two of a character, which section is, and ">".
	tag     []byte
	section byte // 0 outside
	closing int  // of these characters, in a row
}

// maxRun is in bytes. No tag is longer, and of no text more is kept.
const maxRun = 256 << 10

// maxReference is in bytes, of a reference to a control character such as
// "&#x1b;"; a rune is shorter.
const maxReference = 12

func (x *xmlText) Read(p []byte) (int, error) {
	for n := 0; ; {
		if err := x.fill(); err != nil {
			return 0, err
		}
		i := 0
		for ; i < x.ready && n < len(p); i++ {
			c := x.buf[i]
			if x.keeps(c) {
				p[n] = c
				n++
			}
		}
		x.buf, x.ready = x.buf[i:], x.ready-i
		if n > 0 || len(p) == 0 {
			return n, nil
		}
	}
}

// keeps follows the structure of the document and reports whether c is a part
// of it, or of a text that is kept.
func (x *xmlText) keeps(c byte) bool {
	x.run++
	inWord := x.word
	x.word = c == ' ' || c == '\n' || c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' || c >= 'a' && c <= 'z'
	switch {
	case x.section != 0:
		x.sectionEnds(c)
		if x.run > maxRun {
			return !(inWord && x.word)
		}
		return true
	case c == '<':
		x.run, x.tag = 0, append(x.tag[:0], c)
	case len(x.tag) > 0 && x.sectionBegins(c):
	case c == '&':
		x.ref = maxReference
	case x.ref > 0:
		if x.ref--; c == ';' {
			x.ref = 0
		}
	case x.run > maxRun:
		return !(inWord && x.word)
	}
	return true
}

// sectionBegins follows a tag as long as it may be the begin of a section.
func (x *xmlText) sectionBegins(c byte) bool {
	x.tag = append(x.tag, c)
	for _, begin := range []string{"<![CDATA[", "<!--"} {
		if begin == string(x.tag) {
			x.section, x.closing = map[byte]byte{'[': ']', '-': '-'}[c], 0
		}
		if strings.HasPrefix(begin, string(x.tag)) {
			return true
		}
	}
	x.tag = x.tag[:0]
	return false
}

func (x *xmlText) sectionEnds(c byte) {
	switch {
	case c == x.section:
		x.closing++
	case c == '>' && x.closing >= 2:
		x.section, x.tag = 0, x.tag[:0]
	default:
		x.closing = 0
	}
}

// fill makes some of buf ready.
func (x *xmlText) fill() error {
	for x.ready == 0 {
		if x.err != nil && len(x.buf) == 0 {
			return x.err
		}
		if x.err == nil {
			chunk := make([]byte, 32<<10)
			n, err := x.r.Read(chunk)
			x.buf, x.err = append(x.buf, chunk[:n]...), err
		}
		limit := len(x.buf)
		if x.err == nil {
			limit = max(0, limit-maxReference)
		}
		x.ready = mend(x.buf, limit)
	}
	return nil
}

// mend replaces what XML does not allow in b, and returns how much it looked
// at: limit, or a little more.
func mend(b []byte, limit int) int {
	i := 0
	for i < limit {
		c := b[i]
		switch {
		case c == '&':
			n := controlReference(b[i:])
			for j := i; j < i+n; j++ {
				b[j] = ' '
			}
			i += max(n, 1)
		case c >= ' ' && c < utf8.RuneSelf, c == '\n', c == '\t', c == '\r':
			i++
		case c < ' ':
			b[i] = ' '
			i++
		default:
			r, n := utf8.DecodeRune(b[i:])
			if r == utf8.RuneError && n == 1 || r == 0xFFFE || r == 0xFFFF {
				for j := i; j < i+n; j++ {
					b[j] = '?'
				}
			}
			i += n
		}
	}
	return i
}

// controlReference returns the length of a reference to a character that XML
// does not allow at the begin of b, or 0.
func controlReference(b []byte) int {
	if len(b) < 4 || b[1] != '#' {
		return 0
	}
	end := bytes.IndexByte(b[:min(len(b), maxReference)], ';')
	if end < 0 {
		return 0
	}
	digits, base := string(b[2:end]), 10
	if strings.HasPrefix(digits, "x") {
		digits, base = digits[1:], 16
	}
	n, err := strconv.ParseUint(digits, base, 32)
	bad := n < ' ' && n != '\n' && n != '\t' && n != '\r' || n >= 0xD800 && n < 0xE000 || n == 0xFFFE || n == 0xFFFF
	if err != nil || !bad {
		return 0
	}
	return end + 1
}
