// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
)

// stays knows which removed lines live on in added ones.
type stays struct {
	lines map[string]bool // of the whole change, trimmed
	own   map[*file]map[string]bool
	gone  map[string]bool  // removed lines of the whole change, trimmed
	texts map[*file]string // of one file, squeezed
}

func newStays(files []*file) stays {
	s := stays{map[string]bool{}, map[*file]map[string]bool{}, map[string]bool{}, map[*file]string{}}
	for _, f := range files {
		s.own[f] = map[string]bool{}
		for i := range f.Hunks {
			for _, l := range f.Hunks[i].Lines {
				if l.Op == review.OpRemove {
					s.gone[strings.TrimSpace(l.Text.String())] = true
				}
				if l.Op == review.OpAdd {
					line := strings.TrimSpace(l.Text.String())
					s.lines[line], s.own[f][line] = true, true
				}
			}
		}
	}
	return s
}

// came reports whether an added line was somewhere else before.
func (s stays) came(code string) bool {
	return code != "" && s.gone[strings.TrimSpace(code)] && !commonCheck.MatchString(code)
}

// leading is what a question or a way out starts with; it may be asked in
// another form.
var leading = re(`^(?:\}?\s*(?:else\s+)?(?:if|elif|elsif|unless|while|until|case|when|return|defer|assert|guard|await|throw|raise)\b[\s(]*)+`)

// Shorter lines and pieces, in bytes, such as "if err != nil {", stand
// everywhere and prove nothing.
const (
	minLine = 20
	minCore = 14
)

// commonCheck matches what is written again and again in one file.
var commonCheck = re(`^(?:if err != nil \{|if err:|\} catch .*|except .*:|defer .*\(\)|.*\.[Cc]lose\(\);?)$`)

// has reports whether a removed line of f, or what it asks, is added elsewhere:
// the same line anywhere in the change, or its core in the same file.
func (s stays) has(f *file, code string) bool {
	code = strings.TrimSpace(code)
	if len(code) >= minLine && s.lines[code] || s.own[f][code] && !commonCheck.MatchString(code) {
		return true
	}
	core := strings.TrimRight(leading.ReplaceAllString(code, ""), " \t{:;,)")
	if len(core) < minCore {
		return false
	}
	text, done := s.texts[f]
	if !done {
		var b strings.Builder
		for i := range f.Hunks {
			for _, l := range f.Hunks[i].Lines {
				if l.Op == review.OpAdd {
					b.WriteString(strings.Join(strings.Fields(l.Text.String()), " "))
					b.WriteByte('\n')
				}
			}
		}
		text = b.String()
		s.texts[f] = text
	}
	return strings.Contains(text, strings.Join(strings.Fields(core), " "))
}
