// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

func swapBullet(s swap, files int) scrub.Text {
	where := scrub.Format("in %s places", scrub.Int(s.places))
	switch {
	case s.files == files && files > 1:
		where = scrub.Format("in all %s files", scrub.Int(files))
	case s.files > 1:
		where = scrub.Format("in %s files", scrub.Int(s.files))
	}
	return scrub.Format("%s becomes %s %s.", span(s.old, maxEditPart), span(s.new, maxEditPart), where)
}

// movesBullet tells renames by the directories between which files move.
func movesBullet(files []*file) (float64, scrub.Text) {
	type route struct {
		from, to scrub.Text
		names    []scrub.Text
	}
	var routes []*route
	index := map[string]*route{}
	n := 0
	for _, f := range files {
		if f.Status != review.FileRenamed {
			continue
		}
		n++
		from, to := dir(f.OldPath), dir(f.Path)
		r := index[from.String()+"\x00"+to.String()]
		if r == nil {
			r = &route{from: from, to: to}
			index[from.String()+"\x00"+to.String()] = r
			routes = append(routes, r)
		}
		name := base(f.Path)
		if old := base(f.OldPath); old.String() != name.String() {
			name = scrub.Format("%s (was %s)", PathText(name), PathText(old))
		} else {
			name = PathText(name)
		}
		r.names = append(r.names, name)
	}
	if n == 0 {
		return 0, scrub.Text{}
	}
	const few = 2
	var parts []scrub.Text
	told := 0
	for _, r := range routes[:min(len(routes), few)] {
		told += len(r.names)
		if r.from.String() == r.to.String() {
			parts = append(parts, scrub.Format("in %s: %s", r.to, list(r.names, 6)))
		} else {
			parts = append(parts, scrub.Format("from %s to %s: %s", r.from, r.to, list(r.names, 6)))
		}
	}
	return 4 + float64(n), scrub.Format("Renames files %s%s.", scrub.Join("; ", parts...), others(n, told))
}

// others is [more] behind parts that are separated by semicolons.
func others(n, told int) scrub.Text {
	if n <= told {
		return scrub.Text{}
	}
	return scrub.Format(";%s", more(n, told))
}

// dir returns the directory of p for use in a sentence.
func dir(p scrub.Text) scrub.Text {
	d := path.Dir(p.String())
	if d == "." || d == "/" {
		return scrub.Lit("the top directory")
	}
	return PathText(p.Slice(0, len(d)))
}

func base(p scrub.Text) scrub.Text {
	return p.Slice(strings.LastIndexByte(p.String(), '/')+1, p.Len())
}

func deletedBullet(files []*file) (float64, scrub.Text) {
	var gone []scrub.Text
	w := 0.0
	for _, f := range files {
		if f.Status == review.FileDeleted && f.skip == "" {
			gone = append(gone, PathText(f.Path))
			w += f.weight
		}
	}
	if len(gone) == 0 {
		return 0, scrub.Text{}
	}
	return w, scrub.Format("Deletes %s.", list(gone, 5))
}

// How computed sentences about dependencies and schemas begin.
var toldDeps, toldSchema, toldSubmodules = scrub.Lit("Dependencies:"), scrub.Lit("Schema:"), scrub.Lit("Submodules:")

// submodulesBullet says where submodules move: their own changes are not read.
func submodulesBullet(files []*file) (float64, scrub.Text) {
	var moves []scrub.Text
	for _, f := range files {
		if f.Mode == review.ModeSubmodule {
			moves = append(moves, submoduleText(f))
		}
	}
	if len(moves) == 0 {
		return 0, scrub.Text{}
	}
	return 12, scrub.Format("%s %s.", toldSubmodules, list(moves, 3))
}

func depsBullet(files []*file) (float64, scrub.Text) {
	var parts []scrub.Text
	for _, b := range allBumps(files) {
		parts = append(parts, b.text())
	}
	if len(parts) == 0 {
		return 0, scrub.Text{}
	}
	return 6, scrub.Format("%s %s.", toldDeps, list(unique(parts), 5))
}

func testBullet(f *file, known told) scrub.Text {
	if gained := tests(f.added); len(gained) > 0 {
		return scrub.Format("Tests: %s gains %s.", f.short, spans(gained, 4))
	}
	return codeBullet(f, known)
}

func docsBullet(f *file) scrub.Text {
	if len(f.headings) == 0 {
		return scrub.Text{}
	}
	quoted := make([]scrub.Text, len(f.headings))
	for i, h := range f.headings {
		quoted[i] = quote(h, 60)
	}
	what := list(quoted, 3)
	switch {
	case f.Status == review.FileAdded:
		return scrub.Format("New document %s: %s.", f.short, what)
	case f.newHeadings:
		return scrub.Format("%s gains %s.", f.short, what)
	}
	return scrub.Format("%s changes under %s.", f.short, what)
}

// codeBullet tells what is declared, no longer declared and changed in a file,
// with as many names as fit.
func codeBullet(f *file, known told) scrub.Text {
	var t scrub.Text
	for _, n := range []int{5, 3, 2, 1} {
		if t = f.code(n, known); t.Len() <= maxBullet {
			break
		}
	}
	return t
}

// code is codeBullet with up to n names of each kind.
func (f *file) code(n int, known told) scrub.Text {
	var parts []scrub.Text
	if len(f.added) > 0 {
		verb := scrub.Lit("adds")
		if f.Status == review.FileAdded {
			verb = scrub.Lit("declares")
		}
		parts = append(parts, scrub.Format("%s %s%s", verb, spans(names(f.news()), n), f.quote(n)))
	}
	if moved := f.takenText(n); !moved.Empty() {
		parts = append(parts, moved)
	}
	if gone := f.goneNames(); len(gone) > 0 {
		parts = append(parts, scrub.Format("removes %s", spans(gone, n)))
	}
	parts = append(parts, f.signatures(known, min(n, 2))...)
	if len(f.effects) == 0 && !f.replaced {
		if len(f.taken) == 0 && !f.gave { // the calls in what moved are no news
			parts = append(parts, f.bodies(n))
		}
	} else {
		used := scrub.Join("; ", parts...).Len() + f.short.Len() + 4
		parts = append(parts, f.effectsText(known, max(maxBullet-used, maxBullet/3)))
	}
	parts = oneSubject(slices.DeleteFunc(parts, scrub.Text.Empty))
	if len(parts) == 0 || f.Status == review.FileDeleted {
		return scrub.Text{}
	}
	if !f.remark.Empty() && n > 1 && len(f.effects) == 0 {
		parts = append(parts, scrub.Format("with the comment %s", quote(f.remark, 120)))
	}
	if len(f.texts) > 0 && n > 2 && len(f.effects) == 0 {
		parts = append(parts, scrub.Format("new text %s", spans(f.texts, 2)))
	}
	if f.Status == review.FileAdded {
		if about := f.about(); !about.Empty() {
			return scrub.Format("New file %s (%s) %s.", f.short, quote(about, 120), scrub.Join("; ", parts...))
		}
		return scrub.Format("New file %s %s.", f.short, scrub.Join("; ", parts...))
	}
	return scrub.Format("%s: %s.", f.short, scrub.Join("; ", parts...))
}

// takenText says which declarations moved here, and from where.
func (f *file) takenText(n int) scrub.Text {
	var out []scrub.Text
	for i := 0; i < len(f.taken); {
		from, moved := f.taken[i].from, []scrub.Text(nil)
		for ; i < len(f.taken) && f.taken[i].from == from; i++ {
			moved = append(moved, f.taken[i].name)
		}
		out = append(out, scrub.Format("takes over %s from %s", spans(moved, n), from.short))
	}
	return list(out, 2)
}

// oneSubject joins parts that speak of the same declaration.
func oneSubject(parts []scrub.Text) []scrub.Text {
	var out []scrub.Text
	for _, p := range parts {
		s := p.String()
		end := strings.Index(s, "` ")
		if last := len(out) - 1; last >= 0 && strings.HasPrefix(s, "`") && end > 0 && strings.HasPrefix(out[last].String(), s[:end+2]) && !strings.Contains(out[last].String(), "; ") {
			out[last] = scrub.Format("%s and %s", out[last], p.Slice(end+2, p.Len()))
			continue
		}
		out = append(out, p)
	}
	return out
}

// goneNames are the declarations that go away. Tests among them are pointed at.
func (f *file) goneNames() []scrub.Text {
	if f.role == roleTest {
		return without(names(f.removed), tests(f.removed))
	}
	return names(f.removed)
}

// quote repeats the first sentence of a new declaration's comment, unless there
// is hardly room.
func (f *file) quote(n int) scrub.Text {
	if n == 1 {
		return scrub.Text{}
	}
	for _, public := range []bool{true, false} {
		for _, d := range f.news() {
			if d.public != public || !quotable(d.doc) {
				continue
			}
			doc := d.doc
			if s, ok := strings.CutPrefix(doc.String(), base(d.name).String()+" "); ok {
				doc = doc.Slice(doc.Len()-len(s), doc.Len())
			} else if i := strings.LastIndexByte(d.name.String(), '.'); i >= 0 && strings.HasPrefix(doc.String(), d.name.String()[i+1:]+" ") {
				doc = doc.Slice(d.name.Len()-i, doc.Len())
			}
			for _, verb := range []string{"is ", "are "} {
				if s, ok := strings.CutPrefix(doc.String(), verb); ok {
					doc = doc.Slice(doc.Len()-len(s), doc.Len())
				}
			}
			if len(f.added) == 1 {
				return scrub.Format(" (%s)", quote(doc, 120))
			}
			return scrub.Format(" (%s: %s)", span(d.name, 60), quote(doc, 120))
		}
	}
	return scrub.Text{}
}

// bodies says which bodies changed and which calls came and went.
func (f *file) bodies(n int) scrub.Text {
	var parts []scrub.Text
	if len(f.touched) > 0 {
		parts = append(parts, scrub.Format("changes %s", spans(f.touched, min(n, 4))))
	}
	if len(f.added) > 0 {
		return scrub.Join("", parts...)
	}
	if len(f.newCalls) > 0 {
		parts = append(parts, scrub.Format("adds calls of %s", spans(f.newCalls, min(n, 4))))
	}
	if len(f.goneCalls) > 0 {
		parts = append(parts, scrub.Format("drops calls of %s", spans(f.goneCalls, min(n, 3))))
	}
	return list(parts, 3)
}

// fallbackBullet says what the heaviest file is about when nothing else can be
// said. Names alone stand in every list of files.
func fallbackBullet(files []*file) []scrub.Text {
	var parts []scrub.Text
	for _, f := range files {
		if f.skip == "" && len(f.Hunks) > 0 {
			parts = append(parts, f.short)
		}
	}
	if len(parts) == 0 || len(files[0].words) == 0 {
		return nil
	}
	all := scrub.Format("Changes %s around %s.", list(parts, 5), spans(files[0].words, 3))
	if !presentable(all) {
		return nil
	}
	return []scrub.Text{all}
}
