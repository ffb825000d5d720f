// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"review-assistant/review"
)

// noon is when most stories end.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// clock is a time on that day, or so many hours away from it.
func clock(hour, minute int) time.Time {
	return time.Date(2026, 3, 2, hour, minute, 0, 0, time.UTC)
}

// story tells a history, one run a line.
type story struct {
	h    *History
	runs int
}

func newStory() *story { return &story{h: NewHistory(HistoryOptions{})} }

// build is a run that ended twenty minutes after the state that it was built on.
func (s *story) build(job string, change, patchSet int, base time.Time, failures ...review.BuildFailure) review.Build {
	s.runs++
	b := review.Build{
		Key: fmt.Sprintf("r%03d", s.runs), Branch: "main", Change: change, Job: job, Result: review.BuildPassed,
		Base: base, Started: base.Add(5 * time.Minute), Ended: base.Add(20 * time.Minute), TestsRan: true, Failures: failures,
	}
	if change > 0 {
		b.PatchSet = max(1, patchSet)
		b.Owner = int64(change) // as many owners as changes, unless a story says otherwise
	}
	if len(failures) > 0 {
		b.Result = review.BuildFailed
		for _, f := range failures {
			b.TestsRan = b.TestsRan && f.Stage == review.StageTest
		}
	}
	return b
}

func (s *story) run(job string, change, patchSet int, base time.Time, failures ...review.BuildFailure) {
	s.h.Add(s.build(job, change, patchSet, base, failures...))
}

// quiet is a day in which other changes pass.
func (s *story) quiet(job string, n int) {
	for i := range n {
		s.run(job, 100+i, 1, clock(9, 0).Add(-time.Duration(n-i)*time.Hour))
	}
}

func (s *story) touches(change, patchSet int, files ...string) {
	s.h.uploaded(change, patchSet, files, int64(change), "", time.Time{}, noon)
}

func testFails(name, message string) review.BuildFailure {
	return failure(review.StageTest, name, "", message)
}

func failure(stage review.Stage, test, file, message string) review.BuildFailure {
	return review.BuildFailure{Stage: stage, Category: string(stage), Test: test, File: file, Message: message, Fingerprint: fingerprint(test+file, message, nil)}
}

// as gives a failure another category.
func as(category string, f review.BuildFailure) review.BuildFailure {
	f.Category = category
	return f
}

const mine = 7 // the change that a story is about

// stories are what people know of CI, and what has to be told of it.
var stories = []struct {
	name  string
	tell  func(s *story)
	class Class
	shown Class
	words []string
	none  []string // may not be told
}{
	{
		name:  "nothing is known but the failure",
		tell:  func(s *story) { s.run("unit", mine, 1, clock(11, 0), testFails("a.TestX", "got 1, want 2")) },
		shown: ClassUnknown,
	},
	{
		name: "a compiler's error, and nothing else is known",
		tell: func(s *story) {
			s.run("unit", mine, 1, clock(11, 0), failure(review.StageCompile, "", "core/x.go", "undefined: foo"))
		},
		shown: ClassUnknown,
		words: []string{"hardly any other run of unit is known yet"},
	},
	{
		name:  "a test that waited in vain, and nothing else is known",
		tell:  func(s *story) { s.run("unit", mine, 1, clock(11, 0), testFails("a.TestX", "timed out after 10s")) },
		shown: ClassUnknown,
	},
	{
		name: "fails on main before the change's base",
		tell: func(s *story) {
			s.quiet("unit", 10)
			for i := range 3 {
				s.run("unit", 0, 0, clock(9, 2+10*i), testFails("core.TestX", "got 1, want 2"))
			}
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassPreexisting, shown: ClassPreexisting,
		words: []string{"fails on main since 09:02 UTC (3 runs)"},
	},
	{
		name: "fails on most changes of the last hour",
		tell: func(s *story) {
			s.quiet("unit", 10)
			for i := range 4 {
				s.run("unit", 20+i, 1, clock(9, 2+10*i), testFails("core.TestX", "got 1, want 2"))
			}
			s.run("unit", 30, 1, clock(9, 25))
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassPreexisting, shown: ClassPreexisting,
		words: []string{"failed on 4 of 5 other changes based on main since 09:02 UTC"},
	},
	{
		name: "the branch was mended before the change's base",
		tell: func(s *story) {
			s.quiet("unit", 10)
			for i := range 3 {
				s.run("unit", 20+i, 1, clock(9, 2+10*i), testFails("core.TestX", "got 1, want 2"))
			}
			for i := range 4 {
				s.run("unit", 30+i, 1, clock(10, 10*i))
			}
			s.touches(mine, 1, "core/x.go")
			s.run("unit", mine, 1, clock(10, 35), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"this change touches core"},
		none:  []string{"based on main"},
	},
	{
		name: "passes on recheck",
		tell: func(s *story) {
			s.quiet("unit", 10)
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
			again := s.build("unit", mine, 1, clock(9, 40))
			again.Ended = clock(11, 0)
			s.h.Add(again)
		},
		class: ClassFlaky, shown: ClassFlaky,
		words: []string{"passed and failed on this patch set"},
	},
	{
		name: "fails on recheck as well",
		tell: func(s *story) {
			s.quiet("unit", 10)
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
			again := s.build("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
			again.Ended = clock(11, 0)
			s.h.Add(again)
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"failed again when it ran again", "no other change has failed with it (10 runs of unit)"},
	},
	{
		name: "fails now and then on other changes",
		tell: func(s *story) {
			for i := range 30 {
				var f []review.BuildFailure
				if i%8 == 3 {
					f = append(f, testFails("core.TestX", "got 1, want 2"))
				}
				s.run("unit", 100+i, 1, clock(9, 0).Add(-time.Duration(3*(30-i))*time.Hour), f...)
			}
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassFlaky, shown: ClassFlaky,
		words: []string{"failed on 4 of 27 other runs in 4 days, on 4 other changes"},
	},
	{
		name: "a flaky test that is broken for real",
		tell: func(s *story) {
			for i := range 30 {
				var f []review.BuildFailure
				if i%8 == 3 {
					f = append(f, testFails("core.TestX", "timed out"))
				}
				s.run("unit", 100+i, 1, clock(9, 0).Add(-time.Duration(3*(30-i))*time.Hour), f...)
			}
			s.touches(mine, 1, "core/x.go")
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"new message for a test that failed before", "this change touches core"},
	},
	{
		name: "same topic's sibling",
		tell: func(s *story) {
			s.quiet("unit", 10)
			s.h.uploaded(6, 1, []string{"core/x.go"}, 6, "refunds", time.Time{}, noon)
			s.h.uploaded(mine, 1, []string{"core/y.go"}, 7, "refunds", time.Time{}, noon)
			s.run("unit", 6, 1, clock(9, 30), testFails("core.TestX", "got 1, want 2"))
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"fails on change 6 of the same topic too, and on no other"},
		none:  []string{"based on main"},
	},
	{
		name: "ten changes of one owner are one",
		tell: func(s *story) {
			s.quiet("unit", 10)
			for i := range 10 {
				b := s.build("unit", 20+i, 1, clock(9, 2*i), testFails("core.TestX", "got 1, want 2"))
				b.Owner = mine
				s.h.Add(b)
			}
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"of the same owner too"},
	},
	{
		name: "also fails in another job of the patch set",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.quiet("unit-arm", 20)
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
			s.run("unit-arm", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"also fails in unit-arm of this patch set"},
	},
	{
		name: "passes in another job of the patch set, where it failed once",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.run("unit-arm", 40, 1, clock(5, 0), testFails("core.TestX", "got 1, want 2"))
			s.run("unit-arm", mine, 1, clock(9, 40))
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassFlaky, shown: ClassFlaky,
		words: []string{"passes in unit-arm of this patch set"},
	},
	{
		name: "a compiler's error in a file of the change",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.touches(mine, 1, "core/x.go")
			s.run("unit", mine, 1, clock(9, 40), failure(review.StageCompile, "", "core/x.go", "undefined: foo"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"this change touches core/x.go"},
	},
	{
		name: "the test of a class that the change touches",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.touches(mine, 1, "src/main/java/com/acme/pay/Refund.java")
			s.run("unit", mine, 1, clock(9, 40), testFails("com.acme.pay.RefundTest.halves", "expected 1 but was 2"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"this change touches Refund"},
	},
	{
		name: "no node came",
		tell: func(s *story) {
			s.quiet("unit", 10)
			s.run("unit", mine, 1, clock(9, 40), failure(review.StageSetup, "", "", "NODE_FAILURE"))
		},
		class: ClassInfra, shown: ClassInfra,
		words: []string{"nothing of the project ran yet"},
	},
	{
		name: "bad node",
		tell: func(s *story) {
			s.quiet("unit", 10)
			for i := range 4 {
				b := s.build("unit", 20+i, 1, clock(8, 10*i), failure(review.StageSetup, "", "", "No space left on device"))
				b.Node = "node-3"
				s.h.Add(b)
			}
			b := s.build("unit", mine, 1, clock(11, 40), testFails("core.TestX", "write /tmp/x: no space left on device"))
			b.Node = "node-3"
			s.h.Add(b)
		},
		class: ClassInfra, shown: ClassInfra,
		words: []string{"4 of 4 other runs on node-3 had trouble with the CI within a day of it"},
	},
	{
		name: "the CI has trouble all over",
		tell: func(s *story) {
			s.quiet("unit", 10)
			for i := range 9 {
				s.run("unit", 20+i, 1, clock(9, 20+2*i), failure(review.StageSetup, "", "", "Could not resolve host: git.example.org"))
			}
			s.run("unit", mine, 1, clock(9, 40), failure(review.StageSetup, "", "", "Could not resolve host: git.example.org"))
		},
		class: ClassInfra, shown: ClassInfra,
		words: []string{"the CI had the same trouble on 9 other runs within an hour of it"},
	},
	{
		name: "words of a broken machine, but the change touches that file",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.touches(mine, 1, "core/quota_test.go")
			s.run("unit", mine, 1, clock(9, 40), failure(review.StageTest, "core.TestQuota", "core/quota_test.go", "want \"no space left on device\", got nil"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"this change touches core/quota_test.go"},
	},
	{
		name: "a failure on the branch itself",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.run("unit", 20, 1, clock(9, 50), testFails("core.TestX", "got 1, want 2"))
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
			s.run("unit", 0, 0, clock(9, 45), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassPreexisting, shown: ClassPreexisting,
		words: []string{"fails on main since 09:45 UTC (1 run)"},
	},
	{
		name: "a change that touches the place was merged before it began",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.run("unit", 20, 1, clock(9, 0))
			s.touches(5, 1, "core/x.go")
			s.touches(6, 1, "docs/x.md")
			s.h.Merged(5, clock(9, 10))
			s.h.Merged(6, clock(9, 12))
			s.run("unit", 0, 0, clock(9, 20), testFails("core.TestX", "got 1, want 2"))
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassPreexisting, shown: ClassPreexisting,
		words: []string{"began after change 5, which touches core, was merged at 09:10 UTC"},
	},
	{
		name: "an error in the CI's configuration, which the change touches",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.touches(mine, 1, ".zuul.yaml")
			s.run("unit", mine, 1, clock(9, 40), as("config", failure(review.StageSetup, "", ".zuul.yaml", "Unknown project example/none")))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"this change touches .zuul.yaml"},
		none:  []string{"nothing of the project ran yet"},
	},
	{
		name: "a script is missing, and nothing else is known",
		tell: func(s *story) {
			s.run("unit", mine, 1, clock(9, 40), as("config", failure(review.StageSetup, "", "", "npm ERR! Missing script: \"build\"")))
		},
		shown: ClassConfiguration,
	},
	{
		name: "versions exclude each other, and nothing else is known",
		tell: func(s *story) {
			s.run("unit", mine, 1, clock(9, 40), as("dependency", failure(review.StageSetup, "", "", "npm ERR! ERESOLVE unable to resolve dependency tree")))
		},
		shown: ClassUnknown,
	},
	{
		name: "what is fetched does not come",
		tell: func(s *story) {
			s.quiet("unit", 10)
			s.run("unit", mine, 1, clock(9, 40), as("dependency", failure(review.StageSetup, "", "", "Could not transfer artifact: 503 Service Unavailable")))
		},
		class: ClassInfra, shown: ClassInfra,
	},
	{
		name: "the last words of a log, and nothing else is known",
		tell: func(s *story) {
			s.run("unit", mine, 1, clock(9, 40), as("unknown", failure(review.StageCompile, "", "", "exit status 3")))
		},
		shown: ClassUnknown,
		none:  []string{"same each time"},
	},
	{
		name: "the last words of a log, and it passes on recheck",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.run("unit", mine, 1, clock(9, 40), as("unknown", failure(review.StageCompile, "", "", "exit status 3")))
			again := s.build("unit", mine, 1, clock(9, 40))
			again.Ended = clock(11, 0)
			s.h.Add(again)
		},
		class: ClassFlaky, shown: ClassFlaky,
	},
	{
		name: "a run whose log nobody read does not show that the rest is good",
		tell: func(s *story) {
			for i := range 12 {
				b := s.build("unit", 20+i, 1, clock(9, 5*i))
				b.Result, b.Unread, b.TestsRan = review.BuildFailed, "denied", false
				b.Failures = []review.BuildFailure{Unexplained(&b)}
				s.h.Add(b)
			}
			s.run("unit", mine, 1, clock(9, 40), failure(review.StageCompile, "", "", "undefined: foo"))
		},
		none: []string{"passes for others"},
	},
	{
		name: "two failures that say nothing",
		tell: func(s *story) {
			s.run("unit", mine, 1, clock(9, 40), testFails("core.TestX", ""), testFails("core.TestY", ""))
		},
		shown: ClassUnknown,
		none:  []string{"with the same message"},
	},
	{
		name: "an earlier patch set had it",
		tell: func(s *story) {
			s.quiet("unit", 20)
			s.run("unit", mine, 1, clock(9, 0), testFails("core.TestX", "got 1, want 2"))
			s.run("unit", mine, 2, clock(9, 40), testFails("core.TestX", "got 1, want 2"))
		},
		class: ClassChange, shown: ClassChange,
		words: []string{"patch set 1 had it too"},
	},
}

// newestPatch is the last patch set of the change of a story.
func newestPatch(h *History) int {
	all := h.changes[mine].patches
	return all[len(all)-1].number
}

func TestStories(t *testing.T) {
	for _, tt := range stories {
		t.Run(tt.name, func(t *testing.T) {
			s := newStory()
			tt.tell(s)
			got := s.h.Assess(mine, newestPatch(s.h), noon, nil)
			if len(got) == 0 {
				t.Fatal("Assess returned nothing")
			}
			a := got[0]
			if tt.class != "" && a.Class != tt.class || tt.shown != "" && a.Shown != tt.shown {
				t.Errorf("class %s, shown %s (%.2f), want %s and %s; evidence %q", a.Class, a.Shown, a.Odds, tt.class, tt.shown, a.Evidence)
			}
			all := strings.Join(a.Evidence, "\n")
			for _, w := range tt.words {
				if !strings.Contains(all, w) {
					t.Errorf("evidence %q, want %q in it", a.Evidence, w)
				}
			}
			for _, w := range tt.none {
				if strings.Contains(all, w) {
					t.Errorf("evidence %q, must not hold %q", a.Evidence, w)
				}
			}
			if len(a.Evidence) > maxEvidence {
				t.Errorf("%d pieces of evidence", len(a.Evidence))
			}
		})
	}
}

// TestEveryWeightHasAReason also pins that the table is indexed by name.
func TestEveryWeightHasAReason(t *testing.T) {
	table := weights()
	for i, w := range table {
		if int(w.name) != i || w.why == "" || w.most <= 0 {
			t.Errorf("row %d: %+v", i, w)
		}
	}
	if len(table) != int(signNode)+1 {
		t.Errorf("%d rows for %d names", len(table), signNode+1)
	}
	for _, list := range [][]phrase{ciPhrases, timePhrases} {
		for _, p := range list {
			if p.text != strings.ToLower(p.text) || p.by == "" {
				t.Errorf("phrase %+v", p)
			}
		}
	}
}

func TestWhen(t *testing.T) {
	for _, tt := range []struct {
		at   time.Time
		want string
	}{
		{clock(9, 2), "09:02 UTC"},
		{clock(9, 2).AddDate(0, 0, -3), "27 Feb 09:02 UTC"},
		{clock(9, 2).AddDate(-2, 0, 0), "2 Mar 2024"},
		{clock(14, 0), "14:00 UTC"},
		{time.Unix(-1<<40, 0), "12 Nov -32873"},
	} {
		if got := when(tt.at.Unix(), noon); got != tt.want {
			t.Errorf("when(%s) = %q, want %q", tt.at, got, tt.want)
		}
	}
}
