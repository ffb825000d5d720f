// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"review-assistant/review"
)

const (
	// maxListed bounds the names of one list: more than the people that may be
	// on it, with room for teams.
	maxListed = 100
	// maxOwnedBy is how many people one change gets from owners files.
	maxOwnedBy = 50
	// maxSeparate is how many files one rule is told for one by one, and how
	// many claims one person gets.
	maxSeparate = 20
	// maxClaims bounds what is kept before it is sorted.
	maxClaims = 20_000
)

// distinct returns each name of the lists once. One line is enough for somebody
// not to be suggested, or to be more than the last resort.
func distinct(lists ...[]listed) (out []listed) {
	at := map[string]int{}
	for _, list := range lists {
		for _, n := range list {
			i, known := at[n.name]
			switch {
			case known:
				out[i].last, out[i].never = out[i].last && n.last, out[i].never || n.never
			case len(out) < maxListed:
				at[n.name] = len(out)
				out = append(out, n)
			}
		}
	}
	return out
}

// certain returns addresses and teams: a bare name may be an alias, or a login
// of somewhere else.
func certain(names []listed) (out []listed) {
	for _, n := range names {
		if strings.Contains(n.name, "@") {
			out = append(out, n)
		}
	}
	return out
}

// suggests reports whether a list has anybody to suggest.
func suggests(names []listed) bool {
	return slices.ContainsFunc(names, func(n listed) bool { return !n.never })
}

// personKey tells people apart: the catalog may know who is listed by address.
func personKey(p review.Person) string { return cmp.Or(p.Email, p.Username, p.Entity) }

// addFor adds owners of single files. The first of many stand for the rest.
func (w *ownersWalk) addFor(names []listed, o review.Owner, files []string) {
	for _, f := range files[:min(len(files), maxSeparate)] {
		o.Path = f
		w.add(names, o)
	}
}

// add adds the people behind the names of one list.
func (w *ownersWalk) add(names []listed, o review.Owner) {
	w.shun(names)
	found := map[string]review.Owner{}
	for _, n := range names {
		if n.never {
			continue
		}
		at := o
		if n.last {
			at.Distance += 2
		}
		people := []review.Person{{Username: n.name}}
		if team, is := strings.CutPrefix(n.name, "@"); is {
			at.Group, people = path.Base(team), w.team(team)
		} else if strings.Contains(n.name, "@") {
			people = []review.Person{{Email: n.name}}
		}
		for _, at.Person = range people {
			key := personKey(at.Person)
			if known, ok := found[key]; !ok || at.Distance < known.Distance {
				found[key] = at
			}
		}
		if len(found) > maxTeam {
			w.note("a list of more than %d people in %s counts for nobody", maxTeam, nameOf(strings.TrimPrefix(o.Entity, "owners:")))
			return
		}
	}
	for person, f := range found {
		key := strings.Join([]string{person, f.Entity, f.Path}, "\x00")
		if known, ok := w.best[key]; !ok && len(w.best) < maxClaims || ok && f.Distance < known.Distance {
			w.best[key] = f
		}
	}
}

// shun remembers who of a list is not to be suggested.
func (w *ownersWalk) shun(names []listed) {
	for _, n := range names {
		if n.never {
			w.never[n.name] = review.Person{Email: n.name}
		}
	}
}

// avoided returns who is not to be suggested.
func (w *ownersWalk) avoided() (out []review.Person) {
	for _, name := range slices.Sorted(maps.Keys(w.never)) {
		out = append(out, w.never[name])
	}
	return out[:min(len(out), maxListed)]
}

// sorted returns the owners, the nearest claim first.
func (w *ownersWalk) sorted() []review.Owner {
	out := slices.SortedFunc(maps.Values(w.best), func(a, b review.Owner) int {
		return cmp.Or(nearer(a, b), cmp.Compare(a.Person.Email, b.Person.Email), cmp.Compare(a.Person.Username, b.Person.Username))
	})
	claims := map[string]int{}
	return slices.DeleteFunc(out, func(o review.Owner) bool {
		key := personKey(o.Person)
		if claims[key] == 0 && len(claims) == maxOwnedBy {
			return true
		}
		claims[key]++
		return claims[key] > maxSeparate
	})
}

// team finds @org/team in the catalog by the team's name.
func (w *ownersWalk) team(name string) []review.Person {
	name = path.Base(name)
	if w.Team != nil && nameForm.MatchString(name) {
		if people, ok := w.Team(name); ok {
			return people
		}
	}
	if nameForm.MatchString(name) {
		w.note("the catalog has no group %s", name)
	} else {
		w.note("a team of an owners file has a name that no group can have")
	}
	return nil
}

// plainPath is what may be told of a path in a sentence: nothing that a
// renderer takes for a sign, and nothing that reads as a sentence or a mention.
var plainPath = regexp.MustCompile(`^[A-Za-z0-9_./+-]{1,100}$`)

// nameOf returns a path that is fit to be told.
func nameOf(file string) string { return plainOr(file, "an owners file") }

func plainOr(s, otherwise string) string {
	if plainPath.MatchString(s) {
		return s
	}
	return otherwise
}

// where tells a file, and of which project and branch it is if that is another.
func (w *ownersWalk) where(i include) string {
	s := nameOf(strings.TrimPrefix(i.path, "/"))
	if i.project != "" && i.project != w.project {
		s += " of the project " + plainOr(i.project, "with an odd name")
	}
	if i.branch != "" && i.branch != w.branch {
		s += " on the branch " + plainOr(i.branch, "with an odd name")
	}
	return s
}

// titleOf names what is owned, or says so in other words when its path is not
// fit to be told.
func titleOf(what, or, file string) string {
	if plainPath.MatchString(what) {
		return what + " (" + file + ")"
	}
	return or + " (" + file + ")"
}
