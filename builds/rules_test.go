// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"regexp"
	"strings"
	"testing"
)

// TestRules runs the examples of every rule: that its keys let it be tried, that
// its pattern fits, and that no rule in front of it takes the line away.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range allRules() {
		t.Run(r.id, func(t *testing.T) {
			if seen[r.id] {
				t.Error("two rules have this name")
			}
			seen[r.id] = true
			re, err := regexp.Compile(r.pattern)
			if err != nil {
				t.Fatal(err)
			}
			if len(r.hits) == 0 || !strings.HasPrefix(r.source, "https://") {
				t.Error("has no example or no source")
			}
			for _, k := range r.keys {
				if k != strings.ToLower(k) || len(k) < 3 {
					t.Errorf("key %q is short or not in lower case", k)
				}
			}
			for _, line := range r.hits {
				if r.pattern != "" && !re.MatchString(unlabel(line)) {
					t.Errorf("%q does not fit", line)
				}
				m, ok := book().find([]byte(line))
				switch {
				case r.tier == tierNothing && ok:
					t.Errorf("%q is a cause by %s", line, m.id)
				case r.tier != tierNothing && !ok:
					t.Errorf("%q is no cause", line)
				case ok && m.id != r.id && m.tier < r.tier:
					t.Errorf("%q is taken by %s", line, m.id)
				}
			}
			for _, line := range r.misses {
				if m, ok := book().find([]byte(line)); ok && m.id == r.id {
					t.Errorf("%q fits", line)
				}
			}
		})
	}
}

func TestSteps(t *testing.T) {
	b := book()
	for _, s := range stepRules() {
		for _, line := range s.hits {
			set, _ := b.words.in([]byte(line))
			if got := b.step(&set, line); got != s.mark {
				t.Errorf("%s: %q has the mark %d", s.id, line, got)
			}
		}
	}
}

func TestTrace(t *testing.T) {
	for line, want := range map[string]bool{
		"\tat a.b.C.d(C.java:12)":         true,
		"    at f (/src/a.js:1:2)":        true,
		`  File "a.py", line 3, in f`:     true,
		"\t... 12 more":                   true,
		"goroutine 1 [running]:":          true,
		"    #0 0x55d in main a.c:1":      true,
		"\tfrom x.rb:1:in `y'":            true,
		"at the end, error: x":            false,
		"error: x":                        false,
		"#1 is the first":                 true, // gdb writes frames like that
		"files":                           false,
		"  Failed Ns.FooTest.Bar [12 ms]": false,
	} {
		if got := trace([]byte(line)); got != want {
			t.Errorf("trace(%q) = %v", line, got)
		}
	}
}

func TestUnlabel(t *testing.T) {
	for line, want := range map[string]string{
		"    [junit] error: x":              "error: x",
		"@shop/cart: error: x":              "error: x",
		"@shop/cart:test: error: x":         "error: x",
		"shop:test:   1) x":                 "  1) x",
		"packages/cart test:   1) x":        "  1) x",
		"packages/cart test:unit: not ok 1": "not ok 1",
		"error: x":                          "error: x",
		"go vet: error: x":                  "go vet: error: x",
		"[INFO] error: x":                   "[INFO] error: x",
		"src/a.c:1:2: error: y":             "src/a.c:1:2: error: y",
	} {
		if got := unlabel(line); got != want {
			t.Errorf("unlabel(%q) = %q, want %q", line, got, want)
		}
	}
}
