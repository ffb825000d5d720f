// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Since is the patch set that reviewers know already.
type Since struct {
	PatchSet int
	Patch    scrub.Patch
}

// scope is the part of a change to speak of.
type scope struct {
	patch scrub.Patch
	files []*file
}

// scope returns what to speak of, and a draft with the facts of the whole patch.
func (in *Input) scope() (scope, Draft) {
	all := analyze(&in.Patch)
	d := Draft{Facts: factsOf(all), NotRead: notRead(all)}
	if in.Since == nil {
		return scope{in.Patch, all}, d
	}
	d.Since = in.Since.PatchSet
	moved := movedSince(&in.Since.Patch, &in.Patch)
	d.Unchanged = len(moved.Files) == 0 && len(gone(&in.Since.Patch, &in.Patch)) == 0
	return scope{moved, analyze(&moved)}, d
}

func notRead(files []*file) []NotRead {
	var out []NotRead
	for _, f := range files {
		if f.skip != "" {
			out = append(out, NotRead{f.Path, f.skip})
		}
	}
	return out
}

// movedSince returns the files and hunks of now whose changed lines are not
// in before. Line numbers and context do not count: a rebase moves both.
func movedSince(before, now *scrub.Patch) scrub.Patch {
	known := map[string]*scrub.File{}
	for i := range before.Files {
		known[before.Files[i].Path.String()] = &before.Files[i]
	}
	out := scrub.Patch{Merge: now.Merge}
	for i := range now.Files {
		f := now.Files[i]
		old := known[f.Path.String()]
		if old == nil || old.Status != f.Status || old.OldPath.String() != f.OldPath.String() || old.Mode != f.Mode || old.Skip != f.Skip {
			out.Files = append(out.Files, f)
			continue
		}
		if len(f.Hunks) == 0 {
			// Without text the counts are all there is to compare; a binary
			// file may have moved unseen.
			if f.Added != old.Added || f.Removed != old.Removed {
				out.Files = append(out.Files, f)
			}
			continue
		}
		seen := map[string]int{}
		for j := range old.Hunks {
			seen[hunkKey(&old.Hunks[j])]++
		}
		var hunks []scrub.Hunk
		for _, h := range f.Hunks {
			key := hunkKey(&h)
			if seen[key] > 0 {
				seen[key]--
				continue
			}
			hunks = append(hunks, h)
		}
		if len(hunks) == 0 && len(f.Hunks) >= len(old.Hunks) {
			continue
		}
		f.Hunks = hunks
		f.Added, f.Removed = countLines(hunks)
		out.Files = append(out.Files, f)
	}
	return out
}

func hunkKey(h *scrub.Hunk) string {
	var b strings.Builder
	for _, l := range h.Lines {
		if l.Op != review.OpContext {
			b.WriteByte(byte(l.Op))
			b.WriteString(l.Text.String())
			b.WriteByte('\n')
		}
	}
	return b.String()
}

func countLines(hunks []scrub.Hunk) (added, removed int) {
	for i := range hunks {
		for _, l := range hunks[i].Lines {
			switch l.Op {
			case review.OpAdd:
				added++
			case review.OpRemove:
				removed++
			}
		}
	}
	return added, removed
}

// gone returns the paths that the patch no longer touches.
func gone(before, now *scrub.Patch) []scrub.Text {
	still := map[string]bool{}
	for i := range now.Files {
		still[now.Files[i].Path.String()] = true
	}
	var out []scrub.Text
	for i := range before.Files {
		if p := before.Files[i].Path; !still[p.String()] {
			out = append(out, PathText(p))
		}
	}
	return out
}

// addGone tells which files the change left alone again.
func (d *Draft) addGone(in *Input) {
	if paths := gone(&in.Since.Patch, &in.Patch); len(paths) > 0 {
		d.Bullets = append(d.Bullets[:min(len(d.Bullets), maxBullets-1)], scrub.Format("No longer touches %s.", list(paths, 5)))
	}
}
