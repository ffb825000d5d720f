// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"context"
	"strings"
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

// promptOf renders the prompt of a change that fits.
func promptOf(t testing.TB, in Input) prompts.Prompt {
	t.Helper()
	sc, d := in.scope()
	data, err := (&request{in: &in, sc: &sc, d: &d}).data()
	if err != nil {
		t.Fatal(err)
	}
	p, err := prompts.Render(data)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// obedient is a model that answers what the test wants, whatever it is asked.
type obedient struct {
	replies []string                   // one for each request, the last one for all further ones
	part    func(prompt string) string // answers requests for notes
	err     error
	asked   []string
	parts   int
}

func (o *obedient) Name() string { return "obedient" }

func (o *obedient) Complete(_ context.Context, p prompts.Prompt) (llm.Reply, error) {
	o.asked = append(o.asked, p.User().String())
	if o.err != nil {
		return llm.Reply{}, o.err
	}
	if strings.HasPrefix(p.ID(), "part/") {
		o.parts++
		return llm.Reply{Text: o.part(p.User().String()), Model: "obedient-1", Usage: llm.Usage{Prompt: 100, Completion: 10}}, nil
	}
	i := min(len(o.asked)-o.parts, len(o.replies)) - 1
	return llm.Reply{Text: o.replies[i], Model: "obedient-1", Usage: llm.Usage{Prompt: 100, Completion: 10}}, nil
}

// says checks that a text has all of want and none of not.
func says(t *testing.T, got string, want, not []string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(got, w) {
			t.Errorf("lacks %q:\n%s", w, got)
		}
	}
	for _, w := range not {
		if strings.Contains(got, w) {
			t.Errorf("says %q:\n%s", w, got)
		}
	}
}
