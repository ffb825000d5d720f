// SPDX-License-Identifier: Apache-2.0

package bot

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"review-assistant/prompts"
	"review-assistant/review"
	"review-assistant/scrub"
	"review-assistant/summarize"
)

// scoped is the one section that has subsections: globs of the files that its
// texts are about.
const scoped = "instructions"

// Bounds of what a project may ask of a model, in texts and characters. What
// counts for a change is bounded too: it shares the prompt with the diff.
const (
	maxGuides    = 20 // in one file
	maxGuideText = 500
	maxGuide     = 4000
)

// guideline is one text by which a project says what to look at. It goes to a
// model and nowhere else.
type guideline struct {
	glob  string   // as it is written, "" for every change
	globs []string // what it stands for
	text  string   // one line
	layer int      // 0 for the project's own file, then its parents'
	file  string
	line  int
}

// prompt is the guideline as a line of the prompt.
func (g guideline) prompt() string {
	if g.glob == "" {
		return g.text
	}
	return g.glob + ": " + g.text
}

// about reports whether one of the files is what the guideline is about.
func (g guideline) about(files []review.File) bool {
	return g.glob == "" || slices.ContainsFunc(files, func(f review.File) bool { return touches(g.globs, f) })
}

// scopeOf reads the subsection of an instructions section.
func scopeOf(sub string) (guideline, error) {
	globs, err := expand(sub)
	if err != nil {
		return guideline{}, fmt.Errorf(`write [%s "GLOB"] with a path glob, such as [%s "pay/**"]`, scoped, scoped)
	}
	return guideline{glob: strings.Join(strings.Fields(sub), " "), globs: globs}, nil
}

func guideField(l *layer, v string) error {
	g := l.scope
	g.text = strings.Join(strings.Fields(v), " ")
	switch {
	case g.text == "":
		return nonEmpty(v)
	case utf8.RuneCountInString(g.text) > maxGuideText:
		return fmt.Errorf("write at most %d characters; split it into several", maxGuideText)
	case len(l.guide) >= maxGuides:
		return fmt.Errorf("at most %d texts of guide and %s are read from one file", maxGuides, scoped)
	}
	l.guide = append(l.guide, g)
	return nil
}

func languageField(l *layer, v string) error {
	if !prompts.ValidLanguage(v) {
		return fmt.Errorf("write a language tag such as en, de or pt-BR")
	}
	l.language = &v
	return nil
}

// fit returns which guidelines that count fit into a number of characters, by
// index, and the first that does not, or -1. Nearer files come first; from the
// first that does not fit, everything farther away is left out.
func fit(all []guideline, counts func(guideline) bool, limit int) (kept []int, cut int) {
	order := make([]int, 0, len(all))
	for i, g := range all {
		if counts(g) {
			order = append(order, i)
		}
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(all[a].layer, all[b].layer) })
	for n, i := range order {
		if limit -= utf8.RuneCountInString(all[i].prompt()) + 1; limit < 0 {
			slices.Sort(kept)
			return kept, order[n]
		}
		kept = append(kept, i)
	}
	slices.Sort(kept) // parents first: the nearest has the last word
	return kept, -1
}

// guideWarnings tells of texts that a change which matches all of them would
// not bring to the model.
func (p *Policy) guideWarnings() []Problem {
	_, cut := fit(p.guide, func(guideline) bool { return true }, maxGuide)
	if cut < 0 {
		return nil
	}
	g := p.guide[cut]
	key := "summary.guide"
	if g.glob != "" {
		key = scoped + ".text"
	}
	return []Problem{problem(
		g.file, g.line, key, fmt.Sprintf("the texts of guide and %s come to more than %d characters: from this one on they are left out for a change that all of them are about", scoped, maxGuide),
		"shorten them, or give them narrower globs",
	)}
}

// cleanGuide cleans all guidelines, before the patch is written: a secret that
// is plain in one of them is removed from the rest too.
func (v *visit) cleanGuide(c *scrub.Cleaner) ([]scrub.Text, error) {
	out := make([]scrub.Text, len(v.policy.guide))
	for i, g := range v.policy.guide {
		var err error
		if out[i], err = c.Clean(g.prompt()); err != nil {
			return nil, &scrubError{err}
		}
	}
	return out, nil
}

// guide returns the guidelines that are about files that are read, one a line.
func (v *visit) guide(ctx context.Context, lines []scrub.Text, raw review.Patch, clean scrub.Patch) (scrub.Text, error) {
	if len(lines) == 0 {
		return scrub.Text{}, nil
	}
	var read []review.File
	for i := range clean.Files {
		if summarize.SkipOf(&clean.Files[i]) == "" {
			read = append(read, raw.Files[i])
		}
	}
	// A character is about a quarter of a token: an eighth of the prompt.
	limit := min(maxGuide, v.b.opts.MaxTokens/2)
	kept, cut := fit(v.policy.guide, func(g guideline) bool { return g.about(read) }, limit)
	if cut >= 0 {
		if err := v.guideCut(ctx, v.policy.guide[cut], limit); err != nil {
			return scrub.Text{}, err
		}
	}
	out := make([]scrub.Text, len(kept))
	for n, i := range kept {
		out[n] = lines[i]
	}
	return scrub.Join("\n", out...), nil
}

// guideCut says in the log that guidelines were left out, once for each state
// of the project's configuration.
func (v *visit) guideCut(ctx context.Context, first guideline, limit int) error {
	key := "guide-cut/" + v.id.Host + "/" + v.id.Project
	told, _, err := v.b.settings.Setting(ctx, key)
	if err != nil {
		return fmt.Errorf("read what was told of %s: %w", v.id.Project, err)
	}
	if told == v.policy.Revision {
		return nil
	}
	v.b.log.Warn("instructions for the model are too long together; from this line on they are left out", "host", v.id.Host, "project", v.id.Project, "file", first.file, "line", first.line, "limit", limit)
	if err := v.b.settings.SetSetting(ctx, key, v.policy.Revision); err != nil {
		return fmt.Errorf("remember what was told of %s: %w", v.id.Project, err)
	}
	return nil
}
