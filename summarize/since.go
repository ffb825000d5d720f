// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
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
	// What it is compared with and it does not do: gone are paths that it
	// leaves alone, less those in which it changes less.
	gone, less []scrub.Text
}

// same reports whether the change is what it is compared with.
func (s *scope) same() bool { return len(s.patch.Files)+len(s.gone)+len(s.less) == 0 }

// known is what the change is compared with: the patch set that reviewers
// know, or what it reverts or picks. Nil for neither.
func (in *Input) known() *scrub.Patch {
	switch {
	case in.Since != nil:
		return &in.Since.Patch
	case in.Origin != nil:
		return in.Origin.Patch
	}
	return nil
}

// scope returns what to speak of, and a draft with the facts of the whole patch.
func (in *Input) scope() (scope, Draft) {
	all := analyze(&in.Patch)
	d := Draft{Facts: factsOf(all), NotRead: notRead(all)}
	s := scope{patch: in.Patch, files: all}
	if before := in.known(); before != nil {
		s.patch, s.less = interdiff(before, &in.Patch)
		s.files, s.gone = analyze(&s.patch), gone(before, &in.Patch)
	}
	if in.Since != nil {
		d.Since = in.Since.PatchSet
		d.Unchanged = s.same()
	}
	d.Story = in.story(&s)
	d.Facts.Chain = in.Chain.text()
	d.Earlier = in.earlier(&s.patch)
	return s, d
}

// Scope returns the part of the patch to speak of: what is new since a known
// patch set, or beyond what is reverted or picked.
func (in *Input) Scope() scrub.Patch {
	before := in.known()
	if before == nil {
		return in.Patch
	}
	moved, _ := interdiff(before, &in.Patch)
	return moved
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

// interdiff returns what now changes and before does not, and in less the
// files of which now changes less. Both are compared by their changed lines:
// line numbers and context do not count, since a rebase moves both.
func interdiff(before, now *scrub.Patch) (diff scrub.Patch, less []scrub.Text) {
	known := map[string]*scrub.File{}
	for i := range before.Files {
		known[before.Files[i].Path.String()] = &before.Files[i]
	}
	diff.Merge = now.Merge
	for i := range now.Files {
		f := now.Files[i]
		old := known[f.Path.String()]
		switch {
		case old == nil, old.Status != f.Status, old.OldPath.String() != f.OldPath.String(), old.Mode != f.Mode, old.Skip != f.Skip:
		case len(f.Hunks) == 0:
			// Without text the counts are all there is to compare; a binary
			// file may have moved unseen.
			if f.Added == old.Added && f.Removed == old.Removed {
				continue
			}
		default:
			var lost bool
			if f.Hunks, lost = moved(old.Hunks, f.Hunks); lost {
				less = append(less, PathText(f.Path))
			}
			if len(f.Hunks) == 0 {
				continue
			}
			f.Added, f.Removed = countLines(f.Hunks)
		}
		diff.Files = append(diff.Files, f)
	}
	return diff, less
}

// maxAlign bounds the table in which lines are aligned: 4 million pairs are
// 16 MB. Longer files are compared hunk by hunk.
const maxAlign = 4 << 20

// moved returns the hunks of now with only those lines changed that before
// does not change alike. Lost is set when before changes lines that now does
// not and that no hunk of now shows.
func moved(before, now []scrub.Hunk) (out []scrub.Hunk, lost bool) {
	a, b := changes(before), changes(now)
	if len(a)*len(b) > maxAlign {
		return movedWhole(before, now)
	}
	same := align(a, b)
	elsewhere := same.settle(a, b)
	for _, h := range now {
		h.Lines = slices.Clone(h.Lines)
		out = append(out, h)
	}
	for j, c := range b {
		if same.b[j] < 0 {
			continue
		}
		if l := &out[c.hunk].Lines[c.line]; l.Op == review.OpAdd {
			l.Op = review.OpContext // there before
		} else {
			l.Op = dropped
		}
	}
	lost = takeBack(before, now, out, a, b, same) || elsewhere
	kept := out[:0]
	for _, h := range out {
		h.Lines = slices.DeleteFunc(h.Lines, func(l scrub.Line) bool { return l.Op == dropped })
		if added, removed := countLines([]scrub.Hunk{h}); added+removed > 0 {
			kept = append(kept, h)
		}
	}
	return kept, lost
}

// dropped marks a line that is left out.
const dropped review.Op = 'x'

// takeBack shows in out what only before changes: a line that it removes is
// back where out has it as context, and one that it adds is gone, behind the
// line above it or the last line that both change. A line that before adds and that now stands in
// the context has become part of the base and is no news; one that before
// moves stands somewhere in both.
func takeBack(before, now, out []scrub.Hunk, a, b []changed, same pairs) (lost bool) {
	t := newTwins(before, now)
	more := map[string]int{} // by how much out has a line as context more often
	for i := range out {
		for _, l := range out[i].Lines {
			if l.Op == review.OpContext && l.Text.Len() > 0 {
				more[l.Text.String()]++
			}
		}
	}
	for i := range before {
		for _, l := range before[i].Lines {
			if l.Op == review.OpContext {
				more[l.Text.String()]--
			}
		}
	}
	for i, c := range a {
		if same.a[i] >= 0 && c.l.Op == review.OpAdd {
			more[c.l.Text.String()]-- // both add it: context by our own hand
		}
	}
	removed, added := map[string]int{}, map[string]int{} // by before alone
	for i, c := range a {
		switch s := c.l.Text.String(); {
		case same.a[i] >= 0:
		case c.l.Op == review.OpAdd:
			added[s]++
		default:
			removed[s]++
		}
	}
	behind := map[spot][]scrub.Line{}
	last := -1 // the last line that both change
	for i, c := range a {
		if same.a[i] >= 0 {
			last = i
			continue
		}
		s := c.l.Text.String()
		shown := more[s] > 0
		if shown {
			more[s]--
		}
		at, found := t.of(spot{c.hunk, c.line})
		switch {
		case removed[s] > 0 && added[s] > 0:
			lost = true
		case c.l.Op == review.OpRemove && shown && found:
			out[at.hunk].Lines[at.line].Op = review.OpAdd
		case c.l.Op == review.OpRemove:
			lost = true
		case shown:
		default:
			at, found := t.of(spot{c.hunk, c.nextAt})
			if last >= 0 && a[last].hunk == c.hunk && (!found || a[last].line > c.nextAt) {
				p := b[same.a[last]]
				at, found = spot{p.hunk, p.line}, true
			}
			if lost = lost || !found; found {
				behind[at] = append(behind[at], scrub.Line{Op: review.OpRemove, Text: c.l.Text})
			}
		}
	}
	for i := range out {
		var lines []scrub.Line
		for j, l := range out[i].Lines {
			lines = append(append(lines, l), behind[spot{i, j}]...)
		}
		out[i].Lines = lines
	}
	return lost
}

// movedWhole compares hunk by hunk.
func movedWhole(before, now []scrub.Hunk) (out []scrub.Hunk, lost bool) {
	seen := map[string]int{}
	for i := range before {
		seen[hunkKey(&before[i])]++
	}
	for _, h := range now {
		if key := hunkKey(&h); seen[key] > 0 {
			seen[key]--
			continue
		}
		out = append(out, h)
	}
	return out, len(now)-len(out) < len(before)
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

// changed is a changed line, where it stands, and the unchanged lines around
// it: up to three above and below as one string each.
type changed struct {
	hunk, line   int
	l            *scrub.Line
	nextAt       int // the nearest unchanged line above, -1 for none
	above, below string
}

// around is how many unchanged lines make a place: as many as git shows.
const around = 3

func changes(hunks []scrub.Hunk) (out []changed) {
	for i := range hunks {
		var context []string
		first := len(out)
		before := map[int]int{} // how many context lines stand above a changed one
		at := -1
		for j := range hunks[i].Lines {
			l := &hunks[i].Lines[j]
			if l.Op == review.OpContext {
				context = append(context, l.Text.String())
				at = j
				continue
			}
			before[len(out)] = len(context)
			out = append(out, changed{hunk: i, line: j, l: l, nextAt: at})
		}
		for k := first; k < len(out); k++ {
			n := before[k]
			out[k].above = strings.Join(context[max(0, n-around):n], "\n")
			out[k].below = strings.Join(context[n:min(len(context), n+around)], "\n")
		}
	}
	return out
}

// apart reports whether two equal changed lines stand between other lines: one
// of them moved. A rebase may change the lines on one side.
func apart(a, b changed) bool { return a.above != b.above && a.below != b.below }

// pairs tells for each changed line of one side its partner on the other, -1
// for none.
type pairs struct{ a, b []int }

// settle takes equal added lines that stand in different places apart, and
// pairs what is left of removed lines in any order: gone is gone. Elsewhere is
// set when a pair of removed lines stood in different places.
func (p pairs) settle(a, b []changed) (elsewhere bool) {
	gone := map[string][]int{}
	for i, j := range p.a {
		switch {
		case j >= 0 && a[i].l.Op == review.OpAdd && apart(a[i], b[j]):
			p.a[i], p.b[j] = -1, -1
		case j < 0 && a[i].l.Op == review.OpRemove:
			s := a[i].l.Text.String()
			gone[s] = append(gone[s], i)
		}
	}
	for j, i := range p.b {
		s := b[j].l.Text.String()
		if i < 0 && b[j].l.Op == review.OpRemove && len(gone[s]) > 0 {
			p.b[j], p.a[gone[s][0]] = gone[s][0], j
			gone[s] = gone[s][1:]
		}
		if i = p.b[j]; i >= 0 && b[j].l.Op == review.OpRemove {
			elsewhere = elsewhere || apart(a[i], b[j])
		}
	}
	return elsewhere
}

// align finds a longest common subsequence of changed lines.
func align(a, b []changed) pairs {
	p := pairs{make([]int, len(a)), make([]int, len(b))}
	for i := range p.a {
		p.a[i] = -1
	}
	for j := range p.b {
		p.b[j] = -1
	}
	pair := func(i, j int) { p.a[i], p.b[j] = j, i }
	equal := func(i, j int) bool { return a[i].l.Op == b[j].l.Op && a[i].l.Text.String() == b[j].l.Text.String() }
	start, endA, endB := 0, len(a), len(b)
	for start < endA && start < endB && equal(start, start) {
		pair(start, start)
		start++
	}
	for endA > start && endB > start && equal(endA-1, endB-1) {
		endA, endB = endA-1, endB-1
		pair(endA, endB)
	}
	n, m := endA-start, endB-start
	if n == 0 || m == 0 {
		return p
	}
	// longest[i][j] is that of a[start+i:endA] and b[start+j:endB].
	longest := make([]int32, (n+1)*(m+1))
	for i := n - 1; i >= 0; i-- {
		for j := m - 1; j >= 0; j-- {
			if equal(start+i, start+j) {
				longest[i*(m+1)+j] = longest[(i+1)*(m+1)+j+1] + 1
			} else {
				longest[i*(m+1)+j] = max(longest[(i+1)*(m+1)+j], longest[i*(m+1)+j+1])
			}
		}
	}
	for i, j := 0, 0; i < n && j < m; {
		switch {
		case equal(start+i, start+j):
			pair(start+i, start+j)
			i, j = i+1, j+1
		case longest[(i+1)*(m+1)+j] >= longest[i*(m+1)+j+1]:
			i++
		default:
			j++
		}
	}
	return p
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
		if now.Files[i].Status == review.FileRenamed {
			still[now.Files[i].OldPath.String()] = true
		}
	}
	var out []scrub.Text
	for i := range before.Files {
		if p := before.Files[i].Path; !still[p.String()] {
			out = append(out, PathText(p))
		}
	}
	return out
}
