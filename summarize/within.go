// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// frame is a declaration whose body the lines at hand stand in.
type frame struct {
	name    scrub.Text
	indent  string
	changed bool // its first line is a changed one: it is told as new, gone or changed
}

// frames are the declarations around a line of one side of a hunk, innermost
// last. A body is what is indented deeper than its declaration: that holds in
// every language as people format it, and where it does not hold nothing is
// named.
type frames []frame

// step moves to the next line and returns the declaration that it stands in;
// known is false when no declaration is in sight.
func (s *frames) step(l scrub.Line, declared scrub.Text) (in frame, known bool) {
	text := l.Text.String()
	body := strings.TrimLeft(text, " \t")
	if body == "" {
		return frame{}, false
	}
	indent := text[:len(text)-len(body)]
	for len(*s) > 0 {
		top := (*s)[len(*s)-1]
		if strings.HasPrefix(indent, top.indent) && len(indent) > len(top.indent) {
			break
		}
		if indent == top.indent && strings.ContainsRune("{)]", rune(body[0])) {
			return top, true // the head of the declaration goes on
		}
		*s = (*s)[:len(*s)-1]
		if indent == top.indent && (body[0] == '}' || body == "end") {
			return top, true
		}
	}
	if len(*s) > 0 {
		in, known = (*s)[len(*s)-1], true
	}
	if !declared.Empty() && !strings.HasSuffix(strings.TrimSpace(body), ";") && body[0] != '#' {
		*s = append(*s, frame{declared, indent, l.Op != review.OpContext})
	}
	return in, known
}

// enclosing returns the names of the declarations in whose bodies lines
// changed; all is false when a changed line stands in none that is known.
func (g *language) enclosing(h scanned) (out []scrub.Text, all bool) {
	var before, after frames
	if name, ok := g.match(h.Section); ok {
		// Git shows the last line without indentation that looks like a declaration.
		before, after = frames{{name: name}}, frames{{name: name}}
	}
	all = true
	for i, l := range h.Lines {
		if h.comment[i] || h.imports[i] || h.names[i].Empty() && strings.HasPrefix(l.Text.String(), "#") {
			continue
		}
		var in frame
		var known bool
		if l.Op != review.OpAdd {
			in, known = before.step(l, h.names[i])
		}
		if l.Op != review.OpRemove {
			in, known = after.step(l, h.names[i])
		}
		switch {
		case l.Op == review.OpContext, l.Text.TrimSpace().Empty(), strings.HasPrefix(l.Text.TrimSpace().String(), "@"):
		case !h.names[i].Empty():
			all = false // the line is a declaration of its own
		case !known:
			all = false
		case !in.changed:
			out = append(out, in.name)
		}
	}
	return unique(out), all
}

// literals blanks what is no code, line by line of one side of a hunk.
type literals struct {
	comment string // starts a line comment
	until   string // closes what a line before left open
}

// code returns s with spaces in place of string literals and comments. It has
// the length of s.
func (q *literals) code(s string) string {
	out := []byte(s)
	blank := func(from, to int) {
		for i := from; i < to; i++ {
			out[i] = ' '
		}
	}
	for i := 0; i < len(s); {
		if q.until != "" {
			end := closing(s, i, q.until)
			if end < 0 {
				blank(i, len(s))
				if len(q.until) == 1 && q.until != "`" {
					q.until = "" // no such literal goes on in the next line
				}
				break
			}
			blank(i, end)
			i, q.until = end, ""
			continue
		}
		rest := s[i:]
		switch {
		case q.comment != "" && strings.HasPrefix(rest, q.comment) && (q.comment != "#" || i == 0 || s[i-1] == ' ' || s[i-1] == '\t'):
			blank(i, len(s))
			return string(out)
		case strings.HasPrefix(rest, "/*"):
			q.until, i = "*/", i+2
		case strings.HasPrefix(rest, `"""`), strings.HasPrefix(rest, "'''"):
			q.until, i = rest[:3], i+3
		case rest[0] == '"', rest[0] == '`', rest[0] == '\'' && closing(s, i+1, "'") > 0, rest[0] == '/' && opensPattern(s[:i]) && closing(s, i+1, "/") > 0:
			q.until, i = rest[:1], i+1
		default:
			i++
		}
	}
	return string(out)
}

// closing returns the index behind the next unescaped end, or -1.
func closing(s string, from int, end string) int {
	for i := from; i < len(s); i++ {
		if s[i] == '\\' && end != "`" && end != "*/" {
			i++
		} else if strings.HasPrefix(s[i:], end) {
			return i + len(end)
		}
	}
	return -1
}

// opensPattern reports whether a slash behind s starts a regular expression
// and does not divide.
func opensPattern(s string) bool {
	s = strings.TrimRight(s, " \t")
	return s != "" && strings.ContainsRune("=(,:[!&|?{;", rune(s[len(s)-1]))
}
