// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"review-assistant/board"
	"review-assistant/review"
)

// TestNobodyReadsOldRows moves what Gerrit says of changes, such as votes, while
// people read: once news of it came, everybody is told at least what it was then.
func TestNobodyReadsOldRows(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, 2)
		w.policies["a/trial"] = board.Policy{Mode: "shadow", Builds: true}
		now, told := map[review.ChangeID]int{}, map[review.ChangeID]int{} // versions
		var ids []review.ChangeID
		for _, g := range []*fakeGerrit{w.a, w.b} {
			for i, project := range []string{"pay", "pay", "mono", "trial"} {
				id := g.add(project, i+1, func(c *fakeChange) {
					c.Subject, c.dirs, c.reviewers, c.Attention = "v0", []string{"lib"}, []int64{1, 2, 1001, 1002}, []int64{2, 1001}
				})
				ids = append(ids, id)
				w.happened(id, "posted", "posted")
			}
		}
		pick := func() review.ChangeID { return rapid.SampledFrom(ids).Draw(rt, "change") }
		fresh := func(what, name, subject string, err error) {
			if err != nil {
				rt.Fatalf("%s: %v", what, err)
			}
			id, err := review.ParseChangeID(name)
			if err != nil {
				rt.Fatal(err)
			}
			v, err := strconv.Atoi(strings.TrimPrefix(subject, "v"))
			if err != nil || v < told[id] || v > now[id] {
				rt.Fatalf("%s tells %q of %s, which was %d when news of it came and is %d", what, subject, id, told[id], now[id])
			}
		}
		who := func() review.Viewer { return viewer(rapid.SampledFrom([]int64{1, 2, 3}).Draw(rt, "who")) }
		place := func() board.Place {
			return rapid.SampledFrom([]board.Place{{Host: "a"}, {Host: "b"}, {Host: "a", Project: "pay"}, {Host: "b", Project: "mono"}, {Entity: "component:default/lib"}}).Draw(rt, "place")
		}
		rows := func(what string, list board.List[board.Change], err error) {
			if err != nil {
				rt.Fatalf("%s: %v", what, err)
			}
			for _, r := range list.Rows {
				fresh(what, r.ID, r.Subject, nil)
			}
		}
		rt.Repeat(map[string]func(*rapid.T){
			"a row moves": func(*rapid.T) {
				id := pick()
				now[id]++
				g := w.a
				if id.Host == "b" {
					g = w.b
				}
				g.edit(id, func(c *fakeChange) { c.Subject = "v" + strconv.Itoa(now[id]) })
			},
			"news": func(*rapid.T) {
				id := pick()
				w.Moved(review.News{Kind: rapid.SampledFrom([]review.NewsKind{review.NewsRow, review.NewsAccess}).Draw(rt, "kind"), Change: id})
				told[id] = now[id]
			},
			"time passes": func(*rapid.T) { w.clock.add(time.Duration(rapid.IntRange(1, 40).Draw(rt, "seconds")) * time.Second) },
			"changes": func(*rapid.T) {
				list, err := w.Changes(t.Context(), who(), board.ChangesQuery{Place: place(), Limit: rapid.IntRange(1, 5).Draw(rt, "limit")})
				rows("Changes", list, err)
			},
			"reviews": func(*rapid.T) {
				list, err := w.Reviews(t.Context(), who(), board.ReviewsQuery{Limit: 5})
				rows("Reviews", list, err)
			},
			"change": func(*rapid.T) {
				d, err := w.Change(t.Context(), who(), pick(), 0)
				fresh("Change", d.ID, d.Subject, err)
			},
			"activity": func(*rapid.T) {
				list, err := w.Activity(t.Context(), who(), board.ActivityQuery{Place: place(), Limit: 10})
				if err != nil {
					rt.Fatal(err)
				}
				for _, r := range list.Rows {
					fresh("Activity", r.Change, r.Subject, nil)
				}
			},
			"who sees": func(*rapid.T) {
				if seen, err := board.SeesNow(w.Board, t.Context(), who(), ids); err != nil || len(seen) != len(ids) {
					rt.Fatalf("%d of %d are seen, %v", len(seen), len(ids), err)
				}
			},
		})
	})
}

// A vote is no reason to ask again who may see a change: streams and failures of a
// busy project cost what they did before.
func TestVotesMoveNoSight(t *testing.T) {
	w := newWorld(t, 1)
	var ids []review.ChangeID
	for n := 1; n <= 50; n++ {
		ids = append(ids, w.a.add("pay", n))
		w.builds.changes = append(w.builds.changes, n)
	}
	for range 20 {
		for _, id := range ids {
			w.Moved(review.News{Kind: review.NewsRow, Change: id})
		}
		if seen, err := board.SeesNow(w.Board, t.Context(), viewer(7), ids); err != nil || len(seen) != 50 {
			t.Fatalf("%d are seen, %v", len(seen), err)
		}
		if _, err := w.Failures(t.Context(), viewer(7), board.FailuresQuery{Place: board.Place{Project: "pay"}, Limit: 10}); err != nil {
			t.Fatal(err)
		}
	}
	if w.a.batches != 1 || w.a.facts != 1 || w.a.opens != 1 || w.read != 1 {
		t.Errorf("asked %d times about changes, %d about the project, %d for open changes, read its policy %d times", w.a.batches, w.a.facts, w.a.opens, w.read)
	}
	if _, err := w.Change(t.Context(), viewer(7), ids[0], 0); err != nil || w.a.batches != 2 {
		t.Errorf("a row that moved was asked for %d times, %v", w.a.batches-1, err)
	}
}

// Votes that come faster than Gerrit answers end no request.
func TestVotesWithoutEnd(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1, func(c *fakeChange) { c.reviewers = []int64{7} })
	w.happened(id, "posted", "posted")
	var votes atomic.Int64
	w.a.hold = func() {
		votes.Add(1)
		w.Moved(review.News{Kind: review.NewsRow, Change: id})
	}
	v := viewer(7)
	if list, err := w.Changes(t.Context(), v, board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 5}); err != nil || len(list.Rows) != 1 {
		t.Errorf("Changes: %v, %v", list.Rows, err)
	}
	if list, err := w.Reviews(t.Context(), v, board.ReviewsQuery{Limit: 5}); err != nil || len(list.Rows) != 1 {
		t.Errorf("Reviews: %v, %v", list.Rows, err)
	}
	if _, err := w.Change(t.Context(), v, id, 0); err != nil {
		t.Errorf("Change: %v", err)
	}
	if list, err := w.Activity(t.Context(), v, board.ActivityQuery{Place: board.Place{Project: "pay"}, Limit: 5}); err != nil || len(list.Rows) != 1 {
		t.Errorf("Activity: %v, %v", list.Rows, err)
	}
	if list, err := w.Branches(t.Context(), v, board.BranchesQuery{Place: board.Place{Project: "pay"}}); err != nil || len(list.Rows) != 1 {
		t.Errorf("Branches: %v, %v", list.Rows, err)
	}
	if n := votes.Load(); n > 8 {
		t.Errorf("Gerrit was asked %d times", n)
	}
}

// What is remembered of votes is bounded, and what is forgotten counts as moved.
func TestVotesAreBounded(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1)
	ask := func(pages int) {
		t.Helper()
		if _, err := w.Changes(t.Context(), viewer(7), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 5}); err != nil || w.a.pages != pages {
			t.Errorf("%v after %d pages, want %d", err, w.a.pages, pages)
		}
	}
	ask(1)
	for n := range 50_000 {
		w.Moved(review.News{Kind: review.NewsRow, Change: review.ChangeID{Host: "a", Project: "web", Number: n + 1}})
	}
	if n := w.Stirred(); n > 21_000 {
		t.Errorf("%d are remembered", n)
	}
	ask(2)
	ask(2)
	w.Moved(review.News{Kind: review.NewsRow, Change: id})
	ask(3)
}

// BenchmarkRowMoved is a vote on one change while 2,000 pages of 25 rows are kept.
func BenchmarkRowMoved(b *testing.B) {
	w := newWorld(b, 1)
	for n := 1; n <= 25; n++ {
		w.a.add("pay", n)
	}
	for account := int64(1); account < 2000; account++ {
		if _, err := w.Changes(b.Context(), viewer(account), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 25}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportAllocs()
	for b.Loop() {
		w.Moved(review.News{Kind: review.NewsRow, Change: review.ChangeID{Host: "a", Project: "lib", Number: 1}})
	}
}
