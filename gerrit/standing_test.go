// SPDX-License-Identifier: Apache-2.0

package gerrit_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"review-assistant/gerrit/gerrittest"
	"review-assistant/review"
)

// Whatever Gerrit says of a review, what is told of it is bounded and of known
// words.
func TestStandingOfHostileAnswers(t *testing.T) {
	sha := strings.Repeat("a", 40)
	row := func(more string) string {
		return fmt.Sprintf(`[{"_number":1,"project":"demo","status":"NEW","branch":"main","subject":"s","owner":{"_account_id":7,"name":"Ann"},
			"current_revision":%q,"revisions":{%[1]q:{"_number":3}},"updated":"2026-03-01 12:00:00.000000000"%s}]`, sha, more)
	}
	many := func(n int, f func(i int) string) string {
		var out []string
		for i := range n {
			out = append(out, f(i))
		}
		return strings.Join(out, ",")
	}
	long := strings.Repeat("ö", 5000)
	none := review.Standing{Submit: &review.Submit{}}
	with := func(f func(*review.Standing)) review.Standing {
		s := review.Standing{Submit: &review.Submit{Ready: true}}
		f(&s)
		return s
	}
	bob := review.Account{ID: 8, Name: "Bob", Username: "bob"}
	for _, tt := range []struct {
		name, more string
		want       review.Standing
	}{
		{"nothing", "", none},
		{"nothing at all", `,"reviewers":null,"labels":null,"submit_requirements":null`, none},
		{"empty", `,"reviewers":{},"labels":{"":{"approved":{}}},"submit_requirements":[]`, with(func(*review.Standing) {})},
		{"of a closed change", `,"status":"MERGED","submit_requirements":[{"name":"a","status":"SATISFIED"}]`, review.Standing{}},
		{
			"reviewers", `,"submit_requirements":[],"reviewers":{"REVIEWER":[
				{"_account_id":9,"name":"CI","tags":["SERVICE_USER"]},{"_account_id":8,"name":"Robert","display_name":"Bob","username":"bob","email":"bob@example.com","status":"away"},
				{"_account_id":7,"name":"Ann"},{"_account_id":0,"name":"Zero"},{"_account_id":-1},{"name":"By mail","email":"x@example.com"},{"_account_id":8,"name":"Bob again"},
				{"_account_id":3,"name":"The bot","username":"REVIEW-assistant"},{"_account_id":4}],
				"CC":[{"_account_id":5}],"REMOVED":[{"_account_id":6}]}`,
			with(func(s *review.Standing) { s.Reviewers = []review.Account{{ID: 4}, bob} }),
		},
		{
			"many reviewers", `,"submit_requirements":[],"reviewers":{"REVIEWER":[` + many(500, func(i int) string { return fmt.Sprintf(`{"_account_id":%d,"name":%q}`, 1000-i, long) }) + `]}`,
			with(func(s *review.Standing) {
				for i := range 20 {
					s.Reviewers = append(s.Reviewers, review.Account{ID: int64(501 + i), Name: long[:400]})
				}
			}),
		},
		{
			"votes", `,"submit_requirements":[],"labels":{"Verified":{"rejected":{"_account_id":9},"approved":{"_account_id":8},"all":[
				{"_account_id":9,"name":"CI","tags":["SERVICE_USER"],"value":-1},{"_account_id":8,"name":"Bob","username":"bob","value":1,"date":"2026-03-01 12:00:00.000000000"},
				{"_account_id":7,"value":0},{"_account_id":6},{"value":2},{"_account_id":5,"value":99999},{"_account_id":5,"value":-99999},
				{"_account_id":4,"value":-9223372036854775808},{"_account_id":3,"username":"review-assistant","value":2}]},
				"Quiet":{},"Approved":{"approved":{}},"Liked":{"recommended":{},"value":1},"Both":{"recommended":{},"disliked":{}}}`,
			with(func(s *review.Standing) {
				s.Labels = []review.Label{
					{Name: "Approved", State: review.LabelApproved},
					{Name: "Both", State: review.LabelDisliked},
					{Name: "Liked", State: review.LabelRecommended},
					{Name: "Verified", State: review.LabelRejected, Votes: []review.Vote{
						{Label: "Verified", Value: -1, Account: review.Account{ID: 9, Name: "CI", Service: true}},
						{Label: "Verified", Value: 1, Account: bob, Date: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)},
					}},
					{Name: "Quiet", State: review.LabelNone},
				}
			}),
		},
		{
			"many labels and votes", `,"submit_requirements":[],"labels":{` + many(40, func(i int) string { return fmt.Sprintf(`"L%02d":{}`, i) }) + `,"Z":{"rejected":{},"all":[` +
				many(300, func(i int) string { return fmt.Sprintf(`{"_account_id":%d,"value":%d}`, i+1, i%2+1) }) + `]}}`,
			with(func(s *review.Standing) {
				z := review.Label{Name: "Z", State: review.LabelRejected}
				for i := range 20 {
					z.Votes = append(z.Votes, review.Vote{Label: "Z", Value: 2, Account: review.Account{ID: int64(2 * (i + 1))}})
				}

				s.Labels = append(s.Labels, z)
				for i := range 19 {
					s.Labels = append(s.Labels, review.Label{Name: fmt.Sprintf("L%02d", i), State: review.LabelNone})
				}
			}),
		},
		{
			"requirements", `,"submit_requirements":[{"name":"Verified","status":"SATISFIED"},{"name":"Old","status":"OVERRIDDEN"},{"name":"Owners","status":"UNSATISFIED"},
				{"name":"Not","status":"NOT_APPLICABLE"},{"name":"Broken","status":"ERROR"},{"name":"Odd","status":"MAYBE"},{"status":"FORCED"},{"name":"` + long + `"}]`,
			review.Standing{Submit: &review.Submit{Requirements: []review.Requirement{
				{Name: "Broken", Status: review.RequirementError},
				{Name: "Odd", Status: review.RequirementError},
				{Name: "Owners", Status: review.RequirementUnsatisfied},
				{Name: long[:400], Status: review.RequirementError},
				{Name: "", Status: review.RequirementForced},
				{Name: "Old", Status: review.RequirementOverridden},
				{Name: "Verified", Status: review.RequirementSatisfied},
			}}},
		},
		{
			"met", `,"submit_requirements":[{"name":"a","status":"SATISFIED"},{"name":"b","status":"OVERRIDDEN"},{"name":"c","status":"NOT_APPLICABLE"},{"name":"d","status":"FORCED"}]`,
			with(func(s *review.Standing) {
				s.Submit.Requirements = []review.Requirement{
					{Name: "a", Status: review.RequirementSatisfied},
					{Name: "b", Status: review.RequirementOverridden},
					{Name: "d", Status: review.RequirementForced},
				}
			}),
		},
		{
			"the unmet one of many", `,"submit_requirements":[` + many(50, func(i int) string { return fmt.Sprintf(`{"name":"a%02d","status":"SATISFIED"}`, i) }) + `,{"name":"z","status":"UNSATISFIED"}]`,
			review.Standing{Submit: &review.Submit{Requirements: func() []review.Requirement {
				out := []review.Requirement{{Name: "z", Status: review.RequirementUnsatisfied}}
				for i := range 19 {
					out = append(out, review.Requirement{Name: fmt.Sprintf("a%02d", i), Status: review.RequirementSatisfied})
				}
				return out
			}()}},
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := canned(t, row(tt.more))
			id := review.ChangeID{Host: "main", Project: "demo", Number: 1}
			page, err := c.Seen(t.Context(), review.SightQuery{Account: 7, Standing: true, Limit: 1})
			if err != nil || len(page.Changes) != 1 {
				t.Fatalf("%+v, %v", page, err)
			}
			if diff := cmp.Diff(&tt.want, page.Changes[0].Standing); diff != "" {
				t.Errorf("in a list (-want +got):\n%s", diff)
			}
			sees, err := c.Sees(t.Context(), 7, []review.ChangeID{id}, true)
			if diff := cmp.Diff(&tt.want, sees[id].Standing); err != nil || diff != "" {
				t.Errorf("by its number: %v (-want +got):\n%s", err, diff)
			}
			// Who did not ask is told nothing.
			if sees, err = c.Sees(t.Context(), 7, []review.ChangeID{id}, false); err != nil || sees[id].Standing != nil {
				t.Errorf("without asking: %+v, %v", sees[id].Standing, err)
			}
		})
	}
	for _, bad := range []string{
		`,"labels":[]`, `,"labels":{"a":1}`, `,"labels":{"a":{"approved":1}}`, `,"labels":{"a":{"all":[{"_account_id":8,"value":1e99}]}}`, `,"labels":{"a":{"all":[{"_account_id":"8"}]}}`,
		`,"reviewers":[]`, `,"reviewers":{"REVIEWER":{}}`, `,"submit_requirements":{}`, `,"submit_requirements":[{"status":1}]`,
	} {
		if page, err := canned(t, row(bad)).Seen(t.Context(), review.SightQuery{Account: 7, Standing: true, Limit: 1}); class(err) != "retry" {
			t.Errorf("after %s: %+v, %v", bad, page, err)
		}
	}
}

// What votes do is seen at the next question.
func TestStandingMoves(t *testing.T) {
	g := gerrittest.New(t)
	ann := g.Person("ann")
	k := g.Push(gerrittest.Push{Message: "x"})
	c := open(t, g, nil)
	look := func() *review.Standing {
		t.Helper()
		sees, err := c.Sees(t.Context(), ann.ID, []review.ChangeID{id(k)}, true)
		if err != nil || sees[id(k)].Standing == nil {
			t.Fatalf("%+v, %v", sees, err)
		}
		return sees[id(k)].Standing
	}
	if s := look(); s.Submit.Ready || len(s.Reviewers) > 0 {
		t.Errorf("at first: %+v", s)
	}
	k.AddReviewer("bob")
	k.Vote("bob", "Code-Review", 2, "")
	k.Vote("ci", "Verified", -1, "")
	s := look()
	states := []string{}
	for _, l := range s.Labels {
		states = append(states, fmt.Sprint(l.Name, " ", l.State, " ", l.Votes[0].Value))
	}
	if want := []string{"Code-Review approved 2", "Verified rejected -1"}; !s.Submit.Ready || len(s.Reviewers) == 0 || !slices.Equal(states, want) {
		t.Errorf("then: %+v, %q", s, states)
	}
	k.Abandon()
	if s := look(); s.Submit != nil {
		t.Errorf("closed: %+v", s.Submit)
	}
}

// Nothing that is searched for is more than words of a message.
func FuzzSearch(f *testing.F) {
	for _, s := range []string{"retry", `a" OR is:private "b`, `\"`, "^.*", "4711", "{a}", "-a", "a\x00b", "日本"} {
		f.Add(s)
	}
	g := gerrittest.New(f)
	ann := g.Person("ann")
	c := open(f, g, nil)
	tail := fmt.Sprintf(" visibleto:%d -is:private", ann.ID)
	terms := regexp.MustCompile(`^status:new(?: message:"[^"\\]+"){1,10}$|^status:new \(change:([1-9][0-9]*) OR message:"([1-9][0-9]*)"\)$`)
	f.Fuzz(func(t *testing.T, search string) {
		g.ResetRequests()
		_, err := c.Seen(t.Context(), review.SightQuery{Account: ann.ID, Status: review.StatusNew, Search: search, Limit: 1})
		if search == "" || !review.ValidSearch(search) {
			if search != "" && (err == nil || len(g.Requests()) > 0) {
				t.Errorf("%q is asked for: %v", search, err)
			}
			return
		}
		list := asked(t, g)
		if len(list) != 1 {
			t.Fatalf("%q: %d questions, %v", search, len(list), err)
		}
		q, is := strings.CutSuffix(list[0].Get("q"), tail)
		if !is || !terms.MatchString(q) || strings.Contains(q, `"^`) {
			t.Errorf("%q asks %s", search, list[0].Get("q"))
		}
	})
}
