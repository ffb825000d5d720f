// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math"
	"strings"
	"unicode/utf8"
)

// entropy is Shannon's, in bits a byte.
func entropy(s string) float64 {
	var count [256]int
	for i := range len(s) {
		count[s[i]]++
	}
	e, n := 0.0, float64(len(s))
	for _, c := range count {
		if c > 0 {
			p := float64(c) / n
			e -= p * math.Log2(p)
		}
	}
	return e
}

// classes counts the characters of a value by what they are.
type classes struct{ upper, lower, digit, other, space int }

func classify(s string) (c classes) {
	for i := range len(s) {
		switch b := s[i]; {
		case 'a' <= b && b <= 'z':
			c.lower++
		case 'A' <= b && b <= 'Z':
			c.upper++
		case '0' <= b && b <= '9':
			c.digit++
		case b == ' ' || b == '\t':
			c.space++
		default:
			c.other++
		}
	}
	return c
}

// mixed reports whether a value has letters and also digits or symbols that
// words and identifiers lack.
func mixed(s string) bool {
	c := classify(s)
	letters := c.upper + c.lower
	return letters > 0 && c.digit > 0 || c.digit >= 12 || letters > 0 && strings.ContainsAny(s, "!#$%^&*+=?@~|") || letters >= 16 && entropy(s) > 4
}

// isPlaceholder reports whether people write such a value to say that the real
// one belongs there. It looks at the whole value: a word inside of a random
// value says nothing.
func isPlaceholder(v string) bool {
	low := strings.ToLower(strings.Trim(v, " \t\"'`"))
	if low == "" || sameBytes(low) {
		return true
	}
	if strings.Contains(low, "xxxx") || strings.Contains(low, "****") || strings.Contains(low, "....") || strings.Contains(low, "••") || strings.Contains(low, "…") {
		return true
	}
	for _, p := range []string{"your", "<", "my-", "my_", "insert", "replace", "change", "example", "enter-", "todo", "fixme", "put-", "dummy", "fake", "sample", "redacted", "placeholder", "some-", "some_", "the-", "the_"} {
		if strings.HasPrefix(low, p) && (p == "<" && strings.HasSuffix(low, ">") || p != "<" && classify(low).digit <= 3) {
			return true
		}
	}
	for _, p := range []string{"example", "-here", "_here", "placeholder", "-goes-here", "changeme"} {
		if strings.HasSuffix(low, p) {
			return true
		}
	}
	return strings.Contains(v, "EXAMPLE") || strings.Contains(low, "0123456789abcdef") || strings.Contains(low, "1234567890abcdef") || strings.Contains(low, "abcdefghijklmnop")
}

func sameBytes(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			return false
		}
	}
	return true
}

// verbs takes out what formats print.
var verbs = strings.NewReplacer("%s", "", "%d", "", "%v", "", "%q", "", "%x", "")

// isReference reports whether a value names where the secret is instead of
// being it.
func isReference(v string) bool {
	switch v[0] {
	case '$':
		// $1$ and the like start a hash, and a password may start with $.
		return len(v) > 1 && (v[1] == '{' || v[1] == '(' || v[1] == '[' || v[1] == '$' || v[1] == '!' || isIdentifier(strings.TrimSuffix(v[1:], "-")) && classify(v).digit <= 1 || isVariables(v) || isUnder(v))
	case '<':
		return strings.HasSuffix(v, ">") || strings.HasPrefix(v, "<%") || strings.HasPrefix(v, "<<SECRET:")
	case '{':
		return !strings.HasPrefix(v, "{noop}") && !strings.HasPrefix(v, "{plain}") && (strings.HasSuffix(v, "}") || !mixed(v))
	case '[', '(':
		if strings.HasSuffix(v, "]") || strings.HasSuffix(v, ")") || strings.HasPrefix(v, "[]") || strings.HasPrefix(v, "($") || !mixed(v) {
			return true
		}
	case '%':
		return len(v) > 2 && (v[1] == '(' || v[1] == '{' || v[1] == '%' || strings.HasSuffix(v, "%") || len(v) <= 3 || strings.Trim(verbs.Replace(v), ":/@-_. ") == "")
	case '#':
		return strings.HasPrefix(v, "#{")
	case '!', '&', '*': // YAML's tags, anchors and aliases
		return isIdentifier(v[1:]) && (classify(v).digit == 0 || isMember(v[1:]))
	case '@':
		return len(v) > 2 && strings.HasSuffix(v, "@") || strings.HasPrefix(v, "@{") || strings.HasPrefix(v, "@@") || strings.HasPrefix(v, "@Microsoft.KeyVault")
	}
	if strings.HasPrefix(v, placeholderOpen) {
		return true
	}
	if holdsReference(v) {
		return true
	}
	for _, class := range []string{"%s", "%d", "%v", ".+)", ".*)", `\d`, `\w`, `\s`, "[A-Z", "[a-z", "[0-9", "[^", "(?"} {
		if k := strings.Index(v, class); k >= 0 && (class[0] != '%' || k+2 == len(v) || !isAlnum(v[k+2])) && (class[0] != '\\' || isRepeated(v[k+2:])) && (class[0] != '%' || !isRandomKey(v[:k]+v[k+2:])) && (len(v) < 20 || class[0] != '%' || classify(v).digit < 3) {
			return true // a format, or a regular expression
		}
	}
	low := strings.ToLower(v)
	for _, p := range []string{
		"env.", "env:", "env(", "env[", "process.env", "os.", "system.", "getenv", "config.", "config[", "settings.", "secrets.", "secret.", "var.", "local.", "data.", "module.",
		"vault:", "vault.", "op://", "ssm:", "kms:", "sops:", "arn:", "urn:", "ref+", "ref:", "aws-sm://", "gcp-sm://", "projects/", "file:", "file(", "http://", "https://",
		"this.", "self.", "req.", "request.", "params.", "props.", "args.", "opts.", "options.", "ctx.", "context.", "steps.", "inputs.", "github.", "each.", "lookup(", "aws_", "azurerm_", "google_",
	} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return isPath(v)
}

// holdsReference reports whether a template stands in a value. The rest of it may
// stand behind a quote of its own.
func holdsReference(v string) bool {
	for _, mark := range []struct{ open, end string }{{"${", "}"}, {"{{", "}}"}, {"$(", ")"}, {"#{", "}"}, {"<%=", "%>"}} {
		if before, after, ok := strings.Cut(v, mark.open); ok && (before == "" || strings.Contains(after, mark.end) || strings.HasSuffix(v, "[") || strings.HasSuffix(v, "(")) {
			return true
		}
	}
	return false
}

// isRepeated reports whether what follows a class of a regular expression goes
// on as one does.
func isRepeated(rest string) bool {
	return rest == "" || strings.IndexByte("+*{?)]|$\\(.[-/", rest[0]) >= 0
}

// isVariables reports whether a value is variables of a shell in a row:
// $PASSWORD$URL.
func isVariables(v string) bool {
	c := classify(v)
	return c.upper+c.other == len(v) && isIdentifier(strings.ReplaceAll(v[1:], "$", "_"))
}

// isUnder reports whether a value starts with a variable: $dir/key.pem.
func isUnder(v string) bool {
	k := strings.IndexAny(v, "/:. ")
	return k > 1 && isIdentifier(v[1:k]) && (classify(v[1:k]).digit <= 1 || k > 4 && classify(v[:k]).lower == 0)
}

// isRule reports whether a value describes what a form accepts:
// required|string|min:8, xs:string.
func isRule(v string) bool {
	word, _, found := strings.Cut(strings.ToLower(v), "|")
	if !found {
		prefix, _, _ := strings.Cut(word, ":")
		return prefix == "xs" || prefix == "xsd"
	}
	word, _, _ = strings.Cut(word, ":")
	return ruleWords[word]
}

var ruleWords = wordSet(`required nullable sometimes string min max confirmed present filled bail exclude same different int number bool any null undefined none`)

// isHyphened reports whether a value is small words joined by hyphens.
func isHyphened(v string) bool {
	return strings.Count(v, "-") >= 2 && isPhrase(strings.ReplaceAll(v, "-", " "))
}

// isDotted reports whether a value is the path of a class or a key of a text:
// django.contrib.auth.hashers, errors.password.short.
func isDotted(v string) bool {
	if strings.Count(v, ".") < 2 || !isIdentifier(v) {
		return false
	}
	for part := range strings.SplitSeq(v, ".") {
		if len(part) < 2 || rareness(part) > 0.6 && classify(part).digit == 0 || classify(part).digit*2 > len(part) {
			return false
		}
	}
	return true
}

// things are words of kitchens and gardens that name secrets as well.
var things = wordSet(`pepper salt cookie seed`)

// isPhrase reports whether a value is a row of small words that make no
// sentence, as people and programs make passphrases.
func isPhrase(v string) bool {
	n, named := 0, 0
	for w := range strings.FieldsSeq(v) {
		c := classify(w)
		if n++; len(w) < 2 || len(w) > 14 || c.lower != len(w) || strings.Contains(proseWords, " "+w+" ") || nameStrength(w) != nothing && !things[w] {
			return false
		}
		if things[w] {
			named++
		}
	}
	return n >= 3 && named*4 <= n
}

// isRare reports whether a value is letters that make no word. Of random rows
// of six letters nine of ten are, of words one in ten.
func isRare(v string) bool {
	c := classify(v)
	return len(v) >= 4 && c.upper+c.lower >= len(v)-c.digit-2 && c.upper+c.lower >= 4 && bits(v) >= 4.6
}

// isGibberish reports whether a value is letters that no language has in a row.
func isGibberish(v string) bool {
	c := classify(v)
	return len(v) >= 12 && c.upper+c.lower == len(v) && wordShare(v) < 0.3 && rareness(v) >= 0.45 && bits(v) >= 4.6
}

// isSpaced reports whether a value has blanks but is no sentence and no code.
func isSpaced(v string) bool {
	return len(v) >= 8 && isAlnum(v[0]) && mixed(v) && !isProse(v) && !strings.ContainsAny(v, ",;/")
}

// zones end the names of hosts.
var zones = wordSet(`com net org edu gov io dev app info cloud local localdomain localhost internal intranet lan corp home example test invalid svc`)

// isPassphrase reports whether a value is a row of words with blanks, hyphens or
// points between, as generators of passphrases write them.
func isPassphrase(v string) bool {
	low := strings.ToLower(v)
	return isPhrase(low) || isHyphened(low) || strings.Count(v, ".") >= 2 && !hasFileExt(v) && !zones[low[strings.LastIndexByte(low, '.')+1:]] && isPhrase(strings.ReplaceAll(low, ".", " "))
}

// isDiceware reports whether a value is four words and more that have nothing to
// do with one another, or three and a number.
func isDiceware(v string) bool {
	letters := strings.TrimRight(v, "0123456789!")
	words := strings.FieldsFunc(strings.ToLower(letters), func(r rune) bool { return strings.ContainsRune("-_. ", r) })
	if n := len(words); n < 3 || n == 3 && len(letters) == len(v) {
		return false
	}
	for _, w := range words {
		if len(w) < 3 || qualifiers[w] || tailWords[w] || zones[w] {
			return false
		}
	}
	return isPhrase(strings.Join(words, " "))
}

// canBePassword reports whether somebody would take a single word for a
// password when its place says so: with digits or signs, or no word at all.
func canBePassword(v string) bool {
	return len(v) >= 4 && !strings.ContainsAny(v, " \t") && (mixed(v) || isRare(v)) && !isDummy(v) && !isRule(v) && !isDotted(v) && !isFormat(v) && !isTold(v)
}

// isFormat reports whether a value names an algorithm, an encoding or a type.
func isFormat(v string) bool {
	if isMechanism(v) {
		return true
	}
	low := strings.ToLower(strings.NewReplacer("-", "", "_", "", "/", "", " ", "").Replace(v))
	for _, w := range []string{"hs256", "hs384", "hs512", "rs256", "rs384", "rs512", "es256", "es384", "ps256", "sha1", "sha2", "sha3", "sha5", "md5", "hmacsha", "hmacmd5", "aes", "des", "rsa", "utf8", "utf16", "base64", "latin1", "iso88591", "ascii", "pkcs", "x509", "bcrypt", "scrypt", "argon2", "pbkdf2", "sslv", "tlsv", "http1", "http2", "oauth2", "ed25519", "x25519", "p256", "secp", "blake", "crc32"} {
		if rest, ok := strings.CutPrefix(low, w); ok && len(rest) < 16 && (len(w) > 3 || rest == "" || !isLower(rest[0]) || ciphers.start(rest)) {
			return true
		}
	}
	return false
}

// ciphers follow the short names of algorithms: des3, desede, aesgcm.
var ciphers = wordSet(`ede gcm cbc ctr ecb ocb siv ccm xts cfb ofb oaep pss ssa with sha enc hmac key crypt mac sum`)

// start reports whether s starts with a word of the set.
func (w words) start(s string) bool {
	for n := 3; n <= min(len(s), 5); n++ {
		if w[s[:n]] {
			return true
		}
	}
	return false
}

// isSerial reports whether a value is groups of capitals and digits, as
// licences are written.
func isSerial(v string) bool {
	groups := strings.Split(v, "-")
	if len(groups) < 3 || classify(v).digit < 2 {
		return false
	}
	for _, g := range groups {
		if c := classify(g); len(g) != len(groups[0]) || len(g) < 4 || c.upper+c.digit != len(g) {
			return false
		}
	}
	return true
}

// minRandomKey is the shortest key in bytes that is known by its randomness.
const minRandomKey = 16

// isRandomKey reports whether a value is as random as keys are.
func isRandomKey(v string) bool {
	c := classify(v)
	switch {
	case isSerial(v):
		return true
	case len(v) < minRandomKey || c.space > 0 || c.digit < 2 && (c.upper < 4 || c.lower < 4) || c.upper+c.lower < 2:
		return false
	case isHex(v):
		return len(v) >= 24 && entropy(v) >= 3
	case len(v) > len("00000000-0000-0000-0000-000000000000") && isHex(strings.ReplaceAll(v, "-", "")):
		return entropy(v) >= 3 && strings.IndexByte(v, '-') >= 24 // groups, but no UUID
	case c.upper == 0 || c.lower == 0:
		return len(v) >= 20 && c.other == 0 && transitions(v) >= 0.2 && entropy(v) >= 3.3
	}
	return c.other <= len(v)/6 && transitions(v) >= 0.35 && entropy(v) >= 3.3 && rareness(v) > 0.5
}

func isHex(v string) bool {
	for i := range len(v) {
		if !isDigit(v[i]) && !isHexLetter(v[i]) {
			return false
		}
	}
	return v != ""
}

// isPath reports whether a value looks like a file name: parts that are words.
func isPath(v string) bool {
	if strings.ContainsAny(v, " =+") || !strings.Contains(v, "/") && !hasFileExt(v) {
		return false
	}
	lead := strings.HasPrefix(v, "/") || strings.HasPrefix(v, "./") || strings.HasPrefix(v, "../") || strings.HasPrefix(v, "~/") || strings.HasPrefix(v, `C:\`)
	parts := strings.FieldsFunc(v, func(r rune) bool { return r == '/' || r == '\\' })
	if lead && len(parts) >= 4 {
		return true
	}
	if !lead && len(parts) < 3 && !hasFileExt(v) {
		return false
	}
	for _, p := range parts {
		if len(p) > 24 && mixed(p) && transitions(p) > 0.4 {
			return false
		}
	}
	return lead || hasFileExt(v) || !isRandomKey(strings.ReplaceAll(v, "/", ""))
}

func hasFileExt(v string) bool {
	k := strings.LastIndexByte(v, '.')
	if k <= 0 {
		return false
	}
	switch strings.ToLower(v[k+1:]) {
	case "pem", "key", "crt", "cer", "txt", "json", "yaml", "yml", "env", "p12", "jks", "pfx", "pub", "conf", "cfg", "ini", "properties", "xml", "html", "js", "ts", "go", "py", "java", "md", "sh", "log", "toml", "asc", "gpg", "keystore":
		return true
	}
	return false
}

// isIdentifier reports whether v could be a name in a program.
func isIdentifier(v string) bool {
	for i := range len(v) {
		if c := v[i]; !isAlnum(c) && c != '_' && c != '.' || i == 0 && '0' <= c && c <= '9' {
			return false
		}
	}
	return v != ""
}

// transitions is the share of neighbours that are of different kinds of
// character: about 0.6 in random letters and digits, below 0.3 in names.
func transitions(v string) float64 {
	n, last := 0, 0
	for i := range len(v) {
		k := 3
		switch c := v[i]; {
		case 'a' <= c && c <= 'z':
			k = 0
		case 'A' <= c && c <= 'Z':
			k = 1
		case '0' <= c && c <= '9':
			k = 2
		}
		if i > 0 && k != last {
			n++
		}
		last = k
	}
	return float64(n) / float64(max(1, len(v)-1))
}

// proseWords are words that tell a sentence from a value with spaces.
const proseWords = " the a an is are was be must not for to of in on and or your you please enter invalid with from this that can cannot should has have will no at by it if was what how does did did der die das und ist nicht le la les de des du et est un une el los las es y no some more any all then when use used using see set only also than after before each every same which who where most other minimum maximum required needs need without via per like just been were we they their its our so but about between while until because "

// isProse reports whether a value is a sentence or a label of several words.
func isProse(v string) bool {
	words := strings.Fields(v)
	if len(words) < 2 {
		return false
	}
	common := 0
	for _, w := range words {
		if strings.Contains(proseWords, " "+strings.ToLower(strings.Trim(w, ".,:;!?'\"()"))+" ") {
			common++
		}
	}
	if common == 0 && isPhrase(v) {
		return false
	}
	c := classify(v)
	for i := range len(v) {
		if v[i] >= 0x80 {
			c.other-- // a letter
		}
	}
	return common > 0 || c.digit == 0 && (len(words) <= 3 && c.other <= 1 || utf8.RuneCountInString(v) > 60)
}
