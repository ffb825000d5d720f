// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// style is how a language writes a question and what depends on it.
type style int

const (
	styleNone  style = iota
	styleParen       // if (…) …
	styleBrace       // if … {
	styleColon       // if …:
	styleEnd         // if … end, and … if …
	styleShell       // if …; then, and … || …
)

var ifHead = re(`^\s*(?:\}?\s*else\s+)?(?:if|elif|elsif|unless)\b\s*`)

// question is the head of a branch.
type question struct {
	cond   scrub.Text
	rest   scrub.Text // what follows on the same line
	unless bool
	until  int // index behind the lines of the head
}

// question reads the head of a branch at i, whose lines are all added.
func (g *language) question(rows []row, i int) (q question, ok bool) {
	text, code := rows[i].Text, rows[i].code
	q.until = i + 1
	for n := 0; n < 3 && !balancedParens(code) && q.until < len(rows) && rows[q.until].Op == review.OpAdd; n++ {
		text, code = scrub.Join(" ", text, rows[q.until].Text.TrimSpace()), code+" "+strings.TrimSpace(rows[q.until].code)
		q.until++
	}
	if code = strings.TrimRight(code, " \t"); text.Len() < len(code) || !balancedParens(code) {
		return q, false
	}
	text = text.Slice(0, len(code)) // without a comment
	m := ifHead.FindStringIndex(code)
	if m == nil {
		return q, false
	}
	q.unless = strings.HasPrefix(strings.TrimSpace(code), "unless")
	from, to, rest := m[1], len(code), len(code)
	switch g.style {
	case styleParen:
		if end := matching(code, from); end > from {
			from, to, rest = from+1, end, end+1
		} else {
			return q, false
		}
	case styleBrace:
		if to = strings.LastIndexByte(code, '{'); to < 0 || !strings.HasSuffix(code, "{") {
			if to = strings.IndexByte(code, '{'); to < 0 {
				return q, false
			}
		}
		rest = to
	case styleColon:
		if !strings.HasSuffix(code, ":") {
			if to = strings.Index(code, ": "); to < 0 {
				return q, false
			}
			rest = to + 1
		} else {
			to, rest = len(code)-1, len(code)
		}
	case styleEnd:
		if t := strings.Index(code, " then"); t > 0 {
			to, rest = t, t+len(" then")
		}
	case styleShell:
		if t := strings.Index(code, "; then"); t > 0 {
			to, rest = t, t+len("; then")
		}
	default:
		return q, false
	}
	if to <= from {
		return q, false
	}
	q.cond, q.rest = text.Slice(from, to).TrimSpace(), text.Slice(min(rest, text.Len()), text.Len()).TrimSpace()
	q.rest = strip(q.rest, "{ \t")
	q.rest = q.rest.Slice(0, len(strings.TrimRight(q.rest.String(), " }\t")))
	return q, !q.cond.Empty() && q.cond.Len() <= maxCondition && balanced(code[from:to])
}

const maxCondition = 110 // bytes

func balancedParens(s string) bool { return strings.Count(s, "(") <= strings.Count(s, ")") }

// matching returns the index of the parenthesis that closes the one at i.
func matching(s string, i int) int {
	if i >= len(s) || s[i] != '(' {
		return -1
	}
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// branch is a question with what depends on it.
type branch struct {
	question
	body []int // rows of the first level, blank and closing lines left out
	end  int   // behind the last row that belongs to the branch
	deep bool  // the body holds blocks of its own
}

// branchAt reads the branch at i when all of it is new.
func (g *language) branchAt(rows []row, i int) (b branch, ok bool) {
	if b.question, ok = g.question(rows, i); !ok {
		return b, false
	}
	b.end = b.until
	if !b.rest.Empty() {
		return b, true
	}
	level := -1
	for j := b.until; j < len(rows); j++ {
		r := rows[j]
		if r.Op == review.OpRemove {
			continue
		}
		if strings.TrimSpace(r.code) == "" {
			continue
		}
		if level < 0 && r.Op == review.OpAdd && r.indent == rows[i].indent && strings.TrimSpace(r.code) == "{" {
			continue // a brace on a line of its own
		}
		if r.indent <= rows[i].indent {
			if r.Op == review.OpAdd && closer.MatchString(r.code) {
				b.end = j + 1
			}
			break
		}
		if r.Op != review.OpAdd {
			return b, false
		}
		if level < 0 {
			level = r.indent
		}
		b.end = j + 1
		switch {
		case r.indent > level:
			b.deep = true
		case !closer.MatchString(r.code):
			b.body = append(b.body, j)
		}
	}
	return b, len(b.body) > 0
}

var closer = re(`^\s*(?:[})\];]+|end|fi)\s*[;,)]*\s*$`)
