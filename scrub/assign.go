// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"regexp"
	"strings"
)

// Bounds in bytes of what the assignment reader looks at.
const (
	maxName  = 80
	maxGap   = 200 // between a name and its value
	maxValue = 4096
	maxNames = 4096 // that are remembered
)

// name reads the identifier around a word of nameWords, and the value behind
// it if the name promises a secret.
func (f *finder) name(start, end int) {
	if end <= f.names || f.inQuiet(start) {
		return
	}
	a, z := start, end
	for low := max(0, start-maxName); a > low && isNameByte(f.text[a-1]); {
		a--
	}
	for high := min(len(f.text), end+maxName); z < high && isNameByte(f.text[z]); {
		z++
	}
	if strings.HasSuffix(f.text[start:end], "=") { // "sig=": the word ends before the sign
		z = end - 1
	}
	// A hyphen or point at an end is punctuation: --password, password.
	for a < z && (f.text[a] == '-' || f.text[a] == '.') {
		a++
	}
	for z > a && (f.text[z-1] == '-' || f.text[z-1] == '.') {
		z--
	}
	if a >= z {
		return
	}
	f.names = z
	s, ok := f.memo[f.text[a:z]]
	if !ok {
		s = nameStrength(f.text[a:z])
		if len(f.memo) < maxNames {
			f.memo[strings.Clone(f.text[a:z])] = s
		}
	}
	if s == nothing || isForeign(f.text[max(0, start-2):min(len(f.text), end+80)]) {
		return
	}
	name := f.text[a:z]
	f.spend(6)
	if v, ok := f.commented(a, z); ok {
		f.take(v, s, name)
		return
	}
	if f.numbers(z, s) {
		return
	}
	found := len(f.taken)
	if v, ok := f.value(a, z); ok {
		f.take(v, s, name)
	}
	if len(f.taken) == found && s > keyLike {
		f.around(a, z, s)
	}
}

// foreign is how a placeholder that somebody else wrote looks, before and
// after it was neutralized.
var foreign = regexp.MustCompile(`^(?:<<|«)SECRET:[a-z0-9-]{1,60}:[0-9]+»`)

func isForeign(s string) bool { return foreign.MatchString(s) }

func isNameByte(c byte) bool { return isAlnum(c) || c == '_' || c == '-' || c == '.' || c >= 0x80 }

// value is a candidate behind a name.
type value struct {
	start, end int
	quoted     bool
	// loose marks values that follow a name without a sign between: prose and
	// command lines. Only what looks like a secret counts there.
	loose bool
	// flag marks the value behind --password.
	flag bool
	// sign is the first character of the sign between.
	sign byte
	// whole marks a line that is nothing but the assignment.
	whole bool
	// entire marks an unquoted value that is all the rest of its line.
	entire bool
}

// value finds what stands behind the name at a to z.
func (f *finder) value(a, z int) (value, bool) {
	limit := min(len(f.text), z+maxGap)
	i := z
	for i < limit && strings.IndexByte("\"'`])\\", f.text[i]) >= 0 {
		i++
	}
	closed := i > z
	if !closed && strings.HasPrefix(f.text[i:limit], "()") {
		i += 2 // a call that asks for it: getpass() == "..."
	}
	i = skipBlank(f.text, i, limit)
	if i >= limit {
		return value{}, false
	}
	if v, ok := f.pair(a, z, i, limit, closed); ok {
		return v, true
	}
	j, loose, ok := f.sign(a, i, limit, closed)
	if !ok {
		return value{}, false
	}
	j = skipBlank(f.text, j, limit)
	if !loose && j < limit && f.text[j] == '\n' && f.text[j-1] != ',' {
		// The value on the next line, indented or quoted.
		k := skipBlank(f.text, j+1, limit)
		if k+2 < limit && f.text[k] == '-' && f.text[k+1] == ' ' {
			k += 2 // the first of a list
		} else if k >= limit || strings.IndexByte("\"'`|>", f.text[k]) < 0 {
			return value{}, false
		}
		j = k
	}
	if strings.IndexByte("\"'`", f.text[min(j, len(f.text)-1)]) >= 0 && f.closes(j) {
		return value{}, false
	}
	whole := isLead(f.front(a, maxGap))
	if b, ok := f.blockScalar(j, whole); ok {
		return b, true
	}
	v, ok := f.literal(j, whole && !loose && f.text[i] != '>', f.text[i] != '>' && f.inLiteral(a))
	v.loose, v.sign = loose, f.text[i]
	v.flag = loose && a > 0 && f.text[a-1] == '-'
	if a > 0 && strings.IndexByte(";?&", f.text[a-1]) >= 0 {
		v.quoted = true // connection strings and queries mark where it ends
	}
	if v.sign == '>' && ok && v.end < len(f.text) && f.text[v.end] == '<' {
		v.quoted = true // and so does XML
	}
	v.whole = whole
	return v, ok
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

// closes reports whether the quote at j ends a literal that holds the name:
// "password=" + x.
func (f *finder) closes(j int) bool {
	n := 0
	s := f.front(j, maxGap+maxName)
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] != f.text[j]:
		case s[i] == '\'' && i > 0 && i+1 < len(s) && isAlnum(s[i-1]) && isAlnum(s[i+1]):
			// an apostrophe
		default:
			n++
		}
	}
	return n%2 == 1
}

// isLead reports whether what stands before a name leaves the line an
// assignment.
func isLead(s string) bool {
	switch strings.ToLower(strings.Trim(strings.TrimSpace(s), `"'#/*-;@:$`)) {
	case "", "export", "set", "env", "arg", "setenv", "declare", "local", "readonly", "-", "setx", "define":
		return true
	}
	return strings.HasPrefix(strings.TrimSpace(s), "//") && strings.HasSuffix(s, ":_")
}

func skipBlank(s string, i, limit int) int {
	for i < limit && (s[i] == ' ' || s[i] == '\t') {
		i++
	}
	return i
}

// operators stand between a name and its value, longest first.
var operators = []string{"===", "!==", ":=", "=>", "->", "==", "!=", "||=", "??=", "?=", "+=", "=", ":", "<-", "～", "："}

// sign reads what stands between a name and its value.
func (f *finder) sign(a, i, limit int, closed bool) (j int, loose, ok bool) {
	s := f.text[i:limit]
	// A type between the name and the sign: name: &str =, name string =, String? =.
	if k := typeThenSign(s); k > 0 && !closed {
		return i + k, false, true
	}
	for _, sign := range operators {
		if strings.HasPrefix(s, sign) {
			j = i + len(sign)
			// A call or a list may open behind it: = String("...").
			return f.open(j, limit), false, true
		}
	}
	if s[0] == '{' {
		// Properties of C#, and values in braces of C++ and Ruby.
		if k := strings.Index(s[:min(len(s), 40)], "} ="); k > 0 && strings.Contains(s[:k], "get") {
			return i + k + 3, false, true
		}
		if k := skipBlank(s, 1, len(s)); k < len(s) && strings.IndexByte("\"'", s[k]) >= 0 && !strings.Contains(s[:min(len(s), 80)], ":") {
			return i + k, false, true
		}
		return 0, false, false
	}
	switch s[0] {
	case ',', '(':
		if closed && s[0] == ',' && (a == 0 || strings.IndexByte("\"'`", f.text[a-1]) < 0) {
			return 0, false, false // the end of a sentence
		}
		return f.open(i+1, limit), false, true
	case '>':
		return i + 1, false, true
	case '|': // a table
		return i + 1, true, true
	case '\n':
		return 0, false, false
	}
	if i > 0 && (f.text[i-1] == ' ' || f.text[i-1] == '\t') {
		for _, w := range []string{"is ", "was ", "are ", "ist ", "est ", "es ", "to ", "is: ", "of ", "as "} {
			if strings.HasPrefix(strings.ToLower(s[:min(len(s), 6)]), w) {
				return i + len(w), true, true
			}
		}
		if strings.IndexByte("\"'", f.text[i]) >= 0 && isLead(f.front(a, maxGap)) {
			return i, false, true // storePassword "...", #define PASSWORD "..."
		}
		if k := phrase(s); k > 0 && !isCode(f.ext) {
			return i + k, true, true
		}
		return i, true, true
	}
	return 0, false, false
}

// phrase returns the length of up to four words that lead from a name to its
// value: "for the staging server is ", "de homologação: ".
func phrase(s string) int {
	i := 0
	for range 5 {
		n := 0
		for i+n < len(s) && (isAlnum(s[i+n]) || s[i+n] >= 0x80) && n < 16 {
			n++
		}
		if n == 0 || i+n+1 >= len(s) {
			return 0
		}
		word, next := s[i:i+n], s[i+n]
		switch {
		case next == ':' && s[i+n+1] == ' ':
			return i + n + 2
		case next != ' ':
			return 0
		case connects[word]:
			return i + n + 1
		}
		i += n + 1
	}
	return 0
}

// connects are the verbs between a secret and what it is.
var connects = wordSet(`is was are ist war est es era é sono is: to equals`)

// open skips the start of a call or list behind a sign.
func (f *finder) open(j, limit int) int {
	j = skipBlank(f.text, j, limit)
	k := j
	for k < limit && (isAlnum(f.text[k]) || strings.IndexByte("_.:&*", f.text[k]) >= 0) {
		k++
	}
	for k < limit && (f.text[k] == '(' || f.text[k] == '[' && k == j || f.text[k] == ' ') {
		k++
		if q := skipBlank(f.text, k, limit); q < limit && strings.IndexByte("\"'`", f.text[q]) >= 0 && !isLookup(f.text[j:k]) {
			return q
		}
	}
	return j
}

// isLookup reports whether a call reads its value from elsewhere: its
// argument is a name.
func isLookup(call string) bool {
	low := strings.ToLower(call)
	for _, w := range []string{"env", "config", "get", "lookup", "param", "read", "load", "fetch", "secret", "vault", "find", "prop", "header", "cookie", "request", "args", "settings", "option", "input", "translate", "t(", "_(", "i18n", "query", "select", "require", "import", "file", "field", "column", "key"} {
		if strings.Contains(low, w) {
			return true
		}
	}
	return false
}

// typeThenSign returns the length of a type and the "=" behind it, 0 if there
// is none.
func typeThenSign(s string) int {
	i := 0
	if s[0] == ':' || s[0] == '?' {
		i++
		if i < len(s) && s[i] == ':' {
			i++
		}
	}
	word := false
	for ; i < len(s) && i < 48; i++ {
		c := s[i]
		switch {
		case c == '=':
			if i+1 >= len(s) || strings.IndexByte("=>\n\r", s[i+1]) >= 0 || !word {
				return 0
			}
			return i + 1
		case isAlnum(c):
			word = true
		case c == ':' && i+1 < len(s) && s[i+1] == '=' && word:
			return i + 2
		case strings.IndexByte(" &_<>[]?*|.'", c) < 0:
			return 0
		}
	}
	return 0
}

// pair reads forms in which name and value have names themselves:
// name: X / value: Y, <key>X</key><string>Y</string>, default = Y.
func (f *finder) pair(a, z, i, limit int, closed bool) (value, bool) {
	k := i
	for k < limit && strings.IndexByte(" \t\r\n\"',:;{}()/>-\\", f.text[k]) >= 0 {
		k++
	}
	if strings.HasPrefix(f.text[k:limit], "</key") || strings.HasPrefix(f.text[k:limit], "</name") || strings.HasPrefix(f.text[k:limit], "</Name") || strings.HasPrefix(f.text[k:limit], "</Key") {
		if q := strings.IndexByte(f.text[k:limit], '>'); q >= 0 {
			k += q + 1
			for k < limit && strings.IndexByte(" \t\r\n", f.text[k]) >= 0 {
				k++
			}
			if f.text[min(k, limit-1)] == '<' {
				if q := strings.IndexByte(f.text[k:limit], '>'); q >= 0 {
					v, ok := f.literal(k+q+1, false, false)
					return v, ok
				}
			}
		}
		return value{}, false
	}
	// Only where the name is a value itself: quoted, or behind "name:".
	lead := strings.ToLower(strings.TrimRight(f.front(a, 40), " \t\"'"))
	if !closed && !strings.HasSuffix(lead, "name:") && !strings.HasSuffix(lead, "key:") && !strings.HasSuffix(lead, "name") && !strings.HasSuffix(lead, "env:") {
		return value{}, false
	}
	// Up to two lines of other attributes may stand between in a block.
	for range 3 {
		low := strings.ToLower(f.text[k:min(k+16, limit)])
		for _, w := range []string{"value", "default", "val", "content", "secretvalue", "stringvalue", "_value", "data"} {
			if strings.HasPrefix(low, w) && len(low) > len(w) && !isAlnum(low[len(w)]) {
				j := k + len(w)
				if j+1 < limit && f.text[j] == ' ' && strings.IndexByte("\"'", f.text[j+1]) >= 0 {
					return f.quoted(j + 1)
				}
				for j < limit && strings.IndexByte("\"' \t\\", f.text[j]) >= 0 {
					j++
				}
				if j < limit && (f.text[j] == '=' || f.text[j] == ':' || f.text[j] == '>') {
					v, ok := f.literal(skipBlank(f.text, j+1, limit), false, true)
					v.whole = true
					return v, ok
				}
			}
		}
		if strings.HasPrefix(low, "type") || strings.HasPrefix(low, "description") || strings.HasPrefix(low, "sensitive") || strings.HasPrefix(low, "locked") {
			k = min(f.lineEnd(k)+1, limit)
			for k < limit && strings.IndexByte(" \t\"-", f.text[k]) >= 0 {
				k++
			}
			continue
		}
		break
	}
	return value{}, false
}

// literal reads the value that starts at j: quoted, or up to the end of the
// word. whole says that the line is nothing but the assignment, inside that it
// stands in a literal itself.
func (f *finder) literal(j int, whole, inside bool) (value, bool) {
	end := len(f.text)
	if j >= end {
		return value{}, false
	}
	// Prefixes of string literals, and escaped quotes of a literal in a literal.
	k := j
	for k < end && k < j+3 && strings.IndexByte("@rRbBuUfFLN$&\\", f.text[k]) >= 0 {
		k++
	}
	if k < end && strings.IndexByte("\"'`", f.text[k]) >= 0 {
		return f.quoted(k)
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
	n := wordEnd(line, inside || !isCode(f.ext) && f.text[j-1] != '>')
	if n == len(line) {
		n = wordEnd(f.back(j, maxValue), inside)
	}
	return value{start: j, end: j + n}, n > 0
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
	return value{}, false
}
