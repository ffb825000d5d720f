// SPDX-License-Identifier: Apache-2.0

package board_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"review-assistant/board"
	"review-assistant/review"
)

// A change of an entity is one of its project and branch that touches its folder,
// and is shown; all else is gone in the same words, and Gerrit was asked all the same.
func TestChangeOf(t *testing.T) {
	w := newWorld(t, 2)
	in := func(dirs ...string) func(*fakeChange) { return func(c *fakeChange) { c.dirs = dirs } }
	lib, web, pay := w.a.add("mono", 1, in("lib")), w.a.add("mono", 2, in("web")), w.a.add("pay", 3, in("lib"))
	hidden := w.a.add("mono", 4, in("lib"), func(c *fakeChange) { c.blind[5] = true })
	private := w.a.add("mono", 5, in("lib"), func(c *fakeChange) { c.private = true })
	other := w.b.add("pay", 6)
	onDev := func(c *fakeChange) { c.Branch = "dev" }
	dev, devlib := w.a.add("pay", 7, onDev), w.a.add("pay", 8, onDev, in("lib"))
	w.b.add("mono", 1, in("lib"))
	for _, id := range []review.ChangeID{lib, web, pay, hidden, private, other, dev, devlib} {
		w.store.keep(id, 1, "posted", "posted", asIs)
	}
	none := func(host, project string, number int) review.ChangeID {
		return review.ChangeID{Host: host, Project: project, Number: number}
	}
	texts := map[string]bool{}
	for _, tt := range []struct {
		name   string
		entity string
		id     review.ChangeID
		want   string
		asked  int // questions
	}{
		{"of the folder", "lib", lib, "", 1},
		{"of another folder", "lib", web, "gone", 1},
		{"of another project", "lib", pay, "gone", 1},
		{"that is hidden", "lib", hidden, "gone", 1},
		{"that is private", "lib", private, "gone", 1},
		{"that is not there", "lib", none("a", "mono", 99), "gone", 1},
		{"of another host", "lib", none("b", "mono", 1), "gone", 1},
		{"of no host", "lib", none("c", "mono", 1), "gone", 0},
		{"of a name that no project has", "lib", none("a", "^.*", 1), "gone", 0},
		{"without a number", "lib", none("a", "mono", 0), "gone", 0},
		{"of a whole project", "pay", pay, "", 1},
		{"of a project on any host", "pay", other, "", 1},
		{"of a project, and of another", "pay", lib, "gone", 1},
		{"of a branch", "dev", dev, "", 1},
		{"of another branch", "dev", pay, "gone", 1},
		{"of a branch, and of another project", "dev", lib, "gone", 1},
		{"of a branch and folder", "devlib", devlib, "", 1},
		{"of a branch, and of no folder", "devlib", dev, "gone", 1},
		{"of a folder, and of another branch", "devlib", pay, "gone", 1},
		{"of a project on another host", "other", pay, "gone", 1},
	} {
		w.clock.add(time.Minute)
		before := w.a.pages + w.a.batches + w.b.pages + w.b.batches
		d, err := w.ChangeOf(t.Context(), viewer(5), "component:default/"+tt.entity, tt.id, 0)
		asked := w.a.pages + w.a.batches + w.b.pages + w.b.batches - before
		if kindOf(err) != tt.want || asked != tt.asked || errors.Is(err, board.ErrNoEntity) {
			t.Errorf("a change %s: %v after %d questions, want %q after %d", tt.name, err, asked, tt.want, tt.asked)
			continue
		}
		if err != nil {
			texts[err.Error()] = true
		} else if d.ID != tt.id.String() || d.Full == nil || len(d.Outcomes) != 1 {
			t.Errorf("a change %s is %+v", tt.name, d)
		}
	}
	if len(texts) != 1 {
		t.Errorf("what is gone is told in %d ways: %v", len(texts), texts)
	}
	if w.store.kepts != 5 {
		t.Errorf("%d readings of the store, want one for each that is shown", w.store.kepts)
	}
}

// It has all that the detail of a change has.
func TestChangeOfIsTheDetail(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("mono", 1, func(c *fakeChange) {
		c.dirs, c.PatchSet = []string{"lib"}, 2
		c.Standing = &review.Standing{Reviewers: []review.Account{{ID: 9, Name: "Bob"}}}
	})
	w.store.keep(id, 1, "posted", "posted", asIs)
	w.store.keep(id, 2, "posted", "posted", asIs)
	for patchSet := range 3 {
		want, err := w.Change(t.Context(), viewer(5), id, patchSet)
		if err != nil {
			t.Fatal(err)
		}
		got, err := w.ChangeOf(t.Context(), viewer(5), "component:default/lib", id, patchSet)
		if err != nil || len(got.Reviewers) != 1 || !slices.Equal(got.Reviewers, want.Reviewers) || got.Full.PatchSet != want.Full.PatchSet || len(got.Outcomes) != 2 {
			t.Errorf("patch set %d: %+v, %v, want %+v", patchSet, got, err, want)
		}
	}
	if _, err := w.ChangeOf(t.Context(), viewer(5), "component:default/lib", id, 3); !errors.Is(err, board.ErrNoPatchSet) {
		t.Errorf("a patch set that it does not have: %v", err)
	}
	// Nobody is shown it for longer than a minute after it no longer touches the folder.
	w.a.edit(id, func(c *fakeChange) { c.dirs = nil })
	w.moved(id)
	if _, err := w.ChangeOf(t.Context(), viewer(5), "component:default/lib", id, 0); kindOf(err) != "gone" || errors.Is(err, board.ErrNoPatchSet) {
		t.Errorf("outside the folder: %v", err)
	}
}

func TestChangeOfRefuses(t *testing.T) {
	w := newWorld(t, 1)
	id := w.a.add("pay", 1)
	stranger := viewer(5)
	stranger.Accounts = nil
	for _, tt := range []struct {
		name, entity string
		v            review.Viewer
		want         string
	}{
		{"no such entity", "component:default/none", viewer(5), "gone"},
		{"an entity without code", "component:default/nocode", viewer(5), "gone"},
		{"nobody", "component:default/pay", stranger, "denied"},
		{"nobody, of no entity", "component:default/none", stranger, "denied"},
	} {
		_, err := w.ChangeOf(t.Context(), tt.v, tt.entity, id, 0)
		if kindOf(err) != tt.want || errors.Is(err, board.ErrNoEntity) != (tt.want == "gone") {
			t.Errorf("%s: %v, want %s", tt.name, err, tt.want)
		}
	}
	w.a.down = errors.New("502")
	if _, err := w.ChangeOf(t.Context(), viewer(5), "component:default/pay", id, 0); kindOf(err) != "retry" {
		t.Errorf("without Gerrit: %v", err)
	}
}
