// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"review-assistant/review"
	"review-assistant/scrub"
)

// reorder is the first line of a block that moved within its hunk, with the
// unchanged lines that it stood above and that it stands below now.
type reorder struct {
	line          scrub.Text
	at            int // new side
	above, behind scrub.Text
}

// reordered returns the first block that moved when a file holds the same
// changed lines on both sides, only in another order.
func reordered(s *scrub.File) (r reorder, ok bool) {
	count := map[string]int{}
	for i := range s.Hunks {
		for _, l := range s.Hunks[i].Lines {
			// Indentation counts: it decides what a line belongs to.
			switch t := l.Text.String(); l.Op {
			case review.OpAdd:
				count[t]++
			case review.OpRemove:
				count[t]--
			case review.OpContext:
			}
		}
	}
	if s.Added == 0 {
		return r, false
	}
	for _, n := range count {
		if n != 0 {
			return r, false
		}
	}
	for i := range s.Hunks {
		if r, ok = reorderedIn(&s.Hunks[i]); ok {
			return r, true
		}
	}
	return r, false // a bracket or a blank line moved: what that means is read elsewhere
}

// reorderedIn looks for the first added line of a hunk that stood elsewhere in it.
func reorderedIn(h *scrub.Hunk) (r reorder, ok bool) {
	line, before := h.NewStart, scrub.Text{}
	for _, l := range h.Lines {
		if l.Op == review.OpContext && hasWord.MatchString(l.Text.String()) {
			before = l.Text
		}
		if l.Op == review.OpAdd && hasWord.MatchString(l.Text.String()) && !before.Empty() {
			if above := stoodAbove(h, l.Text); !above.Empty() {
				return reorder{line: l.Text, at: line, above: above, behind: before}, true
			}
		}
		if l.Op != review.OpRemove {
			line++
		}
	}
	return r, false
}

// stoodAbove returns the unchanged line below the place that a line left.
func stoodAbove(h *scrub.Hunk, moved scrub.Text) scrub.Text {
	left := false
	for _, l := range h.Lines {
		left = left || l.Op == review.OpRemove && l.Text.String() == moved.String()
		if left && l.Op == review.OpContext && hasWord.MatchString(l.Text.String()) {
			return l.Text
		}
	}
	return scrub.Text{}
}

// orderPoint points at a block that moved.
func (f *file) orderPoint() []found {
	if f.order == nil || f.order.line.Empty() || f.role == roleDocs || f.role == roleTest {
		return nil
	}
	r := f.order
	return []found{f.found(r.at, scrub.Format("%s stands behind %s now and stood above %s", span(r.line, 70), span(r.behind, 60), span(r.above, 60)), 8, ruleOther, "")}
}

// orderBullet names the files in which nothing but the order of lines changes.
func orderBullet(files []*file) (float64, scrub.Text) {
	var names []scrub.Text
	for _, f := range files {
		if f.order != nil {
			names = append(names, f.short)
		}
	}
	if len(names) == 0 {
		return 0, scrub.Text{}
	}
	return 4, scrub.Format("Only the order of lines changes in %s.", list(names, 5))
}
