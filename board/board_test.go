// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/board"
	"review-assistant/bot"
	"review-assistant/review"
)

// kindOf names the class of an error.
func kindOf(err error) string {
	_, retry := errors.AsType[*review.RetryError](err)
	switch {
	case err == nil:
		return ""
	case review.IsGone(err):
		return "gone"
	case review.IsDenied(err):
		return "denied"
	case review.IsRejected(err):
		return "rejected"
	case retry:
		return "retry"
	}
	return "other: " + err.Error()
}

func TestPlaces(t *testing.T) {
	none := review.Viewer{Subject: "nobody"}
	onlyA := review.Viewer{Accounts: map[string]review.Account{"a": {ID: 5}}}
	over := viewer(5)
	over.Until = start
	for _, tt := range []struct {
		name   string
		viewer review.Viewer
		hosts  int
		place  board.Place
		want   string // class of the error
		rows   []int
	}{
		{"by name", viewer(5), 2, board.Place{Host: "a", Project: "pay"}, "", []int{1, 2, 8, 9}},
		{"same number on another host", viewer(5), 2, board.Place{Host: "b", Project: "pay"}, "", []int{1}},
		{"whole host", viewer(5), 2, board.Place{Host: "b"}, "", []int{1}},
		{"no host of two", viewer(5), 2, board.Place{Project: "pay"}, "rejected", nil},
		{"the only host", viewer(5), 1, board.Place{Project: "pay"}, "", []int{1, 2, 8, 9}},
		{"unknown host", viewer(5), 2, board.Place{Host: "c", Project: "pay"}, "gone", nil},
		{"a project that is not there", viewer(5), 2, board.Place{Host: "a", Project: "nope"}, "", []int{}},
		{"a project that is not shown", viewer(5), 2, board.Place{Host: "a", Project: "secret"}, "", []int{}},
		{"an expression", viewer(5), 2, board.Place{Host: "a", Project: "^.*"}, "", []int{}},
		{"a name that ends the query", viewer(5), 2, board.Place{Host: "a", Project: `pay" OR is:private`}, "", []int{}},
		{"a name that is none", viewer(5), 2, board.Place{Host: "a", Project: "pay\x00\xff"}, "", []int{}},
		{"a long name", viewer(5), 2, board.Place{Host: "a", Project: strings.Repeat("p", 5000)}, "", []int{}},
		{"entity on any host", viewer(5), 2, board.Place{Entity: "component:default/pay"}, "rejected", nil},
		{"entity on any host, host named", viewer(5), 2, board.Place{Entity: "component:default/pay", Host: "b"}, "", []int{1}},
		{"entity goes before project", viewer(5), 2, board.Place{Entity: "component:default/pay", Host: "b", Project: "mono"}, "", []int{1}},
		{"entity with a folder", viewer(5), 2, board.Place{Entity: "component:default/lib"}, "", []int{7}},
		{"entity on a branch", viewer(5), 2, board.Place{Entity: "component:default/dev"}, "", []int{8, 9}},
		{"entity on a branch with a folder", viewer(5), 2, board.Place{Entity: "component:default/devlib"}, "", []int{9}},
		{"entity on the other host", viewer(5), 2, board.Place{Entity: "component:default/other"}, "", []int{1}},
		{"entity on the other host than the one named", viewer(5), 2, board.Place{Entity: "component:default/other", Host: "a"}, "gone", nil},
		{"entity on a host where the viewer has no account", onlyA, 2, board.Place{Entity: "component:default/other"}, "denied", nil},
		{"entity on a host that is not ours", viewer(5), 2, board.Place{Entity: "component:default/lost"}, "gone", nil},
		{"entity without code", viewer(5), 2, board.Place{Entity: "component:default/nocode"}, "gone", nil},
		{"unknown entity", viewer(5), 2, board.Place{Entity: "component:default/nope"}, "gone", nil},
		{"no accounts", none, 2, board.Place{Host: "a", Project: "pay"}, "denied", nil},
		{"no accounts, unknown host", none, 2, board.Place{Host: "c"}, "denied", nil},
		{"no accounts, unknown entity", none, 2, board.Place{Entity: "component:default/nope"}, "denied", nil},
		{"no account there", onlyA, 2, board.Place{Host: "b", Project: "pay"}, "denied", nil},
		{"account 0", viewer(0), 2, board.Place{Host: "a", Project: "pay"}, "denied", nil},
		{"account below 0", viewer(-5), 2, board.Place{Host: "a", Project: "pay"}, "denied", nil},
		{"switched off", review.Viewer{Accounts: map[string]review.Account{"a": {ID: 5, Inactive: true}}}, 1, board.Place{Project: "pay"}, "denied", nil},
		{"the proof has ended", over, 1, board.Place{Project: "pay"}, "denied", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, tt.hosts)
			w.a.add("pay", 1)
			w.a.add("pay", 2)
			w.a.add("pay", 3, func(c *fakeChange) { c.private = true })
			w.a.add("pay", 4, func(c *fakeChange) { c.blind[5] = true })
			w.a.add("secret", 5, func(c *fakeChange) { c.blind[5] = true })
			w.a.add("mono", 6, func(c *fakeChange) { c.dirs = []string{"web"} })
			w.a.add("mono", 7, func(c *fakeChange) { c.dirs = []string{"web", "lib"} })
			w.a.add("pay", 8, func(c *fakeChange) { c.Branch = "dev" })
			w.a.add("pay", 9, func(c *fakeChange) { c.Branch, c.dirs = "dev", []string{"lib"} })
			w.b.add("pay", 1)
			got, err := w.Changes(t.Context(), tt.viewer, board.ChangesQuery{Place: tt.place, Limit: 50})
			if kindOf(err) != tt.want {
				t.Fatalf("Changes(%+v) fails with %q (%v), want %q", tt.place, kindOf(err), err, tt.want)
			}
			if err == nil && !slices.Equal(numbers(got.Rows), tt.rows) {
				t.Errorf("Changes(%+v) = %v, want %v", tt.place, numbers(got.Rows), tt.rows)
			}
			// The other answers about a place end the same way.
			if _, err := w.Activity(t.Context(), tt.viewer, board.ActivityQuery{Place: tt.place, Limit: 50}); kindOf(err) != tt.want {
				t.Errorf("Activity(%+v) fails with %v, want %q", tt.place, err, tt.want)
			}
			want := tt.want
			if want == "" && tt.place.Project == "" && tt.place.Entity == "" {
				want = "rejected" // of which project
			}
			if _, err := w.Failures(t.Context(), tt.viewer, board.FailuresQuery{Place: tt.place, Limit: 50}); kindOf(err) != want {
				t.Errorf("Failures(%+v) fails with %v, want %q", tt.place, err, want)
			}
		})
	}
}

// The branch of an entity and the one that is asked for both have to be a change's.
func TestChangesOfABranch(t *testing.T) {
	for _, tt := range []struct {
		entity, branch string
		want           []int
	}{
		{"dev", "", []int{2, 3}},
		{"dev", "dev", []int{2, 3}},
		{"dev", "main", []int{}},
		{"dev", "de", []int{}},
		{"devlib", "", []int{3}},
		{"devlib", "main", []int{}},
		{"pay", "dev", []int{2, 3}},
		{"pay", "", []int{1, 2, 3}},
	} {
		w := newWorld(t, 1)
		w.a.add("pay", 1, func(c *fakeChange) { c.dirs = []string{"lib"} })
		w.a.add("pay", 2, func(c *fakeChange) { c.Branch = "dev" })
		w.a.add("pay", 3, func(c *fakeChange) { c.Branch, c.dirs = "dev", []string{"lib"} })
		for _, order := range []board.Order{board.OrderUpdated, board.OrderUrgent} {
			q := board.ChangesQuery{Place: board.Place{Entity: "component:default/" + tt.entity}, Branch: tt.branch, Order: order, Limit: 10}
			got, err := w.Changes(t.Context(), viewer(5), q)
			if err != nil || !slices.Equal(numbers(got.Rows), tt.want) || got.Next != nil || got.Mode != "on" {
				t.Errorf("%s on %q, %s: %v, next %v, mode %q, %v; want %v", tt.entity, tt.branch, order, numbers(got.Rows), got.Next, got.Mode, err, tt.want)
			}
		}
	}
}

func TestRowStates(t *testing.T) {
	on, shadow := board.Policy{Mode: "on"}, board.Policy{Mode: "shadow"}
	inShadow := func(s *review.Summary) { s.Shadow = true }
	silent := func(s *review.Summary) { s.Silent = "nothing-to-add:small-and-obvious" }
	for _, tt := range []struct {
		name   string
		policy board.Policy
		keep   func(*fakeStore, review.ChangeID)
		edit   func(*fakeChange)
		owner  bool
		state  board.State
		reason string
		brief  int // its patch set, 0 for none
		stale  bool
	}{
		{"nothing decided", on, nil, nil, false, board.StateWaiting, "", 0, false},
		{"merged before", on, nil, func(c *fakeChange) { c.Status = review.StatusMerged }, false, board.StateSkipped, "closed", 0, false},
		{"summarized", on, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "posted", "posted", asIs) }, nil, false, board.StateSummarized, "posted", 2, false},
		{"stands", on, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "posted", "already-posted", asIs) }, nil, false, board.StateSummarized, "already-posted", 2, false},
		{"quiet", on, func(s *fakeStore, id review.ChangeID) {
			s.keep(id, 2, "suppressed", "nothing-to-add:small-and-obvious", silent)
		}, nil, false, board.StateQuiet, "nothing-to-add:small-and-obvious", 2, false},
		{"a line that says why not", on, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "posted", "nothing-readable") }, nil, false, board.StateSkipped, "nothing-readable", 0, false},
		{"older summary, newer one not decided", on, func(s *fakeStore, id review.ChangeID) { s.keep(id, 1, "posted", "posted", asIs) }, nil, false, board.StateWaiting, "", 1, true},
		{"older summary, same code", on, func(s *fakeStore, id review.ChangeID) {
			s.keep(id, 1, "posted", "posted", asIs)
			s.keep(id, 2, "suppressed", "same-code")
		}, nil, false, board.StateSkipped, "same-code", 1, true},
		{"patch set that Gerrit's answer does not know yet", on, func(s *fakeStore, id review.ChangeID) { s.keep(id, 3, "posted", "posted", asIs) }, nil, false, board.StateSummarized, "posted", 3, false},
		{"muted", on, func(s *fakeStore, id review.ChangeID) {
			s.keep(id, 1, "posted", "posted", asIs)
			s.keep(id, 2, "suppressed", "muted")
		}, nil, false, board.StateSkipped, "muted", 0, false},
		{"was private", on, func(s *fakeStore, id review.ChangeID) {
			s.keep(id, 1, "posted", "posted", asIs)
			s.keep(id, 2, "suppressed", "private")
		}, nil, false, board.StateSkipped, "private", 0, false},
		{"hidden or erased", on, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "posted", "posted") }, nil, false, board.StateSummarized, "posted", 0, false},
		{"text of another change", on, func(s *fakeStore, id review.ChangeID) {
			s.keep(id, 2, "posted", "posted", func(s *review.Summary) { s.Change.Number = 99 })
		}, nil, false, board.StateSummarized, "posted", 0, false},
		{"other kinds do not count", on, func(s *fakeStore, id review.ChangeID) {
			s.kept[id] = review.Kept{Outcomes: []review.Outcome{{Change: id, PatchSet: 2, Kind: review.PostSecrets, Verdict: "posted", Reason: "posted"}}}
		}, nil, false, board.StateWaiting, "", 0, false},
		{"off", board.Policy{Mode: "off", Off: "no-file"}, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "posted", "posted", asIs) }, nil, true, board.StateOff, "project-off:no-file", 0, false},
		{"a mode that nobody knows", board.Policy{Mode: "wild"}, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "posted", "posted", asIs) }, nil, true, board.StateOff, "project-off:off", 0, false},
		{"shadow, owner", shadow, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "shadow", "posted", inShadow) }, nil, true, board.StateSummarized, board.ReasonShadow, 2, false},
		{"shadow, another", shadow, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "shadow", "posted", inShadow) }, nil, false, board.StateWaiting, board.ReasonTrial, 0, false},
		{"shadow, quiet, owner", shadow, func(s *fakeStore, id review.ChangeID) {
			s.keep(id, 2, "suppressed", "nothing-to-add:told-before", inShadow)
		}, nil, true, board.StateQuiet, "nothing-to-add:told-before", 2, false},
		{"shadow, quiet, another", shadow, func(s *fakeStore, id review.ChangeID) {
			s.keep(id, 2, "suppressed", "nothing-to-add:told-before", inShadow)
		}, nil, false, board.StateWaiting, board.ReasonTrial, 0, false},
		{"shadow, not marked as such", shadow, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "shadow", "posted", asIs) }, nil, false, board.StateWaiting, board.ReasonTrial, 0, false},
		{"shadow, nothing decided, another", shadow, nil, nil, false, board.StateWaiting, board.ReasonTrial, 0, false},
		{"posted before shadow", shadow, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "posted", "posted", asIs) }, nil, false, board.StateSummarized, "posted", 2, false},
		{"shadow before on, another", on, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "shadow", "posted", inShadow) }, nil, false, board.StateWaiting, board.ReasonTrial, 0, false},
		{"shadow before on, owner", on, func(s *fakeStore, id review.ChangeID) { s.keep(id, 2, "shadow", "posted", inShadow) }, nil, true, board.StateSummarized, board.ReasonShadow, 2, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.policies["a/pay"] = tt.policy
			id := w.a.add("pay", 1, func(c *fakeChange) {
				c.PatchSet = 2
				if tt.edit != nil {
					tt.edit(c)
				}
			})
			if tt.keep != nil {
				tt.keep(w.store, id)
			}
			if tt.owner {
				w.a.owners["pay"] = []int64{5}
			}
			list, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 10})
			if err != nil || len(list.Rows) != 1 {
				t.Fatalf("Changes = %+v, %v", list, err)
			}
			c := list.Rows[0]
			if c.State != tt.state || c.Reason != tt.reason || c.Says != saysOf(tt.reason) {
				t.Errorf("state = %q, %q, %q, want %q, %q", c.State, c.Reason, c.Says, tt.state, tt.reason)
			}
			brief := 0
			if c.Summary != nil {
				brief = c.Summary.PatchSet
				if c.Summary.Stale != tt.stale {
					t.Errorf("stale = %v, want %v", c.Summary.Stale, tt.stale)
				}
			}
			if brief != tt.brief {
				t.Errorf("summary of patch set %d, want %d", brief, tt.brief)
			}
			d, err := w.Change(t.Context(), viewer(5), id, 0)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(c, d.Change); diff != "" {
				t.Errorf("the row and the answer about the change differ: %s", diff)
			}
			if full := d.Full != nil; full != (tt.brief > 0) {
				t.Errorf("whole summary: %v, want %v", full, tt.brief > 0)
			}
			if got, _ := json.Marshal(d); tt.state == board.StateWaiting && tt.reason == board.ReasonTrial && strings.Contains(string(got), `"verdict":"s`) {
				t.Errorf("what is for owners is told: %s", got)
			}
			if w.a.pages != 1 || w.a.batches != 0 || w.store.kepts != 1 {
				t.Errorf("%d pages, %d batches and %d readings of the store", w.a.pages, w.a.batches, w.store.kepts)
			}
		})
	}
}

// saysOf is the sentence of a reason: of the board's own ones it says it by itself.
func saysOf(reason string) string {
	switch reason {
	case "":
		return "Nothing was decided about this patch set yet."
	case board.ReasonShadow:
		return "The project tries the assistant out: its owners alone see what it would have said."
	case board.ReasonTrial:
		return "The project tries the assistant out, and shows its owners alone what it finds."
	}
	return "says:" + reason
}

// What was not posted is not told as if it were.
func TestShadowIsNotPosted(t *testing.T) {
	w := newWorld(t, 1)
	w.policies["a/pay"] = board.Policy{Mode: "shadow"}
	w.a.owners["pay"] = []int64{5}
	id := w.a.add("pay", 1)
	w.store.keep(id, 1, "shadow", "posted", func(s *review.Summary) { s.Shadow = true })
	w.happened(id, "shadow", "posted")
	d, err := w.Change(t.Context(), viewer(5), id, 0)
	if err != nil || len(d.Outcomes) != 1 || d.Outcomes[0].Says != saysOf(board.ReasonShadow) || d.Outcomes[0].Reason != "posted" {
		t.Errorf("%+v, %v", d.Outcomes, err)
	}
	list, err := w.Activity(t.Context(), viewer(5), board.ActivityQuery{Place: board.Place{Project: "pay"}, Limit: 10})
	if err != nil || len(list.Rows) != 1 || list.Rows[0].Says != saysOf(board.ReasonShadow) {
		t.Errorf("%+v, %v", list.Rows, err)
	}
}

// The board knows some reasons by name, since it may not import bot.
func TestReasonsOfBot(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1)
	for reason, want := range map[string]board.State{
		bot.ReasonPosted: board.StateSummarized, bot.ReasonStands: board.StateSummarized, bot.ReasonNothing + ":x": board.StateQuiet,
		bot.ReasonNoModel: board.StateSkipped, bot.ReasonSuperseded: board.StateWaiting, bot.ReasonClosed: board.StateSkipped,
		bot.ReasonMuted: board.StateSkipped, bot.ReasonPrivate: board.StateSkipped, bot.ReasonGone: board.StateSkipped, bot.ReasonWIP: board.StateSkipped,
	} {
		w.store.kept = map[review.ChangeID]review.Kept{}
		w.store.keep(id, 1, "suppressed", reason, asIs)
		w.Moved(review.News{Kind: review.NewsOutcome, Change: id})
		d, err := w.Change(t.Context(), viewer(5), id, 0)
		if err != nil || d.State != want {
			t.Errorf("state of %s = %q, %v, want %q", reason, d.State, err, want)
		}
		hides := reason == bot.ReasonMuted || reason == bot.ReasonPrivate || reason == bot.ReasonGone
		if (d.Summary == nil) != hides || (d.Full == nil) != hides {
			t.Errorf("%s shows text: %v, want %v", reason, d.Summary != nil, !hides)
		}
	}
}

func TestDetail(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1, func(c *fakeChange) { c.PatchSet = 2 })
	w.store.keep(id, 1, "posted", "posted", func(s *review.Summary) { s.Title = "older" })
	w.store.keep(id, 2, "posted", "posted", func(s *review.Summary) {
		s.Title = "newest"
		s.Picks = []review.Pick{{Account: review.Account{ID: 77, Name: "Ada", Email: "ada@example.org", Username: "ada"}, Entity: "user:default/ada", Reasons: []string{"owns it"}, Score: 4}}
	})
	w.builds.failed[id] = &board.ChangeBuilds{Failed: 1, Classes: map[string]int{"flaky": 1}, Failures: []string{"evidence"}}
	for patchSet, want := range map[int]string{0: "newest", 1: "older", 2: "newest"} {
		d, err := w.Change(t.Context(), viewer(5), id, patchSet)
		if err != nil {
			t.Fatal(err)
		}
		got := ""
		if d.Full != nil {
			got = d.Full.Title
		}
		if got != want {
			t.Errorf("summary of patch set %d = %q, want %q", patchSet, got, want)
		}
		if d.Builds == nil || d.Builds.Failures == nil || len(d.Outcomes) != 2 {
			t.Errorf("builds = %+v, outcomes = %+v", d.Builds, d.Outcomes)
		}
		raw, err := json.Marshal(d)
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range []string{"@example.org", "77", `"Email"`, `"email"`} {
			if strings.Contains(string(raw), secret) {
				t.Errorf("the answer holds %s: %s", secret, raw)
			}
		}
		if want == "newest" && !cmp.Equal(d.Picks, []board.Pick{{Person: board.Person{Name: "Ada", Entity: "user:default/ada"}, Reasons: []string{"owns it"}}}) {
			t.Errorf("picks = %+v", d.Picks)
		}
	}
	if s := w.store.kept[id].Summary; len(s.Picks) != 1 {
		t.Error("what is kept was changed")
	}
	list, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 10})
	if err != nil || list.Rows[0].Builds == nil || list.Rows[0].Builds.Failures != nil {
		t.Errorf("a row tells %+v of builds, %v", list.Rows, err)
	}
	b := list.Rows[0].Summary
	if len(b.Bullets) != 3 || b.Severity != "medium" || b.Look != 2 {
		t.Errorf("brief = %+v", b)
	}
}

// What was computed before the project was switched on is for owners, asked
// for by its patch set too.
func TestOlderShadowSummary(t *testing.T) {
	for _, owner := range []bool{false, true} {
		w := newWorld(t, 1)
		id := w.a.add("pay", 1, func(c *fakeChange) { c.PatchSet = 2 })
		w.store.keep(id, 1, "suppressed", "nothing-to-add:told-before", func(s *review.Summary) { s.Shadow = true })
		w.store.keep(id, 2, "posted", "posted", asIs)
		if owner {
			w.a.owners["pay"] = []int64{5}
		}
		d, err := w.Change(t.Context(), viewer(5), id, 1)
		if err != nil || (d.Full != nil) != owner || d.Summary == nil {
			t.Errorf("owner %v: %+v, %v", owner, d.Full, err)
		}
	}
}

func TestTextsAreCleaned(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1, func(c *fakeChange) {
		c.Subject, c.Topic, c.Owner.Name = "Set hunter2\x1b[31m \u202etxt.exe", "hunter2", "Ja\u200bne\x00\xff"
	})
	d, err := w.Change(t.Context(), viewer(5), id, 0)
	if err != nil {
		t.Fatal(err)
	}
	if d.Subject != "Set [secret][31m txt.exe" || d.Topic != "[secret]" || d.Owner.Name != "Jane\uFFFD" || d.Owner.Entity != "user:default/jane" {
		t.Errorf("subject %q, topic %q, owner %+v", d.Subject, d.Topic, d.Owner)
	}
	w.dirty = true
	w.clock.add(time.Hour)
	if d, err = w.Change(t.Context(), viewer(5), id, 0); err != nil {
		t.Fatal(err)
	}
	if d.Subject != board.Withheld || d.Topic != board.Withheld || d.Owner.Name != board.Withheld {
		t.Errorf("subject %q, topic %q, owner %+v", d.Subject, d.Topic, d.Owner)
	}
}

func TestReviews(t *testing.T) {
	w := newWorld(t, 2)
	both := func(of int64) func(*fakeChange) {
		return func(c *fakeChange) { c.reviewers, c.Attention = []int64{of}, []int64{of} }
	}
	reviewer := func(of int64) func(*fakeChange) { return func(c *fakeChange) { c.reviewers = []int64{of} } }
	w.a.add("pay", 1, both(5))
	w.a.add("pay", 2, reviewer(5))
	w.a.add("lib", 3, both(5))
	w.a.add("lib", 4, both(6)) // somebody else's
	w.a.add("pay", 5, both(5), func(c *fakeChange) { c.Status = review.StatusMerged })
	w.a.add("pay", 6, both(5), func(c *fakeChange) { c.private = true })
	w.b.add("pay", 1, both(1005))
	w.b.add("pay", 7, reviewer(1005))
	w.b.add("pay", 8, both(5)) // 5 is somebody else there
	want := []string{"a/pay~1 attention", "a/lib~3 attention", "b/pay~1 attention", "a/pay~2 reviewer", "b/pay~7 reviewer"}
	for _, limit := range []int{0, 1, 2, 3, 100} {
		var got []string
		q := board.ReviewsQuery{Limit: limit}
		for pages := 0; ; pages++ {
			before := [2]int{w.a.pages, w.b.pages}
			w.clock.add(time.Hour)
			list, err := w.Reviews(t.Context(), viewer(5), q)
			if err != nil {
				t.Fatal(err)
			}
			if n := max(w.a.pages-before[0], w.b.pages-before[1]); n > 2 || w.a.batches > 0 {
				t.Errorf("limit %d: %d questions for a page", limit, n)
			}
			for _, r := range list.Rows {
				got = append(got, r.ID+" "+r.Waits)
			}
			if list.Next == nil {
				break
			}
			if q.Page = *list.Next; pages > 20 {
				t.Fatal("no end")
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("limit %d: %q, want %q", limit, got, want)
		}
	}
	list, err := w.Reviews(t.Context(), viewer(5), board.ReviewsQuery{Host: "b", Limit: 10})
	if err != nil || !slices.Equal(numbers(list.Rows), []int{1, 7}) {
		t.Errorf("Reviews of b = %v, %v", numbers(list.Rows), err)
	}
	for host, want := range map[string]string{"c": "gone", "b": "denied", "": ""} {
		_, err := w.Reviews(t.Context(), review.Viewer{Accounts: map[string]review.Account{"a": {ID: 5}}}, board.ReviewsQuery{Host: host, Limit: 10})
		if kindOf(err) != want {
			t.Errorf("Reviews of %q fails with %v, want %q", host, err, want)
		}
	}
	for _, v := range []review.Viewer{{}, viewer(-2000), {Accounts: map[string]review.Account{"elsewhere": {ID: 5}}}} {
		if _, err := w.Reviews(t.Context(), v, board.ReviewsQuery{Limit: 10}); kindOf(err) != "denied" {
			t.Errorf("Reviews of nobody fails with %v", err)
		}
	}
}

// Gerrit tells pages apart by the second. No row comes twice, and none is lost,
// also when changes move while pages are read.
func TestPagesBySeconds(t *testing.T) {
	for _, limit := range []int{1, 2, 3, 7, 40, 100} {
		for _, each := range []int{1, 2, 5, 45} { // changes of one second
			for _, moving := range []bool{false, true} {
				w := newWorld(t, 1)
				w.a.seconds = true
				for n := 1; n <= 90; n++ {
					w.a.add("pay", n, func(c *fakeChange) {
						c.reviewers = []int64{5}
						c.Updated = start.Add(-time.Duration(n/each)*time.Second - time.Duration(n%each)*time.Millisecond)
					})
				}
				var got []int
				q := board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: limit}
				r := board.ReviewsQuery{Limit: limit}
				for pages := 0; ; pages++ {
					list, err := w.Changes(t.Context(), viewer(5), q)
					if limit == 7 { // the other list
						list, err = w.Reviews(t.Context(), viewer(5), r)
					}
					if err != nil || len(list.Rows) > limit || pages > 300 {
						t.Fatalf("limit %d, %d a second: page %d has %d rows, %v", limit, each, pages, len(list.Rows), err)
					}
					if got = append(got, numbers(list.Rows)...); list.Next == nil {
						break
					}
					if n := len(list.Next.Shown); n > 30 {
						t.Fatalf("a page carries %d numbers", n)
					}
					if moving && each <= 5 && len(got) > 0 {
						// The last that was shown is updated.
						w.a.edit(review.ChangeID{Host: "a", Project: "pay", Number: got[len(got)-1]}, func(c *fakeChange) { c.Updated = start.Add(time.Hour) })
					}
					w.clock.add(2 * time.Minute)
					q.Page, r.Page = *list.Next, *list.Next
				}
				slices.Sort(got)
				if n := len(got); n != 90 || len(slices.Compact(got)) != 90 {
					t.Errorf("limit %d, %d a second, moving %v: %d rows, %d of them different, want 90", limit, each, moving, n, len(slices.Compact(got)))
				}
			}
		}
	}
}

func TestPaging(t *testing.T) {
	w := newWorld(t, 1)
	for n := 1; n <= 23; n++ {
		w.a.add("pay", n, func(c *fakeChange) { c.blind[5] = n%3 == 0 })
	}
	var got []int
	for q := (board.ChangesQuery{Place: board.Place{Project: "pay"}, Status: review.StatusNew, Limit: 5}); ; {
		list, err := w.Changes(t.Context(), viewer(5), q)
		if err != nil {
			t.Fatal(err)
		}
		if got = append(got, numbers(list.Rows)...); list.Next == nil {
			break
		}
		q.Page = *list.Next
	}
	if want := []int{1, 2, 4, 5, 7, 8, 10, 11, 13, 14, 16, 17, 19, 20, 22, 23}; !slices.Equal(got, want) {
		t.Errorf("pages = %v, want %v", got, want)
	}
}

func TestFailures(t *testing.T) {
	ask := func(w *world, p board.Place, limit int) []int {
		t.Helper()
		got, err := w.Failures(t.Context(), viewer(5), board.FailuresQuery{Place: p, Limit: limit})
		if err != nil {
			t.Fatal(err)
		}
		out := []int{}
		if list, is := got.Clusters.([]cluster); is {
			for _, c := range list {
				out = append(out, c.Change)
			}
		}
		if raw, err := json.Marshal(got.Clusters); err != nil || raw[0] != '[' {
			t.Errorf("the answer is no list: %s, %v", raw, err)
		}
		return out
	}
	w := newWorld(t, 1)
	for n := 1; n <= 4; n++ {
		w.a.add("pay", n, func(c *fakeChange) { c.private, c.blind[5] = n == 3, n == 2 })
		w.a.add("mono", 10+n, func(c *fakeChange) { c.blind[5] = n == 2 })
	}
	w.builds.changes = []int{1, 2, 3, 4, 999}
	pay := board.Place{Project: "pay"}
	// Gerrit shows an open change of the branch to nobody who may not read it.
	if got := ask(w, pay, 10); !slices.Equal(got, []int{0, 1, 4}) {
		t.Errorf("failures = %v", got)
	}
	if got := ask(w, pay, 2); !slices.Equal(got, []int{0, 1}) {
		t.Errorf("failures = %v", got)
	}
	if w.a.batches != 1 || w.a.pages != 0 || w.a.facts != 1 || w.a.opens != 1 {
		t.Errorf("%d batches, %d pages, %d facts and %d counts", w.a.batches, w.a.pages, w.a.facts, w.a.opens)
	}
	w.a.public["pay"] = true
	w.moved(review.ChangeID{Host: "a", Project: "pay"})
	if got := ask(w, pay, 10); !slices.Equal(got, []int{0, 1, 4}) {
		t.Errorf("failures of a project for all = %v", got)
	}
	if w.a.opens != 1 {
		t.Errorf("open changes are counted %d times, though every account reads the branch", w.a.opens)
	}
	w.builds.branch = "embargo"
	if got := ask(w, pay, 10); !slices.Equal(got, []int{1, 4}) {
		t.Errorf("failures with those of a branch that is not for all = %v", got)
	}
	w.a.edit(review.ChangeID{Host: "a", Project: "pay", Number: 4}, func(c *fakeChange) { c.Branch, c.dirs = "dev", []string{"lib"} })
	for _, of := range []struct {
		entity, built string
		want          []int
	}{{"dev", "main", []int{4}}, {"dev", "dev", []int{0, 4}}, {"devlib", "main", []int{4}}, {"main", "main", []int{0, 1}}, {"main", "dev", []int{1}}} {
		w.clock.add(time.Minute)
		w.builds.branch = of.built
		if got := ask(w, board.Place{Entity: "component:default/" + of.entity}, 10); !slices.Equal(got, of.want) {
			t.Errorf("failures of %s with builds of %s = %v, want %v", of.entity, of.built, got, of.want)
		}
	}
	w.builds.branch = ""
	w.builds.changes = []int{11, 12, 13, 14}
	if got := ask(w, board.Place{Entity: "component:default/lib"}, 10); !slices.Equal(got, []int{14}) {
		t.Errorf("failures of a folder = %v", got)
	}
	w.a.edit(review.ChangeID{Host: "a", Project: "mono", Number: 11}, func(c *fakeChange) { c.dirs = []string{"lib"} })
	w.moved(review.ChangeID{Host: "a", Project: "mono"})
	if got := ask(w, board.Place{Entity: "component:default/lib"}, 10); !slices.Equal(got, []int{0, 14}) {
		t.Errorf("failures of a folder of which a change is open = %v", got)
	}
	w.policies["a/off"], w.policies["a/quiet"], w.policies["a/trial"] = board.Policy{Mode: "off", Builds: true}, board.Policy{Mode: "on"}, board.Policy{Mode: "shadow", Builds: true}
	w.builds.changes = nil
	for _, p := range []string{"off", "quiet", "trial"} {
		w.a.public[p] = true
		if got := ask(w, board.Place{Project: p}, 10); len(got) > 0 {
			t.Errorf("failures of %s = %v", p, got)
		}
	}
	w.a.owners["trial"] = []int64{5}
	w.clock.add(time.Minute)
	if got := ask(w, board.Place{Project: "trial"}, 10); !slices.Equal(got, []int{0}) {
		t.Errorf("failures for an owner = %v", got)
	}
}

// Of more changes than two questions hold the newest count.
func TestFailuresOfManyChanges(t *testing.T) {
	w := newWorld(t, 1)
	for n := 1; n <= 450; n++ {
		w.a.add("pay", n)
		w.builds.changes = append(w.builds.changes, n)
	}
	w.builds.branch = "unseen"
	for _, want := range []int{200, 400, 450, 450} {
		got, err := w.Failures(t.Context(), viewer(5), board.FailuresQuery{Place: board.Place{Project: "pay"}, Limit: 500})
		if err != nil || len(got.Clusters.([]cluster)) != want {
			t.Fatalf("%d failures, %v, want %d", len(got.Clusters.([]cluster)), err, want)
		}
	}
	if w.a.batches != 5 || w.a.largest != 100 {
		t.Errorf("%d questions, of %d at most", w.a.batches, w.a.largest)
	}
}

func TestActivity(t *testing.T) {
	w := newWorld(t, 1)
	one, two := w.a.add("pay", 1), w.a.add("pay", 2, func(c *fakeChange) { c.blind[5] = true })
	lib := w.a.add("mono", 3, func(c *fakeChange) { c.dirs = []string{"lib"} })
	web := w.a.add("mono", 4, func(c *fakeChange) { c.dirs = []string{"web"} })
	trial, off := w.a.add("trial", 5), w.a.add("off", 6)
	w.policies["a/trial"], w.policies["a/off"] = board.Policy{Mode: "shadow"}, board.Policy{Mode: "off"}
	for _, id := range []review.ChangeID{one, two, lib, web, trial, off, one} {
		w.happened(id, "posted", "posted")
	}
	w.happened(trial, "shadow", "posted")
	w.tell(review.News{Kind: review.NewsAccess, Change: one})
	w.tell(review.News{Kind: review.NewsOutcome, Change: review.ChangeID{Host: "a", Project: "pay"}})
	w.happened(w.a.add("pay", 7, func(c *fakeChange) { c.Branch = "dev" }), "posted", "posted")
	w.happened(w.a.add("pay", 8, func(c *fakeChange) { c.Branch, c.dirs = "dev", []string{"lib"} }), "posted", "posted")
	ask := func(p board.Place, limit int) (seqs []int64) {
		q := board.ActivityQuery{Place: p, Limit: limit}
		for range 20 {
			list, err := w.Activity(t.Context(), viewer(5), q)
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range list.Rows {
				seqs = append(seqs, a.Seq)
				if !strings.HasPrefix(a.Subject, "Subject of") || (a.Says == "says:posted") != (a.Verdict == "posted") || a.URL == "" {
					t.Errorf("row = %+v", a)
				}
			}
			if list.Next == nil {
				return seqs
			}
			q.Page = *list.Next
		}
		t.Fatal("no end")
		return nil
	}
	for limit := range 5 {
		if got := ask(board.Place{Project: "pay"}, limit); !slices.Equal(got, []int64{12, 11, 7, 1}) {
			t.Errorf("activity of a project = %v", got)
		}
		if got := ask(board.Place{Entity: "component:default/lib"}, limit); !slices.Equal(got, []int64{3}) {
			t.Errorf("activity of a folder = %v", got)
		}
		if got := ask(board.Place{Entity: "component:default/dev"}, limit); !slices.Equal(got, []int64{12, 11}) {
			t.Errorf("activity of a branch = %v", got)
		}
		if got := ask(board.Place{Entity: "component:default/devlib"}, limit); !slices.Equal(got, []int64{12}) {
			t.Errorf("activity of a folder on a branch = %v", got)
		}
		if got := ask(board.Place{}, limit); !slices.Equal(got, []int64{12, 11, 7, 5, 4, 3, 1}) {
			t.Errorf("activity of all = %v", got)
		}
	}
	w.a.owners["trial"] = []int64{5}
	w.clock.add(time.Minute)
	if got := ask(board.Place{Project: "trial"}, 10); !slices.Equal(got, []int64{8, 5}) {
		t.Errorf("activity for an owner = %v", got)
	}
}

// One request looks at no more than it is meant to, and says where to go on.
func TestActivityIsBounded(t *testing.T) {
	w := newWorld(t, 1)
	for n := 1; n <= 900; n++ {
		w.happened(w.a.add("pay", n, func(c *fakeChange) { c.blind[5] = n > 10 }), "posted", "posted")
	}
	var got []int64
	pages := 0
	for q := (board.ActivityQuery{Place: board.Place{Project: "pay"}, Limit: 50}); ; pages++ {
		before := w.a.batches
		list, err := w.Activity(t.Context(), viewer(5), q)
		if err != nil || w.a.batches-before > 2 {
			t.Fatalf("%d questions, %v", w.a.batches-before, err)
		}
		for _, a := range list.Rows {
			got = append(got, a.Seq)
		}
		if list.Next == nil {
			break
		}
		q.Page = *list.Next
	}
	if !slices.Equal(got, []int64{10, 9, 8, 7, 6, 5, 4, 3, 2, 1}) || pages != 4 {
		t.Errorf("%v after %d pages", got, pages)
	}
}
