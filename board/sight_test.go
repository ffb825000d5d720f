// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

// list returns the numbers of the changes of pay that an account is shown.
func (w *world) list(t *testing.T, account int64) []int {
	t.Helper()
	got, err := w.Changes(t.Context(), viewer(account), board.ChangesQuery{Place: board.Place{Host: "a", Project: "pay"}, Limit: 50})
	if err != nil {
		t.Fatal(err)
	}
	return numbers(got.Rows)
}

// class is how the answer about one change ends.
func (w *world) class(t *testing.T, account int64, id review.ChangeID) string {
	t.Helper()
	_, err := w.Change(t.Context(), viewer(account), id, 0)
	return kindOf(err)
}

func TestAnswersCountForAMinute(t *testing.T) {
	w := newWorld(t, 1)
	one, two := w.a.add("pay", 1), w.a.add("pay", 2)
	if got := w.list(t, 5); !slices.Equal(got, []int{1, 2}) {
		t.Fatal(got)
	}
	// A page answers for each of its changes.
	for range 3 {
		for _, id := range []review.ChangeID{one, two} {
			if got := w.class(t, 5, id); got != "" {
				t.Fatal(got)
			}
		}
	}
	if w.a.pages != 1 || w.a.batches != 0 {
		t.Errorf("%d pages, %d batches", w.a.pages, w.a.batches)
	}
	w.a.edit(one, func(c *fakeChange) { c.blind[5] = true })
	w.clock.add(time.Minute - time.Nanosecond)
	if got := w.list(t, 5); len(got) != 2 || w.a.pages != 1 {
		t.Errorf("%v after %d pages", got, w.a.pages)
	}
	w.clock.add(time.Nanosecond)
	if got := w.list(t, 5); !slices.Equal(got, []int{2}) || w.a.pages != 2 {
		t.Errorf("%v after %d pages", got, w.a.pages)
	}
	for range 3 {
		if got := w.class(t, 5, one); got != "gone" || w.a.batches != 1 {
			t.Errorf("%q after %d batches", got, w.a.batches)
		}
	}
	// What is not shown is asked again a minute later as well.
	w.a.edit(one, func(c *fakeChange) { c.blind[5] = false })
	w.clock.add(time.Minute)
	if got := w.class(t, 5, one); got != "" || w.a.batches != 2 {
		t.Errorf("%q after %d batches", got, w.a.batches)
	}
	w.clock.add(-time.Hour) // a clock that is set back makes no answer last
	if w.list(t, 5); w.a.pages != 3 {
		t.Errorf("%d pages", w.a.pages)
	}
}

func TestNewsEndAnswers(t *testing.T) {
	w := newWorld(t, 2)
	one, two, lib := w.a.add("pay", 1), w.a.add("pay", 2), w.a.add("lib", 3)
	other := w.b.add("pay", 1)
	everything := func() {
		t.Helper()
		for _, id := range []review.ChangeID{one, two, lib, other} {
			w.class(t, 5, id)
		}
		for _, p := range []board.Place{{Host: "a", Project: "pay"}, {Host: "a", Project: "lib"}, {Host: "a"}, {Host: "b", Project: "pay"}} {
			if _, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Place: p, Limit: 50}); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, tt := range []struct {
		name           string
		news           review.News
		batchesA       int // changes asked for anew, one by one
		pagesA, pagesB int
	}{
		{"an outcome", review.News{Kind: review.NewsOutcome, Change: one}, 0, 0, 0},
		{"a change", review.News{Kind: review.NewsAccess, Change: one}, 1, 2, 0},
		{"a change that is not known", review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: "a", Project: "pay", Number: 77}}, 0, 2, 0},
		{"a project", review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: "a", Project: "pay"}}, 2, 2, 0},
		{"a host", review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: "a"}}, 3, 3, 0},
		{"the other host", review.News{Kind: review.NewsAccess, Change: review.ChangeID{Host: "b"}}, 0, 0, 1},
		{"nobody knows what", review.News{Kind: review.NewsAccess}, 3, 3, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			everything()
			a, pa, pb := w.a.batches, w.a.pages, w.b.pages
			w.Moved(tt.news)
			everything()
			if w.a.batches-a != tt.batchesA || w.a.pages-pa != tt.pagesA || w.b.pages-pb != tt.pagesB {
				t.Errorf("asked %d times about changes and for %d and %d pages, want %d, %d and %d",
					w.a.batches-a, w.a.pages-pa, w.b.pages-pb, tt.batchesA, tt.pagesA, tt.pagesB)
			}
		})
	}
}

// A no about a change that was shown ends the pages that show it, to whomever.
func TestNoEndsPages(t *testing.T) {
	w := newWorld(t, 1)
	one := w.a.add("pay", 1)
	w.list(t, 5)
	w.clock.add(30 * time.Second)
	w.list(t, 6)
	w.a.edit(one, func(c *fakeChange) { c.private = true })
	w.clock.add(31 * time.Second)
	if got := w.class(t, 5, one); got != "gone" {
		t.Fatal(got)
	}
	if got := w.list(t, 6); len(got) != 0 {
		t.Errorf("a page shows what Gerrit has denied: %v", got)
	}
	before := w.a.batches
	if got := w.class(t, 5, one); got != "gone" || w.a.batches != before {
		t.Errorf("%q after %d more questions", got, w.a.batches-before)
	}
}

func TestOtherAccountsAnswers(t *testing.T) {
	w := newWorld(t, 2)
	id := w.a.add("pay", 1, func(c *fakeChange) { c.blind[6] = true })
	w.b.add("pay", 1)
	w.store.keep(id, 1, "posted", "posted", asIs)
	for range 3 {
		if got := w.list(t, 5); len(got) != 1 {
			t.Fatal(got)
		}
		if got := w.list(t, 6); len(got) != 0 {
			t.Fatalf("the page of another account: %v", got)
		}
		if a, b := w.class(t, 5, id), w.class(t, 6, id); a != "" || b != "gone" {
			t.Fatalf("%q and %q", a, b)
		}
	}
	// One person with the accounts of another on each host.
	swapped := review.Viewer{Accounts: map[string]review.Account{"a": {ID: 6}, "b": {ID: 5}}}
	if _, err := w.Change(t.Context(), swapped, id, 0); kindOf(err) != "gone" {
		t.Error(err)
	}
}

// What cannot be seen and what is not there are told in the same words, after
// the same questions.
func TestGoneIsGone(t *testing.T) {
	w := newWorld(t, 2)
	hidden := w.a.add("pay", 1, func(c *fakeChange) { c.blind[5] = true })
	private := w.a.add("pay", 2, func(c *fakeChange) { c.private = true })
	w.store.keep(hidden, 1, "posted", "posted", asIs)
	w.store.keep(private, 1, "posted", "posted", asIs)
	w.b.add("pay", 3)
	texts := map[string]bool{}
	for _, tt := range []struct {
		id    review.ChangeID
		asked int
	}{
		{hidden, 1},
		{private, 1},
		{review.ChangeID{Host: "a", Project: "pay", Number: 3}, 1}, // there on the other host
		{review.ChangeID{Host: "a", Project: "nope", Number: 1}, 1},
		{review.ChangeID{Host: "c", Project: "pay", Number: 1}, 0},
		{review.ChangeID{Host: "a", Project: "", Number: 1}, 0},
		{review.ChangeID{Host: "a", Project: "pay", Number: 0}, 0},
		{review.ChangeID{Host: "a", Project: "pay", Number: -1}, 0},
		{review.ChangeID{Host: "a", Project: `pay" OR owner:self`, Number: 1}, 0},
	} {
		before := w.a.batches
		_, err := w.Change(t.Context(), viewer(5), tt.id, 0)
		if kindOf(err) != "gone" || w.a.batches-before != tt.asked {
			t.Errorf("Change(%s) fails with %v after %d questions, want %d", tt.id, err, w.a.batches-before, tt.asked)
			continue
		}
		texts[err.Error()] = true
	}
	if len(texts) != 1 || w.store.kepts != 0 || w.read != 0 {
		t.Errorf("texts %v, %d readings of the store, %d of policies", texts, w.store.kepts, w.read)
	}
	for _, v := range []review.Viewer{{}, viewer(0), viewer(-7), {Accounts: map[string]review.Account{"b": {ID: 5}}}} {
		if _, err := w.Change(t.Context(), v, hidden, 0); kindOf(err) != "denied" {
			t.Errorf("%+v: %v", v, err)
		}
	}
}

func TestChangeThatMovedToAnotherProject(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1)
	w.store.keep(id, 1, "posted", "posted", asIs)
	// Gerrit answers for the old name with the change under its new one.
	w.a.edit(id, func(c *fakeChange) { c.ID.Project = "secret" })
	if got := w.class(t, 5, id); got != "gone" {
		t.Errorf("the old name is %q", got)
	}
	if got := w.list(t, 5); len(got) != 0 {
		t.Errorf("the project still lists %v", got)
	}
}

// Rows of another host or project, of no number, and more of them than asked
// for are left out.
func TestPageOfAGerritThatLies(t *testing.T) {
	w := newWorld(t, 2)
	for _, id := range []review.ChangeID{{Host: "b", Project: "pay", Number: 1}, {Host: "a", Project: "lib", Number: 1}, {Host: "a", Project: "pay"}} {
		w.a.lies = append(w.a.lies, review.Seen{ID: id})
	}
	for n := range 300 {
		w.a.lies = append(w.a.lies, review.Seen{ID: review.ChangeID{Host: "a", Project: "pay", Number: n + 1}})
	}
	if got := w.list(t, 5); len(got) != 50 || got[0] != 1 {
		t.Errorf("%d rows: %v", len(got), got)
	}
}

func TestNothingWithoutGerrit(t *testing.T) {
	for name, down := range map[string]error{
		"down": errors.New("connection refused"), "busy": &review.RetryError{After: 7 * time.Second, Err: errors.New("429")},
		"the service account lacks a right": &review.DeniedError{Err: errors.New("403")}, "gone": &review.GoneError{Err: errors.New("404")},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			id := w.a.add("pay", 1)
			w.store.keep(id, 1, "posted", "posted", asIs)
			w.happened(id, "posted", "posted")
			w.builds.changes = []int{1}
			place := board.Place{Project: "pay"}
			asks := map[string]func() error{
				"changes": func() error {
					_, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Place: place})
					return err
				},
				"change":  func() error { _, err := w.Change(t.Context(), viewer(5), id, 0); return err },
				"reviews": func() error { _, err := w.Reviews(t.Context(), viewer(5), board.ReviewsQuery{}); return err },
				"activity": func() error {
					_, err := w.Activity(t.Context(), viewer(5), board.ActivityQuery{Place: place})
					return err
				},
				"failures": func() error {
					_, err := w.Failures(t.Context(), viewer(5), board.FailuresQuery{Place: place})
					return err
				},
			}
			for what, ask := range asks {
				if err := ask(); err != nil {
					t.Fatalf("%s: %v", what, err)
				}
			}
			w.a.down = down
			for what, ask := range asks { // what was answered within the minute still counts
				if err := ask(); err != nil {
					t.Errorf("%s: %v", what, err)
				}
			}
			w.clock.add(time.Minute)
			for what, ask := range asks {
				if err := ask(); kindOf(err) != "retry" || review.RetryAfter(err) != review.RetryAfter(down) {
					t.Errorf("%s fails with %v, want one to try again", what, err)
				}
			}
			w.a.down = nil
			for what, ask := range asks {
				if err := ask(); err != nil {
					t.Errorf("%s is not mended: %v", what, err)
				}
			}
			// The store and the builds are needed too.
			w.store.down, w.builds.down = errors.New("disk"), errors.New("memory")
			for what, ask := range asks {
				if err := ask(); what != "activity" && what != "reviews" && kindOf(err) != "retry" {
					t.Errorf("%s without a store fails with %v", what, err)
				}
			}
		})
	}
}

// A change turns private after Gerrit has answered and before the answer is
// given: it is not in it.
func TestFlipBetweenPageAndStore(t *testing.T) {
	for name, ask := range map[string]func(*world, review.ChangeID) (string, error){
		"changes": func(w *world, _ review.ChangeID) (string, error) {
			l, err := w.Changes(context.Background(), viewer(5), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 10})
			return fmt.Sprint(numbers(l.Rows)), err
		},
		"reviews": func(w *world, _ review.ChangeID) (string, error) {
			l, err := w.Reviews(context.Background(), viewer(5), board.ReviewsQuery{Limit: 10})
			return fmt.Sprint(numbers(l.Rows)), err
		},
		"change": func(w *world, id review.ChangeID) (string, error) {
			d, err := w.Change(context.Background(), viewer(5), id, 0)
			return d.Subject, err
		},
		"failures": func(w *world, _ review.ChangeID) (string, error) {
			got, err := w.Failures(context.Background(), viewer(5), board.FailuresQuery{Place: board.Place{Project: "pay"}, Limit: 10})
			return fmt.Sprint(got.Clusters), err
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			id := w.a.add("pay", 1, func(c *fakeChange) { c.reviewers = []int64{5} })
			w.a.add("pay", 2, func(c *fakeChange) { c.reviewers = []int64{5} })
			w.builds.changes = []int{1, 2}
			var once sync.Once
			flip := func() {
				once.Do(func() {
					w.a.edit(id, func(c *fakeChange) { c.private = true })
					w.moved(id)
				})
			}
			w.store.hold, w.builds.hold = flip, flip
			got, err := ask(w, id)
			if name == "change" {
				if kindOf(err) != "gone" || got != "" {
					t.Errorf("%q, %v", got, err)
				}
			} else if err != nil || strings.Contains(got, "1") || !strings.Contains(got, "2") {
				t.Errorf("%s, %v", got, err)
			}
			// One that flips without end is never shown.
			w.store.hold = func() { w.moved(id) }
			w.builds.hold = w.store.hold
			w.a.edit(id, func(c *fakeChange) { c.private = false })
			w.moved(id)
			if _, err := ask(w, id); kindOf(err) != "retry" {
				t.Errorf("a change that moves all the time: %v", err)
			}
		})
	}
}

// An answer that was asked for before a drop is not kept after it.
func TestAnswerThatIsOvertaken(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1)
	for name, ask := range map[string]func() string{
		"change":  func() string { return w.class(t, 5, id) },
		"changes": func() string { return fmt.Sprint(w.list(t, 5)) },
	} {
		w.a.edit(id, func(c *fakeChange) { c.private = false })
		w.moved(review.ChangeID{Host: "a"})
		calls := 0
		w.a.hold = func() {
			if calls++; calls == 1 {
				// Gerrit has decided; the news come before its answer.
				defer w.a.edit(id, func(c *fakeChange) { c.private = true })
				w.moved(id)
			}
		}
		if got := ask(); name == "change" && got != "gone" || name == "changes" && got != "[]" {
			t.Errorf("%s = %q", name, got)
		}
		w.a.hold = nil
		if calls < 2 {
			t.Errorf("%s: %d questions", name, calls)
		}
	}
}

// People who ask for the same at once cost one question; who goes away fails
// nobody else.
func TestOneQuestionAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		id := w.a.add("pay", 1)
		open := make(chan struct{})
		w.a.hold = func() { <-open }
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		errs := make([]error, 20)
		for i := range errs {
			wg.Go(func() {
				own := ctx
				if i >= 10 {
					own = t.Context()
				}
				if i%2 == 0 {
					_, errs[i] = w.Change(own, viewer(5), id, 0)
				} else {
					_, errs[i] = w.Changes(own, viewer(5), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 10})
				}
			})
		}
		synctest.Wait()
		cancel()
		synctest.Wait()
		close(open)
		wg.Wait()
		for i, err := range errs {
			if i >= 10 && err != nil || i < 10 && err != nil && !errors.Is(err, context.Canceled) {
				t.Errorf("%d: %v", i, err)
			}
		}
		if w.a.pages != 1 || w.a.batches != 1 {
			t.Errorf("%d pages, %d batches", w.a.pages, w.a.batches)
		}
	})
}

// A Gerrit that never answers holds nobody for ever.
func TestSlowGerrit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, 1)
		id := w.a.add("pay", 1)
		stuck := &stuckGerrit{w.a}
		b, err := board.New(board.Deps{
			Gerrits: map[string]board.Gerrit{"a": stuck}, Store: w.store, Now: time.Now, Says: func(string) string { return "" },
			Policy: func(context.Context, string, string) (board.Policy, error) { return board.Policy{}, nil },
			Clean:  func(_ context.Context, _, _ string, t []string) ([]string, error) { return t, nil },
		})
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		for range 2 {
			if _, err := b.Change(t.Context(), viewer(5), id, 0); kindOf(err) != "retry" {
				t.Error(err)
			}
		}
		if took := time.Since(began); took > time.Minute {
			t.Errorf("two questions took %v", took)
		}
	})
}

type stuckGerrit struct{ *fakeGerrit }

func (stuckGerrit) Sees(ctx context.Context, _ int64, _ []review.ChangeID, _ bool) (map[review.ChangeID]review.Seen, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

// A question that panics does not leave the others waiting.
func TestQuestionThatPanics(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1)
	for _, ask := range []func(){func() { w.class(t, 5, id) }, func() { w.list(t, 5) }} {
		w.a.hold = func() { panic("a bug") }
		func() {
			defer func() {
				if recover() == nil {
					t.Error("no panic")
				}
			}()
			ask()
		}()
		w.a.hold = nil
		ask()
	}
}

func TestCacheIsBounded(t *testing.T) {
	w := newWorld(t, 1)
	var ids []review.ChangeID
	for n := 1; n <= 100; n++ {
		ids = append(ids, w.a.add("pay", n))
	}
	// 60 people with a page of 100 rows each are more than is kept.
	w.Shrink(5000, 200)
	for account := int64(1); account <= 60; account++ {
		if _, err := w.Changes(t.Context(), viewer(account), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 100}); err != nil {
			t.Fatal(err)
		}
	}
	for account := int64(1); account <= 250; account++ {
		if _, err := w.Changes(t.Context(), viewer(account), board.ChangesQuery{Place: board.Place{Project: "none"}, Limit: 100}); err != nil {
			t.Fatal(err)
		}
	}
	if seen, pages := w.Kept(); seen > 5000 || seen < 2000 || pages > 200 || pages < 100 {
		t.Errorf("%d answers and %d pages are kept", seen, pages)
	}
	// Storms of news are bounded too, and in doubt drop everything.
	for n := range 21_000 {
		w.moved(review.ChangeID{Host: "a", Project: "storm", Number: n + 1})
	}
	if n := w.Remembered(); n > 21_000 {
		t.Errorf("%d drops are remembered", n)
	}
	w.a.edit(ids[0], func(c *fakeChange) { c.private = true })
	if got := w.class(t, 60, ids[0]); got != "gone" {
		t.Errorf("an answer outlasts the storm: %q", got)
	}
	w.moved(review.ChangeID{Host: "a"})
	if seen, pages := w.Kept(); seen > 1 || pages > 0 {
		t.Errorf("%d answers and %d pages are left", seen, pages)
	}
}

func TestWhatStreamsAsk(t *testing.T) {
	w := newWorld(t, 2)
	ids := []review.ChangeID{
		w.a.add("pay", 1), w.a.add("lib", 2, func(c *fakeChange) { c.blind[5] = true }), w.b.add("pay", 1),
		{Host: "a", Project: "pay", Number: 9},
		{Host: "c", Project: "pay", Number: 1},
		{Host: "a", Project: "pay"},
	}
	onlyA := review.Viewer{Accounts: map[string]review.Account{"a": {ID: 5}}}
	for range 3 {
		got, err := board.SeesNow(w.Board, t.Context(), viewer(5), ids)
		if err != nil || len(got) != 2 || !got[ids[0]] || !got[ids[2]] {
			t.Errorf("sees = %v, %v", got, err)
		}
		if got, err := board.SeesNow(w.Board, t.Context(), onlyA, ids); err != nil || len(got) != 1 {
			t.Errorf("sees with one account = %v, %v", got, err)
		}
	}
	if w.a.batches != 1 || w.b.batches != 1 {
		t.Errorf("%d and %d batches", w.a.batches, w.b.batches)
	}
	if _, err := board.SeesNow(w.Board, t.Context(), review.Viewer{}, ids); kindOf(err) != "denied" {
		t.Error(err)
	}
	w.a.down = errors.New("down")
	w.moved(ids[0])
	if got, err := board.SeesNow(w.Board, t.Context(), viewer(5), ids); kindOf(err) != "retry" || got != nil {
		t.Errorf("sees without Gerrit = %v, %v", got, err)
	}
	w.a.down = nil
	host, project, err := board.Where(w.Board, t.Context(), viewer(5), board.Place{Entity: "component:default/lib"})
	if host != "a" || project != "mono" || err != nil {
		t.Errorf("where = %q, %q, %v", host, project, err)
	}
	if _, _, err := board.Where(w.Board, t.Context(), onlyA, board.Place{Host: "b"}); kindOf(err) != "denied" {
		t.Error(err)
	}
}
