// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
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
		s := sight{f: &pastFail{run: &pastRun{patch: &knownPatch{}, build: review.Build{Result: tt.result}}, f: review.BuildFailure{Category: tt.category}}}
		if got := s.shown(ClassFlaky, 1); got == ClassFlaky {
			t.Errorf("%s: told as flaky although nobody has seen it pass", tt.name)
		}
		s.passedOn = true
		if got := s.shown(ClassFlaky, tt.p); got != tt.want {
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

// A wait that has just begun is told in minutes, or not at all: never as no hours.
func TestShortWaits(t *testing.T) {
	for _, tt := range []struct {
		ago  time.Duration
		want string
	}{
		{10 * time.Second, "1 open change waits for it"},
		{time.Minute, "1 open change waits for it, 1 minute together"},
		{150 * time.Second, "1 open change waits for it, 3 minutes together"},
		{59 * time.Minute, "1 open change waits for it, 59 minutes together"},
		{time.Hour, "1 open change waits for it, 1.0 hours together"},
	} {
		s := newStory()
		s.run("unit", 20, 1, noon.Add(-tt.ago-20*time.Minute), testFails("a.TestX", "m"))
		list := s.h.Clusters(noon, ClusterOptions{})
		if len(list) != 1 || len(list[0].Evidence) < 2 || list[0].Evidence[1] != tt.want {
			t.Errorf("%s: %+v, want %q", tt.ago, list, tt.want)
		}
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

// TestUnexplained has all that speaks against the change, but nobody read the
// log, or to its end only.
func TestUnexplained(t *testing.T) {
	read := failure(review.StageCompile, "", "core/x.go", "undefined: foo")
	for _, tt := range []struct {
		name         string
		build        review.Build
		failure      *review.BuildFailure
		class, shown Class
	}{
		{"no log", review.Build{Result: review.BuildFailed, Said: "FAILURE", Unread: "denied"}, nil, ClassUnknown, ClassUnknown},
		{"half a log", review.Build{Result: review.BuildFailed, Unread: "too-large"}, &read, ClassUnknown, ClassUnknown},
		{"half a log of a run that timed out", review.Build{Result: review.BuildTimedOut, Unread: "too-large"}, &read, ClassUnknown, ClassTimeout},
		{"half a log of a run that broke", review.Build{Result: review.BuildBroken, Unread: "too-large"}, &read, ClassInfra, ClassInfra},
		{"timed out", review.Build{Result: review.BuildTimedOut, Said: "TIMED_OUT", Unread: "denied"}, nil, ClassUnknown, ClassTimeout},
		{"timed out without a word", review.Build{Result: review.BuildTimedOut, Unread: "denied"}, nil, ClassUnknown, ClassTimeout},
		{"broken", review.Build{Result: review.BuildBroken, Said: "NODE_FAILURE", Unread: "denied"}, nil, ClassInfra, ClassInfra},
		{"broken without a word", review.Build{Result: review.BuildBroken}, nil, ClassInfra, ClassInfra},
		{"nothing was to be read", review.Build{Result: review.BuildFailed}, nil, ClassUnknown, ClassUnknown},
		{"a log that was read", review.Build{Result: review.BuildFailed}, &read, ClassChange, ClassChange},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory()
			s.quiet("unit", 25)
			s.touches(mine, 1, "core/x.go")
			b := s.build("unit", mine, 1, clock(11, 0))
			b.Result, b.Said, b.Unread, b.TestsRan = tt.build.Result, tt.build.Said, tt.build.Unread, false
			if tt.failure == nil {
				b.Failures = []review.BuildFailure{Unexplained(&b)}
			} else {
				b.Failures = []review.BuildFailure{*tt.failure}
			}
			s.h.Add(b)
			a := s.h.Assess(mine, 1, noon, nil)[0]
			if a.Class != tt.class || a.Shown != tt.shown || a.Class != ClassChange && a.Odds.Change > .25 {
				t.Errorf("class %s, shown %s, %+v; want %s and %s", a.Class, a.Shown, a.Odds, tt.class, tt.shown)
			}
			c := s.h.Clusters(noon, ClusterOptions{})[0]
			if c.Class != tt.class || c.Shown != tt.shown {
				t.Errorf("cluster: class %s, shown %s", c.Class, c.Shown)
			}
			a = s.h.Assess(mine, 1, noon, func(*review.Build, *review.BuildFailure) (Ruling, bool) { return Ruling{Class: ClassFlaky}, true })[0]
			if a.Shown != ClassFlaky {
				t.Errorf("ruled as flaky, shown %s", a.Shown)
			}
		})
	}
}

// TestUnexplainedAreApart has two runs of which nothing is known.
func TestUnexplainedAreApart(t *testing.T) {
	s := newStory()
	for _, change := range []int{mine, 20} {
		b := s.build("unit", change, 1, clock(9, 0))
		b.Result, b.Unread, b.TestsRan = review.BuildFailed, "denied", false
		b.Failures = []review.BuildFailure{Unexplained(&b)}
		s.h.Add(b)
	}
	if a := s.h.Assess(mine, 1, noon, nil); len(a) != 1 || len(a[0].Blocks) > 0 {
		t.Errorf("got %+v", a)
	}
}

func TestEqualsStandByStage(t *testing.T) {
	stages := []review.Stage{review.StageSetup, review.StageCompile, review.StageLint, review.StageTest}
	for i, stage := range stages[1:] {
		a, b := Assessment{Failure: review.BuildFailure{Stage: stages[i]}}, Assessment{Failure: review.BuildFailure{Stage: stage}}
		if before(a, b) >= 0 {
			t.Errorf("%s does not stand before %s", stages[i], stage)
		}
	}
}

// TestAssessIsBounded has a client that tells of too many runs: what the newest
// ones show comes first.
func TestAssessIsBounded(t *testing.T) {
	s := newStory()
	var many []review.BuildFailure
	for i := range MaxFailures {
		many = append(many, testFails(fmt.Sprintf("core.Test%d", i), "got 1, want 2"))
	}
	for i := range 10 {
		s.run("unit", mine, 1, clock(1, i), many...)
	}
	for i := range maxPatchRuns {
		s.run(fmt.Sprint("job", i%9), mine, 1, clock(2, i), testFails("core.TestLast", "boom"))
	}
	s.run("unit", mine, 1, clock(11, 0), many[:3]...)
	all := s.h.Assess(mine, 1, noon, nil)
	if want := maxPatchRuns + 2; len(all) != want { // the newest run has three, 499 others one
		t.Errorf("%d failures, want %d", len(all), want)
	}
	if open := OpenOnly(all); len(open) != 4 || len(open[0].Jobs)+len(open[1].Jobs)+len(open[2].Jobs)+len(open[3].Jobs) != 12 {
		t.Errorf("open: %+v", open)
	}
	for i := range 9 {
		s.run(fmt.Sprint("job", i), mine, 2, clock(2, i), many...)
		s.run(fmt.Sprint("job", i), mine, 2, clock(3, i), many[:4]...)
	}
	all = s.h.Assess(mine, 2, noon, nil)
	if open := OpenOnly(all); len(all) != maxAssessed || len(open) != 4 || len(open[0].Jobs) != 9 {
		t.Errorf("%d failures, %d open", len(all), len(open))
	}
}
