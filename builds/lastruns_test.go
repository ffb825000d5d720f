// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"review-assistant/review"
)

// TestLastRuns compares with the plain rule: of all runs on a branch that count, the
// newest of each job, however they came.
func TestLastRuns(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	rapid.Check(t, func(t *rapid.T) {
		h := NewHistory(HistoryOptions{Now: func() time.Time { return at }})
		want := map[string]review.Build{} // by branch and job
		for i := range rapid.IntRange(0, 40).Draw(t, "runs") {
			b := review.Build{
				Key: fmt.Sprint(i), Host: "h", Project: "pay",
				Branch: rapid.SampledFrom([]string{"main", "dev", "secret", ""}).Draw(t, "branch"),
				Job:    rapid.SampledFrom([]string{"unit", "lint"}).Draw(t, "job"),
				Change: rapid.SampledFrom([]int{0, 0, 7}).Draw(t, "change"),
				Result: rapid.SampledFrom([]review.BuildResult{review.BuildPassed, review.BuildFailed, review.BuildBroken, review.BuildTimedOut, review.BuildAborted, review.BuildSkipped}).Draw(t, "result"),
				Ended:  at.Add(-time.Duration(rapid.IntRange(0, 40*24).Draw(t, "hours")) * time.Hour),
				Base:   at.Add(-time.Duration(rapid.IntRange(0, 99).Draw(t, "age")) * time.Hour),
			}
			h.Add(b)
			name := b.Branch + " " + b.Job
			counts := b.Change == 0 && b.Branch != "secret" && (b.Result == review.BuildPassed || b.Result.Bad()) && at.Sub(b.Ended) <= 30*24*time.Hour
			was, is := want[name]
			if newer := b.Ended.After(was.Ended) || b.Ended.Equal(was.Ended) && b.Key > was.Key; counts && (!is || newer) {
				want[name] = b
			}
		}
		got := h.LastRuns(func(branch string) bool { return branch != "secret" })
		n := 0
		for branch, runs := range got {
			for _, r := range runs {
				n++
				if w := want[branch+" "+r.Job]; r.Key != w.Key || r.Result != w.Result || r.Branch != branch || r.Failures != nil {
					t.Fatalf("of %s on %q it is %+v, want %+v", r.Job, branch, r, w)
				}
			}
		}
		if n != len(want) {
			t.Fatalf("%d runs, want %d", n, len(want))
		}
	})
}

// Each branch is asked about once.
func TestLastRunsAsks(t *testing.T) {
	at := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	h := NewHistory(HistoryOptions{})
	for i := range 20 {
		h.Add(review.Build{Key: fmt.Sprint(i), Branch: fmt.Sprint("b", i%2), Job: fmt.Sprint(i), Result: review.BuildPassed, Ended: at})
	}
	var asked []string
	got := h.LastRuns(func(branch string) bool { asked = append(asked, branch); return branch == "b1" })
	slices.Sort(asked)
	if !slices.Equal(asked, []string{"b0", "b1"}) || len(got) != 1 || len(got["b1"]) != 10 {
		t.Errorf("asked about %q, got %v", asked, got)
	}
}
