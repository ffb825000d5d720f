// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"

	"review-assistant/review"
)

// someBuilds draws a few hours of a small project: few names, so that much
// meets.
func someBuilds(t *rapid.T, most int) []review.Build {
	owners := map[int]int64{}
	n := rapid.IntRange(0, most).Draw(t, "builds")
	var out []review.Build
	for i := range n {
		change := rapid.IntRange(0, 9).Draw(t, "change")
		base := noon.Add(time.Duration(rapid.IntRange(-600, 0).Draw(t, "base")) * time.Minute)
		b := review.Build{
			Key: fmt.Sprintf("b%d", i), Branch: "main", Change: change, Job: rapid.SampledFrom([]string{"unit", "arm", "lint"}).Draw(t, "job"),
			Base: base, Ended: base.Add(time.Duration(rapid.IntRange(1, 90).Draw(t, "took")) * time.Minute),
			Result: rapid.SampledFrom([]review.BuildResult{review.BuildPassed, review.BuildFailed, review.BuildTimedOut, review.BuildBroken, review.BuildAborted}).Draw(t, "result"),
			Node:   rapid.SampledFrom([]string{"", "n1", "n2"}).Draw(t, "node"), Optional: rapid.Bool().Draw(t, "optional"),
		}
		if change > 0 {
			b.PatchSet = rapid.IntRange(1, 2).Draw(t, "patch set")
			if owners[change] == 0 {
				owners[change] = rapid.Int64Range(1, 6).Draw(t, "owner")
			}
			b.Owner = owners[change]
			if change%4 == 0 {
				b.Topic = "refunds"
			}
			b.Files = []string{fmt.Sprintf("core/f%d.go", change)}
		}
		b.TestsRan = b.Result == review.BuildFailed && rapid.Bool().Draw(t, "tests ran")
		if b.Result.Bad() {
			for range rapid.IntRange(0, 3).Draw(t, "failures") {
				f := failure(
					rapid.SampledFrom([]review.Stage{review.StageSetup, review.StageCompile, review.StageLint, review.StageTest}).Draw(t, "stage"),
					rapid.SampledFrom([]string{"", "core.TestA", "pay.TestB"}).Draw(t, "test"), rapid.SampledFrom([]string{"", "core/f1.go"}).Draw(t, "file"),
					rapid.SampledFrom([]string{"got 1, want 2", "timed out", "No space left on device"}).Draw(t, "message"))
				f.Excerpt = []review.BuildLine{{Number: 3, Text: f.Message}}
				b.Failures = append(b.Failures, f)
			}
		}
		out = append(out, b)
	}
	return out
}

// answers is all that a history says.
func answers(h *History) []any {
	var out []any
	for change := range 11 {
		for ps := range 4 {
			out = append(out, h.Assess(change, ps, noon, nil))
		}
	}
	return append(out, h.Clusters(noon, ClusterOptions{Window: 5 * time.Hour}))
}

func TestOrderOfReportsDoesNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		list := someBuilds(t, 40)
		one, other := NewHistory(HistoryOptions{}), NewHistory(HistoryOptions{})
		for _, b := range list {
			one.Add(b)
		}
		twice := append(rapid.Permutation(list).Draw(t, "order"), list[:len(list)/2]...)
		for _, b := range twice {
			other.Add(b)
		}
		if got, want := answers(other), answers(one); !reflect.DeepEqual(got, want) {
			t.Fatalf("got %+v\nwant %+v", got, want)
		}
	})
}

func TestAnswersAreSound(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := NewHistory(HistoryOptions{})
		for _, b := range someBuilds(t, 40) {
			h.Add(b)
		}
		for change := range 11 {
			for ps := range 3 {
				list := h.Assess(change, ps, noon, nil)
				for i, a := range list {
					sum := a.Odds.Change + a.Odds.Preexisting + a.Odds.Flaky + a.Odds.Infra
					if math.Abs(sum-1) > 1e-9 || a.Odds.of(a.Class) < .25-1e-9 {
						t.Fatalf("odds %+v of %s", a.Odds, a.Class)
					}
					// One that nobody else has seen is not told as theirs.
					if a.Shown == a.Class && a.Odds.of(a.Class) < certain ||
						a.Shown != a.Class && a.Odds.of(a.Class) >= certain && (a.Class == ClassChange || a.Class == ClassInfra) {
						t.Fatalf("shown %s with %+v", a.Shown, a.Odds)
					}
					if i > 0 && before(list[i-1], a) >= 0 {
						t.Fatalf("%s stands before %s", list[i-1].ID, a.ID)
					}
				}
				for _, a := range OpenOnly(list) {
					if !a.Open || !slices.Contains(a.Jobs, a.Build.Job) || slices.Contains(a.Blocks, change) {
						t.Fatalf("open: %+v", a)
					}
				}
			}
		}
		all := h.Clusters(noon, ClusterOptions{Window: 5 * time.Hour})
		for i, c := range all {
			if i > 0 && all[i-1].Score < c.Score {
				t.Fatalf("cluster %d is worth more than the one before", i)
			}
			if c.Runs == 0 || c.Changes == 0 || c.First.After(c.Last) || c.Hours < 0 || !slices.IsSorted(c.Blocked) {
				t.Fatalf("cluster %+v", c)
			}
		}
	})
}

// TestBlameNeedsReason says what must never happen: everybody on the same state
// fails likewise, the change touches nothing near, and it is blamed.
func TestBlameNeedsReason(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := newStory()
		s.quiet("unit", rapid.IntRange(0, 30).Draw(t, "quiet"))
		f := failure(rapid.SampledFrom([]review.Stage{review.StageCompile, review.StageLint, review.StageTest}).Draw(t, "stage"),
			rapid.SampledFrom([]string{"", "core.TestX"}).Draw(t, "test"), rapid.SampledFrom([]string{"", "core/x.go"}).Draw(t, "file"),
			rapid.SampledFrom([]string{"got 1, want 2", "timed out", "undefined: foo"}).Draw(t, "message"))
		s.touches(99, 1, "core/x.go")
		for i := range rapid.IntRange(3, 20).Draw(t, "others") {
			s.run("unit", 20+i, 1, clock(9, 30+rapid.IntRange(0, 29).Draw(t, "base")), f)
		}
		s.touches(mine, 1, "docs/x.md")
		for range rapid.IntRange(1, 3).Draw(t, "runs") {
			s.run("unit", mine, 1, clock(9, 30+rapid.IntRange(0, 29).Draw(t, "base")), f)
		}
		for _, a := range s.h.Assess(mine, 1, noon, nil) {
			if a.Class == ClassChange {
				t.Fatalf("blamed: %+v", a)
			}
		}
	})
}

// consistent checks the indexes against each other.
func (h *History) consistent() error {
	failures, excerpts := 0, 0
	for _, r := range h.order {
		failures += len(r.fails)
		excerpts += r.excerpts
	}
	runs := 0
	for _, j := range h.jobs {
		runs += len(j.byBase)
		if !slices.IsSortedFunc(j.byBase, byBase) || len(j.byBase) == 0 {
			return fmt.Errorf("job %v", j.name)
		}
	}
	texts := 0
	for _, s := range h.texts {
		texts += len(s.fails)
		if !slices.IsSortedFunc(s.fails, byRun) || len(s.fails) == 0 {
			return fmt.Errorf("a text with %d failures", len(s.fails))
		}
	}
	if len(h.order) != len(h.runs) || runs != len(h.runs) || failures != h.failures || texts != failures || excerpts != h.excerpts || !slices.IsSortedFunc(h.order, byEnd) {
		return fmt.Errorf("%d in order, %d of jobs, %d builds; %d of %d failures, %d in texts; %d of %d bytes", len(h.order), runs, len(h.runs), failures, h.failures, texts, excerpts, h.excerpts)
	}
	for i, r := range h.order[:h.bare] {
		if r.excerpts != 0 {
			return fmt.Errorf("build %d of %d bare ones has excerpts", i, h.bare)
		}
	}
	return nil
}

func TestHistoryIsBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		o := HistoryOptions{Builds: rapid.IntRange(1, 12).Draw(t, "builds"), Failures: rapid.IntRange(1, 20).Draw(t, "failures"), Texts: rapid.IntRange(50, 2000).Draw(t, "texts"), Excerpts: rapid.IntRange(1, 300).Draw(t, "excerpts"), Age: time.Duration(rapid.IntRange(1, 10).Draw(t, "hours")) * time.Hour}
		h := NewHistory(o)
		for _, b := range someBuilds(t, 60) {
			h.Add(b)
			if h.Len() > o.Builds || h.failures > o.Failures || h.size > o.Texts || h.excerpts > o.Excerpts {
				t.Fatalf("%d builds, %d failures, %d bytes; want at most %+v", h.Len(), h.failures, h.excerpts, o)
			}
			if err := h.consistent(); err != nil {
				t.Fatal(err)
			}
		}
		for i := range 100 {
			h.uploaded(1000+i, 1, []string{fmt.Sprintf("d%d/x", i)}, 1, "", time.Time{}, noon)
		}
		if len(h.changes) > 40 || len(h.dirs) > 41 {
			t.Fatalf("%d changes, %d directories", len(h.changes), len(h.dirs))
		}
		files := 0
		for _, c := range h.changes {
			for _, p := range c.patches {
				files += len(p.touch.files)
			}
		}
		if files != h.files {
			t.Fatalf("%d files, counted %d", files, h.files)
		}
		for len(h.order) > 0 {
			h.remove(h.order[0])
		}
		if n := len(h.jobs) + len(h.nodes) + len(h.tests) + len(h.prints) + len(h.texts) + h.failures + h.size + h.excerpts; n != 0 {
			t.Fatalf("%d things are left of nothing", n)
		}
	})
}

func TestAdd(t *testing.T) {
	long := strings.Repeat("界", 5000)
	for _, tt := range []struct {
		name  string
		build review.Build
		want  bool
	}{
		{"no key", review.Build{Job: "j", Ended: noon, Result: review.BuildFailed}, false},
		{"no job", review.Build{Key: "k", Ended: noon, Result: review.BuildFailed}, false},
		{"no time", review.Build{Key: "k", Job: "j", Result: review.BuildFailed}, false},
		{"from the future", review.Build{Key: "k", Job: "j", Ended: noon.Add(2 * time.Hour), Result: review.BuildFailed}, false},
		{"a clock ahead", review.Build{Key: "k", Job: "j", Ended: noon.Add(time.Minute), Result: review.BuildFailed}, true},
		{"long ago", review.Build{Key: "k", Job: "j", Ended: time.Unix(-1<<40, 0), Result: review.BuildFailed}, false},
		{"a negative change", review.Build{Key: "k", Job: "j", Change: -1, Ended: noon, Result: review.BuildFailed}, false},
		{"stopped", review.Build{Key: "k", Job: "j", Ended: noon, Result: review.BuildAborted}, false},
		{"a base after its end", review.Build{Key: "k", Job: "j", Base: noon.AddDate(9, 0, 0), Ended: noon, Result: review.BuildFailed}, true},
		{"huge names", review.Build{
			Key: "k", Job: long, Branch: long, Node: long, Topic: long, Change: 1, PatchSet: 1, Ended: noon, Result: review.BuildFailed, Files: slices.Repeat([]string{long}, 5000),
			Failures: slices.Repeat([]review.BuildFailure{{Test: long, Message: long, File: long, Fingerprint: long, Excerpt: slices.Repeat([]review.BuildLine{{Text: long}}, 500)}}, 500),
		}, true},
		{"names that are none", review.Build{
			Key: "k", Job: "\xff\x00", Change: 1, PatchSet: 1, Ended: noon, Result: review.BuildFailed, Files: []string{"", "/", "..", "\xff"},
			Failures: []review.BuildFailure{{}, {Test: "....", Stage: "none"}, {Test: "\xff", File: "/"}},
		}, true},
	} {
		t.Run(tt.name, func(t *testing.T) {
			h := NewHistory(HistoryOptions{Now: func() time.Time { return noon }})
			if got := h.Add(tt.build); got != tt.want {
				t.Errorf("Add = %v, want %v", got, tt.want)
			}
			if err := h.consistent(); err != nil {
				t.Error(err)
			}
			for _, a := range h.Assess(1, 1, noon, nil) {
				for _, w := range a.Evidence {
					if len(w) > 2000 {
						t.Errorf("%d bytes of evidence", len(w))
					}
				}
			}
			h.Clusters(noon, ClusterOptions{})
			if r := h.runs["k"]; r != nil && len(r.fails) > MaxFailures {
				t.Errorf("%d failures", len(r.fails))
			}
		})
	}
}

func TestLaterReportCompletes(t *testing.T) {
	h := NewHistory(HistoryOptions{})
	first := review.Build{Key: "k", Job: "unit", Change: mine, PatchSet: 1, Result: review.BuildFailed, Ended: noon.Add(-time.Hour), URL: "https://ci.example.org/1"}
	read := review.Build{Key: "k", Job: "unit", Change: mine, PatchSet: 1, Result: review.BuildFailed, Ended: noon.Add(-time.Hour), TestsRan: true, Failures: []review.BuildFailure{testFails("a.T", "m")}}
	h.Add(first)
	if got := h.Assess(mine, 1, noon, nil); got != nil {
		t.Errorf("before the log was read: %+v", got)
	}
	h.Add(read)
	h.Add(first)
	got := h.Assess(mine, 1, noon, nil)
	if len(got) != 1 || got[0].ID != "k#1" || got[0].Build.URL != first.URL || !got[0].Build.TestsRan {
		t.Errorf("after both: %+v", got)
	}
	stopped := first
	stopped.Result = review.BuildAborted
	if h.Add(stopped) || h.Len() != 0 {
		t.Error("a run that was stopped after all counts")
	}
}

// TestTestsRanIsKept says when a later report keeps that tests ran to their end.
func TestTestsRanIsKept(t *testing.T) {
	many := slices.Repeat([]review.BuildFailure{testFails("a.T", "m")}, MaxFailures+1)
	for _, tt := range []struct {
		name         string
		first, later review.Build
		want         bool
	}{
		{"the same result", review.Build{Result: review.BuildFailed, TestsRan: true}, review.Build{Result: review.BuildFailed}, true},
		{"timed out after all", review.Build{Result: review.BuildFailed, TestsRan: true}, review.Build{Result: review.BuildTimedOut}, false},
		{"failed after all", review.Build{Result: review.BuildPassed, TestsRan: true}, review.Build{Result: review.BuildFailed}, false},
		{"broken both times", review.Build{Result: review.BuildBroken, TestsRan: true}, review.Build{Result: review.BuildBroken}, false},
		{"dropped by the later", review.Build{Result: review.BuildFailed, TestsRan: true}, review.Build{Result: review.BuildFailed, Failures: many[:1], Dropped: 1}, false},
		{"dropped here", review.Build{Result: review.BuildFailed, TestsRan: true}, review.Build{Result: review.BuildFailed, TestsRan: true, Failures: many}, false},
	} {
		h := NewHistory(HistoryOptions{})
		for _, b := range []review.Build{tt.first, tt.later} {
			b.Key, b.Job, b.Ended = "k", "unit", noon
			h.Add(b)
		}
		if got := h.build("k"); got.TestsRan != tt.want {
			t.Errorf("%s: tests ran = %v, want %v", tt.name, got.TestsRan, tt.want)
		}
	}
}

// TestOutcome compares with looking at each failure of a run.
func TestOutcome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := NewHistory(HistoryOptions{})
		for _, b := range someBuilds(t, 20) {
			h.Add(b)
		}
		for _, r := range h.order {
			for _, f := range r.fails {
				for _, o := range h.order {
					want := silent
					if o.build.Result == review.BuildPassed || o.build.TestsRan || f.test == nil && slices.ContainsFunc(o.fails, func(g *pastFail) bool { return stageOrder(g.f.Stage) > stageOrder(f.f.Stage) }) {
						want = passes
					}
					if f.test != nil && slices.ContainsFunc(o.fails, func(g *pastFail) bool { return g.test == f.test }) {
						want = silent
					}
					if slices.ContainsFunc(o.fails, f.same) {
						want = fails
					}
					if got := f.in(o); got != want {
						t.Fatalf("%+v in %+v: %d, want %d", f.f, o.build, got, want)
					}
				}
			}
		}
	})
}

// TestTogether is for the race detector.
func TestTogether(t *testing.T) {
	s := newStory()
	s.quiet("unit", 5)
	var wait sync.WaitGroup
	for i := range 4 {
		b := s.build("unit", mine, 1, clock(9, i), testFails("core.TestX", "m"))
		wait.Go(func() {
			s.h.uploaded(mine, 1, []string{"core/x.go"}, 1, "", time.Time{}, noon)
			s.h.Add(b)
			s.h.Assess(mine, 1, noon, nil)
			s.h.Clusters(noon, ClusterOptions{})
			s.h.Closed(mine)
		})
	}
	wait.Wait()
	if got := len(s.h.Assess(mine, 1, noon, nil)); got != 4 {
		t.Errorf("%d failures", got)
	}
}

func TestFilesAreBounded(t *testing.T) {
	h := NewHistory(HistoryOptions{})
	files := make([]string, maxChangeFiles)
	for i := range 2 * maxFiles / maxChangeFiles {
		for j := range files {
			files[j] = fmt.Sprintf("d%d/e%d/f.go", i, j)
		}
		h.uploaded(1+i, 1, files, 1, "", time.Time{}, noon.Add(time.Duration(i)*time.Second))
		if h.files > maxFiles || len(h.dirs) > maxFiles {
			t.Fatalf("%d files, %d directories", h.files, len(h.dirs))
		}
	}
	if last := h.changes[2*maxFiles/maxChangeFiles].patches[0]; len(last.touch.files) != maxChangeFiles {
		t.Error("the newest change lost its files")
	}
}
