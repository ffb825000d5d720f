// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

// exit says how a statement leaves, and what it leaves with.
var (
	exits = []struct {
		verb scrub.Text
		how  string
	}{
		{scrub.Lit("returns"), "return"},
		{scrub.Lit("throws"), "throw"},
		{scrub.Lit("raises"), "raise"},
		{scrub.Lit("raises"), "fail"},
	}
	exitCall = re(`^(?:panic|abort|die|exit|os\.Exit|System\.exit|process\.exit|sys\.exit|std::process::exit|log\.Fatalf?|t\.Fatalf?|t\.Skip|goto)\b`)
	breaks   = re(`^\s*break\b`)
	loopExit = re(`^(?:continue|next|break)\b`)
	labelled = re(`^return@\w+`)
)

// leave says what a statement that leaves does, empty when it does not leave.
func (g *language) leave(t scrub.Text) scrub.Text {
	t = bare(g.uncommented(t))
	s := t.String()
	word := firstWord(s)
	for _, x := range exits {
		if word != x.how || word == "fail" && !strings.HasPrefix(s, "fail ") {
			continue
		}
		what := t.Slice(len(x.how), t.Len()).TrimSpace()
		if labelled.MatchString(s) {
			return scrub.Format("does %s", span(t, 40))
		}
		if x.how != "return" {
			if name, ok := group(raised, what, "name"); ok && what.Len() > 40 {
				what = name
			}
		}
		switch {
		case what.Empty():
			return x.verb
		case !balanced(what.String()):
			return scrub.Format("%s %s", x.verb, span(scrub.Format("%s…", what), 50))
		}
		return scrub.Format("%s %s", x.verb, span(what, 60))
	}
	switch {
	case word == "continue", word == "next":
		return scrub.Lit("goes on with the next round")
	case loopExit.MatchString(s), exitCall.MatchString(s):
		return scrub.Format("does %s", span(t, 60))
	}
	return scrub.Text{}
}

var raised = re(`^(?:new\s+)?(?P<name>[\w.:\\]*\w)\s*[({,]`)

// wayOuts tells new branches: what leaves early, and what depends on a
// question from now on.
func (f *file) wayOuts(rows []row, both changedText) (out []effect) {
	g := f.lang
	if g.style == styleNone {
		return nil
	}
	out = f.noWayOuts(rows, both)
	for i := range rows {
		r := rows[i]
		if r.Op != review.OpAdd || r.used || !r.inside || both.gone[bare(r.Text).String()] || f.edited(r) {
			continue
		}
		if e, ok := g.modifier(r); ok {
			rows[i].used = true
			out = append(out, e)
			continue
		}
		b, ok := g.branchAt(rows, i)
		if !ok {
			continue
		}
		e, ok := g.branchEffect(rows, i, b, both.gone)
		if !ok {
			continue
		}
		if !both.had(rows, b) {
			out = append(out, e)
		}
		for j := i; j < b.end; j++ {
			if rows[j].Op == review.OpAdd && (!b.deep || j < b.until) && (j == i || !ifHead.MatchString(rows[j].code)) {
				rows[j].used = true
			}
		}
	}
	return out
}

// had reports whether a removed line, or one and the line after it, asked the
// same and left in the same way.
func (b changedText) had(rows []row, br branch) bool {
	cond := tight(br.cond.String())
	way := tight(br.rest.String())
	if br.rest.Empty() && len(br.body) > 0 {
		way = tight(rows[br.body[len(br.body)-1]].Text.String())
	}
	for i, s := range b.lost {
		if strings.Contains(s, cond) && (strings.Contains(s, way) || i+1 < len(b.lost) && strings.Contains(b.lost[i+1], way)) {
			return true
		}
	}
	return false
}

func (g *language) branchEffect(rows []row, i int, b branch, gone map[string]bool) (effect, bool) {
	e := effect{in: rows[i].in, line: rows[i].at}
	when := scrub.Lit("when")
	if b.unless {
		when = scrub.Lit("unless")
	}
	if b.rest.Empty() && len(b.body) > 0 && !b.deep && kept(rows, b.body, gone) {
		e.weight = 8
		only := scrub.Lit("only when")
		if b.unless {
			only = scrub.Lit("only unless")
		}
		way := g.leave(rows[b.body[0]].Text)
		if way.Empty() {
			way = scrub.Format("does %s", span(bare(rows[b.body[0]].Text), 60))
		}
		e.text = scrub.Format("now %s %s %s", way, only, span(b.cond, maxCondition))
		return e, true
	}
	first := b.rest
	if first.Empty() {
		if b.deep && g.style != styleShell {
			first = rows[b.body[0]].Text
		} else {
			for _, j := range b.body {
				if first = rows[j].Text; !g.leave(first).Empty() {
					break
				}
			}
		}
	}
	if way := g.leave(first); !way.Empty() && !(breaks.MatchString(first.String()) && len(b.body) > 1) {
		e.weight = 8
		if call := failing(rows, i, b.cond); !call.Empty() {
			if e.weight = 5; !isAdded(rows, i, b.cond) {
				e.weight = 8
			}
			e.text = scrub.Format("now %s when %s fails", way, span(call, 60))
			return e, true
		}
		e.text = scrub.Format("now %s %s %s", way, when, span(b.cond, maxCondition))
		return e, true
	}
	if failure.MatchString(b.cond.String()) {
		return e, false
	}
	if len(b.body) > 0 {
		first = rows[b.body[0]].Text
	}
	if r := (row{Line: scrub.Line{Text: first}, code: first.String()}); statement(r) {
		more := scrub.Text{}
		if b.deep || len(b.body) > 1 && !breaks.MatchString(bare(rows[b.body[1]].Text).String()) {
			more = scrub.Lit(" and more")
		}
		e.weight, e.text = 6, scrub.Format("now does %s%s %s %s", span(bare(first), maxStatement), more, when, span(b.cond, maxCondition))
		return e, true
	}
	e.weight, e.text = 5, scrub.Format("has a new branch: %s %s", plainIf(b.unless), span(b.cond, maxCondition))
	return e, true
}

func plainIf(unless bool) scrub.Text {
	if unless {
		return scrub.Lit("unless")
	}
	return scrub.Lit("if")
}

// kept reports whether the whole body stood there before without the question.
func kept(rows []row, body []int, gone map[string]bool) bool {
	for _, j := range body {
		if !gone[bare(rows[j].Text).String()] {
			return false
		}
	}
	return true
}

var (
	// failure is a question about the error of a call before.
	failure = re(`^(?:\w*[eE]rr\w*\s*!=\s*nil)$|^.*;\s*\w*[eE]rr\w*\s*!=\s*nil$`)
	failed  = re(`^(?:\w+,\s*)*\w*[eE]rr\w*\s*:?=\s*(?P<call>.+?)\s*;\s*\w*[eE]rr\w*\s*!=\s*nil$`)
	assigns = re(`^\s*(?:[\w.]+,\s*)*\w*[eE]rr\w*\s*:?=\s*(?P<call>.+?)\s*$`)
)

// failing returns the call whose error a question of Go is about.
func failing(rows []row, i int, cond scrub.Text) scrub.Text {
	if call, ok := group(failed, cond, "call"); ok {
		return call
	}
	if !failure.MatchString(cond.String()) {
		return scrub.Text{}
	}
	if j := above(rows, i); j >= 0 {
		if call, ok := group(assigns, rows[j].Text, "call"); ok && balanced(call.String()) {
			return call
		}
	}
	return scrub.Text{}
}

// isAdded reports whether the call that a question is about is new too.
func isAdded(rows []row, i int, cond scrub.Text) bool {
	if _, ok := group(failed, cond, "call"); ok {
		return true
	}
	j := above(rows, i)
	return j >= 0 && rows[j].Op == review.OpAdd
}

// above returns the line of the new side above i, or -1.
func above(rows []row, i int) int {
	for j := i - 1; j >= 0; j-- {
		if rows[j].Op != review.OpRemove && strings.TrimSpace(rows[j].Text.String()) != "" {
			return j
		}
	}
	return -1
}

var (
	trailing = re(`^\s*(?P<what>(?:return|raise|next|break|fail|redirect_to|render|head)\b.*?)\s+(?P<word>if|unless)\s+(?P<cond>\S.*)$`)
	elvis    = re(`^\s*(?:va[lr]\s+\w+.*=\s*)?(?P<cond>\S.*?)\s*\?:\s*(?P<what>(?:return|throw)\b.*)$`)
	orElse   = re(`^\s*(?P<cond>\S.*?)\s*(?P<word>\|\||&&)\s*(?P<what>(?:exit|return|die|fail|continue|break)\b[^;&|]*)$`)
)

// noWayOuts tells branches with a way out that go away, when no added line asks
// the same.
func (f *file) noWayOuts(rows []row, both changedText) (out []effect) {
	mirror := make([]row, len(rows))
	for i, r := range rows {
		mirror[i] = r
		switch r.Op {
		case review.OpAdd:
			mirror[i].Op = review.OpRemove
		case review.OpRemove:
			mirror[i].Op = review.OpAdd
		}
	}
	edited := func(t scrub.Text) bool {
		return slices.ContainsFunc(f.edits, func(e edit) bool { return e.oldLine.String() == t.TrimSpace().String() })
	}
	for i, r := range mirror {
		if r.Op != review.OpAdd || r.used || !r.inside || edited(r.Text) {
			continue
		}
		e, ok := f.lang.modifier(r)
		b := branch{end: i + 1}
		b.cond = r.Text
		if !ok {
			if b, ok = f.lang.branchAt(mirror, i); !ok {
				continue
			}
			if e, ok = f.lang.branchEffect(mirror, i, b, nil); !ok || !wayOut.MatchString(e.text.String()) {
				continue
			}
		}
		if strings.Contains(both.asked, tight(b.cond.String())) || both.calls(failing(mirror, i, b.cond)) {
			continue
		}
		t := e.text
		e.text, e.weight = scrub.Format("no longer %s", t.Slice(len("now "), t.Len())), 9
		out = append(out, e)
		for j := i; j < b.end; j++ {
			if rows[j].Op == review.OpRemove {
				rows[j].used, mirror[j].used = true, true
			}
		}
	}
	return out
}

// edited reports whether an added line is another one with a part replaced.
func (f *file) edited(r row) bool {
	return slices.ContainsFunc(f.edits, func(e edit) bool { return e.line == r.at && e.newLine.String() == r.Text.TrimSpace().String() })
}

// calls reports whether added code calls what a call calls.
func (b changedText) calls(call scrub.Text) bool {
	name, _, ok := strings.Cut(call.String(), "(")
	return ok && name != "" && slices.ContainsFunc(b.added, func(s string) bool { return strings.Contains(s, name+"(") })
}

// wayOut matches what is said of a branch that leaves.
var wayOut = re(`^now (?:returns|throws|raises|goes on|does .(?:exit|break|goto|panic|die|abort|return))\b`)

// tight is code without blanks and brackets, to see whether it stands elsewhere.
func tight(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" \t();", r) {
			return -1
		}
		return r
	}, s)
}

// asked splits a line into a way out, the word that joins it to its question,
// and the question.
func asked(rule *lazyre.Regexp, t scrub.Text) (what, word, cond scrub.Text, ok bool) {
	if what, ok = group(rule, t, "what"); ok {
		word, _ = group(rule, t, "word")
		cond, _ = group(rule, t, "cond")
	}
	return what, word, cond, ok
}

// modifier reads a way out that stands behind or before its question.
func (g *language) modifier(r row) (effect, bool) {
	e := effect{in: r.in, line: r.at, weight: 8}
	switch {
	case g.style == styleEnd:
		what, word, cond, ok := asked(trailing, r.Text)
		if !ok {
			return e, false
		}
		way := g.leave(what)
		if way.Empty() {
			way = scrub.Format("does %s", span(what, 60))
		}
		when := scrub.Lit("when")
		if word.String() == "unless" {
			when = scrub.Lit("unless")
		}
		e.text = scrub.Format("now %s %s %s", way, when, span(cond, maxCondition))
		return e, true
	case g.style == styleShell:
		what, word, cond, ok := asked(orElse, r.Text)
		if !ok {
			return e, false
		}
		way := g.leave(what)
		if way.Empty() {
			return e, false
		}
		tail := scrub.Lit("fails")
		if word.String() == "&&" {
			tail = scrub.Lit("holds")
		}
		e.text = scrub.Format("now %s when %s %s", way, span(cond, maxCondition), tail)
		return e, true
	case g.style == styleParen:
		what, ok := group(elvis, r.Text, "what")
		if !ok || r.quiet {
			return e, false
		}
		cond, _ := group(elvis, r.Text, "cond")
		if way := g.leave(what); !way.Empty() {
			e.text = scrub.Format("now %s when %s is null", way, span(cond, maxCondition))
			return e, true
		}
	}
	return e, false
}
