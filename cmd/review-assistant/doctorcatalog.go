// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"review-assistant/catalog"
	"review-assistant/review"
)

const (
	// maxShown is how many of one kind are named.
	maxShown = 10
	// maxLookedUp is how many people are looked up in Gerrit.
	maxLookedUp = 500
	// maxProjects is how many projects Gerrit is asked for.
	maxProjects = 200
	// lookUpTime bounds each kind of question.
	lookUpTime = 2 * time.Minute
)

// reporting is a source of ownership that can be looked through.
type reporting interface {
	Report() (r catalog.Report, ok bool)
}

// checkOwnership looks for everything that keeps the catalog from leading from
// a path to people, and for names of the people file that mean nobody.
func checkOwnership(ctx context.Context, p *parts) []finding {
	return slices.Concat(checkCatalog(ctx, p), p.catalogFindings(ctx), p.peopleFileFindings(ctx))
}

func (p *parts) catalogFindings(ctx context.Context) (out []finding) {
	source, is := p.catalog.(reporting)
	if !is {
		return out
	}
	r, ok := source.Report()
	if !ok {
		return out
	}
	out = append(out, catalogCounts(r))
	for _, remark := range r.Remarks {
		out = append(out, warn("", "%s", remark))
	}
	missing, inactive, unclear, err := p.withoutAccount(ctx, r.Reachable[:min(len(r.Reachable), maxLookedUp)], r.Shared)
	if err != nil {
		out = append(out, fail("try again", "people cannot be looked up in Gerrit: %v", err))
	}
	if n := len(r.Reachable) - maxLookedUp; n > 0 {
		out = append(out, warn("", "%d people more were not looked up in Gerrit", n))
	}
	unseen, err := p.unseenProjects(ctx, r.Projects[:min(len(r.Projects), maxProjects)])
	if err != nil {
		out = append(out, fail("try again", "Gerrit cannot be asked for its projects: %v", err))
	}
	if n := len(r.Projects) - maxProjects; n > 0 {
		out = append(out, warn("", "%d projects more were not looked up in Gerrit", n))
	}
	for _, kind := range []struct {
		list      []string
		one, many string
		hint      string
	}{
		{r.Unplaced, "component has no source location", "components have no source location", "annotate them with backstage.io/source-location or review-assistant/project"},
		{unseen, "project is not shown by Gerrit", "projects are not shown by Gerrit", "correct review-assistant/project or backstage.io/source-location, or grant the bots' group Read on refs/heads/* there"},
		{r.Unowned, "entity has no owner that is there", "entities have no owner that is there", "mend spec.owner, or add the group or user"},
		{r.Dangling, "link leads nowhere", "links lead nowhere", "correct the name, or add what it names"},
		{r.Twice, "entity is defined twice; the first counts", "entities are defined twice; the first counts", "remove or rename the others"},
		{r.Empty, "group has no members", "groups have no members", "add members, or let another group own what it owns"},
		{r.Large, "group is too large to count as an owner", "groups are too large to count as owners", "let a smaller team own what it owns"},
		{missing, "person has no Gerrit account", "people have no Gerrit account", "give them their account's preferred e-mail address, or annotate them with review-assistant/username"},
		{inactive, "person has an account that is switched off", "people have accounts that are switched off", "remove them from the catalog, or name their other account"},
		{unclear, "person cannot be told apart", "people cannot be told apart", "correct the e-mail address or the annotation review-assistant/username"},
		{r.Orphans, "entity is an orphan", "entities are orphans", "its source is gone: delete or register it again"},
	} {
		if len(kind.list) > 0 {
			out = append(out, fail(kind.hint, "%s", listed(kind.list, kind.one, kind.many)))
		}
	}
	return out
}

func catalogCounts(r catalog.Report) finding {
	s := fmt.Sprintf("%s, %s and %s; revision %s", count(r.Components, "component", "components"), count(r.Groups, "group", "groups"), count(r.Users, "person", "people"), r.Revision)
	if r.Elsewhere > 0 {
		s += fmt.Sprintf("; %s on no configured Gerrit", count(r.Elsewhere, "component is", "components are"))
	}
	return ok("%s", s)
}

// listed is a heading with the first of a list below it.
func listed(list []string, one, many string) string {
	lines := []string{count(len(list), one, many)}
	lines = append(lines, list[:min(len(list), maxShown)]...)
	if n := len(list) - maxShown; n > 0 {
		lines = append(lines, fmt.Sprintf("… and %d more", n))
	}
	return strings.Join(lines, "\n       - ")
}

// withoutAccount says who has no account on any Gerrit, who has one that is
// switched off, and who might be several.
func (p *parts) withoutAccount(ctx context.Context, people []review.Person, shared map[string]string) (missing, inactive, unclear []string, err error) {
	found, inactive, unclear, err := p.resolve(ctx, people)
	if err != nil {
		return nil, nil, nil, err
	}
	for i, person := range people {
		why := ""
		switch {
		case shared[person.Entity] != "":
			why = " (shares its " + shared[person.Entity] + ": annotate both with review-assistant/username)"
		case person.Email == "" && person.Username == "":
			why = " (no e-mail address, no annotation)"
		}
		if !found[i] {
			missing = append(missing, person.Entity+why)
		}
	}
	return missing, inactive, unclear, nil
}

// resolve says which people any Gerrit knows, and of whom it is in doubt.
func (p *parts) resolve(ctx context.Context, people []review.Person) (found []bool, inactive, unclear []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	found = make([]bool, len(people))
	for _, host := range slices.Sorted(maps.Keys(p.gerrits)) {
		resolved, err := p.gerrits[host].Resolve(ctx, people)
		if err != nil {
			return nil, nil, nil, err
		}
		for i, r := range resolved {
			if why, is := strings.CutPrefix(r.Doubt, "inactive: "); is {
				inactive = append(inactive, host+": "+why)
			} else if r.Doubt != "" {
				unclear = append(unclear, host+": "+strings.TrimPrefix(r.Doubt, "ambiguous: "))
			}
			found[i] = found[i] || r.Doubt != "" || r.Account.ID != 0
		}
	}
	return found, inactive, unclear, nil
}

// unseenProjects returns those that Gerrit does not show to the service
// account, with an entity that names each.
func (p *parts) unseenProjects(ctx context.Context, list []catalog.Project) (unseen []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	for _, project := range list {
		hosts := slices.Sorted(maps.Keys(p.gerrits))
		if project.Gerrit != "" {
			hosts = []string{project.Gerrit}
		}
		seen := false
		for _, host := range hosts {
			client, configured := p.gerrits[host]
			if !configured || seen {
				continue
			}
			_, err := client.ConfigChain(ctx, project.Name)
			if err != nil && !review.IsGone(err) {
				return unseen, err
			}
			seen = err == nil
		}
		if !seen {
			unseen = append(unseen, fmt.Sprintf("%s, which %s names", strings.TrimPrefix(project.Gerrit+"/"+project.Name, "/"), project.Entity))
		}
	}
	return unseen, nil
}

// peopleFileFindings tells names of the people file that no account has.
func (p *parts) peopleFileFindings(ctx context.Context) []finding {
	if p.people == nil {
		return nil
	}
	ids, people := p.people.Named()
	ids, people = ids[:min(len(ids), maxLookedUp)], people[:min(len(people), maxLookedUp)]
	found, _, _, err := p.resolve(ctx, people)
	if err != nil {
		return []finding{fail("try again", "people of the people file cannot be looked up in Gerrit: %v", err)}
	}
	var nobody []string
	for i, person := range people {
		if !found[i] {
			nobody = append(nobody, person.Username+person.Email)
		}
	}
	known := map[int64]bool{}
	for _, host := range slices.Sorted(maps.Keys(p.gerrits)) {
		bounded, cancel := context.WithTimeout(ctx, lookUpTime)
		accounts, err := p.gerrits[host].Accounts(bounded, ids)
		cancel()
		if err != nil {
			return []finding{fail("try again", "people of the people file cannot be looked up in Gerrit: %v", err)}
		}
		for id := range accounts {
			known[id] = true
		}
	}
	for _, id := range ids {
		if !known[id] {
			nobody = append(nobody, fmt.Sprint(id))
		}
	}
	if len(nobody) == 0 {
		return nil
	}
	return []finding{warn("correct or remove it; of an account's addresses only the preferred one counts",
		"%s", listed(nobody, "name of the people file is no account's", "names of the people file are no account's"))}
}
