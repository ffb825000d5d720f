// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"slices"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// codeOwners is a parsed CODEOWNERS. In each section the last rule that
// matches a file names its owners; only GitLab has more than one section.
type codeOwners struct {
	sections [][]codeRule
	bad      faults
}

type codeRule struct {
	pattern string   // as written
	globs   []string // one of which has to match
	dir     string   // which all matches are below
	names   []listed // none: nobody owns these files
}

// parseCodeOwners reads the syntax of GitHub, and GitLab's sections. A line
// that GitHub would not take is skipped, as there.
func parseCodeOwners(data []byte) *codeOwners {
	c := &codeOwners{sections: [][]codeRule{nil}}
	section := 0
	byName := map[string]int{} // sections of one name are one
	var inherit []listed
	n := 0
	for line := range strings.Lines(strings.TrimPrefix(string(data), "\ufeff")) {
		if n++; n > maxOwnersLines {
			c.bad = append(c.bad, n)
			break
		}
		words := codeWords(line)
		switch {
		case len(words) == 0:
		case len(line) > maxOwnersLine:
			c.bad = append(c.bad, n)
		case strings.HasPrefix(words[0], "[") || strings.HasPrefix(words[0], "^["):
			name, rest, ok := strings.Cut(line, "]")
			if !ok {
				c.bad = append(c.bad, n)
				continue
			}
			if strings.HasPrefix(rest, "[") { // how many have to approve
				_, rest, _ = strings.Cut(rest, "]")
			}
			inherit, ok = codeNames(codeWords(rest))
			if !ok {
				c.bad = append(c.bad, n)
			}
			name = strings.ToLower(strings.TrimLeft(name, " \t^["))
			if section, ok = byName[name]; !ok {
				section = len(c.sections)
				byName[name] = section
				c.sections = append(c.sections, nil)
			}
		default:
			r, ok := codePattern(words[0])
			names, fine := codeNames(words[1:])
			if !ok || !fine {
				c.bad = append(c.bad, n)
				continue
			}
			if r.names = names; len(words) == 1 {
				r.names = inherit
			}
			c.sections[section] = append(c.sections[section], r)
		}
	}
	return c
}

// codeWords splits a line at blanks, up to a comment. A backslash keeps a
// blank or a # inside a pattern.
func codeWords(line string) []string {
	var words []string
	var b strings.Builder
	flush := func() {
		if b.Len() > 0 {
			words = append(words, b.String())
			b.Reset()
		}
	}
	for i := 0; i < len(line); i++ {
		switch c := line[i]; {
		case c == '\\' && i+1 < len(line) && strings.IndexByte(" #", line[i+1]) >= 0:
			i++
			b.WriteByte(line[i])
		case c == '#' && b.Len() == 0:
			return words
		case strings.IndexByte(" \t\r\n", c) >= 0:
			flush()
		default:
			b.WriteByte(c)
		}
	}
	flush()
	return words
}

// codePattern turns a pattern of a gitignore into globs. Negation and ranges
// are no part of a CODEOWNERS.
func codePattern(p string) (r codeRule, ok bool) {
	if strings.HasPrefix(p, "!") || strings.ContainsAny(p, "[]\\") || p != printable(p) || strings.Contains(p, "***") || strings.Trim(p, "/") == "" {
		return r, false
	}
	r.pattern = p
	glob, folder := strings.CutSuffix(plainGlob(p), "/")
	anchored := strings.Contains(glob, "/")
	glob = strings.TrimPrefix(glob, "/")
	if r.dir = glob; !anchored {
		glob, r.dir = "**/"+glob, ""
	}
	if meta := strings.IndexAny(r.dir, `*?\`); meta >= 0 {
		r.dir = r.dir[:max(0, strings.LastIndexByte(r.dir[:meta], '/'))]
	}
	switch {
	case folder:
		r.globs = []string{glob + "/**/*"}
	case anchored && glob == "*", strings.HasSuffix(glob, "/*") && glob != "**/*":
		r.globs = []string{glob} // the files there, not those in its folders
	default:
		r.globs = []string{glob, glob + "/**/*"}
	}
	return r, true
}

func codeNames(words []string) (names []listed, ok bool) {
	for _, w := range words {
		name, at := strings.CutPrefix(w, "@")
		switch {
		case strings.HasPrefix(name, "@") && nameForm.MatchString(name[1:]): // a role in GitLab, which is nobody in particular
		case at && nameForm.MatchString(name):
			names = append(names, listed{name: name})
		case at && name != "" && name == printable(name) && !strings.HasPrefix(name, "@") && strings.Contains(name, "/"):
			names = append(names, listed{name: "@" + name})
		case !at && cleanEmail(w) != "":
			names = append(names, listed{name: cleanEmail(w)})
		default:
			return nil, false
		}
	}
	return names, true
}

func (r codeRule) matches(file string) bool {
	return slices.ContainsFunc(r.globs, func(g string) bool { return doublestar.MatchUnvalidated(g, file) })
}

// of returns the rules that name the owners of a file, one in each section at
// most.
func (c *codeOwners) of(file string) []*codeRule {
	var out []*codeRule
	for _, rules := range c.sections {
		for i := range slices.Backward(rules) {
			if rules[i].matches(file) {
				out = append(out, &rules[i])
				break
			}
		}
	}
	return out
}
