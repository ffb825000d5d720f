// SPDX-License-Identifier: Apache-2.0

package review

import "slices"

// Invert returns the patch that undoes p, with the files in the order of p.
// What it returns shares no memory with p. A copied file keeps its names: the
// opposite of a copy has no words in a diff.
func Invert(p Patch) Patch {
	out := Patch{Files: slices.Clone(p.Files), Merge: p.Merge}
	for i := range out.Files {
		f := &out.Files[i]
		f.Added, f.Removed = f.Removed, f.Added
		switch f.Status {
		case FileAdded:
			f.Status = FileDeleted
		case FileDeleted:
			f.Status = FileAdded
		case FileRenamed:
			f.Path, f.OldPath = f.OldPath, f.Path
		}
		f.Hunks = slices.Clone(f.Hunks)
		for j := range f.Hunks {
			f.Hunks[j] = f.Hunks[j].inverted()
		}
	}
	return out
}

func (h Hunk) inverted() Hunk {
	out := h
	out.OldStart, out.NewStart = h.NewStart, h.OldStart
	out.OldLines, out.NewLines = h.NewLines, h.OldLines
	out.Lines = slices.Clone(h.Lines)
	block := 0 // where the block of changed lines starts
	for i := range out.Lines {
		switch l := &out.Lines[i]; l.Op {
		case OpAdd:
			l.Op = OpRemove
		case OpRemove:
			l.Op = OpAdd
		default:
			removedFirst(out.Lines[block:i])
			block = i + 1
		}
	}
	removedFirst(out.Lines[block:])
	return out
}

// removedFirst orders a block of changed lines as diffs do.
func removedFirst(block []Line) {
	rank := func(l Line) int {
		if l.Op == OpRemove {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(block, func(a, b Line) int { return rank(a) - rank(b) })
}
