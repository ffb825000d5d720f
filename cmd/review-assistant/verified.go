// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/scrub"
)

// verified is a model whose prompts pass the verifier first, for commands that
// ask one without the bot. What it finds ends the command: a summary made
// without the model would hide that.
type verified struct {
	llm.Model
	cleaner *scrub.Cleaner
	found   error
}

// Complete implements [llm.Model].
func (m *verified) Complete(ctx context.Context, p prompts.Prompt) (llm.Reply, error) {
	if m.found = p.Inspect(m.cleaner.Verify); m.found != nil {
		return llm.Reply{}, m.found
	}
	return m.Model.Complete(ctx, p)
}
