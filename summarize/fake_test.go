// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"context"
	"testing"

	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/review"
	"review-assistant/scrub"
)

var scrubber = func() *scrub.Scrubber {
	s, err := scrub.New(scrub.Options{})
	if err != nil {
		panic(err)
	}
	return s
}()

// text cleans words of a test, which hold no secret.
func text(s string) scrub.Text {
	t, err := clean(s)
	if err != nil {
		panic(err)
	}
	return t
}

func clean(s string) (scrub.Text, error) { return scrubber.Begin().Clean(s) }

func patch(t testing.TB, diff string) scrub.Patch {
	t.Helper()
	raw, err := review.ParsePatch([]byte(diff))
	if err != nil {
		t.Fatal(err)
	}
	p, err := scrubber.Begin().Patch(raw)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// obedient is a model that answers what the test wants, whatever it is asked.
type obedient struct {
	replies []string // one for each request, the last one for all further ones
	err     error
	asked   []string
}

func (o *obedient) Name() string { return "obedient" }

func (o *obedient) Complete(_ context.Context, p prompts.Prompt) (llm.Reply, error) {
	o.asked = append(o.asked, p.User().String())
	if o.err != nil {
		return llm.Reply{}, o.err
	}
	i := min(len(o.asked), len(o.replies)) - 1
	return llm.Reply{Text: o.replies[i], Model: "obedient-1", Usage: llm.Usage{Prompt: 100, Completion: 10}}, nil
}
