// SPDX-License-Identifier: Apache-2.0

package review

// Standing is how the review of a change stands, as Gerrit tells it.
type Standing struct {
	Reviewers []Account // who is asked, without the owner, the bot and other programs
	Labels    []Label   // those that somebody voted on first, then by name
	Submit    *Submit   // nil of a closed change
}

// Label is what can be voted on, and the votes.
type Label struct {
	Name  string
	State LabelState
	Votes []Vote // those other than 0 and without the bot's own, the strongest first
}

// LabelState is what Gerrit makes of the votes on a label.
type LabelState string

// The states of a label. The worst counts.
const (
	LabelApproved    LabelState = "approved"    // the highest vote is there
	LabelRejected    LabelState = "rejected"    // the lowest vote is there
	LabelRecommended LabelState = "recommended" // a vote above 0
	LabelDisliked    LabelState = "disliked"    // a vote below 0
	LabelNone        LabelState = "none"
)

// Submit says what is missing for a change to be submitted.
type Submit struct {
	Ready        bool          // all requirements are met
	Requirements []Requirement // those that apply, the unmet first
}

// Requirement is a submit requirement of a project.
type Requirement struct {
	Name   string
	Status RequirementStatus
}

// RequirementStatus says whether a submit requirement is met.
type RequirementStatus string

// The statuses of a requirement.
const (
	RequirementSatisfied   RequirementStatus = "satisfied"
	RequirementUnsatisfied RequirementStatus = "unsatisfied"
	RequirementOverridden  RequirementStatus = "overridden" // not met, and somebody may ignore that
	RequirementForced      RequirementStatus = "forced"     // not met, and submitted all the same
	RequirementError       RequirementStatus = "error"      // it cannot be told
)

// Met reports whether a requirement keeps nobody from submitting.
func (s RequirementStatus) Met() bool {
	return s == RequirementSatisfied || s == RequirementOverridden || s == RequirementForced
}
