// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// whiteSpaceOnly reports whether the changed lines of a file are the same, in
// the same places, but for indentation, runs of blanks outside of literals,
// blank lines and line ends.
func whiteSpaceOnly(s *scrub.File) bool {
	if s.Status == review.FileAdded || s.Status == review.FileDeleted || s.Added == 0 || s.Removed == 0 {
		return false
	}
	for i := range s.Hunks {
		var old, now []string
		for _, l := range s.Hunks[i].Lines {
			switch c := collapse(l.Text.String()); {
			case l.Op == review.OpContext:
				if !slices.Equal(old, now) {
					return false
				}
				old, now = old[:0], now[:0]
			case c == "":
			case l.Op == review.OpAdd:
				now = append(now, c)
			default:
				old = append(old, c)
			}
		}
		if !slices.Equal(old, now) {
			return false
		}
	}
	return true
}

// collapse returns a line without blanks around it and with single ones inside,
// but as they are in literals and behind a quotation mark that does not close.
func collapse(line string) string {
	line = strings.TrimSpace(line)
	var b strings.Builder
	quote := byte(0)
	for i := 0; i < len(line); i++ {
		c := line[i]
		switch {
		case quote != 0:
			if c == '\\' && quote != '`' && i+1 < len(line) {
				b.WriteByte(c)
				i++
				c = line[i]
			} else if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case c == ' ' || c == '\t' || c == '\f' || c == '\v':
			if next := line[i+1]; next == ' ' || next == '\t' || next == '\f' || next == '\v' {
				continue
			}
			c = ' '
		}
		b.WriteByte(c)
	}
	return b.String()
}

// indented matches files in which white space at the start of a line decides.
var indented = re(`\.(?:pyi?|ya?ml|coffee|haml|pug|slim|sass|nim|hs|fs)$|(?:^|/)(?:GNU)?[Mm]akefile$`)

// blankBullet names the files in which only white space changes.
func blankBullet(files []*file, known map[string]told) (float64, scrub.Text) {
	var plain, deep []scrub.Text
	for _, f := range files {
		switch {
		case !f.blank:
		case indented.MatchString(f.path) && len(known[f.path]) == 0:
			deep = append(deep, f.short)
		default:
			plain = append(plain, f.short)
		}
	}
	const note = 5
	switch {
	case len(plain)+len(deep) == 0:
		return 0, scrub.Text{}
	case len(deep) == 0:
		return 4, scrub.Format("Only white space changes in %s.", list(plain, note))
	case len(plain) == 0:
		return 4, scrub.Format("Only white space changes in %s, where indentation has a meaning.", list(deep, note))
	}
	return 4, scrub.Format("Only white space changes in %s; in %s indentation has a meaning.", list(append(slices.Clone(plain), deep...), note), list(deep, note))
}

// fewIndents is up to how many changed lines one that is indented otherwise is
// worth a look: more are a file that somebody formatted.
const fewIndents = 8

// indentPoints are lines that belong to another block now, where indentation
// decides that.
func (f *file) indentPoints() []found {
	if !f.blank || !indented.MatchString(f.path) || f.lines() > fewIndents {
		return nil
	}
	for i := range f.Hunks {
		was := map[string]int{}
		line := f.Hunks[i].NewStart
		for _, l := range f.Hunks[i].Lines {
			t := l.Text.TrimSpace()
			before, known := was[t.String()]
			switch now := columns(l.Text.String()); {
			case l.Op == review.OpRemove:
				was[t.String()] = now
				continue
			case l.Op == review.OpAdd && known && before != now:
				return []found{f.found(line, scrub.Format("%s is indented by %s columns and was by %s: it may belong to another block now", span(t, 60), scrub.Int(now), scrub.Int(before)), 8, ruleOther, "")}
			}
			line++
		}
	}
	return nil
}

// onlyImports returns the changed lines when all of them import something.
func onlyImports(hunks []scanned) []scrub.Text {
	var out []scrub.Text
	for _, h := range hunks {
		for i, l := range h.Lines {
			switch {
			case l.Op == review.OpContext, l.Text.TrimSpace().Empty():
			case !h.imports[i]:
				return nil
			case l.Op == review.OpAdd:
				out = append(out, scrub.Format("%s added", span(l.Text, 70)))
			default:
				out = append(out, scrub.Format("%s removed", span(l.Text, 70)))
			}
		}
	}
	return out
}

func importsBullet(f *file) scrub.Text {
	if len(f.imports) == 0 {
		return scrub.Text{}
	}
	return scrub.Format("%s, imports only: %s.", f.short, list(f.imports, 3))
}

// importTarget is what a line imports.
var importTarget = re(`^\s*(?:import\s+(?:static\s+|type\s+)?(?P<a>[\w.*/]+)\s*;?\s*$|from\s+(?P<b>[\w.]+)\s+import\b|#\s*include\s*(?P<c>[<"][^>"]+[>"])|use\s+(?P<d>[\w:\\\\]+)|(?:\w+\s+)?"(?P<e>[\w./-]+)"\s*$|.*\b(?:from|require\()\s*["'](?P<f>[\w@./-]+)["'])`)

// imported returns what changed lines import anew and no longer.
func imported(hunks []scanned) (gained, lost []scrub.Text) {
	for _, h := range hunks {
		for i, l := range h.Lines {
			if !h.imports[i] || l.Text.Len() > maxEditLine {
				continue
			}
			t, ok := group(importTarget, l.Text, "a", "b", "c", "d", "e", "f")
			switch {
			case !ok:
			case l.Op == review.OpAdd:
				gained = append(gained, t)
			default:
				lost = append(lost, t)
			}
		}
	}
	return without(unique(gained), lost), without(unique(lost), gained)
}

// commonImports tells what most files import in place of something else.
func commonImports(files []*file) scrub.Text {
	code := 0
	gained, lost := map[string]int{}, map[string]int{}
	var plus, minus []scrub.Text
	for _, f := range files {
		if f.role == roleCode && f.skip == "" && f.Status != review.FileAdded {
			code++
			for _, t := range f.newImports {
				gained[t.String()]++
			}
			for _, t := range f.goneImports {
				lost[t.String()]++
			}
			plus, minus = append(plus, f.newImports...), append(minus, f.goneImports...)
		}
	}
	need := max(3, code*3/5)
	few := func(counts map[string]int) func(scrub.Text) bool {
		return func(t scrub.Text) bool { return counts[t.String()] < need }
	}
	plus, minus = slices.DeleteFunc(unique(plus), few(gained)), slices.DeleteFunc(unique(minus), few(lost))
	switch {
	case len(plus) == 0 && len(minus) == 0:
		return scrub.Text{}
	case len(minus) == 0:
		return scrub.Format("Most files import %s.", spans(plus, 3))
	case len(plus) == 0:
		return scrub.Format("Most files no longer import %s.", spans(minus, 3))
	}
	return scrub.Format("Most files import %s instead of %s.", spans(plus, 3), spans(minus, 3))
}
