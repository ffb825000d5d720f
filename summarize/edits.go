// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/internal/lazyre"
	"review-assistant/review"
	"review-assistant/scrub"
)

// edit is a line of which one part was replaced by another.
type edit struct {
	oldLine, newLine scrub.Text
	old, new         scrub.Text // the parts that differ; one may be empty
	line             int        // new side
}

const (
	maxPairs     = 24  // longer runs of removed and added lines are rewrites, not edits
	maxEditLine  = 400 // bytes
	maxEditPart  = 60  // bytes
	editKeepsMin = 30  // percent of a line that has to stay
)

// edits pairs removed lines with the added lines that follow them.
func edits(h *scrub.Hunk) []edit {
	var out []edit
	var removed, added []scrub.Text
	var lines []int
	line := h.NewStart
	flush := func() {
		if len(removed) == len(added) && len(removed) <= maxPairs {
			for i := range removed {
				if e, ok := compare(removed[i], added[i]); ok {
					e.line = lines[i]
					out = append(out, e)
				}
			}
		}
		removed, added, lines = nil, nil, nil
	}
	for _, l := range h.Lines {
		switch l.Op {
		case review.OpRemove:
			if len(added) > 0 {
				flush()
			}
			removed = append(removed, l.Text)
		case review.OpAdd:
			added, lines = append(added, l.Text), append(lines, line)
			line++
		default:
			flush()
			line++
		}
	}
	flush()
	return out
}

// editTokens keeps versions and dotted numbers in one piece.
var editTokens = lazyre.New(`v?\d[\w.]*\w|\d|[A-Za-z_]\w*|\s+|.`)

func compare(before, after scrub.Text) (edit, bool) {
	before, after = before.TrimSpace(), after.TrimSpace()
	a, b := before.String(), after.String()
	if a == b || len(a) > maxEditLine || len(b) > maxEditLine {
		return edit{}, false
	}
	ta, tb := editTokens.FindAllString(a, -1), editTokens.FindAllString(b, -1)
	p, head := 0, 0
	for p < len(ta) && p < len(tb) && ta[p] == tb[p] {
		head += len(ta[p])
		p++
	}
	s, tail := 0, 0
	for s < len(ta)-p && s < len(tb)-p && ta[len(ta)-1-s] == tb[len(tb)-1-s] {
		tail += len(ta[len(ta)-1-s])
		s++
	}
	if (head+tail)*100 < editKeepsMin*max(len(a), len(b)) {
		return edit{}, false
	}
	e := edit{
		oldLine: before, newLine: after,
		old: before.Slice(head, len(a)-tail).TrimSpace(), new: after.Slice(head, len(b)-tail).TrimSpace(),
	}
	return e, e.old.Len() <= maxEditPart && e.new.Len() <= maxEditPart && balanced(e.old.String()) && balanced(e.new.String())
}

// balanced reports whether s opens as many brackets as it closes.
func balanced(s string) bool {
	for _, pair := range []string{"()", "[]", "{}"} {
		if strings.Count(s, pair[:1]) != strings.Count(s, pair[1:]) {
			return false
		}
	}
	return true
}

// sentence says what e does, with whole lines where they are short.
func (e edit) sentence() scrub.Text {
	const short = 70
	was, now := uncapped(e.oldLine, e.newLine)
	switch {
	case was.Len() <= short && now.Len() <= short:
		return scrub.Format("%s becomes %s", span(was, short), span(now, short))
	case !evenQuotes(e.old.String()) || !evenQuotes(e.new.String()):
		return scrub.Format("%s becomes %s", span(was, maxStatement), span(now, maxStatement))
	case e.old.Empty():
		return scrub.Format("%s is added to %s", span(e.new, maxEditPart), span(e.newLine, short))
	case e.new.Empty():
		return scrub.Format("%s is removed from %s", span(e.old, maxEditPart), span(e.oldLine, short))
	}
	return scrub.Format("%s becomes %s in %s", span(e.old, maxEditPart), span(e.new, maxEditPart), span(e.newLine, short))
}

// evenQuotes reports whether s holds no literal in part.
func evenQuotes(s string) bool {
	return strings.Count(s, `"`)%2 == 0 && strings.Count(s, "`")%2 == 0
}

// uncapped cuts what both lines end with and no reader needs.
func uncapped(a, b scrub.Text) (scrub.Text, scrub.Text) {
	for _, end := range []string{" {", ";", ","} {
		if strings.HasSuffix(a.String(), end) && strings.HasSuffix(b.String(), end) {
			return a.Slice(0, a.Len()-len(end)), b.Slice(0, b.Len()-len(end))
		}
	}
	return a, b
}

// swap is one replacement that was made in several places.
type swap struct {
	old, new scrub.Text
	places   int
	files    int
}

// only reports whether nothing but the given replacements happens to f.
func (f *file) only(told []swap) bool {
	for _, e := range f.edits {
		if !slices.ContainsFunc(told, func(s swap) bool {
			return s.old.String() == e.old.String() && s.new.String() == e.new.String()
		}) {
			return false
		}
	}
	return len(f.edits) > 0 && f.lines() == 2*len(f.edits)
}

var hasWord = lazyre.New(`\w\w|\d`)

// swaps counts equal replacements, most frequent first.
func swaps(files []*file) []swap {
	index := map[string]int{}
	var out []swap
	for _, f := range files {
		here := map[int]bool{}
		for _, e := range f.edits {
			if !hasWord.MatchString(e.old.String()) || !hasWord.MatchString(e.new.String()) {
				continue
			}
			key := e.old.String() + "\x00" + e.new.String()
			i, ok := index[key]
			if !ok {
				i = len(out)
				index[key] = i
				out = append(out, swap{old: e.old, new: e.new})
			}
			out[i].places++
			if !here[i] {
				here[i] = true
				out[i].files++
			}
		}
	}
	out = slices.DeleteFunc(out, func(s swap) bool { return s.places < 3 })
	slices.SortStableFunc(out, func(a, b swap) int { return b.places - a.places })
	return out
}

// condition matches the heads of lines that decide something: up to where
// what follows is done, not asked.
var condition = lazyre.New(`^(?:\}?\s*else\s+)?(?:if|elif|unless|until|assert)\b.*?(?:\{|\bthen\b|:\s|:$|\)\s+\w|$)|^(?:for|while)\b.*(?:[<>]=? |[!=]=).*|^.*?\s\?\s|^.*[\w)\]]\s+(?:&&|\|\|)\s+[\w(!].*`)

// decides reports whether the part of a line that differs asks for something.
func (e edit) decides(g *language) bool {
	q := literals{comment: g.comment}
	now := condition.FindString(q.code(e.newLine.String()))
	if _, declares := g.match(e.newLine); now == "" || declares {
		return false
	}
	q.until = ""
	was := condition.FindString(q.code(e.oldLine.String()))
	return was != "" && e.oldLine.String()[:len(was)] != e.newLine.String()[:len(now)]
}

// limitWord matches names of figures that bound time or amount.
var limitWord = lazyre.New(`(?i)time_?out|deadline|retr(?:y|ies)|backoff|interval|expir|ttl|max|min|limit|threshold|size|capacity`)

var numberOrBool = lazyre.New(`^(?:-?\d[\w.*]*|true|false|True|False|"[^"]*"|'[^']*')$`)
