// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"slices"
	"testing"

	"review-assistant/review"
	"review-assistant/reviewers"
)

// What Gerrit says of an account may come after the ranking.
func TestChooseAsksTheGatesAgain(t *testing.T) {
	h := reviewers.NewHistory()
	var rows []review.Row
	for i := range int64(6) {
		row, err := reviewers.NewRow(past(1, 5, "pay: more", []string{"pay/a.go"}, 10+i))
		if err != nil {
			t.Fatal(err)
		}
		row.Seq = i + 1
		rows = append(rows, row)
	}
	h.Load("", rows)
	in := reviewers.Input{Project: "p", Author: account(1), Files: []string{"pay/a.go"}, History: h, Max: 5, Now: now, Message: "x\n\nCo-authored-by: Ten <TEN@example.com>\n"}
	list := reviewers.Rank(in)
	for i := range list {
		switch a := &list[i].Account; a.ID {
		case 10:
			a.Email = "ten@example.com"
		case 11:
			a.Inactive = true
		case 12:
			a.Service = true
		}
	}
	got := ids(reviewers.Choose(in, list, reviewers.Facts{}).Picks)
	if slices.Sort(got); !slices.Equal(got, []int64{13, 14, 15}) {
		t.Errorf("picked %v", got)
	}
}

func TestShortlist(t *testing.T) {
	h := story()
	in := reviewers.Input{Project: "p", Author: account(99), Files: []string{"pay/api.go"}, History: h, Max: 5, Now: now}
	for i := range int64(9) {
		in.Owners = append(in.Owners, review.Owner{Entity: "component:default/pay", Title: "pay", Path: "pay", Distance: int(i), Person: review.Person{Account: account(50 + i)}})
	}
	all := reviewers.Rank(in)
	of := func(list []reviewers.Candidate) (out []int64) {
		for _, c := range list {
			out = append(out, c.Account.ID)
		}
		return out
	}
	short := of(reviewers.Shortlist(all, 6))
	if len(short) != 6 || !slices.Contains(short, 50) || !slices.Contains(short, 10) {
		t.Errorf("%v of %v", short, of(all))
	}
	if rest := of(reviewers.Shortlist(all, 99)); !slices.Equal(rest, of(all)) {
		t.Errorf("%v, want all", rest)
	}
}
