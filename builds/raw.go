// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Limits of what is kept of one failure.
const (
	MaxExcerpt  = 30  // lines
	maxLineText = 400 // runes of a line
	maxName     = 300 // runes of a test's or file's name
)

// Raw is a failure as a log or report tells it. Its text is not scrubbed, so
// nothing of it can be read from outside: Clean makes what may be kept.
type Raw struct {
	stage    review.Stage
	category string
	test     string
	file     string
	line     int // of file
	// lines are a piece of the log around the excerpt: the scrubber has to see
	// where a key begins. first is the number of the first one, 0 for no log.
	lines []string
	first int
	// numbers are those of lines when they do not follow each other.
	numbers []int
	// excerpt lists the lines that are shown, by index, ascending; focus is the
	// one that matters, an index too.
	excerpt []int
	focus   int
}

// Clean scrubs the failure and names it by its fingerprint.
func (r *Raw) Clean(c *scrub.Cleaner) (review.BuildFailure, error) {
	f := review.BuildFailure{Stage: r.stage, Category: r.category, Line: r.line}
	text, err := c.Clean(strings.Join(r.lines, "\n"))
	if err != nil {
		return review.BuildFailure{}, fmt.Errorf("scrub a failure: %w", err)
	}
	lines := text.Lines()
	for _, s := range []struct {
		to  *string
		raw string
	}{{&f.Test, r.test}, {&f.File, r.file}} {
		t, err := c.Clean(plainLine(s.raw))
		if err != nil {
			return review.BuildFailure{}, fmt.Errorf("scrub a failure: %w", err)
		}
		*s.to = clip(oneLine(t.String()), maxName)
	}
	for _, i := range r.excerpt {
		if i < 0 || i >= len(lines) || len(f.Excerpt) == MaxExcerpt {
			continue
		}
		l := review.BuildLine{Text: clip(lines[i].String(), maxLineText)}
		switch {
		case i < len(r.numbers):
			l.Number = r.numbers[i]
		case r.first > 0:
			l.Number = r.first + i
		}
		f.Excerpt = append(f.Excerpt, l)
	}
	if r.focus >= 0 && r.focus < len(lines) {
		f.Message = clip(strings.TrimSpace(lines[r.focus].String()), maxLineText)
	}
	f.Fingerprint = fingerprint(f.Test, f.Message, f.Excerpt)
	return f, nil
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// clip cuts s to max runes.
func clip(s string, max int) string {
	if utf8.RuneCountInString(s) <= max {
		return s
	}
	return string([]rune(s)[:max-1]) + "…"
}
