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
}
