// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

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
			if h.cut || h.shown.Empty() {
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
func (h *packedHunk) rest() (scrub.Hunk, float64) {
	told, all := 0, 0
	for _, l := range h.shown.Lines() {
		if s := l.String(); strings.HasPrefix(s, "+") || strings.HasPrefix(s, "-") {
			told++
		}
	}
	out := *h.hunk
	for i, l := range h.hunk.Lines {
		if all == told && l.Op != review.OpContext {
			out.Lines = h.hunk.Lines[i:]
			break
		}
		if l.Op != review.OpContext {
			all++
		}
		if l.Op != review.OpRemove {
			out.NewStart, out.NewLines = out.NewStart+1, out.NewLines-1
		}
	}
	added, removed := countLines([]scrub.Hunk{*h.hunk})
	return out, 1 - float64(told)/float64(max(1, added+removed))
}

// with returns f with other hunks.
func (f *file) with(hunks []scrub.Hunk) *file {
	out, inner := *f, *f.File
	inner.Hunks = hunks
	out.File = &inner
	return &out
}

// slim writes a hunk with c lines of context around its changes. Each gap
// starts a new @@ line, so that line numbers stay readable.
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
	var parts []scrub.Text
	line, open := h.NewStart, false
	for i, l := range h.Lines {
		if keep[i] {
			if !open {
				parts = append(parts, scrub.Format("@@ +%s %s\n", scrub.Int(line), h.Section))
			}
			parts = append(parts, opMark(l.Op), l.Text, scrub.Lit("\n"))
		}
		open = keep[i]
		if l.Op != review.OpRemove {
			line++
		}
	}
	return scrub.Join("", parts...)
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

// cutLines keeps whole lines from the start, as many as the budget allows.
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
