// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

func related(t *testing.T, c *gerrit.Client, k *gerrittest.Change) string {
	t.Helper()
	chain, err := c.Related(t.Context(), read(t, c, k))
	if err != nil {
		return class(err)
	}
	var out []string
	for _, r := range chain {
		s := fmt.Sprintf("%d:%d/%d %s %s", r.Number, r.PatchSet, r.Current, r.Status, r.Subject)
		if len(r.Revision) != 40 {
			s += "?" + r.Revision
		}
		if r.Self {
			s = "[" + s + "]"
		}
		out = append(out, s)
	}
	return strings.Join(out, ", ")
}

func TestRelated(t *testing.T) {
	g := gerrittest.New(t)
	c := open(t, g, nil)
	push := func(message string, on *gerrittest.Change) *gerrittest.Change {
		return g.Push(gerrittest.Push{Message: message, Files: gerrittest.Files{message: "x\n"}, On: on})
	}
	alone := push("alone", nil)
	if got := related(t, c, alone); got != "" {
		t.Errorf("of a change alone: %s", got)
	}
	one := push("one", nil)
	two := push("two", one)
	three := push("three", two)
	if got, want := related(t, c, two), "1:1/1 NEW one, [2:1/1 NEW two], 3:1/1 NEW three"; strings.NewReplacer("2:", "1:", "3:", "2:", "4:", "3:").Replace(got) != want {
		t.Errorf("of the middle: %s", got)
	}
	one.Amend(gerrittest.Push{Files: gerrittest.Files{"one": "y\n"}})
	if got, want := related(t, c, three), "2:1/2 NEW one, 3:1/1 NEW two, [4:1/1 NEW three]"; got != want {
		t.Errorf("on an old patch set: %s, want %s", got, want)
	}
	one.Submit()
	if got, want := related(t, c, three), "2:1/2 MERGED one, 3:1/1 NEW two, [4:1/1 NEW three]"; got != want {
		t.Errorf("on a merged change: %s, want %s", got, want)
	}
	two.SetPrivate(true)
	if got := related(t, c, three); got != "" {
		t.Errorf("on a hidden change: %s", got)
	}
}

// A chain is cut around the change, and its words are bounded.
func TestRelatedLong(t *testing.T) {
	g := gerrittest.New(t)
	c := open(t, g, nil)
	var all []*gerrittest.Change
	for i := range 70 {
		var on *gerrittest.Change
		if i > 0 {
			on = all[i-1]
		}
		all = append(all, g.Push(gerrittest.Push{
			Message: strings.Repeat("é", 400), Files: gerrittest.Files{fmt.Sprint(i): "x\n"}, On: on,
		}))
	}
	for at, want := range map[int][2]int{0: {1, 50}, 10: {1, 50}, 35: {11, 60}, 69: {21, 70}} {
		chain, err := c.Related(t.Context(), read(t, c, all[at]))
		if err != nil || len(chain) != 50 {
			t.Fatalf("%d of the chain, %v", len(chain), err)
		}
		if got := [2]int{chain[0].Number, chain[49].Number}; got != want {
			t.Errorf("around change %d: %v, want %v", at+1, got, want)
		}
		if chain[0].Subject != strings.Repeat("é", 300) {
			t.Errorf("the subject has %d bytes", len(chain[0].Subject))
		}
	}
}

// What is no chain of the change is an error, not a chain.
func TestRelatedBroken(t *testing.T) {
	g := gerrittest.New(t)
	c := open(t, g, nil)
	one := g.Push(gerrittest.Push{Message: "one", Files: gerrittest.Files{"a": "x\n"}})
	two := g.Push(gerrittest.Push{Message: "two", Files: gerrittest.Files{"b": "x\n"}, On: one})
	ch := read(t, c, two)
	for want, f := range map[string]gerrittest.Fault{
		"gone":  {On: "/related", Times: 1, Status: 404},
		"retry": {On: "/related", Times: 1, Mangle: gerrittest.Truncated},
	} {
		g.Break(f)
		if _, err := c.Related(t.Context(), ch); class(err) != want {
			t.Errorf("%+v: %v", f, err)
		}
	}
	ch.PatchSets = nil
	if _, err := c.Related(t.Context(), ch); err == nil {
		t.Error("a change without patch sets has a chain")
	}
}

func TestMerged(t *testing.T) {
	g := gerrittest.New(t)
	c := open(t, g, nil)
	subjects := func(n int) (out []string) {
		for i := range n {
			out = append(out, fmt.Sprintf("commit %d", i))
		}
		return out
	}
	merged := func(u gerrittest.Push) ([]review.Commit, bool, error) {
		u.Message, u.Files = "Merge", gerrittest.Files{"a": "x\n"}
		ch := read(t, c, g.Push(u))
		return c.Merged(t.Context(), ch, ch.Current())
	}
	for n, want := range map[int]int{1: 1, 2: 2, 30: 30, 31: 30, 200: 30} {
		list, more, err := merged(gerrittest.Push{Merge: true, Brings: subjects(n)})
		if err != nil || len(list) != want || more != (n > 30) || list[0].Subject != "commit 0" || len(list[0].Revision) != 40 {
			t.Errorf("of %d commits: %d, more %v, %v", n, len(list), more, err)
		}
	}
	if list, more, err := merged(gerrittest.Push{}); err != nil || len(list) > 0 || more {
		t.Errorf("of a plain commit: %v %v %v", list, more, err)
	}
	// Messages without end are cut off; what came before counts.
	big := subjects(20)
	big[2] = strings.Repeat("x", 2<<20)
	if list, more, err := merged(gerrittest.Push{Merge: true, Brings: big}); err != nil || len(list) != 2 || !more {
		t.Errorf("of a long list: %d, %v, %v", len(list), more, err)
	}
	ch := read(t, c, g.Push(gerrittest.Push{Message: "Merge", Merge: true}))
	for _, f := range []gerrittest.Fault{
		{Mangle: gerrittest.Truncated},
		{Mangle: gerrittest.LoginPage},
		{Mangle: gerrittest.NoPrefix},
		{Status: 503},
		{Mangle: gerrittest.Huge},
	} {
		f.On, f.Times = "/mergelist", 1
		g.Break(f)
		if list, _, err := c.Merged(t.Context(), ch, ch.Current()); class(err) != "retry" {
			t.Errorf("%+v: %v, %v", f, list, err)
		}
	}
}

func TestOrigins(t *testing.T) {
	g := gerrittest.New(t)
	c := open(t, g, nil)
	one := g.Push(gerrittest.Push{
		Message: "One", Base: gerrittest.Files{"a": "1\n", "gone": "x\n", "old": "stays\nstays\nstays\n"},
		Files: gerrittest.Files{"a": "2\n", "new": "n\n"}, Removes: []string{"gone"}, Renames: map[string]string{"old": "moved"},
	})
	one.Amend(gerrittest.Push{Files: gerrittest.Files{"a": "3\n"}})
	one.Submit()
	undo, pick := read(t, c, one.Revert()), read(t, c, one.CherryPick("refs/heads/stable"))
	if undo.RevertOf != one.Number || undo.PickOf != 0 || pick.RevertOf != 0 || pick.PickOf != one.Number || pick.PickOfPatchSet != 2 {
		t.Errorf("revert %d %d, pick %d %d %d", undo.RevertOf, undo.PickOf, pick.RevertOf, pick.PickOf, pick.PickOfPatchSet)
	}
	of := func(ch review.Change, invert bool) string {
		p, err := c.Patch(t.Context(), ch, ch.Current(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if invert {
			p = review.Invert(p)
		}
		var out []string
		for _, f := range p.Files {
			s := fmt.Sprintf("%s %s<%s +%d-%d", f.Status, f.Path, f.OldPath, f.Added, f.Removed)
			for _, h := range f.Hunks {
				s += fmt.Sprintf(" @%d,%d %d,%d %v", h.OldStart, h.OldLines, h.NewStart, h.NewLines, h.Lines)
			}
			out = append(out, s)
		}
		return strings.Join(out, "\n")
	}
	original := read(t, c, one)
	sorted := func(s string) string {
		lines := strings.Split(s, "\n")
		slices.Sort(lines)
		return strings.Join(lines, "\n")
	}
	if got, want := sorted(of(undo, false)), sorted(of(original, true)); got != want {
		t.Errorf("the revert is\n%s\nwant the inverted patch\n%s", got, want)
	}
	if o := review.ParseOrigin(undo.Message); o.Reverts != original.Current().Revision {
		t.Errorf("the message of the revert names %+v", o)
	}
}

func TestByCommit(t *testing.T) {
	g := gerrittest.New(t)
	c := open(t, g, nil)
	one := g.Push(gerrittest.Push{Project: "a b/c", Message: "One", Files: gerrittest.Files{"a": "x\n"}})
	first := one.Revision()
	one.Amend(gerrittest.Push{Files: gerrittest.Files{"a": "y\n"}})
	hidden := g.Push(gerrittest.Push{Project: "a b/c", Message: "Two", Files: gerrittest.Files{"b": "x\n"}, Private: true})
	tests := []struct {
		name, project, sha, want string
	}{
		{"an old patch set", "a b/c", first, "main/a b/c~1 1"},
		{"the current one", "a b/c", one.Revision(), "main/a b/c~1 2"},
		{"another project", "demo", first, "none"},
		{"no change", "a b/c", strings.Repeat("0", 40), "none"},
		{"a hidden change", "a b/c", hidden.Revision(), "none"},
		{"no id", "a b/c", "HEAD", "none"},
		{"a short id", "a b/c", first[:12], "none"},
		{"a name that is an expression", "^.*", first, "none"},
		{"a name that ends the word", `x" OR project:"a b/c`, first, "none"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			id, set, ok, err := c.ByCommit(t.Context(), tt.project, tt.sha)
			got := fmt.Sprint(id, " ", set)
			if !ok {
				got = "none"
			}
			if got != tt.want || err != nil {
				t.Errorf("ByCommit(%q, %q) = %s, %v; want %s", tt.project, tt.sha, got, err, tt.want)
			}
		})
	}
	g.Break(gerrittest.Fault{Status: 503, Times: 1})
	if _, _, _, err := c.ByCommit(t.Context(), "a b/c", first); class(err) != "retry" {
		t.Errorf("with a server that is down: %v", err)
	}
}
