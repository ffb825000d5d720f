// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// A Wednesday, and the Monday up to which reports of its week are.
var (
	wednesday = time.Date(2026, 11, 25, 15, 0, 0, 0, time.UTC)
	thatWeek  = time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
)

// feedbackOf takes in rows as a log would hold them.
func feedbackOf(t testing.TB, list ...interface{ Row() (review.Row, error) }) *reviewers.Feedback {
	t.Helper()
	var f reviewers.Feedback
	for i, x := range list {
		r, err := x.Row()
		if err != nil {
			t.Fatal(err)
		}
		r.Seq = int64(i + 1)
		f.Add(r)
	}
	return &f
}

func suggested(change int, at time.Time, group string, accounts ...int64) reviewers.Told {
	t := reviewers.Told{Project: "pay", Change: change, PatchSet: 1, At: at}
	for _, a := range accounts {
		t.Picks = append(t.Picks, reviewers.ToldPick{Account: a, Group: group})
	}
	return t
}

// feed keeps a change that ended a day after the suggestion, for each pair of
// accounts.
type feed struct {
	rows []interface{ Row() (review.Row, error) }
	next int
}

func (f *feed) merged(at time.Time, group string, accounts ...int64) *feed {
	return f.told(suggested(0, at, group, accounts...))
}

func (f *feed) told(s reviewers.Told) *feed {
	f.next++
	s.Change = f.next
	f.rows = append(f.rows, s, reviewers.Ended{
		Project: s.Project, Change: s.Change, At: s.At.Add(24 * time.Hour), Merged: true,
		Added: []int64{s.Picks[0].Account}, Reviewed: []int64{s.Picks[0].Account}, FirstReview: s.At.Add(time.Hour),
	})
	return f
}

func lines(t testing.TB, f *reviewers.Feedback, days int) map[string]reviewers.ReportLine {
	t.Helper()
	r, err := f.Report("", days, wednesday)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]reviewers.ReportLine{}
	for _, l := range r.Lines {
		out[l.Project+"/"+l.Group] = l
	}
	return out
}

func TestReport(t *testing.T) {
	hour := func(n int) time.Time { return thatWeek.Add(time.Duration(n-240) * time.Hour) }
	f := feedbackOf(
		t,
		suggested(1, hour(0), "payments", 1, 2),
		suggested(2, hour(1), "payments", 3, 4),
		suggested(3, hour(2), "", 5, 1),
		suggested(4, hour(3), "payments", 2, 3), // still open
		suggested(5, hour(-9999), "payments", 6),
		reviewers.Ended{Project: "pay", Change: 1, At: hour(9), Merged: true, Added: []int64{1}, Reviewed: []int64{1}, FirstReview: hour(4)},
		reviewers.Ended{Project: "pay", Change: 2, At: hour(9), Added: []int64{3}, Declined: []int64{3}, FirstReview: hour(3)},
		reviewers.Ended{Project: "pay", Change: 3, At: hour(9), Merged: true},
		reviewers.Ended{Project: "pay", Change: 77, At: hour(9), Merged: true},
		reviewers.Told{Project: "docs", Change: 8, PatchSet: 2, At: hour(1), Picks: []reviewers.ToldPick{{Account: 1}}},
	)
	for _, r := range []review.Row{{Key: "told/9/1", Data: []byte("{")}, {Key: "else", Data: []byte("{}")}} {
		if _, ok := f.Add(r); ok {
			t.Errorf("%s taken in", r.Key)
		}
	}
	got, err := f.Report("", 90, wednesday)
	if err != nil {
		t.Fatal(err)
	}
	want := reviewers.Report{Since: thatWeek.AddDate(0, 0, -90), Until: thatWeek, Lines: []reviewers.ReportLine{
		{Project: "docs", Withheld: true},
		// The medians would be about two people each.
		{Project: "pay", People: 5, Changes: 4, Ended: 3, Suggested: 6, Added: 2, AddedOf: 6, Reviewed: 1, Declined: 1},
		{Project: "pay", Group: "payments", Withheld: true},
	}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if one, err := f.Report("docs", 90, wednesday); err != nil || len(one.Lines) != 1 {
		t.Errorf("one project: %+v, %v", one, err)
	}
	for _, days := range []int{0, 7, 31, 91, 181} {
		if _, err := f.Report("", days, wednesday); err == nil {
			t.Errorf("a report of %d days", days)
		}
	}
}

// A week has one report, whenever it is asked for and whatever comes in.
func TestReportStandsForAWeek(t *testing.T) {
	in := new(feed)
	for n := range int64(5) {
		in.merged(thatWeek.Add(-72*time.Hour), "", n, n+1)
	}
	in.merged(thatWeek.Add(-23*time.Hour), "", 1, 2) // ends in the next week
	in.merged(thatWeek, "", 1, 2)
	f := feedbackOf(t, in.rows...)
	var first reviewers.Report
	for i, at := range []time.Time{thatWeek, wednesday, thatWeek.AddDate(0, 0, 7).Add(-time.Second)} {
		r, err := f.Report("", 30, at.In(time.FixedZone("", -7200)))
		if i == 0 {
			first = r
		}
		if err != nil || !cmp.Equal(r, first) || r.Lines[0].Changes != 6 || r.Lines[0].Ended != 5 {
			t.Errorf("at %s: %+v, %v", at, r, err)
		}
	}
	if r, _ := f.Report("", 30, thatWeek.AddDate(0, 0, 7)); r.Lines[0].Ended != 7 {
		t.Errorf("a week later: %+v", r)
	}
	// What is kept for 180 days is removed day by day; the report must not follow.
	old, _ := f.Report("", 180, thatWeek)
	if next := thatWeek.AddDate(0, 0, 7); old.Since.Before(next.Add(-reviewers.KeepFeedback)) {
		t.Errorf("counted from %s on, which is gone before %s", old.Since, next)
	}
}

func TestWhatIsWithheld(t *testing.T) {
	day := func(n int) time.Time { return thatWeek.AddDate(0, 0, -n) }
	five := func(f *feed, at time.Time, group string, from int64) *feed {
		return f.merged(at, group, from, from+1).merged(at, group, from+2, from+3).merged(at, group, from+4)
	}
	tests := []struct {
		name  string
		in    *feed
		days  int
		shown []string
	}{
		{"group and rest", five(five(new(feed), day(9), "a", 1), day(9), "b", 11), 90, []string{"pay/", "pay/a", "pay/b"}},
		{"a group of two is left over", five(new(feed), day(9), "a", 1).merged(day(9), "b", 11, 12), 90, []string{"pay/"}},
		{"picks without a group are left over", five(new(feed), day(9), "a", 1).merged(day(9), "", 11), 90, []string{"pay/"}},
		{"people of a shown group are left over", five(new(feed), day(9), "a", 1).merged(day(9), "b", 1, 2), 90, []string{"pay/"}},
		{"the smallest joins what is left over", five(five(new(feed), day(9), "a", 1).merged(day(9), "a", 6), day(9), "b", 11).merged(day(9), "c", 21), 90, []string{"pay/", "pay/a"}},
		{"enough are left over", five(five(new(feed), day(9), "a", 1), day(9), "", 11), 90, []string{"pay/", "pay/a"}},
		{"four and one whose change is open", &feed{rows: append(new(feed).merged(day(9), "", 1, 2).merged(day(9), "", 3, 4).rows, suggested(9, day(9), "", 5)), next: 9}, 90, nil},
		{"a wider window has one person more", five(new(feed), day(9), "", 1).merged(day(60), "", 1), 30, nil},
		{"and is told itself", five(new(feed), day(9), "", 1).merged(day(60), "", 1), 90, []string{"pay/"}},
		{"a wider window has five people more", five(five(new(feed), day(9), "", 1), day(60), "", 1), 30, []string{"pay/"}},
		{"so has a group", five(five(five(new(feed), day(9), "a", 1), day(9), "", 11), day(60), "", 21).merged(day(60), "a", 1), 30, []string{"pay/"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var shown []string
			for name, l := range lines(t, feedbackOf(t, tt.in.rows...), tt.days) {
				if !l.Withheld {
					shown = append(shown, name)
				}
			}
			if slices.Sort(shown); !slices.Equal(shown, tt.shown) {
				t.Errorf("shown %v, want %v", shown, tt.shown)
			}
		})
	}
}

// Whatever can be had by subtraction within one report is about five people.
func TestNothingIsASubtractionAway(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		in := new(feed)
		for range rapid.IntRange(0, 30).Draw(rt, "changes") {
			s := suggested(0, thatWeek.AddDate(0, 0, -rapid.IntRange(2, 170).Draw(rt, "days")), "")
			s.ByBot = rapid.Bool().Draw(rt, "by the bot")
			for range rapid.IntRange(1, 2).Draw(rt, "picks") {
				s.Picks = append(s.Picks, reviewers.ToldPick{Account: rapid.Int64Range(1, 12).Draw(rt, "account"), Group: rapid.SampledFrom([]string{"", "a", "b", "c"}).Draw(rt, "group")})
			}
			in.told(s)
		}
		days := rapid.SampledFrom([]int{30, 90, 180}).Draw(rt, "window")
		got := lines(t, feedbackOf(t, in.rows...), days)
		people, left, free := map[int64]bool{}, map[int64]bool{}, map[int64]bool{}
		for _, x := range in.rows {
			s, ok := x.(reviewers.Told)
			if !ok || s.At.Before(thatWeek.AddDate(0, 0, -days)) {
				continue
			}
			for _, p := range s.Picks {
				people[p.Account] = true
				if l, known := got["pay/"+p.Group]; p.Group == "" || !known || l.Withheld {
					left[p.Account] = true
					free[p.Account] = free[p.Account] || !s.ByBot
				}
			}
		}
		whole := got["pay/"]
		for name, l := range got {
			if !l.Withheld && (whole.Withheld || l.People < 5) {
				rt.Errorf("%s is told: %+v", name, l)
			}
		}
		if whole.Withheld || len(got) == 0 {
			return
		}
		n := 0
		for _, is := range free {
			if is {
				n++
			}
		}
		if whole.People != len(people) || len(left) > 0 && len(left) < 5 || whole.AddedOf > 0 && n > 0 && n < 5 {
			rt.Errorf("%d people, %d are left over, %d of them to be added: %+v", len(people), len(left), n, got)
		}
	})
}

func TestMediansAndAdded(t *testing.T) {
	day := thatWeek.AddDate(0, 0, -9)
	byBot := func(s reviewers.Told) reviewers.Told { s.ByBot = true; return s }
	group := func(f *feed, name string) *feed {
		return f.merged(day, name, 11, 12).merged(day, name, 13, 14).merged(day, name, 15)
	}
	plain := func() *feed { return new(feed).merged(day, "", 1, 2).merged(day, "", 3, 4).merged(day, "", 5, 6) }
	for _, tt := range []struct {
		name           string
		in             *feed
		added, addedOf int
		median         float64
	}{
		{"six people", plain(), 3, 6, 3600},
		{"the bot added some others", plain().told(byBot(suggested(0, day, "", 7, 8))), 3, 6, 3600},
		{"the bot added all but two", new(feed).merged(day, "", 1, 2).told(byBot(suggested(0, day, "", 3, 4))).told(byBot(suggested(0, day, "", 5, 6))), 0, 0, 3600},
		{"all but two of those left over", group(new(feed).merged(day, "", 1, 2).told(byBot(suggested(0, day, "", 3, 4))).told(byBot(suggested(0, day, "", 5, 6))), "a"), 0, 0, 3600},
		{"all but two of a group", group(new(feed).merged(day, "a", 1, 2).told(byBot(suggested(0, day, "a", 3, 4))).told(byBot(suggested(0, day, "a", 5, 6))), "b"), 0, 0, 3600},
		{"nobody of a group", group(plain().told(byBot(suggested(0, day, "a", 7, 8))), "b"), 6, 11, 3600},
	} {
		if l := lines(t, feedbackOf(t, tt.in.rows...), 90)["pay/"]; l.Added != tt.added || l.AddedOf != tt.addedOf || l.FirstReview != tt.median || l.Withheld {
			t.Errorf("%s: %+v", tt.name, l)
		}
	}
}

// Gerrit's clock may be behind ours.
func TestClosedAtOnce(t *testing.T) {
	at := thatWeek.AddDate(0, 0, -9)
	for behind, want := range map[time.Duration]int{0: 3, 4 * time.Minute: 3, 6 * time.Minute: 2} {
		in := new(feed).merged(at, "", 1, 2, 3).merged(at, "", 4, 5, 6)
		in.rows = append(in.rows, suggested(9, at, "", 1, 2), reviewers.Ended{Project: "pay", Change: 9, At: at.Add(-behind)})
		f := feedbackOf(t, in.rows...)
		if l := lines(t, f, 90)["pay/"]; l.Ended != want {
			t.Errorf("%s behind: %+v", behind, l)
		}
		if _, ok := f.Suggestion(9, at.Add(-behind)); ok != (want == 3) {
			t.Errorf("%s behind: suggestion found: %t", behind, ok)
		}
	}
}

func TestForget(t *testing.T) {
	at := thatWeek.AddDate(0, 0, -9)
	f := feedbackOf(t, suggested(1, at, "", 1), suggested(2, at.Add(time.Hour), "", 1), reviewers.Ended{Change: 1, At: at})
	f.Forget(at.Add(time.Minute))
	if _, old := f.Suggestion(1, wednesday); old {
		t.Error("an old one is remembered")
	}
	if _, ok := f.Suggestion(2, wednesday); !ok {
		t.Error("a new one is forgotten")
	}
}
