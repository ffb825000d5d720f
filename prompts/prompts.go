// SPDX-License-Identifier: Apache-2.0

// Package prompts holds the released prompt texts and is the only maker of a
// [Prompt].
//
// A released version is never edited: a test compares hashes with
// released.txt. A new wording is a new directory v2, v3, …
package prompts

import (
	"encoding/json"

	"review-assistant/scrub"
)

// Prompt is one finished request to a model. Its fields cannot be set from
// outside, so nothing but scrubbed text gets in.
type Prompt struct {
	id     string
	system scrub.Text
	user   scrub.Text
	schema json.RawMessage
}

// ID returns name and version, such as "summarize/v1".
func (p Prompt) ID() string { return p.id }

// System returns the instructions, which hold no text of a change.
func (p Prompt) System() scrub.Text { return p.system }

// User returns the fenced text of the change.
func (p Prompt) User() scrub.Text { return p.user }

// Schema returns the JSON schema of the answer.
func (p Prompt) Schema() json.RawMessage { return p.schema }

// Data is what a prompt is made of. The types of this package alone implement
// it; their fields are scrub.Text, never string.
type Data interface{ name() string }

// Render fills a prompt. Text of the change stands between fences with a
// random token, so that it cannot close them.
func Render(d Data) (Prompt, error) { panic("not written") }
