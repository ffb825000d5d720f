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
