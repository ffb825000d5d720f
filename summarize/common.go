// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// commonCalls takes calls that most files gain or lose alike out of the files
// and tells them once.
func commonCalls(files []*file) scrub.Text {
	code := 0
	gained, lost := map[string]int{}, map[string]int{}
	for _, f := range files {
		if f.role != roleCode || f.skip != "" || f.Status == review.FileAdded {
			continue
		}
		code++
		for _, c := range f.newCalls {
			gained[c.String()]++
		}
		for _, c := range f.goneCalls {
			lost[c.String()]++
		}
	}
	need := max(3, code*3/5)
	var plus, minus []scrub.Text
	n := 0
	for _, f := range files {
		common := func(counts map[string]int, from []scrub.Text) []scrub.Text {
			return slices.DeleteFunc(slices.Clone(from), func(c scrub.Text) bool { return counts[c.String()] < need })
		}
		p, m := common(gained, f.newCalls), common(lost, f.goneCalls)
		if len(p)+len(m) > 0 {
			f.effects = slices.DeleteFunc(f.effects, func(e effect) bool {
				return strings.Contains(e.text.String(), " instead of ") && slices.ContainsFunc(p, func(c scrub.Text) bool { return strings.Contains(e.text.String(), c.String()+"(") })
			})
			n++
			f.replaced = true
		}
		plus, minus = append(plus, p...), append(minus, m...)
		f.newCalls, f.goneCalls = without(f.newCalls, p), without(f.goneCalls, m)
	}
	where := scrub.Lit("Most files")
	if n == len(files) {
		where = scrub.Format("All %s files", scrub.Int(n))
	}
	plus, minus = unique(plus), unique(minus)
	if len(plus) == 1 && len(minus) == 1 {
		return scrub.Format("%s call %s instead of %s.", where, span(plus[0], 80), span(minus[0], 80))
	}
	var parts []scrub.Text
	if len(plus) > 0 {
		parts = append(parts, scrub.Format("adds calls of %s", spans(unique(plus), 5)))
	}
	if len(minus) > 0 {
		parts = append(parts, scrub.Format("drops calls of %s", spans(unique(minus), 5)))
	}
	if len(parts) == 0 {
		return scrub.Text{}
	}
	return scrub.Format("%s: %s.", where, list(parts, 2))
}

// otherOwner tells that most files call functions of one package in place of
// another's: log.Infof gives way to slog.Info.
func otherOwner(files []*file) (old, now scrub.Text, in []*file) {
	type pair struct{ old, now string }
	tally := map[pair][]*file{}
	var order []pair
	texts := map[pair][2]scrub.Text{}
	code := 0
	for _, f := range files {
		if f.role != roleCode && f.role != roleTest || f.skip != "" || f.Status != review.FileModified {
			continue
		}
		code++
		seen := map[pair]bool{}
		for _, g := range f.goneCalls {
			a, what, ok := owner(g)
			for _, n := range f.newCalls {
				b, with, ok2 := owner(n)
				if !ok || !ok2 || a.String() == b.String() || !strings.EqualFold(strings.TrimSuffix(what, "f"), strings.TrimSuffix(with, "f")) {
					continue
				}
				p := pair{a.String(), b.String()}
				if !seen[p] {
					if seen[p] = true; tally[p] == nil {
						order = append(order, p)
						texts[p] = [2]scrub.Text{a, b}
					}
					tally[p] = append(tally[p], f)
				}
			}
		}
	}
	for _, p := range order {
		if len(tally[p]) >= max(3, code*3/5) {
			return texts[p][0], texts[p][1], tally[p]
		}
	}
	return old, now, nil
}

// owner splits a call into what it is called on and its own name.
func owner(call scrub.Text) (on scrub.Text, name string, ok bool) {
	s := call.String()
	i := strings.LastIndexByte(s, '.')
	if i <= 0 || strings.Contains(s[:i], ".") {
		return scrub.Text{}, "", false
	}
	return call.Slice(0, i), s[i+1:], true
}

// ownerBullet tells such a replacement once, and takes it out of the files.
func ownerBullet(files []*file) scrub.Text {
	old, now, in := otherOwner(files)
	if len(in) == 0 {
		return scrub.Text{}
	}
	a, b := "`"+old.String()+".", "`"+now.String()+"."
	for _, f := range in {
		f.effects = slices.DeleteFunc(f.effects, func(e effect) bool {
			s := e.text.String()
			return strings.HasPrefix(s, "now has "+b) && strings.Contains(s, " instead of "+a)
		})
		on := func(who scrub.Text) func(scrub.Text) bool {
			return func(c scrub.Text) bool { return strings.HasPrefix(c.String(), who.String()+".") }
		}
		f.newCalls, f.goneCalls = slices.DeleteFunc(f.newCalls, on(now)), slices.DeleteFunc(f.goneCalls, on(old))
		f.replaced = true
	}
	if i := commonImports(files).String(); strings.Contains(i, "/"+now.String()+"`") {
		return scrub.Text{} // the import tells it
	}
	return scrub.Format("Calls of %s give way to calls of %s in %s.", span(scrub.Format("%s.…", old), 40), span(scrub.Format("%s.…", now), 40), count(len(in), scrub.Lit("file"), scrub.Lit("files")))
}
