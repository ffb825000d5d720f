// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"

	"review-assistant/review"
	"review-assistant/scrub"
)

// spot is a line of some hunks.
type spot struct{ hunk, line int }

// oldLine is a line of the base with its neighbours, "" for those not shown.
type oldLine struct {
	spot
	number       int
	above, below string
}

// twins finds lines of one diff's base in the context of another's. The text
// alone is not enough: lines such as "return nil" stand everywhere.
type twins struct {
	before map[spot]oldLine
	now    map[string][]oldLine
	text   []scrub.Hunk
}

func newTwins(before, now []scrub.Hunk) twins {
	t := twins{map[spot]oldLine{}, map[string][]oldLine{}, before}
	for _, l := range oldLines(before) {
		t.before[l.spot] = l
	}
	for _, l := range oldLines(now) {
		if line := now[l.hunk].Lines[l.line]; line.Op == review.OpContext {
			t.now[line.Text.String()] = append(t.now[line.Text.String()], l)
		}
	}
	return t
}

// of returns where a line of before's base stands in the context of now: where
// its neighbours agree and, should that be so twice, its number.
func (t twins) of(at spot) (spot, bool) {
	l, ok := t.before[at]
	if !ok {
		return spot{}, false
	}
	agree := func(a, b string) bool { return a == b || a == "" || b == "" }
	var fit []oldLine
	for _, o := range t.now[t.text[at.hunk].Lines[at.line].Text.String()] {
		known := l.above != "" && o.above != "" || l.below != "" && o.below != "" || l.number == o.number
		if known && agree(l.above, o.above) && agree(l.below, o.below) {
			fit = append(fit, o)
		}
	}
	if len(fit) > 1 {
		fit = slices.DeleteFunc(fit, func(o oldLine) bool { return o.number != l.number })
	}
	if len(fit) != 1 {
		return spot{}, false
	}
	return fit[0].spot, true
}

func oldLines(hunks []scrub.Hunk) (out []oldLine) {
	for i := range hunks {
		first := len(out)
		n := hunks[i].OldStart
		for j, l := range hunks[i].Lines {
			if l.Op == review.OpAdd {
				continue
			}
			o := oldLine{spot: spot{i, j}, number: n}
			if k := len(out); k > first {
				o.above = hunks[i].Lines[out[k-1].line].Text.String()
				out[k-1].below = l.Text.String()
			}
			out = append(out, o)
			n++
		}
	}
	return out
}
