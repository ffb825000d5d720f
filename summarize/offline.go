// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"cmp"
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// Offline computes a draft without a model. What it says can be pointed at in
// the diff; it never says why.
func Offline(in Input) Draft {
	s, d := in.scope()
	if !d.Unchanged {
		d.compute(&in, s)
	}
	return d
}

// compute fills d without a model.
func (d *Draft) compute(in *Input, s scope) {
	var c Draft
	describe(&c, s.files)
	d.take(c)
	d.close(in, s)
}

// take takes over what was described.
func (d *Draft) take(c Draft) {
	d.Title, d.Bullets, d.Look, d.Risks, d.Order, d.Notes, d.vague = c.Title, c.Bullets, c.Look, c.Risks, c.Order, c.Notes, c.vague
}

// describe fills what both the computed draft and the gaps of a model's draft
// are made of.
func describe(d *Draft, files []*file) {
	d.Look, d.Risks = points(files)
	if d.Bullets = bullets(files, toldBy(d.Look, d.Risks)); len(d.Bullets) == 0 && len(d.Look) == 0 {
		d.Bullets = fallbackBullet(files)
		d.vague = true
	}
	d.Order = readingOrder(files)
	d.Notes = notes(files)
	d.Title = title(files)
}

// told are the lines of a file that points speak of, with what they say.
type told map[int]string

func (t told) at(line int) bool { _, ok := t[line]; return ok }

// quotes reports whether the point at a line names a word.
func (t told) quotes(line int, word string) bool { return strings.Contains(t[line], word) }

// toldBy returns by path what points tell, so that nothing is told twice.
func toldBy(all ...[]Point) map[string]told {
	out := map[string]told{}
	for _, ps := range all {
		for _, p := range ps {
			if p.Line == 0 || p.Severity == Low {
				continue
			}
			path := p.Path.String()
			if out[path] == nil {
				out[path] = told{}
			}
			out[path][p.Line] += p.Why.String()
		}
	}
	return out
}

// bullet is a candidate with the share of the change that it speaks of.
type bullet struct {
	text   scrub.Text
	weight float64
}

// fewFiles is up to how many files more than one sentence each is worth
// reading.
const fewFiles = 3

func bullets(files []*file, known map[string]told) []scrub.Text {
	var all []bullet
	add := func(w float64, t scrub.Text) {
		if !t.Empty() && presentable(t) {
			all = append(all, bullet{cut(t, maxBullet), w})
		}
	}
	swapped := swaps(files)
	for i, s := range swapped[:min(len(swapped), 2)] {
		add(float64(8+s.places)/float64(i+1), swapBullet(s, len(files)))
	}
	if len(swapped) == 0 || swapped[0].files < len(files) {
		add(26, commonImports(files))
		add(27, ownerBullet(files))
		add(25, commonCalls(files))
	}
	add(movesBullet(files))
	add(deletedBullet(files))
	add(signatureBullet(files))
	add(depsBullet(files))
	add(configBullet(files, known))
	add(submodulesBullet(files))
	add(schemaBullet(files))
	add(blankBullet(files, known))
	add(orderBullet(files))
	for _, f := range files {
		if f.skip != "" || f.blank || f.order != nil || f.role == roleAsset || f.minor(files) || f.only(swapped[:min(len(swapped), 2)]) {
			continue
		}
		switch f.role {
		case roleTest:
			add(f.weight, testBullet(f, known[f.path]))
		case roleDocs:
			add(f.weight, docsBullet(f))
		default:
			add(f.weight*1.2, codeBullet(f, known[f.path]))
			if len(files) <= fewFiles {
				add(f.weight*0.9, f.moreEffects(known[f.path]))
			}
			add(f.weight, lineBullet(f, len(files), known[f.path]))
			add(f.weight/2, importsBullet(f))
		}
	}
	slices.SortStableFunc(all, func(a, b bullet) int { return cmp.Compare(b.weight, a.weight) })
	out := make([]scrub.Text, 0, maxBullets)
	for _, b := range all[:min(len(all), maxBullets)] {
		out = append(out, b.text)
	}
	return out
}

// title says in one line what weighs most.
func title(files []*file) scrub.Text {
	if len(files) == 0 {
		return scrub.Lit("No files")
	}
	var what, where scrub.Text
	renamed := 0
	for _, f := range files {
		if f.moved {
			renamed++
		}
	}
	top := files[0]
	where = top.short
	plain := func(ts []scrub.Text) scrub.Text { return list(ts, 2) }
	swapped := swaps(files)
	switch {
	case renamed*2 >= len(files):
		what, where = count(renamed, scrub.Lit("file renamed"), scrub.Lit("files renamed")), dir(top.Path)
	case len(swapped) > 0 && swapped[0].files > len(files)/2 && len(files) > 1:
		what = scrub.Format("%s becomes %s", span(swapped[0].old, 30), span(swapped[0].new, 30))
		where = count(len(files), scrub.Lit("file"), scrub.Lit("files"))
	case top.Status == review.FileDeleted:
		what = scrub.Lit("deleted")
	case len(top.added) > 0:
		what = scrub.Format("adds %s", plain(names(top.added)))
	case len(top.resigned) > 0:
		what = scrub.Format("changes the signature of %s", top.resigned[0].new.name)
	case len(top.removed) > 0:
		what = scrub.Format("removes %s", plain(names(top.removed)))
	case len(top.touched) > 0:
		what = scrub.Format("changes %s", plain(top.touched))
	case len(top.bumps) > 0:
		what = top.bumps[0].text()
	case len(top.schema) > 0:
		what = list(top.schemaTexts(), 1)
	case len(top.keysAdded) > 0:
		what = scrub.Format("adds %s", settingNames(top.keysAdded, 2))
	case len(top.keysChanged) > 0:
		what = scrub.Format("changes %s", top.keysChanged[0].name())
	case len(top.headings) > 0:
		what = quote(top.headings[0], 60)
	case len(top.edits) == 1 && top.edits[0].newLine.Len() < 40:
		what = span(top.edits[0].newLine, 40)
	case top.blank:
		what = scrub.Lit("only white space")
	default:
		what = scrub.Format("+%s -%s lines", scrub.Int(top.Added), scrub.Int(top.Removed))
	}
	t := scrub.Format("%s: %s", where, what)
	if t = cut(t, maxTitle-2); !presentable(t) {
		t = scrub.Format("%s, +%s -%s lines in the heaviest", count(len(files), scrub.Lit("file"), scrub.Lit("files")), scrub.Int(top.Added), scrub.Int(top.Removed))
	}
	return t
}
