// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/scrub"
)

// request asks a model about one change, in one prompt or in parts.
type request struct {
	model   llm.Model
	answers Answers
	in      *Input
	sc      *scope
	d       *Draft // gets prompt and usage

	evidence func() *evidence
	v        *verifier
	seen     map[string]bool // paths of which parts were read
	partly   bool            // some parts were not read
	broken   error           // an answer could not be cleaned: nothing may be said
}

const (
	// leftForParts is the share of what matters that has to be left out of one
	// prompt before parts are read on their own.
	leftForParts   = 0.4
	fileLineTokens = 12  // status, counts and reason of a line of the file list
	minDiffTokens  = 300 // below this a diff says nothing
)

// errNoRoom says that the limit of tokens leaves no room for a diff.
var errNoRoom = errors.New("too few tokens for a prompt")

// ask asks for the summary. Where too much does not fit, notes on the rest are
// asked for first.
func (r *request) ask(ctx context.Context) (llm.Answer, Packed, error) {
	data, err := r.data()
	if err != nil {
		return llm.Answer{}, Packed{}, err
	}
	packed, err := r.pack(&data)
	if err != nil {
		return llm.Answer{}, Packed{}, err
	}
	if r.in.MaxCalls > 1 && packed.Left > leftForParts {
		if data.Notes, err = r.notes(ctx, packed.rest, min(r.in.MaxCalls, MaxCalls)-1); err != nil {
			return llm.Answer{}, Packed{}, err
		}
		if packed, err = r.pack(&data); err != nil {
			return llm.Answer{}, Packed{}, err
		}
	}
	p, err := prompts.Render(data)
	if err != nil {
		return llm.Answer{}, Packed{}, err
	}
	r.d.Prompt = p.ID()
	r.v = newVerifier(r.in, &r.sc.patch, p, r.evidence())
	answer, err := r.remembered(ctx, data, p)
	r.used(answer)
	return answer, packed, err
}

// used adds what a request cost.
func (r *request) used(a llm.Answer) {
	r.d.Usage.Prompt += a.Usage.Prompt
	r.d.Usage.Completion += a.Usage.Completion
	if r.broken == nil && r.v != nil && r.v.broken != nil {
		r.broken = fmt.Errorf("summarize: clean the model's answer: %w", r.v.broken)
	}
}

// budget is the tokens of a prompt; a tenth is kept back, since our count is
// an estimate.
func (r *request) budget() int {
	n := r.in.MaxTokens
	if n <= 0 {
		n = DefaultMaxTokens
	}
	return n - n/10
}

// data is the prompt without diff and notes.
func (r *request) data() (prompts.Summarize, error) {
	in, budget := r.in, r.budget()
	language, err := in.Clean(in.Language)
	if err != nil {
		return prompts.Summarize{}, err
	}
	data := prompts.Summarize{
		Subject: in.Subject, Message: clip(in.Message, budget/8), Branch: in.Branch, Language: language,
		PatchSet: in.PatchSet, Short: in.Short, Merge: r.sc.patch.Merge, Guide: clipGuide(in.Guide, budget/4),
		Context: r.d.Story, Differs: in.Since == nil && in.known() != nil,
	}
	if in.Since != nil {
		data.Since = in.Since.PatchSet
	}
	if !r.d.Facts.Chain.Empty() {
		data.Context = append(data.Context[:len(data.Context):len(data.Context)], r.d.Facts.Chain)
	}
	for _, e := range r.d.Earlier {
		data.Earlier = append(data.Earlier, scrub.Format("%s %s", e.Place(), e.Why))
	}
	list := budget / 8
	for _, f := range r.sc.files {
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
	return data, nil
}

// pack fills what is left of the budget with the diff.
func (r *request) pack(data *prompts.Summarize) (Packed, error) {
	data.Diff = scrub.Text{}
	bare, err := prompts.Render(*data)
	if err != nil {
		return Packed{}, err
	}
	room := r.room(bare)
	if room < minDiffTokens {
		return Packed{}, errNoRoom
	}
	packed := packTo(r.sc.files, room)
	data.Diff, data.Omitted = packed.Text, packed.Cut+len(r.sc.files)-len(data.Files)
	return packed, nil
}

// room is how many tokens of a budget a prompt without diff leaves.
func (r *request) room(bare prompts.Prompt) int {
	return r.budget() - llm.EstimateTokens(bare.System().String()) - llm.EstimateTokens(bare.User().String())
}

// packTo packs by [Tokens], as the value of a hunk is measured, until the
// estimate that is fitted to a vocabulary agrees: data such as hex takes more.
func packTo(files []*file, room int) Packed {
	packed := pack(files, room)
	for budget := room; ; {
		n := llm.EstimateTokens(packed.Text.String())
		if n <= room {
			return packed
		}
		budget = budget * room / n * 19 / 20
		packed = pack(files, budget)
	}
}

// notes reads what did not fit in up to n parts. A part that fails stays
// unread; what the others say counts.
func (r *request) notes(ctx context.Context, rest []*file, n int) ([]scrub.Text, error) {
	var out []scrub.Text
	r.seen = map[string]bool{}
	room := r.budget() / 6 // of the notes in the last prompt
	for i := range n {
		if len(rest) == 0 {
			break
		}
		data := prompts.Part{Number: i + 1, Of: n, Subject: r.in.Subject}
		bare, err := prompts.Render(data)
		if err != nil {
			return nil, err
		}
		packed := packTo(rest, r.room(bare))
		if packed.Text.Empty() {
			break
		}
		part := rest
		rest, data.Diff = packed.rest, packed.Text
		p, err := prompts.Render(data)
		if err != nil {
			return nil, err
		}
		r.v = newVerifier(r.in, &r.sc.patch, p, r.evidence())
		answer, err := llm.Ask(ctx, r.model, p, nil)
		points := r.v.notes(answer.JSON)
		if r.used(answer); ctx.Err() != nil || r.broken != nil {
			return nil, errors.Join(ctx.Err(), r.broken)
		}
		if err != nil {
			r.partly = true
			if c := llm.Reason(err); c != llm.CodeMalformed && c != llm.CodeRefused {
				break // nobody answers the next part either
			}
			continue
		}
		for _, f := range part {
			if !slices.ContainsFunc(packed.Omitted, func(n NotRead) bool { return n.Path.String() == f.path }) {
				r.seen[f.path] = true
			}
		}
		for _, pt := range points {
			line := scrub.Format("%s %s", pt.Place(), pt.Why)
			if room -= Tokens(line) + 1; room < 0 {
				r.partly = true
				break
			}
			out = append(out, line)
		}
	}
	r.partly = r.partly || len(rest) > 0
	return out, nil
}
