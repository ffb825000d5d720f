// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"cmp"
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// effect is what changed lines do to the declaration that they stand in, said
// with the code itself: it holds for the text of the diff, and claims nothing
// about what runs.
type effect struct {
	in     scrub.Text // the declaration, empty when none is in sight
	line   int        // new side
	text   scrub.Text // goes on after the subject: "now returns `x` when `y`"
	whole  bool       // text is a sentence of its own, not about the subject
	weight int
}

// row is a line of a hunk with what is known about it.
type row struct {
	scrub.Line
	code   string // without literals and comments, as long as the text
	indent int
	at     int        // new-side line, or the nearest one
	in     scrub.Text // the declaration around it
	inside bool       // in a body that neither comes nor goes as a whole
	used   bool       // told already
	quiet  bool       // blank, comment, import or declaration
	names  bool       // a declaration
}

// rows says of every line of a hunk where it stands.
func (f *file) rows(h scanned) []row {
	var before, after frames
	if name, ok := f.lang.match(h.Section); ok {
		before, after = frames{{name: name}}, frames{{name: name}}
	}
	whole := map[string]bool{} // come or go as a whole, and are told so
	for _, ds := range [][]decl{f.added, f.removed} {
		for _, d := range ds {
			whole[d.name.String()] = true
		}
	}
	last := h.NewStart + max(h.NewLines, 1) - 1
	line := h.NewStart
	out := make([]row, len(h.Lines))
	for i, l := range h.Lines {
		s := l.Text.String()
		r := row{Line: l, code: h.code[i], at: min(max(line, h.NewStart), last), indent: columns(s), names: !h.names[i].Empty()}
		r.quiet = strings.TrimSpace(r.code) == "" || h.comment[i] || h.imports[i] || !h.names[i].Empty()
		var in frame
		var known bool
		if !h.comment[i] {
			if l.Op != review.OpAdd {
				in, known = before.step(l, h.names[i])
			}
			if l.Op != review.OpRemove {
				in, known = after.step(l, h.names[i])
			}
		}
		r.inside = !known || !whole[in.name.String()]
		if known {
			r.in = in.name
		}
		if l.Op != review.OpRemove {
			line++
		}
		out[i] = r
	}
	return out
}

// columns is the indentation of a line; a tab counts as much as people see.
func columns(s string) (n int) {
	for _, c := range s {
		switch c {
		case ' ':
			n++
		case '\t':
			n += 8 - n%8
		default:
			return n
		}
	}
	return n
}

// effects reads what hunks do inside of declarations that were there before.
func (f *file) effectsOf(hunks []scanned) []effect {
	if f.Status == review.FileAdded || f.Status == review.FileDeleted {
		return nil
	}
	edited := map[int]edit{}
	for _, e := range f.edits {
		edited[e.line] = e
	}
	var out []effect
	for _, h := range hunks {
		rows := f.rows(h)
		out = append(out, f.wayOuts(rows)...)
		for start := 0; start < len(rows); {
			end := start
			for end < len(rows) && rows[end].Op != review.OpContext {
				end++
			}
			if end > start {
				out = append(out, f.run(rows[start:end], edited)...)
			}
			start = end + 1
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(e effect) bool {
		key := e.in.String() + "\x00" + e.text.String()
		again := seen[key] || !presentable(e.text)
		seen[key] = true
		return again
	})
}

// run tells a run of changed lines of which branches are told already.
func (f *file) run(rows []row, edited map[int]edit) (out []effect) {
	out = append(out, f.editsIn(rows, edited)...)
	out = append(out, returns(rows)...)
	out = append(out, cases(rows)...)
	out = append(out, heads(rows)...)
	return append(out, statementsIn(rows)...)
}

// editsIn tells lines of which one part was replaced.
func (f *file) editsIn(rows []row, edited map[int]edit) (out []effect) {
	for i := range rows {
		r := &rows[i]
		e, ok := edited[r.at]
		if r.Op != review.OpAdd || !ok || r.used || e.newLine.String() != r.Text.TrimSpace().String() {
			continue
		}
		old := slices.IndexFunc(rows, func(o row) bool {
			return o.Op == review.OpRemove && !o.used && o.Text.TrimSpace().String() == e.oldLine.String()
		})
		if old < 0 {
			continue
		}
		r.used, rows[old].used = true, true
		signed := slices.ContainsFunc(f.resigned, func(s sigChange) bool { return s.new.line == r.at })
		if r.quiet && (!r.names || signed) || !r.inside {
			continue // a comment, an import, or a signature, which is told as such
		}
		w := 6
		switch {
		case e.decides(f.lang):
			w = 8
		case numberOrBool.MatchString(e.old.String()):
			w = 7
		}
		if was, now, ok := returned(rows[old], *r); ok {
			out = append(out, effect{in: r.in, line: r.at, weight: 9, text: scrub.Format("now returns %s instead of %s", span(now, maxEditPart), span(was, maxEditPart))})
			continue
		}
		out = append(out, effect{in: r.in, line: r.at, whole: true, weight: w, text: e.sentence()})
	}
	return out
}

// returns tells the one result that takes the place of the one before.
func returns(rows []row) []effect {
	old, now := -1, -1
	for i, r := range rows {
		if r.used || !leaving.MatchString(r.code) {
			continue
		}
		which := &now
		if r.Op == review.OpRemove {
			which = &old
		}
		if *which >= 0 {
			return nil
		}
		*which = i
	}
	if old < 0 || now < 0 || rows[old].indent != rows[now].indent || !rows[now].inside || rows[old].in.String() != rows[now].in.String() {
		return nil
	}
	was, is, ok := returned(rows[old], rows[now])
	if !ok {
		return nil
	}
	rows[old].used, rows[now].used = true, true
	return []effect{{in: rows[now].in, line: rows[now].at, weight: 9, text: scrub.Format("now returns %s instead of %s", span(is, maxEditPart), span(was, maxEditPart))}}
}

// returned is what two lines return, when both do nothing else and differ.
func returned(before, now row) (was, is scrub.Text, ok bool) {
	was, a := operand(before)
	is, b := operand(now)
	return was, is, a && b && was.String() != is.String() && was.Len() <= maxEditPart && is.Len() <= maxEditPart
}

var leaving = re(`^\s*return\b`)

func operand(r row) (scrub.Text, bool) {
	if !leaving.MatchString(r.code) || !statement(r) {
		return scrub.Text{}, false
	}
	t := bare(r.Text)
	t = t.Slice(len("return"), t.Len()).TrimSpace()
	return t, !t.Empty()
}

// bare is a statement without what ends it.
func bare(t scrub.Text) scrub.Text {
	t = t.TrimSpace()
	return t.Slice(0, len(strings.TrimRight(t.String(), "; \t")))
}

var (
	newCase = re(`^\s*(?:case\b.*:|when\s+.*|[\w."':|&, ()]+(?:\([^)]*\))?\s*=>\s*\{?.*|is\s+\w+\s*->.*)\s*$`)
	// catcher names what is caught, where it is said.
	catcher = re(`^\s*(?:\}\s*)?(?:catch\s*\((?:final\s+|const\s+|val\s+)?(?P<a>[\w.:|\\ ]+?)(?:\s*[&*]?\s*\$?\w+)?\)|except\s+(?P<b>[\w.]+|\([\w., ]+\))(?:\s+as\s+\w+)?:|rescue\s+(?P<c>[A-Z][\w:, ]*?)(?:\s*=>\s*\w+)?\s*$|catch\s*\(\w+:\s*(?P<d>[\w.]+)\))`)
)

// cases tells new cases of choices and what is caught anew.
func cases(rows []row) (out []effect) {
	for i := range rows {
		r := &rows[i]
		if r.Op != review.OpAdd || r.used || !r.inside || r.quiet {
			continue
		}
		if what, ok := group(catcher, r.Text, "a", "b", "c", "d"); ok {
			same := func(o row) bool {
				t, ok := group(catcher, o.Text, "a", "b", "c", "d")
				return ok && o.Op == review.OpRemove && t.String() == what.String()
			}
			if r.used = true; !slices.ContainsFunc(rows, same) {
				out = append(out, effect{in: r.in, line: r.at, weight: 7, text: scrub.Format("now catches %s", span(what, 60))})
			}
			continue
		}
		if strings.HasPrefix(strings.TrimSpace(r.code), "case ") && newCase.MatchString(r.code) && !slices.ContainsFunc(rows, func(o row) bool {
			return o.Op == review.OpRemove && strings.HasPrefix(strings.TrimSpace(o.code), "case ")
		}) {
			r.used = true
			e := effect{in: r.in, line: r.at, weight: 6, text: scrub.Format("has the new branch %s", span(trimEnd(r.Text), 60))}
			if i+1 < len(rows) && rows[i+1].Op == review.OpAdd {
				if way := leave(rows[i+1].Text); !way.Empty() && !breaks.MatchString(rows[i+1].code) {
					rows[i+1].used = true
					e.weight, e.text = 7, scrub.Format("now %s on %s", way, span(trimEnd(r.Text), 60))
				}
			}
			out = append(out, e)
		}
	}
	return out
}

// heads tells loops that go over something else: the only one that goes and
// the only one that comes in a run.
func heads(rows []row) []effect {
	old, now := -1, -1
	for i, r := range rows {
		if r.used || !loopHead.MatchString(r.code) {
			continue
		}
		which := &now
		if r.Op == review.OpRemove {
			which = &old
		}
		if *which >= 0 {
			return nil
		}
		*which = i
	}
	if old < 0 || now < 0 || rows[old].indent != rows[now].indent || !rows[now].inside {
		return nil
	}
	rows[old].used, rows[now].used = true, true
	was, is := trimEnd(rows[old].Text), trimEnd(rows[now].Text)
	if was.String() == is.String() || max(was.Len(), is.Len()) > maxStatement {
		return nil
	}
	return []effect{{in: rows[now].in, line: rows[now].at, whole: true, weight: 6, text: scrub.Format("%s becomes %s", span(was, maxStatement), span(is, maxStatement))}}
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
func statementsIn(rows []row) []effect {
	var plus, minus, limits []int
	whole := true
	for i, r := range rows {
		switch {
		case r.used, strings.TrimSpace(r.code) == "", r.quiet && !isValue(r.Text.TrimSpace()):
			continue
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
	const few = 2
	switch whole = whole && len(plus) <= few && len(minus) <= few; {
	case !whole && len(limits) > 0:
		plus, minus = limits[:min(len(limits), few)], nil
	case !whole, len(plus)+len(minus) == 0:
		return nil
	}
	code := func(at []int) scrub.Text {
		var out []scrub.Text
		for _, i := range at {
			out = append(out, span(bare(rows[i].Text), maxStatement))
		}
		return list(out, few)
	}
	first := rows[append(slices.Clone(plus), minus...)[0]]
	e := effect{in: first.in, line: first.at}
	switch {
	case len(minus) == 0:
		e.weight, e.text = 4, scrub.Format("now has %s", code(plus))
	case len(plus) == 0:
		e.weight, e.text = 6, scrub.Format("no longer has %s", code(minus))
	default:
		e.weight, e.text = 5, scrub.Format("now has %s instead of %s", code(plus), code(minus))
	}
	return []effect{e}
}

// figures matches code that sets something to a number.
var figures = re(`[=:(,]\s*-?\d+\b`)

// maxEffects is how many effects of one file a sentence tells.
const maxEffects = 3

// effectsText says the heaviest effects of f that are not in told, at most
// room bytes.
func (f *file) effectsText(known told, room int) scrub.Text {
	all := slices.DeleteFunc(slices.Clone(f.effects), func(e effect) bool { return known.at(e.line) })
	slices.SortStableFunc(all, func(a, b effect) int { return b.weight - a.weight })
	f.chosen = nil
	for n := min(len(all), maxEffects); n > 0; n-- {
		f.chosen = slices.Clone(all[:n])
		slices.SortStableFunc(f.chosen, func(a, b effect) int { return cmp.Compare(a.line, b.line) })
		if t := sentences(f.chosen); t.Len() <= room || n == 1 {
			return t
		}
	}
	return scrub.Text{}
}

// worthMore is the weight from which an effect is worth a second sentence.
const worthMore = 5

// moreEffects tells effects for which the first sentence had no room.
func (f *file) moreEffects(known told) scrub.Text {
	said := f.chosen
	f.effects = slices.DeleteFunc(f.effects, func(e effect) bool {
		return e.weight < worthMore || slices.ContainsFunc(said, func(s effect) bool { return s.line == e.line && s.text.String() == e.text.String() })
	})
	if len(said) == 0 || len(f.effects) == 0 {
		return scrub.Text{}
	}
	if t := f.effectsText(known, maxBullet-f.short.Len()-4); !t.Empty() {
		return scrub.Format("%s: %s.", f.short, t)
	}
	return scrub.Text{}
}

// sentences joins effects, those of one declaration under one subject.
func sentences(all []effect) scrub.Text {
	var parts []scrub.Text
	for i := 0; i < len(all); {
		e := all[i]
		here := []scrub.Text{e.text}
		j := i + 1
		for ; j < len(all) && !e.in.Empty() && all[j].whole == e.whole && all[j].in.String() == e.in.String(); j++ {
			t := all[j].text
			for _, lead := range []string{"no longer has ", "now "} {
				if strings.HasPrefix(t.String(), lead) && strings.HasPrefix(all[j-1].text.String(), lead) {
					t = t.Slice(len(lead), t.Len())
				}
			}
			here = append(here, t)
		}
		i = j
		what := list(here, len(here))
		switch {
		case e.in.Empty() && e.whole:
			parts = append(parts, scrub.Format("line %s: %s", scrub.Int(e.line), what))
		case e.in.Empty():
			parts = append(parts, scrub.Format("line %s %s", scrub.Int(e.line), what))
		case e.whole:
			parts = append(parts, scrub.Format("in %s, %s", span(e.in, 60), what))
		default:
			parts = append(parts, scrub.Format("%s %s", span(e.in, 60), what))
		}
	}
	return scrub.Join("; ", parts...)
}
