// SPDX-License-Identifier: Apache-2.0

package reviewers

import (
	"cmp"
	"math"
	"slices"
	"strings"

	"review-assistant/review"
)

// holdings are the claims of the change's owners.
type holdings struct {
	ids []int64 // ascending
	by  map[int64]*holding
}

// holding is what one account owns of the change.
type holding struct {
	account review.Account
	entity  string
	weight  float64 // one half to the power of the distance, summed over the files
	owns    []bool  // by file: holds the nearest claim
	claims  []review.Owner
	areas   []int // the distinct areas of claims
}

// area is an entity with the directory that it covers. Several people may
// hold it.
type area struct {
	entity, dir string
	distance    int
}

// far is the distance of an area that does not cover a file.
const far = math.MaxInt

// claims works out which owner holds which file, and how nearly.
func claims(in Input) holdings {
	held := holdings{by: map[int64]*holding{}}
	var areas []area
	index := map[area]int{}
	for _, o := range in.Owners {
		a := o.Person.Account
		if a.ID == 0 {
			continue
		}
		h := held.by[a.ID]
		if h == nil {
			h = &holding{account: a, entity: o.Person.Entity, owns: make([]bool, len(in.Files))}
			held.by[a.ID] = h
			held.ids = append(held.ids, a.ID)
		}
		at := area{o.Entity, o.Path, o.Distance}
		i, known := index[at]
		if !known {
			i = len(areas)
			index[at] = i
			areas = append(areas, at)
		}
		h.claims = append(h.claims, o)
		h.areas = append(h.areas, i)
	}
	slices.Sort(held.ids)
	// The longest directory first, so that each one is a step weaker.
	order := make([]int, len(areas))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(len(areas[b].dir), len(areas[a].dir)) })
	dist := make([]int, len(areas))
	for i, f := range in.Files {
		nearest := distances(areas, order, f, dist)
		for _, id := range held.ids {
			held.by[id].hold(i, dist, nearest)
		}
	}
	for _, h := range held.by {
		slices.SortStableFunc(h.claims, func(a, b review.Owner) int {
			return cmp.Or(cmp.Compare(a.Distance, b.Distance), cmp.Compare(len(b.Path), len(a.Path)), strings.Compare(a.Group, b.Group))
		})
	}
	return held
}

// hold adds what the account owns of one file.
func (h *holding) hold(file int, dist []int, nearest int) {
	best := far
	for _, a := range h.areas {
		best = min(best, dist[a])
	}
	if best < far {
		h.weight += math.Pow(.5, float64(best))
		h.owns[file] = best == nearest
	}
}

// distances writes how far each area is from one file and returns the
// shortest. An owner's distance is to the nearest file of the change; for the
// others, every longer directory in between is a step.
func distances(areas []area, order []int, file string, out []int) (nearest int) {
	nearest = far
	steps, dir := -1, ""
	for _, i := range order {
		out[i] = far
		if !below(file, areas[i].dir) {
			continue
		}
		if steps < 0 || areas[i].dir != dir {
			steps, dir = steps+1, areas[i].dir
		}
		out[i] = max(areas[i].distance, steps)
		nearest = min(nearest, out[i])
	}
	return nearest
}

// below reports whether file is in dir; "" holds everything.
func below(file, dir string) bool {
	rest, ok := strings.CutPrefix(file, dir)
	return ok && (dir == "" || rest == "" || rest[0] == '/')
}

// reasons says what is owned, the nearest first, an entity once. A claim that
// comes from further up says so.
func (h *holding) reasons() []string {
	var out []string
	seen := map[string]bool{}
	for _, o := range h.claims {
		if seen[o.Entity] || len(out) == maxReasons {
			continue
		}
		seen[o.Entity] = true
		text := "owns "
		kind, _, _ := strings.Cut(o.Entity, ":")
		upper := kind == "system" || kind == "domain"
		switch {
		case o.Distance > 0 && (upper || kind == "component"):
			text += "the parent " + kind + " "
		case upper:
			text += "the " + kind + " "
		}
		text += o.Title
		if o.Group != "" {
			text += " through " + o.Group
		}
		out = append(out, text)
	}
	return out
}

// ownership is how much of the change a person owns, and how nearly.
func ownership(q *query, out []float64) {
	for _, h := range q.held {
		out[h.who] = h.weight / float64(len(h.owns))
	}
}

func tellOwner(q *query, u uid) string {
	if h := q.holding(u); h != nil && h.weight > 0 {
		return h.reasons()[0]
	}
	return ""
}
