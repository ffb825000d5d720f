// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

var (
	guardHead = re(`^\s*(?:\}?\s*else\s+)?(?:if|unless)\b|^\s*guard\b`)
	guardExit = re(`^\s*(?:return|throw|raise|panic|abort|die|exit|continue|break|goto)\b|(?:\{|\)|then|:)\s*(?:return|throw|raise|panic|abort|die|exit|continue|break|goto)\b`)
)

// guardLines is how far below its question the way out of a guard stands.
const guardLines = 2

// guards finds early ways out that go away while what they guarded stays. A
// hunk that removes or adds a declaration, or asks anything anew, is a
// rewrite: there the question may live on in other words.
func (f *file) guards() []found {
	if f.lang == nil || f.role == roleTest || f.Status == review.FileDeleted {
		return nil
	}
	for i := range f.Hunks {
		h := f.scans[i]
		line := h.NewStart
		var first *found
		rewrite := false
		for j, l := range h.Lines {
			declares := !h.names[j].Empty() && l.Op != review.OpContext
			rewrite = rewrite || declares || l.Op == review.OpAdd && (guardHead.MatchString(h.code[j]) || guardExit.MatchString(h.code[j]))
			if first == nil && l.Op == review.OpRemove && guardHead.MatchString(h.code[j]) && h.exits(j) {
				at := newLine(line, h.NewStart, h.NewStart+h.NewLines-1)
				p := f.found(at, scrub.Format("a guard goes away: %s", span(l.Text, 90)), 9, ruleGuard, l.Text.TrimSpace().String())
				p.gone = true
				first = &p
			}
			if l.Op != review.OpRemove {
				line++
			}
		}
		if first != nil && !rewrite {
			return []found{*first}
		}
	}
	return nil
}

// exits reports whether the removed question at i leads out of the function
// in removed lines.
func (h scanned) exits(i int) bool {
	for j := i; j < len(h.Lines) && j <= i+guardLines && h.Lines[j].Op == review.OpRemove; j++ {
		if guardExit.MatchString(h.code[j]) {
			return true
		}
	}
	return false
}

var comparison = re(`[=!]==?|[<>]=?`)

// comparison tells an edit of which nothing but a comparison differs.
func (e edit) comparison(g *language) (scrub.Text, bool) {
	if g == nil || !strings.ContainsAny(e.newLine.String(), "<>=") || comparison.ReplaceAllString(e.oldLine.String(), "?") != comparison.ReplaceAllString(e.newLine.String(), "?") {
		return scrub.Text{}, false
	}
	code := func(t scrub.Text) string {
		q := literals{comment: g.comment}
		return q.code(t.String())
	}
	was, now := code(e.oldLine), code(e.newLine)
	olds, news := comparison.FindAllStringIndex(was, -1), comparison.FindAllStringIndex(now, -1)
	if len(olds) != len(news) {
		return scrub.Text{}, false
	}
	for i := range olds {
		old, new := e.oldLine.Slice(olds[i][0], olds[i][1]), e.newLine.Slice(news[i][0], news[i][1])
		if old.String() != new.String() {
			return scrub.Format("the comparison %s becomes %s: %s", span(old, 3), span(new, 3), span(e.newLine, 90)), true
		}
	}
	return scrub.Text{}, false
}

// typed says how a member that others can use stands on one line.
type typed struct {
	file, member *lazyre.Regexp // groups of member: name and type
}

var members = []typed{
	{re(`\.go$`), re("^(?P<name>[A-Z]\\w*)\\s+(?P<type>(?:\\*|\\[[\\w.]*\\]|map\\[[\\w.*]+\\]|chan )*[A-Za-z_][\\w.]*(?:\\[[\\w.,* \\[\\]]+\\])?)(?:\\s+`[^`]*`)?(?:\\s*//.*)?$")},
	{re(`\.(?:java|cs)$`), re(`^public\s+(?:(?:static|final|readonly|volatile|transient)\s+)*(?P<type>[A-Za-z][\w.<>,\[\]? ]*)\s(?P<name>\w+)\s*(?:=.*)?;$`)},
	{re(`\.proto$`), re(`^(?:optional |repeated |required )?(?P<type>[A-Za-z][\w.<>, ]*)\s(?P<name>\w+)\s*=\s*\d+\s*(?:\[.*\])?;$`)},
}

// retyped tells an edit that gives an exported member another type.
func (e edit) retyped(path string) (scrub.Text, bool) {
	for _, m := range members {
		if !m.file.MatchString(path) || hiddenPath.MatchString(path) {
			continue
		}
		name, ok := group(m.member, e.newLine, "name")
		was, same := group(m.member, e.oldLine, "name")
		if !ok || !same || name.String() != was.String() {
			continue
		}
		old, _ := group(m.member, e.oldLine, "type")
		now, _ := group(m.member, e.newLine, "type")
		if old.String() != now.String() {
			return scrub.Format("the type of %s was %s and is %s now", span(name, 60), span(old, 60), span(now, 60)), true
		}
	}
	return scrub.Text{}, false
}
