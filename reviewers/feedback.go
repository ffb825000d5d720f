// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"review-assistant/review"
)

// KeepFeedback is how long suggestions, what became of them and their records
// are kept. They name accounts, and serve to spread the load, to replay a
// suggestion and to count for a [Report].
const KeepFeedback = 180 * 24 * time.Hour

// ClockSlack is how far Gerrit's clock, by which changes end, may be behind
// ours, by which suggestions are made.
const ClockSlack = 5 * time.Minute

// Told is a suggestion that was posted. Its [Record] is kept elsewhere: it is
// large, and read only to replay.
type Told struct {
	Project  string     `json:"project"`
	Change   int        `json:"change"`
	PatchSet int        `json:"patch_set"`
	At       time.Time  `json:"at"`
	Audit    string     `json:"audit"` // id of the record of the post
	Picks    []ToldPick `json:"picks"`
	// ByBot says that the bot was to add the picks to the change itself.
	ByBot bool `json:"by_bot,omitempty"`
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

// ToldKey is the key of a suggestion, and of its record, in the logs of its host.
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

// Feedback is what a host's log of feedback tells, taken in row by row. The
// zero Feedback is empty.
type Feedback struct {
	told  map[int][]Told // by change, in the order of the log
	ended map[int][]Ended
}

// Add takes in a row, and reports the suggestion if it holds one.
func (f *Feedback) Add(r review.Row) (t Told, ok bool) {
	if f.told == nil {
		f.told, f.ended = map[int][]Told{}, map[int][]Ended{}
	}
	if t, ok = ParseTold(r); ok {
		t.Audit = ""
		f.told[t.Change] = append(f.told[t.Change], t)
	} else if e, isEnd := parseEnded(r); isEnd {
		f.ended[e.Change] = append(f.ended[e.Change], e)
	}
	return t, ok
}

// Forget drops what is from before a moment.
func (f *Feedback) Forget(before time.Time) {
	for change, list := range f.told {
		if list = slices.DeleteFunc(list, func(t Told) bool { return t.At.Before(before) }); len(list) == 0 {
			delete(f.told, change)
		} else {
			f.told[change] = list
		}
	}
	for change, list := range f.ended {
		if list = slices.DeleteFunc(list, func(e Ended) bool { return e.At.Before(before) }); len(list) == 0 {
			delete(f.ended, change)
		} else {
			f.ended[change] = list
		}
	}
}

// Suggestion returns the last suggestion on a change that was made before a
// moment of Gerrit's clock.
func (f *Feedback) Suggestion(change int, before time.Time) (Told, bool) {
	return f.last(change, before.Add(ClockSlack))
}

func (f *Feedback) last(change int, before time.Time) (found Told, ok bool) {
	for _, t := range f.told[change] {
		if t.At.Before(before) && !t.At.Before(found.At) {
			found, ok = t, true
		}
	}
	return found, ok
}

// end returns how the change of a suggestion last ended before a moment, nil
// when it did not.
func (f *Feedback) end(t Told, before time.Time) (found *Ended) {
	for i, e := range f.ended[t.Change] {
		if e.At.Before(before) && !e.At.Before(t.At.Add(-ClockSlack)) && (found == nil || !e.At.Before(found.At)) {
			found = &f.ended[t.Change][i]
		}
	}
	return found
}
