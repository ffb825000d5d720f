// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

var (
	variable = re(`^[a-z_]\w*$`) // no type has such a name where types are caught
	newCase  = re(`^\s*case\b.*(?::|->)`)
	// catcher names what is caught, where it is said.
	catcher = re(`^\s*(?:\}\s*)?(?:catch\s*\((?:final\s+|const\s+|val\s+)?(?P<a>[\w.:|\\ ]+?)(?:\s*[&*]?\s*\$?\w+)?\)|except\s+(?P<b>[\w.]+|\([\w., ]+\))(?:\s+as\s+\w+)?:|rescue\s+(?P<c>[A-Z][\w:, ]*?)(?:\s*=>\s*\w+)?\s*$|catch\s*\(\w+:\s*(?P<d>[\w.]+)\))`)
)

// cases tells new cases of choices and what is caught anew.
func (g *language) cases(rows []row, arms bool) (out []effect) {
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
			caught := span(what, 60)
			if variable.MatchString(what.String()) {
				caught = scrub.Lit("what is thrown")
			}
			if r.used = true; !slices.ContainsFunc(rows, same) {
				out = append(out, effect{in: r.in, line: r.at, weight: 7, text: scrub.Format("now catches %s", caught)})
			}
			continue
		}
		if pattern, ok := arm(*r); ok && arms {
			r.used = true
			if !slices.ContainsFunc(rows, func(o row) bool { p, ok := arm(o); return ok && o.Op == review.OpRemove && p == pattern }) {
				out = append(out, effect{in: r.in, line: r.at, weight: 6, text: scrub.Format("has the new branch %s", span(bareArm(g.uncommented(r.Text)), maxStatement))})
			}
			continue
		}
		if strings.HasPrefix(strings.TrimSpace(r.code), "case ") && newCase.MatchString(r.code) && !slices.ContainsFunc(rows, func(o row) bool {
			return o.Op == review.OpRemove && strings.HasPrefix(strings.TrimSpace(o.code), "case ")
		}) {
			r.used = true
			e := effect{in: r.in, line: r.at, weight: 6, text: scrub.Format("has the new branch %s", span(trimEnd(g.uncommented(r.Text)), 60))}
			if i+1 < len(rows) && rows[i+1].Op == review.OpAdd {
				if way := g.leave(rows[i+1].Text); !way.Empty() && !breaks.MatchString(rows[i+1].code) {
					rows[i+1].used = true
					e.weight, e.text = 7, scrub.Format("now %s on %s", way, span(trimEnd(g.uncommented(r.Text)), 60))
				}
			}
			out = append(out, e)
		}
	}
	return out
}

// armLine is a branch of a match of Rust.
var armLine = re(`^\s*(?P<pattern>[\w:|&(, ._]+?\)?(?:\s*\{[^}]*\})?(?:\s+if\s.+?)?)\s+=>\s+\S`)

func arm(r row) (string, bool) {
	m := armLine.FindStringSubmatchIndex(r.code)
	if m == nil {
		return "", false
	}
	return r.code[m[2]:m[3]], true
}

func bareArm(t scrub.Text) scrub.Text {
	t = t.TrimSpace()
	return t.Slice(0, len(strings.TrimRight(t.String(), ",{ ")))
}
