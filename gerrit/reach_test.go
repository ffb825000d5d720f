// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"strings"
	"testing"
	"time"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

func TestReach(t *testing.T) {
	tests := []struct {
		name  string
		plain string
		do    func(*gerrittest.Server, *gerrittest.Change)
		want  review.Reach
		why   string
	}{
		{"public", "", nil, review.ReachAnonymous, `without signing in refs/heads/main of "demo" can be read`},
		{
			"private", "plain", func(_ *gerrittest.Server, k *gerrittest.Change) {
				k.AddReviewer("review-assistant")
				k.SetPrivate(true)
			}, review.ReachRestricted, "the change is private",
		},
		{
			"behind a sign-in", "", func(g *gerrittest.Server, _ *gerrittest.Change) { g.RequireSignIn("demo") },
			review.ReachUnknown, `without signing in refs/heads/main of "demo" cannot be read, and no plain_account is set that would show whether every registered user can read it`,
		},
		{
			"for every account", "plain", func(g *gerrittest.Server, _ *gerrittest.Change) { g.RequireSignIn("demo") },
			review.ReachRegistered, `the plain_account "plain" can read refs/heads/main of "demo"`,
		},
		{
			"for some", "plain", func(g *gerrittest.Server, _ *gerrittest.Change) { g.Restrict("demo", g.Person("ann")) },
			review.ReachRestricted, `the plain_account "plain" cannot read refs/heads/main of "demo"`,
		},
		{
			"a plain account that is none", "plain", func(g *gerrittest.Server, _ *gerrittest.Change) {
				g.RequireSignIn("demo")
				g.Group("Developers", g.Person("plain"))
			}, review.ReachUnknown, `the plain_account "plain" is in the group "Developers"`,
		},
		{
			"one that is away", "plain", func(g *gerrittest.Server, _ *gerrittest.Change) {
				g.RequireSignIn("demo")
				g.SetActive("plain", false)
			}, review.ReachUnknown, `the plain_account "plain" is no active account`,
		},
		{
			"the bot itself", "review-assistant", func(g *gerrittest.Server, _ *gerrittest.Change) { g.RequireSignIn("demo") },
			review.ReachUnknown, "is the bot's own",
		},
		{
			"a login page instead of the branch", "", func(g *gerrittest.Server, _ *gerrittest.Change) {
				g.Break(gerrittest.Fault{On: "/branches/", Mangle: gerrittest.LoginPage})
			}, review.ReachUnknown, "cannot be read",
		},
		{
			"a way to a login page", "", func(g *gerrittest.Server, _ *gerrittest.Change) {
				g.Break(gerrittest.Fault{On: "/branches/", Mangle: gerrittest.Redirect})
			}, review.ReachUnknown, "cannot be read",
		},
		{
			"an answer without end", "", func(g *gerrittest.Server, _ *gerrittest.Change) {
				g.Break(gerrittest.Fault{On: "/branches/", Mangle: gerrittest.Huge})
			}, review.ReachUnknown, "cannot be read",
		},
		{
			"a refusal", "", func(g *gerrittest.Server, _ *gerrittest.Change) {
				g.Break(gerrittest.Fault{On: "/branches/", Status: 403})
			}, review.ReachUnknown, "cannot be read",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			g := gerrittest.New(t)
			g.Person("plain")
			k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a": "x\n"}})
			if tt.do != nil {
				tt.do(g, k)
			}
			c := open(t, g, func(o *gerrit.Options) { o.PlainAccount = tt.plain })
			ch := read(t, c, k)
			if ch.Reach != tt.want || !strings.Contains(ch.ReachWhy, tt.why) || ch.Restricted != tt.want.Restricted() {
				t.Errorf("reach is %s, %q, restricted %v; want %s, %q", ch.Reach, ch.ReachWhy, ch.Restricted, tt.want, tt.why)
			}
			for _, r := range g.Requests() {
				if strings.HasPrefix(r.Path, "/projects/demo/branches/") && r.User != "" {
					t.Errorf("%s was asked as %s", r, r.User)
				}
			}
		})
	}
}

// A branch with a name that git allows and we do not ask for.
func TestReachOddBranch(t *testing.T) {
	g := gerrittest.New(t)
	k := g.Push(gerrittest.Push{Message: "x", Branch: "refs/heads/a\u200bb", Files: gerrittest.Files{"a": "x\n"}})
	if ch := read(t, open(t, g, nil), k); ch.Reach != review.ReachUnknown || !ch.Restricted || ch.ReachWhy == "" {
		t.Errorf("the reach is %s: %q", ch.Reach, ch.ReachWhy)
	}
}

// Who may read a branch is asked once for as long as its configuration is.
func TestReachIsCached(t *testing.T) {
	g := gerrittest.New(t)
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	one := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a": "x\n"}})
	two := g.Push(gerrittest.Push{Message: "y", Files: gerrittest.Files{"b": "x\n"}})
	other := g.Push(gerrittest.Push{Message: "z", Branch: "refs/heads/other", Files: gerrittest.Files{"b": "x\n"}})
	step := func(name string, k *gerrittest.Change, calls int64, want review.Reach) {
		t.Helper()
		before := c.Calls()
		if ch := read(t, c, k); ch.Reach != want || c.Calls()-before != calls {
			t.Errorf("%s: %s after %d calls, want %s after %d", name, ch.Reach, c.Calls()-before, want, calls)
		}
	}
	step("first", one, 2, review.ReachAnonymous)
	step("again", two, 1, review.ReachAnonymous)
	step("another branch", other, 2, review.ReachAnonymous)
	g.RequireSignIn("demo")
	step("closed meanwhile", one, 1, review.ReachAnonymous)
	now = now.Add(61 * time.Second)
	step("a minute later", one, 2, review.ReachUnknown)
	step("no is kept too", two, 1, review.ReachUnknown)
	c.Forget("demo")
	step("forgotten", one, 2, review.ReachUnknown)
}

// A Gerrit that does not answer is asked again: its silence is no answer.
func TestReachUnanswered(t *testing.T) {
	for _, f := range []gerrittest.Fault{{Status: 503}, {Status: 429}, {Mangle: gerrittest.Truncated}} {
		g := gerrittest.New(t)
		k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a": "x\n"}})
		c := open(t, g, nil)
		f.On, f.Times = "/branches/", 1
		g.Break(f)
		if _, err := c.Change(t.Context(), id(k)); class(err) != "retry" {
			t.Errorf("%+v: %v", f, err)
		}
		if ch := read(t, c, k); ch.Restricted {
			t.Errorf("%+v: asked again it is %s: %s", f, ch.Reach, ch.ReachWhy)
		}
	}
}

func TestAttributes(t *testing.T) {
	g := gerrittest.New(t)
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	g.Project("demo")
	steps := []struct {
		name   string
		do     func()
		branch string
		want   string
		calls  int64
	}{
		{"none", nil, "main", "", 1},
		{"none is kept", func() { g.Commit("demo", gerrittest.Files{".gitattributes": "a\n"}) }, "main", "", 0},
		{"a minute later", func() { now = now.Add(61 * time.Second) }, "main", "a\n", 1},
		{"by its full name", nil, "refs/heads/main", "a\n", 0},
		{
			"a patch set says otherwise", func() {
				g.Push(gerrittest.Push{Message: "hide", Files: gerrittest.Files{".gitattributes": "* linguist-generated\n"}})
				c.Forget("demo")
			}, "main", "a\n", 1,
		},
		{"no such branch", nil, "nowhere", "", 1},
		{"a folder", func() {
			g.Push(gerrittest.Push{Message: "x", Branch: "refs/heads/odd", Base: gerrittest.Files{".gitattributes/x": "x\n"}})
		}, "odd", "", 1},
		{"the longest", func() {
			g.Commit("demo", gerrittest.Files{".gitattributes": strings.Repeat("#", 64<<10)})
			c.Forget("demo")
		}, "main", strings.Repeat("#", 64<<10), 1},
		{"too long", func() {
			g.Commit("demo", gerrittest.Files{".gitattributes": strings.Repeat("#", 64<<10+1)})
			c.Forget("demo")
		}, "main", "", 1},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			if s.do != nil {
				s.do()
			}
			before := c.Calls()
			got, err := c.Attributes(t.Context(), "demo", s.branch)
			if string(got) != s.want || err != nil || c.Calls()-before != s.calls {
				t.Errorf("%d bytes after %d calls, %v; want %d after %d", len(got), c.Calls()-before, err, len(s.want), s.calls)
			}
		})
	}
	g.Break(gerrittest.Fault{Status: 503, Times: 1})
	c.Forget("demo")
	if _, err := c.Attributes(t.Context(), "demo", "main"); class(err) != "retry" {
		t.Errorf("with a server that is down: %v", err)
	}
	before := c.Calls()
	for _, odd := range []string{"", "a\x00b", "a/../b", "a\u200bb"} {
		if got, err := c.Attributes(t.Context(), "demo", odd); len(got) > 0 || err != nil || c.Calls() != before {
			t.Errorf("of the branch %q: %q, %v", odd, got, err)
		}
	}
	if _, err := c.Attributes(t.Context(), "a/../b", "main"); err == nil {
		t.Error("a/../b is a project")
	}
}
