// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"cmp"
	"slices"
	"strings"

	"review-assistant/scrub"
)

// ofEdit matches points about a line of which one part was replaced.
var ofEdit = re(`^(?:the condition was|the comparison|a limit changes|the type of) `)

// quotedPart is how much of a longer quotation has to agree, in bytes: both
// may be cut.
const quotedPart = 40

// tells reports whether a point at one of the lines of e quotes the same code.
func (t told) tells(e effect) bool {
	for _, line := range append([]int{e.line}, e.also...) {
		why := t[line]
		if e.whole && ofEdit.MatchString(why) {
			return true
		}
		for _, code := range codeSpan.FindAllString(e.text.String(), -1) {
			if code = strings.Trim(code, "`"); len(code) > 3 && strings.Contains(why, code[:min(len(code), quotedPart)]) {
				return true
			}
		}
	}
	return false
}

// firstPresentable keeps the first n effects that may stand in a comment, and
// those behind them as they are.
func firstPresentable(all []effect, n int) []effect {
	kept := all[:0]
	for _, e := range all {
		if len(kept) >= n || presentable(e.text) {
			kept = append(kept, e)
		}
	}
	return kept
}

// maxEffects is how many effects of one file a sentence tells.
const maxEffects = 3

// effectsText says the heaviest effects of f that are not in told, at most
// room bytes.
func (f *file) effectsText(known told, room int) scrub.Text {
	all := slices.DeleteFunc(slices.Clone(f.effects), func(e effect) bool { return known.tells(e) })
	slices.SortStableFunc(all, func(a, b effect) int { return b.weight - a.weight })
	all = firstPresentable(all, maxEffects)
	if i := slices.IndexFunc(all, func(e effect) bool { return e.weight <= weightLast }); i >= 0 {
		all = all[:max(i, min(1, len(all)))]
		if f.replaced && i == 0 {
			all = nil
		}
	}
	f.chosen = nil
	for n := min(len(all), maxEffects); n > 0; n-- {
		f.chosen = slices.Clone(all[:n])
		slices.SortStableFunc(f.chosen, func(a, b effect) int { return cmp.Compare(a.line, b.line) })
		if t := sentences(f.chosen); t.Len() <= room || n == 1 {
			return t
		}
	}
	return scrub.Text{}
}

// weightLast is that of an effect that stands where there is no other.
const weightLast = 1

// worthMore is the weight from which an effect is worth a second sentence.
const worthMore = 5

// moreEffects tells effects for which the first sentence had no room.
func (f *file) moreEffects(known told) scrub.Text {
	said := f.chosen
	f.effects = slices.DeleteFunc(f.effects, func(e effect) bool {
		return e.weight < worthMore || slices.ContainsFunc(said, func(s effect) bool { return s.line == e.line && s.text.String() == e.text.String() })
	})
	if len(said) == 0 || len(f.effects) == 0 {
		return scrub.Text{}
	}
	if t := f.effectsText(known, maxBullet-f.short.Len()-4); !t.Empty() {
		return scrub.Format("%s: %s.", f.short, t)
	}
	return scrub.Text{}
}

// sentences joins effects, those of one declaration under one subject.
func sentences(all []effect) scrub.Text {
	var parts []scrub.Text
	for i := 0; i < len(all); {
		e := all[i]
		here := []scrub.Text{e.text}
		j := i + 1
		for ; j < len(all) && !e.in.Empty() && all[j].whole == e.whole && all[j].inner == e.inner && all[j].in.String() == e.in.String(); j++ {
			t := all[j].text
			for _, lead := range []string{"no longer has ", "has the new branch ", "now "} {
				if strings.HasPrefix(t.String(), lead) && strings.HasPrefix(all[j-1].text.String(), lead) {
					t = t.Slice(len(lead), t.Len())
				}
			}
			here = append(here, t)
		}
		i = j
		what := list(here, len(here))
		switch {
		case e.in.Empty() && e.whole:
			parts = append(parts, scrub.Format("line %s: %s", scrub.Int(e.line), what))
		case e.in.Empty():
			parts = append(parts, scrub.Format("line %s %s", scrub.Int(e.line), what))
		case e.whole:
			parts = append(parts, scrub.Format("in %s, %s", span(e.in, 60), what))
		case e.inner:
			parts = append(parts, scrub.Format("a block inside of %s %s", span(e.in, 60), what))
		default:
			parts = append(parts, scrub.Format("%s %s", span(e.in, 60), what))
		}
	}
	return scrub.Join("; ", parts...)
}
