// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
)

// stays knows which lines of a change only moved, trimmed.
type stays struct {
	added, removed map[string]int           // how often, in what runs of the whole change
	own            map[*file]map[string]int // how often more added than removed
	texts          map[*file]string         // added lines of one file, squeezed
}

func newStays(files []*file) stays {
	s := stays{map[string]int{}, map[string]int{}, map[*file]map[string]int{}, map[*file]string{}}
	for _, f := range files {
		s.own[f] = map[string]int{}
		runs := f.skip == "" && f.role != roleTest && f.role != roleDocs
		for i := range f.Hunks {
			for _, l := range f.Hunks[i].Lines {
				switch line := strings.TrimSpace(l.Text.String()); l.Op {
				case review.OpRemove:
					s.own[f][line]--
					if runs {
						s.removed[line]++
					}
				case review.OpAdd:
					s.own[f][line]++
					if runs {
						s.added[line]++
					}
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

// has reports whether a removed line of f, or what it asks, is added elsewhere
// as often: the same line anywhere in what runs, or its core in the same file.
func (s stays) has(f *file, code string) bool {
	code = strings.TrimSpace(code)
	switch net, known := s.own[f][code]; {
	case known && net >= 0:
		return true
	case commonCheck.MatchString(code), len(code) >= minLine:
		return s.added[code] > 0 && s.added[code] >= s.removed[code]
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
