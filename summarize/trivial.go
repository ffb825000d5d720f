// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// whiteSpaceOnly reports whether the changed lines of a file are the same but
// for blanks, tabs and line ends.
func whiteSpaceOnly(s *scrub.File) bool {
	if s.Status == review.FileAdded || s.Status == review.FileDeleted || s.Added == 0 || s.Removed == 0 {
		return false
	}
	var old, now strings.Builder
	for i := range s.Hunks {
		for _, l := range s.Hunks[i].Lines {
			if l.Op == review.OpContext {
				continue
			}
			b := &old
			if l.Op == review.OpAdd {
				b = &now
			}
			for w := range strings.FieldsFuncSeq(l.Text.String(), func(r rune) bool { return strings.ContainsRune(" \t\r\f\v", r) }) {
				b.WriteString(w)
			}
		}
	}
	return old.Len() > 0 && old.String() == now.String()
}

// indented matches files in which white space at the start of a line decides.
var indented = re(`\.(?:pyi?|ya?ml|coffee|haml|pug|slim|sass|nim|hs|fs)$|(?:^|/)(?:GNU)?[Mm]akefile$`)

// blankBullet names the files in which only white space changes.
func blankBullet(files []*file) (float64, scrub.Text) {
	var names []scrub.Text
	note := scrub.Text{}
	for _, f := range files {
		if f.blank {
			names = append(names, f.short)
			if indented.MatchString(f.path) {
				note = scrub.Lit(", where indentation has a meaning")
			}
		}
	}
	if len(names) == 0 {
		return 0, scrub.Text{}
	}
	return 4, scrub.Format("Only white space changes in %s%s.", list(names, 5), note)
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
