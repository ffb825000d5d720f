// SPDX-License-Identifier: Apache-2.0

package review

import (
	"path"
	"strconv"
	"strings"

	"github.com/bmatcuk/doublestar/v4"
)

// Attributes is what a .gitattributes says of generated and vendored files.
// The zero value says nothing.
type Attributes struct {
	rules []attributeRule
}

type attributeRule struct {
	glob      string // for doublestar; without a slash it is for base names
	base      bool
	generated state
	vendored  state
}

// state is what a rule says of one attribute.
type state byte

const (
	unsaid state = iota
	yes
	no
)

const (
	// maxAttributes is in bytes, maxRules counts lines about the two
	// attributes: each is tried on each file of a change. A file beyond them
	// says nothing at all, so that it hides nothing.
	maxAttributes = 64 << 10
	maxRules      = 512
	// maxAttributeLine is in bytes; git reads no longer lines.
	maxAttributeLine = 2048
)

// ParseAttributes reads the file of a repository's root. Lines that git would
// not understand are skipped, as git does; macros are not known.
func ParseAttributes(b []byte) Attributes {
	if len(b) > maxAttributes {
		return Attributes{}
	}
	var a Attributes
	for line := range strings.Lines(strings.TrimPrefix(string(b), "\ufeff")) {
		if len(line) > maxAttributeLine {
			continue
		}
		r, ok := parseAttribute(line)
		if !ok {
			continue
		}
		if len(a.rules) == maxRules {
			return Attributes{}
		}
		a.rules = append(a.rules, r)
	}
	return a
}

// blanks separate the words of a line, as git sees it.
const blanks = " \t\r\n"

// parseAttribute reads one line; ok is false unless it says something of
// generated or vendored files.
func parseAttribute(line string) (r attributeRule, ok bool) {
	line = strings.Trim(line, blanks)
	pattern, rest := line, ""
	if strings.HasPrefix(line, `"`) {
		quoted, err := strconv.QuotedPrefix(line)
		if err == nil {
			pattern, err = unquote(quoted)
		}
		if err != nil {
			return r, false
		}
		rest = line[len(quoted):]
	} else if i := strings.IndexAny(line, blanks); i >= 0 {
		pattern, rest = line[:i], line[i:]
	}
	if line == "" || line[0] == '#' || strings.HasPrefix(pattern, "!") || strings.HasPrefix(pattern, "[attr]") || strings.HasSuffix(pattern, "/") {
		return r, false
	}
	for word := range strings.FieldsFuncSeq(rest, func(c rune) bool { return strings.ContainsRune(blanks, c) }) {
		name, value, valued := strings.Cut(word, "=")
		// Only what says yes hides a file: an odd value does not.
		says := no
		switch {
		case valued && value == "true", !valued && name[0] != '-' && name[0] != '!':
			says = yes
		case !valued:
			name = name[1:]
		}
		switch name {
		case "linguist-generated":
			r.generated = says
		case "linguist-vendored":
			r.vendored = says
		}
	}
	r.base = !strings.Contains(pattern, "/")
	r.glob = globOf(pattern)
	return r, r.generated != unsaid || r.vendored != unsaid
}

// globOf turns a pattern of git into one of doublestar, which knows
// alternatives in braces and lets a/** match a itself.
func globOf(pattern string) string {
	pattern = strings.TrimPrefix(pattern, "/")
	if strings.HasSuffix(pattern, "/**") {
		pattern += "/*"
	}
	var b strings.Builder
	for i := 0; i < len(pattern); i++ {
		switch c := pattern[i]; {
		case c == '\\' && i+1 < len(pattern):
			b.WriteString(pattern[i : i+2])
			i++
		case c == '{' || c == '}':
			b.WriteByte('\\')
			b.WriteByte(c)
		default:
			b.WriteByte(c)
		}
	}
	return b.String()
}

// Generated reports whether the file at the path is marked as generated.
func (a Attributes) Generated(path string) bool {
	return a.last(path, func(r attributeRule) state { return r.generated }) == yes
}

// Vendored reports whether the file at the path is marked as vendored.
func (a Attributes) Vendored(path string) bool {
	return a.last(path, func(r attributeRule) state { return r.vendored }) == yes
}

// last returns what the last rule for the path says.
func (a Attributes) last(file string, of func(attributeRule) state) state {
	base := path.Base(file)
	for i := len(a.rules) - 1; i >= 0; i-- {
		r := a.rules[i]
		if of(r) == unsaid {
			continue
		}
		name := file
		if r.base {
			name = base
		}
		if doublestar.MatchUnvalidated(r.glob, name) {
			return of(r)
		}
	}
	return unsaid
}
