// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"

	"review-assistant/review"
)

// seeds are small texts of every kind; the fuzzers mix them.
var seeds = []string{
	"", "\n\n", "password = \"{a14}\"\n", "x: {a40}\r\n", "https://u:{a12}@h/p", "-----BEGIN PRIVATE KEY-----\n{p64}\n{p64}\n-----END PRIVATE KEY-----",
	"-----END RSA PRIVATE KEY-----", "+-----BEGIN RSA PRIVATE KEY-----\n+{p64}\n", "diff --git a/x b/y\n--- a/x\n+++ b/y\n@@ -1,2 +1,2 @@ token = '{a20}'\n a\n-b {x}\n+k = \"ghp_{a18}\" + \"{a18}\"\n",
	"p\x00a\x00s\x00s\x00w\x00o\x00r\x00d\x00=\x00{a8}", "«SECRET:password:1» <<SECRET:x:2»", "Authorization: Basic {p24}", "a\u200bb\x1b[31m\xff\xfe\xc2", "\"a\" +\n \"b\" %41%zz \\u0041 &amp;",
	"ann@corp-mail.io +49 438 7215137 4111 1111 1111 1111", "data:image/png;base64,{p200}", "key key key: = ( \"", "'\"`'\"`", "://@:@://:@", "c: {p16}={p44}==", "token:\n  \"{a20}\"",
}

func addSeeds(f *testing.F) {
	rng := rand.New(rand.NewPCG(17, 18))
	for _, s := range seeds {
		f.Add(fake(rng, s))
	}
}

var fuzzed = Options{PII: []string{"all"}, Patterns: []string{"ACME-[0-9]{4}"}, Values: []string{"own-secret-value"}}

func FuzzClean(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, raw string) {
		c := cleaner(t, fuzzed)
		once := clean(t, c, raw)
		if strings.Count(once, "\n") != strings.Count(raw, "\n") {
			t.Fatalf("%d line ends became %d: %q", strings.Count(raw, "\n"), strings.Count(once, "\n"), once)
		}
		if !utf8.ValidString(once) {
			t.Fatalf("no UTF-8: %q", once)
		}
		// A placeholder stands for at least one byte; « may become two.
		if len(once) > 64+48*len(raw) {
			t.Fatalf("%d bytes became %d", len(raw), len(once))
		}
		for v := range c.spread.values {
			if strings.Contains(once, v) && !strings.Contains(anyPlaceholder.FindString(once), v) {
				t.Fatalf("%q survives in %q", v, once)
			}
		}
		if again := clean(t, cleaner(t, fuzzed), raw); again != once {
			t.Fatalf("the same input gave %q, then %q", once, again)
		}
		if !anyPlaceholder.MatchString(once) {
			if twice := clean(t, cleaner(t, fuzzed), once); twice != once {
				t.Fatalf("not idempotent: %q, %q, %q", raw, once, twice)
			}
		}
		var out bytes.Buffer
		if _, err := c.s.Filter(&out, strings.NewReader(raw)); err != nil {
			t.Fatal(err)
		}
		if strings.Count(out.String(), "\n") != strings.Count(raw, "\n") {
			t.Fatalf("Filter changed the number of lines: %q", out.String())
		}
		o, err := c.Output(once)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := len(anyPlaceholder.FindAllString(o.String(), -1)), len(anyPlaceholder.FindAllString(once, -1)); got < want {
			t.Fatalf("Output lost placeholders: %q, %q", once, o)
		}
	})
}

func FuzzPatch(f *testing.F) {
	addSeeds(f)
	f.Fuzz(func(t *testing.T, raw string) {
		h := review.Hunk{Section: raw}
		for i, l := range strings.Split(raw, "\n") {
			h.Lines = append(h.Lines, review.Line{Op: review.Op("+- "[i%3]), Text: l})
		}
		c := cleaner(t, fuzzed)
		got, err := c.Patch(review.Patch{Files: []review.File{{Path: raw, OldPath: "x", Hunks: []review.Hunk{h, h}}}})
		if err != nil {
			t.Fatal(err)
		}
		file := got.Files[0]
		if file.Skip == "" && (len(file.Hunks) != 2 || len(file.Hunks[1].Lines) != len(h.Lines)) {
			t.Fatalf("shape changed: %+v", file)
		}
		for _, text := range []Text{file.Path, file.OldPath} {
			for v := range c.spread.values {
				if strings.Contains(anyPlaceholder.ReplaceAllString(text.String(), "\n"), v) {
					t.Fatalf("%q survives in %q", v, text)
				}
			}
		}
	})
}

func FuzzAutomaton(f *testing.F) {
	f.Add("she he hers his", "usHers")
	f.Add("aa a aaa", "aaaa")
	f.Add("é \xff token", "xÉ\xfftOkEn")
	f.Fuzz(func(t *testing.T, list, text string) {
		words := strings.Fields(list[:min(len(list), maxStates-1)])
		got := map[string]int{}
		a, err := newAutomaton(words)
		if err != nil {
			t.Fatal(err) // words hold no line end, and too few different bytes
		}
		for _, h := range a.scan(text, &hits{}) {
			for _, w := range a.words(h) {
				got[fmt.Sprint(w, " ", h.end)]++
			}
		}
		want := 0
		for w, word := range words {
			for end := len(word); end <= len(text); end++ {
				if foldASCII(text[end-len(word):end]) == foldASCII(word) {
					want++
					if got[fmt.Sprint(w, " ", end)] != 1 {
						t.Fatalf("%q: %q at %d was found %d times", text, word, end, got[fmt.Sprint(w, " ", end)])
					}
				}
			}
		}
		if len(got) != want {
			t.Fatalf("%q: found %v, want %d", text, got, want)
		}
	})
}

func foldASCII(s string) string {
	b := []byte(s)
	for i, c := range b {
		if isUpper(c) {
			b[i] = c + 'a' - 'A'
		}
	}
	return string(b)
}

// TestNeighbours puts secrets between benign lines, which have to arrive
// unchanged, and every secret has to be gone.
func TestNeighbours(t *testing.T) {
	rules := compile()
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	benign := []string{"func main() {", "  retries: 3", "# how tokens are counted", "return x.Key(id)", "", "<p>Forgot your password?</p>", "index 1234567..89abcde 100644", "const limit = 4096", "import 'a/b/c.js'"}
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
		var lines []string
		var held []int
		for range rapid.IntRange(1, 8).Draw(t, "n") {
			lines = append(lines, rapid.SampledFrom(benign).Draw(t, "benign"))
			if rapid.Bool().Draw(t, "secret") {
				hit := fake(rng, rules[rng.IntN(len(rules))].Hits[0])
				held = append(held, len(lines))
				lines = append(lines, strings.Split("x "+hit+" y", "\n")[0])
			}
		}
		text, err := s.Begin().Clean(strings.Join(lines, "\n"))
		if err != nil {
			t.Fatal(err)
		}
		got := strings.Split(text.String(), "\n")
		for i, l := range lines {
			secret := len(held) > 0 && held[0] == i
			if secret {
				held = held[1:]
			} else if got[i] != l {
				t.Fatalf("line %q became %q", l, got[i])
			}
		}
	})
}

// hostile are pieces whose repetition makes the most work.
var hostile = []string{
	"password=", "token: ", "key key ", "a://b:c@", "://", "-----BEGIN RSA PRIVATE KEY-----", "-----END RSA PRIVATE KEY-----", "sk-", "eyJ", "\"\" + ", "' '", "%41", "\\u0041",
	"aB3dE5", "aB3 ", "/aB3dE5gH", "@", "Authorization: ", "Cookie: a=b;", " -u a:b", ":5432:", "mysql ", "=}", "{", "\u200b", "\xff", "\x1b[", "«", "xoxb-1", "1.2.3.", "Abcd1234Efgh5678Ijkl9012 ",
	"AAAAB3NzaC1", "-----BEGIN A-----\n", "---- BEGIN A----\n", "@(", "authorization:", "password:", "bsn 1 ", "a@b.co ", "value>",
	strings.Repeat("a:*:", 250) + "\n", strings.Repeat("password,", 44) + "\n",
	strings.Repeat("| password ", 60) + "\n" + strings.Repeat("|--", 60) + "\n" + strings.Repeat("|a", 300) + "\n",
	nested(),
}

// nested are values that start alike, in a text of what they start with.
func nested() string {
	var b strings.Builder
	for i := 10; i < 100; i++ {
		fmt.Fprintf(&b, "password = \"%sb1\"\n", strings.Repeat("c", i))
	}
	return b.String() + strings.Repeat("c", 20_000) + "\n"
}

// TestHostile cleans every kind of repetition; how long it takes is a
// benchmark's matter.
func TestHostile(t *testing.T) {
	s, err := New(Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, piece := range hostile {
		raw := strings.Repeat(piece, max(1, 32<<10/len(piece)))
		if _, err := s.Begin().Clean(raw); err != nil {
			t.Errorf("%q repeated: %v", piece, err)
		}
	}
}

// BenchmarkHostile sets every kind of repetition beside plain text of the same size.
func BenchmarkHostile(b *testing.B) {
	const size = 1 << 20
	s, err := New(Options{})
	if err != nil {
		b.Fatal(err)
	}
	for _, piece := range append([]string{"The quick brown fox jumps over the lazy dog, again and again.\n"}, hostile...) {
		raw := strings.Repeat(piece, size/len(piece))
		b.Run(strconv.Quote(piece[:min(len(piece), 30)]), func(b *testing.B) {
			b.SetBytes(size)
			for b.Loop() {
				if _, err := s.Begin().Clean(raw); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
