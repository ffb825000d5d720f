// SPDX-License-Identifier: Apache-2.0

// Package summarize turns a scrubbed patch into a [Draft]: what changes, where
// to look first, and facts.
//
// The invariant: every word of a Draft is computed from the patch, or was
// written by a model and checked against the patch afterwards. Without a
// model, or when its answer does not survive the check, the draft is computed
// ([Offline]). Nothing here posts; the seal of package bot looks again.
//
// What changed lines do is told in effects.go and the files that it calls. A
// language is a row in languages.go, a risk a row in risks.go, a kind of
// file a row in classify.go.
package summarize

import (
	"review-assistant/llm"
	"review-assistant/review"
	"review-assistant/scrub"
)

// Draft is a verified summary before it is composed into a comment.
type Draft struct {
	Title     scrub.Text   // one line, at most 80 characters
	Story     []scrub.Text // what the change reverts, picks or merges
	Bullets   []scrub.Text // what changes, most important first
	Why       scrub.Text   // the stated reason, often empty
	Look      []Point      // at most 3 places to look at first
	Risks     []Point      // consequences that the diff shows, without those in Look
	Order     []scrub.Text // paths in reading order
	Questions []scrub.Text // for the author
	Notes     []FileNote   // most important file first
	Facts     Facts        // of the whole change, computed
	NotRead   []NotRead    // files without text in this summary
	Truncated bool         // parts of files that were to be read did not fit

	// Since is the patch set that the draft compares with, 0 for none;
	// Unchanged is set when nothing moved since then.
	Since     int
	Unchanged bool
	Earlier   []EarlierPoint // the points of patch set Since

	Model    string  // as the server reports it; "" means computed, no model
	Prompt   string  // id of the prompt, such as "summarize/v2"
	Cause    error   // behind Fallback, in our own words, for whoever runs the program
	Fallback string  // why a computed draft stands in for the model's: an llm reason code or FallbackUnverifiable
	Silent   Silence // why this is not worth a comment, "" when it is
	Novelty  float64 // 0 to 1: the share of what is told that the commit message does not say
	Unread   bool    // nothing was read although there was something to read
	Usage    llm.Usage
	vague    bool // the only sentence says around what the change is
}

// FallbackNoRoom says that the limit of tokens leaves no room for a diff.
const FallbackNoRoom = "prompt-no-room"

// FallbackUnverifiable says that nothing in the model's answers survived the
// check against the diff.
const FallbackUnverifiable = "model-unverifiable"

// Severity says how much a point matters.
type Severity int

// The severities. Computed points have that of their rule; of a model's points
// those to look at first are high and the other risks medium.
const (
	Low Severity = iota
	Medium
	High
)

// String returns high, medium or low.
func (s Severity) String() string { return [...]string{"low", "medium", "high"}[s] }

// Point is a place in the new version of a file. Line 0 means the whole file.
type Point struct {
	Path     scrub.Text
	Line     int
	Why      scrub.Text
	Severity Severity
	// Code is the text of the line, empty when the patch does not show it. It
	// tells whether two patch sets speak of the same place.
	Code scrub.Text
	// Computed is set for a point that stands beside a model's points and was
	// not written by it.
	Computed bool

	grave bool // computed, and told whatever a message or a model says
}

// Place returns PATH:LINE, ready to stand in a sentence.
func (p Point) Place() scrub.Text {
	if p.Line == 0 {
		return PathText(p.Path)
	}
	return scrub.Format("%s:%s", PathText(p.Path), scrub.Int(p.Line))
}

// FileNote says in a few words what happens to a file. Importance is "high",
// "medium" or "low".
type FileNote struct {
	Path       scrub.Text
	Note       scrub.Text
	Importance string
}

// NotRead names a file whose text is not behind the summary.
type NotRead struct {
	Path   scrub.Text
	Reason review.Skip
}

// limits on what a Draft holds, in items and bytes.
const (
	maxTitle     = 80
	maxBullets   = 5
	maxBullet    = 300
	maxWhy       = 300
	maxPoints    = 3
	maxRisks     = 5
	maxReason    = 200
	maxOrder     = 10
	maxQuestions = 3
	maxNotes     = 20
	maxNote      = 200
)
