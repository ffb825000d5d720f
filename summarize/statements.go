// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

// heads tells loops that go over something else: the only one that goes and
// the only one that comes in a run.
func heads(rows []row) []effect {
	old, now, ok := onlyPair(rows, loopHead)
	if !ok {
		return nil
	}
	rows[old].used, rows[now].used = true, true
	was, is := trimEnd(rows[old].Text), trimEnd(rows[now].Text)
	if was.String() == is.String() || max(was.Len(), is.Len()) > maxStatement {
		return nil
	}
	return []effect{{in: rows[now].in, line: rows[now].at, whole: true, weight: 6, text: scrub.Format("%s becomes %s", span(was, maxStatement), span(is, maxStatement))}}
}

// onlyPair finds the only line of a kind that goes and the only one that comes
// in a run, when they stand at the same indentation inside a declaration.
func onlyPair(rows []row, kind *lazyre.Regexp) (old, now int, ok bool) {
	old, now = -1, -1
	for i, r := range rows {
		if r.used || !kind.MatchString(r.code) {
			continue
		}
		which := &now
		if r.Op == review.OpRemove {
			which = &old
		}
		if *which >= 0 {
			return old, now, false
		}
		*which = i
	}
	return old, now, old >= 0 && now >= 0 && rows[old].indent == rows[now].indent && rows[now].inside
}

var loopHead = re(`^\s*(?:for|while|until|loop)\b`)

// trimEnd cuts what opens a block off a line.
func trimEnd(t scrub.Text) scrub.Text {
	t = t.TrimSpace()
	return t.Slice(0, len(strings.TrimRight(t.String(), ":{ \t")))
}

// maxStatement is in bytes: longer lines are not quoted whole.
const maxStatement = 100

// statement reports whether a line is one statement, as far as a line shows.
func statement(r row) bool {
	s := strings.TrimSpace(r.code)
	if r.quiet || s == "" || len(strings.TrimSpace(r.Text.String())) > maxStatement || !balanced(r.code) {
		return false
	}
	return hasWord.MatchString(s) && !strings.HasPrefix(s, "else") && !strings.HasPrefix(s, ".") && !strings.HasPrefix(s, "case ") &&
		!strings.HasPrefix(s, "@") && !strings.HasPrefix(s, "#") && !strings.ContainsRune("{([,+-*/|&=:\\?.<>", rune(s[len(s)-1])) && !strings.ContainsRune("}])|&<", rune(s[0])) && !blockWord.MatchString(s)
}

var blockWord = re(`^(?:if|for|while|do|try|else|elif|elsif|unless|switch|match|when|with|begin|end|done|fi|esac|then|finally|ensure|rescue|except|catch|loop|select|default|pass)\b`)

// statementsIn tells what is left of a run, where it is short.
func (g *language) statementsIn(rows []row) []effect {
	var plus, minus, limits []int
	whole, inBlocks := true, false
	for i, r := range rows {
		switch {
		case r.used, strings.TrimSpace(r.code) == "", r.quiet && !isValue(r.Text.TrimSpace()):
			continue
		case r.inside && (blockWord.MatchString(strings.TrimSpace(r.code)) || closer.MatchString(r.code)):
			inBlocks = true
			continue // what stands in the block is told
		case !r.inside || !statement(r):
			whole = false
			continue
		case r.Op == review.OpAdd:
			if plus = append(plus, i); figures.MatchString(r.code) && limitWord.MatchString(r.code) {
				limits = append(limits, i)
			}
		default:
			minus = append(minus, i)
		}
	}
	if inBlocks { // what leaves depends on more than is told
		leaves := func(i int) bool { return !g.leave(rows[i].Text).Empty() }
		plus, minus = slices.DeleteFunc(plus, leaves), slices.DeleteFunc(minus, leaves)
	}
	const few = 2
	switch whole = whole && len(plus) <= few && len(minus) <= few; {
	case !whole && len(limits) > 0:
		plus, minus = limits[:min(len(limits), few)], nil
	case !whole && len(plus) > 0:
		return g.firstOf(rows, plus)
	case !whole, len(plus)+len(minus) == 0:
		return nil
	}
	code := func(at []int) scrub.Text {
		var out []scrub.Text
		for _, i := range at {
			out = append(out, span(bare(g.uncommented(rows[i].Text)), maxStatement))
		}
		return list(out, few)
	}
	first := rows[append(slices.Clone(plus), minus...)[0]]
	e := effect{in: first.in, line: first.at}
	for _, i := range plus {
		e.also = append(e.also, rows[i].at)
	}
	if len(plus) == 0 {
		minus = slices.DeleteFunc(minus, func(i int) bool { return calledStill(rows, i) })
	}
	switch {
	case len(plus)+len(minus) == 0, code(plus).String() == code(minus).String():
		return nil
	case len(minus) == 0:
		e.weight, e.text = 4, scrub.Format("now has %s", code(plus))
	case len(plus) == 0:
		e.weight, e.text = 6, scrub.Format("no longer has %s", code(minus))
	default:
		e.weight, e.text = 5, scrub.Format("now has %s instead of %s", code(plus), code(minus))
	}
	return []effect{e}
}

// firstOf tells a long run by its first statement that calls something. It
// stands where nothing better can be said.
func (g *language) firstOf(rows []row, plus []int) []effect {
	for _, i := range plus {
		if r := rows[i]; callName.MatchString(r.code) {
			return []effect{{in: r.in, line: r.at, weight: weightLast, text: scrub.Format("now has %s and more", span(bare(g.uncommented(r.Text)), maxStatement))}}
		}
	}
	return nil
}

// calledStill reports whether an added line calls what a removed line calls.
func calledStill(rows []row, i int) bool {
	for _, m := range callName.FindAllStringSubmatchIndex(rows[i].code, 4) {
		name := rows[i].code[m[2]:m[3]] + "("
		if slices.ContainsFunc(rows, func(o row) bool { return o.Op == review.OpAdd && strings.Contains(o.code, name) }) {
			return true
		}
	}
	return false
}

// figures matches code that sets something to a number.
var figures = re(`[=:(,]\s*-?\d+\b`)
