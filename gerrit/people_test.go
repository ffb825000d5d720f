// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

func usernames(accounts []review.Account) string {
	var out []string
	for _, a := range accounts {
		out = append(out, a.Username)
	}
	return strings.Join(out, " ")
}

func TestResolve(t *testing.T) {
	g := gerrittest.New(t)
	g.Person("ann")
	g.Person("bob")
	g.SetActive("bob", false)
	g.AddAccount(gerrittest.Account{Username: "twin1", Email: "twin@example.com"})
	g.AddAccount(gerrittest.Account{Username: "twin2", Email: "twin@example.com"})
	g.AddAccount(gerrittest.Account{Username: "longer", Email: "ann@example.com.au"})
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	people := []review.Person{
		{Username: "ann"},
		{Email: "ANN@example.com"},
		{Username: "nobody", Email: "ann@example.com"},
		{Username: "bob", Email: "bob@example.com"},
		{Email: "twin@example.com"},
		{Username: `x" OR is:active OR username:"ann`},
		{Email: "ann"},
		{Username: strings.Repeat("ö", 201)},
		{Username: "an\xffn"},
		{},
	}
	for range 2 {
		got, err := c.Resolve(t.Context(), people)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, p := range got {
			names = append(names, p.Account.Username)
		}
		if s, want := strings.Join(names, ","), "ann,ann,ann,,,,,,,"; s != want {
			t.Errorf("accounts are %s, want %s", s, want)
		}
	}
	if c.Calls() != 1 {
		t.Errorf("%d calls were made, want 1: %q", c.Calls(), paths(g))
	}
	now = now.Add(11 * time.Minute)
	if _, err := c.Resolve(t.Context(), people); err != nil || c.Calls() != 2 {
		t.Errorf("after ten minutes: %d calls, %v", c.Calls(), err)
	}
}

func TestCanSee(t *testing.T) {
	g := gerrittest.New(t)
	k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a": "b\n"}, CCs: []string{"carl", "review-assistant"}})
	var people []review.Account
	for i := range 12 {
		a := g.Person(fmt.Sprintf("p%d", i))
		people = append(people, review.Account{ID: a.ID, Username: a.Username})
	}
	carl := g.Person("carl")
	people = append(people, review.Account{ID: carl.ID, Username: "carl"}, review.Account{ID: 4711, Username: "ghost"}, review.Account{Username: "zero"})
	k.SetPrivate(true)
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	see := func() string {
		t.Helper()
		got, err := c.CanSee(t.Context(), id(k), people)
		if err != nil {
			t.Fatal(err)
		}
		return usernames(got)
	}
	if got := see(); got != "carl" {
		t.Errorf("%q see a private change, want carl", got)
	}
	k.SetPrivate(false)
	calls := c.Calls()
	if got := see(); got != "carl" || c.Calls() != calls {
		t.Errorf("within a minute %q see it, after %d more calls", got, c.Calls()-calls)
	}
	now = now.Add(61 * time.Second)
	if got := see(); got != "p0 p1 p2 p3 p4 p5 p6 p7 p8 p9 p10 p11 carl" {
		t.Errorf("%q see the public change", got)
	}
	now = now.Add(61 * time.Second)
	g.Break(gerrittest.Fault{Status: 500})
	if got, err := c.CanSee(t.Context(), id(k), people); err == nil || got != nil {
		t.Errorf("while Gerrit is broken %v see it, %v", got, err)
	}
	few := people[:6]
	g.Heal()
	before := c.Calls()
	if _, err := c.CanSee(t.Context(), id(k), few); err != nil || c.Calls() != before+1 {
		t.Errorf("six accounts took %d calls, %v", c.Calls()-before, err)
	}
}

func TestInGroup(t *testing.T) {
	g := gerrittest.New(t)
	ann, bob := g.Person("ann"), g.Person("bob")
	g.Group("qa/robots", ann)
	g.HiddenGroup("secret", ann)
	c := open(t, g, nil)
	for _, tt := range []struct {
		group string
		who   gerrittest.Account
		in    bool
		class string
	}{
		{"qa/robots", ann, true, "none"},
		{"qa/robots", bob, false, "none"},
		{"secret", ann, false, "denied"},
		{"none", bob, false, "denied"},
		{"", bob, false, "other"},
	} {
		in, err := c.InGroup(t.Context(), tt.group, review.Account{ID: tt.who.ID})
		if in != tt.in || class(err) != tt.class {
			t.Errorf("%s in %q: %v, %v", tt.who.Username, tt.group, in, err)
		}
	}
}

func TestSelfAndDoctor(t *testing.T) {
	g := gerrittest.New(t)
	c := open(t, g, nil)
	for range 3 {
		me, err := c.Self(t.Context())
		if err != nil || me.Username != "review-assistant" || !me.Service || me.ID == 0 {
			t.Fatalf("self is %+v, %v", me, err)
		}
	}
	if c.Calls() != 1 {
		t.Errorf("%d calls for oneself", c.Calls())
	}
	got, err := c.Capabilities(t.Context())
	if err != nil || strings.Join(got, " ") != "emailReviewers queryLimit" {
		t.Errorf("capabilities are %q, %v", got, err)
	}
}

func TestRecentPages(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	g := gerrittest.NewWith(t, gerrittest.Options{PageLimit: 50, Now: func() time.Time { return now }})
	for i := range 230 {
		g.Push(gerrittest.Push{Project: fmt.Sprintf("p%d", i%3), Message: "x", WIP: i == 3, At: now.Add(time.Duration(i) * time.Minute)})
	}
	g.Push(gerrittest.Push{Project: "old", Message: "x", At: now.Add(-time.Hour)})
	g.Change(5).Abandon()
	c := open(t, g, nil)
	seen := map[int]bool{}
	last := time.Time{}
	for s, err := range c.Recent(t.Context(), now.Add(-time.Minute)) {
		if err != nil {
			t.Fatal(err)
		}
		if seen[s.ID.Number] {
			t.Errorf("%v came twice", s.ID)
		}
		if !last.IsZero() && s.Updated.After(last) {
			t.Errorf("%v is newer than the one before it", s.ID)
		}
		last, seen[s.ID.Number] = s.Updated, true
		if s.PatchSet != 1 || len(s.Revision) != 40 || s.Branch != "main" || s.ID.Host != "main" || s.WIP != (s.ID.Number == 4) {
			t.Errorf("stub is %+v", s)
		}
	}
	if len(seen) != 229 {
		t.Errorf("%d changes came, want 229", len(seen))
	}
	calls := c.Calls()
	for range c.Recent(t.Context(), now) {
		break
	}
	if c.Calls() != calls+1 {
		t.Errorf("one change took %d calls", c.Calls()-calls)
	}
	q, err := url.QueryUnescape(g.Requests()[0].Path)
	if err != nil || !strings.Contains(q, `status:open after:"2026-03-01 11:59:00"`) {
		t.Errorf("the query is %s, %v", q, err)
	}
}
