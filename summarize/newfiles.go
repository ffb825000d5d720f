// SPDX-License-Identifier: Apache-2.0

package summarize

import (
	"path"
	"slices"
	"strings"

	"review-assistant/review"
	"review-assistant/scrub"
)

// news are the declarations that a sentence names: in a new file, those that
// others can use, where there are any.
func (f *file) news() []decl {
	if f.Status != review.FileAdded {
		return f.added
	}
	open := slices.DeleteFunc(slices.Clone(f.added), func(d decl) bool { return !d.public })
	if len(open) == 0 {
		return f.added
	}
	return open
}

// minor reports whether a new file only helps others that are new beside it:
// it declares nothing that others can use, and explains nothing.
func (f *file) minor(files []*file) bool {
	if f.Status != review.FileAdded || f.role != roleCode || !f.about().Empty() || !f.quote(5).Empty() || slices.ContainsFunc(f.added, func(d decl) bool { return d.public }) {
		return false
	}
	return slices.ContainsFunc(files, func(o *file) bool {
		return o != f && o.Status == review.FileAdded && o.role == roleCode && o.skip == "" && path.Dir(o.path) == path.Dir(f.path) &&
			slices.ContainsFunc(o.added, func(d decl) bool { return d.public })
	})
}

var (
	packageDoc = re(`^// Package \w+ (?P<doc>.*)$`)
	moduleDoc  = re(`^(?:"""|\'\'\'|//!\s*)(?P<doc>[A-Z].*?)(?:"""|\'\'\')?$`)
)

// about is the first sentence of what a new file says about itself.
func (f *file) about() scrub.Text {
	if f.Status != review.FileAdded || len(f.Hunks) == 0 {
		return scrub.Text{}
	}
	lines := f.Hunks[0].Lines
	for i := range lines[:min(len(lines), markLines)] {
		t := lines[i].Text.TrimSpace()
		doc, ok := group(packageDoc, t, "doc")
		if !ok && (f.lang != nil && (f.lang.comment == "#" || strings.HasSuffix(f.path, ".rs"))) {
			doc, ok = group(moduleDoc, t, "doc")
		}
		if !ok {
			continue
		}
		all := []scrub.Text{doc}
		for _, l := range lines[i+1 : min(len(lines), i+4)] {
			next := strip(l.Text.TrimSpace(), "/!")
			if s := l.Text.TrimSpace().String(); next.Empty() || !strings.HasPrefix(s, "//") {
				break
			}
			all = append(all, next)
		}
		slices.Reverse(all)
		if s := sentence(all); quotable(s) {
			return s
		}
		return scrub.Text{}
	}
	return scrub.Text{}
}
