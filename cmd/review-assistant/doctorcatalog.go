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
)

// reporting is a source of ownership that can be looked through.
type reporting interface {
	Report() (r catalog.Report, ok bool)
}

// checkOwnership looks for everything that keeps the catalog from leading from
// a path to people.
func checkOwnership(ctx context.Context, p *parts) []finding {
	out := checkCatalog(ctx, p)
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
	missing, inactive, unclear, err := p.withoutAccount(ctx, r.Reachable[:min(len(r.Reachable), maxLookedUp)])
	if err != nil {
		out = append(out, fail("try again", "people cannot be looked up in Gerrit: %v", err))
	}
	if n := len(r.Reachable) - maxLookedUp; n > 0 {
		out = append(out, warn("", "%d people more were not looked up in Gerrit", n))
	}
	for _, kind := range []struct {
		list      []string
		one, many string
		hint      string
	}{
		{r.Unplaced, "component has no source location", "components have no source location", "annotate them with backstage.io/source-location or review-assistant/project"},
		{r.Unowned, "entity has no owner that is there", "entities have no owner that is there", "mend spec.owner, or add the group or user"},
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

func count(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprint(n) + " " + many
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
func (p *parts) withoutAccount(ctx context.Context, people []review.Person) (missing, inactive, unclear []string, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Minute)
	defer cancel()
	found := map[string]bool{}
	for _, host := range slices.Sorted(maps.Keys(p.gerrits)) {
		resolved, err := p.gerrits[host].Resolve(ctx, people)
		if err != nil {
			return nil, nil, nil, err
		}
		for _, r := range resolved {
			if why, is := strings.CutPrefix(r.Doubt, "inactive: "); is {
				inactive = append(inactive, host+": "+why)
			} else if r.Doubt != "" {
				unclear = append(unclear, host+": "+strings.TrimPrefix(r.Doubt, "ambiguous: "))
			}
			found[r.Entity] = found[r.Entity] || r.Doubt != "" || r.Account.ID != 0
		}
	}
	for _, person := range people {
		why := ""
		if person.Email == "" && person.Username == "" {
			why = " (no e-mail address, no annotation)"
		}
		if !found[person.Entity] {
			missing = append(missing, person.Entity+why)
		}
	}
	return missing, inactive, unclear, nil
}
