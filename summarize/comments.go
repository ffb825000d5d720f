// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/scrub"
)

// uncommented is a line of code without the comment at its end, and with one
// blank where people align columns.
func (g *language) uncommented(t scrub.Text) scrub.Text {
	t = t.TrimSpace()
	s := t.String()
	if g.comment != "" {
		for from := 0; ; {
			i := strings.Index(s[from:], g.comment)
			if i < 0 {
				break
			}
			i += from
			q := literals{comment: g.comment}
			q.code(s[:i])
			if q.until == "" && i > 0 && (s[i-1] == ' ' || s[i-1] == '\t') {
				t = t.Slice(0, i).TrimSpace()
				break
			}
			from = i + len(g.comment)
		}
	}
	if s = t.String(); strings.ContainsAny(s, "\"'`") {
		return t
	}
	var words []scrub.Text
	for start := 0; start < len(s); {
		end := strings.IndexAny(s[start:], " \t")
		if end < 0 {
			end = len(s) - start
		}
		if end > 0 {
			words = append(words, t.Slice(start, start+end))
		}
		start += end + 1
	}
	return scrub.Join(" ", words...)
}

// sameCode reports whether two lines differ in a comment alone.
func (g *language) sameCode(a, b scrub.Text) bool {
	return g.uncommented(a).String() == g.uncommented(b).String()
}
