// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/board"
	"review-assistant/review"
)

func run(job string, result review.BuildResult, ago time.Duration) board.BranchRun {
	return board.BranchRun{Job: job, Result: result, Ended: start.Add(-ago), URL: "https://ci.example/" + job}
}

// branchWorld has open changes of three branches, and builds of four.
func branchWorld(t testing.TB) *world {
	w := newWorld(t, 1)
	add := func(number int, branch string, edit ...func(*fakeChange)) {
		w.a.add("pay", number, append([]func(*fakeChange){func(c *fakeChange) { c.Branch, c.ready, c.dirs = branch, number%2 == 0, []string{"lib"} }}, edit...)...)
	}
	for n := 1; n <= 3; n++ {
		add(n, "dev")
	}
	add(4, "main")
	add(5, "secret", func(c *fakeChange) { c.blind[7] = true })
	add(6, "main", func(c *fakeChange) { c.private = true })
	add(7, "main", func(c *fakeChange) { c.WIP = true })
	add(8, "old", func(c *fakeChange) { c.Status = review.StatusMerged })
	w.builds.runs = map[string][]board.BranchRun{
		"main":   {run("lint", review.BuildPassed, time.Minute), run("unit", review.BuildFailed, time.Hour), run("e2e", review.BuildBroken, 2*time.Hour)},
		"dev":    {run("unit", review.BuildPassed, time.Hour)},
		"secret": {run("unit", review.BuildFailed, time.Hour)},
		"old":    {run("unit", review.BuildFailed, time.Hour)},
	}
	w.a.public["pay"] = true
	return w
}

// briefly is an answer, a line each.
func briefly(list []board.Branch) []string {
	out := []string{}
	for _, b := range list {
		s := fmt.Sprintf("%s %d/%d", b.Branch, b.Ready, b.Open)
		if b.Default {
			s += " default"
		}
		if b.AtLeast {
			s += " at least"
		}
		if b.Build != nil {
			s += fmt.Sprintf(" %s %s", b.Build.Result, start.Sub(b.Build.Ended))
			for _, r := range b.Build.Runs {
				s += fmt.Sprintf(" %s:%s", r.Job, r.Result)
			}
		}
		out = append(out, s)
	}
	return out
}

func TestBranches(t *testing.T) {
	const ofMain = "main 1/1 default failed 1m0s unit:failed e2e:broken lint:passed"
	for _, tt := range []struct {
		name    string
		account int64
		place   board.Place
		edit    func(w *world)
		want    []string
	}{
		{"who sees all", 1, board.Place{Project: "pay"}, nil, []string{ofMain, "dev 1/3 passed 1h0m0s unit:passed", "secret 0/1 failed 1h0m0s unit:failed"}},
		{"who does not read a branch", 7, board.Place{Project: "pay"}, nil, []string{ofMain, "dev 1/3 passed 1h0m0s unit:passed"}},
		{"a component", 7, board.Place{Entity: "component:default/pay"}, nil, []string{ofMain, "dev 1/3 passed 1h0m0s unit:passed"}},
		{"a branch without builds", 7, board.Place{Project: "pay"}, func(w *world) { delete(w.builds.runs, "dev") }, []string{ofMain, "dev 1/3"}},
		{"the default branch without changes", 7, board.Place{Project: "pay"}, func(w *world) { delete(w.a.changes, review.ChangeID{Host: "a", Project: "pay", Number: 4}) }, []string{"main 0/0 default failed 1m0s unit:failed e2e:broken lint:passed", "dev 1/3 passed 1h0m0s unit:passed"}},
		{"not everybody reads the default branch", 7, board.Place{Project: "pay"}, func(w *world) {
			w.a.public["pay"] = false
			delete(w.a.changes, review.ChangeID{Host: "a", Project: "pay", Number: 4})
		}, []string{"dev 1/3 passed 1h0m0s unit:passed"}},
		{"neither, but who sees a change on it does", 7, board.Place{Project: "pay"}, func(w *world) { w.a.public["pay"] = false }, []string{"dev 1/3 passed 1h0m0s unit:passed", "main 1/1 failed 1m0s unit:failed e2e:broken lint:passed"}},
		{"more than are counted", 7, board.Place{Project: "pay"}, func(w *world) { w.a.more = true; w.builds.runs = nil }, []string{"main 1/1 default at least", "dev 1/3 at least"}},
		{"a project that is off", 7, board.Place{Project: "pay"}, func(w *world) { w.policies["a/pay"] = board.Policy{Mode: "off", Builds: true} }, []string{"main 1/1 default", "dev 1/3"}},
		{"a project without builds", 7, board.Place{Project: "pay"}, func(w *world) { w.policies["a/pay"] = board.Policy{Mode: "on"} }, []string{"main 1/1 default", "dev 1/3"}},
		{"in the shadow", 7, board.Place{Project: "pay"}, func(w *world) { w.policies["a/pay"] = board.Policy{Mode: "shadow", Builds: true} }, []string{"main 1/1 default", "dev 1/3"}},
		{"in the shadow, for an owner", 7, board.Place{Project: "pay"}, func(w *world) {
			w.policies["a/pay"] = board.Policy{Mode: "shadow", Builds: true}
			w.a.owners["pay"] = []int64{7}
		}, []string{ofMain, "dev 1/3 passed 1h0m0s unit:passed"}},
		{"results that say nothing", 7, board.Place{Project: "pay"}, func(w *world) {
			w.builds.runs = map[string][]board.BranchRun{"main": {run("unit", review.BuildUnknown, 0)}, "dev": {run("b", review.BuildAborted, 0), run("c", review.BuildSkipped, 0), run("a", review.BuildTimedOut, 1)}}
		}, []string{"main 1/1 default", "dev 1/3 timed-out 0s a:timed-out b:aborted c:skipped"}},
		{"nothing", 7, board.Place{Project: "web"}, func(w *world) { w.builds.runs = nil }, []string{}},
		{"a name that no project has", 7, board.Place{Project: "^.*"}, nil, []string{}},
		{"a folder that nobody touches", 7, board.Place{Entity: "component:default/lib"}, func(w *world) { w.builds.runs = nil }, []string{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := branchWorld(t)
			if tt.edit != nil {
				tt.edit(w)
			}
			got, err := w.Branches(t.Context(), viewer(tt.account), board.BranchesQuery{Place: tt.place})
			if diff := cmp.Diff(tt.want, briefly(got.Rows)); err != nil || diff != "" {
				t.Errorf("Branches = %v (-want +got):\n%s", err, diff)
			}
			if told := w.builds.told; tt.account == 7 && (slices.Contains(told, "secret") || slices.Contains(told, "old")) {
				t.Errorf("runs of %q are read", told)
			}
		})
	}
}

// Of an entity that is on one branch nothing is told of others, nor read.
func TestBranchesOfABranch(t *testing.T) {
	const ofMain, ofDev = "main 1/1 default failed 1m0s unit:failed e2e:broken lint:passed", "dev 1/3 passed 1h0m0s unit:passed"
	for _, tt := range []struct {
		name, entity string
		edit         func(c *fakeChange)
		want, told   []string
	}{
		{"one that is not the default", "dev", nil, []string{ofDev}, []string{"dev"}},
		{"the default", "main", nil, []string{ofMain}, []string{"main"}},
		{"a folder", "devlib", nil, []string{ofDev}, []string{"dev"}},
		{"a folder that nobody touches there", "devlib", func(c *fakeChange) { c.dirs = nil }, []string{}, nil},
		{"one on which nothing is shown", "dev", func(c *fakeChange) { c.private = true }, []string{}, nil},
		{"the default without changes", "main", func(c *fakeChange) { c.private = true }, []string{"main 0/0 default failed 1m0s unit:failed e2e:broken lint:passed"}, []string{"main"}},
	} {
		w := branchWorld(t)
		for _, c := range w.a.changes {
			if tt.edit != nil {
				tt.edit(c)
			}
		}
		got, err := w.Branches(t.Context(), viewer(7), board.BranchesQuery{Place: board.Place{Entity: "component:default/" + tt.entity}})
		if diff := cmp.Diff(tt.want, briefly(got.Rows)); err != nil || diff != "" || !slices.Equal(w.builds.told, tt.told) {
			t.Errorf("%s: %v, runs of %q are read (-want +got):\n%s", tt.name, err, w.builds.told, diff)
		}
	}
}

func TestBranchesHasBounds(t *testing.T) {
	w := branchWorld(t)
	runs := []board.BranchRun{}
	for i := range 300 {
		runs = append(runs, run(fmt.Sprintf("job-%03d", i), review.BuildPassed, time.Hour))
	}
	w.builds.runs["main"] = append(runs, run("last", review.BuildPassed, 0), run("bad", review.BuildFailed, 2*time.Hour))
	got, err := w.Branches(t.Context(), viewer(1), board.BranchesQuery{Place: board.Place{Project: "pay"}})
	if err != nil {
		t.Fatal(err)
	}
	if b := got.Rows[0].Build; len(b.Runs) != 100 || b.Result != review.BuildFailed || b.Runs[0].Job != "bad" || b.Runs[1].Job != "last" || !b.Ended.Equal(start) {
		t.Errorf("%d runs, %s at %s, %+v", len(b.Runs), b.Result, b.Ended, b.Runs[:2])
	}
}

// One question a minute and person, until something in the project moves: a vote
// makes a change ready.
func TestBranchesAsksOnce(t *testing.T) {
	w := branchWorld(t)
	id := review.ChangeID{Host: "a", Project: "pay", Number: 1}
	ask := func(account int64, opens int) []string {
		t.Helper()
		got, err := w.Branches(t.Context(), viewer(account), board.BranchesQuery{Place: board.Place{Project: "pay"}})
		if err != nil || w.a.opens != opens {
			t.Errorf("%v after %d questions, want %d", err, w.a.opens, opens)
		}
		return briefly(got.Rows)
	}
	ask(7, 1)
	ask(7, 1)
	ask(1, 2)
	w.Moved(review.News{Kind: review.NewsRow, Change: review.ChangeID{Host: "a", Project: "web", Number: 9}})
	w.Moved(review.News{Kind: review.NewsBuild, Change: id})
	w.Moved(review.News{Kind: review.NewsOutcome, Change: id})
	ask(7, 2)
	w.a.edit(id, func(c *fakeChange) { c.ready = true })
	w.Moved(review.News{Kind: review.NewsRow, Change: id})
	if got := ask(7, 3); got[1] != "dev 2/3 passed 1h0m0s unit:passed" {
		t.Errorf("after the vote: %q", got)
	}
	w.a.edit(id, func(c *fakeChange) { c.blind[7] = true })
	w.moved(id)
	if got := ask(7, 4); got[1] != "dev 1/2 passed 1h0m0s unit:passed" {
		t.Errorf("after it was hidden: %q", got)
	}
	w.clock.add(time.Minute)
	ask(7, 5)
}

// What was counted before somebody lost sight of a change is not told, even when it
// happens while builds are read.
func TestBranchesThatMove(t *testing.T) {
	w := branchWorld(t)
	id := review.ChangeID{Host: "a", Project: "pay", Number: 1}
	once := true
	w.builds.hold = func() {
		if once {
			once = false
			w.a.edit(id, func(c *fakeChange) { c.private = true })
			w.moved(id)
		}
	}
	got, err := w.Branches(t.Context(), viewer(7), board.BranchesQuery{Place: board.Place{Project: "pay"}})
	if err != nil || briefly(got.Rows)[1] != "dev 1/2 passed 1h0m0s unit:passed" {
		t.Errorf("got %q, %v", briefly(got.Rows), err)
	}
	w.builds.hold = func() { w.moved(id) }
	if got, err := w.Branches(t.Context(), viewer(7), board.BranchesQuery{Place: board.Place{Project: "pay"}}); kindOf(err) != "retry" {
		t.Errorf("while it goes on: %q, %v", briefly(got.Rows), err)
	}
}

func TestBranchesRefuses(t *testing.T) {
	w := branchWorld(t)
	ask := func(v review.Viewer, p board.Place) string {
		_, err := w.Branches(t.Context(), v, board.BranchesQuery{Place: p})
		return kindOf(err)
	}
	stranger, over := viewer(1), viewer(1)
	stranger.Accounts = nil
	over.Until = start
	for _, tt := range []struct {
		name  string
		v     review.Viewer
		place board.Place
		want  string
	}{
		{"no account", stranger, board.Place{Project: "pay"}, "denied"},
		{"over", over, board.Place{Project: "pay"}, "denied"},
		{"no project", viewer(1), board.Place{Host: "a"}, "rejected"},
		{"no entity", viewer(1), board.Place{Entity: "component:default/none"}, "gone"},
		{"no host", viewer(1), board.Place{Host: "x", Project: "pay"}, "gone"},
	} {
		if got := ask(tt.v, tt.place); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	w.builds.down = errors.New("the store is down")
	if got := ask(viewer(1), board.Place{Project: "pay"}); got != "retry" {
		t.Errorf("without builds: %s", got)
	}
	w.builds.down, w.a.down = nil, errors.New("403: you may not")
	w.moved(review.ChangeID{Host: "a"})
	if got := ask(viewer(1), board.Place{Project: "pay"}); got != "retry" {
		t.Errorf("without Gerrit: %s", got)
	}
}

// BenchmarkBranches is for somebody about whom Gerrit was asked within the minute.
func BenchmarkBranches(b *testing.B) {
	w := branchWorld(b)
	for n := 100; n < 600; n++ {
		w.a.add("pay", n, func(c *fakeChange) { c.Branch = fmt.Sprint("release-", n%50) })
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := w.Branches(b.Context(), viewer(5), board.BranchesQuery{Place: board.Place{Project: "pay"}}); err != nil {
			b.Fatal(err)
		}
	}
}
