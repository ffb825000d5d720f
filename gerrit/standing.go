// SPDX-License-Identifier: Apache-2.0

package gerrit

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"review-assistant/review"
)

const (
	// maxStanding bounds each list of what is told of a review.
	maxStanding = 20
	// maxShownName bounds names of people, labels and requirements, in characters.
	maxShownName = 200
	// maxVote is the highest vote: Gerrit keeps 16 bits of each.
	maxVote = math.MaxInt16
)

// standing tells how the review of a change stands.
func (c *Client) standing(i changeInfo) *review.Standing {
	s := &review.Standing{Labels: c.labels(i.Labels)}
	for _, a := range i.Reviewers["REVIEWER"] {
		if p := shownAccount(a); p.ID > 0 && p.ID != i.Owner.ID && !p.Service && !c.isBot(a) {
			s.Reviewers = append(s.Reviewers, p)
		}
	}
	slices.SortFunc(s.Reviewers, func(a, b review.Account) int { return cmp.Compare(a.ID, b.ID) })
	s.Reviewers = upTo(slices.CompactFunc(s.Reviewers, func(a, b review.Account) bool { return a.ID == b.ID }))
	if i.Status == review.StatusNew {
		s.Submit = submit(i.Required)
	}
	return s
}

// isBot reports whether an account is the one that asks.
func (c *Client) isBot(a accountInfo) bool { return strings.EqualFold(a.Username, c.o.Username) }

// shownAccount is what may be told of an account: no address.
func shownAccount(a accountInfo) review.Account {
	p := a.account()
	return review.Account{ID: p.ID, Name: firstRunes(p.Name, maxShownName), Username: p.Username, Service: p.Service}
}

func upTo[T any](list []T) []T { return list[:min(len(list), maxStanding)] }

func (c *Client) labels(infos map[string]labelInfo) []review.Label {
	var out []review.Label
	for name, i := range infos {
		if name == "" {
			continue
		}
		l := review.Label{Name: firstRunes(name, maxShownName), State: i.state()}
		for _, v := range i.All {
			if v.Value == 0 || v.Value > maxVote || v.Value < -maxVote || v.ID <= 0 || c.isBot(v.accountInfo) {
				continue
			}
			l.Votes = append(l.Votes, review.Vote{Label: l.Name, Value: v.Value, Account: shownAccount(v.accountInfo), Date: v.Date.Time})
		}
		slices.SortFunc(l.Votes, func(a, b review.Vote) int {
			return cmp.Or(cmp.Compare(max(b.Value, -b.Value), max(a.Value, -a.Value)), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Account.ID, b.Account.ID))
		})
		l.Votes = upTo(l.Votes)
		out = append(out, l)
	}
	silent := func(l review.Label) int {
		if l.State == review.LabelNone {
			return 1
		}
		return 0
	}
	slices.SortFunc(out, func(a, b review.Label) int { return cmp.Or(silent(a)-silent(b), cmp.Compare(a.Name, b.Name)) })
	return upTo(out)
}

// state is the worst that Gerrit says of the votes: one vote against it may
// block what another one approves.
func (l *labelInfo) state() review.LabelState {
	switch {
	case l.Rejected != nil:
		return review.LabelRejected
	case l.Approved != nil:
		return review.LabelApproved
	case l.Disliked != nil:
		return review.LabelDisliked
	case l.Recommended != nil:
		return review.LabelRecommended
	}
	return review.LabelNone
}

// submit tells which requirements apply. A status that is not known here counts as
// one that cannot be told, and so does an answer without requirements: a project
// that has none says so.
func submit(infos []requirementInfo) *review.Submit {
	s := &review.Submit{Ready: infos != nil}
	for _, i := range infos {
		status := review.RequirementStatus(strings.ToLower(i.Status))
		switch status {
		case "not_applicable":
			continue
		case review.RequirementSatisfied, review.RequirementUnsatisfied, review.RequirementOverridden, review.RequirementForced:
		default:
			status = review.RequirementError
		}
		s.Ready = s.Ready && status.Met()
		s.Requirements = append(s.Requirements, review.Requirement{Name: firstRunes(i.Name, maxShownName), Status: status})
	}
	met := func(r review.Requirement) int {
		if r.Status.Met() {
			return 1
		}
		return 0
	}
	slices.SortStableFunc(s.Requirements, func(a, b review.Requirement) int { return cmp.Or(met(a)-met(b), cmp.Compare(a.Name, b.Name)) })
	s.Requirements = upTo(s.Requirements)
	return s
}
