// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"strings"

	"review-assistant/review"
)

// source returns where the code of an entity is, KIND:NAMESPACE/NAME in any
// case. known is false for one that the catalog does not have or that lies
// about itself; an entity without code has no project.
func (x *index) source(ref string) (s review.Source, known bool) {
	e := x.entities[strings.ToLower(ref)]
	if e == nil || e.stale {
		return review.Source{}, false
	}
	// Which part of an address is the branch only a change can tell; the first
	// part is most often right.
	dir, _ := e.place.on("")
	s = review.Source{Host: e.place.gerrit, Project: e.place.project, Dir: strings.Trim(dir, "/")}
	// The branch of an address is only where the entity is declared.
	if e.place.alone {
		s.Branch = e.place.branch
	}
	return s, true
}

// Source returns where the code of an entity is.
func (b *Backstage) Source(ref string) (review.Source, bool) {
	if s := b.state.Load(); s.index != nil {
		return s.index.source(ref)
	}
	return review.Source{}, false
}

// Source returns where the code of an entity is.
func (f *Files) Source(ref string) (review.Source, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.index.source(ref)
}
