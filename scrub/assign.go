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
	if k := strings.Index(f.text[start:max(start, z)], "："); k > 0 {
		z = start + k // a colon of Chinese
	}
	for a < z && !isNameByte(f.text[a]) {
		a++
	}
	for z > a && !isNameByte(f.text[z-1]) {
		z--
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
	f.spend(2)
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
	if s == hintLike && !f.longValue(z) {
		return
	}
	name := f.text[a:z]
	if f.inResource(a) || s == passLike && (f.isVerdict(a, z) || f.isVerbPass(a, z)) {
		return
	}
	f.spend(120)
	if v, ok := f.commented(a, z); ok {
		f.take(v, s, name)
		return
	}
	if f.numbers(z, s) || s == keyLike && f.pairOf(z, name) {
		return
	}
	found := len(f.taken)
	if v, ok := f.value(a, z); ok {
		f.take(v, s, name)
	}
	if len(f.taken) == found && s > keyLike {
		f.around(a, z, s)
	}
	if len(f.taken) == found && s >= keyLike {
		f.nested(z, s)
	}
	if len(f.taken) == found && s == passLike {
		f.remains(a, z)
	}
}

// longValue reports whether the line behind z holds something as long as a key:
// most that is called key is none, and seen by this alone.
func (f *finder) longValue(z int) bool {
	n, line := 0, f.back(z, maxGap)
	f.spend(2 + len(line)/4)
	for _, c := range []byte(line) {
		if n++; !isAlnum(c) && strings.IndexByte("+/=-_", c) < 0 {
			n = 0
		}
		if n >= minRandomKey || c == '{' || c == '[' || c == '\\' {
			return true
		}
	}
	next := f.lineEnd(z) + 1 // the value may stand below its name
	return len(strings.TrimSpace(line)) <= 4 && next < len(f.text) && len(strings.TrimSpace(f.back(next, maxGap))) >= minRandomKey
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
	// steps is how many values stood for it so far, see maxSteps.
	steps uint8
}

// maxSteps is how often a value may stand for another one: a format for its
// argument, a reference for its default.
const maxSteps = 4

// value finds what stands behind the name at a to z.
func (f *finder) value(a, z int) (value, bool) {
	limit := min(len(f.text), z+maxGap)
	if v, ok := f.robotVariable(a, z); ok {
		return v, true
	}
	if v, ok := f.nextTo(z); ok {
		return v, true
	}
	i := z
	bold := a > 0 && f.text[a-1] == '*'  // **Password**: in a text
	entry := a > 0 && f.text[a-1] == '{' // $c{password} of Perl
	for i < limit && (strings.IndexByte("\"'`])\\", f.text[i]) >= 0 || bold && f.text[i] == '*' || entry && f.text[i] == '}') {
		i++
	}
	closed := i > z
	if k := index(f.text[i:limit]); closed && k > 0 {
		i += k
	} else if f.text[min(i, limit-1)] == '[' {
		// The size of an array: char password[64] = "...".
		if k := strings.IndexByte(f.text[i:limit], ']'); k == 1 || k > 2 && k < 6 && isDigits(f.text[i+1:i+k]) {
			i += k + 1
		}
	}
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
	for bold && j < limit && f.text[j] == '*' {
		j++
	}
	j = skipBlank(f.text, j, limit)
	if k := f.tagged(j, limit); k > 0 {
		j = k
	}
	if j+1 < limit && f.text[j] == '\\' && f.text[j+1] == '\n' {
		j++ // the line goes on
	}
	if !loose && j < limit && f.text[j] == '\n' && f.text[j-1] != ',' {
		if strings.HasPrefix(f.text[i-1:], "):") {
			return value{}, false // the head of a function, its comment follows
		}
		// The value on the next line, indented or quoted.
		k := skipBlank(f.text, j+1, limit)
		if k+2 < limit && f.text[k] == '-' && f.text[k+1] == ' ' {
			k += 2 // the first of a list
			if key, _, ok := strings.Cut(f.back(k, maxName), ": "); ok && isIdentifier(key) {
				return value{}, false // of mappings
			}
		} else if k >= limit || strings.IndexByte("\"'`|>", f.text[k]) < 0 {
			if k < limit {
				if v, ok := f.plain(a, i, k); ok {
					return v, true
				}
			}
			return f.pair(a, z, k, limit, true) // of CloudFormation and its like
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
	if a > 0 && f.text[a-1] == ';' && f.text[z] == '=' && f.inLiteral(a) {
		if n := strings.IndexAny(f.back(j, maxGap), ";\"'`<"); n > 0 {
			return value{start: j, end: j + n, quoted: true, sign: '='}, true // of a connection string
		}
	}
	v, ok := f.literal(j, whole && !loose && f.text[i] != '>', f.text[i] != '>' && f.inLiteral(a))
	v.loose, v.sign = loose, f.text[i]
	if f.text[j-1] == '>' && f.isTag(a) {
		v.sign = '>'
	}
	v.flag = loose && a > 0 && f.text[a-1] == '-'
	if a > 0 && strings.IndexByte(";?&", f.text[a-1]) >= 0 {
		v.quoted = true // connection strings and queries mark where it ends
	}
	if v.sign == '=' && f.isPair(a, z, v) {
		v.quoted = true
	}
	if v.sign == '>' && ok && v.end < len(f.text) && f.text[v.end] == '<' {
		v.quoted = true // and so does XML
	}
	v.whole = whole
	return v, ok
}

// isPair reports whether a literal is a name in capitals and its value, as an
// environment is listed: "DB_PASSWORD=value".
func (f *finder) isPair(a, z int, v value) bool {
	return a > 0 && v.end < len(f.text) && strings.IndexByte("\"'", f.text[a-1]) >= 0 && f.text[v.end] == f.text[a-1] && classify(f.text[a:z]).lower == 0 && v.start == z+1
}

// index returns the length of the indices that follow the name of an entry:
// default['password']['root'].
func index(s string) int {
	n := 0
	for n+2 < len(s) && s[n] == '[' && strings.IndexByte("\"':", s[n+1]) >= 0 {
		k := strings.IndexByte(s[n:], ']')
		if k < 0 || strings.ContainsAny(s[n:n+k], " ,") {
			break
		}
		n += k + 1
	}
	return n
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
	switch strings.ToLower(strings.TrimSpace(strings.Trim(strings.TrimSpace(s), `"'#/*-;@:$`))) {
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

// pair reads forms in which name and value have names themselves:
// name: X / value: Y, <key>X</key><string>Y</string>, default = Y.
func (f *finder) pair(a, z, i, limit int, closed bool) (value, bool) {
	k := i
	for k < limit && strings.IndexByte(" \t\r\n\"',:;{}()/>-\\", f.text[k]) >= 0 {
		k++
	}
	if strings.HasPrefix(f.text[k:limit], "</key") || strings.HasPrefix(f.text[k:limit], "</name") || strings.HasPrefix(f.text[k:limit], "</Name") || strings.HasPrefix(f.text[k:limit], "</Key") {
		if q := strings.IndexByte(f.text[k:limit], '>'); q >= 0 {
			k = skipSpace(f.text, k+q+1, limit)
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
	if k := strings.LastIndexByte(lead, ' '); k > 0 && strings.HasPrefix(lead[k+1:], "/") {
		lead = strings.TrimRight(lead[:k], " ") // --name /app/password --value x
	}
	if !closed && !strings.HasSuffix(lead, "name:") && !strings.HasSuffix(lead, "key:") && !strings.HasSuffix(lead, "name") && !strings.HasSuffix(lead, " set") && !strings.HasSuffix(lead, "env:") {
		return value{}, false
	}
	// Up to three lines of other attributes may stand between in a block.
	for range 4 {
		low := strings.ToLower(f.text[k:min(k+16, limit)])
		for _, w := range []string{"value", "default", "defaultvalue", "val", "content", "secretvalue", "stringvalue", "_value", "data", "example", "body"} {
			if strings.HasPrefix(low, w) && len(low) > len(w) && !isAlnum(low[len(w)]) {
				j := k + len(w)
				if j+1 < limit && f.text[j] == ' ' && k > 1 && f.text[k-1] == '-' && f.text[k-2] == '-' {
					return f.literal(j+1, false, true)
				}
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
		if strings.HasPrefix(low, "type") || strings.HasPrefix(low, "description") || strings.HasPrefix(low, "sensitive") || strings.HasPrefix(low, "locked") || strings.HasPrefix(low, "format") || strings.HasPrefix(low, "minlength") || strings.HasPrefix(low, "writeonly") {
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
