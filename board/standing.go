// SPDX-License-Identifier: Apache-2.0

package board

import "review-assistant/review"

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

// sighted is a change that Gerrit shows, as it is kept for a minute.
type sighted struct {
	review.Seen           // without its Standing
	standing    *standing // nil when that was not asked for
}

// standing is how the review of a change stands, as rows tell it. Its lists are
// never nil. Rows share them: nobody writes to them.
type standing struct {
	reviewers []Person
	labels    []Label
	submit    *Submit
}

// sighted copies what a Gerrit tells of a change. Its texts are still to be
// cleaned.
func (b *Board) sighted(c review.Seen) *sighted {
	out := &sighted{Seen: c}
	out.Standing = nil
	if c.Standing == nil {
		return out
	}
	person := func(a review.Account) Person {
		a.Name = a.Display()
		return b.person(a)
	}
	s := &standing{reviewers: make([]Person, len(c.Standing.Reviewers)), labels: make([]Label, len(c.Standing.Labels))}
	for i, a := range c.Standing.Reviewers {
		s.reviewers[i] = person(a)
	}
	for i, l := range c.Standing.Labels {
		s.labels[i] = Label{Name: l.Name, State: string(l.State), Votes: make([]Vote, len(l.Votes))}
		for j, v := range l.Votes {
			s.labels[i].Votes[j] = Vote{v.Value, person(v.Account)}
		}
	}
	if submit := c.Standing.Submit; submit != nil && c.Status == review.StatusNew {
		s.submit = &Submit{Ready: submit.Ready, Requirements: make([]Requirement, len(submit.Requirements))}
		for i, r := range submit.Requirements {
			s.submit.Requirements[i] = Requirement{r.Name, string(r.Status)}
		}
	}
	out.standing = s
	return out
}

// texts are those that people wrote: names of people, and others.
func (s *standing) texts() (names, lines []*string) {
	if s == nil {
		return nil, nil
	}
	for i := range s.reviewers {
		names = append(names, &s.reviewers[i].Name)
	}
	for i := range s.labels {
		l := &s.labels[i]
		lines = append(lines, &l.Name)
		for j := range l.Votes {
			names = append(names, &l.Votes[j].Person.Name)
		}
	}
	if s.submit != nil {
		for i := range s.submit.Requirements {
			lines = append(lines, &s.submit.Requirements[i].Name)
		}
	}
	return names, lines
}
