// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"strings"

	"review-assistant/review"
)

// user returns the person of a reference, KIND:NAMESPACE/NAME in any case.
func (x *index) user(ref string) (review.Person, bool) {
	e := x.entities[strings.ToLower(ref)]
	if e == nil || e.kind != kindUser || e.stale || x.unsure[e.ref] {
		return review.Person{}, false
	}
	return e.person(), true
}

// userNamed returns the one person who is annotated with a Gerrit user name.
func (x *index) userNamed(username string) (review.Person, bool) {
	ref, ok := x.named[username]
	if !ok {
		return review.Person{}, false
	}
	return x.user(ref)
}

// nameUsers remembers who has which Gerrit user name, once none is left that
// two people claim.
func (x *index) nameUsers() {
	for ref, e := range x.entities {
		if e.kind == kindUser && e.username != "" {
			x.named[e.username] = ref
		}
	}
}

// User returns a person of the catalog by reference, user:NAMESPACE/NAME. Who
// is gone from the catalog, or is there twice and not the same, is nobody.
func (b *Backstage) User(ref string) (review.Person, bool) {
	if s := b.state.Load(); s.index != nil {
		return s.index.user(ref)
	}
	return review.Person{}, false
}

// UserNamed returns the person who is annotated with exactly this Gerrit user
// name. A name that two people claim is nobody's.
func (b *Backstage) UserNamed(username string) (review.Person, bool) {
	if s := b.state.Load(); s.index != nil {
		return s.index.userNamed(username)
	}
	return review.Person{}, false
}

// EntityOf names the person of [Backstage.UserNamed], "" for none.
func (b *Backstage) EntityOf(username string) string {
	p, _ := b.UserNamed(username)
	return p.Entity
}

// User is as [Backstage.User].
func (f *Files) User(ref string) (review.Person, bool) {
	x, _, _ := f.current()
	return x.user(ref)
}

// UserNamed is as [Backstage.UserNamed].
func (f *Files) UserNamed(username string) (review.Person, bool) {
	x, _, _ := f.current()
	return x.userNamed(username)
}

// EntityOf is as [Backstage.EntityOf].
func (f *Files) EntityOf(username string) string {
	p, _ := f.UserNamed(username)
	return p.Entity
}
