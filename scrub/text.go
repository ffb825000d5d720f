// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"strconv"
	"strings"
)

// Text is text that went through a [Cleaner]. The type is the firewall: only
// this package makes a Text that is not empty, and everything that reaches a
// model, a store, a page or Gerrit is made of Texts. It has no unmarshalling;
// stored text is cleaned again.
type Text struct{ s string }

// literal keeps variables out: callers of another package can pass constants only.
type literal string

// Lit returns a constant as Text.
func Lit(s literal) Text { return Text{string(s)} }

// Int returns a number as Text.
func Int(n int) Text { return Text{strconv.Itoa(n)} }

// Hex returns a number as Text, in at least so many hex digits.
func Hex(n uint64, digits int) Text { return Text{fmt.Sprintf("%0*x", digits, n)} }

// String returns the scrubbed text.
func (t Text) String() string { return t.s }

// Len returns the length in bytes.
func (t Text) Len() int { return len(t.s) }

// Empty reports whether there is no text.
func (t Text) Empty() bool { return t.s == "" }

// MarshalText writes the scrubbed text. There is no UnmarshalText.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.s), nil }

// Slice returns bytes i to j of t, moved outwards to rune borders and to the
// borders of placeholders, so that no cut makes a new value.
func (t Text) Slice(i, j int) Text {
	i, j = max(0, min(i, len(t.s))), max(0, min(j, len(t.s)))
	if i > j {
		return Text{}
	}
	return Text{t.s[outward(t.s, i, -1):outward(t.s, j, +1)]}
}

// Lines splits t at line ends, which are not part of the lines.
func (t Text) Lines() []Text {
	var out []Text
	for line := range strings.SplitSeq(t.s, "\n") {
		out = append(out, Text{line})
	}
	return out
}

// TrimSpace returns t without leading and trailing white space.
func (t Text) TrimSpace() Text { return Text{strings.TrimSpace(t.s)} }

// Join puts a constant between Texts.
func Join(sep literal, parts ...Text) Text {
	s := make([]string, len(parts))
	for i, p := range parts {
		s[i] = p.s
	}
	return Text{strings.Join(s, string(sep))}
}

// Format replaces each %s of a constant with the next Text; %% is a percent
// sign. Missing and left-over arguments are programming errors and panic.
func Format(format literal, args ...Text) Text {
	var b strings.Builder
	f, n := string(format), 0
	for {
		before, after, found := strings.Cut(f, "%")
		b.WriteString(before)
		if !found {
			break
		}
		switch {
		case strings.HasPrefix(after, "s"):
			b.WriteString(args[n].s)
			n++
		case strings.HasPrefix(after, "%"):
			b.WriteByte('%')
		default:
			panic("scrub.Format: only %s and %% are known: " + string(format))
		}
		f = after[1:]
	}
	if n != len(args) {
		panic("scrub.Format: arguments left over: " + string(format))
	}
	return Text{b.String()}
}

// outward moves a cut out of the middle of a rune or placeholder, down (dir
// -1) or up (+1).
func outward(s string, i, dir int) int {
	for i > 0 && i < len(s) && s[i]&0xC0 == 0x80 {
		i += dir
	}
	// The cut may stand in the first bytes of the placeholder.
	open := strings.LastIndex(s[:min(len(s), i+len(placeholderOpen)-1)], placeholderOpen)
	if open < 0 || open >= i || strings.Contains(s[open:i], placeholderClose) {
		return i
	}
	end := strings.Index(s[i:], placeholderClose)
	switch {
	case end < 0:
		return i
	case dir < 0:
		return open
	}
	return i + end + len(placeholderClose)
}
