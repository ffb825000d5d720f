// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"review-assistant/llm"
	"review-assistant/prompts"
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

// DefaultMaxTokens fits models with a window of 16,000 tokens.
const DefaultMaxTokens = 12_000

// Summarizer writes drafts, with a model if it has one.
type Summarizer struct {
	Model llm.Model // nil: always computed
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
	if d.nothingRead() {
		d.compute(&in, sc)
		return d, nil
	}
	p, packed, err := in.prompt(sc)
	if errors.Is(err, errNoRoom) {
		d.Fallback = string(llm.CodeRefused)
		d.compute(&in, sc)
		return d, nil
	}
	if err != nil {
		return Draft{}, fmt.Errorf("summarize: %w", err)
	}
	d.Prompt = p.ID()
	v := newVerifier(&in, &sc.patch, p)
	answer, err := llm.Ask(ctx, s.Model, p, v.usable)
	d.Usage = answer.Usage
	switch {
	case ctx.Err() != nil:
		return Draft{}, context.Cause(ctx)
	case v.broken != nil:
		return Draft{}, fmt.Errorf("summarize: clean the model's answer: %w", v.broken)
	case err != nil && v.refused:
		d.Fallback = FallbackUnverifiable
	case err != nil:
		d.Fallback = string(llm.Reason(err))
	}
	if err != nil {
		d.compute(&in, sc)
		return d, nil
	}
	v.fill(&d, answer.JSON)
	d.Model = modelName(answer.Model, s.Model)
	d.Truncated = packed.Cut > 0
	d.NotRead = append(d.NotRead, packed.Omitted...)
	d.complete(sc.files)
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
func (d *Draft) complete(files []*file) {
	var computed Draft
	describe(&computed, files)
	if d.Title.Empty() {
		d.Title = computed.Title
	}
	if len(d.Order) == 0 {
		d.Order = computed.Order
	}
	if len(d.Notes) == 0 {
		d.Notes = computed.Notes
	}
	seen := map[string]bool{}
	for _, ps := range [][]Point{d.Look, d.Risks} {
		for _, p := range ps {
			seen[p.Path.String()] = true
		}
	}
	for _, ps := range [][]Point{computed.Look, computed.Risks} {
		for _, p := range ps {
			if len(d.Risks) < maxRisks && !seen[p.Path.String()] {
				p.Computed = true
				d.Risks = append(d.Risks, p)
			}
		}
	}
}

// prompt packs the change into the budget of tokens.
func (in *Input) prompt(sc scope) (prompts.Prompt, Packed, error) {
	budget := in.MaxTokens
	if budget <= 0 {
		budget = DefaultMaxTokens
	}
	budget -= budget / 10 // our count is an estimate
	language, err := in.Clean(in.Language)
	if err != nil {
		return prompts.Prompt{}, Packed{}, err
	}
	data := prompts.Summarize{
		Subject: in.Subject, Message: clip(in.Message, budget/8), Branch: in.Branch, Language: language,
		PatchSet: in.PatchSet, Short: in.Short, Merge: sc.patch.Merge, Guide: clip(in.Guide, budget/4),
	}
	if in.Since != nil {
		data.Since = in.Since.PatchSet
	}
	list := budget / 8
	for _, f := range sc.files {
		line := prompts.FileOf(*f.File)
		if f.skip != "" && f.File.Skip == "" {
			shown := *f.File
			shown.Skip = f.skip
			line = prompts.FileOf(shown)
		}
		if list -= Tokens(f.Path) + Tokens(f.OldPath) + fileLineTokens; list < 0 {
			break
		}
		data.Files = append(data.Files, line)
	}
	bare, err := prompts.Render(data)
	if err != nil {
		return prompts.Prompt{}, Packed{}, err
	}
	room := budget - Tokens(bare.System()) - Tokens(bare.User())
	if room < minDiffTokens {
		return prompts.Prompt{}, Packed{}, errNoRoom
	}
	packed := pack(sc.files, room)
	data.Diff, data.Omitted = packed.Text, packed.Cut+len(sc.files)-len(data.Files)
	full, err := prompts.Render(data)
	return full, packed, err
}

// errNoRoom says that the limit of tokens leaves no room for a diff.
var errNoRoom = errors.New("too few tokens for a prompt")

const (
	fileLineTokens = 12  // status, counts and reason of a line of the file list
	minDiffTokens  = 300 // below this a diff says nothing
)

// clip cuts a long text at a line, with a mark.
func clip(t scrub.Text, tokens int) scrub.Text {
	if Tokens(t) <= tokens {
		return t
	}
	return cutLines(scrub.Join("", t, scrub.Lit("\n")), tokens)
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
