// SPDX-License-Identifier: Apache-2.0

package catalog

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"review-assistant/review"
)

// Report says what of a catalog does not lead from a path to people. Lists are
// complete and sorted; whoever shows them cuts them.
type Report struct {
	Revision string
	Loaded   time.Time
	// Counts of entities that were read.
	Components, Groups, Users int
	// Unnamed counts users without a user name for Gerrit.
	Unnamed int
	// Elsewhere counts components on no configured Gerrit, which is no fault.
	Elsewhere int

	Unplaced  []string // components without a source location
	Unowned   []string // entities without owner of their own or above, or with one that is not there
	Dangling  []string // links between entities of which one is not there
	Twice     []string // references that more than one entity has; the first counts
	Empty     []string // groups in which nobody is
	Large     []string // groups that are too large to count as owners
	Orphans   []string // entities whose source is gone
	Remarks   []string // what was noticed when it was read
	Reachable []review.Person
	// Shared says what a user shares with whom, so that it maps neither.
	Shared map[string]string
	// Projects are those of Gerrit where entities say that they live.
	Projects []Project
}

// Project is a project of a Gerrit that entities name.
type Project struct {
	Gerrit string // its configured id, "" for any
	Name   string
	Entity string // one that names it
}

// Report looks through the last read; ok is false when there was none.
func (b *Backstage) Report() (r Report, ok bool) {
	s := b.state.Load()
	if s.index == nil {
		return Report{}, false
	}
	r = s.index.report()
	r.Loaded = s.loaded
	if note := s.keptNote(); note != "" {
		r.Remarks = append(slices.Clip(r.Remarks), note)
	}
	return r, true
}

// Report looks through the files as last read.
func (f *Files) Report() (r Report, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	r = f.index.report()
	r.Loaded = f.loaded
	return r, true
}

func (x *index) report() Report {
	r := Report{Revision: x.revision, Remarks: x.remarks, Shared: x.shared, Twice: slices.Compact(slices.Sorted(slices.Values(x.twice)))}
	named := map[Project]bool{}
	people := map[string]review.Person{}
	for _, ref := range slices.Sorted(maps.Keys(x.entities)) {
		e := x.entities[ref]
		switch e.kind {
		case kindUser:
			r.Users++
			if e.username == "" && !e.stale {
				r.Unnamed++
			}
		case kindGroup:
			r.Groups++
		case "component":
			r.Components++
		}
		if e.stale {
			r.Orphans = append(r.Orphans, ref)
			continue
		}
		r.Dangling = append(r.Dangling, x.dangling(e)...)
		switch {
		case e.kind == kindUser:
			continue
		case e.kind == kindGroup:
			if team, ok := x.team(ref); !ok {
				r.Large = append(r.Large, ref)
			} else if len(team) == 0 {
				r.Empty = append(r.Empty, ref)
			}
			continue
		}
		if e.kind == "component" && e.place.project == "" {
			if e.elsewhere {
				r.Elsewhere++
			} else {
				r.Unplaced = append(r.Unplaced, ref)
			}
		}
		if p := (Project{Gerrit: e.place.gerrit, Name: e.place.project}); p.Name != "" && !named[p] {
			named[p] = true
			p.Entity = ref
			r.Projects = append(r.Projects, p)
		}
		if len(e.owners) == 0 && !x.inherits(e) {
			r.Unowned = append(r.Unowned, ref+" has no owner")
		}
		for _, o := range e.owners {
			owner := x.entities[o]
			switch {
			case owner == nil:
				r.Unowned = append(r.Unowned, fmt.Sprintf("%s belongs to %s, which is not there", ref, o))
			case owner.kind == kindUser:
				people[o] = owner.person()
			default:
				team, _ := x.team(o)
				for _, u := range team {
					people[u.ref] = u.person()
				}
			}
		}
	}
	for _, ref := range slices.Sorted(maps.Keys(people)) {
		r.Reachable = append(r.Reachable, people[ref])
	}
	return r
}

// inherits reports whether something that the entity is part of has an owner.
func (x *index) inherits(e *entity) bool {
	for _, up := range x.upwards(e) {
		if len(up.owners) > 0 {
			return true
		}
	}
	return false
}

// dangling returns the links of an entity to what is not there, or is of a
// kind that the link does not fit. Owners are told apart.
func (x *index) dangling(e *entity) []string {
	var out []string
	for _, link := range []struct {
		refs       []string
		says, kind string
	}{
		{e.members, "has the member", kindUser},
		{e.memberOf, "is a member of", kindGroup},
		{e.children, "has the child", kindGroup},
		{e.parents, "is a child of", kindGroup},
		{e.partOf, "is part of", ""},
	} {
		for _, ref := range link.refs {
			if to := x.entities[ref]; to == nil {
				out = append(out, fmt.Sprintf("%s %s %s, which is not there", e.ref, link.says, ref))
			} else if link.kind != "" && to.kind != link.kind {
				out = append(out, fmt.Sprintf("%s %s %s, which is no %s", e.ref, link.says, ref, link.kind))
			}
		}
	}
	return out
}
