// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"maps"
	"slices"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

// modes are what each list of a place says.
func (w *world) modes(t *testing.T, account int64, p board.Place) map[string]string {
	t.Helper()
	out := map[string]string{}
	note := func(list, mode string, err error) {
		if err != nil {
			t.Fatalf("%s: %v", list, err)
		}
		out[list] = mode
	}
	v := viewer(account)
	changes, err := w.Changes(t.Context(), v, board.ChangesQuery{Place: p, Limit: 5})
	note("changes", changes.Mode, err)
	urgent, err := w.Changes(t.Context(), v, board.ChangesQuery{Place: p, Order: board.OrderUrgent, Limit: 5})
	note("urgent", urgent.Mode, err)
	activity, err := w.Activity(t.Context(), v, board.ActivityQuery{Place: p, Limit: 5})
	note("activity", activity.Mode, err)
	if p.Project == "" && p.Entity == "" {
		return out
	}
	branches, err := w.Branches(t.Context(), v, board.BranchesQuery{Place: p})
	note("branches", branches.Mode, err)
	failures, err := w.Failures(t.Context(), v, board.FailuresQuery{Place: p, Limit: 5})
	note("failures", failures.Mode, err)
	return out
}

// Each list says how its project uses the bot, to whom the project is known.
func TestMode(t *testing.T) {
	lib := board.Place{Entity: "component:default/lib"}
	for _, tt := range []struct {
		name  string
		place board.Place
		want  string
	}{
		{"on", board.Place{Project: "pay"}, "on"},
		{"shadow, for who does not own it", board.Place{Project: "trial"}, "shadow"},
		{"off", board.Place{Project: "off"}, "off"},
		{"a mode that nobody knows", board.Place{Project: "wild"}, "off"},
		{"a component", board.Place{Entity: "component:default/pay"}, "on"},
		{"a folder that no change touches", lib, "on"},
		{"no change at all, and everybody reads it", board.Place{Project: "empty"}, "on"},
		{"no change at all, and not everybody reads it", board.Place{Project: "closed"}, ""},
		{"none that is shown", board.Place{Project: "secret"}, ""},
		{"no such project", board.Place{Project: "nope"}, ""},
		{"a name that no project has", board.Place{Project: "^.*"}, ""},
		{"all projects", board.Place{}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, 1)
			for i, project := range []string{"pay", "trial", "off", "wild", "mono", "secret"} {
				id := w.a.add(project, i+1, func(c *fakeChange) { c.blind[5] = project == "secret" })
				w.happened(id, "posted", "posted")
				w.policies["a/"+project] = board.Policy{Mode: map[string]string{"trial": "shadow", "off": "off", "wild": "wild"}[project], Builds: true}
			}
			for _, project := range []string{"pay", "mono", "secret"} {
				w.policies["a/"+project] = board.Policy{Mode: "on", Builds: true}
			}
			w.a.public["empty"] = true
			for list, mode := range w.modes(t, 5, tt.place) {
				if mode != tt.want {
					t.Errorf("%s: mode %q, want %q", list, mode, tt.want)
				}
			}
		})
	}
}

// That a project is known costs no question beside what the list has asked, and
// where it shows nothing one more a minute.
func TestModeIsCheap(t *testing.T) {
	w := newWorld(t, 1)
	w.a.add("pay", 1)
	w.a.add("secret", 2, func(c *fakeChange) { c.blind[5] = true })
	for _, tt := range []struct {
		project string
		pages   int
		facts   int
	}{{"pay", 1, 0}, {"secret", 2, 1}} {
		for range 3 {
			w.a.pages, w.a.facts = 0, 0
			w.clock.add(90 * time.Second)
			for range 3 {
				if _, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Place: board.Place{Project: tt.project}, Limit: 5}); err != nil {
					t.Fatal(err)
				}
			}
			if w.a.pages != tt.pages || w.a.facts != tt.facts {
				t.Errorf("%s: %d pages and %d facts, want %d and %d", tt.project, w.a.pages, w.a.facts, tt.pages, tt.facts)
			}
		}
	}
}

// Who is shown nothing any more is not told the mode, even when it happens while
// the list is read.
func TestModeGoesWithSight(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("mono", 1)
	lib := board.Place{Entity: "component:default/lib"}
	if got := w.modes(t, 5, lib); slices.Contains(slices.Collect(maps.Values(got)), "") {
		t.Fatalf("before: %v", got)
	}
	w.a.edit(id, func(c *fakeChange) { c.blind[5] = true })
	w.moved(id)
	for list, mode := range w.modes(t, 5, lib) {
		if mode != "" {
			t.Errorf("%s: mode %q after the change was hidden", list, mode)
		}
	}
}

func TestSubmitted(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1, func(c *fakeChange) { c.Status, c.Submitted = review.StatusMerged, start.Add(-2*time.Hour) })
	w.a.add("pay", 2)
	list, err := w.Changes(t.Context(), viewer(5), board.ChangesQuery{Place: board.Place{Project: "pay"}, Limit: 5})
	if err != nil || len(list.Rows) != 2 || !list.Rows[0].Submitted.Equal(start.Add(-2*time.Hour)) || !list.Rows[1].Submitted.IsZero() {
		t.Errorf("got %+v, %v", list.Rows, err)
	}
	if d, err := w.Change(t.Context(), viewer(5), id, 0); err != nil || !d.Submitted.Equal(start.Add(-2*time.Hour)) {
		t.Errorf("got %s, %v", d.Submitted, err)
	}
}
