// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"review-assistant/review"
	"review-assistant/reviewers"
)

var now = time.Date(2026, 5, 4, 10, 0, 0, 0, time.UTC)

func account(id int64) review.Account {
	return review.Account{ID: id, Name: fmt.Sprintf("P%d", id), Email: fmt.Sprintf("p%d@example.com", id)}
}

// owner reads "ID ENTITY GROUP PATH DISTANCE", with - for no group and / for the project.
func owner(t testing.TB, s string) review.Owner {
	t.Helper()
	var o review.Owner
	var id int64
	if _, err := fmt.Sscanf(s, "%d %s %s %s %d", &id, &o.Entity, &o.Group, &o.Path, &o.Distance); err != nil {
		t.Fatalf("owner %q: %v", s, err)
	}
	o.Title = o.Entity[strings.LastIndexByte(o.Entity, '/')+1:]
	o.Group, o.Path = strings.Trim(o.Group, "-"), strings.Trim(o.Path, "/")
	o.Person = review.Person{Entity: fmt.Sprintf("user:default/p%d", id), Account: account(id)}
	return o
}

func owners(t testing.TB, lines ...string) []review.Owner {
	t.Helper()
	var out []review.Owner
	for _, l := range lines {
		out = append(out, owner(t, l))
	}
	return out
}

// told prints picks as "ID: reason; reason".
func told(picks []review.Pick) []string {
	var out []string
	for _, p := range picks {
		out = append(out, fmt.Sprintf("%d: %s", p.Account.ID, strings.Join(p.Reasons, "; ")))
	}
	return out
}

func TestRecommendByOwnership(t *testing.T) {
	tests := []struct {
		name   string
		files  []string
		owners []string
		change func(*reviewers.Input)
		want   []string
	}{
		{
			name: "the nearer claim first", files: []string{"pay/api.go"},
			owners: []string{"7 system:default/tills heads /pay 1", "8 component:default/pay-api - /pay 0"},
			want:   []string{"8: owns pay-api", "7: owns the parent system tills through heads"},
		},
		{
			name: "one person, several claims", files: []string{"pay/api.go"},
			owners: []string{"7 component:default/pay-api payments /pay 0", "7 component:default/pay-api heads /pay 0", "7 system:default/tills heads /pay 1"},
			want:   []string{"7: owns pay-api through heads; owns the parent system tills through heads"},
		},
		{
			name: "the longer path is nearer", files: []string{"lib/a/x.go", "top.go"},
			owners: []string{"1 component:default/all - / 0", "2 component:default/lib - /lib 0", "3 component:default/a - /lib/a 0"},
			want:   []string{"1: owns all", "3: owns a", "2: owns lib"},
		},
		{
			name: "the second covers the rest", files: []string{"a/1", "a/2", "a/3", "b/1"},
			owners: []string{"1 component:default/a - /a 0", "2 component:default/a - /a 0", "3 component:default/a - /a 0", "4 component:default/b - /b 0"},
			want:   []string{"", "4: owns b", "", ""},
		},
		{
			name: "a name that only begins alike", files: []string{"libs/x"},
			owners: []string{"1 component:default/lib - /lib 0", "2 component:default/libs - /libs 0"},
			want:   []string{"2: owns libs"},
		},
		{
			name: "people who must not be named", files: []string{"x"},
			owners: []string{"0 component:default/c - / 0", "1 component:default/c - / 0", "2 component:default/c - / 0", "3 component:default/c - / 0", "4 component:default/c - / 0", "5 component:default/c - / 0", "6 component:default/c - / 0", "7 component:default/c - / 0"},
			change: func(in *reviewers.Input) {
				in.Author, in.Uploader, in.Leave = account(1), account(2), []review.Account{account(3)}
				in.Owners[4].Person.Account.Service = true
				in.Owners[5].Person.Account.Inactive = true
				in.Message = "Subject\n\nco-authored-by: Six <P6@Example.com>\n"
			},
			want: []string{"7: owns c"},
		},
		{
			name: "another account of the author", files: []string{"x"},
			owners: []string{"1 component:default/c - / 0"},
			change: func(in *reviewers.Input) { in.Author = review.Account{ID: 99, Email: "P1@EXAMPLE.com"} },
		},
		{name: "nobody owns it", files: []string{"x"}},
		{name: "no files", owners: []string{"1 component:default/c - / 0"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := reviewers.Input{Project: "p", Files: tt.files, Owners: owners(t, tt.owners...), Max: 5, Now: now}
			if tt.change != nil {
				tt.change(&in)
			}
			got := told(reviewers.Recommend(in))
			for i := range min(len(got), len(tt.want)) {
				text, found := strings.CutSuffix(got[i], "; no past reviews are known yet: ownership only")
				if got[i] = text; !found {
					t.Errorf("%q does not say that it is ownership only", text)
				}
				if tt.want[i] == "" {
					got[i] = "" // one of several equals
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Recommend (-want +got):\n%s", diff)
			}
		})
	}
}

// Equals are not always asked in the same order.
func TestRecommendSpreads(t *testing.T) {
	first := map[int64]int{}
	for i := range 60 {
		in := reviewers.Input{
			Project: "p", Subject: fmt.Sprint("change ", i), Files: []string{"x"}, Max: 1,
			Owners: owners(t, "1 component:default/c - / 0", "2 component:default/c - / 0", "3 component:default/c - / 0"),
		}
		picks := reviewers.Recommend(in)
		if again := reviewers.Recommend(in); !cmp.Equal(picks, again) {
			t.Fatalf("the same change got %q, then %q", told(picks), told(again))
		}
		first[picks[0].Account.ID]++
	}
	for id := range int64(3) {
		if n := first[id+1]; n < 8 {
			t.Errorf("account %d came first %d times of 60", id+1, n)
		}
	}
}

// Whatever comes in, nobody is named twice, or without a reason, or against a gate.
func TestRecommendProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.StringMatching(`([a-c]{1,2}/){0,3}[a-c]{1,2}`)
		in := reviewers.Input{
			Project: "p", Max: rapid.IntRange(0, 4).Draw(t, "max"), Now: now, Author: account(1), Uploader: account(2),
			Files: rapid.SliceOfN(path, 0, 5).Draw(t, "files"),
		}
		for range rapid.IntRange(0, 12).Draw(t, "owners") {
			id := rapid.Int64Range(0, 9).Draw(t, "id")
			in.Owners = append(in.Owners, review.Owner{
				Entity: "component:default/" + rapid.StringMatching(`[a-c]`).Draw(t, "entity"), Title: "c",
				Path: path.Draw(t, "path"), Distance: rapid.IntRange(0, 5).Draw(t, "distance"), Person: review.Person{Account: account(id)},
			})
		}
		picks := reviewers.Recommend(in)
		if len(picks) > in.Max {
			t.Fatalf("%d picks, at most %d are wanted", len(picks), in.Max)
		}
		seen := map[int64]bool{0: true, 1: true, 2: true}
		for _, p := range picks {
			if seen[p.Account.ID] || len(p.Reasons) == 0 {
				t.Fatalf("bad pick %+v", p)
			}
			seen[p.Account.ID] = true
		}
	})
}

// A change of very many files and owners is answered at once.
func TestRecommendLargeChange(t *testing.T) {
	in := reviewers.Input{Project: "p", Max: 2, Now: now, History: story()}
	for i := range 20_000 {
		in.Files = append(in.Files, fmt.Sprintf("d%d/e/f/g/%d.go", i%50, i))
	}
	for i := range 200 {
		in.Owners = append(in.Owners, owner(t, fmt.Sprintf("%d component:default/c%d team /d%d %d", 100+i, i%50, i%50, i%3)))
	}
	start := time.Now()
	picks := reviewers.Recommend(in)
	if took := time.Since(start); len(picks) != 2 || took > 2*time.Second {
		t.Errorf("%q after %v", told(picks), took)
	}
}
