// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"review-assistant/review"
	"review-assistant/reviewers"
)

func accounts(ids ...int64) []review.Account {
	var out []review.Account
	for _, id := range ids {
		out = append(out, account(id))
	}
	return out
}

// past is a change of project p, daysAgo before now.
func past(author int64, daysAgo int, subject string, files []string, by ...int64) review.Past {
	return review.Past{Project: "p", Author: account(author), Created: now.AddDate(0, 0, -daysAgo), Subject: subject, Files: files, Reviewers: accounts(by...)}
}

// story is a small project: 1 and 2 write; 10 reviews pay, 11 reviews docs,
// 12 reviewed everything long ago, 13 wrote the ledger and never reviews.
func story() *reviewers.History {
	h := reviewers.NewHistory()
	for i := range 12 {
		h.Learn(past(2, 700+i, "docs: old", []string{"docs/index.md", "pay/ledger.go"}, 12))
	}
	for i := range 8 {
		h.Learn(past(2, 60-i, "pay: refine", []string{"pay/api.go", "pay/api_test.go"}, 10))
		h.Learn(past(1, 50-i, "docs: word", []string{"docs/guide.md"}, 11))
	}
	for i := range 5 {
		h.Learn(past(13, 40-i, "ledger: book", []string{"pay/ledger.go"}, 10))
	}
	return h
}

func TestRecommendByHistory(t *testing.T) {
	tests := []struct {
		name   string
		in     reviewers.Input
		owners []string
		want   []string
	}{
		{
			name: "reviewers of the directory first", in: reviewers.Input{Author: account(2), Files: []string{"pay/api.go"}, Subject: "pay: more"},
			want: []string{
				"10: reviewed 8 of the author's last 15 changes; reviewed 13 changes under pay/ in the last 90 days; reviewed 8 changes titled \"pay:\" in the last 90 days",
				"11: reviewed 8 changes of this project in the last 90 days",
			},
		},
		{
			name: "who wrote a file is named for it", in: reviewers.Input{Author: account(99), Leave: accounts(10, 11), Files: []string{"pay/ledger.go"}, Subject: "Round amounts"},
			want: []string{
				"13: wrote 5 of 17 changes to pay/ledger.go",
				"2: wrote 12 of 17 changes to pay/ledger.go",
			},
		},
		{
			name: "the second covers what the first does not know", in: reviewers.Input{Author: account(99), Files: []string{"pay/api.go", "docs/guide.md", "docs/new.md"}},
			want: []string{"10: reviewed 13 changes under pay/ in the last 90 days", "11: reviewed 8 changes under docs/ in the last 90 days"},
		},
		{
			name: "an owner without any history comes in", in: reviewers.Input{Author: account(1), Files: []string{"pay/api.go"}},
			owners: []string{"50 component:default/pay-api payments /pay 0"},
			want:   []string{"10: ", "50: owns pay-api through payments"},
		},
		{
			name: "an owner who reviews is told as both", in: reviewers.Input{Author: account(1), Files: []string{"pay/api.go"}},
			owners: []string{"10 component:default/pay-api - /pay 0"},
			want:   []string{"10: owns pay-api; reviewed 13 changes under pay/ in the last 90 days"},
		},
		{
			name: "a directory that nobody saw", in: reviewers.Input{Author: account(1), Files: []string{"new/x.go"}},
			owners: []string{"50 component:default/new - /new 0"},
			want:   []string{"11: reviewed 8 of the author's last 8 changes", "50: owns new; first change in this directory: ownership only"},
		},
		{
			name: "a project that nobody saw", in: reviewers.Input{Project: "r", Author: account(99), Files: []string{"new/x.go"}},
			owners: []string{"50 component:default/new - /new 0", "50 domain:default/all heads / 2"},
			want:   []string{"50: owns new; owns the parent domain all through heads; first change in this project: ownership only"},
		},
		{
			name: "another project of the host", in: reviewers.Input{Project: "q", Author: account(99), Files: []string{"pay/api.go"}},
		},
		{
			name: "another host", in: reviewers.Input{Host: "other", Author: account(99), Files: []string{"pay/api.go"}},
			owners: []string{"50 component:default/pay - / 0"},
			want:   []string{"50: owns pay"},
		},
	}
	h := story()
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			in := tt.in
			in.Owners, in.History, in.Max, in.Now = owners(t, tt.owners...), h, 2, now
			if in.Project == "" {
				in.Project = "p"
			}
			picks := reviewers.Recommend(in)
			got := told(picks)
			if len(got) < len(tt.want) || len(tt.want) == 0 && len(got) > 0 {
				t.Fatalf("Recommend = %q, want %q", got, tt.want)
			}
			for i, want := range tt.want {
				if !strings.HasPrefix(got[i], want) {
					t.Errorf("pick %d is %q, want %q", i+1, got[i], want)
				}
			}
			for range 5 {
				if again := reviewers.Recommend(in); !cmp.Equal(picks, again) {
					t.Fatalf("the same input gave %+v, then %+v", picks, again)
				}
			}
		})
	}
}

// No reason speaks of when somebody works, how long somebody did nothing, or
// how much somebody has to do.
func TestReasonsAreAboutWork(t *testing.T) {
	forbidden := regexp.MustCompile(`(?i)hour|idle|absen|inactive|load|busy|holiday|vacation|days ago|since`)
	h := story()
	for _, files := range [][]string{{"pay/api.go"}, {"docs/guide.md", "pay/ledger.go"}, {"README"}, {"docs/other.md"}} {
		for author := range int64(14) {
			in := reviewers.Input{Project: "p", Author: account(author), Files: files, Subject: "docs: x", History: h, Max: 9, Now: now, Owners: owners(t, "10 system:default/s g / 1")}
			for _, line := range told(reviewers.Recommend(in)) {
				if forbidden.MatchString(line) {
					t.Errorf("reason %q", line)
				}
			}
		}
	}
}

// The window of a reason is as it says: older changes do not count.
func TestReasonWindow(t *testing.T) {
	h := reviewers.NewHistory()
	for _, days := range []int{200, 91, 89, 10, 1} {
		h.Learn(past(1, days, "x", []string{"a/f"}, 5))
	}
	h.Learn(past(2, 400, "x", []string{"b/g", "b/h"}, 6))
	for file, want := range map[string]string{"a/new": "5: reviewed 3 changes under a/ in the last 90 days", "b/g": "6: reviewed 1 change to b/g"} {
		picks := told(reviewers.Recommend(reviewers.Input{Project: "p", Author: account(3), Files: []string{file}, History: h, Max: 5, Now: now}))
		if !slices.ContainsFunc(picks, func(p string) bool { return strings.HasPrefix(p, want) }) {
			t.Errorf("%s: %q, want %q", file, picks, want)
		}
	}
}

// Hostile titles and paths do not get into reasons as they are.
func TestHostileHistory(t *testing.T) {
	h := reviewers.NewHistory()
	p := past(1, 1, "[click](http://x)\u202e: hi", []string{strings.Repeat("a/", 5000), strings.Repeat("b/", 300) + "c", "", "//", "ok/f"}, 5)
	h.Learn(p)
	p.Created = time.Unix(1<<60, 0)
	h.Learn(p)
	p.Created, p.Reviewers = time.Unix(-1<<60, 0), accounts(5, 5, 0, 6)
	h.Learn(p)
	in := reviewers.Input{Project: "p", Author: account(2), Files: append([]string{"zz"}, p.Files...), Subject: p.Subject, History: h, Max: 5, Now: now}
	for _, line := range told(reviewers.Recommend(in)) {
		if strings.Contains(line, "click") {
			t.Errorf("reason %q", line)
		}
	}
}

func TestLoadOnce(t *testing.T) {
	a, b := reviewers.NewHistory(), reviewers.NewHistory()
	p := past(1, 5, "x", []string{"a/f"}, 5)
	p.Key = "p~main~I1"
	row, err := reviewers.NewRow(p)
	if err != nil {
		t.Fatal(err)
	}
	row.Seq = 7
	for range 6 {
		if broken := a.Load("", []review.Row{row, {Seq: 9, Data: []byte("{")}}); broken > 1 {
			t.Fatalf("%d broken rows", broken)
		}
	}
	b.Load("", []review.Row{row})
	if a.Mark("") != 9 || b.Mark("") != 7 {
		t.Errorf("marks %d and %d", a.Mark(""), b.Mark(""))
	}
	in := reviewers.Input{Project: "p", Author: account(1), Files: []string{"a/f"}, Max: 3, Now: now}
	in.History = a
	got := reviewers.Recommend(in)
	in.History = b
	if diff := cmp.Diff(reviewers.Recommend(in), got); diff != "" {
		t.Errorf("loaded again (-once +again):\n%s", diff)
	}
}

func TestHistoryConcurrently(t *testing.T) {
	h := story()
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 50 {
				h.Learn(past(int64(j), 1, "pay: x", []string{fmt.Sprint("pay/f", i*j)}, int64(20+i)))
				reviewers.Recommend(reviewers.Input{Project: "p", Author: account(1), Files: []string{"pay/f7", "docs/x"}, History: h, Max: 3, Now: now})
			}
		})
	}
	wg.Wait()
}

// Whatever was learnt, picks pass the gates, have reasons, and come again.
func TestHistoryProperties(t *testing.T) {
	path := rapid.StringMatching(`([a-c]/){0,6}[a-c]`)
	id := rapid.Int64Range(0, 12)
	rapid.Check(t, func(t *rapid.T) {
		h := reviewers.NewHistory()
		for range rapid.IntRange(0, 25).Draw(t, "changes") {
			h.Learn(past(id.Draw(t, "author"), rapid.IntRange(-5, 4000).Draw(t, "age"), rapid.StringMatching(`[a-c]{1,4}: [a-c ]{0,9}`).Draw(t, "subject"),
				rapid.SliceOfN(path, 0, 4).Draw(t, "files"), rapid.SliceOfN(id, 0, 3).Draw(t, "reviewers")...))
		}
		in := reviewers.Input{Project: "p", Author: account(1), Uploader: account(2), Leave: accounts(3), Files: rapid.SliceOfN(path, 1, 40).Draw(t, "change"), Subject: "a: b", History: h, Max: 4, Now: now}
		picks := reviewers.Recommend(in)
		seen := map[int64]bool{0: true, 1: true, 2: true, 3: true}
		for _, p := range picks {
			if seen[p.Account.ID] || len(p.Reasons) == 0 || len(p.Reasons) > 3 || p.Score != p.Score {
				t.Fatalf("bad pick %+v", p)
			}
			seen[p.Account.ID] = true
		}
		if !cmp.Equal(picks, reviewers.Recommend(in)) {
			t.Fatal("the second answer is another")
		}
	})
}

func TestEval(t *testing.T) {
	const in = `{"op":"owners","time":1,"project":"p","path":"a","owners":["u7"],"noparent":false}
{"op":"hello","x":1}

{"op":"rank","id":"1","project":"p","branch":"m","owner":"u1","created":1700000000,"files":["a/x"],"subject":"s","later":[]}
{"op":"learn","id":"1","reviewers":["u2"],"closed":1700000009}
{"op":"learn","id":"unknown","reviewers":["u3"],"closed":1700000009}
{"op":"rank","id":"2","project":"p","branch":"m","owner":"u2","created":1700001000,"files":["b/x"],"subject":"s"}
{"op":"rank","id":"3","project":"p","branch":"m","owner":"","created":1700001000,"files":["a/x"],"subject":"s"}
{"op":"rank","id":"4","project":"p","branch":"m","owner":"","created":1700001000,"files":[],"subject":""}
`
	const want = `{"id":"1","ranked":["u7"]}
{"id":"2","ranked":["u1","u7"]}
{"id":"3","ranked":["u1","u2","u7"]}
{"id":"4","ranked":[]}
`
	var out bytes.Buffer
	if err := reviewers.Eval(t.Context(), strings.NewReader(in), &out, reviewers.EvalOptions{Without: []string{"hour"}}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("Eval (-want +got):\n%s", diff)
	}
	for name, tt := range map[string]struct {
		in, want string
		without  []string
	}{
		"not JSON":          {in: "{\"op\":\"rank\"}\n{", want: "line 2: "},
		"unknown signal":    {without: []string{"luck"}, want: `no signal is called "luck"`},
		"long line":         {in: strings.Repeat("x", 9<<20), want: "longer than 8 MiB"},
		"a later long line": {in: "\n \t\n" + strings.Repeat("x", 9<<20), want: "line 3 is longer than 8 MiB"},
		"an id":             {in: `{"op":"rank","id":1}`, want: `line 1: "id" is or holds a JSON number, want text`},
		"a time":            {in: `{"op":"rank","created":"now"}`, want: `"created" is or holds a JSON string, want a whole number`},
		"files":             {in: `{"op":"rank","files":"a"}`, want: `"files" is or holds a JSON string, want a list of texts`},
		"a list":            {in: `[1]`, want: `it is a JSON array, want an object`},
		"names":             {without: []string{"hours"}, want: `no signal is called "hours", only path20, path500,`},
	} {
		t.Run(name, func(t *testing.T) {
			err := reviewers.Eval(t.Context(), strings.NewReader(tt.in), &out, reviewers.EvalOptions{Without: tt.without})
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Eval = %v, want %q", err, tt.want)
			}
		})
	}
}
