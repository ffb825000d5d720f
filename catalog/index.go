// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"cmp"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
	"sync"

	"review-assistant/review"
)

const (
	// maxTeam is how many people a group may hold to count as owners: a
	// larger one owns things on paper, and asking it is asking nobody.
	maxTeam = 25
	// maxSteps bounds the way up (subcomponent, system, domain) and the way
	// down from a group to its children.
	maxSteps = 8
	// maxGroups bounds how many groups are opened for one owner.
	maxGroups = 200
	// maxAnswer bounds how many claims one change gets.
	maxAnswer = 200
	// maxNotes bounds how many remarks one answer carries.
	maxNotes = 3
)

// index is one snapshot, ready to be asked. It is immutable, but for what it
// remembers of its groups.
type index struct {
	entities map[string]*entity
	members  map[string][]string
	children map[string][]string
	places   map[string][]*entity // by project
	groups   map[string][]string  // references by name in lower case
	twice    []string             // what more than one entity is called
	unsure   map[string]bool      // users who are there twice and not the same
	named    map[string]string    // users by their Gerrit user name
	shared   map[string]string    // what users have in common with whom, by user
	remarks  []string             // what is wrong with the snapshot as a whole
	revision string               // equal for equal entities
	teams    sync.Map             // of what was asked: reference to []*entity, nil for too many
}

// newIndex links the entities. The first of two with the same reference wins.
func newIndex(list []*entity) *index {
	x := &index{entities: map[string]*entity{}, members: map[string][]string{}, children: map[string][]string{}, places: map[string][]*entity{}, groups: map[string][]string{}, unsure: map[string]bool{}, named: map[string]string{}, shared: map[string]string{}}
	for _, e := range list {
		if first := x.entities[e.ref]; first != nil {
			if first.email != e.email || first.username != e.username {
				x.unsure[e.ref] = true
			}
			x.twice = append(x.twice, e.ref)
			continue
		}
		x.entities[e.ref] = e
		if e.place.project != "" && !e.stale {
			x.places[e.place.project] = append(x.places[e.place.project], e)
		}
		if e.kind == kindGroup && !e.stale {
			x.groups[strings.ToLower(e.name)] = append(x.groups[strings.ToLower(e.name)], e.ref)
		}
		x.members[e.ref] = append(x.members[e.ref], e.members...)
		x.children[e.ref] = append(x.children[e.ref], e.children...)
		for _, g := range e.memberOf {
			x.members[g] = append(x.members[g], e.ref)
		}
		for _, g := range e.parents {
			x.children[g] = append(x.children[g], e.ref)
		}
	}
	for _, links := range []map[string][]string{x.members, x.children} {
		for ref, list := range links {
			slices.Sort(list)
			links[ref] = slices.Compact(list)
		}
	}
	x.revision = revision(x.entities)
	x.unmix()
	x.nameUsers()
	return x
}

// unmix forgets e-mail addresses and user names that two people claim: whom
// they mean is not ours to guess.
func (x *index) unmix() {
	seen := map[string]*entity{}
	once := func(e *entity, kind string, field func(*entity) *string) {
		// Gerrit finds names whatever their case.
		v := strings.ToLower(strings.ToUpper(*field(e)))
		if v == "" {
			return
		}
		first, twice := seen[kind+v]
		if !twice {
			seen[kind+v] = e
			return
		}
		*field(first), *field(e) = "", ""
		x.shared[first.ref], x.shared[e.ref] = kind+" with "+e.ref, kind+" with "+first.ref
		x.remark("%s and %s share one %s; neither is mapped by it", first.name, e.name, kind)
	}
	for _, ref := range slices.Sorted(maps.Keys(x.entities)) {
		if e := x.entities[ref]; e.kind == kindUser {
			once(e, "e-mail address", func(e *entity) *string { return &e.email })
			once(e, "Gerrit user name", func(e *entity) *string { return &e.username })
		}
	}
}

func (x *index) remark(format string, args ...any) {
	if len(x.remarks) < maxNotes {
		x.remarks = append(x.remarks, fmt.Sprintf(format, args...))
	}
}

// claim is an entity that covers a directory. level counts the longer claims
// on the same file.
type claim struct {
	entity *entity
	dir    string
	level  int
}

// owners answers for some files of a project.
func (x *index) owners(gerrit, project, branch string, files []string) ([]review.Owner, string) {
	a := answer{index: x, best: map[string]review.Owner{}}
	covers := x.covers(gerrit, project, strings.TrimPrefix(branch, "refs/heads/"))
	// Directories first: a thousand files and as many entities may share one.
	nearest := map[covered]int{}
	for _, f := range files {
		for _, c := range covers.of(f) {
			if level, ok := nearest[c.covered]; !ok || c.level < level {
				nearest[c.covered] = c.level
			}
		}
	}
	claims := map[string]claim{}
	for where, level := range nearest {
		for _, e := range covers.entities(where) {
			key := e.ref + " " + where.dir
			if known, ok := claims[key]; !ok || level < known.level {
				claims[key] = claim{e, where.dir, level}
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(claims)) {
		a.climb(claims[key])
	}
	return a.sorted(), strings.Join(a.notes, "; ")
}

// covering holds the entities of a project by the directory that they cover
// on one branch, and those that only say so for another branch.
type covering struct{ here, elsewhere map[string][]*entity }

func (x *index) covers(gerrit, project, branch string) covering {
	c := covering{here: map[string][]*entity{}, elsewhere: map[string][]*entity{}}
	for _, e := range x.places[project] {
		if e.place.gerrit != "" && e.place.gerrit != gerrit {
			continue
		}
		if dir, sure := e.place.on(branch); sure {
			c.here[dir] = append(c.here[dir], e)
		} else {
			c.elsewhere[dir] = append(c.elsewhere[dir], e)
		}
	}
	for _, dirs := range []map[string][]*entity{c.here, c.elsewhere} {
		for dir, list := range dirs {
			dirs[dir] = firstKind(list)
		}
	}
	return c
}

// firstKind keeps the entities of the kind that speaks first for a directory,
// no more of them than an answer can hold.
func firstKind(list []*entity) []*entity {
	for _, kind := range owningKinds {
		if kept := slices.DeleteFunc(slices.Clone(list), func(e *entity) bool { return e.kind != kind }); len(kept) > 0 {
			slices.SortFunc(kept, func(a, b *entity) int { return cmp.Compare(a.ref, b.ref) })
			return kept[:min(len(kept), maxAnswer)]
		}
	}
	return nil
}

// covered is a directory that entities cover.
type covered struct {
	here bool
	dir  string
}

// coveredAt is a covered directory with the count of longer ones over a file.
type coveredAt struct {
	covered
	level int
}

func (c covering) entities(where covered) []*entity {
	if where.here {
		return c.here[where.dir]
	}
	return c.elsewhere[where.dir]
}

// of returns the covered directories of a file, the longest first.
func (c covering) of(file string) []coveredAt {
	for _, here := range []bool{true, false} {
		var out []coveredAt
		for dir := file; ; {
			if where := (covered{here, dir}); len(c.entities(where)) > 0 {
				out = append(out, coveredAt{where, len(out)})
			}
			if dir == "" {
				break
			}
			dir = dir[:max(0, strings.LastIndexByte(dir, '/'))]
		}
		if len(out) > 0 {
			return out
		}
	}
	return nil
}

// answer collects the owners of one question.
type answer struct {
	*index
	best  map[string]review.Owner // the nearest claim by person, entity and path
	notes []string
}

func (a *answer) note(format string, args ...any) {
	s := fmt.Sprintf(format, args...)
	if len(a.notes) < maxNotes && !slices.Contains(a.notes, s) {
		a.notes = append(a.notes, s)
	}
}

// climb adds the owners of a claim and, a step weaker each, of what the
// entity is part of.
func (a *answer) climb(c claim) {
	for step, e := range a.upwards(c.entity) {
		for _, o := range e.owners {
			a.people(o, review.Owner{Entity: e.ref, Title: e.name, Path: c.dir, Distance: c.level + step})
		}
	}
}

// upwards yields an entity and what it is part of, each once and with the steps
// to it, the nearest first.
func (x *index) upwards(e *entity) iter.Seq2[int, *entity] {
	return func(yield func(int, *entity) bool) {
		seen := map[string]bool{e.ref: true}
		level := []*entity{e}
		for step := 0; step < maxSteps && len(level) > 0; step++ {
			var next []*entity
			for _, e := range level {
				if !yield(step, e) {
					return
				}
				for _, ref := range e.partOf {
					if up := x.entities[ref]; up != nil && !up.stale && !seen[ref] {
						seen[ref] = true
						next = append(next, up)
					}
				}
			}
			level = next
		}
	}
}

// people adds the people behind an owner reference.
func (a *answer) people(ref string, o review.Owner) {
	e := a.entities[ref]
	switch {
	case e == nil:
		a.note("%s of %s is not in the catalog", ref, o.Title)
	case e.stale:
		a.note("%s of %s is an orphan in the catalog", ref, o.Title)
	case e.kind == kindUser:
		a.add(e, o)
	case e.kind == kindGroup:
		team, ok := a.team(ref)
		if !ok {
			a.note("%s has more than %d people and counts for nobody", e.name, maxTeam)
		} else if len(team) == 0 {
			a.note("%s has no members", e.name)
		}
		o.Group = e.name
		for _, u := range team {
			a.add(u, o)
		}
	}
}

// team returns the members of a group and of the groups below it, breadth
// first; ok is false when they are too many. One group may own thousands of
// entities, so that it is opened once.
func (x *index) team(ref string) (team []*entity, ok bool) {
	if known, there := x.teams.Load(ref); there {
		team = known.([]*entity)
		return team, team != nil
	}
	if team, ok = x.open(ref); !ok {
		team = nil
	}
	x.teams.Store(ref, team)
	return team, ok
}

// open is team without memory.
func (x *index) open(ref string) (team []*entity, ok bool) {
	team = []*entity{} // not nil
	seen := map[string]bool{ref: true}
	groups := []string{ref}
	for step := 0; step < maxSteps && len(groups) > 0; step++ {
		var next []string
		for _, g := range groups {
			for _, m := range x.members[g] {
				if u := x.entities[m]; u != nil && u.kind == kindUser && !u.stale && !seen[m] {
					if len(team) == maxTeam {
						return nil, false
					}
					seen[m] = true
					team = append(team, u)
				}
			}
			for _, child := range x.children[g] {
				if e := x.entities[child]; e != nil && e.kind == kindGroup && !e.stale && !seen[child] {
					seen[child] = true
					next = append(next, child)
				}
			}
			if len(seen) > maxGroups {
				return nil, false
			}
		}
		groups = next
	}
	return team, true
}

// teamNamed returns the people of the one group with that name, in whatever
// namespace; ok is false when there is none, or more than one.
func (x *index) teamNamed(name string) (people []review.Person, ok bool) {
	refs := x.groups[strings.ToLower(name)]
	if len(refs) != 1 {
		return nil, false
	}
	team, _ := x.team(refs[0])
	for _, u := range team {
		people = append(people, u.person())
	}
	return people, true
}

// person returns a user as others know him.
func (e *entity) person() review.Person {
	return review.Person{Entity: e.ref, Name: cmp.Or(e.display, e.name), Email: e.email, Username: e.username}
}

func (a *answer) add(u *entity, o review.Owner) {
	o.Person = u.person()
	key := u.ref + " " + o.Entity + " " + o.Path
	if known, ok := a.best[key]; !ok || nearer(o, known) < 0 {
		a.best[key] = o
	}
}

func (a *answer) sorted() []review.Owner {
	var out []review.Owner
	for _, o := range a.best {
		out = append(out, o)
	}
	slices.SortFunc(out, nearer)
	return out[:min(len(out), maxAnswer)]
}

// nearer orders claims by weight, then in a fixed way.
func nearer(a, b review.Owner) int {
	return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(len(b.Path), len(a.Path)), cmp.Compare(a.Group, b.Group),
		cmp.Compare(a.Path, b.Path), cmp.Compare(a.Entity, b.Entity), cmp.Compare(a.Person.Entity, b.Person.Entity))
}
