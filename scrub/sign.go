// SPDX-License-Identifier: Apache-2.0

package scrub

import "strings"

// operators stand between a name and its value, longest first.
var operators = []string{"===", "!==", ":=", "=>", "->", "==", "!=", "||=", "??=", "?=", "+=", "=", ":", "<-", "by lazy {", "～", "：", "eq ", "ne "}

// sign reads what stands between a name and its value.
func (f *finder) sign(a, i, limit int, closed bool) (j int, loose, ok bool) {
	s := f.text[i:limit]
	// Attributes of an element: <password encrypted="false">value.
	if k := strings.IndexByte(s, '>'); k > 0 && isBlank(f.text[i-1]) && (f.isTag(a) || closed && strings.HasSuffix(f.front(a, 8), `name="`)) && s[k-1] != '/' && strings.IndexByte(s[:k], '\n') < 0 {
		return i + k + 1, false, true
	}
	// A type between the name and the sign: name: &str =, name string =, String? =.
	if k := typeThenSign(s); k > 0 && !closed {
		return i + k, false, true
	}
	if strings.HasPrefix(s, ":?") || strings.HasPrefix(s, ":+") {
		return 0, false, false // what a shell says or takes when there is one
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
		if k := skipBlank(s, 1, len(s)); k < len(s) && strings.IndexByte("\"'", s[k]) >= 0 && !strings.Contains(f.back(i, 80), ":") {
			return i + k, false, true
		}
		return 0, false, false
	}
	switch s[0] {
	case ',', '(':
		if k := skipBlank(s, 1, len(s)); closed && s[0] == ',' && (a == 0 || strings.IndexByte("\"'`", f.text[a-1]) < 0) && (k == len(s) || strings.IndexByte("\"'", s[k]) < 0) {
			return 0, false, false // the end of a sentence
		}
		return f.open(i+1, limit), false, true
	case '>':
		return i + inner(s), false, true
	case '|': // a table, or what a template does with it
		return i + 1, true, !strings.Contains(f.back(i, maxGap), "}}")
	case '\n':
		k := f.listed(a, i, limit)
		return k, true, k > 0
	}
	if i > 0 && (f.text[i-1] == ' ' || f.text[i-1] == '\t') {
		for _, w := range []string{"is ", "was ", "are ", "ist ", "est ", "es ", "to ", "is: ", "of ", "as ", "lautet "} {
			if strings.HasPrefix(strings.ToLower(s[:min(len(s), 7)]), w) {
				if w == "to " && closed && strings.HasPrefix(s[len(w):], `"`) {
					return i + len(w), false, true // a pair of Kotlin
				}
				n := i + len(w)
				for _, when := range []string{"now ", "still ", "currently ", "just ", "jetzt "} {
					if strings.HasPrefix(f.text[n:limit], when) {
						n += len(when)
					}
				}
				return n, true, true
			}
		}
		for _, w := range []string{"- ", "– ", "— "} {
			if strings.HasPrefix(s, w) {
				return i + len(w), true, true
			}
		}
		for _, w := range []string{"is:\n", "ist:\n", "lautet:\n", "est:\n", "es:\n"} {
			if strings.HasPrefix(s, w) {
				return i + len(w) - 1, false, true
			}
		}
		if closed && strings.IndexByte("\"'", f.text[i]) < 0 {
			return 0, false, false // an attribute, the rest of a sentence
		}
		if front := f.front(a, maxGap); strings.IndexByte("\"'", f.text[i]) >= 0 && (isLead(front) || isKeyword(front)) {
			return i, false, true // storePassword "...", #define PASSWORD "..."
		}
		if k := phrase(s); k > 0 && (!isCode(f.ext) || f.inComment(a)) {
			return i + k, true, true
		}
		return i, true, true
	}
	return 0, false, false
}

// inner returns the length of the ">" at the start of s and of an element behind
// it that only wraps the value: <password><value>.
func inner(s string) int {
	n := 1 + len(s[1:]) - len(strings.TrimLeft(s[1:], " \t\r\n"))
	for _, tag := range []string{"<value>", "<string>", "<plaintext>", "<str>", "<text>"} {
		if len(s) >= n+len(tag) && strings.EqualFold(s[n:n+len(tag)], tag) {
			return n + len(tag)
		}
	}
	return 1
}

// isKeyword reports whether a name is a keyword of Clojure: :password, :jwt/secret.
func isKeyword(before string) bool {
	word := before[strings.LastIndexAny(before, " \t{([")+1:]
	return word == ":" || strings.HasPrefix(word, ":") && strings.HasSuffix(word, "/")
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' }

// isTag reports whether the name at a is that of an element of XML.
func (f *finder) isTag(a int) bool {
	if a > 0 && f.text[a-1] == ':' {
		for a--; a > 0 && isAlnum(f.text[a-1]); {
			a--
		}
	}
	return a > 0 && f.text[a-1] == '<'
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
		case classify(word).digit > 0:
			return 0
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
	for _, join := range []string{`"".join([`, `''.join([`} {
		if strings.HasPrefix(f.text[j:limit], join) {
			return j + len(join)
		}
	}
	for _, cast := range []string{"[]byte(", "[]rune("} {
		if k := j + len(cast); strings.HasPrefix(f.text[j:limit], cast) && k < limit && strings.IndexByte("\"`", f.text[k]) >= 0 {
			return k
		}
	}
	if strings.HasPrefix(f.text[j:limit], "new ") {
		j += len("new ")
	}
	for _, made := range []string{"StringBuilder().append(", "StringBuffer().append(", "<<"} { // the last one is of Erlang
		if k := j + len(made); strings.HasPrefix(f.text[j:limit], made) && k < limit && f.text[k] == '"' {
			return k
		}
	}
	k := j
	if k < limit && f.text[k] == '{' && strings.HasSuffix(strings.TrimRight(f.front(k, 8), " "), "=") { // the values of an array
		if q := skipBlank(f.text, k+1, limit); q < limit && f.text[q] == '"' && !strings.HasPrefix(f.text[q+1+strings.IndexByte(f.text[q+1:limit]+`"`, '"'):], `":`) {
			return q
		}
	}
	for k < limit && (isAlnum(f.text[k]) || strings.IndexByte("_.:&*", f.text[k]) >= 0) {
		k++
	}
	// What a constructor gets may be made by another one: Some(String::from("...")).
	if k < limit && f.text[k] == '(' && constructs(f.text[j:k]) {
		if q := skipBlank(f.text, k+1, limit); q < limit && strings.IndexByte("\"'`", f.text[q]) >= 0 {
			return q
		}
		return f.open(k+1, limit)
	}
	for k < limit && (f.text[k] == '(' || f.text[k] == '[' && k == j || f.text[k] == ' ') {
		call := f.text[j : k+1]
		if k = skipBlank(f.text, k+1, limit); k < limit && strings.IndexByte("\"'`", f.text[k]) >= 0 && !isLookup(call) && !isNamedID(call) {
			return k
		}
	}
	return j
}

// constructs reports whether a call only wraps its argument.
func constructs(call string) bool {
	call = call[strings.LastIndexAny(call, ".:")+1:]
	switch call {
	case "Some", "from", "new", "of", "Just", "just", "SecretStr", "SecretString", "Secret", "String", "str", "bytes":
		return true
	}
	return false
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

// isInitial reports whether a declaration ends in a word that gives a value:
// TYPE string VALUE, PIC X(32) VALUE, varchar(20) DEFAULT.
func isInitial(s string) bool {
	words := strings.Fields(strings.ToLower(s))
	if len(words) < 2 {
		return false
	}
	last := words[len(words)-1]
	return last == "value" || last == "default" || last == "init" || last == "is" && words[len(words)-2] == "value"
}

// typeThenSign returns the length of a type and the "=", or a word like VALUE,
// behind it, 0 if there is none.
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
			if i+1 >= len(s) || strings.IndexByte("=>\n\r", s[i+1]) >= 0 || !word || isAlnum(s[0]) && isAlnum(s[i-1]) && strings.IndexByte(s[:i], ' ') > 0 { // token refreshed id=7
				return 0
			}
			if isAlnum(s[i-1]) && s[0] != ':' && s[0] != '?' && strings.IndexByte(s[:i], ' ') >= 0 {
				return 0 // another name: token refreshed id=
			}
			return i + 1
		case isAlnum(c):
			word = true
		case c == ':' && i+1 < len(s) && s[i+1] == '=' && word:
			return i + 2
		case c == '(' && i+1 < len(s) && isDigit(s[i+1]): // the size of a text
			i += strings.IndexByte(s[i:]+")", ')')
		case word && strings.IndexByte("'\"", c) >= 0 && isInitial(s[:i]):
			return i
		case strings.IndexByte(" &_<>[]?*|.'", c) < 0:
			return 0
		}
	}
	return 0
}
