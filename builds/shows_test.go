// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// TestHiddenChangesAreAsIfNobodyTold compares what is shown of a history in
// part with a history that has no more than that part.
func TestHiddenChangesAreAsIfNobodyTold(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		hidden := map[int]bool{}
		for range rapid.IntRange(1, 6).Draw(t, "hidden") {
			hidden[rapid.IntRange(1, 10).Draw(t, "change")] = true
		}
		shows := func(change int) bool { return !hidden[change] }
		whole, part := NewHistory(HistoryOptions{}), NewHistory(HistoryOptions{})
		for _, b := range someBuilds(t, 40) {
			whole.Add(b)
			if shows(b.Change) {
				part.Add(b)
			}
		}
		for change := range 11 {
			if rapid.IntRange(0, 3).Draw(t, "merged") == 0 {
				at := noon.Add(-time.Duration(change) * 10 * time.Minute)
				whole.Merged(change, at)
				if shows(change) {
					part.Merged(change, at)
				}
			}
		}
		o := ClusterOptions{Window: 5 * time.Hour}
		want := part.Clusters(noon, o)
		o.Shows = func(n int, _ string) bool { return shows(n) }
		if got := whole.Clusters(noon, o); !reflect.DeepEqual(got, want) {
			t.Fatalf("without %v got %+v\nwant %+v", hidden, got, want)
		}
	})
}

func TestShowsAsksForBranches(t *testing.T) {
	s := newStory()
	s.run("unit", 0, 0, clock(9, 0), testFails("a.TestX", "m"))
	s.run("unit", 20, 1, clock(9, 0), testFails("a.TestX", "m"))
	for _, tt := range []struct {
		name string
		lets int // the number that is let through
		want string
	}{
		{"the branch alone", 0, "[fails on main since 09:20 UTC]"},
		{"the change alone", 20, "[1 run on 1 change since 09:20 UTC 1 open change waits for it, 2.7 hours together]"},
	} {
		list := s.h.Clusters(noon, ClusterOptions{Shows: func(n int, branch string) bool { return n == tt.lets && (n > 0 || branch == "main") }})
		if len(list) != 1 || list[0].Runs != 1 || !strings.HasPrefix(fmt.Sprint(list[0].Evidence), strings.TrimSuffix(tt.want, "]")) {
			t.Errorf("%s: %+v", tt.name, list)
		}
	}
}

// TestNameless has evidence that names a change of the same topic, and one that
// was merged.
func TestNameless(t *testing.T) {
	for _, story := range stories {
		s := newStory()
		story.tell(s)
		named := s.h.Assess(mine, 1, noon, nil)
		list := s.h.AssessNameless(mine, 1, noon, nil)
		if len(list) != len(named) {
			t.Fatalf("%s: %d failures, want %d", story.name, len(list), len(named))
		}
		for i, a := range list {
			if slices.ContainsFunc(a.Evidence, func(e string) bool { return strings.Contains(e, " change 1") || strings.Contains(e, " change 2") }) {
				t.Errorf("%s: %q names a change", story.name, a.Evidence)
			}
			if a.Class != named[i].Class || a.Odds != named[i].Odds || len(a.Blocks) != len(named[i].Blocks) || slices.ContainsFunc(a.Blocks, func(n int) bool { return n != 0 }) {
				t.Errorf("%s: %+v, want it like %+v", story.name, a, named[i])
			}
		}
	}
}

func TestChangesWithBuilds(t *testing.T) {
	s := newStory()
	s.run("unit", 20, 1, clock(9, 0))
	s.run("unit", 20, 2, clock(9, 30))
	s.run("unit", 9, 1, clock(9, 40), testFails("a.TestX", "m"))
	s.run("unit", 0, 0, clock(9, 45))
	s.run("unit", 5, 1, clock(2, 0))
	if got := s.h.Changes(noon, 4*time.Hour); !slices.Equal(got, []int{9, 20}) {
		t.Errorf("got %v", got)
	}
	if got := NewHistory(HistoryOptions{}).Changes(noon, time.Hour); got != nil {
		t.Errorf("of nothing: %v", got)
	}
}
