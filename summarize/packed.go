// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Packed is a diff cut to a budget.
type Packed struct {
	Text    scrub.Text
	Omitted []NotRead // files of which no line fitted
	Cut     int       // files and hunks that were left out or shortened
	Left    float64   // 0 to 1: the share of what matters that is not in Text
	Tokens  int

	rest []*file // the files with what is not in Text
}

func (k *packer) result(files []*file, budget int) Packed {
	var parts []scrub.Text
	var r Packed
	all, left := 0.0, 0.0
	shown := map[*file]bool{}
	for _, f := range k.files {
		parts = append(parts, f.head)
		slices.SortStableFunc(f.hunks, func(a, b *packedHunk) int { return a.hunk.NewStart - b.hunk.NewStart })
		var rest []scrub.Hunk
		for _, h := range f.hunks {
			all += h.whole
			if h.keep != nil || h.shown.Empty() {
				more, share := h.rest()
				rest, left = append(rest, more), left+h.whole*share
				r.Cut++
			}
			if !h.shown.Empty() {
				shown[f.file] = true
				parts = append(parts, h.shown)
			}
		}
		shown[f.file] = shown[f.file] || len(f.hunks) == 0
		if len(rest) > 0 {
			r.rest = append(r.rest, f.with(rest))
		}
	}
	listed := map[*file]bool{}
	for _, f := range k.files {
		listed[f.file] = true
	}
	for _, f := range files {
		if shown[f] || f.skip != "" {
			continue
		}
		r.Omitted = append(r.Omitted, NotRead{f.Path, review.SkipBudget})
		if len(f.Hunks) == 0 {
			r.Cut++
		}
		if !listed[f] && len(f.Hunks) > 0 {
			w := f.weight * float64(len(f.Hunks))
			all, left = all+w, left+w
			r.rest = append(r.rest, f)
		}
	}
	r.Text, r.Tokens, r.Left = scrub.Join("", parts...), budget-k.left, left/max(all, 1e-9)
	return r
}

// rest returns what of a hunk is not shown, and its share of the changed lines.
// Lines that are shown count as context, so that numbers stay right.
func (h *packedHunk) rest() (scrub.Hunk, float64) {
	out, told, all := *h.hunk, 0, 0
	out.Lines = nil
	for i, l := range h.hunk.Lines {
		shown := h.keep != nil && h.keep[i]
		if l.Op != review.OpContext {
			all++
			if shown {
				told++
			}
		}
		switch {
		case !shown || l.Op == review.OpContext:
			out.Lines = append(out.Lines, l)
		case l.Op == review.OpAdd:
			out.Lines = append(out.Lines, scrub.Line{Op: review.OpContext, Text: l.Text})
		}
	}
	return out, 1 - float64(told)/float64(max(1, all))
}

// with returns f with other hunks, as [weigh] knows it: what was read of f may
// be put into words meanwhile.
func (f *file) with(hunks []scrub.Hunk) *file {
	inner := *f.File
	inner.Hunks = hunks
	return &file{File: &inner, path: f.path, role: f.role, lang: f.lang, skip: f.skip, moved: f.moved, blank: f.blank, weight: f.weight}
}

// slim writes a hunk with c lines of context around its changes.
func slim(h *scrub.Hunk, c int) scrub.Text {
	keep := make([]bool, len(h.Lines))
	next := 0 // up to where lines are kept already
	for i, l := range h.Lines {
		if l.Op == review.OpContext {
			continue
		}
		for next = max(next, i-c); next <= min(len(keep)-1, i+c); next++ {
			keep[next] = true
		}
	}
	return write(h, keep)
}

// write writes the lines of a hunk that are kept. Each gap starts a new @@
// line, so that line numbers stay readable, and one in which changed lines are
// missing shows the cut.
func write(h *scrub.Hunk, keep []bool) scrub.Text {
	var parts []scrub.Text
	line, open, missing := h.NewStart, false, false
	for i, l := range h.Lines {
		switch {
		case keep[i]:
			if missing {
				parts = append(parts, cutMark)
			}
			if !open {
				parts = append(parts, scrub.Format("@@ +%s %s\n", scrub.Int(line), h.Section))
			}
			parts = append(parts, opMark(l.Op), l.Text, scrub.Lit("\n"))
			missing = false
		case l.Op != review.OpContext:
			missing = true
		}
		open = keep[i]
		if l.Op != review.OpRemove {
			line++
		}
	}
	if missing {
		parts = append(parts, cutMark)
	}
	return scrub.Join("", parts...)
}

// cutHunk keeps changed lines of a hunk that is too long from its start, as many
// as fit into a budget. Keep is nil when hardly anything fits.
func cutHunk(h *scrub.Hunk, budget int) (text scrub.Text, keep []bool) {
	keep = make([]bool, len(h.Lines))
	head := Tokens(h.Section) + 6 // of an @@ line
	left, n := budget-Tokens(cutMark), 0
	for i, l := range h.Lines {
		if l.Op == review.OpContext {
			continue
		}
		left -= Tokens(l.Text) + 2 // its mark and end
		if i == 0 || !keep[i-1] {
			left -= head
		}
		if left < 0 {
			break
		}
		keep[i] = true
		n++
	}
	if text = write(h, keep); n == 0 || Tokens(text) > budget {
		return scrub.Text{}, nil
	}
	return text, keep
}

func opMark(op review.Op) scrub.Text {
	switch op {
	case review.OpAdd:
		return scrub.Lit("+")
	case review.OpRemove:
		return scrub.Lit("-")
	}
	return scrub.Lit(" ")
}

// cutLines keeps whole lines of a text from the start, as many as the budget allows.
func cutLines(t scrub.Text, budget int) scrub.Text {
	spent := Tokens(cutMark)
	var kept []scrub.Text
	for _, l := range t.Lines() {
		line := scrub.Join("", l, scrub.Lit("\n"))
		if spent += Tokens(line); spent > budget {
			break
		}
		kept = append(kept, line)
	}
	if len(kept) < 2 {
		return scrub.Text{}
	}
	return scrub.Join("", scrub.Join("", kept...), cutMark)
}
