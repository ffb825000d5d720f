// SPDX-License-Identifier: Apache-2.0

package llm

import (
	"context"

	"review-assistant/prompts"
)

// Answer is a JSON object that fits the prompt's schema and passed the
// caller's check. Its strings are still untrusted text.
type Answer struct {
	JSON     []byte
	Model    string // as the server reports it
	Usage    Usage  // of all requests
	Requests int    // 1, or 2 after a repair
}

// Ask asks m and checks the answer: one JSON object, then the prompt's
// schema, then validate, which may be nil. An unusable answer is asked for
// once more, with our own words about what was wrong and without the answer
// itself; after that Ask gives up with [CodeMalformed]. The Answer holds the
// usage also when there is an error.
func Ask(ctx context.Context, m Model, p prompts.Prompt, validate func([]byte) error) (Answer, error) {
	var a Answer
	reply, why, err := ask(ctx, m, p, validate, &a)
	if err == nil && why != "" {
		reply, why, err = ask(ctx, m, p.Repair(why), validate, &a)
	}
	if err != nil {
		return a, err
	}
	if why != "" {
		return a, &Error{Code: CodeMalformed, Model: m.Name(), Detail: "no usable answer in two tries, last: " + string(why)}
	}
	a.JSON = reply
	return a, nil
}

// ask sends one request. A problem, unlike an error, is worth a second one.
func ask(ctx context.Context, m Model, p prompts.Prompt, validate func([]byte) error, a *Answer) ([]byte, prompts.Problem, error) {
	reply, err := m.Complete(ctx, p)
	a.Usage.Prompt += reply.Usage.Prompt
	a.Usage.Completion += reply.Usage.Completion
	if err != nil {
		return nil, "", err
	}
	a.Requests++
	a.Model = reply.Model
	object, why := extract(reply.Text)
	switch {
	case why != "" && reply.Truncated:
		return nil, prompts.ProblemTruncated, nil
	case why != "":
		return nil, why, nil
	case p.Check(object) != nil:
		return nil, prompts.ProblemSchema, nil
	case validate != nil && validate(object) != nil:
		return nil, prompts.ProblemContent, nil
	}
	return object, "", nil
}
