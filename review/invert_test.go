// SPDX-License-Identifier: Apache-2.0

package review_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"review-assistant/review"
)

func TestInvert(t *testing.T) {
	line := func(op review.Op, text string) review.Line { return review.Line{Op: op, Text: text} }
	in := review.Patch{Merge: true, Files: []review.File{
		{Path: "new.go", OldPath: "old.go", Status: review.FileRenamed, Mode: 0o100644, Added: 2, Removed: 1, Hunks: []review.Hunk{{
			OldStart: 3, OldLines: 3, NewStart: 3, NewLines: 4, Section: "func A() {",
			Lines: []review.Line{
				line(review.OpContext, "a"), line(review.OpRemove, "b"), line(review.OpAdd, "c"), line(review.OpAdd, "d"),
				{Op: review.OpContext, Text: "e", NoEOL: true},
			},
		}}},
		{Path: "added", Status: review.FileAdded, Added: 1, Hunks: []review.Hunk{{NewStart: 1, NewLines: 1, Lines: []review.Line{line(review.OpAdd, "x")}}}},
		{Path: "gone", Status: review.FileDeleted, Removed: 7, Skip: review.SkipLock},
		{Path: "copy", OldPath: "from", Status: review.FileCopied, Added: 1},
		{Path: "image", Status: review.FileModified, Binary: true, Skip: review.SkipBinary},
	}}
	want := review.Patch{Merge: true, Files: []review.File{
		{Path: "old.go", OldPath: "new.go", Status: review.FileRenamed, Mode: 0o100644, Added: 1, Removed: 2, Hunks: []review.Hunk{{
			OldStart: 3, OldLines: 4, NewStart: 3, NewLines: 3, Section: "func A() {",
			Lines: []review.Line{
				line(review.OpContext, "a"), line(review.OpRemove, "c"), line(review.OpRemove, "d"), line(review.OpAdd, "b"),
				{Op: review.OpContext, Text: "e", NoEOL: true},
			},
		}}},
		{Path: "added", Status: review.FileDeleted, Removed: 1, Hunks: []review.Hunk{{OldStart: 1, OldLines: 1, Lines: []review.Line{line(review.OpRemove, "x")}}}},
		{Path: "gone", Status: review.FileAdded, Added: 7, Skip: review.SkipLock},
		{Path: "copy", OldPath: "from", Status: review.FileCopied, Removed: 1},
		{Path: "image", Status: review.FileModified, Binary: true, Skip: review.SkipBinary},
	}}
	if diff := cmp.Diff(want, review.Invert(in)); diff != "" {
		t.Errorf("Invert: -want +got\n%s", diff)
	}
	if in.Files[0].Hunks[0].Lines[1].Op != review.OpRemove {
		t.Error("Invert changed its argument")
	}
}

// TestInvertTwice: undoing the undoing is the patch, but for the order of
// lines inside one block of changed lines.
func TestInvertTwice(t *testing.T) {
	name := rapid.StringMatching(`[a-c]{1,3}`)
	lines := rapid.SliceOfN(rapid.Custom(func(t *rapid.T) review.Line {
		return review.Line{
			Op:    rapid.SampledFrom([]review.Op{review.OpContext, review.OpAdd, review.OpRemove}).Draw(t, "op"),
			Text:  name.Draw(t, "text"),
			NoEOL: rapid.Bool().Draw(t, "no line end"),
		}
	}), 0, 12)
	hunk := rapid.Custom(func(t *rapid.T) review.Hunk {
		n := rapid.IntRange(0, 9)
		return review.Hunk{
			OldStart: n.Draw(t, "old"), OldLines: n.Draw(t, "old lines"), NewStart: n.Draw(t, "new"), NewLines: n.Draw(t, "new lines"),
			Section: name.Draw(t, "section"), Lines: lines.Draw(t, "lines"),
		}
	})
	file := rapid.Custom(func(t *rapid.T) review.File {
		f := review.File{
			Path: name.Draw(t, "path"), Binary: rapid.Bool().Draw(t, "binary"),
			Status: rapid.SampledFrom([]review.FileStatus{
				review.FileModified, review.FileAdded, review.FileDeleted, review.FileRenamed, review.FileCopied,
			}).Draw(t, "status"),
			Added: rapid.IntRange(0, 9).Draw(t, "added"), Removed: rapid.IntRange(0, 9).Draw(t, "removed"),
			Hunks: rapid.SliceOfN(hunk, 0, 3).Draw(t, "hunks"),
		}
		if f.Status == review.FileRenamed || f.Status == review.FileCopied {
			f.OldPath = name.Draw(t, "old path")
		}
		return f
	})
	rapid.Check(t, func(t *rapid.T) {
		p := review.Patch{Files: rapid.SliceOfN(file, 0, 4).Draw(t, "files"), Merge: rapid.Bool().Draw(t, "merge")}
		twice := review.Invert(review.Invert(p))
		if diff := cmp.Diff(ordered(p), twice); diff != "" {
			t.Fatalf("Invert(Invert(p)): -want +got\n%s", diff)
		}
	})
}

// ordered returns p with the removed lines of each block before the added.
func ordered(p review.Patch) review.Patch {
	var files []review.File
	for _, f := range p.Files {
		var hunks []review.Hunk
		for _, h := range f.Hunks {
			var out, added []review.Line
			for _, l := range h.Lines {
				switch l.Op {
				case review.OpAdd:
					added = append(added, l)
				case review.OpRemove:
					out = append(out, l)
				default:
					out = append(append(out, added...), l)
					added = nil
				}
			}
			h.Lines = append(out, added...)
			if h.Lines == nil {
				h.Lines = []review.Line{}
			}
			hunks = append(hunks, h)
		}
		if f.Hunks = hunks; hunks == nil {
			f.Hunks = []review.Hunk{}
		}
		files = append(files, f)
	}
	if files == nil {
		files = []review.File{}
	}
	return review.Patch{Files: files, Merge: p.Merge}
}
