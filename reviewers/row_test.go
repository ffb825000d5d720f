// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// A row gives back what is counted, and holds neither names nor titles.
func TestRowRoundTrip(t *testing.T) {
	id := rapid.Int64Range(-1<<62, 1<<62)
	rapid.Check(t, func(t *rapid.T) {
		want := review.Past{
			Project: rapid.StringN(1, 20, 100).Draw(t, "project"), Branch: rapid.StringN(0, 20, 100).Draw(t, "branch"),
			Author:  review.Account{ID: id.Draw(t, "author")},
			Created: time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "created"), 0).UTC(), Closed: time.Unix(rapid.Int64Range(-1<<40, 1<<40).Draw(t, "closed"), 0).UTC(),
			Files: rapid.SliceOfN(rapid.StringMatching(`([a-c]{1,3}/){0,4}.{0,9}`), 1, 30).Draw(t, "files"),
		}
		for range rapid.IntRange(0, 20).Draw(t, "reviewers") {
			want.Reviewers = append(want.Reviewers, review.Account{ID: id.Draw(t, "reviewer")})
		}
		named := want
		named.Subject, named.Author.Name = "Sesame opens: the secret door", "Zebedee"
		row, err := reviewers.NewRow(named)
		if err != nil {
			t.Fatal(err)
		}
		got, again, err := reviewers.ReadRow(row.Data)
		if diff := cmp.Diff(want, got); err != nil || diff != "" || !bytes.Equal(again, row.Data) {
			t.Fatalf("decoded (-want +got), %v:\n%s", err, diff)
		}
		if s := strings.ToLower(string(row.Data)); strings.Contains(s, "sesame") || strings.Contains(s, "zebedee") {
			t.Fatalf("the row holds a name or a title: %q", s)
		}
		for n := range row.Data {
			if _, _, err := reviewers.ReadRow(row.Data[:n]); err == nil {
				t.Fatalf("the first %d of %d bytes are a row", n, len(row.Data))
			}
		}
	})
}

func TestNewRowRefuses(t *testing.T) {
	for name, p := range map[string]review.Past{
		"no project":   {Files: []string{"a"}},
		"long project": {Project: strings.Repeat("p", 2000), Files: []string{"a"}},
	} {
		if _, err := reviewers.NewRow(p); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// Whatever the bytes are, a row that is read is within limits, says the same
// when written again, and can be learnt.
func FuzzRow(f *testing.F) {
	for _, files := range [][]string{{"a"}, {"a/b/c.go", "a/b/d.go", "z"}} {
		row, err := reviewers.NewRow(past(3, 4, "pay: more words", files, 5, 6))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(row.Data)
	}
	f.Add([]byte{1})
	f.Fuzz(func(t *testing.T, data []byte) {
		p, again, err := reviewers.ReadRow(data)
		broken := reviewers.NewHistory().Load("", []review.Row{{Seq: 1, Data: data}})
		if (err != nil) != (broken == 1) {
			t.Fatalf("read: %v, loaded with %d broken", err, broken)
		}
		if err != nil {
			return
		}
		if len(p.Files) > 30 || len(p.Reviewers) > 20 {
			t.Fatalf("a row of %d files and %d reviewers", len(p.Files), len(p.Reviewers))
		}
		if q, _, err := reviewers.ReadRow(again); err != nil || !cmp.Equal(p, q) {
			t.Fatalf("written again: %v\n%s", err, cmp.Diff(p, q))
		}
	})
}

// Accounts of one person count together, under the first.
func TestSetSame(t *testing.T) {
	mail := reviewers.MailID("Ann@example.com ")
	if mail >= 0 || mail != reviewers.MailID("ann@example.com") {
		t.Fatalf("MailID = %d", mail)
	}
	rows := func() (out []review.Row) {
		for i, by := range [][]int64{{5}, {mail}, {6}, {7}, {8}, {5, 6}} {
			row, err := reviewers.NewRow(past(1, 30-i, "x", []string{"a/f"}, by...))
			if err != nil {
				t.Fatal(err)
			}
			row.Seq = int64(i + 1)
			out = append(out, row)
		}
		return out
	}()
	h := reviewers.NewHistory()
	in := reviewers.Input{Project: "p", Author: account(99), Files: []string{"a/f"}, History: h, Max: 5, Now: now}
	named := func(in reviewers.Input, f reviewers.Facts) map[int64]string {
		out := map[int64]string{}
		for _, p := range reviewers.Choose(in, reviewers.Rank(in), f).Picks {
			out[p.Account.ID] = p.Reasons[0]
		}
		return out
	}
	h.Load("", rows)
	if got := named(in, reviewers.Facts{}); got[5] != "reviewed 2 changes under a/ in the last 90 days" || got[mail] != "" || got[6] == "" {
		t.Fatalf("before: %v", got)
	}
	h.SetSame("", [][]int64{{5, 6, mail}, {8, 5}, {9}})
	if h.Mark("") != 0 {
		t.Fatal("rows are not asked for again")
	}
	h.Load("", rows)
	h.SetSame("", [][]int64{{5, 6, mail}, {8, 5}, {9}})
	if h.Mark("") != 6 {
		t.Fatal("the same groups dropped the history")
	}
	want := map[int64]string{1: "wrote 6 of 6 changes to a/f", 5: "reviewed 4 changes under a/ in the last 90 days", 7: "reviewed 1 change under a/ in the last 90 days", 8: "reviewed 1 change under a/ in the last 90 days"}
	if diff := cmp.Diff(want, named(in, reviewers.Facts{})); diff != "" {
		t.Fatalf("together (-want +got):\n%s", diff)
	}
	for name, change := range map[string]func(*reviewers.Input){
		"author":   func(in *reviewers.Input) { in.Author = account(6) },
		"uploader": func(in *reviewers.Input) { in.Uploader = account(6) },
		"left out": func(in *reviewers.Input) { in.Leave = accounts(6) },
	} {
		in := in
		change(&in)
		if got := named(in, reviewers.Facts{}); got[5] != "" || got[6] != "" {
			t.Errorf("%s under another account: %v", name, got)
		}
	}
	in.Max, in.Owners = 1, owners(t, "6 component:default/a - /a 0", "7 component:default/a - /a 0")
	if got := named(in, reviewers.Facts{}); got[5] != "owns a" {
		t.Errorf("an owner under another account: %v", got)
	}
	if got := named(in, reviewers.Facts{Open: map[int64]int{5: 9, 6: 9}, Asked: map[int64]float64{6: 9}}); got[7] == "" {
		t.Errorf("load under another account: %v", got)
	}
	h.SetSame("", nil)
	if h.Mark("") != 0 || len(named(reviewers.Input{Project: "p", Files: []string{"a/f"}, History: h, Max: 5, Now: now}, reviewers.Facts{})) != 0 {
		t.Error("something is left after another SetSame")
	}
}

// No stream of changes grows a history beyond its limits; what is known counts on.
func TestHistoryLimits(t *testing.T) {
	h := reviewers.NewSmallHistory(200)
	for i := range int64(400) {
		h.Learn(past(i, 1, strings.Repeat("w", int(i%50))+": "+strings.Repeat("z", int(i)), []string{strings.Repeat("d/", int(i%30)) + string(rune('a'+i%26)), "a/f"}, i, i+1, i+2))
		h.Learn(review.Past{Project: strings.Repeat("q", int(i)+1), Files: []string{"x"}, Reviewers: accounts(i)})
	}
	for i, n := range h.Sizes("") {
		if n > 200 {
			t.Errorf("size %d is %d", i, n)
		}
	}
	in := reviewers.Input{Project: "p", Author: account(999), Files: []string{"a/new"}, History: h, Max: 3, Now: now}
	if len(reviewers.Recommend(in)) == 0 {
		t.Error("nobody is named from a full history")
	}
}
