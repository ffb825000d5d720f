// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// EarlierPoint is a point of the last summary and what became of it.
type EarlierPoint struct {
	Point
	// Changed says that its line is no longer as it was told of, or its file
	// is no longer part of the change. What that means is for people to judge.
	Changed bool
}

// earlier says what became of the points of the patch set that reviewers know.
func (in *Input) earlier(moved *scrub.Patch) []EarlierPoint {
	if in.Since == nil {
		return nil
	}
	var out []EarlierPoint
	for _, p := range in.Earlier {
		if was := fileOf(&in.Since.Patch, p.Path); was != nil {
			p.Path = was.Path
		}
		p.Code = codeAt(&in.Since.Patch, p)
		now := fileOf(&in.Patch, p.Path)
		e := EarlierPoint{Point: p, Changed: now == nil}
		switch {
		case now == nil:
		case p.Code.Empty():
			e.Changed = fileOf(moved, p.Path) != nil
		default:
			e.Line = lineOf(now, p.Code, p.Line)
			e.Changed = e.Line == 0
		}
		out = append(out, e)
	}
	return out
}

// told reports whether a point was told of an earlier patch set and its line
// is as it was. The same line may get a grave point for another reason.
func (d *Draft) told(p Point) bool {
	return slices.ContainsFunc(d.Earlier, func(e EarlierPoint) bool {
		return !e.Changed && e.Path.String() == p.Path.String() && e.Line == p.Line && e.Code.String() == p.Code.String() &&
			(e.Why.String() == p.Why.String() || !p.Code.Empty() && !p.grave)
	})
}

// Settled names the earlier points whose lines changed, empty when none did.
func (d *Draft) Settled() scrub.Text {
	var places []scrub.Text
	for _, e := range d.Earlier {
		if e.Changed {
			places = append(places, e.Place())
		}
	}
	if len(places) == 0 {
		return scrub.Text{}
	}
	return scrub.Format("Changed since it was pointed at: %s.", list(unique(places), maxPoints+maxRisks))
}

// fileOf finds a file by its path, or by the path as sentences show it.
func fileOf(p *scrub.Patch, path scrub.Text) *scrub.File {
	for i := range p.Files {
		if f := p.Files[i].Path; f.String() == path.String() || PathText(f).Neutral().String() == path.String() {
			return &p.Files[i]
		}
	}
	return nil
}

// codeAt returns the trimmed line of the new side that a point names, empty
// when the patch does not show it.
func codeAt(p *scrub.Patch, at Point) scrub.Text {
	f := fileOf(p, at.Path)
	if f == nil || at.Line == 0 {
		return scrub.Text{}
	}
	for n, l := range newSide(f) {
		if n == at.Line {
			return l.Text.TrimSpace()
		}
	}
	return scrub.Text{}
}

// lineOf returns the number of the line of the new side that reads like code,
// the nearest to near, or 0.
func lineOf(f *scrub.File, code scrub.Text, near int) int {
	best := 0
	for n, l := range newSide(f) {
		if strings.TrimSpace(l.Text.String()) == code.String() && (best == 0 || abs(n-near) < abs(best-near)) {
			best = n
		}
	}
	return best
}

func abs(n int) int { return max(n, -n) }

// newSide yields the lines of the new side that a file shows, with their numbers.
func newSide(f *scrub.File) func(func(int, scrub.Line) bool) {
	return func(yield func(int, scrub.Line) bool) {
		for i := range f.Hunks {
			n := f.Hunks[i].NewStart
			for _, l := range f.Hunks[i].Lines {
				if l.Op == review.OpRemove {
					continue
				}
				if !yield(n, l) {
					return
				}
				n++
			}
		}
	}
}
