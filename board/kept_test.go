// SPDX-License-Identifier: Apache-2.0

package board

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"review-assistant/review"
)

func TestKeptTexts(t *testing.T) {
	now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
	pay, web := review.ChangeID{Host: "a", Project: "pay", Number: 1}, review.ChangeID{Host: "a", Project: "web", Number: 2}
	title := "one"
	asked := 0
	var meanwhile func()
	var fail error
	k := &keptTexts{now: func() time.Time { return now }, held: map[review.ChangeID]heldText{}}
	k.read = func(_ context.Context, ids []review.ChangeID) (map[review.ChangeID]review.Kept, error) {
		asked += len(ids)
		out := map[review.ChangeID]review.Kept{}
		for _, id := range ids {
			var s review.Summary
			s.Change, s.Title, s.Text = id, title, title
			out[id] = review.Kept{Summary: &s}
		}
		if meanwhile != nil {
			meanwhile()
		}
		return out, fail
	}
	want := func(what, text string, reads int, ids ...review.ChangeID) {
		t.Helper()
		asked = 0
		got, err := k.of(t.Context(), ids)
		if err != nil || len(got) != len(ids) || got[ids[0]].Summary.Title != text || asked != reads {
			t.Errorf("%s: %v, %v, %d read", what, got, err, asked)
		}
	}
	want("at first", "one", 2, pay, web)
	title = "two"
	want("within its time", "one", 0, pay, web)
	k.drop(pay)
	want("behind news of one", "two", 1, pay, web)
	title = "three"
	k.drop(review.ChangeID{Host: "a", Project: "web"})
	want("behind news of another project", "two", 0, pay)
	want("behind news of its project", "three", 1, web)
	k.drop(review.ChangeID{Host: "b"})
	want("behind news of another host", "two", 0, pay)
	now = now.Add(keptAge)
	want("after its time", "three", 1, pay)
	k.drop(review.ChangeID{})
	title, meanwhile = "old", func() { k.drop(pay) }
	want("overtaken by news", "old", 1, pay)
	title, meanwhile = "new", nil
	want("which is not remembered", "new", 1, pay)
	k.drop(pay)
	title = strings.Repeat("x", maxKeptText+1)
	want("a long text", title, 1, pay)
	want("which is not remembered either", title, 1, pay)
	fail = errors.New("no store")
	if _, err := k.of(t.Context(), []review.ChangeID{pay}); !errors.Is(err, fail) {
		t.Errorf("got %v", err)
	}
	fail, title = nil, "many"
	for n := range maxKept + 10 {
		want("many", "many", 1, review.ChangeID{Host: "a", Project: "many", Number: n + 1})
	}
	if len(k.held) > maxKept {
		t.Errorf("%d are remembered", len(k.held))
	}
}
