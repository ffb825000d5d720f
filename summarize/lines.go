// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// maxShort is up to how many changed lines of a file without declarations are
// quoted one by one.
const maxShort = 14

// lineBullet quotes the changed lines of a file in which nothing is declared,
// where they are few.
func lineBullet(f *file, files int, known told) scrub.Text {
	limit := 3
	if files > 3 {
		limit = 1
	}
	if f.lang != nil || f.lines() > maxShort || len(f.keysChanged)+len(f.keysAdded)+len(f.keysRemoved) > 0 || len(f.bumps) > 0 && !containers.MatchString(f.path) || f.Status == review.FileAdded || f.Status == review.FileDeleted {
		return scrub.Text{}
	}
	var parts []scrub.Text
	used := map[string]bool{}
	for _, e := range f.edits {
		used["-"+e.oldLine.String()], used["+"+e.newLine.String()] = true, true
		if !known.at(e.line) && !dullPart(e) && !f.remarked(e.newLine) && !f.bumped(e.newLine) {
			parts = append(parts, e.sentence())
		}
	}
	var plus, minus []scrub.Text
	for i := range f.Hunks {
		at := f.Hunks[i].NewStart
		for _, l := range f.Hunks[i].Lines {
			t := l.Text.TrimSpace()
			key := string(rune(l.Op)) + t.String()
			switch {
			case l.Op == review.OpContext, used["+"+t.String()], used["-"+t.String()], known.at(at) && l.Op == review.OpAdd, f.remarked(t), f.bumped(t), !hasWord.MatchString(t.String()):
			case l.Op == review.OpAdd:
				plus = append(plus, t)
			default:
				minus = append(minus, t)
			}
			used[key] = used[key] && l.Op != review.OpContext
			if l.Op != review.OpRemove {
				at++
			}
		}
	}
	both := unique(plus)
	plus, minus = without(both, minus), without(unique(minus), both)
	if len(minus) > 0 {
		parts = append(parts, scrub.Format("no longer has %s", spans(minus, limit)))
	}
	if len(plus) > 0 {
		parts = append(parts, scrub.Format("now has %s", spans(plus, limit)))
	}
	if len(parts) == 0 {
		return scrub.Text{}
	}
	rest := len(parts) - limit
	return scrub.Format("%s: %s%s.", f.short, scrub.Join("; ", parts[:min(limit, len(parts))]...), others(max(rest, 0), 0))
}

// remarked reports whether a line of a file without a known language is a
// comment.
func (f *file) remarked(t scrub.Text) bool {
	s := t.String()
	return strings.HasPrefix(s, "#") || strings.HasPrefix(s, "//") || strings.HasPrefix(s, "<!--") || strings.Trim(s, "{}- ") == "end" || strings.HasPrefix(s, "{{/*")
}

// bumped reports whether a line is told as a dependency.
func (f *file) bumped(t scrub.Text) bool {
	return slices.ContainsFunc(f.bumps, func(b bump) bool {
		s := t.String()
		return !b.old.Empty() && strings.Contains(s, b.old.String()) || !b.new.Empty() && strings.Contains(s, b.new.String())
	})
}

// dullPart reports whether only a hash or a long counter differs.
func dullPart(e edit) bool {
	return serial.MatchString(e.old.String()) && serial.MatchString(e.new.String())
}

var serial = re(`^["']?(?:\d{7,}|[0-9a-f]{20,})["']?$`)
