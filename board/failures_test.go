// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"slices"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

// Failures and branches tell of builds of the same branches.
func TestFailuresOfBranches(t *testing.T) {
	for _, public := range []bool{true, false} {
		for _, branch := range []string{"main", "dev", "secret", "old", "gone"} {
			w := branchWorld(t)
			w.a.public["pay"] = public
			w.builds.branch = branch
			p := board.Place{Project: "pay"}
			failures, err := w.Failures(t.Context(), viewer(7), board.FailuresQuery{Place: p, Limit: 10})
			if err != nil {
				t.Fatal(err)
			}
			w.builds.told = nil
			if _, err := w.Branches(t.Context(), viewer(7), board.BranchesQuery{Place: p}); err != nil {
				t.Fatal(err)
			}
			if got, want := len(failures.Clusters.([]cluster)) > 0, slices.Contains(w.builds.told, branch); got != want {
				t.Errorf("%s, with main for all %v: failures tell %v, branches %v", branch, public, got, want)
			}
			if public && branch == "main" && w.a.opens != 1 || w.a.opens > 1 {
				t.Errorf("%s: open changes were counted %d times", branch, w.a.opens)
			}
		}
	}
}

// An empty list says whether the project wants one.
func TestFailuresSayWhetherTheyAreWanted(t *testing.T) {
	for _, tt := range []struct {
		project string
		policy  board.Policy
		mode    string
		builds  bool
	}{
		{"pay", board.Policy{Mode: "on", Builds: true}, "on", true},
		{"pay", board.Policy{Mode: "on"}, "on", false},
		{"pay", board.Policy{Mode: "shadow", Builds: true}, "shadow", true},
		{"pay", board.Policy{Mode: "off", Builds: true}, "off", false},
		{"secret", board.Policy{Mode: "on", Builds: true}, "", false}, // nothing is told of it
	} {
		w := newWorld(t, 1)
		w.a.add("pay", 1)
		w.policies["a/"+tt.project] = tt.policy
		got, err := w.Failures(t.Context(), viewer(5), board.FailuresQuery{Place: board.Place{Project: tt.project}, Limit: 10})
		if err != nil || got.Mode != tt.mode || got.Builds != tt.builds {
			t.Errorf("%s with %+v: mode %q, builds %v, %v", tt.project, tt.policy, got.Mode, got.Builds, err)
		}
	}
}

// Of a folder only the newest changes are known, and the list says so when it may
// miss what was decided.
func TestActivityOfFolderSaysMore(t *testing.T) {
	lib := board.Place{Entity: "component:default/lib"}
	for _, tt := range []struct {
		name    string
		changes int
		decided []int
		want    bool
	}{
		{"all are known", 200, []int{1, 200}, false},
		{"what was decided is known", 201, []int{1, 2}, false},
		{"what was decided may be of an older one", 201, []int{1, 201}, true},
	} {
		w := newWorld(t, 1)
		ids := map[int]review.ChangeID{}
		for n := 1; n <= tt.changes; n++ {
			ids[n] = w.a.add("mono", n, func(c *fakeChange) {
				c.dirs, c.Updated = []string{"lib"}, start.Add(-time.Duration(n)*time.Minute)
			})
		}
		for _, n := range tt.decided {
			w.happened(ids[n], "posted", "posted")
		}
		list, err := w.Activity(t.Context(), viewer(5), board.ActivityQuery{Place: lib, Limit: 50})
		if err != nil || list.More != tt.want {
			t.Errorf("%s: more %v, %v, of %d rows", tt.name, list.More, err, len(list.Rows))
		}
	}
}
