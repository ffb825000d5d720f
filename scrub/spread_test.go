// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// A value is removed everywhere once a sure place has shown it, whatever was
// thought of it before.
func TestSurerLater(t *testing.T) {
	lines := []string{"password: hunter2!", "db postgres://u:hunter2!@db.corp/x", "note that hunter2! is old"}
	for _, raw := range []string{strings.Join(lines, "\n"), lines[1] + "\n" + lines[0] + "\n" + lines[2]} {
		if got := clean(t, cleaner(t, Options{}), raw); strings.Contains(got, "hunter2!") {
			t.Errorf("%q became %q", raw, got)
		}
	}
}

func TestOwnValues(t *testing.T) {
	for _, v := range []string{"+Ab3dEf9", "hunter2;", "'quoted7", "plain-one", "first line\n  second line,"} {
		got := clean(t, cleaner(t, Options{Values: []string{v}}), "see "+v+" here")
		for line := range strings.SplitSeq(v, "\n") {
			if strings.Contains(got, strings.Trim(line, " +;',")) {
				t.Errorf("own secret %q: %q", v, got)
			}
		}
	}
}

// TestLongest compares the search among values that start alike with trying each.
func TestLongest(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		f := &family{}
		seen := map[string]bool{}
		for range 1 + rng.IntN(12) {
			v := "ab" + letters(rng, rng.IntN(6))
			if !seen[v] {
				seen[v] = true
				f.values = append(f.values, v)
			}
		}
		text, want := "ab"+letters(rng, 8), ""
		for v := range seen {
			if strings.HasPrefix(text, v) && len(v) > len(want) {
				want = v
			}
		}
		if got := f.longest(text); got != want {
			t.Fatalf("of %q, %q starts with %q; got %q", f.values, text, want, got)
		}
	}
}

// letters returns n letters of two kinds.
func letters(rng *rand.Rand, n int) string {
	b := make([]byte, n)
	for i := range b {
		b[i] = 'a' + byte(rng.IntN(2))
	}
	return string(b)
}

// A line of a key that was removed is refused, as the whole key is.
func TestVerifyPart(t *testing.T) {
	rng := rand.New(rand.NewPCG(9, 1))
	line := fake(rng, "{a64}")
	c := cleaner(t, Options{})
	clean(t, c, "-----BEGIN RSA PRIVATE KEY-----\n"+fake(rng, "MIIE{a60}")+"\n"+line+"\n-----END RSA PRIVATE KEY-----\n")
	if err := c.Verify(Lit("x ")); err != nil {
		t.Errorf("Verify of nothing: %v", err)
	}
	if err := c.Verify(Text{"x " + line}); err == nil || !strings.Contains(err.Error(), "private-key") {
		t.Errorf("Verify of a line of a removed key: %v", err)
	}
}

func TestCount(t *testing.T) {
	files := []File{{OldPath: Text{"«SECRET:password:1»"}}}
	if n := CountSecrets(Patch{Files: files}, Text{"«SECRET:unread:2» «SECRET:email:3» «SECRET:jwt:4»"}); n != 2 {
		t.Errorf("CountSecrets = %d, want the password and the token", n)
	}
}

func TestCutOfPlaceholder(t *testing.T) {
	text := Text{"ab «SECRET:password:1» cd"}
	for i := range len(text.s) + 1 {
		head, tail := text.Slice(0, i).String(), text.Slice(i, len(text.s)).String()
		for _, part := range []string{head, tail} {
			if strings.Contains(part, "SECRET") != strings.Contains(part, "«SECRET:password:1»") || strings.Count(part, "«") != strings.Count(part, "»") {
				t.Errorf("cut at %d: %q", i, part)
			}
		}
	}
}
