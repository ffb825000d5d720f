// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

const (
	// maxOwnersLines and maxOwnersLine bound what is read of an owners file:
	// lines, and bytes of one.
	maxOwnersLines = 5000
	maxOwnersLine  = 1000
	// maxGlobs bounds the globs of one rule.
	maxGlobs = 50
)

// ownersList is a parsed OWNERS file: who owns the files below its directory.
type ownersList struct {
	names    []listed
	includes []include
	rules    []ownersRule
	noParent bool // the lists of the directories above do not count
	unread   bool // it could not be read
	yaml     bool // names may be aliases
	bad      faults
}

// ownersRule is about some of the files below the directory.
type ownersRule struct {
	match    func(rel string) bool // rel is relative to the directory
	names    []listed
	includes []include
	noParent bool // nor does the rest of the file
}

// listed is a name in a list: an e-mail address, or a user name, or @team.
type listed struct {
	name  string
	last  bool // only when there is nobody else
	never bool // not to be suggested
}

// include names another OWNERS file.
type include struct {
	project, branch string // "" for those of the including file
	path            string // with a slash in front: from the root
	whole           bool   // its rules and noparent too, not only its names
}

// faults are the places of a file that were not understood. A line is 0 where
// it is not known.
type faults []int

// maxFaultLines is how many lines of one file a note names.
const maxFaultLines = 5

// String tells the first lines, for a sentence.
func (f faults) String() string {
	var lines []string
	for _, n := range slices.Compact(slices.Sorted(slices.Values(f))) {
		if n > 0 && len(lines) < maxFaultLines {
			lines = append(lines, strconv.Itoa(n))
		}
	}
	places := fmt.Sprintf("%d places", len(f))
	if len(f) == 1 {
		places = "1 place"
	}
	if len(lines) == 0 {
		return places
	}
	return places + ": line " + strings.Join(lines, ", ")
}

// parseOwnersText reads the syntax of Gerrit's code-owners and find-owners
// plugins, which Chromium's differs from in includes alone.
func parseOwnersText(data []byte) *ownersList {
	l := &ownersList{}
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		if n++; n > maxOwnersLines {
			l.bad = append(l.bad, n)
			break
		}
		text, comment, _ := strings.Cut(line, "#")
		text = strings.Join(strings.Fields(text), " ")
		switch {
		case text == "":
		case len(text) > maxOwnersLine:
			l.bad = append(l.bad, n)
		default:
			mark := listed{last: strings.Contains(comment, "{LAST_RESORT_SUGGESTION}"), never: strings.Contains(comment, "{NEVER_SUGGEST}")}
			if !l.line(text, mark) {
				l.bad = append(l.bad, n)
			}
		}
	}
	return l
}

// line takes one line without comment; ok is false when it says nothing that
// is known.
func (l *ownersList) line(text string, mark listed) (ok bool) {
	rest, is := strings.CutPrefix(text, "per-file ")
	if !is {
		return word(text, mark, &l.names, &l.includes, &l.noParent)
	}
	left, right, ok := strings.Cut(rest, "=")
	if !ok {
		return false
	}
	globs, ok := splitGlobs(left)
	if !ok {
		return false
	}
	r := ownersRule{match: func(rel string) bool {
		base := path.Base(rel)
		for _, g := range globs {
			if doublestar.MatchUnvalidated(g, base) {
				return true
			}
		}
		return false
	}}
	for w := range strings.SplitSeq(right, ",") {
		if !word(strings.TrimSpace(w), mark, &r.names, &r.includes, &r.noParent) {
			return false
		}
	}
	l.rules = append(l.rules, r)
	return true
}

// word takes what may stand on a line and behind the = of a rule.
func word(text string, mark listed, names *[]listed, includes *[]include, noParent *bool) (ok bool) {
	switch {
	case text == "*": // everybody: nobody in particular
		return true
	case text == "set noparent":
		*noParent = true
		return true
	case strings.HasPrefix(text, "file:"), strings.HasPrefix(text, "include "):
		if mark.never {
			return true // to ask none of them is safest
		}
		i, ok := parseInclude(strings.TrimSpace(text[strings.IndexAny(text, ": ")+1:]))
		if i.whole = strings.HasPrefix(text, "include "); ok {
			*includes = append(*includes, i)
		}
		return ok
	}
	if mark.name = cleanEmail(text); mark.name != "" {
		*names = append(*names, mark)
	}
	return mark.name != ""
}

// parseInclude reads PATH, PROJECT:PATH or PROJECT:BRANCH:PATH.
func parseInclude(s string) (i include, ok bool) {
	parts := strings.Split(s, ":")
	for n := range parts {
		parts[n] = strings.TrimSpace(parts[n])
	}
	i.path = parts[len(parts)-1]
	switch len(parts) {
	case 3:
		i.project, i.branch = parts[0], parts[1]
		ok = cleanName(i.project) && cleanName(i.branch)
	case 2:
		i.project = parts[0]
		ok = cleanName(i.project)
	case 1:
		ok = true
	}
	if i.project != "" && !strings.HasPrefix(i.path, "/") {
		i.path = "/" + i.path
	}
	return i, ok && i.path != "" && len(i.path) <= maxOwnersLine && i.path == printable(i.path)
}

// splitGlobs splits at commas, but for those in braces. What stands in braces
// is written out; a second pair in one glob could multiply without end.
func splitGlobs(s string) (globs []string, ok bool) {
	for rest := true; rest; {
		var before, inside, after string
		comma := strings.IndexByte(s, ',')
		if open := strings.IndexByte(s, '{'); open >= 0 && (comma < 0 || open < comma) {
			before, s = s[:open], s[open+1:]
			if inside, s, ok = strings.Cut(s, "}"); !ok || strings.Contains(inside, "{") {
				return nil, false
			}
		}
		after, s, rest = strings.Cut(s, ",")
		for a := range strings.SplitSeq(inside, ",") {
			g := strings.TrimSpace(before + strings.TrimSpace(a) + after)
			if g == "" || strings.ContainsAny(g, "/{}") || len(globs) == maxGlobs {
				return nil, false
			}
			globs = append(globs, g)
		}
	}
	return globs, true
}

// plainGlob makes braces mean themselves: alternatives in braces could nest
// without end.
func plainGlob(s string) string {
	return strings.NewReplacer(`\{`, `\{`, `\}`, `\}`, "{", `\{`, "}", `\}`).Replace(s)
}
