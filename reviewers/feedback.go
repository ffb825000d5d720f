// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"review-assistant/review"
)

// KeepFeedback is how long suggestions and what became of them are kept. They
// name accounts, serve to spread the load, to replay a suggestion and to count
// for [NewReport], and are shown of nobody.
const KeepFeedback = 180 * 24 * time.Hour

// Told is a suggestion that was posted.
type Told struct {
	Project  string          `json:"project"`
	Change   int             `json:"change"`
	PatchSet int             `json:"patch_set"`
	At       time.Time       `json:"at"`
	Audit    string          `json:"audit"` // id of the record of the post
	Picks    []ToldPick      `json:"picks"`
	Record   json.RawMessage `json:"record,omitempty"` // a [Record]
}

// ToldPick is one person of a suggestion, the first one asked first.
type ToldPick struct {
	Account int64 `json:"account"`
	// Group is the group through which the person owns some of the change.
	Group string `json:"group,omitempty"`
}

// Ended is what became of the suggestions on a change. The lists hold
// accounts that were suggested.
type Ended struct {
	Project     string    `json:"project"`
	Change      int       `json:"change"`
	At          time.Time `json:"at"`
	Merged      bool      `json:"merged"`
	Added       []int64   `json:"added,omitempty"`    // somebody made them reviewers, or they came
	Reviewed    []int64   `json:"reviewed,omitempty"` // they voted or wrote
	Declined    []int64   `json:"declined,omitempty"` // they were taken off again
	FirstReview time.Time `json:"first_review,omitzero"`
}

// ToldKey is the key of a suggestion in the log of feedback of its host.
func ToldKey(change, patchSet int) string { return fmt.Sprintf("told/%d/%d", change, patchSet) }

// Row returns the row that a suggestion is kept as.
func (t Told) Row() (review.Row, error) { return feedbackRow(ToldKey(t.Change, t.PatchSet), t.At, t) }

// Row returns the row that an end is kept as. A change that was restored may
// end again.
func (e Ended) Row() (review.Row, error) {
	return feedbackRow(fmt.Sprintf("ended/%d/%d", e.Change, e.At.Unix()), e.At, e)
}

func feedbackRow(key string, at time.Time, v any) (review.Row, error) {
	data, err := json.Marshal(v)
	if err != nil {
		return review.Row{}, fmt.Errorf("feedback %s: %w", key, err)
	}
	return review.Row{Key: key, At: at, Data: data}, nil
}

// ParseTold reads a row of the log of feedback; ok is false for one that
// holds no suggestion.
func ParseTold(r review.Row) (t Told, ok bool) {
	return t, strings.HasPrefix(r.Key, "told/") && json.Unmarshal(r.Data, &t) == nil && len(t.Picks) > 0
}

func parseEnded(r review.Row) (e Ended, ok bool) {
	return e, strings.HasPrefix(r.Key, "ended/") && json.Unmarshal(r.Data, &e) == nil
}
