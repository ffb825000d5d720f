// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"testing"

	"review-assistant/review"
)

func TestSource(t *testing.T) {
	x := newIndex([]*entity{
		component("whole", "user:default/a", location{project: "p", gerrit: "main"}),
		component("part", "user:default/a", location{project: "p", dir: "pay"}),
		component("branch", "user:default/a", location{project: "p", rest: "main/lib"}),
		component("one", "user:default/a", location{project: "p", dir: "lib", branch: "release/1.0", exact: true, alone: true}),
		component("declared", "user:default/a", location{project: "p", dir: "lib", branch: "release/1.0", exact: true}),
		{ref: "component:default/old", kind: "component", name: "old", stale: true},
		{ref: "component:default/idea", kind: "component", name: "idea"},
	})
	tests := []struct {
		ref   string
		want  review.Source
		known bool
	}{
		{"component:default/whole", review.Source{Host: "main", Project: "p"}, true},
		{"Component:Default/Part", review.Source{Project: "p", Dir: "pay"}, true},
		{"component:default/branch", review.Source{Project: "p", Dir: "lib"}, true},
		{"component:default/one", review.Source{Project: "p", Dir: "lib", Branch: "release/1.0"}, true},
		{"component:default/declared", review.Source{Project: "p", Dir: "lib"}, true},
		{"component:default/idea", review.Source{}, true},
		{"component:default/old", review.Source{}, false},
		{"component:default/none", review.Source{}, false},
	}
	for _, tt := range tests {
		if got, known := x.source(tt.ref); got != tt.want || known != tt.known {
			t.Errorf("source(%s) = %+v, %v; want %+v, %v", tt.ref, got, known, tt.want, tt.known)
		}
	}
	s := review.Source{Dir: "pay"}
	for path, want := range map[string]bool{"pay/a.go": true, "pay": true, "payment/a.go": false, "x/pay/a.go": false} {
		if s.Covers(path) != want {
			t.Errorf("Covers(%s) = %v", path, !want)
		}
	}
	for _, s := range []review.Source{{Branch: "main"}, {Branch: "refs/heads/main"}} {
		for branch, want := range map[string]bool{"main": true, "refs/heads/main": true, "main-2": false, "mai": false, "": false, "refs/meta/main": false} {
			if s.On(branch) != want || !(review.Source{}).On(branch) {
				t.Errorf("%+v.On(%s) = %v", s, branch, !want)
			}
		}
	}
}

// Only our own annotation says that an entity is on one branch alone: an address
// is where it is declared.
func TestSourceOfABranch(t *testing.T) {
	const at = "backstage.io/source-location: 'url:https://gerrit.example.com/plugins/gitiles/p/+/refs/heads/release%2F1.0/lib/'"
	for _, tt := range []struct {
		annotations string
		want        review.Source
	}{
		{"review-assistant/project: p", review.Source{Project: "p"}},
		{"review-assistant/project: p, review-assistant/branch: main", review.Source{Project: "p", Branch: "main"}},
		{"review-assistant/project: p, review-assistant/branch: refs/heads/release/1.0, review-assistant/path: lib", review.Source{Project: "p", Branch: "release/1.0", Dir: "lib"}},
		{"review-assistant/project: p, review-assistant/branch: refs/meta/config", review.Source{Project: "p", Branch: "refs/meta/config"}},
		{at, review.Source{Host: "main", Project: "p", Dir: "lib"}},
		{at + ", review-assistant/project: p, review-assistant/branch: main", review.Source{Host: "main", Project: "p", Branch: "main"}},
	} {
		list, err := parseYAML("f.yaml", []byte("kind: Component\nmetadata: {name: c, annotations: {"+tt.annotations+"}}\n"), reading{bases: testBases(t)})
		if err != nil {
			t.Errorf("%s: %v", tt.annotations, err)
			continue
		}
		if got, known := newIndex(list).source("component:default/c"); got != tt.want || !known {
			t.Errorf("%s is %+v, %v, want %+v", tt.annotations, got, known, tt.want)
		}
	}
}
