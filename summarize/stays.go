// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
)

// stays knows which lines of a change only moved, trimmed.
type stays struct {
	added, removed map[string]int // how often, in the whole change
	own            map[*file]map[string]bool
	texts          map[*file]string // added lines of one file, squeezed
}

func newStays(files []*file) stays {
	s := stays{map[string]int{}, map[string]int{}, map[*file]map[string]bool{}, map[*file]string{}}
	for _, f := range files {
		s.own[f] = map[string]bool{}
		for i := range f.Hunks {
			for _, l := range f.Hunks[i].Lines {
				switch line := strings.TrimSpace(l.Text.String()); l.Op {
				case review.OpRemove:
					s.removed[line]++
				case review.OpAdd:
					s.added[line]++
					s.own[f][line] = true
				case review.OpContext:
				}
			}
		}
	}
	return s
}

// came reports whether an added line was somewhere else before.
func (s stays) came(code string) bool {
	code = strings.TrimSpace(code)
	return code != "" && s.removed[code] > 0 && !commonCheck.MatchString(code)
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
var commonCheck = re(`^(?:if err != nil \{|if !ok \{|if err:|\} catch .*|except .*:|defer .*\(\)|.*\.[Cc]lose\(\);?)$`)

// has reports whether a removed line of f, or what it asks, is added elsewhere:
// the same line anywhere in the change, or its core in the same file.
func (s stays) has(f *file, code string) bool {
	code = strings.TrimSpace(code)
	switch {
	case commonCheck.MatchString(code):
		return s.added[code] >= s.removed[code]
	case len(code) >= minLine && s.added[code] > 0, s.own[f][code]:
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
