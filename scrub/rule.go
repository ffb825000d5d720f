// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"strings"

	"review-assistant/internal/lazyre"
)

// Rule describes one format of secret. It is data: rules_<family>.go hold one
// literal each, and a test runs every rule's own examples.
type Rule struct {
	// ID is the kind in placeholders and reports: lower case, digits, hyphens.
	ID string
	// Keywords are found first, in any case; a Pattern is tried only there.
	Keywords []string
	// Pattern is RE2 and starts at the keyword. A group is the secret, if there
	// is one.
	Pattern string
	// Back are the characters that may stand in front of the keyword in the
	// secret. Pattern is then looked for around it.
	Back string
	// Named says that the keyword is part of a name, in any case, and Pattern
	// its value.
	Named bool
	// Also has to stand somewhere in the hundred bytes behind the keyword.
	Also string
	// Whole says that no letter or digit may follow, and with Back that none
	// may stand in front.
	Whole bool
	// Fold says that the keyword may stand in any case.
	Fold bool
	// Entropy in bits per character is the least that a match must have.
	Entropy float64
	// Hits and Misses are examples. {a32} stands for 32 random characters:
	// a letters and digits, l lower case and digits, u upper case and digits,
	// h hex, d digits, b base64url, p base64; {x} is a UUID.
	Hits, Misses []string
	// Source is the page on which the vendor describes the format.
	Source string
	// Revoke is the vendor's page that says how to revoke or rotate such a
	// secret: for the author of a change that leaks one.
	Revoke string
	// Sure says that prefix and shape belong to the secret of one provider
	// alone. Public keys, addresses that only identify, and shapes that several
	// share are not.
	Sure bool
	// Check verifies the checksum or structure that the format carries; with
	// it, Sure does not count. What fails it is removed all the same.
	Check func(token string) bool
}

// Bounds in bytes of what one rule looks at, behind and in front of a keyword.
const (
	maxMatch = 4096
	maxBack  = 128
)

// inBlob is how much base64 in front of a prefix says that it is chance.
const inBlob = 24

// Characters for Rule.Back.
const (
	digitChars  = "0123456789"
	hexChars    = digitChars + "abcdef"
	alnumChars  = digitChars + "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
	tokenChars  = alnumChars + "-_.~"
	base64Chars = alnumChars + "+/"
)

// nameGap is what may stand between a keyword in a name and the value.
const nameGap = "[A-Za-z0-9_.-]{0,32}[\"'`]?[ \\t]*(?:=>|:=|=|:|,|\\()[ \\t]*[\"'`]?"

// compiled is a rule ready to run.
type compiled struct {
	*Rule
	re *lazyre.Regexp
}

// spell returns the prefix with each pair of these characters behind it: two
// letters alone stand in every other word.
func spell(prefix, second, third string) []string {
	var out []string
	for _, a := range second {
		for _, b := range third {
			out = append(out, prefix+string(a)+string(b))
		}
	}
	return out
}

// families are all built-in rules.
func families() [][]Rule {
	return [][]Rule{rulesCloud, rulesCode, rulesMessaging, rulesMoney, rulesModels, rulesService, rulesHosting, rulesBuild, rulesData, rulesBank, rulesTalk, rulesWatch, rulesForms}
}

// compile prepares the built-in rules. Patterns are constants, so one that
// does not compile is a mistake in the table that its test finds.
func compile() []compiled {
	var out []compiled
	for _, rules := range families() {
		for i := range rules {
			r := &rules[i]
			pattern := `\A(?:` + r.Pattern + `)`
			switch {
			case r.Named:
				pattern = `\A` + nameGap + `(` + r.Pattern + `)(?:[^A-Za-z0-9]|\z)`
			case r.Back != "":
				pattern = r.Pattern
			}
			out = append(out, compiled{r, lazyre.New(pattern)})
		}
	}
	return out
}

// starts reports whether the rule's pattern is worth a try where its keyword
// stands at i to end.
func (r compiled) starts(text, keyword string, i, end int) bool {
	switch {
	case r.Named:
	case !r.Fold && text[i:end] != keyword:
		return false // the automaton knows no case
	case r.Back != "":
	case end-i < 4 && i > 0 && isAlnum(text[i-1]):
		return false // short prefixes stand inside of words
	case end-i == 4 && isAlnum(text[end-1]) && glued(text, i):
		return false // as do those of four letters
	case !r.Fold && i >= inBlob && isBase64(text[i-inBlob:end]):
		return false // and longer ones inside of data
	}
	return r.Also == "" || strings.Contains(text[end:min(len(text), end+maxBack)], r.Also)
}

// sure reports whether token, which the rule took out of a text, is that
// provider's secret beyond doubt.
func (r compiled) sure(token string) bool {
	if r.Check != nil {
		return r.Check(token)
	}
	return r.Sure
}

// match runs the rule on text, where one of its keywords starts at i and
// starts has agreed.
func (r compiled) match(text string, i, end int) (start, stop int, ok bool) {
	low, limit := i, i+maxMatch
	if r.Back != "" {
		limit = end + maxBack
		for floor := max(0, i-maxBack); low > floor && strings.IndexByte(r.Back, text[low-1]) >= 0; {
			low--
		}
	}
	window := text[low:min(len(text), limit)]
	m := r.re.FindStringSubmatchIndex(window)
	if m == nil || low+m[0] > i {
		return 0, 0, false
	}
	// The first group that took part, else the whole match.
	g := 0
	for k := 2; k < len(m); k += 2 {
		if m[k] >= 0 {
			g = k
			break
		}
	}
	if r.Whole && r.Back != "" && glued(text, low+m[0]) {
		return 0, 0, false
	}
	value := window[m[g]:m[g+1]]
	if r.Named && (namesDigest(text[i:low+m[g]]) || namesID(text[end:low+m[g]])) {
		return 0, 0, false
	}
	if end-i < 4 && !r.Named && isAlnum(text[end-1]) && classify(value).digit == 0 {
		return 0, 0, false // words may start like that
	}
	if r.Whole && m[1] < len(window) && isAlnum(window[m[1]]) {
		return 0, 0, false
	}
	if value == "" || (entropy(value) < max(r.Entropy, 1.5) || isPlaceholder(value)) && (r.Check == nil || !r.Check(value)) {
		return 0, 0, false // no placeholder has a valid checksum
	}
	return low + m[g], low + m[g+1], true
}

// glued reports whether three letters or digits stand in front of i. Escapes
// such as \n and %3D are shorter.
func glued(text string, i int) bool {
	return i >= 3 && isAlnum(text[i-1]) && isAlnum(text[i-2]) && isAlnum(text[i-3])
}

// namesID reports whether the rest of a name makes it that of an identifier.
func namesID(rest string) bool {
	rest = strings.ToLower(strings.TrimRight(rest, " \t=:>\"'`,("))
	rest, ok := strings.CutSuffix(rest, "id")
	rest = strings.TrimRight(rest, "_-")
	if !ok || rest == "" {
		return false
	}
	for _, w := range []string{"request", "project", "account", "user", "order", "client", "customer", "org", "organization", "team", "app", "site", "zone", "space", "workspace", "tenant", "trace", "message", "event"} {
		if strings.HasSuffix(rest, w) {
			return true
		}
	}
	return false
}

// namesDigest reports whether a name says that its value is a checksum or a
// version: those have the shapes of keys.
func namesDigest(name string) bool {
	name = strings.ToLower(name)
	for _, w := range []string{"sha1", "sha2", "sha5", "_sha", "-sha", "hash", "digest", "checksum", "commit", "revision", "integrity", "md5", "etag", "fingerprint", "version"} {
		if strings.Contains(name, w) && !strings.Contains(name, "_shared") {
			return true
		}
	}
	return false
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isToken(c byte) bool { return isAlnum(c) || c == '-' || c == '_' || c == '.' }
