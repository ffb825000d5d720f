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
	inner  bool       // in a function inside of the declaration
	whole  bool       // text is a sentence of its own, not about the subject
	weight int
	also   []int // further lines that it quotes
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
	name   scrub.Text // what it declares
}

// openEnd are the outermost declarations in which a hunk ends.
type openEnd struct{ before, after scrub.Text }

// rows says of every line of a hunk where it stands. end is where the hunk
// before it ends; it becomes where this one does.
func (f *file) rows(h scanned, end *openEnd) []row {
	var before, after frames
	if name, ok := f.lang.match(h.Section); ok {
		before, after = frames{{name: name}}, frames{{name: name}}
		// Git names what stood above the hunk before the change.
		if name.String() == end.before.String() && !end.after.Empty() {
			after[0].name = end.after
		}
	}
	defer func() {
		*end = openEnd{}
		if len(before) > 0 && len(after) > 0 {
			*end = openEnd{before[0].name, after[0].name}
		}
	}()
	whole := map[string]bool{} // come or go as a whole, and are told so
	for _, ds := range [][]decl{f.added, f.removed} {
		for _, d := range ds {
			whole[d.name.String()] = true
		}
	}
	last := h.NewStart + max(h.NewLines, 1) - 1
	line := h.NewStart
	behind := false // a declaration that is new in the same run of lines
	out := make([]row, len(h.Lines))
	for i, l := range h.Lines {
		s := l.Text.String()
		r := row{Line: l, code: h.code[i], at: min(max(line, h.NewStart), last), indent: columns(s), name: h.names[i]}
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
		own := whole[h.names[i].String()]
		behind = (behind || own) && l.Op == review.OpAdd
		r.inside = !own && (known || !behind) && !(known && whole[in.name.String()])
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

// maxEffectLines is how many changed lines of a file are compared with each
// other. Of a longer change three sentences tell nothing.
const maxEffectLines = 3000

// effectsOf reads what hunks do inside of declarations that were there before.
func (f *file) effectsOf(hunks []scanned) []effect {
	if f.Status == review.FileAdded || f.Status == review.FileDeleted || f.lines() > maxEffectLines {
		return nil
	}
	edited := map[int]edit{}
	for _, e := range f.edits {
		edited[e.line] = e
	}
	var out []effect
	all := make([][]row, len(hunks))
	var end openEnd
	for i, h := range hunks {
		all[i] = f.rows(h, &end)
	}
	b := bothSides(all)
	for _, rows := range all {
		for i := range rows {
			rows[i].used = f.bumped(rows[i].Text)
		}
		from := len(out)
		out = append(out, f.wayOuts(rows, b)...)
		b.settle(rows)
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
		for i := range out[from:] {
			e := &out[from+i]
			e.inner = nested(rows, e.line)
		}
	}
	seen := map[string]bool{}
	return slices.DeleteFunc(out, func(e effect) bool {
		key := e.in.String() + "\x00" + e.text.String()
		again := seen[key]
		seen[key] = true
		return again
	})
}

// changedText is what a file loses and gains, to tell what only moves.
type changedText struct {
	gone, fresh map[string]bool // whole lines
	asked       string          // all added code, tight
	added       []string        // the same, line by line
	lost        []string        // removed lines, tight
}

func bothSides(all [][]row) changedText {
	b := changedText{gone: map[string]bool{}, fresh: map[string]bool{}}
	var asked strings.Builder
	for _, rows := range all {
		for _, r := range rows {
			switch {
			case r.Op == review.OpAdd:
				asked.WriteString(tight(r.Text.String()))
				b.added = append(b.added, r.code)
				b.fresh[bare(r.Text).String()] = true
			case r.Op == review.OpRemove && !r.quiet:
				b.lost = append(b.lost, tight(r.Text.String()))
				b.gone[bare(r.Text).String()] = true
			}
		}
	}
	b.asked = asked.String()
	return b
}

// settle takes lines that only moved out of what is told.
func (b changedText) settle(rows []row) {
	for i := range rows {
		s := bare(rows[i].Text).String()
		if hasWord.MatchString(s) && (rows[i].Op == review.OpAdd && b.gone[s] || rows[i].Op == review.OpRemove && b.fresh[s]) {
			rows[i].used = true
		}
	}
}

// closure matches lines that open a function inside of another one.
var closure = re(`=>\s*\{?\s*$|\bfunc\s*\([^)]*\)[^{]*\{\s*$|\bfunction\b[^{]*\{\s*$|->\s*\{?\s*$|\bdo\s*\|[^|]*\|\s*$|\{\s*\|[^|]*\|\s*$|\{\s*[\w, ]+\s*->\s*$|\[[&=\w, ]*\]\s*(?:\([^)]*\))?\s*(?:mutable\s*)?\{\s*$|\bmove\s*\|.*\{\s*$`)

// nested reports whether the line stands in a function that is no declaration:
// what returns there does not return from the declaration.
func nested(rows []row, line int) bool {
	at, ok := slices.BinarySearchFunc(rows, line, func(r row, line int) int { return cmp.Compare(r.at, line) })
	if !ok {
		return false
	}
	for i := at; i < len(rows) && rows[i].at == line; i++ {
		if rows[i].Op == review.OpAdd {
			at = i
			break
		}
	}
	depth := rows[at].indent
	for j := at - 1; j >= 0; j-- {
		r := rows[j]
		if r.Op == review.OpRemove && rows[at].Op != review.OpRemove || strings.TrimSpace(r.code) == "" || r.indent >= depth {
			continue
		}
		if !r.name.Empty() {
			return false
		}
		if depth = r.indent; closure.MatchString(strings.TrimRight(r.code, " \t")) {
			return true
		}
	}
	return false
}

// run tells a run of changed lines of which branches are told already.
func (f *file) run(rows []row, edited map[int]edit) (out []effect) {
	out = append(out, f.editsIn(rows, edited)...)
	out = append(out, returns(rows)...)
	out = append(out, f.lang.cases(rows, strings.HasSuffix(f.path, ".rs"))...)
	out = append(out, heads(rows)...)
	return append(out, f.lang.statementsIn(rows)...)
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
		if r.quiet && (r.name.Empty() || signed) || !r.inside || f.lang.sameCode(e.oldLine, e.newLine) {
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
			out = append(out, effect{in: r.in, line: r.at, weight: 9, text: scrub.Format("now returns %s instead of %s", span(now, maxStatement), span(was, maxStatement))})
			continue
		}
		in := r.in
		if !r.name.Empty() && !isValue(e.newLine) {
			in = r.name
		}
		out = append(out, effect{in: in, line: r.at, whole: true, weight: w, text: e.sentence()})
	}
	return out
}

// returns tells the one result that takes the place of the one before.
func returns(rows []row) []effect {
	old, now, ok := onlyPair(rows, leaving)
	if !ok || rows[old].in.String() != rows[now].in.String() {
		return nil
	}
	was, is, ok := returned(rows[old], rows[now])
	if !ok {
		return nil
	}
	rows[old].used, rows[now].used = true, true
	return []effect{{in: rows[now].in, line: rows[now].at, weight: 9, text: scrub.Format("now returns %s instead of %s", span(is, maxStatement), span(was, maxStatement))}}
}

// returned is what two lines return, when both do nothing else and differ.
func returned(before, now row) (was, is scrub.Text, ok bool) {
	was, a := operand(before)
	is, b := operand(now)
	return was, is, a && b && was.String() != is.String() && was.Len() <= maxStatement && is.Len() <= maxStatement
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
