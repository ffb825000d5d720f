// SPDX-License-Identifier: Apache-2.0

// Package llm speaks to models. A [Model] takes only a [prompts.Prompt], which
// only package prompts makes from scrubbed text; it has no tools and its answer
// is data that the caller checks.
package llm

import (
	"context"

	"review-assistant/prompts"
)

// Model answers a prompt.
type Model interface {
	// Complete returns the model's answer. Errors are of review's classes;
	// their text never holds prompt or answer.
	Complete(ctx context.Context, p prompts.Prompt) (Reply, error)
	// Name is what the footer and the audit log call the model.
	Name() string
}

// Reply is an untrusted answer: JSON by the prompt's schema if the server
// obeyed, anything otherwise.
type Reply struct {
	Text  string
	Model string // as the server reports it
	Usage Usage
	// Truncated is set when the model stopped at its output limit.
	Truncated bool
}

// Usage counts tokens as the provider reports them.
type Usage struct{ Prompt, Completion int }
