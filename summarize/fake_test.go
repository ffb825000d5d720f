// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"context"
	"testing"
	"unsafe"

	"review-assistant/llm"
	"review-assistant/prompts"
	"review-assistant/review"
	"review-assistant/scrub"
)

func text(s string) scrub.Text { return *(*scrub.Text)(unsafe.Pointer(&s)) }

func patch(t testing.TB, diff string) scrub.Patch {
	t.Helper()
	p, err := review.ParsePatch([]byte(diff))
	if err != nil {
		t.Fatal(err)
	}
	var o scrub.Patch
	for _, f := range p.Files {
		g := scrub.File{Path: text(f.Path), OldPath: text(f.OldPath), Status: f.Status, Mode: f.Mode, Binary: f.Binary, Added: f.Added, Removed: f.Removed, Skip: f.Skip}
		for _, h := range f.Hunks {
			k := scrub.Hunk{OldStart: h.OldStart, OldLines: h.OldLines, NewStart: h.NewStart, NewLines: h.NewLines, Section: text(h.Section)}
			for _, l := range h.Lines {
				k.Lines = append(k.Lines, scrub.Line{Op: l.Op, Text: text(l.Text), NoEOL: l.NoEOL})
			}
			g.Hunks = append(g.Hunks, k)
		}
		o.Files = append(o.Files, g)
	}
	return o
}

func clean(s string) (scrub.Text, error) { return text(s), nil }

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
