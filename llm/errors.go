// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"
	"errors"
	"fmt"
	"time"

	"review-assistant/review"
)

// Code says in one word why there is no usable answer. Comments, audit and
// metrics carry it.
type Code string

// The codes.
const (
	CodeTimeout     Code = "model-timeout"
	CodeUnavailable Code = "model-unavailable" // down, overloaded, or given up after tries
	CodeMalformed   Code = "model-malformed"   // answered, twice, with something unusable
	CodeRefused     Code = "model-refused"     // the model or its filter declined, or the prompt is too long
	CodeDenied      Code = "model-denied"      // key, quota, model name or request not accepted
	CodeBudget      Code = "budget-spent"
	CodeStopped     Code = "model-stopped" // an operator switched models off
)

// Error is why a model gave no usable answer. Its text is ours alone: neither
// prompt nor answer nor the server's words are in it.
type Error struct {
	Code   Code
	Model  string
	Status int    // HTTP status, 0 when there was none
	Detail string // cause and next step, in our words
	// TooLong is set when the prompt does not fit the model: a larger one may
	// answer.
	TooLong bool
}

func (e *Error) Error() string {
	if e.Status > 0 {
		return fmt.Sprintf("model %s: %s (HTTP %d)", e.Model, e.Detail, e.Status)
	}
	return fmt.Sprintf("model %s: %s", e.Model, e.Detail)
}

// Reason returns the code of err, "" for nil. Errors of unknown origin count
// as an unavailable model.
func Reason(err error) Code {
	if err == nil {
		return ""
	}
	if e, ok := errors.AsType[*Error](err); ok {
		return e.Code
	}
	if _, ok := errors.AsType[*BudgetError](err); ok {
		return CodeBudget
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return CodeTimeout
	}
	return CodeUnavailable
}

// classed wraps e in the class of review that tells the worker what to do.
func classed(e *Error, after time.Duration) error {
	switch e.Code {
	case CodeDenied:
		return &review.DeniedError{Err: e}
	case CodeTimeout, CodeUnavailable, CodeStopped:
		return &review.RetryError{After: after, Err: e}
	}
	return e
}
