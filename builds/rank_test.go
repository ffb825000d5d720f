// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"slices"
	"testing"
	"time"

	"review-assistant/review"
)

// messages lists what the failures say, in order.
func messages(list []Assessment) []string {
	var out []string
	for _, a := range list {
		out = append(out, a.Failure.Message)
	}
	return out
}

func TestAssessOrder(t *testing.T) {
	s := newStory()
	s.quiet("unit", 20)
	s.quiet("lint", 20)
	for i := range 3 {
		s.run("unit", 20+i, 1, clock(9, 2+10*i), testFails("pay.TestOld", "the branch is broken"))
	}
	s.touches(mine, 1, "core/x.go", "core/y.go")
	s.run("unit", mine, 1, clock(9, 40), testFails("pay.TestOld", "the branch is broken"), testFails("core.TestX", "own test"))
	s.run("lint", mine, 1, clock(9, 40), failure(review.StageLint, "", "core/y.go", "own format"))
	s.run("docs", mine, 1, clock(9, 40), failure(review.StageSetup, "", "", "no space left on device"))
	got := messages(s.h.Assess(mine, 1, noon, nil))
	want := []string{"own format", "own test", "the branch is broken", "no space left on device"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if s.h.Assess(mine, 2, noon, nil) != nil || s.h.Assess(999, 1, noon, nil) != nil {
		t.Error("a patch set that nobody knows has failures")
	}
}

func TestOpen(t *testing.T) {
	s := newStory()
	s.run("unit", mine, 1, clock(9, 0), testFails("a.TestGone", "gone"), testFails("a.TestStays", "stays"))
	s.run("unit", mine, 1, clock(10, 0), testFails("a.TestStays", "stays"))
	s.run("arm", mine, 1, clock(10, 0), testFails("a.TestStays", "stays"))
	all := s.h.Assess(mine, 1, noon, nil)
	if len(all) != 4 {
		t.Errorf("%d failures, want each of all runs", len(all))
	}
	open := OpenOnly(all)
	if len(open) != 1 || open[0].Failure.Message != "stays" || len(open[0].Jobs) != 2 {
		t.Errorf("open: %+v", open)
	}
	stopped := s.build("unit", mine, 1, clock(11, 0))
	stopped.Result = review.BuildAborted
	s.h.Add(stopped)
	if open := OpenOnly(s.h.Assess(mine, 1, noon, nil)); len(open) != 1 {
		t.Errorf("after a run that was stopped: %+v", open)
	}
	s.run("unit", mine, 1, clock(11, 10))
	s.run("arm", mine, 1, clock(11, 10))
	if open := OpenOnly(s.h.Assess(mine, 1, noon, nil)); len(open) != 0 {
		t.Errorf("after all passed: %+v", open)
	}
}

func TestShown(t *testing.T) {
	for _, tt := range []struct {
		name     string
		category string
		result   review.BuildResult
		p        float64
		want     Class
	}{
		{"certain", "timeout", review.BuildTimedOut, .6, ClassFlaky},
		{"a log that tells of time", "timeout", review.BuildFailed, .59, ClassTimeout},
		{"a run that the CI ended", "test", review.BuildTimedOut, .3, ClassTimeout},
		{"a log that tells of configuration", "config", review.BuildFailed, .3, ClassConfiguration},
		{"nothing", "test", review.BuildFailed, .3, ClassUnknown},
	} {
		f := &pastFail{run: &pastRun{build: review.Build{Result: tt.result}}, f: review.BuildFailure{Category: tt.category}}
		if got := shown(f, ClassFlaky, tt.p); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
}

func TestRulings(t *testing.T) {
	s := newStory()
	s.quiet("unit", 20)
	s.touches(mine, 1, "core/x.go")
	s.touches(mine, 2, "core/x.go")
	s.run("unit", mine, 1, clock(9, 0), testFails("core.TestX", "m"))
	s.run("unit", mine, 2, clock(11, 0), testFails("core.TestX", "m"))
	flaky := Ruling{Class: ClassFlaky, Name: "known", Link: "https://bugs.example.org/1"}
	mended := Ruling{Fixed: clock(10, 0)}
	for _, tt := range []struct {
		name     string
		ruling   Ruling
		patchSet int
		class    Class
		ruled    bool
		evidence string
	}{
		{"marked as flaky", flaky, 1, ClassFlaky, true, ""},
		{"built on a state before it was mended", mended, 1, ClassPreexisting, true, "fixed since 10:00 UTC: rebase"},
		{"built on a state after it was mended", mended, 2, ClassChange, false, ""},
		{"no class", Ruling{}, 1, ClassChange, false, ""},
	} {
		rule := func(b *review.Build, f *review.BuildFailure) (Ruling, bool) {
			b.Key, f.Message = "changed", "changed" // may not reach the history
			return tt.ruling, true
		}
		a := s.h.Assess(mine, tt.patchSet, noon, rule)[0]
		if a.Class != tt.class || a.Shown != tt.class || (a.Ruling != nil) != tt.ruled || a.Build.Key == "changed" {
			t.Errorf("%s: %+v", tt.name, a)
		}
		if tt.evidence != "" && !slices.Contains(a.Evidence, tt.evidence) {
			t.Errorf("%s: evidence %q", tt.name, a.Evidence)
		}
	}
	got := s.h.Clusters(noon, ClusterOptions{Rule: func(*review.Build, *review.BuildFailure) (Ruling, bool) { return flaky, true }})
	if len(got) != 1 || got[0].Class != ClassFlaky || got[0].Ruling == nil || got[0].Ruling.Name != "known" {
		t.Errorf("clusters: %+v", got)
	}
}

func TestClusters(t *testing.T) {
	s := newStory()
	s.quiet("unit", 20)
	broken := []review.BuildFailure{testFails("core.TestA", "m"), testFails("core.TestB", "m")}
	for i := range 4 {
		s.run("unit", 20+i, 1, clock(9, 10*i), broken...)
	}
	s.run("lint", 30, 1, clock(9, 0), failure(review.StageLint, "", "pay/x.go", "not formatted"))
	s.h.Merged(20, clock(10, 0))
	s.h.Closed(21)
	s.run("unit", 22, 2, clock(10, 30)) // a newer patch set is good
	optional := s.build("unit", 24, 1, clock(9, 20), broken...)
	optional.Optional = true
	s.h.Add(optional)
	all := s.h.Clusters(noon, ClusterOptions{Window: 6 * time.Hour})
	if len(all) != 2 {
		t.Fatalf("%d clusters: %+v", len(all), all)
	}
	c := all[0]
	if c.Test != "core.TestA" && c.Test != "core.TestB" || len(c.Also) != 1 {
		t.Errorf("first is %s with %q", c.Test, c.Also)
	}
	// Change 23 waits since 9:50.
	if c.Class != ClassPreexisting || c.Runs != 5 || c.Changes != 5 || !slices.Equal(c.Blocked, []int{23}) || c.Hours < 2.1 || c.Hours > 2.2 {
		t.Errorf("got %s, %d runs, %d changes, blocked %v for %.2f hours", c.Class, c.Runs, c.Changes, c.Blocked, c.Hours)
	}
	if !c.First.Equal(clock(9, 20)) || !c.Last.Equal(clock(9, 50)) {
		t.Errorf("from %s to %s", c.First, c.Last)
	}
	if want := []string{"5 runs on 5 changes since 09:20 UTC", "1 open change waits for it, 2.2 hours together"}; !slices.Equal(c.Evidence[:2], want) {
		t.Errorf("evidence %q, want %q first", c.Evidence, want)
	}
	if a := s.h.Assess(21, 1, noon, nil); !slices.Equal(a[0].Blocks, []int{23}) {
		t.Errorf("blocks %v", a[0].Blocks)
	}
	if got := s.h.Clusters(noon, ClusterOptions{Window: 6 * time.Hour, Limit: 1}); len(got) != 1 {
		t.Errorf("limit: %d", len(got))
	}
	if got := s.h.Clusters(noon, ClusterOptions{Window: time.Minute}); len(got) != 0 {
		t.Errorf("a minute: %+v", got)
	}
}

// TestFlakyBranch has no change to look at: a run on the branch that passed when
// it ran again.
func TestFlakyBranch(t *testing.T) {
	s := newStory()
	s.quiet("unit", 20)
	s.run("unit", 0, 0, clock(9, 40), testFails("core.TestX", "m"))
	again := s.build("unit", 0, 0, clock(9, 40))
	again.Ended = clock(11, 0)
	s.h.Add(again)
	got := s.h.Clusters(noon, ClusterOptions{})
	if len(got) != 1 || got[0].Class != ClassFlaky || got[0].Evidence[0] != "fails on main since 10:00 UTC" {
		t.Errorf("got %+v", got)
	}
}

func TestScore(t *testing.T) {
	branch, chance := Odds{Preexisting: 1}, Odds{Flaky: 1}
	for _, tt := range []struct {
		name         string
		more, less   Odds
		moreN, lessN int
		moreH, lessH float64
	}{
		{"a broken branch before chance", branch, chance, 3, 3, 0, 0},
		{"more changes first", branch, branch, 4, 3, 0, 0},
		{"longer waits first", branch, branch, 3, 3, 20, 2},
		{"mended is worth nothing", chance, certainly(Ruling{Class: ClassPreexisting, Fixed: noon}), 1, 50, 0, 90},
	} {
		if a, b := score(tt.more, tt.moreN, tt.moreH), score(tt.less, tt.lessN, tt.lessH); a <= b {
			t.Errorf("%s: %.2f and %.2f", tt.name, a, b)
		}
	}
	for _, c := range []Class{ClassChange, ClassPreexisting, ClassFlaky, ClassInfra} {
		if got := certainly(Ruling{Class: c}).of(c); got != 1 {
			t.Errorf("%s ruled: %v", c, got)
		}
	}
}
