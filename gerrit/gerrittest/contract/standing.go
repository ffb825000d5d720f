// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"fmt"
	"net/http"
	"path"

	"review-assistant/review"
)

// standings compares what is told of votes and requirements: in a list, and of
// changes by their numbers.
func standings(s *scene) {
	project := s.Project()
	ann, rita, zoe := s.Person("ann"), s.Person("rita"+path.Base(project)), s.Person("zoe"+path.Base(project))
	open := s.Push(project, Push{Message: "Open", Files: map[string]string{"a": "x\n"}})
	liked := s.Push(project, Push{Message: "Liked", Files: map[string]string{"b": "x\n"}})
	gone := s.Push(project, Push{Message: "Gone", Files: map[string]string{"c": "x\n"}})
	s.want(s.call(ann, http.MethodPost, open.path()+"/reviewers", object{"reviewer": s.Bot().Username}), http.StatusOK, "")
	s.want(s.call(ann, http.MethodPost, liked.path()+"/reviewers", object{"reviewer": zoe.Username}), http.StatusOK, "")
	s.Vote(open, rita.Username, 1)
	s.Vote(open, zoe.Username, -1)
	s.Vote(liked, rita.Username, 1)
	s.Abandon(gone)

	standing := func(c review.Seen) string {
		s.Helper()
		if c.Standing == nil {
			return "nothing"
		}
		out := ""
		for _, a := range c.Standing.Reviewers {
			if a.Name == "" || a.Username == "" || a.Email != "" {
				s.Errorf("a reviewer is %+v", a)
			}
			out += map[int64]string{ann.ID: "ann", rita.ID: "rita", zoe.ID: "zoe"}[a.ID] + " "
		}
		for _, l := range c.Standing.Labels {
			if l.Name != "Code-Review" {
				continue // other labels are the server's own
			}
			out += string(l.State)
			for _, v := range l.Votes {
				out += fmt.Sprint(" ", map[int64]string{rita.ID: "rita", zoe.ID: "zoe"}[v.Account.ID], v.Value)
			}
		}
		if c.Standing.Submit == nil {
			return out + " closed"
		}
		out += fmt.Sprint(" ready ", c.Standing.Submit.Ready)
		for _, r := range c.Standing.Submit.Requirements {
			if r.Name == "Code-Review" {
				out += " " + string(r.Status)
			}
		}
		return out
	}
	want := map[int]string{
		open.Number:  "rita zoe disliked zoe-1 rita1 ready false unsatisfied",
		liked.Number: "rita zoe recommended rita1 ready false unsatisfied",
		gone.Number:  "none closed",
	}
	client := s.client()
	page, err := client.Seen(s.Context(), review.SightQuery{Account: rita.ID, Project: project, Standing: true, Limit: 10})
	if err != nil || len(page.Changes) != 3 {
		s.Fatalf("%d changes, %v", len(page.Changes), err)
	}
	for _, c := range page.Changes {
		if got := standing(c); got != want[c.ID.Number] {
			s.Errorf("in a list %s stands %q, want %q", c.Subject, got, want[c.ID.Number])
		}
	}
	sees, err := client.Sees(s.Context(), rita.ID, []review.ChangeID{open.id(), liked.id(), gone.id()}, true)
	if err != nil || len(sees) != 3 {
		s.Fatalf("%d changes, %v", len(sees), err)
	}
	for id, c := range sees {
		if got := standing(c); got != want[id.Number] {
			s.Errorf("by its number %s stands %q, want %q", c.Subject, got, want[id.Number])
		}
	}
}

// searches compares what branches, words and numbers find.
func searches(s *scene) {
	project := s.Project()
	rita := s.Person("rita" + path.Base(project))
	names := map[int]string{}
	push := func(name, message, branch string) Change {
		s.Helper()
		u := Push{Message: message, Branch: branch, Files: map[string]string{name: "x\n"}}
		if branch != "" {
			u.Base = map[string]string{"base": "x\n"}
		}
		c := s.Push(project, u)
		names[c.Number] = name
		return c
	}
	first := push("first", "Retry payments once\n\nSee pay/retry.go and the note (\"twice\").", "")
	push("second", "Charge payments 4711 times", "")
	push("third", "Retry on the release", "refs/heads/release/1.2")
	for _, tt := range []struct {
		q    review.SightQuery
		want string
	}{
		{review.SightQuery{Branch: "release/1.2"}, "[third]"},
		{review.SightQuery{Branch: "release"}, "[]"},
		{review.SightQuery{Branch: "main", Search: "retry"}, "[first]"},
		{review.SightQuery{Search: "RETRY"}, "[first third]"},
		{review.SightQuery{Search: "payments once"}, "[first]"},
		{review.SightQuery{Search: "once payments"}, "[first]"},
		{review.SightQuery{Search: "payments release"}, "[]"},
		{review.SightQuery{Search: "pay/retry.go"}, "[first]"},
		{review.SightQuery{Search: `"twice").`}, "[first]"},
		{review.SightQuery{Search: "4711"}, "[second]"},
		{review.SightQuery{Search: fmt.Sprint(first.Number)}, "[first]"},
		{review.SightQuery{Search: "^.*"}, ""},
		{review.SightQuery{Search: "^retry"}, "[first third]"},
		{review.SightQuery{Search: `nowhere" OR status:open OR message:"`}, "[]"},
		{review.SightQuery{Search: "nowhere OR status:open"}, "[]"},
		{review.SightQuery{Search: "{retry} (once) -payments"}, "[first]"},
	} {
		tt.q.Account, tt.q.Project, tt.q.Limit = rita.ID, project, 100
		if tt.want == "" {
			if _, err := s.client().Seen(s.Context(), tt.q); err == nil {
				s.Errorf("%q is asked for", tt.q.Search)
			}
			continue
		}
		if got := fmt.Sprint(s.sight(tt.q, names)); got != tt.want {
			s.Errorf("%+v finds %s, want %s", tt.q, got, tt.want)
		}
	}
}
