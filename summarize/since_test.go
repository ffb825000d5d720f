// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"review-assistant/review"
	"review-assistant/scrub"
)

// asHunk is the difference of two versions of a file as one hunk.
func asHunk(before, after []scrub.Text) scrub.Hunk {
	lines := func(ts []scrub.Text) (out []changed) {
		for i := range ts {
			out = append(out, changed{line: i, l: &scrub.Line{Op: review.OpAdd, Text: ts[i]}})
		}
		return out
	}
	same := align(lines(before), lines(after))
	h := scrub.Hunk{OldStart: 1, OldLines: len(before), NewStart: 1, NewLines: len(after)}
	i := 0
	for j, l := range after {
		p := same.b[j]
		for ; p >= 0 && i < p; i++ {
			h.Lines = append(h.Lines, scrub.Line{Op: review.OpRemove, Text: before[i]})
		}
		if p >= 0 {
			h.Lines = append(h.Lines, scrub.Line{Op: review.OpContext, Text: l})
			i++
		} else {
			h.Lines = append(h.Lines, scrub.Line{Op: review.OpAdd, Text: l})
		}
	}
	for ; i < len(before); i++ {
		h.Lines = append(h.Lines, scrub.Line{Op: review.OpRemove, Text: before[i]})
	}
	return h
}

func filePatch(h scrub.Hunk) scrub.Patch {
	f := scrub.File{Path: scrub.Lit("a.go"), Status: review.FileModified, Hunks: []scrub.Hunk{h}}
	f.Added, f.Removed = countLines(f.Hunks)
	return scrub.Patch{Files: []scrub.File{f}}
}

// A patch set counts as unchanged exactly when both lead to the same file, and
// nothing is told as added or gone that both versions hold equally often.
func TestInterdiffIsTrue(t *testing.T) {
	letters := []scrub.Text{scrub.Lit("a"), scrub.Lit("b"), scrub.Lit("c"), scrub.Lit("d"), scrub.Lit("e"), scrub.Lit("f"), scrub.Lit("g"), scrub.Lit("h")}
	version := func(r *rapid.T, name string, from []scrub.Text) []scrub.Text {
		out := slices.Clone(from)
		for range rapid.IntRange(0, 4).Draw(r, name+" edits") {
			at := rapid.IntRange(0, len(out)).Draw(r, name+" at")
			if at < len(out) && rapid.Bool().Draw(r, name+" removes") {
				out = slices.Delete(out, at, at+1)
			} else {
				out = slices.Insert(out, at, rapid.SampledFrom(letters).Draw(r, name+" line"))
			}
		}
		return out
	}
	text := func(ts []scrub.Text) string { return scrub.Join("\n", ts...).String() }
	rapid.Check(t, func(r *rapid.T) {
		base := rapid.SliceOfN(rapid.SampledFrom(letters), 1, 8).Draw(r, "base")
		first, second := version(r, "first", base), version(r, "second", base)
		before, now := filePatch(asHunk(base, first)), filePatch(asHunk(base, second))
		if text(second) == text(base) {
			return // the file has left the patch
		}
		diff, less := interdiff(&before, &now)
		if equal := text(first) == text(second); equal && (len(diff.Files) > 0 || len(less) > 0) {
			r.Fatalf("the same file differs: %+v, less in %v", diff.Files, less)
		} else if !equal && len(diff.Files)+len(less) == 0 {
			r.Fatalf("different files are the same:\n%s\n---\n%s", text(first), text(second))
		}
		for _, f := range diff.Files {
			for _, h := range f.Hunks {
				for _, l := range h.Lines {
					s := l.Text.String()
					if l.Op == review.OpAdd && !slices.ContainsFunc(second, func(t scrub.Text) bool { return t.String() == s }) {
						r.Fatalf("%q is told as new and is not there", s)
					}
					if l.Op == review.OpRemove && !slices.ContainsFunc(first, func(t scrub.Text) bool { return t.String() == s }) {
						r.Fatalf("%q is told as gone and was not there", s)
					}
				}
			}
		}
	})
}
