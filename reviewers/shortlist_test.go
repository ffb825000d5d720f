// SPDX-License-Identifier: Apache-2.0

package reviewers_test

import (
	"slices"
	"strings"
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

// Whoever else owns something is asked about before the sixth of one team.
func TestShortlistCovers(t *testing.T) {
	in := reviewers.Input{Project: "p", Author: account(99), Files: []string{"pay/a", "pay/b", "pay/c", "docs/x"}, Max: 2, Now: now}
	own := func(id int64, path string) {
		in.Owners = append(in.Owners, review.Owner{Entity: "component:default/" + path, Title: path, Path: path, Person: review.Person{Account: account(id)}})
	}
	for i := range int64(12) {
		own(20+i, "pay")
	}
	own(11, "docs")
	got := ids(reviewers.Choose(in, reviewers.Shortlist(reviewers.Rank(in), 10), reviewers.Facts{}).Picks)
	if !slices.Contains(got, 11) {
		t.Errorf("picked %v, want the owner of docs among them", got)
	}
}

// One person is known by addresses that no account shows.
func TestAddressesOfOnePerson(t *testing.T) {
	h := reviewers.NewHistory()
	h.SetSame("", [][]int64{{reviewers.MailID("ten@old.example.com"), 10}})
	for range 9 {
		h.Learn(past(1, 5, "pay: more", []string{"pay/a.go"}, 10, 11))
	}
	in := reviewers.Input{Project: "p", Author: account(1), Files: []string{"pay/a.go"}, History: h, Max: 5, Now: now}
	if got := ids(reviewers.Recommend(in)); len(got) != 2 {
		t.Errorf("picked %v, want both", got)
	}
	in.Message = "x\n\nCo-authored-by: Ten <Ten@old.example.com>\n"
	if got := ids(reviewers.Recommend(in)); !slices.Equal(got, []int64{11}) {
		t.Errorf("picked %v, want who is no co-author", got)
	}
	// What the author did with another account counts.
	h.SetSame("", [][]int64{{1, 7}})
	for range 9 {
		h.Learn(past(1, 5, "pay: more", []string{"pay/a.go"}, 10, 11))
	}
	in.Message, in.Author = "", account(7)
	if got := told(reviewers.Recommend(in)); len(got) != 2 || !strings.Contains(got[0], "of the author's last") {
		t.Errorf("picked %v", got)
	}
}
