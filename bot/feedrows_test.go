// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/review"
)

// However often a change moves it is one row, the newest, and nothing of it is text.
func TestNewsOfRows(t *testing.T) {
	w := newWorld(t, nil)
	a, b := review.ChangeID{Host: testHost, Project: "pay", Number: 7}, review.ChangeID{Host: testHost, Project: "pay", Number: 8}
	w.event("reviewer-added", a, 1)
	for range 100 {
		w.event("comment-added", a, 1)
		w.event("vote-deleted", b, 1)
	}
	w.event("comment-added", a, 1)
	wantLines(t, "news", w.news(), "access h/pay~7", "row h/pay~8", "row h/pay~7")
	rows := w.logs.rows[FeedLog]
	if first, last := rows[1], rows[2]; first.Seq < 200 || last.Seq <= first.Seq {
		t.Errorf("rows %d and %d are not the newest", first.Seq, last.Seq)
	}
	w.fail["news"] = []error{errors.New("the store is full")}
	e := review.Event{Type: "comment-added", Host: testHost, Project: "pay", Number: 7}
	if ok, _, err := w.b.Accept(t.Context(), e); err == nil || ok {
		t.Errorf("accepted: %v, %v; the sender has to try again", ok, err)
	}
	if _, _, err := w.b.Accept(t.Context(), e); err != nil {
		t.Errorf("and again: %v", err)
	}
	wantLines(t, "then", w.news(), "access h/pay~7", "row h/pay~8", "row h/pay~7")
	w.now = w.now.Add(movedAge)
	w.event("comment-added", b, 1)
	if err := w.b.trimFeed(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantLines(t, "after an hour", w.news(), "row h/pay~8")
}

// Who is told that its news are written finds them behind what was written
// before; and writes are as many as the store can do, not as many as events.
func TestTellerLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const people, each, changes = 40, 25, 9
		const slow = 10 * time.Millisecond
		tell := newTeller()
		var mu sync.Mutex
		seq, writes, began := 0, 0, time.Now()
		rows := map[review.ChangeID]int{} // when each was written last
		write := func(news map[string]review.News) error {
			time.Sleep(slow)
			mu.Lock()
			defer mu.Unlock()
			writes++
			for _, n := range news {
				seq++
				rows[n.Change] = seq
			}
			return nil
		}
		var all sync.WaitGroup
		for p := range people {
			all.Go(func() {
				for i := range each {
					id := review.ChangeID{Host: "h", Project: "pay", Number: 1 + (p*7+i)%changes}
					mu.Lock()
					before := rows[id]
					mu.Unlock()
					if err := tell.tell(t.Context(), []review.News{{Kind: review.NewsRow, Change: id}}, write); err != nil {
						t.Error(err)
					}
					mu.Lock()
					if rows[id] <= before {
						t.Errorf("%s was written before it moved", id)
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		if most := 2 * (each + 1); writes > most || time.Since(began) > time.Duration(most)*slow {
			t.Errorf("%d writes in %s for %d events", writes, time.Since(began), people*each)
		}
	})
}

func TestTellerFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		tell := newTeller()
		news := func(n int) []review.News {
			return []review.News{{Kind: review.NewsRow, Change: review.ChangeID{Host: "h", Project: "pay", Number: n}}}
		}
		var got []string
		go func() {
			_ = tell.tell(t.Context(), news(1), func(map[string]review.News) error { time.Sleep(time.Second); return nil })
		}()
		synctest.Wait()
		// Two wait behind it, and one of them goes away.
		broken := func(of map[string]review.News) error {
			got = append(got, fmt.Sprint(len(of)))
			return errors.New("the store is down")
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if err := tell.tell(ctx, news(2), broken); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("who goes away: %v", err)
		}
		var all sync.WaitGroup
		for n := 3; n < 6; n++ {
			all.Go(func() {
				if err := tell.tell(t.Context(), news(n), broken); err == nil {
					t.Errorf("%d was told that it is written", n)
				}
			})
		}
		all.Wait()
		if err := tell.tell(t.Context(), news(6), func(of map[string]review.News) error {
			got = append(got, fmt.Sprint(len(of)))
			return nil
		}); err != nil || fmt.Sprint(got) != "[4 1]" {
			t.Errorf("then %v, written %v", err, got)
		}
		// A writer that breaks leaves nobody waiting.
		func() {
			defer func() { _ = recover() }()
			_ = tell.tell(t.Context(), news(7), func(map[string]review.News) error { panic("broken") })
		}()
		if err := tell.tell(t.Context(), news(7), func(map[string]review.News) error { return nil }); err != nil {
			t.Error(err)
		}
	})
}

// What a CI pushes is news of the change, or of the project when it ran on a branch.
func TestNewsOfPushes(t *testing.T) {
	w, c := ciWorld(t, "")
	n := len(w.news())
	push := func(b review.Build) {
		t.Helper()
		b.Host, b.Project, b.Job, b.Result, b.Ended, b.By = testHost, "pay", "unit", review.BuildPassed, w.now, "ci"
		if _, _, err := w.b.TakeBuild(t.Context(), b, nil); err != nil {
			t.Fatal(err)
		}
	}
	push(review.Build{Key: "one", Change: c.ID.Number, PatchSet: 1})
	push(review.Build{Key: "two", Branch: "main"})
	wantLines(t, "pushes", w.newsSince(n), "build h/pay~7", "build h/pay~0")
	push(review.Build{Key: "one", Change: c.ID.Number, PatchSet: 1}) // as it was: who sent it may not know that it was told
	wantLines(t, "again", w.newsSince(n), "build h/pay~0", "build h/pay~7")

	runs, err := w.b.LastRuns(t.Context(), testHost, "pay", func(branch string) bool { return branch == "main" })
	if err != nil || len(runs) != 1 || len(runs["main"]) != 1 || runs["main"][0].Key != "two" {
		t.Errorf("last runs %+v, %v", runs, err)
	}
	if runs, err := w.b.LastRuns(t.Context(), testHost, "web", func(string) bool { return true }); runs != nil || err != nil {
		t.Errorf("of a project that is off: %+v, %v", runs, err)
	}
	m, err := NewMark("0123456789abcdef", "flaky", "", "", "jane", w.now)
	if err == nil {
		err = KeepMark(t.Context(), &w.logs, testHost, "pay", m)
	}
	if err != nil {
		t.Fatal(err)
	}
	wantLines(t, "a mark", w.newsSince(n+2), "build h/pay~0")
}
