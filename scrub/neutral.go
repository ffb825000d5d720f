// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"
	"unicode"
)

// Neutral returns t with everything spelled out that Gerrit or a portal would
// turn into something active outside of code spans: mentions, links, images
// and HTML. Control, bidirectional and invisible characters become "?" in code
// spans too. Line ends stay.
func (t Text) Neutral() Text {
	var b strings.Builder
	b.Grow(len(t.s) + 16)
	code := false
	s := t.s
	for i, r := range s {
		switch {
		case r == '\n':
			code = false // a code span ends with its line at the latest
			b.WriteByte('\n')
		case Hidden(r) || r == unicode.ReplacementChar:
			b.WriteByte('?')
		case r == '`':
			code = !code && strings.ContainsRune(lineRest(s[i+1:]), '`')
			b.WriteByte('`')
		case code:
			b.WriteRune(r)
		case r == '@':
			b.WriteString("(at)")
		case r == '<':
			b.WriteString("‹")
		case r == '>':
			b.WriteString("›")
		case r == '[' || r == ']':
			// Brackets alone make no link; a parenthesis or colon behind them does.
			b.WriteRune(r)
			if r == ']' && i+1 < len(s) && strings.ContainsRune("([:", rune(s[i+1])) {
				b.WriteByte(' ')
			}
		case r == ':' && strings.HasPrefix(s[i:], "://"):
			b.WriteString(": ")
		case r == '&' && i+1 < len(s) && (s[i+1] == '#' || unicode.IsLetter(rune(s[i+1]))):
			b.WriteString("& ")
		default:
			b.WriteRune(r)
		}
	}
	return Text{b.String()}
}

// Code returns t for a line of a code block: nothing in it ends the block, and
// what a person cannot see becomes "?".
func (t Text) Code() Text {
	return Text{strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return ' '
		case r == '`':
			return '\''
		case Hidden(r), r == unicode.ReplacementChar:
			return '?'
		}
		return r
	}, t.s)}
}

func lineRest(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

// Hidden reports whether a rune shows nothing or changes how others are shown:
// controls but for line end and tab, format characters such as zero-width and
// bidirectional marks, the tag block, private use and variation selectors.
func Hidden(r rune) bool {
	switch {
	case r >= ' ' && r <= '~', r == '\n', r == '\t':
		return false
	case unicode.IsControl(r), unicode.In(r, unicode.Cf, unicode.Co, unicode.Zl, unicode.Zp, unicode.Variation_Selector):
		return true
	case r >= 0xE0000 && r <= 0xE0FFF, r == 0x034F, r == 0x115F, r == 0x1160, r == 0x3164, r == 0xFFA0:
		return true
	}
	return false
}
