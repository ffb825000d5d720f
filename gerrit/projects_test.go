// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

func chain(t *testing.T, c *gerrit.Client, project string) string {
	t.Helper()
	files, err := c.ConfigChain(t.Context(), project)
	if err != nil {
		return class(err)
	}
	var out []string
	for _, f := range files {
		s := f.Project + ":" + string(f.State)
		if f.State == review.ConfigFound {
			s += "=" + strings.TrimSpace(string(f.Body))
		}
		if (f.Revision == "") != (f.State == review.ConfigNoRead) {
			s += "?" + f.Revision
		}
		out = append(out, s)
	}
	return strings.Join(out, " ")
}

func TestConfigChain(t *testing.T) {
	g := gerrittest.New(t)
	g.Project("team")
	g.Project("team/demo", "team")
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	steps := []struct {
		name  string
		do    func()
		want  string
		calls int64
	}{
		{"no access anywhere", func() {}, "team/demo:no-access team:no-access All-Projects:no-access", 6},
		{"cached", func() {}, "team/demo:no-access team:no-access All-Projects:no-access", 0},
		{
			"readable, no file", func() { g.Config("team/demo", ""); c.Forget("team/demo") },
			"team/demo:absent team:no-access All-Projects:no-access", 3,
		},
		{
			"a file that the cache hides", func() { g.Config("team/demo", "A") },
			"team/demo:absent team:no-access All-Projects:no-access", 0,
		},
		{"forgotten", func() { c.Forget("team/demo") }, "team/demo:found=A team:no-access All-Projects:no-access", 3},
		{
			"a minute later nothing has moved", func() { now = now.Add(61 * time.Second) },
			"team/demo:found=A team:no-access All-Projects:no-access", 3,
		},
		{
			"a minute later it has", func() { now = now.Add(61 * time.Second); g.Config("team/demo", "B"); g.Config("All-Projects", "C") },
			"team/demo:found=B team:no-access All-Projects:found=C", 5,
		},
		{
			"access is lost", func() { g.HideConfig("team/demo", g.Bot()); c.Forget("team/demo") },
			"team/demo:no-access team:no-access All-Projects:found=C", 2,
		},
		{
			"too long", func() { g.Config("team", strings.Repeat("#", 65<<10)); c.Forget("team") },
			"team/demo:no-access team:too-long All-Projects:found=C", 3,
		},
		{
			"a hidden parent", func() { g.HideProject("team", g.Bot()); c.Forget("team") },
			"team/demo:no-access team:no-access", 1,
		},
		{"a hidden project", func() { g.HideProject("team/demo", g.Bot()); c.Forget("team/demo") }, "gone", 1},
		{"no such project", func() {}, "gone", 1},
	}
	for _, s := range steps {
		t.Run(s.name, func(t *testing.T) {
			s.do()
			before := c.Calls()
			if got := chain(t, c, "team/demo"); got != s.want {
				t.Errorf("chain is %s, want %s", got, s.want)
			}
			if n := c.Calls() - before; n != s.calls {
				t.Errorf("it took %d calls, want %d", n, s.calls)
			}
		})
	}
	for _, name := range []string{"", "../x", "/x", "a\nb"} {
		if _, err := c.ConfigChain(t.Context(), name); name != "" && class(err) != "other" {
			t.Errorf("project %q: %v", name, err)
		}
	}
}

func TestConfigChainAsksOnce(t *testing.T) {
	g := gerrittest.New(t)
	g.Config("demo", "A")
	c := open(t, g, nil)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := c.ConfigChain(t.Context(), "demo"); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if c.Calls() != 5 {
		t.Errorf("16 at once made %d calls, want 5", c.Calls())
	}
}

func TestConfigAtAndTime(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	g := gerrittest.New(t)
	g.ConfigAt("demo", "A", at)
	k := g.Push(gerrittest.Push{Branch: review.ConfigRef, Message: "x", Files: gerrittest.Files{"review-assistant.config": "B"}})
	other := g.Push(gerrittest.Push{Branch: review.ConfigRef, Message: "x", Files: gerrittest.Files{"groups": "G"}})
	c := open(t, g, nil)
	files, err := c.ConfigChain(t.Context(), "demo")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := c.CommitTime(t.Context(), "demo", files[0].Revision); err != nil || !got.Equal(at) {
		t.Errorf("the configuration is of %s, %v", got, err)
	}
	f, err := c.ConfigAt(t.Context(), id(k), k.Revision(), "review-assistant.config")
	if err != nil || f.State != review.ConfigFound || string(f.Body) != "B" {
		t.Errorf("the file under review is %+v, %v", f, err)
	}
	f, err = c.ConfigAt(t.Context(), id(other), other.Revision(), "review-assistant.config")
	if err != nil || f.State != review.ConfigAbsent {
		t.Errorf("in another change it is %+v, %v", f, err)
	}
	f, err = c.ConfigAt(t.Context(), id(other), other.Revision(), "groups")
	if err != nil || f.State != review.ConfigFound || string(f.Body) != "G" {
		t.Errorf("another file under review is %+v, %v", f, err)
	}
	ch := read(t, c, k)
	if !ch.OnConfigBranch() {
		t.Errorf("the branch is %q", ch.Branch)
	}
}

func TestOddProjectNames(t *testing.T) {
	g := gerrittest.New(t)
	for _, name := range []string{"c++", "a b", "x~y", "50%", "team/a/b", "ünï", "q?x#y&z"} {
		g.Config(name, "A")
		k := g.Push(gerrittest.Push{Project: name, Message: "x", Files: gerrittest.Files{"a+b c?.go": "package a\n", "d/e#f.go": "package d\n"}})
		c := open(t, g, nil)
		if got := chain(t, c, name); got != name+":found=A All-Projects:no-access" {
			t.Errorf("chain of %q is %s", name, got)
		}
		ch := read(t, c, k)
		ch.Message = "\ndiff --git a/x b/x\n" // one by one, so that file names are in URLs
		if p := patch(t, c, ch, nil); len(p.Files) != 2 || len(p.Files[0].Hunks) != 1 || len(p.Files[1].Hunks) != 1 {
			t.Errorf("patch of %q is %s", name, show(p))
		}
		if want := fmt.Sprintf("/+/%d", k.Number); !strings.HasSuffix(ch.URL, want) || strings.ContainsAny(ch.URL, " ?#") {
			t.Errorf("the URL is %s", ch.URL)
		}
	}
}
