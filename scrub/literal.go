// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// literal reads the value that starts at j: quoted, or up to the end of the
// word. whole says that the line is nothing but the assignment, inside that it
// stands in a literal itself.
func (f *finder) literal(j int, whole, inside bool) (value, bool) {
	end := len(f.text)
	if j >= end {
		return value{}, false
	}
	if v, ok := f.raw(j); ok {
		return v, true
	}
	// Prefixes of string literals, and escaped quotes of a literal in a literal.
	k := j
	for k < end && k < j+3 && strings.IndexByte("@rRbBuUfFLN$&\\", f.text[k]) >= 0 {
		k++
	}
	if k < end && strings.IndexByte("\"'`", f.text[k]) >= 0 {
		return f.quoted(k)
	}
	if v, ok := f.bracketed(j); ok {
		return v, true
	}
	if strings.HasPrefix(f.text[j:], "&quot;") {
		if q := strings.Index(f.text[j+6:min(end, j+maxValue)], "&quot;"); q >= 0 {
			return value{start: j + 6, end: j + 6 + q, quoted: true}, true
		}
	}
	if strings.HasPrefix(f.text[j:], "<![CDATA[") {
		if q := strings.Index(f.text[j:min(end, j+maxValue)], "]]>"); q >= 0 {
			return value{start: j + 9, end: j + q, quoted: true}, true
		}
	}
	line := f.back(j, maxGap)
	if !isCode(f.ext) && whole && len(line) < maxGap {
		if n := restOfLine(line); n > 0 {
			return value{start: j, end: j + n, entire: true}, true
		}
	}
	if f.text[j-1] == '>' {
		if n := strings.Index(line, "</"); n > 0 && !strings.ContainsAny(line[:n], "<>") {
			return value{start: j, end: j + n, quoted: true}, true // an element's text
		}
	}
	if rest := strings.TrimRight(line, " \t."); (!isCode(f.ext) || f.inComment(j)) && strings.Count(rest, " ") >= 3 && isPhrase(rest) {
		return value{start: j, end: j + len(rest), entire: true}, true
	}
	text := inside || !isCode(f.ext) && f.text[j-1] != '>'
	n := wordEnd(line, text)
	if n == len(line) {
		n = wordEnd(f.back(j, maxValue), text)
	}
	return value{start: j, end: j + n}, n > 0
}

// raw reads a literal whose end is a word of its own: r#"value"# of Rust,
// R"x(value)x" of C++, raw"value" of Julia and Scala, $$value$$ of SQL, the lines
// of a here document.
func (f *finder) raw(j int) (value, bool) {
	rest := f.back(j, maxGap)
	switch {
	case strings.HasPrefix(rest, `raw"`):
		return f.quoted(j + len("raw"))
	case strings.HasPrefix(rest, "<<") && strings.HasSuffix(strings.TrimRight(f.front(j, maxName), " \t"), "="):
		return f.hereDocument(j)
	case len(rest) < 4 || strings.IndexByte(`rRb#$`, rest[0]) < 0:
		return value{}, false
	}
	open, end := 0, ""
	if k := strings.IndexByte(rest, '"'); k > 0 && k < 8 && rest[k-1] == '#' && strings.Trim(rest[:k], "br#") == "" {
		open, end = k+1, `"`+strings.Repeat("#", strings.Count(rest[:k], "#"))
	} else if p := strings.IndexByte(rest, '('); rest[0] == 'R' && rest[1] == '"' && p > 0 && p < 18 {
		open, end = p+1, ")"+rest[2:p]+`"`
	} else if d := strings.IndexByte(rest[1:], '$'); rest[0] == '$' && d >= 0 && (d == 0 || isIdentifier(rest[1:d+1])) {
		open, end = d+2, rest[:d+2]
	} else {
		return value{}, false
	}
	n := strings.Index(f.text[j+open:min(len(f.text), j+maxValue)], end)
	return value{start: j + open, end: j + open + n, quoted: true}, n > 0
}

// hereDocument reads the lines from a "<<WORD" at j up to the word.
func (f *finder) hereDocument(j int) (value, bool) {
	word := strings.Trim(strings.TrimLeft(f.back(j, maxName), "<-~"), "\"' \t\r\\")
	if !isIdentifier(word) {
		return value{}, false
	}
	start, end := 0, 0
	for i := f.lineEnd(j) + 1; i < len(f.text) && i-j < maxValue; i = f.lineEnd(i) + 1 {
		line := f.text[i:f.lineEnd(i)]
		f.spend(4)
		if strings.TrimSpace(line) == word {
			return value{start: start, end: end, entire: true, quoted: strings.IndexByte(f.text[start:end], '\n') < 0}, end > start
		}
		if start == 0 {
			start = skipBlank(f.text, i, len(f.text))
		}
		end = i + len(line)
	}
	return value{}, false
}

// bared takes from a value what only says how it is written: Spring's mark of
// plain text, a tag of YAML, the scheme of a header, the quotes of a literal in
// a literal, a key that a test presses behind it.
func (f *finder) bared(v value, name string) value {
	text := f.text[v.start:v.end]
	switch {
	case strings.HasPrefix(text, "{noop}"):
		v.start += len("{noop}")
	case v.quoted && len(text) > 4 && text[0] == '\\' && strings.HasSuffix(text, text[:2]) && strings.IndexByte("\"'", text[1]) >= 0:
		v.start, v.end = v.start+2, v.end-2
	case v.quoted && strings.HasSuffix(text, "{enter}"):
		v.end -= len("{enter}")
	case v.loose && !v.quoted && len(text) > 6 && strings.HasPrefix(text, "**") && strings.HasSuffix(strings.TrimRight(text, ".,"), "**"):
		v.start, v.end = v.start+2, v.start+len(strings.TrimRight(text, ".,"))-2
	case len(text) > 2 && text[0] == '{' && text[len(text)-1] == '}' && strings.EqualFold(name, "pwd"):
		v.start, v.end = v.start+1, v.end-1 // ODBC
	case strings.HasSuffix(text, "/aws4_request"):
		v.end = v.start + strings.IndexByte(text, '/') // the scope of a signature
	case strings.IndexByte(text, '@') > 0 && f.inUserInfo(v.start):
		v.end = v.start + strings.LastIndexByte(text, '@') // the host follows
	case v.quoted && strings.HasSuffix(strings.ToLower(name), "authorization"):
		if k := strings.IndexByte(text, ' '); k > 0 && k <= 20 && isIdentifier(text[:k]) && isLower(text[k-1]|0x20) && !strings.Contains(text, `="`) {
			v.start += k + 1
		}
	}
	return v
}

// restOfLine returns the length of a value that is all of a line but for a
// comment; 0 when there is more than a value.
func restOfLine(line string) int {
	rest := strings.TrimRight(line, " \t")
	if c := strings.Index(rest, " #"); c >= 0 {
		rest = strings.TrimRight(rest[:c], " \t")
	}
	switch {
	case rest == "" || strings.ContainsAny(rest, "\"'`\\") || strings.Contains(rest, "</"):
		return 0
	case strings.ContainsAny(rest, " \t") && !isPhrase(rest):
		return 0
	case strings.HasSuffix(rest, ",") || strings.HasSuffix(rest, ";") || strings.HasSuffix(rest, "{"):
		return 0 // of a program
	case rest[0] == '<' && rest[len(rest)-1] == '>':
		return 0
	}
	return len(rest)
}

// wordEnd returns the length of an unquoted value. In configuration and within
// literals only what separates values ends it, not every sign of a program.
func wordEnd(line string, text bool) int {
	for z := range len(line) {
		c := line[z]
		next := byte('\n')
		if z+1 < len(line) {
			next = line[z+1]
		}
		switch {
		case !valueEnd[c] && c != '=':
		case c == '=':
			if next != '=' && !valueEnd[next] && next != '\n' && (!text || isIdentifier(line[:z])) {
				return z
			}
		case !text || strings.IndexByte(" \t\"'`;&", c) >= 0:
			return z
		case c == '<' && next == '/', c == '\\':
			return z
		case c == '<' || c == '>':
		case next == '\n' || valueEnd[next] || strings.IndexByte(line[z:], '=') > 0:
			return z // , ) } ] | at an end, or between pairs
		}
	}
	return len(line)
}

// valueEnd tells the bytes at which an unquoted value ends.
var valueEnd = [256]bool{' ': true, '\t': true, '"': true, '\'': true, '`': true, '<': true, '>': true, ',': true, ';': true, ')': true, '&': true, '}': true, ']': true, '|': true, '\\': true}

// quoted reads a literal that starts with the quote at k.
func (f *finder) quoted(k int) (value, bool) {
	q := f.text[k]
	triple := strings.HasPrefix(f.text[k:], strings.Repeat(string(q), 3))
	escaped := k > 0 && f.text[k-1] == '\\'
	start := k + 1
	limit := min(len(f.text), start+maxValue)
	if triple {
		start = k + 3
		if z := strings.Index(f.text[start:limit], f.text[k:k+3]); z >= 0 {
			return value{start: start, end: start + z, quoted: true}, true
		}
		return value{}, false
	}
	for i := start; i < limit; i++ {
		switch c := f.text[i]; {
		case c == '\n':
			// A literal that the line ends early still holds its start.
			return value{start: start, end: i, quoted: true}, i > start
		case c == '\\' && escaped && i+1 < limit && f.text[i+1] == q:
			return value{start: start, end: i, quoted: true}, true
		case c == '\\':
			i++
		case c == q && q == '\'' && i > start && i+1 < limit && f.text[i+1] == q:
			i++ // a quote in YAML or SQL
		case c == q:
			return value{start: start, end: i, quoted: true}, true
		}
	}
	return value{start: start, end: limit, quoted: true}, limit == len(f.text) && limit > start
}

// blockScalar reads the lines of a YAML block: password: >- and the value below.
func (f *finder) blockScalar(j int, whole bool) (value, bool) {
	head := strings.TrimRight(f.back(j, 8), " \t")
	if !whole || head == "" || (head[0] != '|' && head[0] != '>') || strings.Trim(head[1:], "+-123456789") != "" {
		return value{}, false
	}
	depth := func(i int) int { return skipBlank(f.text, i, len(f.text)) - i }
	parent := depth(f.lineStart(j))
	start, end := 0, 0
	for i := f.lineEnd(j) + 1; i < len(f.text) && i-j < maxValue; i = f.lineEnd(i) + 1 {
		if depth(i) <= parent {
			break
		}
		if start == 0 {
			start = i + depth(i)
		}
		end = f.lineEnd(i)
	}
	return value{start: start, end: end, sign: ':', whole: true, entire: true, quoted: strings.IndexByte(f.text[start:end], '\n') < 0}, end > start
}

// inLiteral reports whether i stands in a literal of its line.
func (f *finder) inLiteral(i int) bool {
	s := f.front(i, maxGap)
	return strings.Count(s, `"`)%2 == 1 || strings.Count(s, "'")%2 == 1
}

// fallback finds the value that stands in for a reference:
// process.env.PASSWORD || "value", ${PASSWORD:-value}.
func (f *finder) fallback(v value) (value, bool) {
	rest := f.back(v.start, maxGap)
	if v.quoted {
		rest = rest[:min(len(rest), v.end-v.start)]
	}
	for _, sign := range []string{"||", "??", " or ", " else ", "?:", " ? "} {
		k := strings.Index(rest, sign)
		if k < 0 {
			continue
		}
		j := skipBlank(f.text, v.start+k+len(sign), len(f.text))
		if j < len(f.text) && strings.IndexByte("\"'`", f.text[j]) >= 0 {
			return f.quoted(j)
		}
	}
	if j := v.start + 2; strings.HasPrefix(rest, "{{") {
		for _, word := range []string{"default(", "default: ", "default "} {
			if k := strings.Index(rest, word); k >= 0 {
				j = v.start + k + len(word)
				break
			}
		}
		// A literal in a template: {{ 'value' | hash }}, {{ x | default('value') }}.
		if j = skipBlank(f.text, j, len(f.text)); j < len(f.text) && strings.IndexByte("\"'", f.text[j]) >= 0 {
			return f.quoted(j)
		}
	}
	if k := strings.Index(rest, ":-"); k >= 0 && strings.HasPrefix(rest, "${") {
		if z := strings.IndexByte(rest[k:], '}'); z > 2 && rest[k+2] != '$' {
			return value{start: v.start + k + 2, end: v.start + k + z, quoted: true}, true
		}
	}
	return value{}, false
}
