// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"fmt"
	"regexp"
)

// Rule describes one format of secret. It is data: rules_<family>.go hold one
// literal each, and a test runs every rule's own examples.
type Rule struct {
	// ID is the kind in placeholders and reports: lower case, digits, hyphens.
	ID string
	// Keywords are found first, in any case; a Pattern is tried only there.
	Keywords []string
	// Pattern is RE2. It starts at the keyword, or with Back at the start of
	// the run of letters, digits, "-", "_" and "." that the keyword is in. A
	// group is the secret, if there is one.
	Pattern string
	Back    bool
	// Entropy in bits per character is the least that a match must have.
	Entropy float64
	// Hits and Misses are examples. {a32} stands for 32 random characters:
	// a letters and digits, l lower case and digits, u upper case and digits,
	// h hex, d digits, b base64url, p base64; {x} is a UUID.
	Hits, Misses []string
	// Source is the page on which the vendor describes the format.
	Source string
}

// maxMatch bounds in bytes what one rule looks at.
const maxMatch = 4096

// compiled is a rule ready to run.
type compiled struct {
	*Rule
	re *regexp.Regexp
}

// families are all built-in rules.
func families() [][]Rule {
	return [][]Rule{rulesCloud, rulesCode, rulesMessaging, rulesMoney, rulesModels, rulesService, rulesForms}
}

// compile prepares the built-in rules. Patterns are constants, so a failure
// is a mistake in the table that its test finds.
func compile() ([]compiled, error) {
	var out []compiled
	for _, rules := range families() {
		for i := range rules {
			re, err := regexp.Compile(`\A(?:` + rules[i].Pattern + `)`)
			if err != nil {
				return nil, fmt.Errorf("rule %s: %w", rules[i].ID, err)
			}
			out = append(out, compiled{&rules[i], re})
		}
	}
	return out, nil
}

// match runs the rule on text, where one of its keywords stands at i to end.
func (r compiled) match(text string, i, end int) (start, stop int, ok bool) {
	if r.Back {
		for low := max(0, i-128); i > low && isToken(text[i-1]); {
			i--
		}
	} else if end-i < 4 && i > 0 && isAlnum(text[i-1]) {
		return 0, 0, false // short prefixes stand inside of words
	}
	window := text[i:min(len(text), i+maxMatch)]
	m := r.re.FindStringSubmatchIndex(window)
	if m == nil {
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
	value := window[m[g]:m[g+1]]
	if len(value) == 0 || entropy(value) < max(r.Entropy, 1.5) || isPlaceholder(value) {
		return 0, 0, false
	}
	return i + m[g], i + m[g+1], true
}

func isAlnum(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
}

func isToken(c byte) bool { return isAlnum(c) || c == '-' || c == '_' || c == '.' }
