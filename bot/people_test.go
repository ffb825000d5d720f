// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"review-assistant/audit"
	"review-assistant/review"
	"review-assistant/reviewers"
)

// team is an account for each of five owners of everything, and a sixth person.
func team(w *world) *catalogList {
	w.people = map[int64]review.Account{}
	l := &catalogList{}
	for i, name := range []string{"Dora", "Emil", "Fay", "Gus", "Hal", "Ivo"} {
		a := review.Account{ID: int64(20 + i), Name: name}
		w.people[a.ID] = a
		if i < 5 {
			l.owners = append(l.owners, review.Owner{
				Person: review.Person{Entity: "user:default/" + strings.ToLower(name), Name: name, Account: a},
				Entity: "component:default/pay", Title: "pay", Group: "payments",
			})
		}
	}
	w.b.catalog = l
	return l
}

// named returns the names behind "Reviewers:" and "Else:" of a comment.
func named(c review.Comment) (out []string) {
	for line := range strings.Lines(c.Message) {
		for _, lead := range []string{"Reviewers: ", "Else: "} {
			if rest, ok := strings.CutPrefix(line, lead); ok {
				name, _, _ := strings.Cut(rest, " (")
				if name = strings.TrimSuffix(strings.TrimSpace(name), "."); !strings.HasPrefix(name, "nobody") {
					out = append(out, name)
				}
			}
		}
	}
	return out
}

// out is a [Staff] of people who are not there.
type out []int64

func (out) Same() [][]string { return nil }

func (o out) Out(a review.Account, _ time.Time) bool {
	return slices.Contains(o, a.ID) || a.Status == "on holiday"
}

func TestOnlyWhoMayBeNamedIs(t *testing.T) {
	tests := []struct {
		name  string
		setup func(w *world)
		want  []string // one of them comes first
		alone bool
		note  string
	}{
		{name: "all there", want: []string{"Dora", "Emil", "Fay", "Gus", "Hal"}},
		{name: "inactive, service, away, opted out", want: []string{"Hal"}, alone: true, setup: func(w *world) {
			w.people[20] = review.Account{ID: 20, Name: "Dora", Inactive: true}
			w.people[21] = review.Account{ID: 21, Name: "Emil", Service: true}
			w.people[22] = review.Account{ID: 22, Name: "Fay", Status: "on holiday"}
			w.b.staff = out{23}
		}},
		{name: "unknown to Gerrit", want: []string{"Hal"}, alone: true, setup: func(w *world) {
			for id := int64(20); id < 24; id++ {
				delete(w.people, id)
			}
		}},
		{name: "busy", want: []string{"Gus"}, setup: func(w *world) {
			w.open = map[int64]int{20: 9, 21: 8, 22: 7, 24: 9}
		}},
		{name: "load is unknown", want: []string{"Dora", "Emil", "Fay", "Gus", "Hal"}, setup: func(w *world) {
			w.fail["open reviews"] = []error{errors.New("timeout")}
		}},
		{name: "accounts are unknown", note: "nobody named, because Gerrit did not say", setup: func(w *world) {
			w.fail["accounts"] = []error{errors.New("timeout")}
		}},
		{name: "all away", note: "nobody could be found", setup: func(w *world) { w.b.staff = out{20, 21, 22, 23, 24} }},
	}
	for _, tc := range tests {
		t.Run(tc.name, func(t *testing.T) {
			w := newWorld(t, &scripted{answers: []string{goodAnswer}})
			w.optIn("pay", "")
			team(w)
			if tc.setup != nil {
				tc.setup(w)
			}
			w.push("pay", 7, review.KindRework, payments(planted))
			w.drain()
			w.wantPosts(1)
			got := named(w.posts[0])
			if len(tc.want) == 0 && len(got) != 0 || len(tc.want) > 0 && (len(got) == 0 || !slices.Contains(tc.want, got[0])) {
				t.Errorf("named %v, want one of %v first", got, tc.want)
			}
			if tc.alone && len(got) != 1 {
				t.Errorf("named %v", got)
			}
			if !strings.Contains(w.posts[0].Message, tc.note) {
				t.Errorf("the comment lacks %q:\n%s", tc.note, w.posts[0].Message)
			}
			for _, word := range []string{"holiday", "away", "open review", "load", "busy"} {
				if strings.Contains(w.posts[0].Message, word) {
					t.Errorf("the comment says %q:\n%s", word, w.posts[0].Message)
				}
			}
		})
	}
}

// The owners of a component take turns although nothing tells them apart.
func TestSuggestionsSpread(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	team(w)
	first := map[string]int{}
	for n := range 20 {
		w.push("pay", 7+n, review.KindRework, payments(planted))
		w.drain()
		first[named(w.posts[n])[0]]++
		w.now = w.now.Add(time.Hour)
	}
	if len(first) != 5 || slices.Max([]int{first["Dora"], first["Emil"], first["Fay"], first["Gus"], first["Hal"]}) > 5 {
		t.Errorf("asked first: %v", first)
	}
}

func TestSuggestionIsKeptAndReplays(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	team(w)
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	rows, err := w.logs.Rows(t.Context(), FeedbackLog(testHost), 0, 10)
	if err != nil || len(rows) != 1 || rows[0].Key != reviewers.ToldKey(7, 1) {
		t.Fatalf("rows %v, %v", rows, err)
	}
	told, ok := reviewers.ParseTold(rows[0])
	if !ok || told.Audit != w.last(c, 1).Audit || len(told.Picks) != 2 || told.Picks[0].Group != "payments" || told.ByBot {
		t.Fatalf("kept %+v", told)
	}
	record, ok, err := w.logs.RowOf(t.Context(), RecordsLog(testHost), rows[0].Key)
	if err != nil || !ok {
		t.Fatalf("no record: %v", err)
	}
	marked := slices.ContainsFunc(w.log, func(e audit.Entry) bool {
		return e.Action == audit.ActionPost && slices.Contains(e.Why.Evidence, SuggestionMark(record.Data))
	})
	if !marked {
		t.Error("the audit log does not tell the suggestion")
	}
	var r reviewers.Record
	if err := json.Unmarshal(record.Data, &r); err != nil {
		t.Fatal(err)
	}
	again, err := r.Replay()
	if err != nil || !slices.Equal(again, []int64{told.Picks[0].Account, told.Picks[1].Account}) {
		t.Errorf("replayed %v, %v; named %+v", again, err, told.Picks)
	}
	for _, data := range [][]byte{rows[0].Data, record.Data} {
		if strings.Contains(string(data), "Dora") || strings.Contains(string(data), "authorize") {
			t.Errorf("names or paths are kept: %s", data)
		}
	}
	// What each report reads is small.
	if len(rows[0].Data) > 500 {
		t.Errorf("a suggestion takes %d bytes: %s", len(rows[0].Data), rows[0].Data)
	}
}

// joined is a [Staff] that knows accounts of one person.
type joined struct {
	out
	names [][]string
}

func (j joined) Same() [][]string { return j.names }

// Whoever wrote a change is not asked to review it with a second account.
func TestAccountsOfOnePerson(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	team(w)
	w.b.staff = joined{names: [][]string{{"1", "20", "21", "22", "23", "old@example.com"}}}
	w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	if got := named(w.posts[0]); !slices.Equal(got, []string{"Hal"}) {
		t.Errorf("named %v, want only who is not the author", got)
	}
	w.b.staff = joined{names: [][]string{{"1", "20"}}}
	if err := w.b.rejoin(t.Context(), testHost); err != nil {
		t.Fatal(err)
	}
	w.push("pay", 8, review.KindRework, payments(planted))
	w.drain()
	if got := named(w.posts[1]); slices.Contains(got, "Dora") || len(got) != 2 {
		t.Errorf("named %v", got)
	}
}

// The second covers what the first has nothing to do with, and it says so.
func TestTheSecondCoversTheRest(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	l := team(w)
	l.owners = l.owners[:2]
	l.owners[0].Path, l.owners[1].Path = "pay", "docs"
	p := payments(planted)
	p.Files = append(p.Files, review.File{Path: "docs/pay.md", Status: review.FileModified, Mode: 0o100644, Added: 1, Hunks: []review.Hunk{{
		NewStart: 1, NewLines: 1, Lines: []review.Line{{Op: review.OpAdd, Text: "Payments are tried again."}},
	}}})
	w.push("pay", 7, review.KindRework, p)
	w.drain()
	text := w.posts[0].Message
	if a, b := strings.Index(text, "Reviewers: "), strings.Index(text, "For the rest: "); a < 0 || b < a {
		t.Errorf("the comment:\n%s", text)
	}
}

// A log that cannot be read costs what it would tell, never the comment.
func TestLogsAreDown(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	team(w)
	for range 50 {
		w.fail["rows"] = append(w.fail["rows"], errors.New("broken"))
		w.fail["append"] = append(w.fail["append"], errors.New("broken"))
	}
	c := w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	w.wantPosts(1)
	if got := named(w.posts[0]); len(got) != 2 || w.last(c, 1).Verdict != review.VerdictPosted {
		t.Errorf("named %v, outcome %+v", got, w.last(c, 1))
	}
}

// learnt writes n changes by alice that somebody reviewed into the history.
func learnt(w *world, by int64, n int) {
	w.t.Helper()
	var list []review.Closed
	for i := range n {
		list = append(list, review.Closed{
			ID: review.ChangeID{Host: testHost, Project: "pay", Number: 1000*int(by) + i}, Branch: "main", ChangeKey: fmt.Sprintf("I%d-%d", by, i),
			Status: review.StatusMerged, Subject: "pay: more", Created: w.now.Add(-time.Hour), Closed: w.now, Owner: alice,
			Files: []string{"pay/authorize.go"}, Voters: []review.Account{{ID: by}},
		})
	}
	if _, _, err := w.b.learn(w.t.Context(), testHost, list); err != nil {
		w.t.Fatal(err)
	}
}

// A co-author is known by address alone, and what was kept of reviews has none.
func TestCoAuthorIsNotNamed(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	w.people = map[int64]review.Account{30: {ID: 30, Name: "Bob", Email: "Bob@example.com"}, 31: {ID: 31, Name: "Cid"}}
	learnt(w, 30, 9)
	learnt(w, 31, 2)
	c := w.push("pay", 7, review.KindRework, payments(planted))
	c.Message = "Retry payments\n\n" + strings.Repeat("long ", 20_000) + "\n\nCo-authored-by: Bob <bob@example.com>\n"
	w.drain()
	if got := named(w.posts[0]); !slices.Equal(got, []string{"Cid"}) {
		t.Errorf("named %v", got)
	}
}

// fickle is a catalog that is down at times.
type fickle struct {
	*catalogList
	down bool
}

func (f *fickle) Owners(ctx context.Context, host, project, branch string, paths []string) ([]review.Owner, string, error) {
	if f.down {
		return nil, "it answers 500", nil
	}
	return f.catalogList.Owners(ctx, host, project, branch, paths)
}

// An outage between patch sets gives nobody a second set of names.
func TestOutageNamesNobodyElse(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	f := &fickle{catalogList: team(w)}
	w.b.catalog = f
	learnt(w, 25, 3)
	for n := range 3 {
		f.down = n == 1
		p := payments(planted)
		p.Files[0].Hunks[0].Lines = append(p.Files[0].Hunks[0].Lines, review.Line{Op: review.OpAdd, Text: fmt.Sprintf("func Step%d(ctx context.Context) error { return retry(ctx, %d) }", n, n)})
		w.push("pay", 7, review.KindRework, p)
		w.drain()
		w.now = w.now.Add(time.Hour)
	}
	all := 0
	for _, c := range w.posts {
		all += len(named(c))
	}
	if all != 2 {
		t.Errorf("%d names in %d comments, want the two of the first", all, len(w.posts))
	}
}

// Many owners cost Gerrit no more than a few questions.
func TestFewQuestionsAboutPeople(t *testing.T) {
	w := newWorld(t, nil)
	w.optIn("pay", "")
	l := team(w)
	for id := int64(100); id < 140; id++ {
		w.people[id] = review.Account{ID: id, Name: fmt.Sprint("P", id)}
		o := l.owners[0]
		o.Person = review.Person{Entity: fmt.Sprint("user:default/p", id), Account: w.people[id]}
		l.owners = append(l.owners, o)
	}
	w.push("pay", 7, review.KindRework, payments(planted))
	w.drain()
	if w.asked > askAtOnce || len(named(w.posts[0])) != 2 {
		t.Errorf("asked of %d people, named %v", w.asked, named(w.posts[0]))
	}
}

// never is an [OwnersFiles] that only says who is not to be suggested.
type never []review.Person

func (n never) Owners(context.Context, string, string, []string) ([]review.Owner, []review.Person, string, error) {
	return nil, n, "", nil
}

// Who is not to be suggested for a file is not, though the history knows him.
func TestNeverSuggested(t *testing.T) {
	bob := review.Account{ID: 30, Name: "Bob", Email: "bob@example.com"}
	for _, tt := range []struct {
		name  string
		never never
		want  []string
	}{
		{"nobody is left out", nil, []string{"Bob", "Cid"}},
		{"an account", never{{Email: "b@example.com", Account: bob}}, []string{"Cid"}},
		{"an address", never{{Email: "bob@example.com"}}, []string{"Cid"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, nil)
			w.optIn("pay", "")
			w.people = map[int64]review.Account{30: bob, 31: {ID: 31, Name: "Cid"}}
			h := w.b.hosts[testHost]
			h.Owners = tt.never
			w.b.hosts[testHost] = h
			learnt(w, 30, 9)
			learnt(w, 31, 2)
			w.push("pay", 7, review.KindRework, payments(planted))
			w.drain()
			if got := named(w.posts[0]); !slices.Equal(got, tt.want) {
				t.Errorf("named %v, want %v", got, tt.want)
			}
		})
	}
}

// Names of the change at hand are no load, and a change counts once.
func TestAskedCountsChanges(t *testing.T) {
	w := newWorld(t, nil)
	for _, told := range []reviewers.Told{
		{Change: 1, PatchSet: 1, At: w.now, Picks: []reviewers.ToldPick{{Account: 20}}},
		{Change: 1, PatchSet: 2, At: w.now, Picks: []reviewers.ToldPick{{Account: 21}}},
		{Change: 2, PatchSet: 1, At: w.now, Picks: []reviewers.ToldPick{{Account: 21}, {Account: 22}}},
	} {
		row, err := told.Row()
		if err != nil {
			t.Fatal(err)
		}
		if _, err := w.logs.Append(t.Context(), FeedbackLog(testHost), []review.Row{row}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := w.b.asked(t.Context(), review.ChangeID{Host: testHost, Project: "pay", Number: 2})
	if err != nil || len(got) != 1 || got[21] != 1 {
		t.Errorf("asked = %v, %v", got, err)
	}
}
