// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// rows keeps suggestions and ends as a log would.
func rows(t *testing.T, list ...interface{ Row() (review.Row, error) }) []review.Row {
	t.Helper()
	var out []review.Row
	for i, x := range list {
		r, err := x.Row()
		if err != nil {
			t.Fatal(err)
		}
		r.Seq = int64(i + 1)
		out = append(out, r)
	}
	return out
}

func suggested(change int, at time.Time, group string, accounts ...int64) reviewers.Told {
	t := reviewers.Told{Project: "pay", Change: change, PatchSet: 1, At: at}
	for _, a := range accounts {
		t.Picks = append(t.Picks, reviewers.ToldPick{Account: a, Group: group})
	}
	return t
}

func TestReport(t *testing.T) {
	hour := func(n int) time.Time { return now.Add(time.Duration(n) * time.Hour) }
	all := rows(
		t,
		suggested(1, hour(0), "payments", 1, 2),
		suggested(2, hour(1), "payments", 3, 4),
		suggested(3, hour(2), "", 5, 1),
		suggested(4, hour(3), "payments", 2, 3), // still open
		suggested(5, hour(-999), "payments", 6),
		reviewers.Ended{Project: "pay", Change: 1, At: hour(9), Merged: true, Added: []int64{1}, Reviewed: []int64{1}, FirstReview: hour(4)},
		reviewers.Ended{Project: "pay", Change: 2, At: hour(9), Added: []int64{3}, Declined: []int64{3}, FirstReview: hour(3)},
		reviewers.Ended{Project: "pay", Change: 3, At: hour(9), Merged: true},
		reviewers.Ended{Project: "pay", Change: 77, At: hour(9), Merged: true},
		reviewers.Told{Project: "docs", Change: 8, PatchSet: 2, At: hour(1), Picks: []reviewers.ToldPick{{Account: 1}}},
	)
	all = append(all, review.Row{Key: "told/9/1", Data: []byte("{")}, review.Row{Key: "else", Data: []byte("{}")})
	got := reviewers.NewReport(all, "", hour(-1), hour(10))
	want := []reviewers.ReportLine{
		{Kind: "project", Name: "docs", Withheld: true},
		{Kind: "project", Name: "pay", People: 5, Changes: 4, Ended: 3, Suggested: 6, Added: 2, Reviewed: 1, Declined: 1, FirstReview: 4 * 3600, OtherReview: 2 * 3600},
		{Kind: "group", Name: "payments", Withheld: true},
	}
	if diff := cmp.Diff(want, got.Lines); diff != "" {
		t.Errorf("report (-want +got):\n%s", diff)
	}
	if n := len(reviewers.NewReport(all, "docs", hour(-1), hour(10)).Lines); n != 1 {
		t.Errorf("%d lines for one project", n)
	}
}
