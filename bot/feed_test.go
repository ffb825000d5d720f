// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/review"
)

// news are the rows of the feed, a line each.
func (w *world) news() []string {
	w.t.Helper()
	out := []string{}
	for _, r := range w.logs.rows[FeedLog] {
		var n review.News
		if err := json.Unmarshal(r.Data, &n); err != nil {
			w.t.Fatal(err)
		}
		s := fmt.Sprintf("%s %s", n.Kind, n.Change)
		if n.Kind == review.NewsOutcome {
			s += fmt.Sprintf(" %d %s %s %s", n.PatchSet, n.Post, n.Verdict, n.Reason)
		}
		if n.Hides {
			s += " hides"
		}
		out = append(out, s)
	}
	return out
}

// accesses are the rows about who may see a change.
func (w *world) accesses(id review.ChangeID) []string {
	return slices.DeleteFunc(w.news(), func(s string) bool { return !strings.HasPrefix(s, "access "+id.String()) })
}

// newsSince are the rows behind the first n.
func (w *world) newsSince(n int) []string { return w.news()[n:] }

func wantLines(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, append([]string{}, want...)) {
		t.Errorf("%s: got\n%s\nwant\n%s", what, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestNewsOfEvents(t *testing.T) {
	const change = "access h/pay~7"
	for _, tt := range []struct {
		event review.Event
		want  []string
		hides bool // the stored text
	}{
		{review.Event{Type: "private-state-changed", Number: 7}, []string{change + " hides"}, true},
		{review.Event{Type: "change-deleted", Number: 7}, []string{change + " hides"}, true},
		{review.Event{Type: "reviewer-deleted", Number: 7}, []string{change + " hides"}, false},
		{review.Event{Type: "reviewer-added", Number: 7}, []string{change}, false},
		{review.Event{Type: "patchset-created", Number: 7}, []string{change}, false},
		{review.Event{Type: "wip-state-changed", Number: 7}, []string{change}, false},
		{review.Event{Type: "change-merged", Number: 7}, []string{change}, false},
		{review.Event{Type: "change-abandoned", Number: 7}, []string{change}, false},
		{review.Event{Type: "change-restored", Number: 7}, []string{change}, false},
		{review.Event{Type: "ref-updated", Ref: review.ConfigRef}, []string{"access h/pay~0 hides", "access h/~0 hides"}, false},
		{review.Event{Type: "ref-updated", Ref: "refs/heads/main"}, nil, false},
		{review.Event{Type: "ref-updated", Ref: "refs/changes/07/7/2"}, nil, false},
		{review.Event{Type: "ref-updated", Ref: "refs/changes/07/7/meta"}, []string{"row h/pay~7"}, false},
		{review.Event{Type: "comment-added", Number: 7}, []string{"row h/pay~7"}, false},
		{review.Event{Type: "vote-deleted", Number: 7}, []string{"row h/pay~7"}, false},
		{review.Event{Type: "topic-changed", Number: 7}, []string{"row h/pay~7"}, false},
		{review.Event{Type: "comment-added"}, nil, false},
		{review.Event{Type: "change-merged"}, nil, false}, // names no change
		{review.Event{Type: "who-knows", Number: 7}, nil, false},
		{review.Event{Type: "change-merged", Number: 7, Host: "elsewhere"}, nil, false},
	} {
		t.Run(fmt.Sprintf("%s of %d", tt.event.Type, tt.event.Number), func(t *testing.T) {
			w := newWorld(t, nil)
			e := tt.event
			if e.Host == "" {
				e.Host = testHost
			}
			e.Project = "pay"
			if _, _, err := w.b.Accept(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			wantLines(t, "news", w.news(), tt.want...)
			if id, _ := e.Change(); w.hidden[id] != tt.hides {
				t.Errorf("hidden: %v", w.hidden[id])
			}
		})
	}
}

// Each event is a row of its own, even within one moment.
func TestNewsOfOneMoment(t *testing.T) {
	w := newWorld(t, nil)
	id := review.ChangeID{Host: testHost, Project: "pay", Number: 7}
	for range 3 {
		w.event("reviewer-added", id, 1)
	}
	if n := len(w.news()); n != 3 {
		t.Errorf("%d rows", n)
	}
}

func TestNewsOfOutcomes(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	c.WIP = true
	w.drain()
	wantLines(t, "in progress", w.news(), "access h/pay~7", "outcome h/pay~7 1 summary suppressed work-in-progress")
	w.event("hashtags-changed", c.ID, 1)
	w.drain()
	wantLines(t, "the same again", w.newsSince(2))
	c.WIP = false
	w.event("wip-state-changed", c.ID, 1)
	w.drain()
	wantLines(t, "ready", w.news(), "access h/pay~7", "access h/pay~7", "outcome h/pay~7 1 summary posted posted")
	c.Status = review.StatusMerged
	w.event("hashtags-changed", c.ID, 1)
	w.drain()
	wantLines(t, "posted stays", w.newsSince(3))
	for _, r := range w.logs.rows[FeedLog] {
		if s := string(r.Data); strings.Contains(s, c.Subject) || strings.Contains(s, "authorize") {
			t.Errorf("a row holds text: %s", s)
		}
	}

	w.push("web", 8, review.KindRework, payments(planted))
	w.drain()
	wantLines(t, "a project that is off", w.newsSince(3), "access h/web~8")
	w.push("web", 9, review.KindRework, payments(planted))
	w.configs["pay"] = review.ConfigFile{Project: "pay", State: review.ConfigAbsent}
	if _, _, err := w.b.Accept(t.Context(), review.Event{Type: "ref-updated", Host: testHost, Project: "pay", Ref: review.ConfigRef, Created: w.now}); err != nil {
		t.Fatal(err)
	}
	w.drain()
	wantLines(t, "an opt-out", w.newsSince(4), "access h/web~9", "access h/pay~0 hides", "access h/~0 hides", "access h/pay~0 hides")
}

func TestNewsOfBuilds(t *testing.T) {
	w, c := ciWorld(t, "")
	n := len(w.news())
	w.says(c, zuul, failed("unit", "1"))
	wantLines(t, "builds", w.newsSince(n), "row h/pay~7", "build h/pay~7", "outcome h/pay~7 1 builds posted posted")
	w.event("comment-added", c.ID, 1)
	w.drain()
	wantLines(t, "again", w.newsSince(n), "build h/pay~7", "outcome h/pay~7 1 builds posted posted", "row h/pay~7")
}

// What is stored is not shown from the event on, whatever the job finds later.
func TestPrivateIsHiddenAtOnce(t *testing.T) {
	for _, tt := range []struct {
		name  string
		found func(c *review.Change) // before the job looks
		text  bool
		last  string
	}{
		{"private", func(c *review.Change) { c.Private = true }, false, "not-visible"},
		{"private, and the bot is a reviewer", func(c *review.Change) { c.Private, c.Reviewers = true, []review.Account{self} }, false, "private"},
		{"private and abandoned", func(c *review.Change) {
			c.Private, c.Reviewers, c.Status = true, []review.Account{self}, review.StatusAbandoned
		}, false, "private"},
		{"public again before the job looked", func(*review.Change) {}, true, ""},
		{"public again, and in progress", func(c *review.Change) { c.WIP = true }, true, ""},
		{"public again, and abandoned", func(c *review.Change) { c.Status = review.StatusAbandoned }, true, ""},
	} {
		for _, mode := range []string{"on", "shadow"} {
			t.Run(tt.name+", "+mode, func(t *testing.T) {
				w := newWorld(t, nil)
				w.optIn("pay", "")
				if mode == "shadow" {
					w.optIn("pay", "mode = shadow\n")
				}
				c := w.push("pay", 7, review.KindRework, payments(planted))
				w.drain()
				shown := func() bool {
					_, ok, err := w.SummaryAt(t.Context(), c.ID, 1)
					if err != nil {
						t.Fatal(err)
					}
					return ok
				}
				if !shown() {
					t.Fatal("there is no text to hide")
				}
				before := len(w.accesses(c.ID))
				tt.found(c)
				w.event("private-state-changed", c.ID, 1)
				if shown() {
					t.Error("the text is shown until the job looks")
				}
				w.drain()
				if _, there := w.texts[c.ID]; shown() != tt.text || there != tt.text {
					t.Errorf("shown: %v, there: %v, want %v", shown(), there, tt.text)
				}
				want := before + 1 // of the event
				if !tt.text {
					want++ // when it was erased
				}
				if got := w.accesses(c.ID); len(got) != want || got[want-1] != "access h/pay~7 hides" {
					t.Errorf("news: %q", got)
				}
			})
		}
	}
}

// A new patch set after it was public again has a text of its own.
func TestPublicAgain(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	c.Private = true
	w.event("private-state-changed", c.ID, 1)
	w.drain()
	c.Private = false
	w.now = w.now.Add(time.Hour)
	w.event("private-state-changed", c.ID, 1)
	w.drain()
	if w.hidden[c.ID] {
		t.Error("it stays hidden")
	}
	w.push("pay", 7, review.KindRework, payments("another"+planted))
	w.drain()
	if _, ok, _ := w.SummaryAt(t.Context(), c.ID, 2); !ok {
		t.Error("the text of the new patch set is not shown")
	}
}

func TestSweepFindsPrivate(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	n := len(w.news())
	w.now = w.now.Add(time.Minute)
	c.Private, c.Reviewers, c.Updated = true, []review.Account{self}, w.now
	stranger := w.push("web", 8, review.KindRework, payments(planted)) // of a project that is off
	stranger.Private, stranger.Reviewers = true, []review.Account{self}
	delete(w.jobs, review.ChangeJob(stranger.ID))
	for i := range 3 {
		if _, err := w.b.Reconcile(t.Context(), testHost); err != nil {
			t.Fatal(err)
		}
		if i == 0 && !w.hidden[c.ID] {
			t.Error("it is shown until the job looks")
		}
		w.drain()
	}
	wantLines(t, "news", w.newsSince(n), "access h/web~8", "access h/pay~7 hides", "access h/pay~7 hides")
	if _, there := w.texts[c.ID]; there {
		t.Error("the text is still there")
	}
}

func TestNewsThatCannotBeWritten(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	id := review.ChangeID{Host: testHost, Project: "pay", Number: 7}
	w.fail["news"] = []error{errors.New("the store is full")}
	if ok, _, err := w.b.Accept(t.Context(), review.Event{Type: "patchset-created", Host: testHost, Project: "pay", Number: 7, PatchSet: 1}); err == nil || ok || len(w.jobs) > 0 {
		t.Errorf("accepted: %v, %v; the sender has to try again", ok, err)
	}
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.fail["news"] = []error{errors.New("the store is full"), errors.New("the store is full")}
	w.drain()
	w.wantPosts(1)
	if o := w.last(c, 1); o.Verdict != review.VerdictPosted {
		t.Errorf("outcome %+v", o)
	}
	wantLines(t, "news", w.news(), "access "+id.String(), "outcome h/pay~7 1 summary posted already-posted")
}

func TestTrimFeed(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.now = w.now.Add(movedAge)
	w.event("reviewer-added", c.ID, 1)
	trim := func() {
		t.Helper()
		if err := w.b.trimFeed(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	trim()
	wantLines(t, "after an hour", w.news(), "outcome h/pay~7 1 summary posted posted", "access h/pay~7")
	w.now = w.now.Add(movedAge)
	trim()
	wantLines(t, "the last stays", w.news(), "outcome h/pay~7 1 summary posted posted", "access h/pay~7")
	w.event("reviewer-deleted", c.ID, 1)
	trim()
	wantLines(t, "after two", w.news(), "outcome h/pay~7 1 summary posted posted", "access h/pay~7 hides")
	w.now = w.now.Add(feedAge)
	w.event("reviewer-added", c.ID, 1)
	trim()
	wantLines(t, "after two weeks", w.news(), "access h/pay~7")
	if !slices.Contains(w.logs.trims, keepFeed) {
		t.Errorf("trimmed to %v", w.logs.trims)
	}
	w.fail["rows"] = []error{errors.New("down")}
	if err := w.b.trimFeed(t.Context()); err == nil {
		t.Error("a log that cannot be read was trimmed")
	}
}
