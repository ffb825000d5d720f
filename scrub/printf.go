// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// maxFormat is how far in bytes the arguments of a format are read.
const maxFormat = 500

// formatted finds the literal that a format puts where its verb stands at i:
// Sprintf("password=%s", "value"), "password={}".format("value").
func (f *finder) formatted(i int) (value, bool) {
	line := f.front(i, maxFormat)
	open, quote := -1, byte(0)
	for k := 0; k < len(line); k++ {
		switch c := line[k]; {
		case c == '\\':
			k++
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && strings.IndexByte("\"'`", c) >= 0:
			open, quote = k, c
		}
	}
	f.spend(10 + len(line)/16)
	if quote == 0 {
		return value{}, false
	}
	n, ok := verbNumber(line[open+1:], f.text[i:min(len(f.text), i+8)])
	if !ok {
		return value{}, false
	}
	v, ok := f.quoted(i - len(line) + open)
	if !ok || v.end <= i {
		return value{}, false
	}
	end := v.end + 1
	if f.shellFormat(line[:open]) {
		words := f.commandLine(end)
		if n >= len(words) {
			return value{}, false
		}
		w := words[n]
		if c := f.text[w.start]; w.quoted && (c == '"' || c == '\'') {
			w.start, w.end = w.start+1, w.end-1
		}
		return value{start: w.start, end: w.end, quoted: true}, w.end > w.start
	}
	return f.formatArgument(end, n)
}

func (f *finder) shellFormat(before string) bool {
	before = strings.TrimRight(before, " ")
	return strings.HasSuffix(before, "printf") || strings.HasSuffix(before, "printf --")
}

// verbNumber returns which argument of a format stands at a verb. before is
// the format up to there.
func verbNumber(before, verb string) (int, bool) {
	n := 0
	switch verb[0] {
	case '%':
		for k := 0; k+1 < len(before); k++ {
			if before[k] != '%' {
				continue
			}
			if k++; before[k] != '%' {
				n++
			}
		}
		return n, len(verb) > 1 && (isLower(verb[1]) || verb[1] == '@' || verb[1] == '-' || isDigit(verb[1]))
	case '{':
		inner, _, ok := strings.Cut(verb[1:], "}")
		switch {
		case !ok:
		case inner == "" || inner[0] == ':':
			return strings.Count(before, "{}") + strings.Count(before, "{:"), true
		case len(inner) == 1 && isDigit(inner[0]):
			return int(inner[0] - '0'), true
		}
	}
	return 0, false
}

// formatArgument returns the argument n, a literal, of the format that ends at
// end: format, a, b or format % (a, b) or format.format(a, b).
func (f *finder) formatArgument(end, n int) (value, bool) {
	limit := min(len(f.text), end+maxFormat)
	if end > limit {
		return value{}, false // the text ends in the format
	}
	i := skipSpace(f.text, end, limit)
	switch rest := f.text[i:limit]; {
	case strings.HasPrefix(rest, ","):
		if i = skipSpace(f.text, i+1, limit); i < limit && f.text[i] == '(' {
			i++ // a tuple of parameters
		}
	case strings.HasPrefix(rest, ".format("), strings.HasPrefix(rest, "-f "):
		i += len(".format(")
		if rest[0] == '-' {
			i = end + strings.Index(f.text[end:], "-f ") + 3
		}
	case strings.HasPrefix(rest, "%"):
		if i = skipSpace(f.text, i+1, limit); i < limit && (f.text[i] == '(' || f.text[i] == '[') {
			i++
		}
	default:
		return value{}, false
	}
	depth := 0
	for i = skipSpace(f.text, i, limit); i < limit; {
		c := f.text[i]
		switch {
		case strings.IndexByte("\"'`", c) >= 0:
			v, ok := f.quoted(i)
			if !ok || v.end >= limit {
				return value{}, false
			}
			if n == 0 && depth == 0 {
				return v, true
			}
			i = v.end
		case strings.IndexByte("([{", c) >= 0:
			depth++
		case strings.IndexByte(")]}", c) >= 0:
			if depth--; depth < 0 {
				return value{}, false
			}
		case c == ',' && depth == 0:
			if n--; n < 0 {
				return value{}, false
			}
			i = skipSpace(f.text, i+1, limit)
			continue
		case c == ';':
			return value{}, false
		}
		i++
	}
	return value{}, false
}

// skipSpace skips blanks and line ends.
func skipSpace(s string, i, limit int) int {
	for i < limit && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	return i
}

// formats takes the argument of a verb at i, which stands where a password
// belongs.
func (f *finder) formats(i int, kind string) {
	if i >= len(f.text) || f.text[i] != '%' && f.text[i] != '{' {
		return
	}
	if v, ok := f.formatted(i); ok {
		if text := f.text[v.start:v.end]; len(text) >= 4 && !isDummy(text) && !strings.ContainsAny(text, " \t") && (canBePassword(text) || !isLabel(text, "")) {
			f.add(v.start, v.end, kind, rankPlace)
		}
	}
}
