// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// points chooses the places to look at first and the risks beside them.
func points(files []*file) (look, rest []Point) {
	var all []found
	stays := newStays(files)
	for _, f := range files {
		all = append(all, f.oddities()...)
		if f.skip != "" {
			all = append(all, f.points...)
			continue
		}
		if f.blank {
			all = append(all, f.indentPoints()...)
			continue
		}
		for _, p := range f.points {
			if p.gone && stays.has(f, p.code) || !p.gone && p.rule >= 0 && stays.came(p.code) {
				continue // it moved
			}
			all = append(all, p)
		}
		if f.role != roleTest {
			for _, e := range f.effects {
				if lostError.MatchString(e.text.String()) {
					all = slices.DeleteFunc(all, func(p found) bool {
						return p.Line == e.line && p.Path.String() == f.path && goesAway.MatchString(p.Why.String())
					})
					all = append(all, f.found(f.inside(e.line), sentences([]effect{e}), 8, ruleGuard, ""))
				}
			}
			for _, d := range f.removed {
				if d.public && f.Status != review.FileDeleted && !strings.HasSuffix(f.path, ".proto") {
					all = append(all, f.found(f.inside(d.line), scrub.Format("exported %s is removed; is it used elsewhere?", span(d.name, 80)), 8, ruleOther, ""))
				}
			}
		} else if gone := tests(f.removed); len(gone) > 0 && !f.goesWith(files) {
			all = append(all, f.found(0, scrub.Format("tests go away: %s", spans(gone, 3)), 6, ruleOther, ""))
		}
	}
	all = append(all, signaturePoints(files)...)
	all = slices.DeleteFunc(all, func(p found) bool { return !presentable(p.Why) })
	slices.SortStableFunc(all, func(a, b found) int { return b.weight - a.weight })
	perRule, perFile := map[int]int{}, map[string]int{}
	for _, p := range all {
		switch file := p.Path.String(); {
		case len(look) < maxPoints && p.weight >= 5 && perFile[file] < 2 && (p.rule < 0 || perRule[p.rule] == 0):
			look = append(look, p.Point)
			perFile[file]++
		case len(rest) < maxRisks && (p.rule < 0 || perRule[p.rule] < 2):
			rest = append(rest, p.Point)
		}
		perRule[p.rule]++
	}
	return look, rest
}

// goesAway matches what points say of a check without knowing what it did.
var goesAway = re(`^(?:an error check|a check or an error|a guard) goes away`)

// lostError matches what is said of an error that no longer leaves.
var lostError = re("^no longer (?:throws|raises|returns `[^`]*(?:[eE]rr|Exception|-E[A-Z]))")

// goesWith reports whether a test goes away together with code beside it.
func (f *file) goesWith(files []*file) bool {
	return f.Status == review.FileDeleted && slices.ContainsFunc(files, func(o *file) bool {
		return o.Status == review.FileDeleted && o.role == roleCode && path.Dir(o.path) == path.Dir(f.path)
	})
}

// distinct keeps the heaviest of what is found in the same code.
func distinct(all []found) []found {
	slices.SortStableFunc(all, func(a, b found) int { return b.weight - a.weight })
	seen := map[string]bool{}
	return slices.DeleteFunc(all, func(p found) bool {
		again := p.code != "" && seen[p.code]
		seen[p.code] = true
		return again
	})
}

// What a screen does not show is told whatever else is said of the file.
var (
	oddName  = scrub.Lit("the file name holds invisible characters")
	oddLines = scrub.Lit("invisible or direction-changing characters are added")
)

func (p Point) odd() bool { return p.Why == oddName || p.Why == oddLines }

// oddities are things that a screen does not show.
func (f *file) oddities() []found {
	var out []found
	// Variation selectors choose between two looks of the sign before them.
	hidden := func(t scrub.Text) bool {
		return strings.ContainsFunc(t.String(), func(r rune) bool { return scrub.Hidden(r) && r != 0xFE0E && r != 0xFE0F })
	}
	if hidden(f.Path) {
		out = append(out, f.found(0, oddName, 10, ruleOdd, ""))
	}
	if f.Mode == review.ModeSymlink && f.Status != review.FileDeleted {
		out = append(out, f.found(0, scrub.Format("this is a symbolic link%s", f.target()), 5, ruleOdd, ""))
	}
	if f.Status == review.FileModified && !f.Binary && f.skip == "" && f.role != roleAsset && f.lines() == 0 {
		switch f.Mode {
		case 0o100755:
			out = append(out, f.found(0, scrub.Lit("becomes executable"), 6, ruleOdd, ""))
		case 0o100644:
			out = append(out, f.found(0, scrub.Lit("is no longer executable"), 5, ruleOdd, ""))
		}
	}
	for i := range f.Hunks {
		line := f.Hunks[i].NewStart
		for _, l := range f.Hunks[i].Lines {
			if l.Op == review.OpAdd && hidden(l.Text) {
				return append(out, f.found(line, oddLines, 10, ruleOdd, ""))
			}
			if l.Op != review.OpRemove {
				line++
			}
		}
	}
	return out
}

// target is where a symbolic link points to.
func (f *file) target() scrub.Text {
	for _, l := range newSide(f.File) {
		return scrub.Format(" to %s", span(l.Text, 80))
	}
	return scrub.Text{}
}

// editPoints are decisions and limits whose line changed in one part.
func (f *file) editPoints() []found {
	if f.role == roleDocs || f.role == roleAsset || f.role == roleTest || f.role == roleDeps {
		return nil
	}
	var out []found
	for _, e := range f.edits {
		if f.lang != nil && f.lang.isComment(e.newLine) {
			continue
		}
		if why, ok := e.comparison(f.lang); ok {
			out = append(out, f.found(e.line, why, 9, ruleEdit, e.newLine.String()))
			continue
		}
		if why, ok := e.retyped(f.path); ok {
			out = append(out, f.found(e.line, why, 8, ruleEdit, e.newLine.String()))
			continue
		}
		switch {
		case numberOrBool.MatchString(e.old.String()) && numberOrBool.MatchString(e.new.String()) && limitWord.MatchString(e.newLine.String()):
			out = append(out, f.found(e.line, scrub.Format("a limit changes from %s to %s: %s", span(e.old, 30), span(e.new, 30), span(e.newLine, 80)), 7, ruleEdit, e.newLine.String()))
		case f.lang != nil && e.decides(f.lang):
			out = append(out, f.found(e.line, scrub.Format("the condition was %s and is %s now", span(e.oldLine, 80), span(e.newLine, 80)), 7, ruleEdit, e.newLine.String()))
		}
	}
	slices.SortStableFunc(out, func(a, b found) int { return b.weight - a.weight })
	return out[:min(len(out), 2)]
}

// inside returns line if it is on the new side of a hunk, else 0.
func (f *file) inside(line int) int {
	for i := range f.Hunks {
		if h := &f.Hunks[i]; line >= h.NewStart && line < h.NewStart+h.NewLines {
			return line
		}
	}
	return 0
}

// readingOrder puts interfaces and schemas first, then code and its tests by
// weight, then settings and documents; files without text are left out.
func readingOrder(files []*file) []scrub.Text {
	rank := func(f *file) int {
		switch {
		case f.role == roleSchema:
			return 0
		case f.role == roleCode && len(f.resigned) > 0, f.role == roleCode && f.lang != nil && header.MatchString(f.path):
			return 1
		case f.role == roleCode:
			return 2
		case f.role == roleTest:
			return 3
		}
		return 4
	}
	var read []*file
	for _, f := range files {
		if f.skip == "" && len(f.Hunks) > 0 {
			read = append(read, f)
		}
	}
	slices.SortStableFunc(read, func(a, b *file) int { return rank(a) - rank(b) })
	var out []scrub.Text
	for _, f := range read[:min(len(read), maxOrder)] {
		out = append(out, f.Path)
	}
	return out
}

// notes says a few words about each of the heaviest files.
func notes(files []*file) []FileNote {
	var out []FileNote
	for _, f := range files {
		if len(out) == maxNotes {
			break
		}
		if f.skip != "" {
			continue
		}
		note := f.note()
		if !presentable(note) {
			note = scrub.Format("%s added, %s removed", scrub.Int(f.Added), scrub.Int(f.Removed))
		}
		out = append(out, FileNote{f.Path, cut(note, maxNote), f.importance()})
	}
	return out
}

func (f *file) importance() string {
	switch {
	case f.role == roleAsset, f.role == roleDocs, f.moved:
		return "low"
	case f.role != roleTest && (f.weight >= 6 || len(f.resigned) > 0):
		return "high"
	}
	return "medium"
}

func (f *file) note() scrub.Text {
	if f.blank {
		return scrub.Lit("white space only")
	}
	var parts []scrub.Text
	switch f.Status {
	case review.FileAdded:
		parts = append(parts, scrub.Lit("new"))
	case review.FileDeleted:
		parts = append(parts, scrub.Lit("deleted"))
	case review.FileRenamed:
		parts = append(parts, scrub.Format("renamed from %s", PathText(f.OldPath)))
	case review.FileCopied:
		parts = append(parts, scrub.Format("copied from %s", PathText(f.OldPath)))
	}
	said := []scrub.Text{}
	say := func(what scrub.Text, items []scrub.Text, n int) {
		if items = without(items, said); len(items) > 0 {
			said = append(said, items...)
			parts = append(parts, scrub.Format("%s %s", what, spans(items, n)))
		}
	}
	if f.Status != review.FileDeleted {
		say(scrub.Lit("adds"), names(f.added), 3)
		say(scrub.Lit("removes"), names(f.removed), 2)
	}
	var resigned []scrub.Text
	for _, s := range f.resigned {
		resigned = append(resigned, s.new.name)
	}
	say(scrub.Lit("changes the signature of"), resigned, 2)
	say(scrub.Lit("changes"), f.touched, 3)
	if len(f.bumps) > 0 {
		parts = append(parts, f.bumps[0].text())
	}
	if f.Status != review.FileDeleted && len(said) < 3 && f.role != roleSchema {
		say(scrub.Lit("about"), f.words, 3-len(said))
	}
	if len(parts) == 0 {
		return scrub.Format("%s added, %s removed", scrub.Int(f.Added), scrub.Int(f.Removed))
	}
	return scrub.Join("; ", parts...)
}
