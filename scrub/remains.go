// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// Bounds in bytes of what is taken from the line of a name.
const (
	minRemains = 6
	maxRemains = 64
)

// remains takes what looks like a password on the line of a password's name
// where no form that we know tells which one is its value. Languages are more
// than anybody can list.
func (f *finder) remains(a, z int) {
	if z <= f.remained {
		return
	}
	low, high := max(f.lineStart(a), a-maxGap), min(f.lineEnd(z), z+maxGap)
	f.remained = high
	f.spend((high - low) / 2)
	for i := low; i < high; {
		from := i
		quote := byte(0)
		if c := f.text[i]; strings.IndexByte("\"'`", c) >= 0 {
			from = i + 1
			if c != '\'' || i == low || from == high || !isAlnum(f.text[i-1]) || !isAlnum(f.text[from]) { // else an apostrophe
				quote = c
			}
		}
		to := from
		for to < high && (quote != 0 && f.text[to] != quote || quote == 0 && strings.IndexByte(" \t\"'`", f.text[to]) < 0) {
			to++
		}
		i = to + 1
		if quote == 0 {
			for from < to && strings.IndexByte("(*_[{<", f.text[from]) >= 0 {
				from++
			}
			for to > from && strings.IndexByte(".,;:)*_]}>\r", f.text[to-1]) >= 0 {
				to--
			}
			i = max(i-1, from)
			if i < high && strings.IndexByte(" \t", f.text[i]) >= 0 {
				i++
			}
		}
		word := f.text[from:to]
		if (to <= a || from >= z) && isTyped(word, quote != 0) && (quote != 0 || !isCode(f.ext) || !isIdentifier(word)) {
			f.add(from, to, "password", rankName)
		}
	}
}

// isTyped reports whether a word can only be a password: letters and digits
// with a sign that no identifier holds, or too mixed for a word. Between quotes
// a word with a year behind it will do.
func isTyped(v string, quoted bool) bool {
	if len(v) < minRemains || len(v) > maxRemains || strings.ContainsAny(v, " \t/\\<>(){}[]=:|,;") {
		return false
	}
	c := classify(v)
	if c.digit == 0 || c.upper+c.lower < 2 || isReference(v) || isPlaceholder(v) || isTold(v) || isFormat(v) || isRule(v) || hasFileExt(v) || v[0] == '-' || isMechanism(strings.Join(splitName(v), "-")) {
		return false
	}
	if strings.ContainsAny(v, "!@#$%^&*?") {
		if _, number, ok := strings.Cut(v, "#"); ok && !quoted && isDigits(number) {
			return false // of an issue
		}
		at := strings.IndexByte(v, '@')
		return strings.IndexByte("!#$%&@*", v[0]) < 0 && (at < 0 || !isMailDomain(v[at+1:]))
	}
	if quoted && isDated(v) {
		return true
	}
	return c.other == 0 && len(v) >= 7 && !isHex(v) && c.digit >= 2 && transitions(v) >= 0.25 && rareness(v) > 0.4
}

// isDated reports whether a value is a word with a number behind it, as people
// choose who have to change a password each year: Lisbon_54. or Herbst-2021+.
func isDated(v string) bool {
	word := strings.TrimRight(v, ".+-_~")
	digits := strings.TrimRight(word, "0123456789")
	n := len(word) - len(digits)
	digits = strings.TrimRight(digits, "-_.+")
	c := classify(digits)
	return n >= 2 && n <= 4 && len(digits) >= 4 && isUpper(digits[0]) && c.upper == 1 && c.other == 0 && c.digit == 0 && len(v) > len(digits)+n
}
