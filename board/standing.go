// SPDX-License-Identifier: Apache-2.0

package board

import (
	"slices"

	"review-assistant/review"
)

// Label is what can be voted on, and the votes.
type Label struct {
	Name  string `json:"name"`
	State string `json:"state"` // what Gerrit makes of the votes: a [review.LabelState]
	Votes []Vote `json:"votes"` // those other than 0, the strongest first; at most 20
}

// Vote is a vote of a person or a program.
type Vote struct {
	Value  int    `json:"value"`
	Person Person `json:"person"`
}

// Submit says what is missing for an open change to be submitted.
type Submit struct {
	Ready        bool          `json:"ready"`        // all submit requirements are met
	Requirements []Requirement `json:"requirements"` // those that apply, the unmet first; at most 20
}

// Requirement is a submit requirement.
type Requirement struct {
	Name   string `json:"name"`
	Status string `json:"status"` // a [review.RequirementStatus]
}

// addStanding puts how the review of a change stands into its row.
func (b *Board) addStanding(c *Change, s *review.Standing) {
	c.Reviewers, c.Labels = []Person{}, []Label{}
	if s == nil {
		return
	}
	for _, a := range s.Reviewers {
		c.Reviewers = append(c.Reviewers, b.person(a))
	}
	for _, l := range s.Labels {
		row := Label{Name: l.Name, State: string(l.State), Votes: make([]Vote, len(l.Votes))}
		for i, v := range l.Votes {
			row.Votes[i] = Vote{v.Value, b.person(v.Account)}
		}
		c.Labels = append(c.Labels, row)
	}
	if s.Submit != nil && c.Status == string(review.StatusNew) {
		c.Submit = &Submit{Ready: s.Submit.Ready, Requirements: make([]Requirement, len(s.Submit.Requirements))}
		for i, r := range s.Submit.Requirements {
			c.Submit.Requirements[i] = Requirement{r.Name, string(r.Status)}
		}
	}
}

// shownAccount is what is kept of an account to be shown.
func shownAccount(a review.Account) review.Account {
	return review.Account{ID: a.ID, Name: a.Display(), Username: a.Username}
}

// ownStanding copies what a Gerrit tells, so that its texts can be cleaned.
func ownStanding(s *review.Standing) *review.Standing {
	if s == nil {
		return nil
	}
	own := &review.Standing{Reviewers: slices.Clone(s.Reviewers), Labels: slices.Clone(s.Labels)}
	for i := range own.Reviewers {
		own.Reviewers[i] = shownAccount(own.Reviewers[i])
	}
	for i := range own.Labels {
		votes := slices.Clone(own.Labels[i].Votes)
		for j := range votes {
			votes[j].Account = shownAccount(votes[j].Account)
		}
		own.Labels[i].Votes = votes
	}
	if s.Submit != nil {
		own.Submit = &review.Submit{Ready: s.Submit.Ready, Requirements: slices.Clone(s.Submit.Requirements)}
	}
	return own
}

// standingTexts are the texts that people wrote: names of people, and others.
func standingTexts(s *review.Standing) (names, lines []*string) {
	if s == nil {
		return nil, nil
	}
	for i := range s.Reviewers {
		names = append(names, &s.Reviewers[i].Name)
	}
	for i := range s.Labels {
		l := &s.Labels[i]
		lines = append(lines, &l.Name)
		for j := range l.Votes {
			names = append(names, &l.Votes[j].Account.Name)
		}
	}
	if s.Submit != nil {
		for i := range s.Submit.Requirements {
			lines = append(lines, &s.Submit.Requirements[i].Name)
		}
	}
	return names, lines
}
