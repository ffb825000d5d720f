// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/board"
	"review-assistant/review"
)

func standing() *review.Standing {
	bob := review.Account{ID: 77, Name: "Bob hunter2\x1b", Email: "bob@example.org", Username: "bob"}
	return &review.Standing{
		Reviewers: []review.Account{bob, {ID: 1, Name: "Jane", Username: "jane"}, {ID: 78, Name: "kim@example.org"}},
		Labels: []review.Label{
			{Name: "Code-Review hunter2", State: review.LabelRejected, Votes: []review.Vote{{Value: -2, Account: bob}, {Value: 1, Account: review.Account{ID: 1, Name: "Jane", Username: "jane"}}}},
			{Name: "Verified", State: review.LabelNone},
		},
		Submit: &review.Submit{Requirements: []review.Requirement{{Name: "Owners\u202e hunter2", Status: review.RequirementUnsatisfied}}},
	}
}

func TestStanding(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1, func(c *fakeChange) { c.Standing = standing() })
	closed := w.a.add("pay", 2, func(c *fakeChange) { c.Standing, c.Status = standing(), review.StatusMerged })
	jane := board.Person{Name: "Jane", Entity: "user:default/jane"}
	bob := board.Person{Name: "Bob [secret]"}
	want := board.Change{
		Reviewers: []board.Person{bob, jane, {Name: "kim"}},
		Labels: []board.Label{
			{Name: "Code-Review [secret]", State: "rejected", Votes: []board.Vote{{Value: -2, Person: bob}, {Value: 1, Person: jane}}},
			{Name: "Verified", State: "none", Votes: []board.Vote{}},
		},
		Submit: &board.Submit{Requirements: []board.Requirement{{Name: "Owners [secret]", Status: "unsatisfied"}}},
	}
	same := func(what string, c board.Change, submit *board.Submit) {
		t.Helper()
		got := board.Change{Reviewers: c.Reviewers, Labels: c.Labels, Submit: c.Submit}
		want := want
		want.Submit = submit
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", what, diff)
		}
		raw, err := json.Marshal(c)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"@", "hunter2", "77", `"Email"`} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("%s holds %s: %s", what, secret, raw)
			}
		}
	}
	for range 2 { // what is remembered is not changed
		list, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 10})
		if err != nil {
			t.Fatal(err)
		}
		same("a row", list.Rows[0], want.Submit)
		same("a row of a closed change", list.Rows[1], nil)
	}
	w.moved(review.ChangeID{Host: "a"})
	for i, id := range []review.ChangeID{id, closed} {
		d, err := w.Change(t.Context(), viewer(5), id, 0)
		if err != nil {
			t.Fatal(err)
		}
		same("one change", d.Change, []*board.Submit{want.Submit, nil}[i])
	}
	if diff := cmp.Diff(standing(), w.a.changes[id].Standing); diff != "" {
		t.Errorf("what Gerrit gave was changed (-want +got):\n%s", diff)
	}
	// What the rules cannot be applied to is withheld, whatever it is.
	w.dirty = true
	w.clock.add(time.Hour)
	d, err := w.Change(t.Context(), viewer(5), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	if raw, _ := json.Marshal([]any{d.Reviewers, d.Labels, d.Submit}); strings.Contains(string(raw), "Jane\"") || strings.Contains(string(raw), "Verified") || strings.Contains(string(raw), "Owners") {
		t.Errorf("withheld: %s", raw)
	}
}

// Who only asks what is shown does not make Gerrit count votes, and who asks for
// a change gets them, whatever was asked before.
func TestStandingIsAskedWhereItIsShown(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1, func(c *fakeChange) { c.Standing, c.dirs = standing(), []string{"lib"} })
	w.happened(id, "posted", "posted")
	w.builds.changes = []int{1}
	whole := func(when string) {
		t.Helper()
		if d, err := w.Change(t.Context(), viewer(5), id, 0); err != nil || len(d.Reviewers) != 3 || len(d.Labels) != 2 || d.Submit == nil {
			t.Errorf("%s: %+v, %v", when, d, err)
		}
	}
	checks := func() {
		t.Helper()
		if _, err := w.Activity(t.Context(), viewer(5), board.ActivityQuery{Place: board.Place{Project: "pay"}, Limit: 10}); err != nil {
			t.Error(err)
		}
		if _, err := w.Failures(t.Context(), viewer(5), board.FailuresQuery{Place: board.Place{Project: "pay"}, Limit: 10}); err != nil {
			t.Error(err)
		}
	}
	checks()
	if w.a.batches != 1 || w.a.dear != 0 {
		t.Errorf("checks took %d questions, and %d looks at votes", w.a.batches, w.a.dear)
	}
	whole("after a check")
	whole("again")
	checks()
	if w.a.batches != 2 || w.a.dear != 1 {
		t.Errorf("the change took %d questions, and %d looks at votes", w.a.batches, w.a.dear)
	}
	// A page that says less, of the news of a part of the project, takes nothing away.
	w.moved(review.ChangeID{Host: "a"})
	if _, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 10}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := board.Where(w.Board, t.Context(), viewer(5), board.Place{Project: "pay"}); err != nil {
		t.Fatal(err)
	}
	whole("after a list, and a page that says less")
	if w.a.batches != 2 {
		t.Errorf("after a list a change took %d questions more", w.a.batches-2)
	}
	// It is no longer shown: that is an answer, whoever asked for how much.
	w.a.edit(id, func(c *fakeChange) { c.private = true })
	w.moved(id)
	for range 2 {
		if _, err := w.Change(t.Context(), viewer(5), id, 0); !review.IsGone(err) {
			t.Errorf("a hidden change: %v", err)
		}
	}
	checks()
	if w.a.batches != 3 {
		t.Errorf("a hidden change took %d questions", w.a.batches-2)
	}
}

// A row that moved is replaced by what Gerrit says now, also by an answer that
// says less of it; what it says of the review comes with the next who needs it.
func TestStandingOfARowThatMoved(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1, func(c *fakeChange) { c.Standing = standing() })
	w.happened(id, "posted", "posted")
	asks := func(when string, questions, votes int) {
		t.Helper()
		if w.a.batches != questions || w.a.dear != votes {
			t.Errorf("%s: %d questions with %d looks at votes, want %d with %d", when, w.a.batches, w.a.dear, questions, votes)
		}
	}
	change := func(subject string, reviewers int) {
		t.Helper()
		if d, err := w.Change(t.Context(), viewer(5), id, 0); err != nil || d.Subject != subject || len(d.Reviewers) != reviewers {
			t.Errorf("the change is %q with %d reviewers, %v", d.Subject, len(d.Reviewers), err)
		}
	}
	row := func(subject string) {
		t.Helper()
		list, err := w.Activity(t.Context(), viewer(5), board.ActivityQuery{Place: board.Place{Project: "pay"}, Limit: 10})
		if err != nil || len(list.Rows) != 1 || list.Rows[0].Subject != subject {
			t.Errorf("the news are %+v, %v", list.Rows, err)
		}
	}
	change("Subject of pay~1", 3)
	asks("first", 1, 1)
	w.a.edit(id, func(c *fakeChange) {
		c.Subject, c.Standing = "Other", &review.Standing{Reviewers: []review.Account{{ID: 9, Name: "Zoe"}}}
	})
	w.Moved(review.News{Kind: review.NewsRow, Change: id})
	row("Other")
	asks("a row after it moved", 2, 1)
	row("Other")
	asks("a row again", 2, 1)
	change("Other", 1)
	asks("the change after it moved", 3, 2)
	change("Other", 1)
	row("Other")
	asks("both again", 3, 2)
	// News that come with every answer do not keep anybody waiting for ever.
	w.a.hold = func() { w.Moved(review.News{Kind: review.NewsRow, Change: id}) }
	w.Moved(review.News{Kind: review.NewsRow, Change: id})
	row("Other")
	change("Other", 1)
	asks("while it moves all the time", 5, 3)
}

// Suggested reviewers are those of the summary that is shown: some in a row, all
// beside the whole summary.
func TestPicksOfRows(t *testing.T) {
	w := newWorld(t, 1)
	w.policies["a/trial"] = board.Policy{Mode: "shadow"}
	picks := func(s *review.Summary) {
		for _, name := range []string{"Ada", "Bob", "Cid", "Dee", "Eve"} {
			s.Picks = append(s.Picks, review.Pick{Account: review.Account{ID: 77, Name: name, Email: "x@example.org"}, Reasons: []string{"owns it"}})
		}
	}
	id, none, trial := w.a.add("pay", 1), w.a.add("pay", 2), w.a.add("trial", 3)
	w.store.keep(id, 1, "posted", "posted", picks)
	w.store.keep(trial, 1, "shadow", "posted", picks)
	list, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	got := map[int]int{}
	for _, c := range list.Rows {
		if c.Picks == nil {
			t.Errorf("picks of %d are null", c.Number)
		}
		got[c.Number] = len(c.Picks)
	}
	if diff := cmp.Diff(map[int]int{1: 3, 2: 0, 3: 0}, got); diff != "" {
		t.Errorf("picks in a list (-want +got):\n%s", diff)
	}
	for id, want := range map[review.ChangeID]int{id: 5, none: 0, trial: 0} {
		if d, err := w.Change(t.Context(), viewer(5), id, 0); err != nil || len(d.Picks) != want || d.Picks == nil {
			t.Errorf("picks of %s are %+v, %v", id, d.Picks, err)
		}
	}
}

func TestUrgent(t *testing.T) {
	w := newWorld(t, 1)
	severity := func(s string) func(*review.Summary) {
		return func(sum *review.Summary) { sum.Look, sum.Risks = []review.Place{{Severity: s}}, nil }
	}
	for n := 1; n <= 130; n++ {
		id := w.a.add("pay", n, func(c *fakeChange) { c.Branch = []string{"main", "old"}[n%2] })
		switch n {
		case 10:
			w.store.keep(id, 1, "posted", "posted", severity("low"))
		case 20:
			w.store.keep(id, 1, "posted", "posted", severity("high"))
		case 30:
			w.builds.failed[id] = &board.ChangeBuilds{Failed: 3, Classes: map[string]int{"flaky": 3}}
		case 40:
			w.store.keep(id, 1, "posted", "posted", severity("medium"))
			w.builds.failed[id] = &board.ChangeBuilds{Failed: 1, Classes: map[string]int{"infra": 1}}
		case 50, 60:
			w.builds.failed[id] = &board.ChangeBuilds{Failed: 2, Classes: map[string]int{"flaky": 1, "change": 1}}
		case 70: // all of it passed
			w.builds.failed[id] = &board.ChangeBuilds{Classes: map[string]int{}}
		case 120: // too old
			w.builds.failed[id] = &board.ChangeBuilds{Failed: 1, Classes: map[string]int{"change": 1}}
		}
	}
	q := board.ChangesQuery{Place: board.Place{Project: "pay"}, Order: board.OrderUrgent, Page: board.Page{Skip: 50}, Limit: 8}
	list, err := w.Changes(t.Context(), viewer(5), q)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]int{50, 60, 40, 30, 20, 10, 1, 2}, numbers(list.Rows)); diff != "" {
		t.Errorf("urgent (-want +got):\n%s", diff)
	}
	if list.Next != nil || list.Considered != 100 || !list.More || w.a.pages != 1 {
		t.Errorf("next %v, considered %d, more %v, after %d questions", list.Next, list.Considered, list.More, w.a.pages)
	}
	q.Branch, q.Limit = "main", 3
	if list, err = w.Changes(t.Context(), viewer(5), q); err != nil || !cmp.Equal(numbers(list.Rows), []int{50, 60, 120}) || list.Considered != 65 || list.More {
		t.Errorf("of a branch: %v of %d, more %v, %v", numbers(list.Rows), list.Considered, list.More, err)
	}
	q.Order, q.Page, q.Search = board.OrderUpdated, board.Page{}, "Subject pay~12"
	if list, err = w.Changes(t.Context(), viewer(5), q); err != nil || !cmp.Equal(numbers(list.Rows), []int{12, 120, 122}) || list.Next == nil || list.Considered != 0 || list.More {
		t.Errorf("of a search: %+v, %v", list, err)
	}
}

// What a query may say is told in one place, to who takes it from outside.
func TestCheckChangesQuery(t *testing.T) {
	for _, good := range []board.ChangesQuery{{}, {Order: board.OrderUpdated}, {Order: board.OrderUrgent, Branch: "release/1.2", Search: "retry 7"}} {
		if err := good.Check(); err != nil {
			t.Errorf("%+v: %v", good, err)
		}
	}
	for _, bad := range []board.ChangesQuery{{Order: "oldest"}, {Branch: "^.*"}, {Branch: `a"b`}, {Search: `"`}, {Search: strings.Repeat("a ", 11)}} {
		if err := bad.Check(); err == nil {
			t.Errorf("%+v is no error", bad)
		}
	}
}
