// SPDX-License-Identifier: Apache-2.0

package scrub

import (
	"slices"
	"strings"
)

// droppedKinds stand for lines that nobody read.
var droppedKinds = []string{kindSensitive, kindUndecodable, kindUnread}

// CountSecrets returns how many distinct secrets were removed from the texts;
// personal data is not counted. Unlike a [Report] it tells of these texts
// alone, not of all that was cleaned on the way.
func CountSecrets(p Patch, more ...Text) int {
	seen := map[string]bool{}
	count := func(t Text) {
		for rest := t.s; ; {
			_, after, found := strings.Cut(rest, placeholderOpen)
			if !found {
				return
			}
			name, behind, closed := strings.Cut(after, placeholderClose)
			if !closed {
				return
			}
			if kind, _, _ := strings.Cut(name, ":"); !slices.Contains(PIIClasses, kind) && !slices.Contains(droppedKinds, kind) {
				seen[name] = true
			}
			rest = behind
		}
	}
	for _, t := range more {
		count(t)
	}
	for _, f := range p.Files {
		count(f.Path)
		count(f.OldPath)
		for _, h := range f.Hunks {
			count(h.Section)
			for _, l := range h.Lines {
				count(l.Text)
			}
		}
	}
	return len(seen)
}
