// SPDX-License-Identifier: Apache-2.0

package llm

import "unicode/utf8"

// Costs in tenths of a token, fitted to the o200k vocabulary on diffs and
// prose and checked against it in a test. Bytes per token differ threefold
// between prose and encoded data, so text is counted by runs of one class.
const (
	costHump    = 10 // a lower-case run with its capital: one word of camelCase
	costLetter  = 2  // each letter of a hump beyond the seventh, each capital beyond the second
	costDigits  = 9  // up to three digits
	costPunct   = 8  // a pair of punctuation characters
	costSpaces  = 7  // a run of blanks, but for the one before a word
	costLine    = 9  // a run of line ends
	costIdeo    = 7  // a character of a script without spaces
	costRune    = 4  // any other character outside ASCII
	costEncoded = 7  // a byte of base64, hex and the like

	// minEncoded is the shortest run that may count as encoded; it does when
	// more than 4 of 9 neighbours differ in class.
	minEncoded = 16
)

// EstimateTokens estimates how many tokens a model sees in s.
func EstimateTokens(s string) int {
	tenths := 0
	for i := 0; i < len(s); {
		n, cost := run(s[i:])
		tenths += cost
		i += n
	}
	return (tenths + 9) / 10
}

// run measures the run of one class at the start of s, which is not empty.
func run(s string) (n, cost int) {
	switch c := s[0]; {
	case isWord(c):
		n = length(s, isWord)
		return n, word(s[:n])
	case isLine(c):
		return length(s, isLine), costLine
	case isBlank(c):
		if n = length(s, isBlank); n == 1 && c == ' ' {
			return 1, 0
		}
		return n, costSpaces * ((n + 31) / 32)
	case c < utf8.RuneSelf:
		n = length(s, isPunct)
		return n, costPunct * ((n + 1) / 2)
	}
	r, n := utf8.DecodeRuneInString(s)
	if r >= 0x2E80 {
		return n, costIdeo
	}
	return n, costRune
}

// word returns the cost of a run of letters and digits.
func word(s string) int {
	if encoded(s) {
		return costEncoded * len(s)
	}
	cost := 0
	for len(s) > 0 {
		n, c := length(s, isDigit), 0
		if n > 0 {
			c = costDigits * ((n + 2) / 3)
		} else {
			n, c = hump(s)
		}
		cost += c
		s = s[n:]
	}
	return cost
}

// encoded reports whether a run of letters and digits looks like data.
func encoded(s string) bool {
	changes := 0
	for i := 1; i < len(s); i++ {
		if isDigit(s[i]) != isDigit(s[i-1]) || isUpper(s[i]) != isUpper(s[i-1]) {
			changes++
		}
	}
	return len(s) >= minEncoded && 9*changes > 4*len(s)
}

// hump measures capitals followed by small letters, as "HTTPServer" is one
// hump and "fooBar" two.
func hump(s string) (n, cost int) {
	for n < len(s) && isUpper(s[n]) {
		n++
	}
	capitals := n
	for n < len(s) && isLetter(s[n]) && !isUpper(s[n]) {
		n++
	}
	return n, costHump + costLetter*max(0, n-7) + costLetter*max(0, capitals-2)
}

func length(s string, in func(byte) bool) int {
	n := 0
	for n < len(s) && in(s[n]) {
		n++
	}
	return n
}

func isUpper(c byte) bool  { return 'A' <= c && c <= 'Z' }
func isLetter(c byte) bool { return isUpper(c) || 'a' <= c && c <= 'z' }
func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isWord(c byte) bool   { return isLetter(c) || isDigit(c) }
func isLine(c byte) bool   { return c == '\n' || c == '\r' }
func isBlank(c byte) bool  { return c == ' ' || c == '\t' }
func isPunct(c byte) bool {
	return c < utf8.RuneSelf && !isWord(c) && !isLine(c) && !isBlank(c)
}
