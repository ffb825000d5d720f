// SPDX-License-Identifier: Apache-2.0

package builds

import (
	"cmp"
	"slices"
)

// excerptOf picks the lines that matter of a small text, such as the body of a
// failure in a report: at most max, by index, ascending, with the one that says
// what is wrong, and the category that it is of.
func excerptOf(lines []string, max int) (excerpt []int, focus int, category string) {
	category = categoryUnknown
	if len(lines) == 0 || max <= 0 {
		return nil, 0, category
	}
	b := book()
	var c cleaner
	best := -1
	for i, line := range lines {
		text, _ := c.clean(clipLine(visiblePart([]byte(line))))
		m, ok := b.find(text)
		if !ok {
			if best < 0 && len(text) > 0 {
				best, focus = 0, i
			}
			continue
		}
		if w := m.tier - quiet(text); w > best {
			best, focus = w, i
			category = cmp.Or(m.category, string(m.kind))
		}
	}
	if category == string(KindOther) {
		category = categoryUnknown
	}
	// A report says why at its start; what is above the line and fits stays.
	from := focus - min(focus, 3)
	if len(lines) <= max {
		from = 0
	}
	for i := from; i < len(lines) && len(excerpt) < max; i++ {
		if lines[i] != "" || i == focus {
			excerpt = append(excerpt, i)
		}
	}
	if !slices.Contains(excerpt, focus) {
		excerpt = append(excerpt[:0], focus)
	}
	return excerpt, focus, category
}
