// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"testing"
	"time"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// suggestion is what was kept of the n-th suggestion.
func (w *world) suggestion(n int) reviewers.Told {
	w.t.Helper()
	rows, err := w.logs.Rows(w.t.Context(), FeedbackLog(testHost), 0, 100)
	if err != nil || len(rows) <= n {
		w.t.Fatalf("%d rows, %v", len(rows), err)
	}
	told, ok := reviewers.ParseTold(rows[n])
	if !ok {
		w.t.Fatalf("row %s", rows[n].Data)
	}
	return told
}

func TestWhatBecameOfSuggestions(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	team(w)
	var closed []review.Closed
	for n := range 10 {
		w.push("pay", 7+n, review.KindRework, payments(planted))
		w.drain()
		rows, err := w.logs.Rows(t.Context(), FeedbackLog(testHost), 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		told, _ := reviewers.ParseTold(rows[n])
		one, two := review.Account{ID: told.Picks[0].Account}, review.Account{ID: told.Picks[1].Account}
		c := review.Closed{
			ID: review.ChangeID{Host: testHost, Project: "pay", Number: 7 + n}, Status: review.StatusMerged,
			Closed: w.now.Add(5 * time.Hour), Reviewed: w.now.Add(2 * time.Hour), Spoke: []review.Account{one}, Reviewers: []review.Account{one},
		}
		if n >= 5 {
			c.Spoke, c.Reviewers, c.Removed = nil, []review.Account{{ID: 77}}, []review.Account{two}
		}
		closed = append(closed, c)
	}
	w.now = w.now.Add(6 * time.Hour)
	for range 2 { // told twice, counted once
		if err := w.b.closed(t.Context(), testHost, closed); err != nil {
			t.Fatal(err)
		}
	}
	w.now = w.now.AddDate(0, 0, 7)
	r, err := w.b.Suggestions(t.Context(), testHost, "", 90)
	if err != nil || len(r.Lines) != 2 {
		t.Fatalf("report %+v, %v", r, err)
	}
	if again, err := Report(t.Context(), &w.logs, testHost, "", 90, w.now); err != nil || !reflect.DeepEqual(again, r) {
		t.Errorf("the store gives %+v, %v; remembered is %+v", again, err, r)
	}
	for _, l := range r.Lines {
		if l.Withheld || l.Changes != 10 || l.Ended != 10 || l.Suggested != 20 || l.Added != 5 || l.Reviewed != 5 || l.Declined != 5 {
			t.Errorf("line %+v", l)
		}
	}
}

// ends are what is kept of how changes ended.
func (w *world) ends() (out []string) {
	w.t.Helper()
	rows, err := w.logs.Rows(w.t.Context(), FeedbackLog(testHost), 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rows {
		if _, ok := reviewers.ParseTold(r); !ok {
			out = append(out, string(r.Data))
		}
	}
	return out
}

// Who was named may review with another account of theirs.
func TestReviewByAnotherAccount(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	team(w)
	w.b.staff = joined{names: [][]string{{"20", "90"}, {"21", "91"}, {"22", "92"}, {"23", "93"}, {"24", "94"}}}
	w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	told := w.suggestion(0)
	one, two := told.Picks[0].Account, told.Picks[1].Account
	err := w.b.closed(t.Context(), testHost, []review.Closed{{
		ID: review.ChangeID{Host: testHost, Project: "pay", Number: 7}, Status: review.StatusMerged, Closed: w.now,
		Spoke: []review.Account{{ID: one + 70}}, Removed: []review.Account{{ID: two + 70}},
	}})
	var e reviewers.Ended
	if kept := w.ends(); err != nil || len(kept) != 1 || json.Unmarshal([]byte(kept[0]), &e) != nil {
		t.Fatalf("kept %v, %v", kept, err)
	}
	if !slices.Equal(e.Reviewed, []int64{one}) || !slices.Equal(e.Added, []int64{one}) || !slices.Equal(e.Declined, []int64{two}) {
		t.Errorf("named were %d and %d, ended %+v", one, two, e)
	}
}

// Gerrit's clock may be behind ours.
func TestClosedRightAfterTheSuggestion(t *testing.T) {
	for behind, want := range map[time.Duration]int{0: 1, 4 * time.Minute: 1, time.Hour: 0} {
		w := newWorld(t, nil)
		w.optIn("pay", "")
		team(w)
		w.push("pay", 7, review.KindRework, payments(planted))
		w.drain()
		c := review.Closed{ID: review.ChangeID{Host: testHost, Project: "pay", Number: 7}, Status: review.StatusMerged, Closed: w.suggestion(0).At.Add(-behind)}
		if err := w.b.closed(t.Context(), testHost, []review.Closed{c}); err != nil || len(w.ends()) != want {
			t.Errorf("%s behind: %v, %v", behind, w.ends(), err)
		}
	}
}

func TestSuggestionsThatTheBotAdds(t *testing.T) {
	for _, tt := range []struct {
		config string
		byBot  bool
	}{{"", false}, {"[reviewers]\n\tadd = cc\n", true}, {"[reviewers]\n\tadd = reviewer\n", true}} {
		w := newWorld(t, nil)
		w.optIn("pay", tt.config)
		team(w)
		w.push("pay", 7, review.KindRework, payments(planted))
		w.drain()
		if told := w.suggestion(0); told.ByBot != tt.byBot {
			t.Errorf("%q: %+v", tt.config, told)
		}
	}
}

// A suggestion that cannot be kept costs neither the comment nor its outcome.
func TestSuggestionIsNotKept(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	team(w)
	w.logs.call = func(name string) error {
		if name == "append" {
			return errors.New("the store is full")
		}
		return nil
	}
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(1)
	if o := w.last(c, 1); o.Verdict != review.VerdictPosted || len(named(w.posts[0])) != 2 {
		t.Errorf("outcome %+v", o)
	}
	if n := len(w.logs.rows[FeedbackLog(testHost)]); n != 0 {
		t.Errorf("%d rows", n)
	}
}

// Nobody waits for the store of somebody else: it is read without a lock.
func TestFollowingHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, nil)
	reads := 0
	w.logs.call = func(name string) error {
		reads++
		told := w.b.suggested[testHost]
		if !told.mu.TryLock() {
			return errors.New("locked")
		}
		told.mu.Unlock()
		return nil
	}
	if _, err := w.b.Suggestions(t.Context(), testHost, "", 90); err != nil || reads != 1 {
		t.Errorf("%d reads, %v", reads, err)
	}
	w.logs.call = func(string) error { return errors.New("down") }
	if _, err := w.b.Suggestions(t.Context(), testHost, "", 90); err == nil {
		t.Error("a report without the store")
	}
}

// Two that read the log at once take in each row once.
func TestFollowingTwice(t *testing.T) {
	row, err := reviewers.Told{Project: "pay", Change: 7, PatchSet: 1, At: time.Unix(1, 0), Picks: []reviewers.ToldPick{{Account: 1}}}.Row()
	if err != nil {
		t.Fatal(err)
	}
	row.Seq = 3
	var f toldOf
	f.add(row)
	f.add(row)
	if f.mark != 3 || len(f.asked) != 1 {
		t.Errorf("%d suggestions up to row %d", len(f.asked), f.mark)
	}
}
