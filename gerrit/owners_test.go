// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"testing"
	"time"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

func TestOwns(t *testing.T) {
	type setup func(g *gerrittest.Server, olga gerrittest.Account)
	// owned has a group of olga own a project, before the rest.
	owned := func(project, group string, rest func(g *gerrittest.Server)) setup {
		return func(g *gerrittest.Server, olga gerrittest.Account) {
			g.Group(group, olga)
			g.Own(project, group)
			if rest != nil {
				rest(g)
			}
		}
	}
	for _, tt := range []struct {
		name string
		do   setup
		want bool
	}{
		{"nobody owns it", nil, false},
		{"a group that the account is in", owned("demo", "team", nil), true},
		{"a group that it is not in", func(g *gerrittest.Server, _ gerrittest.Account) {
			g.Group("team")
			g.Own("demo", "team")
		}, false},
		{"a group that is hidden", func(g *gerrittest.Server, olga gerrittest.Account) {
			g.HiddenGroup("team", olga)
			g.Own("demo", "team")
		}, false},
		{"everybody", func(g *gerrittest.Server, _ gerrittest.Account) { g.Own("demo", "global:Registered-Users") }, true},
		{"rules that may not be read", owned("demo", "team", func(g *gerrittest.Server) { g.HideConfig("demo", g.Bot()) }), false},
		{"a parent's owners", owned("up", "team", func(g *gerrittest.Server) { g.ShowConfig("up", g.Bot()) }), true},
		{"a parent whose rules may not be read", owned("up", "team", nil), false},
		{"a parent that is hidden", owned("up", "team", func(g *gerrittest.Server) { g.HideProject("up", g.Bot()) }), false},
		{"administrators", owned("All-Projects", "Administrators", func(g *gerrittest.Server) { g.ShowConfig("All-Projects", g.Bot()) }), true},
		{"administrators whose capability is not told", owned("All-Projects", "Administrators", nil), false},
		{"owners of another project", owned("other", "team", func(g *gerrittest.Server) { g.ShowConfig("other", g.Bot()) }), false},
		{"a project that is hidden", owned("demo", "team", func(g *gerrittest.Server) { g.HideProject("demo", g.Bot()) }), false},
		{"access that is refused", owned("demo", "team", func(g *gerrittest.Server) {
			g.Break(gerrittest.Fault{On: "/access", Status: 403})
		}), false},
		{"groups that are refused", owned("demo", "team", func(g *gerrittest.Server) {
			g.Own("demo", "global:Registered-Users")
			g.Break(gerrittest.Fault{On: "/groups", Status: 403})
		}), false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := gerrittest.New(t)
			g.Project("up")
			g.Project("demo", "up")
			g.ShowConfig("demo", g.Bot())
			olga := g.Person("olga")
			if tt.do != nil {
				tt.do(g, olga)
			}
			c := open(t, g, nil)
			if got, err := c.Owns(t.Context(), "demo", olga.ID); got != tt.want || err != nil {
				t.Errorf("Owns() = %v, %v; want %v", got, err, tt.want)
			}
			if got, err := c.Owns(t.Context(), "demo", 999_999_999); got || err != nil {
				t.Errorf("Owns(nobody) = %v, %v", got, err)
			}
		})
	}
}

// Anybody who may make a group can give it the id of another as its name.
func TestGroupNamedAsAnId(t *testing.T) {
	g := gerrittest.New(t)
	olga, eve := g.Person("olga"), g.Person("eve")
	g.Project("demo")
	g.ShowConfig("demo", g.Bot())
	g.Group("team", olga)
	g.Own("demo", "team")
	id := g.GroupID("team")
	g.Group(id, eve)
	c := open(t, g, nil)
	for who, want := range map[int64]bool{olga.ID: true, eve.ID: false} {
		if got, err := c.Owns(t.Context(), "demo", who); got != want || err != nil {
			t.Errorf("Owns(%d) = %v, %v; want %v", who, got, err, want)
		}
		if got, err := c.InGroup(t.Context(), id, review.Account{ID: who}); got != want || err != nil {
			t.Errorf("InGroup(%d) = %v, %v; want %v", who, got, err, want)
		}
	}
}

// Who left a group is out within five seconds, and in between Gerrit is not
// asked again.
func TestOwnsIsCached(t *testing.T) {
	g := gerrittest.New(t)
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	olga := g.Person("olga")
	g.Project("demo")
	g.ShowConfig("demo", g.Bot())
	g.Group("team", olga)
	g.Own("demo", "team")
	step := func(name string, want bool, calls int64) {
		t.Helper()
		before := c.Calls()
		if got, err := c.Owns(t.Context(), "demo", olga.ID); got != want || err != nil || c.Calls()-before != calls {
			t.Errorf("%s: %v, %v after %d calls; want %v after %d", name, got, err, c.Calls()-before, want, calls)
		}
	}
	step("first", true, 2)
	g.Leave("team", olga)
	now = now.Add(4 * time.Second)
	step("left just now", true, 0)
	now = now.Add(time.Second)
	step("five seconds later", false, 3)
	g.Break(gerrittest.Fault{Status: 503, Times: 1})
	now = now.Add(time.Minute)
	if got, err := c.Owns(t.Context(), "demo", olga.ID); got || class(err) != "retry" {
		t.Errorf("of a Gerrit that is down: %v, %v", got, err)
	}
	g.Group("team", olga)
	step("back again", true, 2)
	for _, f := range []func() (bool, error){
		func() (bool, error) { return c.Owns(t.Context(), "../x", olga.ID) },
		func() (bool, error) { return c.Owns(t.Context(), "demo", 0) },
		func() (bool, error) { branch, err := c.Public(t.Context(), "../x"); return branch != "", err },
	} {
		if got, err := f(); got || err == nil {
			t.Errorf("an odd question is answered: %v, %v", got, err)
		}
	}
}

func TestPublic(t *testing.T) {
	for _, tt := range []struct {
		name  string
		plain string
		do    func(*gerrittest.Server)
		want  bool
	}{
		{"for all", "", nil, true},
		{"behind a sign-in, without a plain account", "", func(g *gerrittest.Server) { g.RequireSignIn("demo") }, false},
		{"behind a sign-in", "plain", func(g *gerrittest.Server) { g.RequireSignIn("demo") }, true},
		{"for some", "plain", func(g *gerrittest.Server) { g.Restrict("demo") }, false},
		{"a plain account that is none", "plain", func(g *gerrittest.Server) {
			g.RequireSignIn("demo")
			g.Group("team", g.Person("plain"))
		}, false},
		{"a branch that the plain account does not read", "plain", func(g *gerrittest.Server) {
			g.RequireSignIn("demo")
			g.HideBranch("demo", "refs/heads/main", g.Person("plain"))
			g.Push(gerrittest.Push{Message: "x", Branch: "refs/heads/other", Files: gerrittest.Files{"b": "x\n"}})
		}, false},
		{"private changes show nothing", "ann", func(g *gerrittest.Server) {
			g.RequireSignIn("demo")
			g.Change(1).AddReviewer("review-assistant")
			g.Change(1).SetPrivate(true)
		}, false},
		{"a project that the bot does not see", "plain", func(g *gerrittest.Server) { g.HideProject("demo", g.Bot()) }, false},
		{"a login page instead of the branch", "", func(g *gerrittest.Server) {
			g.Break(gerrittest.Fault{On: "/branches/", Mangle: gerrittest.LoginPage})
		}, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			g := gerrittest.New(t)
			g.Person("plain")
			g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a": "x\n"}})
			if tt.do != nil {
				tt.do(g)
			}
			c := open(t, g, func(o *gerrit.Options) { o.PlainAccount = tt.plain })
			if got, err := c.Public(t.Context(), "demo"); (got == "main") != tt.want || got != "" && !tt.want || err != nil {
				t.Errorf("Public() = %q, %v; want one: %v", got, err, tt.want)
			}
			// What is closed now is not open because it was, however long a
			// project's configuration counts.
			g.HideProject("demo", g.Bot())
			if got, err := c.Public(t.Context(), "demo"); got != "" || err != nil {
				t.Errorf("Public() = %q, %v of a project that was closed", got, err)
			}
		})
	}
	g := gerrittest.New(t)
	g.Project("demo")
	c := open(t, g, nil)
	g.Break(gerrittest.Fault{Status: 503, Times: 1})
	if got, err := c.Public(t.Context(), "demo"); got != "" || class(err) != "retry" {
		t.Errorf("of a Gerrit that is down: %v, %v", got, err)
	}
	if got, err := c.Public(t.Context(), "demo"); got == "" || err != nil {
		t.Errorf("asked again: %v, %v", got, err)
	}
}
