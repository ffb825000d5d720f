// SPDX-License-Identifier: Apache-2.0

package review

import "time"

// Summary is what the API and the card show of one patch set: scrubbed and
// verified. Only bot/seal.go builds one. The comment on the change is its
// rendering in 1,200 characters, Text the one without that limit.
type Summary struct {
	Change   ChangeID `json:"change"`
	PatchSet int      `json:"patch_set"`
	Revision string   `json:"revision"`
	Subject  string   `json:"subject"`

	Since     int       `json:"since,omitempty"` // the patch set that it is compared with, 0 for none
	Title     string    `json:"title"`
	Story     []string  `json:"story,omitempty"` // what the change reverts, picks or merges
	Bullets   []string  `json:"bullets"`         // what changes, most important first
	Why       string    `json:"why,omitempty"`   // only if the author states it
	Look      []Place   `json:"look"`            // to be looked at first
	Risks     []Place   `json:"risks"`
	Earlier   []Place   `json:"earlier,omitempty"` // points of patch set Since
	Order     []string  `json:"order"`             // paths in reading order
	Questions []string  `json:"questions,omitempty"`
	Files     []Note    `json:"files"`    // most important first
	Facts     []string  `json:"facts"`    // computed, of the whole change
	NotRead   []NotRead `json:"not_read"` // files without text in the summary
	Truncated bool      `json:"truncated,omitempty"`

	Text     string    `json:"text"`
	Model    string    `json:"model"`              // "" for computed, no model
	Prompt   string    `json:"prompt,omitempty"`   // such as "summarize/v2"
	Fallback string    `json:"fallback,omitempty"` // why it was computed although a model was to be asked
	Silent   string    `json:"silent,omitempty"`   // why there is no comment on the change, one of bot's reason codes
	Secrets  int       `json:"secrets,omitempty"`  // removed before reading
	Shadow   bool      `json:"shadow,omitempty"`
	Audit    string    `json:"audit"`
	Created  time.Time `json:"created"`
	Picks    []Pick    `json:"picks,omitempty"`
}

// Place is a place in the new version of a file; Line 0 means the whole file.
type Place struct {
	Path     string `json:"path"`
	Line     int    `json:"line,omitempty"`
	Text     string `json:"text"`
	Severity string `json:"severity"`          // high, medium or low
	Changed  bool   `json:"changed,omitempty"` // of an earlier point: its line is no longer as it was
}

// Note says in a few words what happens to a file.
type Note struct {
	Path       string `json:"path"`
	Text       string `json:"text"`
	Importance string `json:"importance"` // high, medium or low
}

// NotRead is a file whose text is not behind a summary.
type NotRead struct {
	Path   string `json:"path"`
	Reason Skip   `json:"reason"`
}
