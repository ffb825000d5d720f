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
	return strings.Contains(low, "0123456789abcdef") || strings.Contains(low, "1234567890abcdef") || strings.Contains(low, "abcdefghijklmnop")
}

func sameBytes(s string) bool {
	for i := 1; i < len(s); i++ {
		if s[i] != s[0] {
			return false
		}
	}
	return true
}

// isReference reports whether a value names where the secret is instead of
// being it.
func isReference(v string) bool {
	switch v[0] {
	case '$':
		// $1$ and the like start a hash, and a password may start with $.
		return len(v) > 1 && (v[1] == '{' || v[1] == '(' || v[1] == '[' || v[1] == '$' || isIdentifier(v[1:]) && classify(v).digit <= 1)
	case '<':
		return strings.HasSuffix(v, ">") || strings.HasPrefix(v, "<%") || strings.HasPrefix(v, "<<SECRET:")
	case '{', '[', '(':
		return true
	case '%':
		return len(v) > 2 && (v[1] == '(' || v[1] == '{' || v[1] == '%' || strings.HasSuffix(v, "%") || len(v) <= 3)
	case '#':
		return strings.HasPrefix(v, "#{")
	case '!', '&', '*': // YAML's tags, anchors and aliases
		return isIdentifier(v[1:]) && classify(v).digit == 0
	case '@':
		return strings.HasPrefix(v, "@{") || strings.HasPrefix(v, "@@") || strings.HasPrefix(v, "@Microsoft.KeyVault")
	case '/', '~', '.':
		return isPath(v)
	}
	if strings.HasPrefix(v, placeholderOpen) {
		return true
	}
	if strings.Contains(v, "${") || strings.Contains(v, "{{") || strings.Contains(v, "$(") || strings.Contains(v, "#{") || strings.Contains(v, "<%=") {
		return true
	}
	for _, class := range []string{"%s", "%d", "%v", `\d`, `\w`, `\s`, "[A-Z", "[a-z", "[0-9", "[^"} {
		if strings.Contains(v, class) {
			return true // a regular expression
		}
	}
	low := strings.ToLower(v)
	for _, p := range []string{
		"env.", "env:", "env(", "env[", "process.env", "os.", "system.", "getenv", "config.", "config[", "settings.", "secrets.", "secret.", "var.", "local.", "data.", "module.",
		"vault:", "vault.", "op://", "ssm:", "kms:", "sops:", "arn:aws:", "ref+", "ref:", "aws-sm://", "gcp-sm://", "projects/", "file:", "file(", "http://", "https://",
		"this.", "self.", "req.", "request.", "params.", "props.", "args.", "opts.", "options.", "ctx.", "context.", "steps.", "inputs.", "github.", "each.", "lookup(", "aws_", "azurerm_", "google_",
	} {
		if strings.HasPrefix(low, p) {
			return true
		}
	}
	return isPath(v)
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
	return true
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
const proseWords = " the a an is are was be must not for to of in on and or your you please enter invalid with from this that can cannot should has have will no at by it if was what how does did did der die das und ist nicht le la les de des du et est un une el los las es y no "

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
	c := classify(v)
	return common > 0 || c.digit == 0 && (len(words) <= 3 && c.other <= 1 || utf8.RuneCountInString(v) > 60)
}
