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

// What does not say clearly who is meant names nobody, and says so.
func TestResolveDoubt(t *testing.T) {
	g := gerrittest.New(t)
	jane, other := g.Person("jane"), g.AddAccount(gerrittest.Account{Username: "jd", Email: "j.doe@example.com"})
	twin1 := g.AddAccount(gerrittest.Account{Username: "twin1", Email: "twin@example.com"})
	twin2 := g.AddAccount(gerrittest.Account{Username: "twin2", Email: "twin@example.com"})
	left := g.Person("left")
	g.SetActive("left", false)
	g.AddAccount(gerrittest.Account{Username: "again1", Email: "again@example.com"})
	g.SetActive("again1", false)
	again := g.AddAccount(gerrittest.Account{Username: "again2", Email: "again@example.com"})
	c := open(t, g, nil)
	for _, tt := range []struct {
		name   string
		person review.Person
		want   int64
		doubt  string
	}{
		{"both agree", review.Person{Username: "jane", Email: "jane@example.com"}, jane.ID, ""},
		{
			"both disagree",
			review.Person{Entity: "user:default/jane", Username: "jane", Email: "j.doe@example.com"},
			0,
			fmt.Sprintf("ambiguous: user:default/jane: annotation says account %d, e-mail says %d", jane.ID, other.ID),
		},
		{"annotation alone", review.Person{Username: "jane", Email: "gone@example.com"}, jane.ID, ""},
		{"e-mail alone", review.Person{Username: "gone", Email: "jane@example.com"}, jane.ID, ""},
		{
			"two share the address",
			review.Person{Entity: "user:default/t", Email: "twin@example.com"},
			0,
			fmt.Sprintf("ambiguous: user:default/t: accounts %d, %d share one e-mail address", twin1.ID, twin2.ID),
		},
		{
			"and the annotation does not decide",
			review.Person{Username: "twin1", Email: "twin@example.com"},
			0,
			fmt.Sprintf("ambiguous: twin1: accounts %d, %d share one e-mail address", twin1.ID, twin2.ID),
		},
		{
			"no entity",
			review.Person{Email: "twin@example.com"},
			0,
			fmt.Sprintf("ambiguous: somebody of an owners file: accounts %d, %d share one e-mail address", twin1.ID, twin2.ID),
		},
		{"nobody", review.Person{Username: "gone"}, 0, ""},
		{
			"switched off",
			review.Person{Entity: "user:default/left", Username: "left", Email: "left@example.com"},
			0,
			fmt.Sprintf("inactive: user:default/left: account %d is switched off", left.ID),
		},
		{
			"switched off, and the e-mail says another",
			review.Person{Username: "left", Email: "jane@example.com"},
			0,
			fmt.Sprintf("ambiguous: left: annotation says account %d, e-mail says %d", left.ID, jane.ID),
		},
		{"an old account with the same address", review.Person{Email: "again@example.com"}, again.ID, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			got, err := c.Resolve(t.Context(), []review.Person{tt.person})
			if err != nil || got[0].Account.ID != tt.want || got[0].Doubt != tt.doubt {
				t.Errorf("Resolve(%+v) = %d, %q, %v; want %d, %q", tt.person, got[0].Account.ID, got[0].Doubt, err, tt.want, tt.doubt)
			}
		})
	}
}

func TestAccounts(t *testing.T) {
	g := gerrittest.New(t)
	ann := g.AddAccount(gerrittest.Account{Username: "ann", Status: strings.Repeat("ü", 300)})
	robot := g.AddAccount(gerrittest.Account{Username: "robot", Service: true})
	g.Person("bob")
	g.SetActive("bob", false)
	bob := g.Person("bob")
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	ids := []int64{bob.ID, ann.ID, robot.ID, ann.ID, -1, 0, 4711}
	for range 2 {
		got, err := c.Accounts(t.Context(), ids)
		if err != nil || len(got) != 3 || got[ann.ID].Status != strings.Repeat("ü", 200) || !got[robot.ID].Service || !got[bob.ID].Inactive || got[ann.ID].Email != "ann@example.com" {
			t.Errorf("accounts are %+v, %v", got, err)
		}
	}
	if c.Calls() != 1 {
		t.Errorf("%d calls, want 1: %q", c.Calls(), paths(g))
	}
	now = now.Add(11 * time.Minute)
	g.Break(gerrittest.Fault{Status: 500})
	if got, err := c.Accounts(t.Context(), ids); err == nil || got != nil {
		t.Errorf("while Gerrit is broken: %v, %v", got, err)
	}
	if got, err := c.Accounts(t.Context(), nil); err != nil || len(got) != 0 {
		t.Errorf("of nobody: %v, %v", got, err)
	}
}

func TestOpenReviews(t *testing.T) {
	g := gerrittest.New(t)
	var ids []int64
	for i := range 9 {
		ids = append(ids, g.Person(fmt.Sprintf("p%d", i)).ID)
	}
	push := func(n int, reviewers ...string) {
		for range n {
			k := g.Push(gerrittest.Push{Message: "x", Files: gerrittest.Files{"a": "b\n"}, CCs: []string{"p3"}})
			for _, r := range reviewers {
				k.AddReviewer(r)
			}
		}
	}
	push(3, "p0", "p1")
	push(40, "p2")
	g.Change(1).Abandon()
	g.Change(2).SetWIP(true)
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	for range 2 {
		got, err := c.OpenReviews(t.Context(), ids)
		if err != nil || fmt.Sprint(got[ids[0]], got[ids[1]], got[ids[2]], got[ids[3]], len(got)) != fmt.Sprint(1, 1, 30, 0, 9) {
			t.Errorf("open reviews are %v, %v", got, err)
		}
	}
	if c.Calls() != 1 {
		t.Errorf("nine accounts took %d calls", c.Calls())
	}
	got, err := c.OpenReviews(t.Context(), append([]int64{4711}, ids...))
	if err != nil || got[4711] != 0 || len(got) != 10 || c.Calls() != 2 {
		t.Errorf("with an unknown account: %v, %v after %d calls", got, err, c.Calls())
	}
	now = now.Add(6 * time.Minute)
	g.Break(gerrittest.Fault{Status: 503})
	if got, err := c.OpenReviews(t.Context(), ids); err == nil || got != nil {
		t.Errorf("while Gerrit is broken: %v, %v", got, err)
	}
}

// Files of a branch are kept, their absence too, up to a size.
func TestFile(t *testing.T) {
	g := gerrittest.New(t)
	now := time.Unix(1_000_000, 0)
	c := open(t, g, func(o *gerrit.Options) { o.Now = func() time.Time { return now } })
	g.Commit("demo", gerrittest.Files{"a/OWNERS": "ann\n", "long": strings.Repeat("x", 256<<10+1), "longest": strings.Repeat("x", 256<<10)})
	for _, tt := range []struct {
		name, file string
		after      time.Duration
		found      bool
		calls      int64
	}{
		{"there", "a/OWNERS", 0, true, 1},
		{"kept", "a/OWNERS", 9 * time.Minute, true, 0},
		{"asked again", "a/OWNERS", 2 * time.Minute, true, 1},
		{"absent", "b/OWNERS", 0, false, 1},
		{"absence is kept", "b/OWNERS", 9 * time.Minute, false, 0},
		{"a folder", "a", 0, false, 1},
		{"too long", "long", 0, false, 1},
		{"the longest", "longest", 0, true, 1},
		{"a way out", "../x", 0, false, 0},
		{"no name", "", 0, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			now = now.Add(tt.after)
			before := c.Calls()
			body, found, err := c.File(t.Context(), "demo", "main", tt.file)
			if err != nil || found != tt.found || found != (len(body) > 0) || c.Calls()-before != tt.calls {
				t.Errorf("File(%q) = %d bytes, %v, %v after %d calls; want %v after %d", tt.file, len(body), found, err, c.Calls()-before, tt.found, tt.calls)
			}
		})
	}
	g.Break(gerrittest.Fault{Status: 503})
	if _, _, err := c.File(t.Context(), "demo", "main", "c"); err == nil {
		t.Error("an outage counts as absence")
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
