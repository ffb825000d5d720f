// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// alphabets are the sets that a template names.
var alphabets = map[string]string{
	"a": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
	"l": "abcdefghijklmnopqrstuvwxyz0123456789",
	"u": "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789",
	"v": "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567",
	"r": "abcdefghijklmnopqrstuvwxyz234567",
	"h": "0123456789abcdef",
	"d": "0123456789",
	"b": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_",
	"p": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/",
	"g": "QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L",
	"e": "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
	"c": "qpzry9x8gf2tvdw0s3jn54khce6mua7l",
	"s": "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz",
}

var blanks = regexp.MustCompile(`\{(x|[a-z]\d+)\}`)

// fake fills a template with random characters; no token stands in this
// repository. The first and last are never punctuation.
func fake(rng *rand.Rand, t string) string {
	pick := func(set string, n int) string {
		var b strings.Builder
		for i := range n {
			c := set[rng.IntN(len(set))]
			for (i == 0 || i == n-1) && !isAlnum(c) {
				c = set[rng.IntN(len(set))]
			}
			b.WriteByte(c)
		}
		return b.String()
	}
	return blanks.ReplaceAllStringFunc(t, func(m string) string {
		m = strings.Trim(m, "{}")
		if m == "x" {
			h := alphabets["h"]
			return pick(h, 8) + "-" + pick(h, 4) + "-4" + pick(h, 3) + "-a" + pick(h, 3) + "-" + pick(h, 12)
		}
		n, _ := strconv.Atoi(m[1:])
		return pick(alphabets[m[:1]], n)
	})
}

// blank fills a template as documentation does.
func blank(t string) string {
	return blanks.ReplaceAllStringFunc(t, func(m string) string {
		n, _ := strconv.Atoi(strings.Trim(m, "{}")[1:])
		return strings.Repeat("x", max(n, 8))
	})
}

// TestTableIsSmall keeps the table of the keywords in the cache of a processor:
// with one different character more its rows get twice as long.
func TestTableIsSmall(t *testing.T) {
	e, err := build()
	if err != nil {
		t.Fatal(err)
	}
	if a := e.keywords.automaton; a.shift > 6 {
		t.Errorf("the keywords use more than %d different characters, and need %d KB: spell one without a rare character, and let its reader look for that", 1<<6-1, len(a.next)*2>>10)
	}
}

// eachWord calls found for every place at which one of the words ends.
func eachWord(words []string, text string, found func(w, end int)) {
	a, err := newAutomaton(words)
	if err != nil {
		panic(err)
	}
	for _, h := range a.scan(text, &hits{}) {
		for _, w := range a.words(h) {
			found(int(w), int(h.end))
		}
	}
}

// try runs the rule where its keyword ends.
func (r compiled) try(text, keyword string, end int) (from, to int, ok bool) {
	start := end - len(keyword)
	if !r.starts(text, keyword, start, end) {
		return 0, 0, false
	}
	return r.match(text, start, end)
}

// matches reports whether the rule takes something out of text.
func (r compiled) matches(text string) bool {
	found := false
	eachWord(r.Keywords, text, func(w, end int) {
		_, _, ok := r.try(text, r.Keywords[w], end)
		found = found || ok
	})
	return found
}

func TestRules(t *testing.T) {
	rules := compile()
	if len(rules) < 500 {
		t.Errorf("%d rules, want 500", len(rules))
	}
	id := regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	rng := rand.New(rand.NewPCG(1, 2))
	for _, r := range rules {
		if !id.MatchString(r.ID) || !strings.HasPrefix(r.Source, "https://") || len(r.Keywords) == 0 || len(r.Hits) == 0 {
			t.Errorf("rule %s lacks a proper id, source, keyword or hit", r.ID)
		}
		for _, h := range r.Hits {
			for range 20 {
				text := fake(rng, h)
				for _, around := range []string{"%", "x = \"%\"", "see % there", "(%)", "\t%\n", "a: %,"} {
					if in := strings.ReplaceAll(around, "%", text); !r.matches(in) {
						t.Errorf("rule %s misses its own hit %s as %q", r.ID, h, around)
						break
					}
				}
			}
			if in := blank(h); r.matches(in) {
				t.Errorf("rule %s hits the placeholder %q", r.ID, in)
			}
		}
		for _, m := range r.Misses {
			if in := fake(rng, m); r.matches(in) {
				t.Errorf("rule %s hits %q", r.ID, in)
			}
		}
	}
}

// TestRulesInsideOfData puts tokens where chance makes their like: behind more
// letters of a blob, and under the name of a checksum.
func TestRulesInsideOfData(t *testing.T) {
	rules := compile()
	rng := rand.New(rand.NewPCG(5, 6))
	for _, r := range rules {
		for _, h := range r.Hits {
			text := fake(rng, h)
			switch name, value, ok := strings.Cut(text, "="); {
			case r.Named && ok && !strings.HasPrefix(value, " "):
				for _, tail := range []string{"_SHA256", "_commit", "Digest"} {
					if in := name + tail + "=" + value; r.matches(in) {
						t.Errorf("rule %s takes the checksum %q", r.ID, in)
					}
				}
			case r.Back == "" && !r.Fold && !r.Named && isIdentifier("k"+r.Keywords[0]) && isAlnum(r.Keywords[0][len(r.Keywords[0])-1]) && len(r.Keywords[0]) <= 4 && strings.HasPrefix(text, r.Keywords[0]):
				if in := "h1:" + fake(rng, "{a9}") + text; r.matches(in) {
					t.Errorf("rule %s hits inside of %q", r.ID, in)
				}
			}
		}
	}
}

func TestKeywordsAreRare(t *testing.T) {
	rules := compile()
	// Two letters stand in every other word; what is left of them says why.
	short := map[string]string{"1/": "a digit", "2/": "a digit", "YC": "rare in words", "b_": "rare in words", "=}": "rare"}
	for _, r := range rules {
		for _, w := range r.Keywords {
			if len(w) < 3 && short[w] == "" {
				t.Errorf("rule %s is tried at each %q", r.ID, w)
			}
		}
		if r.Revoke != "" && !strings.HasPrefix(r.Revoke, "https://") {
			t.Errorf("rule %s: %q is no address", r.ID, r.Revoke)
		}
	}
}

// TestSureIsUnambiguous checks that no two providers claim one token.
func TestSureIsUnambiguous(t *testing.T) {
	rules := compile()
	var words []string
	var owner []compiled
	for _, r := range rules {
		for _, w := range r.Keywords {
			words, owner = append(words, w), append(owner, r)
		}
	}
	rng := rand.New(rand.NewPCG(7, 8))
	for _, r := range rules {
		for _, h := range r.Hits {
			if !r.Sure {
				continue
			}
			text := fake(rng, h)
			own := len(text) // what starts behind a token is part of it
			eachWord(words, text, func(w, end int) {
				other := owner[w]
				if from, _, ok := other.try(text, words[w], end); ok && other.ID == r.ID {
					own = min(own, from)
				}
			})
			eachWord(words, text, func(w, end int) {
				other := owner[w]
				if from, to, ok := other.try(text, words[w], end); ok && from <= own && other.ID != r.ID && other.sure(text[from:to]) {
					t.Errorf("%s and %s are both sure of %s", r.ID, other.ID, h)
				}
			})
		}
	}
}
