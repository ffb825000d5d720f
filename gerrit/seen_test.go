// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// asked returns the parameters of the queries for changes so far.
func asked(t testing.TB, g *gerrittest.Server) (out []url.Values) {
	t.Helper()
	for _, r := range g.Requests() {
		if raw, ok := strings.CutPrefix(r.Path, "/changes/?"); ok {
			v, err := url.ParseQuery(raw)
			if err != nil {
				t.Fatal(err)
			}
			out = append(out, v)
		}
	}
	return out
}

func TestSeenAsks(t *testing.T) {
	g := gerrittest.New(t)
	ann := g.Person("ann")
	c := open(t, g, nil)
	me := fmt.Sprint("visibleto:", ann.ID, " -is:private")
	least := []string{"CURRENT_REVISION", "DETAILED_ACCOUNTS", "SKIP_DIFFSTAT"}
	for _, tt := range []struct {
		q    review.SightQuery
		want string
		n, s string
	}{
		{review.SightQuery{}, "(status:open OR status:closed) " + me, "1", "0"},
		{review.SightQuery{Status: review.StatusNew, Limit: 7, Skip: 9}, "status:new " + me, "7", "9"},
		{review.SightQuery{Status: review.StatusAbandoned, Limit: 1 << 30, Skip: -1}, "status:abandoned " + me, "100", "0"},
		{review.SightQuery{Status: review.StatusMerged, Project: "a b/c+d", Dir: "/x (y)/z/", Limit: 1}, `status:merged project:"a b/c+d" dir:"x (y)/z" ` + me, "1", "0"},
		{
			review.SightQuery{Status: review.StatusNew, Relation: review.RelationReviewer, Before: time.Date(2026, 3, 1, 12, 0, 0, 5, time.UTC)},
			fmt.Sprintf(`status:new reviewer:%d -owner:%[1]d -is:wip before:"2026-03-01 12:00:00" %s`, ann.ID, me), "1", "0",
		},
		{review.SightQuery{Status: review.StatusNew, Relation: review.RelationAttention}, fmt.Sprintf("status:new attention:%d %s", ann.ID, me), "1", "0"},
		{review.SightQuery{Project: "demo", Dir: "lib", Number: 7, Standing: true}, `(status:open OR status:closed) project:"demo" dir:"lib" change:7 ` + me, "1", "0"},
		{review.SightQuery{Project: "demo", Branch: "release/1.2"}, `(status:open OR status:closed) project:"demo" branch:"refs/heads/release/1.2" ` + me, "1", "0"},
		{review.SightQuery{Branch: "refs/meta/config", Standing: true}, `(status:open OR status:closed) branch:"refs/meta/config" ` + me, "1", "0"},
		{review.SightQuery{Status: review.StatusNew, Search: `retry "payments`, Standing: true}, `status:new message:"retry" message:"payments" ` + me, "1", "0"},
		{review.SightQuery{Status: review.StatusNew, Search: "4711"}, `status:new (change:4711 OR message:"4711") ` + me, "1", "0"},
		{review.SightQuery{Status: review.StatusNew, Search: "007"}, `status:new message:"007" ` + me, "1", "0"},
		{review.SightQuery{Status: review.StatusNew, Search: "99999999999 +7"}, `status:new message:"99999999999" message:"+7" ` + me, "1", "0"},
		{review.SightQuery{Status: review.StatusNew, Search: `" OR is:private OR message:"x) (`}, `status:new message:"OR" message:"is:private" message:"OR" message:"message:" message:"x)" ` + me, "1", "0"},
	} {
		g.ResetRequests()
		tt.q.Account = ann.ID
		if _, err := c.Seen(t.Context(), tt.q); err != nil {
			t.Errorf("Seen(%+v) = %v", tt.q, err)
		}
		want := []url.Values{{"q": {tt.want}, "n": {tt.n}, "S": {tt.s}, "o": least}}
		if tt.q.Standing {
			want[0]["o"] = append(slices.Clone(least), "LABELS", "DETAILED_LABELS", "SUBMIT_REQUIREMENTS")
		}
		if diff := cmp.Diff(want, asked(t, g)); diff != "" {
			t.Errorf("Seen(%+v) asks (-want +got):\n%s", tt.q, diff)
		}
	}
}

func TestSeenRefuses(t *testing.T) {
	g := gerrittest.New(t)
	c := open(t, g, nil)
	odd := []string{"^.*", `a" OR status:open OR project:"b`, "a\x00b", "a\nb", "../b", "a//b", `a\b`, "a\xff", strings.Repeat("a", 5000)}
	queries := []review.SightQuery{{}, {Account: -1}, {Account: 1, Number: -7}, {Account: 1, Status: "DRAFT"}, {Account: 1, Status: "open OR is:private"}, {Account: 1, Relation: "owner"}}
	for _, s := range odd {
		queries = append(queries, review.SightQuery{Account: 1, Project: s}, review.SightQuery{Account: 1, Dir: s}, review.SightQuery{Account: 1, Branch: s})
	}
	for _, s := range []string{"a b", "a:b", "@{u}", ".a", "a.lock"} {
		queries = append(queries, review.SightQuery{Account: 1, Branch: s})
	}
	for _, s := range []string{`"`, " ", "-- !", strings.Repeat("a ", 11), strings.Repeat("a", 201)} {
		queries = append(queries, review.SightQuery{Account: 1, Search: s})
	}
	for _, q := range queries {
		q.Limit = 1
		if page, err := c.Seen(t.Context(), q); err == nil || len(page.Changes) > 0 {
			t.Errorf("Seen(%+v) = %+v, want an error", q, page)
		}
	}
	if _, err := c.Sees(t.Context(), 0, nil, false); err == nil {
		t.Error("Sees(no account) = nil, want an error")
	}
	if c.Calls() != 0 {
		t.Errorf("Gerrit was asked %d times", c.Calls())
	}
}

// Changes that come and move while pages are read shift nothing.
func TestSeenWalks(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	g := gerrittest.NewWith(t, gerrittest.Options{Now: func() time.Time { return now }})
	c := open(t, g, nil)
	ann, bob := g.Person("ann"), g.Person("bob")
	g.HideBranch("demo", "refs/heads/secret", bob)
	var made []*gerrittest.Change
	for i := range 60 {
		if i%20 < 10 { // ten in one second, ten in ten
			now = now.Add(time.Second)
		}
		made = append(made, g.Push(gerrittest.Push{Message: fmt.Sprint("Change ", i), Files: gerrittest.Files{fmt.Sprint("f", i): "x\n"}}))
		g.Push(gerrittest.Push{Message: fmt.Sprint("Secret ", i), Branch: "refs/heads/secret", Files: gerrittest.Files{fmt.Sprint("f", i): "x\n"}})
	}
	now = now.Add(time.Minute)
	for _, limit := range []int{1, 3, 7, 100} {
		seen, pages := map[int]bool{}, 0
		q := review.SightQuery{Account: bob.ID, Project: "demo", Limit: limit}
		for {
			page, err := c.Seen(t.Context(), q)
			if pages++; err != nil || pages > 500 {
				t.Fatalf("page %d: %v", pages, err)
			}
			for _, ch := range page.Changes {
				if ch.Branch == "secret" {
					t.Errorf("bob sees %s", ch.ID)
				}
				seen[ch.ID.Number] = true
			}
			if !page.More {
				break
			}
			if pages == 2 { // what moves up is for the next look
				made[0].Comment("ann", "up")
				g.Push(gerrittest.Push{Message: "Late", Files: gerrittest.Files{"late": "x\n"}})
			}
			q.Before, q.Skip = page.Before, page.Skip
		}
		for i, k := range made[1:] {
			if !seen[k.Number] {
				t.Errorf("with pages of %d nobody saw change %d", limit, i+1)
			}
		}
	}
	if page, err := c.Seen(t.Context(), review.SightQuery{Account: ann.ID, Limit: 100}); err != nil || len(page.Changes) != 100 || !page.More {
		t.Errorf("of all ann sees %d, more %v, %v", len(page.Changes), page.More, err)
	}
}

// canned answers every query for changes with one body.
func canned(t *testing.T, body string) *gerrit.Client {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, ")]}'\n"+body)
	}))
	t.Cleanup(s.Close)
	return open(t, gerrittest.New(t), func(o *gerrit.Options) { o.URL = s.URL })
}

// A row that does not fit the question is none, whatever Gerrit's reason.
func TestSeenRows(t *testing.T) {
	sha := strings.Repeat("a", 40)
	row := func(number int, project, more string) string {
		return fmt.Sprintf(`{"_number":%d,"project":%q,"status":"NEW","branch":"main","subject":"s","owner":{"_account_id":7,"name":"Ann"},
			"current_revision":%q,"revisions":{%[3]q:{"_number":3}},"updated":"2026-03-01 12:00:00.000000000"%s}`, number, project, sha, more)
	}
	body := "[" + strings.Join([]string{
		row(1, "demo", `,"attention_set":{"9":{"account":{"_account_id":9}},"8":{"account":{"_account_id":8}},"x":{}}`),
		row(2, "other", ""),
		row(3, "demo", `,"is_private":true`),
		row(0, "demo", ""),
		row(-4, "demo", ""),
		row(5, "../demo", ""),
		row(6, "demo", `,"current_revision":"HEAD"`),
		row(7, "demo", `,"revisions":null`),
		row(8, "demo", `,"status":"MERGED"`),
		row(10, "demo", `,"branch":"other"`),
		row(9, "demo", fmt.Sprintf(`,"subject":%q,"topic":%[1]q`, strings.Repeat("ö", 5000))),
	}, ",") + "]"
	c := canned(t, body)
	page, err := c.Seen(t.Context(), review.SightQuery{Account: 7, Project: "demo", Branch: "main", Status: review.StatusNew, Limit: 100})
	if err != nil || page.More {
		t.Fatalf("more %v, %v", page.More, err)
	}
	var got []int
	for _, s := range page.Changes {
		got = append(got, s.ID.Number)
	}
	if diff := cmp.Diff([]int{1, 9}, got); diff != "" {
		t.Fatalf("rows (-want +got):\n%s", diff)
	}
	want := review.Seen{
		ID: review.ChangeID{Host: "main", Project: "demo", Number: 1}, Branch: "main", Subject: "s", Status: review.StatusNew,
		Owner: review.Account{ID: 7, Name: "Ann"}, PatchSet: 3, Updated: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC),
		Attention: []int64{8, 9},
	}
	if diff := cmp.Diff(want, page.Changes[0]); diff != "" {
		t.Errorf("a row (-want +got):\n%s", diff)
	}
	if n := len([]rune(page.Changes[1].Subject)); n > 1000 {
		t.Errorf("a subject has %d characters", n)
	}
	ids := []review.ChangeID{
		{Host: "main", Project: "demo", Number: 1},
		{Host: "main", Project: "demo", Number: 2}, // is of another project
		{Host: "main", Project: "demo", Number: 3},
		{Host: "else", Project: "demo", Number: 9},
	}
	sees, err := c.Sees(t.Context(), 7, ids, false)
	if diff := cmp.Diff(map[review.ChangeID]review.Seen{ids[0]: want}, sees); diff != "" || err != nil {
		t.Errorf("Sees() = %v (-want +got):\n%s", err, diff)
	}
	for _, bad := range []string{"{}", "[[]]", "[1]", "null x", "[", `[{"_number":"1"}]`} {
		c := canned(t, bad)
		if page, err := c.Seen(t.Context(), review.SightQuery{Account: 7, Limit: 1}); class(err) != "retry" {
			t.Errorf("after %s Seen() = %+v, %v", bad, page, err)
		}
		if sees, err := c.Sees(t.Context(), 7, ids, false); class(err) != "retry" || len(sees) > 0 {
			t.Errorf("after %s Sees() = %v, %v", bad, sees, err)
		}
	}
	if _, err := canned(t, "["+row(1, "demo", `,"_more_changes":true`)+"]").Sees(t.Context(), 7, ids, false); err == nil || !strings.Contains(err.Error(), "queryLimit") {
		t.Errorf("after an answer that is cut off: %v", err)
	}
}

func TestSees(t *testing.T) {
	g := gerrittest.New(t)
	ann, bob := g.Person("ann"), g.Person("bob")
	var ids []review.ChangeID
	for i := range 650 {
		k := g.Push(gerrittest.Push{Message: "x", Private: i == 1})
		ids = append(ids, id(k), id(k))
	}
	hidden := g.Push(gerrittest.Push{Project: "hidden", Message: "x"})
	g.HideProject("hidden", bob)
	ids = append(ids, id(hidden))
	c := open(t, g, nil)
	g.ResetRequests()
	all, err := c.Sees(t.Context(), ann.ID, ids, false)
	if err != nil || len(all) != 650 || len(asked(t, g)) != 3 {
		t.Errorf("ann sees %d after %d calls, %v; want 650 after 3", len(all), len(asked(t, g)), err)
	}
	for _, r := range g.Requests() {
		if len(r.Path) > 8000 {
			t.Errorf("a request line has %d bytes", len(r.Path))
		}
	}
	if got, err := c.Sees(t.Context(), bob.ID, ids[len(ids)-2:], false); err != nil || len(got) != 1 {
		t.Errorf("bob sees %v, %v", got, err)
	}
	// Nothing is kept: who loses access has lost it.
	g.HideProject("demo", bob)
	if got, err := c.Sees(t.Context(), bob.ID, ids[len(ids)-2:], false); err != nil || len(got) != 0 {
		t.Errorf("bob still sees %v, %v", got, err)
	}
	if got, err := c.Sees(t.Context(), 999_999_999, ids, false); err != nil || len(got) != 0 {
		t.Errorf("nobody sees %d, %v", len(got), err)
	}
	before := c.Calls()
	if got, err := c.Sees(t.Context(), ann.ID, []review.ChangeID{{}, {Host: "else", Project: "demo", Number: 1}}, false); err != nil || len(got) != 0 || c.Calls() != before {
		t.Errorf("of other hosts ann sees %v, %v", got, err)
	}
	for _, f := range []gerrittest.Fault{{Status: 503}, {Status: 429}, {Status: 403}, {Mangle: gerrittest.Truncated}, {Mangle: gerrittest.LoginPage}} {
		f.Times = 1
		g.Break(f)
		if got, err := c.Sees(t.Context(), ann.ID, ids[:1], false); err == nil || len(got) > 0 {
			t.Errorf("after %+v ann sees %v", f, got)
		}
	}
}

func TestChangeURL(t *testing.T) {
	c := open(t, gerrittest.New(t), func(o *gerrit.Options) { o.URL = "https://gerrit.example.com/r/" })
	for project, want := range map[string]string{
		"team/a":             "https://gerrit.example.com/r/c/team/a/+/7",
		"a b+c/d?e#f%2Fg\"<": "https://gerrit.example.com/r/c/a%20b%2Bc/d%3Fe%23f%252Fg%22%3C/+/7",
	} {
		if got := c.ChangeURL(review.ChangeID{Host: "main", Project: project, Number: 7}); got != want {
			t.Errorf("ChangeURL(%s) = %s, want %s", project, got, want)
		}
	}
	c = open(t, gerrittest.New(t), func(o *gerrit.Options) { o.WebURL = "https://reviews.example.com/" })
	if got, want := c.ChangeURL(review.ChangeID{Project: "team/a", Number: 7}), "https://reviews.example.com/c/team/a/+/7"; got != want {
		t.Errorf("ChangeURL() = %s, want %s, where people reach it", got, want)
	}
}

// Known asks each time, and what it hears counts for Resolve as well.
func TestKnown(t *testing.T) {
	g := gerrittest.New(t)
	ann := g.Person("ann")
	c := open(t, g, nil)
	who := []review.Person{{Username: "ann", Email: "ann@example.com"}, {Username: "nobody"}}
	for range 2 {
		before := c.Calls()
		got, err := c.Known(t.Context(), who)
		if err != nil || got[0].Account.ID != ann.ID || got[1].Account.ID != 0 || c.Calls()-before != 1 {
			t.Errorf("Known() = %+v, %v after %d calls", got, err, c.Calls()-before)
		}
	}
	g.SetActive("ann", false)
	if got, _ := c.Resolve(t.Context(), who); got[0].Account.ID != ann.ID {
		t.Errorf("Resolve() forgot at once: %+v", got)
	}
	if got, err := c.Known(t.Context(), who); err != nil || got[0].Account.ID != 0 || got[0].Gone != ann.ID || got[0].Doubt == "" {
		t.Errorf("Known() = %+v, %v", got, err)
	}
	if got, _ := c.Resolve(t.Context(), who); got[0].Account.ID != 0 {
		t.Errorf("Resolve() does not know what Known() heard: %+v", got)
	}
	g.Break(gerrittest.Fault{Status: 503})
	if got, err := c.Known(t.Context(), who); class(err) != "retry" || slices.ContainsFunc(got, func(p review.Person) bool { return p.Account.ID != 0 }) {
		t.Errorf("of a Gerrit that is down: %+v, %v", got, err)
	}
}
