// SPDX-License-Identifier: Apache-2.0

package board

import (
	"strings"
	"time"

	"review-assistant/review"
)

// Full is a whole summary as it is shown. It names each field, so that what is
// kept beside them, such as accounts, stays in. Lists are never nil.
type Full struct {
	Change    string           `json:"change"` // HOST/PROJECT~NUMBER
	PatchSet  int              `json:"patch_set"`
	Revision  string           `json:"revision"`
	Subject   string           `json:"subject"`
	Since     int              `json:"since,omitempty"` // the patch set that it is compared with
	Title     string           `json:"title"`
	Story     []string         `json:"story,omitempty"`
	Bullets   []string         `json:"bullets"`
	Why       string           `json:"why,omitempty"`
	Look      []review.Place   `json:"look"`
	Risks     []review.Place   `json:"risks"`
	Earlier   []review.Place   `json:"earlier,omitempty"`
	Order     []string         `json:"order"`
	Questions []string         `json:"questions,omitempty"`
	Files     []review.Note    `json:"files"`
	Facts     []string         `json:"facts"`
	NotRead   []review.NotRead `json:"not_read"`
	Truncated bool             `json:"truncated,omitempty"`
	Text      string           `json:"text"`
	Model     string           `json:"model"` // "" for computed, no model
	Prompt    string           `json:"prompt,omitempty"`
	Fallback  string           `json:"fallback,omitempty"`
	Silent    string           `json:"silent,omitempty"`
	Secrets   int              `json:"secrets,omitempty"`
	Shadow    bool             `json:"shadow,omitempty"`
	Audit     string           `json:"audit"`
	Created   time.Time        `json:"created"`
}

// full is what is shown of a summary.
func full(s *review.Summary) *Full {
	return &Full{
		Change: s.Change.String(), PatchSet: s.PatchSet, Revision: s.Revision, Subject: s.Subject, Since: s.Since, Title: s.Title,
		Story: listed(s.Story), Bullets: listed(s.Bullets), Why: s.Why, Look: listed(s.Look), Risks: listed(s.Risks), Earlier: listed(s.Earlier),
		Order: listed(s.Order), Questions: listed(s.Questions), Files: listed(s.Files), Facts: listed(s.Facts), NotRead: listed(s.NotRead),
		Truncated: s.Truncated, Text: s.Text, Model: s.Model, Prompt: s.Prompt, Fallback: s.Fallback, Silent: s.Silent,
		Secrets: s.Secrets, Shadow: s.Shadow, Audit: s.Audit, Created: s.Created,
	}
}

// picks are the suggested reviewers of a summary as they are shown.
func picks(s *review.Summary) []Pick {
	out := make([]Pick, 0, len(s.Picks))
	for _, p := range s.Picks {
		out = append(out, Pick{Person: Person{Name: nameOf(p.Account.Display()), Entity: p.Entity}, Reasons: listed(p.Reasons), Rest: p.Rest})
	}
	return out
}

// listed copies a list, so that JSON has [] where there is none.
func listed[T any](list []T) []T { return append(make([]T, 0, len(list)), list...) }

// nameOf is a name as it is shown. Some accounts have no name but their address,
// of which only the part before the @ is left.
func nameOf(s string) string {
	words := strings.Fields(plain(s))
	for i, w := range words {
		if at := strings.IndexByte(w, '@'); at > 0 {
			words[i] = w[:at]
		}
	}
	return strings.Join(words, " ")
}
