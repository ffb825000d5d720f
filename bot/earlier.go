// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"context"

	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// answered keeps what models answered about a change in the store. A store
// that fails costs a second request, no summary.
type answered struct{ v *visit }

// Answer implements summarize.Answers.
func (a answered) Answer(ctx context.Context, key string) (string, bool) {
	// Who switches models off because of what they write wants none of it.
	if stopped, err := a.v.b.switches.stopped(ctx, ScopeModels, a.v.id.Host, a.v.id.Project); stopped || err != nil {
		return "", false
	}
	text, ok, err := a.v.b.texts.Answer(ctx, a.v.id, key)
	if err != nil {
		a.v.b.log.Warn("a kept answer cannot be read; the model is asked again", "change", a.v.id.String(), "error", err)
	}
	return text, ok && err == nil
}

// Keep implements summarize.Answers.
func (a answered) Keep(ctx context.Context, key, text string) {
	if err := a.v.b.texts.KeepAnswer(ctx, a.v.id, key, text); err != nil {
		a.v.b.log.Warn("an answer cannot be kept", "change", a.v.id.String(), "error", err)
	}
}

// earlier returns the points of the summary that reviewers know, cleaned
// again: stored text is foreign text. Without a store that knows them there
// are none.
func (v *visit) earlier(ctx context.Context, c *scrub.Cleaner) ([]summarize.Point, error) {
	s, ok, err := v.b.texts.SummaryAt(ctx, v.id, v.dec.since)
	if err != nil {
		v.b.log.Warn("the earlier summary cannot be read", "change", v.id.String(), "error", err)
	}
	if !ok || err != nil {
		return nil, nil
	}
	var out []summarize.Point
	for _, list := range [][]review.Place{s.Look, s.Risks} {
		for _, p := range list {
			path, err := c.Clean(p.Path)
			if err != nil {
				return nil, err
			}
			text, err := c.Clean(p.Text)
			if err != nil {
				return nil, err
			}
			out = append(out, summarize.Point{Path: path, Line: p.Line, Why: text})
		}
	}
	return out, nil
}
