// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/gerrit"
	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// closedWorld is a Gerrit whose clock the test moves.
func closedWorld(t *testing.T, change func(*gerrit.Options)) (g *gerrittest.Server, c *gerrit.Client, now *time.Time) {
	t.Helper()
	now = new(time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC))
	g = gerrittest.NewWith(t, gerrittest.Options{Now: func() time.Time { return *now }})
	return g, open(t, g, change), now
}

// walk reads all pages and returns the numbers in the order of their arrival.
func walk(t *testing.T, c *gerrit.Client, q review.ClosedQuery) (numbers []int, pages int) {
	t.Helper()
	for {
		page, err := c.Closed(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range page.Changes {
			numbers = append(numbers, ch.ID.Number)
		}
		if pages++; pages > 200 {
			t.Fatal("the pages do not end")
		}
		if !page.More {
			return numbers, pages
		}
		q.Before, q.Skip, q.Limit = page.Before, page.Skip, page.Limit
	}
}

func names(list []review.Account) string {
	var out []string
	for _, a := range list {
		out = append(out, a.Username)
	}
	slices.Sort(out)
	return strings.Join(out, " ")
}

func TestClosed(t *testing.T) {
	g, c, now := closedWorld(t, nil)
	g.AddAccount(gerrittest.Account{Username: "zuul", Service: true})
	created := *now
	k := g.Push(gerrittest.Push{
		Project: "team/a", Owner: "ann", Message: "pay: try again", Reviewers: []string{"carl"},
		Files: gerrittest.Files{"pay/b.go": "b\n", "pay/a.go": "a\n"},
	})
	*now = now.Add(time.Minute)
	k.Vote("zuul", "Verified", 1, "")
	k.Vote("jenkins", "Verified", 1, "")
	k.Comment("ann", "please look")
	*now = now.Add(time.Minute)
	first := *now
	k.Comment("dora", "why?")
	*now = now.Add(time.Minute)
	k.Vote("ann", "Code-Review", 1, "")
	k.Vote("bob", "Code-Review", 2, "")
	k.Vote("eve", "Code-Review", -1, "")
	k.Vote("eve", "Code-Review", 0, "")
	k.RemoveReviewer("carl")
	*now = now.Add(time.Minute)
	k.Submit()
	merged := *now
	*now = now.Add(time.Hour)
	k.Comment("bob", "late") // moves it, closes it no later

	got, err := c.Closed(t.Context(), review.ClosedQuery{Project: "team/a", Limit: 10, Messages: true})
	if err != nil || len(got.Changes) != 1 || got.More {
		t.Fatalf("Closed() = %+v, %v", got, err)
	}
	ch := got.Changes[0]
	voters, asked, removed := names(ch.Voters), names(ch.Reviewers), names(ch.Removed)
	if spoke := names(ch.Spoke); spoke != "bob dora eve" {
		t.Errorf("%s spoke", spoke)
	}
	if voters != "bob" || removed != "carl" || !strings.Contains(asked, "bob") || strings.Contains(asked, "carl") {
		t.Errorf("voters are %q, reviewers %q, removed %q", voters, asked, removed)
	}
	if ch.Owner.Username != "ann" || len(ch.Revision) != 40 || !strings.HasPrefix(ch.ChangeKey, "I") {
		t.Errorf("change = %+v", ch)
	}
	key := ch.ChangeKey
	ch.Voters, ch.Spoke, ch.Reviewers, ch.Removed, ch.Owner, ch.Revision, ch.ChangeKey = nil, nil, nil, nil, review.Account{}, "", ""
	want := review.Closed{
		ID: review.ChangeID{Host: "main", Project: "team/a", Number: k.Number}, Branch: "main", Status: review.StatusMerged, Subject: "pay: try again",
		Created: created, Updated: *now, Closed: merged, Reviewed: first, Files: []string{"pay/a.go", "pay/b.go"},
	}
	if diff := cmp.Diff(want, ch); diff != "" {
		t.Errorf("Closed() (-want +got):\n%s", diff)
	}
	past := got.Changes[0].Past()
	if past.Key != "team/a~main~"+key || past.Author.Username != "ann" || names(past.Reviewers) != "bob" || past.Closed != merged {
		t.Errorf("Past() = %+v", past)
	}

	brief, err := c.Closed(t.Context(), review.ClosedQuery{Limit: 10, Brief: true})
	if err != nil || len(brief.Changes) != 1 || len(brief.Changes[0].Files) > 0 || !brief.Changes[0].Reviewed.IsZero() || brief.Changes[0].ID != want.ID {
		t.Errorf("Closed() in brief = %+v, %v", brief, err)
	}
}

func TestClosedFinds(t *testing.T) {
	g, c, now := closedWorld(t, nil)
	push := func(project string) *gerrittest.Change {
		*now = now.Add(time.Hour)
		return g.Push(gerrittest.Push{Project: project, Message: "m", CCs: []string{"review-assistant"}, Files: gerrittest.Files{"f": "f\n"}})
	}
	push("a")
	push("a").Submit()
	push("a").Abandon()
	private := push("a")
	private.SetPrivate(true)
	private.Submit()
	push("b").Submit()
	noon := *now
	push("a").Submit()
	tests := []struct {
		name string
		q    review.ClosedQuery
		want string
	}{
		{"merged ones of a project", review.ClosedQuery{Project: "a"}, "[6 2]"},
		{"abandoned ones too", review.ClosedQuery{Project: "a", Abandoned: true}, "[6 3 2]"},
		{"of all projects", review.ClosedQuery{}, "[6 5 2]"},
		{"both bounds belong to the window", review.ClosedQuery{After: noon, Before: noon}, "[5]"},
		{"after", review.ClosedQuery{After: noon.Add(time.Second)}, "[6]"},
		{"before", review.ClosedQuery{Before: noon.Add(-time.Second)}, "[2]"},
		{"another project", review.ClosedQuery{Project: "none"}, "[]"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			tt.q.Limit = 50
			if got, _ := walk(t, c, tt.q); fmt.Sprint(got) != tt.want {
				t.Errorf("Closed(%+v) = %v, want %s", tt.q, got, tt.want)
			}
		})
	}
	for _, project := range []string{"^.*", `a" OR status:"open`, "../x"} {
		if _, err := c.Closed(t.Context(), review.ClosedQuery{Project: project}); err == nil {
			t.Errorf("Closed() of project %q = nil", project)
		}
	}
}

// Nothing is lost where pages meet, however many changes share a second.
func TestClosedPages(t *testing.T) {
	for _, burst := range []int{1, 2, 7, 30} {
		t.Run(fmt.Sprint(burst, " in a second"), func(t *testing.T) {
			g, c, now := closedWorld(t, nil)
			const n = 60
			for i := range n {
				if i%burst == 0 {
					*now = now.Add(time.Second)
				}
				g.Push(gerrittest.Push{Message: fmt.Sprint(i), Files: gerrittest.Files{"f": fmt.Sprint(i)}}).Submit()
			}
			numbers, _ := walk(t, c, review.ClosedQuery{Limit: 5, Brief: true})
			seen := map[int]bool{}
			for _, k := range numbers {
				seen[k] = true
			}
			if len(seen) != n || len(numbers) > 3*n {
				t.Errorf("%d answers hold %d of %d changes", len(numbers), len(seen), n)
			}
		})
	}
}

// A change that moves to the top while pages are read hides no other.
func TestClosedWhileChangesMove(t *testing.T) {
	g, c, now := closedWorld(t, nil)
	var all []*gerrittest.Change
	for i := range 20 {
		*now = now.Add(time.Second)
		k := g.Push(gerrittest.Push{Message: fmt.Sprint(i), Files: gerrittest.Files{"f": fmt.Sprint(i)}})
		k.Submit()
		all = append(all, k)
	}
	seen := map[int]bool{}
	q := review.ClosedQuery{Limit: 4, Brief: true, Before: *now}
	for more := true; more; {
		page, err := c.Closed(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range page.Changes {
			seen[ch.ID.Number] = true
		}
		*now = now.Add(time.Minute)
		all[19].Comment("bob", "moves what was seen")
		q.Before, q.Skip, more = page.Before, page.Skip, page.More
	}
	if len(seen) != 20 {
		t.Errorf("%d of 20 were seen", len(seen))
	}
}

// An answer that is too large is asked for in smaller pages, and a change that
// alone is too large is stepped over.
func TestClosedBounded(t *testing.T) {
	g, c, now := closedWorld(t, func(o *gerrit.Options) { o.MaxBody = 24 << 10 })
	files := gerrittest.Files{}
	for i := range 400 {
		files[fmt.Sprintf("dir/%s%d", strings.Repeat("long", 10), i)] = "x\n"
	}
	var want []int
	for i := range 9 {
		*now = now.Add(time.Second)
		u := gerrittest.Push{Message: fmt.Sprint(i), Files: gerrittest.Files{"f": fmt.Sprint(i)}}
		if i == 4 {
			u.Files = files
		}
		k := g.Push(u)
		k.Submit()
		if i != 4 {
			want = append(want, k.Number)
		}
	}
	numbers, _ := walk(t, c, review.ClosedQuery{Limit: 100})
	slices.Sort(numbers)
	if got := slices.Compact(numbers); !slices.Equal(got, want) {
		t.Errorf("Closed() found %v, want %v", got, want)
	}
}

// A change that Gerrit takes too long over is stepped over like one that is
// too large; a Gerrit that is slow altogether is asked again later.
func TestClosedSlow(t *testing.T) {
	g, c, now := closedWorld(t, func(o *gerrit.Options) { o.Timeout = 100 * time.Millisecond })
	for i := range 7 {
		*now = now.Add(time.Second)
		g.Push(gerrittest.Push{Message: fmt.Sprint(i), Files: gerrittest.Files{"f": fmt.Sprint(i)}}).Submit()
	}
	q := review.ClosedQuery{Limit: 20}
	slow := gerrittest.Fault{On: "CURRENT_FILES", Times: 3, Delay: time.Minute} // of 20, of 5, of 1
	g.Break(slow)
	page, err := c.Closed(t.Context(), q)
	if want := (review.ClosedPage{More: true, Skip: 1, Limit: 1, Passed: 1}); err != nil || !cmp.Equal(page, want) {
		t.Fatalf("Closed() = %+v, %v; want %+v", page, err, want)
	}
	q.Skip, q.Limit = page.Skip, page.Limit
	limits := []int{q.Limit}
	seen := map[int]bool{}
	for more := true; more; {
		page, err := c.Closed(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, ch := range page.Changes {
			seen[ch.ID.Number] = true
		}
		limits = append(limits, page.Limit)
		q.Before, q.Skip, q.Limit, more = page.Before, page.Skip, page.Limit, page.More
	}
	if len(seen) != 6 || limits[1] != 2 || limits[2] != 4 {
		t.Errorf("%d of the others were found, with pages of %v", len(seen), limits)
	}
	slow.Times = 1
	g.Break(slow)
	g.Break(gerrittest.Fault{On: "GET /changes/", Times: 1, Delay: time.Minute})
	if page, err := c.Closed(t.Context(), review.ClosedQuery{Limit: 1}); err == nil || page.Passed > 0 {
		t.Errorf("Closed() of a slow Gerrit = %+v, %v", page, err)
	}
}

func TestClosedFails(t *testing.T) {
	g, c, _ := closedWorld(t, nil)
	g.Break(gerrittest.Fault{On: "GET /changes/", Times: 1, Status: http.StatusTooManyRequests, RetryAfter: "7"})
	if _, err := c.Closed(t.Context(), review.ClosedQuery{Limit: 1}); review.RetryAfter(err) != 7*time.Second {
		t.Errorf("Closed() = %v, want one to try again after 7 s", err)
	}
	g.Break(gerrittest.Fault{On: "GET /changes/", Times: 1, Mangle: gerrittest.LoginPage})
	if _, err := c.Closed(t.Context(), review.ClosedQuery{Limit: 1}); review.RetryAfter(err) != 0 || err == nil {
		t.Errorf("Closed() = %v", err)
	}
}
