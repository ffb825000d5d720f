// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"review-assistant/llm"
	"review-assistant/scrub"
)

// Input is one change to summarize.
type Input struct {
	Patch    scrub.Patch
	PatchSet int
	Subject  scrub.Text
	Message  scrub.Text // the commit message, with or without the subject
	Branch   scrub.Text
	Language string  // tag such as "en"; empty means "en"
	Since    *Since  // nil for the whole change
	Origin   *Origin // what is reverted or picked, nil for neither
	Merge    *Merge  // what a merge commit brings, nil for other commits
	Chain    *Chain  // nil for a change that stands alone
	// Earlier are the points of the summary of patch set Since.
	Earlier []Point
	// Guide is what the project's settings ask reviewers to look at in the
	// files of this change. Only a model reads it.
	Guide scrub.Text
	// Short chooses the prompt for models with a small window.
	Short bool
	// Clean cleans what a model wrote. It is needed when there is a model.
	Clean func(string) (scrub.Text, error)
	// MaxTokens bounds the prompt; 0 means DefaultMaxTokens.
	MaxTokens int
	// MaxCalls bounds the requests for one summary, without repairs: 1 is one
	// prompt, 2 to 4 let a change that does not fit be read in parts; 0 means 1.
	MaxCalls int
	// NoModel forbids the model for this change.
	NoModel bool
}

// MaxCalls is the most requests that one summary may cost.
const MaxCalls = 4

// DefaultMaxTokens fits models with a window of 16,000 tokens.
const DefaultMaxTokens = 12_000

// LeastTokens is the budget below which a long message and a long list of files
// leave a prompt no room for a diff: what the instructions of summarize/v2 and
// summarize-short/v1 take (about 1,140 and 380 tokens), 300 for the diff, and a
// third on top for the rest.
func LeastTokens(short bool) int {
	if short {
		return 1_000
	}
	return 2_200
}

// Summarizer writes drafts, with a model if it has one.
type Summarizer struct {
	Model   llm.Model // nil: always computed
	Answers Answers   // nil: every request is paid for
}

// Summarize returns a draft of the change. A model that fails or writes what
// the diff does not support costs the model's words, never the draft: the
// computed one stands in and names the reason. An error means that nothing
// may be said: the context ended, or an answer could not be cleaned.
func (s Summarizer) Summarize(ctx context.Context, in Input) (Draft, error) {
	if s.Model == nil || in.NoModel {
		return Offline(in), nil
	}
	if in.Clean == nil {
		return Draft{}, errors.New("summarize: a model without a cleaner for its answers")
	}
	sc, d := in.scope()
	if d.Unchanged {
		return d, nil
	}
	if d.nothingRead() || sc.same() {
		d.compute(&in, sc)
		return d, nil
	}
	r := request{model: s.Model, answers: s.Answers, in: &in, sc: &sc, d: &d}
	r.evidence = beside(func() *evidence { return evidenceOf(&in, &sc.patch) })
	described := beside(func() (c Draft) { describe(&c, sc.files); return c })
	answer, packed, err := r.ask(ctx)
	computed := described()
	switch {
	case ctx.Err() != nil:
		return Draft{}, context.Cause(ctx)
	case r.broken != nil:
		return Draft{}, r.broken
	case errors.Is(err, errNoRoom):
		d.Fallback = FallbackNoRoom
	case err != nil && r.v != nil && r.v.refused:
		d.Fallback = FallbackUnverifiable
	case err != nil:
		d.Fallback = string(llm.Reason(err))
	}
	if err != nil {
		d.Cause = err
		d.take(computed)
		d.close(&in, sc)
		return d, nil
	}
	r.v.fill(&d, answer.JSON)
	d.Model = modelName(answer.Model, s.Model)
	d.Truncated = packed.Cut > 0 || r.partly
	for _, n := range packed.Omitted {
		if !r.seen[n.Path.String()] {
			d.NotRead = append(d.NotRead, n)
		}
	}
	d.complete(computed)
	d.close(&in, sc)
	return d, nil
}

// modelName prefers what the server reports, if it is a name: the value comes
// from outside and ends up in a footer.
func modelName(reported string, m llm.Model) string {
	if plainModel.MatchString(reported) {
		return reported
	}
	return m.Name()
}

var plainModel = re(`^[\w.:/+-]{1,80}$`)

// complete adds what is computed: risks that the model does not mention, and
// the parts that it left empty.
func (d *Draft) complete(computed Draft) {
	if d.Title.Empty() {
		d.Title = computed.Title
	}
	if len(d.Order) == 0 {
		d.Order = computed.Order
	}
	if len(d.Notes) == 0 {
		d.Notes = computed.Notes
	}
	spoken := slices.Concat(d.Look, d.Risks)
	var grave []Point
	for _, p := range slices.Concat(computed.Look, computed.Risks) {
		p.Computed = true
		onPath := func(q Point) bool { return q.Path.String() == p.Path.String() }
		switch {
		case p.odd(), p.grave && !slices.ContainsFunc(spoken, p.saidBy):
			// A model that was told to be silent about it does not decide.
			grave = append(grave, p)
		case !p.grave && len(d.Risks) < maxRisks && !slices.ContainsFunc(spoken, onPath):
			d.Risks = append(d.Risks, p)
		}
	}
	d.Risks = append(grave, d.Risks...)
	d.Risks = d.Risks[:min(len(d.Risks), maxRisks)]
}

// nearLines is how far apart two points on one statement may stand.
const nearLines = 3

// saidBy reports whether q speaks of the same place in words of p, which a
// bland sentence about the file does not.
func (p Point) saidBy(q Point) bool {
	if p.Path.String() != q.Path.String() || abs(p.Line-q.Line) > nearLines {
		return false
	}
	said := stems(q.Why.String())
	for w := range stems(p.Why.String()) {
		if said[w] {
			return true
		}
	}
	return false
}

// clip cuts a long text at a line, with a mark.
func clip(t scrub.Text, tokens int) scrub.Text {
	if Tokens(t) <= tokens {
		return t
	}
	return cutLines(scrub.Join("", t, scrub.Lit("\n")), tokens)
}

// clipGuide keeps the last lines of guidelines: those nearest to the code.
func clipGuide(t scrub.Text, tokens int) scrub.Text {
	lines := t.Lines()
	for len(lines) > 0 && Tokens(t) > tokens {
		lines = lines[1:]
		t = scrub.Join("\n", lines...)
	}
	return t
}

// answer mirrors the schema of the prompt.
type answer struct {
	Title   string   `json:"title"`
	Bullets []string `json:"bullets"`
	Why     string   `json:"why"`
	Look    []struct {
		Path   string `json:"path"`
		Line   int    `json:"line"`
		Reason string `json:"reason"`
	} `json:"look_first"`
	Order []string `json:"reading_order"`
	Risks []struct {
		Path string `json:"path"`
		Line int    `json:"line"`
		Note string `json:"note"`
	} `json:"risks"`
	Files []struct {
		Path       string `json:"path"`
		Note       string `json:"note"`
		Importance string `json:"importance"`
	} `json:"files"`
	Questions []string `json:"questions"`
}

func decode(b []byte) (a answer, err error) {
	err = json.Unmarshal(b, &a)
	return a, err
}
