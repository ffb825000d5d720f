// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"review-assistant/review"
	"review-assistant/reviewers"
)

func ids(picks []review.Pick) []int64 {
	var out []int64
	for _, p := range picks {
		out = append(out, p.Account.ID)
	}
	return out
}

func TestChoose(t *testing.T) {
	group := []string{"61 component:default/c team /a 0", "62 component:default/c team /a 0", "63 component:default/c team /a 0"}
	tests := []struct {
		name   string
		files  []string
		owners []string
		facts  reviewers.Facts
		max    int
		away   []int64 // removed between the calls
		first  int64
		with   []int64 // who must be among the picks, in any order
	}{
		{name: "load decides inside a group", files: []string{"a/x"}, owners: group, facts: reviewers.Facts{Open: map[int64]int{61: 4, 63: 2}}, max: 1, first: 62},
		{name: "who was asked lately comes later", files: []string{"a/x"}, owners: group, facts: reviewers.Facts{Asked: map[int64]float64{62: 3, 61: 1}}, max: 2, first: 63, with: []int64{61}},
		{name: "both", files: []string{"a/x"}, owners: group, facts: reviewers.Facts{Open: map[int64]int{61: 9}, Asked: map[int64]float64{62: 2}}, max: 1, first: 63},
		{name: "the caller left somebody out", files: []string{"a/x"}, owners: group, facts: reviewers.Facts{Open: map[int64]int{61: 4, 63: 2}}, max: 1, away: []int64{62}, first: 63},
		{
			name: "the second covers the rest", files: []string{"a/1", "a/2", "b/1"},
			owners: append([]string{"9 component:default/b other /b 0"}, group...), max: 2, with: []int64{9},
		},
		{
			name: "an owner takes the last place", files: []string{"pay/api.go"}, // 10 and 11 are of the history
			owners: []string{"50 component:default/pay-api payments /pay 0"}, max: 2, first: 10, with: []int64{50},
		},
		{
			name: "an owner takes the only place", files: []string{"pay/api.go"},
			owners: []string{"50 component:default/pay-api payments /pay 0"}, max: 1, first: 50,
		},
		{
			name: "the nearest owner", files: []string{"pay/api.go"}, max: 2, with: []int64{50},
			owners: []string{"51 system:default/tills heads /pay 1", "50 component:default/pay-api payments /pay 0", "52 domain:default/shops heads /pay 2"},
			facts:  reviewers.Facts{Open: map[int64]int{50: 3}},
		},
		{name: "the wider claim where nobody holds a nearer one", files: []string{"pay/api.go"}, owners: []string{"51 system:default/tills heads /pay 1"}, max: 2, with: []int64{51}},
		{name: "one who knows a little is not named for cover", files: []string{"docs/index.md", "pay/api.go", "pay/api_test.go"}, max: 2, first: 10, with: []int64{11}},
	}
	h := story()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := reviewers.Input{Project: "p", Author: account(99), Files: tt.files, Owners: owners(t, tt.owners...), Max: tt.max, Now: now, History: h}
			if strings.HasPrefix(tt.files[0], "a/") {
				in.Project = "q" // of which the history knows nothing
			}
			list := slices.DeleteFunc(reviewers.Rank(in), func(c reviewers.Candidate) bool { return slices.Contains(tt.away, c.Account.ID) })
			got := ids(reviewers.Choose(in, list, tt.facts).Picks)
			if len(got) != tt.max || tt.first != 0 && got[0] != tt.first {
				t.Fatalf("picks %d, want %d first", got, tt.first)
			}
			for _, id := range tt.with {
				if !slices.Contains(got, id) {
					t.Errorf("picks %d, want %d among them", got, id)
				}
			}
		})
	}
}

// Load does not bring in somebody who knows nothing.
func TestChooseNobody(t *testing.T) {
	in := reviewers.Input{Project: "p", Files: []string{"x"}, Max: 2, Now: now, History: story()}
	if s := reviewers.Choose(in, nil, reviewers.Facts{}); s.Picks != nil || s.Record.Picks != nil {
		t.Errorf("Choose of nobody = %+v", s)
	}
}

func TestFade(t *testing.T) {
	for days, want := range map[float64]float64{-3: 1, 0: 1, 7: .5, 14: .25, 70: 1. / 1024} {
		if got := reviewers.Fade(now.Add(-time.Duration(days*24)*time.Hour), now); got != want {
			t.Errorf("Fade after %g days = %g, want %g", days, got, want)
		}
	}
}

// A hundred changes to one component go round the group that owns it.
func TestAskedInTurn(t *testing.T) {
	asked := map[int64]float64{}
	count := map[int64]int{}
	for i := range 100 {
		in := reviewers.Input{Project: "p", Subject: fmt.Sprint(i), Files: []string{"new/x"}, Max: 1, Now: now}
		for id := range 5 {
			in.Owners = append(in.Owners, owner(t, fmt.Sprintf("%d component:default/c team /new 0", id+1)))
		}
		first := reviewers.Choose(in, reviewers.Rank(in), reviewers.Facts{Asked: asked}).Picks[0].Account.ID
		asked[first]++
		count[first]++
	}
	for id, n := range count {
		if n != 20 {
			t.Errorf("account %d was asked %d times of 100, want 20", id, n)
		}
	}
}

// What a record holds is enough to choose the same people again.
func TestReplay(t *testing.T) {
	path := rapid.StringMatching(`([a-c]/){0,3}[a-c]`)
	id := rapid.Int64Range(1, 30)
	rapid.Check(t, func(t *rapid.T) {
		h := reviewers.NewHistory()
		for range rapid.IntRange(0, 20).Draw(t, "changes") {
			h.Learn(past(id.Draw(t, "author"), rapid.IntRange(0, 300).Draw(t, "age"), "a: b",
				rapid.SliceOfN(path, 1, 4).Draw(t, "files"), rapid.SliceOfN(id, 1, 3).Draw(t, "reviewers")...))
		}
		in := reviewers.Input{Project: "p", Author: account(1), Files: rapid.SliceOfN(path, 1, 50).Draw(t, "change"), Subject: "a: b", History: h, Max: rapid.IntRange(1, 5).Draw(t, "max"), Now: now, CatalogRevision: "r7"}
		for range rapid.IntRange(0, 20).Draw(t, "owners") {
			in.Owners = append(in.Owners, review.Owner{Entity: "component:default/c", Title: "c", Path: path.Draw(t, "path"), Distance: rapid.IntRange(0, 3).Draw(t, "distance"), Person: review.Person{Account: account(id.Draw(t, "id"))}})
		}
		f := reviewers.Facts{Open: rapid.MapOfN(id, rapid.IntRange(0, 20), 0, 20).Draw(t, "open"), Asked: rapid.MapOfN(id, rapid.Float64Range(0, 20), 0, 20).Draw(t, "asked")}
		list := reviewers.Rank(in)
		list = slices.DeleteFunc(list, func(reviewers.Candidate) bool { return rapid.IntRange(0, 4).Draw(t, "leave") == 0 })
		s := reviewers.Choose(in, list, f)
		if want := min(in.Max, len(list)); len(s.Picks) != want {
			t.Fatalf("%d picks of %d, want %d", len(s.Picks), len(list), want)
		}
		if len(list) == 0 {
			return
		}
		data, err := json.Marshal(s.Record)
		if err != nil || len(data) > 8<<10 {
			t.Fatalf("a record of %d bytes: %v", len(data), err)
		}
		var r reviewers.Record
		if err := json.Unmarshal(data, &r); err != nil {
			t.Fatal(err)
		}
		again, err := r.Replay()
		if err != nil || !cmp.Equal(again, ids(s.Picks)) || !cmp.Equal(again, r.Picks) || r.Catalog != "r7" {
			t.Fatalf("replayed %d, %v; picked %d", again, err, ids(s.Picks))
		}
	})
}

func TestReplayRefuses(t *testing.T) {
	for name, r := range map[string]reviewers.Record{
		"another version": {},
		"values missing":  {Version: 1, Weights: []reviewers.Weight{{Signal: "x", Weight: 1}}, Candidates: []reviewers.Scored{{ID: 1}}, Max: 1},
		"too much":        {Version: 1, Components: make([]int, 99)},
	} {
		if got, err := r.Replay(); err == nil {
			t.Errorf("%s: %d, want an error", name, got)
		}
	}
}

// Where somebody who may be named owns something, one of the picks does; and
// if the first owns a part alone, the second owns the other.
func TestOwnersAreAmongPicks(t *testing.T) {
	h := story()
	id := rapid.Int64Range(1, 20) // 1, 2, 10 to 13 have a history
	rapid.Check(t, func(t *rapid.T) {
		in := reviewers.Input{Project: "p", Author: account(id.Draw(t, "author")), Files: []string{"pay/api.go", "docs/guide.md"}, History: h, Max: rapid.IntRange(1, 3).Draw(t, "max"), Now: now}
		owns := map[int64]string{}
		for range rapid.IntRange(1, 6).Draw(t, "owners") {
			who, dir := id.Draw(t, "id"), rapid.SampledFrom([]string{"pay", "docs", "other"}).Draw(t, "dir")
			in.Owners = append(in.Owners, review.Owner{Entity: "component:default/" + dir, Title: dir, Path: dir, Person: review.Person{Account: account(who)}})
			if dir != "other" && who != in.Author.ID {
				owns[who] += dir
			}
		}
		list := reviewers.Rank(in)
		f := reviewers.Facts{Open: rapid.MapOfN(id, rapid.IntRange(0, 30), 0, 20).Draw(t, "open")}
		picks := ids(reviewers.Choose(in, list, f).Picks)
		if len(owns) > 0 && !slices.ContainsFunc(picks, func(id int64) bool { return owns[id] != "" }) {
			t.Fatalf("picks %d, owners %v", picks, owns)
		}
		for who := range owns {
			if !slices.ContainsFunc(list, func(c reviewers.Candidate) bool { return c.Account.ID == who }) {
				t.Fatalf("owner %d is no candidate", who)
			}
		}
	})
}

// Without history, two owners of different parts cover the change.
func TestOwnersCover(t *testing.T) {
	for i := range 30 {
		in := reviewers.Input{
			Project: "p", Subject: fmt.Sprint(i), Files: []string{"a/1", "a/2", "b/1"}, Max: 2, Now: now,
			Owners: owners(t, "1 component:default/a - /a 0", "2 component:default/a - /a 0", "3 component:default/b - /b 0", "4 component:default/b - /b 0"),
		}
		got := ids(reviewers.Choose(in, reviewers.Rank(in), reviewers.Facts{Open: map[int64]int{1: i % 3, 3: i % 5}}).Picks)
		slices.Sort(got)
		if got[0] > 2 || got[1] < 3 {
			t.Errorf("change %d: picks %d own one part twice", i, got)
		}
	}
}
