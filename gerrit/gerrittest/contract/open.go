// SPDX-License-Identifier: Apache-2.0

package contract

import (
	"path"

	"github.com/google/go-cmp/cmp"

	"review-assistant/review"
)

// openAndReady counts open changes for two accounts, one of which does not read a
// branch.
func openAndReady(s *scene) {
	project := s.Project()
	ann, rita := s.Person("ann"), s.Person("rita"+path.Base(project))
	push := func(name string, p Push) Change {
		s.Helper()
		p.Message = name
		if p.Files == nil {
			p.Files = map[string]string{name: "x\n"}
		}
		return s.Push(project, p)
	}
	ready := push("ready", Push{Files: map[string]string{"pay/a": "x\n"}})
	liked := push("liked", Push{Files: map[string]string{"pay/b": "x\n"}})
	blocked := push("blocked", Push{})
	hidden := push("hidden", Push{Branch: secretRef, Base: map[string]string{"base": "x\n"}})
	private, wip, gone := push("private", Push{}), push("wip", Push{}), push("gone", Push{})
	for _, c := range []Change{ready, blocked, hidden, private, wip} {
		s.Approve(c)
	}
	s.Vote(liked, rita.Username, 1)
	s.SetPrivate(private, true)
	s.SetWIP(wip, true)
	s.Abandon(gone)
	s.HideBranch(project, secretRef, rita)

	count := func(q review.OpenQuery, want map[string]review.Open) {
		s.Helper()
		q.Project = project
		got, err := s.client().Open(s.Context(), q)
		if diff := cmp.Diff(review.OpenCount{Branches: want}, got); err != nil || diff != "" {
			s.Errorf("%+v counts %v (-want +got):\n%s", q, err, diff)
		}
	}
	count(review.OpenQuery{Account: ann.ID}, map[string]review.Open{"main": {All: 3, Ready: 2}, "secret": {All: 1, Ready: 1}})
	count(review.OpenQuery{Account: rita.ID}, map[string]review.Open{"main": {All: 3, Ready: 2}})
	count(review.OpenQuery{Account: rita.ID, Dir: "pay"}, map[string]review.Open{"main": {All: 2, Ready: 1}})
	count(review.OpenQuery{Account: rita.ID, Dir: "nowhere"}, map[string]review.Open{})
	count(review.OpenQuery{Account: ann.ID, Branch: "secret"}, map[string]review.Open{"secret": {All: 1, Ready: 1}})
	count(review.OpenQuery{Account: ann.ID, Branch: "secre"}, map[string]review.Open{})
	count(review.OpenQuery{Account: rita.ID, Branch: "secret"}, map[string]review.Open{})
	if got, err := s.client().Open(s.Context(), review.OpenQuery{Account: 999_999_999, Project: project}); err == nil {
		s.Errorf("for an account that is not there %+v is counted", got)
	}
}
