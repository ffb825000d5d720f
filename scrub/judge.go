// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"encoding/base64"
	"regexp"
	"strings"
	"sync"
)

// take emits a value if it can be what the name promises.
func (f *finder) take(v value, s strength, name string) {
	n := v.end - v.start
	f.spend(60 + n + n*n/512) // a long value is looked at in many ways
	text := f.text[v.start:v.end]
	trimmed := strings.TrimSpace(text)
	if trimmed == "" || f.inQuiet(v.start) {
		return
	}
	if v = f.bared(v, name); v.start > v.end {
		return
	}
	text = f.text[v.start:v.end]
	trimmed = strings.TrimSpace(text)
	if trimmed != "" && (trimmed[0] == '%' || trimmed[0] == '{') {
		if other, ok := f.formatted(v.start); ok && v.steps < maxSteps {
			other.steps = v.steps + 1
			f.take(other, s, name)
			return
		}
	}
	if trimmed == "" || isPlaceholder(trimmed) && trimmed != "{{" || isTold(trimmed) || v.quoted && len(trimmed) < len(text) && strings.HasSuffix(trimmed, ":") {
		return
	}
	if s == passLike && !v.loose && isDiceware(trimmed) {
		f.add(v.start, v.start+strings.Index(text, trimmed)+len(trimmed), s.kind(), rankName)
		return
	}
	if isReference(trimmed) || isRule(trimmed) || isDotted(trimmed) || !v.quoted && (f.readsAsCode(v, trimmed) || !v.loose && !v.entire && isIdentifier(trimmed)) {
		if other, ok := f.fallback(v); ok && v.steps < maxSteps && (!v.quoted || trimmed[0] == '{' || trimmed[0] == '$') {
			other.steps = v.steps + 1
			f.take(other, s, name)
		}
		if isReference(trimmed) || isRule(trimmed) || isDotted(trimmed) {
			return
		}
	}
	if v.loose && !v.quoted || !v.quoted && !v.entire {
		end := ".:!?"
		if v.sign == '=' || v.flag {
			end = ".:" // passwords end in !, and sentences have no =
		}
		trimmed = strings.TrimRight(trimmed, end)
		v.start += strings.Index(text, trimmed) // there are blanks of more than one byte
		text = trimmed
		v.end = v.start + len(trimmed)
	}
	if len(text) < 3 || isLabel(trimmed, name) {
		return
	}
	if f.promised(v, s, name, text) {
		f.add(v.start, v.end, s.kind(), rankName)
		f.continued(v, s)
	}
}

// promised reports whether a value is what a name of that strength promises.
// What its form tells comes first, then the sign decides, then the strength of
// the name, and at last the quotes.
func (f *finder) promised(v value, s strength, name, text string) bool {
	switch {
	case f.tellsOtherwise(v, s, text):
		return false
	case s == pinLike:
		return !v.loose && v.sign != '(' && v.sign != ',' && isDigits(text) && len(text) >= 4 && len(text) <= 8
	case s == hintLike:
		return (!v.loose || len(text) >= 20) && isRandomKey(text) && wordShare(text) <= 0.7 && (v.quoted || !f.readsAsCode(v, text))
	case v.loose:
		return f.follows(v, s, name, text)
	case v.sign == '(' && f.isCall(v, name):
		return false
	case v.sign == ',' && v.quoted && s == passLike && f.isGiven(v, name, text):
		return true
	case v.sign == ',' && f.isArgument(v, name, text):
		return false
	case s == keyLike:
		return f.canBeKey(v, name, text)
	case s == passLike && !v.quoted && f.isWordGiven(v, name, text):
		return true
	case s == credLike:
		return f.canBeCredential(v, text)
	case v.sign == '+' && v.quoted && transitions(text) >= 0.5 && classify(text).other == 0:
		return true // a piece of a password
	case v.quoted:
		return !isProse(text) && (len(text) >= 6 || len(text) >= 4 && (mixed(text) || isRare(text) || isDigits(text)))
	}
	return f.bare(v, text)
}

// tellsOtherwise reports whether a value's own form says that it is none: the
// address of a contract, the name of something, a label.
func (f *finder) tellsOtherwise(v value, s strength, text string) bool {
	switch {
	case len(text) == 42 && strings.HasPrefix(text, "0x") && isHex(text[2:]):
		return true
	case s < passLike && !isASCII(text):
		return true // keys are made of ASCII, labels of letters
	}
	return !v.quoted && f.isNamed(v, text) || s <= keyLike && (isFingerprint(text) || isWords(text, s == hintLike || v.loose)) || v.loose && isListed(text)
}

// follows decides on a value that no sign joins to its name: the argument of a
// flag, a line of a configuration, a word of a sentence.
func (f *finder) follows(v value, s strength, name, text string) bool {
	if v.flag && s == passLike {
		switch {
		case transitions(text) >= 0.25 || isRare(text):
			return len(text) >= 5
		case v.quoted:
			return len(text) >= 6 && !isProse(text)
		}
	}
	switch {
	case v.quoted && s != passLike:
		return len(text) >= 12 && keyLooking(text)
	case v.quoted:
		return canBePassword(text) || isPassphrase(text) || f.inStatement(v.start) && len(text) >= 4 && !isProse(text)
	case strings.IndexByte(text, '/') > 0 && isSnake(strings.ReplaceAll(text, "/", "_")):
		return false // where a secret is kept
	case s == passLike && (f.isSetting(v, name, text) || v.flag && isScript(f.ext) && len(text) >= 8 && f.bare(v, text)):
		return true
	case isGibberish(text), s == passLike && (v.entire && isPhrase(text) || strings.Count(text, "-") >= 3 && isPassphrase(text)) && f.isAnnounced(v.start):
		return f.isText(v.start)
	}
	// In a sentence only what no word looks like.
	return len(text) >= 6 && mixed(strings.Trim(text, "*_~")) && (s != keyLike || keyLooking(text)) && !isPlainWord(text) &&
		(!isCode(f.ext) || f.inComment(v.start) || !isIdentifier(text) || transitions(text) >= 0.35)
}

// isAnnounced reports whether a colon or a verb such as "is" leads to a value.
func (f *finder) isAnnounced(i int) bool {
	before := strings.TrimRight(f.front(i, maxName), " \t")
	return strings.HasSuffix(before, ":") || connects[strings.ToLower(before[strings.LastIndexByte(before, ' ')+1:])]
}

// isCall reports whether the bracket behind a name opens a call that gets
// something else, or first who it is.
func (f *finder) isCall(v value, name string) bool {
	method := name[strings.LastIndexByte(name, '.')+1:]
	if strings.HasPrefix(strings.ToLower(method), "user") && strings.HasPrefix(f.back(min(v.end+1, len(f.text)), 2), ",") {
		return true
	}
	return !v.quoted || isVerb(name) || nameStrength(method) == nothing && !appends[method]
}

// isArgument reports whether a value behind a comma is only the next argument or
// the next of several names.
func (f *finder) isArgument(v value, name, text string) bool {
	return !mixed(text) && !f.named(v, name) || f.isListed(v, name) || isMember(name) || !v.quoted || !canBePassword(text) && !isPhrase(text)
}

// canBeKey reports whether a value is what a token or key is called: one that
// looks like it, and behind salt and mnemonic also words.
func (f *finder) canBeKey(v value, name, text string) bool {
	name = strings.ToLower(name)
	return len(text) >= 8 && keyLooking(text) && (v.quoted || !f.readsAsCode(v, text)) ||
		strings.HasSuffix(name, "salt") && v.quoted && (isRare(text) || isPhrase(text) || len(text) >= 6 && mixed(text)) ||
		strings.HasSuffix(name, "mnemonic") && isPhrase(text)
}

// canBeCredential reports whether a value is what an API key or access token can
// be: any single word that stands for itself.
func (f *finder) canBeCredential(v value, text string) bool {
	if len(text) < 6 || !v.quoted && f.readsAsCode(v, text) {
		return false
	}
	setting := v.whole && !isCode(f.ext)
	return keyLooking(text) || v.quoted && isPhrase(text) || (v.quoted || setting) && credLooking(text) || setting && !v.quoted && v.sign == '=' && isHyphened(text)
}

// readsAsCode reports whether an unquoted value is code.
func (f *finder) readsAsCode(v value, text string) bool {
	if v.entire && !isCode(f.ext) {
		k := strings.IndexByte(text, '(')
		return isWordOfCode(text) || isIndexed(text) || k > 0 && isIdentifier(text[:k]) && (strings.HasSuffix(text, ")") || k == len(text)-1)
	}
	return isExpression(text)
}

// bare decides on an unquoted value under a name like password.
func (f *finder) bare(v value, text string) bool {
	if len(text) < 4 || f.readsAsCode(v, text) {
		return false
	}
	c := classify(text)
	if c.digit > 0 && c.upper+c.lower > 0 || strings.ContainsAny(text, "!@#%^*?$") {
		return true
	}
	if (v.sign == '=' || v.flag) && !isCode(f.ext) && c.lower == len(text) && (len(text) >= 8 && isScript(f.ext) || isRare(text) && len(text) >= 6) {
		return true // sh knows no variables without $
	}
	if isCode(f.ext) || !v.whole {
		return len(text) >= 20 && keyLooking(text) || (isGibberish(text) || v.entire && isPhrase(text)) && f.isText(v.start)
	}
	if c.other == 0 && !v.entire && v.end+1 < len(f.text) && f.text[v.end] == ' ' && f.text[v.end+1] >= '0' {
		return false // the first word of a sentence
	}
	return c.other == 0 && (len(text) >= 6 || isRare(text)) || v.entire && (isPhrase(text) || strings.Count(text, "-") >= 2 || isRare(text) || isDigits(text))
}

// isCode reports whether unquoted words of such files are names of variables.
func isCode(ext string) bool {
	switch ext {
	case "go", "java", "js", "jsx", "mjs", "ts", "tsx", "py", "rb", "php", "cs", "rs", "c", "h", "cc", "cpp", "hpp", "m", "kt", "scala", "swift", "pl", "lua", "dart", "groovy", "ex", "exs", "erl", "hs", "clj", "vb", "fs", "r", "jl", "vue", "svelte":
		return true
	}
	return false
}

// isExpression reports whether an unquoted value is code.
func isExpression(v string) bool {
	if strings.ContainsAny(v, "([{") && !strings.ContainsAny(v, "!@#%^") {
		return true
	}
	if k := strings.IndexByte(v, '.'); k > 0 && isIdentifier(v) && !isDigits(v[strings.LastIndexByte(v, '.')+1:]) && classify(v).digit <= 2 && !isRare(strings.ReplaceAll(v, ".", "")) {
		return true
	}
	if k := strings.IndexByte(v, '('); k > 0 && strings.IndexByte(v[:k], '.') > 0 && isIdentifier(v[:k]) {
		return true
	}
	if k := strings.LastIndexByte(v, '.'); k > 0 && isIdentifier(v) && strings.IndexByte(v[k:], '_') > 0 && classify(v[k:]).lower == 0 {
		return true // exports.SOCKS5_AUTH
	}
	return isWordOfCode(v) || strings.HasPrefix(v, "!(") || strings.Contains(v, "?.") || strings.Contains(v, "this.") || strings.HasPrefix(v, "-") || strings.Contains(v, "::") || strings.Contains(v, "->")
}

// isWordOfCode reports whether a word stands for a type or for no value.
func isWordOfCode(v string) bool {
	switch strings.ToLower(strings.TrimRight(v, "!?)];,")) {
	case "null", "none", "nil", "undefined", "true", "false", "yes", "no", "string", "str", "bytes", "text", "optional", "required", "any", "int", "bool", "object", "number", "varchar", "void", "self", "this", "await", "new", "return", "function", "async", "unset", "empty", "default", "prompt", "auto", "disabled", "enabled",
		"erforderlich", "optionnel", "obligatoire", "requis", "obligatorio", "obligatoria", "requerido", "requerida", "obbligatorio", "obbligatoria", "wymagane", "verplicht", "vergessen":
		return true
	}
	return false
}

// isLabel reports whether a value only names a secret: Password, access_token,
// db-password, Passwort.
func isLabel(v, name string) bool {
	switch {
	case strings.EqualFold(v, name), strings.EqualFold(v, "utf-8"), strings.EqualFold(v, "utf8"), strings.EqualFold(v, "base64"):
		return true
	}
	if k := strings.Index(v, " ("); k > 0 && v[len(v)-1] == ')' && strings.IndexByte(v[k+2:], ' ') > 0 {
		v = v[:k] // with a remark: Password (at least 8 characters)
	}
	v = strings.TrimSuffix(strings.TrimSuffix(v, "!r"), "!s") // of Python's formats
	c := classify(v)
	if c.digit > 0 || c.other-strings.Count(v, "_")-strings.Count(v, "-")-strings.Count(v, ".")-strings.Count(v, ":")-strings.Count(v, "/") > 0 && isASCII(v) {
		return false
	}
	for _, w := range strings.Fields(v) {
		if len(w) <= maxName && nameStrength(w) != nothing && !things[strings.ToLower(w)] {
			return true
		}
	}
	if !isASCII(v) { // of a language that writes no spaces
		for _, w := range foreignNames() {
			if strings.Contains(v, w) {
				return true
			}
		}
	}
	switch strings.ToLower(strings.TrimRight(v, ":*?")) {
	case "null", "none", "nil", "undefined", "true", "false", "yes", "no", "string", "text", "basic", "bearer", "digest", "required", "optional", "hidden", "default", "empty", "unset", "disabled", "enabled", "username", "user", "email", "invalid", "missing", "key", "auth", "login", "pass", "localhost", "define", "undef",
		"secreto", "segreto", "segredo", "geheim", "gizli", "sekret", "tajemství", "hemlighet", "hemmelighed", "titok", "salaisuus":
		return true
	}
	return false
}

// foreignNames are the words beyond ASCII among nameWords.
var foreignNames = sync.OnceValue(func() (list []string) {
	for w := range strings.FieldsSeq(nameWords) {
		if !isASCII(w) {
			list = append(list, w)
		}
	}
	return list
})

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// typeName is how types of a size are called.
var typeName = regexp.MustCompile(`^[*&]?(?:u?int|float|complex|bfloat|[iuf])(?:8|16|32|64|128)(?:_t)?$`)

// isPlainWord reports whether a word of a sentence is no secret: letters only,
// or a name in a program.
func isPlainWord(v string) bool {
	c := classify(v)
	if k := strings.IndexByte(v, '.'); k > 0 && isIdentifier(v) && !isDigits(v[strings.LastIndexByte(v, '.')+1:]) || typeName.MatchString(v) {
		return true
	}
	return c.digit == 0 && !strings.ContainsAny(v, "!$%^&*+=?") || c.upper+c.lower == 0 || strings.ContainsAny(v, "()[]{}") || isReference(v)
}

// keyLooking reports whether a value looks like a key or token: no words, no
// sentence, no path.
func keyLooking(v string) bool {
	c := classify(v)
	if c.space > 0 && (isProse(v) || c.space > 2) || strings.IndexByte(v, ';') >= 0 {
		return false
	}
	if k := strings.IndexByte(v, '='); k > 0 && k+1 < len(v) && isAlnum(v[k+1]) && isIdentifier(strings.ReplaceAll(v[:k], "-", "_")) {
		return false // a pair of its own
	}
	letters := c.upper + c.lower
	switch {
	case c.digit > 0 && letters > 0 && (len(v) >= 16 || c.digit >= 2):
		return entropy(v) >= 2.5 || len(v) >= 16 && entropy(v) >= 2
	case c.digit > 0 && letters == 0:
		return strings.IndexByte(v, '.') < 0 && len(v) >= 12 && entropy(v) >= 2
	case letters == 0:
		return false // a word of another script
	case c.other > 0 && strings.ContainsAny(v, "!$%^&*+=?@"):
		return len(v) >= 10 && entropy(v) >= 3
	}
	if len(v) >= 16 && !strings.ContainsAny(v, "-_. ") {
		return transitions(v) >= 0.3 && entropy(v) >= 3.2 || c.upper == 0 && rareness(v) > 0.5 || isBase64Text(v)
	}
	return false
}

// credLooking reports whether the value of an explicit credential, such as an
// API key, can be one: a single word of some length.
func credLooking(v string) bool {
	c := classify(v)
	if c.space > 0 || strings.ContainsAny(v, "(){}[]<>/\\:") || isIdentifier(v) && strings.ContainsAny(v, "_.") && !isRare(strings.NewReplacer("_", "", ".", "").Replace(v)) {
		return false
	}
	return c.digit > 0 && c.upper+c.lower > 0 || strings.ContainsAny(v, "!#$%^&*+=?@") || len(v) >= 10 && c.other == 0
}

// isBase64Text reports whether a value is base64 of readable text.
func isBase64Text(v string) bool {
	if len(v)%4 != 0 {
		return false
	}
	b, err := base64.StdEncoding.DecodeString(v)
	return err == nil && len(b) > 6 && printable(b)
}

// isVerb reports whether a name is that of a function that does something
// with a secret, and gets something else.
func isVerb(name string) bool {
	parts := splitName(name[strings.LastIndexByte(name, '.')+1:])
	if len(parts) == 0 {
		return false
	}
	switch parts[0] {
	case "check", "parse", "add", "get", "is", "has", "validate", "verify", "new", "load", "read", "find", "lookup", "delete", "remove", "test", "generate", "decode", "encode",
		"marshal", "unmarshal", "hash", "compare", "fetch", "create", "make", "log", "print", "assert", "expect", "require", "update", "list", "derive", "import", "export", "rotate", "revoke", "issue", "sign", "decrypt", "encrypt", "to", "from", "must", "try", "on", "handle", "render", "format", "t":
		return true
	}
	return false
}
